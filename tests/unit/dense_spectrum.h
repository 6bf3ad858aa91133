/* All eigenvalues of a stage's map on complex matrices, from the oracle's collisions of every unit
 * matrix and LAPACK: nothing of the library but the description is used. */
#ifndef UM_TEST_DENSE_SPECTRUM_H
#define UM_TEST_DENSE_SPECTRUM_H

#include <complex.h>

#include "umaser/steady.h"

/* levels^2 eigenvalues by descending modulus, to be freed. */
double _Complex *dense_spectrum(const um_model *model, int levels);

/* The library's modes against them: every mode is there as often as it says, and none that is
 * larger than the last one is missing. `name` is for the message of a failing test. */
void dense_spectrum_compare(const char *name, const um_spectrum *spectrum, int levels,
                            const double _Complex *values, double tolerance);

/* Solves for so many leading eigenvalues and compares. */
void dense_spectrum_check(um_context *ctx, const char *name, const um_model *model, int levels,
                          int eigenvalues, double tolerance);

#endif
