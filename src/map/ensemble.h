/* Collisions that stand for all that may happen: some interaction times and detunings, with weights. For
 * means that have no closed form. */
#ifndef UMI_ENSEMBLE_H
#define UMI_ENSEMBLE_H

#include "map/map.h"

typedef struct umi_ensemble {
    int times, detunings;
    double *values; /* of u, then their weights */
    double total;   /* of the weights, before they are divided by it */
} umi_ensemble;

/* UM_ERROR_UNSUPPORTED: more than `most` would be needed. */
um_status umi_ensemble_create(um_context *ctx, const umi_collision *collision, int most, umi_ensemble *ensemble);
/* Detunings alone, for times up to `stretch` times tau. */
um_status umi_ensemble_create_detunings(um_context *ctx, const umi_collision *collision, double stretch, int most,
                                        umi_ensemble *ensemble);
void umi_ensemble_free(um_context *ctx, umi_ensemble *ensemble);
static inline int umi_ensemble_size(const umi_ensemble *it) { return it->times * it->detunings; }

/* Member i: a collision without spreads of theta and detuning, and its weight (sum 1). The
 * period stays: a longer interaction leaves a shorter gap. */
umi_collision umi_ensemble_get(const umi_ensemble *ensemble, const umi_collision *collision, int i,
                               double *weight);

/* What turns fastest while an atom crosses, at any detuning that counts: the coupling at the top, and the
 * terms that rotate. No product of two elements of U has a larger angle. */
double umi_collision_largest_angle(const umi_collision *collision);
/* Means over detunings that scatter are right to 1e-15 with so many of them, for times up to `stretch` tau. */
double umi_collision_count_detunings(const umi_collision *collision, double stretch);
/* Of a collision: the i-th of `count` detunings, whose weight is returned; its interaction `factor` times as
 * long; without spreads of theta and detuning. */
double umi_collision_detune(umi_collision *collision, int i, int count);
void umi_collision_stretch(umi_collision *collision, double factor);
void umi_collision_settle(umi_collision *collision);

#endif
