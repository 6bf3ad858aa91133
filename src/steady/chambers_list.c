#include "steady/chambers_list.h"

#include <math.h>
#include <string.h>

#include "state/state.h"
#include "steady/perturb.h"
#include "umaser/observe.h"

/* Listed: what leaves is below this share of the slowest inner rate. */
static const double listing = 0.1;
/* Perturbation: its method of choice below this sine; a check of the other way up to that one. */
static const double small_sine = 1e-6, check_sine = 1e-4;
/* Slow modes: absolute rounding of a rate, and when that is good enough to be compared with. */
static const double rounding = 1e-31, comparable = 1e-7;
/* What one collision does at the top of a truncated space to a state that belongs to the battery;
 * populations that are not worth listing. */
static const double top_effect = 1e-9, nothing = 1e-20;

typedef struct listing_of {
    const umi_chamber_map *map;
    const um_battery *battery;
    int floor, ceiling; /* levels of the group */
    double sine_above, sine_below;
    bool exact_above, exact_below;
} group;

static double relative(double a, double b)
{
    return a == b ? 0 : fabs(a - b) / fmax(fabs(a), fabs(b));
}

/* Both rates out of the cell, and how far two ways to them agree. */
static um_status find_leak(const group *of, const umi_cell *cell, um_chamber *chamber)
{
    double up = umi_wide_get(cell->up), down = umi_wide_get(cell->down);
    double floor_of_rate = rounding + cell->defect;
    chamber->leak = of->exact_above ? 0 : up;
    chamber->down = of->exact_below ? 0 : down;
    chamber->leak_error = 0;
    chamber->method = "closed";
    if (of->exact_above && of->exact_below) return UM_OK;

    chamber->method = "slow-modes";
    double whole = fabs(chamber->leak);
    if (of->exact_above) whole = fabs(chamber->down);
    double of_modes = of->exact_above ? relative(down, umi_wide_get(cell->rate_down))
                                      : relative(up, umi_wide_get(cell->rate_up));
    chamber->leak_error = fmax(of_modes, whole > 0 ? floor_of_rate / whole : 0);
    double sine = fmax(of->exact_above ? 0 : fabs(of->sine_above),
                       of->exact_below ? 0 : fabs(of->sine_below));
    if (sine > check_sine) return UM_OK;

    double up_too, down_too;
    UMI_TRY(umi_perturb_leak(of->map, &cell->region, of->floor, of->ceiling, cell->start,
                             cell->inner, &up_too, &down_too));
    bool modes_valid = chamber->leak_error < comparable;
    double between = of->exact_above ? relative(down, down_too) : relative(up, up_too);
    if (sine < small_sine) {
        chamber->method = "perturbation";
        chamber->leak = of->exact_above ? 0 : up_too;
        chamber->down = of->exact_below ? 0 : down_too;
        chamber->leak_error = modes_valid ? between : fmax(sine * sine, 1e-15);
    } else {
        chamber->leak_error = fmax(chamber->leak_error, between);
    }
    return UM_OK;
}

/* Energy, ergotropy, purity and populations of the cell's own state. */
static um_status observe(const group *of, um_state *state, const double *energies,
                         const umi_cell *cell, um_chamber *chamber)
{
    um_context *ctx = of->map->ctx;
    const umi_layout *layout = &of->map->generator.layout;
    umi_wide_vector x = cell->state;
    for (size_t i = 0; i < x.size; i++) x.hi[i] += x.lo[i];
    UMI_TRY(umi_layout_to_state(layout, x.hi, state));
    chamber->levels = layout->levels;
    while (chamber->levels > cell->region.last + 1 && fabs(x.hi[chamber->levels - 1]) < nothing)
        chamber->levels--;
    chamber->populations = UMI_NEW_ARRAY(ctx, double, (size_t)chamber->levels);
    if (!chamber->populations) return UM_ERROR_MEMORY;
    um_state_get_populations(state, chamber->levels, chamber->populations);
    um_state_trim(state, nothing);
    chamber->energy = um_observe_energy(state, energies);
    chamber->purity = um_observe_purity(state);
    um_ergotropy ergotropy;
    UMI_TRY(um_observe_ergotropy(state, energies, &ergotropy));
    chamber->ergotropy = ergotropy.total;
    return UM_OK;
}

static um_status measure(const group *of, const umi_cell *cell, um_chamber *chamber)
{
    um_context *ctx = of->map->ctx;
    const umi_layout *layout = &of->map->generator.layout;
    um_state *state = NULL;
    double *energies = UMI_NEW_ARRAY(ctx, double, (size_t)layout->levels);
    if (!energies) return UM_ERROR_MEMORY;
    for (int n = 0; n < layout->levels; n++) energies[n] = um_battery_get_energy(of->battery, n);
    um_status status = um_state_create(ctx, layout->levels, layout->planes, 0, 0, &state);
    if (status == UM_OK) status = observe(of, state, energies, cell, chamber);
    um_state_destroy(state);
    umi_free(ctx, energies);
    return status;
}

/* In a truncated space the last region may hold a state that only the cut keeps there. */
static bool is_artificial(const group *of, const umi_cell *cell)
{
    const umi_layout *layout = &of->map->generator.layout;
    double top = cell->state.hi[umi_layout_index(layout, 0, 0, layout->levels - 1)];
    return 2 * of->map->generator.edge * sqrt(fmax(top, 0)) > top_effect;
}

static um_status add(const group *of, umi_cell *cell, um_chamber *list, size_t *listed)
{
    const umi_region *region = &cell->region;
    bool open = !region->trap, cut = open && !region->exact;
    if (cut && is_artificial(of, cell)) return UM_OK;
    um_chamber chamber = {
        .first = region->first,
        .last = region->last,
        .exact = region->exact,
        .open = open,
        .population = NAN,
        .relaxation = isinf(cell->inner) ? 0 : 1 / cell->inner,
    };
    UMI_TRY(find_leak(of, cell, &chamber));
    if (cut) chamber.leak = 0;
    if (!(chamber.leak + chamber.down <= listing * fmin(cell->inner, 1))) return UM_OK;
    um_status status = measure(of, cell, &chamber);
    if (status == UM_OK)
        list[(*listed)++] = chamber;
    else
        umi_free(of->map->ctx, chamber.populations);
    return status;
}

um_status umi_chambers_list(const umi_chamber_map *map, const um_battery *battery,
                            const umi_region *regions, int count, um_chamber *list, size_t *listed)
{
    umi_cell *cells;
    int cells_count;
    UMI_TRY(umi_group_solve(map, regions, count, &cells, &cells_count));
    um_status status = UM_OK;
    for (int i = 0; i < cells_count && status == UM_OK; i++) {
        const umi_region *region = &cells[i].region;
        group of = {.map = map,
                    .battery = battery,
                    .floor = regions[0].first,
                    .ceiling = regions[count - 1].last};
        of.exact_above = region->last == of.ceiling;
        of.exact_below = region->first == of.floor;
        of.sine_above = of.exact_above ? 0 : region->sine;
        of.sine_below = of.exact_below ? 0 : (double)map->blocks.of[region->first].sine;
        status = add(&of, &cells[i], list, listed);
    }
    umi_group_free(map->ctx, cells, cells_count);
    return status;
}
