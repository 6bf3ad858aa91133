/* Resonant collisions with everything acting during them, thermal photons in an endless cavity too. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    (void)levels;
    spec->battery.frequency = 2;
    stage->atoms = (um_atoms){.q = 0.3, .c = 0.8, .phase = -0.4};
    stage->interaction.theta = 1.1;
    stage->interaction.tau = 0.9;
    stage->environment = (um_environment){.kappa = 1e-3, .n_th = 0.1, .dephasing = 0.02,
                                         .during_collision = true, .atom_decay = 0.1,
                                         .atom_dephasing = 0.05};
}

int main(void)
{
    const map_subject subject = {.method = "joint-table", .describe = describe,
                                 .energy = map_conformance_even, .price = 1, .excited = 0.7,
                                 .stationary = true, .open = true,
                                 .margin = 6, .units = 2, .leaks = true, .collisions = 30, .largest = 37};
    return map_conformance_main(&subject);
}
