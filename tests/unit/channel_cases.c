#include "channel_cases.h"

static const struct {
    const char *name;
    um_battery_kind kind;
    bool wall, uneven;
    um_environment environment;
} kinds[CHANNEL_CASES] = {
    {"cavity, loss", UM_BATTERY_CAVITY, false, false, {.kappa = 0.7}},
    {"cavity, thermal", UM_BATTERY_CAVITY, false, false, {.kappa = 0.5, .n_th = 0.01}},
    {"cavity, all", UM_BATTERY_CAVITY, false, false, {.kappa = 0.3, .n_th = 0.06, .dephasing = 0.2}},
    {"cavity, dephasing", UM_BATTERY_CAVITY, false, false, {.dephasing = 0.4}},
    {"ladder, loss", UM_BATTERY_LADDER, false, false, {.kappa = 0.7, .dephasing = 0.1}},
    {"ladder, wall", UM_BATTERY_LADDER, true, false, {.kappa = 0.7, .n_th = 0.4}},
    {"cavity, cut", UM_BATTERY_CAVITY, true, false, {.kappa = 0.6, .n_th = 0.7, .dephasing = 0.1}},
    {"custom, even", UM_BATTERY_CUSTOM, true, false, {.kappa = 0.4, .n_th = 0.2, .dephasing = 0.1}},
    {"custom, uneven", UM_BATTERY_CUSTOM, true, true, {.kappa = 0.4, .n_th = 0.2, .dephasing = 0.1}},
    {"custom, closed", UM_BATTERY_CUSTOM, true, true, {.kappa = 0}},
};

static double even_energies[CHANNEL_LEVELS_MAX], uneven_energies[CHANNEL_LEVELS_MAX];
static double lowering[CHANNEL_LEVELS_MAX];

channel_case channel_case_make(int kind, int levels)
{
    for (int n = 0; n < CHANNEL_LEVELS_MAX; n++) {
        even_energies[n] = n + 0.25;
        uneven_energies[n] = n + 0.2 * sin(3 * n) + 0.01 * n * n;
        lowering[n] = n ? 1 + 0.6 * sin(n) : 0;
    }
    channel_case made = {.name = kinds[kind].name,
                         .environment = kinds[kind].environment,
                         .levels = levels,
                         .battery = {.kind = kinds[kind].kind,
                                     .levels = kinds[kind].wall ? levels < 2 ? 2 : levels : UM_LEVELS_AUTO,
                                     .max_levels = 4096,
                                     .frequency = kinds[kind].uneven ? 1.5 : 1}};
    if (kinds[kind].kind != UM_BATTERY_CUSTOM) return made;
    made.battery.energies = kinds[kind].uneven ? uneven_energies : even_energies;
    made.battery.lowering = lowering;
    return made;
}

static um_model *model_of(um_context *ctx, const channel_case *it, double mean)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.collisions = 1;
    stage.atoms = (um_atoms){.q = 1};
    /* No time at all is not possible where every level turns on its own. */
    stage.interaction.theta = 0;
    stage.interaction.tau = it->battery.kind == UM_BATTERY_CUSTOM ? 1e-30 : 0;
    stage.environment = it->environment;
    stage.stream.arrivals = mean > 0 ? UM_ARRIVALS_POISSON : UM_ARRIVALS_REGULAR;
    stage.stream.period = mean > 0 ? mean : 1;
    spec.battery = it->battery;
    if (it->battery.kind == UM_BATTERY_CAVITY && it->battery.levels != UM_LEVELS_AUTO) spec.accuracy.truncation = 1;
    spec.stages = &stage;
    um_model *model;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    return model;
}

um_map *channel_case_environment(um_context *ctx, const channel_case *it, double time)
{
    um_map *map;
    um_model *model = model_of(ctx, it, 0);
    CHECK_OK(ctx, um_map_create_environment(ctx, model, 0, it->levels, time, &map));
    um_model_destroy(model);
    return map;
}

um_map *channel_case_waiting(um_context *ctx, const channel_case *it, double mean)
{
    um_map *map;
    um_model *model = model_of(ctx, it, mean);
    CHECK_OK(ctx, um_map_create(ctx, model, 0, it->levels, &map));
    um_model_destroy(model);
    return map;
}
