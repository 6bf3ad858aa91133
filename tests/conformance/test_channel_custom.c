/* A custom battery of unequal levels that loses energy while every level turns on its own. */
#include "uneven.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    uneven_describe(levels, spec, stage);
    stage->stream.period = 2;
    stage->environment = (um_environment){.kappa = 0.2, .n_th = 0.1, .dephasing = 0.05};
}

int main(void)
{
    const map_subject subject = {.method = "detuned-stencil+channel", .describe = describe, .energy = uneven_energy,
                                 .price = 1.7 / 1.5, .excited = 0.6, .stationary = true,
                                 .finite = true, .open = true};
    return map_conformance_main(&subject);
}
