/* Dense generators in quad arithmetic for the fast-forward engine, and their powers. */
#ifndef UM_TEST_FORWARD_DENSE_H
#define UM_TEST_FORWARD_DENSE_H

#include "forward/forward.h"

enum { FORWARD_DENSE_POLES = 4, FORWARD_DENSE_LEVELS = 62 };

typedef struct forward_dense {
    int size, rim;
    _Float128 *generator;                    /* row-major, size + rim rows */
    _Float128 *inverse[FORWARD_DENSE_POLES]; /* L U of generator - shift, rows exchanged */
    int *pivot[FORWARD_DENSE_POLES];
    double shift[FORWARD_DENSE_POLES];
    int poles;
    /* M^(2^i) = 1 + power[i], the sum of the powers below is sum[i]; made when they are wanted */
    _Float128 *power[FORWARD_DENSE_LEVELS], *sum[FORWARD_DENSE_LEVELS];
    int levels;
} forward_dense;

void forward_dense_create(forward_dense *dense, int size, int rim); /* zeros */
void forward_dense_free(forward_dense *dense);
umi_forward_operator forward_dense_operator(forward_dense *dense, double norm_factor);
/* x -> M^count x by repeated squaring, sums[i] = sum over j < count of (M^j x)_i unless NULL; no
 * rim. The first time costs log2(count) size^3. */
void forward_dense_power(forward_dense *dense, int64_t count, _Float128 *x, _Float128 *sums);

#endif
