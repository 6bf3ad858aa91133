/* Sweeps from configurations in memory, and their journals. */
#ifndef UM_TEST_SWEEP_CASES_H
#define UM_TEST_SWEEP_CASES_H

#include "check.h"

typedef struct test_sweep {
    um_config *config;
    um_sweep *sweep;
    char *description, *source;
} test_sweep;

/* Fails as the library does; what is there is to be ended with test_sweep_destroy all the same. */
um_status test_sweep_create(um_context *ctx, const char *text, test_sweep *made);
void test_sweep_destroy(um_context *ctx, test_sweep *made);

/* Of this sweep, on this machine, all of it. */
um_journal_header test_sweep_header(const test_sweep *of);

/* Opened, computed (its failed points included), complete. */
um_status test_sweep_compute(um_context *ctx, const test_sweep *of, const char *path,
                             um_journal **journal);

/* What stays beside a journal after a crash is taken away with it. */
void test_sweep_remove_journal(const char *path);

/* Same bits, NAN included. */
#define CHECK_SAME_BITS(a, b, count) \
    do { \
        for (size_t check_i = 0; check_i < (size_t)(count); check_i++) \
            if (memcmp((a) + check_i, (b) + check_i, sizeof *(a)) != 0) \
                fail_msg("%s[%zu] = %.17g, %s: %.17g", #a, check_i, (double)(a)[check_i], #b, \
                         (double)(b)[check_i]); \
    } while (0)

#endif
