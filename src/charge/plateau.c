/* The energy curve and its plateaus: the longest windows in ln k, a decade at least, in which
 * max E - min E <= tolerance (max E + min E)/2. */
#include <math.h>
#include <string.h>

#include "charge/run.h"

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

static um_status add_block(um_context *ctx, umi_curve *curve, double energy)
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
    curve->first[curve->blocks] = curve->collisions;
    curve->low[curve->blocks] = curve->high[curve->blocks] = energy;
    curve->blocks++;
    return UM_OK;
}

um_status umi_curve_add(um_context *ctx, umi_curve *curve, double energy)
{
    int64_t k = ++curve->collisions;
    if (k <= UMI_CURVE_EXACT) return add_exact(ctx, curve, energy);
    size_t last = curve->blocks - 1;
    if (curve->blocks > 0 && k - curve->first[last] < curve->first[last] >> UMI_CURVE_SHIFT) {
        curve->low[last] = fmin(curve->low[last], energy);
        curve->high[last] = fmax(curve->high[last], energy);
        return UM_OK;
    }
    return add_block(ctx, curve, energy);
}

void umi_curve_clear(um_context *ctx, umi_curve *curve)
{
    umi_free(ctx, curve->energy);
    umi_free(ctx, curve->first);
    umi_free(ctx, curve->low);
    umi_free(ctx, curve->high);
    *curve = (umi_curve){0};
}

/* The curve as points 0..n-1: a collision each, then a block each. */
static size_t points(const umi_curve *curve) { return curve->exact + curve->blocks; }

static int64_t first_of(const umi_curve *curve, size_t i)
{
    return i < curve->exact ? (int64_t)i + 1 : curve->first[i - curve->exact];
}

static int64_t last_of(const umi_curve *curve, size_t i)
{
    return i + 1 < points(curve) ? first_of(curve, i + 1) - 1 : curve->collisions;
}

static double low_of(const umi_curve *curve, size_t i)
{
    return i < curve->exact ? curve->energy[i] : curve->low[i - curve->exact];
}

static double high_of(const umi_curve *curve, size_t i)
{
    return i < curve->exact ? curve->energy[i] : curve->high[i - curve->exact];
}

/* Points in a sliding window that can still become its minimum (or maximum), best first. */
typedef struct extremes {
    size_t *index, head, tail;
} extremes;

typedef struct window {
    size_t begin, end; /* points begin..end-1 */
    double length;     /* ln(last collision / first collision) */
} window;

static void push_low(const umi_curve *curve, extremes *e, size_t i)
{
    while (e->tail > e->head && low_of(curve, e->index[e->tail - 1]) >= low_of(curve, i)) e->tail--;
    e->index[e->tail++] = i;
}

static void push_high(const umi_curve *curve, extremes *e, size_t i)
{
    while (e->tail > e->head && high_of(curve, e->index[e->tail - 1]) <= high_of(curve, i)) e->tail--;
    e->index[e->tail++] = i;
}

static double best_or(const umi_curve *curve, const extremes *e, bool high, double other)
{
    if (e->tail == e->head) return other;
    size_t i = e->index[e->head];
    return high ? fmax(high_of(curve, i), other) : fmin(low_of(curve, i), other);
}

/* The longest window inside points begin..end-1; the right end only moves right, since every part
 * of a flat window is flat. */
static window find_longest(const umi_curve *curve, double tolerance, size_t begin, size_t end,
                           size_t *scratch)
{
    extremes low = {.index = scratch}, high = {.index = scratch + (end - begin)};
    window best = {begin, begin, -1};
    size_t right = begin;
    for (size_t left = begin; left < end; left++) {
        while (right < end) {
            double minimum = best_or(curve, &low, false, low_of(curve, right));
            double maximum = best_or(curve, &high, true, high_of(curve, right));
            if (!(maximum - minimum <= tolerance * (maximum + minimum) / 2)) break;
            push_low(curve, &low, right);
            push_high(curve, &high, right);
            right++;
        }
        if (right > left) {
            double length = log((double)last_of(curve, right - 1) / (double)first_of(curve, left));
            if (length > best.length) best = (window){left, right, length};
            if (low.index[low.head] == left) low.head++;
            if (high.index[high.head] == left) high.head++;
        } else {
            right = left + 1;
            low = (extremes){.index = scratch};
            high = (extremes){.index = scratch + (end - begin)};
        }
    }
    return best;
}

/* Beyond the exact part: the middle of the block, until a replay knows better. */
static double energy_at(const umi_curve *curve, int64_t k)
{
    if (k <= (int64_t)curve->exact) return curve->energy[k - 1];
    size_t i = curve->blocks;
    while (i > 1 && curve->first[i - 1] > k) i--;
    return (curve->low[i - 1] + curve->high[i - 1]) / 2;
}

static int64_t first_passage(const umi_curve *curve, double energy)
{
    for (size_t i = 0; i < points(curve); i++)
        if (high_of(curve, i) >= energy) return first_of(curve, i);
    return -1;
}

static um_plateau describe(const umi_curve *curve, window found)
{
    int64_t first = first_of(curve, found.begin), last = last_of(curve, found.end - 1);
    int64_t at = llround(sqrt((double)first * (double)last));
    um_plateau plateau = {
        .charging_time = first,
        .end = found.end == points(curve) ? -1 : last,
        .at = at,
        .energy = energy_at(curve, at),
        .ergotropy = NAN,
        .purity = NAN,
        .passage_90 = -1,
        .passage_99 = -1,
    };
    return plateau;
}

enum { PLATEAUS_MAX = 64 };

um_status umi_curve_find_plateaus(um_context *ctx, const umi_curve *curve, double tolerance,
                                  um_plateau **plateaus, size_t *count)
{
    *plateaus = NULL;
    *count = 0;
    size_t *scratch = UMI_NEW_ARRAY(ctx, size_t, 2 * points(curve));
    um_plateau *found = UMI_NEW_ARRAY(ctx, um_plateau, PLATEAUS_MAX);
    if (!scratch || !found) {
        umi_free(ctx, scratch);
        umi_free(ctx, found);
        return UM_ERROR_MEMORY;
    }
    /* Gaps still to be searched; each plateau found splits one in two. */
    window gaps[2 * PLATEAUS_MAX] = {{0, points(curve), 0}};
    double lengths[PLATEAUS_MAX];
    size_t waiting = 1, n = 0;
    while (waiting > 0 && n < PLATEAUS_MAX) {
        window gap = gaps[--waiting];
        if (gap.end <= gap.begin) continue;
        window best = find_longest(curve, tolerance, gap.begin, gap.end, scratch);
        if (best.length < log(10) * (1 - 1e-12)) continue;
        size_t place = n++;
        for (; place > 0 && lengths[place - 1] < best.length; place--) {
            found[place] = found[place - 1];
            lengths[place] = lengths[place - 1];
        }
        found[place] = describe(curve, best);
        lengths[place] = best.length;
        gaps[waiting++] = (window){gap.begin, best.begin, 0};
        gaps[waiting++] = (window){best.end, gap.end, 0};
    }
    for (size_t i = 0; i < n; i++) {
        found[i].passage_90 = first_passage(curve, 0.90 * found[i].energy);
        found[i].passage_99 = first_passage(curve, 0.99 * found[i].energy);
    }
    umi_free(ctx, scratch);
    *plateaus = found;
    *count = n;
    return UM_OK;
}
