/* What every um_map must do, whatever is behind it. A driver describes one implementation and
 * calls map_conformance_main. */
#ifndef UM_MAP_CONFORMANCE_H
#define UM_MAP_CONFORMANCE_H

#include "check.h"
#include "random_state.h"

typedef struct map_subject {
    const char *method; /* what um_map_get_info must say */
    um_status (*create)(um_context *ctx, int levels, um_map **map);
    double (*energy)(int n); /* level energies in units of omega */
    double price;            /* of an excited atom, omega_q / omega */
    double excited;          /* population the atoms bring */
    bool stationary;         /* the same map at every time */
    bool finite;             /* the top is a wall: nothing can leave */
    bool open;               /* an environment takes part: heat flows, states can fall any number of levels */
    bool tuned;              /* has kernels for several instruction sets */
    int reach;               /* levels one collision can climb; 0: any number */
} map_subject;

int map_conformance_main(const map_subject *subject);

double map_conformance_even(int n); /* energy n */

/* The map of the first stage of an experiment. */
um_status map_conformance_create(um_context *ctx, const um_spec *spec, int levels, um_map **map);

#endif
