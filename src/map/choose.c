/* Which implementation a stage's map has. */
#include "map/map.h"

#include <math.h>

#include "map/atoms.h"
#include "map/average.h"
#include "map/compose.h"
#include "map/drawn.h"
#include "map/joint.h"
#include "map/open_rabi.h"
#include "map/stray.h"
#include "model/model.h"

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
    return 1 - step + (it->atoms.detuning - it->stray) / battery->frequency;
}

/* With the guard off operators are truncated like matrices, a' |top> = 0, and the trace is kept. */
static bool is_cut_as_told(const um_spec *spec, const um_stage *stage, int levels)
{
    bool climbs = stage->environment.kappa > 0 && stage->environment.n_th > 0;
    return spec->battery.kind == UM_BATTERY_CAVITY && spec->battery.levels == levels &&
           spec->accuracy.truncation >= 1 && climbs;
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
    bool average = chosen->imperfections.draw == UM_DRAW_AVERAGE || chosen->kind == UM_STAGE_DISCHARGE;
    *collision = (umi_collision){
        .battery = battery,
        .atoms = average ? umi_atoms_average(chosen) : chosen->atoms,
        .interaction = chosen->interaction,
        .stream = chosen->stream,
        .environment = chosen->environment,
        .imperfections = chosen->imperfections,
        .seed = spec->seed,
        .gap = fmax(chosen->stream.period - chosen->interaction.tau, 0),
        .lab = chosen->stream.frame == UM_FRAME_LAB,
        .finite = battery->kind != UM_BATTERY_CAVITY &&
                  (battery->levels == levels || (custom && chosen->interaction.counter_rotating > 0)),
        .closed = is_cut_as_told(spec, chosen, levels),
        .even = umi_is_evenly_spaced(battery, custom ? battery->levels : levels),
        .levels = levels,
    };
    if (chosen->interaction.counter_rotating > 0 && !collision->even)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "interaction.counter_rotating",
                            "counter-rotating terms with unequally spaced levels: not in this "
                            "version; set it to 0 or space the levels equally");
    if (average) collision->imperfections.q_spread = collision->imperfections.phase_spread = 0;
    if (chosen->imperfections.draw == UM_DRAW_FROZEN) umi_collision_draw(collision, UMI_STREAM_FROZEN, 0);
    return UM_OK;
}

um_status umi_map_create_pure(um_context *ctx, const umi_collision *collision, um_map **map)
{
    return collision->interaction.counter_rotating > 0
               ? umi_map_create_rabi(ctx, collision, map)
               : umi_map_create_stencil(ctx, collision, map);
}

/* Collisions that are all alike. */
static um_status create_one(um_context *ctx, const umi_collision *it, um_map **map)
{
    um_map *made;
    bool rotating = it->interaction.counter_rotating > 0, pulsed = it->interaction.pulse != UM_PULSE_CONSTANT;
    *map = NULL;
    if (umi_joint_acts(it) && !rotating) return umi_map_create_joint(ctx, it, map);
    UMI_TRY(umi_joint_acts(it) ? umi_map_create_open_rabi(ctx, it, &made) : umi_map_create_pure(ctx, it, &made));
    /* Tables have this work already, and so has that of a pulse. */
    if (it->stray != 0 && (rotating || !pulsed))
        return umi_map_create_stray(ctx, it->stray / it->battery->frequency, made, map);
    *map = made;
    return UM_OK;
}

/* Every collision comes by here, and those whose time was drawn, or is one of a mean, have no spread any more. */
static um_status check_time(um_context *ctx, const umi_collision *it)
{
    double tau = it->interaction.tau;
    bool reverses = tau < 0 || umi_spread_reverses(&it->imperfections);
    if (!reverses || !umi_environment_acts_inside(&it->environment, fabs(tau))) return UM_OK;
    return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "imperfections.theta_spread",
                        "interaction times scatter so far that some are negative, which an environment that acts "
                        "meanwhile does not allow; use at most 0.117, or theta_law: velocity");
}

/* While the atom is inside. */
static um_status create_inner(um_context *ctx, const umi_collision *it, um_map **map)
{
    *map = NULL;
    UMI_TRY(check_time(ctx, it));
    if (!umi_interaction_is_spread(&it->imperfections)) return create_one(ctx, it, map);
    return umi_joint_acts(it) ? umi_map_create_average_joint(ctx, it, map)
                              : umi_map_create_average(ctx, it, create_one, map);
}

/* What an environment does in a gap that is over before it begins is not known. */
static um_status check_gap(um_context *ctx, const umi_collision *it)
{
    if (it->gap >= 0 || !umi_environment_acts(&it->environment)) return UM_OK;
    return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "stream.period",
                        "interaction times scatter: one of %g is longer than the period of %g, and leaves no gap for "
                        "the environment to act in; lengthen the period, let the times scatter less, or make "
                        "arrivals poisson",
                        it->interaction.tau, it->interaction.tau + it->gap);
}

/* Until the next atom comes. */
static um_status create_slot(um_context *ctx, const umi_collision *it, um_map **map)
{
    *map = NULL;
    UMI_TRY(check_gap(ctx, it));
    if (!umi_collision_is_composed(it)) return create_inner(ctx, it, map);
    umi_collision inside = umi_collision_inside(it);
    um_map *inner;
    UMI_TRY(create_inner(ctx, &inside, &inner));
    return umi_map_create_composed(ctx, it, inner, map);
}

bool umi_collision_gap_scatters(const umi_collision *it)
{
    return umi_environment_acts(&it->environment) && umi_spread_acts(&it->imperfections) &&
           it->interaction.tau > 0 && it->gap > 0 && it->stream.arrivals == UM_ARRIVALS_REGULAR;
}

um_status um_map_create(um_context *ctx, const um_model *model, size_t stage, int levels,
                        um_map **map)
{
    *map = NULL;
    umi_collision collision;
    UMI_TRY(umi_collision_make(ctx, model, stage, levels, &collision));
    if (umi_stage_is_drawn(&um_model_get_spec(model)->stages[stage]))
        return umi_map_create_drawn(ctx, &collision, create_slot, map);
    if (umi_collision_gap_scatters(&collision))
        return umi_map_create_mixture(ctx, &collision, create_slot, map);
    return create_slot(ctx, &collision, map);
}
