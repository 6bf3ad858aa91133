/* What scatters from atom to atom: its mean, or one value of it. */
#ifndef UMI_ATOMS_H
#define UMI_ATOMS_H

#include "map/map.h"

/* The atoms of a stage as the averaged map sees them: phases that scatter take exp(-s^2/2) of c; q, normal
 * and clipped to 0..1, enters with its mean and with the mean of sqrt(q(1-q)). To 1e-14. Discharge:
 * q = 1, c = 0. */
um_atoms umi_atoms_average(const um_stage *stage);

/* What random numbers are for: they stay apart, so that nothing shifts when a spread is switched off. */
typedef enum umi_stream {
    UMI_STREAM_COLLISIONS, /* index: the collision of the run */
    UMI_STREAM_FROZEN      /* index 0 */
} umi_stream;

/* One value of theta, phase, q and detuning in place of their spreads. */
void umi_collision_draw(umi_collision *collision, umi_stream stream, uint64_t index);
/* Whether the slot has an atom; a waiting time for the mean gap. */
bool umi_collision_draw_presence(const umi_collision *collision, uint64_t index);
double umi_collision_draw_gap(const umi_collision *collision, uint64_t index);

#endif
