/* window: a chamber between its neighbours. Population that leaves the three of them is lost; what
 * happens among them is slow only from chamber to chamber: once the fast modes are gone, the
 * populations p of its cells follow p' = (1 + rates) p. */
#ifndef UMI_STEADY_CHAMBERS_WINDOW_H
#define UMI_STEADY_CHAMBERS_WINDOW_H

#include "map/generator_blocks.h"
#include "steady/chamber_regions.h"
#include "steady/chambers_part.h"
#include "steady/slow.h"

/* What all chambers of a map are found with. */
typedef struct umi_chamber_map {
    um_context *ctx;
    umi_generator generator, skew; /* skew: of the imaginary part, where it is apart */
    bool has_skew;
    umi_quad_blocks blocks;
} umi_chamber_map;

/* A region, and what is known of it alone. */
typedef struct umi_cell {
    umi_region region;
    double lost;   /* rate at which it would lose what steps out, if nothing came back */
    double inner;  /* its slowest inner rate */
    double *start; /* the mode of that loss, on the levels of the region */
    bool *core;    /* of the region's levels, those where most of it is */
} umi_cell;

/* Its state, its loss and its slowest rate next to +1; then that of all modes, if they are found.
 */
um_status umi_cell_prepare(const umi_chamber_map *map, const umi_region *region, umi_cell *cell);
um_status umi_cell_relax(const umi_chamber_map *map, umi_cell *cell, bool *known);
/* rate = the least, of those of the modes nearest to 1 + pole (but the first) and of itself. */
um_status umi_part_find_slowest(um_context *ctx, const umi_part *part, double pole, bool rest,
                                double *rate);
um_status umi_cell_find_core(um_context *ctx, const umi_part *part, umi_cell *cell);

/* How little it holds: below 1 it is worth a look. */
double umi_cell_haste(const umi_cell *cell);

/* Cells in a window; slow modes beyond one for each: coherences between chambers that are not next
 * to each other may live as long as the chambers. */
enum { UMI_CELLS_MAX = 3, UMI_EXTRA_MAX = 5, UMI_SLOW_MAX = UMI_CELLS_MAX + UMI_EXTRA_MAX };

typedef struct umi_window {
    int first, last; /* levels */
    int count, own;  /* cells, by rising levels; the chamber in question */
    const umi_cell *cell[UMI_CELLS_MAX];
    int slow; /* slow modes, >= count */
    /* Of the window's part. A cell's state has trace 1, no population in the core of another cell
     * and, all coherences between cells being the vectors beyond `count`, none of these. */
    umi_wide_vector state[UMI_SLOW_MAX];
    int cut[UMI_CELLS_MAX + 1]; /* levels cut[i]..cut[i + 1] - 1 are nearest to cell i */
    double up, down;            /* rates out of the chamber, by the flux of its state */
    double all, all_too;        /* their sum by the flux, and by the modes */
    double scatter;             /* of that flux by rounding */
    double spread;              /* and from one level to the next, relative to `up` */
    double defect;              /* of the slow modes: absolute error of their rates */
} umi_window;

/* first, last, count, own, cell are given; the rest is found. good: false if the slow modes are not
 * those of the cells. The part is that of first..last. */
um_status umi_window_solve(const umi_chamber_map *map, const umi_part *part, umi_window *window,
                           bool *good);
void umi_window_free(um_context *ctx, umi_window *window);

/* Population that crosses from level n - 1 to n in one collision; that of levels first..last. */
umi_wide umi_window_flux(const umi_chamber_map *map, const umi_part *part, int n,
                         umi_wide_vector state);
umi_wide umi_window_held(const umi_part *part, int first, int last, umi_wide_vector state);

/* Inside. Modes of the part next to +1, roughly: `wanted` of them and all others that are as slow,
 * from the cells alone; converged: false if there is no gap behind them. */

um_status umi_window_start(const umi_chamber_map *map, const umi_part *part,
                           const umi_window *window, const umi_elimination *inverse, umi_slow *slow,
                           bool *found);
/* The states once more, to all digits of their smallest elements, too. */
um_status umi_window_polish(const umi_chamber_map *map, const umi_part *part,
                            const umi_elimination *inverse, umi_window *window);
/* G state = sum of rates state_i, found from fluxes, with all digits however small; image: G state.
 */
um_status umi_window_rates(const umi_chamber_map *map, const umi_part *part,
                           const umi_window *window, int from, umi_wide_vector image,
                           umi_wide rates[UMI_SLOW_MAX]);
/* Population in the core of a cell, where its state is and others are not. */
umi_wide umi_window_core(const umi_part *part, const umi_cell *cell, umi_wide_vector state);

#endif
