/* group: the chambers between two exact traps. Nothing leaves a group, and what happens in it is
 * slow only from chamber to chamber: once the fast modes are gone, the populations p of its chambers
 * follow p' = (1 + rates) p. */
#ifndef UMI_STEADY_CHAMBERS_GROUP_H
#define UMI_STEADY_CHAMBERS_GROUP_H

#include "map/generator_blocks.h"
#include "steady/chamber_regions.h"
#include "steady/chambers_part.h"

/* What all chambers of a map are found with. */
typedef struct umi_chamber_map {
    um_context *ctx;
    umi_generator generator, skew; /* skew: of the imaginary part, where it is apart */
    bool has_skew;
    umi_quad_blocks blocks;
} umi_chamber_map;

/* One chamber; states are vectors of the layout, trace 1. */
typedef struct umi_cell {
    umi_region region;
    int first;         /* with the levels below it that belong to no chamber */
    double lost;       /* rate at which it would lose what steps out, if nothing came back */
    double inner;      /* its slowest inner rate */
    double *start;     /* the mode of that loss, on the levels of the region */
    umi_wide_vector state;
    umi_wide up, down; /* flux of its state out of the cell, per collision */
    umi_wide rate_up, rate_down; /* the same from the rates between cells */
    double defect;     /* of the slow modes: absolute error of a rate */
} umi_cell;

/* The cells of the regions first..last, which end at exact traps or with the space. */
um_status umi_group_solve(const umi_chamber_map *map, const umi_region *regions, int count,
                          umi_cell **cells, int *cells_count);
void umi_group_free(um_context *ctx, umi_cell *cells, int count);

/* The start, the loss and the slowest inner rate of one region. */
um_status umi_cell_prepare(const umi_chamber_map *map, const umi_region *region, umi_cell *cell);

/* Population that crosses from level n - 1 to n, of a state on part of the layout or all of it. */
umi_wide umi_chamber_flux(const umi_chamber_map *map, int n, umi_wide_vector state);

#endif
