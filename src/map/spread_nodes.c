/* Values of the interaction time with weights, for what has to be computed at each of them. */
#include <complex.h>
#include <math.h>

#include "map/average.h"

/* Points x_i = range (2 i - count + 1)/count, weights of a normal density: the sum of an analytic
 * function over equal steps converges geometrically. */
static double normal_node(int i, int count, double *weight)
{
    double range = 8.7, step = 2 * range / count, x = (i - (count - 1) / 2.0) * step;
    *weight = exp(-x * x / 2) * step / sqrt(2 * M_PI);
    return x;
}

/* Equal steps in ln v where v comes close to 0, in v where it does not. */
static void fill(const um_imperfections *it, int count, double *values, double *weights)
{
    double total = 0, s = it->theta_spread;
    for (int i = 0; i < count; i++) {
        if (it->theta_law == UM_SPREAD_GAUSSIAN) {
            values[i] = 1 + s * normal_node(i, count, &weights[i]);
        } else if (it->theta_law == UM_SPREAD_VELOCITY && s * 8.7 < 0.95) {
            values[i] = 1 / (1 + s * normal_node(i, count, &weights[i]));
        } else {
            bool maxwell = it->theta_law == UM_SPREAD_MAXWELL;
            double low = maxwell ? -9 : -34, high = maxwell ? log(7) : log1p(9 * s);
            double v = exp(low + (high - low) * (i + 0.5) / count), x = (v - 1) / s;
            values[i] = 1 / v;
            weights[i] = maxwell ? v * v * v * v * exp(-1.5 * v * v) : v * exp(-x * x / 2);
        }
        total += weights[i];
    }
    for (int i = 0; i < count; i++) weights[i] /= total;
}

/* Largest error of the means of e^(i alpha u) that are asked for. */
static double error_of(const umi_spread *spread, double largest, int count, const double *values,
                       const double *weights)
{
    double error = 0;
    for (int probe = 1; probe <= 16; probe++) {
        double alpha = largest * probe / 16;
        umi_mean_turn plain = {cosl(alpha), sinl(alpha)};
        umi_mean_turn excess = umi_mean_excess(spread, alpha, plain);
        double complex sum = -((double)(plain.re + excess.re) + I * (double)(plain.im + excess.im));
        for (int i = 0; i < count; i++) sum += weights[i] * cexp(I * alpha * values[i]);
        error = fmax(error, cabs(sum));
    }
    return error;
}

static um_status copy_samples(um_context *ctx, const um_imperfections *it, int most, int *count,
                              double **values)
{
    if (it->theta_samples_count > (size_t)most)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "imperfections.theta_samples",
                            "%zu samples; %d at most where each needs a collision map of its own",
                            it->theta_samples_count, most);
    *count = (int)it->theta_samples_count;
    *values = UMI_NEW_ARRAY(ctx, double, 2 * it->theta_samples_count);
    if (!*values) return UM_ERROR_MEMORY;
    for (int i = 0; i < *count; i++) {
        (*values)[i] = it->theta_samples[i];
        (*values)[*count + i] = 1.0 / *count;
    }
    return UM_OK;
}

/* Values that do not count are left out. */
static int compact(int count, double *values)
{
    int kept = 0;
    double *weights = values + count;
    for (int i = 0; i < count; i++) {
        if (weights[i] < 1e-18) continue;
        values[kept] = values[i];
        weights[kept++] = weights[i];
    }
    for (int i = 0; i < kept; i++) values[kept + i] = weights[i];
    return kept;
}

um_status umi_spread_nodes(um_context *ctx, const um_imperfections *it, double largest, int most,
                           int *count, double **values)
{
    *values = NULL;
    if (it->theta_law == UM_SPREAD_SAMPLES) return copy_samples(ctx, it, most, count, values);
    umi_spread spread;
    UMI_TRY(umi_spread_create(ctx, it, largest, &spread));
    um_status status = UM_OK;
    for (*count = 16; status == UM_OK; *count += *count / 2) {
        if (*count > most) {
            status = umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "imperfections.theta_spread",
                                  "interaction times scatter so far that the averaged map would take more "
                                  "than %d collision maps; use draw: random, or fewer theta_samples",
                                  most);
            break;
        }
        umi_free(ctx, *values);
        *values = UMI_NEW_ARRAY(ctx, double, 2 * (size_t)*count);
        if (!*values) {
            status = UM_ERROR_MEMORY;
            break;
        }
        fill(it, *count, *values, *values + *count);
        if (error_of(&spread, largest, *count, *values, *values + *count) < 1e-13) break;
    }
    umi_spread_free(&spread);
    if (status != UM_OK) {
        umi_free(ctx, *values);
        *values = NULL;
        return status;
    }
    *count = compact(*count, *values);
    return UM_OK;
}
