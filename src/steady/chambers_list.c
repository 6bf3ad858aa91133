#include "steady/chambers_list.h"

#include <math.h>
#include <string.h>

/* A region that holds this many times its relaxation is a chamber of its own. One that holds less
 * is part of a larger one, if there is any. */
static const double strong = 1e4;

/* Sines of the traps around regions that are taken together, against those inside. */
static const double weaker = 0.1;

typedef struct group {
    const umi_chamber_map *map;
    const um_battery *battery;
    int levels, count;
    umi_cell *cells;
    umi_verdict *verdicts;
} group;

/* The cells next to `own` that may hold, and the levels from the one to the other. */
static void set_window(const umi_cell *cells, int count, int own, umi_window *window)
{
    int low = own, high = own;
    *window = (umi_window){0};
    for (low = own - 1; low > 0 && umi_cell_haste(&cells[low]) > 1;) low--;
    for (high = own + 1; high < count - 1 && umi_cell_haste(&cells[high]) > 1;) high++;
    window->first = cells[umi_max(low, 0)].region.first;
    window->last = cells[umi_min(high, count - 1)].region.last;
    if (low >= 0 && umi_cell_haste(&cells[low]) <= 1) window->cell[window->count++] = &cells[low];
    window->own = window->count;
    window->cell[window->count++] = &cells[own];
    if (high < count && umi_cell_haste(&cells[high]) <= 1)
        window->cell[window->count++] = &cells[high];
}

/* A neighbour that holds too little to be told from what relaxes. */
static bool drop_neighbour(um_context *ctx, umi_window *window)
{
    int worst = -1;
    for (int i = 0; i < window->count; i++)
        if (i != window->own &&
            (worst < 0 || umi_cell_haste(window->cell[i]) > umi_cell_haste(window->cell[worst])))
            worst = i;
    umi_window_free(ctx, window);
    if (worst < 0) return false;
    for (int i = worst; i + 1 < window->count; i++) window->cell[i] = window->cell[i + 1];
    window->count--;
    if (worst < window->own) window->own--;
    return true;
}

/* Cell `own` among its neighbours. */
static um_status treat(const group *g, umi_cell *cells, int count, int own, umi_verdict *verdict)
{
    um_context *ctx = g->map->ctx;
    umi_window window;
    umi_part part;
    *verdict = (umi_verdict){0};
    set_window(cells, count, own, &window);
    UMI_TRY(
        umi_part_create(ctx, &g->map->generator, umi_box_square(window.first, window.last), &part));
    bool good = false;
    um_status status = umi_window_solve(g->map, &part, &window, &good);
    while (status == UM_OK && !good && drop_neighbour(ctx, &window))
        status = umi_window_solve(g->map, &part, &window, &good);
    if (status == UM_OK && good)
        status = umi_chamber_examine(g->map, g->battery, &part, &window, &cells[own], verdict);
    umi_window_free(ctx, &window);
    umi_part_free(ctx, &part);
    return status;
}

static void forget(um_context *ctx, umi_verdict *verdict)
{
    umi_free(ctx, verdict->chamber.populations);
    *verdict = (umi_verdict){0};
}

static void free_cell(um_context *ctx, umi_cell *cell)
{
    umi_free(ctx, cell->start);
    umi_free(ctx, cell->core);
}

/* Whether the traps around first..last are much better than those between. */
static bool is_tighter(const group *g, int first, int last)
{
    double inside = INFINITY, below = first > 0 ? fabs(g->cells[first - 1].region.sine) : 0;
    const umi_region *top = &g->cells[last].region;
    double above = top->exact ? 0 : fabs(top->sine);
    for (int i = first; i < last; i++) inside = fmin(inside, fabs(g->cells[i].region.sine));
    return top->last < g->levels && fmax(above, below) <= weaker * inside;
}

/* The regions first..last as one. */
static um_status treat_together(group *g, int first, int last, umi_verdict *verdict)
{
    um_context *ctx = g->map->ctx;
    int count = g->count - (last - first);
    umi_cell *cells = UMI_NEW_ARRAY(ctx, umi_cell, (size_t)count);
    if (!cells) return UM_ERROR_MEMORY;
    umi_region whole = g->cells[last].region;
    whole.first = g->cells[first].region.first;
    for (int i = 0; i < count; i++)
        if (i != first) cells[i] = g->cells[i < first ? i : i + last - first];
    um_status status = umi_cell_prepare(g->map, &whole, &cells[first]);
    if (status == UM_OK) status = treat(g, cells, count, first, verdict);
    free_cell(ctx, &cells[first]);
    umi_free(ctx, cells);
    return status;
}

/* From a region that is no strong chamber upwards: the least that holds, with something strong in
 * it or strong itself, takes the place of its parts. */
static um_status join(group *g, int first)
{
    if (g->verdicts[first].listed && g->verdicts[first].ratio >= strong) return UM_OK;
    bool any = false;
    for (int last = first + 1; last < g->count; last++) {
        any = any || (g->verdicts[last].listed && g->verdicts[last].ratio >= strong);
        if (!is_tighter(g, first, last)) continue;
        umi_verdict verdict;
        UMI_TRY(treat_together(g, first, last, &verdict));
        if (verdict.listed && (any || verdict.ratio >= strong)) {
            for (int i = first; i <= last; i++) forget(g->map->ctx, &g->verdicts[i]);
            g->verdicts[first] = verdict;
            return UM_OK;
        }
        forget(g->map->ctx, &verdict);
    }
    return UM_OK;
}

static um_status judge(group *g)
{
    for (int i = 0; i < g->count; i++)
        if (g->cells[i].region.last < g->levels &&
            (g->count == 1 || umi_cell_haste(&g->cells[i]) <= 1))
            UMI_TRY(treat(g, g->cells, g->count, i, &g->verdicts[i]));
    for (int i = 0; i < g->count; i++) UMI_TRY(join(g, i));
    return UM_OK;
}

um_status umi_chambers_list(const umi_chamber_map *map, const um_battery *battery, int levels,
                            const umi_region *regions, int count, um_chamber *list, size_t *listed)
{
    um_context *ctx = map->ctx;
    group g = {.map = map, .battery = battery, .levels = levels, .count = count};
    g.cells = UMI_NEW_ARRAY(ctx, umi_cell, (size_t)count);
    g.verdicts = UMI_NEW_ARRAY(ctx, umi_verdict, (size_t)count);
    um_status status = g.cells && g.verdicts ? UM_OK : UM_ERROR_MEMORY;
    for (int i = 0; i < count && status == UM_OK; i++)
        status = umi_cell_prepare(map, &regions[i], &g.cells[i]);
    if (status == UM_OK) status = judge(&g);
    for (int i = 0; i < count && g.verdicts; i++)
        if (status == UM_OK && g.verdicts[i].listed)
            list[(*listed)++] = g.verdicts[i].chamber;
        else
            umi_free(ctx, g.verdicts[i].chamber.populations);
    for (int i = 0; i < count && g.cells; i++) free_cell(ctx, &g.cells[i]);
    umi_free(ctx, g.cells);
    umi_free(ctx, g.verdicts);
    return status;
}
