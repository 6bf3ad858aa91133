/* Which instruction set: decided by the machine, or by UMASER_KERNEL for tests and comparisons. */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>

const char *umi_instructions_get_name(umi_instructions set)
{
    static const char *const names[UMI_INSTRUCTIONS] = {"reference", "avx2", "avx512"};
    return names[set];
}

bool umi_instructions_are_there(umi_instructions set)
{
    if (set == UMI_REFERENCE) return true;
#if defined(__x86_64__)
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (set == UMI_AVX2) return avx2;
    return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd");
#else
    return false;
#endif
}

umi_instructions umi_instructions_choose(void)
{
    const char *wanted = getenv("UMASER_KERNEL");
    umi_instructions best = UMI_REFERENCE;
    for (umi_instructions set = UMI_REFERENCE; set < UMI_INSTRUCTIONS; set++)
        if (umi_instructions_are_there(set)) {
            best = set;
            if (wanted && strcmp(wanted, umi_instructions_get_name(set)) == 0) return set;
        }
    return best;
}
