/* The detuned stencil, a truncated cavity of frequency 2. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    (void)levels;
    spec->battery.frequency = 2;
    stage->atoms = (um_atoms){.q = 0.25, .c = 1, .phase = -1.2, .detuning = 0.7};
    stage->interaction.g = 1.1;
    stage->interaction.tau = 0.9;
}

int main(void)
{
    const map_subject subject = {.method = "detuned-stencil", .describe = describe,
                                 .energy = map_conformance_even, .price = 2.7 / 2, .excited = 0.75,
                                 .stationary = true, .reach = 1};
    return map_conformance_main(&subject);
}
