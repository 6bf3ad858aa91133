/* Where a run's results go: names, permission, one writer at a time. */
#ifndef UMASER_CLI_OUTPUT_H
#define UMASER_CLI_OUTPUT_H

#include "cli.h"

typedef struct cli_output {
    const cli_options *options;
    char path[4096], checkpoint[4096 + 16], lock[4096 + 16];
    bool csv;
    bool grid; /* of a sweep: the checkpoint is a journal */
    int lock_file; /* descriptor, -1 if none */
} cli_output;

/* Names, an early check that the file may be written, and the lock; prints why not and returns
 * the exit code. */
int cli_output_open(const cli_options *options, cli_output *output);
/* The output of a command that is asked about it: as the command itself names it where it is given a
 * configuration or -o, the input otherwise. */
const char *cli_output_find(const cli_options *options, cli_output *output);
void cli_output_close(cli_output *output);

/* What was computed must not be lost where it cannot be written to its place: a second one is tried,
 * and said. */
typedef um_status (*cli_writer)(void *user, const char *path, bool replace);
void cli_output_rescue(const cli_output *output, cli_writer write, void *user);

#endif
