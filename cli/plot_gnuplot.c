/* Runs gnuplot as a program: the script on its standard input, the figure from its standard
 * output, both files without a name. No shell, nothing to clean up. */
#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unistd.h>

#include "plot.h"

extern char **environ;

static const char *const terminal_names[PLOT_FORMATS] = {"svg", "pdfcairo", "pngcairo", ""};

static int report_missing(const char *what)
{
    fprintf(stderr,
            "umaser: %s; install it (Debian, Ubuntu: apt-get install gnuplot-nox), or draw in the "
            "terminal with --format text\n",
            what);
    return CLI_MISSING;
}

/* What gnuplot said, or why it ended. */
static int report_failure(FILE *messages, int status, enum plot_format format)
{
    char line[512], said[512] = "";
    rewind(messages);
    while (fgets(line, sizeof line, messages))
        if (strstr(line, "unknown or ambiguous terminal")) {
            char what[96];
            snprintf(what, sizeof what, "this gnuplot has no terminal %s", terminal_names[format]);
            return report_missing(what);
        } else if (!said[0] && !strstr(line, "warning:") &&
                   strspn(line, " ^\t\n") != strlen(line)) {
            line[strcspn(line, "\n")] = '\0';
            strcpy(said, line);
        }
    if (WIFSIGNALED(status))
        fprintf(stderr, "umaser: gnuplot was ended by signal %d (%s)\n", WTERMSIG(status),
                strsignal(WTERMSIG(status)));
    else
        fprintf(stderr, "umaser: gnuplot failed: %s\n", said[0] ? said : "it left no figure");
    return CLI_IO;
}

/* A figure is whole when it ends as its format must. */
static bool is_whole(FILE *figure, enum plot_format format)
{
    static const char *const endings[PLOT_FORMATS] = {"</svg>", "%%EOF", "IEND", ""};
    char tail[64];
    size_t ending = strlen(endings[format]);
    if (fseek(figure, -(long)sizeof tail, SEEK_END)) return false;
    size_t count = fread(tail, 1, sizeof tail, figure);
    for (size_t i = 0; i + ending <= count; i++)
        if (memcmp(tail + i, endings[format], ending) == 0) return true;
    return false;
}

int plot_gnuplot_run(FILE *script, FILE *figure, enum plot_format format)
{
    /* -d: without the user's own settings, so that a figure is the same everywhere. Commands that come
     * as a file are read in blocks; from its standard input gnuplot reads one letter at a time. */
    char own_input[] = "/dev/stdin";
    char *arguments[] = {"gnuplot", "-d", access(own_input, R_OK) ? NULL : own_input, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status = 0;
    FILE *messages = tmpfile();
    if (!messages || fflush(script) || fseek(script, 0, SEEK_SET) ||
        lseek(fileno(script), 0, SEEK_SET) || posix_spawn_file_actions_init(&actions)) {
        fprintf(stderr, "umaser: cannot make a temporary file: %s\n", strerror(errno));
        if (messages) fclose(messages);
        return CLI_IO;
    }
    posix_spawn_file_actions_adddup2(&actions, fileno(script), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(figure), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(messages), STDERR_FILENO);
    int failed = posix_spawnp(&child, "gnuplot", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    int code = CLI_DONE;
    if (failed) {
        char what[128];
        snprintf(what, sizeof what, "cannot run gnuplot (%s)", strerror(failed));
        code = report_missing(what);
    } else {
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
        if (status != 0 || !is_whole(figure, format))
            code = report_failure(messages, status, format);
    }
    fclose(messages);
    rewind(figure);
    return code;
}
