/* The kernels of linalg for the instruction set in use. */
#include "linalg/kernels/linalg_kernels.h"

extern const umi_wide_kernels umi_wide_kernels_reference, umi_wide_kernels_avx2,
    umi_wide_kernels_avx512;

const umi_wide_kernels *umi_wide_kernels_choose(void)
{
    static const umi_wide_kernels *const of[UMI_INSTRUCTIONS] = {
        &umi_wide_kernels_reference,
#if defined(__x86_64__)
        &umi_wide_kernels_avx2, &umi_wide_kernels_avx512,
#endif
    };
    return of[umi_instructions_choose()];
}

extern const umi_front_kernels umi_front_kernels_reference, umi_front_kernels_avx2,
    umi_front_kernels_avx512;

const umi_front_kernels *umi_front_kernels_choose(void)
{
    static const umi_front_kernels *const of[UMI_INSTRUCTIONS] = {
        &umi_front_kernels_reference,
#if defined(__x86_64__)
        &umi_front_kernels_avx2, &umi_front_kernels_avx512,
#endif
    };
    return of[umi_instructions_choose()];
}

extern const umi_block_kernels umi_block_kernels_reference, umi_block_kernels_avx2,
    umi_block_kernels_avx512;

const umi_block_kernels *umi_block_kernels_choose(void)
{
    static const umi_block_kernels *const of[UMI_INSTRUCTIONS] = {
        &umi_block_kernels_reference,
#if defined(__x86_64__)
        &umi_block_kernels_avx2, &umi_block_kernels_avx512,
#endif
    };
    return of[umi_instructions_choose()];
}

extern const umi_blend_kernels umi_blend_kernels_reference, umi_blend_kernels_avx2,
    umi_blend_kernels_avx512;

const umi_blend_kernels *umi_blend_kernels_choose(void)
{
    static const umi_blend_kernels *const of[UMI_INSTRUCTIONS] = {
        &umi_blend_kernels_reference,
#if defined(__x86_64__)
        &umi_blend_kernels_avx2, &umi_blend_kernels_avx512,
#endif
    };
    return of[umi_instructions_choose()];
}
