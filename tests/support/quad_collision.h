/* One collision in quad, as it is defined: U the exponential of the Hamiltonian on battery x atom, the
 * atom traced out. Joint index 2 n + s, s = 0 g, 1 e. */
#ifndef UM_TEST_QUAD_COLLISION_H
#define UM_TEST_QUAD_COLLISION_H

#include "umaser/model.h"

typedef _Float128 quad;
typedef struct quad_pair {
    quad re, im;
} quad_pair;

/* Levels, those above the space included, and the size of the joint space. */
enum { QUAD_LEVELS_MAX = 32, QUAD_SIZE_MAX = 2 * QUAD_LEVELS_MAX };
typedef quad_pair quad_matrix[QUAD_SIZE_MAX][QUAD_SIZE_MAX];

quad_pair quad_times(quad_pair a, quad_pair b);
quad_pair quad_turn(quad angle); /* e^(i angle) */

/* d_n; how far level n is from equal spacing, times omega. */
quad quad_lowering(const um_battery *battery, int n);
quad quad_uneven(const um_battery *battery, int n);

/* U of the first stage in the frame that rotates at omega, in a battery of so many levels, free
 * evolution of the gap included where there are no counter-rotating terms. */
void quad_propagator(const um_spec *spec, int levels, quad_matrix u);

/* Tr_q[U (rho x rho_q) U'] on the first so many levels; rho need not be Hermitian. */
void quad_collide(const um_atoms *atoms, int levels, quad_matrix u, quad_matrix rho,
                  quad_matrix image);

#endif
