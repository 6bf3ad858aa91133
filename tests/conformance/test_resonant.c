/* The resonant stencil, a truncated cavity. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    (void)levels;
    (void)spec;
    stage->atoms = (um_atoms){.q = 0.3, .c = 0.8, .phase = 0.6};
    stage->interaction.theta = 0.9;
}

int main(void)
{
    const map_subject subject = {.method = "resonant-stencil", .describe = describe,
                                 .energy = map_conformance_even, .price = 1, .excited = 0.7,
                                 .stationary = true, .reach = 1};
    return map_conformance_main(&subject);
}
