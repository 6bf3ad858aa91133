#ifndef UMASER_CLI_SUMMARY_H
#define UMASER_CLI_SUMMARY_H

#include "cli.h"

/* Prints what a run found to stdout. */
void cli_print_summary(const um_result *result);

#endif
