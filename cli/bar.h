/* What a progress bar is drawn with. */
#ifndef UMASER_CLI_BAR_H
#define UMASER_CLI_BAR_H

#include "cli.h"

/* Seconds of a clock that never goes back. */
double cli_clock(void);

/* 95 s, 3.2 min, 1.5 h */
enum { CLI_SECONDS = 16 };
void cli_format_seconds(double seconds, char text[CLI_SECONDS]);

/* On stderr, over what stands in its line: bar, line, or as much of the line as fits. */
void cli_draw_bar(double fraction, const char *line);

#endif
