/* Blocks of the energy curve that decide where a plateau begins and ends are made shorter, as far
 * as the energy can be asked for between their ends. */
#include <math.h>

#include "charge/curve.h"

/* Shorter than a 2^20th of where it stands no block needs to be: ten digits of a plateau's end. */
enum { FINEST_SHIFT = 20, ROUNDS_MAX = 64 };
/* Relative; within that an extreme does not move a plateau's ends. */
static const double FLAT = 1e-12;

typedef struct refining {
    um_context *ctx;
    umi_curve *curve;
    const umi_curve_source *source;
    bool changed;
} refining;

static double ask(const refining *r, int64_t collision)
{
    return r->source->energy(r->source->self, collision);
}

static um_status split(refining *r, size_t point, int64_t at)
{
    int64_t first = umi_curve_first(r->curve, point), last = umi_curve_last(r->curve, point);
    double low[2], high[2];
    for (int i = 0; i < 2; i++) {
        double a = ask(r, i == 0 ? first : at), b = ask(r, i == 0 ? at - 1 : last);
        if (isnan(a) || isnan(b)) return UM_OK;
        low[i] = fmin(a, b);
        high[i] = fmax(a, b);
    }
    r->changed = true;
    return umi_curve_split(r->ctx, r->curve, point, at, low, high);
}

static int64_t length_of(const umi_curve *curve, size_t point)
{
    return umi_curve_last(curve, point) - umi_curve_first(curve, point) + 1;
}

static um_status halve(refining *r, int64_t collision)
{
    if (collision < 1 || collision > r->curve->collisions) return UM_OK;
    size_t point = umi_curve_find(r->curve, collision);
    int64_t first = umi_curve_first(r->curve, point), length = length_of(r->curve, point);
    if (length == 1 || length <= first >> FINEST_SHIFT) return UM_OK;
    return split(r, point, first + length / 2);
}

/* A block of its own, whose energy is then that of the collision. */
static um_status isolate(refining *r, int64_t collision)
{
    size_t point = umi_curve_find(r->curve, collision);
    if (collision > umi_curve_first(r->curve, point)) UMI_TRY(split(r, point, collision));
    point = umi_curve_find(r->curve, collision);
    if (collision == umi_curve_last(r->curve, point)) return UM_OK;
    return split(r, point, collision + 1);
}

/* The extreme is in the block that has it at one end, or beside it; unless all is flat there. */
static um_status refine_extreme(refining *r, size_t begin, size_t end, bool high)
{
    const umi_curve *curve = r->curve;
    size_t best = begin;
    for (size_t i = begin; i < end; i++)
        if (high ? umi_curve_high(curve, i) > umi_curve_high(curve, best)
                 : umi_curve_low(curve, i) < umi_curve_low(curve, best))
            best = i;
    double low = umi_curve_low(curve, best), top = umi_curve_high(curve, best);
    for (size_t i = best > begin ? best - 1 : best; i < end && i <= best + 1; i++) {
        low = fmin(low, umi_curve_low(curve, i));
        top = fmax(top, umi_curve_high(curve, i));
    }
    if (top - low <= FLAT * fabs(top)) return UM_OK;
    int64_t first = umi_curve_first(curve, best), last = umi_curve_last(curve, best);
    UMI_TRY(halve(r, last + 1));
    UMI_TRY(halve(r, first));
    return halve(r, first - 1);
}

static um_status refine_extremes(refining *r, int64_t first, int64_t last)
{
    for (int high = 0; high < 2; high++)
        UMI_TRY(refine_extreme(r, umi_curve_find(r->curve, first),
                               umi_curve_find(r->curve, last) + 1, high));
    return UM_OK;
}

static um_status refine_at(refining *r, const um_plateau *plateau)
{
    int64_t last = plateau->end < 0 ? r->curve->collisions : plateau->end;
    UMI_TRY(isolate(r, plateau->at));
    UMI_TRY(refine_extremes(r, plateau->charging_time, last));
    UMI_TRY(halve(r, plateau->charging_time - 1));
    UMI_TRY(halve(r, plateau->charging_time));
    UMI_TRY(halve(r, last));
    UMI_TRY(halve(r, last + 1));
    UMI_TRY(halve(r, plateau->passage_90));
    return halve(r, plateau->passage_99);
}

um_status umi_curve_refine(um_context *ctx, umi_curve *curve, double tolerance,
                           const umi_curve_source *source)
{
    refining r = {.ctx = ctx, .curve = curve, .source = source, .changed = true};
    um_status status = UM_OK;
    for (int round = 0; round < ROUNDS_MAX && r.changed && status == UM_OK; round++) {
        um_plateau *plateaus;
        size_t count;
        UMI_TRY(umi_curve_find_plateaus(ctx, curve, tolerance, &plateaus, &count));
        r.changed = false;
        for (size_t i = 0; i < count && status == UM_OK; i++) status = refine_at(&r, &plateaus[i]);
        umi_free(ctx, plateaus);
    }
    return status;
}
