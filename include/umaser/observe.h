/* observe: numbers from a state. Nothing here knows how the state came about.
 *
 * energies: all `levels` level energies e_n in units of omega, in the order of n (they need not
 * ascend); NULL means e_n = n. Spectra are those of the active window only;
 * the levels outside carry eigenvalue 0. Entropies in nats. Every function expects trace 1 up
 * to rounding and does not change the state.
 */
#ifndef UMASER_OBSERVE_H
#define UMASER_OBSERVE_H

#include "umaser/state.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct um_moments {
    double energy;   /* Tr[rho H] */
    double variance; /* of H */
    double mean_n, variance_n;
    double fano;     /* variance_n / mean_n; NAN if mean_n < 1e-12 */
    double mandel_q; /* fano - 1 */
    double g2;       /* <n(n-1)>/<n>^2; NAN if mean_n < 1e-12 */
    double top_population; /* larger of p_{N-1}, p_{N-2} */
} um_moments;

/**
 * computes  um_moments of the populations
 * in        state; energies: see above
 * out       moments
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(rows)
 * source    SSBR22; FJM86 (Q), Loudon, The Quantum Theory of Light (g2)
 */
UM_API void um_observe_moments(const um_state *state, const double *energies, um_moments *moments);

/**
 * computes  Tr[rho H] = sum_n p_n e_n
 * in        state; energies: see above
 * out       returns the energy
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(rows)
 * source    SSBR22
 * equals    um_observe_moments(...).energy
 */
UM_API double um_observe_energy(const um_state *state, const double *energies);

/**
 * computes  Tr[rho^2] = sum_nm |rho_nm|^2
 * in        state
 * out       returns the purity
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(window)
 * source    SSBR22
 */
UM_API double um_observe_purity(const um_state *state);

/**
 * computes  the eigenvalues of the active window, descending
 * in        state; values: room for last - first numbers
 * out       values; returned count in *count
 * aliasing  -
 * owner     the caller
 * errors    UM_ERROR_NOCONV LAPACK did not converge; UM_ERROR_MEMORY
 * cost      O(rows) for a diagonal state; rows^2 rank (real) or 4 rows^2 rank up to a rank of rows/2;
 *           otherwise 4/3 rows^3 (real) or 16/3 rows^3
 * source    LAPACK dsytrd, zhetrd, dsterf; pivoted Cholesky: Higham, Accuracy and Stability of
 *           Numerical Algorithms, 10.3
 */
UM_API um_status um_observe_spectrum(const um_state *state, double *values, int *count);

typedef struct um_ergotropy {
    double total;      /* E - sum_i r_i e_i, r descending, e ascending */
    double incoherent; /* that of the diagonal of rho */
    double coherent;   /* total - incoherent */
} um_ergotropy;

/**
 * computes  the ergotropy from a spectrum that is already known
 * in        state; energies: see above; spectrum: count values, descending
 * out       ergotropy
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_MEMORY
 * cost      O(rows log rows)
 * source    ABN04; incoherent part: Francica et al., PRL 125, 180603 (2020)
 */
UM_API um_status um_observe_ergotropy_spectrum(const um_state *state, const double *energies,
                                               const double *spectrum, int count,
                                               um_ergotropy *ergotropy);

/**
 * computes  the ergotropy, its incoherent and coherent parts
 * in        state; energies: see above
 * out       ergotropy
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_NOCONV, UM_ERROR_MEMORY
 * cost      that of um_observe_spectrum
 * source    ABN04
 * equals    um_observe_spectrum, then um_observe_ergotropy_spectrum
 */
UM_API um_status um_observe_ergotropy(const um_state *state, const double *energies,
                                      um_ergotropy *ergotropy);

/**
 * computes  -sum_i r_i ln r_i over the positive values
 * in        spectrum: count values
 * out       returns the entropy in nats
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(count)
 * source    von Neumann
 */
UM_API double um_observe_entropy_spectrum(const double *spectrum, int count);

/**
 * computes  the von Neumann entropy
 * in        state
 * out       entropy, nats
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_NOCONV, UM_ERROR_MEMORY
 * cost      that of um_observe_spectrum
 * source    von Neumann
 * equals    um_observe_spectrum, then um_observe_entropy_spectrum
 */
UM_API um_status um_observe_entropy(const um_state *state, double *entropy);

/**
 * computes  the l1 coherence, sum over n != m of |rho_nm|
 * in        state
 * out       returns it
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(window)
 * source    Baumgratz, Cramer, Plenio, PRL 113, 140401 (2014)
 */
UM_API double um_observe_coherence_l1(const um_state *state);

/**
 * computes  the entropy of the diagonal, -sum_n p_n ln p_n; less the von Neumann entropy this is
 *           the relative entropy of coherence
 * in        state
 * out       returns it in nats
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(rows)
 * source    Baumgratz, Cramer, Plenio, PRL 113, 140401 (2014)
 */
UM_API double um_observe_entropy_diagonal(const um_state *state);

/**
 * computes  the fidelity (Tr sqrt(sqrt(rho) sigma sqrt(rho)))^2; to rounding when one state is pure
 *           or both have no eigenvalue between 0 and 1e-12, else to about 1e-7
 * in        state, other: of any gauges and levels
 * out       fidelity
 * aliasing  may be the same
 * owner     -
 * errors    UM_ERROR_NOCONV, UM_ERROR_MEMORY
 * cost      O(rows^3)
 * source    Jozsa, J. Mod. Opt. 41, 2315 (1994)
 */
UM_API um_status um_observe_fidelity(const um_state *state, const um_state *other,
                                     double *fidelity);

/**
 * computes  the Wigner function on a grid, alpha = (x + i p)/sqrt(2); integral over dx dp = 1;
 *           the vacuum's is exp(-x^2 - p^2)/pi
 * in        state (cavity); min < max: the range of x and of p; points >= 2
 * out       wigner: points x points, row = p ascending, column = x ascending
 * aliasing  -
 * owner     the caller
 * errors    UM_ERROR_ARG; UM_ERROR_MEMORY
 * cost      see bench/README.md
 * source    Cahill, Glauber, Phys. Rev. 177, 1882 (1969)
 */
UM_API um_status um_observe_wigner(const um_state *state, double min, double max, int points,
                                   double *wigner);

/**
 * computes  the Husimi function <alpha|rho|alpha>/(2 pi) on the same grid; integral dx dp = 1
 * in        as um_observe_wigner
 * out       husimi: points x points, row = p ascending, column = x ascending
 * aliasing  -
 * owner     the caller
 * errors    UM_ERROR_ARG; UM_ERROR_NOCONV; UM_ERROR_MEMORY
 * cost      see bench/README.md
 * source    Husimi 1940
 */
UM_API um_status um_observe_husimi(const um_state *state, double min, double max, int points,
                                   double *husimi);

#ifdef __cplusplus
}
#endif
#endif
