/* steady: what a repeated collision does for ever. For a given initial state: how fast it charges,
 * where it stays, how long, and where it goes in the end; for the map: its chambers, their own
 * long-lived states and leaks, and its leading eigenvalues.
 */
#ifndef UMASER_STEADY_H
#define UMASER_STEADY_H

#include "umaser/charge.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An eigenvalue of the map on density matrices (all coherence orders, real and imaginary parts). */
typedef struct um_mode {
    double re, im;
    double modulus;
    double decay;      /* -ln |lambda| to all its digits, however close to 1 |lambda| is; 0 exact */
    double relaxation; /* 1/decay in collisions; infinite for decay = 0 */
    double error;      /* of re, im and, where |lambda| < 1, absolute error of decay */
    int multiplicity;  /* equal to within `error` or 1e-9 of its decay */
} um_mode;

typedef struct um_spectrum {
    int levels;        /* of the space */
    size_t count;      /* distinct modes, by decreasing modulus */
    um_mode *modes;
    int eigenvalues;   /* asked for, counted with multiplicity, dropped ones not counted */
    int dropped;       /* modes left out because they live on the artificial top of the space */
    int unsure;        /* modes left out because rounding moves them by more than 1e-3 */
} um_spectrum;

/* A chamber: levels between two traps, exact or near. `leak` is the rate per collision at which
 * its long-lived state loses population outward for good; `down` the same towards lower levels.
 * Traps inside that hold much less than those around are none. */
typedef struct um_chamber {
    int first, last; /* levels; last + 1 is the first level beyond the trap */
    bool exact;      /* the trap above is: |sin| <= 8 ulp */
    bool open;       /* no trap above: the chamber ends with the battery, or with the space */
    double population; /* of the battery's plateau state that is in it; NAN if there is none */
    double energy, ergotropy, purity; /* of its own state */
    /* NAN: not known. No trap above, or less than rounding leaves (about 1e-33). */
    double leak, down;
    double leak_error;  /* relative, estimated: |difference| of two ways where both are valid */
    double relaxation;  /* collisions: slowest inner mode */
    int levels;         /* of `populations` */
    double *populations; /* of its own state, from level 0 */
    const char *method; /* "slow-modes", "perturbation", "closed"; static */
} um_chamber;

typedef enum um_limit_status {
    UM_LIMIT_REACHED,  /* changes below 1e-9 from `collision` to the horizon, stable with N */
    UM_LIMIT_ESCAPES,  /* climbs on; numbers are those at the horizon or where certainty ended */
    UM_LIMIT_UNDECIDED
} um_limit_status;

/**
 * computes  the word for a limit's status: "reached", "escapes", "undecided"
 * in        status: any value
 * out       returns a static string; "undecided" outside the list
 * aliasing  -
 * owner     static
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API const char *um_limit_status_get_name(um_limit_status status);

typedef struct um_limit {
    um_limit_status status;
    int64_t collision; /* reached: from here on; else the last certified collision */
    double energy, ergotropy, purity;
    int level; /* escapes: the trap it is climbing through (first level beyond it); else -1 */
} um_limit;

/* The one state that a map leaves as it is, where photons get lost and the atoms bring no coherence: every
 * state comes to it, however late. It is diagonal; recorded as all states of a run are, after the gap, that is
 * just before the next collision. levels 0: not known, and numbers NAN. */
typedef struct um_stationary {
    double energy, ergotropy, purity;
    int levels;
    double *populations;
} um_stationary;

typedef struct um_steady {
    um_status status; /* UM_OK, or UM_ERROR_NOCONV when the horizon could not be certified */
    um_plateau plateau; /* charging_time -1: none */
    double lifetime;    /* collisions: 1/leak of the chamber that holds most; NAN: no plateau */
    int64_t band_exit;  /* first collision outside the tolerance; -1: not before the horizon */
    um_limit limit;
    um_stationary stationary; /* may lie far beyond the horizon: the spectrum says how far */
    um_spectrum spectrum;
    size_t chambers_count;
    um_chamber *chambers; /* by rising levels */
    um_result *run;       /* the run to the horizon that the plateau was read from */
    double wall_seconds;
    size_t warnings_count;
    char **warnings;
} um_steady;

typedef struct um_steady_options {
    int eigenvalues;  /* leading ones wanted; 0: default 10 */
    um_monitor monitor; /* may be NULL */
    void *user;
} um_steady_options;

/**
 * computes  plateau, limit, chambers and leading spectrum of one stage's map, for the model's
 *           initial state repeated to accuracy.horizon collisions
 * in        stage < stages_count: one of collisions with a stationary map; options: may be NULL
 * out       steady: set on success and, with what was found, on UM_ERROR_NOCONV and
 *           UM_ERROR_INTERRUPTED; NULL otherwise
 * aliasing  the model is not kept
 * owner     the caller, who ends it with um_steady_destroy
 * errors    UM_ERROR_ARG stage; UM_ERROR_CONFIG a stage without collisions, random numbers and a
 *           horizon that cannot be stepped to; UM_ERROR_UNSUPPORTED the map differs at every collision
 *           (lab frame); UM_ERROR_NOCONV; UM_ERROR_INTERRUPTED; UM_ERROR_MEMORY
 * cost      a few eliminations on the window of the state (docs/plateaus.md)
 * source    section 4 of docs/physics.md; SMB89, FJM86
 */
UM_API um_status um_steady_solve(um_context *ctx, const um_model *model, size_t stage,
                                 const um_steady_options *options, um_steady **steady);

/**
 * computes  the populations of the one fixed point of a stage's map, to 13 digits each, however small
 *           and however long it takes to get there: elimination of levels without subtractions
 * in        stage < stages_count
 * out       stationary: filled; levels 0 where the map has none that is known to be the only one (no
 *           loss, coherent atoms, random or drawn collisions), or needs more than 1200 levels
 * aliasing  -
 * owner     the caller, who clears it with um_stationary_clear
 * errors    UM_ERROR_ARG; UM_ERROR_MEMORY
 * cost      2/3 levels^3
 * source    Grassmann, Taksar, Heyman, Oper. Res. 33, 1107 (1985); FJM86 for what comes out
 */
UM_API um_status um_stationary_solve(um_context *ctx, const um_model *model, size_t stage,
                                     um_stationary *stationary);

/**
 * computes  nothing; empties it
 * in        stationary: not NULL
 * out       levels 0
 * aliasing  -
 * owner     its populations are gone
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API void um_stationary_clear(um_context *ctx, um_stationary *stationary);

/**
 * computes  nothing; ends it
 * in        steady: may be NULL
 * out       -
 * aliasing  -
 * owner     all it holds is gone
 * errors    none
 * cost      O(size)
 * source    -
 */
UM_API void um_steady_destroy(um_context *ctx, um_steady *steady);

/**
 * computes  the leading eigenvalues of a stage's map in a space of so many levels
 * in        levels: >= 1; eigenvalues: how many, counted with multiplicity; drop_artificial:
 *           leave out modes that live on the artificial top of a truncated space
 * out       spectrum: filled
 * aliasing  -
 * owner     the caller, who clears it with um_spectrum_clear
 * errors    UM_ERROR_ARG; UM_ERROR_UNSUPPORTED lab frame; UM_ERROR_NOCONV; UM_ERROR_MEMORY
 * cost      eliminations of levels^2 unknowns, some hundred applications of the map; without coherence of the
 *           atoms 13 levels^3 for each coherence order that may have one of them
 * source    FJM86
 */
UM_API um_status um_spectrum_solve(um_context *ctx, const um_model *model, size_t stage, int levels,
                                   int eigenvalues, bool drop_artificial, um_spectrum *spectrum);

/**
 * computes  nothing; frees the modes
 * in        spectrum: may be empty
 * out       spectrum: zero
 * aliasing  -
 * owner     the modes are gone
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API void um_spectrum_clear(um_context *ctx, um_spectrum *spectrum);

/**
 * computes  all chambers of a stage's map in a space of so many levels: those whose leak is below a
 *           tenth of their slowest inner rate. Without counter-rotating terms only.
 * in        levels: >= 1
 * out       chambers: count of them, by rising levels; NULL and 0 if none; population NAN
 * aliasing  -
 * owner     the caller, who frees them with um_chambers_destroy
 * errors    UM_ERROR_ARG; UM_ERROR_UNSUPPORTED counter-rotating terms; UM_ERROR_NOCONV;
 *           UM_ERROR_MEMORY
 * cost      two eliminations of levels^2/2 unknowns
 * source    SMB89; section 4 of docs/physics.md
 */
UM_API um_status um_chambers_solve(um_context *ctx, const um_model *model, size_t stage, int levels,
                                   um_chamber **chambers, size_t *count);

/**
 * computes  nothing; frees chambers
 * in        chambers: may be NULL
 * out       -
 * aliasing  -
 * owner     the chambers are gone
 * errors    none
 * cost      O(count)
 * source    -
 */
UM_API void um_chambers_destroy(um_context *ctx, um_chamber *chambers, size_t count);

#ifdef __cplusplus
}
#endif
#endif
