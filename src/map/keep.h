/* A collision that outlives the model it was made from. */
#ifndef UMI_KEEP_H
#define UMI_KEEP_H

#include "map/map.h"

/* `it` points into its own struct, which stays where it is. */
typedef struct umi_kept {
    umi_collision it;
    um_battery battery;
    double *memory;
} umi_kept;

um_status umi_collision_keep(um_context *ctx, const umi_collision *collision, umi_kept *kept);
void umi_kept_free(um_context *ctx, umi_kept *kept);

#endif
