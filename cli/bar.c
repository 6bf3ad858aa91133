#include "bar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

double cli_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void cli_format_seconds(double seconds, char text[CLI_SECONDS])
{
    if (!isfinite(seconds))
        snprintf(text, CLI_SECONDS, "?");
    else if (seconds < 100)
        snprintf(text, CLI_SECONDS, "%.0f s", seconds);
    else if (seconds < 6000)
        snprintf(text, CLI_SECONDS, "%.1f min", seconds / 60);
    else
        snprintf(text, CLI_SECONDS, "%.1f h", fmin(seconds / 3600, 99999));
}

static int terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 80;
}

void cli_draw_bar(double fraction, const char *line)
{
    int columns = terminal_columns(), room = columns - (int)strlen(line) - 5;
    if (room < 8) {
        fprintf(stderr, "\r%.*s\033[K", columns - 1, line);
        return;
    }
    if (room > 40) room = 40;
    int full = (int)(fraction * room);
    fprintf(stderr, "\r[%.*s%.*s] %s\033[K", full, "########################################",
            room - full, "                                        ", line);
}
