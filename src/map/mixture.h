/* A mixture of maps, with probability weight_i map_i: means over spreads of collisions that have no closed
 * form. As slow as its maps together. */
#ifndef UMI_MIXTURE_H
#define UMI_MIXTURE_H

#include "map/map.h"

/* Makes a collision without spreads into a map. */
typedef um_status umi_map_maker(um_context *ctx, const umi_collision *collision, um_map **map);

/* The maps that `make` gives over theta's and detuning's spread. The period stays: a longer interaction
 * leaves a shorter gap. UM_ERROR_UNSUPPORTED if too many would be needed. */
um_status umi_map_create_mixture(um_context *ctx, const umi_collision *collision, umi_map_maker *make,
                                 um_map **map);

#endif
