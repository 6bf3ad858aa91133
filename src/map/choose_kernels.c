/* The stencil kernels of the instruction set in use. */
#include "map/kernels/channel.h"
#include "map/kernels/kernels.h"
#include "map/kernels/kraus.h"
#include "map/kernels/table.h"

extern const umi_kernels umi_kernels_reference, umi_kernels_avx2, umi_kernels_avx512;

const umi_kernels *umi_kernels_choose(void)
{
    static const umi_kernels *const of[UMI_INSTRUCTIONS] = {
        &umi_kernels_reference,
#if defined(__x86_64__)
        &umi_kernels_avx2, &umi_kernels_avx512,
#endif
    };
    return of[umi_instructions_choose()];
}

extern const umi_lanes_kernels umi_lanes_kernels_reference, umi_lanes_kernels_avx2,
    umi_lanes_kernels_avx512;

const umi_lanes_kernels *umi_lanes_kernels_choose(void)
{
    static const umi_lanes_kernels *const of[UMI_INSTRUCTIONS] = {
        &umi_lanes_kernels_reference,
#if defined(__x86_64__)
        &umi_lanes_kernels_avx2, &umi_lanes_kernels_avx512,
#endif
    };
    return of[umi_instructions_choose()];
}

extern const umi_table_kernels umi_table_kernels_reference, umi_table_kernels_avx2,
    umi_table_kernels_avx512;

const umi_table_kernels *umi_table_kernels_choose(void)
{
    static const umi_table_kernels *const of[UMI_INSTRUCTIONS] = {
        &umi_table_kernels_reference,
#if defined(__x86_64__)
        &umi_table_kernels_avx2, &umi_table_kernels_avx512,
#endif
    };
    return of[umi_instructions_choose()];
}

extern const umi_channel_kernels umi_channel_kernels_reference, umi_channel_kernels_avx2,
    umi_channel_kernels_avx512;

const umi_channel_kernels *umi_channel_kernels_choose(void)
{
    static const umi_channel_kernels *const of[UMI_INSTRUCTIONS] = {
        &umi_channel_kernels_reference,
#if defined(__x86_64__)
        &umi_channel_kernels_avx2, &umi_channel_kernels_avx512,
#endif
    };
    return of[umi_instructions_choose()];
}

extern umi_channel_shift_kernel *const umi_channel_shift_kernel_reference,
    *const umi_channel_shift_kernel_avx2, *const umi_channel_shift_kernel_avx512;

umi_channel_shift_kernel *umi_channel_shift_choose(void)
{
    umi_channel_shift_kernel *const of[UMI_INSTRUCTIONS] = {
        umi_channel_shift_kernel_reference,
#if defined(__x86_64__)
        umi_channel_shift_kernel_avx2, umi_channel_shift_kernel_avx512,
#endif
    };
    return of[umi_instructions_choose()];
}

extern const umi_kraus_kernels umi_kraus_kernels_reference, umi_kraus_kernels_avx2, umi_kraus_kernels_avx512;

const umi_kraus_kernels *umi_kraus_kernels_choose(void)
{
    static const umi_kraus_kernels *const of[UMI_INSTRUCTIONS] = {
        &umi_kraus_kernels_reference,
#if defined(__x86_64__)
        &umi_kraus_kernels_avx2, &umi_kraus_kernels_avx512,
#endif
    };
    return of[umi_instructions_choose()];
}
