/* Raw-array kernels of forward, one table of functions per instruction set. */
#ifndef UMI_FORWARD_KERNELS_H
#define UMI_FORWARD_KERNELS_H

#include "base/base.h"

enum { UMI_BLENDED = 4 };

typedef struct umi_forward_kernels {
    /* sum + rest += factor[0] x[0] + ... + factor[3] x[3], all in double; the sum is added with its
     * error. Each element's bits depend on its own numbers alone, not on its place. */
    void (*blend)(size_t size, const double *const x[UMI_BLENDED],
                  const double factor[UMI_BLENDED], double *sum, double *rest);
    /* sum_i x_i y_i in double */
    double (*dot)(size_t size, const double *x, const double *y);
} umi_forward_kernels;

const umi_forward_kernels *umi_forward_kernels_choose(void);

#endif
