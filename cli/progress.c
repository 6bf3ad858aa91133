/* The monitor of a run. */
#include "progress.h"

#include "bar.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double CHECKPOINT_SECONDS = 30, LINE_SECONDS = 10, BAR_SECONDS = 0.1;

static volatile sig_atomic_t caught, watched;

/* A step, or what comes before the first one, may take long: who waits at a terminal is told. */
static void on_signal(int number)
{
    static const char note[] = "\numaser: stops after this step; Ctrl-C once more stops it at once\n";
    int before = errno;
    caught = number;
    if (watched && number == SIGINT && write(STDERR_FILENO, note, sizeof note - 1) < 0) watched = 0;
    errno = before;
}

int cli_signal(void) { return caught; }

int cli_exit_code_of_stop(um_status status)
{
    if (status == UM_ERROR_INTERRUPTED && caught == SIGTERM) return CLI_SIGTERM;
    return cli_exit_code(status);
}

/* The default, unless UMASER_CHECKPOINT_SECONDS is a number >= 0. */
static double checkpoint_seconds(void)
{
    const char *text = getenv("UMASER_CHECKPOINT_SECONDS");
    char *end = NULL;
    double seconds = text ? strtod(text, &end) : CHECKPOINT_SECONDS;
    bool usable = !text || (end != text && *end == '\0' && seconds >= 0);
    return usable ? seconds : CHECKPOINT_SECONDS;
}

void cli_catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    watched = isatty(STDERR_FILENO);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void cli_progress_start(cli_progress *progress)
{
    cli_catch_signals();
    progress->terminal = isatty(STDERR_FILENO);
    progress->started = cli_clock();
    progress->next_line = progress->started + (progress->terminal ? 0.5 : LINE_SECONDS);
    progress->checkpoint_interval = checkpoint_seconds();
    progress->next_checkpoint = progress->started + progress->checkpoint_interval;
}

static void draw(cli_progress *progress, const um_progress *now, double clock)
{
    double fraction = now->total > 0 ? (double)now->done / (double)now->total : 1;
    double rate = (double)(now->done - progress->first) / (clock - progress->started);
    char left[CLI_SECONDS], line[256];
    cli_format_seconds((double)(now->total - now->done) / rate, left);
    if (!progress->terminal) {
        fprintf(stderr, "umaser: %3.0f %%, collision %lld, %.3g/s, %s left, E = %.6g\n",
                100 * fraction, (long long)now->done, rate, left, now->energy);
        return;
    }
    snprintf(line, sizeof line, "%3.0f %% %.3g/s %s left E %.6g", 100 * fraction, rate, left,
             now->energy);
    cli_draw_bar(fraction, line);
    progress->drawn = true;
}

um_status cli_progress_checkpoint(cli_progress *progress)
{
    double begun = cli_clock();
    um_archive archive = {0};
    um_status status = um_run_save(progress->run, &archive);
    if (status == UM_OK)
        status = um_checkpoint_write(progress->ctx, &archive, progress->digest, progress->checkpoint);
    um_archive_clear(progress->ctx, &archive);
    um_run_get_result(progress->run)->wall_seconds.output += cli_clock() - begun;
    return status;
}

bool cli_progress_monitor(void *user, const um_progress *now)
{
    cli_progress *progress = user;
    if (caught) return false;
    double clock = cli_clock();
    if (!progress->quiet && clock >= progress->next_line) {
        progress->next_line = clock + (progress->terminal ? BAR_SECONDS : LINE_SECONDS);
        draw(progress, now, clock);
    }
    if (progress->run && clock >= progress->next_checkpoint) {
        um_status status = cli_progress_checkpoint(progress);
        if (status != UM_OK && progress->checkpoint_status == UM_OK && !progress->quiet)
            fprintf(stderr, "%sumaser: no checkpoint: %s\n", progress->drawn ? "\n" : "",
                    um_context_get_error(progress->ctx)->message);
        progress->checkpoint_status = status;
        progress->next_checkpoint = cli_clock() + progress->checkpoint_interval;
    }
    return true;
}

void cli_progress_end(cli_progress *progress)
{
    if (progress->drawn) fprintf(stderr, "\r\033[K");
    progress->drawn = false;
}
