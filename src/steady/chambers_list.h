/* Which cells of a group are chambers, and what is said of them. */
#ifndef UMI_STEADY_CHAMBERS_LIST_H
#define UMI_STEADY_CHAMBERS_LIST_H

#include "steady/chambers_group.h"
#include "umaser/steady.h"

/* Appends the chambers of a group of `count` regions to a list with room for as many more. */
um_status umi_chambers_list(const umi_chamber_map *map, const um_battery *battery,
                            const umi_region *regions, int count, um_chamber *list,
                            size_t *listed);

#endif
