/* The parts of a collision in steps, for open_rabi*.c alone. */
#ifndef UMI_OPEN_RABI_INSIDE_H
#define UMI_OPEN_RABI_INSIDE_H

#include <complex.h>

#include "map/map.h"

/* A joint matrix along the parity chains |n, s_p(n)>, s_p(n) = (n + p) % 2: element (n, m) of
 * block[p][q] is <n, s_p(n)| X |m, s_q(m)>, column-major. Hermitian; of every block n >= m alone is
 * kept, but for a moment in umi_open_turn. */
typedef struct umi_open_joint {
    int rows;   /* levels in use, and stride */
    bool cross; /* blocks 01 and 10 are not zero */
    double complex *block[2][2], *memory;
} umi_open_joint;

/* A column's worth of zeros around each block: the bath's loops look one row and column too far. */
um_status umi_open_joint_create(um_context *ctx, int levels, umi_open_joint *joint);
void umi_open_joint_free(um_context *ctx, umi_open_joint *joint);
static inline size_t umi_open_at(const umi_open_joint *joint, int n, int m)
{
    return (size_t)n + (size_t)m * (size_t)joint->rows;
}

static inline int umi_open_atom(int parity, int n) { return (n + parity) & 1; }

/* The environment's part ----------------------------------------------------------------------- */

/* Coefficients by level, each twice, for the real and the imaginary part. */
typedef struct umi_open_bath {
    um_context *ctx;
    int levels;
    double loss, gain, dephasing, decay, atom_dephasing;
    double *memory;
    double *lowering;         /* d_0 .. d_levels, once each */
    double *own[2][2];        /* [p][t]: what decays with n where the ket's atom is t */
    double *down, *up;        /* d_(n+1), d_n */
    double *atom[2];          /* [p]: s_p(n) */
    double *number;           /* n */
    double *energy[2], *link[2]; /* [p], once each: H_nn, H_n,n-1 in units of omega */
    umi_open_joint term[2];
} umi_open_bath;

um_status umi_open_bath_create(um_context *ctx, const umi_collision *it, umi_open_bath *bath);
void umi_open_bath_free(umi_open_bath *bath);
/* Bound on |D|, in trace norm. */
double umi_open_bath_norm(const umi_open_bath *bath);
/* rest += (exp(time D) - 1) (x + rest), or that of D's adjoint; returns the energy of what it adds. */
double umi_open_bath_apply(umi_open_bath *bath, double time, bool adjoint, const umi_open_joint *x,
                           umi_open_joint *rest);
/* Bound on |(L - L_rows)(x + rest)|, what goes on beyond the rows in use, in trace norm per time. */
double umi_open_bath_leak(const umi_open_bath *bath, const umi_collision *it, const umi_open_joint *x,
                          const umi_open_joint *rest);

/* The unitary part ----------------------------------------------------------------------------- */

/* e^(-i H h) along both chains; elements further than `width` from the diagonal are zero. */
typedef struct umi_open_turn {
    int width;
    double complex *chain[2];
} umi_open_turn;

/* Eigensystems of both chains, from which steps of any length are made. */
typedef struct umi_open_chains {
    um_context *ctx;
    const umi_collision *it;
    double *memory, *value[2], *vectors[2], *scaled, *re, *im;
    double complex *product; /* scratch of umi_open_turn_apply */
} umi_open_chains;

um_status umi_open_chains_create(um_context *ctx, const umi_collision *it, umi_open_chains *chains);
void umi_open_chains_free(umi_open_chains *chains);
/* Over the collision's time / steps. */
um_status umi_open_turn_create(umi_open_chains *chains, int steps, umi_open_turn *turn);
void umi_open_turn_free(um_context *ctx, umi_open_turn *turn);
/* x becomes U x U'; `work` is as large. */
void umi_open_turn_apply(umi_open_chains *chains, const umi_open_turn *turn, umi_open_joint *x,
                         umi_open_joint *work);
/* Levels that an amplitude of more than `tolerance` climbs in a time, at most. */
int umi_open_climb(const umi_collision *it, double time, double tolerance);

#endif
