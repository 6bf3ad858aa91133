/* Wigner and Husimi function on a square grid: C between two sets of functions. */
#include "umaser/observe.h"

#include <math.h>
#include <string.h>

#include "linalg/linalg.h"
#include "observe/phase_space.h"

typedef void (*functions)(double x, int count, double *values);

static um_status check_grid(um_context *ctx, double min, double max, int points, const double *out)
{
    if (!isfinite(min) || !isfinite(max) || !(min < max))
        return umi_fail(ctx, UM_ERROR_ARG,
                        "grid from %g to %g: two finite numbers, the first the "
                        "smaller, are needed",
                        min, max);
    if (points < 2)
        return umi_fail(ctx, UM_ERROR_ARG, "grid of %d points: at least 2 are needed", points);
    if (!out) return umi_fail(ctx, UM_ERROR_ARG, "grid: no room for the values");
    return UM_OK;
}

/* sum_ab basis_a(x) C_ab basis_b(p); work: room for 2 size points. */
static void sum_products(int size, const double *coefficients, functions basis, double min,
                         double max, int points, double *work, double *out)
{
    double *values = work, *product = work + (size_t)size * (size_t)points;
    for (int i = 0; i < points; i++) {
        double part = i / (points - 1.0);
        basis((1 - part) * min + part * max, size, values + (size_t)i * (size_t)size);
    }
    umi_linalg_dgemm('N', 'N', size, points, size, 1, coefficients, size, values, size, 0, product,
                     size);
    umi_linalg_dgemm('T', 'N', points, points, size, 1, values, size, product, size, 0, out,
                     points);
}

static um_status on_grid(const um_state *state, functions basis, double min, double max, int points,
                         double *out)
{
    um_context *ctx = state->ctx;
    UMI_TRY(check_grid(ctx, min, max, points, out));
    int size = umi_phase_space_size(state);
    if (size == 0) {
        memset(out, 0, sizeof *out * (size_t)points * (size_t)points);
        return UM_OK;
    }
    size_t square = (size_t)size * (size_t)size;
    double *coefficients = UMI_NEW_ARRAY(ctx, double, square + 2 * (size_t)size * (size_t)points);
    if (!coefficients) return UM_ERROR_MEMORY;
    um_status status = umi_phase_space_coefficients(state, coefficients);
    if (status == UM_OK)
        sum_products(size, coefficients, basis, min, max, points, coefficients + square, out);
    umi_free(ctx, coefficients);
    return status;
}

um_status um_observe_wigner(const um_state *state, double min, double max, int points,
                            double *wigner)
{
    return on_grid(state, umi_phase_space_hermite, min, max, points, wigner);
}

um_status um_observe_husimi(const um_state *state, double min, double max, int points,
                            double *husimi)
{
    return on_grid(state, umi_phase_space_smeared, min, max, points, husimi);
}
