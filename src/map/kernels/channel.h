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
    /* Rows of the series go through in whole vectors: they have room for a block beyond `count`.
     * here[n] = 1 - leaves[n] - leaves[n+k], below[n] = rise[n] rise[n+k], above likewise; zero for a block beyond */
    void (*fill)(int count, int k, const double *leaves, const double *rise, const double *fall, double *here,
                 double *below, double *above);
    /* next[n] = here[n] at[n] + below[n] at[n-1] + above[n] at[n+1];  sum[n] += weight next[n]
     * `at` and `next` are zero for a block beyond, and stay so. */
    void (*step)(int count, const double *here, const double *below, const double *above,
                 const double *at, double *next, double weight, double *sum);
    /* out_k[n] = scale_k in_k[n], of one window */
    void (*scale)(const double *scale, const umi_rows *in, const umi_rows *out);
    /* sum[i] = |at[i]| + 2 sum_(0<j<count) |at[j step + i]|, i < UMI_CHANNEL_BLOCK */
    void (*add_moduli)(const double *at, ptrdiff_t step, int count, double *sum);
} umi_channel_kernels;

/* The same with weights of short times, power_l sqrt((n+l)!/n! (m+l)!/m!) for direction +1, which are a shift
 * alone between factors of n and m; sums over l = 0..terms_k <= UMI_CHANNEL_SHIFTS. What l = 0 leaves of an
 * element is given as its difference from 1, so that it does not suffer from rounding.
 *   y_nm = x_nm + lost_(n+m) x_nm + after_n after_m sum_(l>0) power_l before_(n') before_(m') x_(n',m'), n' = n + direction l
 * Tables by level begin and end UMI_CHANNEL_BLOCK levels beyond those there are. */
enum { UMI_CHANNEL_SHIFTS = 16, UMI_CHANNEL_SHIFT_LEVELS = 1024 };

typedef struct umi_channel_shift {
    int direction;
    const double *before, *after;
    const double *lost[2]; /* of even and odd n + m, at (n + m)/2 */
    const double *power;
    const unsigned char *terms; /* by order, at least 1 */
} umi_channel_shift;

/* Order k times scale[k], unless that is NULL. Of the input it reads the window alone where the image's is no larger,
 * and zeros around it elsewhere; the image is sealed. */
typedef void umi_channel_shift_kernel(const umi_channel_shift *shift, const double *scale, const umi_rows *in,
                                      const umi_rows *out);

const umi_channel_kernels *umi_channel_kernels_choose(void);
umi_channel_shift_kernel *umi_channel_shift_choose(void);

#endif
