/* Is it a density matrix? */
#include "state/state.h"

#include <complex.h>
#include <math.h>

/* Largest violation of |rho_nm|^2 <= p_n p_m and p_n >= 0; NAN if an element is not finite. */
static double worst_element(const um_state *state, int *level)
{
    double worst = 0;
    const double *p = umi_state_row(state, 0, 0);
    for (int k = 0; k < state->orders; k++)
        for (int n = state->first; n < state->last - k; n++) {
            double x = umi_state_row(state, 0, k)[n];
            double y = state->planes == 2 ? umi_state_row(state, 1, k)[n] : 0;
            double bound = fmax(p[n], 0) * fmax(p[n + k], 0);
            double excess = k ? x * x + y * y - bound : -x;
            if (!isfinite(x) || !isfinite(y)) excess = NAN;
            if (excess > worst || isnan(excess)) {
                worst = excess;
                *level = n;
                if (isnan(excess)) return worst;
            }
        }
    return worst;
}

/* Cholesky of r + tolerance 1: fails at the first pivot that is not positive. */
static bool is_positive(int rows, double complex *a, double tolerance)
{
    size_t size = (size_t)rows;
    for (size_t j = 0; j < size; j++) {
        double pivot = creal(a[j * size + j]) + tolerance;
        for (size_t l = 0; l < j; l++) pivot -= creal(a[j * size + l] * conj(a[j * size + l]));
        if (!(pivot > 0)) return false;
        double root = sqrt(pivot);
        for (size_t i = j + 1; i < size; i++) {
            double complex sum = a[i * size + j];
            for (size_t l = 0; l < j; l++) sum -= a[i * size + l] * conj(a[j * size + l]);
            a[i * size + j] = sum / root;
        }
        a[j * size + j] = root;
    }
    return true;
}

static um_status check_positive(const um_state *state, double tolerance)
{
    int rows = state->last - state->first;
    size_t size = (size_t)rows;
    double complex *matrix = UMI_NEW_ARRAY(state->ctx, double complex, size * size);
    if (!matrix) return UM_ERROR_MEMORY;
    for (int k = 0; k < state->orders; k++)
        for (int n = 0; n < rows - k; n++) {
            double re, im;
            umi_state_get_element(state, state->first + n, k, &re, &im);
            matrix[(size_t)(n + k) * size + (size_t)n] = re - I * im;
        }
    bool positive = is_positive(rows, matrix, tolerance);
    umi_free(state->ctx, matrix);
    if (positive) return UM_OK;
    return umi_fail(state->ctx, UM_ERROR_DOMAIN, "an eigenvalue is below -%.3g", tolerance);
}

um_status um_state_check(const um_state *state, double tolerance, bool thorough)
{
    int level = -1;
    double worst = worst_element(state, &level);
    if (!(worst <= tolerance)) {
        um_status status = umi_fail(state->ctx, UM_ERROR_DOMAIN,
                                    "an element in row %d violates positivity by %.3g", level, worst);
        state->ctx->error.level = level;
        return status;
    }
    double trace = um_state_get_trace(state);
    if (!(fabs(trace - 1) <= tolerance))
        return umi_fail(state->ctx, UM_ERROR_DOMAIN, "the trace is 1 %+.3g", trace - 1);
    return thorough && state->last > state->first ? check_positive(state, tolerance) : UM_OK;
}
