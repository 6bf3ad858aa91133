/* A collision in its slot: atoms that may be missing, and what happens until the next one comes.
 *   M = E_gap o (p C + (1-p) E_tau),
 * C the collision alone, p the chance that there is an atom, E_tau what an empty slot does meanwhile
 * (nothing, unless the environment acts during collisions), E_gap the environment between collisions,
 * for a time or averaged over exponential waiting times. */
#ifndef UMI_COMPOSE_H
#define UMI_COMPOSE_H

#include "map/map.h"

/* Whether there is anything beside the collision. */
bool umi_collision_is_composed(const umi_collision *it);
/* The collision that goes inside: the gap is the composed map's. */
umi_collision umi_collision_inside(const umi_collision *it);
/* Whether anything happens in the gap: the environment, or levels that turn on their own. */
bool umi_collision_has_gap(const umi_collision *it);
/* The slot without its atom, which lasts tau all the same; false: nothing happens in it. */
bool umi_collision_leave_out(const umi_collision *it, umi_collision *empty);

/* Takes `inner` over, also on failure. */
um_status umi_map_create_composed(um_context *ctx, const umi_collision *it, um_map *inner, um_map **map);

#endif
