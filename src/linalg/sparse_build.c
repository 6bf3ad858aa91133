#include "linalg/sparse_build.h"

#include <math.h>
#include <string.h>

um_status umi_sparse_write(um_context *ctx, size_t rows, size_t columns, umi_sparse *matrix,
                           umi_sparse_writer *writer)
{
    *matrix = (umi_sparse){.rows = rows, .columns = columns};
    *writer = (umi_sparse_writer){.ctx = ctx, .matrix = matrix};
    matrix->start = UMI_NEW_ARRAY(ctx, int64_t, rows + 1);
    return matrix->start ? UM_OK : UM_ERROR_MEMORY;
}

static um_status grow_array(um_context *ctx, size_t count, size_t room, size_t size, void *array)
{
    void **old = array, *grown = umi_alloc(ctx, room, size);
    if (!grown) return UM_ERROR_MEMORY;
    if (count > 0) memcpy(grown, *old, count * size);
    umi_free(ctx, *old);
    *old = grown;
    return UM_OK;
}

um_status umi_sparse_reserve(umi_sparse_writer *w)
{
    umi_sparse *m = w->matrix;
    size_t count = (size_t)m->start[w->row];
    if (w->row < m->rows) count += (size_t)m->start[w->row + 1];
    if (count < w->room) return UM_OK;
    size_t room = 2 * w->room + 1024;
    UMI_TRY(grow_array(w->ctx, count, room, sizeof *m->column, &m->column));
    UMI_TRY(grow_array(w->ctx, count, room, sizeof *m->hi, &m->hi));
    UMI_TRY(grow_array(w->ctx, count, room, sizeof *m->lo, &m->lo));
    w->room = room;
    return UM_OK;
}

/* start[row + 1] counts what is in the row under way. */
um_status umi_sparse_put(umi_sparse_writer *w, size_t column, umi_wide value)
{
    if (!(fabs(value.hi) >= UMI_SPARSE_NOTHING)) return UM_OK;
    umi_sparse *m = w->matrix;
    UMI_TRY(umi_sparse_reserve(w));
    size_t at = (size_t)(m->start[w->row] + m->start[w->row + 1]);
    m->column[at] = (int32_t)column;
    m->hi[at] = value.hi;
    m->lo[at] = value.lo;
    m->start[w->row + 1]++;
    return UM_OK;
}

void umi_sparse_end_row(umi_sparse_writer *w)
{
    w->row++;
    w->matrix->start[w->row] += w->matrix->start[w->row - 1];
}

/* A row under way, dense: columns first..end-1 may be other than zero. */
typedef struct gathered {
    umi_wide_vector row;
    size_t first, end;
} gathered;

static umi_wide element(const umi_sparse *a, int64_t e) { return (umi_wide){a->hi[e], a->lo[e]}; }

static void gather(const umi_sparse *a, size_t row, umi_wide factor, gathered *to)
{
    for (int64_t e = a->start[row]; e < a->start[row + 1]; e++) {
        size_t column = (size_t)a->column[e];
        if (column >= to->row.size) return; /* ascending */
        umi_wide sum = umi_wide_vector_get(to->row, column);
        sum = umi_wide_add(sum, umi_wide_multiply(factor, element(a, e)));
        umi_wide_vector_set(to->row, column, sum);
        if (column < to->first) to->first = column;
        if (column >= to->end) to->end = column + 1;
    }
}

static um_status put_gathered(umi_sparse_writer *writer, gathered *from)
{
    um_status status = UM_OK;
    for (size_t j = from->first; j < from->end && status == UM_OK; j++)
        status = umi_sparse_put(writer, j, umi_wide_vector_get(from->row, j));
    for (size_t j = from->first; j < from->end; j++) umi_wide_vector_set(from->row, j, umi_wide_set(0));
    from->first = from->row.size;
    from->end = 0;
    umi_sparse_end_row(writer);
    return status;
}

um_status umi_sparse_add(um_context *ctx, umi_wide x, const umi_sparse *a, umi_wide y,
                         const umi_sparse *b, umi_sparse *sum)
{
    umi_sparse_writer writer;
    gathered now = {.first = a->columns};
    UMI_TRY(umi_sparse_write(ctx, a->rows, a->columns, sum, &writer));
    um_status status = umi_wide_vector_create(ctx, a->columns, &now.row);
    for (size_t i = 0; i < a->rows && status == UM_OK; i++) {
        gather(a, i, x, &now);
        gather(b, i, y, &now);
        status = put_gathered(&writer, &now);
    }
    umi_wide_vector_free(ctx, &now.row);
    return status;
}

um_status umi_sparse_compose(um_context *ctx, const umi_sparse *after, const umi_sparse *before,
                             umi_sparse *both)
{
    umi_sparse_writer writer;
    gathered now = {.first = before->columns};
    UMI_TRY(umi_sparse_write(ctx, before->rows, before->columns, both, &writer));
    um_status status = umi_wide_vector_create(ctx, before->columns, &now.row);
    for (size_t i = 0; i < before->rows && status == UM_OK; i++) {
        gather(after, i, umi_wide_set(1), &now);
        gather(before, i, umi_wide_set(1), &now);
        for (int64_t e = after->start[i]; e < after->start[i + 1]; e++)
            gather(before, (size_t)after->column[e], element(after, e), &now);
        status = put_gathered(&writer, &now);
    }
    umi_wide_vector_free(ctx, &now.row);
    return status;
}

/* A column's sum over the rows, and where the element stands that takes up what it lacks. */
typedef struct column_sum {
    umi_wide sum;
    int64_t mended; /* -1: none */
    bool diagonal;
} column_sum;

static void take_element(const umi_sparse *a, int64_t e, size_t row, column_sum *to)
{
    to->sum = umi_wide_add(to->sum, element(a, e));
    bool diagonal = (size_t)a->column[e] == row;
    bool larger = to->mended < 0 || fabs(a->hi[e]) > fabs(a->hi[to->mended]);
    if (!diagonal && (to->diagonal || !larger)) return;
    to->mended = e;
    to->diagonal = diagonal;
}

um_status umi_sparse_mend(um_context *ctx, size_t rows, double rounding, umi_sparse *a)
{
    column_sum *of = UMI_NEW_ARRAY(ctx, column_sum, a->columns);
    if (!of) return UM_ERROR_MEMORY;
    for (size_t j = 0; j < a->columns; j++) of[j].mended = -1;
    for (size_t i = 0; i < rows; i++)
        for (int64_t e = a->start[i]; e < a->start[i + 1]; e++)
            take_element(a, e, i, &of[a->column[e]]);
    double worst = 0;
    for (size_t j = 0; j < a->columns; j++) {
        int64_t e = of[j].mended;
        if (e < 0) continue;
        worst = fmax(worst, fabs(of[j].sum.hi));
        umi_wide mended = umi_wide_subtract(element(a, e), of[j].sum);
        a->hi[e] = mended.hi;
        a->lo[e] = mended.lo;
    }
    umi_free(ctx, of);
    if (worst <= rounding) return UM_OK;
    return umi_fail(ctx, UM_ERROR_INTERNAL, "columns of a generator add up to %.3g, not to 0", worst);
}

void umi_sparse_pull(const umi_sparse *a, size_t rows, umi_wide_vector x, umi_wide_vector y)
{
    for (size_t j = 0; j < y.size; j++)
        umi_wide_vector_set(y, j, j < rows ? umi_wide_vector_get(x, j) : umi_wide_set(0));
    for (size_t i = 0; i < rows; i++) {
        umi_wide factor = umi_wide_vector_get(x, i);
        for (int64_t e = a->start[i]; e < a->start[i + 1]; e++) {
            size_t j = (size_t)a->column[e];
            umi_wide sum = umi_wide_multiply(factor, element(a, e));
            umi_wide_vector_set(y, j, umi_wide_add(umi_wide_vector_get(y, j), sum));
        }
    }
}
