/* The rows of a state as kernels take them, and how threads share them: each takes its own range of orders.
 * Which one does not matter to what comes out. Rows lie in memory one after the other, so that threads have few
 * cache lines in common; ranges of levels would have some in every row. */
#ifndef UMI_ROWS_H
#define UMI_ROWS_H

#include "base/team.h"
#include "map/kernels/kernels.h"
#include "state/state.h"

/* Base NULL if the state has no such plane. Inline: its parts, just written, would be waited for in a copy. */
static inline umi_rows umi_rows_of(const um_state *state, int plane)
{
    return (umi_rows){
        .base = plane < state->planes ? umi_state_row(state, plane, 0) : NULL,
        .stride = state->stride,
        .first = state->first,
        .last = state->last,
        .orders = state->orders,
    };
}

/* How many threads are worth it, for so many multiply-adds per element. */
int umi_rows_count_parts(um_context *ctx, const umi_rows *all, double operations);

/* One of so many parts, all of which hold about as many elements. */
umi_rows umi_rows_get_part(const umi_rows *all, int part, int parts);

/* umi_state_seal of these rows. */
void umi_rows_seal(const umi_rows *rows);

#endif
