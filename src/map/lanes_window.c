/* Windows of a batch: each lane has its own, the kernel sweeps the smallest that holds them all. */
#include "map/lanes_inside.h"

#include <math.h>
#include <string.h>

umi_lanes_window umi_lanes_union(const umi_lanes *lanes)
{
    umi_lanes_window all = {0};
    for (int l = 0; l < UMI_LANES; l++) {
        umi_lanes_window w = lanes->lane[l].window;
        if (w.last == w.first) continue;
        all.first = all.last == 0 ? w.first : umi_min(all.first, w.first);
        all.last = umi_max(all.last, w.last);
        all.orders = umi_max(all.orders, w.orders);
    }
    return all;
}

/* Columns first..last-1 of row n. */
static void clear(umi_lanes *lanes, int buffer, int n, int first, int last)
{
    if (last <= first) return;
    for (int g = 0; g < lanes->groups; g++) {
        double *row = umi_lanes_element(lanes, buffer, g, n, first);
        memset(row, 0, (size_t)((last - first) * lanes->width) * sizeof(double));
    }
}

void umi_lanes_clear_outside(umi_lanes *lanes, int buffer, umi_lanes_window keep)
{
    umi_lanes_window old = lanes->stored[buffer];
    lanes->stored[buffer] = keep;
    if (old.first >= keep.first && old.last <= keep.last && old.orders <= keep.orders) return;
    for (int n = old.first; n < old.last; n++) {
        int end = umi_min(old.last, n + old.orders);
        bool whole = n < keep.first || n >= keep.last;
        if (whole || n == keep.first || keep.orders == 1) clear(lanes, buffer, n, n - 1, n);
        clear(lanes, buffer, n, whole ? n : umi_min(keep.last, n + keep.orders), end);
    }
}

/* The outermost elements of the window on one side: all with n or m = position, or of that order. */
typedef enum rim_side { TOP, BOTTOM, ORDER } rim_side;

typedef struct rim_elements {
    int n, m;
    ptrdiff_t step;
    int count;
} rim_elements;

static rim_elements rim_at(const umi_lanes *lanes, rim_side side, int position)
{
    umi_lanes_window w = lanes->stored[lanes->now];
    int first = w.first & ~3; /* sums go by the element's number, not by the window of others */
    switch (side) {
    case TOP:
        return (rim_elements){position, position, -lanes->stride, umi_min(w.orders, position - w.first + 1)};
    case BOTTOM:
        return (rim_elements){position, position, lanes->width, umi_min(w.orders, w.last - position)};
    default:
        return (rim_elements){first, first + position, lanes->stride + lanes->width, w.last - position - first};
    }
}

/* Where a lane's rim is; -1 if there is nothing to drop. */
static int position_of(const umi_lanes_window *w, rim_side side)
{
    if (w->last == w->first) return -1;
    switch (side) {
    case TOP: return w->last - 1;
    case BOTTOM: return w->first;
    default: return w->orders > 1 ? w->orders - 1 : -1;
    }
}

static void shrink(umi_lanes_window *w, rim_side side)
{
    if (side == TOP) w->last--;
    if (side == BOTTOM) w->first++;
    if (side == ORDER) w->orders--;
    w->orders = umi_min(w->orders, w->last - w->first);
}

/* The next rim that some lane of a group still has to judge; -1: none. */
static int next_position(const umi_lane *lane, int width, const bool *done, rim_side side)
{
    int next = -1;
    for (int l = 0; l < width; l++) {
        int position = done[l] ? -1 : position_of(&lane[l].window, side);
        if (position < 0) continue;
        bool further = side == BOTTOM ? position < next : position > next;
        if (next < 0 || further) next = position;
    }
    return next;
}

static void zero(umi_lanes *lanes, int group, rim_side side, int position, const rim_elements *rim,
                 const double *keep)
{
    const umi_lanes_kernels *k = lanes->kernels;
    int now = lanes->now;
    k->scale(umi_lanes_element(lanes, now, group, rim->n, rim->m), rim->step, rim->count, keep);
    /* and the copies below the diagonal */
    if (side == ORDER && position == 1)
        k->scale(umi_lanes_element(lanes, now, group, rim->n + 1, rim->n), rim->step, rim->count, keep);
    if (side == TOP)
        k->scale(umi_lanes_element(lanes, now, group, position, position - 1), 0, 1, keep);
    if (side == BOTTOM)
        k->scale(umi_lanes_element(lanes, now, group, position + 1, position), 0, 1, keep);
}

/* Drops rims of one side as long as every element is below the tolerance. */
static void trim_side(umi_lanes *lanes, int group, rim_side side, const double *tolerance,
                      double *dropped)
{
    umi_lane *lane = lanes->lane + group * lanes->width;
    bool done[UMI_LANES] = {false};
    int position;
    while ((position = next_position(lane, lanes->width, done, side)) >= 0) {
        umi_lanes_numbers largest, moduli, squares, keep;
        rim_elements rim = rim_at(lanes, side, position);
        const double *corner = umi_lanes_element(lanes, lanes->now, group, rim.n, rim.m);
        lanes->kernels->measure(corner, rim.step, rim.count, largest, moduli, squares);
        bool any = false;
        for (int l = 0; l < lanes->width; l++) {
            keep[l] = 1;
            if (done[l] || position_of(&lane[l].window, side) != position) continue;
            done[l] = !(largest[l] < tolerance[l] && isfinite(moduli[l]));
            if (done[l]) continue;
            /* Both triangles; the corner of a row is on the diagonal. */
            dropped[l] += 2 * moduli[l] - (side == ORDER ? 0 : fabs(corner[l]));
            shrink(&lane[l].window, side);
            keep[l] = 0;
            any = true;
        }
        if (any) zero(lanes, group, side, position, &rim, keep);
    }
}

void umi_lanes_trim(umi_lanes *lanes, const double tolerance[UMI_LANES], double dropped[UMI_LANES])
{
    double sum[UMI_LANES] = {0};
    for (int g = 0; g < lanes->groups; g++)
        for (rim_side side = TOP; side <= ORDER; side++)
            trim_side(lanes, g, side, tolerance + g * lanes->width, sum + g * lanes->width);
    for (int l = 0; l < UMI_LANES; l++) {
        umi_lanes_window *w = &lanes->lane[l].window;
        if (w->last == w->first) *w = (umi_lanes_window){0};
        umi_sum_add(&lanes->lane[l].error, sum[l]);
        if (dropped) dropped[l] = sum[l];
    }
    lanes->stored[lanes->now] = umi_lanes_union(lanes);
}
