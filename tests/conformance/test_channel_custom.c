/* A custom battery of unequal levels that loses energy while every level turns on its own. */
#include "map_conformance.h"

enum { LEVELS_MAX = 130 };

static double energy(int n) { return 0.5 + n + 0.3 * sin(n) + 0.01 * n * n; }

static um_status create(um_context *ctx, int levels, um_map **map)
{
    um_spec spec;
    double energies[LEVELS_MAX], lowering[LEVELS_MAX];
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    for (int n = 0; n < LEVELS_MAX; n++) {
        energies[n] = energy(n);
        lowering[n] = n ? 1 + 0.5 * cos(n) : 0;
    }
    spec.battery.kind = UM_BATTERY_CUSTOM;
    spec.battery.levels = levels < 2 ? 2 : levels;
    spec.battery.energies = energies;
    spec.battery.lowering = lowering;
    spec.battery.frequency = 1.5;
    stage.atoms = (um_atoms){.q = 0.4, .c = 0.5, .phase = 0.3, .detuning = 0.2};
    stage.interaction.g = 0.8;
    stage.interaction.tau = 1.3;
    stage.stream.period = 2;
    stage.environment = (um_environment){.kappa = 0.2, .n_th = 0.1, .dephasing = 0.05};
    spec.stages = &stage;
    return map_conformance_create(ctx, &spec, levels, map);
}

int main(void)
{
    const map_subject subject = {.method = "detuned-stencil+channel", .create = create, .energy = energy,
                                 .price = 1.7 / 1.5, .excited = 0.6, .stationary = true,
                                 .finite = true, .tuned = true, .open = true};
    return map_conformance_main(&subject);
}
