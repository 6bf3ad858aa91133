/* slow: the modes of a collision map next to +1 or to -1, in wide arithmetic.
 *
 * Their eigenvalues differ from +-1 by as little as 1e-25, and eigenvalues of M in double say nothing
 * about that. But the space they span is found in double to its digits, mended against residuals
 * of the wide generator, and there G (or G + 2) is a small matrix with wide elements. */
#ifndef UMI_STEADY_SLOW_H
#define UMI_STEADY_SLOW_H

#include "steady/sector.h"

typedef struct umi_slow {
    int count;
    umi_wide_vector *basis; /* orthonormal */
    umi_wide *matrix;       /* basis' (G - pole) basis, count x count, column-major */
    double pole;            /* 0 or -2: next to +1, to -1 */
    double defect;          /* largest 2-norm of a column of (G - pole) basis - basis matrix */
    umi_wide *re, *im;      /* eigenvalues of the matrix, by ascending modulus */
} umi_slow;

/* Which modes belong there: those within `radius`, and more where that sets them better apart from the
 * rest. known_to: all modes as near as that are among them. gap: how far away the next one is. */
int umi_slow_choose(const umi_modes *modes, double pole, double radius, double known_to,
                    bool *chosen, double *gap);

/* The chosen modes of a sector whose generator is given, refined. inverse: one that is there already,
 * shifted from the pole; another is made if that is too far away. UM_ERROR_NOCONV; UM_ERROR_MEMORY. */
um_status umi_slow_create(um_context *ctx, const umi_generator *generator,
                          const umi_ordering *ordering, const umi_elimination *inverse,
                          const umi_modes *modes, double pole,
                          const bool *chosen, double gap, umi_slow *slow);
void umi_slow_free(um_context *ctx, umi_slow *slow);

/* In two parts, for a start that comes from elsewhere: room for everything but the basis vectors;
 * then, once these span the space to a few digits, all the rest. inverse: of the matrix, shifted
 * from the pole by much less than the gap. On failure: umi_slow_free. */
um_status umi_slow_allocate(um_context *ctx, int count, double pole, umi_slow *slow);
um_status umi_slow_refine(um_context *ctx, const umi_sparse *matrix,
                          const umi_elimination *inverse, umi_slow *slow);

/* Whether two eigenvalues cannot be told apart, or are a conjugate pair. */
bool umi_slow_are_equal(const umi_slow *slow, int i, int j);

/* Right and left vectors of the eigenvalues first .. first + members - 1, which are equal, and
 * equal to no other: count x members, column-major, in coordinates of the basis; left' right = 1. */
um_status umi_slow_vectors(um_context *ctx, const umi_slow *slow, int first, int members,
                           umi_wide *right, umi_wide *left);

#endif
