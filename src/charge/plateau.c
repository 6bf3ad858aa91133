/* The energy curve and its plateaus: the longest windows in ln k, a decade at least, in which
 * max E - min E <= tolerance (max E + min E)/2. */
#include "charge/curve.h"

#include <math.h>

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
    double low = umi_curve_low(curve, i);
    while (e->tail > e->head && umi_curve_low(curve, e->index[e->tail - 1]) >= low) e->tail--;
    e->index[e->tail++] = i;
}

static void push_high(const umi_curve *curve, extremes *e, size_t i)
{
    double high = umi_curve_high(curve, i);
    while (e->tail > e->head && umi_curve_high(curve, e->index[e->tail - 1]) <= high) e->tail--;
    e->index[e->tail++] = i;
}

static double best_or(const umi_curve *curve, const extremes *e, bool high, double other)
{
    if (e->tail == e->head) return other;
    size_t i = e->index[e->head];
    return high ? fmax(umi_curve_high(curve, i), other) : fmin(umi_curve_low(curve, i), other);
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
            double minimum = best_or(curve, &low, false, umi_curve_low(curve, right));
            double maximum = best_or(curve, &high, true, umi_curve_high(curve, right));
            if (!(maximum - minimum <= tolerance * (maximum + minimum) / 2)) break;
            push_low(curve, &low, right);
            push_high(curve, &high, right);
            right++;
        }
        if (right > left) {
            double length = log((double)umi_curve_last(curve, right - 1) / (double)umi_curve_first(curve, left));
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

/* Of a block: the middle, until somebody knows better. */
static double energy_at(const umi_curve *curve, int64_t k)
{
    size_t i = umi_curve_find(curve, k);
    return (umi_curve_low(curve, i) + umi_curve_high(curve, i)) / 2;
}

static int64_t first_passage(const umi_curve *curve, double energy)
{
    for (size_t i = 0; i < umi_curve_points(curve); i++)
        if (umi_curve_high(curve, i) >= energy) return umi_curve_first(curve, i);
    return -1;
}

static um_plateau describe(const umi_curve *curve, window found)
{
    int64_t first = umi_curve_first(curve, found.begin), last = umi_curve_last(curve, found.end - 1);
    int64_t at = llround(sqrt((double)first * (double)last));
    um_plateau plateau = {
        .charging_time = first,
        .end = found.end == umi_curve_points(curve) ? -1 : last,
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
    size_t *scratch = UMI_NEW_ARRAY(ctx, size_t, 2 * umi_curve_points(curve));
    um_plateau *found = UMI_NEW_ARRAY(ctx, um_plateau, PLATEAUS_MAX);
    if (!scratch || !found) {
        umi_free(ctx, scratch);
        umi_free(ctx, found);
        return UM_ERROR_MEMORY;
    }
    /* Gaps still to be searched; each plateau found splits one in two. */
    window gaps[2 * PLATEAUS_MAX] = {{0, umi_curve_points(curve), 0}};
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
