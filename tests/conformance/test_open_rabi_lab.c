/* The same in the lab frame, detuned atoms, a finite ladder. */
#include "map_conformance.h"

static um_status create(um_context *ctx, int levels, um_map **map)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.battery.kind = UM_BATTERY_LADDER;
    spec.battery.levels = levels;
    stage.atoms = (um_atoms){.q = 0.6, .c = 0.5, .phase = 1.1, .detuning = -0.2};
    stage.interaction.g = 0.8;
    stage.interaction.tau = 0.4;
    stage.interaction.counter_rotating = 1;
    stage.stream.frame = UM_FRAME_LAB;
    stage.stream.period = 0.4;
    stage.environment = (um_environment){.kappa = 2e-3, .n_th = 0.3, .dephasing = 1e-4,
                                         .during_collision = true, .atom_decay = 0.02};
    spec.stages = &stage;
    return map_conformance_create(ctx, &spec, levels, map);
}

int main(void)
{
    const map_subject subject = {.method = "open-rabi", .create = create,
                                 .energy = map_conformance_even, .price = 0.8, .excited = 0.4,
                                 .finite = true, .open = true};
    return map_conformance_main(&subject);
}
