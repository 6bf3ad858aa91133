/* When a leap begins, what it stops at, and what is said where it cannot go on. */
#include <stdio.h>

#include "charge/climb.h"
#include "charge/leap.h"
#include "forward/dense.h"
#include "map/generator.h"
#include "map/map.h"
#include "state/state.h"

/* Collisions of a stage at which compression is tried: the fast part of the motion must be over. On
 * a fixed grid, so that the outcome does not depend on how a run came here. */
enum { FIRST_START = 1 << 10, LAST_START = 1 << 20, START_RATIO = 4, FIRST_LOOK = 1 << 6 };
/* What compression costs in collisions, about. */
static const double COST_FIXED = 1e4, COST_PER_LEVEL = 500;
/* What a battery that climbs out of all levels may cost, in elements of the state (2 ns each): to
 * have a compression tried that would fail, and to be stepped to the next octave. */
static const double AREA_TRIED = 3e4, WORK_STEPPED = 6e9;

static int64_t left(const um_run *run)
{
    return run->spec->stages[run->stage].collisions - run->stage_done;
}

/* Steps with counter-rotating terms cost levels^3: they are looked at early. */
static bool is_dense(const um_run *run) { return umi_is_dense(run->model, run->stage); }

static bool is_octave(const um_run *run)
{
    int64_t done = run->stage_done;
    return done >= (is_dense(run) ? FIRST_LOOK : FIRST_START) && (done & (done - 1)) == 0;
}

static bool is_start(int64_t done)
{
    int64_t start = FIRST_START;
    while (start < done && start < LAST_START) start *= START_RATIO;
    return start == done;
}

static bool may_leap(const um_run *run)
{
    return run->spec->accuracy.method != UM_METHOD_STEP && !run->silent &&
           run->refused != (int64_t)run->stage && um_map_get_info(run->map).stationary &&
           umi_generator_exists(run->model, run->stage);
}

static bool is_worth_it(const um_run *run)
{
    double cost = COST_FIXED + COST_PER_LEVEL * um_state_get_window(run->state).last;
    return run->spec->accuracy.method == UM_METHOD_FORWARD || (double)left(run) > cost;
}

bool umi_leap_is_never_tried(const um_spec *spec, size_t stage)
{
    int64_t after = spec->stages[stage].collisions - FIRST_START;
    return spec->accuracy.method == UM_METHOD_STEP || after <= 0 ||
           (spec->accuracy.method == UM_METHOD_AUTO && (double)after <= COST_FIXED);
}

/* Steps are no way to the end, or not the one that was asked for. */
static bool is_endless(const um_run *run)
{
    return left(run) > UMI_STEPPED_MAX ||
           (is_dense(run) && run->spec->accuracy.method == UM_METHOD_FORWARD);
}

/* No later start will be tried. */
static bool is_final(const um_run *run)
{
    return run->stage_done == LAST_START || left(run) <= (START_RATIO - 1) * run->stage_done;
}

static um_status fill(um_run *run, const umi_leap_space *space, umi_leap *leap)
{
    const umi_layout *layout = umi_trajectory_layout(space->trajectory);
    um_window window = um_state_get_window(run->state);
    int last = layout->levels; /* after so many steps */
    for (int i = 0; i < UMI_LEAP_STEPS && last < run->levels_limit; i++)
        last += umi_map_get_climb(run->map, last);
    *leap = (umi_leap){
        .stage = run->stage,
        .start = run->collision,
        .to = run->collision + space->certain,
        .stage_done = run->stage_done,
        .end = space->end,
        .levels = layout->levels,
        .orders = layout->orders,
        .room = umi_max(umi_min(last, run->levels_limit), window.levels),
        .truncation = space->truncation,
        .totals = run->totals,
        .curve = umi_curve_get_mark(&run->curve),
        .sampled = umi_curve_get_mark(&run->curve),
        .power = UMI_NO_POWER,
    };
    UMI_TRY(um_state_create(run->ctx, window.levels, 1, 0, 0, &leap->state));
    return um_state_copy(leap->state, run->state);
}

static um_status take(um_run *run, umi_leap_space *space, umi_leap **leap)
{
    umi_leap *made = UMI_NEW(run->ctx, umi_leap);
    um_status status = made ? fill(run, space, made) : UM_ERROR_MEMORY;
    if (status != UM_OK) {
        umi_leap_destroy(run->ctx, made);
        return status;
    }
    made->trajectory = space->trajectory;
    *leap = run->leaps[run->stage] = made;
    return UM_OK;
}

static um_status fail_named(um_run *run, umi_leap *leap)
{
    int64_t next = leap->to + 1 - leap->start;
    double above = umi_trajectory_value(leap->trajectory, next, UMI_FOLLOW_ABOVE);
    return umi_run_fail_named(run, above);
}

static const char *levels_key(const um_run *run)
{
    return run->spec->battery.levels == UM_LEVELS_AUTO ? "battery.max_levels" : "battery.levels";
}

static int levels_now(const um_run *run)
{
    const um_battery *battery = &run->spec->battery;
    return battery->levels == UM_LEVELS_AUTO ? battery->max_levels : battery->levels;
}

static um_status fail_after(um_run *run, const char *key, int levels, const char *why)
{
    um_status status = umi_fail_key(run->ctx, UM_ERROR_NOCONV, key,
                                    "collision %lld is the last that is certain, %lld are left: %s",
                                    (long long)run->collision, (long long)left(run), why);
    run->ctx->error.level = levels - 1;
    run->ctx->error.collision = run->collision;
    return status;
}

/* Why nothing larger, or farther, was certain. */
static um_status fail_space(um_run *run, umi_leap_end end, int levels)
{
    const char *key = levels_key(run);
    char why[250];
    switch (end) {
    case UMI_LEAP_LEVELS:
        if (is_dense(run) && run->levels_limit > UMI_DENSE_LEVELS) {
            key = "interaction.counter_rotating";
            snprintf(why, sizeof why,
                     "the battery climbs beyond %d levels, the most that fast-forward can have with "
                     "counter-rotating terms; ask for fewer collisions, or for accuracy.method: step",
                     levels);
        } else {
            snprintf(why, sizeof why, "the battery climbs beyond %d levels; raise %s (now %d)",
                     levels, key, levels_now(run));
        }
        break;
    case UMI_LEAP_MEMORY:
        snprintf(why, sizeof why,
                 "%d levels need more memory than fast-forward may have; ask for fewer collisions",
                 levels);
        break;
    default:
        key = "accuracy.truncation";
        snprintf(why, sizeof why,
                 "the error of fast-forward is not known to be below %.3g any further; raise "
                 "accuracy.truncation (now %g)",
                 umi_leap_tolerance(run->spec, run->stage), run->spec->accuracy.truncation);
    }
    return fail_after(run, key, levels, why);
}

/* Nothing but steps leads on, ever more costly ones, and to the top. */
static um_status fail_climb(um_run *run)
{
    char why[300];
    if (is_dense(run) && um_state_get_window(run->state).last > UMI_DENSE_LEVELS)
        return fail_space(run, UMI_LEAP_LEVELS, UMI_DENSE_LEVELS);
    snprintf(why, sizeof why,
             "the battery climbs in a way that only steps can follow, ever more costly ones, until "
             "%s (now %d) is reached; ask for fewer collisions, or for accuracy.method: step",
             levels_key(run), levels_now(run));
    return fail_after(run, levels_key(run), um_state_get_window(run->state).last, why);
}

/* *leap NULL: the run goes on by steps, for now or for good. */
static um_status begin(um_run *run, umi_leap **leap)
{
    umi_leap_space space;
    bool final = is_final(run);
    UMI_TRY(umi_leap_find_space(run, left(run), final, &space));
    bool complete = space.end == UMI_LEAP_COMPLETE || space.end == UMI_LEAP_NAMED;
    bool wait = space.end == UMI_LEAP_NAMED || /* the next step will fail */
                (!complete && !final && (space.end == UMI_LEAP_BOUND || space.certain == 0));
    bool endless = is_endless(run);
    um_status status = UM_OK;
    if (space.certain > 0 && (complete || (!wait && endless)))
        status = take(run, &space, leap);
    else if (!wait && endless)
        status = fail_space(run, space.end, space.levels);
    else if (!wait)
        run->refused = (int64_t)run->stage;
    if (!*leap) umi_trajectory_destroy(space.trajectory);
    return status;
}

/* At the collisions where something can be decided: a leap, or the end; else steps. */
static um_status decide(um_run *run, umi_leap **leap)
{
    umi_climb climb = umi_climb_look(run);
    bool final = is_final(run);
    bool hopeless = climb.gone || (climb.ahead && climb.area > AREA_TRIED && !final);
    if (is_start(run->stage_done) && is_worth_it(run) && !hopeless) UMI_TRY(begin(run, leap));
    if (*leap || !climb.ahead || !is_endless(run)) return UM_OK;
    bool over = umi_climb_work(run, &climb) > WORK_STEPPED || (climb.gone && final);
    return over ? fail_climb(run) : UM_OK;
}

int64_t umi_leap_next_wanted(const um_run *run, int64_t after, int64_t last)
{
    const um_record *record = &run->spec->record;
    last = umi_schedule_next(&run->schedule, after, last);
    last = umi_list_next(record->states, record->states_count, after, last);
    return umi_list_next(record->wigner_at, record->wigner_count, after, last);
}

um_status umi_leap_advance(um_run *run, int64_t until, bool *went)
{
    *went = false;
    umi_leap *leap = run->leaps[run->stage];
    if (!leap && is_octave(run) && may_leap(run)) UMI_TRY(decide(run, &leap));
    if (!leap) return UM_OK;
    UMI_TRY(umi_leap_build(run, leap));
    if (run->collision == leap->to)
        return leap->end == UMI_LEAP_NAMED ? fail_named(run, leap)
                                           : fail_space(run, leap->end, leap->levels);
    int64_t last = until >= 0 && until < leap->to ? until : leap->to;
    *went = true;
    return umi_leap_go(run, leap, umi_leap_next_wanted(run, run->collision, last));
}
