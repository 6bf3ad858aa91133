/* What every um_map must do, whatever is behind it. A driver describes one implementation and
 * calls map_conformance_main. */
#ifndef UM_MAP_CONFORMANCE_H
#define UM_MAP_CONFORMANCE_H

#include "check.h"
#include "random_state.h"

typedef struct map_subject {
    const char *method; /* what um_map_get_info must say */
    void (*describe)(int levels, um_spec *spec, um_stage *stage); /* changes the defaults: one stage */
    um_status (*create)(um_context *ctx, int levels, um_map **map); /* NULL: the map of that stage */
    double (*energy)(int n); /* level energies in units of omega */
    double price;            /* of an excited atom, omega_q / omega */
    double excited;          /* population the atoms bring */
    double present;          /* the chance of an atom; 0: 1 */
    bool stationary;         /* the same map at every time */
    bool atomless;           /* no collision: outcomes say nothing of an atom */
    bool finite;             /* the top is a wall: nothing can leave */
    bool open;               /* an environment takes part: heat flows, states can fall any number of levels */
    int reach;               /* levels one collision can climb; 0: any number */
    bool leaks;              /* what reaches the top is lost, and not kept below it */
    int largest;             /* levels of the largest space, for maps that take long to make; 0: no limit */
    int collisions;          /* in a row that show how the trace drifts; 0: ten thousand */
    /* Matrix units against the oracle, whose top is a wall: */
    bool unknown; /* it cannot make this map */
    int units;    /* the most levels, 6 unless given */
    int margin;   /* levels beyond them where what tops do differs */
    double tolerance; /* 0: rounding */
} map_subject;

int map_conformance_main(const map_subject *subject);

double map_conformance_even(int n); /* energy n */

#endif
