/* The second pass of a batch: from the states that were kept to the middle of each plateau. A lane
 * comes in at the collision of its state and leaves in the middle: the same bits as the first time. */
#include "charge/batch_inside.h"

/* The last kept state that is not beyond the middle. */
static size_t find_kept(const umi_batch *batch, int l)
{
    size_t found = 0;
    for (size_t i = 1; i < batch->kept_count; i++)
        if (batch->kept_at[i] <= batch->ends[l].plateau.at) found = i;
    return found;
}

static um_status come_in(umi_batch *batch, int l, const umi_batch_kept *kept)
{
    umi_batch_lane *lane = &batch->lane[l];
    UMI_TRY(umi_lanes_set_state(batch->lanes, l, kept->state, 0));
    lane->totals.trimmed = kept->trimmed;
    lane->active = true;
    batch->active++;
    return UM_OK;
}

static um_status take_numbers(umi_batch *batch, int l)
{
    um_plateau *plateau = &batch->ends[l].plateau;
    double energy[UMI_LANES];
    umi_lanes_energy(batch->lanes, energy);
    plateau->energy = energy[l];
    UMI_TRY(umi_batch_observe(batch, l, &plateau->purity, &plateau->ergotropy, NULL));
    if (!batch->ends[l].given_up) umi_batch_leave(batch, l);
    return UM_OK;
}

um_status umi_batch_replay(umi_batch *batch)
{
    bool waiting[UMI_LANES] = {false};
    for (int l = 0; l < batch->count; l++)
        waiting[l] = !batch->ends[l].given_up && batch->ends[l].plateaus_count > 0;
    for (int64_t k = 0;;) {
        UMI_TRY(umi_batch_look_at_clock(batch, k));
        int64_t next = INT64_MAX; /* where the next lane comes in */
        for (int l = 0; l < batch->count; l++) {
            size_t from = waiting[l] ? find_kept(batch, l) : 0;
            if (waiting[l] && batch->kept_at[from] == k) {
                UMI_TRY(come_in(batch, l, &batch->lane[l].kept[from]));
                waiting[l] = false;
            }
            if (waiting[l] && batch->kept_at[from] < next) next = batch->kept_at[from];
            if (batch->lane[l].active && batch->ends[l].plateau.at == k)
                UMI_TRY(take_numbers(batch, l));
        }
        if (batch->active > 0)
            umi_batch_step(batch, ++k);
        else if (next == INT64_MAX)
            return UM_OK;
        else
            k = next;
    }
}
