/* What a run records: when, and every column from what it is defined by. */
#include "context.h"
#include "run_cases.h"

typedef struct finished {
    test_run_case it;
    um_model *model;
    um_run *run;
    const um_result *result;
} finished;

static void prepare(finished *f)
{
    f->model = test_run_model(ctx, &f->it.spec);
    CHECK_OK(ctx, um_run_create(ctx, f->model, &f->run));
    f->result = um_run_get_result(f->run);
}

static void execute(finished *f)
{
    prepare(f);
    CHECK_OK(ctx, um_run_advance(f->run, -1, NULL, NULL));
    CHECK_OK(ctx, um_run_finish(f->run, true));
}

static void clear(finished *f)
{
    um_run_destroy(f->run);
    um_model_destroy(f->model);
}

static void test_quantities(void **unused)
{
    (void)unused;
    for (int i = 0; i < UM_QUANTITY_COUNT; i++) {
        const um_quantity_info *info = um_quantity_get_info(i);
        assert_true(info && info->name[0] && info->units[0] && info->long_name[0]);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(info->name, um_quantity_get_info(j)->name);
    }
    assert_string_equal(um_quantity_get_info(UM_ENERGY)->name, "energy");
    assert_null(um_quantity_get_info(-1));
    assert_null(um_quantity_get_info(UM_QUANTITY_COUNT));
    um_run_destroy(NULL);
}

static void check_collisions(const um_result *result, const int64_t *expected, size_t count)
{
    assert_int_equal(result->records, count);
    for (size_t i = 0; i < count; i++) assert_int_equal(result->collision[i], expected[i]);
}

static void test_log_records(void **unused)
{
    (void)unused;
    finished f;
    test_run_case_make(TEST_RUN_STAGES, 60, &f.it); /* 20 + 30 + 10 */
    f.it.spec.record.per_decade = 4;
    execute(&f);
    /* 10^(j/4): 1 1.78 3.16 5.62 10 17.8 */
    const int64_t expected[] = {0,  1,  2,  3,  6,  10, 18, 20, 21, 22, 23,
                                26, 30, 38, 50, 51, 52, 53, 56, 60};
    check_collisions(f.result, expected, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < f.result->records; i++) /* the last of a stage belongs to it */
        assert_int_equal(f.result->stage[i], (f.result->collision[i] > 20) + (f.result->collision[i] > 50));
    clear(&f);
    test_run_case_make(TEST_RUN_RESONANT, 0, &f.it);
    execute(&f);
    check_collisions(f.result, (const int64_t[]){0}, 1);
    assert_int_equal(f.result->plateaus_count, 0);
    clear(&f);
}

static void test_list_and_every(void **unused)
{
    (void)unused;
    finished f;
    const int64_t list[] = {3, 4, 25, 60};
    test_run_case_make(TEST_RUN_STAGES, 60, &f.it);
    f.it.spec.record.mode = UM_RECORD_LIST;
    f.it.spec.record.at = list;
    f.it.spec.record.at_count = 4;
    execute(&f);
    check_collisions(f.result, list, 4);
    assert_true(f.result->final_levels > 0);
    clear(&f);
    f.it.spec.record.at_count = 0;
    execute(&f);
    assert_int_equal(f.result->records, 0);
    assert_int_equal(f.result->collisions, 60);
    clear(&f);
    f.it.spec.record.mode = UM_RECORD_EVERY;
    execute(&f);
    assert_int_equal(f.result->records, 61);
    for (int i = 0; i <= 60; i++) assert_int_equal(f.result->collision[i], i);
    clear(&f);
}

static void test_default_observables(void **unused)
{
    (void)unused;
    finished f;
    for (int fidelity = 0; fidelity < 2; fidelity++) {
        test_run_case_make(TEST_RUN_RESONANT, 5, &f.it);
        f.it.spec.record.has_fidelity = fidelity;
        execute(&f);
        for (int i = 0; i < UM_QUANTITY_COUNT; i++) {
            bool wanted = um_quantity_get_info(i)->by_default || (i == UM_FIDELITY && fidelity);
            assert_true(wanted == (f.result->series[i] != NULL));
        }
        assert_null(f.result->populations);
        clear(&f);
    }
    f.it.spec.record.has_fidelity = false;
    f.it.spec.record.observables = UM_QUANTITY_BIT(UM_PURITY) | UM_QUANTITY_BIT(UM_POPULATIONS);
    execute(&f);
    for (int i = 0; i < UM_QUANTITY_COUNT; i++)
        assert_true((i == UM_PURITY) == (f.result->series[i] != NULL));
    double sum = 0;
    for (int n = 0; n < f.result->population_levels; n++)
        sum += f.result->populations[5 * f.result->population_levels + n];
    CHECK_CLOSE(sum, 1, 1e-14);
    assert_true(f.result->populations[0] == 1);
    clear(&f);
}

static void close_or_nan(double value, double expected, double tolerance)
{
    if (isnan(expected))
        assert_true(isnan(value));
    else
        CHECK_CLOSE(value, expected, tolerance);
}

/* Every column of ways and powers again, from energies and ergotropies alone. */
static void check_path(const finished *f)
{
    const um_result *r = f->result;
    double *const *s = r->series;
    double time = 0, interaction = 0, brought = 0, order = 0, best = -INFINITY, best_ergotropy = NAN;
    int64_t best_at = -1;
    int64_t left = f->it.stages[0].collisions;
    int stage = 0;
    for (size_t k = 1; k < r->records; k++) {
        while (left == 0) left = um_model_get_spec(f->model)->stages[++stage].collisions;
        left--;
        const um_stage *now = &um_model_get_spec(f->model)->stages[stage];
        double T = now->stream.period, tau = now->interaction.tau, q = now->atoms.q;
        time += T;
        interaction += tau;
        double split = 1 + now->atoms.detuning;
        double c = now->atoms.c;
        brought += split * (1 - q);
        order += split * (0.5 - q + sqrt(1 - 4 * q * (1 - q) * (1 - c * c)) / 2);
        double rise = s[UM_ENERGY][k] - s[UM_ENERGY][0], step = s[UM_ENERGY][k] - s[UM_ENERGY][k - 1];
        double gain = s[UM_ERGOTROPY][k] - s[UM_ERGOTROPY][0];
        double jump = s[UM_ERGOTROPY][k] - s[UM_ERGOTROPY][k - 1];
        CHECK_CLOSE(r->time[k], time, 1e-12 * time);
        CHECK_CLOSE(s[UM_POWER][k], rise / time, 1e-12);
        CHECK_CLOSE(s[UM_POWER_INSTANTANEOUS][k], step / T, 1e-12);
        CHECK_CLOSE(s[UM_POWER_INTERACTION][k], rise / interaction, 1e-12);
        CHECK_CLOSE(s[UM_POWER_INSTANTANEOUS_INTERACTION][k], step / tau, 1e-12);
        CHECK_CLOSE(s[UM_ERGOTROPY_POWER][k], gain / time, 1e-12);
        CHECK_CLOSE(s[UM_ERGOTROPY_POWER_INSTANTANEOUS][k], jump / T, 1e-12);
        CHECK_CLOSE(s[UM_ERGOTROPY_POWER_INTERACTION][k], gain / interaction, 1e-12);
        CHECK_CLOSE(s[UM_ERGOTROPY_POWER_INSTANTANEOUS_INTERACTION][k], jump / tau, 1e-12);
        close_or_nan(s[UM_EFFICIENCY_ENERGY][k], brought > 0 ? rise / brought : NAN, 1e-12);
        double paid = order + fmax(s[UM_WORK_SWITCHING][k], 0);
        close_or_nan(s[UM_EFFICIENCY_ERGOTROPY][k], paid > 1e-12 ? gain / paid : NAN, 1e-10);
        if (now->atoms.detuning == 0 && now->interaction.counter_rotating == 0 &&
            f->it.spec.battery.kind != UM_BATTERY_CUSTOM)
            CHECK_CLOSE(s[UM_ATOM_EXCITED][k], 1 - q - step, 1e-13);
        if (rise / time > best) best = rise / time, best_at = (int64_t)k;
        if (!(gain / time <= best_ergotropy)) best_ergotropy = gain / time;
    }
    CHECK_CLOSE(r->power_maximum.value, best, 1e-12);
    assert_int_equal(r->power_maximum.collision, best_at);
    CHECK_CLOSE(r->ergotropy_power_maximum.value, best_ergotropy, 1e-12);
    for (int i = UM_POWER; i <= UM_ERGOTROPY_POWER_INSTANTANEOUS_INTERACTION; i++)
        assert_true(isnan(s[i][0])); /* there is no power before the first collision */
    assert_true(isnan(s[UM_ATOM_EXCITED][0]) && isnan(s[UM_EFFICIENCY_ENERGY][0]));
    assert_true(s[UM_WORK_SWITCHING][0] == 0 && r->time[0] == 0);
}

static void test_path_columns(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < TEST_RUN_PROTOCOL; kind++) { /* each collision has its time */
        finished f;
        test_run_case_make(kind, 90, &f.it);
        f.it.spec.record.mode = UM_RECORD_EVERY;
        f.it.spec.record.observables =
            ((UINT64_C(1) << UM_POPULATIONS) - 1) & ~UM_QUANTITY_BIT(UM_FIDELITY);
        execute(&f);
        check_path(&f);
        clear(&f);
    }
}

/* Ground-state atoms bring nothing: efficiencies are undefined, not infinite. */
static void test_undefined_numbers(void **unused)
{
    (void)unused;
    finished f;
    test_run_case_make(TEST_RUN_RESONANT, 4, &f.it);
    f.it.stages[0].atoms = (um_atoms){.q = 1};
    f.it.spec.battery.initial = (um_initial){.kind = UM_INITIAL_FOCK, .level = 2};
    execute(&f);
    assert_true(isnan(f.result->series[UM_EFFICIENCY_ENERGY][4]));
    assert_true(isnan(f.result->series[UM_EFFICIENCY_ERGOTROPY][4]));
    assert_true(f.result->power_maximum.value < 0);
    clear(&f);
    /* instantaneous collisions without a period take no time */
    test_run_case_make(TEST_RUN_RESONANT, 4, &f.it);
    f.it.stages[0].interaction = (um_interaction){.theta = 1, .g = NAN, .tau = 0};
    execute(&f);
    assert_true(isnan(f.result->time[3]) && isnan(f.result->stages[0].duration));
    assert_true(isnan(f.result->series[UM_POWER][3]));
    assert_true(isnan(f.result->power_maximum.value) && f.result->power_maximum.collision == -1);
    clear(&f);
    f.it.stages[0].stream.period = 2.5;
    execute(&f);
    CHECK_CLOSE(f.result->stages[0].duration, 10, 1e-15);
    assert_false(isnan(f.result->series[UM_POWER][3]));
    assert_true(isnan(f.result->series[UM_POWER_INTERACTION][3]));
    clear(&f);
}

static void test_kept(void **unused)
{
    (void)unused;
    finished f, g;
    const int64_t states[] = {0, 7, 50}, wigners[] = {7};
    test_run_case_make(TEST_RUN_HERMITIAN, 50, &f.it);
    um_record *record = &f.it.spec.record;
    record->states = states;
    record->states_count = 3;
    record->wigner_at = wigners;
    record->wigner_count = 1;
    record->wigner_grid = (um_wigner_grid){-4, 3, 11};
    record->has_fidelity = true;
    record->fidelity_with = (um_initial){.kind = UM_INITIAL_COHERENT, .re = 0.5, .im = 1};
    record->mode = UM_RECORD_LIST;
    record->at = states;
    record->at_count = 3;
    execute(&f);
    assert_int_equal(f.result->states_count, 3);
    assert_int_equal(f.result->wigners_count, 1);
    test_run_case_make(TEST_RUN_HERMITIAN, 50, &g.it);
    prepare(&g);
    um_state *target;
    CHECK_OK(ctx, um_state_create_initial(ctx, &record->fidelity_with, &f.it.spec.battery,
                                          UM_LEVELS_AUTO, 1e-10, &target, NULL));
    for (int i = 0; i < 3; i++) {
        CHECK_OK(ctx, um_run_advance(g.run, states[i], NULL, NULL));
        const um_state *state = um_run_get_state(g.run);
        const um_saved_state *saved = &f.result->states[i];
        assert_int_equal(saved->collision, states[i]);
        int levels = saved->levels;
        assert_true(levels >= um_state_get_window(state).last);
        size_t size = (size_t)levels * (size_t)levels;
        double *m = malloc(2 * size * sizeof *m), fidelity;
        um_state_get_matrix(state, 0, levels, m, m + size);
        assert_memory_equal(m, saved->real, size * sizeof *m);
        assert_memory_equal(m + size, saved->imag, size * sizeof *m);
        free(m);
        CHECK_OK(ctx, um_observe_fidelity(state, target, &fidelity));
        CHECK_CLOSE(f.result->series[UM_FIDELITY][i], fidelity, 1e-14);
        if (states[i] != 7) continue;
        double w[121], h[121];
        CHECK_OK(ctx, um_observe_wigner(state, -4, 3, 11, w));
        CHECK_OK(ctx, um_observe_husimi(state, -4, 3, 11, h));
        assert_memory_equal(w, f.result->wigners[0].wigner, sizeof w);
        assert_memory_equal(h, f.result->wigners[0].husimi, sizeof h);
    }
    /* asked to start twice, and before the first collision again */
    clear(&g);
    g.it.spec.record = *record;
    record->at_count = 0;
    g.it.spec.record.at_count = 0;
    g.it.spec.stages = g.it.stages;
    prepare(&g);
    for (int i = 0; i < 4; i++) CHECK_OK(ctx, um_run_advance(g.run, 0, NULL, NULL));
    assert_int_equal(g.result->states_count, 1);
    CHECK_OK(ctx, um_run_advance(g.run, -1, NULL, NULL));
    assert_int_equal(g.result->states_count, 3);
    um_state_destroy(target);
    clear(&g);
    clear(&f);
}

typedef struct stopper {
    int64_t stop_at;
    int calls;
    int64_t seen;
} stopper;

static bool stop_at(void *user, const um_progress *progress)
{
    stopper *s = user;
    s->calls++;
    assert_true(progress->done >= s->seen && progress->done <= progress->total);
    assert_true(isfinite(progress->energy));
    s->seen = progress->done;
    return progress->done < s->stop_at;
}

static void test_monitor(void **unused)
{
    (void)unused;
    finished f, g;
    test_run_case_make(TEST_RUN_INCOHERENT, 3000000, &f.it);
    f.it.stages[0].interaction.theta = 1;
    test_run_case_make(TEST_RUN_INCOHERENT, 3000000, &g.it);
    prepare(&f);
    prepare(&g);
    stopper s = {.stop_at = 1000};
    CHECK_STATUS(ctx, um_run_advance(f.run, -1, stop_at, &s), UM_ERROR_INTERRUPTED);
    int64_t stopped = f.result->collisions;
    assert_true(stopped >= 1000 && stopped < 3000000);
    assert_int_equal(f.result->status, UM_ERROR_INTERRUPTED);
    assert_int_equal(f.result->stages[0].collisions, stopped);
    CHECK_OK(ctx, um_run_finish(f.run, false));
    /* interrupted and gone on: as if it never happened */
    s.stop_at = INT64_MAX;
    CHECK_OK(ctx, um_run_advance(f.run, stopped + 5000, stop_at, &s));
    CHECK_OK(ctx, um_run_advance(g.run, stopped + 5000, NULL, NULL));
    CHECK_OK(ctx, um_run_finish(f.run, true));
    CHECK_OK(ctx, um_run_finish(g.run, true));
    test_same_result("interrupted", f.result, g.result);
    test_same_state("interrupted", um_run_get_state(f.run), um_run_get_state(g.run));
    clear(&f);
    clear(&g);
}

/* Collisions that take milliseconds each: sixty of them do not pass without a question. */
static void test_monitor_of_slow_collisions(void **unused)
{
    (void)unused;
    finished f;
    test_run_case_make(TEST_RUN_RABI, 600, &f.it);
    f.it.spec.battery.levels = 400;
    f.it.spec.battery.initial = (um_initial){.kind = UM_INITIAL_COHERENT, .re = 13};
    f.it.stages[0].interaction = (um_interaction){.theta = NAN, .g = 0.01, .tau = 1,
                                                  .counter_rotating = 1};
    f.it.spec.record.observables = UM_QUANTITY_BIT(UM_ENERGY);
    prepare(&f);
    stopper s = {.stop_at = 1};
    CHECK_STATUS(ctx, um_run_advance(f.run, -1, stop_at, &s), UM_ERROR_INTERRUPTED);
    assert_true(f.result->collisions > 0 && f.result->collisions < 60);
    clear(&f);
}

/* The plateau's numbers are those of a run to its middle. */
static void test_plateau_numbers(void **unused)
{
    (void)unused;
    finished f;
    test_run_case_make(TEST_RUN_RESONANT, 3000, &f.it);
    execute(&f);
    assert_true(f.result->plateaus_count >= 1);
    um_plateau plateau = f.result->plateaus[0];
    const um_plateau first = plateau;
    assert_int_equal(plateau.end, -1);
    clear(&f);
    test_run_case_make(TEST_RUN_RESONANT, 3000, &f.it);
    const int64_t at[] = {plateau.at};
    f.it.spec.record.mode = UM_RECORD_LIST;
    f.it.spec.record.at = at;
    f.it.spec.record.at_count = 1;
    execute(&f);
    CHECK_CLOSE(plateau.energy, f.result->series[UM_ENERGY][0], 0);
    CHECK_CLOSE(plateau.ergotropy, f.result->series[UM_ERGOTROPY][0], 0);
    CHECK_CLOSE(plateau.purity, f.result->series[UM_PURITY][0], 0);
    assert_memory_equal(&first, &f.result->plateaus[0], sizeof first);
    /* without numbers */
    CHECK_OK(ctx, um_run_finish(f.run, false));
    assert_true(isnan(f.result->plateaus[0].ergotropy) && isnan(f.result->plateaus[0].purity));
    assert_true(f.result->plateaus[0].charging_time == plateau.charging_time);
    clear(&f);
}

static void test_too_many_records(void **unused)
{
    (void)unused;
    finished f;
    test_run_case_make(TEST_RUN_RESONANT, 1000000000000000, &f.it);
    f.it.spec.record.mode = UM_RECORD_EVERY;
    f.model = test_run_model(ctx, &f.it.spec);
    CHECK_STATUS(ctx, um_run_create(ctx, f.model, &f.run), UM_ERROR_CONFIG);
    assert_null(f.run);
    const um_error *error = um_context_get_error(ctx);
    assert_string_equal(error->key, "record.at");
    assert_non_null(strstr(error->message, "1e+15 records"));
    assert_non_null(strstr(error->message, "GB"));
    um_model_destroy(f.model);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_quantities), TEST(test_log_records), TEST(test_list_and_every),
        TEST(test_default_observables), TEST(test_path_columns), TEST(test_undefined_numbers),
        TEST(test_kept), TEST(test_monitor),
        TEST(test_monitor_of_slow_collisions), TEST(test_plateau_numbers),
        TEST(test_too_many_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
