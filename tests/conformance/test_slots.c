/* Every third atom is missing, the environment acts all the time; detuned, a ladder with a wall. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    spec->battery.kind = UM_BATTERY_LADDER;
    spec->battery.levels = levels;
    stage->atoms = (um_atoms){.q = 0.4, .c = 0.5, .phase = 0.3, .detuning = 0.2};
    stage->interaction.g = 0.8;
    stage->interaction.tau = 1.3;
    stage->stream.period = 1.9;
    stage->stream.atom_probability = 2.0 / 3;
    stage->environment = (um_environment){.kappa = 0.1, .n_th = 0.3, .dephasing = 0.02, .during_collision = true};
}

int main(void)
{
    const map_subject subject = {.method = "joint-table+channel", .describe = describe,
                                 .energy = map_conformance_even, .price = 1.2, .excited = 0.6, .present = 2.0 / 3,
                                 .stationary = true, .finite = true, .open = true, .units = 3, .largest = 17};
    return map_conformance_main(&subject);
}
