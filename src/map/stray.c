#include "map/stray.h"

typedef struct stray_map {
    um_map base;
    um_map *inner;
    double stray;
} stray_map;

static um_status apply(um_map *base, const um_state *in, um_state *out, um_outcome *outcome, bool brief)
{
    stray_map *map = (stray_map *)base;
    UMI_TRY(umi_map_apply(map->inner, in, out, outcome, brief));
    if (outcome) outcome->coupling_end += map->stray * outcome->change;
    return UM_OK;
}

static um_status apply_adjoint(um_map *base, const um_state *in, um_state *out)
{
    return um_map_apply_adjoint(((stray_map *)base)->inner, in, out);
}

static um_status set_collision(um_map *base, int64_t collision, double time)
{
    return um_map_set_collision(((stray_map *)base)->inner, collision, time);
}

static void refine(um_map *base, const um_state *before, um_state *after, int count)
{
    umi_map_refine(((stray_map *)base)->inner, before, after, count);
}

static void destroy(um_map *base)
{
    um_map_destroy(((stray_map *)base)->inner);
    umi_free(base->ctx, base);
}

static const umi_map_class stray_class = {.apply = apply,
                                          .apply_adjoint = apply_adjoint,
                                          .set_collision = set_collision,
                                          .refine = refine,
                                          .destroy = destroy};

um_status umi_map_create_stray(um_context *ctx, double stray, um_map *map, um_map **wrapped)
{
    *wrapped = NULL;
    stray_map *made = UMI_NEW(ctx, stray_map);
    if (!made) {
        um_map_destroy(map);
        return UM_ERROR_MEMORY;
    }
    made->base = *map;
    made->base.class = &stray_class;
    made->inner = map;
    made->stray = stray;
    *wrapped = &made->base;
    return UM_OK;
}
