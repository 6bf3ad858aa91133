/* Numbers that follow from the eigenvalues: ergotropy, entropy. */
#include "umaser/observe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "linalg/linalg.h"
#include "state/state.h"

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int descending(const void *a, const void *b) { return ascending(b, a); }

static void sort(double *values, int count, int (*order)(const void *, const void *))
{
    qsort(values, (size_t)count, sizeof *values, order);
}

static void reverse(double *values, int count)
{
    for (int i = 0, j = count - 1; i < j; i++, j--) {
        double value = values[i];
        values[i] = values[j];
        values[j] = value;
    }
}

/* The populations of the active window, descending. */
static void sorted_populations(const um_state *state, double *values)
{
    int rows = state->last - state->first;
    if (rows == 0) return;
    memcpy(values, umi_state_row(state, 0, 0) + state->first, sizeof *values * (size_t)rows);
    sort(values, rows, descending);
}

um_status um_observe_spectrum(const um_state *state, double *values, int *count)
{
    int rows = state->last - state->first;
    *count = rows;
    if (state->orders <= 1) {
        sorted_populations(state, values);
        return UM_OK;
    }
    size_t size = (size_t)rows * (size_t)rows * (size_t)state->planes;
    umi_scratch matrix;
    UMI_TRY(umi_scratch_take(state->ctx, size, &matrix));
    umi_state_pack(state, false, matrix.block);
    um_status status =
        umi_linalg_eigenvalues_positive(state->ctx, state->planes, rows, matrix.block, values);
    umi_scratch_give(state->ctx, &matrix);
    reverse(values, rows);
    return status;
}

/* sum_i p_i e_i - sum_i r_i e_i: what is left when the values r (descending) sit on the lowest
 * levels. One compensated sum, for the two parts may be large and all but equal. */
static double extractable(const um_state *state, const double *energies, const double *sorted,
                          const double *spectrum, int count)
{
    umi_sum sum = {0};
    for (int n = state->first; n < state->last; n++)
        umi_sum_add(&sum, umi_state_row(state, 0, 0)[n] * (energies ? energies[n] : n));
    for (int i = 0; i < count; i++) umi_sum_add(&sum, -spectrum[i] * (sorted ? sorted[i] : i));
    return umi_sum_get(&sum);
}

um_status um_observe_ergotropy_spectrum(const um_state *state, const double *energies,
                                        const double *spectrum, int count, um_ergotropy *ergotropy)
{
    int rows = state->last - state->first, levels = energies ? state->levels : 0;
    double *populations = UMI_NEW_ARRAY(state->ctx, double, (size_t)rows + (size_t)levels);
    if (!populations) return UM_ERROR_MEMORY;
    double *sorted = NULL;
    if (energies) {
        sorted = populations + rows;
        memcpy(sorted, energies, sizeof *sorted * (size_t)levels);
        sort(sorted, levels, ascending);
    }
    sorted_populations(state, populations);
    ergotropy->total = extractable(state, energies, sorted, spectrum, count);
    ergotropy->incoherent = extractable(state, energies, sorted, populations, rows);
    ergotropy->coherent = ergotropy->total - ergotropy->incoherent;
    umi_free(state->ctx, populations);
    return UM_OK;
}

/* The spectrum in a block of its own, which the caller frees. */
static um_status new_spectrum(const um_state *state, double **spectrum, int *count)
{
    *spectrum = UMI_NEW_ARRAY(state->ctx, double, (size_t)(state->last - state->first));
    if (!*spectrum) return UM_ERROR_MEMORY;
    um_status status = um_observe_spectrum(state, *spectrum, count);
    if (status != UM_OK) umi_free(state->ctx, *spectrum);
    return status;
}

um_status um_observe_ergotropy(const um_state *state, const double *energies,
                               um_ergotropy *ergotropy)
{
    double *spectrum;
    int count;
    UMI_TRY(new_spectrum(state, &spectrum, &count));
    um_status status = um_observe_ergotropy_spectrum(state, energies, spectrum, count, ergotropy);
    umi_free(state->ctx, spectrum);
    return status;
}

double um_observe_entropy_spectrum(const double *spectrum, int count)
{
    double entropy = 0;
    for (int i = 0; i < count; i++)
        if (spectrum[i] > 0 || !isfinite(spectrum[i])) entropy -= spectrum[i] * log(spectrum[i]);
    return entropy;
}

um_status um_observe_entropy(const um_state *state, double *entropy)
{
    double *spectrum;
    int count;
    UMI_TRY(new_spectrum(state, &spectrum, &count));
    *entropy = um_observe_entropy_spectrum(spectrum, count);
    umi_free(state->ctx, spectrum);
    return UM_OK;
}
