/* Chambers when memory runs out at any allocation. */
#include "scarce.h"

typedef struct problem {
    double theta, c, detuning;
    int levels;
} problem;

static um_status try_solve(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    const problem *it = user;
    um_model *model = NULL;
    um_chamber *chambers = NULL;
    size_t count = 0;
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = spec.stages[0];
    spec.stages = &stage;
    stage.interaction.theta = it->theta;
    if (it->detuning != 0) stage.interaction.g = 1;
    stage.atoms = (um_atoms){.q = 0.25, .c = it->c, .detuning = it->detuning};
    um_status status = um_model_create(ctx, &spec, &model);
    if (status == UM_OK) status = um_chambers_solve(ctx, model, 0, it->levels, &chambers, &count);
    assert_true(status == UM_OK ? count == 1 : chambers == NULL && count == 0);
    um_chambers_destroy(ctx, chambers, count);
    um_model_destroy(model);
    return status;
}

static void refused(void **state)
{
    (void)state;
    problem problems[] = {
        {2.2, 1, 0, 3},            /* 0..1, near */
        {2.2214414790, 0.5, 0, 2}, /* nearer: perturbation */
        {2.2, 0, 0, 3},            /* populations alone */
        {2.1, 1, 0.5, 3},          /* both planes */
    };
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++) {
        long taken = test_scarce_sweep(try_solve, &problems[i]);
        print_message("%ld allocations\n", taken);
        assert_true(taken > 40);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
