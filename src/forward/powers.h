/* powers: (1 + H)^k of a small matrix by squaring, as 1 + P_i = (1 + H)^(2^i), so that rates far
 * below the rounding of 1 survive; and sums over all powers without a division by H.
 */
#ifndef UMI_POWERS_H
#define UMI_POWERS_H

#include "forward/krylov_columns.h"

typedef struct umi_powers {
    um_context *ctx;
    int rank, levels;        /* powers up to 2^(levels - 1) */
    umi_wide_vector *column; /* P_i's column j is column[i rank + j] */
    int functionals;
    umi_wide_vector *row; /* f' sum over j < 2^i of (1 + H)^j is row[i functionals + f] */
    umi_wide *coefficients;
} umi_powers;

/* The first power, and room for so many. */
um_status umi_powers_create(um_context *ctx, int rank, const umi_wide_vector *matrix, int levels,
                            umi_powers *powers);
void umi_powers_free(umi_powers *powers);
/* One more; false: it would grow beyond what a contraction's does. */
bool umi_powers_extend(umi_powers *powers);
/* functional: rows f', whose sums are wanted over the powers that there are. */
um_status umi_powers_follow(umi_powers *powers, int functionals, const umi_wide_vector *functional);
/* y = (1 + P_level) x, into other memory */
void umi_powers_step(const umi_powers *powers, int level, umi_wide_vector x, umi_wide_vector y);

/* (1 + H)^count y along the binary digits of count, from the highest down. What the next count has
 * in common with this one is kept: neighbours on a grid cost a digit or two. */
typedef struct umi_powers_path {
    const umi_powers *powers;
    int64_t count;
    int steps;          /* digits that are 1 */
    int *level;         /* of each */
    umi_wide_vector *y; /* y[0] the start, y[i + 1] = (1 + P_level[i]) y[i] */
    double *share;      /* a place for a number of each step; negative: not known yet */
} umi_powers_path;

/* start: the first element of y, the others are zero. It is at count 0. */
um_status umi_powers_path_create(um_context *ctx, const umi_powers *powers, umi_wide start,
                                 umi_powers_path *path);
void umi_powers_path_free(um_context *ctx, umi_powers_path *path);
/* false: beyond the powers there are, and it stays where it is. */
bool umi_powers_path_go(umi_powers_path *path, int64_t count);
umi_wide_vector umi_powers_path_get(const umi_powers_path *path);
/* sums[f] = f' sum over j < count of (1 + H)^j y */
void umi_powers_path_sum(const umi_powers_path *path, umi_wide *sums);

#endif
