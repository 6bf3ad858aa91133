/* Leading modes: all of them from the whole matrix of a small map, otherwise from a Krylov space. */
#include "steady/modes.h"

#include <math.h>
#include <string.h>

#include "linalg/linalg.h"

/* Up to this size the whole matrix; a Krylov space would not be much smaller. */
enum { DENSE = 160 };

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

static um_status estimate_errors(um_context *ctx, umi_modes *modes, double residual)
{
    int n = modes->count;
    size_t count = (size_t)n;
    double *left = UMI_NEW_ARRAY(ctx, double, 2 * count * count), *right = left + count * count;
    if (!left) return UM_ERROR_MEMORY;
    um_status status = umi_linalg_schur_vectors(ctx, n, modes->matrix, left, right);
    for (int i = 0; i < n && status == UM_OK; i++) {
        bool pair = modes->im[i] > 0 && i + 1 < n;
        size_t at = (size_t)i * count;
        modes->error[i] = residual * condition(n, left + at, right + at, pair);
        if (pair) modes->error[i + 1] = modes->error[i];
        i += pair;
    }
    umi_free(ctx, left);
    return status;
}

/* Rayleigh-Ritz with M itself on an orthonormal basis of an invariant space; all of it if `basis`
 * is NULL. */
static um_status project(um_context *ctx, const umi_operator *map, const double *basis, int count,
                         umi_modes *modes)
{
    size_t size = map->size, n = (size_t)count;
    int rows = (int)size;
    UMI_TRY(allocate(ctx, size, count, modes));
    double *image = UMI_NEW_ARRAY(ctx, double, size *n), *vectors = UMI_NEW_ARRAY(ctx, double, n *n);
    um_status status = image && vectors ? UM_OK : UM_ERROR_MEMORY;
    for (size_t j = 0; j < n && status == UM_OK; j++) {
        if (basis)
            memcpy(image + j * size, basis + j * size, size * sizeof(double));
        else
            image[j * size + j] = 1;
        status = map->apply(map->self, 1, image + j * size);
    }
    double residual = 1e-15;
    if (status == UM_OK && basis) {
        umi_linalg_dgemm('T', 'N', count, count, rows, 1, basis, rows, image, rows, 0, modes->matrix,
                         count);
        umi_linalg_dgemm('N', 'N', rows, count, count, -1, basis, rows, modes->matrix, count, 1,
                         image, rows);
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t i = 0; i < size; i++) sum += image[j * size + i] * image[j * size + i];
            residual = fmax(residual, sqrt(sum));
        }
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
    if (status == UM_OK) status = estimate_errors(ctx, modes, residual);
    umi_free(ctx, image);
    umi_free(ctx, vectors);
    return status;
}

/* Leaves out all but the leading `count`: of a Schur form what is left is one, too. */
static void shorten(umi_modes *modes, int count)
{
    if (count >= modes->count) return;
    if (modes->im[count - 1] > 0) count++;
    for (int j = 0; j < count; j++)
        memmove(modes->matrix + j * count, modes->matrix + j * modes->count,
                (size_t)count * sizeof(double));
    modes->count = count;
}

um_status umi_modes_find(um_context *ctx, const umi_operator *map, int wanted, umi_modes *modes)
{
    *modes = (umi_modes){0};
    um_status status;
    if (map->size <= DENSE || map->size <= 8 * (size_t)wanted) {
        status = project(ctx, map, NULL, (int)map->size, modes);
        int count = umi_min(wanted, modes->count);
        /* All of one modulus, as far as they go. */
        while (status == UM_OK && count < modes->count && count > 0 &&
               hypot(modes->re[count], modes->im[count]) >=
                   hypot(modes->re[count - 1], modes->im[count - 1]) * (1 - 1e-9))
            count++;
        if (status == UM_OK) shorten(modes, count);
    } else {
        double *basis;
        int count;
        UMI_TRY(umi_modes_krylov(ctx, map, wanted, &basis, &count));
        status = project(ctx, map, basis, count, modes);
        umi_free(ctx, basis);
    }
    if (status != UM_OK) umi_modes_free(ctx, modes);
    return status;
}

um_status umi_modes_vectors(um_context *ctx, const umi_modes *modes, double *right)
{
    return umi_linalg_schur_vectors(ctx, modes->count, modes->matrix, NULL, right);
}
