/* Where a battery goes in the end, as far as that is certain.
 *
 * A curve that is flat is no limit: behind a trap that is only nearly closed it may be flat for
 * 1e13 collisions and climb on. A limit is reached when nothing is left that could move: the state
 * lies in a space that it cannot leave (below an exact trap, or all of a finite battery), or in one
 * that does not depend on where it was cut; and every mode of the map on that space either stays
 * for ever or has died out. */
#include "limit.h"

#include <math.h>

#include "charge/run.h"
#include "map/generator.h"
#include "rest.h"

static const double STILL = 1e-9; /* change that counts as none, relative above 1 */
static const double RISE = 1e-6;  /* of the energy in a decade, relative: it climbs */

const char *um_limit_status_get_name(um_limit_status status)
{
    switch (status) {
    case UM_LIMIT_REACHED:
        return "reached";
    case UM_LIMIT_ESCAPES:
        return "escapes";
    case UM_LIMIT_UNDECIDED:
        break;
    }
    return "undecided";
}

static bool is_same(double a, double b) { return fabs(a - b) <= STILL * fmax(1, fabs(b)); }

/* As far as is recorded; ergotropy need not be. */
static bool is_same_record(const um_result *run, size_t i, size_t j)
{
    static const um_quantity looked_at[] = {UM_ENERGY, UM_ERGOTROPY, UM_PURITY};
    for (int k = 0; k < 3; k++) {
        const double *series = run->series[looked_at[k]];
        if (series && !is_same(series[i], series[j])) return false;
    }
    return true;
}

/* The first record from which nothing changes any more; the last one if that is all. */
static size_t find_still(const um_result *run)
{
    size_t last = run->records - 1, first = last;
    while (first > 0 && is_same_record(run, first - 1, last)) first--;
    return first;
}

static um_status get_ergotropy(um_run *run, double *ergotropy)
{
    um_ergotropy of;
    UMI_TRY(umi_run_ergotropy(run, run->state, &of, NULL));
    *ergotropy = of.total;
    return UM_OK;
}

/* The same after an earlier collision. */
static um_status get_ergotropy_at(um_run *run, um_run *again, int64_t collision, double *ergotropy)
{
    UMI_TRY(umi_run_go_again(run, again, collision));
    return get_ergotropy(again, ergotropy);
}

/* Ergotropy that was not recorded may come to rest later than energy and purity. */
static um_status await_ergotropy(um_run *run, const um_steady *steady, size_t *still)
{
    const um_result *result = steady->run;
    if (result->series[UM_ERGOTROPY]) return UM_OK;
    um_run *again;
    UMI_TRY(umi_run_begin_replay(run, &again));
    um_status status = UM_OK;
    for (; *still + 1 < result->records; ++*still) {
        double ergotropy;
        status = get_ergotropy_at(run, again, result->collision[*still], &ergotropy);
        if (status != UM_OK || is_same(ergotropy, steady->limit.ergotropy)) break;
    }
    um_run_destroy(again);
    return status;
}

/* The run once more with twice the levels, to the same last record. */
static um_status check_doubled(um_context *ctx, const um_model *model,
                               const um_steady_options *options, const um_steady *steady, bool *same)
{
    const um_result *run = steady->run;
    const um_spec *given = um_model_get_spec(model);
    um_spec spec;
    um_stage stage;
    umi_spec_of_stage(model, 0, &spec, &stage);
    int64_t at[] = {run->collision[run->records - 1]};
    *same = false;
    int levels = given->battery.levels ? given->battery.levels : run->truncation.levels;
    if (2 * levels > UM_LEVELS_MAX) return UM_OK;
    stage.collisions = at[0];
    spec.battery.levels = 2 * levels;
    spec.battery.max_levels = umi_max(2 * levels, given->battery.max_levels);
    spec.record.mode = UM_RECORD_LIST;
    spec.record.at = at;
    spec.record.at_count = 1;
    spec.record.observables =
        UM_QUANTITY_BIT(UM_ENERGY) | UM_QUANTITY_BIT(UM_ERGOTROPY) | UM_QUANTITY_BIT(UM_PURITY);
    um_model *larger = NULL;
    um_run *again = NULL;
    um_status status = um_model_create(ctx, &spec, &larger);
    if (status == UM_OK) status = um_run_create(ctx, larger, &again);
    if (status == UM_OK)
        status = um_run_advance(again, -1, options->monitor, options->user);
    if (status == UM_OK) {
        const um_result *other = um_run_get_result(again);
        const um_limit *limit = &steady->limit;
        *same = other->records == 1 && is_same(other->series[UM_ENERGY][0], limit->energy) &&
                is_same(other->series[UM_ERGOTROPY][0], limit->ergotropy) &&
                is_same(other->series[UM_PURITY][0], limit->purity);
    }
    um_run_destroy(again);
    um_model_destroy(larger);
    return status == UM_ERROR_NOCONV || status == UM_ERROR_CONFIG ? UM_OK : status;
}

/* A state that stands at the top of a truncated space is another one in twice the levels. */
static bool is_at_the_top(const um_result *run)
{
    int levels = run->final_levels;
    double top = 0;
    for (int n = umi_max(levels - 2, 0); n < levels; n++) top += run->final_populations[n];
    return levels >= run->truncation.levels && top > STILL;
}

double umi_chamber_holds(const um_chamber *chamber, const double *populations, int levels)
{
    double sum = 0;
    for (int n = chamber->first; n <= chamber->last && n < levels; n++) sum += populations[n];
    return sum;
}

/* Whether the energy rose over the last decade of the run. */
static bool is_rising(const um_result *run)
{
    size_t last = run->records - 1, before = last;
    const double *energy = run->series[UM_ENERGY];
    while (before > 0 && run->collision[before] > run->collision[last] / 10) before--;
    return energy[last] - energy[before] > RISE * fmax(1, energy[last]);
}

/* Of the chambers that lose more upwards than comes back, the one that holds most of the state. What
 * comes back from levels that are no chamber is not known: with inverted atoms it is less. */
static const um_chamber *find_leaking(const um_steady *steady, bool inverted)
{
    const um_result *run = steady->run;
    const um_chamber *end = steady->chambers + steady->chambers_count, *found = NULL;
    double most = UMI_OUTSIDE;
    for (const um_chamber *it = steady->chambers; it < end; it++) {
        if (it->exact || it->open || !(it->leak > 0)) continue;
        bool adjacent = it + 1 < end && it[1].first == it->last + 1;
        if (adjacent ? it[1].down >= it->leak : !inverted) continue;
        double held = umi_chamber_holds(it, run->final_populations, run->final_levels);
        if (held <= most) continue;
        most = held;
        found = it;
    }
    return found;
}

/* With more excited than ground-state atoms no state of an unbounded battery is at rest short of an
 * exact trap. */
static bool is_driven_up(const um_spec *spec)
{
    /* Losses that grow with the level win in the end. */
    bool held = spec->stages[0].environment.kappa > 0 && spec->battery.kind == UM_BATTERY_CAVITY;
    return !held && umi_rest_is_unbounded(&spec->battery) && spec->stages[0].atoms.q < 0.5;
}

static um_status look_for_climb(um_context *ctx, const um_model *model, um_steady *steady)
{
    int trap;
    if (!is_driven_up(um_model_get_spec(model)) || !is_rising(steady->run)) return UM_OK;
    UMI_TRY(umi_rest_find_trap_above(ctx, model, steady->run->final_levels, &trap));
    if (trap == 0) {
        steady->limit.status = UM_LIMIT_ESCAPES;
        return UM_OK;
    }
    return umi_steady_warn(ctx, steady,
                           "it may climb as far as the exact trap at level %d: raise "
                           "battery.max_levels beyond that", trap - 1);
}

static um_status look_for_escape(um_context *ctx, const um_model *model, bool closed,
                                 um_steady *steady)
{
    bool inverted = um_model_get_spec(model)->stages[0].atoms.q < 0.5;
    const um_chamber *leaking = find_leaking(steady, inverted);
    if (!leaking) return closed ? UM_OK : look_for_climb(ctx, model, steady);
    steady->limit.status = UM_LIMIT_ESCAPES;
    steady->limit.level = leaking->last + 1;
    return UM_OK;
}

/* Without its guard a run goes on in the space it was given, and what it gives in the end is that
 * space's own. */
static um_status drop_made_up(um_context *ctx, const um_model *model, um_steady *steady)
{
    const um_spec *spec = um_model_get_spec(model);
    const um_truncation *truncation = &steady->run->truncation;
    if (spec->accuracy.truncation < 1 || !umi_rest_is_unbounded(&spec->battery)) return UM_OK;
    if (truncation->error_bound <= STILL) return UM_OK;
    um_limit *limit = &steady->limit;
    limit->collision = -1;
    limit->energy = limit->ergotropy = limit->purity = NAN;
    return umi_steady_warn(ctx, steady,
                           "the run is that of a battery cut at %d levels (accuracy.truncation = "
                           "%g): where it ends is of the cut's making and not given",
                           truncation->levels, spec->accuracy.truncation);
}

um_status umi_limit_start(um_run *run, um_steady *steady)
{
    const um_result *result = steady->run;
    um_limit *limit = &steady->limit;
    *limit = (um_limit){UM_LIMIT_UNDECIDED, -1, NAN, NAN, NAN, -1};
    if (result->records == 0) return UM_OK;
    size_t last = result->records - 1;
    limit->collision = result->collision[last];
    limit->energy = result->series[UM_ENERGY][last];
    limit->purity = result->series[UM_PURITY][last];
    if (result->series[UM_ERGOTROPY]) {
        limit->ergotropy = result->series[UM_ERGOTROPY][last];
        return UM_OK;
    }
    if (run->collision == limit->collision) return get_ergotropy(run, &limit->ergotropy);
    if (result->status == UM_ERROR_INTERRUPTED) return UM_OK;
    um_run *again;
    UMI_TRY(umi_run_begin_replay(run, &again));
    um_status status = get_ergotropy_at(run, again, limit->collision, &limit->ergotropy);
    um_run_destroy(again);
    return status;
}

/* One chamber from the ground up without a trap above it: there is nothing behind which a flat curve
 * could be about to rise. */
static bool has_no_trap(const um_model *model, const um_steady *steady)
{
    const um_chamber *only = steady->chambers;
    if (um_model_get_spec(model)->stages[0].interaction.counter_rotating == 0 &&
        umi_generator_get_traps(model, 0) == UMI_TRAPS_NONE)
        return true;
    return steady->chambers_count == 1 && only->first == 0 && only->open;
}

/* Where what holds the state leaks upwards, and nothing short of an exact trap is at rest, a space
 * that shows nothing moving is too small. */
static bool is_leaving(const um_model *model, const um_steady *steady)
{
    return is_driven_up(um_model_get_spec(model)) && find_leaking(steady, true) != NULL;
}

/* All comes to the one fixed point, and a collision takes no two states farther apart. */
static bool is_stationary(const um_steady *steady)
{
    const um_result *run = steady->run;
    const um_stationary *rest = &steady->stationary;
    if (rest->levels == 0 || !is_same(steady->limit.purity, rest->purity)) return false;
    double apart = 0;
    for (int n = 0; n < umi_max(rest->levels, run->final_levels); n++) {
        double here = n < run->final_levels ? run->final_populations[n] : 0;
        apart += fabs(here - (n < rest->levels ? rest->populations[n] : 0));
    }
    return apart <= STILL;
}

/* Whether a flat curve is flat because nothing is left that could move. */
static um_status look_for_rest(um_context *ctx, const um_model *model, const um_steady_options *options,
                               const umi_rest_space *space, const um_steady *steady,
                               umi_limit_reason *why)
{
    const um_result *result = steady->run;
    umi_rest rest;
    UMI_TRY(umi_rest_check_modes(ctx, model, space, (double)steady->limit.collision, &steady->spectrum,
                                 &rest, &why->relaxation));
    why->levels = space->levels;
    bool settled = rest == UMI_REST_SETTLED;
    if (rest == UMI_REST_UNKNOWN) settled = has_no_trap(model, steady);
    why->of = settled                    ? UMI_LIMIT_SETTLED
              : rest == UMI_REST_LARGE   ? UMI_LIMIT_LARGE
              : rest == UMI_REST_UNKNOWN ? UMI_LIMIT_UNKNOWN
                                         : UMI_LIMIT_MODE;
    /* Below an exact trap, and in a finite battery, more levels change nothing. */
    if (!settled || space->closed) return UM_OK;
    if (is_at_the_top(result) || is_leaving(model, steady)) settled = false;
    /* A finite battery has no more levels than it was given. */
    bool more = umi_rest_is_unbounded(&um_model_get_spec(model)->battery);
    if (settled && more) UMI_TRY(check_doubled(ctx, model, options, steady, &settled));
    if (!settled) why->of = UMI_LIMIT_TOP;
    return UM_OK;
}

um_status umi_limit_decide(um_context *ctx, const um_model *model, um_run *run,
                           const um_steady_options *options, um_steady *steady)
{
    const um_result *result = steady->run;
    um_limit *limit = &steady->limit;
    if (result->records == 0 || !result->final_populations) return UM_OK;
    size_t still = find_still(result);
    umi_rest_space space;
    UMI_TRY(umi_rest_find_space(ctx, model, result->final_populations, result->final_levels,
                                result->truncation.levels, &space));
    double done = (double)limit->collision;
    bool flat = result->status == UM_OK && (double)result->collision[still] <= done / 10;
    umi_limit_reason why = {.of = flat ? UMI_LIMIT_SETTLED : UMI_LIMIT_MOVING, .relaxation = NAN};
    if (flat && !is_stationary(steady))
        UMI_TRY(look_for_rest(ctx, model, options, &space, steady, &why));
    if (why.of == UMI_LIMIT_SETTLED) UMI_TRY(await_ergotropy(run, steady, &still));
    if (why.of == UMI_LIMIT_SETTLED && (double)result->collision[still] <= done / 10) {
        limit->status = UM_LIMIT_REACHED;
        limit->collision = result->collision[still];
        return UM_OK;
    }
    UMI_TRY(look_for_escape(ctx, model, space.closed, steady));
    if (!space.closed) UMI_TRY(drop_made_up(ctx, model, steady));
    return umi_limit_explain(ctx, model, &why, steady);
}
