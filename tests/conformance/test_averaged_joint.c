/* Three interaction times with all rates during the collision: a table that is a mean of tables. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    static const double factors[] = {0.8, 1, 1.3};
    spec->battery.kind = UM_BATTERY_LADDER;
    spec->battery.levels = levels;
    stage->atoms = (um_atoms){.q = 0.3, .c = 0.8, .phase = -0.4, .detuning = 0.1};
    stage->interaction.theta = 0.9;
    stage->interaction.tau = 0.7;
    stage->stream.period = 0.91;
    stage->stream.arrivals = UM_ARRIVALS_POISSON;
    stage->environment = (um_environment){.kappa = 0.02, .n_th = 0.2, .dephasing = 0.05, .during_collision = true,
                                          .atom_decay = 0.1, .atom_dephasing = 0.05};
    stage->imperfections.theta_law = UM_SPREAD_SAMPLES;
    stage->imperfections.theta_samples = factors;
    stage->imperfections.theta_samples_count = 3;
}

int main(void)
{
    const map_subject subject = {.method = "averaged-joint+channel", .describe = describe,
                                 .energy = map_conformance_even, .price = 1.1, .excited = 0.7,
                                 .stationary = true, .finite = true, .open = true,
                                 .units = 3, .largest = 17};
    return map_conformance_main(&subject);
}
