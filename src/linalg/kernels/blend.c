/* Compiled once per instruction set. */
#include "linalg/kernels/linalg_kernels.h"

#include "linalg/kernels/lanes.h"

static inline void blend_lanes(const lanes x[UMI_BLENDED], const double *factor, lanes *sum,
                               lanes *rest)
{
    lanes part = x[0] * factor[0];
    for (int i = 1; i < UMI_BLENDED; i++) part += x[i] * factor[i];
    lanes total = *sum + part, added = total - *sum;
    *rest += (*sum - (total - added)) + (part - added);
    *sum = total;
}

static void blend(size_t size, const double *const x[UMI_BLENDED],
                  const double factor[UMI_BLENDED], double *sum, double *rest)
{
    size_t at = 0;
    for (; at + UMI_KERNEL_LANES <= size; at += UMI_KERNEL_LANES) {
        lanes of[UMI_BLENDED], total = load(sum + at), low = load(rest + at);
        for (int i = 0; i < UMI_BLENDED; i++) of[i] = load(x[i] + at);
        blend_lanes(of, factor, &total, &low);
        store(sum + at, total);
        store(rest + at, low);
    }
    for (; at < size; at++) { /* all lanes alike */
        lanes of[UMI_BLENDED], total = fill(sum[at]), low = fill(rest[at]);
        for (int i = 0; i < UMI_BLENDED; i++) of[i] = fill(x[i][at]);
        blend_lanes(of, factor, &total, &low);
        sum[at] = total[0];
        rest[at] = low[0];
    }
}

/* Slots as many as in any instruction set. */
static double dot(size_t size, const double *x, const double *y)
{
    enum { SLOTS = 32, PACKS = SLOTS / UMI_KERNEL_LANES };
    lanes sum[PACKS] = {0};
    size_t at = 0;
    for (; at + SLOTS <= size; at += SLOTS)
        for (int p = 0; p < PACKS; p++)
            sum[p] += load(x + at + p * UMI_KERNEL_LANES) * load(y + at + p * UMI_KERNEL_LANES);
    double total = 0, slot[SLOTS];
    for (int p = 0; p < PACKS; p++) store(slot + p * UMI_KERNEL_LANES, sum[p]);
    for (int i = 0; i < SLOTS; i++) total += slot[i];
    for (; at < size; at++) total += x[at] * y[at];
    return total;
}

extern const umi_blend_kernels UMI_NAME(umi_blend_kernels, UMI_KERNEL_PATH);
const umi_blend_kernels UMI_NAME(umi_blend_kernels, UMI_KERNEL_PATH) = {.blend = blend, .dot = dot};
