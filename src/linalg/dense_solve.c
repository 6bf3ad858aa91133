/* LU factors of dense real matrices. */
#include <lapacke.h>

#include "linalg/dense.h"

um_status umi_linalg_lu(um_context *ctx, int n, bool single, void *matrix, int *pivots)
{
    lapack_int info = single ? LAPACKE_sgetrf_work(LAPACK_COL_MAJOR, n, n, matrix, n, pivots)
                             : LAPACKE_dgetrf_work(LAPACK_COL_MAJOR, n, n, matrix, n, pivots);
    if (info == 0) return UM_OK;
    if (info < 0)
        return umi_fail(ctx, UM_ERROR_INTERNAL, "getrf: argument %d is wrong", (int)-info);
    return umi_fail(ctx, UM_ERROR_DOMAIN, "a matrix of %d rows is singular (pivot %d)", n, (int)info);
}

void umi_linalg_lu_solve(int n, bool single, const void *factors, const int *pivots, void *x)
{
    if (single)
        LAPACKE_sgetrs_work(LAPACK_COL_MAJOR, 'N', n, 1, factors, n, pivots, x, n);
    else
        LAPACKE_dgetrs_work(LAPACK_COL_MAJOR, 'N', n, 1, factors, n, pivots, x, n);
}
