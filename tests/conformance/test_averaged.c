/* A resonant collision averaged over interaction times, a truncated cavity. */
#include "map_conformance.h"

static um_status create(um_context *ctx, int levels, um_map **map)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.atoms = (um_atoms){.q = 0.25, .c = 0.9, .phase = 0.7};
    stage.interaction.theta = 1.3;
    stage.interaction.tau = 1;
    stage.imperfections.theta_spread = 0.1;
    spec.stages = &stage;
    return map_conformance_create(ctx, &spec, levels, map);
}

int main(void)
{
    const map_subject subject = {.method = "averaged-resonant", .create = create,
                                 .energy = map_conformance_even, .price = 1, .excited = 0.75,
                                 .stationary = true, .tuned = true, .reach = 1};
    return map_conformance_main(&subject);
}
