/* A run whose collisions work in place has the bits of one with two states, keeps no second one where nobody reads it, and
 * where it fails it is where the other is. */
#include "charge/run.h"
#include "check.h"
#include "released.h"
#include "run_cases.h"
#include "state/state.h"

enum { COLLISIONS = 600 };

static um_context *create(bool in_place)
{
    um_context *ctx;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    ctx->place_least = in_place ? 1 : 1e9;
    return ctx;
}

static const uint64_t plain = UM_QUANTITY_BIT(UM_ENERGY) | UM_QUANTITY_BIT(UM_PURITY);

static um_run *start(um_context *ctx, const um_spec *spec, um_model **model)
{
    um_run *run;
    *model = test_run_model(ctx, spec);
    CHECK_OK(ctx, um_run_create(ctx, *model, &run));
    return run;
}

static void finish(um_context *ctx, um_run *run, um_model *model)
{
    um_run_destroy(run);
    um_model_destroy(model);
    assert_int_equal(test_released(ctx), 0);
}

static void check_spec(const char *what, const um_spec *spec)
{
    um_context *ctx[2] = {create(false), create(true)};
    um_model *model[2];
    um_run *run[2];
    for (int i = 0; i < 2; i++) {
        run[i] = start(ctx[i], spec, &model[i]);
        CHECK_OK(ctx[i], um_run_advance(run[i], -1, NULL, NULL));
        CHECK_OK(ctx[i], um_run_finish(run[i], true));
    }
    test_same_result(what, um_run_get_result(run[0]), um_run_get_result(run[1]));
    test_same_state(what, um_run_get_state(run[0]), um_run_get_state(run[1]));
    for (int i = 0; i < 2; i++) finish(ctx[i], run[i], model[i]);
}

/* Recorded or not, with what needs the state before and without, stepped and in leaps. */
static void same_bits(void **unused)
{
    static const uint64_t wanted[] = {plain, plain | UM_QUANTITY_BIT(UM_ERGOTROPY_POWER_INSTANTANEOUS)};
    (void)unused;
    for (int kind = 0; kind < TEST_RUN_KINDS; kind++)
        for (int i = 0; i < 4; i++) {
            test_run_case it;
            bool rabi = kind == TEST_RUN_RABI || kind == TEST_RUN_RABI_LAB;
            test_run_case_make((test_run_kind)kind, rabi ? TEST_RUN_RABI_COLLISIONS(COLLISIONS) : COLLISIONS, &it);
            it.spec.record.observables = wanted[i % 2];
            if (i / 2) it.spec.record.mode = UM_RECORD_LOG;
            check_spec(it.name, &it.spec);
        }
}

static void until_its_peak(void **unused)
{
    (void)unused;
    test_run_case it;
    test_run_case_make(TEST_RUN_RESONANT, COLLISIONS, &it);
    it.stages->until = (um_until){.kind = UM_UNTIL_PEAK, .look_ahead = 20};
    it.spec.record.observables = plain;
    check_spec("peak", &it.spec);
}

static void one_state_is_enough(void **unused)
{
    (void)unused;
    test_run_case it;
    um_model *model;
    um_context *ctx = create(true);
    test_run_case_make(TEST_RUN_RESONANT, COLLISIONS, &it);
    it.spec.record.observables = plain;
    it.spec.accuracy.method = UM_METHOD_STEP;
    um_run *run = start(ctx, &it.spec, &model);
    CHECK_OK(ctx, um_run_advance(run, COLLISIONS / 2, NULL, NULL));
    assert_true(run->state->orders > 16);
    assert_true(run->other->orders == 2 && run->other->orders_capacity <= 16);
    finish(ctx, run, model);
}

/* A space so small that the truncation shows: both stop before the same collision, in the same state. */
static void check_stop(int levels, int max_levels)
{
    um_context *ctx[2] = {create(false), create(true)};
    um_run *run[2];
    um_model *model[2];
    test_run_case it;
    test_run_case_make(TEST_RUN_RESONANT, COLLISIONS, &it);
    it.spec.battery.levels = levels;
    it.spec.battery.max_levels = max_levels;
    it.spec.accuracy.truncation = 1e-6;
    it.spec.accuracy.method = UM_METHOD_STEP;
    for (int i = 0; i < 2; i++) {
        run[i] = start(ctx[i], &it.spec, &model[i]);
        CHECK_STATUS(ctx[i], um_run_advance(run[i], -1, NULL, NULL), UM_ERROR_NOCONV);
    }
    assert_string_equal(um_context_get_error(ctx[0])->message, um_context_get_error(ctx[1])->message);
    assert_true(run[0]->collision > 0 && run[0]->collision == run[1]->collision);
    test_same_state("refused", um_run_get_state(run[0]), um_run_get_state(run[1]));
    for (int i = 0; i < 2; i++) finish(ctx[i], run[i], model[i]);
}

static void stops_where_it_should(void **unused)
{
    (void)unused;
    check_stop(12, 2000);
    check_stop(UM_LEVELS_AUTO, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_bits), cmocka_unit_test(until_its_peak),
                                       cmocka_unit_test(one_state_is_enough), cmocka_unit_test(stops_where_it_should)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
