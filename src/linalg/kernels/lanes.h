/* Vectors of UMI_KERNEL_LANES doubles, and names that tell the instruction sets apart. */
#ifndef UMI_LANES_H
#define UMI_LANES_H

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define UMI_NAME_(name, path) name##_##path
#define UMI_NAME(name, path) UMI_NAME_(name, path)
#define UMI_PATH_TEXT_(path) #path
#define UMI_PATH_TEXT(path) UMI_PATH_TEXT_(path)

typedef double lanes __attribute__((vector_size(UMI_KERNEL_LANES * sizeof(double)), may_alias));
typedef double lanes_unaligned
    __attribute__((vector_size(UMI_KERNEL_LANES * sizeof(double)), aligned(8), may_alias));

static inline lanes load(const double *p) { return *(const lanes_unaligned *)p; }
static inline void store(double *p, lanes v) { *(lanes_unaligned *)p = v; }
static inline lanes fill(double x) { return x - (lanes){0}; }

/* Keeps a value in a register: compilers load it again for every use otherwise, and loads, not
 * multiply-adds, would then set the pace. */
#if defined(__AVX512F__)
#define HOLD(value) __asm__("" : "+v"(value))
#elif defined(__SSE2__)
#define HOLD(value) __asm__("" : "+x"(value))
#elif defined(__aarch64__)
#define HOLD(value) __asm__("" : "+w"(value))
#else
#define HOLD(value) (void)(value)
#endif

/* The rounding error of product = a b: exact, whether or not there is a fused multiply-add. */
static inline lanes product_error(lanes a, lanes b, lanes product)
{
#if defined(__AVX512F__) && UMI_KERNEL_LANES == 8
    return _mm512_fmsub_pd(a, b, product);
#elif defined(__FMA__) && UMI_KERNEL_LANES == 4
    return _mm256_fmsub_pd(a, b, product);
#elif defined(__FMA__) && UMI_KERNEL_LANES == 2
    return _mm_fmsub_pd(a, b, product);
#elif defined(__ARM_FEATURE_FMA)
    lanes error;
    for (int i = 0; i < UMI_KERNEL_LANES; i++) error[i] = __builtin_fma(a[i], b[i], -product[i]);
    return error;
#else
    lanes split = 134217729.0 * a, ah = split - (split - a), al = a - ah;
    split = 134217729.0 * b;
    lanes bh = split - (split - b), bl = b - bh;
    return ((ah * bh - product) + ah * bl + al * bh) + al * bl;
#endif
}

#endif
