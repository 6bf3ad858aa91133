/* One stage of every kind of stencil collision, for the tests of its generator. */
#ifndef UM_TEST_GENERATOR_CASES_H
#define UM_TEST_GENERATOR_CASES_H

#include "umaser/model.h"

enum { GENERATOR_CASES = 18, GENERATOR_LEVELS_MAX = 12 };

typedef struct generator_case {
    const char *name;
    um_battery_kind kind;
    double q, c, phase, detuning, theta, tau, period;
    double skewness;      /* custom: how uneven the levels are */
    double missing;       /* the chance that no atom comes */
    int trap, half_turns; /* in place of theta */
    bool wall;            /* a ladder that ends */
    int beyond;           /* custom: levels above the space */
} generator_case;

const generator_case *generator_case_get(int i);
bool generator_case_is_real(const generator_case *it);
/* NULL where the battery cannot have so many levels. */
um_model *generator_case_model(um_context *ctx, const generator_case *it, int levels);

#endif
