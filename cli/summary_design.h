#ifndef UMASER_CLI_SUMMARY_DESIGN_H
#define UMASER_CLI_SUMMARY_DESIGN_H

#include "cli.h"

/* Prints a table of designs; options NULL: those of a file. */
void cli_print_designs(const um_design *designs, size_t count, const um_design_options *options,
                       FILE *stream);

#endif
