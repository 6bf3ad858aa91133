/* Sweeps, their journals and their files, when memory runs out at any allocation. */
#include "../unit/test_result_full.h"

#include <unistd.h>

#include "released.h"
#include "scarce.h"
#include "sweep_cases.h"

/* Crossed axes of numbers and texts, repeats, a series; the second point fails. */
static const char text[] =
    "stages: [charge: 3]\nbattery: {levels: 12}\nsweep: {repeats: 2, summaries: [final_energy, "
    "plateau_energy], series: [purity], axes: [{key: interaction.theta, logspace: [0.5, 1, 2]}, "
    "{key: battery.initial, values: [vacuum, {fock: 20}, {fock: 1}]}]}\n";

static um_context *plenty;
static test_sweep ready;
static const char *journal_path, *result_path;

static um_status try_config(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    test_sweep made;
    um_model *model = NULL;
    um_status status = test_sweep_create(ctx, user, &made);
    if (status == UM_OK) status = um_config_create_point(made.config, ctx, 2, 0, &model);
    um_model_destroy(model);
    test_sweep_destroy(ctx, &made);
    return status;
}

static void test_config(void **state)
{
    (void)state;
    assert_true(test_scarce_sweep(try_config, (void *)text) > 40);
    assert_true(test_scarce_sweep(try_config,
                                  "stages: [charge: 3]\nsweep: {mode: zip, axes: [{key: "
                                  "interaction.theta, linspace: [1, 3, 60]}, {key: atoms.q, "
                                  "linspace: [0, 1, 60]}]}\n") > 20);
}

static um_status try_points(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    um_config *config;
    um_sweep_plan plan;
    um_status status = um_config_read(ctx, user, NULL, 0, &config);
    if (status == UM_OK) status = um_config_get_plan(ctx, config, &plan);
    um_config_destroy(config);
    return status;
}

static void test_points(void **state)
{
    (void)state;
    static const char config[] = "stages: [charge: 3]\nsweep: {points: p.csv}\n";
    const char *path = scratch_path("p.yaml"), *csv = scratch_path("p.csv");
    put_bytes(path, config, strlen(config));
    FILE *stream = fopen(csv, "w");
    assert_non_null(stream);
    fprintf(stream, "interaction.theta,battery.initial\n");
    for (int i = 0; i < 1500; i++) fprintf(stream, "%d,{fock: %d}\n", 1 + i, i % 9);
    assert_int_equal(fclose(stream), 0);
    assert_true(test_scarce_sweep(try_points, (void *)path) > 4);
    unlink(path);
    unlink(csv);
}

static um_status try_compute(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse, (void)user;
    um_sweep_block block;
    um_sweep *sweep = NULL;
    um_status status = um_sweep_create(ctx, um_sweep_get_plan(ready.sweep), um_config_create_point,
                                       ready.config, &sweep);
    for (size_t i = 0; i < 2 && status == UM_OK; i++) {
        status = um_sweep_compute(ctx, sweep, i, NULL, NULL, &block);
        um_sweep_block_clear(ctx, &block);
    }
    um_sweep_destroy(sweep);
    return status;
}

static bool has(void *self, size_t number)
{
    (void)self;
    return number >= 2;
}

static um_status put(void *self, um_context *ctx, const um_sweep_block *block)
{
    (void)self, (void)ctx, (void)block;
    return UM_OK;
}

static um_status try_run(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse, (void)user;
    um_sweep_store store = {NULL, has, put};
    return um_sweep_run(ctx, ready.sweep, &store, NULL);
}

static um_status try_steady(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    um_sweep_block block;
    test_sweep *made = user;
    um_status status = um_sweep_compute(ctx, made->sweep, 0, NULL, NULL, &block);
    um_sweep_block_clear(ctx, &block);
    return status;
}

static void test_compute(void **state)
{
    (void)state;
    assert_true(test_scarce_sweep(try_compute, NULL) > 60);
    assert_true(test_scarce_sweep(try_run, NULL) > 60);
    test_sweep made;
    CHECK_OK(plenty, test_sweep_create(plenty,
                                       "stages: [charge: 3]\nbattery: {levels: 4}\nsweep: {analysis: "
                                       "steady, summaries: [lifetime], axes: [{key: "
                                       "interaction.theta, values: [1]}]}\n",
                                       &made));
    assert_true(test_scarce_sweep(try_steady, &made) > 60);
    test_sweep_destroy(plenty, &made);
}

static um_status try_journal(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse, (void)user;
    um_journal *journal = NULL;
    um_sweep_block block;
    um_sweep_failure *failures = NULL;
    um_journal_status about;
    char *name = NULL, *source = NULL;
    uint64_t seed;
    size_t count = 0;
    const char *path = scratch_path("fresh.journal");
    um_journal_header header = test_sweep_header(&ready);
    um_status status = um_journal_open(ctx, path, ready.sweep, &header, &journal);
    if (status == UM_OK) status = um_journal_merge(ctx, journal, journal_path);
    if (status == UM_OK) {
        status = um_journal_read_block(ctx, journal, 1, &block);
        um_sweep_block_clear(ctx, &block);
    }
    if (status == UM_OK) status = um_journal_get_failures(ctx, journal, 9, &failures, &count);
    um_sweep_failures_destroy(ctx, failures, count);
    if (status == UM_OK) status = um_journal_forget_failures(ctx, journal, &count);
    um_journal_close(journal);
    if (status == UM_OK) status = um_journal_open(ctx, path, ready.sweep, &header, &journal);
    if (status == UM_OK) {
        um_journal_close(journal);
        status = um_journal_read_status(ctx, path, &about);
    }
    if (status == UM_OK) status = um_journal_read_source(ctx, path, &name, &source, &seed);
    um_text_destroy(ctx, name);
    um_text_destroy(ctx, source);
    test_sweep_remove_journal(path);
    return status;
}

static um_status try_netcdf(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    um_journal *journal;
    um_journal_header header = test_sweep_header(&ready);
    um_status status = um_journal_open(ctx, user, ready.sweep, &header, &journal);
    if (status == UM_OK) status = um_sweep_write_netcdf(ctx, journal, NULL, result_path, true);
    um_journal_close(journal);
    return status;
}

static um_status try_csv(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    um_journal *journal;
    um_journal_header header = test_sweep_header(&ready);
    um_status status = um_journal_open(ctx, user, ready.sweep, &header, &journal);
    if (status == UM_OK) status = um_sweep_write_csv(ctx, journal, scratch_path("fresh.csv"), true);
    um_journal_close(journal);
    return status;
}

static um_status try_read(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    um_sweep_table *table;
    um_status status = um_sweep_table_read(ctx, user, &table);
    assert_true((status == UM_OK) == (table != NULL));
    um_sweep_table_destroy(ctx, table);
    return status;
}

static void test_journal(void **state)
{
    (void)state;
    assert_true(test_scarce_sweep(try_journal, NULL) > 30);
    assert_int_equal(scratch_count(), 4); /* readers leave a log behind, writers take it away */
}

static void test_files(void **state)
{
    (void)state;
    assert_true(test_scarce_sweep(try_netcdf, (void *)journal_path) > 15);
    assert_true(test_scarce_sweep(try_read, (void *)result_path) > 15);
    assert_true(test_scarce_sweep(try_csv, (void *)journal_path) > 10);
    assert_int_equal(scratch_count(), 3);
}

static int setup(void **state)
{
    (void)state;
    static char journal[1024], result[1024];
    journal_path = strcpy(journal, scratch_path("ready.journal"));
    result_path = strcpy(result, scratch_path("ready.nc"));
    um_journal *made;
    CHECK_OK(NULL, um_context_create(NULL, &plenty));
    CHECK_OK(plenty, test_sweep_create(plenty, text, &ready));
    CHECK_OK(plenty, test_sweep_compute(plenty, &ready, journal_path, &made));
    CHECK_OK(plenty, um_sweep_write_netcdf(plenty, made, NULL, result_path, true));
    um_journal_close(made);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_sweep_destroy(plenty, &ready);
    scratch_remove();
    return test_released(plenty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config),  cmocka_unit_test(test_points), cmocka_unit_test(test_compute),
        cmocka_unit_test(test_journal), cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
