/* Each map in turn, added up. */
#include "map/mixture.h"

#include <math.h>

#include "map/ensemble.h"

enum { MAPS_MAX = 1024 };

typedef struct mixture {
    um_map base;
    int count;
    um_map **of;
    double *weight;
    um_state *image;
} mixture;

static void add_outcome(um_outcome *sum, double weight, const um_outcome *one)
{
    sum->excited += weight * one->excited;
    sum->change += weight * one->change;
    sum->coherence_re += weight * one->coherence_re;
    sum->coherence_im += weight * one->coherence_im;
    sum->coupling_start += weight * one->coupling_start;
    sum->coupling_end += weight * one->coupling_end;
    sum->heat += weight * one->heat;
    sum->error_bound += weight * one->error_bound;
    sum->present = one->present;
    sum->duration = one->duration;
}

static um_status apply(um_map *base, const um_state *in, um_state *out, um_outcome *outcome, bool brief)
{
    mixture *map = (mixture *)base;
    if (outcome) *outcome = (um_outcome){0};
    UMI_TRY(umi_state_resize(out, in->levels, 0, 0, 0, 1));
    for (int i = 0; i < map->count; i++) {
        um_outcome one;
        UMI_TRY(umi_map_apply(map->of[i], in, map->image, outcome ? &one : NULL, brief));
        UMI_TRY(umi_state_add(out, map->weight[i], map->image));
        if (outcome) add_outcome(outcome, map->weight[i], &one);
    }
    umi_state_seal(out);
    return UM_OK;
}

static um_status apply_adjoint(um_map *base, const um_state *in, um_state *out)
{
    mixture *map = (mixture *)base;
    UMI_TRY(umi_state_resize(out, in->levels, 0, 0, 0, 1));
    for (int i = 0; i < map->count; i++) {
        UMI_TRY(um_map_apply_adjoint(map->of[i], in, map->image));
        UMI_TRY(umi_state_add(out, map->weight[i], map->image));
    }
    umi_state_seal(out);
    return UM_OK;
}

static um_status set_collision(um_map *base, int64_t collision, double time)
{
    mixture *map = (mixture *)base;
    for (int i = 0; i < map->count; i++) UMI_TRY(um_map_set_collision(map->of[i], collision, time));
    return UM_OK;
}

static int climb(const um_map *base, int last)
{
    const mixture *map = (const mixture *)base;
    int most = 0;
    for (int i = 0; i < map->count; i++) most = umi_max(most, umi_map_get_climb(map->of[i], last));
    return most;
}

static void destroy(um_map *base)
{
    mixture *map = (mixture *)base;
    for (int i = 0; map->of && i < map->count; i++) um_map_destroy(map->of[i]);
    um_state_destroy(map->image);
    umi_free(base->ctx, map->of);
    umi_free(base->ctx, map->weight);
    umi_free(base->ctx, map);
}

static const umi_map_class mixture_class = {.apply = apply,
                                            .apply_adjoint = apply_adjoint,
                                            .set_collision = set_collision,
                                            .climb = climb,
                                            .destroy = destroy};

static um_status fill(mixture *map, const umi_collision *it, const umi_ensemble *ensemble, umi_map_maker *make)
{
    um_context *ctx = map->base.ctx;
    map->of = UMI_NEW_ARRAY(ctx, um_map *, (size_t)map->count);
    map->weight = UMI_NEW_ARRAY(ctx, double, (size_t)map->count);
    if (!map->of || !map->weight) return UM_ERROR_MEMORY;
    for (int i = 0; i < map->count; i++) {
        umi_collision one = umi_ensemble_get(ensemble, it, i, &map->weight[i]);
        UMI_TRY(make(ctx, &one, &map->of[i]));
        um_map_info info = map->of[i]->info;
        map->base.info.reach = umi_max(map->base.info.reach, info.reach);
        map->base.info.unitarity = fmax(map->base.info.unitarity, info.unitarity);
        map->base.info.stationary = info.stationary;
        map->base.info.kernel = info.kernel;
    }
    map->base.quarter = map->of[0]->quarter;
    map->base.phase = map->of[0]->phase;
    return um_state_create(ctx, it->levels, 2, map->base.quarter, map->base.phase, &map->image);
}

um_status umi_map_create_mixture(um_context *ctx, const umi_collision *it, umi_map_maker *make, um_map **map)
{
    umi_ensemble ensemble;
    *map = NULL;
    UMI_TRY(umi_ensemble_create(ctx, it, MAPS_MAX, &ensemble));
    mixture *made = UMI_NEW(ctx, mixture);
    um_status status = made ? UM_OK : UM_ERROR_MEMORY;
    if (made) {
        made->count = umi_ensemble_size(&ensemble);
        made->base = (um_map){.ctx = ctx,
                              .class = &mixture_class,
                              .info = {.method = "averaged-mixture", .levels = it->levels}};
        status = fill(made, it, &ensemble, make);
    }
    umi_ensemble_free(ctx, &ensemble);
    if (status != UM_OK) {
        if (made) destroy(&made->base);
        return status;
    }
    *map = &made->base;
    return UM_OK;
}
