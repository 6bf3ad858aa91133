/* Generators of collisions between which, or instead of which, the environment acts:
 *   M = E_gap (p C + (1 - p) E_slot), and from it G = M - 1 without cancellation. */
#ifndef UMI_GENERATOR_OPEN_H
#define UMI_GENERATOR_OPEN_H

#include "map/generator.h"

/* generator: that of the collision C on its layout; becomes that of M, rates included. */
um_status umi_generator_open(um_context *ctx, const umi_collision *collision,
                             umi_generator *generator);

#endif
