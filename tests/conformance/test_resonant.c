/* The resonant stencil, a truncated cavity. */
#include "map_conformance.h"

static um_status create(um_context *ctx, int levels, um_map **map)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.atoms = (um_atoms){.q = 0.3, .c = 0.8, .phase = 0.6};
    stage.interaction.theta = 0.9;
    spec.stages = &stage;
    return map_conformance_create(ctx, &spec, levels, map);
}

int main(void)
{
    const map_subject subject = {.method = "resonant-stencil", .create = create,
                                 .energy = map_conformance_even, .price = 1, .excited = 0.7,
                                 .stationary = true, .tuned = true, .reach = 1};
    return map_conformance_main(&subject);
}
