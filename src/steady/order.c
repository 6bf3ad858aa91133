#include "steady/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "steady/stationary.h"

/* Powers of two beyond this would leave the range of a double when two are multiplied. */
static const double SCALE_MAX = 400;
/* A scale that makes a matrix larger than it was is none. */
static const double GROWTH = 2;

static double get(const umi_sparse *matrix, size_t i, size_t j)
{
    for (int64_t e = matrix->start[i]; e < matrix->start[i + 1]; e++)
        if ((size_t)matrix->column[e] == j) return matrix->hi[e];
    return 0;
}

/* What goes up and comes down between neighbours is in balance. */
static void balance(const umi_sparse *populations, size_t levels, double *scale)
{
    for (size_t n = 1; n < levels; n++) {
        double up = get(populations, n, n - 1), down = get(populations, n - 1, n);
        double ratio = up > 0 && down > 0 ? 0.5 * (log2(up) - log2(down)) : 0;
        scale[n] = fmax(-SCALE_MAX, fmin(scale[n - 1] + ratio, SCALE_MAX));
    }
}

static bool is_narrow(const umi_sparse *populations, size_t levels)
{
    for (size_t i = 0; i < levels; i++)
        for (int64_t e = populations->start[i]; e < populations->start[i + 1]; e++)
            if (llabs((int64_t)i - populations->column[e]) > 1) return false;
    return true;
}

um_status umi_order_find_scale(um_context *ctx, const umi_sparse *populations, int levels, double *scale)
{
    size_t size = (size_t)levels;
    memset(scale, 0, size * sizeof *scale);
    if (is_narrow(populations, size)) {
        balance(populations, size, scale);
        return UM_OK;
    }
    double *chain = UMI_NEW_ARRAY(ctx, double, size *(size + 1)), *p = chain + size * size;
    if (!chain) return UM_ERROR_MEMORY;
    umi_stationary_eliminate(populations, levels, chain, p);
    for (size_t n = 0; n < size && isfinite(p[0]); n++)
        scale[n] = fmax(-SCALE_MAX, 0.5 * log2(fmax(p[n], 0)));
    umi_free(ctx, chain);
    return UM_OK;
}

static void choose_exponents(umi_order *it, const double *scale)
{
    size_t rows = it->size / (size_t)it->planes;
    for (size_t i = 0; i < it->size; i++) {
        size_t n = i % rows;
        it->exponent[i] = (int)lround(0.5 * (scale[n] + scale[n + (size_t)it->order]));
    }
}

static double find_norm(const umi_order *it, const umi_sparse *whole, size_t begin)
{
    double sum = 0;
    for (size_t i = 0; i < it->size; i++)
        for (int64_t e = whole->start[begin + i]; e < whole->start[begin + i + 1]; e++) {
            size_t j = (size_t)whole->column[e] - begin;
            double value = ldexp(whole->hi[e], it->exponent[j] - it->exponent[i]);
            sum += value * value;
        }
    return sqrt(sum);
}

static um_status take_rows(umi_order *it, const umi_sparse *whole, size_t begin)
{
    um_context *ctx = it->about->ctx;
    umi_sparse *matrix = &it->matrix;
    int64_t from = whole->start[begin];
    size_t count = (size_t)(whole->start[begin + it->size] - from);
    *matrix = (umi_sparse){.rows = it->size, .columns = it->size};
    matrix->start = UMI_NEW_ARRAY(ctx, int64_t, it->size + 1);
    matrix->column = UMI_NEW_ARRAY(ctx, int32_t, count + 1);
    matrix->hi = UMI_NEW_ARRAY(ctx, double, count + 1);
    matrix->lo = UMI_NEW_ARRAY(ctx, double, count + 1);
    if (!matrix->start || !matrix->column || !matrix->hi || !matrix->lo) return UM_ERROR_MEMORY;
    for (size_t i = 0; i < it->size; i++) {
        matrix->start[i + 1] = whole->start[begin + i + 1] - from;
        for (int64_t e = matrix->start[i]; e < matrix->start[i + 1]; e++) {
            size_t j = (size_t)whole->column[from + e] - begin;
            int by = it->exponent[j] - it->exponent[i];
            matrix->column[e] = (int32_t)j;
            matrix->hi[e] = ldexp(whole->hi[from + e], by);
            matrix->lo[e] = ldexp(whole->lo[from + e], by);
        }
    }
    return UM_OK;
}

/* What goes up and what comes down have one sign: some scale makes it symmetric. */
static bool is_symmetric(const umi_order *it)
{
    const umi_sparse *matrix = &it->matrix;
    for (size_t i = 0; i < it->size; i++)
        for (int64_t e = matrix->start[i]; e < matrix->start[i + 1]; e++) {
            size_t j = (size_t)matrix->column[e];
            if (j + 1 < i || j > i + 1) return false;
            if (j == i + 1 && matrix->hi[e] * get(matrix, j, i) < 0) return false;
        }
    return it->planes == 1;
}

um_status umi_order_create(const umi_subject *about, const umi_generator *generator, int k,
                           const double *scale, umi_order *order)
{
    const umi_layout *layout = &generator->layout;
    size_t begin = umi_layout_index(layout, 0, k, 0), rows = (size_t)(layout->levels - k);
    *order = (umi_order){.about = about, .order = k, .planes = k > 0 ? layout->planes : 1, .scale = scale};
    order->size = rows * (size_t)order->planes;
    order->exponent = UMI_NEW_ARRAY(about->ctx, int, order->size);
    um_status status = order->exponent ? UM_OK : UM_ERROR_MEMORY;
    if (status == UM_OK) {
        double norm = find_norm(order, &generator->matrix, begin);
        choose_exponents(order, scale);
        if (!(find_norm(order, &generator->matrix, begin) <= GROWTH * norm))
            memset(order->exponent, 0, order->size * sizeof *order->exponent);
        status = take_rows(order, &generator->matrix, begin);
    }
    if (status == UM_OK)
        order->symmetric = is_symmetric(order);
    else
        umi_order_free(order);
    return status;
}

void umi_order_free(umi_order *order)
{
    if (!order->about) return;
    um_context *ctx = order->about->ctx;
    umi_sparse_free(ctx, &order->matrix);
    umi_hessenberg_free(ctx, &order->dense);
    umi_free(ctx, order->exponent);
    umi_free(ctx, order->re);
    *order = (umi_order){0};
}

double umi_order_get(const umi_order *it, size_t i, size_t j) { return get(&it->matrix, i, j); }

void umi_order_fill_tridiagonal(const umi_order *it, double *diagonal, double *off)
{
    for (size_t i = 0; i < it->size; i++) {
        diagonal[i] = get(&it->matrix, i, i);
        if (i + 1 < it->size) off[i] = sqrt(get(&it->matrix, i, i + 1) * get(&it->matrix, i + 1, i));
    }
}

void umi_order_fill_dense(const umi_order *it, double *matrix)
{
    const umi_sparse *from = &it->matrix;
    memset(matrix, 0, it->size * it->size * sizeof *matrix);
    for (size_t i = 0; i < it->size; i++)
        for (int64_t e = from->start[i]; e < from->start[i + 1]; e++)
            matrix[(size_t)from->column[e] * it->size + i] = from->hi[e];
}

static um_status solve_symmetric(umi_order *it)
{
    double *off = UMI_NEW_ARRAY(it->about->ctx, double, it->size);
    if (!off) return UM_ERROR_MEMORY;
    umi_order_fill_tridiagonal(it, it->re, off);
    um_status status = umi_tridiagonal_eigenvalues(it->about->ctx, (int)it->size, it->re, off);
    umi_free(it->about->ctx, off);
    return status;
}

static um_status solve_dense(umi_order *it)
{
    um_context *ctx = it->about->ctx;
    double *matrix = UMI_NEW_ARRAY(ctx, double, it->size *it->size);
    if (!matrix) return UM_ERROR_MEMORY;
    umi_order_fill_dense(it, matrix);
    um_status status = umi_hessenberg_create(ctx, (int)it->size, matrix, &it->dense);
    umi_free(ctx, matrix);
    if (status != UM_OK) return status;
    memcpy(it->re, it->dense.re, it->size * sizeof *it->re);
    memcpy(it->im, it->dense.im, it->size * sizeof *it->im);
    return UM_OK;
}

um_status umi_order_solve(umi_order *it)
{
    if (it->solved) return UM_OK;
    it->re = UMI_NEW_ARRAY(it->about->ctx, double, 2 * it->size);
    if (!it->re) return UM_ERROR_MEMORY;
    it->im = it->re + it->size;
    UMI_TRY(it->symmetric ? solve_symmetric(it) : solve_dense(it));
    it->solved = true;
    return UM_OK;
}

/* In two planes a pair of eigenvalues is one of the order and one of its mirror image. */
int umi_order_get_copies(const umi_order *it) { return it->order > 0 && it->planes == 1 ? 2 : 1; }

double umi_order_get_decay(const umi_order *it, size_t i)
{
    double re = it->re[i], im = it->im[i], beyond = re * (2 + re) + im * im;
    double decay = beyond < -0.5 ? -log(hypot(1 + re, im)) : -0.5 * log1p(beyond);
    return fmax(decay, 0);
}
