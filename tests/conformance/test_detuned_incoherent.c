/* The detuned stencil without atomic coherence: diagonal states stay real and diagonal. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    (void)levels;
    (void)spec;
    stage->atoms = (um_atoms){.q = 0.25, .detuning = -0.7};
    stage->interaction.g = 1.1;
    stage->interaction.tau = 0.9;
}

int main(void)
{
    const map_subject subject = {.method = "detuned-stencil", .describe = describe,
                                 .energy = map_conformance_even, .price = 0.3, .excited = 0.75,
                                 .stationary = true, .reach = 1};
    return map_conformance_main(&subject);
}
