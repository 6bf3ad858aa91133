/* lanes: collisions of several parameter points at once, one point per vector lane.
 *
 * For maps that are real in their gauge (resonant, evenly spaced levels, no counter-rotating terms) and
 * states that are real in it. Every lane has its own atoms, coupling, window and, where its battery
 * ends below the common space, its own wall. What comes out of a lane depends neither on what the
 * others hold nor on how many there are: no bit of it.
 */
#ifndef UMI_LANES_H
#define UMI_LANES_H

#include "map/kernels/kernels.h"
#include "map/stencil.h"

enum { UMI_LANES_LEVELS_MAX = 1024 };

typedef struct umi_lanes umi_lanes;

/* Room for UMI_LANES points in a space of so many levels, all empty; kept from batch to batch. */
um_status umi_lanes_create(um_context *ctx, int levels, umi_lanes **lanes);
void umi_lanes_destroy(umi_lanes *lanes);

/* Which points can be in one batch: those of the same kind. */
typedef enum umi_lanes_kind {
    UMI_LANES_NONE,   /* not this model: the map is complex */
    UMI_LANES_COHERENT, /* pure atoms (c = 1, or q = 0 or 1): 8 multiply-adds per element */
    UMI_LANES_ANY     /* any others: 12 */
} umi_lanes_kind;
umi_lanes_kind umi_lanes_get_kind(const um_model *model, size_t stage);

/* A batch: the collision of a stage of each model, and each model's initial state. Models are not kept.
 * UM_ERROR_UNSUPPORTED: kinds differ or UMI_LANES_NONE; an initial state that is complex in the map's
 * gauge, or too large for the space: use um_map. After a failure all lanes are empty. */
um_status umi_lanes_load(umi_lanes *lanes, int count, const um_model *const *models, size_t stage);

/* The same collision in every lane, all empty. */
um_status umi_lanes_load_same(umi_lanes *lanes, const um_model *model, size_t stage);

/* Another state for a lane, in any gauge; its error is then `error`. UM_ERROR_UNSUPPORTED as above. */
um_status umi_lanes_set_state(umi_lanes *lanes, int lane, const um_state *state, double error);
/* The state in the gauge and the levels of the lane's map, whatever `state` held. */
um_status umi_lanes_get_state(const umi_lanes *lanes, int lane, um_state *state);
/* A lane that has ended: empty, it takes no time any more. */
void umi_lanes_retire(umi_lanes *lanes, int lane);
um_window umi_lanes_get_window(const umi_lanes *lanes, int lane);

/* One collision of every lane. */
void umi_lanes_apply(umi_lanes *lanes);

/* um_state_trim of every lane. What it drops is added to the lane's error and, unless NULL, stored. */
void umi_lanes_trim(umi_lanes *lanes, const double tolerance[UMI_LANES], double dropped[UMI_LANES]);
/* umi_map_refine of every lane: right after umi_lanes_apply. */
void umi_lanes_refine(umi_lanes *lanes, int count);
void umi_lanes_scale(umi_lanes *lanes, const double factor[UMI_LANES]);

/* Per lane; 0 for an empty one. */
void umi_lanes_energy(const umi_lanes *lanes, double energy[UMI_LANES]);
void umi_lanes_trace(const umi_lanes *lanes, double trace[UMI_LANES]);
void umi_lanes_purity(const umi_lanes *lanes, double purity[UMI_LANES]);
/* Population of the levels from `level` on. */
double umi_lanes_population_above(const umi_lanes *lanes, int lane, int level);
/* um_outcome's change of the atom in the next collision, from the state as it is before it. */
void umi_lanes_change(const umi_lanes *lanes, double change[UMI_LANES]);
/* Trace-norm bound of truncation: of the initial state, all collisions, all trims. */
void umi_lanes_truncation(const umi_lanes *lanes, double bound[UMI_LANES]);
const char *umi_lanes_get_kernel(const umi_lanes *lanes);

#endif
