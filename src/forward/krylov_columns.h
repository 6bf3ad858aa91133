/* Small wide matrices: views of their columns in one block, rows padded with zeros to whole lanes.
 */
#ifndef UMI_KRYLOV_COLUMNS_H
#define UMI_KRYLOV_COLUMNS_H

#include "linalg/wide.h"

um_status umi_columns_create(um_context *ctx, int rows, int count, umi_wide_vector **columns);
void umi_columns_free(um_context *ctx, umi_wide_vector *columns);

/* y += a x for `count` columns of x and y; columns of a: as many as rank. triangle: a is zero below
 * its diagonal. y is neither a nor x. */
void umi_columns_multiply(int rank, bool triangle, const umi_wide_vector *a, int count,
                          const umi_wide_vector *x, const umi_wide_vector *y);

umi_wide umi_vector_norm(umi_wide_vector x);
double umi_vector_length(umi_wide_vector x); /* the same, in double */
void umi_vector_normalise(umi_wide_vector x, umi_wide norm);
/* The first elements side by side, as coefficients of a combination; and back. */
void umi_vector_spread(umi_wide_vector x, int count, umi_wide *coefficients);
void umi_vector_gather(umi_wide_vector x, int count, const umi_wide *coefficients);

/* columns = Q R: Q in place, with zero for a column that depends on those before it, R's rows in
 * `triangle` from `row` on. |columns y| = |R y| for all y, to wide precision of |R| |y|. Rows from
 * `full` on are a triangle already: column j ends with row full + j. */
void umi_columns_factor(int count, int full, umi_wide_vector *columns,
                        umi_wide_vector *triangle, int row);

#endif
