/* Generators of mixtures (mixture.h): means of those of collisions that differ in more than a table can
 * say. */
#ifndef UMI_GENERATOR_MIX_H
#define UMI_GENERATOR_MIX_H

#include "map/generator.h"

bool umi_collision_is_mixed(const umi_collision *collision);
um_status umi_generator_mix(um_context *ctx, const umi_collision *collision, const umi_layout *layout,
                            umi_generator *generator);
/* That of a collision which is not mixed; in generator.c. */
um_status umi_generator_create_one(um_context *ctx, const umi_collision *collision,
                                   const umi_layout *layout, umi_generator *generator);

#endif
