/* Memory that runs out at every allocation while a batch is made, loaded and read. */
#include "map/lanes.h"
#include "scarce.h"

static um_status use(um_context *ctx, umi_lanes *lanes, const um_model *const *models)
{
    um_state *state = NULL;
    um_status status = umi_lanes_load(lanes, 2, models, 0);
    if (status == UM_OK) umi_lanes_apply(lanes);
    if (status == UM_OK) status = um_state_create(ctx, 1, 1, 0, 0, &state);
    if (status == UM_OK) status = umi_lanes_get_state(lanes, 1, state);
    if (status == UM_OK) status = umi_lanes_set_state(lanes, 0, state, 0);
    um_state_destroy(state);
    return status;
}

static um_status trial(um_context *ctx, test_purse *purse, void *user)
{
    (void)user;
    long left = purse->left;
    purse->left = -1; /* models are not what is tried */
    um_spec spec;
    um_spec_init(&spec);
    um_stage stages[2] = {spec.stages[0], spec.stages[0]};
    stages[0].interaction.theta = 1;
    stages[1].interaction.theta = 2;
    um_model *models[2] = {NULL};
    for (int i = 0; i < 2; i++) {
        spec.stages = &stages[i];
        CHECK_OK(ctx, um_model_create(ctx, &spec, &models[i]));
    }
    purse->left = left;
    umi_lanes *lanes = NULL;
    um_status status = umi_lanes_create(ctx, 20, &lanes);
    if (status == UM_OK) status = use(ctx, lanes, (const um_model *const *)models);
    if (status != UM_OK && lanes) { /* with memory again, the same batch works */
        left = purse->left;
        purse->left = -1;
        CHECK_OK(ctx, use(ctx, lanes, (const um_model *const *)models));
        purse->left = left;
    }
    umi_lanes_destroy(lanes);
    for (int i = 0; i < 2; i++) um_model_destroy(models[i]);
    return status;
}

static void lanes(void **unused)
{
    (void)unused;
    assert_true(test_scarce_sweep(trial, NULL) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lanes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
