/* The stencil map's parts: blocks of U, factors of the kernel, functionals of the outcome. */
#ifndef UMI_STENCIL_H
#define UMI_STENCIL_H

#include "map/kernels/kernels.h"
#include "map/map.h"

/* Tables run from -UMI_TABLE_PAD to levels + UMI_TABLE_PAD, zero outside 0..levels-1: kernels
 * read up to a block beyond the window. */
enum { UMI_TABLE_PAD = 2 * UMI_KERNEL_LANES_MAX };

static inline size_t umi_table_size(int levels)
{
    return (size_t)((levels + 2 * UMI_TABLE_PAD + 7) / 8 * 8);
}

/* Owner of both blocks of memory: whoever called umi_blocks_create.
 * Real [0] and imaginary [1] (NULL if zero) parts of the four blocks of U. */
typedef struct umi_blocks {
    double *memory;
    double *g[2], *e[2], *up[2], *dn[2];
    double edge; /* |(U - U_truncated)|N-1,e>|; 0 where the top is exact */
    long double *cosine, *sine; /* on resonance: c_n and s_n of block n = 0..levels, unrounded */
} umi_blocks;

um_status umi_blocks_create(um_context *ctx, const umi_collision *collision, bool complex_factors,
                            umi_blocks *blocks);
/* Whether nothing steps across block n: the rule for exact traps. n < levels of a finite battery. */
bool umi_block_is_closed(const umi_collision *collision, int n);
void umi_blocks_turn(const umi_collision *collision, umi_blocks *blocks);

typedef enum umi_stencil_form {
    UMI_STENCIL_REAL,
    UMI_STENCIL_COMPLEX,
    UMI_STENCIL_RESONANT, /* real, of coherent atoms */
    UMI_STENCIL_DETUNED   /* complex, of coherent atoms */
} umi_stencil_form;

/* Factors of the kernels, [0] of the map and [1] of its adjoint, in one block of memory. */
typedef struct umi_stencil_factors {
    double *memory;
    const double *zero;                 /* a row of zeros */
    umi_factors general[2][2];          /* ... real and imaginary part */
    umi_resonant_factors resonant[2];
    umi_detuned_factors detuned[2];
} umi_stencil_factors;

um_status umi_stencil_factors_create(um_context *ctx, const umi_collision *collision,
                                     const umi_blocks *blocks, umi_stencil_form form,
                                     umi_stencil_factors *factors);

/* Factors of a real map itself, `step` doubles from level to level: of coherent atoms, e and f only if
 * there are tables for them; */
void umi_resonant_fill(const um_atoms *atoms, const umi_blocks *blocks, int levels,
                       double *const table[UMI_RESONANT_FACTORS], ptrdiff_t step);
/* of any atoms, and the same map. */
void umi_general_fill(const um_atoms *atoms, const umi_blocks *blocks, int levels,
                      double *const table[UMI_FACTORS], ptrdiff_t step);

/* Factors of a complex map of coherent atoms, and of its adjoint from those. */
void umi_detuned_fill(const umi_collision *collision, const umi_blocks *blocks,
                      double *const table[UMI_DETUNED_FACTORS]);
void umi_detuned_fill_adjoint(int levels, double *const map[UMI_DETUNED_FACTORS],
                              double *const adjoint[UMI_DETUNED_FACTORS]);

/* The double at or below x, or at or above it. */
double umi_round_beside(long double x, bool above);

/* The part of the largest possible coherence that these atoms have; 1: they are pure, 0: it is none. */
double umi_stencil_coherence(const um_atoms *atoms);

/* The phase of a stencil's gauge (its quarter is 1), from that of the atoms. */
double umi_stencil_phase(double phase);

/* A linear functional of rho: sum over k = 0..2 and n of weight_k[n] R_k[n] (complex). */
typedef struct umi_functional {
    double *weight[3][2]; /* [order][re, im]; NULL where zero */
} umi_functional;

/* What the outgoing atom and the coupling are, read off the state before the collision. */
typedef struct umi_readout {
    double *memory;
    double ee;
    umi_functional change;    /* of the excited population: real part */
    double *change_low[2];    /* what rounding took off its weights on resonance, or NULL */
    umi_functional coherence; /* times e^(i phase) */
    umi_functional start, end; /* coupling energy: imaginary part */
} umi_readout;

um_status umi_readout_create(um_context *ctx, const umi_collision *collision,
                             const umi_blocks *blocks, umi_readout *readout);
void umi_readout_apply(const umi_readout *readout, const umi_kernels *kernels,
                       const um_state *state, um_outcome *outcome);
void umi_readout_coherence(const umi_readout *readout, const umi_kernels *kernels, double phase,
                           const um_state *state, um_outcome *outcome);

#endif
