/* A custom battery of unequal levels and the atoms it meets. */
#ifndef UM_UNEVEN_H
#define UM_UNEVEN_H

#include "map_conformance.h"

double uneven_energy(int n);

/* Detuned atoms, a coupling and a time; no gap, no environment. */
void uneven_describe(int levels, um_spec *spec, um_stage *stage);

#endif
