/* The map of any unitary on battery x atom, as Kraus operators with a band structure. */
#ifndef UMI_UNITARY_H
#define UMI_UNITARY_H

#include <complex.h>

#include "map/map.h"

/* U in blocks: block[f][i][n' + n levels] = <n',f|U|n,i>, f, i = 0 (g), 1 (e); column-major. */
typedef struct umi_unitary {
    int levels;
    double _Complex *block[2][2];
    double *escape[2]; /* escape[i][n] = |(1-P) U|n,i>|, amplitude that leaves the space; or NULL */
    double defect;     /* bound on |U - U_true|, in norm */
    double _Complex *work[2][2]; /* of a pulse: Hermitian, as the blocks; or NULL: from <V> */
    double tau;        /* lab: V turns by e^(i 2 omega t) */
    bool lab, interaction_picture;
} umi_unitary;

/* Takes the blocks of `unitary` over, also on failure. */
um_status umi_map_create_kraus(um_context *ctx, umi_unitary *unitary, const um_atoms *atoms,
                               double frequency, const double *lowering, double g, double lambda,
                               um_map **map);

um_status umi_unitary_alloc(um_context *ctx, int levels, umi_unitary *unitary);
/* Four blocks in one piece of memory that begins at block[0][0]; zero. */
um_status umi_unitary_alloc_blocks(um_context *ctx, int levels, double _Complex *block[2][2]);
void umi_unitary_free(um_context *ctx, umi_unitary *unitary);

/* The unitary nearest to a size x size matrix that is one up to rounding; column-major. */
um_status umi_unitary_polish(um_context *ctx, int size, double *re, double *im);

/* A set of operators B_a, a < count, all with one band: row n' of every B_a is zero outside
 * columns low[n'] .. high[n']-1. Sandwich: rho -> sum_a B_a rho B_a'. */
/* Rows per block: of 12 to 50 the best for 50 to 200 levels (bench_rabi). */
enum { UMI_KRAUS_MAX = 4, UMI_KRAUS_BLOCK = 20 };
typedef struct umi_kraus {
    um_context *ctx;
    int levels, count;
    double _Complex *operator[UMI_KRAUS_MAX]; /* column-major */
    int *low, *high;
    double _Complex *scratch; /* kept from one application to the next */
    size_t scratch_size;
} umi_kraus;

um_status umi_kraus_alloc(um_context *ctx, int levels, int count, umi_kraus *kraus);
void umi_kraus_free(umi_kraus *kraus);
/* Finds the band of elements of modulus >= tolerance. */
void umi_kraus_find_band(umi_kraus *kraus, double tolerance);

/* Traces taken on the way: pair[a][b][offset + 1] = sum_n weight_n <n + offset| B_a rho B_b' |n>,
 * with weight 1 for offset 0, lowering[n + 1] for +1, and for -1 <n|..|n+1> with lowering[n + 1].
 * Operators 2p (atom leaves in g) and 2p + 1 (in e) belong together: pairs (2p+1, 2p+1), offset 0,
 * add up to `excited`, pairs (2p, 2p+1) to `cross`. */
typedef struct umi_traces {
    const double *lowering;
    double excited;
    double _Complex cross[3]; /* offset -1, 0, +1 */
} umi_traces;

um_status umi_kraus_apply(umi_kraus *kraus, const um_state *in, um_state *out,
                          umi_traces *traces);

#endif
