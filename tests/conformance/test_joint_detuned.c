/* A finite custom battery of unequal levels with all rates during the collision, complex factors. */
#include "uneven.h"

static um_status create(um_context *ctx, int levels, um_map **map)
{
    um_stage stage = uneven_stage();
    stage.environment = (um_environment){.kappa = 0.02, .n_th = 0.4, .dephasing = 0.1,
                                         .during_collision = true, .atom_decay = 0.2,
                                         .atom_dephasing = 0.3};
    return uneven_create(ctx, &stage, levels, map);
}

int main(void)
{
    const map_subject subject = {.method = "joint-table", .create = create, .energy = uneven_energy,
                                 .price = 1.7 / 1.5, .excited = 0.6, .stationary = true,
                                 .finite = true, .open = true, .tuned = true};
    return map_conformance_main(&subject);
}
