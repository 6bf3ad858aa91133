/* Counter-rotating collisions, locked frame, a ladder with its own top. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    spec->battery.kind = UM_BATTERY_LADDER;
    spec->battery.levels = levels;
    stage->atoms = (um_atoms){.q = 0.25, .c = 1, .phase = 0.9, .detuning = 0.3};
    stage->interaction.g = 0.6;
    stage->interaction.tau = 1.7;
    stage->interaction.counter_rotating = 1;
}

int main(void)
{
    const map_subject subject = {.method = "unitary", .describe = describe,
                                 .energy = map_conformance_even, .price = 1.3, .excited = 0.75,
                                 .stationary = true, .finite = true};
    return map_conformance_main(&subject);
}
