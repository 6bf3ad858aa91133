/* Values of the interaction time with weights, for what has to be computed at each of them. */
#include <complex.h>
#include <limits.h>
#include <math.h>

#include "linalg/linalg.h"
#include "map/average.h"

/* Gauss-Hermite: x and weights of a normal variable, from the eigenvectors of its Jacobi matrix. */
static um_status fill_normal(um_context *ctx, int count, double *x, double *weights)
{
    size_t size = (size_t)count;
    double *work = UMI_NEW_ARRAY(ctx, double, size * (size + 1));
    if (!work) return UM_ERROR_MEMORY;
    double *off = work, *vectors = work + size;
    for (int i = 0; i < count; i++) {
        x[i] = 0;
        off[i] = sqrt(i + 1);
    }
    um_status status = umi_linalg_eigen_tridiagonal(ctx, count, x, off, vectors);
    for (size_t i = 0; i < size; i++) weights[i] = vectors[i * size] * vectors[i * size];
    umi_free(ctx, work);
    return status;
}

/* Velocities that come close to 0: equal steps in ln v. */
static void fill_wide(const um_imperfections *it, int count, double *values, double *weights)
{
    bool maxwell = it->theta_law == UM_SPREAD_MAXWELL;
    double s = it->theta_spread, low = maxwell ? -9 : -34, high = maxwell ? log(7) : log1p(9 * s);
    for (int i = 0; i < count; i++) {
        double v = exp(low + (high - low) * (i + 0.5) / count), x = (v - 1) / s;
        values[i] = 1 / v;
        weights[i] = maxwell ? v * v * v * v * exp(-1.5 * v * v) : v * exp(-x * x / 2);
    }
}

static um_status fill(um_context *ctx, const um_imperfections *it, int count, double *values)
{
    double s = it->theta_spread, *weights = values + count, total = 0;
    bool normal = it->theta_law == UM_SPREAD_GAUSSIAN;
    if (normal || (it->theta_law == UM_SPREAD_VELOCITY && s * 8.7 < 0.95)) {
        UMI_TRY(fill_normal(ctx, count, values, weights));
        for (int i = 0; i < count; i++) {
            double factor = 1 + s * values[i];
            values[i] = normal ? factor : 1 / factor;
            if (!normal && factor < 0.05) weights[i] = 0;
        }
    } else {
        fill_wide(it, count, values, weights);
    }
    for (int i = 0; i < count; i++) total += weights[i];
    for (int i = 0; i < count; i++) weights[i] /= total;
    return UM_OK;
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
        if (weights[i] < (values[i] > 0 ? 1e-18 : 1e-15)) continue;
        values[kept] = values[i];
        weights[kept++] = weights[i];
    }
    for (int i = 0; i < kept; i++) values[kept + i] = weights[i];
    return kept;
}

um_status umi_spread_nodes(um_context *ctx, const um_imperfections *it, double largest, int most,
                           const char *remedy, int *count, double **values)
{
    *values = NULL;
    if (it->theta_law == UM_SPREAD_SAMPLES) return copy_samples(ctx, it, most, count, values);
    umi_spread spread;
    UMI_TRY(umi_spread_create(ctx, it, largest, &spread));
    um_status status = UM_OK;
    for (*count = 2; status == UM_OK; *count += umi_max(1, *count / 4)) {
        if (*count > most) {
            bool maxwell = it->theta_law == UM_SPREAD_MAXWELL;
            status = umi_fail_key(ctx, UM_ERROR_UNSUPPORTED,
                                  maxwell ? "imperfections.theta_law" : "imperfections.theta_spread",
                                  "interaction times scatter so far that the averaged map would take more "
                                  "than %d collision maps; use %sdraw: random%s",
                                  most, maxwell ? "" : "a smaller theta_spread, ", remedy);
            break;
        }
        umi_free(ctx, *values);
        *values = UMI_NEW_ARRAY(ctx, double, 2 * (size_t)*count);
        if (!*values) {
            status = UM_ERROR_MEMORY;
            break;
        }
        status = fill(ctx, it, *count, *values);
        if (status == UM_OK && error_of(&spread, largest, *count, *values, *values + *count) < 1e-13) break;
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

/* Normal variables are cut where 1e-16 is left of them. */
#define REACH 8.3

/* The slowest of a Maxwell gas that count: all below are 1e-15 of it. */
#define MAXWELL_SLOWEST 1.7e-4

/* Several values per turn of the largest angle. */
static int count_times(const um_imperfections *it, double largest)
{
    double s = it->theta_spread;
    if (it->theta_law == UM_SPREAD_GAUSSIAN) return (int)fmin(64 + 8 * s * largest, 1e6);
    if (it->theta_law == UM_SPREAD_MAXWELL) return (int)fmin(256 + 8 * largest / MAXWELL_SLOWEST, 1e6);
    double slowest = 1 - 7 * s;
    return (int)fmin(256 + 40 * s * largest / (slowest * slowest), 1e6);
}

um_status umi_spread_times(um_context *ctx, const um_imperfections *it, double largest, int *count,
                           double **values)
{
    if (it->theta_law == UM_SPREAD_SAMPLES) return copy_samples(ctx, it, INT_MAX, count, values);
    bool maxwell = it->theta_law == UM_SPREAD_MAXWELL;
    double s = it->theta_spread, total = 0;
    *count = count_times(it, largest);
    *values = UMI_NEW_ARRAY(ctx, double, 2 * (size_t)*count);
    if (!*values) return UM_ERROR_MEMORY;
    for (int i = 0; i < *count; i++) {
        double x = REACH * (2.0 * i / (*count - 1) - 1), weight = exp(-x * x / 2), v = 1 + s * x;
        if (maxwell) {
            v = exp(log(MAXWELL_SLOWEST) + (log(6) - log(MAXWELL_SLOWEST)) * i / (*count - 1));
            weight = v * v * v * v * exp(-1.5 * v * v);
        }
        (*values)[i] = it->theta_law == UM_SPREAD_GAUSSIAN ? v : 1 / v;
        (*values)[*count + i] = weight;
        total += weight;
    }
    for (int i = 0; i < *count; i++) (*values)[*count + i] /= total;
    return UM_OK;
}
