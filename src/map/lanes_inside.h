/* lanes, shared by its files. */
#ifndef UMI_LANES_INSIDE_H
#define UMI_LANES_INSIDE_H

#include "map/lanes.h"

/* One number per lane, where kernels put them. */
typedef double umi_lanes_numbers[UMI_LANES] __attribute__((aligned(64)));

/* A point of the batch. */
typedef struct umi_lane {
    bool loaded, mixes_orders;
    int levels; /* its own space, at most the common one */
    um_atoms atoms;
    double phase; /* gauge: quarter 1 and this */
    double edge;  /* of the truncated top, times the norm of rho_q|e> */
    umi_lanes_window window, before; /* now; before the last collision */
    umi_sum error;
    umi_blocks blocks; /* its own, or those of a lane with the same coupling */
    bool owns_blocks;
} umi_lane;

struct umi_lanes {
    um_context *ctx;
    const umi_lanes_kernels *kernels;
    int levels, width, groups; /* groups * width = UMI_LANES */
    umi_lanes_kind kind;
    umi_lane lane[UMI_LANES];
    ptrdiff_t stride;     /* doubles per row */
    size_t group_size;    /* doubles of one group's matrix */
    size_t table_size;    /* doubles of one group's table of one number per level */
    double *memory;       /* matrices: two buffers of each group */
    double *tables;       /* factors, energies, changes of each group */
    double *buffer[2];    /* element (0, 0) of the first group */
    int now;              /* the buffer that holds the states; the other: those before the collision */
    umi_lanes_window stored[2]; /* outside, the buffers are zero */
    double *factors, *energies, *change[2]; /* level 0 of the first group */
};

static inline double *umi_lanes_element(const umi_lanes *lanes, int buffer, int group, int n, int m)
{
    return lanes->buffer[buffer] + (size_t)group * lanes->group_size + n * lanes->stride +
           (ptrdiff_t)m * lanes->width;
}

/* r_{n,m} of one lane, m >= n - 1. */
static inline double *umi_lane_element(const umi_lanes *lanes, int buffer, int lane, int n, int m)
{
    return umi_lanes_element(lanes, buffer, lane / lanes->width, n, m) + lane % lanes->width;
}

static inline int umi_lanes_factors_count(const umi_lanes *lanes)
{
    return lanes->kind == UMI_LANES_COHERENT ? (int)UMI_LANES_PURE : (int)UMI_FACTORS;
}

/* Empty, its map forgotten. */
void umi_lane_unload(umi_lanes *lanes, int lane);

/* The smallest window that holds those of all lanes. */
umi_lanes_window umi_lanes_union(const umi_lanes *lanes);
/* Zeros in a buffer wherever `keep` does not reach. */
void umi_lanes_clear_outside(umi_lanes *lanes, int buffer, umi_lanes_window keep);

#endif
