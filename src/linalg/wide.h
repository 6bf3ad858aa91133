/* wide: double-double numbers, 106 bits, and vectors of them.
 *
 * A wide number is hi + lo, |lo| <= ulp(hi)/2. A vector keeps its high and its low parts apart, so
 * that the vector units can be used. Errors of single operations are a few 2^-104 relative.
 */
#ifndef UMI_WIDE_H
#define UMI_WIDE_H

#include "linalg/kernels/wide_number.h"

static inline umi_wide umi_wide_negate(umi_wide a) { return (umi_wide){-a.hi, -a.lo}; }

static inline umi_wide umi_wide_add(umi_wide a, umi_wide b)
{
    umi_wide high = umi_wide_two_sum(a.hi, b.hi), low = umi_wide_two_sum(a.lo, b.lo);
    high = umi_wide_quick_sum(high.hi, high.lo + low.hi);
    return umi_wide_quick_sum(high.hi, high.lo + low.lo);
}

static inline umi_wide umi_wide_subtract(umi_wide a, umi_wide b)
{
    return umi_wide_add(a, umi_wide_negate(b));
}

static inline umi_wide umi_wide_multiply(umi_wide a, umi_wide b)
{
    umi_wide product = umi_wide_two_product(a.hi, b.hi);
    return umi_wide_quick_sum(product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi));
}

static inline umi_wide umi_wide_scale(umi_wide a, double factor)
{
    umi_wide product = umi_wide_two_product(a.hi, factor);
    return umi_wide_quick_sum(product.hi, product.lo + a.lo * factor);
}

umi_wide umi_wide_divide(umi_wide a, umi_wide b);
umi_wide umi_wide_sqrt(umi_wide a); /* a >= 0 */
umi_wide umi_wide_from_quad(_Float128 x);
_Float128 umi_wide_to_quad(umi_wide a);

/* A vector of `size` numbers; hi and lo are one block of memory, aligned to 64 bytes. */
typedef struct umi_wide_vector {
    size_t size;
    double *hi, *lo;
} umi_wide_vector;

static inline umi_wide umi_wide_vector_get(umi_wide_vector x, size_t i)
{
    return (umi_wide){x.hi[i], x.lo[i]};
}

static inline void umi_wide_vector_set(umi_wide_vector x, size_t i, umi_wide value)
{
    x.hi[i] = value.hi;
    x.lo[i] = value.lo;
}

um_status umi_wide_vector_create(um_context *ctx, size_t size, umi_wide_vector *vector); /* zeros */
void umi_wide_vector_free(um_context *ctx, umi_wide_vector *vector);
void umi_wide_vector_clear(umi_wide_vector x);
void umi_wide_vector_copy(umi_wide_vector to, umi_wide_vector from);
void umi_wide_vector_scale(umi_wide_vector x, umi_wide factor);
umi_wide umi_wide_dot(umi_wide_vector x, umi_wide_vector y);
void umi_wide_axpy(umi_wide factor, umi_wide_vector x, umi_wide_vector y); /* y += factor x */

/* Against a basis of `count` vectors at once, in blocks that stay in cache:
 * coefficients[i] = <basis_i, x>;   y += sign sum_i coefficients[i] basis_i. */
void umi_wide_project(size_t count, const umi_wide_vector *basis, umi_wide_vector x,
                      umi_wide *coefficients);
void umi_wide_combine(size_t count, const umi_wide_vector *basis, const umi_wide *coefficients,
                      double sign, umi_wide_vector y);

/* Small dense matrices, column-major, n at most a few hundred. */
void umi_wide_matrix_multiply(int m, int n, int k, const umi_wide *a, const umi_wide *b,
                              umi_wide *c); /* c = a b; m x k times k x n; c is neither */
/* Solves a x = b for `count` right-hand sides (in place), partial pivoting; a is destroyed.
 * UM_ERROR_DOMAIN if singular. */
um_status umi_wide_matrix_solve(um_context *ctx, int n, umi_wide *a, int count, umi_wide *b);
/* Eigenvalues of a real matrix (destroyed), unsorted, conjugate pairs adjacent: Hessenberg form and
 * shifted QR, backward stable in wide arithmetic; small eigenvalues of a graded matrix keep an
 * absolute error of a few UMI_WIDE_EPS times the norm. UM_ERROR_NOCONV. */
um_status umi_wide_matrix_eigenvalues(um_context *ctx, int n, umi_wide *a, umi_wide *re,
                                      umi_wide *im);

#endif
