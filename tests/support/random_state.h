/* Random density matrices that lean towards the corners where programs go wrong. */
#ifndef UM_TEST_RANDOM_STATE_H
#define UM_TEST_RANDOM_STATE_H

#include <stdint.h>

#include "umaser/state.h"

typedef enum test_kind {
    TEST_PURE,
    TEST_NEAR_PURE,       /* another state mixed in with weight 1e-3 to 1e-15 */
    TEST_RANK_TWO,        /* weights down to 1e-12 */
    TEST_EDGE,            /* crowds at the top level */
    TEST_DIAGONAL,        /* with empty levels */
    TEST_NEARLY_DIAGONAL, /* coherences of 1e-3 to 1e-15 */
    TEST_FOCK,            /* one level: the smallest window */
    TEST_INNER,           /* empty levels at both ends */
    TEST_REAL,            /* real symmetric */
    TEST_MIXED,           /* full rank */
    TEST_KINDS
} test_kind;

const char *test_kind_name(test_kind kind);

/* splitmix64: start with any seed. */
typedef struct test_random {
    uint64_t state;
} test_random;

uint64_t test_random_bits(test_random *random);
double test_random_uniform(test_random *random); /* 0 <= x < 1 */
double test_random_normal(test_random *random);
int test_random_integer(test_random *random, int first, int last); /* both included */

/* A density matrix, trace 1, exactly Hermitian: row-major levels x levels. */
void test_random_matrix(test_random *random, test_kind kind, int levels, double *real,
                        double *imag);

/* The same as a state of that many levels in a random gauge; fails the test if it cannot be made.
 * The caller ends it with um_state_destroy. */
um_state *test_random_state(um_context *ctx, test_random *random, test_kind kind, int levels);

#endif
