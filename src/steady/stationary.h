/* stationary: populations at rest. */
#ifndef UMI_STEADY_STATIONARY_H
#define UMI_STEADY_STATIONARY_H

#include "map/generator.h"

/* The fixed point of a chain of levels, without subtractions. matrix: its first `levels` rows and columns are G of
 * the populations; chain: room for levels^2. Where some level is not left downwards, p is not finite. */
void umi_stationary_eliminate(const umi_sparse *matrix, int levels, double *chain, double *p);

#endif
