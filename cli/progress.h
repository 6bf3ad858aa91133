/* Progress on stderr, checkpoints now and then, and signals, all from a run's monitor. */
#ifndef UMASER_CLI_PROGRESS_H
#define UMASER_CLI_PROGRESS_H

#include "cli.h"

typedef struct cli_progress {
    um_context *ctx;
    um_run *run;
    const um_result *result;
    const char *checkpoint; /* path */
    uint64_t digest;
    bool quiet, terminal, drawn;
    int64_t first;              /* collision at which this program began */
    double started, next_line, next_checkpoint; /* clock */
    double checkpoint_interval; /* seconds */
    um_status checkpoint_status; /* of the last one written */
} cli_progress;

void cli_progress_start(cli_progress *progress);
/* A um_monitor; user: the cli_progress. */
bool cli_progress_monitor(void *user, const um_progress *now);
/* Clears the bar. */
void cli_progress_end(cli_progress *progress);
um_status cli_progress_checkpoint(cli_progress *progress);

/* Exit code of a run that ended with a status: a signal has one of its own. */
int cli_exit_code_of_stop(um_status status);

/* Asks for them to be noted. */
void cli_catch_signals(void);
/* The signal that asked the program to stop, or 0. */
int cli_signal(void);

#endif
