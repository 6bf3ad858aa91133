/* Memory that runs out at the n-th allocation. */
#ifndef UM_TEST_SCARCE_H
#define UM_TEST_SCARCE_H

#include "check.h"

typedef struct test_purse {
    long left;  /* allocations still granted; -1: any number */
    long given; /* blocks out */
    bool once;  /* one refusal, then any number again */
    long refused;
} test_purse;

/* A context that spends from the purse; fails the test if it cannot be made. */
um_context *test_scarce_context(test_purse *purse);

/* Calls `trial` with one more allocation granted each time until none is refused: before that it
 * must say UM_ERROR_MEMORY, and never leave a block behind; also if memory comes back after the
 * one refusal. Returns how many it takes. */
typedef um_status (*test_trial)(um_context *ctx, test_purse *purse, void *user);
long test_scarce_sweep(test_trial trial, void *user);

/* To be called by a trial: the map of the stage is made and used, both ways. */
um_status test_scarce_map(um_context *ctx, const um_stage *stage, int levels);

#endif
