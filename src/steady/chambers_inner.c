/* One region on its own, what steps out of it lost: where its state is, and its slowest inner mode,
 * which may be anywhere on the spectrum. */
#include <math.h>
#include <string.h>

#include "steady/chambers_window.h"
#include "steady/modes.h"

/* Of larger regions the modes next to +1 and -1 are looked at, of smaller ones all. */
enum { WANTED = 2, LARGE = 400, HUGE_PART = 4000 };

/* Rates above have 7 digits as differences from 1. */
static const double digits = 1e-8;

/* Of the largest population: levels with more are the core. */
static const double share = 0.1;

typedef struct window {
    umi_part part;
    double *image;
} window;

/* x = (1 + G)^times x */
static um_status apply(void *self, int times, double *x)
{
    const window *it = self;
    const umi_sparse *a = &it->part.matrix;
    for (int step = 0; step < times; step++) {
        for (size_t row = 0; row < a->rows; row++) {
            double sum = 0;
            for (int64_t i = a->start[row]; i < a->start[row + 1]; i++)
                sum += a->hi[i] * x[a->column[i]];
            it->image[row] = x[row] + sum;
        }
        memcpy(x, it->image, a->rows * sizeof *x);
    }
    return UM_OK;
}

static double rate_of(const umi_modes *modes, int j)
{
    return -log(hypot(modes->re[j], modes->im[j]));
}

um_status umi_cell_find_core(um_context *ctx, const umi_part *part, umi_cell *cell)
{
    int first = cell->region.first, count = cell->region.last - first + 1;
    cell->core = UMI_NEW_ARRAY(ctx, bool, (size_t)count);
    if (!cell->core) return UM_ERROR_MEMORY;
    double most = 0;
    for (int n = 0; n < count; n++)
        most = fmax(most, fabs(cell->start[umi_part_find(part, 0, first + n, first + n)]));
    for (int n = 0; n < count; n++)
        cell->core[n] =
            fabs(cell->start[umi_part_find(part, 0, first + n, first + n)]) >= share * most;
    return UM_OK;
}

/* Modes of a region in one sector; the leading one of the symmetric sector is its state. */
static um_status look(const umi_chamber_map *map, const umi_generator *generator,
                      const umi_region *region, umi_cell *cell)
{
    window it = {0};
    umi_modes modes = {0};
    bool skew = generator->layout.skew;
    UMI_TRY(umi_part_create(map->ctx, generator, umi_box_square(region->first, region->last),
                            &it.part));
    /* Both ends of the spectrum; where phases turn the slowest may be anywhere between. */
    if (it.part.size > LARGE && (map->has_skew || it.part.size > HUGE_PART)) {
        um_status status = umi_part_find_slowest(map->ctx, &it.part, 0, !skew, &cell->inner);
        if (status == UM_OK)
            status = umi_part_find_slowest(map->ctx, &it.part, -2, false, &cell->inner);
        umi_part_free(map->ctx, &it.part);
        return status;
    }
    it.image = UMI_NEW_ARRAY(map->ctx, double, it.part.size);
    um_status status = it.image ? UM_OK : UM_ERROR_MEMORY;
    umi_operator map_of_window = {.self = &it, .size = it.part.size, .apply = apply};
    if (it.part.size > 0 && status == UM_OK)
        status = umi_modes_find(map->ctx, &map_of_window, WANTED, &modes);
    int leading = 0;
    for (int j = 1; j < modes.count; j++)
        if (modes.re[j] > modes.re[leading]) leading = j;
    for (int j = 0; j < modes.count && status == UM_OK; j++)
        if (skew || j != leading) cell->inner = fmin(cell->inner, fmax(rate_of(&modes, j), 0));
    umi_modes_free(map->ctx, &modes);
    umi_free(map->ctx, it.image);
    umi_part_free(map->ctx, &it.part);
    return status;
}

um_status umi_cell_relax(const umi_chamber_map *map, umi_cell *cell, bool *known)
{
    double near = cell->inner;
    cell->inner = INFINITY;
    um_status status = look(map, &map->generator, &cell->region, cell);
    if (status == UM_OK && map->has_skew) status = look(map, &map->skew, &cell->region, cell);
    *known = status == UM_OK;
    if (status == UM_OK && near > digits) return UM_OK;
    /* In double a rate loses what it is smaller than 1. */
    cell->inner = fmin(near, cell->inner);
    return status == UM_ERROR_NOCONV ? UM_OK : status;
}

double umi_cell_haste(const umi_cell *cell) { return cell->lost / (0.3 * fmin(cell->inner, 1)); }
