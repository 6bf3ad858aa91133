/* Pure atoms and a cavity whose top level, in a space of nine, is an exact trap. */
#include "map_conformance.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    (void)levels;
    (void)spec;
    stage->atoms = (um_atoms){.q = 0.25, .c = 1};
    stage->interaction.trap = 8;
    stage->interaction.half_turns = 1;
}

int main(void)
{
    /* The oracle's top has another sign where it is the trap. */
    const map_subject subject = {.method = "resonant-stencil", .describe = describe,
                                 .energy = map_conformance_even, .price = 1, .excited = 0.75,
                                 .stationary = true, .reach = 1};
    return map_conformance_main(&subject);
}
