/* Channels of short times, compiled once per instruction set; see channel.h. A row is walked through from where
 * quanta come, in blocks of four levels. What lies r levels off a block, r = 0..3, is shuffled out of it and the last
 * one, and serves the blocks that lie 0, 4, 8, ... levels further on: an element is complete when the walk gets there. */
#include "map/kernels/channel.h"

#include "linalg/kernels/lanes.h"

enum { FOUR = 4, AHEAD = UMI_CHANNEL_SHIFTS / FOUR, TOGETHER = 2 };

typedef double four __attribute__((vector_size(FOUR * sizeof(double)), may_alias));
typedef double four_unaligned __attribute__((vector_size(FOUR * sizeof(double)), aligned(8), may_alias));
typedef int64_t bits __attribute__((vector_size(FOUR * sizeof(double)), may_alias));

#define INLINE static inline __attribute__((always_inline))

/* Which product of a sum is fused with it must not depend on how many rows are walked through at once: it is spelt out,
 * and the file is compiled without contractions. */
INLINE four fused_four(four a, four b, four c)
{
#if defined(__FMA__)
    return _mm256_fmadd_pd(a, b, c);
#elif defined(__aarch64__)
    for (int i = 0; i < FOUR; i++) c[i] = __builtin_fma(a[i], b[i], c[i]);
    return c;
#else
    return a * b + c;
#endif
}

INLINE four get(const double *p) { return *(const four_unaligned *)p; }
INLINE void put(double *p, four x) { *(four_unaligned *)p = x; }

/* Elements r .. r + 3 of a followed by b; compilers make two instructions and a table of it. */
#if defined(__AVX512VL__)
#define ASIDE(a, b, r) ((four)_mm256_alignr_epi64((__m256i)(b), (__m256i)(a), r))
#else
#define ASIDE(a, b, r) __builtin_shuffle(a, b, (bits){r, (r) + 1, (r) + 2, (r) + 3})
#endif

/* What concerns one order; by level. */
typedef struct row {
    const double *x, *before, *after, *lost;
    double *y;
} row;

INLINE row get_row(const umi_channel_shift *it, const umi_rows *in, const umi_rows *out, int k)
{
    return (row){.x = in->base + k * in->stride,
                 .before = it->before + k,
                 .after = it->after + k,
                 .lost = it->lost[k % 2] + k / 2,
                 .y = out->base + k * out->stride};
}

/* Where the walk through an order is: the block here and the last one in units in which weights are powers, what the
 * blocks ahead have got so far, the sum of the one here. */
typedef struct walk {
    four here, last, ahead[AHEAD + 1], sum;
} walk;

/* Terms 4 j .. 4 j + 3 of one block, those that there are. */
INLINE four add_four(const four far[FOUR], int j, int terms, const four *power)
{
    four sum = j > 0 ? power[FOUR * j] * far[0] : power[1] * far[1];
    for (int r = j > 0 ? 1 : 2; r < FOUR && FOUR * j + r <= terms; r++) sum = fused_four(power[FOUR * j + r], far[r], sum);
    return sum;
}

/* The terms l > 0 of one order. What the last blocks brought is added last: no sum waits for another. */
INLINE void add_terms(walk *at, int direction, int terms, const four *power)
{
    const bool down = direction > 0;
    const four here = at->here, last = at->last;
    const four far[FOUR] = {here, down ? ASIDE(here, last, 1) : ASIDE(last, here, 3),
                            down ? ASIDE(here, last, 2) : ASIDE(last, here, 2),
                            down ? ASIDE(here, last, 3) : ASIDE(last, here, 1)};
    at->sum = at->ahead[0] + add_four(far, 0, terms, power);
    for (int j = 1; FOUR * j <= terms; j++)
        at->ahead[j - 1] = (FOUR * (j + 1) <= terms ? at->ahead[j] : (four){0}) + add_four(far, j, terms, power);
    at->last = here;
}

INLINE four scale_block(const umi_channel_shift *it, const row *of, four x, int n)
{
    return x * (get(it->before + n) * get(of->before + n));
}

INLINE void finish_block(const umi_channel_shift *it, const row *of, four x, int n, four sum)
{
    put(of->y + n, x + fused_four(get(of->lost + n), x, (get(it->after + n) * get(of->after + n)) * sum));
}

/* Of a block from n on that which the window holds. */
INLINE four get_inside(const double *x, int n, int first, int end)
{
    const bits place = {n, n + 1, n + 2, n + 3};
    return (four)((bits)get(x + n) & (place >= first) & (place < end));
}

/* Times `scale`, between zeros as umi_rows_seal has them: while the row is at hand. */
INLINE void close_row(double *y, int first, int end, const double *scale)
{
    for (int n = first; scale && n < end; n += FOUR) put(y + n, *scale * get(y + n));
    y[first - 2] = y[first - 1] = y[end] = y[end + 1] = 0;
}

/* Neighbouring orders together, which hides that rows are short. */
INLINE void do_rows(const umi_channel_shift *it, const double *scale, const umi_rows *in, const umi_rows *out, int k,
                    int rows, const four *power, int direction, int terms)
{
    const int low = umi_min(in->first, out->first) / FOUR * FOUR, high = umi_max(in->last, out->last) - k - 1;
    const int step = -direction * FOUR, count = (high - low) / FOUR + 1;
    int n = direction > 0 ? low + FOUR * (count - 1) : low;
    row of[TOGETHER];
    walk at[TOGETHER];
    four x[TOGETHER];
    for (int i = 0; i < rows; i++) {
        of[i] = get_row(it, in, out, k + i);
        x[i] = get_inside(of[i].x, n, in->first, in->last - k - i);
        at[i] = (walk){.here = scale_block(it, &of[i], x[i], n)};
    }
    for (int left = count; left > 0; left--, n += step)
        for (int i = 0; i < rows; i++) {
            const four next = get(of[i].x + n + step);
            add_terms(&at[i], direction, terms, power);
            at[i].here = scale_block(it, &of[i], next, n + step);
            finish_block(it, &of[i], x[i], n, at[i].sum);
            x[i] = next;
        }
    for (int i = 0; i < rows; i++) close_row(of[i].y, out->first, out->last - k - i, scale ? scale + k + i : NULL);
}

/* Orders that need as many terms; returns the next one. */
INLINE int do_orders(const umi_channel_shift *it, const double *scale, const umi_rows *in, const umi_rows *out, int k,
                     int direction, int terms)
{
    four power[UMI_CHANNEL_SHIFTS + 1];
    for (int l = 1; l <= terms; l++) power[l] = it->power[l] - (four){0};
    for (; k + 1 < out->orders && it->terms[k + 1] == terms; k += TOGETHER)
        do_rows(it, scale, in, out, k, TOGETHER, power, direction, terms);
    if (k < out->orders && it->terms[k] == terms) do_rows(it, scale, in, out, k++, 1, power, direction, terms);
    return k;
}

#define CASE(t) \
    case t: k = do_orders(it, scale, in, out, k, direction, t); break;

INLINE void do_all(const umi_channel_shift *it, const double *scale, const umi_rows *in, const umi_rows *out, int direction)
{
    for (int k = out->from; k < out->orders;)
        switch (it->terms[k]) {
            CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11)
            CASE(12) CASE(13) CASE(14) CASE(15) CASE(16)
            default: return;
        }
}

static void shift(const umi_channel_shift *it, const double *scale, const umi_rows *in, const umi_rows *out)
{
    if (it->direction > 0) do_all(it, scale, in, out, 1);
    else do_all(it, scale, in, out, -1);
}

extern umi_channel_shift_kernel *const UMI_NAME(umi_channel_shift_kernel, UMI_KERNEL_PATH);
umi_channel_shift_kernel *const UMI_NAME(umi_channel_shift_kernel, UMI_KERNEL_PATH) = shift;
