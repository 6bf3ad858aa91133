/* Files of sweeps: every number comes back with its bits, wherever it lies in the grid. */
#include "test_result_full.h"

#include <cjson/cJSON.h>
#include <float.h>
#include <netcdf.h>
#include <unistd.h>

#include "context.h"
#include "sweep_cases.h"

/* Points that are never computed: journals are filled by hand. */
static um_status no_point(void *user, um_context *own, size_t point, uint64_t seed, um_model **model)
{
    (void)user, (void)own, (void)point, (void)seed;
    *model = NULL;
    return UM_ERROR_INTERNAL;
}

enum { LONGEST = 40 };

/* Up to three axes of one key. */
typedef struct grid {
    size_t axes_count, counts[3];
    int repeats;
    size_t records, block;
    double values[LONGEST];
    char spelled[LONGEST][40];
    const char *texts[LONGEST];
} grid;

static const char *const keys[3] = {"interaction.theta", "atoms.q", "battery.max_levels"};
static const char *const names[3] = {"theta", "q", "max_levels"};
static const um_summary kept[] = {UM_SUMMARY_FINAL_ENERGY, UM_SUMMARY_PLATEAU_END,
                                  UM_SUMMARY_FINAL_PURITY};
enum { KEPT = 3 };

static um_sweep *create(grid *g)
{
    um_sweep_axis axes[3];
    for (size_t i = 0; i < LONGEST; i++) {
        g->values[i] = 0.1 + (double)i / 3;
        snprintf(g->spelled[i], sizeof g->spelled[i], "%.17g", g->values[i]);
        g->texts[i] = g->spelled[i];
    }
    for (size_t i = 0; i < g->axes_count; i++)
        axes[i] = (um_sweep_axis){names[i], 1, &keys[i], g->counts[i], g->values, g->texts};
    um_sweep_plan plan = {.axes_count = g->axes_count,
                          .axes = axes,
                          .summaries_count = KEPT,
                          .summaries = kept,
                          .series = g->records ? UM_QUANTITY_BIT(UM_ENERGY) | UM_QUANTITY_BIT(UM_G2) : 0,
                          .records = g->records,
                          .repeats = g->repeats ? g->repeats : 1,
                          .block = g->block};
    um_sweep *sweep;
    CHECK_OK(ctx, um_sweep_create(ctx, &plan, no_point, NULL, &sweep));
    return sweep;
}

static double number(size_t point, size_t column)
{
    static const double odd[] = {NAN, INFINITY, -INFINITY, -0.0, DBL_MIN / 64, DBL_MAX};
    size_t which = point * 31 + column;
    return which % 5 == 0 ? odd[which / 5 % 6] : 1 / (1 + (double)which);
}

static bool is_missing(size_t block) { return block % 7 == 3; }
static bool is_failed(size_t point) { return point % 11 == 5; }

static um_journal *fill(const char *path, um_sweep *sweep, bool complete)
{
    um_journal_header header = {.description = "d", .name = "n", .source = "s", .kernel = "slate",
                                .shards = 1};
    um_journal *journal;
    CHECK_OK(ctx, um_journal_open(ctx, path, sweep, &header, &journal));
    um_sweep_store store = um_journal_get_store(journal);
    size_t each = um_sweep_get_plan(sweep)->block, width = um_sweep_get_width(sweep);
    size_t points = um_sweep_count_points(sweep);
    um_sweep_failure *failures = test_calloc(each, sizeof *failures);
    double *values = test_calloc(each * width, sizeof *values);
    static char words[] = "atoms.q: \"β\", not\nso";
    for (size_t i = 0; i < um_sweep_count_blocks(sweep); i++) {
        if (!complete && is_missing(i)) continue;
        um_sweep_block block = {i, i * each, each, width, values, 0, failures};
        if (points - block.first < each) block.count = points - block.first;
        for (size_t j = 0; j < block.count; j++) {
            for (size_t k = 0; k < width; k++) values[j * width + k] = number(block.first + j, k);
            if (is_failed(block.first + j))
                failures[block.failures_count++] =
                    (um_sweep_failure){block.first + j, UM_ERROR_NOCONV, words};
        }
        CHECK_OK(ctx, store.put(store.self, ctx, &block));
    }
    test_free(failures);
    test_free(values);
    return journal;
}

static double expected(const grid *g, size_t point, size_t column)
{
    return is_missing(point / g->block) ? NAN : number(point, column);
}

static void check_same(double found, double wanted, size_t point)
{
    if (isnan(wanted) ? !isnan(found) : memcmp(&found, &wanted, sizeof found) != 0)
        fail_msg("point %zu: %.17g for %.17g", point, found, wanted);
}

static void check_series(const char *path, const grid *g, size_t points)
{
    int file, variable;
    size_t shift = KEPT * (g->repeats > 1 ? 2 : 1);
    double *values = test_calloc(points * g->records, sizeof *values);
    assert_int_equal(nc_open(path, NC_NOWRITE, &file), NC_NOERR);
    static const char *const series[] = {"energy", "g2", "energy_error", "g2_error"};
    for (size_t i = 0; i < (g->repeats > 1 ? 4 : 2); i++) {
        assert_int_equal(nc_inq_varid(file, series[i], &variable), NC_NOERR);
        assert_int_equal(nc_get_var_double(file, variable, values), NC_NOERR);
        for (size_t p = 0; p < points; p++)
            for (size_t r = 0; r < g->records; r++)
                check_same(values[p * g->records + r], expected(g, p, shift + i * g->records + r), p);
    }
    assert_int_equal(nc_close(file), NC_NOERR);
    test_free(values);
}

static void check_grid(grid g)
{
    const char *path = scratch_path("grid.journal"), *result = scratch_path("grid.nc");
    um_sweep *sweep = create(&g);
    um_journal *journal = fill(path, sweep, false);
    um_provenance provenance = {.config = "the β configuration", .options = "o", .seed = 3, .threads = 1};
    CHECK_OK(ctx, um_sweep_write_netcdf(ctx, journal, &provenance, result, false));
    um_journal_close(journal);
    um_sweep_table *table;
    CHECK_OK(ctx, um_sweep_table_read(ctx, result, &table));
    size_t points = um_sweep_count_points(sweep);
    assert_int_equal(table->points, points);
    assert_int_equal(table->axes_count, g.axes_count);
    assert_string_equal(table->config, provenance.config);
    for (size_t i = 0; i < g.axes_count; i++) {
        assert_string_equal(table->axes[i].name, names[i]);
        assert_string_equal(table->axes[i].keys[0], keys[i]);
        assert_int_equal(table->axes[i].keys_count, 1);
        assert_int_equal(table->axes[i].count, g.counts[i]);
        CHECK_SAME_BITS(table->axes[i].values, g.values, g.counts[i]);
        for (size_t j = 0; j < g.counts[i]; j++)
            assert_string_equal(table->axes[i].texts[j], g.texts[j]);
    }
    static const char *const columns[] = {"final_energy", "plateau_end", "final_purity",
                                          "final_energy_error", "plateau_end_error",
                                          "final_purity_error"};
    assert_int_equal(table->columns, KEPT * (g.repeats > 1 ? 2 : 1));
    for (size_t i = 0; i < table->columns; i++) {
        assert_string_equal(table->names[i], columns[i]);
        assert_string_equal(table->units[i], um_summary_get_info((int)kept[i % KEPT])->units);
        for (size_t p = 0; p < points; p++)
            check_same(table->values[i * points + p], expected(&g, p, i), p);
    }
    for (size_t p = 0; p < points; p++)
        assert_int_equal(table->status[p], is_missing(p / g.block) ? -1
                                           : is_failed(p)          ? UM_ERROR_NOCONV
                                                                   : UM_OK);
    um_sweep_table_destroy(ctx, table);
    if (g.records > 0) check_series(result, &g, points);
    um_sweep_destroy(sweep);
    unlink(result);
    test_sweep_remove_journal(path);
}

static void test_grids(void **state)
{
    (void)state;
    check_grid((grid){.axes_count = 1, .counts = {1}, .block = 1});
    check_grid((grid){.axes_count = 1, .counts = {37}, .block = 5});
    check_grid((grid){.axes_count = 2, .counts = {6, 5}, .block = 4, .repeats = 3});
    check_grid((grid){.axes_count = 2, .counts = {5, 1}, .block = 2, .records = 4});
    check_grid((grid){.axes_count = 3, .counts = {3, 4, 5}, .block = 7, .records = 3, .repeats = 2});
    um_sweep_table_destroy(ctx, NULL);
}

/* More than the writer holds at once: pieces of the grid that begin and end anywhere. */
static void test_large(void **state)
{
    (void)state;
    check_grid((grid){.axes_count = 3, .counts = {7, 11, 13}, .block = 10, .records = 700});
}

static void test_failures(void **state)
{
    (void)state;
    grid g = {.axes_count = 2, .counts = {6, 5}, .block = 4};
    um_sweep *sweep = create(&g);
    const char *path = scratch_path("failures.journal"), *result = scratch_path("failures.nc");
    um_journal *journal = fill(path, sweep, true);
    CHECK_OK(ctx, um_sweep_write_netcdf(ctx, journal, NULL, result, false));
    um_journal_close(journal);
    int file, variable;
    long long points[3];
    char *messages[3], kernel[100] = "", analysis[100] = "";
    assert_int_equal(nc_open(result, NC_NOWRITE, &file), NC_NOERR);
    assert_int_equal(nc_inq_varid(file, "failed_point", &variable), NC_NOERR);
    assert_int_equal(nc_get_var_longlong(file, variable, points), NC_NOERR);
    assert_int_equal(nc_inq_varid(file, "failure_message", &variable), NC_NOERR);
    assert_int_equal(nc_get_var_string(file, variable, messages), NC_NOERR);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(points[i], 5 + 11 * i);
        assert_string_equal(messages[i], "atoms.q: \"β\", not\nso");
    }
    nc_free_string(3, messages);
    assert_int_equal(nc_get_att_text(file, NC_GLOBAL, "kernel", kernel), NC_NOERR);
    assert_int_equal(nc_get_att_text(file, NC_GLOBAL, "analysis", analysis), NC_NOERR);
    assert_string_equal(kernel, "slate");
    assert_string_equal(analysis, "run");
    assert_int_equal(nc_close(file), NC_NOERR);
    um_sweep_destroy(sweep);
    unlink(result);
    test_sweep_remove_journal(path);
}

static const char by_texts[] =
    "stages: [charge: 3]\nsweep: {summaries: [final_energy, levels], axes: [{key: "
    "interaction.theta, values: [pi/2, 1, {trap: 4}]}, {key: battery.initial, values: [vacuum, "
    "{fock: 2}]}]}\n";
static const char zipped[] =
    "stages: [{charge: 3}, {charge: 4}]\ninteraction: {theta: 1}\nsweep: {mode: zip, summaries: "
    "[final_energy, levels], axes: [{key: interaction.theta, values: [pi/2, 1, 0.1]}, {key: "
    "atoms.q, values: [0.1, 0.2, 0.3]}, {key: 'stages[1].atoms.q', values: [0, 0.5, 1]}, {key: "
    "battery.initial, values: [vacuum, {fock: 2}, {thermal: 1}]}, {key: battery.max_levels, "
    "values: [64, 65, 66]}]}\n";

static um_sweep_table *compute(const char *text, um_sweep_plan *plan, test_sweep *made)
{
    const char *path = scratch_path("texts.journal"), *result = scratch_path("texts.nc");
    um_journal *journal;
    um_sweep_table *table;
    um_sweep_block block;
    CHECK_OK(ctx, test_sweep_create(ctx, text, made));
    *plan = *um_sweep_get_plan(made->sweep);
    CHECK_OK(ctx, test_sweep_compute(ctx, made, path, &journal));
    CHECK_OK(ctx, um_sweep_write_netcdf(ctx, journal, NULL, result, false));
    CHECK_OK(ctx, um_sweep_table_read(ctx, result, &table));
    for (size_t i = 0; i < um_sweep_count_blocks(made->sweep); i++) {
        CHECK_OK(ctx, um_journal_read_block(ctx, journal, i, &block));
        for (size_t j = 0; j < block.count; j++)
            for (size_t k = 0; k < 2; k++)
                check_same(table->values[k * table->points + block.first + j],
                           block.values[2 * j + k], block.first + j);
        um_sweep_block_clear(ctx, &block);
    }
    um_journal_close(journal);
    unlink(result);
    test_sweep_remove_journal(path);
    return table;
}

static void test_texts(void **state)
{
    (void)state;
    um_sweep_plan plan;
    test_sweep made;
    um_sweep_table *table = compute(by_texts, &plan, &made);
    assert_int_equal(table->axes_count, 2);
    assert_int_equal(table->columns, 2);
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < plan.axes[i].count; j++) {
            assert_string_equal(table->axes[i].texts[j], plan.axes[i].texts[j]);
            assert_true(isnan(table->axes[i].values[j]));
        }
    um_sweep_table_destroy(ctx, table);
    test_sweep_destroy(ctx, &made);
}

static void test_zipped(void **state)
{
    (void)state;
    um_sweep_plan plan;
    test_sweep made;
    um_sweep_table *table = compute(zipped, &plan, &made);
    assert_int_equal(table->axes_count, 1);
    const um_sweep_axis *axis = &table->axes[0], *given = &plan.axes[0];
    assert_string_equal(axis->name, "point");
    assert_int_equal(axis->keys_count, 5);
    assert_int_equal(table->columns, 2); /* coordinates are none */
    assert_string_equal(table->names[0], "final_energy");
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(axis->keys[i], given->keys[i]);
        for (size_t j = 0; j < 3; j++) {
            size_t at = i * 3 + j;
            if (i == 3)
                assert_string_equal(axis->texts[at], given->texts[at]);
            else
                assert_true(axis->values[at] == given->values[at]);
        }
    }
    um_sweep_table_destroy(ctx, table);
    test_sweep_destroy(ctx, &made);
}

/* The next field, quotes taken off. */
static char *next_field(char **at)
{
    char *field = *at, *to = field, *from = field;
    bool quoted = *from == '"';
    if (quoted) from++;
    for (; *from && (quoted ? *from != '"' || from[1] == '"' : *from != ',' && *from != '\n'); from++) {
        if (quoted && *from == '"') from++;
        *to++ = *from;
    }
    from += quoted;
    *at = *from ? from + 1 : from;
    *to = '\0';
    return field;
}

static void test_csv(void **state)
{
    (void)state;
    grid g = {.axes_count = 2, .counts = {6, 5}, .block = 4, .repeats = 2, .records = 2};
    um_sweep *sweep = create(&g);
    const char *path = scratch_path("csv.journal"), *result = scratch_path("sweep.csv");
    um_journal *journal = fill(path, sweep, false);
    CHECK_OK(ctx, um_sweep_write_csv(ctx, journal, result, false));
    CHECK_STATUS(ctx, um_sweep_write_csv(ctx, journal, result, false), UM_ERROR_IO);
    expect_said(ctx, result, "exists");
    CHECK_OK(ctx, um_sweep_write_csv(ctx, journal, result, true));
    um_journal_close(journal);
    char *content = get_bytes(result, NULL), *at = strchr(content, '\n') + 1;
    assert_memory_equal(content,
                        "interaction.theta,atoms.q,final_energy,plateau_end,final_purity,"
                        "final_energy_error,plateau_end_error,final_purity_error,energy_0,energy_1,"
                        "g2_0,g2_1,energy_error_0,energy_error_1,g2_error_0,g2_error_1,status,message\n",
                        (size_t)(at - content));
    for (size_t point = 0; point < 30; point++) {
        assert_true(strtod(next_field(&at), NULL) == g.values[point / 5]);
        assert_true(strtod(next_field(&at), NULL) == g.values[point % 5]);
        for (size_t i = 0; i < 14; i++) {
            const char *field = next_field(&at);
            check_same(*field ? strtod(field, NULL) : NAN, expected(&g, point, i), point);
        }
        bool missing = is_missing(point / g.block), failed = is_failed(point) && !missing;
        assert_string_equal(next_field(&at), missing ? "not_computed" : failed ? "accuracy" : "done");
        assert_string_equal(next_field(&at), failed ? "atoms.q: \"β\", not\nso" : "");
    }
    assert_string_equal(at, "");
    free(content);
    um_sweep_destroy(sweep);
    unlink(result);
    test_sweep_remove_journal(path);
}

static cJSON *print(const um_journal_status *status, const um_sweep_failure *failures, size_t count,
                    const char *output, const um_error *error, int code)
{
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    CHECK_OK(ctx, um_sweep_write_json(ctx, status, failures, count, output, error, code, stream));
    fclose(stream);
    assert_true(strchr(text, '\n') != NULL && text[length - 1] == '\n');
    cJSON *json = cJSON_Parse(text);
    if (!json) fail_msg("not JSON: %s", text);
    free(text);
    return json;
}

static double get(const cJSON *json, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
    if (!item) fail_msg("no %s", name);
    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

static const char *get_text(const cJSON *json, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
    return text ? text : "(none)";
}

static void test_json(void **state)
{
    (void)state;
    um_journal_status status = {.points = 10, .done = 4, .failed = 2, .seconds = 2, .rate = 2,
                                .shard = 1, .shards = 3, .kernel = "slate"};
    static char first[] = "one \"β\"", second[] = "";
    um_sweep_failure failures[] = {{3, UM_ERROR_CONFIG, first}, {9, UM_ERROR_NOCONV, second}};
    cJSON *json = print(&status, failures, 2, "x.nc", NULL, 3);
    assert_true(get(json, "points") == 10 && get(json, "done") == 4 && get(json, "failed") == 2);
    assert_true(get(json, "seconds_left") == 3 && get(json, "rate") == 2 && get(json, "shards") == 3);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(json, "complete")));
    assert_string_equal(get_text(json, "output"), "x.nc");
    assert_string_equal(get_text(json, "kernel"), "slate");
    assert_string_equal(get_text(json, "umaser"), UM_VERSION);
    const cJSON *list = cJSON_GetObjectItem(json, "failures");
    assert_int_equal(cJSON_GetArraySize(list), 2);
    assert_string_equal(get_text(cJSON_GetArrayItem(list, 0), "message"), "one \"β\"");
    assert_string_equal(get_text(cJSON_GetArrayItem(list, 1), "status"), "accuracy");
    assert_true(get(cJSON_GetArrayItem(list, 1), "point") == 9);
    cJSON_Delete(json);
    status.rate = NAN;
    um_error error = {.status = UM_ERROR_INTERRUPTED, .message = "stopped", .line = -1};
    json = print(&status, NULL, 0, NULL, &error, 143);
    assert_true(isnan(get(json, "rate")) && isnan(get(json, "seconds_left")));
    assert_string_equal(get_text(json, "status"), "interrupted");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "failures")), 0);
    cJSON_Delete(json);
    json = print(NULL, NULL, 0, NULL, &error, 2);
    assert_null(cJSON_GetObjectItem(json, "points"));
    cJSON_Delete(json);
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    CHECK_STATUS(ctx, um_sweep_write_json(ctx, &status, NULL, 0, NULL, NULL, 0, full), UM_ERROR_IO);
    fclose(full);
}

static void test_what_is_there(void **state)
{
    (void)state;
    grid g = {.axes_count = 1, .counts = {3}, .block = 1};
    um_sweep *sweep = create(&g);
    const char *path = scratch_path("there.journal"), *result = scratch_path("there.nc");
    um_journal *journal = fill(path, sweep, true);
    put_bytes(result, "precious", 8);
    CHECK_STATUS(ctx, um_sweep_write_netcdf(ctx, journal, NULL, result, false), UM_ERROR_IO);
    expect_said(ctx, result, "exists");
    char *bytes = get_bytes(result, NULL);
    assert_string_equal(bytes, "precious");
    free(bytes);
    um_sweep_table *table;
    CHECK_STATUS(ctx, um_sweep_table_read(ctx, result, &table), UM_ERROR_IO);
    assert_null(table);
    CHECK_OK(ctx, um_sweep_write_netcdf(ctx, journal, NULL, result, true));
    um_result *single = NULL;
    CHECK_STATUS(ctx, um_result_read(ctx, result, &single, NULL), UM_ERROR_IO);
    assert_null(single);
    um_steady *steady = NULL;
    CHECK_STATUS(ctx, um_steady_read(ctx, result, &steady), UM_ERROR_IO);
    assert_null(steady);
    CHECK_STATUS(ctx, um_sweep_write_netcdf(ctx, journal, NULL, scratch_path("no/folder.nc"), true),
                 UM_ERROR_IO);
    CHECK_STATUS(ctx, um_sweep_write_csv(ctx, journal, scratch_path("no/folder.csv"), true), UM_ERROR_IO);
    um_journal_close(journal);

    single = full_result(ctx);
    CHECK_OK(ctx, um_result_write_netcdf(ctx, single, NULL, result, true));
    CHECK_STATUS(ctx, um_sweep_table_read(ctx, result, &table), UM_ERROR_DOMAIN);
    expect_said(ctx, result, "not of a sweep");
    um_result_destroy(ctx, single);
    unlink(result);
    CHECK_STATUS(ctx, um_sweep_table_read(ctx, result, &table), UM_ERROR_IO);
    test_sweep_remove_journal(path);
    assert_int_equal(scratch_count(), 0);
    um_sweep_destroy(sweep);
}

static void test_axes_refused(void **state)
{
    (void)state;
    static const char *const two[] = {"atoms.q", "atoms.c"};
    grid g = {.axes_count = 1, .counts = {3}, .block = 1};
    um_sweep *single = create(&g), *sweep;
    um_sweep_axis axes[] = {um_sweep_get_plan(single)->axes[0], {"point", 2, two, 3, g.values, g.texts}};
    um_sweep_plan plan = *um_sweep_get_plan(single);
    plan.axes = axes;
    plan.axes_count = 2;
    CHECK_OK(ctx, um_sweep_create(ctx, &plan, no_point, NULL, &sweep));
    const char *path = scratch_path("axes.journal");
    um_journal *journal = fill(path, sweep, true);
    CHECK_STATUS(ctx, um_sweep_write_netcdf(ctx, journal, NULL, scratch_path("axes.nc"), true), UM_ERROR_ARG);
    um_journal_close(journal);
    test_sweep_remove_journal(path);
    um_sweep_destroy(sweep);
    um_sweep_destroy(single);
}

static int teardown_all(void **state)
{
    scratch_remove();
    return teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grids),  cmocka_unit_test(test_large),  cmocka_unit_test(test_failures),
        cmocka_unit_test(test_texts),  cmocka_unit_test(test_zipped), cmocka_unit_test(test_csv),
        cmocka_unit_test(test_json),   cmocka_unit_test(test_what_is_there),
        cmocka_unit_test(test_axes_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown_all);
}
