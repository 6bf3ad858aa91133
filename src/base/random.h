/* Random numbers that are looked up, not drawn in turn: the n-th number of (seed, stream, index, purpose) is
 * always the same one, whatever was asked before. Counter-based generator Philox4x64-10 (Salmon, Moraes,
 * Dror, Shaw, SC11). The logarithm and the quantile function are own code without contraction: the
 * same bits on every machine with IEEE doubles. */
#ifndef UMI_RANDOM_H
#define UMI_RANDOM_H

#include "base/base.h"

typedef struct umi_random {
    uint64_t key[2], counter[4], block[4];
    int left; /* unused numbers of the block */
} umi_random;

/* The beginning of a sequence: `stream` keeps uses of a seed apart, `index` is e.g. a collision,
 * `purpose` one of the things that are random about it. */
umi_random umi_random_at(uint64_t seed, uint64_t stream, uint64_t index, uint64_t purpose);

uint64_t umi_random_bits(umi_random *random);
double umi_random_uniform(umi_random *random);     /* 0 < x < 1, symmetric about 1/2 */
double umi_random_normal(umi_random *random);      /* mean 0, variance 1; one uniform each */
double umi_random_exponential(umi_random *random); /* mean 1 */

#endif
