/* The resonant stencil without atomic coherence, a ladder without end. */
#include "map_conformance.h"

static um_status create(um_context *ctx, int levels, um_map **map)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.battery.kind = UM_BATTERY_LADDER;
    stage.atoms = (um_atoms){.q = 0.1};
    stage.interaction.theta = 2.2;
    spec.stages = &stage;
    return map_conformance_create(ctx, &spec, levels, map);
}

int main(void)
{
    const map_subject subject = {.method = "resonant-stencil", .create = create,
                                 .energy = map_conformance_even, .price = 1, .excited = 0.9,
                                 .stationary = true, .tuned = true, .reach = 1};
    return map_conformance_main(&subject);
}
