#include "uneven.h"

enum { LEVELS_MAX = 130 };

double uneven_energy(int n) { return 0.5 + n + 0.3 * sin(n) + 0.01 * n * n; }

um_stage uneven_stage(void)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.atoms = (um_atoms){.q = 0.4, .c = 0.5, .phase = 0.3, .detuning = 0.2};
    stage.interaction.g = 0.8;
    stage.interaction.tau = 1.3;
    return stage;
}

um_status uneven_create(um_context *ctx, const um_stage *stage, int levels, um_map **map)
{
    um_spec spec;
    double energies[LEVELS_MAX], lowering[LEVELS_MAX];
    um_spec_init(&spec);
    for (int n = 0; n < LEVELS_MAX; n++) {
        energies[n] = uneven_energy(n);
        lowering[n] = n ? 1 + 0.5 * cos(n) : 0;
    }
    spec.battery.kind = UM_BATTERY_CUSTOM;
    spec.battery.levels = levels < 2 ? 2 : levels;
    spec.battery.energies = energies;
    spec.battery.lowering = lowering;
    spec.battery.frequency = 1.5;
    spec.stages = stage;
    return map_conformance_create(ctx, &spec, levels, map);
}
