#ifndef UMASER_CLI_SUMMARY_H
#define UMASER_CLI_SUMMARY_H

#include "cli.h"

/* Prints what a run found to stdout. */
void cli_print_summary(const um_result *result);
/* Its stages: how far and by which method. */
void cli_print_stages(const um_result *result);

/* Prints what a steady analysis found to stdout. */
void cli_print_steady(const um_steady *steady);

#endif
