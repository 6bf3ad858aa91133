/* The command-line program: public headers only; the only place that prints. */
#ifndef UMASER_CLI_H
#define UMASER_CLI_H

#include "umaser/umaser.h"

enum cli_exit {
    CLI_DONE = 0,
    CLI_INTERNAL = 1,
    CLI_CONFIG = 2,
    CLI_ACCURACY = 3,
    CLI_IO = 4,
    CLI_MISSING = 5,
    CLI_SIGINT = 130,
    CLI_SIGTERM = 143
};

/* The options of umaser design, kept as they were written. */
enum cli_design_text {
    CLI_DESIGN_ENERGY,
    CLI_DESIGN_ERGOTROPY,
    CLI_DESIGN_Q,
    CLI_DESIGN_THETA,
    CLI_DESIGN_HALF_TURNS,
    CLI_DESIGN_THETA_ERROR,
    CLI_DESIGN_TOLERANCE,
    CLI_DESIGN_BATTERY,
    CLI_DESIGN_ROWS,
    CLI_DESIGN_LEVELS,
    CLI_DESIGN_TEXTS
};

/* What the command line said, after cli_options_parse. */
typedef struct cli_options {
    const char *command;
    const char *input;  /* CONFIG.yaml, RESULT.nc or a help topic; NULL if none */
    const char *output; /* -o, NULL if not given */
    bool force, json, quiet, resume;
    int threads;
    uint64_t seed;
    char seed_override[32]; /* "seed=N", one of the overrides; empty: not given */
    const char **overrides; /* --set texts */
    size_t overrides_count;
    const char **inputs; /* merge: the files */
    size_t inputs_count;
    bool status, retry_failed; /* sweep */
    int shard, shards;  /* sweep: 0, 1 for all of it */
    int stage;          /* steady: -1: the first charge stage */
    int eigenvalues;    /* steady: 0: as many as the library takes by itself */
    const char *design[CLI_DESIGN_TEXTS]; /* NULL: not given */
    const char *format; /* plot: svg, pdf, png, text; NULL: from the output's suffix */
    const char *what;   /* plot: series, populations, wigner, husimi; NULL: series */
    int64_t at;         /* plot: collision of the Wigner function or state, or one of the below */
} cli_options;

enum { CLI_AT_LAST = -1, CLI_AT_ALL = -2 };

/* Commands: return the exit code. */
int cli_run(um_context *ctx, const cli_options *options);
int cli_steady(um_context *ctx, const cli_options *options);
int cli_design(um_context *ctx, const cli_options *options);
int cli_sweep_command(um_context *ctx, const cli_options *options);
int cli_merge(um_context *ctx, const cli_options *options);
int cli_check(um_context *ctx, const cli_options *options);
int cli_plot(um_context *ctx, const cli_options *options);
int cli_help(const char *topic); /* NULL: the overview; unknown topic: CLI_CONFIG */

/* Fills options from argv; returns CLI_DONE to go on, or the exit code after printing why not. */
int cli_options_parse(int argc, char **argv, cli_options *options);

/* Exit code of a status. */
int cli_exit_code(um_status status);

/* Prints an error to stderr, with the user's file if it names none. */
void cli_print_error(const cli_options *options, const um_error *error);

/* Prints the context's last error to stderr as `FILE:LINE: key: message` (and, with --json, the
 * JSON object with it and `result` to stdout); returns the exit code. result may be NULL. */
int cli_report(um_context *ctx, const cli_options *options, const um_result *result);

/* The same for what went wrong outside the library: file may be NULL. */
int cli_refuse(const cli_options *options, um_status status, const char *file, const char *message);

#endif
