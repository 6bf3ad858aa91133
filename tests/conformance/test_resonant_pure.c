/* Pure atoms and a finite ladder: the stencil of two Kraus operators, a wall at the top. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    spec->battery.kind = UM_BATTERY_LADDER;
    spec->battery.levels = levels;
    stage->atoms = (um_atoms){.q = 0.35, .c = 1, .phase = -2.1};
    stage->interaction.theta = 1.7;
    stage->interaction.tau = 0.6;
}

int main(void)
{
    const map_subject subject = {.method = "resonant-stencil", .describe = describe,
                                 .energy = map_conformance_even, .price = 1, .excited = 0.65,
                                 .stationary = true, .finite = true, .reach = 1};
    return map_conformance_main(&subject);
}
