/* umaser run: a configuration into a result. */
#include <stdio.h>
#include <unistd.h>

#include "bar.h"
#include "model.h"
#include "output.h"
#include "progress.h"
#include "summary.h"

typedef struct job {
    um_context *ctx;
    const cli_options *options;
    cli_output output;
    cli_model model;
    um_run *run;
    double begun;
} job;

static um_status resume(job *it)
{
    um_archive archive = {0};
    um_status status = um_checkpoint_read(it->ctx, it->output.checkpoint,
                                          um_model_get_digest(it->model.model), &archive);
    if (status == UM_OK) status = um_run_restore(it->ctx, it->model.model, &archive, &it->run);
    um_archive_clear(it->ctx, &archive);
    if (status == UM_OK && !it->options->quiet)
        fprintf(stderr, "umaser: going on after collision %lld\n",
                (long long)um_run_get_result(it->run)->collisions);
    return status;
}

static um_status create_run(job *it)
{
    bool saved = access(it->output.checkpoint, F_OK) == 0;
    if (it->options->resume && saved) return resume(it);
    if (it->options->resume && !it->options->quiet)
        fprintf(stderr, "umaser: no checkpoint %s: starting at collision 0\n",
                it->output.checkpoint);
    return um_run_create(it->ctx, it->model.model, &it->run);
}

static um_status write_to(void *user, const char *path, bool replace)
{
    job *it = user;
    const um_result *result = um_run_get_result(it->run);
    char overrides[4096];
    um_provenance provenance =
        cli_model_get_provenance(&it->model, it->options, overrides, sizeof overrides);
    if (it->output.csv) return um_result_write_csv(it->ctx, result, path, replace);
    return um_result_write_netcdf(it->ctx, result, &provenance, path, replace);
}

/* A failure to write must not lose what was computed: a second place is tried. */
static int write_result(job *it)
{
    double begun = cli_clock();
    bool replace = it->options->force || it->options->resume;
    um_status status = write_to(it, it->output.path, replace);
    um_run_get_result(it->run)->wall_seconds.output += cli_clock() - begun;
    if (status == UM_OK) return CLI_DONE;
    int code = cli_report(it->ctx, it->options, um_run_get_result(it->run));
    cli_output_rescue(&it->output, write_to, it);
    return code;
}

static void print_result(job *it, const um_error *stopped, int code)
{
    const um_result *result = um_run_get_result(it->run);
    if (it->options->json)
        um_result_write_json(it->ctx, result, stopped, code, stdout);
    else if (!it->options->quiet) {
        cli_print_summary(result);
        printf("results: %s\n", it->output.path);
    }
}

static int finish(job *it, cli_progress *progress, um_status status)
{
    um_config_locate_error(it->ctx, it->model.config);
    um_error stopped = *um_context_get_error(it->ctx);
    bool early = status != UM_OK;
    bool keep = early && status != UM_ERROR_INTERNAL;
    if (keep && cli_progress_checkpoint(progress) != UM_OK && !it->options->quiet)
        fprintf(stderr, "umaser: no checkpoint: %s\n", um_context_get_error(it->ctx)->message);
    um_status closing = um_run_finish(it->run, !early);
    cli_progress_end(progress);
    um_run_get_result(it->run)->status = status;
    if (!early && closing != UM_OK) return cli_report(it->ctx, it->options, um_run_get_result(it->run));
    if (early) cli_print_error(it->options, &stopped);
    int written = write_result(it);
    if (written != CLI_DONE) return written;
    int code = cli_exit_code_of_stop(status);
    print_result(it, early ? &stopped : NULL, code);
    if (!early) unlink(it->output.checkpoint);
    if (status == UM_ERROR_INTERRUPTED && !it->options->quiet)
        fprintf(stderr, "umaser: --resume goes on from here\n");
    return code;
}

static int execute(job *it)
{
    cli_progress progress = {
        .ctx = it->ctx,
        .run = it->run,
        .checkpoint = it->output.checkpoint,
        .digest = um_model_get_digest(it->model.model),
        .quiet = it->options->quiet,
        .first = um_run_get_result(it->run)->collisions,
    };
    cli_progress_start(&progress);
    um_run_get_result(it->run)->wall_seconds.setup += cli_clock() - it->begun;
    um_status status = um_run_advance(it->run, -1, cli_progress_monitor, &progress);
    return finish(it, &progress, status);
}

int cli_run(um_context *ctx, const cli_options *options)
{
    job it = {.ctx = ctx, .options = options, .output = {.lock_file = -1}, .begun = cli_clock()};
    int code;
    if (cli_model_open(ctx, options, &it.model) != UM_OK)
        code = cli_report(ctx, options, NULL);
    else if ((code = cli_output_open(options, &it.output)) != CLI_DONE)
        ; /* said */
    else if (create_run(&it) != UM_OK) {
        um_config_locate_error(ctx, it.model.config);
        code = cli_report(ctx, options, NULL);
    }
    else
        code = execute(&it);
    cli_output_close(&it.output);
    um_run_destroy(it.run);
    cli_model_close(ctx, &it.model);
    return code;
}
