/* The compiled peer: a resonant collision as a careful programmer writes it in C, for compilers to
 * vectorise. The whole matrix, real (in the gauge rho_nm = (-i)^(n-m) r_nm), Kraus operators of two diagonals each,
 * both sides in one pass. */
#ifndef BENCH_PLAIN_H
#define BENCH_PLAIN_H

typedef struct plain plain;

/* theta, and the atom's q and c. NULL: no memory. */
plain *plain_create(int levels, double theta, double q, double c);
void plain_destroy(plain *it);

/* in, out: levels x levels, not the same. */
void plain_collide(const plain *it, const double *in, double *out);

#endif
