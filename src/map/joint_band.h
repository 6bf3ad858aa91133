/* Matrices of 4 x 4 blocks that are nonzero near the diagonal, and their exponential. */
#ifndef UMI_JOINT_BAND_H
#define UMI_JOINT_BAND_H

#include <complex.h>

#include "base/base.h"

enum { UMI_BAND_BLOCK = 4 };

/* Column-major; interleaved if complex. Blocks low[j] <= i < high[j] of block column j may be
 * nonzero, all others are exactly zero. */
typedef struct umi_band {
    int blocks, planes;
    int *low, *high;
    double *element;
} umi_band;

static inline size_t umi_band_rows(const umi_band *band)
{
    return UMI_BAND_BLOCK * (size_t)band->blocks;
}

static inline double *umi_band_at(const umi_band *band, int row, int column)
{
    return band->element + (size_t)band->planes * ((size_t)row + (size_t)column * umi_band_rows(band));
}

static inline double complex umi_band_get(const umi_band *band, int row, int column)
{
    const double *at = umi_band_at(band, row, column);
    return at[0] + (band->planes > 1 ? I * at[1] : 0);
}

/* += value; widens the range of the column. */
void umi_band_add(umi_band *band, int row, int column, double complex value);

/* Room for so many blocks; to be given fewer by umi_band_clear, which makes all elements zero. */
um_status umi_band_create(um_context *ctx, int blocks, int planes, umi_band *band);
void umi_band_free(um_context *ctx, umi_band *band);
void umi_band_clear(umi_band *band, int blocks);

/* The largest sum of moduli of a column. */
double umi_band_norm(const umi_band *band);
void umi_band_scale(umi_band *band, double factor);
/* y += factor x */
void umi_band_accumulate(umi_band *y, double factor, const umi_band *x);
/* c = a b; c is neither. */
void umi_band_multiply(const umi_band *a, const umi_band *b, umi_band *c);
/* y = x times the matrix, row vectors; x and y differ. */
void umi_band_apply(const umi_band *band, const double complex *x, double complex *y);

/* Row vectors x, each of which becomes its integral x times the integral over s from 0 to `time` of
 * exp(s generator). */
typedef struct umi_band_integrals {
    int count;
    double complex *vectors; /* one after the other, 4 blocks elements each */
    double complex *scratch; /* two of that length */
} umi_band_integrals;

/* The integrals for a generator of norm 1/2 at most, given as `scaled` = time generator. */
void umi_band_start_integrals(const umi_band *scaled, double time, const umi_band_integrals *integrals);

/* What an exponential needs besides the generator: five matrices as large. */
enum { UMI_BAND_WORK = 5 };

/* exp(time generator) - 1, elements below 1e-24 at the ends of the columns left out. Returns the one
 * of `work` that holds it; the generator is scaled, by `time` itself if its norm is 1/2 at most then.
 * integrals may be NULL. */
umi_band *umi_band_exponential(umi_band *generator, double time, umi_band *work,
                               const umi_band_integrals *integrals);

#endif
