/* The chambers of a map: the regions between its traps that hold longer than they relax. */
#include <math.h>
#include <string.h>

#include "steady/chambers_list.h"
#include "umaser/steady.h"

/* The next trap is looked for up to so many times the levels; the tail of a chamber ends before so
 * many times its own; and no space grows beyond so many levels for the sake of a tail. */
enum { REACH = 10, LARGE = 500 };
static const double TAIL = 4;

static bool is_unbounded(const um_battery *battery)
{
    return battery->kind == UM_BATTERY_CAVITY || battery->levels == UM_LEVELS_AUTO;
}

static um_status check(um_context *ctx, const um_model *model, size_t stage, int levels)
{
    const um_spec *spec = um_model_get_spec(model);
    if (stage >= spec->stages_count)
        return umi_fail(ctx, UM_ERROR_ARG, "the chambers of stage %zu of %zu", stage,
                        spec->stages_count);
    int most = is_unbounded(&spec->battery) ? UM_LEVELS_MAX : spec->battery.levels;
    if (levels < 1 || levels > most)
        return umi_fail(ctx, UM_ERROR_ARG, "chambers in %d levels; 1 to %d are allowed", levels,
                        most);
    if (spec->stages[stage].interaction.counter_rotating > 0)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "interaction.counter_rotating",
                            "collisions with counter-rotating terms have no trapping levels, so "
                            "there are no chambers; set counter_rotating to 0");
    return UM_OK;
}

/* A truncated space is looked at from outside: up to the next trap above it, or far enough for the
 * tail of the last chamber below it to end; and one level more, into which things get lost. */
static um_status choose_space(um_context *ctx, const um_model *model, size_t stage, int levels,
                              int *space)
{
    const um_battery *battery = &um_model_get_spec(model)->battery;
    *space = levels;
    if (umi_regions_is_finite(model, levels)) return UM_OK;
    int most = is_unbounded(battery) ? UM_LEVELS_MAX : battery->levels;
    umi_region *regions;
    int count;
    int far = umi_min(umi_max(REACH * levels, levels + 2), most);
    UMI_TRY(umi_regions_find(ctx, model, stage, far, &regions, &count));
    /* The region beyond the last chamber that can be listed. */
    int beyond = 0;
    while (beyond < count - 1 && regions[beyond].last < levels - 1) beyond++;
    bool closed = regions[beyond].exact && regions[beyond].last == levels - 1;
    if (!closed) {
        if (regions[beyond].last == levels - 1 && beyond < count - 1) beyond++;
        const umi_region *top = &regions[beyond];
        int enough = umi_max(levels, umi_min((int)(TAIL * top->first) + 1, LARGE));
        *space = top->trap ? umi_min(top->last + 1, enough) : enough;
    }
    *space = umi_min(*space + 1, most);
    umi_free(ctx, regions);
    return UM_OK;
}

static um_status create_map(um_context *ctx, const um_model *model, size_t stage, int levels,
                            umi_chamber_map *map)
{
    bool mixes = umi_generator_mixes_orders(model, stage);
    bool real = !mixes || umi_generator_is_real(model, stage);
    /* Without coherent atoms populations are a world of their own. */
    umi_layout layout = {levels, mixes ? levels : 1, real ? 1 : 2, false};
    umi_collision it;
    UMI_TRY(umi_collision_make(ctx, model, stage, levels, &it));
    UMI_TRY(umi_quad_blocks_create(ctx, &it, &map->blocks));
    /* What crosses a trap per slot: the blocks tell rates, linear in the atoms that come. */
    umi_quad present = it.stream.atom_probability;
    map->blocks.gg *= present;
    map->blocks.ee *= present;
    map->blocks.ge *= present;
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

/* The regions of a space whose last level, if it is truncated, is left out. */
static um_status find_regions(um_context *ctx, const um_model *model, size_t stage, int space,
                              umi_region **regions, int *count)
{
    UMI_TRY(umi_regions_find(ctx, model, stage, space, regions, count));
    if (umi_regions_is_finite(model, space) || space == 1) return UM_OK;
    umi_region *last = &(*regions)[*count - 1];
    if (last->first == last->last)
        (*count)--;
    else
        last->last--, last->exact = last->trap = false, last->sine = 1;
    return UM_OK;
}

static um_status solve(umi_chamber_map *map, const um_model *model, size_t stage, int levels,
                       um_chamber **list, size_t *listed)
{
    um_context *ctx = map->ctx;
    const um_battery *battery = &um_model_get_spec(model)->battery;
    umi_region *regions = NULL;
    int space, count = 0;
    UMI_TRY(choose_space(ctx, model, stage, levels, &space));
    UMI_TRY(create_map(ctx, model, stage, space, map));
    UMI_TRY(find_regions(ctx, model, stage, space, &regions, &count));
    *list = UMI_NEW_ARRAY(ctx, um_chamber, (size_t)count);
    um_status status = *list ? UM_OK : UM_ERROR_MEMORY;
    for (int first = 0, last; first < count && status == UM_OK; first = last + 1) {
        for (last = first; last < count - 1 && !regions[last].exact;) last++;
        status = umi_chambers_list(map, battery, levels, regions + first, last - first + 1, *list,
                                   listed);
    }
    umi_free(ctx, regions);
    return status;
}

um_status um_chambers_solve(um_context *ctx, const um_model *model, size_t stage, int levels,
                            um_chamber **chambers, size_t *count)
{
    *chambers = NULL;
    *count = 0;
    UMI_TRY(check(ctx, model, stage, levels));
    if (umi_generator_get_traps(model, stage) != UMI_TRAPS_CLOSED) return UM_OK;
    umi_chamber_map map = {.ctx = ctx};
    um_chamber *list = NULL;
    size_t listed = 0;
    um_status status = solve(&map, model, stage, levels, &list, &listed);
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
