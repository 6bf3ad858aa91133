/* The cases of golden.json, read once: parameters, numbers after k collisions, outgoing atoms. */
#ifndef UM_GOLDEN_CASES_H
#define UM_GOLDEN_CASES_H

#include <stdbool.h>

enum { GOLDEN_POINTS_MAX = 8, GOLDEN_CORNER = 4 };

typedef enum golden_initial { GOLDEN_VACUUM, GOLDEN_COHERENT, GOLDEN_THERMAL } golden_initial;

typedef struct golden_numbers {
    int collision;
    double energy, variance, ergotropy, ergotropy_incoherent, purity, entropy, l1_coherence,
        mandel_q, top_population;
} golden_numbers;

typedef struct golden_atom {
    int collision;
    double excited, ge_re, ge_im;
} golden_atom;

typedef struct golden_case {
    char name[64];
    bool ladder;
    int levels;
    double q, c, phi, g, tau, detuning, counter_rotating, omega;
    double period; /* NAN: not given */
    /* Open cases give theta and tau, the time between, and what happens then. */
    bool open, during;
    double theta, gap, kappa, n_th, dephasing, atom_decay, atom_dephasing, theta_spread,
        atom_probability;
    double rate; /* of poisson arrivals; NAN: regular */
    golden_initial initial;
    double initial_parameter;
    int points, atoms;
    golden_numbers after[GOLDEN_POINTS_MAX];
    golden_atom outgoing[GOLDEN_POINTS_MAX];
    int corner_after; /* 0: none */
    double corner_re[GOLDEN_CORNER * GOLDEN_CORNER], corner_im[GOLDEN_CORNER * GOLDEN_CORNER];
    int last; /* largest collision named above */
} golden_case;

/* All but cascade-2 (many batteries, a feature that is not in this version), spectrum-near-trapping and
 * spectrum-c0.9 (test_spectrum.c). Fails the test when the file is not there or not as expected. */
int golden_read(golden_case *cases, int capacity);

/* The whole file, to be ended with cJSON_Delete. */
struct cJSON *golden_parse(void);

#endif
