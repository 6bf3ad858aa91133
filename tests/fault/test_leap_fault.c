/* Runs that leap, while memory runs out at every single allocation, and damaged archives of them. */
#include "leap_cases.h"
#include "run_cases.h"
#include "scarce.h"

enum { COLLISIONS = 3000, SAVED_AT = 2001 };

static const int64_t kept[] = {1500};

static void make(const char *name, leap_case *it)
{
    leap_case_make(leap_case_find(name), COLLISIONS, it);
    it->spec.record.per_decade = 2;
    it->spec.record.states = kept;
    it->spec.record.states_count = 1;
}

/* Half of it, saved inside the leap, restored, the rest, the plateaus. */
static um_status live(um_context *ctx, const um_model *model)
{
    um_run *run, *again = NULL;
    um_archive archive = {0};
    um_status status = um_run_create(ctx, model, &run);
    if (status != UM_OK) return status;
    status = um_run_advance(run, SAVED_AT, NULL, NULL);
    if (status == UM_OK) status = um_run_save(run, &archive);
    if (status == UM_OK) status = um_run_restore(ctx, model, &archive, &again);
    if (status != UM_OK) assert_null(again);
    um_archive_clear(ctx, &archive);
    if (status == UM_OK) status = um_run_advance(again, -1, NULL, NULL);
    if (status == UM_OK) status = um_run_finish(again, true);
    if (again) {
        const um_result *result = um_run_get_result(again); /* valid after any return */
        for (size_t i = 0; i < result->records; i++)
            assert_true(i == 0 || result->collision[i] > result->collision[i - 1]);
    }
    if (status == UM_OK)
        assert_int_equal(um_run_get_result(again)->stages[0].forward.to, COLLISIONS);
    um_run_destroy(again);
    um_run_destroy(run);
    return status;
}

static um_status try_life(um_context *ctx, test_purse *purse, void *user)
{
    long granted = purse->left;
    purse->left = -1;
    um_model *model;
    CHECK_OK(ctx, um_model_create(ctx, user, &model));
    purse->left = granted;
    um_status status = live(ctx, model);
    purse->left = -1;
    um_model_destroy(model);
    return status;
}

static void test_memory_runs_out(void **unused)
{
    (void)unused;
    static const char *const names[] = {"two levels", "cavity, trapped", "q = 1", "detuned", "phases",
                                        "Rabi, c = 0.5, detuned"};
    for (size_t i = 0; i < (test_effort() > 1 ? 6 : 2); i++) {
        leap_case it;
        make(names[i], &it);
        long count = test_scarce_sweep(try_life, &it.spec);
        print_message("%s: %ld allocations\n", names[i], count);
        assert_true(count > 100);
    }
}

/* After a refusal the run is where it was, and goes on to the same bits. */
static void test_recovers(void **unused)
{
    (void)unused;
    test_purse purse;
    um_context *ctx = test_scarce_context(&purse);
    leap_case it;
    um_model *model, *other;
    make("two levels", &it);
    it.spec.record.states_count = 0;
    um_run *whole = leap_case_run(ctx, &it.spec, &other);
    um_run *run = leap_case_start(ctx, &it.spec, &model);
    CHECK_OK(ctx, um_run_advance(run, 1024, NULL, NULL)); /* a leap is about to begin */
    int refusals = 0;
    for (long granted = 0;; granted++) {
        size_t records = um_run_get_result(run)->records;
        purse.left = granted;
        um_status status = um_run_advance(run, 1025, NULL, NULL);
        purse.left = -1;
        if (status == UM_OK) break;
        assert_int_equal(status, UM_ERROR_MEMORY);
        assert_int_equal(um_run_get_result(run)->records, records);
        refusals++;
    }
    assert_true(refusals > 50);
    CHECK_OK(ctx, um_run_advance(run, -1, NULL, NULL));
    CHECK_OK(ctx, um_run_finish(run, true));
    test_same_result("recovered", um_run_get_result(whole), um_run_get_result(run));
    test_same_state("recovered", um_run_get_state(whole), um_run_get_state(run));
    um_run_destroy(run);
    um_run_destroy(whole);
    um_model_destroy(model);
    um_model_destroy(other);
    assert_int_equal(um_context_get_blocks(ctx), 0);
    um_context_destroy(ctx);
}

static void refused(um_context *ctx, const um_model *model, const um_archive *archive,
                    const char *name, const char *what)
{
    um_run *run = (um_run *)1;
    size_t blocks = um_context_get_blocks(ctx);
    um_status status = um_run_restore(ctx, model, archive, &run);
    if (status != UM_ERROR_CONFIG) fail_msg("%s %s: %s", name, what, um_status_get_name(status));
    assert_null(run);
    assert_int_equal(um_context_get_blocks(ctx), blocks);
}

static um_archive_entry *entry_of(um_archive *archive, const char *name)
{
    for (size_t i = 0; i < archive->count; i++)
        if (strcmp(archive->entries[i].name, name) == 0) return &archive->entries[i];
    fail_msg("the archive has no '%s'", name);
    return NULL;
}

static void test_damaged_archives(void **unused)
{
    (void)unused;
    um_context *ctx;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    leap_case it;
    um_model *model;
    um_archive archive = {0};
    make("phases", &it);
    um_run *run = leap_case_start(ctx, &it.spec, &model);
    CHECK_OK(ctx, um_run_advance(run, SAVED_AT, NULL, NULL));
    CHECK_OK(ctx, um_run_save(run, &archive));
    um_run_destroy(run);
    int leaps = 0;
    for (size_t i = 0; i < archive.count; i++) {
        um_archive_entry *entry = &archive.entries[i], whole = *entry;
        if (strncmp(whole.name, "leap_", 5) != 0) continue;
        leaps++;
        strcpy(entry->name, "?");
        refused(ctx, model, &archive, whole.name, "is missing");
        *entry = whole;
        entry->is_integer = !whole.is_integer;
        refused(ctx, model, &archive, whole.name, "is of another kind");
        *entry = whole;
        if (entry->count > 0) {
            entry->count--;
            refused(ctx, model, &archive, whole.name, "is too short");
        }
        *entry = whole;
    }
    assert_true(leaps > 5);
    static const char *const names[] = {"leap_0_about", "leap_0_state_shape"};
    const int64_t wrong[] = {-1, INT64_MIN, INT64_MAX, INT64_C(1) << 40};
    for (int n = 0; n < 2; n++) {
        um_archive_entry *entry = entry_of(&archive, names[n]);
        for (size_t place = 0; place < entry->count; place++)
            for (int w = 0; w < 4; w++) {
                int64_t right = entry->integer[place];
                char what[64];
                entry->integer[place] = wrong[w];
                snprintf(what, sizeof what, "[%zu] = %lld", place, (long long)wrong[w]);
                refused(ctx, model, &archive, names[n], what);
                entry->integer[place] = right;
            }
    }
    CHECK_OK(ctx, um_run_restore(ctx, model, &archive, &run));
    um_run_destroy(run);
    um_archive_clear(ctx, &archive);
    um_model_destroy(model);
    assert_int_equal(um_context_get_blocks(ctx), 0);
    um_context_destroy(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory_runs_out),
                                       cmocka_unit_test(test_recovers),
                                       cmocka_unit_test(test_damaged_archives)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
