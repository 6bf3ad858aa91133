/* powers: (1 + H)^k of a small matrix by squaring, as 1 + P_i = (1 + H)^(2^i), so that rates far
 * below the rounding of 1 survive; and sums over all powers without a division by H.
 */
#ifndef UMI_POWERS_H
#define UMI_POWERS_H

#include "forward/krylov_columns.h"

typedef struct umi_powers {
    um_context *ctx;
    int rank, levels;        /* powers up to 2^(levels - 1); fewer than asked for if they grow */
    umi_wide_vector *column; /* P_i's column j is column[i rank + j] */
    int functionals;
    umi_wide_vector *row; /* f' sum over j < 2^i of (1 + H)^j is row[i functionals + f] */
    umi_wide *coefficients;
} umi_powers;

/* functional: rows f', the sums wanted of them. */
um_status umi_powers_create(um_context *ctx, int rank, const umi_wide_vector *matrix, int levels,
                            int functionals, const umi_wide_vector *functional, umi_powers *powers);
void umi_powers_free(umi_powers *powers);
/* y = (1 + P_level) y */
void umi_powers_step(const umi_powers *powers, int level, umi_wide_vector y);
/* y = (1 + H)^count y, count < 2^levels; sums[f] += f' sum over j < count of (1 + H)^j y unless
 * NULL. */
void umi_powers_apply(const umi_powers *powers, int64_t count, umi_wide_vector y, umi_wide *sums);

#endif
