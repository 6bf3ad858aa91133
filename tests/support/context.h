/* One context for a test program: made by `setup`, its blocks counted by `teardown`. */
#ifndef UM_TEST_CONTEXT_H
#define UM_TEST_CONTEXT_H

#include "released.h"

static um_context *ctx;

static int setup(void **state)
{
    (void)state;
    return um_context_create(NULL, &ctx) != UM_OK;
}

static int teardown(void **state)
{
    (void)state;
    return test_released(ctx);
}

#endif
