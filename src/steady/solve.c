/* Plateau, limit, chambers and spectrum of one stage's map for the model's initial state. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "charge/run.h"
#include "limit.h"
#include "map/generator.h"
#include "model/model.h"
#include "rest.h"
#include "steady/orders.h"

enum { EIGENVALUES = 10, LEVELS_LEAST = 64, LEVELS_MAX = 400, CLIMBING_MAX = 128 };

/* Change of an element in a collision, relative to the largest, that is not rounding. */
static const double TURNING = 1e-8;

typedef struct solver {
    um_context *ctx;
    const um_steady_options *options;
    um_model *model; /* one stage, to the horizon */
    um_run *run;
    um_steady *steady;
    bool populations; /* the user wants those of the records */
    um_error stopped; /* why the run ended early */
} solver;

um_status umi_steady_warn(um_context *ctx, um_steady *steady, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    um_status status =
        umi_warnings_add(ctx, &steady->warnings, &steady->warnings_count, format, arguments);
    va_end(arguments);
    return status;
}

/* The map is asked about, not when its stage ends. */
void umi_spec_of_stage(const um_model *model, size_t stage, um_spec *spec, um_stage *single)
{
    *spec = *um_model_get_spec(model);
    *single = spec->stages[stage];
    umi_stage_reopen(single);
    single->until = (um_until){0};
    spec->stages = single;
    spec->stages_count = 1;
    spec->record.at_count = spec->record.states_count = spec->record.wigner_count = 0;
    spec->record.wigner_grid.points = 0;
    spec->accuracy.method = UM_METHOD_AUTO;
}

/* Ergotropy costs as much as the way from record to record: it is found at few of them unless it is
 * wanted at all. */
static uint64_t choose_observables(const um_record *record)
{
    uint64_t chosen = record->observables;
    for (int i = 0; i < UM_QUANTITY_COUNT && record->observables == 0; i++)
        if (um_quantity_get_info(i)->by_default) chosen |= UM_QUANTITY_BIT(i);
    if (record->observables == 0 && record->has_fidelity) chosen |= UM_QUANTITY_BIT(UM_FIDELITY);
    return chosen | UM_QUANTITY_BIT(UM_ENERGY) | UM_QUANTITY_BIT(UM_PURITY) |
           UM_QUANTITY_BIT(UM_POPULATIONS);
}

static um_status derive_model(solver *it, const um_model *model, size_t stage)
{
    um_spec spec;
    um_stage single;
    umi_spec_of_stage(model, stage, &spec, &single);
    it->populations = spec.record.observables & UM_QUANTITY_BIT(UM_POPULATIONS);
    double horizon = fmin(spec.accuracy.horizon, (double)UMI_COLLISIONS_MAX);
    if (horizon < spec.accuracy.horizon)
        UMI_TRY(umi_steady_warn(it->ctx, it->steady,
                                "accuracy.horizon = %g: a run has at most %g collisions; what is "
                                "said holds as far as that",
                                spec.accuracy.horizon, horizon));
    if (!umi_stage_differs(&single) && !umi_generator_exists(model, stage) &&
        horizon > (double)UMI_STEPPED_MAX) {
        horizon = (double)UMI_STEPPED_MAX;
        UMI_TRY(umi_steady_warn(it->ctx, it->steady,
                                "fast-forward does not know this combination of environment and "
                                "imperfections: what is said holds as far as can be stepped, %g "
                                "collisions",
                                horizon));
    }
    single.collisions = llround(horizon);
    spec.record.mode = UM_RECORD_LOG;
    spec.record.observables = choose_observables(&spec.record);
    return um_model_create(it->ctx, &spec, &it->model);
}

static um_status charge(solver *it)
{
    UMI_TRY(um_run_create(it->ctx, it->model, &it->run));
    const um_steady_options *options = it->options;
    um_status status = um_run_advance(it->run, -1, options->monitor, options->user);
    if (status == UM_OK) return um_run_finish(it->run, true);
    if (status != UM_ERROR_NOCONV && status != UM_ERROR_INTERRUPTED) return status;
    it->stopped = it->ctx->error;
    um_status finished = um_run_finish(it->run, status == UM_ERROR_NOCONV);
    return finished == UM_OK ? status : finished;
}

/* A result of its own has texts of its own. */
static um_status own_texts(um_context *ctx, um_result *result)
{
    const char *kernel = result->kernel;
    result->kernel = kernel ? umi_strdup(ctx, kernel) : NULL;
    bool all = !kernel || result->kernel;
    for (size_t i = 0; i < result->stages_count; i++) {
        const char *method = result->stages[i].method;
        result->stages[i].method = method ? umi_strdup(ctx, method) : NULL;
        all = all && (!method || result->stages[i].method);
    }
    return all ? UM_OK : UM_ERROR_MEMORY;
}

static um_status take_result(solver *it)
{
    um_steady *steady = it->steady;
    um_result *result = steady->run = um_run_get_result(it->run); /* the run's until it ends */
    UMI_TRY(own_texts(it->ctx, result));
    UMI_TRY(umi_limit_start(it->run, steady));
    if (result->plateaus_count > 0) {
        steady->plateau = result->plateaus[0];
        steady->band_exit = steady->plateau.end >= 0 ? steady->plateau.end + 1 : -1;
    }
    for (size_t i = 0; i < result->warnings_count; i++)
        UMI_TRY(umi_steady_warn(it->ctx, steady, "%s", result->warnings[i]));
    if (result->status != UM_ERROR_NOCONV) return UM_OK;
    return umi_steady_warn(it->ctx, steady, "the run ended after collision %lld: %s",
                           (long long)result->collisions, it->stopped.message);
}

/* Populations at the record nearest to a collision: on a plateau they hardly change between two. */
static const double *find_populations(const um_result *run, int64_t collision)
{
    if (!run->populations || run->records == 0) return NULL;
    size_t best = 0;
    for (size_t i = 1; i < run->records; i++)
        if (llabs(run->collision[i] - collision) < llabs(run->collision[best] - collision))
            best = i;
    return run->populations + best * (size_t)run->population_levels;
}

static void fill_chambers(um_steady *steady)
{
    const um_result *run = steady->run;
    const double *populations =
        steady->plateau.charging_time >= 0 ? find_populations(run, steady->plateau.at) : NULL;
    const um_chamber *home = NULL;
    for (size_t i = 0; i < steady->chambers_count; i++) {
        um_chamber *chamber = &steady->chambers[i];
        chamber->population = NAN;
        if (!populations) continue;
        chamber->population = umi_chamber_holds(chamber, populations, run->population_levels);
        if (chamber->population > (home ? home->population : 0)) home = chamber;
    }
    if (home && home->leak > 0)
        steady->lifetime = 1 / home->leak;
    else if (home && home->exact)
        steady->lifetime = INFINITY;
}

/* Not converged or not there: the rest is worth having without it. */
static um_status forgive(solver *it, um_status status, const char *what)
{
    if (status != UM_ERROR_NOCONV && status != UM_ERROR_UNSUPPORTED) return status;
    return umi_steady_warn(it->ctx, it->steady, "no %s: %s", what, it->ctx->error.message);
}

/* An empty list would look as if none had been found. */
static um_status explain_no_chambers(solver *it)
{
    const um_stage *stage = &um_model_get_spec(it->model)->stages[0];
    umi_traps traps = umi_generator_get_traps(it->model, 0);
    if (stage->interaction.counter_rotating > 0 || traps == UMI_TRAPS_CLOSED) return UM_OK;
    bool open = stage->environment.kappa > 0;
    return umi_steady_warn(it->ctx, it->steady,
                           "no chambers: %s, so that no trap is closed and nothing is kept "
                           "between two of them",
                           open && traps == UMI_TRAPS_CEILING ? "photons get lost"
                           : open ? "the environment takes and gives photons"
                           : umi_stage_is_open_inside(stage)
                               ? "the environment acts while an atom is inside"
                               : "interaction times or detunings scatter");
}

/* The levels that were named, or those that the run needed. Where the battery climbs out of every
 * space there is no point in a large one. */
static um_status choose_levels(solver *it, int *levels)
{
    const um_result *run = it->steady->run;
    const um_forward_summary *forward = &run->stages[0].forward;
    int all = run->truncation.levels, most = run->status != UM_OK ? CLIMBING_MAX
                                             : umi_orders_are_apart(it->model, 0) ? UMI_ORDERS_LEVELS
                                                                                  : LEVELS_MAX;
    bool automatic = um_model_get_spec(it->model)->battery.levels == UM_LEVELS_AUTO;
    if (automatic && forward->from >= 0)
        all = umi_min(all, umi_max(LEVELS_LEAST, forward->levels + 1));
    *levels = umi_min(all, most);
    if (*levels == all) return UM_OK;
    return umi_steady_warn(it->ctx, it->steady,
                           "chambers and spectrum are those of the lowest %d of %d levels", *levels,
                           all);
}

static bool asked_to_stop(const solver *it)
{
    const um_result *run = it->steady->run;
    um_progress progress = {.done = run->collisions, .total = run->collisions};
    if (run->records > 0 && run->series[UM_ENERGY])
        progress.energy = run->series[UM_ENERGY][run->records - 1];
    return it->options->monitor && !it->options->monitor(it->options->user, &progress);
}

/* A plateau that is the limit lasts for ever. A limit of the energy need not be one of the state. */
static um_status describe_limit(solver *it)
{
    um_steady *steady = it->steady;
    if (steady->plateau.charging_time >= 0 && steady->plateau.end < 0) steady->lifetime = INFINITY;
    double once, twice;
    UMI_TRY(umi_rest_find_turning(it->ctx, it->model, um_run_get_state(it->run), &once, &twice));
    if (once < TURNING) return UM_OK;
    return umi_steady_warn(it->ctx, steady,
                           "energy, ergotropy and purity stay; the state %s: coherences between "
                           "its chambers do not decay, and %s at every collision",
                           twice < TURNING ? "alternates between two" : "does not",
                           twice < TURNING ? "change their sign" : "turn their phase");
}

static um_status analyse(solver *it)
{
    um_context *ctx = it->ctx;
    um_steady *steady = it->steady;
    int levels, wanted = it->options->eigenvalues;
    UMI_TRY(choose_levels(it, &levels));
    if (wanted <= 0) wanted = EIGENVALUES;
    if (asked_to_stop(it))
        return umi_fail(ctx, UM_ERROR_INTERRUPTED, "stopped before the spectrum");
    um_status status = um_spectrum_solve(ctx, it->model, 0, levels, wanted, true, &steady->spectrum);
    if (status == UM_OK && steady->spectrum.count == 0 && steady->spectrum.dropped > 0)
        UMI_TRY(umi_steady_warn(ctx, steady,
                                "no mode is listed: the %d leading ones of %d levels live on their "
                                "artificial top; more levels, or eigenvalues, would show others",
                                steady->spectrum.dropped, steady->spectrum.levels));
    if (status == UM_OK && steady->spectrum.unsure > 0)
        UMI_TRY(umi_steady_warn(ctx, steady,
                                "%d of the modes of %d levels are not listed: rounding moves them by "
                                "more than 1e-3",
                                steady->spectrum.unsure, steady->spectrum.levels));
    UMI_TRY(forgive(it, status, "spectrum"));
    if (asked_to_stop(it))
        return umi_fail(ctx, UM_ERROR_INTERRUPTED, "stopped before the chambers");
    status =
        um_chambers_solve(ctx, it->model, 0, levels, &steady->chambers, &steady->chambers_count);
    UMI_TRY(forgive(it, status, "chambers"));
    UMI_TRY(explain_no_chambers(it));
    UMI_TRY(um_stationary_solve(ctx, it->model, 0, &steady->stationary));
    fill_chambers(steady);
    if (asked_to_stop(it)) return umi_fail(ctx, UM_ERROR_INTERRUPTED, "stopped before the limit");
    UMI_TRY(umi_limit_decide(ctx, it->model, it->run, it->options, steady));
    return steady->limit.status == UM_LIMIT_REACHED ? describe_limit(it) : UM_OK;
}

static um_status check_stage(um_context *ctx, const um_model *model, size_t stage)
{
    const um_spec *spec = um_model_get_spec(model);
    if (stage >= spec->stages_count)
        return umi_fail(ctx, UM_ERROR_ARG, "there is no stage %zu; the model has 0 to %zu", stage,
                        spec->stages_count - 1);
    const um_stage *chosen = &spec->stages[stage];
    char key[64];
    snprintf(key, sizeof key, "stages[%zu].%s", stage, umi_stage_get_word(chosen->kind));
    if (!umi_stage_has_collisions(chosen))
        return umi_fail_key(ctx, UM_ERROR_CONFIG, key,
                            "nothing collides in stage %zu: there is no map to be repeated; take a "
                            "stage of kind charge or discharge", stage);
    if (chosen->interaction.counter_rotating > 0 && chosen->stream.frame == UM_FRAME_LAB)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "stream.frame",
                            "in the lab frame collisions with counter-rotating terms differ from "
                            "each other: there is no map to be repeated; use frame: locked");
    return UM_OK;
}

static um_status solve(solver *it, const um_model *model, size_t stage)
{
    UMI_TRY(derive_model(it, model, stage));
    um_status charged = charge(it);
    if (charged != UM_OK && charged != UM_ERROR_NOCONV && charged != UM_ERROR_INTERRUPTED)
        return charged;
    UMI_TRY(take_result(it));
    um_status status = charged == UM_ERROR_INTERRUPTED ? charged : analyse(it);
    if (it->steady->run->populations && !it->populations) {
        umi_free(it->ctx, it->steady->run->populations);
        it->steady->run->populations = NULL;
        it->steady->run->population_levels = 0;
    }
    if (status == UM_OK && charged == UM_ERROR_NOCONV) it->ctx->error = it->stopped;
    return status == UM_OK ? charged : status;
}

um_status um_steady_solve(um_context *ctx, const um_model *model, size_t stage,
                          const um_steady_options *options, um_steady **steady)
{
    static const um_steady_options standard = {0};
    double begun = umi_seconds();
    *steady = NULL;
    UMI_TRY(check_stage(ctx, model, stage));
    solver it = {.ctx = ctx, .options = options ? options : &standard};
    it.steady = UMI_NEW(ctx, um_steady);
    if (!it.steady) return UM_ERROR_MEMORY;
    it.steady->plateau = (um_plateau){-1, -1, -1, NAN, NAN, NAN, -1, -1};
    it.steady->lifetime = NAN;
    um_stationary_clear(ctx, &it.steady->stationary);
    it.steady->band_exit = -1;
    um_status status = solve(&it, model, stage);
    if (it.steady->run) it.run->result = NULL;
    um_run_destroy(it.run);
    um_model_destroy(it.model);
    it.steady->status = status;
    it.steady->wall_seconds = umi_seconds() - begun;
    bool partial = status == UM_ERROR_NOCONV || status == UM_ERROR_INTERRUPTED;
    if (status != UM_OK && !(partial && it.steady->run)) {
        um_steady_destroy(ctx, it.steady);
        return status;
    }
    *steady = it.steady;
    return status;
}

void um_steady_destroy(um_context *ctx, um_steady *steady)
{
    if (!steady) return;
    um_spectrum_clear(ctx, &steady->spectrum);
    um_stationary_clear(ctx, &steady->stationary);
    um_chambers_destroy(ctx, steady->chambers, steady->chambers_count);
    um_result_destroy(ctx, steady->run);
    for (size_t i = 0; i < steady->warnings_count; i++) umi_free(ctx, steady->warnings[i]);
    umi_free(ctx, steady->warnings);
    umi_free(ctx, steady);
}
