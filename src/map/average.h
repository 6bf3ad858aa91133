/* A collision without counter-rotating terms, averaged over interaction times that scatter: every
 * product of two elements of U is a sum of e^(i alpha u), whose means are known (spread.h). In quad, so
 * that differences from the unaveraged collision keep their digits. Detunings that scatter are averaged
 * over a few values, one of these each (average_map.c). */
#ifndef UMI_AVERAGE_H
#define UMI_AVERAGE_H

#include "map/mixture.h"
#include "map/spread.h"

/* Block n of U (see stencil.c) when the interaction lasts tau u: common e^(-i turn u), and
 * cosine = cos(angle u), tilt = tilt sin(angle u), sine = reach sin(angle u). */
typedef struct umi_tone {
    umi_quad angle, cosine, sine; /* cosine and sine: at u = 1; a closed block has an angle of k pi */
    umi_quad tilt, reach, turn;
    umi_quad shift[2]; /* (E_n - n - E_0) omega of its levels n - 1 and n */
    int sign;          /* of block `levels`: what the closed top multiplies by */
} umi_tone;

typedef struct umi_average {
    um_context *ctx;
    umi_tone *of; /* levels + 1 blocks, the last as the map closes the top */
    int levels;
    bool even;
    umi_quad gg, ee, ge;
    umi_quad gap, less; /* free time after the collision: gap - less u */
    const umi_spread *spread; /* the caller's */
    double edge; /* root of the mean of umi_blocks edge^2, times the norm of rho_q|e> */
} umi_average;

/* The largest angle of a product; umi_spread_create asks for it. */
double umi_average_get_largest(const umi_collision *collision);
/* At the detuning of the collision. umi_block_is_closed says which traps are exact at u = 1. */
um_status umi_average_create(um_context *ctx, const umi_collision *collision, const umi_spread *spread,
                             umi_average *average);
void umi_average_free(umi_average *average);

/* r'_nm = sum over terms, of elements of r: the column is that of m. */
typedef enum umi_term {
    UMI_TERM_HERE,        /* n, m; as the difference from 1 */
    UMI_TERM_ABOVE,       /* n+1, m+1 */
    UMI_TERM_BELOW,       /* n-1, m-1 */
    UMI_TERM_COLUMN_LESS, /* n, m-1 */
    UMI_TERM_ROW_LESS,    /* n-1, m */
    UMI_TERM_ROW_MORE,    /* n+1, m */
    UMI_TERM_COLUMN_MORE, /* n, m+1 */
    UMI_TERMS
} umi_term;

/* The coefficients of element (n, m), n <= m < levels, free evolution of the gap included. */
void umi_average_get_terms(const umi_average *average, int n, int m, umi_quad_turn term[UMI_TERMS]);

/* Means of products of elements of blocks b and c, G, E diagonal elements of |b,g>, |b-1,e>, P the step;
 * the second factor is conjugated. */
typedef struct umi_products {
    umi_quad_turn gg, ee, pp, gp, pg, ep, pe, ge, eg;
} umi_products;

/* The end of U a product is taken at: free evolution of the gap as of the blocks' lower (0) or upper (1)
 * levels, or none (-1). */
umi_products umi_average_get_products(const umi_average *average, int b, int c, int end);

/* Averages over theta's and detuning's spread of a collision that nothing else disturbs: as a table
 * (average_map.c) or, with counter-rotating terms or shaped pulses, a sum of maps that `make` makes. */
um_status umi_map_create_average(um_context *ctx, const umi_collision *collision, umi_map_maker *make,
                                 um_map **map);
/* The same while the environment acts: a sum of tables (average_joint.c). */
um_status umi_map_create_average_joint(um_context *ctx, const umi_collision *collision, um_map **map);

#endif
