/* model: an immutable, validated description of an experiment.
 *
 * Fill a um_spec (um_spec_init gives the defaults), make a um_model of it: that checks every
 * value, resolves what follows from other values (theta from g and tau, the period) and copies.
 * Natural units: hbar = 1, energies in units of the battery's omega; times and couplings in any
 * one unit in which battery.frequency is omega (with the default frequency 1: times in 1/omega,
 * g in omega). Configuration keys carry the names of these fields.
 */
#ifndef UMASER_MODEL_H
#define UMASER_MODEL_H

#include "umaser/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { UM_LEVELS_AUTO = 0, UM_LEVELS_MIN = 2, UM_LEVELS_MAX = 20000 };

typedef enum um_battery_kind {
    UM_BATTERY_CAVITY, /* <n-1|a|n> = sqrt(n), unbounded: any number of levels is a truncation */
    UM_BATTERY_LADDER, /* <n-1|A|n> = 1; a number of levels is a real wall, auto is unbounded */
    UM_BATTERY_CUSTOM  /* own energies and lowering elements; finite */
} um_battery_kind;

typedef enum um_initial_kind {
    UM_INITIAL_VACUUM,
    UM_INITIAL_FOCK,     /* |level> */
    UM_INITIAL_COHERENT, /* displacement of the vacuum, alpha = re + i im (cavity) */
    UM_INITIAL_THERMAL,  /* p_n ~ (mean/(1+mean))^n */
    UM_INITIAL_SQUEEZED, /* S(xi)|0>, S = exp((conj(xi) a^2 - xi a'^2)/2), xi = r e^(i angle) */
    UM_INITIAL_MATRIX    /* a density matrix, read from a result file or given */
} um_initial_kind;

typedef struct um_initial {
    um_initial_kind kind;
    int level;           /* fock */
    double re, im;       /* coherent */
    double mean;         /* thermal: mean occupation of the untruncated state */
    double r, angle;     /* squeezed */
    int levels;          /* matrix: rows = columns; row-major, frame of the model */
    const double *real;  /* matrix: levels^2 */
    const double *imag;  /* matrix: levels^2 */
    const char *file;    /* matrix: where it came from (printed back), or NULL */
    int64_t record;      /* matrix: collision in that file, -1 = last */
} um_initial;

typedef struct um_battery {
    um_battery_kind kind;
    int levels;     /* UM_LEVELS_AUTO or UM_LEVELS_MIN..UM_LEVELS_MAX; custom: as given */
    int max_levels; /* where auto stops */
    double frequency;
    um_initial initial;
    const double *energies; /* custom: E_n / omega, levels values */
    const double *lowering; /* custom: <n-1|A|n>, levels values, the first is 0 */
} um_battery;

/* rho_q = q|g><g| + (1-q)|e><e| + c sqrt(q(1-q)) (e^(-i phase)|e><g| + h.c.) */
typedef struct um_atoms {
    double q;        /* ground-state population, 0..1 */
    double c;        /* coherence, 0..1 */
    double phase;    /* radians */
    double detuning; /* omega_q - omega */
} um_atoms;

/* The coupling while an atom crosses, g(t) with the mean g over 0..tau, so that theta = g tau. */
typedef enum um_pulse {
    UM_PULSE_CONSTANT,
    UM_PULSE_SINE,    /* sin(pi t/tau): the antinode of a standing wave */
    UM_PULSE_GAUSSIAN /* exp(-(t - tau/2)^2/(2 w^2)), w = pulse_width tau, cut at 0 and tau */
} um_pulse;

/* Not given: NAN. Any two of theta, g, tau; or theta alone (then g = 1, resonant only). After
 * um_model_create all three are set. tau = 0: instantaneous, g infinite. */
typedef struct um_interaction {
    double theta, g, tau;
    double counter_rotating; /* lambda >= 0; 0 Jaynes-Cummings, 1 quantum Rabi */
    int trap, half_turns;    /* half_turns > 0: theta = half_turns pi / d_(trap+1) */
    um_pulse pulse;
    double pulse_width; /* gaussian: in units of tau, 0.01..10 */
} um_interaction;

typedef enum um_frame { UM_FRAME_LOCKED, UM_FRAME_LAB } um_frame;

typedef enum um_arrivals {
    UM_ARRIVALS_REGULAR,
    UM_ARRIVALS_POISSON /* the gap is exponential with mean period - tau > 0 */
} um_arrivals;

typedef struct um_stream {
    double period; /* NAN: tau (counter-rotating and locked: next multiple of pi/omega) */
    um_frame frame;
    um_arrivals arrivals;
    double atom_probability; /* 0..1; an empty slot is a period of the environment alone */
} um_stream;

/* Rates in the inverse of the model's unit of time. d rho/dt = kappa (n_th+1) D[a] +
 * kappa n_th D[a'] + dephasing D[n]; while an atom is inside also atom_decay D[s-] +
 * (atom_dephasing/2) D[s_z]. */
typedef struct um_environment {
    double kappa, n_th, dephasing;
    bool during_collision; /* whether it acts while an atom is inside, too */
    double atom_decay, atom_dephasing;
} um_environment;

/* How theta scatters from atom to atom: tau at fixed g. x is standard normal. */
typedef enum um_spread_law {
    UM_SPREAD_GAUSSIAN, /* theta (1 + theta_spread x) */
    UM_SPREAD_VELOCITY, /* theta/(1 + theta_spread x), 1 + theta_spread x > 0 */
    UM_SPREAD_MAXWELL,  /* theta v_p/v, v of a thermal beam, density ~ v^3 exp(-3 v^2/(2 v_p^2)),
                         * v_p its most probable velocity; theta_spread must be 0 */
    UM_SPREAD_SAMPLES   /* theta times a factor of a list, each as likely; theta_spread 0 */
} um_spread_law;

typedef enum um_draw {
    UM_DRAW_AVERAGE, /* the map averaged over what may happen */
    UM_DRAW_RANDOM,  /* random numbers for every atom: spreads, empty slots, waiting times */
    UM_DRAW_FROZEN   /* the spreads drawn once for the whole run; the rest averaged */
} um_draw;

/* Standard deviations; theta's is relative (tau scatters, the period stays). A q outside 0..1 counts as
 * 0 or 1. A detuning's scatter is there while the atom is inside: its work is switching work. */
typedef struct um_imperfections {
    double theta_spread, phase_spread, q_spread, detuning_spread;
    um_spread_law theta_law;
    const double *theta_samples; /* > 0 each */
    size_t theta_samples_count;
    um_draw draw;
} um_imperfections;

typedef enum um_stage_kind {
    UM_STAGE_CHARGE,    /* collisions */
    UM_STAGE_STORE,     /* `duration` without atoms */
    UM_STAGE_DISCHARGE, /* collisions with atoms in the ground state */
    UM_STAGE_DRIVE      /* an instantaneous displacement by drive_re + i drive_im (cavity) */
} um_stage_kind;

/* When charge and discharge end before their number of collisions is done. */
typedef enum um_until_kind {
    UM_UNTIL_COUNT,     /* never */
    UM_UNTIL_ENERGY,    /* energy >= value (charge), <= value (discharge) */
    UM_UNTIL_ERGOTROPY, /* the same of the ergotropy */
    UM_UNTIL_PLATEAU,   /* energy within a band of relative width plateau_tolerance for a decade */
    UM_UNTIL_PEAK       /* no higher energy for look_ahead collisions */
} um_until_kind;

typedef struct um_until {
    um_until_kind kind;
    double value;
    int64_t look_ahead;
} um_until;

typedef struct um_stage {
    um_stage_kind kind;
    int64_t collisions; /* >= 0; store and drive: 0 */
    double duration;    /* store: >= 0 */
    double drive_re, drive_im;
    um_until until;
    um_atoms atoms; /* discharge: q = 1, c = 0 whatever is written, detuning as given */
    um_interaction interaction;
    um_stream stream;
    um_environment environment;
    um_imperfections imperfections;
} um_stage;

typedef enum um_record_mode { UM_RECORD_LOG, UM_RECORD_EVERY, UM_RECORD_LIST } um_record_mode;

typedef struct um_wigner_grid { /* same range for x and p */
    double min, max;
    int points; /* 0: none */
} um_wigner_grid;

typedef struct um_record {
    um_record_mode mode;
    int per_decade;
    const int64_t *at; /* list: ascending collisions of the run */
    size_t at_count;
    uint64_t observables; /* bits of um_quantity (charge.h); 0 = the default set */
    const int64_t *states; /* collisions whose density matrix is kept, ascending */
    size_t states_count;
    bool has_fidelity;
    um_initial fidelity_with;
    const int64_t *wigner_at; /* ascending */
    size_t wigner_count;
    um_wigner_grid wigner_grid;
} um_record;

/* auto: step while that is cheaper, then fast-forward where the map allows. */
typedef enum um_method { UM_METHOD_AUTO, UM_METHOD_STEP, UM_METHOD_FORWARD } um_method;

typedef struct um_accuracy {
    double truncation; /* bound on the trace-norm error of truncation; 1 switches the guard off */
    double plateau_tolerance;
    double horizon; /* collisions */
    um_method method;
} um_accuracy;

typedef struct um_spec {
    const char *title;
    um_battery battery;
    const um_stage *stages;
    size_t stages_count;
    um_record record;
    um_accuracy accuracy;
    uint64_t seed; /* of everything random: streams are keyed by (seed, collision) */
    double omega_si; /* what the battery's omega is in rad/s, so that results have SI units, too; 0:
                      * not known. No number in natural units depends on it */
} um_spec;

/* What a model's units are in SI; all 0 where omega_si is not known. */
typedef struct um_scale {
    double omega;  /* of the battery, rad/s */
    double second; /* the unit of time, in s: frequency / omega */
    double joule;  /* the unit of energy, hbar omega, in J */
} um_scale;

/* J in an electronvolt, exact. */
#define UM_ELECTRONVOLT 1.602176634e-19

typedef struct um_model um_model;

/**
 * computes  the defaults: cavity, auto levels up to 4096, vacuum, q = c = phase = 0, resonant,
 *           theta not given, locked, one charge stage of no collisions, log records 20 a decade,
 *           truncation 1e-10, plateau tolerance 0.02, horizon 1e15, method auto, no environment,
 *           no imperfections, seed 0, omega_si 0
 * in        spec: not NULL
 * out       spec: every field set; spec->stages points to a static stage with the defaults
 * aliasing  -
 * owner     the caller; nothing to free
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API void um_spec_init(um_spec *spec);

/**
 * computes  a model: spec checked, resolved and copied deeply
 * in        spec: ranges as in the struct; every double finite or NAN where "not given" is allowed
 * out       model: set on success, NULL otherwise
 * aliasing  nothing of spec is kept
 * owner     the caller, who ends it with um_model_destroy
 * errors    UM_ERROR_CONFIG a value out of range or a contradiction (the error's key names the
 *           field as in the configuration); UM_ERROR_MEMORY
 * cost      O(size of the arrays in spec)
 * source    physics: SSBR22 (collision, locked frame), SPHBN21 (ladder)
 */
UM_API um_status um_model_create(um_context *ctx, const um_spec *spec, um_model **model);

/**
 * computes  nothing; ends the model
 * in        model: may be NULL
 * out       -
 * aliasing  -
 * owner     the model and what um_model_get_spec returned are gone
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API void um_model_destroy(um_model *model);

/**
 * computes  the resolved description
 * in        model: not NULL
 * out       returns a pointer into the model: theta, g, tau and period of every stage set; store
 *           and drive have no atoms (all 0), a discharge has q = 1 and c = 0
 * aliasing  -
 * owner     the model
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API const um_spec *um_model_get_spec(const um_model *model);

/**
 * computes  the units of a description in SI
 * in        spec: not NULL
 * out       returns them; all 0 if omega_si is 0
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(1)
 * source    CODATA 2018: h = 6.62607015e-34 J s, exact
 */
UM_API um_scale um_spec_get_scale(const um_spec *spec);

/**
 * computes  a 64-bit digest of everything that determines the numbers (not the title)
 * in        model: not NULL
 * out       returns the digest; equal for equal resolved descriptions
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(size of the description)
 * source    FNV-1a
 */
UM_API uint64_t um_model_get_digest(const um_model *model);

/**
 * computes  the level energy E_n / omega (cavity, ladder: n)
 * in        battery: resolved; n >= 0, custom: n < levels
 * out       returns the energy
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(1)
 * source    SPHBN21
 */
UM_API double um_battery_get_energy(const um_battery *battery, int n);

/**
 * computes  the lowering element d_n = <n-1|A|n>; d_0 = 0
 * in        battery: resolved; n >= 0, custom: n < levels
 * out       returns sqrt(n), 1 or the custom element
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(1)
 * source    SPHBN21
 */
UM_API double um_battery_get_lowering(const um_battery *battery, int n);

/**
 * computes  the energy an atom brings, (omega_q/omega) (1 - q)
 * in        atoms: resolved; frequency: the battery's omega > 0
 * out       returns it in units of omega
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(1)
 * source    SPHBN21
 */
UM_API double um_atoms_get_energy(const um_atoms *atoms, double frequency);

/**
 * computes  the ergotropy an atom brings,
 *           (omega_q/omega) [1/2 - q + sqrt(1 - 4 q (1-q) (1-c^2))/2]
 * in        atoms: resolved; frequency: the battery's omega > 0
 * out       returns it in units of omega
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(1)
 * source    ABN04
 */
UM_API double um_atoms_get_ergotropy(const um_atoms *atoms, double frequency);

#ifdef __cplusplus
}
#endif
#endif
