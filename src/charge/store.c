/* Stages without atoms. A store is one channel from its start to any time in it: what is recorded
 * on the way changes nothing, and half-lives are found to all digits. */
#include <math.h>
#include <stdio.h>

#include "charge/run.h"
#include "map/map.h"
#include "model/model.h"

void umi_store_clear(um_run *run)
{
    um_state_destroy(run->store.start);
    run->store.start = NULL;
    run->store.point = 0;
}

static um_status start(um_run *run)
{
    umi_store *store = &run->store;
    UMI_TRY(um_state_create(run->ctx, 1, 1, 0, 0, &store->start));
    store->totals = run->totals;
    store->point = 0;
    return um_state_copy(store->start, run->state);
}

static um_status make_environment(const um_run *run, int levels, double duration, um_map **map)
{
    return um_map_create_environment(run->ctx, run->model, run->stage, levels, duration, map);
}

/* The state so long after the start. */
static um_status evolve(um_run *run, double duration, um_state *to, um_outcome *outcome)
{
    um_map *map = NULL;
    *outcome = (um_outcome){.duration = NAN};
    if (!umi_stage_is_open_outside(umi_run_stage(run)) || duration == 0)
        return um_state_copy(to, run->store.start);
    um_status status = umi_run_make_room(run, run->store.start, make_environment, duration, &map);
    if (status == UM_OK) status = um_map_apply(map, run->store.start, to, outcome);
    um_map_destroy(map);
    return status;
}

/* The next state, and all that follows from it. */
static um_status accept(um_run *run, double duration, const um_outcome *outcome, const char *what)
{
    char text[64];
    snprintf(text, sizeof text, "stage %zu (%s)", run->stage + 1, what);
    UMI_TRY(umi_run_accept(run, outcome, text));
    umi_run_trim(run);
    double energy = um_observe_energy(run->state, run->spec->battery.energies);
    umi_totals_add_free(&run->totals, duration, energy, outcome);
    run->result->truncation.levels = umi_run_levels(run);
    return umi_run_check_energy(run, energy);
}

static um_status record(um_run *run)
{
    const um_record *wanted = &run->spec->record;
    bool listed = umi_list_has(wanted->at, wanted->at_count, run->collision);
    return wanted->mode == UM_RECORD_LIST && !listed ? UM_OK : umi_run_record_row(run);
}

/* What is left in a state: energy from the lowest level up, or ergotropy. */
static um_status value_of(um_run *run, const um_state *state, bool work, double *value)
{
    const um_battery *battery = &run->spec->battery;
    um_ergotropy ergotropy;
    if (!work) {
        *value = um_observe_energy(state, battery->energies) - umi_battery_get_lowest_energy(battery);
        return UM_OK;
    }
    UMI_TRY(umi_run_ergotropy(run, state, &ergotropy, NULL));
    *value = ergotropy.total;
    return UM_OK;
}

typedef struct search {
    um_run *run;
    um_state *state;
    bool work;
    double half;
} search;

static um_status excess(search *it, double time, double *value)
{
    um_outcome outcome;
    UMI_TRY(evolve(it->run, time, it->state, &outcome));
    UMI_TRY(value_of(it->run, it->state, it->work, value));
    *value -= it->half;
    return UM_OK;
}

/* Regula falsi that halves the value of an end which stays (Illinois), and the interval where that
 * is no help. */
static um_status find_root(search *it, double low, double high, double *root)
{
    double at_low, at_high;
    UMI_TRY(excess(it, low, &at_low));
    UMI_TRY(excess(it, high, &at_high));
    for (int i = 0, side = 0; i < 200 && high - low > 4e-16 * high; i++) {
        double middle = (low + high) / 2, value;
        double time = i % 8 == 7 ? middle : low + (high - low) * at_low / (at_low - at_high);
        if (!(time > low && time < high)) time = middle;
        if (!(time > low && time < high)) break;
        UMI_TRY(excess(it, time, &value));
        if (value == 0) low = high = time;
        if (value > 0) {
            low = time;
            at_low = value;
            if (side == 1) at_high /= 2;
            side = 1;
        } else {
            high = time;
            at_high = value;
            if (side == -1) at_low /= 2;
            side = -1;
        }
    }
    *root = high;
    return UM_OK;
}

/* Whether it fell to half in the last step, and when. */
static um_status look_for_half(um_run *run, bool work, double from, double to, double *half_life)
{
    search it = {.run = run, .work = work};
    double start, now;
    if (!isnan(*half_life)) return UM_OK;
    UMI_TRY(value_of(run, run->store.start, work, &start));
    UMI_TRY(value_of(run, run->state, work, &now));
    it.half = start / 2;
    if (!(start > 1e-12) || now > it.half) return UM_OK;
    UMI_TRY(um_state_create(run->ctx, 1, 1, 0, 0, &it.state));
    um_status status = find_root(&it, from, to, half_life);
    um_state_destroy(it.state);
    return status;
}

static um_status pass_point(um_run *run, int64_t points)
{
    umi_store *store = &run->store;
    double whole = umi_run_stage(run)->duration;
    double before = whole * (double)store->point / (double)points;
    int64_t point = run->silent ? points : store->point + 1;
    double now = point == points ? whole : whole * (double)point / (double)points;
    um_outcome outcome;
    UMI_TRY(evolve(run, now, run->other, &outcome));
    umi_totals here = run->totals;
    run->totals = store->totals;
    um_status status = accept(run, now, &outcome, "store");
    if (status != UM_OK) run->totals = here;
    UMI_TRY(status);
    store->point = point;
    if (run->silent) return UM_OK;
    um_stage_summary *summary = umi_run_summary(run);
    if (umi_stage_is_open_outside(umi_run_stage(run))) {
        UMI_TRY(look_for_half(run, false, before, now, &summary->half_life_energy));
        UMI_TRY(look_for_half(run, true, before, now, &summary->half_life_ergotropy));
    }
    return record(run);
}

um_status umi_store_pass(um_run *run, bool *over)
{
    int64_t points = umi_run_stage(run)->duration > 0 ? run->spec->record.per_decade : 1;
    *over = false;
    if (!run->store.start) UMI_TRY(start(run));
    while (run->store.point < points) {
        if (umi_run_asked_to_stop(run)) return UM_ERROR_INTERRUPTED;
        UMI_TRY(pass_point(run, points));
    }
    *over = true;
    return UM_OK;
}

static um_status make_drive(const um_run *run, int levels, double unused, um_map **map)
{
    const um_stage *stage = umi_run_stage(run);
    (void)unused;
    return um_map_create_displacement(run->ctx, &run->spec->battery, levels, stage->drive_re,
                                      stage->drive_im, map);
}

um_status umi_drive_pass(um_run *run, bool *over)
{
    um_outcome outcome;
    *over = false;
    um_status status = umi_run_make_room(run, run->state, make_drive, 0, &run->map);
    if (status == UM_OK) status = um_map_apply(run->map, run->state, run->other, &outcome);
    um_map_destroy(run->map);
    run->map = NULL;
    if (status == UM_OK) status = accept(run, 0, &outcome, "drive");
    if (status != UM_OK) return status;
    *over = true;
    return record(run);
}
