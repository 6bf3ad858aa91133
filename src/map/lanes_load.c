/* What goes into the lanes of a batch and comes out again: maps, states. */
#include "map/lanes_inside.h"

#include <math.h>
#include <string.h>

#include "model/model.h"

static bool atoms_are_pure(const um_atoms *atoms)
{
    return atoms->c == 1 || atoms->q == 0 || atoms->q == 1;
}

umi_lanes_kind umi_lanes_get_kind(const um_model *model, size_t stage)
{
    const um_spec *spec = um_model_get_spec(model);
    const um_battery *battery = &spec->battery;
    if (stage >= spec->stages_count) return UMI_LANES_NONE;
    const um_stage *chosen = &spec->stages[stage];
    if (chosen->interaction.counter_rotating != 0 || chosen->atoms.detuning != 0 ||
        !umi_stage_is_plain(chosen))
        return UMI_LANES_NONE;
    if (battery->kind == UM_BATTERY_CUSTOM && !umi_is_evenly_spaced(battery, battery->levels))
        return UMI_LANES_NONE;
    return atoms_are_pure(&chosen->atoms) ? UMI_LANES_COHERENT : UMI_LANES_ANY;
}

/* Zero, in both buffers, whatever it holds. */
static void erase(umi_lanes *lanes, int lane)
{
    for (int b = 0; b < 2; b++) {
        umi_lanes_window w = lanes->stored[b];
        for (int n = w.first; n < w.last; n++)
            for (int m = n - 1; m < umi_min(w.last, n + w.orders); m++)
                *umi_lane_element(lanes, b, lane, n, m) = 0;
    }
}

void umi_lanes_retire(umi_lanes *lanes, int lane)
{
    erase(lanes, lane);
    lanes->lane[lane].window = lanes->lane[lane].before = (umi_lanes_window){0};
    lanes->stored[lanes->now] = umi_lanes_union(lanes);
}

void umi_lane_unload(umi_lanes *lanes, int lane)
{
    umi_lane *it = &lanes->lane[lane];
    if (it->loaded) umi_lanes_retire(lanes, lane);
    if (it->owns_blocks) {
        umi_free(lanes->ctx, it->blocks.memory);
        umi_free(lanes->ctx, it->blocks.cosine);
    }
    *it = (umi_lane){0};
}

static void unload_all(umi_lanes *lanes)
{
    for (int l = 0; l < UMI_LANES; l++) umi_lane_unload(lanes, l);
    lanes->kind = UMI_LANES_NONE;
    memset(lanes->tables, 0,
           (UMI_FACTORS + 3) * (size_t)lanes->groups * lanes->table_size * sizeof(double));
}

/* Whether two collisions have the same blocks of U: atoms apart, those are what costs. */
static bool same_coupling(const umi_collision *a, const umi_collision *b)
{
    if (a->battery->kind != b->battery->kind || a->levels != b->levels || a->finite != b->finite ||
        a->interaction.theta != b->interaction.theta)
        return false;
    for (int n = 1; a->battery->kind == UM_BATTERY_CUSTOM && n < a->battery->levels; n++)
        if (a->battery->levels != b->battery->levels ||
            a->battery->lowering[n] != b->battery->lowering[n])
            return false;
    return true;
}

static um_status share_blocks(umi_lanes *lanes, const umi_collision *collisions, int lane)
{
    for (int other = 0; other < lane; other++)
        if (same_coupling(&collisions[other], &collisions[lane])) {
            lanes->lane[lane].blocks = lanes->lane[other].blocks;
            return UM_OK;
        }
    lanes->lane[lane].owns_blocks = true; /* what there is of them after a failure, too */
    return umi_blocks_create(lanes->ctx, &collisions[lane], false, &lanes->lane[lane].blocks);
}

/* The same numbers as those of the single map. */
static void fill_factors(umi_lanes *lanes, const umi_lane *lane, double *factors)
{
    int count = umi_lanes_factors_count(lanes);
    double *table[UMI_FACTORS] = {NULL};
    for (int i = 0; i < count; i++) table[i] = factors + i * lanes->width;
    if (lanes->kind == UMI_LANES_COHERENT)
        umi_resonant_fill(&lane->atoms, &lane->blocks, lane->levels, table, count * lanes->width);
    else
        umi_general_fill(&lane->atoms, &lane->blocks, lane->levels, table, count * lanes->width);
}

static void fill_tables(umi_lanes *lanes, int l, const um_battery *battery)
{
    const umi_lane *lane = &lanes->lane[l];
    int width = lanes->width, place = l % width;
    size_t group = (size_t)(l / width) * lanes->table_size;
    long double gg = lane->atoms.q, ee = 1 - gg, ge = lane->atoms.c * sqrtl(gg * ee);
    const long double *cosine = lane->blocks.cosine, *sine = lane->blocks.sine;
    fill_factors(lanes, lane, lanes->factors + (size_t)umi_lanes_factors_count(lanes) * group + place);
    for (int n = 0; n < lane->levels; n++) {
        size_t level = group + (size_t)(n * width + place);
        lanes->energies[level] = um_battery_get_energy(battery, n);
        lanes->change[0][level] = (double)(gg * sine[n] * sine[n] - ee * sine[n + 1] * sine[n + 1]);
        lanes->change[1][level] = (double)(-2 * ge * sine[n + 1] * cosine[n + 1]);
    }
}

um_status umi_lanes_set_state(umi_lanes *lanes, int l, const um_state *state, double error)
{
    umi_lane *lane = &lanes->lane[l];
    um_window w = um_state_get_window(state);
    if (w.last > lane->levels)
        return umi_fail(lanes->ctx, UM_ERROR_UNSUPPORTED,
                        "a batch: level %d is occupied, the space has %d", w.last - 1, lane->levels);
    um_state *copy;
    UMI_TRY(um_state_create(lanes->ctx, w.levels, 1, 0, 0, &copy));
    um_status status = um_state_copy(copy, state);
    if (status == UM_OK) status = um_state_set_gauge(copy, 1, lane->phase);
    if (status == UM_OK && copy->planes != 1)
        status = umi_fail(lanes->ctx, UM_ERROR_UNSUPPORTED,
                          "a batch: the state is complex in the gauge of its map");
    if (status == UM_OK) {
        umi_lanes_retire(lanes, l);
        lane->window = (umi_lanes_window){copy->first, copy->last, copy->orders};
        lane->error = (umi_sum){.total = error};
        lanes->stored[lanes->now] = umi_lanes_union(lanes);
        for (int k = 0; k < copy->orders; k++)
            for (int n = copy->first; n < copy->last - k; n++) {
                double value = umi_state_row(copy, 0, k)[n];
                *umi_lane_element(lanes, lanes->now, l, n, n + k) = value;
                if (k == 1) *umi_lane_element(lanes, lanes->now, l, n + 1, n) = value;
            }
    }
    um_state_destroy(copy);
    return status;
}

um_status umi_lanes_get_state(const umi_lanes *lanes, int l, um_state *state)
{
    const umi_lane *lane = &lanes->lane[l];
    umi_lanes_window w = lane->window;
    UMI_TRY(umi_state_resize(state, lane->levels, w.first, w.last, w.orders, 1));
    state->quarter = 1;
    state->phase = lane->phase;
    for (int k = 0; k < w.orders; k++)
        for (int n = w.first; n < w.last - k; n++)
            umi_state_row(state, 0, k)[n] = *umi_lane_element(lanes, lanes->now, l, n, n + k);
    umi_state_seal(state);
    return UM_OK;
}

um_window umi_lanes_get_window(const umi_lanes *lanes, int l)
{
    const umi_lane *lane = &lanes->lane[l];
    return (um_window){.levels = lane->levels,
                       .first = lane->window.first,
                       .last = lane->window.last,
                       .orders = lane->window.orders,
                       .planes = 1};
}

void umi_lanes_scale(umi_lanes *lanes, const double factor[UMI_LANES])
{
    umi_lanes_numbers factors;
    umi_lanes_window w = lanes->stored[lanes->now];
    memcpy(factors, factor, sizeof factors);
    for (int g = 0; g < lanes->groups; g++)
        for (int n = w.first; n < w.last; n++)
            lanes->kernels->scale(umi_lanes_element(lanes, lanes->now, g, n, n - 1), lanes->width,
                                  umi_min(w.orders, w.last - n) + 1, factors + g * lanes->width);
}

static um_status set_initial(umi_lanes *lanes, int l, const um_spec *spec)
{
    um_state *state;
    double dropped;
    UMI_TRY(um_state_create_initial(lanes->ctx, &spec->battery.initial, &spec->battery,
                                    spec->battery.levels, spec->accuracy.truncation, &state,
                                    &dropped));
    um_status status = umi_lanes_set_state(lanes, l, state, dropped);
    um_state_destroy(state);
    return status;
}

/* Its own wall, or the common space. */
static int levels_of(const umi_lanes *lanes, const um_battery *battery)
{
    bool wall = battery->kind != UM_BATTERY_CAVITY && battery->levels != UM_LEVELS_AUTO;
    return wall ? umi_min(battery->levels, lanes->levels) : lanes->levels;
}

static um_status load_lane(umi_lanes *lanes, int l, const um_model *model, size_t stage,
                           umi_collision *collisions)
{
    const um_spec *spec = um_model_get_spec(model);
    umi_lane *lane = &lanes->lane[l];
    umi_collision *it = &collisions[l];
    UMI_TRY(umi_collision_make(lanes->ctx, model, stage, levels_of(lanes, &spec->battery), it));
    UMI_TRY(share_blocks(lanes, collisions, l));
    lane->loaded = true;
    lane->levels = it->levels;
    lane->atoms = it->atoms;
    lane->phase = umi_stencil_phase(it->atoms.phase);
    lane->mixes_orders = umi_atoms_ge(&it->atoms) != 0;
    lane->edge = lane->blocks.edge * hypot(1 - it->atoms.q, umi_atoms_ge(&it->atoms));
    fill_tables(lanes, l, &spec->battery);
    return UM_OK;
}

static um_status check_batch(umi_lanes *lanes, int count, const um_model *const *models, size_t stage)
{
    if (count < 1 || count > UMI_LANES)
        return umi_fail(lanes->ctx, UM_ERROR_ARG, "a batch of %d points: 1..%d", count,
                        (int)UMI_LANES);
    lanes->kind = umi_lanes_get_kind(models[0], stage);
    for (int l = 0; l < count; l++)
        if (lanes->kind == UMI_LANES_NONE || umi_lanes_get_kind(models[l], stage) != lanes->kind)
            return umi_fail(lanes->ctx, UM_ERROR_UNSUPPORTED,
                            "a batch: detuned, counter-rotating or unequally spaced, or pure atoms "
                            "beside others (point %d)", l);
    return UM_OK;
}

um_status umi_lanes_load(umi_lanes *lanes, int count, const um_model *const *models, size_t stage)
{
    umi_collision collisions[UMI_LANES];
    unload_all(lanes);
    um_status status = check_batch(lanes, count, models, stage);
    for (int l = 0; l < count && status == UM_OK; l++)
        status = load_lane(lanes, l, models[l], stage, collisions);
    for (int l = 0; l < count && status == UM_OK; l++)
        status = set_initial(lanes, l, um_model_get_spec(models[l]));
    if (status != UM_OK) unload_all(lanes);
    return status;
}

um_status umi_lanes_load_same(umi_lanes *lanes, const um_model *model, size_t stage)
{
    umi_collision collisions[UMI_LANES];
    unload_all(lanes);
    um_status status = check_batch(lanes, 1, &model, stage);
    for (int l = 0; l < UMI_LANES && status == UM_OK; l++)
        status = load_lane(lanes, l, model, stage, collisions);
    if (status != UM_OK) unload_all(lanes);
    return status;
}
