/* Initial states. Amplitudes come from ratios of neighbours, started at the largest one, so that
 * nothing under- or overflows; what lies above the top level is reported, then normalised away. */
#include "state/state.h"

#include <complex.h>
#include <math.h>
#include <string.h>

/* Amplitudes below this make no element above the window's 1e-18. */
static const double AMPLITUDE_MIN = 1e-20;
static const double WINDOW_TOLERANCE = 1e-18;

/* Pure state: amplitude[n], n = first..last-1, and how much norm^2 was cut off at the top. */
typedef struct pure {
    int first, last;
    double complex *amplitude;
    double outside;
} pure;

/* psi_{n+step} = psi_n * ratio. */
typedef double complex (*ratio_function)(const um_initial *initial, int n);

static double complex coherent_ratio(const um_initial *initial, int n)
{
    return (initial->re + I * initial->im) / sqrt(n + 1.0);
}

static double complex squeezed_ratio(const um_initial *initial, int n)
{
    return -cexp(I * initial->angle) * tanh(initial->r) * sqrt((n + 1.0) / (n + 2.0));
}

/* A peak above the space: everything is outside. */
static void fill_pure(const um_initial *initial, ratio_function ratio, int step, int peak,
                      int limit, pure *psi)
{
    double complex *amplitude = psi->amplitude;
    double inside = 0, above = 0;
    psi->first = psi->last = peak;
    amplitude[peak] = 1;
    for (int n = peak; n - step >= 0; n -= step) {
        amplitude[n - step] = amplitude[n] / ratio(initial, n - step);
        double modulus = cabs(amplitude[n - step]);
        if (modulus < AMPLITUDE_MIN) break;
        inside += modulus * modulus;
        psi->first = n - step;
    }
    /* A state mostly above the space may have a tail without end: that is known to be too much. */
    double complex value = 1;
    for (int n = peak; cabs(value) >= AMPLITUDE_MIN && above <= inside; n += step) {
        double weight = creal(value * conj(value));
        if (n < limit) {
            amplitude[n] = value;
            inside += weight;
            psi->last = n + 1;
        } else {
            above += weight;
        }
        value *= ratio(initial, n);
    }
    psi->outside = above > inside ? 1 : above / (inside + above);
    for (int n = psi->first; n < psi->last; n += step) amplitude[n] /= sqrt(inside);
}

static um_status set_pure(um_state *state, const pure *psi)
{
    int rows = psi->last - psi->first;
    UMI_TRY(umi_state_resize(state, state->levels, psi->first, psi->last, rows, 2));
    for (int k = 0; k < state->orders; k++) {
        double cosine, sine;
        umi_state_gauge_factor(state, k, &cosine, &sine);
        for (int n = psi->first; n + k < psi->last; n++) {
            double complex value = psi->amplitude[n] * conj(psi->amplitude[n + k]);
            value *= cosine - I * sine;
            umi_state_row(state, 0, k)[n] = creal(value);
            umi_state_row(state, 1, k)[n] = k ? cimag(value) : 0;
        }
    }
    umi_state_seal(state);
    return UM_OK;
}

static um_status set_pure_ratio(um_state *state, const um_initial *initial, ratio_function ratio,
                                int step, double peak_position, double *outside)
{
    int limit = state->levels;
    if (peak_position >= limit - 1) {
        *outside = 1;
        return UM_OK;
    }
    pure psi = {.amplitude = UMI_NEW_ARRAY(state->ctx, double complex, (size_t)limit)};
    if (!psi.amplitude) return UM_ERROR_MEMORY;
    fill_pure(initial, ratio, step, (int)peak_position, limit, &psi);
    *outside = psi.outside;
    um_status status = set_pure(state, &psi);
    umi_free(state->ctx, psi.amplitude);
    return status;
}

static um_status set_thermal(um_state *state, double mean, double *outside)
{
    double x = mean / (1 + mean);
    int last = 1;
    while (last < state->levels && pow(x, last) >= WINDOW_TOLERANCE) last++;
    UMI_TRY(umi_state_resize(state, state->levels, 0, last, 1, 1));
    double sum = 0;
    for (int n = last - 1; n >= 0; n--) sum += pow(x, n);
    for (int n = 0; n < last; n++) umi_state_row(state, 0, 0)[n] = pow(x, n) / sum;
    umi_state_seal(state);
    *outside = pow(x, last);
    return UM_OK;
}

static um_status set_fock(um_state *state, int level, double *outside)
{
    if (level >= state->levels) {
        *outside = 1;
        return UM_OK;
    }
    UMI_TRY(umi_state_resize(state, state->levels, level, level + 1, 1, 1));
    umi_state_row(state, 0, 0)[level] = 1;
    umi_state_seal(state);
    return UM_OK;
}

/* The leading rows and columns that the space has. */
static um_status set_leading(um_state *state, const um_initial *initial)
{
    size_t levels = (size_t)umi_min(initial->levels, state->levels);
    double *real = UMI_NEW_ARRAY(state->ctx, double, levels * levels);
    double *imag = UMI_NEW_ARRAY(state->ctx, double, levels * levels);
    um_status status = real && imag ? UM_OK : UM_ERROR_MEMORY;
    for (size_t n = 0; n < levels && status == UM_OK; n++) {
        size_t from = n * (size_t)initial->levels;
        memcpy(real + n * levels, initial->real + from, levels * sizeof *real);
        if (initial->imag) memcpy(imag + n * levels, initial->imag + from, levels * sizeof *imag);
    }
    if (status == UM_OK) status = um_state_set_matrix(state, (int)levels, real, imag);
    umi_free(state->ctx, real);
    umi_free(state->ctx, imag);
    return status;
}

static um_status set_matrix(um_state *state, const um_initial *initial, double *outside)
{
    int levels = initial->levels;
    double inside = 0, above = 0;
    for (int n = 0; n < levels; n++)
        *(n < state->levels ? &inside : &above) += initial->real[(size_t)n * (size_t)(levels + 1)];
    if (fabs(inside + above - 1) > 1e-9)
        return umi_fail_key(state->ctx, UM_ERROR_CONFIG, "battery.initial",
                            "the initial matrix has trace %.12g, not 1", inside + above);
    *outside = fmax(above, 0);
    if (*outside > 0.5) return UM_OK; /* never fits: the caller says so */
    UMI_TRY(set_leading(state, initial));
    um_state_scale(state, 1 / um_state_get_trace(state));
    um_status status = um_state_check(state, 1e-9, true);
    if (status != UM_ERROR_DOMAIN) return status;
    return umi_fail_key(state->ctx, UM_ERROR_CONFIG, "battery.initial",
                        "the initial matrix is not a density matrix: %s",
                        um_context_get_error(state->ctx)->message);
}

static um_status fill(um_state *state, const um_initial *initial, double *outside)
{
    double peak;
    *outside = 0;
    switch (initial->kind) {
    case UM_INITIAL_VACUUM: return set_fock(state, 0, outside);
    case UM_INITIAL_FOCK: return set_fock(state, initial->level, outside);
    case UM_INITIAL_COHERENT:
        peak = initial->re * initial->re + initial->im * initial->im;
        return set_pure_ratio(state, initial, coherent_ratio, 1, floor(peak), outside);
    case UM_INITIAL_THERMAL: return set_thermal(state, initial->mean, outside);
    case UM_INITIAL_SQUEEZED:
        return set_pure_ratio(state, initial, squeezed_ratio, 2, 0, outside);
    case UM_INITIAL_MATRIX: return set_matrix(state, initial, outside);
    }
    return umi_fail(state->ctx, UM_ERROR_INTERNAL, "initial state of kind %d", initial->kind);
}

static bool is_finite_system(const um_battery *battery, int levels)
{
    return battery->kind == UM_BATTERY_CUSTOM ||
           (battery->kind == UM_BATTERY_LADDER && levels != UM_LEVELS_AUTO);
}

/* For `auto`: the space the state itself needs, found in the largest one allowed. */
static int levels_for(const um_state *state, int max_levels)
{
    return umi_min(umi_max(16, state->last + 2), max_levels);
}

um_status um_state_create_initial(um_context *ctx, const um_initial *initial,
                                  const um_battery *battery, int levels, double truncation,
                                  um_state **state, double *dropped)
{
    *state = NULL;
    int room = levels == UM_LEVELS_AUTO ? battery->max_levels : levels;
    um_state *made;
    UMI_TRY(um_state_create(ctx, room, 1, 1, 0, &made));
    double outside;
    um_status status = fill(made, initial, &outside);
    /* A finite ladder's thermal state is normalised over the levels it has. */
    if (initial->kind == UM_INITIAL_THERMAL && is_finite_system(battery, levels)) outside = 0;
    /* |rho - P rho P / tr| <= 2 sqrt(outside) for a pure state, 2 outside for a diagonal one. */
    bool diagonal = made->orders <= 1;
    double bound = diagonal ? 2 * outside : 2 * sqrt(outside);
    if (status == UM_OK && bound > truncation)
        status = umi_fail_key(ctx, UM_ERROR_CONFIG, "battery.initial",
                              "a fraction %.3g of the initial state lies above the top level %d; "
                              "raise %s (or accuracy.truncation, now %g)",
                              outside, room - 1,
                              levels == UM_LEVELS_AUTO ? "battery.max_levels" : "battery.levels",
                              truncation);
    if (status != UM_OK) {
        um_state_destroy(made);
        return status;
    }
    bound += um_state_trim(made, WINDOW_TOLERANCE);
    if (levels == UM_LEVELS_AUTO) made->levels = levels_for(made, battery->max_levels);
    if (made->planes == 2) {
        /* Real where the gauge allows it: a round trip through the physical gauge finds out. */
        um_status regauged = um_state_set_gauge(made, 0, 0);
        if (regauged == UM_OK) regauged = um_state_set_gauge(made, 1, 0);
        if (regauged != UM_OK) {
            um_state_destroy(made);
            return regauged;
        }
    }
    if (dropped) *dropped = bound;
    *state = made;
    return UM_OK;
}
