/* The energy curve: every collision first, then blocks with their extremes. */
#include <math.h>
#include <string.h>

#include "charge/curve.h"

static void *grow(um_context *ctx, void *old, size_t count, size_t capacity, size_t size)
{
    void *block = umi_alloc(ctx, capacity, size);
    if (!block) return NULL;
    if (count) memcpy(block, old, count * size);
    umi_free(ctx, old);
    return block;
}

static um_status add_exact(um_context *ctx, umi_curve *curve, double energy)
{
    if (curve->exact == curve->exact_capacity) {
        size_t capacity = curve->exact_capacity ? 2 * curve->exact_capacity : 1024;
        double *block = grow(ctx, curve->energy, curve->exact, capacity, sizeof *block);
        if (!block) return UM_ERROR_MEMORY;
        curve->energy = block;
        curve->exact_capacity = capacity;
    }
    curve->energy[curve->exact++] = energy;
    return UM_OK;
}

/* Room for one more block, which then stands at `place`. */
static um_status insert_block(um_context *ctx, umi_curve *curve, size_t place)
{
    if (curve->blocks == curve->blocks_capacity) {
        size_t capacity = curve->blocks_capacity ? 2 * curve->blocks_capacity : 1024;
        int64_t *first = grow(ctx, curve->first, curve->blocks, capacity, sizeof *first);
        if (first) curve->first = first;
        double *low = grow(ctx, curve->low, curve->blocks, capacity, sizeof *low);
        if (low) curve->low = low;
        double *high = grow(ctx, curve->high, curve->blocks, capacity, sizeof *high);
        if (high) curve->high = high;
        if (!first || !low || !high) return UM_ERROR_MEMORY;
        curve->blocks_capacity = capacity;
    }
    size_t after = curve->blocks++ - place;
    memmove(curve->first + place + 1, curve->first + place, after * sizeof *curve->first);
    memmove(curve->low + place + 1, curve->low + place, after * sizeof *curve->low);
    memmove(curve->high + place + 1, curve->high + place, after * sizeof *curve->high);
    return UM_OK;
}

static um_status add_block(um_context *ctx, umi_curve *curve, int64_t first, double low, double high)
{
    UMI_TRY(insert_block(ctx, curve, curve->blocks));
    size_t last = curve->blocks - 1;
    curve->first[last] = first;
    curve->low[last] = low;
    curve->high[last] = high;
    return UM_OK;
}

um_status umi_curve_add(um_context *ctx, umi_curve *curve, double energy)
{
    int64_t k = ++curve->collisions;
    if (k <= UMI_CURVE_EXACT && curve->blocks == 0) return add_exact(ctx, curve, energy);
    size_t last = curve->blocks - 1;
    if (curve->blocks > 0 && k - curve->first[last] < curve->first[last] >> UMI_CURVE_SHIFT) {
        curve->low[last] = fmin(curve->low[last], energy);
        curve->high[last] = fmax(curve->high[last], energy);
        return UM_OK;
    }
    return add_block(ctx, curve, k, energy, energy);
}

um_status umi_curve_extend(um_context *ctx, umi_curve *curve, int64_t to, double low, double high)
{
    UMI_TRY(add_block(ctx, curve, curve->collisions + 1, low, high));
    curve->collisions = to;
    return UM_OK;
}

umi_curve_mark umi_curve_get_mark(const umi_curve *curve)
{
    return (umi_curve_mark){curve->collisions, (int64_t)curve->exact, (int64_t)curve->blocks};
}

void umi_curve_cut(umi_curve *curve, umi_curve_mark mark)
{
    curve->collisions = mark.collisions;
    curve->exact = (size_t)mark.exact;
    curve->blocks = (size_t)mark.blocks;
}

void umi_curve_clear(um_context *ctx, umi_curve *curve)
{
    umi_free(ctx, curve->energy);
    umi_free(ctx, curve->first);
    umi_free(ctx, curve->low);
    umi_free(ctx, curve->high);
    *curve = (umi_curve){0};
}

um_status umi_curve_copy(um_context *ctx, const umi_curve *from, umi_curve *to)
{
    *to = *from;
    to->exact_capacity = from->exact;
    to->blocks_capacity = from->blocks;
    to->energy = UMI_NEW_ARRAY(ctx, double, from->exact);
    to->first = UMI_NEW_ARRAY(ctx, int64_t, from->blocks);
    to->low = UMI_NEW_ARRAY(ctx, double, from->blocks);
    to->high = UMI_NEW_ARRAY(ctx, double, from->blocks);
    if (!to->energy || !to->first || !to->low || !to->high) {
        umi_curve_clear(ctx, to);
        return UM_ERROR_MEMORY;
    }
    if (from->exact) memcpy(to->energy, from->energy, from->exact * sizeof *to->energy);
    if (from->blocks) {
        memcpy(to->first, from->first, from->blocks * sizeof *to->first);
        memcpy(to->low, from->low, from->blocks * sizeof *to->low);
        memcpy(to->high, from->high, from->blocks * sizeof *to->high);
    }
    return UM_OK;
}

size_t umi_curve_find(const umi_curve *curve, int64_t collision)
{
    if (collision <= (int64_t)curve->exact) return (size_t)collision - 1;
    size_t low = 0, high = curve->blocks;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (curve->first[middle] <= collision)
            low = middle;
        else
            high = middle;
    }
    return curve->exact + low;
}

um_status umi_curve_split(um_context *ctx, umi_curve *curve, size_t point, int64_t at,
                          const double low[2], const double high[2])
{
    size_t block = point - curve->exact;
    UMI_TRY(insert_block(ctx, curve, block));
    curve->first[block + 1] = at;
    for (size_t i = 0; i < 2; i++) {
        curve->low[block + i] = low[i];
        curve->high[block + i] = high[i];
    }
    return UM_OK;
}
