#include "linalg/hessenberg.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

void umi_hessenberg_free(um_context *ctx, umi_hessenberg *it)
{
    umi_free(ctx, it->reduced);
    *it = (umi_hessenberg){0};
}

static um_status fail(um_context *ctx, const char *routine, int n, lapack_int info)
{
    return umi_fail(ctx, UM_ERROR_NOCONV, "the eigenvalues of a %d x %d matrix (%s returned %d)", n, n,
                    routine, (int)info);
}

um_status umi_hessenberg_create(um_context *ctx, int n, const double *matrix, umi_hessenberg *it)
{
    size_t size = (size_t)n, all = size * size;
    lapack_int room = 64 * n;
    *it = (umi_hessenberg){.n = n, .reduced = UMI_NEW_ARRAY(ctx, double, all + 3 * size)};
    double *work = UMI_NEW_ARRAY(ctx, double, all + (size_t)room), *spent = work + room;
    lapack_int info = 0;
    if (it->reduced && work && n > 0) {
        it->reflection = it->reduced + all;
        it->re = it->reflection + size;
        it->im = it->re + size;
        memcpy(it->reduced, matrix, all * sizeof *matrix);
        LAPACKE_dgehrd_work(LAPACK_COL_MAJOR, n, 1, n, it->reduced, n, it->reflection, work, room);
        memcpy(spent, it->reduced, all * sizeof *spent);
        info = LAPACKE_dhseqr_work(LAPACK_COL_MAJOR, 'E', 'N', n, 1, n, spent, n, it->re, it->im, NULL, 1,
                                   work, room);
    }
    bool made = it->reduced && work;
    umi_free(ctx, work);
    if (!made) return UM_ERROR_MEMORY;
    return info == 0 ? UM_OK : fail(ctx, "dhseqr", n, info);
}

/* Of a pair that is chosen both columns are one vector. */
static void drop_failed(int n, int columns, const lapack_int *failed, double *vectors)
{
    for (int j = 0; j < columns; j++)
        for (int i = 0; i < n && failed[j] != 0; i++) vectors[(size_t)j * (size_t)n + (size_t)i] = NAN;
}

um_status umi_hessenberg_vectors(um_context *ctx, const umi_hessenberg *it, const bool *chosen,
                                 double *left, double *right)
{
    int n = it->n, columns = 0;
    size_t size = (size_t)n, all = size * size;
    for (int i = 0; i < n; i++) columns += chosen[i];
    if (columns == 0) return UM_OK;
    lapack_int room = umi_max(64 * columns, n * (n + 2)), found;
    double *work = UMI_NEW_ARRAY(ctx, double, (size_t)room + all + 2 * size), *form = work + room;
    lapack_int *flags = UMI_NEW_ARRAY(ctx, lapack_int, size + 2 * (size_t)columns), *failed = flags + n;
    if (work && flags) {
        double *re = form + all, *im = re + size;
        memcpy(form, it->reduced, all * sizeof *form);
        for (int j = 0; j < n; j++)
            for (int i = j + 2; i < n; i++) form[(size_t)j * size + (size_t)i] = 0;
        memcpy(re, it->re, size * sizeof *re);
        memcpy(im, it->im, size * sizeof *im);
        for (int i = 0; i < n; i++) flags[i] = chosen[i];
        LAPACKE_dhsein_work(LAPACK_COL_MAJOR, 'B', 'Q', 'N', flags, n, form, n, re, im, left, n, right, n,
                            columns, &found, work, failed, failed + columns);
        for (int side = 0; side < 2; side++) {
            double *vectors = side ? right : left;
            LAPACKE_dormhr_work(LAPACK_COL_MAJOR, 'L', 'N', n, columns, 1, n, it->reduced, n,
                                it->reflection, vectors, n, work, room);
            drop_failed(n, columns, failed + side * columns, vectors);
        }
    }
    bool made = work && flags;
    umi_free(ctx, work);
    umi_free(ctx, flags);
    return made ? UM_OK : UM_ERROR_MEMORY;
}

um_status umi_tridiagonal_eigenvalues(um_context *ctx, int n, double *diagonal, double *off)
{
    lapack_int info = n > 0 ? LAPACKE_dsterf_work(n, diagonal, off) : 0;
    return info == 0 ? UM_OK : fail(ctx, "dsterf", n, info);
}
