/* The closing numbers: ledger, truncation, plateaus. */
#include <math.h>
#include <stdlib.h>

#include "charge/leap.h"
#include "map/map.h"

void umi_run_close_ledger(um_run *run)
{
    const umi_totals *totals = &run->totals;
    um_result *result = run->result;
    result->ledger = umi_totals_get_ledger(totals);
    result->truncation.error_bound = umi_sum_get(&totals->error_bound);
    result->truncation.trace_drift =
        umi_sum_get(&totals->drift) + um_state_get_trace(run->state) - totals->norm;
    result->power_maximum = umi_totals_get_power(totals);
}

static int by_middle(const void *a, const void *b)
{
    const um_plateau *const *x = a, *const *y = b;
    return ((*x)->at > (*y)->at) - ((*x)->at < (*y)->at);
}

/* The leap that carries a collision, or the last one before it; NULL: none. */
static umi_leap *find_leap(const um_run *run, int64_t collision)
{
    umi_leap *found = NULL;
    for (size_t i = 0; i < run->spec->stages_count; i++)
        if (run->leaps[i] && run->leaps[i]->start < collision) found = run->leaps[i];
    return found;
}

/* Steps on to a collision, or out of the leap that carries it. */
static um_status move(um_run *run, um_run *again, int64_t collision)
{
    umi_leap *leap = find_leap(run, collision);
    int64_t within = leap && leap->to < collision ? leap->to : collision;
    if (leap && again->collision < within) {
        UMI_TRY(umi_leap_build(run, leap));
        if (again->stage != leap->stage) {
            um_map_destroy(again->map);
            again->map = NULL;
            umi_until_clear(again);
            umi_store_clear(again);
            again->stage = leap->stage;
        }
        UMI_TRY(umi_leap_go(again, leap, within));
        UMI_TRY(umi_run_enter_stage(again));
    }
    return um_run_advance(again, collision, run->monitor, run->monitor_user);
}

um_status umi_run_begin_replay(um_run *run, um_run **again)
{
    UMI_TRY(um_run_create(run->ctx, run->model, again));
    (*again)->silent = true;
    (*again)->original = run;
    return UM_OK;
}

um_status umi_run_go_again(um_run *run, um_run *again, int64_t collision)
{
    return collision > again->collision ? move(run, again, collision) : UM_OK;
}

/* To the middle of each plateau. */
static um_status replay(um_run *run, um_plateau **ordered, size_t count)
{
    um_run *again;
    UMI_TRY(umi_run_begin_replay(run, &again));
    um_status status = UM_OK;
    for (size_t i = 0; i < count && status == UM_OK; i++) {
        status = umi_run_go_again(run, again, ordered[i]->at);
        um_ergotropy ergotropy;
        if (status == UM_OK) status = umi_run_ergotropy(again, again->state, &ergotropy, NULL);
        if (status != UM_OK) break;
        ordered[i]->energy = again->totals.energy;
        ordered[i]->ergotropy = ergotropy.total;
        ordered[i]->purity = um_observe_purity(again->state);
    }
    um_run_destroy(again);
    return status;
}

static um_status find_numbers(um_run *run)
{
    um_result *result = run->result;
    um_plateau **ordered = UMI_NEW_ARRAY(run->ctx, um_plateau *, result->plateaus_count);
    if (!ordered) return UM_ERROR_MEMORY;
    for (size_t i = 0; i < result->plateaus_count; i++) ordered[i] = &result->plateaus[i];
    qsort(ordered, result->plateaus_count, sizeof *ordered, by_middle);
    um_status status = replay(run, ordered, result->plateaus_count);
    umi_free(run->ctx, ordered);
    if (status != UM_ERROR_INTERRUPTED) return status;
    return umi_run_warn(run, "stopped before the ergotropy and purity of the plateau were known");
}

static double energy_of_leap(void *self, int64_t collision)
{
    const um_run *run = self;
    const umi_leap *leap = find_leap(run, collision);
    if (!leap || !leap->trajectory || collision > leap->to || collision > run->collision) return NAN;
    return umi_trajectory_value(leap->trajectory, collision - leap->start, UMI_FOLLOW_ENERGY);
}

/* On a copy of the curve: what the run goes on with must not depend on having been looked at. */
static um_status find_plateaus(um_run *run)
{
    um_result *result = run->result;
    double tolerance = run->spec->accuracy.plateau_tolerance;
    const umi_curve_source source = {run, energy_of_leap};
    umi_curve curve;
    bool leapt = false;
    for (size_t i = 0; i < run->spec->stages_count; i++) {
        if (!run->leaps[i]) continue;
        leapt = true;
        um_status status = umi_leap_build(run, run->leaps[i]);
        if (status != UM_OK && status != UM_ERROR_INTERRUPTED) return status;
    }
    if (!leapt)
        return umi_curve_find_plateaus(run->ctx, &run->curve, tolerance, &result->plateaus,
                                       &result->plateaus_count);
    UMI_TRY(umi_curve_copy(run->ctx, &run->curve, &curve));
    um_status status = umi_curve_refine(run->ctx, &curve, tolerance, &source);
    if (status == UM_OK)
        status = umi_curve_find_plateaus(run->ctx, &curve, tolerance, &result->plateaus,
                                         &result->plateaus_count);
    umi_curve_clear(run->ctx, &curve);
    return status;
}

um_status um_run_finish(um_run *run, bool numbers)
{
    um_result *result = run->result;
    um_wall_seconds *wall = &result->wall_seconds;
    double begun = umi_seconds(), apart = wall->setup;
    umi_free(run->ctx, result->plateaus);
    result->plateaus = NULL;
    result->plateaus_count = 0;
    umi_run_close_ledger(run);
    um_status status = find_plateaus(run);
    if (status == UM_OK && numbers && result->plateaus_count > 0) status = find_numbers(run);
    wall->observables += umi_seconds() - begun - (wall->setup - apart);
    return status;
}
