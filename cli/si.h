/* What a result is in SI units. */
#ifndef UMASER_CLI_SI_H
#define UMASER_CLI_SI_H

#include "umaser/umaser.h"

/* Lines of the summary; nothing without a scale. */
void cli_print_si(const um_result *result);

/* Comments of umaser check: the scale, and the environment in units a laboratory knows. */
void cli_print_si_comments(const um_spec *spec);

/* A number with a prefix: 1.42e-23 "J" as it is, 3.1e-5 "s" as 31 us. */
const char *cli_format_si(double value, const char *unit, char text[32]);

#endif
