/* Memory that runs out while a counter-rotating collision with an environment inside is made and used. */
#include "scarce.h"

enum { LEVELS = 4 };

static um_status trial(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    (void)user;
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.collisions = 1;
    stage.atoms = (um_atoms){.q = 0.25, .c = 1};
    stage.interaction.g = stage.interaction.tau = 0.3;
    stage.interaction.counter_rotating = 1;
    stage.environment = (um_environment){.kappa = 0.01, .n_th = 0.1, .during_collision = true};
    return test_scarce_map(ctx, &stage, LEVELS);
}

static void every_allocation(void **unused)
{
    (void)unused;
    assert_in_range(test_scarce_sweep(trial, NULL), 40, 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
