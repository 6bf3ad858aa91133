/* Fast-forward against stepping, wherever both are possible, within the bounds that both state; and
 * where fast-forward cannot go on. */
#include "charge/trajectory.h"
#include "context.h"
#include "leap_cases.h"

/* What a million steps round off, that no bound speaks of: of the state in trace norm. */
static const double STEPPED = 3e-12;

static double trace_distance(const um_saved_state *a, const um_saved_state *b)
{
    double sum = 0;
    int levels = a->levels > b->levels ? a->levels : b->levels;
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++) {
            double re = 0, im = 0;
            if (n < a->levels && m < a->levels)
                re += a->real[n * a->levels + m], im += a->imag[n * a->levels + m];
            if (n < b->levels && m < b->levels)
                re -= b->real[n * b->levels + m], im -= b->imag[n * b->levels + m];
            sum += hypot(re, im);
        }
    return sum;
}

/* With the guard off that of the truncation says nothing, and both are cut alike. */
static double bound_of(const um_result *result, const um_spec *spec)
{
    double forward = result->stages[0].forward.from < 0 ? 0 : result->stages[0].forward.bound;
    return spec->accuracy.truncation < 1 ? result->truncation.error_bound : forward;
}

/* What an error of the state in trace norm can do to an observable at most, but for the entropies,
 * whose slope has no limit where the state is pure. */
static double allowed_for(const um_spec *spec, um_quantity quantity, double error)
{
    double top = spec->battery.levels ? spec->battery.levels : 20;
    switch (quantity) {
    case UM_PURITY: return 2 * error;
    case UM_ENTROPY:
    case UM_COHERENCE_ENTROPY: return 40 * error;
    case UM_ENERGY_VARIANCE: return 2 * top * top * error;
    default: return 2 * top * error;
    }
}

static void check_series(const char *name, const um_spec *spec, const um_result *a,
                         const um_result *b, double error)
{
    static const um_quantity quantities[] = {
        UM_ENERGY, UM_ENERGY_VARIANCE, UM_ERGOTROPY, UM_ERGOTROPY_INCOHERENT, UM_PURITY, UM_ENTROPY,
        UM_COHERENCE_L1, UM_COHERENCE_ENTROPY, UM_TOP_POPULATION, UM_ATOM_EXCITED,
        UM_ATOM_COHERENCE_RE, UM_ATOM_COHERENCE_IM, UM_POWER, UM_EFFICIENCY_ENERGY};
    assert_int_equal(a->records, b->records);
    for (size_t q = 0; q < sizeof quantities / sizeof *quantities; q++) {
        double allowed = allowed_for(spec, quantities[q], error);
        for (size_t i = 0; i < a->records; i++) {
            double x = a->series[quantities[q]][i], y = b->series[quantities[q]][i];
            assert_int_equal(a->collision[i], b->collision[i]);
            if (isnan(x) && isnan(y)) continue;
            if (!(fabs(x - y) <= allowed))
                fail_msg("%s: %s at %lld: stepped %.17g, forward %.17g, allowed %.3g", name,
                         um_quantity_get_info(quantities[q])->name, (long long)a->collision[i], x,
                         y, allowed);
        }
    }
    for (size_t i = 0; i < a->records; i++)
        for (int n = 0; n < a->population_levels && n < b->population_levels; n++)
            CHECK_CLOSE(a->populations[i * (size_t)a->population_levels + (size_t)n],
                        b->populations[i * (size_t)b->population_levels + (size_t)n], error);
}

static void check_ledger(const char *name, const um_result *a, const um_result *b, double error)
{
    const um_ledger *x = &a->ledger, *y = &b->ledger;
    double allowed = 2 * LEAP_LEVELS_MAX * error + 1e-13 * x->moduli;
    print_message("%-42s ledger %.1e %.1e %.1e\n", name, x->battery - y->battery,
                  x->atoms - y->atoms, x->switching - y->switching);
    CHECK_CLOSE(x->battery, y->battery, allowed);
    CHECK_CLOSE(x->atoms, y->atoms, allowed);
    CHECK_CLOSE(x->switching, y->switching, allowed);
    CHECK_AT_MOST(fabs(y->residual), 1e-12 * (1 + y->moduli));
}

static void check_plateaus(const um_result *a, const um_result *b, double allowed)
{
    assert_int_equal(a->plateaus_count, b->plateaus_count);
    for (size_t i = 0; i < a->plateaus_count; i++) {
        const um_plateau *x = &a->plateaus[i], *y = &b->plateaus[i];
        assert_int_equal(x->charging_time, y->charging_time);
        /* Of a block of the energy curve, a 2^14th of where it is. */
        CHECK_CLOSE((double)x->end, (double)y->end, fabs((double)x->end) * 0x1p-13);
        CHECK_CLOSE((double)x->at, (double)y->at, (double)x->at * 0x1p-13);
        assert_int_equal(x->passage_90, y->passage_90);
        assert_int_equal(x->passage_99, y->passage_99);
        if (x->at != y->at) continue;
        CHECK_CLOSE(x->energy, y->energy, allowed);
        CHECK_CLOSE(x->ergotropy, y->ergotropy, allowed);
        CHECK_CLOSE(x->purity, y->purity, allowed);
    }
}

static void check_summary(const um_result *result, int64_t collisions)
{
    const um_forward_summary *forward = &result->stages[0].forward;
    assert_true(forward->from >= 1024);
    assert_int_equal(forward->to, collisions);
    assert_true(forward->levels >= 2 && forward->orders >= 1 && forward->orders <= forward->levels);
    assert_true(forward->rank >= 1);
    assert_true(forward->bound >= 0 && forward->bound <= fmax(1e-12, 1e-26 * (double)collisions));
    assert_true(isnan(forward->truncation) || forward->truncation <= 1e-10);
}

static void compare(int index)
{
    leap_case it;
    um_model *models[2];
    um_run *runs[2];
    const um_result *results[2];
    static const int64_t kept[] = {1024, 1025, 5000, 99999, 999983};
    leap_case_make(index, 1000000, &it);
    if (it.slow && test_effort() == 1) it.stages[0].collisions = 100000;
    int64_t collisions = it.stages[0].collisions;
    it.spec.record.observables = ((UINT64_C(1) << UM_QUANTITY_COUNT) - 1) &
                                 ~UM_QUANTITY_BIT(UM_FIDELITY);
    it.spec.record.per_decade = 7;
    it.spec.record.states = kept;
    it.spec.record.states_count = kept[4] < collisions ? 5 : 4;
    for (int i = 0; i < 2; i++) {
        it.spec.accuracy.method = i ? UM_METHOD_FORWARD : UM_METHOD_STEP;
        runs[i] = leap_case_run(ctx, &it.spec, &models[i]);
        results[i] = um_run_get_result(runs[i]);
    }
    assert_int_equal(results[0]->stages[0].forward.from, -1);
    check_summary(results[1], collisions);
    double error = bound_of(results[0], &it.spec) + bound_of(results[1], &it.spec) + STEPPED, worst = 0;
    assert_int_equal(results[1]->states_count, it.spec.record.states_count);
    for (size_t i = 0; i < results[1]->states_count; i++)
        worst = fmax(worst, trace_distance(&results[0]->states[i], &results[1]->states[i]));
    print_message("%-42s states %.1e, bounds %.1e %.1e, rank %d\n", it.name, worst,
                  bound_of(results[0], &it.spec), bound_of(results[1], &it.spec), results[1]->stages[0].forward.rank);
    CHECK_AT_MOST(worst, error);
    check_ledger(it.name, results[0], results[1], error);
    check_series(it.name, &it.spec, results[0], results[1], error);
    check_plateaus(results[0], results[1], 1e-9);
    double power[2] = {results[0]->power_maximum.value, results[1]->power_maximum.value};
    if (!isnan(power[0]) || !isnan(power[1])) CHECK_CLOSE(power[0], power[1], 1e-11);
    for (int i = 0; i < 2; i++) {
        um_run_destroy(runs[i]);
        um_model_destroy(models[i]);
    }
}

static void test_agrees_with_steps(void **unused)
{
    (void)unused;
    for (int i = 0; i < leap_cases_count(); i++) compare(i);
}

/* An endless cavity: the space is found, not given. */
static void test_endless_cavity(void **unused)
{
    (void)unused;
    const struct {
        double c, detuning, phase;
    } atoms[] = {{1, 0, 0}, {0.9, 0, 0}, {0, 0, 0}, {0.9, 0.2, 0.7}};
    for (size_t i = 0; i < sizeof atoms / sizeof *atoms; i++) {
        leap_case it;
        um_model *models[2];
        um_run *runs[2];
        leap_case_make(leap_case_find("cavity, trapped"), 10000 * test_effort(), &it);
        um_stage *stage = &it.stages[0];
        stage->interaction = (um_interaction){.theta = NAN, .g = 1, .tau = 1};
        stage->atoms.c = atoms[i].c;
        stage->atoms.detuning = atoms[i].detuning;
        stage->atoms.phase = atoms[i].phase;
        const int64_t kept[] = {2000, stage->collisions};
        it.spec.record.states = kept;
        it.spec.record.states_count = 2;
        for (int f = 0; f < 2; f++) {
            it.spec.accuracy.method = f ? UM_METHOD_FORWARD : UM_METHOD_STEP;
            runs[f] = leap_case_run(ctx, &it.spec, &models[f]);
        }
        const um_result *a = um_run_get_result(runs[0]), *b = um_run_get_result(runs[1]);
        check_summary(b, stage->collisions);
        double error = bound_of(a, &it.spec) + bound_of(b, &it.spec) + STEPPED;
        CHECK_AT_MOST(error, 2.1e-10);
        for (int k = 0; k < 2; k++) {
            double distance = trace_distance(&a->states[k], &b->states[k]);
            print_message("cavity, c = %g at %lld: %.1e, bound %.1e\n", atoms[i].c,
                          (long long)kept[k], distance, error);
            CHECK_AT_MOST(distance, error);
        }
        check_ledger("cavity", a, b, 4 * error);
        check_plateaus(a, b, 1e-9);
        for (int f = 0; f < 2; f++) {
            um_run_destroy(runs[f]);
            um_model_destroy(models[f]);
        }
    }
}

/* Each of three stages, with its own atoms, leaps; what was recorded in a list as well. */
static void test_stages(void **unused)
{
    (void)unused;
    static const int64_t at[] = {7, 2999, 3000, 3001, 20000, 53000, 53001, 70000, 83000};
    leap_case it;
    um_model *models[2];
    um_run *runs[2];
    leap_case_make(leap_case_find("phases"), 3000, &it);
    it.stages[2] = it.stages[1] = it.stages[0];
    it.stages[1].collisions = 50000;
    it.stages[1].atoms = (um_atoms){.q = 0.7, .c = 0.5, .phase = 1, .detuning = 0.25};
    it.stages[1].interaction = (um_interaction){.theta = NAN, .g = 0.5, .tau = 3};
    it.stages[1].stream.period = 4.5;
    it.stages[2].collisions = 30000;
    it.stages[2].atoms = (um_atoms){.q = 0.1};
    it.spec.stages_count = 3;
    it.spec.record.mode = UM_RECORD_LIST;
    it.spec.record.at = at;
    it.spec.record.at_count = sizeof at / sizeof *at;
    it.spec.record.states = at;
    it.spec.record.states_count = it.spec.record.at_count;
    it.spec.record.observables = ((UINT64_C(1) << UM_QUANTITY_COUNT) - 1) &
                                 ~UM_QUANTITY_BIT(UM_FIDELITY);
    for (int i = 0; i < 2; i++) {
        it.spec.accuracy.method = i ? UM_METHOD_FORWARD : UM_METHOD_STEP;
        runs[i] = leap_case_run(ctx, &it.spec, &models[i]);
    }
    const um_result *a = um_run_get_result(runs[0]), *b = um_run_get_result(runs[1]);
    int64_t end = 0;
    for (int i = 0; i < 3; i++) {
        const um_forward_summary *forward = &b->stages[i].forward;
        assert_true(forward->from >= end + 1024);
        end += it.stages[i].collisions;
        assert_int_equal(forward->to, end);
    }
    double error = bound_of(a, &it.spec) + bound_of(b, &it.spec) + STEPPED;
    for (size_t i = 0; i < b->states_count; i++)
        CHECK_AT_MOST(trace_distance(&a->states[i], &b->states[i]), error);
    check_series("stages", &it.spec, a, b, error);
    for (size_t i = 0; i < a->records; i++) {
        assert_int_equal(a->stage[i], b->stage[i]);
        CHECK_CLOSE(a->time[i], b->time[i], 1e-12 * a->time[i]);
    }
    check_ledger("stages", a, b, error);
    check_plateaus(a, b, 1e-9);
    for (int i = 0; i < 2; i++) {
        um_run_destroy(runs[i]);
        um_model_destroy(models[i]);
    }
}

/* Where it cannot go on ---------------------------------------------------------------------- */

/* A cavity with c = 0 climbs on for ever: it ends where that is no longer certain, and what was
 * recorded up to there is right. */
static void check_climb(leap_case *it, const char *key, int64_t least)
{
    um_model *model, *short_model;
    it->spec.record.per_decade = 4;
    um_run *run = leap_case_start(ctx, &it->spec, &model);
    CHECK_STATUS(ctx, um_run_advance(run, -1, NULL, NULL), UM_ERROR_NOCONV);
    const um_error *error = um_context_get_error(ctx);
    const um_result *result = um_run_get_result(run);
    int64_t last = result->collisions;
    print_message("%s\n", error->message);
    assert_string_equal(error->key, key);
    assert_true(last >= least);
    assert_true(error->level > 0);
    assert_true(error->collision == last || error->collision == last + 1);
    assert_int_equal(result->status, UM_ERROR_NOCONV);
    char number[32];
    snprintf(number, sizeof number, "%lld", (long long)error->collision);
    assert_non_null(strstr(error->message, number));
    assert_non_null(strstr(error->message, key));
    CHECK_AT_MOST(bound_of(result, &it->spec), 1e-10);
    /* Once more changes nothing. */
    size_t records = result->records;
    CHECK_STATUS(ctx, um_run_advance(run, -1, NULL, NULL), UM_ERROR_NOCONV);
    assert_int_equal(result->collisions, last);
    assert_int_equal(result->records, records);
    CHECK_OK(ctx, um_run_finish(run, true));
    /* Stepped, with room enough. */
    leap_case shorter = *it;
    shorter.spec.stages = shorter.stages;
    shorter.stages[0].collisions = last;
    shorter.spec.accuracy.method = UM_METHOD_STEP;
    shorter.spec.battery.max_levels = 4096;
    shorter.spec.battery.levels = UM_LEVELS_AUTO;
    um_run *stepped = leap_case_run(ctx, &shorter.spec, &short_model);
    const um_result *right = um_run_get_result(stepped);
    assert_true(records > 1 && right->records >= records);
    for (size_t i = 0; i < records; i++) {
        assert_int_equal(result->collision[i], right->collision[i]);
        CHECK_CLOSE(result->series[UM_ENERGY][i], right->series[UM_ENERGY][i],
                    1e-7); /* 1e-10 in trace norm times levels */
    }
    um_run_destroy(stepped);
    um_model_destroy(short_model);
    um_run_destroy(run);
    um_model_destroy(model);
}

/* A leap sees the very collision that brings too much above the named levels. */
static void check_named(const um_spec *spec)
{
    um_spec copy = *spec;
    um_model *model;
    um_error errors[2];
    for (int i = 0; i < 2; i++) {
        copy.accuracy.method = i ? UM_METHOD_FORWARD : UM_METHOD_STEP;
        um_run *run = leap_case_start(ctx, &copy, &model);
        CHECK_STATUS(ctx, um_run_advance(run, -1, NULL, NULL), UM_ERROR_NOCONV);
        errors[i] = *um_context_get_error(ctx);
        um_run_destroy(run);
        um_model_destroy(model);
    }
    assert_string_equal(errors[0].message, errors[1].message);
    assert_int_equal(errors[0].collision, errors[1].collision);
    assert_int_equal(errors[0].level, errors[1].level);
}

static void test_climbs(void **unused)
{
    (void)unused;
    leap_case it;
    leap_case_make(leap_case_find("cavity, trapped"), 1000000000000, &it);
    it.stages[0].interaction.theta = 1;
    it.stages[0].atoms.c = 0;
    it.spec.battery.max_levels = 400;
    check_climb(&it, "battery.max_levels", 2048);
    it.spec.accuracy.method = UM_METHOD_AUTO;
    check_climb(&it, "battery.max_levels", 2048);
    it.spec.battery.levels = 150; /* named: computed with more, up to where it is left */
    check_climb(&it, "battery.levels", 1024);
    check_named(&it.spec);

    leap_case_make(leap_case_find("ladder"), 1000000000000, &it);
    it.stages[0].interaction.theta = 2;
    it.stages[0].atoms.q = 0.4;
    it.spec.battery.levels = UM_LEVELS_AUTO;
    it.spec.battery.max_levels = 200;
    check_climb(&it, "battery.max_levels", 100);
    it.spec.battery.max_levels = 900;
    check_climb(&it, "battery.max_levels", 1024);
    if (test_effort() == 1) return;
    it.spec.battery.max_levels = 4096; /* given up before the top, which would take minutes */
    check_climb(&it, "battery.max_levels", 2048);
}

static um_status try_collisions(int64_t first, int64_t second)
{
    leap_case it;
    um_model *model;
    leap_case_make(leap_case_find("two levels"), first, &it);
    it.stages[1] = it.stages[0];
    it.stages[1].collisions = second;
    it.spec.stages_count = second > 0 ? 2 : 1;
    um_status status = um_model_create(ctx, &it.spec, &model);
    um_model_destroy(model);
    return status;
}

static void test_longest_run(void **unused)
{
    (void)unused;
    const int64_t most = 1000000000000000;
    assert_int_equal(try_collisions(most, 0), UM_OK);
    assert_int_equal(try_collisions(most - 1, 1), UM_OK);
    assert_int_equal(try_collisions(most + 1, 0), UM_ERROR_CONFIG);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "1e15"));
    assert_int_equal(try_collisions(most, 1), UM_ERROR_CONFIG);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "1e15"));
    for (int i = 0; i < leap_cases_count(); i++) {
        leap_case it;
        um_model *model;
        leap_case_make(i, most, &it);
        it.spec.accuracy.method = UM_METHOD_AUTO;
        um_run *run = leap_case_run(ctx, &it.spec, &model);
        const um_result *result = um_run_get_result(run);
        assert_int_equal(result->collisions, most);
        check_summary(result, most);
        assert_int_equal(result->collision[result->records - 1], most);
        const um_ledger *ledger = &result->ledger;
        CHECK_AT_MOST(fabs(ledger->residual), 1e-12 * (1 + ledger->moduli));
        CHECK_CLOSE(um_state_get_trace(um_run_get_state(run)), 1, 1e-12);
        CHECK_OK(ctx, um_state_check(um_run_get_state(run), 1e-12, true));
        um_run_destroy(run);
        um_model_destroy(model);
    }
}

/* No two collisions alike: refused before anything is done where it could not end. */
static void test_lab_frame(void **unused)
{
    (void)unused;
    leap_case it;
    um_model *model;
    um_run *run;
    leap_case_make(leap_case_find("Rabi, ladder"), 1000000000000, &it);
    it.stages[0].stream.period = 6.1;
    it.stages[0].stream.frame = UM_FRAME_LAB;
    CHECK_STATUS(ctx, um_model_create(ctx, &it.spec, &model), UM_ERROR_CONFIG);
    assert_non_null(strstr(um_context_get_error(ctx)->key, "stream.frame"));
    it.spec.accuracy.method = UM_METHOD_AUTO;
    CHECK_OK(ctx, um_model_create(ctx, &it.spec, &model));
    CHECK_STATUS(ctx, um_run_create(ctx, model, &run), UM_ERROR_CONFIG);
    assert_null(run);
    assert_non_null(strstr(um_context_get_error(ctx)->key, "stream.frame"));
    assert_non_null(strstr(um_context_get_error(ctx)->message, "1000000000000"));
    um_model_destroy(model);
    it.stages[0].collisions = 3000; /* is stepped */
    run = leap_case_run(ctx, &it.spec, &model);
    assert_int_equal(um_run_get_result(run)->stages[0].forward.from, -1);
    um_run_destroy(run);
    um_model_destroy(model);
    it.stages[0].interaction.counter_rotating = 0; /* no time in it after all */
    it.stages[0].collisions = 1000000000000;
    run = leap_case_run(ctx, &it.spec, &model);
    assert_int_equal(um_run_get_result(run)->stages[0].forward.to, 1000000000000);
    um_run_destroy(run);
    um_model_destroy(model);
}

/* A space that needs more memory than there may be is refused before it is made. */
static void test_memory_limit(void **unused)
{
    (void)unused;
    leap_case it;
    um_model *model;
    um_state *start;
    umi_trajectory *trajectory = (umi_trajectory *)1;
    leap_case_make(leap_case_find("pure"), 1000000, &it);
    CHECK_OK(ctx, um_model_create(ctx, &it.spec, &model));
    const um_battery *battery = &um_model_get_spec(model)->battery;
    CHECK_OK(ctx, um_state_create_initial(ctx, &battery->initial, battery, 14, 1e-10, &start, NULL));
    size_t blocks = um_context_get_blocks(ctx);
    umi_trajectory_request request = {.model = model, .start = start, .levels = 14, .orders = 14,
                                      .collisions = 1000000, .tolerance = 1e-12};
    for (request.bytes_max = 1; request.bytes_max < 1e5; request.bytes_max *= 10) {
        CHECK_STATUS(ctx, umi_trajectory_create(ctx, &request, &trajectory), UM_ERROR_MEMORY);
        assert_null(trajectory);
        assert_non_null(strstr(um_context_get_error(ctx)->message, "14 levels"));
        assert_int_equal(um_context_get_blocks(ctx), blocks);
    }
    request.bytes_max = 1e9;
    CHECK_OK(ctx, umi_trajectory_create(ctx, &request, &trajectory));
    umi_trajectory_destroy(trajectory);
    um_state_destroy(start);
    um_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees_with_steps), cmocka_unit_test(test_endless_cavity),
        cmocka_unit_test(test_stages),            cmocka_unit_test(test_climbs),
        cmocka_unit_test(test_longest_run),       cmocka_unit_test(test_lab_frame),
        cmocka_unit_test(test_memory_limit)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
