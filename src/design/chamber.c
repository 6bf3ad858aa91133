/* What the closed form does not say: how fast the chamber is filled and calms down, and what it
 * loses when the trap is missed. */
#include <math.h>
#include <stdlib.h>

#include "design/design.h"

/* As the plateau of a run is found by default, and long enough for it to be still on at the end. */
enum { RELAXATIONS = 300, COLLISIONS_MIN = 2000 };

/* Without an answer to that accuracy the number stays unknown; all else is a failure. */
static um_status tolerate(um_status status)
{
    return status == UM_ERROR_NOCONV || status == UM_ERROR_DOMAIN ? UM_OK : status;
}

/* `error`: relative, of theta; 0: the trap itself. */
static um_status create_model(um_context *ctx, const um_design_options *options,
                              const um_design *design, double error, int64_t collisions,
                              um_model **model)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = spec.stages[0];
    spec.battery = options->battery;
    spec.battery.initial = (um_initial){.kind = UM_INITIAL_VACUUM};
    if (spec.battery.kind == UM_BATTERY_CAVITY) {
        spec.battery.levels = UM_LEVELS_AUTO;
        spec.battery.max_levels = UM_LEVELS_MAX;
    }
    stage.collisions = collisions;
    stage.atoms = (um_atoms){.q = design->q, .c = 1};
    if (error == 0) {
        stage.interaction.trap = design->trap;
        stage.interaction.half_turns = design->half_turns;
    } else {
        stage.interaction.theta = design->theta * (1 + error);
    }
    spec.stages = &stage;
    spec.record.observables = UM_QUANTITY_BIT(UM_ENERGY);
    return um_model_create(ctx, &spec, model);
}

/* Apart from the plateau itself, the mode that lives longest. */
static um_status add_relaxation(um_context *ctx, const um_model *model, um_design *design)
{
    um_spectrum spectrum;
    um_status status = um_spectrum_solve(ctx, model, 0, design->trap + 1, 2, false, &spectrum);
    if (status != UM_OK) return tolerate(status);
    size_t plateau = 0;
    for (size_t i = 1; i < spectrum.count; i++)
        if (spectrum.modes[i].decay < spectrum.modes[plateau].decay) plateau = i;
    double decay = INFINITY;
    for (size_t i = 0; i < spectrum.count; i++)
        if (i != plateau || spectrum.modes[i].multiplicity > 1)
            decay = fmin(decay, spectrum.modes[i].decay);
    if (isfinite(decay)) design->relaxation = 1 / decay;
    um_spectrum_clear(ctx, &spectrum);
    return UM_OK;
}

static um_status add_charging(um_context *ctx, const um_design_options *options, um_design *design)
{
    um_model *model;
    um_run *run = NULL;
    if (isnan(design->relaxation)) return UM_OK;
    double wanted = fmax(RELAXATIONS * design->relaxation, COLLISIONS_MIN);
    int64_t collisions = (int64_t)fmin(wanted, 1e15);
    UMI_TRY(create_model(ctx, options, design, 0, collisions, &model));
    um_status status = um_run_create(ctx, model, &run);
    if (status == UM_OK) status = um_run_advance(run, -1, NULL, NULL);
    if (status == UM_OK) status = um_run_finish(run, false);
    if (status == UM_OK) {
        const um_result *result = um_run_get_result(run);
        for (size_t i = 0; i < result->plateaus_count; i++)
            if (result->plateaus[i].end < 0)
                design->charging_time = result->plateaus[i].charging_time;
    }
    um_run_destroy(run);
    um_model_destroy(model);
    return tolerate(status);
}

/* What the closed form, which goes on beyond a missed trap, says of the leak. Cut above level n,
 * its state would stay if U were to turn the sign of |n, e>; U does something else, by 2 |cos(theta
 * d_(n+1)/2)| sqrt((1-q) p_n) in norm, and no more than that is lost per collision. The leak itself
 * is about the least p_n beyond the trap: what gets there does not come back. */
typedef struct outlook {
    double least, bound;
    int levels; /* where p_n is `grown` times the least, or the battery's end */
} outlook;

static outlook look_out(const um_design_options *options, const um_design *design, double error)
{
    static const long double grown = 1e7L, much = 1e-3L;
    const um_battery *battery = &options->battery;
    int limit = battery->kind == UM_BATTERY_CUSTOM ? battery->levels : UM_LEVELS_MAX;
    long double odds = umi_design_log_odds(design->q), theta = design->theta * (1.0L + error);
    /* Weights relative to that of level `design->trap`, so that none beyond it overflows. */
    long double weight = 0, inside = 1, outside = 0, least = 1;
    for (int n = design->trap; n > 0; n--) {
        long double half = theta * fabsl((long double)um_battery_get_lowering(battery, n)) / 2;
        weight -= odds + 2 * logl(fabsl(cosl(half) / sinl(half)));
        inside += expl(weight);
    }
    outlook out = {.least = (double)(1 / inside), .bound = 1, .levels = limit};
    weight = 0;
    for (int n = design->trap; n + 1 < limit; n++) {
        long double half = theta * fabsl((long double)um_battery_get_lowering(battery, n + 1)) / 2;
        long double p = expl(weight) / inside;
        if (n > design->trap) outside += p;
        if (outside < much)
            out.bound =
                fmin(out.bound, (double)(2 * fabsl(cosl(half)) * sqrtl((1 - design->q) * p)));
        least = fminl(least, p);
        out.least = (double)least;
        if (n > design->trap + 1 && p > grown * least) {
            out.levels = n + 1;
            break;
        }
        weight += odds + 2 * logl(fabsl(cosl(half) / sinl(half)));
    }
    return out;
}

typedef struct leak {
    double rate, bound; /* rate NAN: not known */
} leak;

/* Relative accuracy asked for; rates that are lost in rounding. */
static const double good = 0.01, hopeless = 1e-33;

/* How much is in the uppermost of some chambers that exchange with their neighbours alone: only
 * where it is nearly all can one neglect the coherences between them, which live long as well. */
static double get_share(const um_chamber *chambers, size_t count)
{
    double below = 0;
    for (size_t i = 1; i < count; i++)
        below = chambers[i].down > 0 ? (1 + below) * chambers[i].down / chambers[i - 1].leak : 0;
    return 1 / (1 + below);
}

/* Outwards goes what leaves the chamber below the trap, the last of `count`; with several half
 * turns there can be others below it. A loss faster than the plateau settles leaves none. */
static void read_leak(const um_design *design, const um_chamber *chambers, size_t count, leak *lost)
{
    double share = get_share(chambers, count);
    double rate = chambers[count - 1].leak * share;
    double error = fmax(chambers[count - 1].leak_error, 1 - share);
    if (isnan(chambers[count - 1].leak_error)) return;
    if (!(rate > 0 && error <= good) || rate * design->relaxation > 0.1) return;
    lost->rate = rate;
    lost->bound = fmin(lost->bound, rate * (1 + error));
}

/* How many there are up to the one that ends at the trap, or next to it: missed, the trap may be
 * nearer to another level. 0: there is none. */
static size_t find_chamber(const um_chamber *chambers, size_t count, const um_design *design,
                           double error)
{
    size_t found = 0;
    int room = (int)ceil(2.2 * fabs(error) * (design->trap + 1));
    for (size_t i = 0; i < count; i++) {
        int away = abs(chambers[i].last - design->trap);
        if (away > room || chambers[i].first > design->trap) continue;
        room = away;
        found = i + 1;
    }
    return found;
}

static um_status get_leak(um_context *ctx, const um_design_options *options,
                          const um_design *design, double error, leak *lost)
{
    um_model *model;
    um_chamber *chambers;
    size_t count;
    outlook out = look_out(options, design, error);
    *lost = (leak){NAN, out.bound};
    if (out.least < hopeless || design->trap + 1 > options->levels_max) return UM_OK;
    UMI_TRY(create_model(ctx, options, design, error, 0, &model));
    um_status status = um_chambers_solve(ctx, model, 0, out.levels, &chambers, &count);
    if (status == UM_OK) {
        size_t inside = find_chamber(chambers, count, design, error);
        if (inside > 0) read_leak(design, chambers, inside, lost);
        um_chambers_destroy(ctx, chambers, count);
    }
    um_model_destroy(model);
    return tolerate(status);
}

static um_status add_leak(um_context *ctx, const um_design_options *options, um_design *design)
{
    leak below, above;
    UMI_TRY(get_leak(ctx, options, design, -options->theta_error, &below));
    UMI_TRY(get_leak(ctx, options, design, options->theta_error, &above));
    bool known = !isnan(below.rate) && !isnan(above.rate);
    design->leak_missed = known ? fmax(below.rate, above.rate) : NAN;
    design->leak_bound = fmax(below.bound, above.bound);
    return UM_OK;
}

um_status umi_design_add_chamber(um_context *ctx, const um_design_options *options,
                                 um_design *design)
{
    um_status status = UM_OK;
    if (design->trap + 1 <= options->levels_max) {
        um_model *model;
        UMI_TRY(create_model(ctx, options, design, 0, 0, &model));
        status = add_relaxation(ctx, model, design);
        if (status == UM_OK) status = tolerate(umi_design_add_sensitivity(ctx, model, design));
        um_model_destroy(model);
        if (status == UM_OK) status = add_charging(ctx, options, design);
    }
    return status == UM_OK ? add_leak(ctx, options, design) : status;
}
