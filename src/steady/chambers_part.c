#include "steady/chambers_part.h"

#include <string.h>

/* Numbers the elements of the box, in the order of the layout. */
static size_t number(const umi_layout *layout, umi_box box, int32_t *at, int32_t *inside)
{
    size_t count = 0;
    int low = layout->skew ? 1 : 0, high = layout->skew ? 1 : layout->planes - 1;
    for (int k = low; k < layout->orders; k++)
        for (int plane = low; plane <= (k == 0 ? 0 : high); plane++) {
            int from = umi_max(box.first_row, box.first_column - k);
            int to = umi_min(box.last_row, box.last_column - k);
            for (int n = from; n <= to; n++) {
                size_t index = umi_layout_index(layout, plane, k, n);
                if (at) at[count] = (int32_t)index;
                if (inside) inside[index] = (int32_t)count;
                count++;
            }
        }
    return count;
}

/* Rows of the part with the columns that are in it; counts alone if `to` has no room. */
static int64_t copy_rows(const umi_sparse *from, const umi_part *part, umi_sparse *to)
{
    int64_t count = 0;
    for (size_t row = 0; row < part->size; row++) {
        if (to) to->start[row] = count;
        for (int64_t i = from->start[part->at[row]]; i < from->start[part->at[row] + 1]; i++) {
            int32_t column = part->inside[from->column[i]];
            if (column < 0) continue;
            if (to) {
                to->column[count] = column;
                to->hi[count] = from->hi[i];
                to->lo[count] = from->lo[i];
            }
            count++;
        }
    }
    if (to) to->start[part->size] = count;
    return count;
}

um_status umi_part_create(um_context *ctx, const umi_generator *generator, umi_box box,
                          umi_part *part)
{
    size_t all = umi_layout_size(&generator->layout);
    *part = (umi_part){.layout = generator->layout};
    part->size = number(&part->layout, box, NULL, NULL);
    part->at = UMI_NEW_ARRAY(ctx, int32_t, part->size);
    part->inside = UMI_NEW_ARRAY(ctx, int32_t, all);
    bool there = part->at && part->inside;
    if (there) {
        memset(part->inside, -1, all * sizeof *part->inside);
        number(&part->layout, box, part->at, part->inside);
        size_t count = (size_t)copy_rows(&generator->matrix, part, NULL);
        umi_sparse *matrix = &part->matrix;
        matrix->rows = matrix->columns = part->size;
        matrix->start = UMI_NEW_ARRAY(ctx, int64_t, part->size + 1);
        matrix->column = UMI_NEW_ARRAY(ctx, int32_t, count);
        matrix->hi = UMI_NEW_ARRAY(ctx, double, count);
        matrix->lo = UMI_NEW_ARRAY(ctx, double, count);
        there = matrix->start && matrix->column && matrix->hi && matrix->lo;
        if (there) copy_rows(&generator->matrix, part, matrix);
        there = there && umi_sparse_gather(ctx, matrix) == UM_OK;
    }
    if (!there) umi_part_free(ctx, part);
    return there ? UM_OK : UM_ERROR_MEMORY;
}

void umi_part_free(um_context *ctx, umi_part *part)
{
    umi_free(ctx, part->at);
    umi_free(ctx, part->inside);
    umi_sparse_free(ctx, &part->matrix);
    *part = (umi_part){0};
}

int umi_part_find(const umi_part *part, int plane, int n, int m)
{
    const umi_layout *layout = &part->layout;
    int k = m - n;
    bool held = k >= 0 && k < layout->orders && n >= 0 && m < layout->levels &&
                (layout->skew ? k > 0 : plane == 0 || (plane < layout->planes && k > 0));
    return held ? part->inside[umi_layout_index(layout, plane, k, n)] : -1;
}

void umi_part_move(const umi_part *from, umi_wide_vector x, const umi_part *to, umi_wide_vector y)
{
    for (size_t i = 0; i < to->size; i++) {
        int32_t source = from->inside[to->at[i]];
        y.hi[i] = source < 0 ? 0 : x.hi[source];
        y.lo[i] = source < 0 ? 0 : x.lo[source];
    }
}
