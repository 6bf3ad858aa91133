/* Counter-rotating collisions in the lab frame, a truncated cavity. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    (void)levels;
    (void)spec;
    stage->atoms = (um_atoms){.q = 0.4, .c = 0.7, .phase = -0.5};
    stage->interaction.g = 0.3;
    stage->interaction.tau = 0.8;
    stage->interaction.counter_rotating = 0.6;
    stage->stream.frame = UM_FRAME_LAB;
    stage->stream.period = 1.1;
}

int main(void)
{
    const map_subject subject = {.method = "unitary", .describe = describe,
                                 .energy = map_conformance_even, .price = 1, .excited = 0.6,
                                 .margin = 20, .units = 4, .leaks = true, .collisions = 30};
    return map_conformance_main(&subject);
}
