/* modes: the eigenvalues of largest modulus of a linear map that is known by its action alone,
 * and an orthonormal basis of the space they span. */
#ifndef UMI_STEADY_MODES_H
#define UMI_STEADY_MODES_H

#include "base/base.h"

typedef struct umi_operator {
    void *self;
    size_t size;
    /* x = M^times x */
    um_status (*apply)(void *self, int times, double *x);
} umi_operator;

/* M basis = basis matrix up to rounding; `matrix` is a real Schur form with its eigenvalues by
 * descending modulus. */
typedef struct umi_modes {
    size_t size;
    int count;      /* at least as many as wanted, if the map has them */
    double *basis;  /* size x count, column-major, orthonormal */
    double *matrix; /* count x count, column-major */
    double *re, *im;
    double *error; /* of the eigenvalue, estimated: residual times condition number */
    int copies;    /* given: eigenvalues that may be about equal, 0: not known; for speed alone */
    int power;     /* collisions per step that suited the search; 0: none was made */
} umi_modes;

/* The `wanted` largest and all others of the modulus of the last one, unless they are very many;
 * all there are of a small map. modes: zero (but for `copies`), or found before with fewer wanted.
 * UM_ERROR_NOCONV; UM_ERROR_MEMORY; what apply returns. */
um_status umi_modes_find(um_context *ctx, const umi_operator *map, int wanted, umi_modes *modes);
void umi_modes_free(um_context *ctx, umi_modes *modes);

/* Coordinates of the right eigenvectors, norm 1, in the order of the eigenvalues: count x count; of
 * a pair the real part, then the imaginary part. */
um_status umi_modes_vectors(um_context *ctx, const umi_modes *modes, double *right);

/* What umi_modes_find is made of: an orthonormal basis (size x count, to be freed) of a space that
 * M leaves invariant up to rounding, with the wanted modes in it. before: modes known already. */
um_status umi_modes_krylov(um_context *ctx, const umi_operator *map, int wanted,
                           const umi_modes *before, double **basis, int *count, int *power);

#endif
