/* Interaction time, phase and detuning drawn anew for every collision, a truncated cavity. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    (void)levels;
    spec->battery.frequency = 2;
    spec->seed = 12;
    stage->atoms = (um_atoms){.q = 0.25, .c = 1, .phase = -1.2, .detuning = 0.7};
    stage->interaction.g = 1.1;
    stage->interaction.tau = 0.9;
    stage->imperfections.theta_spread = 0.1;
    stage->imperfections.phase_spread = 0.5;
    stage->imperfections.detuning_spread = 0.3;
    stage->imperfections.draw = UM_DRAW_RANDOM;
}

int main(void)
{
    const map_subject subject = {.method = "random", .describe = describe,
                                 .energy = map_conformance_even, .price = 2.7 / 2, .excited = 0.75,
                                 .stationary = false, .reach = 1,
                                 .unknown = true};
    return map_conformance_main(&subject);
}
