/* Numbers that need no spectrum: sums over populations and over matrix elements. */
#include "umaser/observe.h"

#include <math.h>

#include "state/state.h"

/* Below this mean n the ratios of the counting statistics are 0/0. */
static const double MEAN_MIN = 1e-12;

static double level_energy(const double *energies, int n) { return energies ? energies[n] : n; }

static const double *populations(const um_state *state)
{
    return state->orders > 0 ? umi_state_row(state, 0, 0) : NULL;
}

double um_observe_energy(const um_state *state, const double *energies)
{
    const double *p = populations(state);
    /* Four sums at once: one addition need not wait for the last. */
    double sum[4] = {0};
    int n = state->first;
    for (; n + 4 <= state->last; n += 4)
        for (int j = 0; j < 4; j++) sum[j] += p[n + j] * level_energy(energies, n + j);
    for (; n < state->last; n++) sum[0] += p[n] * level_energy(energies, n);
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Around the mean: the difference of two large squares would lose digits. */
static double variance(const um_state *state, const double *energies, double mean)
{
    const double *p = populations(state);
    double sum = 0;
    for (int n = state->first; n < state->last; n++) {
        double deviation = level_energy(energies, n) - mean;
        sum += p[n] * deviation * deviation;
    }
    return sum;
}

static double top_population(const um_state *state)
{
    const double *p = populations(state);
    double top = 0;
    for (int n = umi_max(state->levels - 2, state->first); n < state->last; n++)
        top = fmax(top, p[n]);
    return top;
}

void um_observe_moments(const um_state *state, const double *energies, um_moments *moments)
{
    const double *p = populations(state);
    double mean = um_observe_energy(state, NULL), spread = variance(state, NULL, mean), pairs = 0;
    for (int n = state->first; n < state->last; n++) pairs += p[n] * n * (n - 1.0);
    *moments = (um_moments){.energy = mean,
                            .variance = spread,
                            .mean_n = mean,
                            .variance_n = spread,
                            .top_population = top_population(state)};
    if (energies) {
        moments->energy = um_observe_energy(state, energies);
        moments->variance = variance(state, energies, moments->energy);
    }
    bool counts = mean >= MEAN_MIN;
    moments->fano = counts ? spread / mean : NAN;
    moments->mandel_q = moments->fano - 1;
    moments->g2 = counts ? pairs / (mean * mean) : NAN;
}

/* Eight sums side by side, which the compiler turns into vectors. */
enum { LANES = 8 };

static double add_lanes(const double *lanes)
{
    double sum = 0;
    for (int i = 0; i < LANES; i++) sum += lanes[i];
    return sum;
}

static double sum_squares(const double *x, int count)
{
    double lanes[LANES] = {0};
    int n = 0;
    for (; n + LANES <= count; n += LANES)
        for (int i = 0; i < LANES; i++) lanes[i] += x[n + i] * x[n + i];
    for (; n < count; n++) lanes[0] += x[n] * x[n];
    return add_lanes(lanes);
}

static double sum_moduli(const double *x, const double *y, int count)
{
    double lanes[LANES] = {0};
    int n = 0;
    for (; n + LANES <= count; n += LANES)
        for (int i = 0; i < LANES; i++)
            lanes[i] += y ? sqrt(x[n + i] * x[n + i] + y[n + i] * y[n + i]) : fabs(x[n + i]);
    for (; n < count; n++) lanes[0] += y ? sqrt(x[n] * x[n] + y[n] * y[n]) : fabs(x[n]);
    return add_lanes(lanes);
}

double um_observe_purity(const um_state *state)
{
    double purity = 0;
    for (int p = 0; p < state->planes; p++)
        for (int k = 0; k < state->orders; k++)
            purity += (k ? 2 : 1) * sum_squares(umi_state_row(state, p, k) + state->first,
                                                umi_state_row_length(state, k));
    return purity;
}

double um_observe_coherence_l1(const um_state *state)
{
    double sum = 0;
    for (int k = 1; k < state->orders; k++)
        sum += sum_moduli(umi_state_row(state, 0, k) + state->first,
                          state->planes == 2 ? umi_state_row(state, 1, k) + state->first : NULL,
                          umi_state_row_length(state, k));
    return 2 * sum;
}

double um_observe_entropy_diagonal(const um_state *state)
{
    if (state->orders == 0) return 0;
    return um_observe_entropy_spectrum(populations(state) + state->first,
                                       state->last - state->first);
}
