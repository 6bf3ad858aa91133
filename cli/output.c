/* Names of the output, early refusal, the lock. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(const cli_output *output, const char *path, const char *why)
{
    return cli_refuse(output->options, UM_ERROR_IO, path, why);
}

static bool ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), end = strlen(suffix);
    return length > end && strcmp(text + length - end, suffix) == 0;
}

/* Characters of the suffix that says that a file is a configuration. */
static size_t measure_suffix(const char *path)
{
    return ends_with(path, ".yaml") ? 5 : ends_with(path, ".yml") ? 4 : 0;
}

static bool name_output(const cli_options *options, cli_output *output)
{
    const char *given = options->output ? options->output : options->input;
    size_t length = strlen(given), room = sizeof output->path - 4;
    if (!options->output) length -= measure_suffix(given);
    if (length >= room) return false;
    memcpy(output->path, given, length);
    strcpy(output->path + length, options->output ? "" : ".nc");
    output->grid = strcmp(options->command, "sweep") == 0 || strcmp(options->command, "merge") == 0;
    snprintf(output->checkpoint, sizeof output->checkpoint, "%s.%s", output->path,
             output->grid ? "journal" : "checkpoint");
    snprintf(output->lock, sizeof output->lock, "%s.lock", output->path);
    output->csv = ends_with(output->path, ".csv");
    return true;
}

const char *cli_output_find(const cli_options *options, cli_output *output)
{
    bool derived = options->output || measure_suffix(options->input) > 0;
    return derived && name_output(options, output) ? output->path : options->input;
}

static int check_directory(const cli_output *output)
{
    const char *path = output->path;
    char directory[4096];
    snprintf(directory, sizeof directory, "%s", path);
    char *slash = strrchr(directory, '/');
    if (!slash)
        strcpy(directory, ".");
    else if (slash == directory)
        slash[1] = '\0';
    else
        *slash = '\0';
    struct stat about;
    if (stat(directory, &about) != 0) return refuse(output, directory, strerror(errno));
    if (!S_ISDIR(about.st_mode)) return refuse(output, directory, "not a directory");
    if (access(directory, W_OK | X_OK) != 0) return refuse(output, directory, strerror(errno));
    return CLI_DONE;
}

/* A lock that dies with its process. The file is removed at the end, so another process may hold
 * an inode that has no name any more: then look again. */
static int take_lock(cli_output *output)
{
    for (int attempt = 0; attempt < 100; attempt++) {
        int file = open(output->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (file < 0) return refuse(output, output->lock, strerror(errno));
        if (flock(file, LOCK_EX | LOCK_NB) != 0) {
            close(file);
            return refuse(output, output->path, "another run is writing this file; choose another with -o, "
                                        "or wait for it");
        }
        struct stat mine, named;
        if (fstat(file, &mine) == 0 && stat(output->lock, &named) == 0 &&
            mine.st_ino == named.st_ino) {
            output->lock_file = file;
            return CLI_DONE;
        }
        close(file);
    }
    return refuse(output, output->lock, "cannot be locked");
}

/* What stands at the output's name already: may it be replaced? */
static int check_existing(const cli_output *output)
{
    const cli_options *options = output->options;
    struct stat about, config;
    if (stat(output->path, &about) != 0) return CLI_DONE;
    if (S_ISDIR(about.st_mode)) return refuse(output, output->path, "is a directory");
    if (!S_ISREG(about.st_mode)) return refuse(output, output->path, "is not a regular file");
    if (stat(options->input, &config) == 0 && config.st_ino == about.st_ino &&
        config.st_dev == about.st_dev)
        return refuse(output, output->path, "is the configuration itself");
    bool saved = access(output->checkpoint, R_OK) == 0;
    if (output->grid) {
        if (options->force || (options->retry_failed && saved)) return CLI_DONE;
        return refuse(output, output->path,
                      saved ? "exists already, with failed points: --retry-failed tries them again, "
                              "--force starts again, -o names another"
                            : "exists already; --force starts again, -o names another");
    }
    if (options->force || (options->resume && saved)) return CLI_DONE;
    return refuse(output, output->path,
                  options->resume ? "exists already, and there is no checkpoint to go on from; "
                                    "--force replaces it, -o names another"
                  : saved ? "exists already, from a run that was stopped; --resume goes on with "
                            "it, --force starts again, -o names another"
                          : "exists already; --force replaces it, -o names another");
}

/* Before anything is computed for a file that nobody can write. */
static int check_format(const cli_output *output)
{
    um_context *ctx;
    if (output->csv || um_context_create(NULL, &ctx) != UM_OK) return CLI_DONE;
    int code = CLI_DONE;
    if (um_result_prepare_netcdf(ctx) != UM_OK)
        code = cli_refuse(output->options, um_context_get_error(ctx)->status, output->path,
                          um_context_get_error(ctx)->message);
    um_context_destroy(ctx);
    return code;
}

int cli_output_open(const cli_options *options, cli_output *output)
{
    *output = (cli_output){.options = options, .lock_file = -1};
    if (!name_output(options, output)) return refuse(output, options->input, "the file name is too long");
    if (ends_with(output->path, ".json"))
        return cli_refuse(options, UM_ERROR_CONFIG, output->path,
                          "results are written as netCDF (.nc) or CSV (.csv); --json prints the "
                          "summary, to be redirected");
    int code = check_directory(output);
    if (code == CLI_DONE) code = check_existing(output);
    if (code == CLI_DONE) code = check_format(output);
    return code == CLI_DONE ? take_lock(output) : code;
}

void cli_output_close(cli_output *output)
{
    if (output->lock_file < 0) return;
    unlink(output->lock);
    close(output->lock_file);
    output->lock_file = -1;
}

void cli_output_rescue(const cli_output *output, cli_writer write, void *user)
{
    const char *directory = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    char path[4096];
    snprintf(path, sizeof path, "%s/umaser-rescued-%ld%s", directory, (long)getpid(),
             output->csv ? ".csv" : ".nc");
    if (write(user, path, false) == UM_OK)
        fprintf(stderr, "umaser: the results are in %s instead\n", path);
}
