/* A resonant collision averaged over interaction times, a truncated cavity. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    (void)levels;
    (void)spec;
    stage->atoms = (um_atoms){.q = 0.25, .c = 0.9, .phase = 0.7};
    stage->interaction.theta = 1.3;
    stage->interaction.tau = 1;
    stage->imperfections.theta_spread = 0.1;
}

int main(void)
{
    const map_subject subject = {.method = "averaged-resonant", .describe = describe,
                                 .energy = map_conformance_even, .price = 1, .excited = 0.75,
                                 .stationary = true, .reach = 1};
    return map_conformance_main(&subject);
}
