/* Kernels of wide vectors, compiled once per instruction set (UMI_KERNEL_PATH, UMI_KERNEL_LANES).
 *
 * Sums run in SLOTS independent accumulators, whatever the vector length, and every operation is
 * rounded on its own: the bits do not depend on the instruction set. An accumulator is sum + rest,
 * where only the sum is kept exact by an error term; the rest is so small that plain additions do. */
#include "linalg/kernels/linalg_kernels.h"

#include <string.h>

#include "linalg/kernels/lanes.h"

enum { SLOTS = 32, PACKS = SLOTS / UMI_KERNEL_LANES };

static inline void two_sum(lanes a, lanes b, lanes *sum, lanes *error)
{
    *sum = a + b;
    lanes part = *sum - a;
    *error = (a - (*sum - part)) + (b - part);
}

static inline void quick_sum(lanes a, lanes b, lanes *sum, lanes *error)
{
    lanes total = a + b;
    *error = b - (total - a);
    *sum = total;
}

/* sum + rest += x y */
static inline void gather(lanes xh, lanes xl, lanes yh, lanes yl, lanes *sum, lanes *rest)
{
    lanes product = xh * yh, low = product_error(xh, yh, product), error;
    two_sum(*sum, product, sum, &error);
    *rest += (low + (xh * yl + xl * yh)) + error;
}

static inline umi_wide add(umi_wide a, umi_wide b)
{
    umi_wide high = umi_wide_two_sum(a.hi, b.hi), low = umi_wide_two_sum(a.lo, b.lo);
    high = umi_wide_quick_sum(high.hi, high.lo + low.hi);
    return umi_wide_quick_sum(high.hi, high.lo + low.lo);
}

static inline void add_lanes(lanes *ah, lanes *al, lanes bh, lanes bl)
{
    lanes high, error, low, rest;
    two_sum(*ah, bh, &high, &error);
    two_sum(*al, bl, &low, &rest);
    quick_sum(high, error + low, &high, &error);
    quick_sum(high, error + rest, ah, al);
}

/* The slots in pairs, pairs of pairs, ...: whole vectors as long as there are two. */
static umi_wide fold(lanes *sum, lanes *rest)
{
    double high[UMI_KERNEL_LANES], low[UMI_KERNEL_LANES];
    umi_wide slot[UMI_KERNEL_LANES];
    for (int p = 0; p < PACKS; p++) two_sum(sum[p], rest[p], &sum[p], &rest[p]);
    for (int packs = PACKS / 2; packs; packs /= 2)
        for (int p = 0; p < packs; p++) add_lanes(&sum[p], &rest[p], sum[p + packs], rest[p + packs]);
    store(high, sum[0]);
    store(low, rest[0]);
    for (int i = 0; i < UMI_KERNEL_LANES; i++) slot[i] = (umi_wide){high[i], low[i]};
    for (int width = UMI_KERNEL_LANES / 2; width; width /= 2)
        for (int i = 0; i < width; i++) slot[i] = add(slot[i], slot[i + width]);
    return slot[0];
}

static inline void dot_slots(const double *xh, const double *xl, const double *yh,
                             const double *yl, lanes *sum, lanes *rest)
{
    for (int p = 0; p < PACKS; p++) {
        int at = p * UMI_KERNEL_LANES;
        gather(load(xh + at), load(xl + at), load(yh + at), load(yl + at), &sum[p], &rest[p]);
    }
}

static umi_wide dot(size_t size, const double *xh, const double *xl, const double *yh,
                    const double *yl)
{
    lanes sum[PACKS] = {0}, rest[PACKS] = {0};
    size_t i = 0, left = size % SLOTS;
    for (; i + SLOTS <= size; i += SLOTS) dot_slots(xh + i, xl + i, yh + i, yl + i, sum, rest);
    if (left) {
        double tail[4][SLOTS] = {0};
        memcpy(tail[0], xh + i, left * sizeof(double));
        memcpy(tail[1], xl + i, left * sizeof(double));
        memcpy(tail[2], yh + i, left * sizeof(double));
        memcpy(tail[3], yl + i, left * sizeof(double));
        dot_slots(tail[0], tail[1], tail[2], tail[3], sum, rest);
    }
    return fold(sum, rest);
}

/* What is left over beyond whole vectors goes through buffers filled up with zeros. */
#define WHOLE(size) ((size) / UMI_KERNEL_LANES * UMI_KERNEL_LANES)

static inline void accumulate_lanes(lanes fh, lanes fl, const double *xh, const double *xl,
                                    double *sum, double *rest)
{
    lanes high = load(sum), low = load(rest);
    gather(load(xh), load(xl), fh, fl, &high, &low);
    store(sum, high);
    store(rest, low);
}

static inline void axpy_lanes(lanes fh, lanes fl, const double *xh, const double *xl, double *yh,
                              double *yl)
{
    lanes x = load(xh), product = x * fh, low = product_error(x, fh, product), high, part, error;
    low += x * fl + load(xl) * fh;
    quick_sum(product, low, &product, &low);
    two_sum(product, load(yh), &high, &error);
    two_sum(low, load(yl), &part, &low);
    quick_sum(high, error + part, &high, &error);
    quick_sum(high, error + low, &high, &error);
    store(yh, high);
    store(yl, error);
}

#define OVER_LANES(name) \
    static void name(size_t size, umi_wide factor, const double *xh, const double *xl, double *yh, \
                     double *yl) \
    { \
        lanes fh = fill(factor.hi), fl = fill(factor.lo); \
        size_t whole = WHOLE(size), left = (size - whole) * sizeof(double); \
        for (size_t i = 0; i < whole; i += UMI_KERNEL_LANES) \
            name##_lanes(fh, fl, xh + i, xl + i, yh + i, yl + i); \
        if (!left) return; \
        double tail[4][UMI_KERNEL_LANES] = {0}; \
        memcpy(tail[0], xh + whole, left); \
        memcpy(tail[1], xl + whole, left); \
        memcpy(tail[2], yh + whole, left); \
        memcpy(tail[3], yl + whole, left); \
        name##_lanes(fh, fl, tail[0], tail[1], tail[2], tail[3]); \
        memcpy(yh + whole, tail[2], left); \
        memcpy(yl + whole, tail[3], left); \
    }

OVER_LANES(accumulate)
OVER_LANES(axpy)

static void normalise(size_t size, double *hi, double *lo)
{
    size_t i = 0;
    for (; i < WHOLE(size); i += UMI_KERNEL_LANES) {
        lanes high, low;
        two_sum(load(hi + i), load(lo + i), &high, &low);
        store(hi + i, high);
        store(lo + i, low);
    }
    for (; i < size; i++) {
        umi_wide sum = umi_wide_two_sum(hi[i], lo[i]);
        hi[i] = sum.hi;
        lo[i] = sum.lo;
    }
}

static void scale(size_t size, umi_wide factor, double *xh, double *xl)
{
    size_t i = 0;
    lanes fh = fill(factor.hi), fl = fill(factor.lo);
    for (; i < WHOLE(size); i += UMI_KERNEL_LANES) {
        lanes x = load(xh + i), product = x * fh, low = product_error(x, fh, product);
        low += x * fl + load(xl + i) * fh;
        quick_sum(product, low, &product, &low);
        store(xh + i, product);
        store(xl + i, low);
    }
    for (; i < size; i++) {
        umi_wide product = umi_wide_two_product(xh[i], factor.hi);
        product = umi_wide_quick_sum(product.hi, product.lo + (xh[i] * factor.lo + xl[i] * factor.hi));
        xh[i] = product.hi;
        xl[i] = product.lo;
    }
}

/* Rows whose columns are scattered: the processor overlaps rows by itself, gathering vectors would cost
 * more than it saves. */
static void apply(size_t rows, const int64_t *start, const int32_t *column, const double *ah,
                  const double *al, const double *xh, const double *xl, double *yh, double *yl)
{
    for (size_t r = 0; r < rows; r++) {
        double sum = 0, rest = 0;
        for (int64_t e = start[r]; e < start[r + 1]; e++) {
            int32_t c = column[e];
            umi_wide product = umi_wide_two_product(ah[e], xh[c]);
            umi_wide total = umi_wide_two_sum(sum, product.hi);
            sum = total.hi;
            rest += (product.lo + (ah[e] * xl[c] + al[e] * xh[c])) + total.lo;
        }
        umi_wide total = umi_wide_two_sum(sum, rest);
        yh[r] = total.hi;
        yl[r] = total.lo;
    }
}

/* In every row the operations of `apply`, in its order. */
static void apply_even(int64_t count, const int32_t *column, const double *ah, const double *al,
                       const double *xh, const double *xl, double *yh, double *yl)
{
    enum { PARTS = UMI_SPARSE_GROUP / UMI_KERNEL_LANES };
    lanes sum[PARTS] = {0}, rest[PARTS] = {0};
    for (int64_t j = 0; j < count; j++)
        for (int p = 0; p < PARTS; p++) {
            int64_t at = j * UMI_SPARSE_GROUP + p * UMI_KERNEL_LANES;
            int64_t of = column[j] + p * UMI_KERNEL_LANES;
            gather(load(ah + at), load(al + at), load(xh + of), load(xl + of), &sum[p], &rest[p]);
        }
    for (int p = 0; p < PARTS; p++) {
        two_sum(sum[p], rest[p], &sum[p], &rest[p]);
        store(yh + p * UMI_KERNEL_LANES, sum[p]);
        store(yl + p * UMI_KERNEL_LANES, rest[p]);
    }
}

/* Packs of rows times columns that are summed up together: latencies overlap. */
enum { TILE = 4, PACKS_MAX = 2, UNTIDY = 64 };

#define INLINE static inline __attribute__((always_inline))

INLINE void tile(int packs, int columns, size_t row, int begin, const umi_wide_columns *a,
                 const umi_wide_columns *x, const umi_wide_columns *y)
{
    lanes sum[TILE], rest[TILE];
    for (int c = 0; c < columns; c++)
        for (int p = 0; p < packs; p++) {
            size_t at = (size_t)c * y->stride + row + (size_t)p * UMI_KERNEL_LANES;
            sum[c * packs + p] = load(y->hi + at);
            rest[c * packs + p] = load(y->lo + at);
        }
    for (int j = begin; j < a->columns; j++) {
        for (int p = 0; p < packs; p++) {
            size_t at = (size_t)j * a->stride + row + (size_t)p * UMI_KERNEL_LANES;
            lanes high = load(a->hi + at), low = load(a->lo + at);
            for (int c = 0; c < columns; c++) {
                size_t of = (size_t)c * x->stride + (size_t)j;
                gather(high, low, fill(x->hi[of]), fill(x->lo[of]), &sum[c * packs + p],
                       &rest[c * packs + p]);
            }
        }
        if ((j + 1) % UNTIDY == 0)
            for (int i = 0; i < packs * columns; i++) two_sum(sum[i], rest[i], &sum[i], &rest[i]);
    }
    for (int c = 0; c < columns; c++)
        for (int p = 0; p < packs; p++) {
            size_t at = (size_t)c * y->stride + row + (size_t)p * UMI_KERNEL_LANES;
            two_sum(sum[c * packs + p], rest[c * packs + p], &sum[c * packs + p],
                    &rest[c * packs + p]);
            store(y->hi + at, sum[c * packs + p]);
            store(y->lo + at, rest[c * packs + p]);
        }
}

static umi_wide_columns from_column(const umi_wide_columns *m, int column)
{
    size_t at = (size_t)column * m->stride;
    return (umi_wide_columns){m->columns - column, m->stride, m->hi + at, m->lo + at};
}

/* Rows of a triangle have nothing before the block of columns that they stand in. */
static int begin_of(bool triangle, size_t row)
{
    return triangle ? (int)(row / UMI_WIDE_ROWS * UMI_WIDE_ROWS) : 0;
}

static void multiply(size_t rows, bool triangle, const umi_wide_columns *a,
                     const umi_wide_columns *x, const umi_wide_columns *y)
{
    enum { BLOCK = PACKS_MAX * UMI_KERNEL_LANES };
    int c = 0;
    for (; c + TILE <= x->columns; c += TILE) {
        umi_wide_columns from = from_column(x, c), to = from_column(y, c);
        for (size_t row = 0; row < rows; row += UMI_KERNEL_LANES)
            tile(1, TILE, row, begin_of(triangle, row), a, &from, &to);
    }
    for (; c < x->columns; c++) {
        umi_wide_columns from = from_column(x, c), to = from_column(y, c);
        size_t row = 0;
        for (; row + BLOCK <= rows; row += BLOCK)
            tile(PACKS_MAX, 1, row, begin_of(triangle, row), a, &from, &to);
        for (; row < rows; row += UMI_KERNEL_LANES)
            tile(1, 1, row, begin_of(triangle, row), a, &from, &to);
    }
}

extern const umi_wide_kernels UMI_NAME(umi_wide_kernels, UMI_KERNEL_PATH);
const umi_wide_kernels UMI_NAME(umi_wide_kernels, UMI_KERNEL_PATH) = {
    .dot = dot, .accumulate = accumulate, .normalise = normalise, .axpy = axpy, .scale = scale,
    .apply = apply, .apply_even = apply_even, .multiply = multiply};
