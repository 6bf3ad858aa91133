/* map: one interface for every physical step of the battery, rho -> M(rho).
 *
 * A collision of one atom: M(rho) = Tr_q[U (rho x rho_q) U']. Implementations behind the
 * interface, picked by um_map_create:
 *     resonant-stencil  lambda = 0, Delta = 0: 12 multiply-adds per element, real when rho is
 *     detuned-stencil   lambda = 0, complex coefficients (detuned, or unequally spaced levels)
 *     unitary           any U on battery x atom, banded Kraus operators (Rabi; from a matrix)
 *     ...+channel       with the environment until the next atom comes; ...+slots: atoms may be missing
 *     joint-table       lambda = 0 while the environment acts: orders k-1, k, k+1, a band of shifts
 *     open-rabi         lambda > 0 while the environment acts: battery x atom in steps, extrapolated
 */
#ifndef UMASER_MAP_H
#define UMASER_MAP_H

#include "umaser/state.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct um_map um_map;

/* What one step did besides changing the battery. Energies in units of omega. With empty slots in
 * the average, `change`, the couplings and heat are means over all slots; excited and coherence are
 * those of an atom that was there; in an empty slot that was drawn they are NAN. */
typedef struct um_outcome {
    double excited;                      /* <e|rho_q'|e> of the outgoing atom */
    double change;                       /* excited - (1 - q) Tr rho, without cancellation */
    double coherence_re, coherence_im;   /* <g|rho_q'|e> */
    double coupling_start, coupling_end; /* <V> just after switching on, just before off */
    double heat;     /* what battery, atom and coupling received from the environment */
    double drive;    /* work of a drive */
    double duration; /* of the whole period if it is random; NAN: the stream's period */
    double present;  /* 1: an atom came; 0: an empty slot; the probability in the average */
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
 *           spaced levels; UM_ERROR_NOCONV eigenvalues of a Rabi Hamiltonian did not converge, or
 *           an environment inside a collision so long that too many steps would be needed
 * cost      O(levels) for stencils (long double sines), O(levels^3) for Rabi; with the environment
 *           acting inside O(levels^2 width^2), width its band (0.1 s at 60 levels, kappa tau = 1e-3);
 *           inside Rabi collisions as much as some applications (0.3 s at 60 levels)
 * source    SSBR22; FJM86
 */
UM_API um_status um_map_create(um_context *ctx, const um_model *model, size_t stage, int levels,
                               um_map **map);

/**
 * computes  the map of a stage's environment acting on the battery alone for a time, which solves
 *           d rho/dt = kappa (n_th+1) D[A] rho + kappa n_th D[A'] rho + dephasing D[n] rho
 *           exactly, in the rotating frame: unequally spaced levels turn meanwhile, too. What a
 *           cavity sends beyond the top is lost, and in error_bound
 * in        model; stage; levels as for um_map_create; duration: >= 0, finite
 * out       map: set on success; its outcomes have heat, and no atom
 * aliasing  the model is not kept
 * owner     the caller, who ends it with um_map_destroy
 * errors    UM_ERROR_ARG; UM_ERROR_MEMORY
 * cost      cavity: levels^2/2 times as many terms as quanta may be lost or gained (to 1e-20), and as
 *           much to make; else proportional to the largest rate times duration, too
 * source    docs/physics.md (environment); FJM86
 */
UM_API um_status um_map_create_environment(um_context *ctx, const um_model *model, size_t stage,
                                           int levels, double duration, um_map **map);

/**
 * computes  the map of a displacement, rho -> D(alpha) rho D(alpha)', alpha = re + i im
 * in        battery: a cavity; levels: 1..UM_LEVELS_MAX; re, im: finite
 * out       map: set on success; its outcomes have drive (the work) and error_bound, and no atom
 * aliasing  -
 * owner     the caller, who ends it with um_map_destroy
 * errors    UM_ERROR_ARG not a cavity, or |alpha|^2 > 4 UM_LEVELS_MAX; UM_ERROR_MEMORY
 * cost      levels^2 long double steps to make, dense products of the window to apply
 * source    -
 */
UM_API um_status um_map_create_displacement(um_context *ctx, const um_battery *battery, int levels,
                                            double re, double im, um_map **map);

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
 * out       out: a state of the same context, whatever it held; outcome: may be NULL
 * aliasing  out may be in: where the map does not work in place (um_map_works_in_place), it then keeps another
 *           state of that size until it is destroyed; the image has the same bits either way
 * owner     -
 * errors    UM_ERROR_ARG levels or gauge differ; UM_ERROR_MEMORY (in is what it was, also in place)
 * cost      stencils 12 rows orders (4 times that if complex); unitary 9 rows^2 bandwidth (pure atoms);
 *           open-rabi 24 rows^2 bandwidth for each of 36 to some hundred steps
 * source    SSBR22
 */
UM_API um_status um_map_apply(um_map *map, const um_state *in, um_state *out, um_outcome *outcome);

/**
 * computes  whether um_map_apply(map, state, state) needs no other state: stencils of coherent atoms, for states
 *           too large for a second one beside them in a core's cache, on one thread
 * in        state: of the map's levels, in the map's gauge
 * out       returns it
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API bool um_map_works_in_place(const um_map *map, const um_state *state);

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
 * computes  nothing; says which collision comes next: the time at which it starts (lab frame) and its
 *           number (random numbers are keyed by it); maps that depend on neither ignore it
 * in        collision: >= 0, of the run, the first is 0; time: finite, in the units of the model
 * out       -
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_ARG; UM_ERROR_MEMORY
 * cost      O(1); O(levels) and more for maps with random numbers
 * source    SSBR22
 */
UM_API um_status um_map_set_collision(um_map *map, int64_t collision, double time);

typedef struct um_map_info {
    const char *method; /* "resonant-stencil", "detuned-stencil", "unitary"; static */
    const char *kernel; /* "reference", "avx2", "avx512", "blas"; static */
    int levels;
    int reach;      /* how many levels one collision can climb; levels if no limit is known */
    bool stationary; /* the same map at every collision */
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
