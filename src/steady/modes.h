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
    /* The same for `count` vectors, one after the other in memory; NULL: one by one. */
    um_status (*apply_all)(void *self, int times, int count, double *columns);
} umi_operator;

um_status umi_operator_apply(const umi_operator *map, int times, int count, double *columns);

/* M basis = basis matrix up to rounding; `matrix` is a real Schur form with its eigenvalues by
 * descending modulus. */
typedef struct umi_modes {
    size_t size;
    int count;      /* at least as many as wanted, if the map has them */
    double *basis;  /* size x count, column-major, orthonormal */
    double *matrix; /* count x count, column-major */
    double *re, *im;
    double *error; /* of the eigenvalue, estimated: residual times condition number, or moved by it */
    int copies;    /* given: eigenvalues that may be about equal, 0: not known; for speed alone */
    bool hurried;  /* given: not looked for others when enough are found */
    bool sure;     /* found: it is certain that no others are as large as the wanted ones */
    int power;     /* collisions per step that suited the search; 0: none was made */
} umi_modes;

/* The `wanted` largest and all others of the modulus of the last one, unless they are very many;
 * all there are of a small map. modes: zero (but for `copies`), or found before with fewer wanted.
 * UM_ERROR_NOCONV; UM_ERROR_MEMORY; what apply returns. */
um_status umi_modes_find(um_context *ctx, const umi_operator *map, int wanted, umi_modes *modes);
void umi_modes_free(um_context *ctx, umi_modes *modes);

/* The modes nearest to a real point `at`, joined to those found before: up to `wanted` of them within
 * `reach`. Some may be missing, and all are modes: umi_modes_find, which looks for what is larger than
 * them, has less to do. inverse: x -> (M - at)^-1 x, which is cheap. */
um_status umi_modes_find_near(um_context *ctx, const umi_operator *map, const umi_operator *inverse,
                              double at, double reach, int wanted, umi_modes *modes);

/* Coordinates of the right eigenvectors, norm 1, in the order of the eigenvalues: count x count; of
 * a pair the real part, then the imaginary part. */
um_status umi_modes_vectors(um_context *ctx, const umi_modes *modes, double *right);

/* An error beyond this is no estimate: the eigenvalue is not known. */
static const double UMI_UNSURE = 1e-3;

/* Errors above `doubtful`, which are those of simple eigenvalues, become how far elements of this size,
 * added to the matrix the modes are those of, move the eigenvalues, where that is less. zeros_stay:
 * its zeros are exact. */
um_status umi_modes_move(um_context *ctx, const double *matrix, bool zeros_stay, double size,
                         double doubtful, umi_modes *modes);

/* What umi_modes_find is made of: an orthonormal basis (size x count, to be freed) of a space that
 * M leaves invariant up to rounding, with the wanted modes in it. before: modes known already, which
 * become sure or not. */
um_status umi_modes_krylov(um_context *ctx, const umi_operator *map, int wanted,
                           umi_modes *before, double **basis, int *count, int *power);
/* One run of it without powers: as many of the wanted modes of modulus `least` or more as it finds. */
um_status umi_modes_krylov_once(um_context *ctx, const umi_operator *map, int wanted, double least,
                                const umi_modes *before, double **basis, int *count);

#endif
