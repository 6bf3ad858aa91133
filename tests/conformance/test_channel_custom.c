/* A custom battery of unequal levels that loses energy while every level turns on its own. */
#include "uneven.h"

static um_status create(um_context *ctx, int levels, um_map **map)
{
    um_stage stage = uneven_stage();
    stage.stream.period = 2;
    stage.environment = (um_environment){.kappa = 0.2, .n_th = 0.1, .dephasing = 0.05};
    return uneven_create(ctx, &stage, levels, map);
}

int main(void)
{
    const map_subject subject = {.method = "detuned-stencil+channel", .create = create, .energy = uneven_energy,
                                 .price = 1.7 / 1.5, .excited = 0.6, .stationary = true,
                                 .finite = true, .tuned = true, .open = true};
    return map_conformance_main(&subject);
}
