/* Block inverse iteration in double: the slow space of a window to a few digits. */
#include <math.h>
#include <string.h>

#include "linalg/linalg.h"
#include "steady/chambers_window.h"
#include "steady/slow.h"

enum {
    SWEEPS = 20,
    SWEEPS_LONG = 150,
    STILL = 4,
    SWEEPS_ALONE = 8,
    ALONE = 5,
    GUARDS = 3,
    BLOCK = UMI_SLOW_MAX + GUARDS
};

/* The slow modes are apart from the others by this ratio, and their eigenvalues stay as they are.
 */
static const double apart = 2, steadiness = 1e-6;

/* Shift of the inverse of one region alone. */
static const double AWAY = 1e-7;
/* Between sweeps, of a rate that has settled; relative. */
static const double close = 1e-6;

typedef struct block {
    const umi_elimination *inverse;
    int size, count;
    double *v, *w; /* size x count */
    double h[BLOCK * BLOCK], z[BLOCK * BLOCK], re[BLOCK], im[BLOCK];
    double slowness[BLOCK]; /* |eigenvalue of G|, ascending */
} block;

static void fill_random(const block *b, int from)
{
    unsigned random = 1;
    for (size_t i = (size_t)from * (size_t)b->size; i < (size_t)b->count * (size_t)b->size; i++) {
        random = random * 1664525u + 1013904223u;
        b->v[i] = random / 4294967296.0 - 0.5;
    }
}

static um_status create_block(um_context *ctx, const umi_elimination *inverse, size_t size,
                              int count, block *b)
{
    *b = (block){.inverse = inverse, .size = (int)size, .count = umi_min(count, (int)size)};
    size_t all = size * (size_t)b->count;
    b->v = UMI_NEW_ARRAY(ctx, double, 2 * all);
    b->w = b->v + all;
    return b->v ? UM_OK : UM_ERROR_MEMORY;
}

/* The cells' own modes, then anything. */
static um_status fill(const umi_chamber_map *map, const umi_part *part, const umi_window *window,
                      block *b)
{
    fill_random(b, umi_min(window->count, b->count));
    for (int j = 0; j < window->count; j++) {
        umi_part own;
        const umi_cell *cell = window->cell[j];
        double *column = b->v + (size_t)j * part->size;
        UMI_TRY(umi_part_create(map->ctx, &map->generator,
                                umi_box_square(cell->region.first, cell->region.last), &own));
        for (size_t i = 0; i < own.size; i++) column[part->inside[own.at[i]]] = cell->start[i];
        umi_part_free(map->ctx, &own);
    }
    return UM_OK;
}

static void orthonormalise(const block *b, double *v)
{
    size_t size = (size_t)b->size;
    double part[2 * BLOCK];
    for (int j = 0; j < b->count; j++) {
        double *x = v + (size_t)j * size;
        umi_linalg_reject(size, j, v, 1, x, part);
        double length = umi_linalg_norm(size, x);
        for (size_t k = 0; k < size; k++) x[k] *= length > 0 ? 1 / length : 0;
    }
}

/* w = (G - away)^-1 v; v becomes the Schur vectors of it, the slowest modes first. */
static um_status sweep(um_context *ctx, block *b)
{
    int m = b->count;
    double away = umi_elimination_get_shift(b->inverse);
    orthonormalise(b, b->v);
    memcpy(b->w, b->v, (size_t)b->size * (size_t)m * sizeof(double));
    double *column[BLOCK];
    for (int j = 0; j < m; j++) column[j] = b->w + (size_t)j * (size_t)b->size;
    UMI_TRY(umi_elimination_solve_all(ctx, b->inverse, m, column));
    umi_linalg_dgemm('T', 'N', m, m, b->size, 1, b->v, b->size, b->w, b->size, 0, b->h, m);
    UMI_TRY(umi_linalg_schur(ctx, m, m, b->h, b->z, b->re, b->im));
    for (int j = 0; j < m; j++) {
        double square = b->re[j] * b->re[j] + b->im[j] * b->im[j];
        b->slowness[j] = square > 0 ? hypot(away + b->re[j] / square, b->im[j] / square) : INFINITY;
    }
    /* An image is nearer to the slow space than what it is the image of. */
    umi_linalg_dgemm('N', 'N', b->size, m, m, 1, b->w, b->size, b->z, m, 0, b->v, b->size);
    return UM_OK;
}

/* How many modes are slow: at least the wanted, at most what there is room for, before the widest
 * gap. */
static int choose(const block *b, int wanted, double *ratio)
{
    int best = 0, most = umi_min(b->count, UMI_SLOW_MAX);
    double away = fabs(umi_elimination_get_shift(b->inverse));
    *ratio = 0;
    for (int k = wanted; k <= most; k++) {
        bool pair = b->im[k - 1] > 0;
        /* Behind all modes there is nothing. */
        double next = k < b->count ? b->slowness[k] : b->count == b->size ? 1 : 0;
        double gap = next / fmax(b->slowness[k - 1], 1e-3 * away);
        if (pair || gap <= *ratio) continue;
        *ratio = gap;
        best = k;
    }
    return best;
}

static um_status take(um_context *ctx, const block *b, int count, umi_slow *slow)
{
    size_t size = (size_t)b->size;
    UMI_TRY(umi_slow_allocate(ctx, count, 0, slow));
    for (int j = 0; j < count; j++) {
        UMI_TRY(umi_wide_vector_create(ctx, size, &slow->basis[j]));
        memcpy(slow->basis[j].hi, b->v + (size_t)j * size, size * sizeof(double));
    }
    return UM_OK;
}

static bool is_steady(const block *b, int count, const double *before)
{
    double away = umi_elimination_get_shift(b->inverse);
    for (int j = 0; j < count; j++)
        if (fabs(b->slowness[j] - before[j]) > steadiness * fmax(b->slowness[j], away))
            return false;
    return true;
}

um_status umi_window_start(const umi_chamber_map *map, const umi_part *part,
                           const umi_window *window, const umi_elimination *inverse, umi_slow *slow,
                           bool *found)
{
    um_context *ctx = map->ctx;
    block b;
    *found = false;
    UMI_TRY(create_block(ctx, inverse, part->size, BLOCK, &b));
    um_status status = fill(map, part, window, &b);
    for (int i = 0; i < SWEEPS && status == UM_OK && !*found; i++) {
        double before[BLOCK], ratio;
        memcpy(before, b.slowness, sizeof before);
        status = sweep(ctx, &b);
        if (status != UM_OK || i < 2) continue;
        int count = choose(&b, window->count, &ratio);
        if (count == 0 || ratio < apart || !is_steady(&b, count, before)) continue;
        orthonormalise(&b, b.v);
        status = take(ctx, &b, count, slow);
        *found = true;
    }
    umi_free(ctx, b.v);
    return status;
}

um_status umi_cell_prepare(const umi_chamber_map *map, const umi_region *region, umi_cell *cell)
{
    um_context *ctx = map->ctx;
    umi_part own;
    umi_ordering *ordering = NULL;
    umi_elimination *inverse = NULL;
    block b = {0};
    *cell = (umi_cell){.region = *region, .inner = INFINITY};
    UMI_TRY(
        umi_part_create(ctx, &map->generator, umi_box_square(region->first, region->last), &own));
    um_status status = umi_ordering_create(ctx, &own.matrix, &ordering);
    if (status == UM_OK)
        status = umi_elimination_create(ctx, ordering, &own.matrix, AWAY, &inverse);
    if (status == UM_OK) status = create_block(ctx, inverse, own.size, ALONE, &b);
    if (status == UM_OK) fill_random(&b, 0);
    for (int i = 0; i < SWEEPS_ALONE && status == UM_OK; i++) status = sweep(ctx, &b);
    cell->start = UMI_NEW_ARRAY(ctx, double, own.size);
    if (!cell->start && status == UM_OK) status = UM_ERROR_MEMORY;
    if (status == UM_OK) {
        orthonormalise(&b, b.v);
        memcpy(cell->start, b.v, own.size * sizeof(double));
        cell->lost = b.slowness[0];
        if (b.count > 1) cell->inner = b.slowness[1];
        status = umi_cell_find_core(ctx, &own, cell);
    }
    umi_free(ctx, b.v);
    umi_elimination_destroy(ctx, inverse);
    umi_ordering_destroy(ctx, ordering);
    umi_part_free(ctx, &own);
    return status;
}

/* The last few of a block have not converged. */
static double find_rate(const block *b, bool rest)
{
    double rate = INFINITY, shift = umi_elimination_get_shift(b->inverse);
    for (int j = rest; j < b->count - GUARDS; j++) {
        double square = b->re[j] * b->re[j] + b->im[j] * b->im[j];
        double modulus = hypot(1 + shift + b->re[j] / square, b->im[j] / square);
        rate = fmin(rate, fmax(-log(modulus), 0));
    }
    return rate;
}

um_status umi_part_find_slowest(um_context *ctx, const umi_part *part, double pole, bool rest,
                                double *rate)
{
    umi_ordering *ordering = NULL;
    umi_elimination *inverse = NULL;
    block b = {0};
    double shift = pole + (pole < 0 ? -AWAY : AWAY), found = INFINITY, before = INFINITY;
    um_status status = umi_ordering_create(ctx, &part->matrix, &ordering);
    if (status == UM_OK)
        status = umi_elimination_create(ctx, ordering, &part->matrix, shift, &inverse);
    if (status == UM_OK) status = create_block(ctx, inverse, part->size, BLOCK, &b);
    if (status == UM_OK) fill_random(&b, 0);
    int still = 0;
    for (int i = 0; i < SWEEPS_LONG && still < STILL && status == UM_OK; i++) {
        status = sweep(ctx, &b);
        before = found;
        found = find_rate(&b, rest);
        still = fabs(found - before) <= close * found ? still + 1 : 0;
    }
    if (status == UM_OK && still < STILL)
        status = umi_fail(ctx, UM_ERROR_NOCONV, "the slowest mode of %zu unknowns did not settle",
                          part->size);
    *rate = fmin(*rate, found);
    umi_free(ctx, b.v);
    umi_elimination_destroy(ctx, inverse);
    umi_ordering_destroy(ctx, ordering);
    return status;
}
