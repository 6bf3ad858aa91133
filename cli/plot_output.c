/* Where a figure goes: whole or not at all, and never over a file that is another's. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plot.h"

int plot_report_output(const char *path, int error)
{
    if (error == EEXIST)
        fprintf(stderr, "%s: exists already; give another name with -o, or --force to replace it\n",
                path);
    else
        fprintf(stderr, "%s: cannot write the figure: %s\n", path, strerror(error));
    return CLI_IO;
}

/* 0, or the errno of what failed. */
static int copy_stream(FILE *from, int to)
{
    char block[65536];
    size_t count;
    while ((count = fread(block, 1, sizeof block, from)) > 0)
        for (size_t done = 0; done < count;) {
            ssize_t written = write(to, block + done, count - done);
            if (written < 0 && errno != EINTR) return errno;
            if (written > 0) done += (size_t)written;
        }
    return ferror(from) ? EIO : 0;
}

/* Puts a finished file into its place; without force it must not take another's. */
static int move_into_place(const char *temporary, const char *path, bool force)
{
    if (force) return rename(temporary, path) ? errno : 0;
    if (link(temporary, path) == 0) return unlink(temporary) ? errno : 0;
    if (errno == EEXIST) return EEXIST;
    /* A file system without hard links. */
    if (access(path, F_OK) == 0) return EEXIST;
    return rename(temporary, path) ? errno : 0;
}

/* Written beside the target, then moved. */
int plot_save(FILE *figure, const char *path, bool force)
{
    char temporary[PATH_MAX];
    struct stat status;
    bool device = stat(path, &status) == 0 && !S_ISREG(status.st_mode);
    if (device)
        snprintf(temporary, sizeof temporary, "%s", path);
    else
        snprintf(temporary, sizeof temporary, "%.*s.%ld.tmp", PATH_MAX - 32, path, (long)getpid());
    int file = open(temporary, device ? O_WRONLY : O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (file < 0) return plot_report_output(path, errno);
    int error = copy_stream(figure, file);
    if (!error && !device && fsync(file)) error = errno;
    if (close(file) && !error) error = errno;
    if (!error && !device) error = move_into_place(temporary, path, force);
    if (error && !device) unlink(temporary);
    return error ? plot_report_output(path, error) : CLI_DONE;
}
