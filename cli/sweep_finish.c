/* The end of a sweep, the state of one, and shards put together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bar.h"
#include "progress.h"
#include "sweep.h"

enum { LISTED = 10, LISTED_JSON = 1000 };

static um_status write_to(void *user, const char *path, bool replace)
{
    cli_sweep *it = user;
    if (it->output.csv) return um_sweep_write_csv(it->ctx, it->journal, path, replace);
    um_provenance provenance = {.config = it->description,
                                .options = it->source,
                                .seed = it->seed,
                                .threads = it->options->threads};
    return um_sweep_write_netcdf(it->ctx, it->journal, &provenance, path, replace);
}

static void print_status(const um_journal_status *status)
{
    char seconds[CLI_SECONDS], left[CLI_SECONDS];
    cli_format_seconds(status->seconds, seconds);
    cli_format_seconds((double)(status->points - status->done) / status->rate, left);
    printf("%zu of %zu points done", status->done, status->points);
    if (status->shards > 1) printf(" (shard %d of %d)", status->shard + 1, status->shards);
    printf(", %zu failed", status->failed);
    /* A result without a journal does not know how it came about. */
    if (status->kernel[0]) printf(", %s of work", seconds);
    if (status->done < status->points && status->done > 0)
        printf(", %.3g points/s, %s left", status->rate, left);
    if (status->kernel[0]) printf("; kernels %s", status->kernel);
    printf("\n");
}

static void print_failures(const um_sweep_failure *failures, size_t count, size_t all)
{
    for (size_t i = 0; i < count && i < LISTED; i++)
        fprintf(stderr, "umaser: point %zu: %s\n", failures[i].point, failures[i].message);
    if (all > LISTED)
        fprintf(stderr, "umaser: ... and %zu more; all of them are in the result file\n", all - LISTED);
}

/* What was printed on the way is not repeated; the journal stays wherever work is left. */
int cli_sweep_finish(cli_sweep *it, const um_error *stopped)
{
    const cli_options *options = it->options;
    um_context *ctx = it->ctx;
    um_journal_status status = {0};
    um_sweep_failure *failures = NULL;
    size_t count = 0;
    um_error error = stopped ? *stopped : (um_error){0};
    const char *written = NULL;
    um_status read = um_journal_read_status(ctx, it->output.checkpoint, &status);
    if (read == UM_OK)
        read = um_journal_get_failures(ctx, it->journal, LISTED_JSON, &failures, &count);
    if (read == UM_OK && !stopped && status.complete && status.shards == 1) {
        read = write_to(it, it->output.path, options->force || options->retry_failed);
        if (read == UM_OK) written = it->output.path;
    }
    if (read != UM_OK && !stopped) error = *um_context_get_error(ctx);
    int code = error.status != UM_OK ? cli_exit_code_of_stop(error.status)
               : status.failed > 0   ? CLI_ACCURACY
                                     : CLI_DONE;
    if (error.status != UM_OK) cli_print_error(options, &error);
    if (!options->quiet) print_failures(failures, count, status.failed);
    if (options->json)
        um_sweep_write_json(ctx, &status, failures, count, written,
                            error.status != UM_OK ? &error : NULL, code, stdout);
    else if (!options->quiet) {
        print_status(&status);
        if (written) printf("results: %s\n", written);
        if (status.shards > 1 && status.complete && !stopped)
            printf("journal: %s; umaser merge puts the shards together\n", it->output.checkpoint);
        if (error.status == UM_ERROR_INTERRUPTED) fprintf(stderr, "umaser: the same command goes on from here\n");
        if (status.failed > 0 && written) fprintf(stderr, "umaser: --retry-failed tries them again\n");
    }
    um_sweep_failures_destroy(ctx, failures, count);
    if (written && status.failed == 0) {
        um_journal_close(it->journal);
        it->journal = NULL;
        cli_sweep_remove_journal(it->output.checkpoint);
    }
    return code;
}

static um_status read_status(um_context *ctx, const char *path, um_journal_status *status)
{
    char journal[4096];
    snprintf(journal, sizeof journal, "%s.journal", path);
    if (access(journal, F_OK) == 0) return um_journal_read_status(ctx, journal, status);
    um_sweep_table *table;
    /* A result without a journal is complete; what is no result may be a journal itself. */
    um_status read = um_sweep_table_read(ctx, path, &table);
    if (read == UM_ERROR_DOMAIN) return read;
    if (read != UM_OK) return um_journal_read_status(ctx, path, status);
    *status = (um_journal_status){.points = table->points, .done = table->points, .shards = 1,
                                  .complete = true};
    for (size_t i = 0; i < table->points; i++) status->failed += table->status[i] > 0;
    um_sweep_table_destroy(ctx, table);
    return UM_OK;
}

int cli_sweep_status(um_context *ctx, const cli_options *options)
{
    um_journal_status status;
    cli_output output;
    if (read_status(ctx, cli_output_find(options, &output), &status) != UM_OK) {
        int code = cli_exit_code(um_context_get_error(ctx)->status);
        cli_print_error(options, um_context_get_error(ctx));
        if (options->json)
            um_sweep_write_json(ctx, NULL, NULL, 0, NULL, um_context_get_error(ctx), code, stdout);
        return code;
    }
    if (options->json)
        um_sweep_write_json(ctx, &status, NULL, 0, NULL, NULL, CLI_DONE, stdout);
    else
        print_status(&status);
    return CLI_DONE;
}

/* Journals, or results whose journals stand beside them. */
static const char *find_journal(const char *path, char name[4096])
{
    snprintf(name, 4096, "%s.journal", path);
    return access(name, F_OK) == 0 ? name : path;
}

static um_status merge(cli_sweep *it)
{
    const cli_options *options = it->options;
    char name[4096], *file = NULL, *source = NULL;
    const char *first = find_journal(options->inputs[0], name);
    um_status status = um_journal_read_source(it->ctx, first, &file, &source, &it->seed);
    if (status == UM_OK)
        status = um_config_parse(it->ctx, source, strlen(source), file, NULL, 0, &it->config);
    if (status == UM_OK) status = cli_sweep_create(it);
    /* Nothing is computed: this machine need not have their kernels. */
    um_journal_status about;
    if (status == UM_OK) status = um_journal_read_status(it->ctx, first, &about);
    if (status == UM_OK) status = cli_sweep_open_journal(it, file, about.kernel);
    for (size_t i = 0; i < options->inputs_count && status == UM_OK; i++)
        status = um_journal_merge(it->ctx, it->journal, find_journal(options->inputs[i], name));
    um_text_destroy(it->ctx, file);
    um_text_destroy(it->ctx, source);
    return status;
}

int cli_merge(um_context *ctx, const cli_options *options)
{
    cli_sweep it = {.ctx = ctx, .options = options, .output = {.lock_file = -1}};
    int code = cli_output_open(options, &it.output);
    if (code == CLI_DONE && options->force) cli_sweep_remove_journal(it.output.checkpoint);
    if (code == CLI_DONE) {
        if (merge(&it) != UM_OK) {
            code = cli_exit_code(um_context_get_error(ctx)->status);
            cli_print_error(options, um_context_get_error(ctx));
        } else {
            code = cli_sweep_finish(&it, NULL);
        }
    }
    cli_sweep_close(&it);
    return code;
}
