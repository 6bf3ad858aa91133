/* batch: several short runs at once, one in each lane of a vector.
 *
 * What a run comes to is what um_run alone finds, to rounding; and no bit of it depends on the others
 * in its batch, on how many there are, or on the space that they share. A run that the lanes cannot
 * carry to its end is given up and left to um_run, which also has the words for it where it fails.
 */
#ifndef UMI_BATCH_H
#define UMI_BATCH_H

#include "map/lanes.h"
#include "umaser/charge.h"

/* What is wanted beyond energies: it costs extra. */
enum {
    UMI_BATCH_PLATEAU_STATE = 1, /* ergotropy and purity of the longest plateau */
    UMI_BATCH_FINAL_STATE = 2,   /* ergotropy, purity and entropy at the end */
    UMI_BATCH_LEDGER = 4         /* what the atoms gave */
};

/* Runs that can be in one batch have equal places. */
typedef struct umi_batch_place {
    umi_lanes_kind kind; /* UMI_LANES_NONE: for um_run alone */
    int levels;          /* of the space, which holds what is expected */
} umi_batch_place;

um_status umi_batch_find_place(um_context *ctx, const um_model *model, umi_batch_place *place);

/* All that is known of a run; what was not wanted is NAN, its ledger then of no meaning. */
typedef struct umi_batch_end {
    bool given_up; /* nothing is known */
    size_t plateaus_count;
    um_plateau plateau; /* the longest */
    um_maximum power;
    um_ledger ledger;
    double error_bound;
    double energy, ergotropy, purity, entropy; /* after the last collision */
} umi_batch_end;

typedef struct umi_batch umi_batch;

/* For one batch after another in a space of so many levels. */
um_status umi_batch_create(um_context *ctx, int levels, umi_batch **batch);
void umi_batch_destroy(umi_batch *batch);

/* At most UMI_LANES models of equal place, each run to the end. UM_ERROR_INTERRUPTED: the monitor,
 * which may be NULL, said stop. */
um_status umi_batch_run(umi_batch *batch, int count, const um_model *const *models, int wanted,
                        um_monitor monitor, void *user, umi_batch_end ends[UMI_LANES]);

#endif
