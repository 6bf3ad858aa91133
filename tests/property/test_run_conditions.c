/* Stages that end on a condition, as if just so many collisions had been asked for; and those that are
 * too long. */
#include "context.h"
#include "run_cases.h"

/* A stage of so many collisions of the coherent maser, its energies after each. */
static test_run_done charge(test_run_case *it, int64_t collisions, um_until until)
{
    test_run_case_make(TEST_RUN_RESONANT, collisions, it);
    it->stages[0].until = until;
    it->stages[1] = it->stages[0];
    it->stages[1].until = (um_until){.kind = UM_UNTIL_COUNT};
    it->stages[1].interaction = (um_interaction){.theta = 0.7, .g = NAN, .tau = NAN};
    it->stages[1].collisions = 10;
    it->spec.stages_count = 2;
    it->spec.record.mode = UM_RECORD_EVERY;
    return test_run_execute(ctx, &it->spec, false);
}

/* As if the stage had been asked for just so many collisions from the start. */
static void check_equal_to_count(test_run_done *done, int64_t collisions)
{
    test_run_case it;
    test_run_done plain = charge(&it, collisions, (um_until){0});
    const um_result *a = plain.result, *b = done->result;
    assert_int_equal(b->stages[0].end, UM_STAGE_MET);
    assert_int_equal(b->stages[0].collisions, collisions);
    assert_int_equal(a->records, b->records);
    for (size_t i = 0; i < a->records; i++) {
        assert_true(a->series[UM_ENERGY][i] == b->series[UM_ENERGY][i]);
        assert_true(a->series[UM_ERGOTROPY][i] == b->series[UM_ERGOTROPY][i]);
        assert_true(a->time[i] == b->time[i] && a->collision[i] == b->collision[i]);
    }
    assert_memory_equal(&a->ledger, &b->ledger, sizeof a->ledger);
    assert_true(a->ergotropy_power_maximum.value == b->ergotropy_power_maximum.value);
    assert_true(a->power_maximum.value == b->power_maximum.value);
    test_same_state("condition", um_run_get_state(plain.run), um_run_get_state(done->run));
    test_run_done_destroy(&plain);
    test_run_done_destroy(done);
}

static void test_conditions(void **unused)
{
    (void)unused;
    test_run_case it;
    test_run_done whole = charge(&it, 400, (um_until){0});
    const double *energy = whole.result->series[UM_ENERGY];
    const double *ergotropy = whole.result->series[UM_ERGOTROPY];
    int64_t first[2] = {0}, peak = 1, flat = 10;
    while (energy[first[0]] < 3.1) first[0]++;
    while (ergotropy[first[1]] < 3.1) first[1]++;
    for (int64_t k = 1; k <= 400; k++)
        if (energy[k] > energy[peak]) peak = k;
    for (;; flat++) {
        double low = INFINITY, high = -INFINITY;
        for (int64_t k = flat / 10; k <= flat; k++) {
            low = fmin(low, energy[k]);
            high = fmax(high, energy[k]);
        }
        if (high - low <= 0.02 * (high + low) / 2) break;
    }
    assert_true(first[0] < first[1] && peak > 10 && peak < 50 && flat > 100);
    test_run_done_destroy(&whole);
    const struct {
        um_until until;
        int64_t expected;
    } cases[] = {{{UM_UNTIL_ENERGY, 3.1, 0}, first[0]},
                 {{UM_UNTIL_ERGOTROPY, 3.1, 0}, first[1]},
                 {{UM_UNTIL_PLATEAU, 0, 0}, flat},
                 {{UM_UNTIL_PEAK, 0, 40}, peak},
                 {{UM_UNTIL_ENERGY, -1, 0}, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        test_run_done done = charge(&it, 400, cases[i].until);
        check_equal_to_count(&done, cases[i].expected);
    }
    test_run_done never = charge(&it, 400, (um_until){UM_UNTIL_ENERGY, 100, 0});
    assert_int_equal(never.result->stages[0].end, UM_STAGE_DONE);
    assert_int_equal(never.result->stages[0].collisions, 400);
    test_run_done_destroy(&never);
}

/* Later stages are recorded from where they really begin; the end of the first is, in any case. */
static void test_records_after_a_condition(void **unused)
{
    (void)unused;
    for (int list = 0; list < 2; list++) {
        static const int64_t at[] = {2, 390};
        test_run_case it;
        test_run_case_make(TEST_RUN_RESONANT, 400, &it);
        it.stages[0].until = (um_until){.kind = UM_UNTIL_PEAK, .look_ahead = 40};
        it.stages[1] = it.stages[0];
        it.stages[1].until = (um_until){.kind = UM_UNTIL_COUNT};
        it.spec.stages_count = 2;
        it.spec.record.per_decade = 1;
        if (list) it.spec.record.mode = UM_RECORD_LIST;
        it.spec.record.at = at;
        it.spec.record.at_count = list ? 2 : 0;
        it.spec.record.states = at;
        it.spec.record.states_count = 2;
        test_run_done done = test_run_execute(ctx, &it.spec, false);
        const um_result *r = done.result;
        int64_t peak = r->stages[0].collisions;
        const int64_t expected[2][8] = {
            {0, 1, 10, peak, peak + 1, peak + 10, peak + 100, peak + 400}, {2, peak, 390}};
        assert_int_equal(r->records, list ? 3 : 8);
        for (size_t i = 0; i < r->records; i++)
            assert_int_equal(r->collision[i], expected[list][i]);
        assert_int_equal(r->states_count, 2);
        assert_int_equal(r->states[1].collision, 390);
        assert_false(isnan(r->series[UM_ATOM_COHERENCE_IM][list ? 1 : 3]));
        test_run_done_destroy(&done);
    }
}

static void test_too_long_for_a_condition(void **unused)
{
    (void)unused;
    test_run_case it;
    um_run *run;
    test_run_case_make(TEST_RUN_RESONANT, 10000001, &it);
    it.stages[0].until = (um_until){UM_UNTIL_ENERGY, 3, 0};
    um_model *model = test_run_model(ctx, &it.spec);
    CHECK_STATUS(ctx, um_run_create(ctx, model, &run), UM_ERROR_CONFIG);
    assert_string_equal(um_context_get_error(ctx)->key, "stages[0].until");
    assert_non_null(strstr(um_context_get_error(ctx)->message, "10000001"));
    um_model_destroy(model);
}

/* Rabi collisions with an environment between them have no generator. */
static void test_too_long_without_a_generator(void **unused)
{
    (void)unused;
    test_run_case it;
    um_run *run;
    test_run_case_make(TEST_RUN_RABI, 100, &it);
    it.stages[0].collisions = 10000001;
    it.stages[0].environment = (um_environment){.kappa = 0.01};
    um_model *model = test_run_model(ctx, &it.spec);
    CHECK_STATUS(ctx, um_run_create(ctx, model, &run), UM_ERROR_CONFIG);
    assert_string_equal(um_context_get_error(ctx)->key, "stages[0].charge");
    um_model_destroy(model);
    it.spec.accuracy.method = UM_METHOD_STEP;
    model = test_run_model(ctx, &it.spec);
    CHECK_OK(ctx, um_run_create(ctx, model, &run));
    um_run_destroy(run);
    um_model_destroy(model);
}

/* Before, at and beyond the peak that a stage ends at. */
static void test_saved_while_looking_ahead(void **unused)
{
    (void)unused;
    test_run_case it;
    test_run_case_make(TEST_RUN_RESONANT, 200, &it);
    it.stages[0].until = (um_until){.kind = UM_UNTIL_PEAK, .look_ahead = 30};
    it.stages[1] = it.stages[0];
    it.stages[1].kind = UM_STAGE_DISCHARGE;
    it.stages[1].until = (um_until){.kind = UM_UNTIL_ERGOTROPY, .value = 0.5};
    it.spec.stages_count = 2;
    it.spec.record.observables = ((UINT64_C(1) << UM_QUANTITY_COUNT) - 1) &
                                 ~UM_QUANTITY_BIT(UM_FIDELITY);
    test_run_done whole = test_run_execute(ctx, &it.spec, false);
    int64_t peak = whole.result->stages[0].collisions;
    assert_true(peak > 10 && whole.result->stages[0].end == UM_STAGE_MET);
    assert_true(whole.result->stages[1].ergotropy_end <= 0.5);
    assert_true(whole.result->stages[1].ergotropy_start > 0.5);
    const int64_t stops[] = {1, peak - 1, peak, peak + 1, peak + 29};
    um_run *run;
    CHECK_OK(ctx, um_run_create(ctx, whole.model, &run));
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        CHECK_OK(ctx, um_run_advance(run, stops[i], NULL, NULL));
        run = test_run_reload(ctx, run, whole.model);
        assert_int_equal(um_run_get_result(run)->collisions, stops[i]);
    }
    CHECK_OK(ctx, um_run_advance(run, -1, NULL, NULL));
    CHECK_OK(ctx, um_run_finish(run, false));
    test_same_result("peak", whole.result, um_run_get_result(run));
    test_same_state("peak", um_run_get_state(whole.run), um_run_get_state(run));
    um_run_destroy(run);
    test_run_done_destroy(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_records_after_a_condition),
        cmocka_unit_test(test_too_long_for_a_condition),
        cmocka_unit_test(test_too_long_without_a_generator),
        cmocka_unit_test(test_saved_while_looking_ahead),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
