/* Sparse matrices with wide elements. */
#include "linalg/sparse.h"

#include "linalg/kernels/linalg_kernels.h"

void umi_sparse_free(um_context *ctx, umi_sparse *matrix)
{
    umi_free(ctx, matrix->start);
    umi_free(ctx, matrix->column);
    umi_free(ctx, matrix->hi);
    umi_free(ctx, matrix->lo);
    *matrix = (umi_sparse){0};
}

void umi_sparse_apply(const umi_sparse *a, umi_wide_vector x, umi_wide_vector y)
{
    umi_wide_kernels_choose()->apply(a->rows, a->start, a->column, a->hi, a->lo, x.hi, x.lo, y.hi, y.lo);
}
