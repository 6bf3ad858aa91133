/* sweep, inside the library: the plan, one point, one block. */
#ifndef UMI_SWEEP_H
#define UMI_SWEEP_H

#include "base/base.h"
#include "umaser/sweep.h"

struct um_sweep {
    um_context *ctx;
    um_sweep_plan plan;
    size_t points, blocks, width;
    um_sweep_source source;
    void *user;
};

bool umi_sweep_wants(const um_sweep_plan *plan, um_summary summary);
void umi_sweep_keep_summaries(const um_sweep_plan *plan, const double *all, double *values);
/* What a run or an analysis comes to. */
void umi_summary_fill_run(const um_result *result, double *all);
void umi_summary_fill_steady(const um_steady *steady, double *all);

/* The numbers of one point with one seed, `width` of them without standard errors; NAN where
 * nothing is known. What ended it early is in the context. */
um_status umi_sweep_compute_point(um_context *ctx, const um_sweep *sweep, size_t point,
                                  uint64_t seed, um_monitor monitor, void *user, double *values);

/* Points on the way through a block. */
typedef struct umi_sweep_work {
    um_context *ctx;
    const um_sweep *sweep;
    um_sweep_block *block;
    um_monitor monitor;
    void *user;
    size_t done; /* points */
    bool *known; /* by point: its values are there */
    double *one, *mean, *squares; /* of a repeat; over repeats (Welford) */
} umi_sweep_work;

/* Asks the monitor of a umi_sweep_work; itself one, for what is inside a point. */
bool umi_sweep_ask(void *work, const um_progress *inside);
/* The points of a block that can be computed several at a time; the others, and those that fail,
 * stay unknown. */
um_status umi_sweep_compute_together(umi_sweep_work *work);

static inline size_t umi_sweep_block_first(const um_sweep *sweep, size_t number)
{
    return number * sweep->plan.block;
}

/* Points of a block. */
static inline size_t umi_sweep_block_count(const um_sweep *sweep, size_t number)
{
    size_t left = sweep->points - umi_sweep_block_first(sweep, number);
    return left < sweep->plan.block ? left : sweep->plan.block;
}

/* Doubles of one repeat: summaries and series, without standard errors. */
static inline size_t umi_sweep_single_width(const um_sweep_plan *plan)
{
    return plan->summaries_count + (size_t)__builtin_popcountll(plan->series) * plan->records;
}

#endif
