/* A collision with a thermal environment, dephasing and empty slots around it. */
#include "map_conformance.h"

static um_status create(um_context *ctx, int levels, um_map **map)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.atoms = (um_atoms){.q = 0.4, .c = 0.7, .phase = -0.5};
    stage.interaction.theta = 1.1;
    stage.interaction.tau = 0.5;
    stage.stream.period = 1.4;
    stage.environment = (um_environment){.kappa = 0.05, .n_th = 0.2, .dephasing = 0.03};
    spec.stages = &stage;
    return map_conformance_create(ctx, &spec, levels, map);
}

int main(void)
{
    const map_subject subject = {.method = "resonant-stencil+channel", .create = create,
                                 .energy = map_conformance_even, .price = 1, .excited = 0.6,
                                 .stationary = true, .tuned = true, .open = true};
    return map_conformance_main(&subject);
}
