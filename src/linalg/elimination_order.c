/* The structure of an elimination: columns of (nearly) the same pattern become blocks, whose
 * fronts are dense. Nothing of it depends on numbers. */
#include "linalg/elimination.h"

#include <string.h>

/* Elements of a trapezoid of that many columns with `height` rows below. */
static double trapezoid(double width, double height) { return width * ((width + 1) / 2 + height); }

/* Zeros that are worth being stored, so that fronts are few: many in small blocks. */
static bool is_worth(double width, double zeros, double elements)
{
    if (width <= 4) return true;
    if (width <= 16) return zeros < 0.5 * elements;
    if (width <= 48) return zeros < 0.1 * elements;
    return zeros < 0.05 * elements;
}

typedef struct umi_columns {
    int32_t *parent, *count; /* of a column in the elimination tree; elements below its diagonal */
    double *zeros;           /* of a block, stored without need */
} umi_columns;

/* Whether the last two of the blocks become one: the first is a child of the second. */
static bool can_join(const umi_ordering *o, const umi_columns *c, int32_t blocks, int32_t end,
                     double *zeros)
{
    int32_t first = o->first[blocks - 2], middle = o->first[blocks - 1];
    if (c->parent[middle - 1] < 0 || c->parent[middle - 1] >= end) return false;
    double left = middle - first, right = end - middle, height = c->count[end - 1];
    double needed = trapezoid(left, c->count[middle - 1]) - c->zeros[blocks - 2] +
                    trapezoid(right, height) - c->zeros[blocks - 1];
    double elements = trapezoid(left + right, height);
    *zeros = elements - needed;
    return is_worth(left + right, *zeros, elements);
}

static void find_blocks(umi_ordering *o, const umi_columns *c)
{
    int32_t blocks = 0;
    for (int32_t k = 0; k < o->size;) {
        int32_t end = k + 1;
        while (end < o->size && c->parent[end - 1] == end &&
               c->count[end - 1] == c->count[end] + 1)
            end++;
        c->zeros[blocks] = 0;
        o->first[blocks++] = k;
        double zeros;
        while (blocks > 1 && can_join(o, c, blocks, end, &zeros)) c->zeros[--blocks - 1] = zeros;
        k = end;
    }
    o->first[blocks] = o->size;
    o->blocks = blocks;
}

/* Wide blocks are cut into chains. `cut` has room for size + 1 values. */
static void cut_blocks(umi_ordering *o, int32_t *cut)
{
    int32_t blocks = 0;
    for (int32_t b = 0; b < o->blocks; b++) {
        int32_t width = umi_block_width(o, b);
        int32_t pieces = (width + UMI_FRONT_WIDTH - 1) / UMI_FRONT_WIDTH;
        for (int32_t p = 0; p < pieces; p++)
            cut[blocks++] = o->first[b] + (int32_t)((int64_t)width * p / pieces);
    }
    cut[blocks] = o->size;
    o->blocks = blocks;
    memcpy(o->first, cut, ((size_t)blocks + 1) * sizeof *cut);
}

/* block: that of a column. */
static void link_blocks(umi_ordering *o, const int32_t *column_parent, int32_t *block)
{
    for (int32_t b = 0; b < o->blocks; b++)
        for (int32_t k = o->first[b]; k < o->first[b + 1]; k++) block[k] = b;
    for (int32_t b = o->blocks - 1; b >= 0; b--) {
        int32_t up = column_parent[o->first[b + 1] - 1];
        o->parent[b] = up < 0 ? -1 : block[up];
        o->odd[b] = up < 0 ? 0 : !o->odd[o->parent[b]];
    }
}

/* Walks row k up the tree of blocks, from its elements to its own block; `rows` NULL: counts. */
static void walk_row(const umi_ordering *o, const umi_pattern *pattern, const int32_t *place,
                     const int32_t *block, int32_t k, int32_t *mark, int64_t *fill, int32_t *rows)
{
    int32_t unknown = o->order[k];
    for (int32_t e = pattern->start[unknown]; e < pattern->start[unknown + 1]; e++) {
        int32_t i = place[pattern->column[e]];
        if (i >= k) continue;
        for (int32_t b = block[i]; b != block[k] && mark[b] != k; b = o->parent[b]) {
            mark[b] = k;
            if (rows) rows[fill[b]] = k;
            fill[b]++;
        }
    }
}

static um_status find_rows(um_context *ctx, umi_ordering *o, const umi_pattern *pattern,
                           const int32_t *place, const int32_t *block)
{
    int32_t *mark = UMI_NEW_ARRAY(ctx, int32_t, (size_t)o->blocks);
    if (!mark) return UM_ERROR_MEMORY;
    int64_t *start = o->row_start;
    for (int32_t b = 0; b < o->blocks; b++) mark[b] = -1;
    for (int32_t k = 0; k < o->size; k++)
        walk_row(o, pattern, place, block, k, mark, start + 1, NULL);
    for (int32_t b = 0; b < o->blocks; b++) {
        start[b + 1] += start[b];
        mark[b] = -1;
    }
    o->rows = UMI_NEW_ARRAY(ctx, int32_t, (size_t)start[o->blocks]);
    if (o->rows) {
        for (int32_t k = 0; k < o->size; k++)
            walk_row(o, pattern, place, block, k, mark, start, o->rows);
        memmove(start + 1, start, (size_t)o->blocks * sizeof *start);
        start[0] = 0;
    }
    umi_free(ctx, mark);
    return o->rows ? UM_OK : UM_ERROR_MEMORY;
}

/* Updates of one parity of depth stand on one stack: those that a block takes are on top of the
 * other one than that on which it leaves its own. taken: of a block, from its children. */
static void measure(umi_ordering *o, int64_t *taken)
{
    int64_t top[2] = {0, 0};
    for (int32_t b = 0; b < o->blocks; b++) {
        int64_t width = umi_block_width(o, b), height = umi_block_height(o, b);
        int64_t padded = umi_front_pad(height), update = padded * height;
        if (height > o->height) o->height = (int32_t)height;
        o->value_start[b + 1] = o->value_start[b] + umi_front_pad(width * (width + 2 * padded));
        int odd = o->odd[b];
        top[odd] += update;
        if (top[odd] > o->stack[odd]) o->stack[odd] = top[odd];
        top[!odd] -= taken[b];
        if (o->parent[b] >= 0) taken[o->parent[b]] += update;
    }
}

/* Sorted by block, that of the earlier of row and column; target is the place of the row so far. */
static void sort_entries(umi_ordering *o, const umi_sparse *a, const int32_t *place,
                         const int32_t *block)
{
    int64_t *start = o->entry_start;
    for (int32_t i = 0; i < o->size; i++)
        for (int64_t e = a->start[i]; e < a->start[i + 1]; e++)
            start[1 + block[umi_min(place[i], place[a->column[e]])]]++;
    for (int32_t b = 0; b < o->blocks; b++) start[b + 1] += start[b];
    for (int32_t i = 0; i < o->size; i++)
        for (int64_t e = a->start[i]; e < a->start[i + 1]; e++) {
            int64_t to = start[block[umi_min(place[i], place[a->column[e]])]]++;
            o->source[to] = (int32_t)e;
            o->target[to] = place[i];
        }
    memmove(start + 1, start, (size_t)o->blocks * sizeof *start);
    start[0] = 0;
}

/* local: where a column or row of the elimination stands in the front. */
static void aim_entries(umi_ordering *o, const umi_sparse *a, const int32_t *place, int32_t *local)
{
    for (int32_t b = 0; b < o->blocks; b++) {
        int32_t width = umi_block_width(o, b), height = umi_block_height(o, b);
        int64_t padded = umi_front_pad(height);
        for (int32_t i = 0; i < width; i++) local[o->first[b] + i] = i;
        for (int32_t i = 0; i < height; i++) local[o->rows[o->row_start[b] + i]] = width + i;
        for (int64_t e = o->entry_start[b]; e < o->entry_start[b + 1]; e++) {
            int64_t row = local[o->target[e]], column = local[place[a->column[o->source[e]]]];
            int64_t at = row + column * width;
            if (row >= width) at = width * width + row - width + column * padded;
            if (column >= width) at = width * (width + padded) + column - width + row * padded;
            o->target[e] = (int32_t)at;
        }
    }
}

static um_status build(um_context *ctx, umi_ordering *o, const umi_sparse *a,
                       const umi_pattern *pattern, umi_columns *c, int32_t *place, int32_t *block)
{
    UMI_TRY(umi_pattern_order(ctx, pattern, o->order, c->parent, c->count));
    for (int32_t k = 0; k < o->size; k++) place[o->order[k]] = k;
    find_blocks(o, c);
    cut_blocks(o, block);
    link_blocks(o, c->parent, block);
    UMI_TRY(find_rows(ctx, o, pattern, place, block));
    int64_t *taken = UMI_NEW_ARRAY(ctx, int64_t, (size_t)o->blocks);
    if (!taken) return UM_ERROR_MEMORY;
    measure(o, taken);
    umi_free(ctx, taken);
    o->entries = a->start[a->columns];
    o->source = UMI_NEW_ARRAY(ctx, int32_t, (size_t)o->entries);
    o->target = UMI_NEW_ARRAY(ctx, int32_t, (size_t)o->entries);
    if (!o->source || !o->target) return UM_ERROR_MEMORY;
    sort_entries(o, a, place, block);
    aim_entries(o, a, place, block);
    return UM_OK;
}

static um_status create(um_context *ctx, const umi_sparse *a, umi_ordering *o)
{
    size_t size = a->columns;
    o->size = (int32_t)size;
    o->order = UMI_NEW_ARRAY(ctx, int32_t, size);
    o->first = UMI_NEW_ARRAY(ctx, int32_t, size + 1);
    o->parent = UMI_NEW_ARRAY(ctx, int32_t, size);
    o->odd = UMI_NEW_ARRAY(ctx, unsigned char, size);
    o->row_start = UMI_NEW_ARRAY(ctx, int64_t, size + 1);
    o->value_start = UMI_NEW_ARRAY(ctx, int64_t, size + 1);
    o->entry_start = UMI_NEW_ARRAY(ctx, int64_t, size + 1);
    if (!o->order || !o->first || !o->parent || !o->odd || !o->row_start || !o->value_start ||
        !o->entry_start)
        return UM_ERROR_MEMORY;
    umi_pattern pattern;
    UMI_TRY(umi_pattern_create(ctx, a, &pattern));
    int32_t *work = UMI_NEW_ARRAY(ctx, int32_t, 4 * size + 1);
    umi_columns columns = {.zeros = UMI_NEW_ARRAY(ctx, double, size)};
    um_status status = UM_ERROR_MEMORY;
    if (work && columns.zeros) {
        columns.parent = work;
        columns.count = work + size;
        status = build(ctx, o, a, &pattern, &columns, work + 2 * size, work + 3 * size);
    }
    umi_free(ctx, columns.zeros);
    umi_free(ctx, work);
    umi_pattern_free(ctx, &pattern);
    return status;
}

um_status umi_ordering_create(um_context *ctx, const umi_sparse *matrix, umi_ordering **ordering)
{
    *ordering = NULL;
    if (matrix->columns > INT32_MAX / 16 || matrix->start[matrix->columns] > INT32_MAX / 4)
        return umi_fail(ctx, UM_ERROR_MEMORY, "%zu unknowns are too many for an elimination",
                        matrix->columns);
    umi_ordering *made = UMI_NEW(ctx, umi_ordering);
    if (!made) return UM_ERROR_MEMORY;
    um_status status = create(ctx, matrix, made);
    if (status != UM_OK)
        umi_ordering_destroy(ctx, made);
    else
        *ordering = made;
    return status;
}

void umi_ordering_destroy(um_context *ctx, umi_ordering *o)
{
    if (!o) return;
    void *parts[] = {o->order, o->first, o->parent, o->odd, o->row_start, o->rows,
                     o->value_start, o->entry_start, o->source, o->target, o};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) umi_free(ctx, parts[i]);
}

double umi_ordering_get_bytes(const umi_ordering *o)
{
    double doubles = (double)o->value_start[o->blocks] + (double)o->stack[0] + (double)o->stack[1] +
                     (double)o->size + (double)umi_front_pad(o->height);
    return 8 * doubles + 16.0 * o->blocks + 4.0 * o->size;
}
