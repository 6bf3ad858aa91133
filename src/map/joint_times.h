/* One collision at many times: all are exponentials of the same generator. */
#ifndef UMI_JOINT_TIMES_H
#define UMI_JOINT_TIMES_H

#include "map/joint_band.h"

/* Times of interaction and their weights, which sum to 1. */
typedef struct umi_times {
    int count;
    const double *time, *weight;
} umi_times;

/* What a mean over times needs besides the generator. */
enum { UMI_BAND_MEAN_WORK = UMI_BAND_WORK + 1 };

/* The mean of exp(time generator) - 1, into *mean, one of `work`; the generator is scaled, and integrals
 * become means. UM_ERROR_UNSUPPORTED: times that are too far apart. */
um_status umi_band_mean(um_context *ctx, umi_band *generator, const umi_times *times, umi_band *work,
                        const umi_band_integrals *integrals, umi_band **mean);

#endif
