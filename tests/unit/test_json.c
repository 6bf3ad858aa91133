/* The JSON summary, read by another parser: every number with its bits, null for undefined. */
#include "test_result_full.h"
#include "context.h" /* its ctx comes after parameters of that name */

#include <cjson/cJSON.h>
#include <errno.h>
#include <locale.h>

#include "io/file.h"
#include "io/json.h"
#include "io/json_number.h"
#include "random_state.h"

/* Text of the summary; free(). */
static char *format(const um_result *result, const um_error *error, int code)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    CHECK_OK(ctx, um_result_write_json(ctx, result, error, code, stream));
    fclose(stream);
    assert_int_equal(strlen(text), size);
    assert_int_equal(text[size - 1], '\n');
    return text;
}

static cJSON *parse(const um_result *result, const um_error *error, int code)
{
    char *text = format(result, error, code);
    assert_null(strstr(text, " nan"));
    assert_null(strstr(text, " inf"));
    cJSON *json = cJSON_ParseWithOpts(text, NULL, true);
    if (!json) fail_msg("not JSON: %s", cJSON_GetErrorPtr());
    free(text);
    return json;
}

static const cJSON *get(const cJSON *json, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    if (!item) fail_msg("no \"%s\"", key);
    return item;
}

static void expect_number(const char *what, const cJSON *item, double value)
{
    if (!isfinite(value)) {
        if (!cJSON_IsNull(item)) fail_msg("%s is not null", what);
    } else if (!cJSON_IsNumber(item) || item->valuedouble != value)
        fail_msg("%s: %.17g, not %.17g", what, item->valuedouble, value);
}

static void expect_key(const cJSON *json, const char *key, double value)
{
    expect_number(key, get(json, key), value);
}

static void expect_text(const cJSON *json, const char *key, const char *text)
{
    assert_string_equal(cJSON_GetStringValue(get(json, key)), text);
}

static void expect_numbers(const cJSON *list, const double *values, size_t count)
{
    assert_true(cJSON_IsArray(list));
    assert_int_equal(cJSON_GetArraySize(list), count);
    size_t i = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list) expect_number("an element", item, values[i++]);
}

static void expect_matrix(const cJSON *list, const double *values, size_t rows, size_t columns)
{
    assert_int_equal(cJSON_GetArraySize(list), rows);
    size_t i = 0;
    const cJSON *row;
    cJSON_ArrayForEach(row, list) expect_numbers(row, values + columns * i++, columns);
}

static void expect_series(const cJSON *json, const um_result *r)
{
    const cJSON *series = get(json, "series");
    for (size_t i = 0; i < r->records; i++) {
        expect_number("stage", cJSON_GetArrayItem(get(series, "stage"), (int)i), r->stage[i]);
        expect_number("collision", cJSON_GetArrayItem(get(series, "collision"), (int)i),
                      (double)r->collision[i]);
    }
    expect_numbers(get(series, "time"), r->time, r->records);
    for (int i = 0; i < UM_QUANTITY_COUNT; i++) {
        const char *name = um_quantity_get_info(i)->name;
        if (r->series[i]) expect_numbers(get(series, name), r->series[i], r->records);
    }
    assert_null(cJSON_GetObjectItemCaseSensitive(series, "g2"));
    expect_matrix(get(series, "populations"), r->populations, FULL_RECORDS, FULL_LEVELS);
    expect_numbers(get(json, "final_populations"), r->final_populations, FULL_LEVELS + 2);
}

static void expect_plateau(const cJSON *json, const um_plateau *p)
{
    expect_key(json, "charging_time", (double)p->charging_time);
    expect_key(json, "end", p->end < 0 ? NAN : (double)p->end);
    expect_key(json, "energy", p->energy);
    expect_key(json, "ergotropy", p->ergotropy);
    expect_key(json, "purity", p->purity);
    expect_key(json, "collision", (double)p->at);
    expect_key(json, "passage_90", p->passage_90 < 0 ? NAN : (double)p->passage_90);
    expect_key(json, "passage_99", p->passage_99 < 0 ? NAN : (double)p->passage_99);
}

static void expect_summary(const cJSON *json, const um_result *r)
{
    expect_text(json, "umaser", UM_VERSION);
    expect_text(json, "kernel", "avx2");
    expect_text(json, "digest", "fedcba9876543210");
    expect_key(json, "collisions", (double)r->collisions);
    static const char *const methods[] = {"fast-forward", "step"};
    for (int i = 0; i < 2; i++)
        assert_string_equal(cJSON_GetStringValue(cJSON_GetArrayItem(get(json, "method"), i)),
                            methods[i]);
    for (size_t i = 0; i < r->warnings_count; i++)
        assert_string_equal(cJSON_GetStringValue(cJSON_GetArrayItem(get(json, "warnings"), (int)i)),
                            r->warnings[i]);
    const cJSON *stage = cJSON_GetArrayItem(get(json, "stages"), 0);
    expect_text(stage, "kind", "charge");
    expect_key(stage, "collisions", 1e12);
    expect_key(stage, "duration", 1.5e12);
    expect_text(stage, "method", "resonant-stencil");
    const cJSON *forward = get(stage, "forward");
    expect_key(forward, "from", 1024);
    expect_key(forward, "to", 1e12);
    expect_key(forward, "levels", 90);
    expect_key(forward, "orders", 40);
    expect_key(forward, "rank", 33);
    expect_key(forward, "bound", 1e-17);
    expect_key(forward, "truncation", 1.0 / 7);
    assert_true(cJSON_IsNull(get(cJSON_GetArrayItem(get(json, "stages"), 1), "forward")));
    expect_plateau(get(json, "plateau"), &r->plateaus[0]);
    expect_plateau(cJSON_GetArrayItem(get(json, "plateaus"), 1), &r->plateaus[1]);
    expect_key(get(json, "power_maximum"), "value", 0.1);
    expect_key(get(json, "power_maximum"), "collision", 12);
    assert_true(cJSON_IsNull(get(json, "ergotropy_power_maximum")));
    expect_key(get(json, "ledger"), "battery", r->ledger.battery);
    expect_key(get(json, "ledger"), "atoms", r->ledger.atoms);
    expect_key(get(json, "ledger"), "switching", r->ledger.switching);
    expect_key(get(json, "ledger"), "heat", r->ledger.heat);
    expect_key(get(json, "ledger"), "drive", r->ledger.drive);
    expect_key(get(json, "ledger"), "residual", r->ledger.residual);
    expect_key(get(json, "truncation"), "levels", r->truncation.levels);
    expect_key(get(json, "truncation"), "top_population_max", r->truncation.top_population_max);
    expect_key(get(json, "truncation"), "error_bound", NAN);
    expect_key(get(json, "truncation"), "trace_drift", r->truncation.trace_drift);
    expect_key(get(json, "wall_seconds"), "setup", r->wall_seconds.setup);
    expect_key(get(json, "wall_seconds"), "collisions", r->wall_seconds.collisions);
    expect_key(get(json, "wall_seconds"), "observables", r->wall_seconds.observables);
    assert_true(get(get(json, "wall_seconds"), "output")->valuedouble > r->wall_seconds.output);
}

static void test_everything(void **state)
{
    (void)state;
    um_result *r = full_result(ctx);
    cJSON *json = parse(r, NULL, 0);
    expect_text(json, "status", "interrupted");
    assert_null(cJSON_GetObjectItemCaseSensitive(json, "error"));
    expect_summary(json, r);
    expect_series(json, r);
    const cJSON *saved = cJSON_GetArrayItem(get(json, "states"), 1);
    expect_key(saved, "collision", (double)r->states[1].collision);
    expect_matrix(get(saved, "real"), r->states[1].real, 6, 6);
    expect_matrix(get(saved, "imag"), r->states[1].imag, 6, 6);
    const cJSON *wigner = cJSON_GetArrayItem(get(json, "wigner"), 1);
    expect_key(wigner, "min", r->wigner_grid.min);
    expect_matrix(get(wigner, "wigner"), r->wigners[1].wigner, FULL_POINTS, FULL_POINTS);
    expect_matrix(get(wigner, "husimi"), r->wigners[1].husimi, FULL_POINTS, FULL_POINTS);
    cJSON_Delete(json);
    um_result_destroy(ctx, r);
}

static void test_no_plateau(void **state)
{
    (void)state;
    um_result empty = {0};
    cJSON *json = parse(&empty, NULL, 0);
    expect_text(json, "status", "done");
    assert_true(cJSON_IsNull(get(json, "plateau")));
    assert_int_equal(cJSON_GetArraySize(get(json, "plateaus")), 0);
    assert_true(cJSON_IsNull(get(json, "kernel")));
    assert_null(cJSON_GetObjectItemCaseSensitive(json, "wigner"));
    cJSON_Delete(json);
}

static void test_error(void **state)
{
    (void)state;
    um_error error = {.status = UM_ERROR_CONFIG,
                      .message = "q = -1 \xff\xc3: 0..1",
                      .file = "a.yaml",
                      .line = 3,
                      .key = "atoms.q",
                      .level = -1,
                      .collision = -1};
    cJSON *json = parse(NULL, &error, 2);
    expect_text(json, "status", "configuration");
    expect_key(get(json, "error"), "code", 2);
    expect_text(get(json, "error"), "key", "atoms.q");
    expect_text(get(json, "error"), "file", "a.yaml");
    expect_key(get(json, "error"), "line", 3);
    expect_key(get(json, "error"), "level", NAN);
    expect_key(get(json, "error"), "collision", NAN);
    expect_text(get(json, "error"), "message", "q = -1 \xef\xbf\xbd\xef\xbf\xbd: 0..1");
    assert_null(cJSON_GetObjectItemCaseSensitive(json, "series"));
    cJSON_Delete(json);

    um_result *r = full_result(ctx);
    error = (um_error){.status = UM_ERROR_NOCONV, .line = -1, .level = 64, .collision = 12};
    json = parse(r, &error, 3);
    expect_text(json, "status", "accuracy");
    assert_true(cJSON_IsNull(get(get(json, "error"), "key")));
    assert_true(cJSON_IsNull(get(get(json, "error"), "line")));
    expect_key(get(json, "error"), "level", 64);
    expect_key(get(json, "error"), "collision", 12);
    expect_series(json, r);
    cJSON_Delete(json);
    um_result_destroy(ctx, r);
}

static void expect_quoted(const char *text, const char *expected)
{
    char *out = NULL;
    size_t size;
    umi_json json = {.stream = open_memstream(&out, &size)};
    umi_json_text(&json, NULL, text);
    fclose(json.stream);
    assert_string_equal(out, expected);
    free(out);
}

static void test_strings(void **state)
{
    (void)state;
    expect_quoted("a\"\\/\b\f\n\r\t\x1f\x7f", "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u001f\\u007f\"");
    expect_quoted("\xc2\xb5 \xe2\x82\xac \xf0\x9f\x98\x80",
                  "\"\xc2\xb5 \xe2\x82\xac \xf0\x9f\x98\x80\"");
    /* Overlong, surrogate, beyond the end, cut off, stray. */
    expect_quoted("\xc0\xaf", "\"\\ufffd\\ufffd\"");
    expect_quoted("\xe0\x80\x80", "\"\\ufffd\\ufffd\\ufffd\"");
    expect_quoted("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
    expect_quoted("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
    expect_quoted("\xe2\x82", "\"\\ufffd\\ufffd\"");
    expect_quoted("\x80", "\"\\ufffd\"");
    expect_quoted(NULL, "null");
}

/* Any, short ones, next to powers of ten, and powers of two, on both sides of what is done without printf. */
static double number_like(int kind, test_random *random)
{
    int exponent = test_random_integer(random, -36, 20);
    double sign = test_random_uniform(random) < 0.5 ? -1 : 1, power = pow(10, exponent);
    switch (kind) {
    case 0: return sign * test_random_uniform(random) * power;
    case 1: return sign * floor(1e5 * test_random_uniform(random)) * power;
    case 2: return nextafter(sign * power, test_random_uniform(random) < 0.5 ? 1 : -1);
    default: return sign * ldexp(1, 3 * exponent);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    char text[UMI_NUMBER_ROOM];
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.1, "0.1"},
                 {1e15, "1e+15"},
                 {30, "30"},
                 {-0.0, "-0"},
                 {NAN, ""},
                 {INFINITY, ""},
                 {1.0 / 3, "0.3333333333333333"},
                 {5e-324, "4.94065645841247e-324"},
                 {-1.7976931348623157e308, "-1.7976931348623157e+308"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(umi_number_format(cases[i].value, text), strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
    for (int i = 0; i < 10000 * test_effort(); i++) {
        double value = full_number();
        if (umi_number_format(value, text)) assert_true(strtod(text, NULL) == value);
    }
    test_random random = {11};
    for (int i = 0; i < 60000 * test_effort(); i++) {
        double value = number_like(i % 4, &random);
        char expected[64];
        for (int digits = 15; digits <= 17; digits++) {
            snprintf(expected, sizeof expected, "%.*g", digits, value);
            if (strtod(expected, NULL) == value) break;
        }
        assert_int_equal(umi_number_format(value, text), strlen(expected));
        assert_string_equal(text, expected);
    }
}

/* Up to the one number that the clock gives, the last. */
static void cut_clock(char *summary)
{
    char *output = strstr(summary, "\"output\"");
    assert_non_null(output);
    *output = '\0';
}

/* In a locale with a decimal comma the text is the same. */
static void test_german(void **state)
{
    (void)state;
    um_result *r = full_result(ctx);
    char *before = format(r, NULL, 0);
    const char *csv = scratch_path("c.csv"), *german_csv = scratch_path("de.csv");
    CHECK_OK(ctx, um_result_write_csv(ctx, r, csv, false));
    if (!setlocale(LC_ALL, "de_DE.UTF-8")) {
        print_message("no de_DE.UTF-8 here: not tried\n");
    } else {
        char comma[16];
        snprintf(comma, sizeof comma, "%g", 0.5);
        assert_string_equal(comma, "0,5");
        char *german = format(r, NULL, 0);
        cut_clock(before);
        cut_clock(german);
        assert_string_equal(before, german);
        CHECK_OK(ctx, um_result_write_csv(ctx, r, german_csv, false));
        char *a = get_bytes(csv, NULL), *b = get_bytes(german_csv, NULL);
        assert_string_equal(a, b);
        snprintf(comma, sizeof comma, "%g", 0.5);
        assert_string_equal(comma, "0,5"); /* and the caller's locale is as it was */
        free(german);
        free(a);
        free(b);
        setlocale(LC_ALL, "C");
    }
    free(before);
    um_result_destroy(ctx, r);
}

static void test_full_stream(void **state)
{
    (void)state;
    FILE *stream = fopen("/dev/full", "w");
    if (!stream) skip();
    um_result *r = full_result(ctx);
    CHECK_STATUS(ctx, um_result_write_json(ctx, r, NULL, 0, stream), UM_ERROR_IO);
    assert_non_null(strstr(um_context_get_error(ctx)->message, strerror(ENOSPC)));
    fclose(stream);
    um_result_destroy(ctx, r);
}

/* CSV: one header, one line a record, an empty field where nothing is defined. */
static void test_csv(void **state)
{
    (void)state;
    const char *path = scratch_path("lines.csv");
    double time[] = {0, 1.5}, energy[] = {0.1, NAN}, populations[] = {1, 0, 0.25, 0.75};
    um_result r = {.records = 2,
                   .stage = (int32_t[]){0, 0},
                   .collision = (int64_t[]){0, 1000000000001},
                   .time = time,
                   .populations = populations,
                   .population_levels = 2};
    r.series[UM_ENERGY] = r.series[UM_PURITY] = energy;
    CHECK_OK(ctx, um_result_write_csv(ctx, &r, path, false));
    char *text = get_bytes(path, NULL);
    assert_string_equal(text, "stage,collision,time,energy,purity,populations_0,populations_1\n"
                              "0,0,0,0.1,0.1,1,0\n"
                              "0,1000000000001,1.5,,,0.25,0.75\n");
    free(text);
}

static int teardown_all(void **state)
{
    scratch_remove();
    return teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything),  cmocka_unit_test(test_no_plateau),
        cmocka_unit_test(test_error),       cmocka_unit_test(test_strings),
        cmocka_unit_test(test_numbers),     cmocka_unit_test(test_german),
        cmocka_unit_test(test_full_stream), cmocka_unit_test(test_csv),
    };
    return cmocka_run_group_tests(tests, setup, teardown_all);
}
