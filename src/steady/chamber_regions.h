/* regions: the levels between traps, exact and near, before anything is known of what they hold. */
#ifndef UMI_STEADY_REGIONS_H
#define UMI_STEADY_REGIONS_H

#include "map/generator.h"

typedef struct umi_region {
    int first, last;
    bool exact;  /* nothing steps across its end: a closed trap, or a real wall */
    bool trap;   /* there is a trap above it, exact or near; false: it ends with the space */
    double sine; /* of the trap above it */
} umi_region;

/* In a space of so many levels, by rising levels; they cover all of it. UM_ERROR_MEMORY,
 * UM_ERROR_UNSUPPORTED (counter-rotating terms). */
um_status umi_regions_find(um_context *ctx, const um_model *model, size_t stage, int levels,
                           umi_region **regions, int *count);

/* Whether the top of a space of so many levels is the battery's own. */
bool umi_regions_is_finite(const um_model *model, int levels);

#endif
