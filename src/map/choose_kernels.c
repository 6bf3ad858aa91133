/* Which instruction set: decided by the machine, or by UMASER_KERNEL for tests and comparisons. */
#include "map/kernels/kernels.h"

#include <stdlib.h>
#include <string.h>

extern const umi_kernels umi_kernels_reference;

#if defined(__x86_64__)
extern const umi_kernels umi_kernels_avx2, umi_kernels_avx512;

static bool has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd");
}
#endif

const umi_kernels *umi_kernels_choose(void)
{
    const umi_kernels *best[3] = {NULL, NULL, &umi_kernels_reference};
#if defined(__x86_64__)
    if (has_avx512()) best[0] = &umi_kernels_avx512;
    if (has_avx2()) best[1] = &umi_kernels_avx2;
#endif
    const char *wanted = getenv("UMASER_KERNEL");
    for (int i = 0; wanted && i < 3; i++)
        if (best[i] && strcmp(best[i]->name, wanted) == 0) return best[i];
    for (int i = 0; i < 3; i++)
        if (best[i]) return best[i];
    return &umi_kernels_reference;
}
