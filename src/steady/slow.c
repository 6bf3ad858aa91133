#include "steady/slow.h"

#include <math.h>
#include <string.h>

#include "linalg/linalg.h"

enum { SWEEPS = 40, PAUSE = 4, STEPS = 8 };

/* Modes so much farther away than those chosen do not disturb them; those so far away are not slow. */
static const double APART = 1e3, FARTHEST = 0.05;
static const double noise = 1e-30; /* of a rate, from rounding in wide arithmetic */
/* Of a correction: so many digits are worth their solves, each of which brings two or three. */
static const double settled = 1e-7;

void umi_slow_free(um_context *ctx, umi_slow *slow)
{
    for (int j = 0; slow->basis && j < slow->count; j++)
        umi_wide_vector_free(ctx, &slow->basis[j]);
    umi_free(ctx, slow->basis);
    umi_free(ctx, slow->matrix);
    *slow = (umi_slow){0};
}

static double distance(const umi_modes *modes, int j, double pole)
{
    return hypot(modes->re[j] - (1 + pole), modes->im[j]);
}

/* The nearest mode that is farther away than `from`; `unknown` if there is none. */
static double next_distance(const umi_modes *modes, double pole, double from, double unknown)
{
    double next = fmax(unknown, 1e-12);
    for (int j = 0; j < modes->count; j++)
        if (distance(modes, j, pole) > from) next = fmin(next, distance(modes, j, pole));
    return next;
}

int umi_slow_choose(const umi_modes *modes, double pole, double radius, double known_to,
                    bool *chosen, double *gap)
{
    int n = modes->count, count = 0;
    double last = -1;
    for (int j = 0; j < n; j++) {
        double at = distance(modes, j, pole);
        if (at <= radius) last = fmax(last, at);
    }
    /* What is smaller than the last mode is not known, but cannot be near. */
    double unknown = (size_t)n < modes->size ? 1 - hypot(modes->re[n - 1], modes->im[n - 1]) : 2;
    unknown = fmax(unknown, known_to);
    *gap = next_distance(modes, pole, last, unknown);
    double best = last;
    /* More, if they are better apart from the rest. */
    for (double at = last, next = *gap; at >= 0 && *gap < APART * best && next <= FARTHEST && next < unknown;) {
        at = next;
        next = next_distance(modes, pole, at, unknown);
        if (next * best <= *gap * at) continue;
        best = at;
        *gap = next;
    }
    for (int j = 0; j < n; j++) {
        chosen[j] = distance(modes, j, pole) <= best;
        count += chosen[j];
    }
    return count;
}

static um_status orthonormalise(um_context *ctx, int count, int passes, umi_wide_vector *basis)
{
    umi_wide *part = UMI_NEW_ARRAY(ctx, umi_wide, (size_t)count);
    if (!part) return UM_ERROR_MEMORY;
    for (int j = 0; j < count; j++) {
        for (int pass = 0; pass < passes; pass++) {
            umi_wide_project((size_t)j, basis, basis[j], part);
            umi_wide_combine((size_t)j, basis, part, -1, basis[j]);
        }
        umi_wide length = umi_wide_sqrt(umi_wide_dot(basis[j], basis[j]));
        umi_wide_vector_scale(basis[j], umi_wide_divide(umi_wide_set(1), length));
    }
    umi_free(ctx, part);
    return UM_OK;
}

/* image = (G - pole) basis_j; its column of the matrix; image becomes the residual. */
static void take_residual(umi_slow *slow, const umi_sparse *matrix, int j, umi_wide_vector image)
{
    umi_wide *column = slow->matrix + j * slow->count;
    size_t count = (size_t)slow->count;
    umi_sparse_apply(matrix, slow->basis[j], image);
    if (slow->pole != 0) umi_wide_axpy(umi_wide_set(-slow->pole), slow->basis[j], image);
    umi_wide_project(count, slow->basis, image, column);
    umi_wide_combine(count, slow->basis, column, -1, image);
}

/* Corrections in double, column by column in one block of memory. */
typedef struct correction {
    size_t size, count;
    double *basis, *residual, *z, *before, *matrix; /* matrix: H - shift */
    double *part;
    double **column;
} correction;

static um_status correction_create(um_context *ctx, size_t size, size_t count, correction *c)
{
    *c = (correction){.size = size, .count = count};
    c->basis = UMI_NEW_ARRAY(ctx, double, count *(4 * size + 3 * count));
    c->column = UMI_NEW_ARRAY(ctx, double *, count);
    if (!c->basis || !c->column) return UM_ERROR_MEMORY;
    c->residual = c->basis + count * size;
    c->z = c->residual + count * size;
    c->before = c->z + count * size;
    c->matrix = c->before + count * size;
    c->part = c->matrix + count * count;
    for (size_t j = 0; j < count; j++) c->column[j] = c->z + j * size;
    return UM_OK;
}

static void correction_free(um_context *ctx, correction *c)
{
    umi_free(ctx, c->basis);
    umi_free(ctx, c->column);
}

/* How much z differs from what it was, relative to it. */
static double find_change(const correction *c)
{
    double change = 0, all = 0;
    for (size_t i = 0; i < c->count * c->size; i++) {
        double by = c->z[i] - c->before[i];
        change += by * by;
        all += c->z[i] * c->z[i];
    }
    return all > 0 ? sqrt(change / all) : 0;
}

/* z = (G - shift)^-1 z beside Q. */
static um_status take_inverse(um_context *ctx, const umi_elimination *inverse, correction *c)
{
    UMI_TRY(umi_elimination_solve_all(ctx, inverse, (int)c->count, c->column));
    umi_linalg_reject(c->size, (int)c->count, c->basis, (int)c->count, c->z, c->part);
    return UM_OK;
}

/* Z beside Q with G Z - Z H = R but for what lies in Q: (G - shift) Z = R + Z (H - shift) again and
 * again, since H - shift is small against what G is there. */
static um_status correct(um_context *ctx, const umi_elimination *inverse, const umi_slow *slow,
                         correction *c)
{
    size_t n = c->count, all = n * c->size;
    int rows = (int)c->size, count = slow->count;
    double shift = umi_elimination_get_shift(inverse) - slow->pole, change = INFINITY;
    for (size_t i = 0; i < n * n; i++) c->matrix[i] = slow->matrix[i].hi - (i % (n + 1) ? 0 : shift);
    memcpy(c->z, c->residual, all * sizeof(double));
    UMI_TRY(take_inverse(ctx, inverse, c));
    for (int step = 0; step < STEPS && change > settled; step++) {
        double earlier = change;
        memcpy(c->before, c->z, all * sizeof(double));
        memcpy(c->z, c->residual, all * sizeof(double));
        umi_linalg_dgemm('N', 'N', rows, count, count, 1, c->before, rows, c->matrix, count, 1, c->z, rows);
        UMI_TRY(take_inverse(ctx, inverse, c));
        change = find_change(c);
        if (change > 0.5 * earlier) break;
    }
    return UM_OK;
}

static void take_corrections(umi_slow *slow, const correction *c, umi_wide_vector image)
{
    umi_wide_vector_clear(image);
    for (size_t j = 0; j < c->count; j++) {
        memcpy(image.hi, c->column[j], c->size * sizeof(double));
        umi_wide_axpy(umi_wide_set(-1), image, slow->basis[j]);
    }
}

static um_status sweep(um_context *ctx, const umi_sparse *matrix, int passes, umi_slow *slow,
                       umi_wide_vector image, correction *c)
{
    UMI_TRY(orthonormalise(ctx, slow->count, passes, slow->basis));
    slow->defect = 0;
    for (size_t j = 0; j < c->count; j++) {
        take_residual(slow, matrix, (int)j, image);
        memcpy(c->basis + j * c->size, slow->basis[j].hi, c->size * sizeof(double));
        memcpy(c->residual + j * c->size, image.hi, c->size * sizeof(double));
        slow->defect = fmax(slow->defect, sqrt(umi_wide_dot(image, image).hi));
    }
    return UM_OK;
}

/* Each sweep takes the residual R = G Q - Q H, and the correction Z from Q: what is wrong in Q shrinks
 * by the precision of the elimination. */
static um_status refine(um_context *ctx, const umi_sparse *matrix, const umi_elimination *inverse,
                        umi_slow *slow)
{
    umi_wide_vector image = {0};
    correction c;
    um_status status = correction_create(ctx, matrix->columns, (size_t)slow->count, &c);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, c.size, &image);
    double before = INFINITY;
    for (int i = 0; i < SWEEPS && status == UM_OK; i++) {
        /* Corrections are small: they leave hardly anything to be done twice. */
        status = sweep(ctx, matrix, i < 2 ? 2 : 1, slow, image, &c);
        /* At its floor it wanders; before, it may pause. */
        if (slow->defect < 1e-31 || (slow->defect < 1e-29 && slow->defect > 0.5 * before)) break;
        if (i > PAUSE && slow->defect > 0.95 * before) break;
        before = slow->defect;
        if (status == UM_OK) status = correct(ctx, inverse, slow, &c);
        if (status == UM_OK) take_corrections(slow, &c, image);
    }
    umi_wide_vector_free(ctx, &image);
    correction_free(ctx, &c);
    return status;
}

static double modulus(const umi_slow *slow, int j) { return hypot(slow->re[j].hi, slow->im[j].hi); }

static um_status solve_small(um_context *ctx, umi_slow *slow)
{
    size_t n = (size_t)slow->count;
    umi_wide *copy = UMI_NEW_ARRAY(ctx, umi_wide, n * n);
    if (!copy) return UM_ERROR_MEMORY;
    memcpy(copy, slow->matrix, n * n * sizeof *copy);
    um_status status = umi_wide_matrix_eigenvalues(ctx, slow->count, copy, slow->re, slow->im);
    umi_free(ctx, copy);
    for (int j = 1; j < slow->count; j++)
        for (int i = j; i > 0 && modulus(slow, i - 1) > modulus(slow, i); i--) {
            umi_wide re = slow->re[i], im = slow->im[i];
            slow->re[i] = slow->re[i - 1];
            slow->im[i] = slow->im[i - 1];
            slow->re[i - 1] = re;
            slow->im[i - 1] = im;
        }
    return status;
}

/* The space of the chosen modes, in double. */
static um_status fill_basis(um_context *ctx, const umi_modes *modes, const bool *chosen,
                            umi_slow *slow)
{
    size_t n = (size_t)modes->count, size = modes->size, count = (size_t)slow->count;
    double *schur = UMI_NEW_ARRAY(ctx, double, 2 * n * n), *vectors = schur + n * n;
    double *columns = UMI_NEW_ARRAY(ctx, double, size *count);
    um_status status = schur && columns ? UM_OK : UM_ERROR_MEMORY;
    int found = 0;
    if (status == UM_OK) {
        memcpy(schur, modes->matrix, n * n * sizeof(double));
        for (size_t j = 0; j < n; j++) vectors[j * (n + 1)] = 1;
        status = umi_linalg_schur_select(ctx, modes->count, chosen, schur, vectors, &found);
    }
    if (status == UM_OK && found != slow->count)
        status = umi_fail(ctx, UM_ERROR_INTERNAL, "%d slow modes of %d", found, slow->count);
    if (status == UM_OK)
        umi_linalg_dgemm('N', 'N', (int)size, slow->count, modes->count, 1, modes->basis, (int)size,
                         vectors, modes->count, 0, columns, (int)size);
    for (size_t j = 0; j < count && status == UM_OK; j++) {
        status = umi_wide_vector_create(ctx, size, &slow->basis[j]);
        if (status == UM_OK)
            memcpy(slow->basis[j].hi, columns + j * size, size * sizeof(double));
    }
    umi_free(ctx, schur);
    umi_free(ctx, columns);
    return status;
}

um_status umi_slow_refine(um_context *ctx, const umi_sparse *matrix,
                          const umi_elimination *inverse, umi_slow *slow)
{
    UMI_TRY(refine(ctx, matrix, inverse, slow));
    return solve_small(ctx, slow);
}

um_status umi_slow_allocate(um_context *ctx, int count, double pole, umi_slow *slow)
{
    size_t n = (size_t)count;
    *slow = (umi_slow){.pole = pole, .count = count};
    slow->basis = UMI_NEW_ARRAY(ctx, umi_wide_vector, n);
    slow->matrix = UMI_NEW_ARRAY(ctx, umi_wide, n * (n + 2));
    if (!slow->basis || !slow->matrix) return UM_ERROR_MEMORY;
    slow->re = slow->matrix + n * n;
    slow->im = slow->re + n;
    return UM_OK;
}

um_status umi_slow_create(um_context *ctx, const umi_generator *generator,
                          const umi_ordering *ordering, const umi_elimination *inverse,
                          const umi_modes *modes, double pole, const bool *chosen, double gap,
                          umi_slow *slow)
{
    int count = 0;
    for (int j = 0; j < modes->count; j++) count += chosen[j];
    um_status status = umi_slow_allocate(ctx, count, pole, slow);
    if (status == UM_OK) status = fill_basis(ctx, modes, chosen, slow);
    /* Just outside the unit circle, where G - shift has no eigenvalue. */
    double away = fmin(1e-4, fmax(1e-10, fmax(1e-4 * gap, fmin(1e-2 * gap, 1e-8))));
    umi_elimination *nearer = NULL;
    if (status == UM_OK && fabs(umi_elimination_get_shift(inverse) - pole) > 20 * away)
        status = umi_elimination_create(ctx, ordering, &generator->matrix,
                                        pole == 0 ? away : pole - away, &nearer);
    if (status == UM_OK)
        status = umi_slow_refine(ctx, &generator->matrix, nearer ? nearer : inverse, slow);
    umi_elimination_destroy(ctx, nearer);
    if (status != UM_OK) umi_slow_free(ctx, slow);
    return status;
}

bool umi_slow_are_equal(const umi_slow *slow, int i, int j)
{
    double re = umi_wide_subtract(slow->re[i], slow->re[j]).hi;
    double im = umi_wide_subtract(slow->im[i], slow->im[j]).hi;
    bool pair = slow->im[i].hi != 0 && slow->im[i].hi == -slow->im[j].hi && fabs(re) <= noise;
    return pair || hypot(re, im) <= fmax(noise, 1e-9 * modulus(slow, i));
}
