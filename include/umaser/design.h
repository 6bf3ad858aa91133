/* design: atoms and angles that give a wanted plateau, known in closed form before anything is
 * built. Coherent atoms (c = 1), on resonance, theta d_{n_t+1} = r pi with r odd and no trap below:
 * the plateau is a pure state with psi_n/psi_{n-1} = -i e^{-i phase} sqrt((1-q)/q) cot(theta d_n/2)
 * (SMB89). r even: no pure state.
 */
#ifndef UMASER_DESIGN_H
#define UMASER_DESIGN_H

#include "umaser/steady.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum um_design_target { UM_DESIGN_ENERGY, UM_DESIGN_ERGOTROPY } um_design_target;

/* Traps above this many levels are not looked at. */
enum { UM_DESIGN_LEVELS_MAX = 4096 };

typedef struct um_design_options {
    um_battery battery; /* cavity, or custom elements; unbounded uniform ladders have no trap */
    um_design_target target;
    double wanted;       /* omega, more than the empty battery has; NAN: no target, every trap in
                            range at both ends of q_min..q_max */
    double tolerance;    /* relative to what is wanted above the empty battery; designs whose
                            target misses by more are left out; 0 < it < 1 */
    double q_min, q_max; /* 0 < q_min <= q_max < 1 */
    double theta_min, theta_max; /* 0 < theta_min <= theta_max */
    int half_turns_max;          /* odd numbers of half turns listed: 1, 3, ...; 1..99 */
    double theta_error; /* relative error of theta for which the leak is given; 0 < it < 0.1 */
    int rows_max;       /* designs listed; 1..10000 */
    int levels_max;     /* chambers of more levels have the closed form's numbers alone, the
                           others are NAN and -1; 0..UM_DESIGN_LEVELS_MAX */
} um_design_options;

typedef struct um_design {
    int trap, half_turns; /* n_t; theta = half_turns pi / |d_(n_t+1)| */
    double theta, q;
    double energy, ergotropy, purity; /* of the plateau, theta exact */
    double energy_dq, energy_dc;      /* sensitivities dE/dq, dE/dc at c = 1 (from below) */
    double ergotropy_dc, purity_dc;   /* the ergotropy's with q is the energy's */
    double relaxation;                /* collisions: slowest mode inside the chamber */
    int64_t charging_time;            /* first collision of the 2 % plateau from vacuum; -1: none */
    double leak;                      /* per collision, theta exact: 0 */
    double leak_missed; /* the larger of the leaks at theta (1 +- theta_error); NAN: no plateau
                           is left there, or a leak too small to be told from 0 */
    double leak_bound;  /* it is at most this, by the closed form; 1 says nothing */
} um_design;

/* What a search went through. */
typedef struct um_design_survey {
    int64_t traps;          /* traps in range with a pure plateau */
    int64_t found;          /* designs, those beyond rows_max too */
    double lowest, highest; /* values of the target that these traps reach; NAN: no trap */
} um_design_survey;

/**
 * computes  defaults: cavity, energy, no target, tolerance 0.01, q 0.02..0.98, theta 0.1..3,
 *           half turns 1, theta error 1e-3, 20 rows, chambers of up to 128 levels
 * in        options: not NULL
 * out       options
 * aliasing  -
 * owner     nothing to free
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API void um_design_options_init(um_design_options *options);

/**
 * computes  designs: for each trap in range the q in range whose plateau has the wanted energy or
 *           ergotropy (the nearest end of the range if none, within tolerance). Those that have it
 *           exactly come first; then fewer half turns, then lower traps (they charge and relax
 *           faster)
 * in        options: as in the struct
 * out       designs: count of them, NULL and 0 if none; survey: may be NULL
 * aliasing  -
 * owner     the caller, who frees them with um_designs_destroy
 * errors    UM_ERROR_CONFIG a value out of range (key names the option); UM_ERROR_UNSUPPORTED a
 *           battery without traps, or with unequally spaced levels; UM_ERROR_MEMORY; an accuracy
 *           that a number of one design cannot reach makes this number NAN
 * cost      O(levels) per trap and trial of q; a chamber's spectrum, its run and two leaks per
 *           design listed
 * source    SMB89
 */
UM_API um_status um_design_solve(um_context *ctx, const um_design_options *options,
                                 um_design **designs, size_t *count, um_design_survey *survey);

/**
 * computes  the populations of the closed-form plateau state
 * in        battery: cavity or custom, equally spaced; q: 0..1 without its ends; trap: 0..
 *           UM_LEVELS_MAX - 2 (custom: levels - 2); half_turns: odd; populations: trap + 1 values
 * out       populations: normalised
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_ARG q, trap or half_turns out of range; UM_ERROR_UNSUPPORTED a battery without
 *           traps, or with unequally spaced levels; UM_ERROR_DOMAIN no pure state (half_turns
 *           even, another trap below); UM_ERROR_MEMORY
 * cost      O(trap)
 * source    SMB89
 */
UM_API um_status um_design_get_state(um_context *ctx, const um_battery *battery, double q, int trap,
                                     int half_turns, double *populations);

/**
 * computes  nothing; frees designs
 * in        designs: may be NULL
 * out       -
 * aliasing  -
 * owner     the designs are gone
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API void um_designs_destroy(um_context *ctx, um_design *designs);

#ifdef __cplusplus
}
#endif
#endif
