/* One region on its own, what steps out of it lost: its slowest modes, in double. */
#include <math.h>
#include <string.h>

#include "linalg/linalg.h"
#include "steady/chambers_window.h"
#include "steady/modes.h"

enum { WANTED = 3 };

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

static double rate_of(const umi_modes *modes, int j) { return -log(hypot(modes->re[j], modes->im[j])); }

/* The mode of the largest eigenvalue, which is real: its vector in the layout of the window. */
static um_status take_start(um_context *ctx, const umi_modes *modes, int chosen, double *start)
{
    size_t n = (size_t)modes->count;
    double *right = UMI_NEW_ARRAY(ctx, double, n *n);
    if (!right) return UM_ERROR_MEMORY;
    um_status status = umi_modes_vectors(ctx, modes, right);
    if (status == UM_OK)
        umi_linalg_dgemm('N', 'N', (int)modes->size, 1, modes->count, 1, modes->basis,
                         (int)modes->size, right + (size_t)chosen * n, modes->count, 0, start,
                         (int)modes->size);
    umi_free(ctx, right);
    return status;
}

static um_status find_core(um_context *ctx, const umi_part *part, umi_cell *cell)
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

/* Modes of a region in one sector; `cell` learns the slowest rate, of the symmetric sector the
 * leading mode, too. */
static um_status look(const umi_chamber_map *map, const umi_generator *generator,
                      const umi_region *region, umi_cell *cell)
{
    window it = {0};
    umi_modes modes = {0};
    bool skew = generator->layout.skew;
    UMI_TRY(umi_part_create(map->ctx, generator, umi_box_square(region->first, region->last),
                            &it.part));
    it.image = UMI_NEW_ARRAY(map->ctx, double, it.part.size);
    um_status status = it.image ? UM_OK : UM_ERROR_MEMORY;
    umi_operator map_of_window = {&it, it.part.size, apply};
    if (it.part.size > 0 && status == UM_OK)
        status = umi_modes_find(map->ctx, &map_of_window, WANTED, &modes);
    int leading = 0;
    for (int j = 1; j < modes.count; j++)
        if (modes.re[j] > modes.re[leading]) leading = j;
    for (int j = 0; j < modes.count && status == UM_OK; j++)
        if (skew || j != leading) cell->inner = fmin(cell->inner, fmax(rate_of(&modes, j), 0));
    if (!skew && status == UM_OK) {
        cell->lost = fmax(rate_of(&modes, leading), 0);
        cell->start = UMI_NEW_ARRAY(map->ctx, double, it.part.size);
        status = cell->start ? take_start(map->ctx, &modes, leading, cell->start) : UM_ERROR_MEMORY;
        if (status == UM_OK) status = find_core(map->ctx, &it.part, cell);
    }
    umi_modes_free(map->ctx, &modes);
    umi_free(map->ctx, it.image);
    umi_part_free(map->ctx, &it.part);
    return status;
}

um_status umi_cell_prepare(const umi_chamber_map *map, const umi_region *region, umi_cell *cell)
{
    *cell = (umi_cell){.region = *region, .inner = INFINITY};
    UMI_TRY(look(map, &map->generator, region, cell));
    return map->has_skew ? look(map, &map->skew, region, cell) : UM_OK;
}

double umi_cell_haste(const umi_cell *cell) { return cell->lost / (0.3 * fmin(cell->inner, 1)); }
