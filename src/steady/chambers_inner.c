/* One region on its own, what steps out of it lost: where its state is, and its slowest inner mode,
 * which may be anywhere on the spectrum. */
#include <math.h>
#include <string.h>

#include "linalg/linalg.h"
#include "steady/chambers_window.h"
#include "steady/modes.h"

/* Of small regions all modes are looked at, of larger ones the leading ones, of even larger ones those
 * next to +1 and -1. */
enum { WANTED = 2, SMALL = 160, LARGE = 400, HUGE_PART = 4000 };

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

/* Of eigenvalues of the map; the leading one of the symmetric sector is its state. */
static void take_slowest(int count, const double *re, const double *im, bool skew, umi_cell *cell)
{
    int leading = 0;
    for (int j = 1; j < count; j++)
        if (re[j] > re[leading]) leading = j;
    for (int j = 0; j < count; j++)
        if (skew || j != leading)
            cell->inner = fmin(cell->inner, fmax(-log(hypot(re[j], im[j])), 0));
}

/* All of them: of the whole matrix. */
static um_status look_at_all(um_context *ctx, const umi_sparse *a, bool skew, umi_cell *cell)
{
    size_t n = a->rows;
    double *matrix = UMI_NEW_ARRAY(ctx, double, n *(n + 2)), *re = matrix + n * n;
    if (!matrix) return UM_ERROR_MEMORY;
    for (size_t row = 0; row < n; row++) {
        for (int64_t i = a->start[row]; i < a->start[row + 1]; i++)
            matrix[(size_t)a->column[i] * n + row] = a->hi[i];
        matrix[row * (n + 1)] += 1;
    }
    um_status status = umi_linalg_general_eigenvalues(ctx, (int)n, matrix, re, re + n);
    if (status == UM_OK) take_slowest((int)n, re, re + n, skew, cell);
    umi_free(ctx, matrix);
    return status;
}

/* The leading ones. */
static um_status look_at_largest(um_context *ctx, window *it, bool skew, umi_cell *cell)
{
    umi_modes modes = {0};
    it->image = UMI_NEW_ARRAY(ctx, double, it->part.size);
    if (!it->image) return UM_ERROR_MEMORY;
    umi_operator map_of_window = {.self = it, .size = it->part.size, .apply = apply};
    um_status status = umi_modes_find(ctx, &map_of_window, WANTED, &modes);
    if (status == UM_OK) take_slowest(modes.count, modes.re, modes.im, skew, cell);
    umi_modes_free(ctx, &modes);
    umi_free(ctx, it->image);
    return status;
}

/* Both ends of the spectrum. */
static um_status look_at_ends(um_context *ctx, const umi_part *part, bool skew, umi_cell *cell)
{
    UMI_TRY(umi_part_find_slowest(ctx, part, 0, !skew, &cell->inner));
    return umi_part_find_slowest(ctx, part, -2, false, &cell->inner);
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

/* Modes of a region in one sector. Where phases turn the slowest may be anywhere on the spectrum. */
static um_status look(const umi_chamber_map *map, const umi_generator *generator,
                      const umi_region *region, umi_cell *cell)
{
    window it = {0};
    bool skew = generator->layout.skew;
    UMI_TRY(umi_part_create(map->ctx, generator, umi_box_square(region->first, region->last),
                            &it.part));
    size_t size = it.part.size;
    um_status status = UM_OK;
    if (size > LARGE && (map->has_skew || size > HUGE_PART))
        status = look_at_ends(map->ctx, &it.part, skew, cell);
    else if (size > SMALL)
        status = look_at_largest(map->ctx, &it, skew, cell);
    else if (size > 0)
        status = look_at_all(map->ctx, &it.part.matrix, skew, cell);
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
