/* Sparse matrices with wide elements. */
#include "linalg/sparse.h"

#include "linalg/kernels/linalg_kernels.h"

enum { GROUP = UMI_SPARSE_GROUP };

/* Rows GROUP g to GROUP g + GROUP - 1 of a group g that is even have as many elements each, of which the
 * j-th stand in consecutive columns: those of all rows are kept side by side, from start[g] on. */
struct umi_sparse_rows {
    size_t groups;
    int64_t *start; /* groups + 1; GROUP times as many numbers, none for a group that is not even */
    double *hi, *lo;
};

void umi_sparse_free(um_context *ctx, umi_sparse *matrix)
{
    umi_free(ctx, matrix->start);
    umi_free(ctx, matrix->column);
    umi_free(ctx, matrix->hi);
    umi_free(ctx, matrix->lo);
    if (matrix->together) {
        umi_free(ctx, matrix->together->start);
        umi_free(ctx, matrix->together->hi);
        umi_free(ctx, matrix->together);
    }
    *matrix = (umi_sparse){0};
}

/* How many elements each row of a group has, or 0 if it is not even. */
static int64_t count_even(const umi_sparse *a, size_t group)
{
    const int64_t *start = a->start + group * GROUP;
    int64_t count = start[1] - start[0];
    for (int i = 1; i < GROUP; i++) {
        if (start[i + 1] - start[i] != count) return 0;
        for (int64_t j = 0; j < count; j++)
            if (a->column[start[i] + j] != a->column[start[0] + j] + i) return 0;
    }
    return count;
}

static void take_values(const umi_sparse *a, struct umi_sparse_rows *to)
{
    for (size_t g = 0; g < to->groups; g++) {
        const int64_t *from = a->start + g * GROUP, count = to->start[g + 1] - to->start[g];
        for (int i = 0; i < GROUP; i++)
            for (int64_t j = 0; j < count; j++) {
                int64_t at = (to->start[g] + j) * GROUP + i;
                to->hi[at] = a->hi[from[i] + j];
                to->lo[at] = a->lo[from[i] + j];
            }
    }
}

um_status umi_sparse_gather(um_context *ctx, umi_sparse *matrix)
{
    struct umi_sparse_rows *to = matrix->together = UMI_NEW(ctx, struct umi_sparse_rows);
    if (!to) return UM_ERROR_MEMORY;
    to->groups = matrix->rows / GROUP;
    to->start = UMI_NEW_ARRAY(ctx, int64_t, to->groups + 1);
    if (!to->start) return UM_ERROR_MEMORY;
    for (size_t g = 0; g < to->groups; g++) to->start[g + 1] = to->start[g] + count_even(matrix, g);
    size_t all = (size_t)to->start[to->groups] * GROUP;
    to->hi = UMI_NEW_ARRAY(ctx, double, 2 * all);
    if (!to->hi) return UM_ERROR_MEMORY;
    to->lo = to->hi + all;
    take_values(matrix, to);
    return UM_OK;
}

static void apply_rows(const umi_wide_kernels *kernels, const umi_sparse *a, size_t first, size_t end,
                       umi_wide_vector x, umi_wide_vector y)
{
    kernels->apply(end - first, a->start + first, a->column, a->hi, a->lo, x.hi, x.lo, y.hi + first,
                   y.lo + first);
}

void umi_sparse_apply(const umi_sparse *a, umi_wide_vector x, umi_wide_vector y)
{
    const umi_wide_kernels *kernels = umi_wide_kernels_choose();
    const struct umi_sparse_rows *even = a->together;
    size_t groups = even ? even->groups : 0, done = 0; /* rows */
    for (size_t g = 0; g < groups; g++) {
        int64_t count = even->start[g + 1] - even->start[g], from = even->start[g] * GROUP;
        if (count == 0) continue;
        apply_rows(kernels, a, done, g * GROUP, x, y);
        kernels->apply_even(count, a->column + a->start[g * GROUP], even->hi + from, even->lo + from, x.hi,
                            x.lo, y.hi + g * GROUP, y.lo + g * GROUP);
        done = (g + 1) * GROUP;
    }
    apply_rows(kernels, a, done, a->rows, x, y);
}
