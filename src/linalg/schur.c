/* Eigenvalues of real matrices without symmetry. */
#include <lapacke.h>
#include <math.h>

#include "linalg/linalg.h"

/* Rows of a block of the Schur form that begins at row i: 2 for a conjugate pair. */
static int block_rows(int n, const double *matrix, int i)
{
    return i + 1 < n && matrix[(size_t)i * (size_t)n + (size_t)i + 1] != 0 ? 2 : 1;
}

static void read_eigenvalues(int n, const double *matrix, double *re, double *im)
{
    size_t size = (size_t)n;
    for (int i = 0; i < n; i++) {
        const double *at = matrix + (size_t)i * (size + 1); /* t_ii; below it t_{i+1,i} */
        re[i] = *at;
        im[i] = 0;
        if (block_rows(n, matrix, i) == 1) continue;
        double product = at[1] * at[size]; /* standard form: equal diagonal, product < 0 */
        re[i + 1] = re[i];
        im[i] = sqrt(fabs(product));
        im[i + 1] = -im[i];
        i++;
    }
}

static void normalise(int n, int columns, double *x)
{
    double sum = 0;
    for (int j = 0; j < columns * n; j++) sum += x[j] * x[j];
    for (int j = 0; j < columns * n; j++) x[j] /= sqrt(sum);
}

/* Moves the largest remaining block up, `ordered` times. A swap that LAPACK refuses is one of
 * eigenvalues equal to rounding: their order does not matter. */
static void order(int n, int ordered, double *matrix, double *vectors, double *re, double *im,
                  double *work)
{
    for (int place = 0; place < ordered && place < n;) {
        read_eigenvalues(n, matrix, re, im);
        int best = place;
        for (int i = place; i < n; i += block_rows(n, matrix, i))
            if (hypot(re[i], im[i]) > hypot(re[best], im[best]) * (1 + 1e-15)) best = i;
        lapack_int from = best + 1, to = place + 1;
        if (best != place)
            LAPACKE_dtrexc_work(LAPACK_COL_MAJOR, 'V', n, matrix, n, vectors, n, &from, &to, work);
        place += block_rows(n, matrix, place);
    }
    read_eigenvalues(n, matrix, re, im);
}

um_status umi_linalg_schur(um_context *ctx, int n, int ordered, double *matrix, double *vectors,
                           double *re, double *im)
{
    if (n == 0) return UM_OK;
    lapack_int room = 64 * n, none = 0;
    double *work = UMI_NEW_ARRAY(ctx, double, (size_t)room);
    if (!work) return UM_ERROR_MEMORY;
    lapack_int info = LAPACKE_dgees_work(LAPACK_COL_MAJOR, 'V', 'N', NULL, n, matrix, n, &none, re,
                                         im, vectors, n, work, room, NULL);
    if (info == 0) order(n, ordered, matrix, vectors, re, im, work);
    umi_free(ctx, work);
    if (info == 0) return UM_OK;
    return umi_fail(ctx, UM_ERROR_NOCONV, "the Schur form of a %d x %d matrix (dgees returned %d)",
                    n, n, (int)info);
}

um_status umi_linalg_general_eigenvalues(um_context *ctx, int n, double *matrix, double *re, double *im)
{
    if (n == 0) return UM_OK;
    lapack_int room = 64 * n;
    double *work = UMI_NEW_ARRAY(ctx, double, (size_t)room);
    if (!work) return UM_ERROR_MEMORY;
    lapack_int info = LAPACKE_dgeev_work(LAPACK_COL_MAJOR, 'N', 'N', n, matrix, n, re, im, NULL, 1, NULL,
                                         1, work, room);
    umi_free(ctx, work);
    if (info == 0) return UM_OK;
    return umi_fail(ctx, UM_ERROR_NOCONV, "the eigenvalues of a %d x %d matrix (dgeev returned %d)", n, n,
                    (int)info);
}

um_status umi_linalg_schur_select(um_context *ctx, int n, const bool *chosen, double *matrix,
                                  double *vectors, int *count)
{
    double *work = UMI_NEW_ARRAY(ctx, double, (size_t)n);
    if (!work) return UM_ERROR_MEMORY;
    *count = 0;
    int moved = 0; /* a block that moves up leaves those below it where they were */
    for (int i = 0; i < n;) {
        int columns = block_rows(n, matrix, i);
        if (chosen[i]) {
            lapack_int from = i + 1, to = moved + 1;
            if (i != moved)
                LAPACKE_dtrexc_work(LAPACK_COL_MAJOR, 'V', n, matrix, n, vectors, n, &from, &to,
                                    work);
            moved += columns;
        }
        i += columns;
    }
    *count = moved;
    umi_free(ctx, work);
    return UM_OK;
}

um_status umi_linalg_schur_vectors(um_context *ctx, int n, const double *matrix, double *left,
                                   double *right)
{
    if (n == 0) return UM_OK;
    double *work = UMI_NEW_ARRAY(ctx, double, 3 * (size_t)n);
    if (!work) return UM_ERROR_MEMORY;
    lapack_int found;
    lapack_int info = LAPACKE_dtrevc_work(LAPACK_COL_MAJOR, left && right ? 'B' : left ? 'L' : 'R',
                                          'A', NULL, n, matrix, n, left, n, right, n, n, &found, work);
    umi_free(ctx, work);
    if (info != 0)
        return umi_fail(ctx, UM_ERROR_INTERNAL, "dtrevc: argument %d is wrong", (int)-info);
    for (int i = 0; i < n; i++) {
        int columns = block_rows(n, matrix, i);
        if (left) normalise(n, columns, left + (size_t)i * (size_t)n);
        if (right) normalise(n, columns, right + (size_t)i * (size_t)n);
        i += columns - 1;
    }
    return UM_OK;
}
