/* Maps with random numbers, one trajectory of the noise at a time: before every collision its values are
 * drawn (from the seed and the number of the collision alone), and the map of that collision is made. */
#ifndef UMI_DRAWN_H
#define UMI_DRAWN_H

#include "map/mixture.h"

/* `make` makes the map of a collision whose values are drawn: no spreads, arrivals regular, an atom in
 * every slot. The model is not kept. */
um_status umi_map_create_drawn(um_context *ctx, const umi_collision *collision, umi_map_maker *make,
                               um_map **map);

#endif
