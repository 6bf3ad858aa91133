#include "steady/perturb.h"

#include <math.h>
#include <string.h>

#include "steady/slow.h"

/* Of the coherences' residual: what is left of it is far below the digits asked for. */
static const double tolerance = 1e-20;

/* The state of the region alone, trace 1, in the window. */
static um_status find_state(const umi_chamber_map *map, const umi_part *part, const umi_cell *cell,
                            umi_wide_vector state)
{
    um_context *ctx = map->ctx;
    const umi_region *region = &cell->region;
    umi_part own;
    umi_ordering *ordering = NULL;
    umi_slow slow;
    UMI_TRY(
        umi_part_create(ctx, &map->generator, umi_box_square(region->first, region->last), &own));
    um_status status = umi_slow_allocate(ctx, 1, 0, &slow);
    umi_elimination *inverse = NULL;
    double away = fmin(1e-5, fmax(1e-5 * cell->inner, 1e-12));
    if (status == UM_OK) status = umi_ordering_create(ctx, &own.matrix, &ordering);
    if (status == UM_OK)
        status = umi_elimination_create(ctx, ordering, &own.matrix, away, &inverse);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, own.size, &slow.basis[0]);
    if (status == UM_OK) {
        memcpy(slow.basis[0].hi, cell->start, own.size * sizeof(double));
        status = umi_slow_refine(ctx, &own.matrix, inverse, &slow);
    }
    if (status == UM_OK) {
        umi_wide trace = umi_wide_set(0);
        for (int n = region->first; n <= region->last; n++) {
            int at = umi_part_find(&own, 0, n, n);
            umi_wide value = {slow.basis[0].hi[at], slow.basis[0].lo[at]};
            trace = umi_wide_add(trace, value);
        }
        umi_part_move(&own, slow.basis[0], part, state);
        umi_wide_vector_scale(state, umi_wide_divide(umi_wide_set(1), trace));
    }
    umi_slow_free(ctx, &slow);
    umi_elimination_destroy(ctx, inverse);
    umi_ordering_destroy(ctx, ordering);
    umi_part_free(ctx, &own);
    return status;
}

/* x = -G_XX^-1 source */
static um_status settle(um_context *ctx, const umi_part *part, umi_wide_vector source,
                        umi_wide_vector x)
{
    umi_ordering *ordering = NULL;
    umi_elimination *inverse = NULL;
    um_status status = umi_ordering_create(ctx, &part->matrix, &ordering);
    if (status == UM_OK) status = umi_elimination_create(ctx, ordering, &part->matrix, 0, &inverse);
    if (status == UM_OK)
        status = umi_elimination_refine(ctx, inverse, &part->matrix, source, tolerance, x);
    if (status == UM_OK) umi_wide_vector_scale(x, umi_wide_set(-1));
    umi_elimination_destroy(ctx, inverse);
    umi_ordering_destroy(ctx, ordering);
    return status;
}

/* Flux over the edge below level n, with the coherences of a box; image: G state. */
static um_status cross(const umi_chamber_map *map, const umi_part *part, int n, umi_box box,
                       umi_wide_vector state, umi_wide_vector image, umi_wide *flux)
{
    um_context *ctx = map->ctx;
    umi_part between;
    umi_wide_vector source = {0}, x = {0}, with = {0};
    UMI_TRY(umi_part_create(ctx, &map->generator, box, &between));
    um_status status = umi_wide_vector_create(ctx, state.size, &with);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, between.size, &source);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, between.size, &x);
    if (status == UM_OK && between.size > 0) {
        umi_part_move(part, image, &between, source);
        status = settle(ctx, &between, source, x);
    }
    if (status == UM_OK) {
        umi_part_move(&between, x, part, with);
        umi_wide_axpy(umi_wide_set(1), state, with);
        *flux = umi_window_flux(map, part, n, with);
    }
    umi_wide_vector_free(ctx, &with);
    umi_wide_vector_free(ctx, &source);
    umi_wide_vector_free(ctx, &x);
    umi_part_free(ctx, &between);
    return status;
}

um_status umi_perturb_leak(const umi_chamber_map *map, const umi_part *part,
                           const umi_window *window, double *up, double *down)
{
    const umi_cell *cell = window->cell[window->own];
    const umi_region *region = &cell->region;
    umi_wide_vector state = {0}, image = {0};
    umi_wide flux = umi_wide_set(0);
    *up = *down = 0;
    um_status status = umi_wide_vector_create(map->ctx, part->size, &state);
    if (status == UM_OK) status = umi_wide_vector_create(map->ctx, part->size, &image);
    if (status == UM_OK) status = find_state(map, part, cell, state);
    if (status == UM_OK) umi_sparse_apply(&part->matrix, state, image);
    if (status == UM_OK && region->last < window->last) {
        umi_box above = {region->first, region->last, region->last + 1, window->last};
        status = cross(map, part, region->last + 1, above, state, image, &flux);
        *up = umi_wide_get(flux);
    }
    if (status == UM_OK && region->first > window->first) {
        umi_box below = {window->first, region->first - 1, region->first, region->last};
        status = cross(map, part, region->first, below, state, image, &flux);
        *down = -umi_wide_get(flux);
    }
    umi_wide_vector_free(map->ctx, &state);
    umi_wide_vector_free(map->ctx, &image);
    return status;
}
