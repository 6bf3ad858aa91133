/* Channels of short times, compiled once per instruction set; see channel.h. Rows are taken one block of eight
 * levels after another: each block is loaded once, and what lies l levels off is shuffled out of two of them.
 * With other widths than eight this would be slower than tables of weights. */
#include "map/kernels/channel.h"

#define NAME_(name, path) name##_##path
#define NAME(name, path) NAME_(name, path)

extern umi_channel_shift_kernel *const NAME(umi_channel_shift_kernel, UMI_KERNEL_PATH);

#if UMI_KERNEL_LANES == 8

typedef double lanes __attribute__((vector_size(64), may_alias));
typedef double lanes_unaligned __attribute__((vector_size(64), aligned(8), may_alias));
typedef long long mask __attribute__((vector_size(64)));

#define INLINE static inline __attribute__((always_inline))

INLINE lanes load(const double *p) { return *(const lanes_unaligned *)p; }

/* Elements l .. l + 7 of a followed by b. */
#define ASIDE(a, b, l) \
    __builtin_shuffle(a, b, (mask){l, (l) + 1, (l) + 2, (l) + 3, (l) + 4, (l) + 5, (l) + 6, (l) + 7})
/* What lies l levels off, l = 0..16. */
#define UP(l) ((l) < 8 ? ASIDE(block[0], block[1], (l) % 8) : ASIDE(block[1], block[2], (l) % 8))
#define DOWN(l) ((l) < 8 ? ASIDE(block[1], block[0], 8 - (l) % 8) : ASIDE(block[2], block[1], 8 - (l) % 8))
#define TERMS(l, aside) \
    if (terms >= l) { \
        const lanes far = aside(l); \
        even += power[l] * far; \
        if (terms > l) odd += power[l + 1] * far; \
    }
#define ALL_TERMS(aside) \
    TERMS(2, aside) TERMS(4, aside) TERMS(6, aside) TERMS(8, aside) \
    TERMS(10, aside) TERMS(12, aside) TERMS(14, aside) TERMS(16, aside)

/* power_l times the block l levels off, summed over l = 1..terms. All odd l are moved by one together:
 * odd[0] is their sum before that, odd[1] the one of the block before. */
INLINE lanes add_terms(const lanes block[3], lanes odds[2], const lanes *power, int direction, int terms)
{
    lanes even = {0}, odd = power[1] * block[0];
    if (direction > 0) {
        ALL_TERMS(UP)
    } else {
        ALL_TERMS(DOWN)
    }
    odds[0] = odd;
    return even + (direction > 0 ? ASIDE(odd, odds[1], 1) : ASIDE(odds[1], odd, 7));
}

INLINE void do_row(const umi_channel_shift *it, const lanes *power, const umi_rows *in, const umi_rows *out, int k,
                   int direction, int terms)
{
    enum { BLOCK = UMI_CHANNEL_BLOCK };
    const double *x = in->base + k * in->stride, *before = it->before, *after = it->after;
    const double *decay = it->decay, *jumps = it->jump;
    double *y = out->base + k * out->stride;
    const int low = (direction > 0 ? out->first : in->first) / BLOCK * BLOCK;
    const int high = ((direction > 0 ? in->last : out->last) - k - 1) / BLOCK * BLOCK;
    lanes block[3] = {{0}, {0}, {0}}, odds[2] = {{0}, {0}};
    for (int n = direction > 0 ? high : low; n >= low && n <= high; n -= direction * BLOCK) {
        const int m = n + k, from = direction > 0 ? n : n < BLOCK ? 0 : n - BLOCK;
        const double jump = jumps[from] * jumps[from + k];
        block[2] = jump * block[1];
        block[1] = jump * block[0];
        odds[1] = jump * odds[0];
        const lanes here = load(x + n);
        block[0] = here * (load(before + n * BLOCK) * load(before + m * BLOCK));
        const lanes a = load(decay + n), b = load(decay + m), gone = a * b + a + b;
        const lanes weight = load(after + n * BLOCK) * load(after + m * BLOCK);
        *(lanes_unaligned *)(y + n) = here + (gone * here + weight * add_terms(block, odds, power, direction, terms));
    }
}

/* Rows that need as many terms; returns the next one. */
INLINE int do_rows(const umi_channel_shift *it, const umi_rows *in, const umi_rows *out, int k, int direction,
                   int terms)
{
    lanes power[UMI_CHANNEL_SHIFTS + 1];
    for (int l = 1; l <= terms; l++) power[l] = it->power[l] - (lanes){0};
    do do_row(it, power, in, out, k++, direction, terms);
    while (k < out->orders && it->terms[k] == terms);
    return k;
}

#define CASE(t) \
    case t: k = do_rows(it, in, out, k, direction, t); break;

INLINE void do_all(const umi_channel_shift *it, const umi_rows *in, const umi_rows *out, int direction)
{
    for (int k = 0; k < out->orders;)
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

umi_channel_shift_kernel *const NAME(umi_channel_shift_kernel, UMI_KERNEL_PATH) = shift;

#else

umi_channel_shift_kernel *const NAME(umi_channel_shift_kernel, UMI_KERNEL_PATH) = 0;

#endif
