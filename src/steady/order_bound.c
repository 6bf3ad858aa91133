/* Bounds of Collatz and Wielandt: for a matrix B without negative elements and any positive x no eigenvalue
 * is larger than the largest (B x)_i / x_i; the better x resembles the leading vector, the better the bound. */
#include <math.h>

#include "steady/order.h"

enum { STEPS = 12 };

/* Rows of elements that are not negative, and work space. */
typedef struct moduli {
    size_t size;
    int64_t *start;
    int32_t *column;
    double *value, *x, *y;
} moduli;

static void moduli_free(um_context *ctx, moduli *m)
{
    umi_free(ctx, m->start);
    umi_free(ctx, m->column);
    umi_free(ctx, m->value);
}

static um_status moduli_create(um_context *ctx, size_t size, size_t room, moduli *m)
{
    *m = (moduli){.size = size};
    m->start = UMI_NEW_ARRAY(ctx, int64_t, size + 1);
    m->column = UMI_NEW_ARRAY(ctx, int32_t, room);
    m->value = UMI_NEW_ARRAY(ctx, double, room + 2 * size);
    if (!m->start || !m->column || !m->value) return UM_ERROR_MEMORY;
    m->x = m->value + room;
    m->y = m->x + size;
    return UM_OK;
}

static void put(moduli *m, size_t row, size_t column, double value)
{
    m->column[m->start[row + 1]] = (int32_t)column;
    m->value[m->start[row + 1]++] = value;
}

/* x: sqrt(p_n p_m) of the populations at rest; with it no bound is above 1. mirror: the other level's exponent,
 * where a coordinate has that of two. */
static void begin(const double *scale, const int *exponent, size_t k, size_t mirror, moduli *m)
{
    for (size_t i = 0; i < m->size; i++)
        m->x[i] = exp2(scale[i] + scale[i + k] - 0.5 * (exponent[i] + exponent[i + mirror]));
}

static double find_bound(const moduli *m, double enough)
{
    static const double least = 1e-250; /* of the largest: x stays positive */
    double bound = INFINITY;
    for (int step = 0; step < STEPS && bound >= enough; step++) {
        double worst = 0, largest = 0;
        for (size_t i = 0; i < m->size; i++) {
            double sum = 0;
            for (int64_t e = m->start[i]; e < m->start[i + 1]; e++)
                sum += m->value[e] * m->x[m->column[e]];
            m->y[i] = sum;
            worst = fmax(worst, sum / m->x[i]);
            largest = fmax(largest, sum);
        }
        bound = fmin(bound, worst);
        if (largest == 0) break;
        for (size_t i = 0; i < m->size; i++) m->x[i] = fmax(m->y[i] / largest, least);
    }
    return bound;
}

/* Row i of 1 + G; of a complex one the moduli of what the real parts of a row take. */
static void put_row(const umi_order *order, size_t i, double *im, moduli *m)
{
    const umi_sparse *from = &order->matrix;
    for (int64_t e = from->start[i]; e < from->start[i + 1]; e++)
        if ((size_t)from->column[e] >= m->size) im[(size_t)from->column[e] - m->size] = from->hi[e];
    bool stays = false;
    for (int64_t e = from->start[i]; e < from->start[i + 1]; e++) {
        size_t j = (size_t)from->column[e];
        if (j >= m->size) continue;
        stays |= j == i;
        put(m, i, j, hypot(from->hi[e] + (j == i), im[j]));
        im[j] = 0;
    }
    if (!stays) put(m, i, i, hypot(1, im[i])), im[i] = 0;
    for (size_t j = 0; j < m->size; j++) {
        if (im[j] != 0) put(m, i, j, fabs(im[j]));
        im[j] = 0;
    }
}

um_status umi_order_bound(const umi_order *order, double enough, double *bound)
{
    um_context *ctx = order->about->ctx;
    moduli m;
    size_t rows = order->size / (size_t)order->planes;
    double *im = UMI_NEW_ARRAY(ctx, double, rows);
    um_status status = im ? UM_OK : UM_ERROR_MEMORY;
    if (status == UM_OK)
        status = moduli_create(ctx, rows, (size_t)order->matrix.start[rows] + rows, &m);
    else
        m = (moduli){0};
    for (size_t i = 0; i < rows && status == UM_OK; i++) {
        m.start[i + 1] = m.start[i];
        put_row(order, i, im, &m);
    }
    if (status == UM_OK) {
        begin(order->scale, order->exponent, (size_t)order->order, 0, &m);
        *bound = find_bound(&m, enough);
    }
    umi_free(ctx, im);
    moduli_free(ctx, &m);
    return status;
}

/* sqrt(P_ij P_i'j'), i' = i + k. */
static void fill_from(const umi_order *populations, int k, moduli *m)
{
    const umi_sparse *p = &populations->matrix;
    int32_t last = (int32_t)m->size;
    for (size_t i = 0; i < m->size; i++) {
        int64_t e = p->start[i], f = p->start[i + (size_t)k];
        int64_t e_end = p->start[i + 1], f_end = p->start[i + (size_t)k + 1];
        m->start[i + 1] = m->start[i];
        while (e < e_end && f < f_end && p->column[e] < last) {
            int32_t j = p->column[e], mirror = p->column[f] - k;
            if (j == mirror) {
                double stays = (size_t)j == i, product = (p->hi[e] + stays) * (p->hi[f] + stays);
                if (product > 0) put(m, i, (size_t)j, sqrt(product));
            }
            e += j <= mirror;
            f += mirror <= j;
        }
    }
}

um_status umi_order_bound_from(const umi_order *populations, int k, double enough, double *bound)
{
    um_context *ctx = populations->about->ctx;
    moduli m;
    size_t rows = populations->size - (size_t)k;
    um_status status =
        moduli_create(ctx, rows, (size_t)populations->matrix.start[populations->size] + 1, &m);
    if (status == UM_OK) {
        fill_from(populations, k, &m);
        begin(populations->scale, populations->exponent, (size_t)k, (size_t)k, &m);
        *bound = find_bound(&m, enough);
    }
    moduli_free(ctx, &m);
    return status;
}
