/* Any number of identical collisions by squaring the map's matrix in quadruple precision.
 *
 * The matrix acts on symmetric and on antisymmetric r apart: levels (levels +- 1)/2 unknowns, whose
 * cube times 40 ns is what one squaring takes (12 levels: 20 ms, 20 levels: 0.4 s). Rounding grows
 * as the number of collisions: 1e-33 times some ten times 2^49 is below 1e-17.
 */
#ifndef UM_ORACLE_LONG_POWER_H
#define UM_ORACLE_LONG_POWER_H

#include <stddef.h>
#include <stdint.h>

#include "chamber.h"

/* r[i] -> M^collisions[i] r[i] for `count` real matrices, levels x levels. */
void long_power_advance(const chamber *it, size_t count, const int64_t *collisions, quad *const *r);

/* Rates per collision at which population crosses from below `boundary` to above and back, once
 * two slow modes alone are left (the limit is one of them): from the populations below after
 * 2^doublings and twice as many collisions, from the lowest and from the highest level. */
typedef struct long_leak {
    double up, down, sum;
} long_leak;
long_leak long_power_leak(const chamber *it, int boundary, int doublings);

#endif
