/* Small batteries of every kind of map, for runs that are fast-forwarded. */
#ifndef UM_TEST_LEAP_CASES_H
#define UM_TEST_LEAP_CASES_H

#include "umaser/charge.h"

enum { LEAP_LEVELS_MAX = 24 };

typedef struct leap_case {
    const char *name;
    um_spec spec;
    um_stage stages[3];
    double energies[LEAP_LEVELS_MAX], lowering[LEAP_LEVELS_MAX];
    double real[9], imag[9];
    bool slow; /* a collision costs much more */
} leap_case;

int leap_cases_count(void);
/* One stage of so many collisions; accuracy.method: fast-forward. The case must stay where it is. */
void leap_case_make(int index, int64_t collisions, leap_case *made);
/* Its index; fails the test if there is none of that name. */
int leap_case_find(const char *name);

/* Starts a run of what spec says now; the caller ends both. */
um_run *leap_case_start(um_context *ctx, const um_spec *spec, um_model **model);
/* Runs to the end and finds the plateaus. */
um_run *leap_case_run(um_context *ctx, const um_spec *spec, um_model **model);

#endif
