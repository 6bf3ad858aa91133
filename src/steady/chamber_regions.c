#include "steady/chamber_regions.h"

#include <math.h>

/* A near trap lets less than a quarter of what arrives step across. */
static const double near = 0.5, touching = 0.05, distinct = 0.5;

bool umi_regions_is_finite(const um_model *model, int levels)
{
    const um_battery *battery = &um_model_get_spec(model)->battery;
    return battery->kind != UM_BATTERY_CAVITY && battery->levels == levels;
}

/* The phase passes a multiple of pi between two blocks, nearest at this one; or it turns back just
 * before it (uneven elements). */
static bool is_trap(const _Float128 *sine, int n, int last)
{
    double here = fabs((double)sine[n]);
    if (here == 0) return true;
    double below = n > 1 ? (double)sine[n - 1] : INFINITY,
           above = n < last ? (double)sine[n + 1] : INFINITY;
    if (here > near) return false;
    double sign = (double)sine[n];
    if (n > 1 && below * sign < 0 && here < fabs(below)) return true;
    if (n < last && above * sign < 0 && here <= fabs(above)) return true;
    /* Among elements that are all small none is a trap. */
    return here <= touching && here < distinct * fmin(fabs(below), fabs(above));
}

static void fill(const _Float128 *sine, int levels, bool finite, umi_region *regions, int *count)
{
    int first = 0;
    *count = 0;
    for (int n = 1; n <= levels; n++) {
        bool wall = n == levels && finite;
        /* One block beyond the top tells whether it is a trap; beyond that nothing is known. */
        bool trap = !wall && is_trap(sine, n, finite ? levels - 1 : levels + 1);
        if (n == levels && !finite && sine[n] != 0) trap = false;
        if (!trap && n < levels) continue;
        regions[(*count)++] = (umi_region){
            .first = first,
            .last = n - 1,
            .exact = wall || (trap && sine[n] == 0),
            .trap = trap,
            .sine = wall ? 0 : (double)sine[n],
        };
        first = n;
    }
}

um_status umi_regions_find(um_context *ctx, const um_model *model, size_t stage, int levels,
                           umi_region **regions, int *count)
{
    *regions = NULL;
    *count = 0;
    bool finite = umi_regions_is_finite(model, levels);
    const um_battery *battery = &um_model_get_spec(model)->battery;
    /* Blocks up to levels + 1 where the battery has them. */
    int known = finite ? levels : levels + 2;
    if (battery->kind == UM_BATTERY_CUSTOM) known = umi_min(known, battery->levels);
    _Float128 *cosine = UMI_NEW_ARRAY(ctx, _Float128, 2 * ((size_t)levels + 3));
    umi_region *found = UMI_NEW_ARRAY(ctx, umi_region, (size_t)levels);
    um_status status = cosine && found ? UM_OK : UM_ERROR_MEMORY;
    if (status == UM_OK)
        status = umi_generator_blocks(ctx, model, stage, known, cosine, cosine + levels + 3);
    if (status == UM_OK) {
        /* What is not known counts as far from a trap. */
        bool closed = umi_generator_get_traps(model, stage) == UMI_TRAPS_CLOSED;
        for (int n = closed ? known : 0; n < levels + 3; n++) cosine[levels + 3 + n] = 1;
        fill(cosine + levels + 3, levels, finite, found, count);
    }
    umi_free(ctx, cosine);
    if (status != UM_OK) umi_free(ctx, found);
    *regions = status == UM_OK ? found : NULL;
    return status;
}
