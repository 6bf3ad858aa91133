#include "steady/chambers_group.h"

#include <math.h>
#include <string.h>

#include "steady/slow.h"

/* A region may hold if what steps out is lost this much more slowly than it relaxes inside: what
 * comes back is not counted yet. And a state that is slow must have converged, and lie in one cell. */
static const double promising = 0.3, converged = 1e-20, elsewhere = 0.2;

void umi_group_free(um_context *ctx, umi_cell *cells, int count)
{
    for (int i = 0; cells && i < count; i++) {
        umi_free(ctx, cells[i].start);
        umi_wide_vector_free(ctx, &cells[i].state);
    }
    umi_free(ctx, cells);
}

static void drop(um_context *ctx, umi_cell *cells, int *count, int i)
{
    umi_free(ctx, cells[i].start);
    umi_wide_vector_free(ctx, &cells[i].state);
    memmove(cells + i, cells + i + 1, (size_t)(*count - i - 1) * sizeof *cells);
    (*count)--;
}

static double haste(const umi_cell *cell) { return cell->lost / fmin(cell->inner, 1); }

static int find_worst(const umi_cell *cells, int count)
{
    int worst = 0;
    for (int i = 1; i < count; i++)
        if (haste(&cells[i]) > haste(&cells[worst])) worst = i;
    return worst;
}

umi_wide umi_chamber_flux(const umi_chamber_map *map, int n, umi_wide_vector state)
{
    const umi_layout *layout = &map->generator.layout;
    umi_wide sum = umi_wide_set(0);
    if (n < 1 || n >= layout->levels) return sum;
    const umi_quad_blocks *b = &map->blocks;
    umi_quad s = b->of[n].sine, weight[4] = {b->ee * s * s, -b->gg * s * s,
                                             2 * b->ge * s * b->of[n].cosine,
                                             2 * b->ge * s * b->of[n].tilt};
    size_t at[4] = {umi_layout_index(layout, 0, 0, n - 1), umi_layout_index(layout, 0, 0, n)};
    int terms = 2;
    if (layout->orders > 1) at[terms++] = umi_layout_index(layout, 0, 1, n - 1);
    if (layout->orders > 1 && layout->planes > 1) at[terms++] = umi_layout_index(layout, 1, 1, n - 1);
    for (int i = 0; i < terms; i++) {
        umi_wide value = {state.hi[at[i]], state.lo[at[i]]};
        sum = umi_wide_add(sum, umi_wide_multiply(umi_wide_from_quad(weight[i]), value));
    }
    return sum;
}

/* Slow modes of the whole group, from those of its regions. */
static um_status find_slow(um_context *ctx, const umi_part *group, const umi_ordering *ordering,
                           const umi_chamber_map *map, const umi_cell *cells, int count,
                           umi_slow *slow)
{
    double gap = 1;
    um_status status = umi_slow_allocate(ctx, count, 0, slow);
    for (int j = 0; j < count && status == UM_OK; j++) {
        gap = fmin(gap, fmax(cells[j].inner, 1e-12));
        umi_part own;
        const umi_region *region = &cells[j].region;
        status = umi_part_create(ctx, &map->generator, umi_box_square(region->first, region->last),
                                 &own);
        if (status != UM_OK) break;
        status = umi_wide_vector_create(ctx, group->size, &slow->basis[j]);
        for (size_t i = 0; i < own.size && status == UM_OK; i++)
            slow->basis[j].hi[group->inside[own.at[i]]] = cells[j].start[i];
        umi_part_free(ctx, &own);
    }
    if (status == UM_OK) status = umi_slow_refine(ctx, &group->matrix, ordering, gap, slow);
    return status;
}

/* held(i, j): population of basis vector j in cell i. */
static void find_held(const umi_part *group, const umi_slow *slow, const umi_cell *cells,
                      umi_wide *held)
{
    int count = slow->count, last = cells[count - 1].region.last;
    for (int j = 0; j < count; j++)
        for (int i = 0; i < count; i++) {
            umi_wide sum = umi_wide_set(0);
            int end = i + 1 < count ? cells[i + 1].first - 1 : umi_max(last, group->layout.levels);
            for (int n = cells[i].first; n <= end; n++) {
                int at = umi_part_find(group, 0, n, n);
                if (at >= 0)
                    sum = umi_wide_add(sum, umi_wide_set(slow->basis[j].hi[at])),
                    sum = umi_wide_add(sum, umi_wide_set(slow->basis[j].lo[at]));
            }
            held[j * count + i] = sum;
        }
}

static void transpose(int n, umi_wide *a)
{
    for (int j = 0; j < n; j++)
        for (int i = 0; i < j; i++) {
            umi_wide swap = a[j * n + i];
            a[j * n + i] = a[i * n + j];
            a[i * n + j] = swap;
        }
}

/* The state of a cell is the slow one with all its population there: inverse = held^-1; the rates
 * are held H held^-1. */
static um_status find_rates(um_context *ctx, const umi_slow *slow, const umi_wide *held,
                            umi_wide *inverse, umi_wide *rates)
{
    int n = slow->count;
    size_t all = (size_t)n * (size_t)n;
    umi_wide *copy = UMI_NEW_ARRAY(ctx, umi_wide, all);
    if (!copy) return UM_ERROR_MEMORY;
    memcpy(copy, held, all * sizeof *copy);
    memset(inverse, 0, all * sizeof *inverse);
    for (int i = 0; i < n; i++) inverse[i * (n + 1)] = umi_wide_set(1);
    um_status status = umi_wide_matrix_solve(ctx, n, copy, n, inverse);
    if (status == UM_OK) {
        umi_wide_matrix_multiply(n, n, n, held, slow->matrix, rates);
        memcpy(copy, held, all * sizeof *copy);
        transpose(n, copy);
        transpose(n, rates);
        status = umi_wide_matrix_solve(ctx, n, copy, n, rates);
        transpose(n, rates);
    }
    umi_free(ctx, copy);
    return status;
}

static um_status fill_state(const umi_chamber_map *map, const umi_part *group, const umi_slow *slow,
                            const umi_wide *weights, umi_cell *cell)
{
    umi_wide_vector x;
    UMI_TRY(umi_wide_vector_create(map->ctx, group->size, &x));
    umi_wide_combine((size_t)slow->count, slow->basis, weights, 1, x);
    um_status status = UM_OK;
    if (!cell->state.hi)
        status =
            umi_wide_vector_create(map->ctx, umi_layout_size(&group->layout), &cell->state);
    if (status == UM_OK) umi_part_scatter(group, x, cell->state);
    umi_wide_vector_free(map->ctx, &x);
    return status;
}

static um_status fill_cells(const umi_chamber_map *map, const umi_part *group, const umi_slow *slow,
                            umi_cell *cells, bool *good)
{
    int n = slow->count;
    size_t all = (size_t)n * (size_t)n;
    umi_wide *held = UMI_NEW_ARRAY(map->ctx, umi_wide, 3 * all), *inverse = held + all,
             *rates = inverse + all;
    if (!held) return UM_ERROR_MEMORY;
    find_held(group, slow, cells, held);
    um_status status = find_rates(map->ctx, slow, held, inverse, rates);
    *good = status == UM_OK && slow->defect < converged;
    if (status == UM_ERROR_DOMAIN) status = UM_OK;
    for (int j = 0; j < n && *good && status == UM_OK; j++) {
        umi_cell *cell = &cells[j];
        status = fill_state(map, group, slow, inverse + j * n, cell);
        if (status != UM_OK) break;
        double outside = 0;
        for (int level = 0; level < group->layout.levels; level++)
            if (level < cell->region.first || level > cell->region.last)
                outside += fabs(cell->state.hi[umi_layout_index(&group->layout, 0, 0, level)]);
        *good = outside < elsewhere;
        cell->defect = slow->defect;
        cell->up = umi_chamber_flux(map, cell->region.last + 1, cell->state);
        cell->down = umi_wide_negate(umi_chamber_flux(map, cell->first, cell->state));
        cell->rate_up = cell->rate_down = umi_wide_set(0);
        for (int i = 0; i < n; i++) {
            umi_wide *to = i > j ? &cell->rate_up : &cell->rate_down;
            if (i != j) *to = umi_wide_add(*to, rates[j * n + i]);
        }
    }
    umi_free(map->ctx, held);
    return status;
}

/* The regions between two cells go to the upper one. */
static void set_first(int first, umi_cell *cells, int count)
{
    for (int i = 0; i < count; i++)
        cells[i].first = i > 0 ? cells[i - 1].region.last + 1 : first;
}

static um_status treat(const umi_chamber_map *map, int first, int last, umi_cell *cells, int *count)
{
    um_context *ctx = map->ctx;
    umi_part group;
    umi_ordering *ordering = NULL;
    UMI_TRY(umi_part_create(ctx, &map->generator, umi_box_square(first, last), &group));
    um_status status = umi_ordering_create(ctx, &group.matrix, &ordering);
    for (bool good = false; status == UM_OK && !good && *count > 0;) {
        umi_slow slow;
        set_first(first, cells, *count);
        status = find_slow(ctx, &group, ordering, map, cells, *count, &slow);
        if (status == UM_OK) status = fill_cells(map, &group, &slow, cells, &good);
        umi_slow_free(ctx, &slow);
        if (status == UM_OK && !good) drop(ctx, cells, count, find_worst(cells, *count));
    }
    umi_ordering_destroy(ctx, ordering);
    umi_part_free(ctx, &group);
    return status;
}

um_status umi_group_solve(const umi_chamber_map *map, const umi_region *regions, int count,
                          umi_cell **cells, int *cells_count)
{
    um_context *ctx = map->ctx;
    *cells_count = 0;
    *cells = UMI_NEW_ARRAY(ctx, umi_cell, (size_t)count);
    if (!*cells) return UM_ERROR_MEMORY;
    um_status status = UM_OK;
    for (int i = 0; i < count && status == UM_OK; i++) {
        umi_cell *cell = &(*cells)[(*cells_count)++];
        status = umi_cell_prepare(map, &regions[i], cell);
        if (status == UM_OK && count > 1 && haste(cell) > promising)
            drop(ctx, *cells, cells_count, *cells_count - 1);
    }
    if (status == UM_OK)
        status = treat(map, regions[0].first, regions[count - 1].last, *cells, cells_count);
    if (status != UM_OK) {
        umi_group_free(ctx, *cells, *cells_count);
        *cells = NULL;
        *cells_count = 0;
    }
    return status;
}
