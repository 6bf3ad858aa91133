/* A set of operators B_a, a < count, all with one band: row n' of every B_a is zero outside columns
 * low[n'] .. high[n'] - 1. Sandwich: rho -> sum_a B_a rho B_a'. */
#ifndef UMI_KRAUS_H
#define UMI_KRAUS_H

#include <complex.h>

#include "map/kernels/kraus.h"
#include "state/state.h"

enum { UMI_KRAUS_MAX = 4 };

/* A few rows as the kernels take them: of each plane columns low .. high - 1. */
typedef struct umi_kraus_block {
    int low, high;
    size_t at; /* in `packed` */
} umi_kraus_block;

typedef struct umi_kraus {
    um_context *ctx;
    int levels, count;
    const umi_kraus_kernels *kernels;
    double *re[UMI_KRAUS_MAX], *im[UMI_KRAUS_MAX]; /* element (n', n) at n' + n stride */
    size_t stride;
    int *low, *high;
    umi_kraus_block *block;
    double *packed[UMI_KRAUS_MAX];
    const double _Complex *turn; /* NULL, or the operators act in a frame: on rho_{n,n+k} turn[k] */
    double *scratch;                                       /* kept from one application to the next */
    double *elements, *packed_memory, *scratch_memory;     /* what is to be freed */
    size_t packed_size, scratch_size;
} umi_kraus;

um_status umi_kraus_alloc(um_context *ctx, int levels, int count, umi_kraus *kraus);
void umi_kraus_free(umi_kraus *kraus);

/* Operators with sum_a B_a' B_a = 1 up to the rounding of their elements: the same diagonal element is wrong at
 * every application, and the trace would drift. Moves elements by their last bit until hardly anything is
 * missing; where it is more than rounding, nothing changes. */
void umi_kraus_complete(umi_kraus *kraus);

/* After filling the operators: finds the band of elements of modulus >= tolerance, clears the rest, and
 * packs. */
um_status umi_kraus_pack(umi_kraus *kraus, double tolerance);

/* Of packed operators, those elements (n', n) of operator a for which n' - n + a is odd, times a factor of modulus 1:
 * `to` is like `from`, and has its memory already, or is zero. */
um_status umi_kraus_turn(const umi_kraus *from, double _Complex factor, umi_kraus *to);

/* Memory for so many doubles at a cache line, in place of what `memory` is. */
um_status umi_kraus_reserve(um_context *ctx, size_t size, size_t *room, double **memory, double **aligned);

/* Traces taken on the way, in the operators' frame: pair[a][b][offset + 1] = sum_n weight_n <n + offset| B_a rho B_b' |n>,
 * with weight 1 for offset 0, lowering[n + 1] for +1, and for -1 <n|..|n+1> with lowering[n + 1].
 * Operators 2p (atom leaves in g) and 2p + 1 (in e) belong together: pairs (2p+1, 2p+1), offset 0,
 * add up to `excited`, pairs (2p, 2p+1) to `cross`. */
typedef struct umi_traces {
    const double *lowering;
    double excited;
    double _Complex cross[3]; /* offset -1, 0, +1 */
} umi_traces;

um_status umi_kraus_apply(umi_kraus *kraus, const um_state *in, um_state *out, umi_traces *traces);

#endif
