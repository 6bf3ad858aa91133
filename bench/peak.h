/* Multiply-adds per second of one core: the bound of every kernel here. */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

#include <stdint.h>

#include "clock.h"

#if defined(__AVX512F__)
enum { PEAK_LANES = 8 };
#elif defined(__AVX__)
enum { PEAK_LANES = 4 };
#else
enum { PEAK_LANES = 2 };
#endif
typedef double peak_vector __attribute__((vector_size(PEAK_LANES * sizeof(double))));

/* Independent chains enough to hide the latency of a multiply-add (4 cycles, 2 a cycle). */
#define PEAK_CHAINS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
enum { PEAK_CHAIN_COUNT = 12 };

static inline double peak_multiply_adds(int64_t rounds)
{
    peak_vector factor, term;
    for (int i = 0; i < PEAK_LANES; i++) {
        factor[i] = 0.999999;
        term[i] = 1e-6;
    }
#define PEAK_START(i) peak_vector v##i = factor + i;
#define PEAK_STEP(i) v##i = v##i * factor + term;
#define PEAK_END(i) sum += v##i;
    PEAK_CHAINS(PEAK_START)
    double start = bench_seconds();
    for (int64_t k = 0; k < rounds; k++) {
        PEAK_CHAINS(PEAK_STEP)
        /* Keeps the compiler from working out what k rounds come to. */
        __asm__ volatile("" : "+x"(factor), "+x"(term));
    }
    double seconds = bench_seconds() - start;
    peak_vector sum = term;
    PEAK_CHAINS(PEAK_END)
    volatile double sink = sum[0];
    (void)sink;
    return (double)rounds * PEAK_CHAIN_COUNT * PEAK_LANES / seconds;
}

#endif
