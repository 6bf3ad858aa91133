/* blend: combinations of wide vectors in double precision, several at once. */
#ifndef UMI_BLEND_H
#define UMI_BLEND_H

#include "linalg/wide.h"

enum { UMI_BLEND_COLUMNS = 8 };

/* x[c] = sum_i factor[c][i] basis_i, count >= 1; at most UMI_BLEND_COLUMNS columns. Each has the
 * bits that it has alone. */
void umi_blend(int count, const umi_wide_vector *basis, int columns, const double *const *factor,
               double *const *x);
/* coefficients[i] = <basis_i, x> in double */
void umi_blend_project(int count, const umi_wide_vector *basis, umi_wide_vector x,
                       umi_wide *coefficients);
/* x -= sum_i coefficients[i] basis_i, added up in double: for coefficients that are no larger than
 * the rounding of x to double. */
void umi_blend_correct(int count, const umi_wide_vector *basis, const umi_wide *coefficients,
                       umi_wide_vector x);
/* What is lost, at most, for an orthonormal basis: 2-norm, relative to the coefficients'. */
double umi_blend_get_rounding(int count);

#endif
