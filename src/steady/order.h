/* order: one coherence order k = m - n of a map that mixes none of them. It is a matrix of at most as many
 * rows as there are levels, or of twice as many where its elements are complex, so that all of its
 * eigenvalues can be had. */
#ifndef UMI_STEADY_ORDER_H
#define UMI_STEADY_ORDER_H

#include "linalg/hessenberg.h"
#include "map/generator.h"
#include "steady/spectrum_branch.h"

/* Coordinates: element i of the order is 2^exponent[i] times coordinate i. A chain of levels that favours one
 * direction is far from normal; measured by the square root of what it holds at rest no vector grows. */
typedef struct umi_order {
    const umi_subject *about;
    int order, planes;
    size_t size;
    umi_sparse matrix; /* of G, scaled */
    int *exponent;
    const double *scale; /* of the levels; that of an element is the mean of its two */
    bool symmetric; /* tridiagonal, and symmetric when scaled as it should be */
    bool solved;
    umi_hessenberg dense; /* if it is not symmetric */
    double *re, *im;      /* once solved: all eigenvalues of G; 1 more are those of the map */
} umi_order;

/* Logarithms (base 2) of the scale of each level, from the populations at rest. populations: G with its first
 * `levels` rows those of order 0. */
um_status umi_order_find_scale(um_context *ctx, const umi_sparse *populations, int levels, double *scale);

/* Order k out of a generator that holds it. The scale outlives it. */
um_status umi_order_create(const umi_subject *about, const umi_generator *generator, int k,
                           const double *scale, umi_order *order);
void umi_order_free(umi_order *order);

/* All eigenvalues, to double precision. UM_ERROR_NOCONV. */
um_status umi_order_solve(umi_order *order);
double umi_order_get(const umi_order *order, size_t i, size_t j); /* an element of G, scaled */
/* G on it as it was solved: of a symmetric one diagonal and off-diagonal, else column-major. */
void umi_order_fill_tridiagonal(const umi_order *order, double *diagonal, double *off);
void umi_order_fill_dense(const umi_order *order, double *matrix);
/* How many times the map has each of them: the mirror image of an order is another one. */
int umi_order_get_copies(const umi_order *order);
double umi_order_get_decay(const umi_order *order, size_t i);

/* Those that decay by no more than this per collision, with errors, the ones next to +1 and -1 in wide
 * arithmetic; some others may be added. */
um_status umi_order_list(const umi_order *order, double decay, umi_eigenvalues *list);
/* ... the latter: the slow ones next to a pole (0: +1, -2: -1), marked in `taken`. re: of the map. */
um_status umi_order_list_slow(const umi_order *order, double pole, const double *re, bool *taken,
                              umi_eigenvalues *list);

/* Bounds on the moduli of all eigenvalues of an order without solving for any: from its elements' moduli; and
 * for orders that are not there from the populations, whose exchange bounds that of coherences (Cauchy and
 * Schwarz, the map being completely positive). No bound is better than some that is below `enough`. */
um_status umi_order_bound(const umi_order *order, double enough, double *bound);
um_status umi_order_bound_from(const umi_order *populations, int k, double enough, double *bound);

#endif
