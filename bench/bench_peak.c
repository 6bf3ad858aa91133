/* The machine's bound: multiply-adds per second of one core, and how fast it reads from memory.
 * usage: bench_peak   prints one JSON line */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#if defined(__AVX512F__)
enum { LANES = 8 };
#elif defined(__AVX__)
enum { LANES = 4 };
#else
enum { LANES = 2 };
#endif
typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));

/* Independent chains enough to hide the latency of a multiply-add (4 cycles, 2 a cycle). */
#define CHAINS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
enum { CHAIN_COUNT = 12 };

static double multiply_add_rate(void)
{
    lanes factor, term;
    for (int i = 0; i < LANES; i++) {
        factor[i] = 0.999999;
        term[i] = 1e-6;
    }
#define START(i) lanes v##i = factor + i;
#define STEP(i) v##i = v##i * factor + term;
#define END(i) sum += v##i;
    CHAINS(START)
    const int64_t rounds = 20000000;
    double start = seconds_now();
    for (int64_t k = 0; k < rounds; k++) {
        CHAINS(STEP)
        /* Keeps the compiler from working out what k rounds come to. */
        __asm__ volatile("" : "+x"(factor), "+x"(term));
    }
    double seconds = seconds_now() - start;
    lanes sum = term;
    CHAINS(END)
    volatile double sink = sum[0];
    (void)sink;
    return (double)rounds * CHAIN_COUNT * LANES / seconds;
}

static double read_rate(size_t bytes)
{
    size_t count = bytes / sizeof(lanes);
    lanes *data = aligned_alloc(64, count * sizeof(lanes));
    if (!data) exit(1);
    for (size_t i = 0; i < count; i++) data[i] = (lanes){0} + 1.0;
    int64_t passes = (int64_t)(2e9 / (double)bytes) + 1;
    double start = seconds_now();
    lanes a = {0}, b = {0}, c = {0}, d = {0};
    for (int64_t k = 0; k < passes; k++) {
        for (size_t i = 0; i + 4 <= count; i += 4) {
            a += data[i];
            b += data[i + 1];
            c += data[i + 2];
            d += data[i + 3];
        }
        __asm__ volatile("" : "+x"(a), "+x"(b) : : "memory");
    }
    double seconds = seconds_now() - start;
    volatile double sink = (a + b + c + d)[0];
    (void)sink;
    free(data);
    return (double)passes * (double)bytes / seconds;
}

int main(void)
{
    double best = 0, l1 = 0, l2 = 0, memory = 0;
    for (int i = 0; i < 5; i++) {
        double rate = multiply_add_rate(), near = read_rate(16 << 10), middle = read_rate(512 << 10);
        double far = read_rate((size_t)256 << 20);
        best = rate > best ? rate : best;
        l1 = near > l1 ? near : l1;
        l2 = middle > l2 ? middle : l2;
        memory = far > memory ? far : memory;
    }
    printf("{\"lanes\": %d, \"multiply_adds_per_second\": %.4g, \"read_bytes_per_second\": "
           "{\"16K\": %.3g, \"512K\": %.3g, \"256M\": %.3g}}\n", LANES, best, l1, l2, memory);
    return 0;
}
