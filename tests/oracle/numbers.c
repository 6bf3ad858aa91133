/* What is reported of a state, straight from the definitions; a few initial states. */
#include "oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int descending(const void *a, const void *b)
{
    oracle_real x = *(const oracle_real *)a, y = *(const oracle_real *)b;
    return (x < y) - (x > y);
}

/* Energy of the state that the values fill, largest into the lowest level. */
static oracle_real passive_energy(int levels, const oracle_real *energies,
                                  const oracle_real *values_descending)
{
    oracle_real *sorted = malloc((size_t)levels * sizeof *sorted), sum = 0;
    if (!sorted) abort();
    memcpy(sorted, energies, (size_t)levels * sizeof *sorted);
    qsort(sorted, (size_t)levels, sizeof *sorted, descending);
    for (int i = 0; i < levels; i++) sum += values_descending[i] * sorted[levels - 1 - i];
    free(sorted);
    return sum;
}

double oracle_energy(int levels, const oracle_real *energies, const oracle_complex *rho)
{
    oracle_real sum = 0;
    for (int n = 0; n < levels; n++) sum += creall(rho[n * levels + n]) * energies[n];
    return (double)sum;
}

oracle_numbers oracle_observe(int levels, const oracle_real *energies, const oracle_complex *rho)
{
    oracle_real trace = 0, energy = 0, square = 0, mean = 0, mean_square = 0, purity = 0, l1 = 0;
    oracle_real *spectrum = malloc((size_t)levels * sizeof *spectrum);
    oracle_real *populations = malloc((size_t)levels * sizeof *populations);
    if (!spectrum || !populations) abort();
    for (int n = 0; n < levels; n++) {
        oracle_real p = creall(rho[n * levels + n]);
        populations[n] = p;
        trace += p;
        energy += p * energies[n];
        square += p * energies[n] * energies[n];
        mean += p * n;
        mean_square += p * n * n;
        for (int m = 0; m < levels; m++) {
            oracle_real modulus = cabsl(rho[n * levels + m]);
            purity += modulus * modulus;
            if (m != n) l1 += modulus;
        }
    }
    oracle_eigenvalues(levels, rho, spectrum);
    qsort(populations, (size_t)levels, sizeof *populations, descending);
    oracle_real entropy = 0;
    for (int i = 0; i < levels; i++)
        if (spectrum[i] > 0) entropy -= spectrum[i] * logl(spectrum[i]);

    oracle_numbers numbers = {.trace = (double)trace,
                              .energy = (double)energy,
                              .variance = (double)(square - energy * energy),
                              .purity = (double)purity,
                              .entropy = (double)entropy,
                              .l1_coherence = (double)l1};
    numbers.mandel_q = (double)((mean_square - mean * mean) / mean - 1);
    numbers.ergotropy = (double)(energy - passive_energy(levels, energies, spectrum));
    numbers.ergotropy_incoherent = (double)(energy - passive_energy(levels, energies, populations));
    oracle_real last = creall(rho[levels * levels - 1]), before_last = 0;
    if (levels > 1) before_last = creall(rho[(levels - 2) * (levels + 1)]);
    numbers.top_population = (double)(last > before_last ? last : before_last);
    free(spectrum);
    free(populations);
    return numbers;
}

/* L_degree^(order)(x) by its recurrence. */
static oracle_real laguerre(int degree, int order, oracle_real x)
{
    oracle_real previous = 0, current = 1;
    for (int k = 0; k < degree; k++) {
        oracle_real next = ((2 * k + 1 + order - x) * current - (k + order) * previous) / (k + 1);
        previous = current;
        current = next;
    }
    return current;
}

double oracle_wigner(int levels, const oracle_complex *rho, double x, double p)
{
    oracle_complex twice_alpha = sqrtl(2) * ((oracle_real)x + 1.0iL * p);
    oracle_real radius = (oracle_real)x * x + (oracle_real)p * p, sum = 0;
    for (int m = 0; m < levels; m++) {
        oracle_complex factor = m % 2 ? -1 : 1; /* (-1)^m sqrt(m!/n!) (2 alpha)^(n-m) */
        for (int n = m; n < levels; n++) {
            if (n > m) factor *= twice_alpha / sqrtl(n);
            oracle_real term =
                creall(rho[m * levels + n] * factor) * laguerre(m, n - m, 2 * radius);
            sum += n > m ? 2 * term : term;
        }
    }
    return (double)(sum * expl(-radius) / acosl(-1));
}

void oracle_vacuum(int levels, oracle_complex *rho)
{
    memset(rho, 0, (size_t)levels * (size_t)levels * sizeof *rho);
    rho[0] = 1;
}

static void normalise(int levels, oracle_complex *rho)
{
    oracle_real trace = 0;
    for (int n = 0; n < levels; n++) trace += creall(rho[n * levels + n]);
    for (int i = 0; i < levels * levels; i++) rho[i] /= trace;
}

void oracle_coherent(int levels, oracle_real re, oracle_real im, oracle_complex *rho)
{
    oracle_complex *amplitude = calloc((size_t)levels, sizeof *amplitude);
    if (!amplitude) abort();
    amplitude[0] = 1;
    for (int n = 1; n < levels; n++)
        amplitude[n] = amplitude[n - 1] * (re + 1.0iL * im) / sqrtl(n);
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++)
            rho[n * levels + m] = amplitude[n] * conjl(amplitude[m]);
    normalise(levels, rho);
    free(amplitude);
}

void oracle_thermal(int levels, oracle_real mean, oracle_complex *rho)
{
    memset(rho, 0, (size_t)levels * (size_t)levels * sizeof *rho);
    for (int n = 0; n < levels; n++) rho[n * (levels + 1)] = powl(mean / (1 + mean), n);
    normalise(levels, rho);
}
