/* Memory that runs out while a counter-rotating collision with an environment inside is made and used. */
#include "scarce.h"

enum { LEVELS = 4 };

static um_status trial(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    (void)user;
    um_spec spec;
    um_model *model;
    um_map *map = NULL;
    um_state *in = NULL, *out = NULL;
    um_outcome outcome;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.collisions = 1;
    stage.atoms = (um_atoms){.q = 0.25, .c = 1};
    stage.interaction.g = stage.interaction.tau = 0.3;
    stage.interaction.counter_rotating = 1;
    stage.environment = (um_environment){.kappa = 0.01, .n_th = 0.1, .during_collision = true};
    spec.stages = &stage;
    um_initial vacuum = {.kind = UM_INITIAL_COHERENT, .re = 0.2};
    um_status status = um_model_create(ctx, &spec, &model);
    if (status == UM_OK) status = um_map_create(ctx, model, 0, LEVELS, &map);
    if (status == UM_OK)
        status = um_state_create_initial(ctx, &vacuum, &spec.battery, LEVELS, 0.1, &in, NULL);
    if (status == UM_OK) status = um_state_create(ctx, LEVELS, 1, 0, 0, &out);
    if (status == UM_OK) status = um_map_prepare(map, in);
    if (status == UM_OK) status = um_map_apply(map, in, out, &outcome);
    if (status == UM_OK) status = um_map_apply_adjoint(map, in, out);
    um_state_destroy(in);
    um_state_destroy(out);
    um_map_destroy(map);
    um_model_destroy(model);
    return status;
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
