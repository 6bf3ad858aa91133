/* Channels of short times, compiled once per instruction set; see channel.h. What lies r levels off a block of four,
 * r = 0..3, is shuffled out of two blocks once, and serves the blocks r, r + 4, r + 8, ... levels away from it. */
#include "map/kernels/channel.h"

#include "linalg/kernels/lanes.h"

enum { FOUR = 4, MOST = UMI_CHANNEL_SHIFTS / FOUR + 1 };

typedef double four __attribute__((vector_size(FOUR * sizeof(double)), may_alias));
typedef double four_unaligned __attribute__((vector_size(FOUR * sizeof(double)), aligned(8), may_alias));
typedef int64_t mask __attribute__((vector_size(FOUR * sizeof(double))));

#define INLINE static inline __attribute__((always_inline))

INLINE four get(const double *p) { return *(const four_unaligned *)p; }
INLINE void put(double *p, four x) { *(four_unaligned *)p = x; }

/* Elements r .. r + 3 of a followed by b. */
#define ASIDE(a, b, r) __builtin_shuffle(a, b, (mask){r, (r) + 1, (r) + 2, (r) + 3})

/* sums[i] is that of the block FOUR i levels before `here`, complete when `blocks` blocks have served it. */
INLINE void add_terms(four here, four further, int direction, int terms, const four *power, int blocks, four sums[MOST])
{
    const bool up = direction > 0;
    const four far[FOUR] = {here, up ? ASIDE(here, further, 1) : ASIDE(further, here, 3),
                            up ? ASIDE(here, further, 2) : ASIDE(further, here, 2),
                            up ? ASIDE(here, further, 3) : ASIDE(further, here, 1)};
    for (int i = blocks - 1; i > 0; i--) sums[i] = sums[i - 1];
    sums[0] = (four){0};
    for (int r = 0; r < FOUR; r++)
        for (int i = 0; i < blocks; i++) {
            const int l = r + FOUR * i;
            if (l > 0 && l <= terms) sums[i] += power[l] * far[r];
        }
}

/* What concerns one order; by level. */
typedef struct row {
    const double *x, *before[2], *after[2], *lost;
    double *y;
} row;

INLINE row get_row(const umi_channel_shift *it, const umi_rows *in, const umi_rows *out, int k)
{
    return (row){.x = in->base + k * in->stride,
                 .before = {it->before, it->before + k},
                 .after = {it->after, it->after + k},
                 .lost = it->lost[k % 2] + k / 2,
                 .y = out->base + k * out->stride};
}

/* In units in which the weights are powers. */
INLINE four scale(const row *it, int n) { return get(it->x + n) * (get(it->before[0] + n) * get(it->before[1] + n)); }

INLINE void finish(const row *it, int n, four sum)
{
    const four x = get(it->x + n), weight = get(it->after[0] + n) * get(it->after[1] + n);
    put(it->y + n, x + (get(it->lost + n) * x + weight * sum));
}

/* Two orders at a time, which hides that rows are short. */
INLINE void do_pair(row one, row two, bool both, const four *power, int low, int last, int direction, int terms)
{
    const int blocks = terms / FOUR + 1, count = (last - low) / FOUR + 1, step = direction * FOUR;
    int n = direction > 0 ? low : last;
    four sums[MOST] = {{0}}, more[MOST] = {{0}}, here = scale(&one, n), next = both ? scale(&two, n) : (four){0};
    for (int done = 1; done < count + blocks; done++, n += step) {
        const four further = done < count ? scale(&one, n + step) : (four){0};
        const four beyond = both && done < count ? scale(&two, n + step) : (four){0};
        add_terms(here, further, direction, terms, power, blocks, sums);
        if (both) add_terms(next, beyond, direction, terms, power, blocks, more);
        here = further;
        next = beyond;
        if (done < blocks) continue;
        finish(&one, n - step * (blocks - 1), sums[blocks - 1]);
        if (both) finish(&two, n - step * (blocks - 1), more[blocks - 1]);
    }
}

/* Orders that need as many terms, and perhaps one that needs fewer; returns the next one. */
INLINE int do_rows(const umi_channel_shift *it, const umi_rows *in, const umi_rows *out, int k, int direction,
                   int terms)
{
    const int low = umi_min(in->first, out->first) / FOUR * FOUR, end = umi_max(in->last, out->last);
    four power[UMI_CHANNEL_SHIFTS + 1];
    for (int l = 1; l <= terms; l++) power[l] = it->power[l] - (four){0};
    for (; k + 1 < out->orders && it->terms[k] == terms; k += 2)
        do_pair(get_row(it, in, out, k), get_row(it, in, out, k + 1), true, power, low, (end - k - 1) / FOUR * FOUR,
                direction, terms);
    if (k + 1 == out->orders && it->terms[k] == terms) {
        row last = get_row(it, in, out, k);
        do_pair(last, last, false, power, low, (end - k - 1) / FOUR * FOUR, direction, terms);
        k++;
    }
    return k;
}

#define CASE(t) \
    case t: k = do_rows(it, in, out, k, direction, t); break;

INLINE void do_all(const umi_channel_shift *it, const umi_rows *in, const umi_rows *out, int direction)
{
    for (int k = out->from; k < out->orders;)
        switch (it->terms[k]) {
            CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11)
            CASE(12) CASE(13) CASE(14) CASE(15) CASE(16)
            default: return;
        }
}

static void shift(const umi_channel_shift *it, const umi_rows *in, const umi_rows *out)
{
    if (it->direction > 0) do_all(it, in, out, 1);
    else do_all(it, in, out, -1);
}

extern umi_channel_shift_kernel *const UMI_NAME(umi_channel_shift_kernel, UMI_KERNEL_PATH);
umi_channel_shift_kernel *const UMI_NAME(umi_channel_shift_kernel, UMI_KERNEL_PATH) = shift;
