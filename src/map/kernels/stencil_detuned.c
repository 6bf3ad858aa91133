/* The kernels of detuned collisions with coherent atoms, compiled once per instruction set.
 *
 * The way of stencil_resonant.c with complex factors and both planes: a block of lanes n, n+1, ... walks
 * up the orders k. Bits of an element do not depend on the window. */
#include "map/kernels/fused.h"
#include "map/kernels/kernels.h"

enum { LANES = UMI_KERNEL_LANES };

#define INLINE static inline __attribute__((always_inline))

typedef struct pair {
    lanes re, im;
} pair;

/* Which of the kernels: steps have phases, atoms are mixed; what is fetched. */
typedef struct kind {
    bool turned, mixed;
    umi_fetch fetch;
} kind;

INLINE pair times(pair a, pair x)
{
    return (pair){fused_minus(a.im, x.im, a.re * x.re), fused(a.im, x.re, a.re * x.im)};
}

/* sum + a x; a is real unless steps have phases. */
INLINE pair add_step(pair sum, pair a, pair x, kind of)
{
    sum = (pair){fused(a.re, x.re, sum.re), fused(a.re, x.im, sum.im)};
    if (!of.turned) return sum;
    return (pair){fused_minus(a.im, x.im, sum.re), fused(a.im, x.re, sum.im)};
}

INLINE pair conjugate_times(pair a, pair x)
{
    return (pair){fused(a.im, x.im, a.re * x.re), fused_minus(a.im, x.re, a.re * x.im)};
}

INLINE pair add_conjugate(pair sum, pair a, pair x)
{
    return (pair){fused(a.im, x.im, fused(a.re, x.re, sum.re)),
                  fused_minus(a.im, x.re, fused(a.re, x.im, sum.im))};
}

INLINE pair add_conjugate_step(pair sum, pair a, pair x, kind of)
{
    if (of.turned) return add_conjugate(sum, a, x);
    return (pair){fused(a.re, x.re, sum.re), fused(a.re, x.im, sum.im)};
}

/* x + factor y */
INLINE pair add_part(pair x, lanes factor, pair y)
{
    return (pair){fused(factor, y.re, x.re), fused(factor, y.im, x.im)};
}

/* Factors of the rows or of the columns of a block. */
typedef struct factors {
    pair a, b, c, d;
    lanes e, f;
} factors;

#define LOAD(tables, name, n) load((tables)->of[UMI_DETUNED_##name] + (n))

INLINE factors load_factors(const umi_detuned_factors *tables, int n, kind of)
{
    factors it = {.a = {LOAD(tables, a_re, n), LOAD(tables, a_im, n)},
                  .c = {LOAD(tables, c_re, n), LOAD(tables, c_im, n)}};
    it.b.re = LOAD(tables, b_re, n);
    it.d.re = LOAD(tables, d_re, n);
    if (!of.turned) return it;
    it.b.im = LOAD(tables, b_im, n);
    it.d.im = LOAD(tables, d_im, n);
    return it;
}

/* Factors of a block's rows; X of the column before, of this one r and Y, and the part of Y that is c r. */
typedef struct block {
    factors row;
    pair x, y, part, here;
} block;

INLINE block load_block(const umi_detuned_factors *tables, int n, kind of)
{
    block it = {.row = load_factors(tables, n, of)};
    if (of.mixed) {
        it.row.e = LOAD(tables, e, n);
        it.row.f = LOAD(tables, f, n);
    }
    return it;
}

/* The image at this column; the block moves on to the next. left: r_{n-1,m}, next: r_{n,m+1},
 * right: r_{n+1,m+1}. */
INLINE pair step(block *it, const factors *at, pair left, pair next, pair right, kind of)
{
    const factors *row = &it->row;
    const pair stays = times(row->a, it->here), part = times(row->c, next);
    const pair x = add_step(stays, row->b, left, of), y = add_step(part, row->d, right, of);
    pair image = conjugate_times(at->a, of.mixed ? add_part(x, row->e, stays) : x);
    image = add_conjugate_step(image, at->b, it->x, of);
    image = add_conjugate(image, at->c, of.mixed ? add_part(it->y, row->f, it->part) : it->y);
    image = add_conjugate_step(image, at->d, y, of);
    it->x = x;
    it->y = y;
    it->part = part;
    it->here = next;
    return image;
}

/* What stands before a block's first column: here: r_{n,m}, left: r_{n-1,m-1}, before: r_{n,m-1}, below:
 * r_{n+1,m}. */
INLINE void begin(block *it, pair here, pair left, pair before, pair below, kind of)
{
    it->here = here;
    it->x = add_step(times(it->row.a, before), it->row.b, left, of);
    it->part = times(it->row.c, here);
    it->y = add_step(it->part, it->row.d, below, of);
}

/* An element of both planes, and what is next to it; the real and the imaginary plane may have different
 * strides: one that is not stored is a row of zeros. */
typedef struct place {
    const double *re, *im;
    ptrdiff_t re_stride, im_stride;
} place;

INLINE pair load_pair(const double *re, const double *im) { return (pair){load(re), load(im)}; }

/* k orders and n levels further. */
INLINE pair load_at(const place *p, int k, int n)
{
    return load_pair(p->re + k * p->re_stride + n, p->im + k * p->im_stride + n);
}

/* A block from level n on: the orders order..orders-1 with m < last. `from` and `to`: r_{n,n+order}, its image; `side`: the
 * lines there are fetched, the block's own came with those of the block that went before. */
INLINE void walk(const umi_detuned_factors *tables, place from, double *to[2], ptrdiff_t to_stride, int n,
                 int order, int orders, int last, int side, kind of)
{
    block it = load_block(tables, n, of);
    /* r_{n+1,n} is the conjugate of r_{n,n+1}. */
    const int mirror = order > 0 ? 1 : -1;
    const pair before = order > 0 ? load_at(&from, -1, 0) : load_at(&from, 1, -1);
    const pair below = order > 0 ? load_at(&from, -1, 1) : load_at(&from, 1, 0);
    begin(&it, load_at(&from, 0, 0), load_at(&from, 0, -1), (pair){before.re, mirror * before.im},
          (pair){below.re, mirror * below.im}, of);
    double *re = to[0], *im = to[1];
    for (int m = n + order; m < umi_min(n + orders, last); m++) {
        const factors column = load_factors(tables, m, of);
        const pair image = step(&it, &column, load_at(&from, 1, -1), load_at(&from, 1, 0), load_at(&from, 0, 1), of);
        store(re, image.re);
        store(im, image.im);
        if (of.fetch != UMI_FETCH_NOTHING) {
            __builtin_prefetch(from.re + UMI_FETCH_AHEAD * from.re_stride + side, 0, 2);
            __builtin_prefetch(from.im + UMI_FETCH_AHEAD * from.im_stride + side, 0, 2);
        }
        if (of.fetch == UMI_FETCH_BOTH) {
            __builtin_prefetch(re + UMI_FETCH_AHEAD * to_stride, 1, 2);
            __builtin_prefetch(im + UMI_FETCH_AHEAD * to_stride, 1, 2);
        }
        from.re += from.re_stride;
        from.im += from.im_stride;
        re += to_stride;
        im += to_stride;
    }
}

INLINE const double *row(const umi_rows *rows, int k, const double *zero)
{
    return rows->base && k >= 0 && k < rows->orders ? rows->base + k * rows->stride : zero;
}

INLINE pair load_row(const umi_rows in[2], int k, int n, const double *zero)
{
    return load_pair(row(&in[0], k, zero) + n, row(&in[1], k, zero) + n);
}

/* One order, from rows of which some are not stored. */
INLINE void fill_order(const umi_detuned_factors *tables, const umi_rows in[2], const double *zero,
                       const umi_rows out[2], int first, int k, kind of)
{
    for (int n = first; n < out->last - k; n += LANES) {
        const factors column = load_factors(tables, n + k, of);
        block it = load_block(tables, n, of);
        /* A state that has an order above has its diagonal filled by a walk. */
        begin(&it, load_row(in, k, n, zero), load_row(in, k, n - 1, zero), load_row(in, k - 1, n, zero),
              load_row(in, k - 1, n + 1, zero), of);
        const pair image = step(&it, &column, load_row(in, k + 1, n - 1, zero), load_row(in, k + 1, n, zero),
                                load_row(in, k, n + 1, zero), of);
        store(out[0].base + k * out[0].stride + n, image.re);
        store(out[1].base + k * out[1].stride + n, image.im);
    }
}

INLINE void fill_window(const umi_detuned_factors *tables, const umi_rows in[2], const double *zero,
                        const umi_rows out[2], kind of)
{
    const int first = out->first / LANES * LANES;
    /* Orders whose step finds all that it reads stored. */
    const int order = out->from, inner = umi_min(in->orders - 1, out->orders);
    const bool real = !in[1].base;
    const int walks = inner > order ? (umi_max(out->last - order - first, 0) + LANES - 1) / LANES : 0;
    for (int i = 0; i < walks; i++) {
        const int n = first + (out->downwards ? walks - 1 - i : i) * LANES;
        const ptrdiff_t source = order * in->stride + n, target = order * out->stride + n;
        const place from = {.re = in[0].base + source, .re_stride = in->stride,
                            .im = real ? zero + n : in[1].base + source, .im_stride = real ? 0 : in->stride};
        walk(tables, from, (double *[]){out[0].base + target, out[1].base + target}, out->stride, n, order, inner,
             out->last, out->downwards ? -LANES : LANES, of);
    }
    for (int k = umi_max(inner, order); k < out->orders; k++) fill_order(tables, in, zero, out, first, k, of);
}

#define KERNEL(name, ...) \
    static void name(const umi_detuned_factors *tables, const umi_rows in[2], const double *zero, \
                     const umi_rows out[2]) \
    { \
        if (out->fetch == UMI_FETCH_NOTHING) \
            fill_window(tables, in, zero, out, (kind){__VA_ARGS__, UMI_FETCH_NOTHING}); \
        else if (out->fetch == UMI_FETCH_STATE) \
            fill_window(tables, in, zero, out, (kind){__VA_ARGS__, UMI_FETCH_STATE}); \
        else \
            fill_window(tables, in, zero, out, (kind){__VA_ARGS__, UMI_FETCH_BOTH}); \
    }
KERNEL(pure, false, false)
KERNEL(mixed, false, true)
KERNEL(turned_pure, true, false)
KERNEL(turned_mixed, true, true)

extern const umi_detuned_kernels UMI_NAME(umi_detuned_kernels, UMI_KERNEL_PATH);
const umi_detuned_kernels UMI_NAME(umi_detuned_kernels, UMI_KERNEL_PATH) = {
    .of = {{pure, mixed}, {turned_pure, turned_mixed}}};
