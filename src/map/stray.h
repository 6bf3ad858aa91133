/* A detuning that differs from atom to atom is a stray field that is there while the atom is inside: atoms
 * are priced at the frequency they are meant to have, and the work on the rest is switching work. */
#ifndef UMI_STRAY_H
#define UMI_STRAY_H

#include "map/map.h"

/* `map` with `stray` (in units of omega) times its change more at the end; takes it over, also on failure. */
um_status umi_map_create_stray(um_context *ctx, double stray, um_map *map, um_map **wrapped);

#endif
