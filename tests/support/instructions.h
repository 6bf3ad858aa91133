/* Kernels of one instruction set after another. */
#ifndef UM_TEST_INSTRUCTIONS_H
#define UM_TEST_INSTRUCTIONS_H

#include "base/base.h"

#include <stdlib.h>

/* From here on kernels are those of the set; false: this machine has none. */
static inline bool test_use_instructions(umi_instructions set)
{
    return umi_instructions_are_there(set) && setenv("UMASER_KERNEL", umi_instructions_get_name(set), 1) == 0;
}

#endif
