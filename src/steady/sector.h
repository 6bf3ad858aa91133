/* sector: a part of the space of Hermitian matrices that a collision map does not leave, and the
 * map on it. A map with real coefficients does not mix the symmetric and the skew part, and each
 * eigenvalue of either is one of the map on all complex matrices. Otherwise the sector is the
 * whole real space of Hermitian matrices, and its eigenvalues are those of the map. */
#ifndef UMI_STEADY_SECTOR_H
#define UMI_STEADY_SECTOR_H

#include "map/generator.h"
#include "map/lanes.h"
#include "steady/modes.h"

typedef struct umi_sector {
    um_context *ctx;
    umi_layout layout;
    um_map *map;
    um_state *state, *image;
    umi_lanes *lanes; /* for several vectors at once; NULL: they would not be faster */
    umi_operator operator; /* of the map in double; self is the sector, which must not move */
} umi_sector;

um_status umi_sector_create(um_context *ctx, const um_model *model, size_t stage,
                            const umi_layout *layout, umi_sector *sector);
void umi_sector_free(umi_sector *sector);

#endif
