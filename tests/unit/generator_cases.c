#include "generator_cases.h"

#include "check.h"

/* theta NAN: a trap. */
static const generator_case cases[GENERATOR_CASES] = {
    {.name = "resonant", .q = 0.25, .c = 1, .theta = 1, .tau = 1},
    {.name = "incoherent", .q = 0.4, .theta = 0.7, .tau = 1},
    {.name = "partly coherent, phase", .q = 0.6, .c = 0.5, .phase = 1.1, .theta = 2.3, .tau = 1},
    {.name = "ground state", .q = 1, .c = 1, .theta = 0.9, .tau = 1},
    {.name = "excited", .q = 0, .theta = 0.9, .tau = 1},
    {.name = "trap", .q = 0.25, .c = 1, .trap = 2, .half_turns = 1, .theta = NAN, .tau = NAN},
    {.name = "trap above 11 levels", .q = 0.3, .c = 0.9, .trap = 11, .half_turns = 2,
     .theta = NAN, .tau = NAN},
    {.name = "detuned", .q = 0.25, .c = 1, .detuning = 0.4, .theta = 1, .tau = 1.3, .phase = -2},
    {.name = "detuned, incoherent", .q = 0.25, .detuning = -0.7, .theta = 1.4, .tau = 2},
    {.name = "ladder", .kind = UM_BATTERY_LADDER, .q = 0.3, .c = 0.8, .theta = 0.8, .tau = 1},
    {.name = "ladder with a wall", .kind = UM_BATTERY_LADDER, .q = 0.3, .c = 0.8, .theta = 0.8,
     .tau = 1, .wall = true},
    {.name = "ladder, detuned, wall", .kind = UM_BATTERY_LADDER, .q = 0.3, .c = 0.8, .theta = 0.8,
     .tau = 1, .wall = true, .detuning = 0.2},
    {.name = "custom, even", .kind = UM_BATTERY_CUSTOM, .q = 0.3, .c = 0.8, .theta = 0.8, .tau = 1},
    {.name = "custom, uneven, gap", .kind = UM_BATTERY_CUSTOM, .q = 0.3, .c = 0.8, .theta = 0.8,
     .tau = 1, .skewness = 0.03, .period = 2.7, .phase = 0.3},
    {.name = "custom, uneven, detuned, gap", .kind = UM_BATTERY_CUSTOM, .q = 0.7, .c = 1,
     .theta = 1.8, .tau = 1.5, .skewness = 0.05, .period = 4, .detuning = 0.3},
    {.name = "custom, cut", .kind = UM_BATTERY_CUSTOM, .q = 0.3, .c = 0.8, .theta = 0.8, .tau = 1,
     .beyond = 1},
    {.name = "custom, uneven, cut", .kind = UM_BATTERY_CUSTOM, .q = 0.3, .c = 0.8, .theta = 0.8,
     .tau = 1, .skewness = 0.03, .period = 2, .beyond = 3},
    {.name = "custom, cut at a trap", .kind = UM_BATTERY_CUSTOM, .q = 0.3, .c = 0.8, .trap = 2,
     .half_turns = 1, .theta = NAN, .tau = NAN, .beyond = 4},
};

const generator_case *generator_case_get(int i) { return &cases[i]; }

bool generator_case_is_real(const generator_case *it)
{
    return it->detuning == 0 && it->skewness == 0;
}

um_model *generator_case_model(um_context *ctx, const generator_case *it, int levels)
{
    double energies[GENERATOR_LEVELS_MAX + 4], lowering[GENERATOR_LEVELS_MAX + 4];
    levels += it->beyond;
    if ((it->wall || it->kind == UM_BATTERY_CUSTOM) && levels < UM_LEVELS_MIN) return NULL;
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.stages = &stage;
    spec.battery.kind = it->kind;
    spec.battery.frequency = 1.25;
    if (it->wall) spec.battery.levels = levels;
    if (it->kind == UM_BATTERY_CUSTOM) {
        for (int n = 0; n < levels; n++) {
            energies[n] = 0.5 + n + it->skewness * n * n;
            lowering[n] = n == 0 ? 0 : 0.5 + 0.3 * ((n * 7) % 5);
        }
        spec.battery.levels = levels;
        spec.battery.energies = energies;
        spec.battery.lowering = lowering;
    }
    stage.atoms = (um_atoms){.q = it->q, .c = it->c, .phase = it->phase, .detuning = it->detuning};
    stage.interaction.theta = it->theta;
    stage.interaction.tau = it->tau;
    stage.interaction.trap = it->trap;
    stage.interaction.half_turns = it->half_turns;
    if (it->period > 0) stage.stream.period = it->period;
    stage.stream.atom_probability = 1 - it->missing;
    um_model *model;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    return model;
}
