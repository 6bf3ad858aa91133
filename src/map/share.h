/* How a window's elements are shared among threads: each takes its own range of orders. Which one does not
 * matter to what comes out. Rows of orders next to each other lie in memory one after the other, so that
 * threads share few cache lines; a range of levels would have one of its neighbour's in every row. */
#ifndef UMI_SHARE_H
#define UMI_SHARE_H

#include "base/team.h"
#include "state/state.h"

/* Orders first..end-1. */
typedef struct umi_orders {
    int first, end;
} umi_orders;

/* How many threads are worth it for so many multiply-adds. */
int umi_share_get_parts(um_context *ctx, double operations);

/* Elements of a window, one plane. */
double umi_share_count(const um_state *state);

/* One of `parts` parts of a window which hold about as many elements each. Parts begin at multiples of 4 orders. */
umi_orders umi_share_get_orders(const um_state *image, int part, int parts);

/* umi_state_seal of these orders. */
void umi_share_seal(um_state *image, umi_orders orders);

#endif
