/* umaser design: traps and atoms that give a wanted plateau, as a table. */
#include "summary_design.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the command line asks for, and the file its battery comes from. */
typedef struct request {
    um_context *ctx;
    const cli_options *options;
    um_design_options design;
    um_config *config;
    um_model *model;
    int code; /* of the process */
} request;

static bool refuse(request *it, const char *option, const char *why)
{
    char message[1200];
    snprintf(message, sizeof message, "--%s: %s (try `umaser help design`)", option, why);
    it->code = cli_refuse(it->options, UM_ERROR_CONFIG, NULL, message);
    return false;
}

static bool read_number(request *it, const char *option, const char *text, double *value)
{
    if (!text || um_expression_parse(it->ctx, text, value) == UM_OK) return true;
    return refuse(it, option, um_context_get_error(it->ctx)->message);
}

/* LOW:HIGH, or one value for both. */
static bool read_range(request *it, const char *option, const char *text, double *low, double *high)
{
    char first[256];
    if (!text) return true;
    const char *colon = strchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : strlen(text);
    if (length >= sizeof first) return refuse(it, option, "the range is too long a text");
    memcpy(first, text, length);
    first[length] = '\0';
    return read_number(it, option, first, low) &&
           read_number(it, option, colon ? colon + 1 : first, high);
}

static bool read_count(request *it, const char *option, const char *text, int *value)
{
    char why[160];
    double number = *value;
    if (!read_number(it, option, text, &number)) return false;
    if (number == floor(number) && fabs(number) <= 1e9) {
        *value = (int)number;
        return true;
    }
    snprintf(why, sizeof why, "%.80s is not a whole number of reasonable size", text);
    return refuse(it, option, why);
}

static bool read_target(request *it)
{
    const char *const *texts = it->options->design;
    if (texts[CLI_DESIGN_ENERGY] && texts[CLI_DESIGN_ERGOTROPY])
        return refuse(it, "ergotropy", "energy and ergotropy are both wanted; give one of them");
    if (texts[CLI_DESIGN_ERGOTROPY]) it->design.target = UM_DESIGN_ERGOTROPY;
    return read_number(it, "energy", texts[CLI_DESIGN_ENERGY], &it->design.wanted) &&
           read_number(it, "ergotropy", texts[CLI_DESIGN_ERGOTROPY], &it->design.wanted);
}

/* The battery of a configuration, which need say nothing else. */
static bool read_battery(request *it)
{
    static const char *const added[] = {"stages=[charge: 0]", "interaction={theta: 1, tau: 1}"};
    const char *path = it->options->design[CLI_DESIGN_BATTERY];
    if (!path || strcmp(path, "cavity") == 0) return true;
    um_status status = UM_OK;
    for (size_t count = 0; count <= 2; count++) {
        const um_error *error = um_context_get_error(it->ctx);
        status = um_config_read(it->ctx, path, added, count, &it->config);
        bool short_of =
            strncmp(error->key, "stages", 6) == 0 || strncmp(error->key, "interaction", 11) == 0;
        if (status == UM_OK || !short_of) break;
    }
    if (status == UM_OK) status = um_config_create_model(it->ctx, it->config, &it->model);
    if (status == UM_OK) it->design.battery = um_model_get_spec(it->model)->battery;
    if (status != UM_OK) it->code = cli_report(it->ctx, it->options, NULL);
    return status == UM_OK;
}

static bool read_request(request *it)
{
    const char *const *texts = it->options->design;
    um_design_options *design = &it->design;
    um_design_options_init(design);
    return read_target(it) &&
           read_range(it, "q", texts[CLI_DESIGN_Q], &design->q_min, &design->q_max) &&
           read_range(it, "theta", texts[CLI_DESIGN_THETA], &design->theta_min,
                      &design->theta_max) &&
           read_count(it, "half-turns", texts[CLI_DESIGN_HALF_TURNS], &design->half_turns_max) &&
           read_number(it, "theta-error", texts[CLI_DESIGN_THETA_ERROR], &design->theta_error) &&
           read_number(it, "tolerance", texts[CLI_DESIGN_TOLERANCE], &design->tolerance) &&
           read_count(it, "rows", texts[CLI_DESIGN_ROWS], &design->rows_max) &&
           read_count(it, "levels", texts[CLI_DESIGN_LEVELS], &design->levels_max) &&
           read_battery(it);
}

/* Known before the work is done, and once more when the file is put into its place. */
static bool check_output(request *it)
{
    const char *path = it->options->output;
    if (!path) return true;
    size_t length = strlen(path);
    if (length < 5 || strcmp(path + length - 4, ".csv") != 0) {
        it->code = cli_refuse(it->options, UM_ERROR_CONFIG, path,
                              "designs are written as CSV: a name that ends in .csv; --json "
                              "prints them as JSON, to be redirected");
        return false;
    }
    if (it->options->force || access(path, F_OK) != 0) return true;
    it->code = cli_refuse(it->options, UM_ERROR_IO, path,
                          "exists already; --force replaces it, -o names another");
    return false;
}

static void print_found(const request *it, const um_design_survey *survey, const um_design *designs,
                        size_t count)
{
    const um_design_options *design = &it->design;
    const char *target = design->target == UM_DESIGN_ENERGY ? "energy" : "ergotropy";
    if (count > 0) {
        cli_print_designs(designs, count, design, stdout);
        if (survey->found > (int64_t)count)
            printf("%lld more: --rows, or a narrower --theta or --q, shows them\n",
                   (long long)survey->found - (long long)count);
        printf("The first row as a configuration:\n"
               "  atoms: {q: %.17g, c: 1}\n"
               "  interaction: {theta: {trap: %d, half_turns: %d}}\n",
               designs[0].q, designs[0].trap, designs[0].half_turns);
    } else if (survey->traps == 0) {
        printf("no design: no trap has its theta within %g to %g; widen --theta or allow more "
               "--half-turns\n",
               design->theta_min, design->theta_max);
    } else {
        printf("no design: the %lld traps in range reach values of %s from %.6g to %.6g; widen "
               "--theta, --q, --half-turns or --tolerance\n",
               (long long)survey->traps, target, survey->lowest, survey->highest);
    }
}

static void search(request *it)
{
    um_context *ctx = it->ctx;
    const cli_options *options = it->options;
    um_design *designs;
    um_design_survey survey;
    size_t count;
    um_status status = um_design_solve(ctx, &it->design, &designs, &count, &survey);
    if (status == UM_OK && options->output)
        status = um_designs_write_csv(ctx, designs, count, options->output, options->force);
    if (status == UM_OK && options->json)
        status = um_designs_write_json(ctx, &it->design, &survey, designs, count, stdout);
    else if (status == UM_OK && !options->quiet)
        print_found(it, &survey, designs, count);
    if (status != UM_OK) {
        if (it->config) um_config_locate_error(ctx, it->config);
        it->code = cli_report(ctx, options, NULL);
    }
    um_designs_destroy(ctx, designs);
}

int cli_design(um_context *ctx, const cli_options *options)
{
    request it = {.ctx = ctx, .options = options, .code = CLI_DONE};
    if (check_output(&it) && read_request(&it)) search(&it);
    um_model_destroy(it.model);
    um_config_destroy(it.config);
    return it.code;
}
