/* Types and functions of average.h in one precision: UMI_MEAN_REAL, names UMI_MEAN(...). */

typedef struct UMI_MEAN(turn) {
    UMI_MEAN_REAL re, im;
} UMI_MEAN(turn);

/* E[e^(i alpha u)] - e^(i alpha), the latter given: to the last digits for gaussian, where it may be as
 * small as one likes; else to 1e-14, absolute. */
UMI_MEAN(turn) UMI_MEAN(excess)(const umi_spread *spread, UMI_MEAN_REAL alpha, UMI_MEAN(turn) plain);

/* Block n of U (see stencil.c) when the interaction lasts tau u: common e^(-i turn u), and
 * cosine = cos(angle u), tilt = tilt sin(angle u), sine = reach sin(angle u). */
typedef struct UMI_MEAN(tone) {
    UMI_MEAN_REAL angle, cosine, sine; /* cosine and sine: at u = 1; a closed block has an angle of k pi */
    UMI_MEAN_REAL tilt, reach, turn;
    UMI_MEAN_REAL shift[2]; /* (E_n - n - E_0) omega of its levels n - 1 and n */
    int sign; /* of block `levels`: what the closed top multiplies by */
} UMI_MEAN(tone);

typedef struct UMI_MEAN(blocks) {
    um_context *ctx;
    UMI_MEAN(tone) *of; /* levels + 1 blocks, the last as the map closes the top */
    int levels;
    bool even;
    UMI_MEAN_REAL gg, ee, ge;
    UMI_MEAN_REAL gap, less; /* free time after the collision: gap - less u */
    const umi_spread *spread; /* the caller's */
    double edge; /* root of the mean of umi_blocks edge^2, times the norm of rho_q|e> */
} UMI_MEAN(blocks);

/* At the detuning of the collision. umi_block_is_closed says which traps are exact at u = 1. */
um_status UMI_MEAN(create)(um_context *ctx, const umi_collision *collision, const umi_spread *spread,
                           UMI_MEAN(blocks) *average);
void UMI_MEAN(free)(UMI_MEAN(blocks) *average);

/* Means of products of elements of blocks b and c, G, E diagonal elements of |b,g>, |b-1,e>, P the step;
 * the second factor is conjugated. */
typedef struct UMI_MEAN(products) {
    UMI_MEAN(turn) gg, ee, pp, gp, pg, ep, pe, ge, eg;
} UMI_MEAN(products);

/* The end of U a product is taken at: free evolution of the gap as of the blocks' lower (0) or upper (1)
 * levels, or none (-1). */
UMI_MEAN(products) UMI_MEAN(get_products)(const UMI_MEAN(blocks) *average, int b, int c, int end);

/* The coefficients of element (n, n + k), n + k < levels, free evolution of the gap included. For n = 0, 1, ... in turn:
 * what leaves one element as the excited atom's is the next one's ground atom's, and stays in *ground. */
void UMI_MEAN(get_terms)(const UMI_MEAN(blocks) *average, int n, int k, UMI_MEAN(products) *ground,
                         UMI_MEAN(turn) term[UMI_TERMS]);
