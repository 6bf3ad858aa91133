/* A double-double number and its exact building blocks. */
#ifndef UMI_WIDE_NUMBER_H
#define UMI_WIDE_NUMBER_H

#include "base/base.h"

/* hi + lo, |lo| <= ulp(hi)/2. */
typedef struct umi_wide {
    double hi, lo;
} umi_wide;

#define UMI_WIDE_EPS 0x1p-104

static inline umi_wide umi_wide_set(double x) { return (umi_wide){x, 0}; }
static inline double umi_wide_get(umi_wide a) { return a.hi + a.lo; }

/* a + b = hi + lo exactly. */
static inline umi_wide umi_wide_two_sum(double a, double b)
{
    double sum = a + b, part = sum - a;
    return (umi_wide){sum, (a - (sum - part)) + (b - part)};
}

/* The same for |a| >= |b|. */
static inline umi_wide umi_wide_quick_sum(double a, double b)
{
    double sum = a + b;
    return (umi_wide){sum, b - (sum - a)};
}

/* a b = hi + lo exactly. Without a fused multiply-add in the instruction set: Dekker's splitting.
 * With one, the compiler must not fuse the rounded product into a sum that comes later. */
static inline umi_wide umi_wide_two_product(double a, double b)
{
    double product = a * b;
#if defined(__FMA__)
    __asm__("" : "+x"(product));
    return (umi_wide){product, __builtin_fma(a, b, -product)};
#elif defined(__ARM_FEATURE_FMA)
    __asm__("" : "+w"(product));
    return (umi_wide){product, __builtin_fma(a, b, -product)};
#else
    double split = 134217729.0 * a, ah = split - (split - a), al = a - ah;
    split = 134217729.0 * b;
    double bh = split - (split - b), bl = b - bh;
    return (umi_wide){product, ((ah * bh - product) + ah * bl + al * bh) + al * bl};
#endif
}

#endif
