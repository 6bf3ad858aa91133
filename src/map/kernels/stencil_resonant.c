/* The kernels of resonant collisions with coherent atoms, compiled once per instruction set.
 *
 * As in stencil.c a block of lanes n, n+1, ... walks up the orders k. Neighbouring blocks walk together,
 * each UMI_KERNEL_LANES orders behind the one on its left: they are at the same columns m = n + k, whose
 * factors are loaded once for all of them. Every element is the result of the same operations in the
 * same order, whichever of the ways below leads to it: bits do not depend on the window. */
#include "map/kernels/fused.h"
#include "map/kernels/kernels.h"

/* 32 vector registers come with AVX-512 and on ARM. Of 16, factors of columns that stay in memory leave more to
 * those of rows. */
#if defined(__AVX512F__) || defined(__aarch64__)
enum { LANES = UMI_KERNEL_LANES, MANY_REGISTERS = true };
#else
enum { LANES = UMI_KERNEL_LANES, MANY_REGISTERS = false };
#endif

#define INLINE static inline __attribute__((always_inline))

#define LOAD(factors, name, n) load((factors)->of[UMI_RESONANT_##name] + (n))

/* Factors of a block's rows; X of the column before, Y and r of this one. */
typedef struct block {
    lanes a, b, c, d, e, f;
    lanes x, y, here;
} block;

typedef struct column {
    lanes a, b, c, d;
} column;

INLINE void load_rows(block *it, const umi_resonant_factors *factors, int n, bool mixed)
{
    it->a = LOAD(factors, a, n);
    it->b = LOAD(factors, b, n);
    it->c = LOAD(factors, c, n);
    it->d = LOAD(factors, d, n);
    if (!mixed) return;
    it->e = LOAD(factors, e, n);
    it->f = LOAD(factors, f, n);
}

INLINE column load_column(const umi_resonant_factors *factors, int m)
{
    column it = {LOAD(factors, a, m), LOAD(factors, b, m), LOAD(factors, c, m),
                 LOAD(factors, d, m)};
    if (!MANY_REGISTERS) return it;
    HOLD(it.a);
    HOLD(it.b);
    HOLD(it.c);
    HOLD(it.d);
    return it;
}

/* a r_{n,m} + b r_{n-1,m} and c r_{n,m} + d r_{n+1,m} */
INLINE lanes combine_left(const block *it, lanes here, lanes left) { return fused(it->b, left, it->a * here); }
INLINE lanes combine_right(const block *it, lanes here, lanes right)
{
    return fused(it->d, right, it->c * here);
}

/* The image at this column; the block moves on to the next. left: r_{n-1,m}, next: r_{n,m+1},
 * right: r_{n+1,m+1}. */
INLINE lanes step(block *it, const column *at, lanes left, lanes next, lanes right, bool mixed)
{
    const lanes x = combine_left(it, it->here, left), y = combine_right(it, next, right);
    lanes image = at->a * (mixed ? fused(it->e, it->here, x) : x);
    image = fused(at->b, it->x, image);
    image = fused(at->c, mixed ? fused(it->f, it->here, it->y) : it->y, image);
    image = fused(at->d, y, image);
    it->x = x;
    it->y = y;
    it->here = next;
    return image;
}

/* A walk whose first block begins at level n, with the orders from `order` on. Where it is: column m, and
 * there the first block's element of either plane. */
typedef struct walk {
    umi_resonant_factors factors; /* a copy: no store can be taken to change it */
    const double *from;
    double *to;
    ptrdiff_t from_stride, to_stride;
    int n, order, m;
    umi_fetch fetch;
    ptrdiff_t ahead; /* what is fetched, from an element on */
} walk;

/* Block number i starts when the walk is at its first column. */
INLINE void start(block *it, const walk *at, int i, double sign, bool mixed)
{
    const ptrdiff_t s = at->from_stride;
    const double *p = at->from + i * (LANES - LANES * s);
    load_rows(it, &at->factors, at->n + i * LANES, mixed);
    it->here = load(p);
    if (at->order > 0) {
        it->x = combine_left(it, load(p - s), load(p - 1));
        it->y = combine_right(it, it->here, load(p - s + 1));
        return;
    }
    /* r_{n,n-1} = +- r_{n-1,n} */
    it->x = combine_left(it, sign * load(p + s - 1), load(p - 1));
    it->y = combine_right(it, it->here, sign * load(p + s));
}

INLINE void step_block(block *it, const walk *at, const column *factors, int i, bool mixed)
{
    const ptrdiff_t s = at->from_stride;
    const double *p = at->from + i * (LANES - LANES * s);
    double *q = at->to + i * (LANES - LANES * at->to_stride);
    if (at->fetch != UMI_FETCH_NOTHING) __builtin_prefetch(p + at->ahead, 0, 2);
    if (at->fetch == UMI_FETCH_BOTH) __builtin_prefetch(q + UMI_FETCH_AHEAD * at->to_stride, 1, 2);
    store(q, step(it, factors, load(p + s - 1), load(p + s), load(p + 1), mixed));
}

/* The blocks first..last of a walk go on up to column `end`. */
INLINE void go(walk *at, block *one, block *two, block *three, int first, int last, int end, bool mixed)
{
    for (; at->m < end; at->m++) {
        const column here = load_column(&at->factors, at->m);
        if (first <= 0) step_block(one, at, &here, 0, mixed);
        if (first <= 1 && last >= 1) step_block(two, at, &here, 1, mixed);
        if (last >= 2) step_block(three, at, &here, 2, mixed);
        at->from += at->from_stride;
        at->to += at->to_stride;
    }
}

/* One, two or three blocks: of each the orders below `orders` with m < last. */
INLINE void walk_together(walk at, int count, int orders, int last, double sign, bool mixed)
{
    const int n = at.n, begin = n + at.order;
    block one, two, three;
    at.m = begin;
    start(&one, &at, 0, sign, mixed);
    if (count == 1) {
        go(&at, &one, &two, &three, 0, 0, umi_min(n + orders, last), mixed);
        return;
    }
    go(&at, &one, &two, &three, 0, 0, begin + LANES, mixed);
    start(&two, &at, 1, sign, mixed);
    if (count == 3) {
        go(&at, &one, &two, &three, 0, 1, begin + 2 * LANES, mixed);
        start(&three, &at, 2, sign, mixed);
        go(&at, &one, &two, &three, 0, 2, umi_min(n + orders, last), mixed);
        go(&at, &one, &two, &three, 1, 2, umi_min(n + LANES + orders, last), mixed);
        go(&at, &one, &two, &three, 2, 2, umi_min(n + 2 * LANES + orders, last), mixed);
    } else {
        go(&at, &one, &two, &three, 0, 1, umi_min(n + orders, last), mixed);
        go(&at, &one, &two, &three, 1, 1, umi_min(n + LANES + orders, last), mixed);
    }
}

INLINE const double *row(const umi_rows *rows, int k, const double *zero)
{
    return k < rows->orders ? rows->base + k * rows->stride : zero;
}

/* One order, from rows of which some are not stored. */
INLINE void fill_order(const umi_resonant_factors *factors, const umi_rows *in, const double *zero,
                       const umi_rows *out, int first, int k, bool mixed)
{
    const double *here = row(in, k, zero), *above = row(in, k + 1, zero);
    /* r_{n,m-1}, r_{n+1,m}; a state that has an order above has its diagonal filled by a walk. */
    const double *before = k > 0 ? row(in, k - 1, zero) : zero;
    for (int n = first; n < out->last - k; n += LANES) {
        block it;
        const column at = load_column(factors, n + k);
        load_rows(&it, factors, n, mixed);
        it.here = load(here + n);
        it.x = combine_left(&it, load(before + n), load(here + n - 1));
        it.y = combine_right(&it, it.here, load(before + n + 1));
        store(out->base + k * out->stride + n,
              step(&it, &at, load(above + n - 1), load(above + n), load(here + n + 1), mixed));
    }
}

INLINE void fill_window(const umi_resonant_factors *factors, const umi_rows *in, const double *zero,
                        double sign, const umi_rows *out, int together, bool mixed, umi_fetch fetch)
{
    /* Stored rows are aligned where n is a multiple of the lanes. */
    const int first = out->first / LANES * LANES;
    /* Orders whose step finds all that it reads stored. */
    const int order = out->from, inner = umi_min(in->orders - 1, out->orders);
    const int levels = inner > order ? umi_max(out->last - order - first, 0) : 0, width = together * LANES;
    /* What is left for blocks that walk alone is at most `width`. */
    const int wide = levels > 0 && inner - order >= width - LANES ? (levels - 1) / width : 0;
    const int walks = wide + (levels - wide * width + LANES - 1) / LANES;
    /* A block's own lines have come with those of the block that went before. */
    const ptrdiff_t ahead = UMI_FETCH_AHEAD * in->stride + (out->downwards ? -LANES : LANES);
    for (int i = 0; i < walks; i++) {
        const int number = out->downwards ? walks - 1 - i : i;
        const int n = first + umi_min(number, wide) * width + umi_max(number - wide, 0) * LANES;
        const walk at = {.factors = *factors, .n = n, .order = order, .fetch = fetch, .ahead = ahead,
                         .from = in->base + n + order * in->stride, .from_stride = in->stride,
                         .to = out->base + n + order * out->stride, .to_stride = out->stride};
        if (number < wide)
            walk_together(at, together, inner, out->last, sign, mixed);
        else
            walk_together(at, 1, inner, out->last, sign, mixed);
    }
    for (int k = umi_max(inner, order); k < out->orders; k++)
        fill_order(factors, in, zero, out, first, k, mixed);
}

/* With code of its own for each: what asks twice per block has no registers left for its answers. */
INLINE void fill_image(const umi_resonant_factors *factors, const umi_rows *in, const double *zero, double sign,
                       const umi_rows *out, int together, bool mixed)
{
    if (out->fetch == UMI_FETCH_NOTHING)
        fill_window(factors, in, zero, sign, out, together, mixed, UMI_FETCH_NOTHING);
    else if (out->fetch == UMI_FETCH_STATE)
        fill_window(factors, in, zero, sign, out, together, mixed, UMI_FETCH_STATE);
    else
        fill_window(factors, in, zero, sign, out, together, mixed, UMI_FETCH_BOTH);
}

/* As many blocks as there are registers for. */
static void pure(const umi_resonant_factors *factors, const umi_rows *in, const double *zero, double sign,
                 const umi_rows *out)
{
    fill_image(factors, in, zero, sign, out, MANY_REGISTERS ? 3 : 2, false);
}

static void mixed(const umi_resonant_factors *factors, const umi_rows *in, const double *zero, double sign,
                  const umi_rows *out)
{
    fill_image(factors, in, zero, sign, out, MANY_REGISTERS ? 2 : 1, true);
}

extern const umi_resonant_kernels UMI_NAME(umi_resonant_kernels, UMI_KERNEL_PATH);
const umi_resonant_kernels UMI_NAME(umi_resonant_kernels, UMI_KERNEL_PATH) = {.pure = pure, .mixed = mixed};
