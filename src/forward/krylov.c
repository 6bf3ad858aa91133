#include "forward/krylov.h"

#include <math.h>
#include <string.h>

#include "forward/blend.h"

/* Collisions of one image: enough to leave little of what is fast. */
enum { IMAGE = 64 };
/* What orthogonalisation leaves below this is rounding. */
static const double NOTHING = 1e-26;
/* Coefficients that are so small count in double, and a vector that this is left of is hardly more
 * than the rounding of what was taken. */
static const double SMALL = 1e-14, DROWNED = 1e-3;

void umi_krylov_free(umi_krylov *k)
{
    for (int j = 0; j < k->rank_max; j++) {
        if (k->basis) umi_wide_vector_free(k->ctx, &k->basis[j]);
        if (k->defect) umi_wide_vector_free(k->ctx, &k->defect[j]);
    }
    umi_free(k->ctx, k->basis);
    umi_free(k->ctx, k->defect);
    umi_columns_free(k->ctx, k->matrix);
    umi_wide_vector_free(k->ctx, &k->next);
    umi_wide_vector_free(k->ctx, &k->image);
    umi_free(k->ctx, k->coefficients);
    *k = (umi_krylov){0};
}

/* The part of an image that lies in the space. */
static umi_wide_vector inside(const umi_krylov *k, umi_wide_vector image)
{
    return (umi_wide_vector){k->generator.size, image.hi, image.lo};
}

/* `next`, of unit length and orthogonal to the basis, joins it. */
static um_status join(umi_krylov *k)
{
    int r = k->rank;
    UMI_TRY(umi_wide_vector_create(k->ctx, k->generator.size, &k->basis[r]));
    UMI_TRY(umi_wide_vector_create(k->ctx, k->generator.size + k->generator.rim, &k->defect[r]));
    umi_wide_vector_copy(k->basis[r], k->next);
    UMI_TRY(k->generator.apply(k->generator.self, k->basis[r], k->defect[r]));
    umi_wide *c = k->coefficients;
    for (int j = 0; j <= r; j++) { /* the new row of H: what it takes from the defects */
        umi_wide_vector defect = inside(k, k->defect[j]);
        c[j] = umi_wide_dot(k->basis[r], defect);
        umi_wide_axpy(umi_wide_negate(c[j]), k->basis[r], defect);
        umi_wide_vector_set(k->matrix[j], (size_t)r, c[j]);
    }
    umi_wide_vector defect = inside(k, k->defect[r]);
    umi_wide_project((size_t)r, k->basis, defect, c);
    umi_wide_combine((size_t)r, k->basis, c, -1, defect);
    umi_vector_gather(k->matrix[r], r, c);
    k->rank++;
    return UM_OK;
}

um_status umi_krylov_create(um_context *ctx, const umi_forward_operator *generator,
                            umi_wide_vector start, double pole, int rank_max, umi_krylov *k)
{
    *k = (umi_krylov){.ctx = ctx, .generator = *generator, .rank_max = rank_max, .pole = pole};
    k->basis = UMI_NEW_ARRAY(ctx, umi_wide_vector, (size_t)rank_max);
    k->defect = UMI_NEW_ARRAY(ctx, umi_wide_vector, (size_t)rank_max);
    k->coefficients = UMI_NEW_ARRAY(ctx, umi_wide, (size_t)rank_max);
    if (!k->basis || !k->defect || !k->coefficients) return UM_ERROR_MEMORY;
    UMI_TRY(umi_columns_create(ctx, rank_max, rank_max, &k->matrix));
    UMI_TRY(umi_wide_vector_create(ctx, generator->size, &k->next));
    UMI_TRY(umi_wide_vector_create(ctx, generator->size + generator->rim, &k->image));
    umi_wide_vector_copy(k->next, start);
    k->start = umi_vector_norm(start);
    k->invariant = k->start.hi == 0;
    if (k->invariant)
        k->next.hi[0] = 1; /* it stays zero in any space */
    else
        umi_vector_normalise(k->next, k->start);
    return join(k);
}

/* Whether something is left of `next`, which then has unit length. */
static bool normalise(umi_krylov *k)
{
    umi_wide length = umi_vector_norm(k->next);
    if (!(length.hi > NOTHING)) return false;
    umi_vector_normalise(k->next, length);
    return true;
}

/* Projects `next` out of the basis, with coefficients in double. */
static void project_roughly(umi_krylov *k)
{
    umi_blend_project(k->rank, k->basis, k->next, k->coefficients);
    umi_wide_combine((size_t)k->rank, k->basis, k->coefficients, -1, k->next);
}

/* The same to all digits; of what the rough way left they are in the low parts. */
static void project_finely(umi_krylov *k)
{
    double largest = 0;
    umi_wide_project((size_t)k->rank, k->basis, k->next, k->coefficients);
    for (int i = 0; i < k->rank; i++) largest = fmax(largest, fabs(k->coefficients[i].hi));
    if (largest < SMALL)
        umi_blend_correct(k->rank, k->basis, k->coefficients, k->next);
    else
        umi_wide_combine((size_t)k->rank, k->basis, k->coefficients, -1, k->next);
}

/* Projects `next` out of the basis and normalises it; false if nothing is left. Where the rough way
 * takes most of it, the fine one has two passes. */
static bool orthogonalise(umi_krylov *k)
{
    umi_wide before = umi_vector_norm(k->next);
    if (!(before.hi > 0)) return false;
    umi_vector_normalise(k->next, before);
    project_roughly(k);
    bool drowned = umi_vector_length(k->next) < DROWNED;
    if (!normalise(k)) return false;
    for (int pass = drowned ? 0 : 1; pass < 2; pass++) {
        project_finely(k);
        if (!normalise(k)) return false;
    }
    return true;
}

/* The longest defect inside the space: all are nearly parallel. */
static int longest(const umi_krylov *k, double *length)
{
    int best = 0;
    *length = 0;
    for (int j = 0; j < k->rank; j++) {
        double norm = umi_vector_length(inside(k, k->defect[j]));
        if (norm > *length) best = j, *length = norm;
    }
    return best;
}

static um_status take_image(umi_krylov *k, umi_wide_vector missing)
{
    umi_forward_operator *g = &k->generator;
    umi_wide_vector_copy(k->next, missing);
    for (int i = 0; i < IMAGE; i++) {
        UMI_TRY(g->apply(g->self, k->next, k->image));
        umi_wide_axpy(umi_wide_set(1), inside(k, k->image), k->next);
    }
    return UM_OK;
}

/* next = what a step makes of what is missing. */
static um_status advance(umi_krylov *k, umi_krylov_step step, umi_wide_vector missing)
{
    umi_forward_operator *g = &k->generator;
    double shift = step == UMI_STEP_FIXED ? k->pole : -2 - k->pole;
    um_status status = g->solve ? g->solve(g->self, shift, missing, k->next) : UM_ERROR_NOCONV;
    return status == UM_ERROR_NOCONV ? take_image(k, missing) : status;
}

um_status umi_krylov_extend(umi_krylov *k, umi_krylov_step step)
{
    if (k->rank == k->rank_max || k->invariant) return UM_OK;
    double length;
    umi_wide_vector missing = inside(k, k->defect[longest(k, &length)]);
    k->invariant = !(length > NOTHING);
    if (k->invariant) return UM_OK;
    UMI_TRY(advance(k, step, missing));
    if (orthogonalise(k)) return join(k);
    umi_wide_vector_copy(k->next, missing); /* is orthogonal to the space */
    k->invariant = !orthogonalise(k);
    return k->invariant ? UM_OK : join(k);
}

int umi_krylov_factor_inside(const umi_krylov *k) { return 1 + k->rank; }

int umi_krylov_factor_rows(const umi_krylov *k)
{
    return umi_krylov_factor_inside(k) + (k->generator.rim ? k->rank : 0);
}

/* One direction takes nearly all of the defects; what it leaves of each is counted in full:
 * |sum_j rest_j y_j|^2 <= rank sum_j |rest_j|^2 |y_j|^2. */
static void factor_inside(umi_krylov *k, umi_wide_vector *factor)
{
    double length;
    umi_wide_vector rest = inside(k, k->image), direction = k->next;
    umi_wide_vector_copy(direction, inside(k, k->defect[longest(k, &length)]));
    if (length > 0) umi_vector_normalise(direction, umi_vector_norm(direction));
    for (int j = 0; j < k->rank; j++) {
        umi_wide_vector_copy(rest, inside(k, k->defect[j]));
        umi_wide share = umi_wide_dot(direction, rest);
        umi_wide_axpy(umi_wide_negate(share), direction, rest);
        umi_wide_vector_set(factor[j], 0, share);
        factor[j].hi[1 + j] = sqrt(k->rank) * umi_vector_length(rest);
    }
}

/* What leaves the space has few elements, and no cancellation may be lost: a triangle of its own.
 */
static um_status factor_rim(umi_krylov *k, umi_wide_vector *factor)
{
    size_t size = k->generator.size, rim = k->generator.rim;
    umi_wide_vector *columns;
    UMI_TRY(umi_columns_create(k->ctx, (int)rim, k->rank, &columns));
    for (int j = 0; j < k->rank; j++) {
        memcpy(columns[j].hi, k->defect[j].hi + size, rim * sizeof(double));
        memcpy(columns[j].lo, k->defect[j].lo + size, rim * sizeof(double));
    }
    umi_columns_factor(k->rank, (int)columns->size, columns, factor, umi_krylov_factor_inside(k));
    umi_columns_free(k->ctx, columns);
    return UM_OK;
}

um_status umi_krylov_factor(umi_krylov *k, umi_wide_vector *factor)
{
    factor_inside(k, factor);
    return k->generator.rim ? factor_rim(k, factor) : UM_OK;
}
