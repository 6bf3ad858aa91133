/* Rabi collisions of three lengths mixed. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    (void)levels;
    static const double factors[] = {0.8, 1, 1.1};
    spec->battery.frequency = 2;
    stage->atoms = (um_atoms){.q = 0.25, .c = 1, .phase = -1.2, .detuning = 0.7};
    stage->interaction.g = 0.6;
    stage->interaction.tau = 0.9;
    stage->interaction.counter_rotating = 1;
    stage->imperfections.theta_law = UM_SPREAD_SAMPLES;
    stage->imperfections.theta_samples = factors;
    stage->imperfections.theta_samples_count = 3;
}

int main(void)
{
    const map_subject subject = {.method = "averaged-mixture", .describe = describe,
                                 .energy = map_conformance_even, .price = 2.7 / 2, .excited = 0.75,
                                 .stationary = true,
                                 .margin = 20, .units = 3, .leaks = true, .collisions = 3, .largest = 101};
    return map_conformance_main(&subject);
}
