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

/* Elements 2, 3 of a and 0, 1 of b; 1 and 3 of a between 0 and 2 of b. Compilers make two instructions and a table
 * of each. */
#if defined(__AVX512VL__)
#define HALVES(a, b) ((four)_mm256_alignr_epi64((__m256i)(b), (__m256i)(a), 2))
#elif defined(__AVX__)
#define HALVES(a, b) ((four)_mm256_permute2f128_pd(a, b, 0x21))
#else
#define HALVES(a, b) __builtin_shuffle(a, b, (bits){2, 3, 4, 5})
#endif
#if defined(__AVX__)
#define ODD_EVEN(a, b) ((four)_mm256_shuffle_pd(a, b, 5))
#else
#define ODD_EVEN(a, b) __builtin_shuffle(a, b, (bits){1, 4, 3, 6})
#endif

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
    const four low = down ? at->here : at->last, high = down ? at->last : at->here;
    const four two = HALVES(low, high), up = ODD_EVEN(low, two), below = ODD_EVEN(two, high);
    const four far[FOUR] = {at->here, down ? up : below, two, down ? below : up};
    at->sum = at->ahead[0] + add_four(far, 0, terms, power);
    for (int j = 1; FOUR * j <= terms; j++) {
        four sum = add_four(far, j, terms, power);
        if (FOUR * (j + 1) <= terms) sum = at->ahead[j] + sum;
        at->ahead[j - 1] = sum;
    }
    at->last = at->here;
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

/* Neighbouring orders together, which hides that rows are short. Of tables, theirs lie one level apart: with a pointer for
 * both, all pointers fit into registers. */
INLINE void do_rows(const umi_channel_shift *it, const double *scale, const umi_rows *in, const umi_rows *out, int k,
                    int rows, const four *power, int direction, int terms)
{
    const int low = umi_min(in->first, out->first) / FOUR * FOUR, high = umi_max(in->last, out->last) - k - 1;
    const int step = -direction * FOUR, count = (high - low) / FOUR + 1;
    ptrdiff_t n = direction > 0 ? low + FOUR * (count - 1) : low;
    const double *before = it->before, *before_m = before + k, *after = it->after, *after_m = after + k;
    const double *from[TOGETHER], *lost[TOGETHER];
    double *to[TOGETHER];
    walk at[TOGETHER];
    four x[TOGETHER];
    for (int i = 0; i < rows; i++) {
        from[i] = in->base + (k + i) * in->stride;
        to[i] = out->base + (k + i) * out->stride;
        lost[i] = it->lost[(k + i) % 2] + (k + i) / 2;
        x[i] = get_inside(from[i], (int)n, in->first, in->last - k - i);
        at[i] = (walk){.here = x[i] * (get(before + n) * get(before_m + n + i))};
    }
    for (int left = count; left > 0; left--, n += step)
        for (int i = 0; i < rows; i++) {
            const four next = get(from[i] + n + step);
            add_terms(&at[i], direction, terms, power);
            at[i].here = next * (get(before + n + step) * get(before_m + n + step + i));
            const four gained = (get(after + n) * get(after_m + n + i)) * at[i].sum;
            put(to[i] + n, x[i] + fused_four(get(lost[i] + n), x[i], gained));
            x[i] = next;
        }
    for (int i = 0; i < rows; i++) close_row(to[i], out->first, out->last - k - i, scale ? scale + k + i : NULL);
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
