#include "steady/sector.h"

#include <string.h>

#include "map/lanes_inside.h"

/* Up to so many levels eight matrices stay in the cache. */
enum { LANES_LEVELS = 128, LANES_LEAST = 3 };

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

/* Of both buffers everything is used, by every lane. */
static void open_lanes(umi_lanes *lanes)
{
    umi_lanes_window all = {0, lanes->levels, lanes->levels};
    for (int l = 0; l < UMI_LANES; l++) lanes->lane[l].window = lanes->lane[l].before = all;
    lanes->stored[0] = lanes->stored[1] = all;
}

/* Symmetric, with what is just below the diagonal, as the kernels want it. */
static void write_lane(umi_sector *sector, int lane, double *x)
{
    umi_lanes *lanes = sector->lanes;
    const umi_layout *layout = &sector->layout;
    for (int k = 0; k < layout->levels; k++) {
        const double *row = k < layout->skew || !x ? NULL : find_row(layout, 0, k, x);
        for (int n = 0; n < layout->levels - k; n++) {
            double value = row ? row[n] : 0;
            *umi_lane_element(lanes, lanes->now, lane, n, n + k) = value;
            if (k == 1) *umi_lane_element(lanes, lanes->now, lane, n + 1, n) = value;
        }
    }
}

static void read_lane(const umi_sector *sector, int lane, double *x)
{
    const umi_layout *layout = &sector->layout;
    for (int k = layout->skew; k < layout->levels; k++) {
        double *row = find_row(layout, 0, k, x);
        for (int n = 0; n < layout->levels - k; n++)
            row[n] = *umi_lane_element(sector->lanes, sector->lanes->now, lane, n, n + k);
    }
}

static void clear_lanes_diagonal(umi_lanes *lanes)
{
    for (int g = 0; g < lanes->groups; g++)
        for (int n = 0; n < lanes->levels; n++)
            memset(umi_lanes_element(lanes, lanes->now, g, n, n), 0,
                   (size_t)lanes->width * sizeof(double));
}

static um_status apply_all(void *self, int times, int count, double *columns)
{
    umi_sector *sector = self;
    size_t size = umi_layout_size(&sector->layout);
    for (int first = 0; first < count; first += UMI_LANES) {
        int some = umi_min(count - first, UMI_LANES);
        double *x = columns + (size_t)first * size;
        if (some < LANES_LEAST) {
            for (int j = 0; j < some; j++) UMI_TRY(apply(self, times, x + (size_t)j * size));
            continue;
        }
        for (int j = 0; j < UMI_LANES; j++)
            write_lane(sector, j, j < some ? x + (size_t)j * size : NULL);
        for (int i = 0; i < times; i++) {
            umi_lanes_apply(sector->lanes);
            if (sector->layout.skew) clear_lanes_diagonal(sector->lanes);
        }
        for (int j = 0; j < some; j++) read_lane(sector, j, x + (size_t)j * size);
    }
    return UM_OK;
}

static um_status create_lanes(umi_sector *sector, const um_model *model, size_t stage)
{
    const umi_layout *layout = &sector->layout;
    if (layout->planes != 1 || layout->levels > LANES_LEVELS || layout->orders < layout->levels ||
        umi_lanes_get_kind(model, stage) == UMI_LANES_NONE)
        return UM_OK;
    UMI_TRY(umi_lanes_create(sector->ctx, layout->levels, &sector->lanes));
    UMI_TRY(umi_lanes_load_same(sector->lanes, model, stage));
    open_lanes(sector->lanes);
    for (int l = 0; l < UMI_LANES; l++) sector->lanes->lane[l].edge = 0; /* no bound is wanted */
    sector->operator.apply_all = apply_all;
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
    if (status == UM_OK) status = create_lanes(sector, model, stage);
    if (status != UM_OK) umi_sector_free(sector);
    return status;
}

void umi_sector_free(umi_sector *sector)
{
    um_map_destroy(sector->map);
    um_state_destroy(sector->state);
    um_state_destroy(sector->image);
    umi_lanes_destroy(sector->lanes);
    *sector = (umi_sector){0};
}
