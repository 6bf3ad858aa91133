/* A finite custom battery of unequal levels with all rates during the collision, complex factors. */
#include "uneven.h"

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    uneven_describe(levels, spec, stage);
    stage->environment = (um_environment){.kappa = 0.02, .n_th = 0.4, .dephasing = 0.1,
                                         .during_collision = true, .atom_decay = 0.2,
                                         .atom_dephasing = 0.3};
}

int main(void)
{
    const map_subject subject = {.method = "joint-table", .describe = describe, .energy = uneven_energy,
                                 .price = 1.7 / 1.5, .excited = 0.6, .stationary = true,
                                 .finite = true, .open = true,
                                 .units = 3, .largest = 17};
    return map_conformance_main(&subject);
}
