/* Solutions in wide arithmetic from an elimination in double: each step gains its digits. */
#include "linalg/sparse.h"

typedef struct refinement {
    umi_wide_vector image;    /* A x: all rows */
    umi_wide_vector residual, step;
} refinement;

static double norm(umi_wide_vector x) { return __builtin_sqrt(umi_wide_dot(x, x).hi); }

/* residual = b - (A - shift) x */
static void find_residual(const umi_sparse *a, double shift, umi_wide_vector b, umi_wide_vector x,
                          refinement *r)
{
    umi_sparse_apply(a, x, r->image);
    umi_wide_vector_copy(r->residual, b);
    umi_wide_axpy(umi_wide_set(-1), r->image, r->residual);
    umi_wide_axpy(umi_wide_set(shift), x, r->residual);
}

static um_status refine(um_context *ctx, const umi_elimination *elimination, const umi_sparse *a,
                        umi_wide_vector b, double tolerance, umi_wide_vector x, refinement *r)
{
    double size = norm(b), left = size;
    double shift = umi_elimination_get_shift(elimination);
    umi_wide_vector_clear(x);
    umi_wide_vector_copy(r->residual, b);
    while (!(left <= tolerance * size)) {
        for (size_t i = 0; i < x.size; i++) r->step.hi[i] = r->residual.hi[i];
        umi_elimination_solve(elimination, r->step.hi);
        umi_wide_axpy(umi_wide_set(1), r->step, x);
        find_residual(a, shift, b, x, r);
        double before = left;
        left = norm(r->residual);
        /* Less than rounding of x leaves is luck. */
        bool floor = left <= UMI_WIDE_EPS * norm(x);
        if (!(left <= tolerance * size) && (floor || !(left < before / 2)))
            return umi_fail(ctx, UM_ERROR_NOCONV,
                            "refinement stays at a residual of %.3g of the right side, %.3g asked for",
                            left / size, tolerance);
    }
    return UM_OK;
}

um_status umi_elimination_refine(um_context *ctx, const umi_elimination *elimination,
                                 const umi_sparse *matrix, umi_wide_vector b, double tolerance,
                                 umi_wide_vector x)
{
    refinement r = {0};
    um_status status = umi_wide_vector_create(ctx, matrix->rows, &r.image);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, matrix->columns, &r.residual);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, matrix->columns, &r.step);
    if (status == UM_OK) status = refine(ctx, elimination, matrix, b, tolerance, x, &r);
    umi_wide_vector_free(ctx, &r.image);
    umi_wide_vector_free(ctx, &r.residual);
    umi_wide_vector_free(ctx, &r.step);
    return status;
}
