/* umaser: the command-line program. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

int cli_exit_code(um_status status)
{
    switch (status) {
    case UM_OK: return CLI_DONE;
    case UM_ERROR_ARG:
    case UM_ERROR_CONFIG:
    case UM_ERROR_UNSUPPORTED: return CLI_CONFIG;
    case UM_ERROR_DOMAIN:
    case UM_ERROR_NOCONV: return CLI_ACCURACY;
    case UM_ERROR_IO: return CLI_IO;
    case UM_ERROR_MISSING: return CLI_MISSING;
    case UM_ERROR_INTERRUPTED: return CLI_SIGINT;
    default: return CLI_INTERNAL;
    }
}

/* `FILE:LINE: key: message`, for a person. */
static void print_error(const um_error *error, const char *file)
{
    fprintf(stderr, "%s", file ? file : "umaser");
    if (error->line > 0) fprintf(stderr, ":%d", error->line);
    fprintf(stderr, ": ");
    if (error->key[0]) fprintf(stderr, "%s: ", error->key);
    fprintf(stderr, "%s\n", error->message);
}

void cli_print_error(const cli_options *options, const um_error *error)
{
    print_error(error, error->file[0] ? error->file : options->input);
}

int cli_report(um_context *ctx, const cli_options *options, const um_result *result)
{
    const um_error *error = um_context_get_error(ctx);
    int code = cli_exit_code(error->status);
    cli_print_error(options, error);
    if (options->json) um_result_write_json(ctx, result, error, code, stdout);
    return code;
}

int cli_refuse(const cli_options *options, um_status status, const char *file, const char *message)
{
    um_error error = {.status = status, .line = -1, .level = -1, .collision = -1};
    int code = cli_exit_code(status);
    snprintf(error.message, sizeof error.message, "%s", message);
    snprintf(error.file, sizeof error.file, "%s", file ? file : "");
    print_error(&error, file);
    um_context *ctx;
    if (options->json && um_context_create(NULL, &ctx) == UM_OK) {
        um_result_write_json(ctx, NULL, &error, code, stdout);
        um_context_destroy(ctx);
    }
    return code;
}

/* OpenBLAS exports these; another BLAS may not. */
extern char *openblas_get_config(void) __attribute__((weak));
extern void openblas_set_num_threads(int threads) __attribute__((weak));

static int print_version(void)
{
    printf("umaser %s\n", UM_VERSION);
    printf("BLAS: %s\n", openblas_get_config ? openblas_get_config() : "not OpenBLAS");
    return CLI_DONE;
}

/* Closed standard streams: their numbers must not become those of the files we write. */
static void hold_standard_streams(void)
{
    int file = open("/dev/null", O_RDONLY);
    while (file >= 0 && file <= STDERR_FILENO) file = open("/dev/null", O_RDONLY);
    if (file >= 0) close(file);
}

int main(int argc, char **argv)
{
    hold_standard_streams();
    /* Many small products: one BLAS thread is fastest, and the same everywhere. */
    if (openblas_set_num_threads) openblas_set_num_threads(1);
    cli_options options;
    int code = cli_options_parse(argc, argv, &options);
    if (code == CLI_DONE && strcmp(options.command, "version") == 0) {
        code = print_version();
    } else if (code == CLI_DONE && strcmp(options.command, "help") == 0) {
        code = cli_help(options.input);
    } else if (code == CLI_DONE) {
        um_context_options choices = {.threads = options.threads, .seed = options.seed};
        um_context *ctx;
        if (um_context_create(&choices, &ctx) != UM_OK) {
            fprintf(stderr, "umaser: out of memory\n");
            code = CLI_INTERNAL;
        } else {
            if (strcmp(options.command, "run") == 0) code = cli_run(ctx, &options);
            if (strcmp(options.command, "check") == 0) code = cli_check(ctx, &options);
            if (strcmp(options.command, "steady") == 0) code = cli_steady(ctx, &options);
            if (strcmp(options.command, "design") == 0) code = cli_design(ctx, &options);
            if (strcmp(options.command, "sweep") == 0) code = cli_sweep_command(ctx, &options);
            if (strcmp(options.command, "merge") == 0) code = cli_merge(ctx, &options);
            if (strcmp(options.command, "plot") == 0) code = cli_plot(ctx, &options);
            um_context_destroy(ctx);
        }
    }
    free(options.overrides);
    free(options.inputs);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "umaser: standard output cannot be written\n");
        if (code == CLI_DONE) code = CLI_IO;
    }
    return code;
}
