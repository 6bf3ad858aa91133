/* help: what `umaser help` prints, 80 columns wide. */
#ifndef UMASER_CLI_HELP_H
#define UMASER_CLI_HELP_H

/* help_config.c: the keys of a configuration with their defaults. */
extern const char *const cli_help_config;

#endif
