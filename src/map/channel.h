/* The environment acting on the battery alone, exactly:
 *   E_t = exp(L t),  L = -i [H', .] + kappa (n_th+1) D[A] + kappa n_th D[A'] + dephasing D[n],
 * H' = omega (E_n - n), which vanishes where levels are equally spaced; or the average of E_t over
 * exponential waiting times, R (R - L)^-1. Coherence orders k do not mix; on each of them L is
 * tridiagonal in n, so that E_t costs N^2 times a few terms:
 *   cavity          loss with eta/G, then gain with G = 1 + n_th (1 - eta): two sums over shifted rows with
 *                   factorised weights (channel_factors.c)
 *   ladder, custom  uniformisation, sum_j w_j (1 + T/q)^j with all terms positive (channel_series.c)
 *   waiting         elimination of a tridiagonal matrix, prepared once (channel_wait.c)
 *
 * Levels n >= 0 of a cavity without end are cut: what climbs beyond the top is lost, and bounded. */
#ifndef UMI_CHANNEL_H
#define UMI_CHANNEL_H

#include "map/kernels/channel.h"
#include "map/map.h"

typedef struct umi_channel umi_channel;

/* Acts for no time at all until it is told otherwise. */
um_status umi_channel_create(um_context *ctx, const umi_collision *it, umi_channel **channel);
void umi_channel_destroy(umi_channel *channel);

/* exp(L time). */
um_status umi_channel_set_time(umi_channel *channel, double time);
/* rate (rate - L)^-1, rate > 0. */
um_status umi_channel_set_wait(umi_channel *channel, double rate);

/* Levels that it can climb; its tail is below 1e-20. */
int umi_channel_get_reach(const umi_channel *channel);
/* The same, of what lies below level `last`, which may be far below the top; not capped by the levels. */
int umi_channel_get_climb(const umi_channel *channel, int last);
const char *umi_channel_get_kernel(const umi_channel *channel);

typedef struct umi_channel_outcome {
    double heat;        /* energy received, in units of omega */
    double error_bound; /* trace norm, for a density matrix of trace at most 1 */
} umi_channel_outcome;

/* What lies beside the window of `in` is overwritten, with zeros. outcome may be NULL. */
um_status umi_channel_apply(umi_channel *channel, um_state *in, um_state *out,
                            umi_channel_outcome *outcome);
/* Populations p_n of all levels, in extended precision; where the environment is weak. */
bool umi_channel_can_refine(const umi_channel *channel);
void umi_channel_refine(const umi_channel *channel, long double *p);

um_status umi_channel_apply_adjoint(umi_channel *channel, um_state *in, um_state *out);

#endif
