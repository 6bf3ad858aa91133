#include "steady/perturb.h"

#include <math.h>
#include <string.h>

#include "steady/slow.h"

/* Of the coherences' residual: what is left of it is far below the digits asked for. */
static const double tolerance = 1e-20;

/* The state of the region alone, trace 1, in the whole layout. */
static um_status find_state(const umi_chamber_map *map, const umi_region *region,
                            const double *start, double inner, umi_wide_vector state)
{
    um_context *ctx = map->ctx;
    umi_part own;
    umi_ordering *ordering = NULL;
    umi_slow slow;
    UMI_TRY(umi_part_create(ctx, &map->generator, umi_box_square(region->first, region->last),
                            &own));
    um_status status = umi_slow_allocate(ctx, 1, 0, &slow);
    if (status == UM_OK) status = umi_ordering_create(ctx, &own.matrix, &ordering);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, own.size, &slow.basis[0]);
    if (status == UM_OK) {
        memcpy(slow.basis[0].hi, start, own.size * sizeof *start);
        status = umi_slow_refine(ctx, &own.matrix, ordering, fmin(inner, 1), &slow);
    }
    if (status == UM_OK) {
        umi_part_scatter(&own, slow.basis[0], state);
        umi_wide trace = umi_wide_set(0);
        for (int n = region->first; n <= region->last; n++) {
            size_t at = umi_layout_index(&own.layout, 0, 0, n);
            trace = umi_wide_add(trace, (umi_wide){state.hi[at], state.lo[at]});
        }
        umi_wide_vector_scale(state, umi_wide_divide(umi_wide_set(1), trace));
    }
    umi_slow_free(ctx, &slow);
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
    if (status == UM_OK)
        status = umi_elimination_create(ctx, ordering, &part->matrix, 0, &inverse);
    if (status == UM_OK)
        status = umi_elimination_refine(ctx, inverse, &part->matrix, source, tolerance, x);
    if (status == UM_OK) umi_wide_vector_scale(x, umi_wide_set(-1));
    umi_elimination_destroy(ctx, inverse);
    umi_ordering_destroy(ctx, ordering);
    return status;
}

/* Flux over the edge below level n, with the coherences of a box; image: G state. */
static um_status cross(const umi_chamber_map *map, int n, umi_box box, umi_wide_vector state,
                       umi_wide_vector image, umi_wide *flux)
{
    um_context *ctx = map->ctx;
    umi_part part;
    umi_wide_vector source = {0}, x = {0}, with = {0};
    UMI_TRY(umi_part_create(ctx, &map->generator, box, &part));
    um_status status = umi_wide_vector_create(ctx, state.size, &with);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, part.size, &source);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, part.size, &x);
    if (status == UM_OK) {
        umi_part_gather(&part, image, source);
        if (part.size > 0) status = settle(ctx, &part, source, x);
    }
    if (status == UM_OK) {
        umi_part_scatter(&part, x, with);
        umi_wide_axpy(umi_wide_set(1), state, with);
        *flux = umi_chamber_flux(map, n, with);
    }
    umi_wide_vector_free(ctx, &with);
    umi_wide_vector_free(ctx, &source);
    umi_wide_vector_free(ctx, &x);
    umi_part_free(ctx, &part);
    return status;
}

um_status umi_perturb_leak(const umi_chamber_map *map, const umi_region *region, int floor,
                           int ceiling, const double *start, double inner, double *up,
                           double *down)
{
    const umi_sparse *matrix = &map->generator.matrix;
    umi_wide_vector state = {0}, image = {0};
    umi_wide flux = umi_wide_set(0);
    *up = *down = 0;
    um_status status = umi_wide_vector_create(map->ctx, matrix->columns, &state);
    if (status == UM_OK) status = umi_wide_vector_create(map->ctx, matrix->rows, &image);
    if (status == UM_OK) status = find_state(map, region, start, inner, state);
    if (status == UM_OK) umi_sparse_apply(matrix, state, image);
    if (status == UM_OK && region->last < ceiling) {
        umi_box above = {region->first, region->last, region->last + 1, ceiling};
        status = cross(map, region->last + 1, above, state, image, &flux);
        *up = umi_wide_get(flux);
    }
    if (status == UM_OK && region->first > floor) {
        umi_box below = {floor, region->first - 1, region->first, region->last};
        status = cross(map, region->first, below, state, image, &flux);
        *down = -umi_wide_get(flux);
    }
    umi_wide_vector_free(map->ctx, &state);
    umi_wide_vector_free(map->ctx, &image);
    return status;
}
