/* What an environment does to the battery alone, in wide arithmetic: E - 1 as a sparse matrix.
 *
 * On each coherence order k the environment's generator is tridiagonal in n,
 *   (L r)_n = a d_{n+1} d_{n+k+1} r_{n+1} + b d_n d_{n+k} r_{n-1}
 *             - [a (d_n^2 + d_{n+k}^2) + b (d_{n+1}^2 + d_{n+k+1}^2) + kappa_phi k^2]/2 r_n,
 * a = kappa (n_th + 1), b = kappa n_th, plus i (E_{n+k} - E_n - k) omega r_n where levels are not equally
 * spaced. The top of the space is closed: what would leave through it
 * stays (d_levels = 0), as in a battery with a wall there. */
#ifndef UMI_GENERATOR_CHANNEL_H
#define UMI_GENERATOR_CHANNEL_H

#include "map/generator.h"

/* After a time that is always the same, or one that is exponentially distributed. */
typedef enum umi_waiting {
    UMI_WAITING_FIXED,      /* E = exp(L duration) */
    UMI_WAITING_EXPONENTIAL /* E = 1/(1 - L duration) */
} umi_waiting;

/* E - 1, square, on all elements of the layout; columns of order 0 add up to zero. matrix is to be freed also where something
 * fails. leaving (of size 0: not wanted): how often thermal photons would lift each level's population
 * across the top of a battery that goes on. */
um_status umi_channel_generator(um_context *ctx, const umi_collision *collision, double duration,
                                umi_waiting waiting, const umi_layout *layout, umi_sparse *matrix,
                                umi_wide_vector leaving);

#endif
