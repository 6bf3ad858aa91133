/* The machine's bound: multiply-adds per second of one core, and how fast it reads from memory.
 * usage: bench_peak   prints one JSON line */
#include <stdio.h>
#include <stdlib.h>

#include "peak.h"

enum { ROUNDS = 20000000 };

static double read_rate(size_t bytes)
{
    size_t count = bytes / sizeof(peak_vector);
    peak_vector *data = aligned_alloc(64, count * sizeof(peak_vector));
    if (!data) exit(1);
    for (size_t i = 0; i < count; i++) data[i] = (peak_vector){0} + 1.0;
    int64_t passes = (int64_t)(2e9 / (double)bytes) + 1;
    double start = bench_seconds();
    peak_vector a = {0}, b = {0}, c = {0}, d = {0};
    for (int64_t k = 0; k < passes; k++) {
        for (size_t i = 0; i + 4 <= count; i += 4) {
            a += data[i];
            b += data[i + 1];
            c += data[i + 2];
            d += data[i + 3];
        }
        __asm__ volatile("" : "+x"(a), "+x"(b) : : "memory");
    }
    double seconds = bench_seconds() - start;
    volatile double sink = (a + b + c + d)[0];
    (void)sink;
    free(data);
    return (double)passes * (double)bytes / seconds;
}

int main(void)
{
    double best = 0, l1 = 0, l2 = 0, memory = 0;
    for (int i = 0; i < 5; i++) {
        double rate = peak_multiply_adds(ROUNDS), near = read_rate(16 << 10), middle = read_rate(512 << 10);
        double far = read_rate((size_t)256 << 20);
        best = rate > best ? rate : best;
        l1 = near > l1 ? near : l1;
        l2 = middle > l2 ? middle : l2;
        memory = far > memory ? far : memory;
    }
    printf("{\"lanes\": %d, \"multiply_adds_per_second\": %.4g, \"read_bytes_per_second\": "
           "{\"16K\": %.3g, \"512K\": %.3g, \"256M\": %.3g}}\n", PEAK_LANES, best, l1, l2, memory);
    return 0;
}
