/* batch, shared by its files. */
#ifndef UMI_BATCH_INSIDE_H
#define UMI_BATCH_INSIDE_H

#include "charge/batch.h"
#include "charge/curve.h"
#include "charge/rules.h"

/* States kept on the way, so that the middle of a plateau is near when it is known where it is. */
enum { UMI_BATCH_KEPT_MAX = 32 };
typedef struct umi_batch_kept {
    um_state *state;
    double trimmed;
} umi_batch_kept;

/* A run in its lane. */
typedef struct umi_batch_lane {
    const um_spec *spec;
    umi_room room;
    int64_t collisions; /* of the run */
    bool active;
    umi_totals totals;
    umi_curve curve;
    umi_batch_kept kept[UMI_BATCH_KEPT_MAX];
} umi_batch_lane;

struct umi_batch {
    um_context *ctx;
    umi_lanes *lanes;
    umi_batch_lane lane[UMI_LANES];
    umi_batch_end *ends;
    int count, active, wanted;
    size_t kept_count;
    int64_t kept_at[UMI_BATCH_KEPT_MAX]; /* collisions, of all lanes that were active then */
    um_state *state; /* one lane's, to be looked at */
    um_monitor monitor;
    void *user;
    double asked; /* clock */
};

/* Collision k of all active lanes, and the tidying after it. */
void umi_batch_step(umi_batch *batch, int64_t k);
/* A lane that has ended. */
void umi_batch_leave(umi_batch *batch, int lane);
void umi_batch_give_up(umi_batch *batch, int lane);
/* The state of a lane: purity, ergotropy and, unless NULL, entropy. Gives up where there are none. */
um_status umi_batch_observe(umi_batch *batch, int lane, double *purity, double *ergotropy,
                            double *entropy);
um_status umi_batch_look_at_clock(umi_batch *batch, int64_t k);

/* Once more to the middle of each plateau. */
um_status umi_batch_replay(umi_batch *batch);

#endif
