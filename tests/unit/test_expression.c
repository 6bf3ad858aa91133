/* Numbers and expressions, in any locale of the process. */
#include "check.h"

#include <locale.h>

#include "io/expression.h"

static double value_of(const char *text)
{
    double value = NAN;
    char reason[UMI_REASON] = "";
    if (!umi_expression_parse(text, &value, reason)) fail_msg("'%s': %s", text, reason);
    return value;
}

static void refused(const char *text, const char *part)
{
    double value;
    char reason[UMI_REASON] = "";
    if (umi_expression_parse(text, &value, reason)) fail_msg("'%s' became %g", text, value);
    if (!strstr(reason, part)) fail_msg("'%s': '%s' does not say '%s'", text, reason, part);
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0.25", 0.25},
        {"-0.5", -0.5},
        {"+2", 2},
        {".5", 0.5},
        {"5.", 5},
        {"1e-3", 1e-3},
        {"1E3", 1000},
        {"1e+3", 1000},
        {"0", 0},
        {"0.0", 0},
        {"0e5", 0},
        {"5e-324", 5e-324},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"pi", M_PI},
        {"-pi", -M_PI},
        {"pi/2", M_PI / 2},
        {"2*pi", 2 * M_PI},
        {"1/4", 0.25},
        {"1/3", 1.0 / 3},
        {"sqrt(4)", 2},
        {"sqrt(2)*sqrt(2)", 2},
        {"1+2*3", 7},
        {"(1+2)*3", 9},
        {"8/2/2", 2},
        {"1-2-3", -4},
        {"--1", 1},
        {"2*-3", -6},
        {" 1 + 1 ", 2},
        {"sqrt( 9 )", 3},
        {"1e2+1", 101},
        {"sqrt(sqrt(16))", 2},
        {"((((1))))", 1},
        {"0.1+0.2", 0.3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double found = value_of(cases[i].text);
        if (found != cases[i].value)
            fail_msg("'%s' = %.17g, expected %.17g", cases[i].text, found, cases[i].value);
    }
    /* rounded once: the double nearest to pi/sqrt(10) = 0.99345882657961012193... */
    CHECK_CLOSE(value_of("pi/sqrt(10)"), 0.99345882657961012, 1e-16);
}

static void test_refused(void **state)
{
    (void)state;
    refused("", "not a number");
    refused("0.25abc", "operator is missing");
    refused(".nan", "not a number");
    refused(".inf", "not a number");
    refused("nan", "not a number");
    refused("inf", "not a number");
    refused("1_000", "operator is missing");
    refused("0x10", "operator is missing");
    refused("010", "leading zero");
    refused("-010", "leading zero");
    refused("1+010", "leading zero");
    refused("0,25", "operator is missing");
    refused("1e", "operator is missing");
    refused(".", "not a number");
    refused("e5", "not a number");
    refused("1e999", "too large");
    refused("1e-999", "too small");
    refused("1e200*1e200", "not finite");
    refused("1/0", "division by zero");
    refused("1/(2-2)", "division by zero");
    refused("sqrt(-1)", "negative");
    refused("sqrt 2", "sqrt needs brackets");
    refused("sqrt()", "not a number");
    refused("sin(1)", "pi, sqrt()");
    refused("pie", "pi, sqrt()");
    refused("2pi", "operator is missing");
    refused("(1", "closing bracket");
    refused("1)", "operator is missing");
    refused("1+", "not a number");
    refused("*1", "not a number");
    refused("1 2", "operator is missing");
}

static void test_depth(void **state)
{
    (void)state;
    static char text[100001];
    memset(text, '(', 100000);
    refused(text, "nested too deeply");
    memset(text, '-', 100000);
    refused(text, "nested too deeply");
    for (int i = 0; i + 5 <= 100000; i += 5) memcpy(text + i, "sqrt(", 5);
    refused(text, "nested too deeply");
    for (int i = 0; i + 2 <= 100000; i += 2) memcpy(text + i, "1+", 2);
    text[99999] = '\0'; /* long but flat */
    CHECK_CLOSE(value_of(text), 50000, 0);
}

static void test_integers(void **state)
{
    (void)state;
    int64_t value;
    char reason[UMI_REASON];
    assert_true(umi_integer_parse("1e15", &value, reason) && value == 1000000000000000);
    assert_true(umi_integer_parse("1000", &value, reason) && value == 1000);
    assert_true(umi_integer_parse("2.0", &value, reason) && value == 2);
    assert_true(umi_integer_parse("-3", &value, reason) && value == -3);
    assert_false(umi_integer_parse("1.5", &value, reason));
    assert_false(umi_integer_parse("1e17", &value, reason));
    assert_false(umi_integer_parse("1e-1", &value, reason));
    assert_false(umi_integer_parse("pi", &value, reason));
    assert_false(umi_integer_parse("10*5", &value, reason));
    assert_false(umi_integer_parse("007", &value, reason));
}

/* What is printed with 17 digits comes back to the bit. */
static void test_round_trip(void **state)
{
    (void)state;
    srand(3);
    for (int i = 0; i < 20000 * test_effort(); i++) {
        uint64_t bits = 0;
        double value;
        char text[40];
        for (int k = 0; k < 5; k++) bits = bits << 15 ^ (uint64_t)rand();
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        snprintf(text, sizeof text, "%.17g", value);
        if (value_of(text) != value) fail_msg("%s came back as %.17g", text, value_of(text));
    }
}

/* A German locale, made on the spot where the system has only its source. */
static bool enter_german(char *directory)
{
    char command[256];
    if (setlocale(LC_ALL, "de_DE.UTF-8") || setlocale(LC_ALL, "de_DE")) return true;
    if (!mkdtemp(directory)) return false;
    snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1",
             directory);
    if (system(command) != 0) return false;
    setenv("LOCPATH", directory, 1);
    return setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
}

static void test_german(void **state)
{
    (void)state;
    char directory[] = "/tmp/umaser-locale-XXXXXX", command[64];
    bool german = enter_german(directory);
    if (german) {
        char local[16];
        snprintf(local, sizeof local, "%g", 0.5);
        assert_string_equal(local, "0,5"); /* else this test shows nothing */
        CHECK_CLOSE(value_of("0.25"), 0.25, 0);
        CHECK_CLOSE(value_of("1.5*2.5"), 3.75, 0);
        refused("0,25", "operator is missing");
        um_context *ctx;
        um_config *config;
        um_model *model;
        char *text;
        const char source[] = "interaction: {theta: 0.5}\nstages: [charge: 1e1]\n";
        assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
        CHECK_OK(ctx, um_config_parse(ctx, source, strlen(source), "de", NULL, 0, &config));
        CHECK_OK(ctx, um_config_create_model(ctx, config, &model));
        CHECK_CLOSE(um_model_get_spec(model)->stages[0].interaction.theta, 0.5, 0);
        CHECK_OK(ctx, um_config_format(ctx, model, &text));
        assert_non_null(strstr(text, "{theta: 0.5, tau: 0.5,"));
        um_text_destroy(ctx, text);
        um_model_destroy(model);
        um_config_destroy(config);
        um_context_destroy(ctx);
        snprintf(local, sizeof local, "%g", 0.5);
        assert_string_equal(local, "0,5"); /* and the caller's locale is as it was */
        setlocale(LC_ALL, "C");
    }
    snprintf(command, sizeof command, "rm -rf %s", directory);
    if (system(command) != 0 || !german) skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_depth),      cmocka_unit_test(test_integers),
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_german),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
