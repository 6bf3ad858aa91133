/* Every wrong configuration of tests/fault/bad_configs is refused as NAME.expected says. */
#include "check.h"

#include <glob.h>

typedef struct expectation {
    char line[32], key[128], message[512];
    int code;
} expectation;

static void take_field(const char *line, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    if (strncmp(line, name, length) != 0 || line[length] != ':') return;
    const char *start = line + length + 1;
    snprintf(value, size, "%s", start + (*start == ' '));
}

static expectation read_expectation(const char *config)
{
    expectation expected = {.line = ""};
    char path[4096], line[600], code[16] = "";
    snprintf(path, sizeof path, "%.*s.expected", (int)strlen(config) - 5, config);
    FILE *file = fopen(path, "r");
    if (!file) fail_msg("%s is missing", path);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        take_field(line, "exit", code, sizeof code);
        take_field(line, "line", expected.line, sizeof expected.line);
        take_field(line, "key", expected.key, sizeof expected.key);
        take_field(line, "message", expected.message, sizeof expected.message);
    }
    fclose(file);
    expected.code = atoi(code);
    return expected;
}

static void check_config(um_context *ctx, const char *path)
{
    expectation expected = read_expectation(path);
    um_config *config = NULL;
    um_model *model = NULL;
    um_status status = um_config_read(ctx, path, NULL, 0, &config);
    if (status == UM_OK) status = um_config_create_model(ctx, config, &model);
    um_model_destroy(model);
    um_config_destroy(config);
    const um_error *error = um_context_get_error(ctx);
    bool io = status == UM_ERROR_IO;
    if (expected.code == 4 ? !io : status != UM_ERROR_CONFIG)
        fail_msg("%s: %s (%s)", path, um_status_get_name(status), error->message);
    if (error->status != status || strcmp(error->file, path) != 0 ||
        error->line != atoi(expected.line) || strcmp(error->key, expected.key) != 0 ||
        !*expected.message || !strstr(error->message, expected.message))
        fail_msg("%s: line %d, key '%s': %s\nexpected line %s, key '%s': %s", path, error->line,
                 error->key, error->message, expected.line, expected.key, expected.message);
    assert_int_equal(um_context_get_blocks(ctx), 0);
}

static void test_corpus(void **state)
{
    (void)state;
    const char *source = getenv("UM_SOURCE_DIR");
    char pattern[4096];
    glob_t found;
    um_context *ctx;
    assert_non_null(source);
    snprintf(pattern, sizeof pattern, "%s/tests/fault/bad_configs/*.yaml", source);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_true(found.gl_pathc >= 60);
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    for (size_t i = 0; i < found.gl_pathc; i++) check_config(ctx, found.gl_pathv[i]);
    um_context_destroy(ctx);
    globfree(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_corpus)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
