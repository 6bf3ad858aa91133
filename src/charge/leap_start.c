/* When a leap begins, what it stops at, and what is said where it cannot go on. */
#include <stdio.h>

#include "charge/leap.h"
#include "map/map.h"
#include "state/state.h"

/* Collisions of a stage at which compression is tried: the fast part of the motion must be over. On
 * a fixed grid, so that the outcome does not depend on how a run came here. */
enum { FIRST_START = 1 << 10, LAST_START = 1 << 20, START_RATIO = 4 };
/* What compression costs in collisions, about. */
static const double COST_FIXED = 1e4, COST_PER_LEVEL = 500;
/* As many collisions can still be stepped where compression fails. */
static const int64_t STEPPED_MAX = 10000000;
/* With a map that differs at every collision there is nothing but stepping. */
static const int64_t LAB_MAX = INT64_C(1000000000000);

static int64_t left(const um_run *run)
{
    return run->spec->stages[run->stage].collisions - run->stage_done;
}

static bool is_start(int64_t done)
{
    if (done < FIRST_START || (done & (done - 1)) != 0) return false;
    int64_t start = FIRST_START;
    while (start < done && start < LAST_START) start *= START_RATIO;
    return start == done;
}

static bool is_worth_it(const um_run *run)
{
    um_method method = run->spec->accuracy.method;
    if (!is_start(run->stage_done) || method == UM_METHOD_STEP || run->silent) return false;
    if (run->refused == (int64_t)run->stage || !um_map_get_info(run->map).stationary) return false;
    double cost = COST_FIXED + COST_PER_LEVEL * um_state_get_window(run->state).last;
    return method == UM_METHOD_FORWARD || (double)left(run) > cost;
}

static um_status fill(um_run *run, const umi_leap_space *space, umi_leap *leap)
{
    const umi_layout *layout = umi_trajectory_layout(space->trajectory);
    um_window window = um_state_get_window(run->state);
    int reach = um_map_get_info(run->map).reach;
    *leap = (umi_leap){
        .stage = run->stage,
        .start = run->collision,
        .to = run->collision + space->certain,
        .stage_done = run->stage_done,
        .end = space->end,
        .levels = layout->levels,
        .orders = layout->orders,
        .room = umi_max(umi_min(layout->levels + reach, run->levels_limit), window.levels),
        .truncation = space->truncation,
        .totals = run->totals,
        .curve = umi_curve_get_mark(&run->curve),
        .sampled = umi_curve_get_mark(&run->curve),
        .power_maximum_at = -1,
    };
    UMI_TRY(um_state_create(run->ctx, window.levels, 1, 0, 0, &leap->state));
    return um_state_copy(leap->state, run->state);
}

/* NULL: the run goes on by steps, for now or for good. */
static um_status begin(um_run *run, umi_leap **leap)
{
    umi_leap_space space;
    bool final = run->stage_done == LAST_START || left(run) <= (START_RATIO - 1) * run->stage_done;
    UMI_TRY(umi_leap_find_space(run, left(run), final, &space));
    bool certain = space.end == UMI_LEAP_COMPLETE || space.end == UMI_LEAP_NAMED;
    bool wait = space.end == UMI_LEAP_BOUND && !final;
    um_status status = UM_OK;
    if (!certain && !wait && left(run) <= STEPPED_MAX) run->refused = (int64_t)run->stage;
    if (certain || (!wait && left(run) > STEPPED_MAX)) {
        *leap = run->leaps[run->stage] = UMI_NEW(run->ctx, umi_leap);
        status = *leap ? fill(run, &space, *leap) : UM_ERROR_MEMORY;
        if (status == UM_OK) {
            (*leap)->trajectory = space.trajectory;
            return UM_OK;
        }
        umi_leap_destroy(run->ctx, *leap);
        *leap = run->leaps[run->stage] = NULL;
    }
    umi_trajectory_destroy(space.trajectory);
    return status;
}

static um_status fail_named(um_run *run, umi_leap *leap)
{
    int64_t next = leap->to + 1 - leap->start;
    double above = umi_trajectory_value(leap->trajectory, next, UMI_FOLLOW_ABOVE);
    return umi_run_fail_named(run, above);
}

/* The failure that a leap ends with which is not complete. */
static um_status fail(um_run *run, umi_leap *leap)
{
    if (leap->end == UMI_LEAP_NAMED) return fail_named(run, leap);
    bool automatic = run->spec->battery.levels == UM_LEVELS_AUTO;
    const char *levels = automatic ? "battery.max_levels" : "battery.levels";
    const char *key = leap->end == UMI_LEAP_BOUND ? "accuracy.truncation" : levels;
    char why[200];
    switch (leap->end) {
    case UMI_LEAP_LEVELS:
        snprintf(why, sizeof why, "the battery climbs beyond %d levels; raise %s (now %d)",
                 leap->levels, levels,
                 automatic ? run->spec->battery.max_levels : run->spec->battery.levels);
        break;
    case UMI_LEAP_MEMORY:
        snprintf(why, sizeof why,
                 "more than %d levels would need more memory than there is; ask for fewer "
                 "collisions",
                 leap->levels);
        break;
    default:
        snprintf(why, sizeof why,
                 "the error of fast-forward is not known to be below %.3g any further; raise "
                 "accuracy.truncation (now %g)",
                 umi_leap_tolerance(run->spec), run->spec->accuracy.truncation);
    }
    um_status status = umi_fail_key(run->ctx, UM_ERROR_NOCONV, key,
                                    "collision %lld is the last that is certain, %lld are left: %s",
                                    (long long)leap->to, (long long)left(run), why);
    run->ctx->error.level = leap->levels - 1;
    run->ctx->error.collision = leap->to;
    return status;
}

static int64_t next_of(const int64_t *list, size_t count, int64_t after, int64_t other)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (list[middle] <= after)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && list[low] < other ? list[low] : other;
}

/* The first collision after `after`, at most `last`, that something is kept of. */
static int64_t next_wanted(const um_run *run, int64_t after, int64_t last)
{
    const um_record *record = &run->spec->record;
    if (run->schedule.every) return after + 1;
    last = next_of(run->schedule.at, run->schedule.count, after, last);
    last = next_of(record->states, record->states_count, after, last);
    return next_of(record->wigner_at, record->wigner_count, after, last);
}

bool umi_run_wants(const um_run *run, int64_t collision)
{
    return next_wanted(run, collision - 1, INT64_MAX) == collision;
}

static um_status refuse_lab(um_run *run)
{
    um_status status = umi_fail_key(
        run->ctx, UM_ERROR_NOCONV, "stream.frame",
        "%lld collisions, no two of them alike (frame: lab, with counter-rotating terms), can only "
        "be stepped, and that would never end; use frame: locked, or ask for at most %g",
        (long long)left(run), (double)LAB_MAX);
    run->ctx->error.collision = run->collision;
    return status;
}

um_status umi_leap_advance(um_run *run, int64_t until, bool *went)
{
    *went = false;
    umi_leap *leap = run->leaps[run->stage];
    if (run->stage_done == 0 && left(run) > LAB_MAX && !um_map_get_info(run->map).stationary)
        return refuse_lab(run);
    if (!leap && is_worth_it(run)) UMI_TRY(begin(run, &leap));
    if (!leap) return UM_OK;
    UMI_TRY(umi_leap_build(run, leap));
    if (run->collision == leap->to) return fail(run, leap);
    int64_t last = until >= 0 && until < leap->to ? until : leap->to;
    *went = true;
    return umi_leap_go(run, leap, next_wanted(run, run->collision, last));
}
