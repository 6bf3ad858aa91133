/* The stencil kernels, compiled once per instruction set (UMI_KERNEL_PATH, UMI_KERNEL_LANES).
 *
 * A block of lanes n, n+1, ... walks up the orders k: what is order k+1 now is order k next, so each
 * step loads three vectors of the state and four of column factors for twelve multiply-adds. */
#include "map/kernels/kernels.h"

#include "linalg/kernels/lanes.h"

#include <string.h>

static inline const double *row(const umi_rows *rows, int k, const double *zero)
{
    return rows->base && k >= 0 && k < rows->orders ? rows->base + k * rows->stride : zero;
}

#define LOAD_ROW_FACTOR(f, name, n) const lanes name = load((f)->of[UMI_FACTOR_##name] + (n))

static void stencil_real(const umi_factors *f, const umi_rows *in, const double *zero, double sign,
                         const umi_rows *out)
{
    const int from = out->from;
    for (int n = out->first / UMI_KERNEL_LANES * UMI_KERNEL_LANES; n < out->last - from; n += UMI_KERNEL_LANES) {
        LOAD_ROW_FACTOR(f, ga, n);
        LOAD_ROW_FACTOR(f, gb, n);
        LOAD_ROW_FACTOR(f, pa, n);
        LOAD_ROW_FACTOR(f, pb, n);
        LOAD_ROW_FACTOR(f, ea, n);
        LOAD_ROW_FACTOR(f, eb, n);
        LOAD_ROW_FACTOR(f, da, n);
        LOAD_ROW_FACTOR(f, db, n);
        const double *below = row(in, from - 1, zero) + n, *same = row(in, from, zero) + n;
        const double *above = row(in, from + 1, zero) + n;
        lanes same_left = load(same - 1), same_here = load(same), same_right = load(same + 1);
        lanes above_left = load(above - 1), above_here = load(above);
        /* r_{n,n-1} = +- r_{n-1,n} */
        lanes below_here = sign * above_left, below_right = sign * above_here;
        if (from > 0) {
            below_here = load(below);
            below_right = load(below + 1);
        }
        const int orders = umi_min(out->orders, out->last - n);
        for (int k = from; k < orders; k++) {
            lanes value = load(f->of[UMI_FACTOR_G] + n + k) * (ga * same_here + gb * above_left);
            value += load(f->of[UMI_FACTOR_P] + n + k) * (pa * below_here + pb * same_left);
            value += load(f->of[UMI_FACTOR_E] + n + k) * (ea * same_here + eb * below_right);
            value += load(f->of[UMI_FACTOR_D] + n + k) * (da * above_here + db * same_right);
            store(out->base + k * out->stride + n, value);
            below_here = same_here;
            below_right = same_right;
            same_left = above_left;
            same_here = above_here;
            same_right = load(above + 1);
            above = row(in, k + 2, zero) + n;
            above_left = load(above - 1);
            above_here = load(above);
        }
    }
}

typedef struct pair {
    lanes re, im;
} pair;

static inline pair load_pair(const double *re, const double *im)
{
    return (pair){load(re), load(im)};
}

/* a x + b y */
static inline pair combine(pair a, pair x, pair b, pair y)
{
    return (pair){a.re * x.re - a.im * x.im + b.re * y.re - b.im * y.im,
                  a.re * x.im + a.im * x.re + b.re * y.im + b.im * y.re};
}

/* value += conj(c) x */
static inline pair add_conjugate(pair value, pair c, pair x)
{
    return (pair){value.re + c.re * x.re + c.im * x.im, value.im + c.re * x.im - c.im * x.re};
}

#define FACTOR_PAIR(f, name, n) \
    load_pair((f)[0].of[UMI_FACTOR_##name] + (n), (f)[1].of[UMI_FACTOR_##name] + (n))

static void stencil_complex(const umi_factors f[2], const umi_rows in[2], const double *zero,
                            const umi_rows out[2])
{
    const int from = out->from;
    for (int n = out->first / UMI_KERNEL_LANES * UMI_KERNEL_LANES; n < out->last - from; n += UMI_KERNEL_LANES) {
        const pair ga = FACTOR_PAIR(f, ga, n), gb = FACTOR_PAIR(f, gb, n);
        const pair pa = FACTOR_PAIR(f, pa, n), pb = FACTOR_PAIR(f, pb, n);
        const pair ea = FACTOR_PAIR(f, ea, n), eb = FACTOR_PAIR(f, eb, n);
        const pair da = FACTOR_PAIR(f, da, n), db = FACTOR_PAIR(f, db, n);
        const double *re = row(in, from, zero) + n, *im = row(in + 1, from, zero) + n;
        pair same_left = load_pair(re - 1, im - 1), same_here = load_pair(re, im);
        pair same_right = load_pair(re + 1, im + 1);
        re = row(in, from + 1, zero) + n;
        im = row(in + 1, from + 1, zero) + n;
        pair above_left = load_pair(re - 1, im - 1), above_here = load_pair(re, im);
        pair below_here = {above_left.re, -above_left.im};
        pair below_right = {above_here.re, -above_here.im};
        if (from > 0) {
            const double *x = row(in, from - 1, zero) + n, *y = row(in + 1, from - 1, zero) + n;
            below_here = load_pair(x, y);
            below_right = load_pair(x + 1, y + 1);
        }
        const int orders = umi_min(out->orders, out->last - n);
        for (int k = from; k < orders; k++) {
            const int m = n + k;
            pair value = {0};
            value = add_conjugate(value, FACTOR_PAIR(f, G, m), combine(ga, same_here, gb, above_left));
            value = add_conjugate(value, FACTOR_PAIR(f, P, m), combine(pa, below_here, pb, same_left));
            value = add_conjugate(value, FACTOR_PAIR(f, E, m), combine(ea, same_here, eb, below_right));
            value = add_conjugate(value, FACTOR_PAIR(f, D, m), combine(da, above_here, db, same_right));
            store(out[0].base + k * out->stride + n, value.re);
            store(out[1].base + k * out->stride + n, value.im);
            below_here = same_here;
            below_right = same_right;
            same_left = above_left;
            same_here = above_here;
            same_right = load_pair(re + 1, im + 1);
            re = row(in, k + 2, zero) + n;
            im = row(in + 1, k + 2, zero) + n;
            above_left = load_pair(re - 1, im - 1);
            above_here = load_pair(re, im);
        }
    }
}

/* Twice the working precision: the books add up a million of these, each nearly zero. */
#if defined(__FMA__) || defined(__aarch64__)
enum { CHAINS = 8 };

typedef struct chains {
    double sum[CHAINS], low[CHAINS];
} chains;

/* sum[j] + low[j] += (a[j] + rest[j]) b[j] */
static inline void accumulate(const double *a, const double *rest, const double *b, chains *restrict to)
{
    for (int j = 0; j < CHAINS; j++) {
        double product = a[j] * b[j], error = __builtin_fma(a[j], b[j], -product);
        double total = to->sum[j] + product, part = total - to->sum[j];
        if (rest) error = __builtin_fma(rest[j], b[j], error);
        to->low[j] += error + ((to->sum[j] - (total - part)) + (product - part));
        to->sum[j] = total;
    }
}

static inline void add_product(const umi_product *it, chains *to)
{
    double last[3][CHAINS] = {{0}};
    int whole = it->count - it->count % CHAINS;
    size_t left = sizeof(double) * (size_t)(it->count - whole);
    if (it->rest) {
        for (int i = 0; i < whole; i += CHAINS) accumulate(it->a + i, it->rest + i, it->b + i, to);
        memcpy(last[1], it->rest + whole, left);
    } else {
        for (int i = 0; i < whole; i += CHAINS) accumulate(it->a + i, NULL, it->b + i, to);
    }
    memcpy(last[0], it->a + whole, left);
    memcpy(last[2], it->b + whole, left);
    accumulate(last[0], last[1], last[2], to);
}

static double add_products(int count, const umi_product *products)
{
    chains of = {{0}, {0}};
    for (int i = 0; i < count; i++) add_product(&products[i], &of);
    umi_sum all = {0};
    for (int j = 0; j < CHAINS; j++) {
        umi_sum_add(&all, of.sum[j]);
        all.compensation += of.low[j];
    }
    return umi_sum_get(&all);
}
#else
static double add_products(int count, const umi_product *products)
{
    long double sum[4] = {0};
    for (const umi_product *it = products; it < products + count; it++)
        for (int i = 0; i < it->count; i++)
            sum[i & 3] += ((long double)it->a[i] + (it->rest ? it->rest[i] : 0)) * it->b[i];
    return (double)((sum[0] + sum[1]) + (sum[2] + sum[3]));
}
#endif

static double dot(int count, const double *a, const double *b)
{
    return add_products(1, &(umi_product){.count = count, .a = a, .b = b});
}

extern const umi_resonant_kernels UMI_NAME(umi_resonant_kernels, UMI_KERNEL_PATH);
extern const umi_detuned_kernels UMI_NAME(umi_detuned_kernels, UMI_KERNEL_PATH);
extern const umi_kernels UMI_NAME(umi_kernels, UMI_KERNEL_PATH);
const umi_kernels UMI_NAME(umi_kernels, UMI_KERNEL_PATH) = {
    .name = UMI_PATH_TEXT(UMI_KERNEL_PATH),
    .stencil_real = stencil_real,
    .stencil_complex = stencil_complex,
    .resonant = &UMI_NAME(umi_resonant_kernels, UMI_KERNEL_PATH),
    .detuned = &UMI_NAME(umi_detuned_kernels, UMI_KERNEL_PATH),
    .dot = dot,
    .add_products = add_products,
};
