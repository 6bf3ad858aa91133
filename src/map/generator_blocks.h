/* The blocks of a stencil collision's U once more, in quad: what a generator is assembled from. */
#ifndef UMI_GENERATOR_BLOCKS_H
#define UMI_GENERATOR_BLOCKS_H

#include "map/map.h"

typedef _Float128 umi_quad;

typedef struct umi_quad_turn {
    umi_quad re, im;
} umi_quad_turn;

/* Block {|n-1,e>, |n,g>}: U = common [[cosine - i tilt, -i sine], [-i sine, cosine + i tilt]] (in the
 * map's gauge without the factors -i); cosine^2 + tilt^2 + sine^2 = 1. Block 0: |0,g> alone. */
typedef struct umi_quad_block {
    umi_quad cosine, tilt, sine;
    umi_quad_turn common;
    umi_quad_turn turn; /* of level n by the gap's free evolution; not of block `levels` */
} umi_quad_block;

/* Blocks 0..levels; the last one as the map closes the top: sine 0. */
typedef struct umi_quad_blocks {
    umi_quad_block *of;
    umi_quad gg, ee, ge; /* rho_q */
    double edge;         /* as in umi_blocks, times the norm of rho_q|e> */
    umi_quad leaving;    /* the chance that the next atom would lift the top level's population */
} umi_quad_blocks;

um_status umi_quad_blocks_create(um_context *ctx, const umi_collision *collision,
                                 umi_quad_blocks *blocks);
umi_quad umi_quad_lowering(const um_battery *battery, int n);

static inline umi_quad_turn umi_quad_times(umi_quad_turn a, umi_quad_turn b)
{
    if (a.im == 0 && b.im == 0) return (umi_quad_turn){a.re * b.re, 0};
    return (umi_quad_turn){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static inline umi_quad_turn umi_quad_conj(umi_quad_turn a) { return (umi_quad_turn){a.re, -a.im}; }

#endif
