/* A computed unitary, or some of its columns, made unitary to the rounding of its elements.
 *
 * U from eigenvectors has U'U = 1 + E with E of 1e-15, always the same way: over a million collisions
 * the trace would drift by 1e-9. One Newton step, U <- U (1 - E/2), leaves E^2. E is what cancels, so
 * it is summed in long double, over the band alone. (Higham, Functions of Matrices, section 8.3) */
#include <math.h>

#include "map/unitary.h"

/* Elements outside the band are rounding noise of the eigenvectors. */
static const double NOISE = 1e-16;

static bool is_noise(double re, double im) { return re * re + im * im < NOISE * NOISE; }

static void find_band(int size, int columns, const double *re, const double *im, int *low, int *high)
{
    for (int j = 0; j < columns; j++) {
        const double *column_re = re + (size_t)j * (size_t)size;
        const double *column_im = im + (size_t)j * (size_t)size;
        low[j] = 0;
        high[j] = size;
        while (low[j] < j && is_noise(column_re[low[j]], column_im[low[j]])) low[j]++;
        while (high[j] > j + 1 && is_noise(column_re[high[j] - 1], column_im[high[j] - 1]))
            high[j]--;
    }
}

/* E_ij = sum_k conj(U_ki) U_kj - delta_ij */
static double _Complex defect(int size, const double *re, const double *im, const int *low,
                              const int *high, int i, int j)
{
    const double *ar = re + (size_t)i * (size_t)size, *ai = im + (size_t)i * (size_t)size;
    const double *br = re + (size_t)j * (size_t)size, *bi = im + (size_t)j * (size_t)size;
    long double sum_re = i == j ? -1 : 0, sum_im = 0;
    for (int k = umi_max(low[i], low[j]); k < umi_min(high[i], high[j]); k++) {
        sum_re += (long double)ar[k] * br[k] + (long double)ai[k] * bi[k];
        sum_im += (long double)ar[k] * bi[k] - (long double)ai[k] * br[k];
    }
    return (double)sum_re + I * (double)sum_im;
}

/* Elements near this size take what rounding of all of them leaves of a column's norm. */
static const double MIDDLING = 0.2;

/* Rounded elements leave 1e-16 of a column's norm, the same at every collision. One of them, changed by as little
 * as that, brings it to a tenth or less. */
static void settle_norm(int low, int high, double *re, double *im)
{
    long double excess = -1;
    double *nearest = re + low;
    for (int k = low; k < high; k++) {
        excess += (long double)re[k] * re[k] + (long double)im[k] * im[k];
        if (fabs(fabs(re[k]) - MIDDLING) < fabs(fabs(*nearest) - MIDDLING)) nearest = re + k;
        if (fabs(fabs(im[k]) - MIDDLING) < fabs(fabs(*nearest) - MIDDLING)) nearest = im + k;
    }
    if (fabs(*nearest) > MIDDLING / 4) *nearest -= (double)(excess / (2 * *nearest));
}

um_status umi_unitary_polish(um_context *ctx, int size, int columns, double *re, double *im)
{
    size_t n = (size_t)size, count = n * (size_t)columns;
    double _Complex *correction = UMI_NEW_ARRAY(ctx, double _Complex, count);
    int *low = UMI_NEW_ARRAY(ctx, int, 2 * (size_t)columns), *high = low ? low + columns : NULL;
    um_status status = correction && low ? UM_OK : UM_ERROR_MEMORY;
    if (status == UM_OK) find_band(size, columns, re, im, low, high);
    for (int j = 0; j < columns && status == UM_OK; j++)
        for (int i = 0; i <= j; i++) {
            if (high[i] <= low[j] || high[j] <= low[i]) continue;
            double _Complex half = -0.5 * defect(size, re, im, low, high, i, j);
            for (int k = low[i]; k < high[i]; k++)
                correction[(size_t)k + (size_t)j * n] +=
                    (re[(size_t)k + (size_t)i * n] + I * im[(size_t)k + (size_t)i * n]) * half;
            if (i == j) continue;
            for (int k = low[j]; k < high[j]; k++)
                correction[(size_t)k + (size_t)i * n] +=
                    (re[(size_t)k + (size_t)j * n] + I * im[(size_t)k + (size_t)j * n]) * conj(half);
        }
    for (size_t at = 0; at < count && status == UM_OK; at++) {
        re[at] += creal(correction[at]);
        im[at] += cimag(correction[at]);
    }
    for (int j = 0; j < columns && status == UM_OK; j++)
        settle_norm(low[j], high[j], re + (size_t)j * n, im + (size_t)j * n);
    umi_free(ctx, correction);
    umi_free(ctx, low);
    return status;
}
