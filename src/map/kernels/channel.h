/* Raw-array kernels of channels that keep the coherence order k: sums over shifted rows with factorised
 * weights,  out_k[n] = scale_k sum_l a_l[n] a_l[n+k] in_k[n + direction l]. */
#ifndef UMI_CHANNEL_KERNELS_H
#define UMI_CHANNEL_KERNELS_H

#include "map/kernels/kernels.h"

/* Levels are taken in blocks, orders in quads; `terms` counts per block and quad. */
enum { UMI_CHANNEL_BLOCK = 8, UMI_CHANNEL_QUAD = 4 };

/* Zeros that rows of the input need beyond their end, and before their start. */
enum { UMI_CHANNEL_MARGIN = UMI_CHANNEL_BLOCK + UMI_CHANNEL_QUAD };

typedef struct umi_channel_sum {
    const double *weight; /* a_l[n] at weight[l * stride + n], zero outside the levels */
    ptrdiff_t stride;
    int direction;               /* +1: from above, -1: from below */
    const unsigned short *terms; /* l < terms[n / BLOCK * quads + k / QUAD] */
    int quads;
} umi_channel_sum;

typedef struct umi_channel_kernels {
    const char *name;
    void (*sum)(const umi_channel_sum *sum, const double *scale, const umi_rows *in,
                const umi_rows *out);
    /* next[n] = here[n] at[n] + below[n] at[n-1] + above[n] at[n+1];  sum[n] += weight next[n] */
    void (*step)(int count, const double *here, const double *below, const double *above,
                 const double *at, double *next, double weight, double *sum);
} umi_channel_kernels;

const umi_channel_kernels *umi_channel_kernels_choose(void);

#endif
