/* umaser steady: plateau, limit, chambers and spectrum of one stage's map. */
#include <stdio.h>

#include "model.h"
#include "output.h"
#include "progress.h"
#include "summary.h"

typedef struct job {
    um_context *ctx;
    const cli_options *options;
    cli_output output; /* only where -o names one */
    cli_model model;
    um_steady *steady;
} job;

static um_status write_to(void *user, const char *path, bool replace)
{
    job *it = user;
    char overrides[4096];
    um_provenance provenance =
        cli_model_get_provenance(&it->model, it->options, overrides, sizeof overrides);
    if (it->output.csv) return um_steady_write_csv(it->ctx, it->steady, path, replace);
    return um_steady_write_netcdf(it->ctx, it->steady, &provenance, path, replace);
}

/* Everything found so far, or nothing, with what went wrong. */
static int report(const job *it)
{
    um_error error = *um_context_get_error(it->ctx);
    int code = cli_exit_code_of_stop(error.status);
    cli_print_error(it->options, &error);
    if (it->options->json) um_steady_write_json(it->ctx, it->steady, &error, code, stdout);
    return code;
}

static int write_result(job *it)
{
    if (!it->options->output) return CLI_DONE;
    if (write_to(it, it->output.path, it->options->force) == UM_OK) return CLI_DONE;
    int code = report(it);
    cli_output_rescue(&it->output, write_to, it);
    return code;
}

/* A climb that ends the run is an answer: the battery escapes. Otherwise the accuracy is missed. */
static bool is_answer(const job *it, um_status status)
{
    return status == UM_OK ||
           (status == UM_ERROR_NOCONV && it->steady->limit.status == UM_LIMIT_ESCAPES);
}

static int finish(job *it, um_status status)
{
    um_config_locate_error(it->ctx, it->model.config);
    um_error stopped = *um_context_get_error(it->ctx);
    bool answer = is_answer(it, status);
    if (!answer) cli_print_error(it->options, &stopped);
    int written = write_result(it);
    if (written != CLI_DONE) return written;
    int code = answer ? CLI_DONE : cli_exit_code_of_stop(status);
    if (it->options->json) {
        um_steady_write_json(it->ctx, it->steady, answer ? NULL : &stopped, code, stdout);
    } else if (!it->options->quiet) {
        cli_print_steady(it->steady);
        if (it->options->output) printf("results: %s\n", it->output.path);
    }
    return code;
}

/* The first charge stage, if none is named. */
static size_t choose_stage(const job *it)
{
    const um_spec *spec = um_model_get_spec(it->model.model);
    size_t stage = 0;
    if (it->options->stage >= 0) return (size_t)it->options->stage;
    while (stage + 1 < spec->stages_count && spec->stages[stage].kind != UM_STAGE_CHARGE) stage++;
    return stage;
}

static int execute(job *it)
{
    cli_progress progress = {.ctx = it->ctx, .quiet = it->options->quiet};
    um_steady_options choices = {.eigenvalues = it->options->eigenvalues,
                                 .monitor = cli_progress_monitor,
                                 .user = &progress};
    cli_progress_start(&progress);
    um_status status =
        um_steady_solve(it->ctx, it->model.model, choose_stage(it), &choices, &it->steady);
    cli_progress_end(&progress);
    if (it->steady) return finish(it, status);
    um_config_locate_error(it->ctx, it->model.config);
    return report(it);
}

int cli_steady(um_context *ctx, const cli_options *options)
{
    job it = {.ctx = ctx, .options = options, .output = {.lock_file = -1}};
    int code = CLI_DONE;
    if (cli_model_open(ctx, options, &it.model) != UM_OK) code = report(&it);
    if (code == CLI_DONE && options->output) code = cli_output_open(options, &it.output);
    if (code == CLI_DONE) code = execute(&it);
    cli_output_close(&it.output);
    um_steady_destroy(ctx, it.steady);
    cli_model_close(ctx, &it.model);
    return code;
}
