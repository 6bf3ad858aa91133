/* Means of exponentials over times: exp(t G) is an entire function of t, and so its values anywhere are
 * sums of those on a grid of equal steps h, of 24 neighbours each, to 1e-15 if |G| h is 1/2. On the grid it
 * is a polynomial in exp(h G), whose bands are narrow. Carried without its 1, like every exponential. */
#include "map/joint_times.h"

#include <math.h>
#include <string.h>

/* Neighbours; powers of exp(h G) that are kept, by which most multiplications become sums. */
enum { POINTS = 24, POWERS = 4 };

/* Where on the way the multiplications would take minutes. */
enum { STEPS_MAX = 20000 };

#define STEP_NORM 0.499

/* Grid of times start + i step with the weights of exp((start + i step) G). */
typedef struct grid {
    double start, step;
    int count;
    double *weight;
} grid;

/* weight[k] += factor L_k(x), Lagrange's polynomials of the points 0 .. POINTS-1. */
static void interpolate(double x, double factor, double *weight)
{
    double part[POINTS], sum = 0, sign = 1;
    for (int k = 0; k < POINTS; k++) {
        if (x == k) {
            weight[k] += factor;
            return;
        }
        part[k] = sign / (x - k);
        sum += part[k];
        sign *= -(double)(POINTS - 1 - k) / (k + 1);
    }
    for (int k = 0; k < POINTS; k++) weight[k] += factor * part[k] / sum;
}

static um_status create_grid(um_context *ctx, const umi_times *times, double step, grid *made)
{
    double first = times->time[0], last = first;
    for (int i = 0; i < times->count; i++) {
        first = fmin(first, times->time[i]);
        last = fmax(last, times->time[i]);
    }
    double cells = (last - first) / step;
    if (!(cells < STEPS_MAX))
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "imperfections.theta_spread",
                            "interaction times from %g to %g, with an environment that acts meanwhile: too far "
                            "apart for the largest coupling's angle of %.0f; use draw: random, theta_law: "
                            "velocity with theta_spread below 0.1, or environment.during_collision: false",
                            first, last, last * STEP_NORM / step);
    *made = (grid){.start = first - (POINTS / 2 - 1) * step, .step = step, .count = (int)cells + POINTS};
    made->weight = UMI_NEW_ARRAY(ctx, double, (size_t)made->count);
    if (!made->weight) return UM_ERROR_MEMORY;
    for (int i = 0; i < times->count; i++) {
        double x = (times->time[i] - made->start) / step;
        int at = umi_max(0, umi_min((int)x - (POINTS / 2 - 1), made->count - POINTS));
        interpolate(x - at, times->weight[i], made->weight + at);
    }
    return UM_OK;
}

static void swap(umi_band *a, umi_band *b)
{
    umi_band kept = *a;
    *a = *b;
    *b = kept;
}

/* q_(m+1) = q + q_m + q q_m: powers of 1 + q, without the 1. */
static void fill_powers(umi_band *power)
{
    for (int m = 1; m < POWERS; m++) {
        umi_band_multiply(&power[0], &power[m - 1], &power[m]);
        umi_band_accumulate(&power[m], 1, &power[0]);
        umi_band_accumulate(&power[m], 1, &power[m - 1]);
    }
}

/* sum = mean of Q^i - (its weight): from the top, R = (w_0 + .. + w_3 Q^3) + Q^4 R. */
static void sum_powers(const grid *it, const umi_band *power, umi_band *sum, umi_band *next)
{
    int groups = (it->count + POWERS - 1) / POWERS;
    double above = 0;
    umi_band_clear(sum, power->blocks);
    for (int g = groups - 1; g >= 0; g--) {
        umi_band_multiply(&power[POWERS - 1], sum, next);
        umi_band_accumulate(next, 1, sum);
        umi_band_accumulate(next, above, &power[POWERS - 1]);
        for (int i = 0; i < POWERS && POWERS * g + i < it->count; i++) {
            double weight = it->weight[POWERS * g + i];
            above += weight;
            if (i > 0) umi_band_accumulate(next, weight, &power[i - 1]);
        }
        swap(sum, next);
    }
}

/* The part of the integrals after the grid's start: x (sum over i of Q^i times the weight after i), from the
 * top, times the integral over one step. */
static void integrate_steps(const grid *it, const umi_band *q, const umi_band *scaled,
                            const umi_band_integrals *integrals)
{
    size_t rows = umi_band_rows(q);
    double complex *sum = integrals->scratch, *next = sum + rows;
    for (int v = 0; v < integrals->count; v++) {
        double complex *x = integrals->vectors + (size_t)v * rows;
        double after = 0;
        for (size_t i = 0; i < rows; i++) sum[i] = 0;
        for (int k = it->count - 1; k > 0; k--) {
            after += it->weight[k];
            umi_band_apply(q, sum, next);
            for (size_t i = 0; i < rows; i++) sum[i] += next[i] + after * x[i];
        }
        for (size_t i = 0; i < rows; i++) x[i] = sum[i];
    }
    umi_band_start_integrals(scaled, it->step, integrals);
}

/* `integrals`: up to the start of the grid, in steps; `later`: from there, before the start is gone through. */
static void join_integrals(const grid *it, const umi_band *change, const umi_band_integrals *integrals,
                           const umi_band_integrals *later)
{
    size_t rows = umi_band_rows(change);
    for (int v = 0; v < integrals->count; v++) {
        double complex *x = integrals->vectors + (size_t)v * rows, *y = later->vectors + (size_t)v * rows;
        umi_band_apply(change, y, integrals->scratch);
        for (size_t i = 0; i < rows; i++) x[i] = it->step * x[i] + y[i] + integrals->scratch[i];
    }
}

static um_status mean_on_grid(um_context *ctx, const grid *it, umi_band *generator, umi_band *work,
                              const umi_band_integrals *integrals, umi_band **mean)
{
    umi_band_integrals later = {0};
    umi_band *q = umi_band_exponential(generator, it->step, work, NULL);
    if (q != work) swap(q, work);
    umi_band *sum = &work[UMI_BAND_WORK];
    fill_powers(work);
    sum_powers(it, work, sum, &work[POWERS]);
    if (integrals) {
        size_t size = (size_t)integrals->count * umi_band_rows(generator);
        later = *integrals;
        later.vectors = UMI_NEW_ARRAY(ctx, double complex, size);
        if (!later.vectors) return UM_ERROR_MEMORY;
        memcpy(later.vectors, integrals->vectors, size * sizeof *later.vectors);
        integrate_steps(it, &work[0], generator, &later);
    }
    umi_band *start = umi_band_exponential(generator, it->start / it->step, work, integrals);
    if (integrals) join_integrals(it, start, integrals, &later);
    umi_free(ctx, later.vectors);
    *mean = start == work ? &work[1] : work;
    umi_band_multiply(start, sum, *mean);
    umi_band_accumulate(*mean, 1, start);
    umi_band_accumulate(*mean, 1, sum);
    return UM_OK;
}

um_status umi_band_mean(um_context *ctx, umi_band *generator, const umi_times *times, umi_band *work,
                        const umi_band_integrals *integrals, umi_band **mean)
{
    double norm = umi_band_norm(generator);
    if (times->count == 1 || norm == 0) {
        *mean = umi_band_exponential(generator, times->time[0], work, integrals);
        return UM_OK;
    }
    grid it = {0};
    UMI_TRY(create_grid(ctx, times, STEP_NORM / norm, &it));
    um_status status = mean_on_grid(ctx, &it, generator, work, integrals, mean);
    umi_free(ctx, it.weight);
    return status;
}
