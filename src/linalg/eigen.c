#include "linalg/linalg.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

typedef double _Complex complex_double;

/* Columns per block of the Householder reduction: LAPACK's own choice with OpenBLAS. */
enum { BLOCK = 32 };

static um_status check(um_context *ctx, const char *routine, lapack_int info, int n,
                       const double *values)
{
    for (int i = 0; info == 0 && i < n; i++)
        if (!isfinite(values[i])) info = i + 1;
    if (info == 0) return UM_OK;
    if (info < 0)
        return umi_fail(ctx, UM_ERROR_INTERNAL, "%s: argument %d is wrong", routine, (int)-info);
    return umi_fail(ctx, UM_ERROR_NOCONV,
                    "the %d eigenvalues or singular values of a matrix did not converge (%s "
                    "returned %d): is it finite?",
                    n, routine, (int)info);
}

/* 1 + the place of the first that is not a finite number, or 0: LAPACK may compare its way past it. */
static lapack_int find_strange(size_t count, const double *x)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(x[i])) return (lapack_int)i + 1;
    return 0;
}

/* Reduction and root-free QL called one by one: dsyevd and zheevd do the same behind another pass
 * over the matrix, and their two-stage variants are slower below 1000 levels. */
um_status umi_linalg_eigenvalues(um_context *ctx, int planes, int n, double *matrix, double *values)
{
    if (n == 0) return UM_OK;
    size_t size = (size_t)n, width = (size_t)planes;
    umi_scratch scratch;
    UMI_TRY(umi_scratch_take(ctx, size + width * size * (1 + BLOCK), &scratch));
    double *off = scratch.block, *reflectors = off + size, *work = reflectors + width * size;
    lapack_int info = planes == 1
                          ? LAPACKE_dsytrd_work(LAPACK_COL_MAJOR, 'L', n, matrix, n, values, off,
                                                reflectors, work, BLOCK * n)
                          : LAPACKE_zhetrd_work(LAPACK_COL_MAJOR, 'L', n, (complex_double *)matrix,
                                                n, values, off, (complex_double *)reflectors,
                                                (complex_double *)work, BLOCK * n);
    if (info == 0) info = find_strange(size, values);
    if (info == 0) info = find_strange(size - 1, off);
    if (info == 0) info = LAPACKE_dsterf_work(n, values, off);
    umi_scratch_give(ctx, &scratch);
    return check(ctx, "dsterf", info, n, values);
}

um_status umi_linalg_eigen(um_context *ctx, int planes, int n, double *matrix, double *values)
{
    if (n == 0) return UM_OK;
    size_t size = (size_t)n, width = (size_t)planes;
    for (size_t j = 0; j < size; j++) {
        lapack_int strange = find_strange(width * (size - j), matrix + width * (j * size + j));
        if (strange) return check(ctx, "the input", strange, n, values);
    }
    size_t real = 1 + 6 * size + 2 * size * size,
           complex_ = planes == 2 ? 2 * size + size * size : 0;
    lapack_int integers = 3 + 5 * n;
    double *work = UMI_NEW_ARRAY(ctx, double, real + 2 * complex_);
    lapack_int *index = work ? UMI_NEW_ARRAY(ctx, lapack_int, (size_t)integers) : NULL;
    um_status status = UM_ERROR_MEMORY;
    if (index) {
        lapack_int info =
            planes == 1
                ? LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'L', n, matrix, n, values, work,
                                      (lapack_int)real, index, integers)
                : LAPACKE_zheevd_work(LAPACK_COL_MAJOR, 'V', 'L', n, (complex_double *)matrix, n,
                                      values, (complex_double *)(work + real), (lapack_int)complex_,
                                      work, (lapack_int)real, index, integers);
        status = check(ctx, planes == 1 ? "dsyevd" : "zheevd", info, n, values);
    }
    umi_free(ctx, index);
    umi_free(ctx, work);
    return status;
}

um_status umi_linalg_eigen_tridiagonal(um_context *ctx, int n, double *diagonal, double *off,
                                       double *vectors)
{
    if (n == 0) return UM_OK;
    size_t size = (size_t)n, real = 1 + 4 * size + size * size;
    lapack_int integers = 3 + 5 * n;
    double *work = UMI_NEW_ARRAY(ctx, double, real);
    lapack_int *index = work ? UMI_NEW_ARRAY(ctx, lapack_int, (size_t)integers) : NULL;
    um_status status = UM_ERROR_MEMORY;
    if (index) {
        lapack_int info = LAPACKE_dstevd_work(LAPACK_COL_MAJOR, 'V', n, diagonal, off, vectors, n,
                                              work, (lapack_int)real, index, integers);
        status = check(ctx, "dstevd", info, n, diagonal);
    }
    umi_free(ctx, index);
    umi_free(ctx, work);
    return status;
}

/* OpenBLAS 0.3.21 reads one column beyond a complex matrix (zgemv): it gets a copy with room behind. */
um_status umi_linalg_singular_values(um_context *ctx, int planes, int m, int n, const double *matrix,
                                     double *values)
{
    int fewer = umi_min(m, n);
    if (fewer == 0) return UM_OK;
    lapack_int room = (BLOCK + 1) * (m + n) + 3 * fewer;
    size_t size = (size_t)planes * (size_t)m * (size_t)n, column = (size_t)planes * (size_t)m;
    lapack_int strange = find_strange(size, matrix);
    if (strange) return check(ctx, "the input", strange, fewer, values);
    double *work = UMI_NEW_ARRAY(ctx, double, (size_t)planes *(size_t)room + 5 * (size_t)fewer);
    double *copy = UMI_NEW_ARRAY(ctx, double, size + column);
    um_status status = work && copy ? UM_OK : UM_ERROR_MEMORY;
    if (status == UM_OK) {
        memcpy(copy, matrix, size * sizeof *copy);
        lapack_int info =
            planes == 1 ? LAPACKE_dgesvd_work(LAPACK_COL_MAJOR, 'N', 'N', m, n, copy, m, values,
                                              NULL, 1, NULL, 1, work, room)
                        : LAPACKE_zgesvd_work(LAPACK_COL_MAJOR, 'N', 'N', m, n,
                                              (complex_double *)copy, m, values, NULL, 1, NULL, 1,
                                              (complex_double *)work, room, work + 2 * room);
        status = check(ctx, "gesvd", info, fewer, values);
    }
    umi_free(ctx, copy);
    umi_free(ctx, work);
    return status;
}
