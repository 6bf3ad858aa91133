/* A run that leaps gives the same bits whatever is recorded, wherever it is stopped and gone on
 * with, saved or not; what it keeps inside a leap is right, and files say how it came about. */
#include <unistd.h>

#include "context.h"
#include "leap_cases.h"
#include "random_state.h"
#include "run_cases.h"

extern void openblas_set_num_threads(int threads);

/* Stages that leap, in every arithmetic: real, complex, populations alone, Rabi. */
static const char *const names[] = {"pure", "phases", "detuned", "c = 0", "cavity, trapped",
                                    "Rabi, ladder"};
enum { NAMES = sizeof names / sizeof *names, COLLISIONS = 60000 };

/* Two stages, the second after a leap of the first. */
static void make(const char *name, leap_case *it)
{
    leap_case_make(leap_case_find(name), COLLISIONS, it);
    it->stages[1] = it->stages[0];
    it->stages[1].collisions = COLLISIONS / 3;
    it->stages[1].atoms.q = 0.45;
    it->spec.stages_count = 2;
    it->spec.accuracy.plateau_tolerance = 0.05;
}

static const int64_t total = COLLISIONS + COLLISIONS / 3;
static const int64_t kept[] = {1024, 1025, 33333, COLLISIONS, COLLISIONS + 5000};

static void record_all(leap_case *it)
{
    it->spec.record.observables = ((UINT64_C(1) << UM_QUANTITY_COUNT) - 1) &
                                  ~UM_QUANTITY_BIT(UM_FIDELITY);
    it->spec.record.states = kept;
    it->spec.record.states_count = sizeof kept / sizeof *kept;
    it->spec.record.per_decade = 5;
    if (it->spec.battery.kind != UM_BATTERY_CAVITY) return;
    it->spec.record.wigner_at = kept + 1;
    it->spec.record.wigner_count = 2;
    it->spec.record.wigner_grid = (um_wigner_grid){-4, 4, 9};
}

/* Stopped at `at`, looked at, saved, gone on with. */
static void check_stops(const leap_case *it, const um_model *model, const um_run *whole,
                        const int64_t *at, int count, bool saved)
{
    um_run *run;
    CHECK_OK(ctx, um_run_create(ctx, model, &run));
    for (int i = 0; i < count; i++) {
        CHECK_OK(ctx, um_run_advance(run, at[i], NULL, NULL));
        assert_int_equal(um_run_get_result(run)->collisions, at[i]);
        if (i % 2) CHECK_OK(ctx, um_run_finish(run, i % 4 == 1));
        if (saved) run = test_run_reload(ctx, run, model);
    }
    CHECK_OK(ctx, um_run_advance(run, -1, NULL, NULL));
    CHECK_OK(ctx, um_run_finish(run, true));
    test_same_result(it->name, um_run_get_result((um_run *)whole), um_run_get_result(run));
    test_same_state(it->name, um_run_get_state(whole), um_run_get_state(run));
    um_run_destroy(run);
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void test_stopped_and_gone_on(void **unused)
{
    (void)unused;
    test_random random = {11};
    for (int n = 0; n < NAMES; n++) {
        leap_case it;
        um_model *model;
        make(names[n], &it);
        record_all(&it);
        um_run *whole = leap_case_run(ctx, &it.spec, &model);
        const um_result *result = um_run_get_result(whole);
        for (int i = 0; i < 2; i++) assert_true(result->stages[i].forward.from > 0);
        int64_t start = result->stages[0].forward.from;
        const int64_t corners[] = {start - 1, start,      start + 1,      start + 16,
                                   start + 17, 33333,      COLLISIONS - 1, COLLISIONS,
                                   COLLISIONS + 1, COLLISIONS + 1024, total - 1, total};
        for (int saved = 0; saved < 2; saved++)
            check_stops(&it, model, whole, corners, sizeof corners / sizeof *corners, saved);
        for (int trial = 0; trial < 2 * test_effort(); trial++) {
            int64_t at[4];
            for (int i = 0; i < 4; i++) at[i] = test_random_integer(&random, 0, (int)total);
            qsort(at, 4, sizeof *at, ascending);
            check_stops(&it, model, whole, at, 4, trial % 2);
        }
        um_run_destroy(whole);
        um_model_destroy(model);
    }
}

/* Stopped by the monitor, wherever that is: between collisions, or while a leap is prepared. */
static bool refuse(void *user, const um_progress *progress)
{
    assert_true(progress->done <= progress->total);
    (*(int *)user)++;
    return false;
}

static void test_interrupted(void **unused)
{
    (void)unused;
    for (int n = 0; n < NAMES; n++) {
        leap_case it;
        um_model *model, *other;
        make(names[n], &it);
        um_run *run = leap_case_start(ctx, &it.spec, &model);
        um_run *whole = leap_case_run(ctx, &it.spec, &other);
        int asked = 0, stops = 0;
        static const int64_t at[] = {100, 1024, 1300, 30000, COLLISIONS + 10, COLLISIONS + 2000};
        for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
            CHECK_OK(ctx, um_run_advance(run, at[i], NULL, NULL));
            usleep(110000); /* it is asked ten times a second */
            um_status status = um_run_advance(run, -1, refuse, &asked);
            assert_true(status == UM_ERROR_INTERRUPTED || status == UM_OK);
            stops += status == UM_ERROR_INTERRUPTED;
            if (status == UM_ERROR_INTERRUPTED)
                assert_int_equal(um_run_get_result(run)->status, UM_ERROR_INTERRUPTED);
            if (status == UM_OK || um_run_get_result(run)->collisions > at[(i + 1) % 6]) break;
            run = test_run_reload(ctx, run, model);
        }
        assert_true(asked > 0 && stops > 0);
        CHECK_OK(ctx, um_run_advance(run, -1, NULL, NULL));
        CHECK_OK(ctx, um_run_finish(run, true));
        test_same_result(it.name, um_run_get_result(whole), um_run_get_result(run));
        um_run_destroy(run);
        um_run_destroy(whole);
        um_model_destroy(model);
        um_model_destroy(other);
    }
}

static double value_at(const um_result *result, int quantity, int64_t collision)
{
    for (size_t i = 0; i < result->records; i++)
        if (result->collision[i] == collision) return result->series[quantity][i];
    return NAN;
}

static bool is_recorded(const um_result *result, int64_t collision)
{
    for (size_t i = 0; i < result->records; i++)
        if (result->collision[i] == collision) return true;
    return false;
}

static void same_totals(const um_result *a, const um_result *b)
{
    assert_memory_equal(&a->ledger, &b->ledger, sizeof a->ledger);
    assert_memory_equal(&a->power_maximum, &b->power_maximum, sizeof a->power_maximum);
    assert_true(a->truncation.error_bound == b->truncation.error_bound);
    assert_true(a->truncation.trace_drift == b->truncation.trace_drift);
    assert_int_equal(a->plateaus_count, b->plateaus_count);
    if (a->plateaus_count)
        assert_memory_equal(a->plateaus, b->plateaus, a->plateaus_count * sizeof *a->plateaus);
    for (size_t i = 0; i < a->stages_count; i++)
        assert_memory_equal(&a->stages[i].forward, &b->stages[i].forward,
                            sizeof a->stages[i].forward);
}

/* Lists, every collision, logarithmic: the same at every collision that two of them have. */
static void test_records_do_not_matter(void **unused)
{
    (void)unused;
    static const int64_t one[] = {33333}, some[] = {1000, 1026, 1040, 33332, 33333, 33349, total};
    for (int n = 0; n < NAMES; n++) {
        um_run *runs[5];
        um_model *models[5];
        for (int i = 0; i < 5; i++) {
            leap_case it;
            make(names[n], &it);
            um_record *record = &it.spec.record;
            record->mode = (um_record_mode[]){UM_RECORD_LOG, UM_RECORD_EVERY, UM_RECORD_LIST,
                                              UM_RECORD_LIST, UM_RECORD_LIST}[i];
            record->at = i == 3 ? some : one;
            record->at_count = i == 3 ? sizeof some / sizeof *some : i == 2;
            if (i == 3) record->states = some, record->states_count = 7;
            if (i == 1) record->observables = UM_QUANTITY_BIT(UM_ENERGY) |
                                              UM_QUANTITY_BIT(UM_PURITY);
            runs[i] = leap_case_run(ctx, &it.spec, &models[i]);
        }
        const um_result *every = um_run_get_result(runs[1]);
        assert_int_equal(every->records, total + 1);
        for (int i = 0; i < 5; i++) {
            const um_result *result = um_run_get_result(runs[i]);
            test_same_state(names[n], um_run_get_state(runs[1]), um_run_get_state(runs[i]));
            same_totals(every, result);
            static const um_quantity both[] = {UM_ENERGY, UM_PURITY};
            for (int q = 0; q < 2; q++)
                for (int64_t k = 0; k <= total; k++)
                    if ((k < 2000 || k % 1111 == 0 || k == total || (k > 33300 && k < 33400)) &&
                        is_recorded(result, k))
                        assert_true(every->series[both[q]][k] == value_at(result, both[q], k));
        }
        for (int i = 0; i < 5; i++) {
            um_run_destroy(runs[i]);
            um_model_destroy(models[i]);
        }
    }
}

static void test_threads_do_not_matter(void **unused)
{
    (void)unused;
    for (int n = 0; n < NAMES; n++) {
        um_run *runs[2];
        um_model *models[2];
        leap_case it;
        make(names[n], &it);
        record_all(&it);
        it.spec.record.observables = /* eigenvalues come from LAPACK, whose threads round apart */
            UM_QUANTITY_BIT(UM_ENERGY) | UM_QUANTITY_BIT(UM_PURITY) | UM_QUANTITY_BIT(UM_G2) |
            UM_QUANTITY_BIT(UM_COHERENCE_L1) | UM_QUANTITY_BIT(UM_POPULATIONS);
        for (int i = 0; i < 2; i++) {
            openblas_set_num_threads(1 + i);
            runs[i] = leap_case_start(ctx, &it.spec, &models[i]);
            CHECK_OK(ctx, um_run_advance(runs[i], -1, NULL, NULL));
            CHECK_OK(ctx, um_run_finish(runs[i], false));
        }
        openblas_set_num_threads(1);
        for (int i = 0; i < 2; i++) { /* from LAPACK, too */
            um_result *result = um_run_get_result(runs[i]);
            for (size_t k = 0; k < result->stages_count; k++)
                result->stages[k].ergotropy_start = result->stages[k].ergotropy_end = NAN;
        }
        test_same_result(names[n], um_run_get_result(runs[0]), um_run_get_result(runs[1]));
        test_same_state(names[n], um_run_get_state(runs[0]), um_run_get_state(runs[1]));
        for (int i = 0; i < 2; i++) {
            um_run_destroy(runs[i]);
            um_model_destroy(models[i]);
        }
    }
}

/* What was kept inside a leap against steps. */
static void test_kept_inside(void **unused)
{
    (void)unused;
    leap_case it;
    um_model *models[2];
    const um_result *results[2];
    um_run *runs[2];
    make("cavity, trapped", &it);
    record_all(&it);
    for (int i = 0; i < 2; i++) {
        it.spec.accuracy.method = i ? UM_METHOD_FORWARD : UM_METHOD_STEP;
        runs[i] = leap_case_run(ctx, &it.spec, &models[i]);
        results[i] = um_run_get_result(runs[i]);
        assert_int_equal(results[i]->states_count, 5);
        assert_int_equal(results[i]->wigners_count, 2);
    }
    for (int k = 0; k < 5; k++) {
        const um_saved_state *a = &results[0]->states[k], *b = &results[1]->states[k];
        assert_int_equal(b->collision, kept[k]);
        int common = a->levels < b->levels ? a->levels : b->levels;
        for (int i = 0; i < common; i++)
            for (int j = 0; j < common; j++) {
                CHECK_CLOSE(a->real[i * a->levels + j], b->real[i * b->levels + j], 1e-12);
                CHECK_CLOSE(a->imag[i * a->levels + j], b->imag[i * b->levels + j], 1e-12);
            }
    }
    for (int k = 0; k < 2; k++) {
        assert_int_equal(results[1]->wigners[k].collision, kept[1 + k]);
        for (int i = 0; i < 81; i++) {
            CHECK_CLOSE(results[0]->wigners[k].wigner[i], results[1]->wigners[k].wigner[i], 1e-12);
            CHECK_CLOSE(results[0]->wigners[k].husimi[i], results[1]->wigners[k].husimi[i], 1e-12);
        }
    }
    for (int i = 0; i < 2; i++) {
        um_run_destroy(runs[i]);
        um_model_destroy(models[i]);
    }
}

static void test_files_say_so(void **unused)
{
    (void)unused;
    leap_case it;
    um_model *model;
    make("detuned", &it);
    it.stages[1].collisions = 500; /* is stepped */
    um_run *run = leap_case_run(ctx, &it.spec, &model);
    const um_result *result = um_run_get_result(run);
    const um_forward_summary *forward = &result->stages[0].forward;
    char *text = NULL, wanted[256];
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    CHECK_OK(ctx, um_result_write_json(ctx, result, NULL, 0, stream));
    fclose(stream);
    assert_non_null(strstr(text, "\"fast-forward\""));
    assert_non_null(strstr(text, "\"step\""));
    assert_non_null(strstr(text, "\"forward\": null"));
    snprintf(wanted, sizeof wanted, "\"from\": %lld", (long long)forward->from);
    assert_non_null(strstr(text, wanted));
    snprintf(wanted, sizeof wanted, "\"rank\": %d", forward->rank);
    assert_non_null(strstr(text, wanted));
    free(text);

    char path[] = "/tmp/um_leap_XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    um_result *read;
    um_provenance provenance = {.config = "", .options = "", .threads = 1};
    CHECK_OK(ctx, um_result_write_netcdf(ctx, result, &provenance, path, true));
    CHECK_OK(ctx, um_result_read(ctx, path, &read, NULL));
    unlink(path);
    assert_int_equal(read->stages_count, 2);
    const um_forward_summary *same = &read->stages[0].forward;
    assert_true(same->from == forward->from && same->to == forward->to);
    assert_true(same->levels == forward->levels && same->orders == forward->orders);
    assert_true(same->rank == forward->rank && same->bound == forward->bound);
    assert_true(same->truncation == forward->truncation);
    assert_true(read->stages[1].forward.from == -1);
    um_result_destroy(ctx, read);
    um_run_destroy(run);
    um_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stopped_and_gone_on),  cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_records_do_not_matter), cmocka_unit_test(test_threads_do_not_matter),
        cmocka_unit_test(test_kept_inside),           cmocka_unit_test(test_files_say_so)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
