/* The stencil with complex factors of a custom battery: unequal levels, a gap after the collision. */
#include "uneven.h"

static um_status create(um_context *ctx, int levels, um_map **map)
{
    um_stage stage = uneven_stage();
    stage.stream.period = 2;
    return uneven_create(ctx, &stage, levels, map);
}

int main(void)
{
    const map_subject subject = {.method = "detuned-stencil", .create = create, .energy = uneven_energy,
                                 .price = 1.7 / 1.5, .excited = 0.6, .stationary = true,
                                 .finite = true, .tuned = true, .reach = 1};
    return map_conformance_main(&subject);
}
