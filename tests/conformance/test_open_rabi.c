/* Counter-rotating collisions with everything acting during them, in the locked frame, an endless cavity. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    (void)levels;
    spec->battery.frequency = 2;
    stage->atoms = (um_atoms){.q = 0.3, .c = 0.8, .phase = -0.4};
    stage->interaction.g = 0.1;
    stage->interaction.tau = M_PI / 2; /* a period of the locked frame: no gap */
    stage->interaction.counter_rotating = 0.7;
    stage->environment = (um_environment){.kappa = 2e-4, .n_th = 0.1, .dephasing = 1e-4,
                                         .during_collision = true, .atom_decay = 2e-3,
                                         .atom_dephasing = 1e-3};
}

int main(void)
{
    const map_subject subject = {.method = "open-rabi", .describe = describe,
                                 .energy = map_conformance_even, .price = 1, .excited = 0.7,
                                 .stationary = true, .open = true,
                                 .margin = 10, .units = 1, .tolerance = 1e-11, .leaks = true, .collisions = 10, .largest = 17};
    return map_conformance_main(&subject);
}
