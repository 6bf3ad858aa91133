/* A run: collisions one after another, stage by stage. */
#include "charge/leap.h"

#include "map/generator.h"
#include "map/map.h"
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LOOK_AT_CLOCK_EVERY = 64, AUTO_LEVELS_FIRST = 64 };
/* Roundings between two normalisations take less than this of the trace. */
static const double LEFT_MIN = 1e-12;
static const int64_t DIFFERENT_MAX = INT64_C(10000000000);

static bool is_auto(const um_run *run) { return run->spec->battery.levels == UM_LEVELS_AUTO; }

int umi_run_levels(const um_run *run)
{
    return is_auto(run) ? um_state_get_window(run->state).levels : run->spec->battery.levels;
}

/* Besides the defaults, what has a meaning in this protocol. */
static uint64_t chosen_observables(const um_spec *spec)
{
    static const uint64_t delivery = UM_QUANTITY_BIT(UM_ATOM_ENERGY) |
                                     UM_QUANTITY_BIT(UM_ATOM_ERGOTROPY) |
                                     UM_QUANTITY_BIT(UM_DELIVERED_ENERGY) |
                                     UM_QUANTITY_BIT(UM_DELIVERED_ERGOTROPY);
    uint64_t chosen = spec->record.observables;
    if (chosen) return chosen;
    for (int i = 0; i < UM_QUANTITY_COUNT; i++)
        if (um_quantity_get_info(i)->by_default) chosen |= UM_QUANTITY_BIT(i);
    if (spec->record.has_fidelity) chosen |= UM_QUANTITY_BIT(UM_FIDELITY);
    for (size_t i = 0; i < spec->stages_count; i++) {
        const um_stage *stage = &spec->stages[i];
        if (umi_stage_is_open_inside(stage) || umi_stage_is_open_outside(stage))
            chosen |= UM_QUANTITY_BIT(UM_HEAT);
        if (stage->kind == UM_STAGE_DISCHARGE) chosen |= delivery;
    }
    return chosen;
}

/* Maps that differ at every collision can only be stepped: no more than anybody would wait for. */
static um_status check_different(const um_run *run)
{
    for (size_t i = 0; i < run->spec->stages_count; i++) {
        const um_stage *stage = &run->spec->stages[i];
        if (!umi_stage_differs(stage) || stage->collisions <= DIFFERENT_MAX) continue;
        if (umi_stage_is_drawn(stage))
            return umi_fail_key(run->ctx, UM_ERROR_CONFIG, "imperfections.draw",
                                "stage %zu: with random numbers no two collisions are alike, and all "
                                "%lld would have to be stepped; use draw: average, or ask for at "
                                "most %g",
                                i + 1, (long long)stage->collisions, (double)DIFFERENT_MAX);
        return umi_fail_key(run->ctx, UM_ERROR_CONFIG, "stream.frame",
                            "stage %zu: with counter-rotating terms in the lab frame no two "
                            "collisions are alike, and all %lld would have to be stepped; use "
                            "frame: locked, or ask for at most %g",
                            i + 1, (long long)stage->collisions, (double)DIFFERENT_MAX);
    }
    return UM_OK;
}

/* Nor could anything but steps lead through a map whose generator nobody knows. */
static um_status check_generators(const um_run *run)
{
    for (size_t i = 0; i < run->spec->stages_count; i++) {
        const um_stage *stage = &run->spec->stages[i];
        char key[64];
        if (!umi_stage_has_collisions(stage) || stage->collisions <= UMI_STEPPED_MAX ||
            run->spec->accuracy.method == UM_METHOD_STEP || umi_stage_differs(stage) ||
            umi_generator_exists(run->model, i))
            continue;
        snprintf(key, sizeof key, "stages[%zu].%s", i,
                 stage->kind == UM_STAGE_CHARGE ? "charge" : "discharge");
        return umi_fail_key(run->ctx, UM_ERROR_CONFIG, key,
                            "%lld collisions, which would all have to be stepped: fast-forward "
                            "does not know this combination of environment and imperfections; ask "
                            "for at most %g, or for accuracy.method: step",
                            (long long)stage->collisions, (double)UMI_STEPPED_MAX);
    }
    return UM_OK;
}

static um_status create_states(um_run *run)
{
    const um_spec *spec = run->spec;
    double dropped = 0, truncation = spec->accuracy.truncation;
    UMI_TRY(um_state_create_initial(run->ctx, &spec->battery.initial, &spec->battery,
                                    spec->battery.levels, truncation, &run->state, &dropped));
    int levels = um_state_get_window(run->state).levels;
    if (is_auto(run) && levels < AUTO_LEVELS_FIRST) {
        levels = umi_min(AUTO_LEVELS_FIRST, spec->battery.max_levels);
        UMI_TRY(um_state_set_levels(run->state, levels));
    }
    UMI_TRY(um_state_create(run->ctx, levels, 1, 0, 0, &run->other));
    umi_sum_add(&run->totals.error_bound, dropped);
    if (!spec->record.has_fidelity) return UM_OK;
    um_status status = um_state_create_initial(run->ctx, &spec->record.fidelity_with, &spec->battery,
                                               spec->battery.levels, truncation,
                                               &run->fidelity_target, NULL);
    if (status == UM_ERROR_CONFIG)
        strcpy(run->ctx->error.key, "record.fidelity_with");
    return status;
}

static um_status create_result(um_run *run)
{
    const um_spec *spec = run->spec;
    um_result *result = run->result = UMI_NEW(run->ctx, um_result);
    if (!result) return UM_ERROR_MEMORY;
    result->stages = UMI_NEW_ARRAY(run->ctx, um_stage_summary, spec->stages_count);
    result->states = UMI_NEW_ARRAY(run->ctx, um_saved_state, spec->record.states_count);
    result->wigners = UMI_NEW_ARRAY(run->ctx, um_saved_wigner, spec->record.wigner_count);
    run->leaps = UMI_NEW_ARRAY(run->ctx, umi_leap *, spec->stages_count);
    if (!result->stages || !result->states || !result->wigners || !run->leaps)
        return UM_ERROR_MEMORY;
    result->stages_count = spec->stages_count;
    for (size_t i = 0; i < spec->stages_count; i++) {
        result->stages[i] = (um_stage_summary){
            .kind = spec->stages[i].kind,
            .energy_start = NAN,
            .energy_end = NAN,
            .ergotropy_start = NAN,
            .ergotropy_end = NAN,
            .delivered_energy = NAN,
            .delivered_ergotropy = NAN,
            .half_life_energy = NAN,
            .half_life_ergotropy = NAN,
            .method = "none",
            .forward.from = -1,
        };
    }
    result->delivered_energy = result->delivered_ergotropy = NAN;
    result->wigner_grid = spec->record.wigner_grid;
    result->power_maximum = result->ergotropy_power_maximum = (um_maximum){NAN, -1};
    result->digest = um_model_get_digest(run->model);
    result->scale = um_spec_get_scale(spec);
    result->kernel = "none";
    result->truncation.error_bound = 0;
    return UM_OK;
}

static um_status start(um_run *run)
{
    umi_totals *totals = &run->totals;
    umi_totals_start(totals, um_observe_energy(run->state, run->spec->battery.energies));
    totals->pure = um_observe_purity(run->state) > 1 - 1e-12;
    um_ergotropy ergotropy;
    UMI_TRY(umi_run_ergotropy(run, run->state, &ergotropy, NULL));
    totals->ergotropy_initial = ergotropy.total; /* collision 0 need not be recorded */
    run->result->truncation.levels = umi_run_levels(run);
    return UM_OK;
}

um_status um_run_create(um_context *ctx, const um_model *model, um_run **run)
{
    *run = NULL;
    um_run *made = UMI_NEW(ctx, um_run);
    if (!made) return UM_ERROR_MEMORY;
    made->ctx = ctx;
    made->model = model;
    made->spec = um_model_get_spec(model);
    made->refused = -1;
    made->observables = chosen_observables(made->spec);
    umi_room room = umi_room_find(made->spec);
    made->levels_limit = room.limit;
    made->levels_named = room.named;
    um_status status = check_different(made);
    if (status == UM_OK) status = check_generators(made);
    if (status == UM_OK) status = umi_until_check(made);
    if (status == UM_OK) status = create_result(made);
    if (status == UM_OK) status = umi_schedule_create(ctx, made->spec, &made->schedule);
    if (status == UM_OK) status = umi_run_check_memory(made);
    if (status == UM_OK) status = create_states(made);
    if (status == UM_OK) status = start(made);
    if (status == UM_OK) status = umi_run_warn_of_model(made);
    if (status != UM_OK) {
        um_run_destroy(made);
        return status;
    }
    *run = made;
    return UM_OK;
}

void um_run_destroy(um_run *run)
{
    if (!run) return;
    um_context *ctx = run->ctx;
    um_map_destroy(run->map);
    um_state_destroy(run->state);
    um_state_destroy(run->other);
    um_state_destroy(run->fidelity_target);
    umi_free(ctx, run->schedule.at);
    umi_until_clear(run);
    umi_store_clear(run);
    umi_free(ctx, run->spectrum);
    for (size_t i = 0; run->leaps && i < run->spec->stages_count; i++)
        umi_leap_destroy(ctx, run->leaps[i]);
    umi_free(ctx, run->leaps);
    umi_curve_clear(ctx, &run->curve);
    if (run->result) { /* a run's methods and kernel are static; a result that was read owns them */
        for (size_t i = 0; run->result->stages && i < run->result->stages_count; i++)
            run->result->stages[i].method = NULL;
        run->result->kernel = NULL;
    }
    um_result_destroy(ctx, run->result);
    for (size_t i = 0; i < run->texts_count; i++) umi_free(ctx, run->texts[i]);
    umi_free(ctx, run->texts);
    umi_free(ctx, run);
}

um_result *um_run_get_result(um_run *run) { return run->result; }

const um_state *um_run_get_state(const um_run *run) { return run->state; }

/* An unbounded battery gets room for what a few steps can climb. */
um_status umi_run_make_room(um_run *run, um_state *state, umi_map_maker make, double parameter,
                            um_map **map)
{
    um_window window = um_state_get_window(state);
    int levels = window.levels, limit = run->levels_limit;
    for (;;) {
        if (!*map) {
            double begun = umi_seconds();
            UMI_TRY(make(run, levels, parameter, map));
            run->result->wall_seconds.setup += umi_seconds() - begun;
        }
        int climb = umi_map_get_climb(*map, window.last);
        if (levels >= limit || window.last + climb <= levels) break;
        levels = umi_min(umi_max(2 * levels, window.last + 2 * climb), limit);
        um_map_destroy(*map);
        *map = NULL;
    }
    UMI_TRY(um_state_set_levels(state, levels));
    um_map_info info = um_map_get_info(*map);
    umi_run_summary(run)->method = info.method;
    run->result->kernel = info.kernel;
    return um_map_prepare(*map, state);
}

static um_status make_collision(const um_run *run, int levels, double unused, um_map **map)
{
    (void)unused;
    return um_map_create(run->ctx, run->model, run->stage, levels, map);
}

um_status umi_run_ensure_map(um_run *run)
{
    UMI_TRY(umi_run_make_room(run, run->state, make_collision, 0, &run->map));
    run->result->truncation.levels = umi_run_levels(run);
    return UM_OK;
}

/* The step under way; `what` if it is no collision. */
static const char *name_step(const um_run *run, const char *what, char text[64])
{
    if (what) return what;
    snprintf(text, 64, "collision %lld", (long long)run->collision + 1);
    return text;
}

static um_status fail_truncation(um_run *run, double bound, const char *what)
{
    char text[64];
    int levels = um_state_get_window(run->state).levels, top = levels - 1;
    bool automatic = is_auto(run);
    const char *key = automatic ? "battery.max_levels" : "battery.levels";
    double population[1];
    um_state_get_matrix(run->state, top, 1, population, NULL);
    um_status status = umi_fail_key(
        run->ctx, UM_ERROR_NOCONV, key,
        "%s would bring the truncation error to %.3g, above accuracy.truncation = %g: "
        "level %d, the top one, holds %.3g; raise %s (now %d)%s",
        name_step(run, what, text), bound, run->spec->accuracy.truncation, top, population[0],
        key, umi_run_levels(run), automatic ? "" : " or set it to auto");
    run->ctx->error.level = top;
    run->ctx->error.collision = run->collision + 1;
    return status;
}

static um_status fail_named(um_run *run, double outside, const char *what)
{
    char text[64];
    int named = run->levels_named;
    um_status status = umi_fail_key(
        run->ctx, UM_ERROR_NOCONV, "battery.levels",
        "%s would bring %.3g of the state above level %d, more than "
        "accuracy.truncation = %g; raise battery.levels (now %d) or set it to auto",
        name_step(run, what, text), outside, named - 1, run->spec->accuracy.truncation, named);
    run->ctx->error.level = named - 1;
    run->ctx->error.collision = run->collision + 1;
    return status;
}

/* Population of the next state above the levels that were named. */
static um_status check_named_levels(um_run *run, const char *what)
{
    const um_state *next = run->other;
    int named = run->levels_named, last = um_state_get_window(next).last;
    if (named == 0 || last <= named) return UM_OK;
    double outside = 0;
    for (int n = last - 1; n >= named; n--) {
        double population;
        um_state_get_matrix(next, n, 1, &population, NULL);
        outside += population;
    }
    return outside <= run->spec->accuracy.truncation ? UM_OK : fail_named(run, outside, what);
}

um_status umi_run_fail_named(um_run *run, double outside) { return fail_named(run, outside, NULL); }

static um_status check_truncation(um_run *run, double error_bound, const char *what)
{
    double truncation = run->spec->accuracy.truncation;
    double bound = umi_sum_get(&run->totals.error_bound) + error_bound;
    return truncation < 1 && !(bound <= truncation) ? fail_truncation(run, bound, what) : UM_OK;
}

static void take_outcome(um_run *run, const um_outcome *outcome)
{
    umi_sum_add(&run->totals.error_bound, outcome->error_bound);
    run->outcome = *outcome;
}

um_status umi_run_accept(um_run *run, const um_outcome *outcome, const char *what)
{
    UMI_TRY(check_truncation(run, outcome->error_bound, what));
    UMI_TRY(check_named_levels(run, what));
    um_state *before = run->state;
    run->state = run->other;
    run->other = before;
    take_outcome(run, outcome);
    return UM_OK;
}

um_status umi_run_check_energy(um_run *run, double energy)
{
    if (isfinite(energy)) return UM_OK;
    um_status status = umi_fail(run->ctx, UM_ERROR_INTERNAL, "the energy became %g", energy);
    run->ctx->error.collision = run->collision;
    return status;
}

/* What rounding took is given back. What left through the top of the space did not get lost by
 * rounding, and stays away: so does less than that of the whole error. */
static void normalise(um_run *run)
{
    umi_totals *totals = &run->totals;
    double change = um_state_get_trace(run->state) - totals->norm;
    umi_sum_add(&totals->drift, change);
    if (-change > LEFT_MIN) totals->lost -= change;
    umi_map_refine(run->map, run->other, run->state, UMI_NORMALISE_EVERY);
    totals->norm = umi_norm_after(run->collision) * (1 - totals->lost);
    um_state_scale(run->state, totals->norm / um_state_get_trace(run->state));
}

void umi_run_trim(um_run *run)
{
    double tolerance = umi_trim_tolerance(run->spec, run->totals.trimmed);
    double dropped = um_state_trim(run->state, tolerance);
    run->totals.trimmed += dropped;
    umi_sum_add(&run->totals.error_bound, dropped);
}

/* The window and the norm, on the grid of collision numbers; in a leap no roundings have recurred. */
static void tidy(um_run *run, int reach, bool leaping)
{
    if (run->collision % UMI_NORMALISE_EVERY == 0 && !leaping) normalise(run);
    if (reach > 1 || run->collision % UMI_TRIM_EVERY == 0) umi_run_trim(run);
}

/* The reach is known, how far this window climbs costs a little. */
static bool lacks_room(const um_run *run, int reach)
{
    um_window window = um_state_get_window(run->state);
    return window.last + reach > window.levels && window.levels < run->levels_limit &&
           window.last + umi_map_get_climb(run->map, window.last) > window.levels;
}

/* Of the next atom: for the record, for what it carries away, or because the stage may end with it. */
static bool may_need_coherence(um_run *run)
{
    const um_stage *stage = umi_run_stage(run);
    return umi_schedule_has(&run->schedule, run->collision + 1) ||
           stage->kind == UM_STAGE_DISCHARGE || stage->until.kind != UM_UNTIL_COUNT;
}

/* Where nobody asks for the state before it, and it cannot turn out that there should have been no collision. */
static bool may_replace(const um_run *run, int reach, bool brief)
{
    bool stays_named = run->levels_named == 0 || run->state->last + reach <= run->levels_named;
    return (brief || !umi_run_wants(run, umi_quantities_of_step)) && stays_named &&
           um_map_works_in_place(run->map, run->state);
}

/* The state becomes its image; of the one before no more is kept than what normalise reads. */
static um_status replace(um_run *run, um_outcome *outcome, bool leaping, bool brief)
{
    umi_map_foresee(run->map, run->state, outcome, brief);
    if (leaping) outcome->error_bound = 0;
    UMI_TRY(check_truncation(run, outcome->error_bound, NULL));
    if (run->other->orders > 2) umi_state_drop(run->other);
    if ((run->collision + 1) % UMI_NORMALISE_EVERY == 0)
        UMI_TRY(umi_state_copy_orders(run->other, run->state, 2));
    UMI_TRY(umi_map_replace(run->map, run->state));
    take_outcome(run, outcome);
    return UM_OK;
}

static um_status apply(um_run *run, um_outcome *outcome, bool leaping, bool brief)
{
    UMI_TRY(umi_map_apply(run->map, run->state, run->other, outcome, brief));
    if (leaping) outcome->error_bound = 0;
    return umi_run_accept(run, outcome, NULL);
}

um_status umi_run_collide(um_run *run, bool leaping)
{
    um_map_info info = um_map_get_info(run->map);
    if (lacks_room(run, info.reach)) UMI_TRY(umi_run_ensure_map(run));
    if (!info.stationary) {
        double period = umi_run_stage(run)->stream.period;
        UMI_TRY(um_map_set_collision(
            run->map, run->collision, run->totals.stage_start + (double)run->stage_done * period));
    }
    um_outcome outcome;
    bool brief = run->silent || !may_need_coherence(run);
    bool in_place = may_replace(run, info.reach, brief);
    UMI_TRY(in_place ? replace(run, &outcome, leaping, brief) : apply(run, &outcome, leaping, brief));
    run->collision++;
    run->stage_done++;
    tidy(run, info.reach, leaping);
    double energy = um_observe_energy(run->state, run->spec->battery.energies);
    umi_totals_add(&run->totals, run->spec, umi_run_stage(run), run->stage_done, run->collision,
                   energy, &run->outcome);
    UMI_TRY(umi_run_check_energy(run, energy));
#ifdef UM_VERIFY
    UMI_TRY(um_state_check(run->state, fmax(1e-12, umi_sum_get(&run->totals.error_bound)),
                           run->collision % LOOK_AT_CLOCK_EVERY == 0));
#endif
    return leaping ? UM_OK : umi_curve_add(run->ctx, &run->curve, run->totals.energy);
}

bool umi_run_asked_to_stop(um_run *run)
{
    double now = umi_seconds();
    if (!run->monitor || now < run->monitor_next) return false;
    run->monitor_next = now + UMI_MONITOR_SECONDS;
    um_progress progress = {
        .done = run->collision, .total = run->schedule.total, .energy = run->totals.energy};
    return !run->monitor(run->monitor_user, &progress);
}

/* The clock is read every LOOK_AT_CLOCK_EVERY collisions, more often where they are slow. */
static bool asked_to_stop(um_run *run)
{
    if (!run->monitor || run->collision < run->look_next) return false;
    double now = umi_seconds();
    bool slow = now - run->looked > UMI_MONITOR_SECONDS / 10;
    run->look_every = slow ? umi_max(run->look_every / 2, 1)
                           : umi_min(2 * run->look_every, LOOK_AT_CLOCK_EVERY);
    run->looked = now;
    run->look_next = run->collision + run->look_every;
    return umi_run_asked_to_stop(run);
}

um_status umi_run_go_on(um_run *run, int64_t until)
{
    bool went = false;
    if (asked_to_stop(run)) return UM_ERROR_INTERRUPTED;
    if (!run->map) UMI_TRY(umi_run_ensure_map(run));
    if (umi_run_stage(run)->until.kind == UM_UNTIL_COUNT)
        UMI_TRY(umi_leap_advance(run, until, &went));
    if (!went) UMI_TRY(umi_run_collide(run, false));
    return umi_run_record(run);
}

/* A run may be asked more than once to start. */
static bool nothing_is_recorded(const um_run *run)
{
    const um_result *result = run->result;
    return result->records + result->states_count + result->wigners_count == 0;
}

static um_status advance(um_run *run, int64_t until)
{
    if (run->stage == 0 && !run->begun && nothing_is_recorded(run)) UMI_TRY(umi_run_record(run));
    um_status status = umi_run_pass_stages(run, until);
    if (status != UM_ERROR_INTERRUPTED) return status;
    return umi_fail(run->ctx, status, "stopped after collision %lld", (long long)run->collision);
}

um_status um_run_advance(um_run *run, int64_t until, um_monitor monitor, void *user)
{
    run->monitor = monitor;
    run->monitor_user = user;
    um_wall_seconds *wall = &run->result->wall_seconds;
    double begun = umi_seconds(), apart = wall->observables + wall->setup + wall->output;
    um_status status = advance(run, until);
    apart -= wall->observables + wall->setup + wall->output;
    wall->collisions += umi_seconds() - begun + apart;
    umi_run_summarise_stage(run);
    run->result->status = status;
    run->result->collisions = run->collision;
    umi_run_close_ledger(run);
    return status;
}
