/* A sweep from the command line or from a journal, and where its results go. */
#ifndef UMASER_CLI_SWEEP_H
#define UMASER_CLI_SWEEP_H

#include "output.h"

typedef struct cli_sweep {
    um_context *ctx;
    const cli_options *options;
    uint64_t seed;
    cli_output output;
    um_config *config;
    um_sweep *sweep;
    um_journal *journal;
    char *description, *source;
    um_error stopped; /* what ended the work of all ranks */
} cli_sweep;

/* From it->config to it->sweep. */
um_status cli_sweep_create(cli_sweep *it);
/* name: of the configuration; kernel: that its numbers are computed with. */
um_status cli_sweep_open_journal(cli_sweep *it, const char *name, const char *kernel);
/* Everything is freed. */
void cli_sweep_close(cli_sweep *it);

/* The result file from the journal, the summary; returns the exit code. stopped: NULL, or what
 * ended the work. */
int cli_sweep_finish(cli_sweep *it, const um_error *stopped);

/* `umaser sweep --status`. */
int cli_sweep_status(um_context *ctx, const cli_options *options);

/* Removes a journal with all that SQLite keeps beside it. */
void cli_sweep_remove_journal(const char *path);

#endif
