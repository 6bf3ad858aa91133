/* Initial states and states to compare with, read from result files. */
#include "released.h"

#include <sys/stat.h>
#include <unistd.h>

static um_context *ctx;
static char folder[] = "/tmp/umaser-state-XXXXXX", result_path[128], config_path[128];

/* A result of one record with the states of collisions 3 and 8. */
static int setup(void **state)
{
    (void)state;
    static double first[] = {0.75, 0, 0, 0.25}, second[] = {0.5, 0, 0, 0.5};
    static double zeros[] = {0, 0, 0, 0}, coherence[] = {0, 0.25, -0.25, 0};
    um_saved_state states[] = {{3, 2, first, zeros}, {8, 2, second, coherence}};
    int32_t stage = 0;
    int64_t collision = 8;
    double time = 8, energy = 0.5;
    um_stage_summary summary = {.collisions = 8, .duration = 8, .method = "step"};
    um_result result = {.collisions = 8,
                        .records = 1,
                        .stage = &stage,
                        .collision = &collision,
                        .time = &time,
                        .stages_count = 1,
                        .stages = &summary,
                        .states_count = 2,
                        .states = states,
                        .kernel = "reference"};
    result.series[UM_ENERGY] = &energy;
    if (!mkdtemp(folder)) return -1;
    snprintf(result_path, sizeof result_path, "%s/result.nc", folder);
    snprintf(config_path, sizeof config_path, "%s/config.yaml", folder);
    if (um_context_create(NULL, &ctx) != UM_OK) return -1;
    CHECK_OK(ctx, um_result_write_netcdf(ctx, &result, NULL, result_path, true));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(result_path);
    unlink(config_path);
    rmdir(folder);
    return test_released(ctx);
}

static um_status create(const char *initial, um_model **model)
{
    um_config *config;
    *model = NULL;
    FILE *file = fopen(config_path, "w");
    fprintf(file,
            "interaction: {theta: 1}\nstages: [charge: 1]\nbattery:\n  initial: %s\n"
            "record: {fidelity_with: {file: result.nc, record: 3}}\n",
            initial);
    fclose(file);
    CHECK_OK(ctx, um_config_read(ctx, config_path, NULL, 0, &config));
    um_status status = um_config_create_model(ctx, config, model);
    um_config_destroy(config);
    return status;
}

static void test_load(void **state)
{
    (void)state;
    um_model *model, *again;
    um_config *config;
    char *text;
    CHECK_OK(ctx, create("{file: result.nc}", &model));
    const um_initial *initial = &um_model_get_spec(model)->battery.initial;
    const um_initial *other = &um_model_get_spec(model)->record.fidelity_with;
    assert_int_equal(initial->kind, UM_INITIAL_MATRIX);
    assert_int_equal(initial->record, 8); /* the last one */
    assert_int_equal(initial->levels, 2);
    CHECK_CLOSE(initial->real[3], 0.5, 0);
    CHECK_CLOSE(initial->imag[1], 0.25, 0);
    CHECK_CLOSE(other->real[0], 0.75, 0);
    /* Printed with an absolute path, it is the same model from anywhere. */
    CHECK_OK(ctx, um_config_format(ctx, model, &text));
    CHECK_OK(ctx, um_config_parse(ctx, text, strlen(text), "/elsewhere/c.yaml", NULL, 0, &config));
    CHECK_OK(ctx, um_config_create_model(ctx, config, &again));
    assert_true(um_model_get_digest(model) == um_model_get_digest(again));
    um_text_destroy(ctx, text);
    um_config_destroy(config);
    um_model_destroy(again);
    um_model_destroy(model);
    CHECK_OK(ctx, create("{file: result.nc, record: 3}", &model));
    CHECK_CLOSE(um_model_get_spec(model)->battery.initial.real[0], 0.75, 0);
    um_model_destroy(model);
}

static void refused(const char *initial, um_status status, const char *part)
{
    um_model *model;
    CHECK_STATUS(ctx, create(initial, &model), status);
    const um_error *error = um_context_get_error(ctx);
    assert_string_equal(error->file, config_path);
    assert_string_equal(error->key, "battery.initial");
    assert_int_equal(error->line, 4);
    if (!strstr(error->message, part)) fail_msg("'%s' does not say '%s'", error->message, part);
}

static void test_refused(void **state)
{
    (void)state;
    refused("{file: result.nc, record: 5}", UM_ERROR_CONFIG, "no state of collision 5");
    refused("{file: nothing.nc}", UM_ERROR_IO, "nothing.nc");
    refused("{file: config.yaml}", UM_ERROR_IO, "config.yaml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_load), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
