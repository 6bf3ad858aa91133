/* The chambers of a map: the regions between its traps that hold longer than they relax. */
#include <math.h>
#include <string.h>

#include "steady/chambers_list.h"
#include "umaser/steady.h"

static um_status check(um_context *ctx, const um_model *model, size_t stage, int levels)
{
    const um_spec *spec = um_model_get_spec(model);
    if (stage >= spec->stages_count)
        return umi_fail(ctx, UM_ERROR_ARG, "the chambers of stage %zu of %zu", stage,
                        spec->stages_count);
    if (levels < 1 || levels > UM_LEVELS_MAX)
        return umi_fail(ctx, UM_ERROR_ARG, "chambers in %d levels; 1 to %d are allowed", levels,
                        UM_LEVELS_MAX);
    if (spec->stages[stage].interaction.counter_rotating > 0)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "interaction.counter_rotating",
                            "collisions with counter-rotating terms have no trapping levels, so "
                            "there are no chambers; set counter_rotating to 0");
    return UM_OK;
}

static um_status create_map(um_context *ctx, const um_model *model, size_t stage, int levels,
                            umi_chamber_map *map)
{
    *map = (umi_chamber_map){.ctx = ctx};
    bool mixes = umi_generator_mixes_orders(model, stage);
    bool real = !mixes || umi_generator_is_real(model, stage);
    /* Without coherent atoms populations are a world of their own. */
    umi_layout layout = {levels, mixes ? levels : 1, real ? 1 : 2, false};
    umi_collision it;
    UMI_TRY(umi_collision_make(ctx, model, stage, levels, &it));
    UMI_TRY(umi_quad_blocks_create(ctx, &it, &map->blocks));
    UMI_TRY(umi_generator_create(ctx, model, stage, &layout, &map->generator));
    map->has_skew = mixes && real && levels > 1;
    layout.skew = true;
    return map->has_skew ? umi_generator_create(ctx, model, stage, &layout, &map->skew) : UM_OK;
}

static void free_map(umi_chamber_map *map)
{
    umi_generator_free(map->ctx, &map->generator);
    umi_generator_free(map->ctx, &map->skew);
    umi_free(map->ctx, map->blocks.of);
}

um_status um_chambers_solve(um_context *ctx, const um_model *model, size_t stage, int levels,
                            um_chamber **chambers, size_t *count)
{
    *chambers = NULL;
    *count = 0;
    UMI_TRY(check(ctx, model, stage, levels));
    umi_chamber_map map;
    umi_region *regions = NULL;
    int regions_count = 0;
    um_status status = create_map(ctx, model, stage, levels, &map);
    if (status == UM_OK)
        status = umi_regions_find(ctx, model, stage, levels, &regions, &regions_count);
    um_chamber *list = NULL;
    size_t listed = 0;
    if (status == UM_OK) {
        list = UMI_NEW_ARRAY(ctx, um_chamber, (size_t)regions_count);
        if (!list) status = UM_ERROR_MEMORY;
    }
    const um_battery *battery = &um_model_get_spec(model)->battery;
    for (int first = 0, last; first < regions_count && status == UM_OK; first = last + 1) {
        for (last = first; last < regions_count - 1 && !regions[last].exact;) last++;
        status = umi_chambers_list(&map, battery, regions + first, last - first + 1, list, &listed);
    }
    umi_free(ctx, regions);
    free_map(&map);
    if (status != UM_OK || listed == 0) {
        um_chambers_destroy(ctx, list, listed);
        return status;
    }
    *chambers = list;
    *count = listed;
    return UM_OK;
}

void um_chambers_destroy(um_context *ctx, um_chamber *chambers, size_t count)
{
    for (size_t i = 0; i < count; i++) umi_free(ctx, chambers[i].populations);
    umi_free(ctx, chambers);
}
