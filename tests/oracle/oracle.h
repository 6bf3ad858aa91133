/* oracle: the physics once more, slowly and plainly, for the tests to compare the library with.
 *
 * Dense matrices on battery x atom, the Hamiltonian as it is written down, its exponential by a
 * Taylor series, traces by summing, eigenvalues by Jacobi rotations, all in long double. Nothing
 * of src/ or include/ is used here: agreement means that two derivations agree.
 *
 * Matrices are row-major; the joint index is 2 n + s with s = 0 for g and 1 for e. hbar = 1.
 */
#ifndef UM_ORACLE_H
#define UM_ORACLE_H

#include <complex.h>
#include <stdbool.h>

typedef long double oracle_real;
typedef long double _Complex oracle_complex;

/* matrix.c ------------------------------------------------------------------------------------ */

/* Zeroed; stops the test program when memory is out. */
oracle_complex *oracle_matrix(int size);

/* out = a b; out is neither. Zero elements of a cost nothing. */
void oracle_multiply(int size, const oracle_complex *a, const oracle_complex *b,
                     oracle_complex *out);
void oracle_adjoint(int size, const oracle_complex *a, oracle_complex *out);
oracle_complex oracle_trace_product(int size, const oracle_complex *a, const oracle_complex *b);

/* out = exp(factor a) by scaling, a Taylor series and squaring. */
void oracle_exponential(int size, const oracle_complex *a, oracle_complex factor,
                        oracle_complex *out);

/* Eigenvalues of a Hermitian matrix, descending. */
void oracle_eigenvalues(int size, const oracle_complex *a, oracle_real *values);

/* collision.c --------------------------------------------------------------------------------- */

typedef struct oracle_battery {
    int levels;
    oracle_real *energies; /* E_n in units of omega */
    oracle_real *lowering; /* d_n = <n-1|A|n> */
} oracle_battery;

oracle_battery oracle_cavity(int levels);
oracle_battery oracle_ladder(int levels);
oracle_battery oracle_custom(int levels, const double *energies, const double *lowering);
void oracle_battery_free(oracle_battery *battery);

typedef struct oracle_interaction {
    oracle_real omega, detuning, g, tau, counter_rotating;
} oracle_interaction;

typedef struct oracle_atom {
    oracle_real q, c, phase;
} oracle_atom;

/* rho_q as a 2 x 2 matrix, basis g, e. */
void oracle_atom_matrix(const oracle_atom *atom, oracle_complex rho[4]);

/* V and H on battery x atom. */
void oracle_coupling(const oracle_battery *battery, const oracle_interaction *interaction,
                     oracle_complex *coupling);
void oracle_hamiltonian(const oracle_battery *battery, const oracle_interaction *interaction,
                        oracle_complex *hamiltonian);

/* U(start) = e^{i H0 start} [e^{i H0 tau} e^{-i H tau}] e^{-i H0 start}, H0 = omega (n + s+s-). */
void oracle_unitary(const oracle_battery *battery, const oracle_interaction *interaction,
                    oracle_real start, oracle_complex *unitary);

/* rho -> Tr_q U (rho x rho_q) U'; `after` (may be `before`) and `atom_after` may be NULL. */
void oracle_collide(int levels, const oracle_complex *unitary, const oracle_complex atom[4],
                    const oracle_complex *before, oracle_complex *after,
                    oracle_complex atom_after[4]);

typedef struct oracle_outcome {
    oracle_complex atom[4];                   /* outgoing atom, basis g, e */
    oracle_real coupling_start, coupling_end; /* <V> in units of omega */
} oracle_outcome;

/* A second way through the same collision, in the Schroedinger picture: the frame undone at the
 * start, e^{-i H tau} applied, the frame put on again at the end. <V> is taken on the way. */
typedef struct oracle_experiment {
    int levels;
    oracle_interaction interaction;
    oracle_complex atom[4], *propagator, *coupling;
} oracle_experiment;

oracle_experiment oracle_experiment_create(const oracle_battery *battery,
                                           const oracle_interaction *interaction,
                                           const oracle_atom *atom);
void oracle_experiment_free(oracle_experiment *experiment);
void oracle_experiment_collide(const oracle_experiment *experiment, oracle_real start,
                               const oracle_complex *before, oracle_complex *after,
                               oracle_outcome *outcome);

/* Free evolution for `time` in the frame: rho_nm e^{-i omega ((E_n - n) - (E_m - m)) time}. */
void oracle_gap(const oracle_battery *battery, oracle_real omega, oracle_real time,
                oracle_complex *rho);

/* environment.c ------------------------------------------------------------------------------- */

/* d rho/dt = -i [H, rho] + kappa (n_th+1) D[A] + kappa n_th D[A'] + dephasing D[n]
 *            (with an atom) + atom_decay D[s-] + (atom_dephasing/2) D[s_z], n the level's number. */
typedef struct oracle_environment {
    oracle_real kappa, n_th, dephasing, atom_decay, atom_dephasing;
} oracle_environment;

/* The battery alone for a time, in the frame that turns at omega (what unequal levels turn beyond
 * that included). The space is closed: A' ends at its top. Returns the heat in units of omega. */
oracle_real oracle_relax(const oracle_battery *battery, oracle_real omega,
                         const oracle_environment *environment, oracle_real time,
                         oracle_complex *rho);

/* The same, averaged over exponential waiting times of mean 1/rate: rate (rate - L)^-1. */
oracle_real oracle_wait(const oracle_battery *battery, oracle_real omega,
                        const oracle_environment *environment, oracle_real rate,
                        oracle_complex *rho);

typedef struct oracle_open_outcome {
    oracle_complex atom[4];
    oracle_real coupling_start, coupling_end, heat; /* in units of omega */
} oracle_open_outcome;

/* One collision that starts at time 0 with the environment on, frame as oracle_collide's;
 * `after` may be `before`. */
void oracle_open_collide(const oracle_battery *battery, const oracle_interaction *interaction,
                         const oracle_environment *environment, const oracle_complex atom[4],
                         const oracle_complex *before, oracle_complex *after,
                         oracle_open_outcome *outcome);

/* numbers.c ----------------------------------------------------------------------------------- */

typedef struct oracle_numbers {
    double trace, energy, variance, mandel_q, ergotropy, ergotropy_incoherent, purity, entropy,
        l1_coherence, top_population;
} oracle_numbers;

/* energies in units of omega, any order. */
oracle_numbers oracle_observe(int levels, const oracle_real *energies, const oracle_complex *rho);
double oracle_energy(int levels, const oracle_real *energies, const oracle_complex *rho);

/* Wigner function at alpha = (x + i p)/sqrt 2, by the sum over Laguerre polynomials. */
double oracle_wigner(int levels, const oracle_complex *rho, double x, double p);

void oracle_vacuum(int levels, oracle_complex *rho);
void oracle_coherent(int levels, oracle_real re, oracle_real im, oracle_complex *rho);
void oracle_thermal(int levels, oracle_real mean, oracle_complex *rho);

#endif
