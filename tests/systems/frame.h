/* States of the library against those of the oracle, rho_nm = (-i)^(n-m) (re + i im)_nm. */
#ifndef UM_TEST_FRAME_H
#define UM_TEST_FRAME_H

#include "chamber.h"
#include "simulate.h"

/* The initial state of a simulation; im may be NULL. The arrays, levels^2 values each, must live as
 * long as the description. */
void frame_set_initial(simulation *s, int levels, const quad *re, const quad *im, double *real,
                       double *imag);

/* Largest difference of an element, and of a population sum; im may be NULL. */
double frame_difference(const um_saved_state *state, int levels, const quad *re, const quad *im);

/* The state kept after this collision. */
const um_saved_state *frame_get_state(const simulation *s, int64_t collision);

#endif
