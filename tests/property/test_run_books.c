/* The books of whole runs: the ledger closes, rounding does not add up, and a truncation that
 * matters is refused. */
#include "context.h"
#include "run_cases.h"

static um_run *execute(const um_spec *spec, um_model **model, um_status expected)
{
    um_run *run;
    *model = test_run_model(ctx, spec);
    CHECK_OK(ctx, um_run_create(ctx, *model, &run));
    CHECK_STATUS(ctx, um_run_advance(run, -1, NULL, NULL), expected);
    CHECK_OK(ctx, um_run_finish(run, false));
    return run;
}

static void test_ledger_closes(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < TEST_RUN_KINDS; kind++) {
        test_run_case it;
        um_model *model;
        test_run_case_make(kind, 2000 * test_effort(), &it);
        um_run *run = execute(&it.spec, &model, UM_OK);
        const um_result *result = um_run_get_result(run);
        um_ledger l = result->ledger;
        double scale = 1 + fabs(l.battery) + fabs(l.atoms) + fabs(l.switching) + fabs(l.heat) +
                       fabs(l.drive);
        if (!(fabs(l.residual) <= 1e-12 * scale))
            fail_msg("%s: residual %.3g of %.3g", it.name, l.residual, scale);
        assert_true(l.residual == l.battery + l.atoms - l.switching - l.heat - l.drive);
        assert_true(l.moduli >= fabs(l.battery));
        bool open = kind == TEST_RUN_PROTOCOL;
        assert_true((l.heat != 0) == open && (l.drive != 0) == open);
        double change = um_observe_energy(um_run_get_state(run),
                                          um_model_get_spec(model)->battery.energies) -
                        result->series[UM_ENERGY][0];
        CHECK_CLOSE(l.battery, change, 1e-13 * scale);
        assert_true(fabs(l.battery) > 1e-3 || open); /* something happened */
        if (kind == TEST_RUN_DETUNED) CHECK_CLOSE(l.switching, -0.3 * l.battery, 1e-12 * scale);
        if (kind == TEST_RUN_RESONANT || kind == TEST_RUN_INCOHERENT ||
            kind == TEST_RUN_HERMITIAN || kind == TEST_RUN_LADDER)
            CHECK_CLOSE(l.switching, 0, 1e-12 * scale);
        double drift = fabs(result->truncation.trace_drift) / (double)result->collisions;
        if (drift > 1e-16) fail_msg("%s: trace drift %.3g per collision", it.name, drift);
        CHECK_CLOSE(um_state_get_trace(um_run_get_state(run)), 1, 2e-14);
        CHECK_OK(ctx, um_state_check(um_run_get_state(run), 1e-12, true));
        um_run_destroy(run);
        um_model_destroy(model);
    }
}

/* Atoms that keep climbing: theta small, nearly all excited. */
static void make_climber(int levels, int max_levels, double truncation, int64_t collisions,
                         test_run_case *it)
{
    test_run_case_make(TEST_RUN_RESONANT, collisions, it);
    it->stages[0].atoms.q = 0.25;
    it->stages[0].interaction = (um_interaction){.theta = 0.2, .g = NAN, .tau = NAN};
    it->spec.battery.levels = levels;
    it->spec.battery.max_levels = max_levels;
    it->spec.accuracy.truncation = truncation;
}

static void check_refusal(int levels, int max_levels, const char *key, int top)
{
    test_run_case it;
    um_model *model;
    make_climber(levels, max_levels, 1e-10, 1000, &it);
    um_run *run = execute(&it.spec, &model, UM_ERROR_NOCONV);
    const um_error *error = um_context_get_error(ctx);
    const um_result *result = um_run_get_result(run);
    assert_string_equal(error->key, key);
    assert_int_equal(error->level, top);
    assert_int_equal(error->collision, result->collisions + 1);
    char words[64];
    snprintf(words, sizeof words, "collision %lld", (long long)error->collision);
    assert_non_null(strstr(error->message, words));
    snprintf(words, sizeof words, "level %d", top);
    assert_non_null(strstr(error->message, words));
    assert_non_null(strstr(error->message, key));
    assert_int_equal(result->status, UM_ERROR_NOCONV);
    assert_true(result->collisions > 10 && result->collisions < 1000);
    /* what was recorded before stays right */
    assert_true(result->records > 5);
    CHECK_AT_MOST(result->truncation.error_bound, 1e-10);
    um_run_destroy(run);
    um_model_destroy(model);
}

static void test_guard(void **unused)
{
    (void)unused;
    check_refusal(90, 4096, "battery.levels", 89);
    check_refusal(UM_LEVELS_AUTO, 90, "battery.max_levels", 89);
    check_refusal(UM_LEVELS_AUTO, 30, "battery.max_levels", 29); /* below the first guess */
    test_run_case it;
    um_model *model;
    make_climber(90, 4096, 1, 1000, &it); /* the guard off: the known wrong answer */
    um_run *run = execute(&it.spec, &model, UM_OK);
    const um_result *result = um_run_get_result(run);
    CHECK_CLOSE(um_observe_purity(um_run_get_state(run)), 1, 1e-3);
    assert_true(result->series[UM_TOP_POPULATION][result->records - 1] > 0.8);
    assert_true(!(result->truncation.error_bound < 1)); /* and it says so */
    um_run_destroy(run);
    um_model_destroy(model);
}

static void test_fixed_and_auto_agree(void **unused)
{
    (void)unused;
    const int levels[] = {UM_LEVELS_AUTO, 300, 500};
    um_run *runs[3];
    um_model *models[3];
    for (int i = 0; i < 3; i++) {
        test_run_case it;
        make_climber(levels[i], 4096, 1e-10, 400, &it);
        runs[i] = execute(&it.spec, &models[i], UM_OK);
        const um_result *a = um_run_get_result(runs[0]), *b = um_run_get_result(runs[i]);
        assert_int_equal(a->records, b->records);
        for (size_t k = 0; k < a->records; k++) {
            CHECK_CLOSE(a->series[UM_ENERGY][k], b->series[UM_ENERGY][k], 1e-11);
            CHECK_CLOSE(a->series[UM_ERGOTROPY][k], b->series[UM_ERGOTROPY][k], 1e-10);
            CHECK_CLOSE(a->series[UM_PURITY][k], b->series[UM_PURITY][k], 1e-12);
        }
        assert_int_equal(um_state_get_window(um_run_get_state(runs[i])).levels,
                         levels[i] ? levels[i] : a->truncation.levels);
    }
    assert_true(um_run_get_result(runs[0])->truncation.levels > 64); /* it grew */
    for (int i = 0; i < 3; i++) {
        um_run_destroy(runs[i]);
        um_model_destroy(models[i]);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {TEST(test_ledger_closes), TEST(test_guard),
                                       TEST(test_fixed_and_auto_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
