/* The environment as a map of its own: stages without atoms. */
#include <math.h>

#include "map/channel.h"
#include "map/stencil.h"

typedef struct channel_map {
    um_map base;
    umi_channel *channel;
    um_state *copy; /* a channel writes beside the window of what it is given */
} channel_map;

static um_status apply(um_map *base, const um_state *in, um_state *out, um_outcome *outcome, bool brief)
{
    (void)brief;
    channel_map *map = (channel_map *)base;
    umi_channel_outcome passed;
    UMI_TRY(um_state_copy(map->copy, in));
    UMI_TRY(umi_channel_apply(map->channel, map->copy, out, outcome ? &passed : NULL));
    if (!outcome) return UM_OK;
    outcome->present = 0;
    outcome->heat = passed.heat;
    outcome->error_bound = passed.error_bound;
    return UM_OK;
}

static um_status apply_adjoint(um_map *base, const um_state *in, um_state *out)
{
    channel_map *map = (channel_map *)base;
    UMI_TRY(um_state_copy(map->copy, in));
    return umi_channel_apply_adjoint(map->channel, map->copy, out);
}

static int climb(const um_map *base, int last)
{
    return umi_channel_get_climb(((const channel_map *)base)->channel, last);
}

static void destroy(um_map *base)
{
    channel_map *map = (channel_map *)base;
    umi_channel_destroy(map->channel);
    um_state_destroy(map->copy);
    umi_free(base->ctx, map);
}

static const umi_map_class channel_class = {
    .apply = apply, .apply_adjoint = apply_adjoint, .climb = climb, .destroy = destroy};

um_status um_map_create_environment(um_context *ctx, const um_model *model, size_t stage, int levels,
                                    double duration, um_map **map)
{
    *map = NULL;
    if (!(duration >= 0) || !isfinite(duration))
        return umi_fail(ctx, UM_ERROR_ARG, "environment for a time of %g", duration);
    umi_collision it;
    UMI_TRY(umi_collision_make(ctx, model, stage, levels, &it));
    channel_map *made = UMI_NEW(ctx, channel_map);
    if (!made) return UM_ERROR_MEMORY;
    um_status status = umi_channel_create(ctx, &it, &made->channel);
    made->base = (um_map){.ctx = ctx, .class = &channel_class};
    if (status == UM_OK) status = umi_channel_set_time(made->channel, duration);
    if (status == UM_OK) status = um_state_create(ctx, levels, 1, 0, 0, &made->copy);
    if (status != UM_OK) {
        destroy(&made->base);
        return status;
    }
    made->base.info = (um_map_info){.method = "channel",
                                    .kernel = umi_channel_get_kernel(made->channel),
                                    .levels = levels,
                                    .reach = umi_channel_get_reach(made->channel),
                                    .stationary = true};
    /* Channels turn with every gauge; this is the one of the stage's atoms. */
    made->base.quarter = 1;
    made->base.phase = umi_stencil_phase(it.atoms.phase);
    *map = &made->base;
    return UM_OK;
}
