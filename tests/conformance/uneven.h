/* A custom battery of unequal levels and the atoms it meets. */
#ifndef UM_UNEVEN_H
#define UM_UNEVEN_H

#include "map_conformance.h"

double uneven_energy(int n);

/* Detuned atoms, a coupling and a time; no gap, no environment. */
um_stage uneven_stage(void);

um_status uneven_create(um_context *ctx, const um_stage *stage, int levels, um_map **map);

#endif
