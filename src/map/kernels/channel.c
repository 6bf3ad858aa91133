/* The channel kernels, compiled once per instruction set (UMI_KERNEL_PATH, UMI_KERNEL_LANES). */
#include "map/kernels/channel.h"

#include <string.h>

#include "linalg/kernels/lanes.h"

/* One vector of levels in `rows` neighbouring orders: the weight of the row is loaded once for all. */
static inline __attribute__((always_inline)) void take(const umi_channel_sum *it, const double *scale,
                                                       const umi_rows *in, const umi_rows *out, int n,
                                                       int k, int rows, int terms)
{
    const ptrdiff_t stride = in->stride, step = it->direction;
    const double *a = it->weight + n, *b = a + k, *x = in->base + k * stride + n;
    lanes value[UMI_CHANNEL_QUAD];
    for (int i = 0; i < rows; i++) value[i] = (lanes){0};
    for (int l = 0; l < terms; l++) {
        const lanes weight = load(a);
        for (int i = 0; i < rows; i++) value[i] += (weight * load(b + i)) * load(x + i * stride);
        a += it->stride;
        b += it->stride;
        x += step;
    }
    for (int i = 0; i < rows; i++)
        store(out->base + (k + i) * out->stride + n, scale[k + i] * value[i]);
}

/* Terms that reach into the window at all: beyond it there is a margin of zeros, no more. */
static inline int count_terms(const umi_channel_sum *it, const umi_rows *in, int n, int k)
{
    const int inside =
        it->direction > 0 ? in->last - k - n : n + UMI_CHANNEL_BLOCK - in->first;
    const int wanted = it->terms[n / UMI_CHANNEL_BLOCK * it->quads + k / UMI_CHANNEL_QUAD];
    return wanted < inside ? wanted : inside;
}

/* A block of levels of one order. */
static inline void take_one(const umi_channel_sum *it, const double *scale, const umi_rows *in, const umi_rows *out,
                            int n, int k)
{
    const int terms = count_terms(it, in, n, k);
    for (int i = 0; i < UMI_CHANNEL_BLOCK; i += UMI_KERNEL_LANES) take(it, scale, in, out, n + i, k, 1, terms);
}

static void sum(const umi_channel_sum *it, const double *scale, const umi_rows *in,
                const umi_rows *out)
{
    for (int n = out->first / UMI_CHANNEL_BLOCK * UMI_CHANNEL_BLOCK; n < out->last - out->from;
         n += UMI_CHANNEL_BLOCK) {
        const int orders = out->orders < out->last - n ? out->orders : out->last - n;
        int k = out->from;
        for (; k % UMI_CHANNEL_QUAD != 0 && k < orders; k++) take_one(it, scale, in, out, n, k);
        for (; k + UMI_CHANNEL_QUAD <= orders; k += UMI_CHANNEL_QUAD) {
            const int terms = count_terms(it, in, n, k);
            for (int i = 0; i < UMI_CHANNEL_BLOCK; i += UMI_KERNEL_LANES)
                take(it, scale, in, out, n + i, k, UMI_CHANNEL_QUAD, terms);
        }
        for (; k < orders; k++) take_one(it, scale, in, out, n, k);
    }
}

static void fill_order(int count, int k, const double *leaves, const double *rise, const double *fall, double *here,
                       double *below, double *above)
{
    for (int n = 0; n < count; n += UMI_KERNEL_LANES) {
        store(here + n, 1 - (load(leaves + n) + load(leaves + n + k)));
        store(below + n, load(rise + n) * load(rise + n + k));
        store(above + n, load(fall + n) * load(fall + n + k));
    }
    double *const rows[] = {here, below, above};
    for (int i = 0; i < 3; i++) memset(rows[i] + count, 0, UMI_CHANNEL_BLOCK * sizeof(double));
}

typedef int64_t places __attribute__((vector_size(UMI_KERNEL_LANES * sizeof(double)), may_alias));

#if UMI_KERNEL_LANES == 8
#define FROM(i) ((places){i, (i) + 1, (i) + 2, (i) + 3, (i) + 4, (i) + 5, (i) + 6, (i) + 7})
#elif UMI_KERNEL_LANES == 4
#define FROM(i) ((places){i, (i) + 1, (i) + 2, (i) + 3})
#else
#define FROM(i) ((places){i, (i) + 1})
#endif

/* The last row has only just been stored: neighbours are shuffled out of the same vectors, since a load
 * across two of them would have to wait until both have reached the cache. */
static void step(int count, const double *here, const double *below, const double *above, const double *at, double *next,
                 double weight, double *sum)
{
    lanes last = {0}, x = load(at);
    for (int n = 0; n < count; n += UMI_KERNEL_LANES) {
        const lanes ahead = load(at + n + UMI_KERNEL_LANES);
        const lanes down = __builtin_shuffle(last, x, FROM(UMI_KERNEL_LANES - 1)), up = __builtin_shuffle(x, ahead, FROM(1));
        const lanes value = load(here + n) * x + load(below + n) * down + load(above + n) * up;
        store(next + n, value);
        store(sum + n, load(sum + n) + weight * value);
        last = x;
        x = ahead;
    }
}

static void scale_orders(const double *scale, const umi_rows *in, const umi_rows *out)
{
    for (int k = out->from; k < out->orders; k++) {
        const double *x = in->base + k * in->stride;
        double *y = out->base + k * out->stride;
        for (int n = out->first; n < out->last - k; n += UMI_KERNEL_LANES) store(y + n, scale[k] * load(x + n));
    }
}

static inline lanes modulus(const double *x)
{
    typedef int64_t bits __attribute__((vector_size(UMI_KERNEL_LANES * sizeof(double)), may_alias));
    return (lanes)((bits)load(x) & INT64_MAX);
}

static void add_moduli(const double *at, ptrdiff_t step, int count, double *sum)
{
    enum { VECTORS = UMI_CHANNEL_BLOCK / UMI_KERNEL_LANES };
    lanes sums[VECTORS];
    for (int i = 0; i < VECTORS && count > 0; i++) sums[i] = modulus(at + i * UMI_KERNEL_LANES);
    for (int j = 1; j < count; j++)
        for (int i = 0; i < VECTORS; i++) sums[i] += 2 * modulus(at + j * step + i * UMI_KERNEL_LANES);
    for (int i = 0; i < VECTORS && count > 0; i++) store(sum + i * UMI_KERNEL_LANES, sums[i]);
}

extern const umi_channel_kernels UMI_NAME(umi_channel_kernels, UMI_KERNEL_PATH);
const umi_channel_kernels UMI_NAME(umi_channel_kernels, UMI_KERNEL_PATH) = {
    .name = UMI_PATH_TEXT(UMI_KERNEL_PATH),
    .sum = sum,
    .fill = fill_order,
    .step = step,
    .scale = scale_orders,
    .add_moduli = add_moduli,
};
