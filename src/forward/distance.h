/* distance: of two trajectories compressed in different spaces, from their coordinates alone.
 *
 * |V y - E W z|^2 = |y|^2 + |z|^2 - 2 y' C z, C = V'EW made once: in wide arithmetic the square
 * root keeps about 1e-15 of the vectors' length. */
#ifndef UMI_FORWARD_DISTANCE_H
#define UMI_FORWARD_DISTANCE_H

#include "forward/forward.h"

typedef struct umi_forward_pair umi_forward_pair;
/* Element i of `small` is element place[i] of `large`, or none of it. Both must outlive the pair. */
#define UMI_FORWARD_NOWHERE SIZE_MAX
um_status umi_forward_pair_create(um_context *ctx, umi_forward *large, umi_forward *small,
                                  const size_t *place, umi_forward_pair **pair);
void umi_forward_pair_destroy(umi_forward_pair *pair);
/* In 2-norm, after so many collisions; NAN where one of the two is not known. */
double umi_forward_pair_distance(umi_forward_pair *pair, int64_t collisions);

#endif
