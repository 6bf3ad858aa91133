/* state: the battery's density matrix.
 *
 * rho is Hermitian and stored by coherence order k = m - n >= 0 in a gauge,
 *     rho_nm = (-i)^(quarter (n-m)) e^(-i phase (n-m)) r_nm ,
 * in which resonant collisions of a diagonal start stay real. Only an active window is kept:
 * levels first..last-1 and orders 0..orders-1; everything outside is exactly zero.
 * Matrices that cross this interface are rho itself (gauge undone), row-major, levels x levels.
 */
#ifndef UMASER_STATE_H
#define UMASER_STATE_H

#include "umaser/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct um_state um_state;

/**
 * computes  a state with rho = 0 and an empty window
 * in        levels: 1..UM_LEVELS_MAX, dimension of the space; planes: 1 real symmetric in the
 *           gauge, 2 Hermitian; quarter: 0..3, phase: radians: the gauge
 * out       state: set on success, NULL otherwise
 * aliasing  -
 * owner     the caller, who ends it with um_state_destroy
 * errors    UM_ERROR_ARG, UM_ERROR_MEMORY
 * cost      O(1) memory; it grows with the window
 * source    -
 */
UM_API um_status um_state_create(um_context *ctx, int levels, int planes, int quarter, double phase,
                                 um_state **state);

/**
 * computes  the initial state that a description names, normalised to trace 1, elements below
 *           1e-18 at the rim of the window dropped
 * in        initial: resolved; battery: kind and elements; levels: dimension, or UM_LEVELS_AUTO
 *           for as many as the state needs (at least 16, at most battery->max_levels)
 * out       state: set on success, NULL otherwise; dropped: trace-norm bound on what lies above
 *           the top level or was trimmed (may be NULL)
 * aliasing  -
 * owner     the caller, who ends it with um_state_destroy
 * errors    UM_ERROR_CONFIG (key battery.initial) the state does not fit into levels: more than
 *           `truncation` of it is outside; not a density matrix; UM_ERROR_MEMORY
 * cost      O(levels^2)
 * source    -
 */
UM_API um_status um_state_create_initial(um_context *ctx, const um_initial *initial,
                                         const um_battery *battery, int levels, double truncation,
                                         um_state **state, double *dropped);

/**
 * computes  nothing; ends the state
 * in        state: may be NULL
 * out       -
 * aliasing  -
 * owner     the state is gone
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API void um_state_destroy(um_state *state);

/**
 * computes  destination = source, window, gauge and levels included
 * in        source: a state
 * out       destination: another state of the same context, any form
 * aliasing  may be the same
 * owner     -
 * errors    UM_ERROR_MEMORY (destination unchanged)
 * cost      O(window)
 * source    -
 */
UM_API um_status um_state_copy(um_state *destination, const um_state *source);

/**
 * computes  rho from a matrix, keeping the state's gauge; the window becomes the smallest that
 *           holds every nonzero element
 * in        levels: 1..the state's levels, the rest is zero; real, imag: row-major levels x levels
 *           (imag may be NULL: zero), Hermitian to 1e-12 relative; the upper triangle is used
 * out       state: becomes Hermitian (2 planes) unless every element is real in the gauge
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_ARG not finite, not Hermitian, too large; UM_ERROR_MEMORY
 * cost      O(levels^2)
 * source    -
 */
UM_API um_status um_state_set_matrix(um_state *state, int levels, const double *real,
                                     const double *imag);

/**
 * computes  the block rho_nm, first <= n, m < first + levels; zero outside the space
 * in        first >= 0, levels >= 1; real, imag: row-major levels x levels (imag may be NULL)
 * out       real, imag
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(levels^2)
 * source    -
 */
UM_API void um_state_get_matrix(const um_state *state, int first, int levels, double *real,
                                double *imag);

/**
 * computes  p_n = rho_nn for 0 <= n < levels; zero outside the space
 * in        levels >= 1; populations: levels values
 * out       populations
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(levels)
 * source    -
 */
UM_API void um_state_get_populations(const um_state *state, int levels, double *populations);

typedef struct um_window {
    int levels;      /* dimension of the space */
    int first, last; /* active levels first..last-1 */
    int orders;      /* active coherence orders 0..orders-1 */
    int planes;      /* 1 real symmetric in the gauge, 2 Hermitian */
} um_window;

/**
 * computes  the dimension and the active window
 * in        state: not NULL
 * out       returns it
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API um_window um_state_get_window(const um_state *state);

/**
 * computes  sum_n rho_nn
 * in        state: not NULL
 * out       returns the trace
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(window rows)
 * source    -
 */
UM_API double um_state_get_trace(const um_state *state);

/**
 * computes  rho -> factor rho
 * in        factor: finite
 * out       state
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(window)
 * source    -
 */
UM_API void um_state_scale(um_state *state, double factor);

/**
 * computes  the window shrunk: while every element of its first row, its last row or its last
 *           order has modulus below tolerance, that row or order becomes zero
 * in        tolerance >= 0
 * out       returns the sum of the moduli of all matrix elements dropped (both triangles): a
 *           bound on the trace norm of the change
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(rows + orders) if nothing is dropped
 * source    -
 */
UM_API double um_state_trim(um_state *state, double tolerance);

/**
 * computes  the same rho in a space of another dimension
 * in        levels: 1..UM_LEVELS_MAX and at least the window's last
 * out       state
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_ARG the window does not fit; UM_ERROR_MEMORY (state unchanged)
 * cost      O(window) at most
 * source    -
 */
UM_API um_status um_state_set_levels(um_state *state, int levels);

/**
 * computes  the same rho stored in another gauge; real storage stays real when the elements stay
 *           real (no coherences, or gauges that differ by a sign per order)
 * in        quarter: 0..3, phase: radians
 * out       state
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_MEMORY (state unchanged)
 * cost      O(window)
 * source    -
 */
UM_API um_status um_state_set_gauge(um_state *state, int quarter, double phase);

/**
 * computes  whether the state is a density matrix: |trace - 1| <= tolerance, every element
 *           finite, populations and |rho_nm|^2 - p_n p_m within tolerance; thorough: eigenvalues
 *           >= -tolerance too
 * in        tolerance > 0
 * out       -
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_DOMAIN with what is violated and by how much; UM_ERROR_MEMORY (thorough)
 * cost      O(window), thorough O(rows^3)
 * source    -
 */
UM_API um_status um_state_check(const um_state *state, double tolerance, bool thorough);

#ifdef __cplusplus
}
#endif
#endif
