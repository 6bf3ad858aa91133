/* Which regions of a map are chambers, and what is said of them. */
#ifndef UMI_STEADY_CHAMBERS_LIST_H
#define UMI_STEADY_CHAMBERS_LIST_H

#include "steady/chambers_window.h"
#include "umaser/steady.h"

/* Appends the chambers among `count` regions, which nothing leaves but at the open end of a
 * truncated space, to a list with room for as many more. Those that reach to `levels` or beyond are
 * left out. */
um_status umi_chambers_list(const umi_chamber_map *map, const um_battery *battery, int levels,
                            const umi_region *regions, int count, um_chamber *list, size_t *listed);

typedef struct umi_verdict {
    bool listed;
    double ratio; /* of its slowest inner rate to what leaves it */
    um_chamber chamber;
} umi_verdict;

/* The chamber of a solved window. cell: that of the window; learns all its modes. */
um_status umi_chamber_examine(const umi_chamber_map *map, const um_battery *battery,
                              const umi_part *part, const umi_window *window, umi_cell *cell,
                              umi_verdict *verdict);

#endif
