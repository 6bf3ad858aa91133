/* Counter-rotating collisions, locked frame, a ladder with its own top. */
#include "map_conformance.h"

static um_status create(um_context *ctx, int levels, um_map **map)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.battery.kind = UM_BATTERY_LADDER;
    spec.battery.levels = levels;
    stage.atoms = (um_atoms){.q = 0.25, .c = 1, .phase = 0.9, .detuning = 0.3};
    stage.interaction.g = 0.6;
    stage.interaction.tau = 1.7;
    stage.interaction.counter_rotating = 1;
    spec.stages = &stage;
    return map_conformance_create(ctx, &spec, levels, map);
}

int main(void)
{
    const map_subject subject = {.method = "unitary", .create = create,
                                 .energy = map_conformance_even, .price = 1.3, .excited = 0.75,
                                 .stationary = true, .finite = true};
    return map_conformance_main(&subject);
}
