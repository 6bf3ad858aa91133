/* Assertions that print both values, and small helpers for every test program. */
#ifndef UM_TEST_CHECK_H
#define UM_TEST_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "umaser/umaser.h"

/* |a - b| <= tolerance; NAN fails. */
#define CHECK_CLOSE(a, b, tolerance) \
    do { \
        double check_a = (a), check_b = (b), check_t = (tolerance); \
        if (!(fabs(check_a - check_b) <= check_t)) \
            fail_msg("%s = %.17g, %s = %.17g: differ by %.3g, allowed %.3g", #a, check_a, #b, \
                     check_b, check_a - check_b, check_t); \
    } while (0)

#define CHECK_AT_MOST(a, bound) \
    do { \
        double check_a = (a), check_b = (bound); \
        if (!(check_a <= check_b)) \
            fail_msg("%s = %.17g, at most %.3g allowed", #a, check_a, check_b); \
    } while (0)

/* status == expected, else the context's message. */
#define CHECK_STATUS(ctx, call, expected) \
    do { \
        um_status check_s = (call); \
        if (check_s != (expected)) \
            fail_msg("%s: %s (%s), expected %s", #call, um_status_get_name(check_s), \
                     um_context_get_error(ctx)->message, um_status_get_name(expected)); \
    } while (0)

#define CHECK_OK(ctx, call) CHECK_STATUS(ctx, call, UM_OK)

/* How long tests may be: 1 by default, more with UM_TEST_EFFORT=10. */
static inline int test_effort(void)
{
    const char *text = getenv("UM_TEST_EFFORT");
    int effort = text ? atoi(text) : 1;
    return effort > 0 ? effort : 1;
}

#endif
