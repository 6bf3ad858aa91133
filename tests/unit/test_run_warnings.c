/* What a run says before it begins: local dissipators at strong coupling. */
#include "context.h"

static size_t count_warnings(double frequency, double g, double kappa, bool inside, double lambda,
                             double period)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.battery.frequency = frequency;
    stage.interaction.g = g;
    stage.interaction.tau = 0.5;
    stage.interaction.counter_rotating = lambda;
    stage.stream.period = period;
    stage.stream.frame = UM_FRAME_LAB;
    stage.environment.kappa = kappa;
    stage.environment.during_collision = inside;
    spec.stages = &stage;
    um_model *model;
    um_run *run;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    CHECK_OK(ctx, um_run_create(ctx, model, &run));
    size_t count = um_run_get_result(run)->warnings_count;
    if (count) assert_non_null(strstr(um_run_get_result(run)->warnings[0], "no longer justified"));
    um_run_destroy(run);
    um_model_destroy(model);
    return count;
}

static void test_local_dissipators(void **unused)
{
    (void)unused;
    assert_int_equal(count_warnings(1, 0.1, 0.01, true, 0, NAN), 1);
    assert_int_equal(count_warnings(1, 0.09, 0.01, true, 0, NAN), 0);
    assert_int_equal(count_warnings(2, 0.19, 0.01, true, 0, NAN), 0);
    assert_int_equal(count_warnings(2, 0.2, 0.01, true, 0, NAN), 1);
    assert_int_equal(count_warnings(1, 0.5, 0, true, 1, 2), 0);
    /* In the gaps alone the coupling is off; only with counter-rotating terms does it matter. */
    assert_int_equal(count_warnings(1, 0.5, 0.01, false, 0, 2), 0);
    assert_int_equal(count_warnings(1, 0.5, 0.01, false, 1, 2), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_local_dissipators)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
