/* What a result is in SI units. */
#ifndef UMASER_CLI_SI_H
#define UMASER_CLI_SI_H

#include "umaser/umaser.h"

/* Lines of the summary; nothing without a scale. */
void cli_print_si(const um_result *result);

/* Comments of umaser check: the scale, and the environment in units a laboratory knows. */
void cli_print_si_comments(const um_spec *spec);

/* Units of an axis that reaches up to `most` quanta, or units of time, and the factor to them: "ħω"
 * and "1/ω", with 1, where the result has no scale. */
typedef struct cli_unit {
    const char *name;
    double factor;
} cli_unit;
cli_unit cli_choose_energy_unit(const um_scale *scale, double most);
cli_unit cli_choose_time_unit(const um_scale *scale, double most);

/* A number with a prefix: 1.42e-23 "J" as it is, 3.1e-5 "s" as 31 us. */
const char *cli_format_si(double value, const char *unit, char text[32]);

#endif
