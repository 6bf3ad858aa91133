#include "steady/sector.h"

#include <string.h>

/* The skew part is the symmetric one without its diagonal: the same stencil, order 0 held at zero.
 * So one plane is enough for it, too. */
static void clear_diagonal(um_state *state)
{
    double *row = umi_state_row(state, 0, 0);
    for (int n = state->first; n < state->last; n++) row[n] = 0;
}

/* Where row (plane, k) of the sector stands in x; its plane 1 is the only one if it is skew. */
static double *find_row(const umi_layout *layout, int plane, int k, double *x)
{
    return x + umi_layout_index(layout, layout->skew ? 1 : plane, k, 0);
}

static void read_state(const umi_layout *layout, const um_state *state, double *x)
{
    for (int k = layout->skew; k < layout->orders; k++)
        for (int plane = 0; plane < (k == 0 ? 1 : layout->planes); plane++) {
            double *to = find_row(layout, plane, k, x);
            memset(to, 0, (size_t)(layout->levels - k) * sizeof *to);
            if (k >= state->orders || plane >= state->planes) continue;
            const double *from = umi_state_row(state, plane, k);
            for (int n = state->first; n < state->last - k; n++) to[n] = from[n];
        }
}

static um_status write_state(const umi_layout *layout, double *x, um_state *state)
{
    int levels = layout->levels;
    UMI_TRY(umi_state_resize(state, levels, 0, levels, layout->orders, layout->planes));
    for (int k = layout->skew; k < layout->orders; k++)
        for (int plane = 0; plane < layout->planes; plane++) {
            double *to = umi_state_row(state, plane, k);
            size_t bytes = (size_t)(levels - k) * sizeof *to;
            if (plane == 1 && k == 0)
                memset(to, 0, bytes);
            else
                memcpy(to, find_row(layout, plane, k, x), bytes);
        }
    if (layout->skew) clear_diagonal(state);
    umi_state_seal(state);
    return UM_OK;
}

static um_status apply(void *self, int times, double *x)
{
    umi_sector *sector = self;
    UMI_TRY(write_state(&sector->layout, x, sector->state));
    for (int i = 0; i < times; i++) {
        UMI_TRY(um_map_apply(sector->map, sector->state, sector->image, NULL));
        if (sector->layout.skew) clear_diagonal(sector->image);
        um_state *swap = sector->state;
        sector->state = sector->image;
        sector->image = swap;
    }
    read_state(&sector->layout, sector->state, x);
    return UM_OK;
}

um_status umi_sector_create(um_context *ctx, const um_model *model, size_t stage,
                            const umi_layout *layout, umi_sector *sector)
{
    *sector = (umi_sector){.ctx = ctx, .layout = *layout};
    um_status status = um_map_create(ctx, model, stage, layout->levels, &sector->map);
    for (int i = 0; i < 2 && status == UM_OK; i++) {
        um_state **state = i ? &sector->image : &sector->state;
        status = um_state_create(ctx, layout->levels, 2, 0, 0, state);
        if (status == UM_OK) status = um_map_prepare(sector->map, *state);
    }
    sector->operator=(umi_operator){.self = sector, .size = umi_layout_size(layout), .apply = apply};
    if (status != UM_OK) umi_sector_free(sector);
    return status;
}

void umi_sector_free(umi_sector *sector)
{
    um_map_destroy(sector->map);
    um_state_destroy(sector->state);
    um_state_destroy(sector->image);
    *sector = (umi_sector){0};
}
