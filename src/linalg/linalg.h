/* linalg: dense linear algebra, the only home of BLAS and LAPACK.
 *
 * Matrices are column-major. Complex matrices are interleaved (re, im), as double _Complex is.
 * The thread count of BLAS belongs to the whole process and is never touched here.
 */
#ifndef UMI_LINALG_H
#define UMI_LINALG_H

#include <complex.h>

#include "base/base.h"

/* Eigenvalues, ascending, of a Hermitian n x n matrix (planes 1: real, 2: complex) of which the
 * lower triangle is read; the matrix is destroyed. UM_ERROR_NOCONV, UM_ERROR_MEMORY. */
um_status umi_linalg_eigenvalues(um_context *ctx, int planes, int n, double *matrix,
                                 double *values);

/* The same, as exact, for a matrix that is positive semidefinite to rounding: faster where its rank is at
 * most half of n, which is found out. */
um_status umi_linalg_eigenvalues_positive(um_context *ctx, int planes, int n, double *matrix,
                                          double *values);

/* As umi_linalg_eigenvalues, with the orthonormal eigenvectors, which replace the matrix, one per
 * column. */
um_status umi_linalg_eigen(um_context *ctx, int planes, int n, double *matrix, double *values);

/* Eigenvalues (ascending, in place of the n diagonal values) and orthonormal eigenvectors (columns
 * of n x n) of a real symmetric tridiagonal matrix; off: n - 1 values, room for n, destroyed. */
um_status umi_linalg_eigen_tridiagonal(um_context *ctx, int n, double *diagonal, double *off,
                                       double *vectors);

/* Real Schur form of a real n x n matrix, which becomes T = Z' matrix Z with Z in `vectors`; the
 * `ordered` eigenvalues of largest modulus come first, by descending modulus (to rounding).
 * Eigenvalues re + i im, conjugate pairs adjacent. UM_ERROR_NOCONV, UM_ERROR_MEMORY. */
um_status umi_linalg_schur(um_context *ctx, int n, int ordered, double *matrix, double *vectors,
                           double *re, double *im);

/* Eigenvalues alone, in any order, conjugate pairs adjacent; the matrix is destroyed. UM_ERROR_NOCONV,
 * UM_ERROR_MEMORY. */
um_status umi_linalg_general_eigenvalues(um_context *ctx, int n, double *matrix, double *re, double *im);

/* Moves the blocks whose first row is chosen to the front of such a Schur form and its vectors;
 * count: rows they fill. */
um_status umi_linalg_schur_select(um_context *ctx, int n, const bool *chosen, double *matrix,
                                  double *vectors, int *count);

/* Left and right eigenvectors (either may be NULL) of such a Schur form T, of norm 1, column by
 * column in the order of its eigenvalues; of a pair the real part, then the imaginary part, for the
 * eigenvalue with im > 0. */
um_status umi_linalg_schur_vectors(um_context *ctx, int n, const double *matrix, double *left,
                                   double *right);

/* Singular values, descending, of an m x n matrix (min(m, n) of them). */
um_status umi_linalg_singular_values(um_context *ctx, int planes, int m, int n, const double *matrix,
                                     double *values);

/* `count` columns of `size` elements, one after the other, lose what they have of an orthonormal basis,
 * to rounding of what they were. coefficients: what they had, basis_count x count; as many doubles
 * behind that are its work space. */
void umi_linalg_reject(size_t size, int basis_count, const double *basis, int count,
                       double *columns, double *coefficients);

/* 2-norm; 0 where squares vanish. */
double umi_linalg_norm(size_t size, const double *x);

/* c = alpha op(a) op(b) + beta c, as BLAS; op is 'N', 'T' or 'C'; op(a) is m x k. */
void umi_linalg_dgemm(char transa, char transb, int m, int n, int k, double alpha, const double *a,
                      int lda, const double *b, int ldb, double beta, double *c, int ldc);
void umi_linalg_zgemm(char transa, char transb, int m, int n, int k, double _Complex alpha,
                      const double _Complex *a, int lda, const double _Complex *b, int ldb,
                      double _Complex beta, double _Complex *c, int ldc);

#endif
