/* krylov: a space that holds the trajectory of a vector, and the map on it.
 *
 * In exact arithmetic G V - V H = u f' has rank one, whatever poles made the space, and
 * (G - pole)^-1 u is the one direction that a pole adds. So each step asks only for what is
 * missing: nothing that the space holds already drowns it, and the defect falls as far as wide
 * arithmetic goes. H and the defect are computed from V as it is; nothing relies on how it was
 * made.
 */
#ifndef UMI_KRYLOV_H
#define UMI_KRYLOV_H

#include "forward/forward.h"
#include "forward/krylov_columns.h"

/* Where the pole of a step is; without a solver all are images, with the pole at infinity. */
typedef enum umi_krylov_step {
    UMI_STEP_FIXED,    /* beside the eigenvalue 1 of the map */
    UMI_STEP_ALTERNATE /* beside -1 */
} umi_krylov_step;

typedef struct umi_krylov {
    um_context *ctx;
    umi_forward_operator generator;
    int rank, rank_max;
    double pole;             /* distance of the poles from the unit circle */
    bool invariant;          /* no step leads out of the space */
    umi_wide start;          /* norm of the vector it was made from, along the first of ... */
    umi_wide_vector *basis;  /* V */
    umi_wide_vector *defect; /* G V - V H, `rim` included */
    umi_wide_vector *matrix; /* H */
    umi_wide_vector next, image;
    umi_wide *coefficients;
} umi_krylov;

/* pole: where the inverse has at most 1/pole in trace norm. Nearer ones find slow modes with fewer
 * vectors, farther ones leave less rounding. */
um_status umi_krylov_create(um_context *ctx, const umi_forward_operator *generator,
                            umi_wide_vector start, double pole, int rank_max, umi_krylov *krylov);
void umi_krylov_free(umi_krylov *krylov);
/* One more vector, or `invariant`. */
um_status umi_krylov_extend(umi_krylov *krylov, umi_krylov_step step);
/* R with |defect y| <= |R y| and hardly more; so many rows, the first of which stand for the defect
 * inside the space, the others for what leaves it. */
int umi_krylov_factor_rows(const umi_krylov *krylov);
int umi_krylov_factor_inside(const umi_krylov *krylov);
um_status umi_krylov_factor(umi_krylov *krylov, umi_wide_vector *factor);

#endif
