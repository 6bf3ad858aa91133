/* Files of a steady analysis: every field comes back with its bits; JSON and CSV say the same. */
#include "test_steady_full.h"

#include <cjson/cJSON.h>
#include <netcdf.h>
#include <unistd.h>

#include "context.h"

static void test_round_trip(void **state)
{
    (void)state;
    const char *path = scratch_path("steady.nc");
    um_steady *written = full_steady(ctx), *read;
    CHECK_OK(ctx, um_steady_write_netcdf(ctx, written, NULL, path, false));
    CHECK_OK(ctx, um_steady_read(ctx, path, &read));
    same_steady(written, read);
    um_steady_destroy(ctx, read);
    /* It is a result of a run as well. */
    um_result *run;
    CHECK_OK(ctx, um_result_read(ctx, path, &run, NULL));
    same_result(written->run, run);
    um_result_destroy(ctx, run);
    um_steady_destroy(ctx, written);
}

/* No plateau, modes, chambers or warnings. */
static void test_almost_nothing(void **state)
{
    (void)state;
    const char *path = scratch_path("nothing.nc");
    um_result empty = {.power_maximum = {NAN, -1}};
    um_steady bare = {.plateau.charging_time = -1,
                      .lifetime = NAN,
                      .band_exit = -1,
                      .limit = {UM_LIMIT_UNDECIDED, -1, NAN, NAN, NAN, -1},
                      .run = &empty};
    um_steady *read;
    CHECK_OK(ctx, um_steady_write_netcdf(ctx, &bare, NULL, path, false));
    CHECK_OK(ctx, um_steady_read(ctx, path, &read));
    assert_int_equal(read->plateau.charging_time, -1);
    assert_int_equal(read->limit.status, UM_LIMIT_UNDECIDED);
    assert_true(isnan(read->lifetime));
    assert_int_equal(read->spectrum.count, 0);
    assert_int_equal(read->chambers_count, 0);
    assert_int_equal(read->warnings_count, 0);
    um_steady_destroy(ctx, read);
    bare.run = NULL;
    CHECK_STATUS(ctx, um_steady_write_netcdf(ctx, &bare, NULL, path, true), UM_ERROR_ARG);
    um_steady_destroy(ctx, NULL);
}

static void test_refused(void **state)
{
    (void)state;
    const char *path = scratch_path("run.nc");
    um_steady *full = full_steady(ctx), *read;
    CHECK_OK(ctx, um_result_write_netcdf(ctx, full->run, NULL, path, false));
    CHECK_STATUS(ctx, um_steady_read(ctx, path, &read), UM_ERROR_IO);
    expect_said(ctx, path, "no steady analysis");
    assert_null(read);
    CHECK_STATUS(ctx, um_steady_write_netcdf(ctx, full, NULL, path, false), UM_ERROR_IO);
    expect_said(ctx, path, "exists");
    CHECK_STATUS(ctx, um_steady_write_csv(ctx, full, path, false), UM_ERROR_IO);
    CHECK_STATUS(ctx, um_steady_read(ctx, scratch_path("none.nc"), &read), UM_ERROR_IO);
    um_steady_destroy(ctx, full);
}

/* What is missing from a file, or is not as it should be. */
static void test_damaged(void **state)
{
    (void)state;
    static const char *const variables[] = {"mode_decay",     "mode_multiplicity",
                                            "chamber_first",  "chamber_exact",
                                            "chamber_method", "chamber_populations"};
    static const char *const attributes[] = {"steady_lifetime", "steady_limit_level",
                                             "steady_status", "steady_spectrum_dropped"};
    enum { VARIABLES = 6, ATTRIBUTES = 4 };
    const char *path = scratch_path("damaged.nc");
    um_steady *full = full_steady(ctx), *read;
    for (int i = 0; i <= VARIABLES + ATTRIBUTES; i++) {
        int file, variable;
        CHECK_OK(ctx, um_steady_write_netcdf(ctx, full, NULL, path, true));
        assert_int_equal(nc_open(path, NC_WRITE, &file), NC_NOERR);
        if (i < VARIABLES) {
            assert_int_equal(nc_inq_varid(file, variables[i], &variable), NC_NOERR);
            assert_int_equal(nc_rename_var(file, variable, "another"), NC_NOERR);
        } else if (i < VARIABLES + ATTRIBUTES) {
            assert_int_equal(nc_del_att(file, NC_GLOBAL, attributes[i - VARIABLES]), NC_NOERR);
        } else {
            assert_int_equal(nc_put_att_text(file, NC_GLOBAL, "steady_limit_status", 4, "gone"),
                             NC_NOERR);
        }
        assert_int_equal(nc_close(file), NC_NOERR);
        CHECK_STATUS(ctx, um_steady_read(ctx, path, &read), UM_ERROR_IO);
        expect_said(ctx, path, "damaged");
        assert_null(read);
    }
    um_steady_destroy(ctx, full);
}

static cJSON *write_json(const um_steady *steady, const um_error *error, int code)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    CHECK_OK(ctx, um_steady_write_json(ctx, steady, error, code, stream));
    fclose(stream);
    cJSON *json = cJSON_Parse(text);
    if (!json) fail_msg("not JSON: %s", text);
    free(text);
    return json;
}

static cJSON *get(const cJSON *json, const char *key)
{
    cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    if (!item) fail_msg("no %s", key);
    return item;
}

static double number(const cJSON *json, const char *key)
{
    assert_true(cJSON_IsNumber(get(json, key)));
    return get(json, key)->valuedouble;
}

static void test_json(void **state)
{
    (void)state;
    um_steady *full = full_steady(ctx);
    cJSON *json = write_json(full, NULL, 0), *item;
    assert_string_equal(get(json, "status")->valuestring, "done");
    item = get(json, "eigenvalue_moduli");
    assert_int_equal(cJSON_GetArraySize(item), 2 + 1 + 4);
    CHECK_CLOSE(cJSON_GetArrayItem(item, 2)->valuedouble, 0.75, 0);
    item = get(json, "relaxation_collisions");
    assert_int_equal(cJSON_GetArraySize(item), 7);
    assert_true(cJSON_IsNull(cJSON_GetArrayItem(item, 1))); /* for ever */
    CHECK_CLOSE(cJSON_GetArrayItem(item, 2)->valuedouble, 5.2e13, 0);
    item = get(json, "plateau");
    CHECK_CLOSE(number(item, "charging_time"), 14, 0);
    CHECK_CLOSE(number(item, "lifetime"), 5.2449e13, 0);
    CHECK_CLOSE(number(item, "band_exit"), 171177804801, 0);
    assert_true(cJSON_IsFalse(get(item, "exact")));
    item = get(json, "limit");
    assert_string_equal(get(item, "status")->valuestring, "escapes");
    CHECK_CLOSE(number(item, "level"), 39, 0);
    CHECK_CLOSE(number(item, "energy"), 27.25, 0);
    CHECK_CLOSE(number(item, "collision"), 999999999999999, 0);
    item = cJSON_GetArrayItem(get(json, "chambers"), 1);
    assert_int_equal(cJSON_GetArraySize(get(json, "chambers")), 3);
    CHECK_CLOSE(number(item, "first"), 3, 0);
    CHECK_CLOSE(number(item, "last"), 6, 0);
    CHECK_CLOSE(number(item, "leak_per_collision"), 1.9066e-14, 0);
    CHECK_CLOSE(number(item, "purity"), 0.25, 0);
    assert_true(cJSON_IsFalse(get(item, "exact")));
    assert_true(cJSON_IsTrue(get(cJSON_GetArrayItem(get(json, "chambers"), 0), "exact")));
    assert_int_equal(cJSON_GetArraySize(get(item, "populations")), 7);
    assert_int_equal(cJSON_GetArraySize(get(json, "warnings")), 2);
    assert_true(cJSON_IsArray(get(get(get(json, "run"), "series"), "energy")));
    CHECK_CLOSE(number(get(json, "spectrum"), "dropped"), 2, 0);
    cJSON_Delete(json);
    full->lifetime = INFINITY;
    json = write_json(full, NULL, 0);
    assert_true(cJSON_IsNull(get(get(json, "plateau"), "lifetime")));
    assert_true(cJSON_IsTrue(get(get(json, "plateau"), "exact")));
    cJSON_Delete(json);
    um_steady_destroy(ctx, full);
}

static void test_json_failure(void **state)
{
    (void)state;
    um_error error = {
        .status = UM_ERROR_NOCONV, .message = "too far", .line = -1, .level = 7, .collision = 8};
    cJSON *json = write_json(NULL, &error, 3);
    assert_string_equal(get(json, "status")->valuestring, "accuracy");
    CHECK_CLOSE(number(get(json, "error"), "code"), 3, 0);
    assert_null(cJSON_GetObjectItem(json, "plateau"));
    cJSON_Delete(json);
    FILE *full = fopen("/dev/full", "w");
    if (!full) skip();
    CHECK_STATUS(ctx, um_steady_write_json(ctx, NULL, &error, 3, full), UM_ERROR_IO);
    fclose(full);
}

/* Fields of line `row` of a CSV; the header is line 0. */
static const char *field(const char *text, int row, int column)
{
    static char found[64];
    while (row-- > 0) text = strchr(text, '\n') + 1;
    while (column-- > 0) text += strcspn(text, ",") + 1;
    snprintf(found, sizeof found, "%.*s", (int)strcspn(text, ",\n"), text);
    return found;
}

static void test_csv(void **state)
{
    (void)state;
    const char *path = scratch_path("steady.csv");
    um_steady *full = full_steady(ctx);
    CHECK_OK(ctx, um_steady_write_csv(ctx, full, path, false));
    char *text = get_bytes(path, NULL);
    int lines = 0, commas = 0;
    for (const char *at = text; *at; at++) {
        lines += *at == '\n';
        commas += *at == ',';
    }
    assert_int_equal(lines, 1 + 1 + 1 + 1 + 3 + 3); /* header, plateau, limit, stationary, chambers, modes */
    assert_int_equal(commas % lines, 0);
    static const char *const kinds[] = {"kind",    "plateau", "limit", "stationary", "chamber",
                                        "chamber", "chamber", "mode",  "mode",       "mode"};
    for (int i = 0; i < lines; i++) assert_string_equal(field(text, i, 0), kinds[i]);
    assert_string_equal(field(text, 0, 2), "first");
    assert_string_equal(field(text, 1, 2), "14");
    assert_string_equal(field(text, 1, 3), ""); /* still on at the end */
    assert_string_equal(field(text, 2, 1), "escapes");
    assert_string_equal(field(text, 5, 3), "6");
    assert_string_equal(field(text, 0, 11), "leak");
    assert_string_equal(field(text, 5, 11), "1.9066e-14");
    assert_string_equal(field(text, 0, 17), "modulus");
    assert_string_equal(field(text, 8, 17), "0.75");
    assert_string_equal(field(text, 0, 19), "relaxation");
    assert_string_equal(field(text, 7, 19), ""); /* for ever */
    free(text);
    um_steady_destroy(ctx, full);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(um_limit_status_get_name(UM_LIMIT_REACHED), "reached");
    assert_string_equal(um_limit_status_get_name(UM_LIMIT_ESCAPES), "escapes");
    assert_string_equal(um_limit_status_get_name(UM_LIMIT_UNDECIDED), "undecided");
    assert_string_equal(um_limit_status_get_name(7), "undecided");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_almost_nothing),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_json),       cmocka_unit_test(test_json_failure),
        cmocka_unit_test(test_csv),        cmocka_unit_test(test_names),
    };
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    scratch_remove();
    return failed;
}
