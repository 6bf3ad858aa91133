/* blend: combinations of wide vectors in double precision, several at once. */
#ifndef UMI_BLEND_H
#define UMI_BLEND_H

#include "linalg/wide.h"

enum { UMI_BLEND_COLUMNS = 8 };

/* x[c] = sum_i factor[c][i] basis_i, count >= 1; at most UMI_BLEND_COLUMNS columns. Each has the
 * bits that it has alone. */
void umi_blend(int count, const umi_wide_vector *basis, int columns, const double *const *factor,
               double *const *x);
/* What is lost, at most, for an orthonormal basis: 2-norm, relative to the coefficients'. */
double umi_blend_get_rounding(int count);

#endif
