/* The energy curve of a run and its plateaus. */
#ifndef UMI_CURVE_H
#define UMI_CURVE_H

#include "base/base.h"
#include "umaser/charge.h"

/* Energy against collisions: every one up to UMI_CURVE_EXACT, then blocks with their extremes
 * whose length grows in proportion to k. Once there is a block, all that follows is in blocks. */
enum { UMI_CURVE_EXACT = 1 << 20, UMI_CURVE_SHIFT = 14 };
typedef struct umi_curve {
    int64_t collisions;
    double *energy; /* of collision i + 1 */
    size_t exact, exact_capacity;
    int64_t *first; /* blocks: their first collision */
    double *low, *high;
    size_t blocks, blocks_capacity;
} umi_curve;

um_status umi_curve_add(um_context *ctx, umi_curve *curve, double energy);
/* A block: all collisions from the next one on, `to` included. */
um_status umi_curve_extend(um_context *ctx, umi_curve *curve, int64_t to, double low, double high);
um_status umi_curve_copy(um_context *ctx, const umi_curve *from, umi_curve *to);
void umi_curve_clear(um_context *ctx, umi_curve *curve);

/* How long a curve was: it can be cut back to that. Between two blocks alone. */
typedef struct umi_curve_mark {
    int64_t collisions, exact, blocks;
} umi_curve_mark;
umi_curve_mark umi_curve_get_mark(const umi_curve *curve);
void umi_curve_cut(umi_curve *curve, umi_curve_mark mark);

/* The curve as points 0..n-1: a collision each, then a block each. */
static inline size_t umi_curve_points(const umi_curve *curve) { return curve->exact + curve->blocks; }

static inline int64_t umi_curve_first(const umi_curve *curve, size_t i)
{
    return i < curve->exact ? (int64_t)i + 1 : curve->first[i - curve->exact];
}

static inline int64_t umi_curve_last(const umi_curve *curve, size_t i)
{
    return i + 1 < umi_curve_points(curve) ? umi_curve_first(curve, i + 1) - 1 : curve->collisions;
}

static inline double umi_curve_low(const umi_curve *curve, size_t i)
{
    return i < curve->exact ? curve->energy[i] : curve->low[i - curve->exact];
}

static inline double umi_curve_high(const umi_curve *curve, size_t i)
{
    return i < curve->exact ? curve->energy[i] : curve->high[i - curve->exact];
}

/* The point that holds a collision, 1 <= collision <= collisions. */
size_t umi_curve_find(const umi_curve *curve, int64_t collision);
/* A block becomes two, the second from collision `at` on. */
um_status umi_curve_split(um_context *ctx, umi_curve *curve, size_t point, int64_t at,
                          const double low[2], const double high[2]);

/* What the energy is between the ends of a block, where that can be asked; NAN elsewhere. */
typedef struct umi_curve_source {
    void *self;
    double (*energy)(void *self, int64_t collision);
} umi_curve_source;

/* All plateaus, longest first; energies and passages are filled, the rest is NAN. */
um_status umi_curve_find_plateaus(um_context *ctx, const umi_curve *curve, double tolerance,
                                  um_plateau **plateaus, size_t *count);
/* Blocks in which a plateau begins or ends, or its passages lie, made shorter and shorter. */
um_status umi_curve_refine(um_context *ctx, umi_curve *curve, double tolerance,
                           const umi_curve_source *source);

#endif
