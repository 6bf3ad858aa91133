/* Runs while memory runs out at every single allocation, and archives that are damaged or of
 * another model: refused, nothing leaks, and what was computed stays. */
#include "run_cases.h"
#include "scarce.h"

enum { COLLISIONS = 24, SAVED_AT = 17 };

static const int64_t states[] = {0, 16}, wigners[] = {16};

static void make(test_run_kind kind, test_run_case *it)
{
    int64_t collisions = kind == TEST_RUN_RABI_LAB ? 10 * COLLISIONS : COLLISIONS;
    test_run_case_make(kind, collisions, it);
    um_record *record = &it->spec.record;
    record->observables = (UINT64_C(1) << UM_QUANTITY_COUNT) - 1;
    record->has_fidelity = true;
    record->fidelity_with = (um_initial){.kind = UM_INITIAL_FOCK, .level = 1};
    record->states = states;
    record->states_count = 2;
    record->per_decade = 3;
    it->spec.accuracy.plateau_tolerance = 0.5;
    if (it->spec.battery.kind != UM_BATTERY_CAVITY) return;
    record->wigner_at = wigners;
    record->wigner_count = 1;
    record->wigner_grid = (um_wigner_grid){-3, 3, 5};
}

/* A whole life: half the run, saved, restored, the rest, the plateaus. */
static um_status live(um_context *ctx, const um_model *model)
{
    um_run *run, *again = NULL;
    um_archive archive = {0};
    um_status status = um_run_create(ctx, model, &run);
    if (status != UM_OK) {
        assert_null(run);
        return status;
    }
    int64_t total = 0;
    const um_spec *spec = um_model_get_spec(model);
    for (size_t i = 0; i < spec->stages_count; i++) total += spec->stages[i].collisions;
    status = um_run_advance(run, total * SAVED_AT / COLLISIONS, NULL, NULL);
    if (status == UM_OK) status = um_run_save(run, &archive);
    if (status != UM_OK) assert_true(archive.count == 0 && archive.entries == NULL);
    if (status == UM_OK) status = um_run_restore(ctx, model, &archive, &again);
    if (status != UM_OK) assert_null(again);
    um_archive_clear(ctx, &archive);
    if (status == UM_OK) status = um_run_advance(again, -1, NULL, NULL);
    if (status == UM_OK) status = um_run_finish(again, true);
    if (again && status != UM_OK) {
        const um_result *result = um_run_get_result(again); /* valid after any return */
        for (size_t i = 0; i < result->records; i++)
            assert_true(i == 0 || (result->collision[i] >= result->collision[i - 1] &&
                                   result->stage[i] >= result->stage[i - 1]));
    }
    um_run_destroy(again);
    um_run_destroy(run);
    return status;
}

static um_status try_life(um_context *ctx, test_purse *purse, void *user)
{
    long granted = purse->left;
    purse->left = -1;
    um_model *model = test_run_model(ctx, user);
    purse->left = granted;
    um_status status = live(ctx, model);
    purse->left = -1;
    um_model_destroy(model);
    return status;
}

static void test_memory_runs_out(void **unused)
{
    (void)unused;
    const test_run_kind kinds[] = {TEST_RUN_RESONANT, TEST_RUN_HERMITIAN, TEST_RUN_STAGES,
                                   TEST_RUN_CUSTOM, TEST_RUN_RABI_LAB};
    size_t count = sizeof kinds / sizeof *kinds;
    if (test_effort() == 1) count--; /* Rabi takes seconds */
    for (size_t i = 0; i < count; i++) {
        test_run_case it;
        make(kinds[i], &it);
        assert_true(test_scarce_sweep(try_life, &it.spec) > 50);
        if (kinds[i] != TEST_RUN_RESONANT) continue;
        it.spec.battery.initial = (um_initial){.kind = UM_INITIAL_FOCK, .level = 60};
        assert_true(test_scarce_sweep(try_life, &it.spec) > 50); /* the space grows */
    }
}

/* Few collisions and levels: a search for a half-life makes many maps. */
static void test_memory_of_a_protocol(void **unused)
{
    (void)unused;
    test_run_case it;
    test_run_case_make(TEST_RUN_PROTOCOL, 9, &it);
    it.spec.record.per_decade = 1;
    it.spec.record.observables = UM_QUANTITY_BIT(UM_ENERGY) | UM_QUANTITY_BIT(UM_DELIVERED_ENERGY);
    it.spec.battery.levels = 12;
    it.spec.accuracy.truncation = 1;
    it.stages[3].until = (um_until){.kind = UM_UNTIL_PEAK, .look_ahead = 2};
    it.stages[2].duration = 1;
    it.stages[4].environment = (um_environment){.kappa = 0.004};
    assert_true(test_scarce_sweep(try_life, &it.spec) > 50);
}

/* A failed call may be repeated: the run goes on to the same bits. */
static void test_recovers(void **unused)
{
    (void)unused;
    test_purse purse;
    um_context *ctx = test_scarce_context(&purse);
    test_run_case it;
    make(TEST_RUN_RESONANT, &it);
    it.spec.record.observables = UM_QUANTITY_BIT(UM_ENERGY);
    it.spec.record.has_fidelity = false;
    it.spec.record.mode = UM_RECORD_LOG;
    it.spec.record.states_count = it.spec.record.wigner_count = 0;
    it.spec.record.wigner_grid = (um_wigner_grid){0};
    um_model *model = test_run_model(ctx, &it.spec);
    um_run *run, *whole;
    CHECK_OK(ctx, um_run_create(ctx, model, &run));
    CHECK_OK(ctx, um_run_create(ctx, model, &whole));
    CHECK_OK(ctx, um_run_advance(whole, -1, NULL, NULL));
    CHECK_OK(ctx, um_run_advance(run, 20, NULL, NULL));
    um_archive archive = {0};
    long granted = 0;
    for (purse.left = 0; um_run_save(run, &archive) != UM_OK; purse.left = ++granted)
        assert_true(archive.count == 0 && granted < 1000);
    purse.left = -1;
    um_archive_clear(ctx, &archive);
    CHECK_OK(ctx, um_run_advance(run, -1, NULL, NULL));
    test_same_state("recovered", um_run_get_state(whole), um_run_get_state(run));
    um_run_destroy(run);
    um_run_destroy(whole);
    um_model_destroy(model);
    assert_int_equal(um_context_get_blocks(ctx), 0);
    um_context_destroy(ctx);
}

typedef struct damage {
    um_context *ctx;
    um_model *model;
    um_archive archive;
} damage;

static damage *begin(um_context *ctx, test_run_kind kind)
{
    static damage d;
    test_run_case it;
    um_run *run;
    make(kind, &it);
    d = (damage){.ctx = ctx, .model = test_run_model(ctx, &it.spec)};
    CHECK_OK(ctx, um_run_create(ctx, d.model, &run));
    CHECK_OK(ctx, um_run_advance(run, SAVED_AT, NULL, NULL));
    CHECK_OK(ctx, um_run_save(run, &d.archive));
    um_run_destroy(run);
    return &d;
}

static void refused(damage *d, const char *what, const char *name)
{
    um_run *run = (um_run *)1;
    size_t blocks = um_context_get_blocks(d->ctx);
    um_status status = um_run_restore(d->ctx, d->model, &d->archive, &run);
    if (status != UM_ERROR_CONFIG) fail_msg("%s %s: %s", name, what, um_status_get_name(status));
    assert_null(run);
    assert_true(um_context_get_error(d->ctx)->message[0]);
    assert_int_equal(um_context_get_blocks(d->ctx), blocks);
}

static void test_damaged_archives(void **unused)
{
    (void)unused;
    um_context *ctx;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    const test_run_kind kinds[] = {TEST_RUN_HERMITIAN, TEST_RUN_STAGES, TEST_RUN_LADDER};
    for (size_t kind = 0; kind < 3; kind++) {
        damage *d = begin(ctx, kinds[kind]);
        um_run *run;
        for (size_t i = 0; i < d->archive.count; i++) {
            um_archive_entry *entry = &d->archive.entries[i], whole = *entry;
            strcpy(entry->name, "?");
            refused(d, "is missing", whole.name);
            *entry = whole;
            entry->is_integer = !whole.is_integer; /* of another kind */
            refused(d, "is of another kind", whole.name);
            *entry = whole;
            if (entry->count > 0) {
                entry->count--;
                refused(d, "is too short", whole.name);
            }
            *entry = whole;
        }
        CHECK_OK(ctx, um_run_restore(ctx, d->model, &d->archive, &run)); /* undamaged again */
        um_run_destroy(run);
        um_archive_clear(ctx, &d->archive);
        refused(d, "is empty", "the archive");
        um_archive_clear(ctx, &d->archive);
        um_model_destroy(d->model);
    }
    assert_int_equal(um_context_get_blocks(ctx), 0);
    um_context_destroy(ctx);
}

/* Integers that say where the run stands: nonsense in them is refused, never followed. */
static void test_nonsense_in_archives(void **unused)
{
    (void)unused;
    um_context *ctx;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    damage *d = begin(ctx, TEST_RUN_STAGES);
    static const char *const names[] = {"version", "digest",  "progress", "state_shape",
                                        "curve_shape", "records", "population_levels",
                                        "kept", "saved_0"};
    const int64_t wrong[] = {-1, INT64_MIN, INT64_MAX, 1 << 30};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        um_archive_entry *entry = NULL;
        for (size_t i = 0; i < d->archive.count; i++)
            if (strcmp(d->archive.entries[i].name, names[n]) == 0) entry = &d->archive.entries[i];
        assert_non_null(entry);
        for (size_t place = 0; place < entry->count; place++)
            for (size_t w = 0; w < 4; w++) {
                int64_t right = entry->integer[place];
                entry->integer[place] = wrong[w];
                char what[64];
                snprintf(what, sizeof what, "[%zu] = %lld", place, (long long)wrong[w]);
                if (n < 8 || place == 1) refused(d, what, names[n]);
                entry->integer[place] = right;
            }
    }
    um_archive_clear(ctx, &d->archive);
    um_model_destroy(d->model);
    assert_int_equal(um_context_get_blocks(ctx), 0);
    um_context_destroy(ctx);
}

static void test_other_model(void **unused)
{
    (void)unused;
    um_context *ctx;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    damage *d = begin(ctx, TEST_RUN_HERMITIAN);
    um_model *own = d->model;
    test_run_case it;
    make(TEST_RUN_HERMITIAN, &it);
    it.stages[0].atoms.q = nextafter(it.stages[0].atoms.q, 1);
    d->model = test_run_model(ctx, &it.spec);
    refused(d, "is of another model", "the archive");
    um_model_destroy(d->model);
    um_model_destroy(own);
    um_archive_clear(ctx, &d->archive);
    um_context_destroy(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_runs_out), cmocka_unit_test(test_memory_of_a_protocol),
        cmocka_unit_test(test_recovers),
        cmocka_unit_test(test_damaged_archives), cmocka_unit_test(test_nonsense_in_archives),
        cmocka_unit_test(test_other_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
