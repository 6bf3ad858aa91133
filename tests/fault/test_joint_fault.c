/* Memory that runs out while a collision with an environment inside is made and used. */
#include "scarce.h"

enum { LEVELS = 6 };

typedef struct variant {
    double detuning, q_spread;
} variant;

static um_status trial(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    const variant *it = user;
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.collisions = 1;
    stage.atoms = (um_atoms){.q = 0.25, .c = 1, .detuning = it->detuning};
    stage.interaction.theta = stage.interaction.tau = 1;
    stage.environment = (um_environment){.kappa = 0.01, .n_th = 0.1, .during_collision = true};
    stage.imperfections = (um_imperfections){.q_spread = it->q_spread, .draw = UM_DRAW_RANDOM};
    return test_scarce_map(ctx, &stage, LEVELS);
}

static void real_table(void **unused)
{
    (void)unused;
    variant it = {0};
    assert_in_range(test_scarce_sweep(trial, &it), 20, 10000);
}

static void complex_table(void **unused)
{
    (void)unused;
    variant it = {.detuning = 0.3};
    assert_in_range(test_scarce_sweep(trial, &it), 20, 10000);
}

/* Each from the tables of three. */
static void drawn_atoms(void **unused)
{
    (void)unused;
    variant it = {.q_spread = 0.1};
    assert_in_range(test_scarce_sweep(trial, &it), 60, 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(real_table), cmocka_unit_test(complex_table),
                                       cmocka_unit_test(drawn_atoms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
