/* Which implementation a stage's map has. */
#include "map/map.h"

#include <math.h>

#include "map/compose.h"

static double level_shift(const um_battery *battery, int n)
{
    return um_battery_get_energy(battery, n) - n;
}

bool umi_is_evenly_spaced(const um_battery *battery, int levels)
{
    for (int n = 1; n < levels; n++)
        if (fabs(level_shift(battery, n) - level_shift(battery, 0)) > 1e-15 * (n + 1)) return false;
    return true;
}

double umi_collision_mismatch(const umi_collision *it, int n)
{
    const um_battery *battery = it->battery;
    double step = it->even ? 1 : um_battery_get_energy(battery, n) - um_battery_get_energy(battery, n - 1);
    return 1 - step + it->atoms.detuning / battery->frequency;
}

um_status umi_collision_make(um_context *ctx, const um_model *model, size_t stage, int levels,
                             umi_collision *collision)
{
    const um_spec *spec = um_model_get_spec(model);
    const um_battery *battery = &spec->battery;
    bool custom = battery->kind == UM_BATTERY_CUSTOM;
    if (stage >= spec->stages_count || levels < 1 || levels > UM_LEVELS_MAX ||
        (custom && levels > battery->levels))
        return umi_fail(ctx, UM_ERROR_ARG, "map of stage %zu (of %zu) with %d levels", stage,
                        spec->stages_count, levels);
    const um_stage *chosen = &spec->stages[stage];
    *collision = (umi_collision){
        .battery = battery,
        .atoms = chosen->atoms,
        .interaction = chosen->interaction,
        .stream = chosen->stream,
        .environment = chosen->environment,
        .imperfections = chosen->imperfections,
        .seed = spec->seed,
        .gap = fmax(chosen->stream.period - chosen->interaction.tau, 0),
        .lab = chosen->stream.frame == UM_FRAME_LAB,
        .finite = battery->kind != UM_BATTERY_CAVITY &&
                  (battery->levels == levels || (custom && chosen->interaction.counter_rotating > 0)),
        .even = umi_is_evenly_spaced(battery, custom ? battery->levels : levels),
        .levels = levels,
    };
    if (chosen->interaction.counter_rotating > 0 && !collision->even)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "interaction.counter_rotating",
                            "counter-rotating terms with unequally spaced levels: not in this "
                            "version; set it to 0 or space the levels equally");
    return UM_OK;
}

um_status umi_map_create_pure(um_context *ctx, const umi_collision *collision, um_map **map)
{
    return collision->interaction.counter_rotating > 0
               ? umi_map_create_rabi(ctx, collision, map)
               : umi_map_create_stencil(ctx, collision, map);
}

/* Until the next atom comes. */
static um_status create_slot(um_context *ctx, const umi_collision *it, um_map **map)
{
    if (!umi_collision_is_composed(it)) return umi_map_create_pure(ctx, it, map);
    umi_collision inside = umi_collision_inside(it);
    um_map *inner;
    UMI_TRY(umi_map_create_pure(ctx, &inside, &inner));
    return umi_map_create_composed(ctx, it, inner, map);
}

um_status um_map_create(um_context *ctx, const um_model *model, size_t stage, int levels,
                        um_map **map)
{
    *map = NULL;
    umi_collision collision;
    UMI_TRY(umi_collision_make(ctx, model, stage, levels, &collision));
    return create_slot(ctx, &collision, map);
}

um_status um_map_create_displacement(um_context *ctx, const um_battery *battery, int levels, double re,
                                     double im, um_map **map)
{
    (void)battery, (void)levels, (void)re, (void)im;
    *map = NULL;
    return umi_fail(ctx, UM_ERROR_UNSUPPORTED, "drive: not in this version");
}
