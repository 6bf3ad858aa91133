/* The same in the lab frame, detuned atoms, a finite ladder. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    spec->battery.kind = UM_BATTERY_LADDER;
    spec->battery.levels = levels;
    stage->atoms = (um_atoms){.q = 0.6, .c = 0.5, .phase = 1.1, .detuning = -0.2};
    stage->interaction.g = 0.8;
    stage->interaction.tau = 0.4;
    stage->interaction.counter_rotating = 1;
    stage->stream.frame = UM_FRAME_LAB;
    stage->stream.period = 0.4;
    stage->environment = (um_environment){.kappa = 2e-3, .n_th = 0.3, .dephasing = 1e-4,
                                         .during_collision = true, .atom_decay = 0.02};
}

int main(void)
{
    const map_subject subject = {.method = "open-rabi", .describe = describe,
                                 .energy = map_conformance_even, .price = 0.8, .excited = 0.4,
                                 .finite = true, .open = true,
                                 .units = 2, .tolerance = 1e-12, .collisions = 100, .largest = 17};
    return map_conformance_main(&subject);
}
