/* Resonant collisions of a small battery in quadruple precision (33 digits), and the states that
 * are known in closed form.
 *
 * phi = 0 and rho_nm = (-i)^(n-m) r_nm, in which the collision of section 2 is real. Every element
 * of the matrix is computed, by the formula as it is written there; no symmetry is used, so that
 * r may be any real matrix (the imaginary part of r in this frame is one more). Nothing of src/
 * is used here.
 */
#ifndef UM_ORACLE_CHAMBER_H
#define UM_ORACLE_CHAMBER_H

#include <math.h> /* _Float128 for compilers that do not know it */

typedef _Float128 quad;

enum { CHAMBER_LEVELS_MAX = 64 };

typedef struct chamber {
    int levels;
    quad gg, ee, ge;
    quad odds;                          /* sqrt((1-q)/q) */
    quad angle[CHAMBER_LEVELS_MAX + 1]; /* theta d_n */
    quad cosine[CHAMBER_LEVELS_MAX + 1], sine[CHAMBER_LEVELS_MAX + 1];
} chamber;

/* lowering: d_n, or NULL for a cavity, sqrt(n). The top is closed: s_N = 0, c_N = 1. */
chamber chamber_make(int levels, const double *lowering, double theta, double q, double c);
/* An exact trap: s = 0 at this level, c the nearer of +1 and -1, at the top of a cavity as well. */
void chamber_close(chamber *it, int level);

/* after = M(before), levels x levels, row-major; not the same array. */
void chamber_collide(const chamber *it, const quad *before, quad *after);
/* r -> M^collisions r, one collision after the other. */
void chamber_step(const chamber *it, long collisions, quad *r);

quad chamber_energy(const chamber *it, const quad *r); /* sum of n r_nn */
/* Sum of r_nn over first <= n <= last. */
quad chamber_population(const chamber *it, int first, int last, const quad *r);
quad chamber_purity(const chamber *it, const quad *r);

/* Closed forms for levels first..last, zero elsewhere, trace 1 (SMB89). Coherent atoms, c = 1:
 * cot: psi_n/psi_(n-1) = -i odds cot(theta d_n/2), last + 1 an odd trap, first 0 or an even one;
 * tan: +i odds tan(theta d_n/2), first an odd trap and last + 1 an even one. */
void chamber_cotangent(const chamber *it, int first, int last, quad *r);
void chamber_tangent(const chamber *it, int first, int last, quad *r);
/* c = 0: detailed balance, p_n/p_(n-1) = (1-q)/q wherever s_n is not 0. */
void chamber_balance(const chamber *it, int first, int last, quad *r);

#endif
