/* Resonant collisions with everything acting during them, thermal photons in an endless cavity too. */
#include "map_conformance.h"

static um_status create(um_context *ctx, int levels, um_map **map)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.battery.frequency = 2;
    stage.atoms = (um_atoms){.q = 0.3, .c = 0.8, .phase = -0.4};
    stage.interaction.theta = 1.1;
    stage.interaction.tau = 0.9;
    stage.environment = (um_environment){.kappa = 1e-3, .n_th = 0.1, .dephasing = 0.02,
                                         .during_collision = true, .atom_decay = 0.1,
                                         .atom_dephasing = 0.05};
    spec.stages = &stage;
    return map_conformance_create(ctx, &spec, levels, map);
}

int main(void)
{
    const map_subject subject = {.method = "joint-table", .create = create,
                                 .energy = map_conformance_even, .price = 1, .excited = 0.7,
                                 .stationary = true, .open = true, .tuned = true};
    return map_conformance_main(&subject);
}
