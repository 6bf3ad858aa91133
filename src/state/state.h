/* state, inside the library: how the density matrix lies in memory.
 *
 * Element r_{n,n+k} (order k) of plane p stands at plane[p][k * stride + n + lead].
 * Orders >= `orders` are not stored; inside a stored order the two elements before and the two
 * after the window are zero, so that a kernel that fills a window one level wider reads r_{n-1}
 * and r_{n+1} without a test. Further out anything finite may stand: kernels work in blocks.
 *
 * Where collisions work in place rows are longer by UMI_STATE_SLACK: at their end, or at their beginning with all
 * levels that much higher. The image goes to where the slack is, behind what is still to be read, and so to and fro.
 */
#ifndef UMI_STATE_H
#define UMI_STATE_H

#include "base/base.h"
#include "umaser/state.h"

enum { UMI_STATE_PAD = 8, UMI_STATE_SLACK = 32 };

struct um_state {
    um_context *ctx;
    int levels, first, last, orders, planes;
    int quarter;
    double phase;
    int stride;          /* doubles per order: room for levels, UMI_STATE_PAD on either side, and slack */
    int slack;           /* UMI_STATE_SLACK or none */
    int lead;            /* doubles of a row before level 0: UMI_STATE_PAD, with or without the slack */
    int orders_capacity; /* orders there is room for */
    double *plane[2];    /* real, imaginary part in the gauge; [1] NULL if planes == 1 */
};

/* The row of order k; row[n] = r_{n,n+k}. */
static inline double *umi_state_row(const um_state *state, int plane, int k)
{
    return state->plane[plane] + (size_t)k * (size_t)state->stride + state->lead;
}

/* Doubles of all its planes. */
static inline double umi_state_count(const um_state *state)
{
    return state->planes * state->orders * (state->last - state->first - 0.5 * (state->orders - 1));
}

/* Number of elements of order k inside the window: n = first .. last-1-k. */
static inline int umi_state_row_length(const um_state *state, int k)
{
    return state->last - state->first - k;
}

/* Room for a window first..last-1 with so many orders and planes; what is stored stays. */
um_status umi_state_reserve(um_state *state, int last, int orders, int planes);

/* Room, then window set, everything stored outside it undefined: for kernels that fill it. What was stored
 * is lost, also on failure. */
um_status umi_state_resize(um_state *state, int levels, int first, int last, int orders,
                           int planes);

/* For an image in place of the state it is made of, with so many levels and orders: slack, room, and zeros in the
 * orders beyond those that are stored, to one above the image's. */
um_status umi_state_open(um_state *state, int last, int orders);

/* um_state_copy, of so many orders at most. */
um_status umi_state_copy_orders(um_state *destination, const um_state *source, int orders);

/* Nothing is stored any more, and the memory given back. */
void umi_state_drop(um_state *state);

/* The elements of each are the other's from now on. */
void umi_state_swap(um_state *a, um_state *b);

/* sum += weight image, its window as large as both need; of one gauge. To be sealed after the last. */
um_status umi_state_add(um_state *sum, double weight, const um_state *image);

/* After filling a window: zero two elements on each side of every row. */
void umi_state_seal(um_state *state);

/* e^(i (quarter pi/2 + phase) k): rho_{n,n+k} = this times r_{n,n+k}. */
void umi_state_gauge_factor(const um_state *state, int k, double *re, double *im);

/* rho_{n,n+k} with the gauge undone; n, n+k inside the window, k < orders. */
void umi_state_get_element(const um_state *state, int n, int k, double *re, double *im);

/* Dense window for spectra, gauge kept (it does not change eigenvalues): column-major
 * rows x rows, rows = last - first; real if planes == 1, else interleaved complex. Lower
 * triangle only when `full` is false. */
void umi_state_pack(const um_state *state, bool full, double *matrix);

/* Whether two states are stored in the same gauge. */
bool umi_state_same_gauge(const um_state *a, const um_state *b);

#endif
