/* A run that is saved anywhere and gone on with gives the bits of one that never stopped; so does
 * one that is advanced in pieces, and none depends on what is recorded. */
#include "check.h"
#include "random_state.h"
#include "run_cases.h"

enum { COLLISIONS = 700 };

static um_run *start(um_context *ctx, const um_model *model)
{
    um_run *run;
    CHECK_OK(ctx, um_run_create(ctx, model, &run));
    return run;
}

/* Everything that can be recorded. */
static void record_all(um_spec *spec, int64_t total, int64_t *states, int64_t *wigners)
{
    spec->record.observables = (UINT64_C(1) << UM_QUANTITY_COUNT) - 1;
    spec->record.has_fidelity = true;
    spec->record.fidelity_with = (um_initial){.kind = UM_INITIAL_FOCK, .level = 3};
    for (int i = 0; i < 3; i++) states[i] = (int64_t[]){0, 65, total}[i];
    spec->record.states = states;
    spec->record.states_count = 3;
    if (spec->battery.kind != UM_BATTERY_CAVITY) return;
    for (int i = 0; i < 2; i++) wigners[i] = (int64_t[]){1, total - 5}[i];
    spec->record.wigner_at = wigners;
    spec->record.wigner_count = 2;
    spec->record.wigner_grid = (um_wigner_grid){-3, 3, 9};
}

static void check_kind(um_context *ctx, test_run_kind kind, int levels, test_random *random)
{
    test_run_case it;
    int64_t states[3], wigners[2];
    bool slow = kind == TEST_RUN_RABI || kind == TEST_RUN_RABI_LAB;
    int64_t total = slow ? TEST_RUN_RABI_COLLISIONS(COLLISIONS) : COLLISIONS;
    test_run_case_make(kind, COLLISIONS, &it);
    record_all(&it.spec, total, states, wigners);
    if (levels) it.spec.battery.levels = levels;
    it.spec.accuracy.plateau_tolerance = 0.5;
    it.spec.record.per_decade = 5;
    um_model *model = test_run_model(ctx, &it.spec);
    um_run *whole = start(ctx, model);
    CHECK_OK(ctx, um_run_advance(whole, -1, NULL, NULL));
    CHECK_OK(ctx, um_run_finish(whole, true));
    int trials = (slow ? 1 : 3) * test_effort();
    for (int trial = 0; trial < trials; trial++) {
        um_run *run = start(ctx, model);
        if (trial == 0) run = test_run_reload(ctx, run, model); /* before anything happened */
        int64_t at = 0;
        const int64_t corners[] = {0, 0, 1, 8, 64, total / 3, 256, 257, total - 1, total};
        enum { CORNERS = sizeof corners / sizeof *corners };
        for (int i = 0; i < (trial ? 4 : CORNERS); i++) {
            int64_t next = trial ? test_random_integer(random, (int)at, (int)total) : corners[i];
            at = next > at && next <= total ? next : at;
            CHECK_OK(ctx, um_run_advance(run, at, NULL, NULL));
            assert_int_equal(um_run_get_result(run)->collisions, at);
            run = test_run_reload(ctx, run, model);
            assert_int_equal(um_run_get_result(run)->collisions, at);
        }
        CHECK_OK(ctx, um_run_advance(run, -1, NULL, NULL));
        CHECK_OK(ctx, um_run_finish(run, true));
        test_same_result(it.name, um_run_get_result(whole), um_run_get_result(run));
        test_same_state(it.name, um_run_get_state(whole), um_run_get_state(run));
        um_run_destroy(run);
    }
    um_run_destroy(whole);
    um_model_destroy(model);
}

static void test_save_and_restore(void **unused)
{
    (void)unused;
    um_context *ctx;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    test_random random = {2};
    for (int kind = 0; kind < TEST_RUN_KINDS; kind++) check_kind(ctx, kind, 0, &random);
    check_kind(ctx, TEST_RUN_RESONANT, 48, &random); /* a named size, computed beyond it */
    assert_int_equal(um_context_get_blocks(ctx), 0);
    um_context_destroy(ctx);
}

/* Levels grow between the collisions at which it is saved. */
static void test_levels_grow_in_between(void **unused)
{
    (void)unused;
    um_context *ctx;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    test_run_case it;
    test_run_case_make(TEST_RUN_RESONANT, 400, &it);
    it.stages[0].interaction.theta = 0.05; /* no trap below: it climbs */
    it.stages[0].atoms.q = 0.1;
    um_model *model = test_run_model(ctx, &it.spec);
    um_run *whole = start(ctx, model), *run = start(ctx, model);
    CHECK_OK(ctx, um_run_advance(whole, -1, NULL, NULL));
    CHECK_OK(ctx, um_run_finish(whole, true));
    int grown = 0, before = um_run_get_result(run)->truncation.levels;
    for (int64_t at = 10; at <= 400; at += 10) {
        CHECK_OK(ctx, um_run_advance(run, at, NULL, NULL));
        run = test_run_reload(ctx, run, model);
        int levels = um_state_get_window(um_run_get_state(run)).levels;
        grown += levels > before;
        before = levels;
    }
    assert_true(grown >= 2);
    CHECK_OK(ctx, um_run_finish(run, true));
    test_same_result("growing", um_run_get_result(whole), um_run_get_result(run));
    um_run_destroy(whole);
    um_run_destroy(run);
    um_model_destroy(model);
    assert_int_equal(um_context_get_blocks(ctx), 0);
    um_context_destroy(ctx);
}

static double value_at(const um_result *result, int quantity, int64_t collision)
{
    for (size_t i = 0; i < result->records; i++)
        if (result->collision[i] == collision) return result->series[quantity][i];
    fail_msg("collision %lld is not recorded", (long long)collision);
    return NAN;
}

/* Log, every, lists with and without collision 0, one observable or all: the same bits. */
static void test_records_do_not_matter(void **unused)
{
    (void)unused;
    um_context *ctx;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    static const int64_t lists[2][1] = {{300}, {TEST_RUN_RABI_COLLISIONS(300)}};
    for (int kind = 0; kind < TEST_RUN_KINDS; kind++) {
        um_run *runs[5];
        um_model *models[5];
        for (int i = 0; i < 5; i++) {
            test_run_case it;
            test_run_case_make(kind, 300, &it);
            const int64_t *list = lists[kind == TEST_RUN_RABI || kind == TEST_RUN_RABI_LAB];
            int64_t last = *list;
            um_record *record = &it.spec.record;
            record->mode = (um_record_mode[]){UM_RECORD_LOG, UM_RECORD_EVERY, UM_RECORD_LIST,
                                              UM_RECORD_LIST, UM_RECORD_LOG}[i];
            if (i == 2 || i == 3) record->at = list, record->at_count = 1;
            if (i == 3) record->states = list, record->states_count = 1;
            if (i == 4) record->observables = UM_QUANTITY_BIT(UM_ENERGY);
            if (i == 1) record->observables = ((UINT64_C(1) << UM_QUANTITY_COUNT) - 1) &
                                              ~UM_QUANTITY_BIT(UM_FIDELITY);
            models[i] = test_run_model(ctx, &it.spec);
            runs[i] = start(ctx, models[i]);
            CHECK_OK(ctx, um_run_advance(runs[i], -1, NULL, NULL));
            CHECK_OK(ctx, um_run_finish(runs[i], true));
            const um_result *a = um_run_get_result(runs[0]), *b = um_run_get_result(runs[i]);
            test_same_state("records", um_run_get_state(runs[0]), um_run_get_state(runs[i]));
            assert_memory_equal(&a->ledger, &b->ledger, sizeof a->ledger);
            assert_true(a->truncation.error_bound == b->truncation.error_bound);
            assert_true(a->truncation.trace_drift == b->truncation.trace_drift);
            assert_true(a->plateaus_count == b->plateaus_count);
            assert_memory_equal(&a->power_maximum, &b->power_maximum, sizeof a->power_maximum);
            for (int q = 0; q < UM_POPULATIONS; q++) {
                if (!a->series[q] || !b->series[q]) continue;
                double x = value_at(a, q, last), y = value_at(b, q, last);
                if (x != y && !(isnan(x) && isnan(y)))
                    fail_msg("%d/%d: %s is %.17g and %.17g", kind, i, um_quantity_get_info(q)->name,
                             x, y);
            }
        }
        for (int i = 0; i < 5; i++) {
            um_run_destroy(runs[i]);
            um_model_destroy(models[i]);
        }
    }
    assert_int_equal(um_context_get_blocks(ctx), 0);
    um_context_destroy(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_save_and_restore),
                                       cmocka_unit_test(test_levels_grow_in_between),
                                       cmocka_unit_test(test_records_do_not_matter)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
