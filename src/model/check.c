/* Ranges: what a description may hold, apart from what has to be resolved. */
#include "model/model.h"

#include <math.h>

#define REFUSE(key, ...) return umi_fail_key(ctx, UM_ERROR_CONFIG, key, __VA_ARGS__)

static um_status check_matrix(um_context *ctx, const um_initial *initial, const char *key)
{
    if (!initial->real || !initial->imag)
        REFUSE(key, "a matrix needs a real and an imaginary part");
    if (initial->levels < 1 || initial->levels > UM_LEVELS_MAX)
        REFUSE(key, "a matrix of %d levels; 1 to %d are allowed", initial->levels, UM_LEVELS_MAX);
    size_t count = (size_t)initial->levels * (size_t)initial->levels;
    for (size_t i = 0; i < count; i++)
        if (!isfinite(initial->real[i]) || !isfinite(initial->imag[i]))
            REFUSE(key, "element %zu of the matrix is not a finite number", i);
    return UM_OK;
}

static um_status check_initial(um_context *ctx, const um_initial *initial,
                               const um_battery *battery, const char *key)
{
    bool cavity = battery->kind == UM_BATTERY_CAVITY;
    int top = battery->levels == UM_LEVELS_AUTO ? battery->max_levels : battery->levels;
    switch (initial->kind) {
    case UM_INITIAL_VACUUM:
        return UM_OK;
    case UM_INITIAL_FOCK:
        if (initial->level < 0 || initial->level >= top)
            REFUSE(key,
                   "fock level %d does not exist in a battery of %s%d levels; 0 to %d are "
                   "allowed",
                   initial->level, battery->levels ? "" : "at most ", top, top - 1);
        return UM_OK;
    case UM_INITIAL_COHERENT:
        if (!cavity) REFUSE(key, "a coherent state exists in a cavity only");
        if (!isfinite(initial->re) || !isfinite(initial->im))
            REFUSE(key, "the amplitude of a coherent state must be finite");
        return UM_OK;
    case UM_INITIAL_THERMAL:
        if (!(initial->mean >= 0) || !isfinite(initial->mean))
            REFUSE(key, "a thermal state of mean %g; the mean occupation must be >= 0 and finite",
                   initial->mean);
        return UM_OK;
    case UM_INITIAL_SQUEEZED:
        if (!cavity) REFUSE(key, "a squeezed state exists in a cavity only");
        if (!(initial->r >= 0) || !isfinite(initial->r) || !isfinite(initial->angle))
            REFUSE(key, "squeezing r = %g, angle = %g; r must be >= 0, both finite", initial->r,
                   initial->angle);
        return UM_OK;
    case UM_INITIAL_MATRIX:
        return check_matrix(ctx, initial, key);
    }
    REFUSE(key, "unknown kind of state %d", (int)initial->kind);
}

static um_status check_custom(um_context *ctx, const um_battery *battery)
{
    if (!battery->energies || !battery->lowering)
        REFUSE(battery->energies ? "battery.lowering" : "battery.energies",
               "a custom battery needs both energies and lowering");
    for (int n = 0; n < battery->levels; n++) {
        if (!isfinite(battery->energies[n]))
            REFUSE("battery.energies", "the energy of level %d is not a finite number", n);
        if (!isfinite(battery->lowering[n]))
            REFUSE("battery.lowering", "the element of level %d is not a finite number", n);
    }
    if (battery->lowering[0] != 0)
        REFUSE("battery.lowering",
               "the first element is %g; it must be 0, for nothing stands below "
               "level 0",
               battery->lowering[0]);
    return UM_OK;
}

static um_status check_battery(um_context *ctx, const um_battery *battery)
{
    if ((unsigned)battery->kind > UM_BATTERY_CUSTOM)
        REFUSE("battery.kind", "unknown kind of battery %d", (int)battery->kind);
    bool automatic = battery->levels == UM_LEVELS_AUTO;
    if (automatic && battery->kind == UM_BATTERY_CUSTOM)
        REFUSE("battery.levels", "a custom battery has as many levels as it has energies");
    if (!automatic && (battery->levels < UM_LEVELS_MIN || battery->levels > UM_LEVELS_MAX))
        REFUSE("battery.levels", "%d levels; auto or %d to %d are allowed", battery->levels,
               UM_LEVELS_MIN, UM_LEVELS_MAX);
    if (battery->max_levels < UM_LEVELS_MIN || battery->max_levels > UM_LEVELS_MAX)
        REFUSE("battery.max_levels", "%d levels; %d to %d are allowed", battery->max_levels,
               UM_LEVELS_MIN, UM_LEVELS_MAX);
    if (!(battery->frequency > 0) || !isfinite(battery->frequency))
        REFUSE("battery.frequency", "frequency %g; it must be > 0 and finite", battery->frequency);
    if (battery->kind == UM_BATTERY_CUSTOM) UMI_TRY(check_custom(ctx, battery));
    return check_initial(ctx, &battery->initial, battery, "battery.initial");
}

static um_status check_list(um_context *ctx, const char *key, const int64_t *list, size_t count,
                            int64_t total)
{
    if (count && !list) REFUSE(key, "the list is missing");
    for (size_t i = 0; i < count; i++) {
        if (list[i] < 0 || list[i] > total)
            REFUSE(key, "collision %lld; the run has collisions 0 to %lld", (long long)list[i],
                   (long long)total);
        if (i > 0 && list[i] <= list[i - 1])
            REFUSE(key, "collision %lld stands after %lld; a list must ascend, each number once",
                   (long long)list[i], (long long)list[i - 1]);
    }
    return UM_OK;
}

static um_status check_wigner(um_context *ctx, const um_spec *spec, int64_t total)
{
    const um_wigner_grid *grid = &spec->record.wigner_grid;
    size_t count = spec->record.wigner_count;
    UMI_TRY(check_list(ctx, "record.wigner.at", spec->record.wigner_at, count, total));
    if (grid->points == 0 && count == 0) return UM_OK;
    if (spec->battery.kind != UM_BATTERY_CAVITY)
        REFUSE("record.wigner", "a Wigner function exists for a cavity only");
    if (grid->points < 2 || grid->points > 4000)
        REFUSE("record.wigner.grid", "%d points; 2 to 4000 are allowed", grid->points);
    if (!isfinite(grid->min) || !isfinite(grid->max) || !(grid->min < grid->max))
        REFUSE("record.wigner.grid",
               "the range %g to %g; the minimum must be below the maximum, "
               "both finite",
               grid->min, grid->max);
    return UM_OK;
}

static um_status check_record(um_context *ctx, const um_spec *spec, int64_t total)
{
    const um_record *record = &spec->record;
    if ((unsigned)record->mode > UM_RECORD_LIST)
        REFUSE("record.at", "unknown way of recording %d", (int)record->mode);
    if (record->per_decade < 1 || record->per_decade > 1000)
        REFUSE("record.per_decade", "%d records a decade; 1 to 1000 are allowed",
               record->per_decade);
    if (record->mode == UM_RECORD_LIST)
        UMI_TRY(check_list(ctx, "record.at", record->at, record->at_count, total));
    UMI_TRY(check_list(ctx, "record.states", record->states, record->states_count, total));
    if (record->has_fidelity)
        UMI_TRY(check_initial(ctx, &record->fidelity_with, &spec->battery, "record.fidelity_with"));
    return check_wigner(ctx, spec, total);
}

static um_status check_accuracy(um_context *ctx, const um_accuracy *accuracy)
{
    if (!(accuracy->truncation > 0 && accuracy->truncation <= 1))
        REFUSE("accuracy.truncation",
               "truncation %g; more than 0 and at most 1 are allowed (1 "
               "switches the guard off)",
               accuracy->truncation);
    if (!(accuracy->plateau_tolerance > 0 && accuracy->plateau_tolerance < 1))
        REFUSE("accuracy.plateau_tolerance", "tolerance %g; it must lie between 0 and 1",
               accuracy->plateau_tolerance);
    if (!(accuracy->horizon >= 1) || !isfinite(accuracy->horizon))
        REFUSE("accuracy.horizon", "horizon %g; at least one collision, and finite",
               accuracy->horizon);
    if ((unsigned)accuracy->method > UM_METHOD_FORWARD)
        REFUSE("accuracy.method", "unknown method %d", (int)accuracy->method);
    return UM_OK;
}

um_status umi_model_check(um_context *ctx, const um_spec *spec)
{
    UMI_TRY(check_battery(ctx, &spec->battery));
    if (!(spec->omega_si >= 0) || !isfinite(spec->omega_si))
        REFUSE("omega_si", "omega = %g rad/s; it must be > 0 and finite, or 0 where none is known",
               spec->omega_si);
    if (spec->stages_count < 1 || !spec->stages)
        REFUSE("stages", "no stages; at least one is needed, for example: stages: [charge: 1000]");
    int64_t total = 0;
    for (size_t i = 0; i < spec->stages_count; i++) {
        umi_stage_place place = {ctx, &spec->battery, i};
        UMI_TRY(umi_stage_check(&place, &spec->stages[i], spec->accuracy.method));
        total += spec->stages[i].collisions;
        if (total > UMI_COLLISIONS_MAX)
            return umi_fail_stage(&place, umi_stage_get_word(spec->stages[i].kind),
                                  "the stages up to here have %lld collisions; a "
                                  "run has at most 1e15",
                                  (long long)total);
    }
    UMI_TRY(check_record(ctx, spec, total));
    return check_accuracy(ctx, &spec->accuracy);
}
