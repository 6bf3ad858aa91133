/* How the time of interaction scatters: tau u, with u = 1 in the mean or so (um_spread_law). All that a
 * collision without counter-rotating terms consists of are sums of e^(i alpha u): their means are
 * the characteristic function of u. */
#ifndef UMI_SPREAD_H
#define UMI_SPREAD_H

#include "base/random.h"
#include "model/model.h"

/* A polynomial in place of the mean, for from <= alpha <= to. */
typedef struct umi_spread_piece umi_spread_piece;

typedef struct umi_spread {
    um_context *ctx;
    um_spread_law law;
    double s;
    const double *samples; /* the model's */
    size_t samples_count;
    /* velocity, maxwell: a sum that replaces the integral over v, on a path where e^(i alpha/v) decays */
    int nodes;
    long double *inverse_re; /* 1/v, ascending; its imaginary part is `slope` times this */
    double *weight[2];
    double slope;
    int pieces; /* from 0 to the largest angle, ascending; none: the mean is summed each time */
    umi_spread_piece *piece;
} umi_spread;

/* Whether tau can come out negative (a probability above 1e-16). */
bool umi_spread_reverses(const um_imperfections *imperfections);

/* For angles up to `largest`. The samples are not copied. UM_ERROR_NOCONV if 1e-14 cannot be had. */
um_status umi_spread_create(um_context *ctx, const um_imperfections *imperfections, double largest,
                            umi_spread *spread);
void umi_spread_free(umi_spread *spread);

/* E[e^(i alpha (u - 1))] of all laws but gaussian, to 1e-14, summed over nodes or samples, or, 4e-15
 * beside that, from the pieces; see umi_mean_excess (average.h) for all laws. */
double _Complex umi_spread_sum_mean(const umi_spread *spread, long double alpha);
double _Complex umi_spread_get_mean(const umi_spread *spread, long double alpha);

/* Makes the pieces up to `largest`; umi_spread_create does. */
um_status umi_spread_fit(umi_spread *spread, double largest);

/* Values of u (> 0 unless the law reverses) and weights > 0 (sum 1) with which means of e^(i alpha u) are right to 1e-13 for alpha
 * up to `largest`; both arrays in one block, *values, of *count values and then as many weights.
 * UM_ERROR_UNSUPPORTED: more than `most` would be needed; remedy: what the message names besides drawing. */
um_status umi_spread_nodes(um_context *ctx, const um_imperfections *imperfections, double largest,
                           int most, const char *remedy, int *count, double **values);

/* The same where many values cost little: means of e^(i alpha u) come out to 1e-15 or so, with what is
 * rarer than that left out. Not for gaussian spreads that reverse, nor velocities that come near 0. */
um_status umi_spread_times(um_context *ctx, const um_imperfections *imperfections, double largest, int *count,
                           double **values);

/* One value of u. */
double umi_spread_draw(const um_imperfections *imperfections, umi_random *random);

#endif
