/* The stencil with complex factors of a custom battery: unequal levels, a gap after the collision. */
#include "uneven.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    uneven_describe(levels, spec, stage);
    stage->stream.period = 2;
}

int main(void)
{
    const map_subject subject = {.method = "detuned-stencil", .describe = describe, .energy = uneven_energy,
                                 .price = 1.7 / 1.5, .excited = 0.6, .stationary = true,
                                 .finite = true, .reach = 1};
    return map_conformance_main(&subject);
}
