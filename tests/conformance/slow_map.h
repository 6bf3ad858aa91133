/* One collision and its gap as the specification says, by the oracle: dense, slow, of up to a few levels. */
#ifndef UM_SLOW_MAP_H
#define UM_SLOW_MAP_H

#include "oracle.h"
#include "umaser/umaser.h"

typedef struct slow_map slow_map;

/* Of the first stage of a resolved specification. Theta and detuning may scatter, phases too; atoms may be missing; an
 * environment acts in the gap or all the time. The top of the space is a wall. */
slow_map *slow_map_create(const um_spec *spec, int levels);
void slow_map_destroy(slow_map *map);

/* A collision that starts at `time`; before and after differ. NAN where the outcome has nothing to say. */
void slow_map_apply(const slow_map *map, double time, const oracle_complex *before, oracle_complex *after,
                    um_outcome *outcome);

#endif
