/* umaser sweep: runs or steady analyses over a grid of parameters. */
#include "sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bar.h"
#include "progress.h"
#include "ranks.h"

typedef struct watch {
    const cli_options *options;
    bool terminal, drawn;
    double next_line; /* clock */
} watch;

static bool look(void *user, const um_sweep_progress *now)
{
    watch *it = user;
    double clock = cli_clock(), rate = (double)now->fresh / now->seconds;
    if (cli_signal()) return false;
    if (it->options->quiet || clock < it->next_line) return true;
    it->next_line = clock + (it->terminal ? 0.1 : 10);
    double fraction = now->total > 0 ? (double)now->done / (double)now->total : 1;
    char left[CLI_SECONDS], failed[48] = "", line[256];
    cli_format_seconds((double)(now->total - now->done) / rate, left);
    if (now->failed > 0) snprintf(failed, sizeof failed, ", %zu failed", now->failed);
    snprintf(line, sizeof line, "%3.0f %%, %zu of %zu points%s, %.3g/s, %s left", 100 * fraction,
             now->done, now->total, failed, rate, left);
    if (!it->terminal) {
        fprintf(stderr, "umaser: %s\n", line);
        return true;
    }
    cli_draw_bar(fraction, line);
    it->drawn = true;
    return true;
}

um_status cli_sweep_create(cli_sweep *it)
{
    um_sweep_plan plan;
    um_status status = um_config_get_plan(it->ctx, it->config, &plan);
    it->seed = plan.seed;
    if (status == UM_OK)
        status = um_sweep_create(it->ctx, &plan, um_config_create_point, it->config, &it->sweep);
    if (status == UM_OK)
        status = um_config_format_sweep(it->ctx, it->config, it->seed, &it->description);
    if (status == UM_OK) status = um_config_format_source(it->ctx, it->config, &it->source);
    return status;
}

um_status cli_sweep_open_journal(cli_sweep *it, const char *name, const char *kernel)
{
    um_journal_header header = {.description = it->description,
                                .name = name,
                                .source = it->source,
                                .kernel = kernel,
                                .seed = it->seed,
                                .shard = it->options->shard,
                                .shards = it->options->shards};
    return um_journal_open(it->ctx, it->output.checkpoint, it->sweep, &header, &it->journal);
}

void cli_sweep_close(cli_sweep *it)
{
    um_journal_close(it->journal);
    um_sweep_destroy(it->sweep);
    um_config_destroy(it->config);
    um_text_destroy(it->ctx, it->description);
    um_text_destroy(it->ctx, it->source);
    cli_output_close(&it->output);
}

void cli_sweep_remove_journal(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char name[4096 + 32];
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
}

/* Bits depend on the kernel path: a journal is gone on with on its own. */
static void keep_kernel(const cli_sweep *it)
{
    um_journal_status status;
    if (access(it->output.checkpoint, F_OK) != 0 || getenv("UMASER_KERNEL")) return;
    if (um_journal_read_status(it->ctx, it->output.checkpoint, &status) == UM_OK)
        setenv("UMASER_KERNEL", status.kernel, 0);
}

static int execute(cli_sweep *it, const cli_transport *transport)
{
    const cli_options *options = it->options;
    watch seen = {.options = options, .terminal = isatty(STDERR_FILENO)};
    um_sweep_options choices = {.threads = options->threads,
                                .shard = options->shard,
                                .shards = options->shards,
                                .monitor = look,
                                .user = &seen};
    um_sweep_store store = um_journal_get_store(it->journal);
    cli_catch_signals();
    seen.next_line = cli_clock() + (seen.terminal ? 0.5 : 10);
    um_status status;
    if (transport) {
        status = cli_ranks_lead(it, transport, &choices);
    } else {
        status = um_sweep_run(it->ctx, it->sweep, &store, &choices);
        it->stopped = *um_context_get_error(it->ctx);
    }
    if (seen.drawn) fprintf(stderr, "\r\033[K");
    return cli_sweep_finish(it, status == UM_OK ? NULL : &it->stopped);
}

static um_status forget(cli_sweep *it)
{
    size_t forgotten;
    if (!it->options->retry_failed) return UM_OK;
    um_status status = um_journal_forget_failures(it->ctx, it->journal, &forgotten);
    if (status == UM_OK && !it->options->quiet)
        fprintf(stderr, "umaser: %zu failed point%s are tried again\n", forgotten,
                forgotten == 1 ? "" : "s");
    return status;
}

static int report(const cli_sweep *it)
{
    const um_error *error = um_context_get_error(it->ctx);
    int code = cli_exit_code(error->status);
    cli_print_error(it->options, error);
    if (it->options->json) um_sweep_write_json(it->ctx, NULL, NULL, 0, NULL, error, code, stdout);
    return code;
}

/* The one process that writes, or the only one. */
static int lead(cli_sweep *it, const cli_transport *transport)
{
    const cli_options *options = it->options;
    int code = cli_output_open(options, &it->output);
    if (code == CLI_DONE && options->force) cli_sweep_remove_journal(it->output.checkpoint);
    if (code == CLI_DONE) {
        keep_kernel(it);
        if (cli_sweep_open_journal(it, options->input, um_sweep_get_kernel()) == UM_OK &&
            forget(it) == UM_OK)
            return execute(it, transport);
        code = report(it);
    }
    if (transport) cli_ranks_dismiss(transport);
    return code;
}

int cli_sweep_command(um_context *ctx, const cli_options *options)
{
    if (options->status) return cli_sweep_status(ctx, options);
    cli_sweep it = {.ctx = ctx, .options = options,
                    .output = {.lock_file = -1}};
    const cli_transport *transport;
    int code = cli_ranks_open(options, &transport);
    if (code != CLI_DONE) return code;
    um_status status = um_config_read(ctx, options->input, options->overrides,
                                      options->overrides_count, &it.config);
    if (status == UM_OK) status = cli_sweep_create(&it);
    if (transport && transport->rank > 0) {
        code = cli_ranks_follow(&it, transport);
    } else if (status == UM_OK) {
        code = lead(&it, transport);
    } else {
        code = report(&it);
        if (transport) cli_ranks_dismiss(transport);
    }
    cli_sweep_close(&it);
    if (transport) transport->close();
    return code;
}
