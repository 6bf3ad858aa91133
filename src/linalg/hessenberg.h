/* hessenberg: all eigenvalues of a real matrix, and vectors of a few of them: a fifth of the work of its
 * Schur form with vectors. */
#ifndef UMI_HESSENBERG_H
#define UMI_HESSENBERG_H

#include "base/base.h"

typedef struct umi_hessenberg {
    int n;
    double *reduced;    /* the Hessenberg form, and below it the reflections that lead there */
    double *reflection; /* their factors */
    double *re, *im;    /* eigenvalues, conjugate pairs adjacent, im > 0 first */
} umi_hessenberg;

/* matrix: n x n, column-major, kept as it is. UM_ERROR_NOCONV, UM_ERROR_MEMORY; on failure: free. */
um_status umi_hessenberg_create(um_context *ctx, int n, const double *matrix, umi_hessenberg *it);
void umi_hessenberg_free(um_context *ctx, umi_hessenberg *it);

/* Left and right vectors of the chosen eigenvalues, n x (as many as are chosen), by inverse iteration; of a
 * pair, of which both are chosen, real part, then imaginary part, for im > 0. Their norm is not 1. A vector
 * that is not found is NAN. UM_ERROR_MEMORY. */
um_status umi_hessenberg_vectors(um_context *ctx, const umi_hessenberg *it, const bool *chosen,
                                 double *left, double *right);

/* Eigenvalues, ascending, of a symmetric tridiagonal matrix, in place of its n diagonal elements; off: n - 1
 * elements, destroyed. UM_ERROR_NOCONV. */
um_status umi_tridiagonal_eigenvalues(um_context *ctx, int n, double *diagonal, double *off);

#endif
