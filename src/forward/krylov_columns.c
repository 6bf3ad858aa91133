#include "forward/krylov_columns.h"

#include <math.h>

#include "linalg/kernels/linalg_kernels.h"

enum { LANES = 8 };
/* What is left of a column below this part of it is rounding. */
static const double DEPENDENT = 1e-28;

um_status umi_columns_create(um_context *ctx, int rows, int count, umi_wide_vector **columns)
{
    size_t stride = ((size_t)umi_max(rows, 1) + LANES - 1) / LANES * LANES;
    count = umi_max(count, 1); /* the first holds the block */
    umi_wide_vector block, *column = UMI_NEW_ARRAY(ctx, umi_wide_vector, (size_t)count);
    *columns = NULL;
    if (!column) return UM_ERROR_MEMORY;
    um_status status = umi_wide_vector_create(ctx, stride * (size_t)count, &block);
    if (status != UM_OK) {
        umi_free(ctx, column);
        return status;
    }
    for (size_t j = 0; j < (size_t)count; j++)
        column[j] = (umi_wide_vector){stride, block.hi + j * stride, block.lo + j * stride};
    *columns = column;
    return UM_OK;
}

void umi_columns_free(um_context *ctx, umi_wide_vector *columns)
{
    if (columns) umi_free(ctx, columns[0].hi);
    umi_free(ctx, columns);
}

static umi_wide_columns matrix_of(int count, const umi_wide_vector *column)
{
    size_t stride = count > 1 ? (size_t)(column[1].hi - column[0].hi) : 0;
    return (umi_wide_columns){count, stride, column[0].hi, column[0].lo};
}

void umi_columns_multiply(int rank, bool triangle, const umi_wide_vector *a, int count,
                          const umi_wide_vector *x, const umi_wide_vector *y)
{
    umi_wide_columns left = matrix_of(rank, a), right = matrix_of(count, x), to = matrix_of(count, y);
    umi_wide_kernels_choose()->multiply(a->size, triangle, &left, &right, &to);
}

umi_wide umi_vector_norm(umi_wide_vector x) { return umi_wide_sqrt(umi_wide_dot(x, x)); }

double umi_vector_length(umi_wide_vector x)
{
    return sqrt(umi_blend_kernels_choose()->dot(x.size, x.hi, x.hi));
}

void umi_vector_normalise(umi_wide_vector x, umi_wide norm)
{
    umi_wide_vector_scale(x, umi_wide_divide(umi_wide_set(1), norm));
}

void umi_vector_spread(umi_wide_vector x, int count, umi_wide *coefficients)
{
    for (int i = 0; i < count; i++) coefficients[i] = umi_wide_vector_get(x, (size_t)i);
}

void umi_vector_gather(umi_wide_vector x, int count, const umi_wide *coefficients)
{
    for (int i = 0; i < count; i++) umi_wide_vector_set(x, (size_t)i, coefficients[i]);
}

static umi_wide_vector head_of(umi_wide_vector x, size_t size)
{
    x.size = size < x.size ? size : x.size;
    return x;
}

/* Modified Gram-Schmidt: its triangle is as good as Householder's, though Q need not be orthogonal. */
void umi_columns_factor(int count, int full, umi_wide_vector *columns, umi_wide_vector *triangle,
                        int row)
{
    for (int j = 0; j < count; j++) { /* the length that it has now, for the time being */
        for (int i = 0; i < count; i++) umi_wide_vector_set(triangle[j], (size_t)(row + i), umi_wide_set(0));
        triangle[j].hi[row + j] = umi_vector_length(columns[j]);
    }
    for (int j = 0; j < count; j++) {
        size_t size = ((size_t)(full + j) / LANES + 1) * LANES;
        umi_wide_vector x = head_of(columns[j], size);
        umi_wide left = umi_vector_norm(x);
        bool depends = !(left.hi > DEPENDENT * triangle[j].hi[row + j]);
        umi_wide_vector_set(triangle[j], (size_t)(row + j), left);
        if (depends) {
            umi_wide_vector_clear(x);
            continue;
        }
        umi_vector_normalise(x, left);
        for (int l = j + 1; l < count; l++) {
            umi_wide_vector y = head_of(columns[l], size);
            umi_wide share = umi_wide_dot(x, y);
            umi_wide_axpy(umi_wide_negate(share), x, y);
            umi_wide_vector_set(triangle[l], (size_t)(row + j), share);
        }
    }
}
