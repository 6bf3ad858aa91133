/* state, inside the library: how the density matrix lies in memory.
 *
 * Element r_{n,n+k} (order k) of plane p stands at plane[p][k * stride + n + UMI_STATE_PAD].
 * Orders >= `orders` are not stored; inside a stored order the two elements before and the two
 * after the window are zero, so that a kernel that fills a window one level wider reads r_{n-1}
 * and r_{n+1} without a test. Further out anything finite may stand: kernels work in blocks.
 */
#ifndef UMI_STATE_H
#define UMI_STATE_H

#include "base/base.h"
#include "umaser/state.h"

enum { UMI_STATE_PAD = 8 };

struct um_state {
    um_context *ctx;
    int levels, first, last, orders, planes;
    int quarter;
    double phase;
    int stride;          /* doubles per order: room for levels up to stride - 2 UMI_STATE_PAD */
    int orders_capacity; /* orders there is room for */
    double *plane[2];    /* real, imaginary part in the gauge; [1] NULL if planes == 1 */
};

/* The row of order k; row[n] = r_{n,n+k}. */
static inline double *umi_state_row(const um_state *state, int plane, int k)
{
    return state->plane[plane] + (size_t)k * (size_t)state->stride + UMI_STATE_PAD;
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
