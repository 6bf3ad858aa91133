/* States to all digits of their smallest elements. The basis of the slow space is known to 32
 * digits of its largest elements only; but a leak may be carried by a tail of 1e-30. Residuals of a
 * state that is kept apart from the others are as small as its elements are, place by place, and so
 * are the corrections. */
#include <math.h>
#include <string.h>

#include "steady/chambers_window.h"

/* Each sweep rounds anew: how the flux scatters once it has settled tells what it is worth. The other
 * states have settled by then, too, and stay. */
enum { SETTLED = 1, SWEEPS = 5 };

/* residual = G state_j - sum over i of state_i rate_ij, coherences included. */
static um_status find_residual(const umi_chamber_map *map, const umi_part *part,
                               const umi_window *window, int j, umi_wide_vector residual)
{
    umi_wide rates[UMI_SLOW_MAX];
    umi_sparse_apply(&part->matrix, window->state[j], residual);
    UMI_TRY(umi_window_rates(map, part, window, j, residual, rates));
    for (int i = 0; i < window->slow; i++)
        umi_wide_axpy(umi_wide_negate(rates[i]), window->state[i], residual);
    return UM_OK;
}

/* Slow states differ by a choice that has been made. */
static void remove_slow(const umi_part *part, const umi_window *window, umi_wide_vector x)
{
    umi_wide held[UMI_SLOW_MAX];
    for (int i = 0; i < window->slow; i++) {
        umi_wide_vector state = window->state[i];
        if (i < window->count)
            held[i] = umi_wide_divide(umi_window_core(part, window->cell[i], x),
                                      umi_window_core(part, window->cell[i], state));
        else
            held[i] = umi_wide_dot(state, x);
    }
    for (int i = 0; i < window->slow; i++)
        umi_wide_axpy(umi_wide_negate(held[i]), window->state[i], x);
}

um_status umi_window_polish(const umi_chamber_map *map, const umi_part *part,
                            const umi_elimination *inverse, umi_window *window)
{
    umi_wide_vector residual;
    UMI_TRY(umi_wide_vector_create(map->ctx, part->size, &residual));
    um_status status = UM_OK;
    double least = INFINITY, most = -INFINITY;
    for (int sweep = 0; sweep < SWEEPS && status == UM_OK; sweep++)
        for (int j = 0; j < window->count && status == UM_OK; j++) {
            if (j != window->own && sweep > SETTLED) continue;
            status = find_residual(map, part, window, j, residual);
            if (status != UM_OK) break;
            memset(residual.lo, 0, residual.size * sizeof *residual.lo);
            umi_elimination_solve(inverse, residual.hi);
            remove_slow(part, window, residual);
            umi_wide_axpy(umi_wide_set(-1), residual, window->state[j]);
            if (j != window->own || sweep < SETTLED) continue;
            double flux = umi_window_flux(map, part, window->cut[j + 1], window->state[j]).hi;
            least = fmin(least, flux);
            most = fmax(most, flux);
        }
    window->scatter = most - least;
    umi_wide_vector_free(map->ctx, &residual);
    return status;
}
