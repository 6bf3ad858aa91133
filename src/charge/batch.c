/* The first pass of a batch: from the start to the end, energies read at every collision. */
#include "charge/batch_inside.h"

#include <math.h>

#include "charge/leap.h"
#include "map/stencil.h"
#include "model/model.h"
#include "state/state.h"

/* Spaces of a batch; a lane whose window grows beyond its own is given up. */
enum { SMALL = 128, LARGE = 256 };
/* To 1e-12 (of what is larger than 1) lanes and single runs agree for so many collisions at least. Pure
 * atoms have other factors than in the single map; their roundings are made again at every collision. */
enum { PURE_MAX = 1 << 11, MIXED_MAX = 1 << 13 };
enum { KEPT_FIRST = 64, KEPT_SHIFT = 1, LOOK_AT_CLOCK_EVERY = 64 };

/* So that a window seldom outgrows it: the levels beyond a named size hold next to nothing. */
static int choose_levels(const um_battery *battery)
{
    if (battery->levels == UM_LEVELS_AUTO) return LARGE;
    bool wall = battery->kind != UM_BATTERY_CAVITY;
    if (battery->levels > (wall ? LARGE : 3 * LARGE / 4)) return 0;
    return battery->levels <= (wall ? SMALL : SMALL / 2) ? SMALL : LARGE;
}

static bool is_short(const um_spec *spec, umi_lanes_kind kind)
{
    int64_t collisions = spec->stages[0].collisions;
    return collisions > 0 && collisions <= (kind == UMI_LANES_COHERENT ? PURE_MAX : MIXED_MAX) &&
           umi_leap_is_never_tried(spec, 0);
}

/* Whether the initial state is real in the gauge of its map and has room. */
static um_status try_initial(um_context *ctx, const um_spec *spec, int levels, bool *fits)
{
    um_state *state;
    double dropped;
    *fits = false;
    um_status status =
        um_state_create_initial(ctx, &spec->battery.initial, &spec->battery, spec->battery.levels,
                                spec->accuracy.truncation, &state, &dropped);
    if (status != UM_OK) return status == UM_ERROR_MEMORY ? status : UM_OK;
    status = um_state_set_gauge(state, 1, umi_stencil_phase(spec->stages[0].atoms.phase));
    *fits = status == UM_OK && state->planes == 1 &&
            state->last <= umi_min(levels, umi_room_find(spec).limit);
    um_state_destroy(state);
    return status == UM_ERROR_MEMORY ? status : UM_OK;
}

um_status umi_batch_find_place(um_context *ctx, const um_model *model, umi_batch_place *place)
{
    const um_spec *spec = um_model_get_spec(model);
    *place = (umi_batch_place){.kind = UMI_LANES_NONE};
    if (spec->stages_count != 1 || spec->record.has_fidelity) return UM_OK;
    const um_stage *stage = spec->stages;
    if (stage->kind != UM_STAGE_CHARGE || stage->until.kind != UM_UNTIL_COUNT ||
        !umi_stage_is_plain(stage))
        return UM_OK;
    umi_lanes_kind kind = umi_lanes_get_kind(model, 0);
    int levels = choose_levels(&spec->battery);
    if (kind == UMI_LANES_NONE || levels == 0 || !is_short(spec, kind)) return UM_OK;
    bool fits;
    UMI_TRY(try_initial(ctx, spec, levels, &fits));
    if (fits) *place = (umi_batch_place){kind, levels};
    return UM_OK;
}

um_status umi_batch_create(um_context *ctx, int levels, umi_batch **batch)
{
    *batch = NULL;
    umi_batch *made = UMI_NEW(ctx, umi_batch);
    if (!made) return UM_ERROR_MEMORY;
    made->ctx = ctx;
    um_status status = umi_lanes_create(ctx, levels, &made->lanes);
    if (status == UM_OK) status = um_state_create(ctx, levels, 1, 0, 0, &made->state);
    if (status != UM_OK) {
        umi_batch_destroy(made);
        return status;
    }
    *batch = made;
    return UM_OK;
}

static void clear_curves(umi_batch *batch)
{
    for (int l = 0; l < UMI_LANES; l++) umi_curve_clear(batch->ctx, &batch->lane[l].curve);
}

void umi_batch_destroy(umi_batch *batch)
{
    if (!batch) return;
    clear_curves(batch);
    for (int l = 0; l < UMI_LANES; l++)
        for (size_t i = 0; i < UMI_BATCH_KEPT_MAX; i++)
            um_state_destroy(batch->lane[l].kept[i].state);
    um_state_destroy(batch->state);
    umi_lanes_destroy(batch->lanes);
    umi_free(batch->ctx, batch);
}

void umi_batch_leave(umi_batch *batch, int l)
{
    batch->lane[l].active = false;
    batch->active--;
    umi_lanes_retire(batch->lanes, l);
}

void umi_batch_give_up(umi_batch *batch, int l)
{
    batch->ends[l].given_up = true;
    umi_batch_leave(batch, l);
}

um_status umi_batch_observe(umi_batch *batch, int l, double *purity, double *ergotropy,
                            double *entropy)
{
    um_context *ctx = batch->ctx;
    um_ergotropy found;
    int count;
    UMI_TRY(umi_lanes_get_state(batch->lanes, l, batch->state));
    um_window window = um_state_get_window(batch->state);
    double *spectrum = UMI_NEW_ARRAY(ctx, double, (size_t)(window.last - window.first));
    if (!spectrum) return UM_ERROR_MEMORY;
    um_status status = um_observe_spectrum(batch->state, spectrum, &count);
    if (status == UM_OK)
        status = um_observe_ergotropy_spectrum(
            batch->state, batch->lane[l].spec->battery.energies, spectrum, count, &found);
    if (status == UM_OK) {
        *purity = um_observe_purity(batch->state);
        *ergotropy = found.total;
        if (entropy) *entropy = um_observe_entropy_spectrum(spectrum, count);
    }
    umi_free(ctx, spectrum);
    if (status == UM_OK || status == UM_ERROR_MEMORY) return status;
    umi_batch_give_up(batch, l);
    return UM_OK;
}

um_status umi_batch_look_at_clock(umi_batch *batch, int64_t k)
{
    if (!batch->monitor || k % LOOK_AT_CLOCK_EVERY != 0) return UM_OK;
    double now = umi_seconds();
    if (now - batch->asked < UMI_MONITOR_SECONDS) return UM_OK;
    batch->asked = now;
    um_progress progress = {.done = k, .total = batch->lane[0].collisions, .energy = NAN};
    return batch->monitor(batch->user, &progress)
               ? UM_OK
               : umi_fail(batch->ctx, UM_ERROR_INTERRUPTED, "stopped");
}

static void normalise(umi_batch *batch, int64_t k)
{
    double trace[UMI_LANES], factor[UMI_LANES];
    umi_lanes_refine(batch->lanes, UMI_NORMALISE_EVERY);
    umi_lanes_trace(batch->lanes, trace);
    for (int l = 0; l < UMI_LANES; l++)
        factor[l] = batch->lane[l].active ? umi_norm_after(k) / trace[l] : 1;
    umi_lanes_scale(batch->lanes, factor);
}

static void trim(umi_batch *batch)
{
    double tolerance[UMI_LANES] = {0}, dropped[UMI_LANES];
    for (int l = 0; l < batch->count; l++)
        tolerance[l] = umi_trim_tolerance(batch->lane[l].spec, batch->lane[l].totals.trimmed);
    umi_lanes_trim(batch->lanes, tolerance, dropped);
    for (int l = 0; l < batch->count; l++) batch->lane[l].totals.trimmed += dropped[l];
}

static void tidy(umi_batch *batch, int64_t k)
{
    if (k % UMI_NORMALISE_EVERY == 0) normalise(batch, k);
    if (k % UMI_TRIM_EVERY == 0) trim(batch);
}

void umi_batch_step(umi_batch *batch, int64_t k)
{
    umi_lanes_apply(batch->lanes);
    tidy(batch, k);
}

/* The next collision would be cut off at the top, which um_run can go beyond, or measure. */
static bool is_full(const umi_batch *batch, int l)
{
    const umi_batch_lane *lane = &batch->lane[l];
    um_window window = umi_lanes_get_window(batch->lanes, l);
    return !lane->room.wall && window.last >= umi_min(lane->room.limit, window.levels);
}

/* As um_run judges the state after a collision, before it is tidied. */
static bool is_too_wrong(const umi_batch *batch, int l, double bound)
{
    const umi_batch_lane *lane = &batch->lane[l];
    double truncation = lane->spec->accuracy.truncation;
    int named = lane->room.named;
    if (truncation < 1 && !(bound <= truncation)) return true;
    if (named == 0 || umi_lanes_get_window(batch->lanes, l).last <= named) return false;
    return !(umi_lanes_population_above(batch->lanes, l, named) <= truncation);
}

static void collide(umi_batch *batch, int64_t k)
{
    double bound[UMI_LANES];
    for (int l = 0; l < batch->count; l++)
        if (batch->lane[l].active && is_full(batch, l)) umi_batch_give_up(batch, l);
    umi_lanes_apply(batch->lanes);
    umi_lanes_truncation(batch->lanes, bound);
    for (int l = 0; l < batch->count; l++)
        if (batch->lane[l].active && is_too_wrong(batch, l, bound[l])) umi_batch_give_up(batch, l);
    tidy(batch, k);
}

static um_status keep_books(umi_batch *batch, int64_t k, const double change[UMI_LANES])
{
    double energy[UMI_LANES];
    umi_lanes_energy(batch->lanes, energy);
    for (int l = 0; l < batch->count; l++) {
        umi_batch_lane *lane = &batch->lane[l];
        if (!lane->active) continue;
        if (!isfinite(energy[l])) {
            umi_batch_give_up(batch, l);
            continue;
        }
        um_outcome outcome = {.change = change[l], .duration = NAN, .present = 1}; /* real and resonant: no coupling energy */
        umi_totals_add(&lane->totals, lane->spec, &lane->spec->stages[0], k, k, energy[l], &outcome);
        UMI_TRY(umi_curve_add(batch->ctx, &lane->curve, energy[l]));
    }
    return UM_OK;
}

/* A plateau is a decade at least, so that no middle lies beyond collisions / sqrt(10). */
static bool is_to_be_kept(const umi_batch *batch, int64_t k)
{
    if (!(batch->wanted & UMI_BATCH_PLATEAU_STATE)) return false;
    int64_t last = batch->kept_count > 0 ? batch->kept_at[batch->kept_count - 1] : -1;
    int64_t next = last < 0 ? 0 : last == 0 ? KEPT_FIRST : umi_grid_next(last, KEPT_SHIFT);
    return k == next && batch->kept_count < UMI_BATCH_KEPT_MAX;
}

static um_status keep_states(umi_batch *batch, int64_t k)
{
    size_t at = batch->kept_count++;
    batch->kept_at[at] = k;
    for (int l = 0; l < batch->count; l++) {
        umi_batch_lane *lane = &batch->lane[l];
        umi_batch_kept *kept = &lane->kept[at];
        if (!lane->active || (double)k > (double)lane->collisions / 3) continue;
        if (!kept->state) UMI_TRY(um_state_create(batch->ctx, 1, 1, 0, 0, &kept->state));
        UMI_TRY(umi_lanes_get_state(batch->lanes, l, kept->state));
        kept->trimmed = lane->totals.trimmed;
    }
    return UM_OK;
}

static um_status find_plateau(umi_batch *batch, int l)
{
    umi_batch_lane *lane = &batch->lane[l];
    um_plateau *plateaus;
    UMI_TRY(umi_curve_find_plateaus(batch->ctx, &lane->curve, lane->spec->accuracy.plateau_tolerance,
                                    &plateaus, &batch->ends[l].plateaus_count));
    if (batch->ends[l].plateaus_count > 0) batch->ends[l].plateau = plateaus[0];
    umi_free(batch->ctx, plateaus);
    return UM_OK;
}

static um_status finish(umi_batch *batch, int l)
{
    const umi_totals *totals = &batch->lane[l].totals;
    umi_batch_end *end = &batch->ends[l];
    double bound[UMI_LANES];
    umi_lanes_truncation(batch->lanes, bound);
    end->error_bound = bound[l];
    end->energy = totals->energy;
    end->power = umi_totals_get_power(totals);
    end->ledger = umi_totals_get_ledger(totals);
    UMI_TRY(find_plateau(batch, l));
    if (batch->wanted & UMI_BATCH_FINAL_STATE)
        UMI_TRY(umi_batch_observe(batch, l, &end->purity, &end->ergotropy, &end->entropy));
    if (!end->given_up) umi_batch_leave(batch, l);
    return UM_OK;
}

static um_status load(umi_batch *batch, const um_model *const *models)
{
    double energy[UMI_LANES];
    UMI_TRY(umi_lanes_load(batch->lanes, batch->count, models, 0));
    umi_lanes_energy(batch->lanes, energy);
    for (int l = batch->count; l < UMI_LANES; l++) batch->lane[l].active = false;
    for (int l = 0; l < batch->count; l++) {
        umi_batch_lane *lane = &batch->lane[l];
        lane->spec = um_model_get_spec(models[l]);
        lane->room = umi_room_find(lane->spec);
        lane->collisions = lane->spec->stages[0].collisions;
        lane->active = true;
        lane->totals = (umi_totals){0};
        umi_totals_start(&lane->totals, energy[l]);
        batch->ends[l] = (umi_batch_end){.ergotropy = NAN, .purity = NAN, .entropy = NAN};
    }
    batch->active = batch->count;
    batch->kept_count = 0;
    return UM_OK;
}

static um_status advance(umi_batch *batch)
{
    double change[UMI_LANES] = {0};
    for (int64_t k = 0; batch->active > 0;) {
        if (is_to_be_kept(batch, k)) UMI_TRY(keep_states(batch, k));
        if (batch->wanted & UMI_BATCH_LEDGER) umi_lanes_change(batch->lanes, change);
        collide(batch, ++k);
        UMI_TRY(keep_books(batch, k, change));
        for (int l = 0; l < batch->count; l++)
            if (batch->lane[l].active && batch->lane[l].collisions == k) UMI_TRY(finish(batch, l));
        UMI_TRY(umi_batch_look_at_clock(batch, k));
    }
    return UM_OK;
}

um_status umi_batch_run(umi_batch *batch, int count, const um_model *const *models, int wanted,
                        um_monitor monitor, void *user, umi_batch_end ends[UMI_LANES])
{
    batch->count = count;
    batch->ends = ends;
    batch->wanted = wanted;
    batch->monitor = monitor;
    batch->user = user;
    batch->asked = -INFINITY; /* asked early, and early in the second pass, as um_run does */
    um_status status = load(batch, models);
    if (status == UM_OK) status = advance(batch);
    batch->asked = -INFINITY;
    if (status == UM_OK && (wanted & UMI_BATCH_PLATEAU_STATE)) status = umi_batch_replay(batch);
    clear_curves(batch);
    return status;
}
