/* What is said of one chamber: its leak, and what its own state holds. */
#include "steady/chambers_list.h"

#include <math.h>
#include <string.h>

#include "state/state.h"
#include "steady/perturb.h"
#include "umaser/observe.h"

/* Listed: what leaves is below this share of the slowest inner rate. */
static const double listing = 0.1;
/* Below this sine of the edges perturbation is the method of choice, and the flux its check. */
static const double small_sine = 1e-6;
/* Slow modes: absolute rounding of a rate, and when they are good enough to be compared with. */
static const double rounding = 1e-31, comparable = 1e-7;
/* What a slow matrix may exceed purity 1 by and still pass for a state. */
static const double unphysical = 1e-3;
/* A number that is wrong by more is none. */
static const double certain = 0.1;
/* What one collision does at the top of a truncated space to a state that belongs to the battery;
 * elements that are not worth listing. */
static const double top_effect = 1e-9, nothing = 1e-20;

typedef struct scene {
    const umi_chamber_map *map;
    const um_battery *battery;
    const umi_part *part;
    const umi_window *window;
    /* Nothing steps over the edge of the chamber: leak and down are exactly 0. */
    bool exact_above, exact_below;
    double sine_above, sine_below;
} scene;

static double relative(double a, double b)
{
    double size = fmax(fabs(a), fabs(b));
    return size > 0 ? fabs(a - b) / size : 0;
}

/* A rate by flux against that of the modes, as far as these can tell. */
static double compare(double flux, double of_modes, double defect)
{
    double floor_of_rate = rounding + defect;
    if (flux == 0 || floor_of_rate > comparable * fabs(flux)) return 0;
    return relative(flux, of_modes);
}

static um_status find_leak(const scene *of, um_chamber *chamber)
{
    const umi_window *window = of->window;
    double up = window->up, down = window->down;
    chamber->leak = of->exact_above ? 0 : up;
    chamber->down = of->exact_below ? 0 : down + 0.0;
    chamber->leak_error = 0;
    chamber->method = "closed";
    if (of->exact_above && of->exact_below) return UM_OK;

    chamber->method = "slow-modes";
    chamber->leak_error = compare(window->all, window->all_too, window->defect);
    if (!of->exact_above) {
        double of_rounding = fmax(window->spread, 2 * window->scatter / fabs(window->up));
        chamber->leak_error = fmax(chamber->leak_error, of_rounding);
    }
    if (fmax(of->sine_above, of->sine_below) > small_sine) return UM_OK;

    double up_too, down_too;
    UMI_TRY(umi_perturb_leak(of->map, of->part, window, &up_too, &down_too));
    chamber->method = "perturbation";
    chamber->leak = of->exact_above ? 0 : up_too;
    chamber->down = of->exact_below ? 0 : down_too;
    double between = of->exact_above ? relative(down, down_too) : relative(up, up_too);
    chamber->leak_error = fmax(chamber->leak_error, between);
    return UM_OK;
}

static double population(const scene *of, int n)
{
    return of->window->state[of->window->own].hi[umi_part_find(of->part, 0, n, n)];
}

/* Up or down from the region as far as its tail falls: what lies beyond is under way. */
static int find_end(const scene *of, int edge, int end)
{
    int n = edge, step = end > edge ? 1 : -1;
    while (n != end) {
        double next = population(of, n + step);
        if (!(next > 0 && next < population(of, n))) break;
        n += step;
    }
    return n;
}

/* The chamber's own state in the whole layout, rounded, trace 1: the region with its tails. */
static double *spread_out(const scene *of, const um_chamber *chamber)
{
    const umi_part *part = of->part;
    const umi_layout *layout = &part->layout;
    umi_wide_vector state = of->window->state[of->window->own];
    int low = find_end(of, chamber->first, of->window->first);
    int high = find_end(of, chamber->last, of->window->last);
    double *x = UMI_NEW_ARRAY(of->map->ctx, double, umi_layout_size(layout)), trace = 0;
    if (!x) return NULL;
    for (int n = low; n <= high; n++) trace += population(of, n);
    for (int k = 0; k < layout->orders; k++)
        for (int plane = 0; plane < (k == 0 ? 1 : layout->planes); plane++)
            for (int n = low; n + k <= high; n++) {
                int at = umi_part_find(part, plane, n, n + k);
                x[part->at[at]] = (state.hi[at] + state.lo[at]) / trace;
            }
    return x;
}

static um_status observe(const scene *of, const double *x, const double *energies, um_state *state,
                         um_chamber *chamber, bool *physical)
{
    um_context *ctx = of->map->ctx;
    const umi_layout *layout = &of->part->layout;
    UMI_TRY(umi_layout_to_state(layout, x, state));
    chamber->levels = layout->levels;
    while (chamber->levels > chamber->last + 1 && fabs(x[chamber->levels - 1]) < nothing)
        chamber->levels--;
    chamber->populations = UMI_NEW_ARRAY(ctx, double, (size_t)chamber->levels);
    if (!chamber->populations) return UM_ERROR_MEMORY;
    um_state_get_populations(state, chamber->levels, chamber->populations);
    um_state_trim(state, nothing);
    chamber->energy = um_observe_energy(state, energies);
    chamber->purity = um_observe_purity(state);
    *physical = chamber->purity < 1 + unphysical;
    if (!*physical) return UM_OK;
    um_ergotropy ergotropy;
    UMI_TRY(um_observe_ergotropy(state, energies, &ergotropy));
    chamber->ergotropy = ergotropy.total;
    return UM_OK;
}

static um_status measure(const scene *of, um_chamber *chamber, bool *physical)
{
    um_context *ctx = of->map->ctx;
    const umi_layout *layout = &of->part->layout;
    um_state *state = NULL;
    double *energies = UMI_NEW_ARRAY(ctx, double, (size_t)layout->levels),
           *x = spread_out(of, chamber);
    um_status status = energies && x ? UM_OK : UM_ERROR_MEMORY;
    for (int n = 0; n < layout->levels && status == UM_OK; n++)
        energies[n] = um_battery_get_energy(of->battery, n);
    if (status == UM_OK)
        status = um_state_create(ctx, layout->levels, layout->planes, 0, 0, &state);
    if (status == UM_OK) status = observe(of, x, energies, state, chamber, physical);
    um_state_destroy(state);
    umi_free(ctx, energies);
    umi_free(ctx, x);
    return status;
}

/* In a truncated space the last region may hold a state that only the cut keeps there. */
static bool is_artificial(const scene *of, const umi_region *region)
{
    umi_wide_vector state = of->window->state[of->window->own];
    double top = fabs(state.hi[umi_part_find(of->part, 0, region->last, region->last)]);
    return 4 * sqrt(top) > top_effect;
}

/* Whether it holds, and how many times its own relaxation. */
static bool holds(const scene *of, const umi_cell *cell, const um_chamber *chamber, double *ratio)
{
    const umi_region *region = &cell->region;
    bool cut = !region->trap && !region->exact;
    if (cut && is_artificial(of, region)) return false;
    double out = (cut ? 0 : fmax(chamber->leak, 0)) + fmax(chamber->down, 0);
    *ratio = fmin(cell->inner, 1) / out;
    return out <= listing * fmin(cell->inner, 1);
}

um_status umi_chamber_examine(const umi_chamber_map *map, const um_battery *battery,
                              const umi_part *part, const umi_window *window, umi_cell *cell,
                              umi_verdict *verdict)
{
    const umi_region *region = &cell->region;
    scene of = {.map = map, .battery = battery, .part = part, .window = window};
    /* Atoms that are all excited take nothing away, those that are all not bring nothing. */
    of.exact_below = region->first == window->first || map->blocks.gg == 0;
    of.exact_above = region->last == window->last || map->blocks.ee == 0;
    of.sine_above = of.exact_above ? 0 : fabs(region->sine);
    of.sine_below = of.exact_below ? 0 : fabs((double)map->blocks.of[region->first].sine);
    um_chamber *chamber = &verdict->chamber;
    *chamber = (um_chamber){.first = region->first,
                            .last = region->last,
                            .exact = region->exact,
                            .open = !region->trap,
                            .population = NAN};
    UMI_TRY(find_leak(&of, chamber));
    if (!holds(&of, cell, chamber, &verdict->ratio)) return UM_OK;
    bool known;
    UMI_TRY(umi_cell_relax(map, cell, &known));
    verdict->listed = holds(&of, cell, chamber, &verdict->ratio);
    if (!verdict->listed) return UM_OK;
    chamber->relaxation = !known ? NAN : isinf(cell->inner) ? 0 : 1 / cell->inner;
    /* How it leaks through a trap that is not there nobody knows; nor what drowned in rounding. */
    bool cut = !region->trap && !region->exact;
    if (cut) chamber->method = "slow-modes";
    if (cut || chamber->leak < 0 || chamber->leak_error > certain)
        chamber->leak = chamber->leak_error = NAN;
    if (chamber->down < 0) chamber->down = NAN;
    um_status status = measure(&of, chamber, &verdict->listed);
    if (status != UM_OK || !verdict->listed) {
        umi_free(map->ctx, chamber->populations);
        *verdict = (umi_verdict){0};
    }
    return status;
}
