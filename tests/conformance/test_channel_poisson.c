/* Atoms that come at random, a ladder with a wall, thermal. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    stage->atoms = (um_atoms){.q = 0.4, .c = 0.7, .phase = -0.5};
    stage->interaction.theta = 1.1;
    stage->interaction.tau = 0.5;
    stage->stream.period = 1.4;
    stage->stream.arrivals = UM_ARRIVALS_POISSON;
    spec->battery.kind = UM_BATTERY_LADDER;
    spec->battery.levels = levels < 2 ? 2 : levels;
    stage->environment = (um_environment){.kappa = 0.05, .n_th = 0.2, .dephasing = 0.03};
}

int main(void)
{
    const map_subject subject = {.method = "resonant-stencil+channel", .describe = describe,
                                 .energy = map_conformance_even, .price = 1, .excited = 0.6,
                                 .stationary = true, .finite = true, .open = true};
    return map_conformance_main(&subject);
}
