/* The resonant stencil without atomic coherence, a ladder without end. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    (void)levels;
    spec->battery.kind = UM_BATTERY_LADDER;
    stage->atoms = (um_atoms){.q = 0.1};
    stage->interaction.theta = 2.2;
}

int main(void)
{
    const map_subject subject = {.method = "resonant-stencil", .describe = describe,
                                 .energy = map_conformance_even, .price = 1, .excited = 0.9,
                                 .stationary = true, .reach = 1};
    return map_conformance_main(&subject);
}
