/* phase_space: a state in the basis that separates x and p, inside observe.
 *
 * W(x,p) = 1/pi integral dy sum_nm rho_nm psi_n(x+y) psi_m(x-y) e^(-2ipy). A 50:50 beam splitter
 * turns psi_n(x+y) psi_m(x-y) into a sum of psi_a(sqrt2 x) psi_b(sqrt2 y), a + b = n + m; the
 * integral over y turns psi_b into itself. So
 *     W(x,p) = sum_ab C_ab psi_a(sqrt2 x) psi_b(sqrt2 p)
 * with C real. Both steps are orthogonal: errors do not grow, and no grid must resolve anything.
 */
#ifndef UMI_PHASE_SPACE_H
#define UMI_PHASE_SPACE_H

#include "state/state.h"

/* Number of values of a and of b for a state: 2 last - 1. */
int umi_phase_space_size(const um_state *state);

/* C_ab at coefficients[a + size b], which must be zero before. UM_ERROR_MEMORY. */
um_status umi_phase_space_coefficients(const um_state *state, double *coefficients);

/* psi_a(sqrt2 x), 0 <= a < count: harmonic-oscillator functions. */
void umi_phase_space_hermite(double x, int count, double *values);

/* pi^(1/4) (2 pi)^(-1/2) e^(-x^2/2) x^a / sqrt(a!): the same functions smeared by the vacuum. */
void umi_phase_space_smeared(double x, int count, double *values);

#endif
