/* Leading modes: all of them from the whole matrix of a small map, otherwise from a Krylov space.
 */
#include "steady/modes.h"

#include <math.h>
#include <string.h>

#include "linalg/linalg.h"

/* Up to this size the whole matrix; a Krylov space would not be much smaller. */
enum { DENSE = 160, POLISH = 8 };
/* ... and up to this one where the search fails. */
enum { DENSE_MAX = 1000 };

/* Left vectors are known inside the basis only: of what is outside they weigh more than it seems.
 */
static const double rounding = 1e-15, unseen = 30, tolerable = 1e-5;
/* A condition number that makes so much of rounding may be infinite. */
static const double doubtful = 1e-8;

void umi_modes_free(um_context *ctx, umi_modes *modes)
{
    umi_free(ctx, modes->basis);
    umi_free(ctx, modes->matrix);
    umi_free(ctx, modes->re);
    *modes = (umi_modes){0};
}

static um_status allocate(um_context *ctx, size_t size, int count, umi_modes *modes)
{
    size_t n = (size_t)count;
    *modes = (umi_modes){.size = size, .count = count};
    modes->basis = UMI_NEW_ARRAY(ctx, double, size *n);
    modes->matrix = UMI_NEW_ARRAY(ctx, double, n *n);
    modes->re = UMI_NEW_ARRAY(ctx, double, 3 * n);
    if (!modes->basis || !modes->matrix || !modes->re) return UM_ERROR_MEMORY;
    modes->im = modes->re + n;
    modes->error = modes->im + n;
    return UM_OK;
}

/* The condition number of an eigenvalue, 1/|l.r|, of vectors as LAPACK stores them. */
static double condition(int n, const double *left, const double *right, bool pair)
{
    double re = 0, im = 0;
    for (int j = 0; j < n; j++) {
        re += left[j] * right[j] + (pair ? left[n + j] * right[n + j] : 0);
        im += pair ? left[j] * right[n + j] - left[n + j] * right[j] : 0;
    }
    return 1 / fmax(hypot(re, im), 1e-300);
}

/* columns: residuals of the basis before it became `vectors`; they become those of the right
 * vectors. */
static um_status take_residuals(um_context *ctx, const umi_modes *modes, const double *vectors,
                                const double *right, double *columns)
{
    int n = modes->count, size = (int)modes->size;
    size_t count = (size_t)n;
    double *image = UMI_NEW_ARRAY(ctx, double, modes->size *count + count * count);
    if (!image) return UM_ERROR_MEMORY;
    double *mix = image + modes->size * count;
    umi_linalg_dgemm('N', 'N', n, n, n, 1, vectors, n, right, n, 0, mix, n);
    umi_linalg_dgemm('N', 'N', size, n, n, 1, columns, size, mix, n, 0, image, size);
    memcpy(columns, image, modes->size * count * sizeof(double));
    umi_free(ctx, image);
    return UM_OK;
}

/* residuals: NULL if the basis is the whole space; whole: its matrix, then. */
static um_status estimate_errors(um_context *ctx, umi_modes *modes, const double *vectors,
                                 double *residuals, const double *whole)
{
    int n = modes->count;
    size_t count = (size_t)n;
    double worst = 0, most = rounding;
    double *left = UMI_NEW_ARRAY(ctx, double, 2 * count * count), *right = left + count * count;
    if (!left) return UM_ERROR_MEMORY;
    um_status status = umi_linalg_schur_vectors(ctx, n, modes->matrix, left, right);
    if (status == UM_OK && residuals)
        status = take_residuals(ctx, modes, vectors, right, residuals);
    for (int i = 0; i < n && status == UM_OK; i++) {
        bool pair = modes->im[i] > 0 && i + 1 < n;
        size_t at = (size_t)i * count, size = modes->size;
        double off = 0;
        if (residuals)
            off = unseen *
                  umi_linalg_norm((pair ? 2 : 1) * size, residuals + (size_t)i * size);
        most = fmax(most, off);
        modes->error[i] = fmax(off, rounding) * condition(n, left + at, right + at, pair);
        if (pair) modes->error[i + 1] = modes->error[i];
        worst = fmax(worst, modes->error[i]);
        i += pair;
    }
    umi_free(ctx, left);
    if (status != UM_OK || worst <= doubtful) return status;
    return umi_modes_move(ctx, whole ? whole : modes->matrix, whole != NULL, most, doubtful, modes);
}

static um_status orthonormalise(um_context *ctx, size_t size, int count, double *basis)
{
    double *part = UMI_NEW_ARRAY(ctx, double, 2 * (size_t)count);
    if (!part) return UM_ERROR_MEMORY;
    for (int j = 0; j < count; j++) {
        double *x = basis + (size_t)j * size;
        umi_linalg_reject(size, j, basis, 1, x, part);
        double length = umi_linalg_norm(size, x);
        for (size_t i = 0; i < size; i++) x[i] /= length;
    }
    umi_free(ctx, part);
    return UM_OK;
}

/* Many collisions at a time leave less of the smaller modes than of the larger, and so less of
 * their digits. What is wrong with them is not a leading mode, and a few more collisions shrink it.
 */
static um_status polish(um_context *ctx, const umi_operator *map, int count, double *basis)
{
    UMI_TRY(umi_operator_apply(map, POLISH, count, basis));
    return orthonormalise(ctx, map->size, count, basis);
}

static um_status check_residuals(um_context *ctx, size_t size, int count, const double *residuals)
{
    for (int j = 0; j < count; j++) {
        double left = umi_linalg_norm(size, residuals + (size_t)j * size);
        if (!(left <= tolerable))
            return umi_fail(ctx, UM_ERROR_NOCONV,
                            "a space of %d leading modes is invariant to %.2g only", count, left);
    }
    return UM_OK;
}

/* Rayleigh-Ritz with M itself on an orthonormal basis of an invariant space; all of it if `basis`
 * is NULL. */
static um_status project(um_context *ctx, const umi_operator *map, const double *basis, int count,
                         umi_modes *modes)
{
    size_t size = map->size, n = (size_t)count;
    int rows = (int)size;
    UMI_TRY(allocate(ctx, size, count, modes));
    double *image = UMI_NEW_ARRAY(ctx, double, size *n),
           *vectors = UMI_NEW_ARRAY(ctx, double, n *n);
    um_status status = image && vectors ? UM_OK : UM_ERROR_MEMORY;
    for (size_t j = 0; j < n && status == UM_OK; j++) {
        if (basis)
            memcpy(image + j * size, basis + j * size, size * sizeof(double));
        else
            image[j * size + j] = 1;
    }
    if (status == UM_OK) status = umi_operator_apply(map, 1, count, image);
    if (status == UM_OK && basis) {
        umi_linalg_dgemm('T', 'N', count, count, rows, 1, basis, rows, image, rows, 0,
                         modes->matrix, count);
        umi_linalg_dgemm('N', 'N', rows, count, count, -1, basis, rows, modes->matrix, count, 1,
                         image, rows);
        status = check_residuals(ctx, size, count, image);
    } else if (status == UM_OK) {
        memcpy(modes->matrix, image, n * n * sizeof(double));
    }
    if (status == UM_OK)
        status = umi_linalg_schur(ctx, count, count, modes->matrix, vectors, modes->re, modes->im);
    if (status == UM_OK && basis)
        umi_linalg_dgemm('N', 'N', rows, count, count, 1, basis, rows, vectors, count, 0,
                         modes->basis, rows);
    else if (status == UM_OK)
        memcpy(modes->basis, vectors, n * n * sizeof(double));
    if (status == UM_OK)
        status = estimate_errors(ctx, modes, vectors, basis ? image : NULL, basis ? NULL : image);
    umi_free(ctx, image);
    umi_free(ctx, vectors);
    return status;
}

/* basis: NULL for the whole space. Both it and the modes before are given up, but for those if
 * nothing was added to them. */
static um_status settle(um_context *ctx, const umi_operator *map, um_status status, double *basis,
                        int count, int power, umi_modes *before, umi_modes *modes)
{
    int copies = before->copies;
    bool hurried = before->hurried, sure = before->sure;
    if (status == UM_OK && basis && count == before->count) {
        *modes = *before;
    } else {
        umi_modes_free(ctx, before);
        for (int i = 0; i < 2 && basis && status == UM_OK; i++)
            status = polish(ctx, map, count, basis);
        if (status == UM_OK && (basis || count > 0))
            status = project(ctx, map, basis, count, modes);
    }
    umi_free(ctx, basis);
    modes->power = power;
    modes->copies = copies;
    modes->hurried = hurried;
    modes->sure = sure;
    if (status != UM_OK) umi_modes_free(ctx, modes);
    return status;
}

um_status umi_operator_apply(const umi_operator *map, int times, int count, double *columns)
{
    if (map->apply_all) return map->apply_all(map->self, times, count, columns);
    for (int j = 0; j < count; j++)
        UMI_TRY(map->apply(map->self, times, columns + (size_t)j * map->size));
    return UM_OK;
}

/* Single ones that are not known, far down as a rule, are not worth solving for all. */
static bool are_mostly_known(const umi_modes *modes, int wanted)
{
    int known = 0, count = umi_min(wanted, modes->count);
    for (int j = 0; j < count; j++) known += modes->error[j] <= UMI_UNSURE;
    return 2 * known >= count;
}

static um_status find_all(um_context *ctx, const umi_operator *map, umi_modes *before,
                          umi_modes *modes)
{
    before->sure = true;
    return settle(ctx, map, UM_OK, NULL, (int)map->size, 0, before, modes);
}

um_status umi_modes_find(um_context *ctx, const umi_operator *map, int wanted, umi_modes *modes)
{
    umi_modes before = *modes;
    umi_modes again = {.copies = before.copies, .hurried = before.hurried};
    *modes = (umi_modes){0};
    if (map->size <= DENSE || map->size <= 8 * (size_t)wanted)
        return find_all(ctx, map, &before, modes);
    double *basis = NULL;
    int count = 0, power = 0;
    um_status status = umi_modes_krylov(ctx, map, wanted, &before, &basis, &count, &power);
    status = settle(ctx, map, status, basis, count, power, &before, modes);
    bool failed = status == UM_ERROR_NOCONV || (status == UM_OK && !are_mostly_known(modes, wanted));
    if (!failed || map->size > DENSE_MAX) return status;
    umi_modes_free(ctx, modes);
    return find_all(ctx, map, &again, modes);
}

um_status umi_modes_find_near(um_context *ctx, const umi_operator *map, const umi_operator *inverse,
                              double at, double reach, int wanted, umi_modes *modes)
{
    umi_modes before = *modes, seen = before;
    double *basis = NULL, *value = UMI_NEW_ARRAY(ctx, double, 2 * (size_t)before.count + 1);
    if (!value) return UM_ERROR_MEMORY;
    if (map->size <= DENSE || map->size <= 8 * (size_t)(wanted + before.count)) {
        umi_free(ctx, value);
        return UM_OK;
    }
    seen.re = value; /* of the inverse; its modulus is what counts */
    seen.im = value + before.count;
    for (int j = 0; j < before.count; j++) seen.re[j] = 1 / hypot(before.re[j] - at, before.im[j]);
    int count = 0;
    um_status status =
        umi_modes_krylov_once(ctx, inverse, wanted, 1 / reach, &seen, &basis, &count);
    before.sure = false;
    umi_free(ctx, value);
    *modes = (umi_modes){0};
    return settle(ctx, map, status, basis, count, before.power, &before, modes);
}

um_status umi_modes_vectors(um_context *ctx, const umi_modes *modes, double *right)
{
    return umi_linalg_schur_vectors(ctx, modes->count, modes->matrix, NULL, right);
}
