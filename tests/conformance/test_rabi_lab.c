/* Counter-rotating collisions in the lab frame, a truncated cavity. */
#include "map_conformance.h"

static um_status create(um_context *ctx, int levels, um_map **map)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.atoms = (um_atoms){.q = 0.4, .c = 0.7, .phase = -0.5};
    stage.interaction.g = 0.3;
    stage.interaction.tau = 0.8;
    stage.interaction.counter_rotating = 0.6;
    stage.stream.frame = UM_FRAME_LAB;
    stage.stream.period = 1.1;
    spec.stages = &stage;
    return map_conformance_create(ctx, &spec, levels, map);
}

int main(void)
{
    const map_subject subject = {.method = "unitary", .create = create,
                                 .energy = map_conformance_even, .price = 1, .excited = 0.6};
    return map_conformance_main(&subject);
}
