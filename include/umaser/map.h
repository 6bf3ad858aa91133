/* map: one interface for every physical step of the battery, rho -> M(rho).
 *
 * A collision of one atom: M(rho) = Tr_q[U (rho x rho_q) U']. Implementations behind the
 * interface, picked by um_map_create:
 *     resonant-stencil  lambda = 0, Delta = 0: 12 multiply-adds per element, real when rho is
 *     detuned-stencil   lambda = 0, complex coefficients (detuned, or unequally spaced levels)
 *     unitary           any U on battery x atom, banded Kraus operators (Rabi; from a matrix)
 */
#ifndef UMASER_MAP_H
#define UMASER_MAP_H

#include "umaser/state.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct um_map um_map;

/* What one collision did besides changing the battery. Energies in units of omega. */
typedef struct um_outcome {
    double excited;                      /* <e|rho_q'|e> of the outgoing atom */
    double change;                       /* excited - (1 - q) Tr rho, without cancellation */
    double coherence_re, coherence_im;   /* <g|rho_q'|e> */
    double coupling_start, coupling_end; /* <V> just after switching on, just before off */
    double error_bound; /* trace-norm bound of the truncation error this collision made; NAN if
                           no bound is known */
} um_outcome;

/**
 * computes  the map of one collision (and the free evolution of its gap) of a stage
 * in        model; stage: index < stages_count; levels: dimension of the space, 1..UM_LEVELS_MAX;
 *           a truncated top is closed: s_N = 0
 * out       map: set on success, NULL otherwise
 * aliasing  the model is not kept
 * owner     the caller, who ends it with um_map_destroy
 * errors    UM_ERROR_ARG; UM_ERROR_MEMORY; UM_ERROR_UNSUPPORTED counter-rotating terms with unequally
 *           spaced levels; UM_ERROR_NOCONV eigenvalues of a Rabi Hamiltonian did not converge
 * cost      O(levels) for stencils (long double sines), O(levels^3) for Rabi
 * source    SSBR22; FJM86
 */
UM_API um_status um_map_create(um_context *ctx, const um_model *model, size_t stage, int levels,
                               um_map **map);

/**
 * computes  the map of a given unitary on battery x atom
 * in        levels; real, imag: U, row-major 2 levels x 2 levels, index = 2 n + s, s = 0 g, 1 e;
 *           atoms: q, c, phase (detuning sets the price of an excitation); frequency: omega > 0;
 *           lowering: d_n of V = sum_n g d_n |n-1><n| s+ + h.c., levels values, with coupling g
 *           and counter_rotating lambda (g = 0: V is not reported)
 * out       map: set on success, NULL otherwise
 * aliasing  copied
 * owner     the caller, who ends it with um_map_destroy
 * errors    UM_ERROR_ARG U is not unitary to 1e-10 or not finite; UM_ERROR_MEMORY
 * cost      O(levels^3) for the check
 * source    -
 */
UM_API um_status um_map_create_unitary(um_context *ctx, int levels, const double *real,
                                       const double *imag, const um_atoms *atoms, double frequency,
                                       const double *lowering, double g, double counter_rotating,
                                       um_map **map);

/**
 * computes  nothing; ends the map
 * in        map: may be NULL
 * out       -
 * aliasing  -
 * owner     the map is gone
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API void um_map_destroy(um_map *map);

/**
 * computes  M(in), for a collision that starts at the map's time; the window grows by what one
 *           collision can reach
 * in        in: a state of the map's levels, in the map's gauge (um_map_prepare)
 * out       out: another state of the same context, whatever it held; outcome: may be NULL
 * aliasing  in and out must differ
 * owner     -
 * errors    UM_ERROR_ARG levels or gauge differ; UM_ERROR_MEMORY
 * cost      stencils 12 rows orders (4 times that if complex); unitary 12 rows^2 bandwidth
 * source    SSBR22
 */
UM_API um_status um_map_apply(um_map *map, const um_state *in, um_state *out, um_outcome *outcome);

/**
 * computes  the adjoint M*(in): Tr[M*(A) rho] = Tr[A M(rho)] for every rho
 * in        in: a Hermitian observable, stored as a state of the map's levels and gauge
 * out       out: another state
 * aliasing  in and out must differ
 * owner     -
 * errors    UM_ERROR_ARG levels or gauge differ; UM_ERROR_MEMORY
 * cost      as um_map_apply
 * source    -
 */
UM_API um_status um_map_apply_adjoint(um_map *map, const um_state *in, um_state *out);

/**
 * computes  the same rho in the gauge the map works in
 * in        state of any gauge
 * out       state
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_MEMORY
 * cost      O(window)
 * source    -
 */
UM_API um_status um_map_prepare(const um_map *map, um_state *state);

/**
 * computes  the matrix of the map on row-stacked density matrices (gauge undone),
 *           M(rho)_nm = sum_jl matrix[(n N + m) N^2 + (j N + l)] rho_jl
 * in        real, imag: row-major levels^2 x levels^2
 * out       real, imag
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_ARG levels > 64; UM_ERROR_MEMORY
 * cost      levels^2 applications
 * source    -
 */
UM_API um_status um_map_get_matrix(um_map *map, double *real, double *imag);

/**
 * computes  nothing; sets the time at which the next collision starts (lab frame)
 * in        time: finite, in the units of the model; maps that do not depend on it ignore it
 * out       -
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_ARG not finite
 * cost      O(1)
 * source    SSBR22
 */
UM_API um_status um_map_set_time(um_map *map, double time);

typedef struct um_map_info {
    const char *method; /* "resonant-stencil", "detuned-stencil", "unitary"; static */
    const char *kernel; /* "reference", "avx2", "avx512", "blas"; static */
    int levels;
    int reach;      /* how many levels one collision can climb; levels if no limit is known */
    bool stationary; /* the same map at every time */
    double unitarity; /* setup error: largest |U'U - 1| element, 0 for closed forms */
} um_map_info;

/**
 * computes  what the map is
 * in        map: not NULL
 * out       returns it
 * aliasing  strings are static
 * owner     -
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API um_map_info um_map_get_info(const um_map *map);

#ifdef __cplusplus
}
#endif
#endif
