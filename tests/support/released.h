/* The end of a context in a test program, also where cmocka no longer counts failures. */
#ifndef UM_TEST_RELEASED_H
#define UM_TEST_RELEASED_H

#include "check.h"

/* Ends the program if blocks are left: what fails after the last test of a group is printed by cmocka, and
 * the program succeeds all the same. */
static inline int test_released(um_context *context)
{
    size_t blocks = um_context_get_blocks(context);
    um_context_destroy(context);
    if (blocks == 0) return 0;
    print_error("%zu blocks were not released\n", blocks);
    exit(1);
}

#endif
