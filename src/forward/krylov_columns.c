#include "forward/krylov_columns.h"

#include <math.h>

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

void umi_columns_copy(umi_wide_vector *to, const umi_wide_vector *from, int count)
{
    for (int j = 0; j < count; j++) umi_wide_vector_copy(to[j], from[j]);
}

umi_wide umi_vector_norm(umi_wide_vector x) { return umi_wide_sqrt(umi_wide_dot(x, x)); }

double umi_vector_length(umi_wide_vector x)
{
    double sum[LANES] = {0}, total = 0;
    size_t i = 0;
    for (; i + LANES <= x.size; i += LANES)
        for (size_t j = 0; j < LANES; j++) sum[j] += x.hi[i + j] * x.hi[i + j];
    for (; i < x.size; i++) total += x.hi[i] * x.hi[i];
    for (size_t j = 0; j < LANES; j++) total += sum[j];
    return sqrt(total);
}

void umi_vector_normalise(umi_wide_vector x, umi_wide norm)
{
    umi_wide_vector_scale(x, umi_wide_divide(umi_wide_set(1), norm));
}

void umi_vector_spread(umi_wide_vector x, int count, umi_wide *coefficients)
{
    for (int i = 0; i < count; i++) coefficients[i] = (umi_wide){x.hi[i], x.lo[i]};
}

void umi_vector_gather(umi_wide_vector x, int count, const umi_wide *coefficients)
{
    for (int i = 0; i < count; i++) {
        x.hi[i] = coefficients[i].hi;
        x.lo[i] = coefficients[i].lo;
    }
}

static void set(umi_wide_vector x, int i, umi_wide value)
{
    x.hi[i] = value.hi;
    x.lo[i] = value.lo;
}

/* Projects twice: the second time takes what rounding of the first left. */
static umi_wide project_out(int count, const umi_wide_vector *columns, umi_wide_vector x,
                            umi_wide *work, umi_wide_vector triangle, int row)
{
    double before = umi_vector_norm(x).hi;
    umi_wide left = {0};
    for (int pass = 0; pass < 2; pass++) {
        umi_wide_project((size_t)count, columns, x, work);
        umi_wide_combine((size_t)count, columns, work, -1, x);
        for (int i = 0; i < count; i++) {
            umi_wide share = {triangle.hi[row + i], triangle.lo[row + i]};
            set(triangle, row + i, umi_wide_add(share, work[i]));
        }
        left = umi_vector_norm(x);
        if (!(left.hi > DEPENDENT * before)) break;
    }
    return left;
}

void umi_columns_factor(int count, umi_wide_vector *columns, umi_wide *work,
                        umi_wide_vector *triangle, int row)
{
    for (int j = 0; j < count; j++) {
        umi_wide_vector x = columns[j];
        double before = umi_vector_norm(x).hi;
        for (int i = 0; i < count; i++) set(triangle[j], row + i, umi_wide_set(0));
        umi_wide left = project_out(j, columns, x, work, triangle[j], row);
        set(triangle[j], row + j, left);
        if (left.hi > DEPENDENT * before)
            umi_vector_normalise(x, left);
        else
            umi_wide_vector_scale(x, umi_wide_set(0));
    }
}
