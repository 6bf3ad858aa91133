/* The modes of an order next to +1 and -1: inverse iteration for the space they span, then wide arithmetic. */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "linalg/linalg.h"
#include "steady/order.h"

enum { SWEEPS = 60 };

static const double radius = 1e-7; /* as in spectrum_branch.c */
static const double converged = 1e-10;

/* Columns of one block of memory: the space, and what becomes of it. */
typedef struct block {
    size_t size, count;
    double *now, *next, *part;
    double **column;
} block;

static um_status block_create(um_context *ctx, size_t size, size_t count, block *b)
{
    *b = (block){.size = size, .count = count};
    b->now = UMI_NEW_ARRAY(ctx, double, 2 * count * (size + count));
    b->column = UMI_NEW_ARRAY(ctx, double *, count);
    if (!b->now || !b->column) return UM_ERROR_MEMORY;
    b->next = b->now + size * count;
    b->part = b->next + size * count;
    umi_random random = umi_random_at(0, 0, 0, 0);
    for (size_t i = 0; i < size * count; i++) b->next[i] = umi_random_uniform(&random) - 0.5;
    for (size_t j = 0; j < count; j++) b->column[j] = b->next + j * size;
    return UM_OK;
}

static void orthonormalise(block *b)
{
    for (size_t j = 0; j < b->count; j++) {
        double *x = b->next + j * b->size, length = 1;
        for (int pass = 0; pass < 2; pass++) {
            umi_linalg_reject(b->size, (int)j, b->next, 1, x, b->part);
            length = umi_linalg_norm(b->size, x);
            for (size_t i = 0; i < b->size; i++) x[i] /= length > 0 ? length : 1;
        }
    }
}

/* How far the space has turned: the largest column of what was there before beside what is there now. */
static double find_turn(block *b)
{
    double turn = 0;
    int count = (int)b->count;
    umi_linalg_reject(b->size, count, b->next, count, b->now, b->part);
    for (size_t j = 0; j < b->count; j++) turn = fmax(turn, umi_linalg_norm(b->size, b->now + j * b->size));
    return turn;
}

static um_status iterate(um_context *ctx, const umi_elimination *inverse, block *b)
{
    orthonormalise(b);
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        memcpy(b->now, b->next, b->size * b->count * sizeof *b->now);
        UMI_TRY(umi_elimination_solve_all(ctx, inverse, (int)b->count, b->column));
        orthonormalise(b);
        if (find_turn(b) < converged) break;
    }
    return UM_OK;
}

static um_status fill_basis(um_context *ctx, const umi_elimination *inverse, umi_slow *slow, size_t size)
{
    block b;
    um_status status = block_create(ctx, size, (size_t)slow->count, &b);
    if (status == UM_OK) status = iterate(ctx, inverse, &b);
    for (size_t j = 0; j < b.count && status == UM_OK; j++) {
        status = umi_wide_vector_create(ctx, size, &slow->basis[j]);
        if (status == UM_OK) memcpy(slow->basis[j].hi, b.column[j], size * sizeof(double));
    }
    umi_free(ctx, b.now);
    umi_free(ctx, b.column);
    return status;
}

/* Which elements are above the last trap. */
static void find_above(const umi_order *order, bool *above)
{
    size_t rows = order->size / (size_t)order->planes;
    for (size_t i = 0; i < order->size; i++)
        above[i] = (int)(i % rows) + order->order >= order->about->top;
}

static um_status add(const umi_order *order, const umi_slow *slow, umi_eigenvalues *list)
{
    um_context *ctx = order->about->ctx;
    bool *above = UMI_NEW_ARRAY(ctx, bool, order->size);
    if (!above) return UM_ERROR_MEMORY;
    find_above(order, above);
    int exact = slow->pole == 0 && order->order == 0 ? order->about->closed : 0;
    um_status status = UM_OK;
    for (int copy = 0; copy < umi_order_get_copies(order) && status == UM_OK; copy++)
        status = umi_subject_add_slow(order->about, slow, exact, above, list);
    umi_free(ctx, above);
    return status;
}

static um_status solve(const umi_order *order, double pole, int count, double gap, umi_eigenvalues *list)
{
    um_context *ctx = order->about->ctx;
    double away = fmin(1e-4, fmax(1e-10, 1e-5 * gap));
    umi_ordering *ordering = NULL;
    umi_elimination *inverse = NULL;
    umi_slow slow = {0};
    um_status status = umi_ordering_create(ctx, &order->matrix, &ordering);
    if (status == UM_OK)
        status = umi_elimination_create(ctx, ordering, &order->matrix, pole == 0 ? away : pole - away,
                                        &inverse);
    if (status == UM_OK) status = umi_slow_allocate(ctx, count, pole, &slow);
    if (status == UM_OK) status = fill_basis(ctx, inverse, &slow, order->size);
    if (status == UM_OK) status = umi_slow_refine(ctx, &order->matrix, inverse, &slow);
    if (status == UM_OK) status = add(order, &slow, list);
    umi_slow_free(ctx, &slow);
    umi_elimination_destroy(ctx, inverse);
    umi_ordering_destroy(ctx, ordering);
    return status;
}

um_status umi_order_list_slow(const umi_order *order, double pole, const double *re, bool *taken,
                              umi_eigenvalues *list)
{
    um_context *ctx = order->about->ctx;
    bool *chosen = UMI_NEW_ARRAY(ctx, bool, order->size);
    if (!chosen) return UM_ERROR_MEMORY;
    umi_modes modes = {.size = order->size, .count = (int)order->size, .re = (double *)re, .im = order->im};
    double gap;
    int count = umi_slow_choose(&modes, pole, radius, 0, chosen, &gap);
    for (size_t i = 0; i < order->size; i++) taken[i] |= chosen[i];
    umi_free(ctx, chosen);
    return count > 0 ? solve(order, pole, count, gap, list) : UM_OK;
}
