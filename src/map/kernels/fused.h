/* a b + c and c - a b in one rounding, where the machine has it. Spelt out: which of two products a compiler
 * fuses with their sum is up to it. A loop over __builtin_fma would do, but gcc takes it apart
 * where an operand comes from memory. */
#ifndef UMI_FUSED_H
#define UMI_FUSED_H

#include "linalg/kernels/lanes.h"

static inline __attribute__((always_inline)) lanes fused(lanes a, lanes b, lanes c)
{
#if defined(__AVX512F__) && UMI_KERNEL_LANES == 8
    return _mm512_fmadd_pd(a, b, c);
#elif defined(__FMA__) && UMI_KERNEL_LANES == 4
    return _mm256_fmadd_pd(a, b, c);
#elif defined(__FMA__) || defined(__aarch64__)
    lanes sum;
    for (int i = 0; i < UMI_KERNEL_LANES; i++) sum[i] = __builtin_fma(a[i], b[i], c[i]);
    return sum;
#else
    return a * b + c;
#endif
}

static inline __attribute__((always_inline)) lanes fused_minus(lanes a, lanes b, lanes c)
{
#if defined(__AVX512F__) && UMI_KERNEL_LANES == 8
    return _mm512_fnmadd_pd(a, b, c);
#elif defined(__FMA__) && UMI_KERNEL_LANES == 4
    return _mm256_fnmadd_pd(a, b, c);
#else
    return fused(-a, b, c);
#endif
}

#endif
