/* sparse: a real sparse matrix with wide elements, and its elimination in double.
 *
 * Elimination is the approximate inverse of a refinement: residuals are taken in wide arithmetic
 * with the matrix itself, so that the solution is as good as the matrix.
 */
#ifndef UMI_SPARSE_H
#define UMI_SPARSE_H

#include "linalg/wide.h"

/* Rows of compressed columns, ascending in each row. rows >= columns: further rows are images that
 * leave the space. */
typedef struct umi_sparse {
    size_t rows, columns;
    int64_t *start; /* rows + 1 values */
    int32_t *column;
    double *hi, *lo;
    struct umi_sparse_rows *together; /* NULL, or the same once more for fast products */
} umi_sparse;

void umi_sparse_free(um_context *ctx, umi_sparse *matrix);
/* For a matrix that will not change any more and is applied often: rows that are alike but for a shift
 * are taken together. Products have the same bits. UM_ERROR_MEMORY. */
um_status umi_sparse_gather(um_context *ctx, umi_sparse *matrix);
/* y = A x; x has `columns` elements, y `rows`. */
void umi_sparse_apply(const umi_sparse *matrix, umi_wide_vector x, umi_wide_vector y);

/* Fill-reducing order (AMD) and structure of the elimination of a matrix pattern, for any shift. */
typedef struct umi_ordering umi_ordering;
um_status umi_ordering_create(um_context *ctx, const umi_sparse *matrix, umi_ordering **ordering);
void umi_ordering_destroy(um_context *ctx, umi_ordering *ordering);
/* Bytes that one elimination will need. */
double umi_ordering_get_bytes(const umi_ordering *ordering);

/* A - shift 1 on its first `columns` rows = L U without pivoting, in double. The matrix has the
 * pattern of the ordering, which outlives the elimination. UM_ERROR_DOMAIN for a pivot that is zero
 * or not finite. */
typedef struct umi_elimination umi_elimination;
um_status umi_elimination_create(um_context *ctx, const umi_ordering *ordering,
                                 const umi_sparse *matrix, double shift,
                                 umi_elimination **elimination);
void umi_elimination_destroy(um_context *ctx, umi_elimination *elimination);
double umi_elimination_get_shift(const umi_elimination *elimination);
/* x -> (A - shift)^-1 x, to about double precision. One at a time: it has one work space. */
void umi_elimination_solve(const umi_elimination *elimination, double *x);
/* The same for `count` vectors, several at a time: x[j] is the j-th. UM_ERROR_MEMORY. */
um_status umi_elimination_solve_all(um_context *ctx, const umi_elimination *elimination, int count,
                                    double *const *x);
/* (A - shift) x = b in wide arithmetic: refined until the residual is below tolerance |b| (2-norm).
 * UM_ERROR_NOCONV when it stops falling before. */
um_status umi_elimination_refine(um_context *ctx, const umi_elimination *elimination,
                                 const umi_sparse *matrix, umi_wide_vector b, double tolerance,
                                 umi_wide_vector x);

#endif
