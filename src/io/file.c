/* Write to a temporary beside the target, force it to disk, give it its name. */
#define _GNU_SOURCE /* renameat2 */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

um_status umi_file_fail_text(um_context *ctx, um_status status, const char *path,
                             const char *format, ...)
{
    char message[sizeof ctx->error.message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    umi_fail(ctx, status, "%s", message);
    snprintf(ctx->error.file, sizeof ctx->error.file, "%s", path);
    return status;
}

um_status umi_file_fail(um_context *ctx, const char *path, const char *what, int code)
{
    return umi_file_fail_text(ctx, UM_ERROR_IO, path, "%s: %s", what, strerror(code));
}

static um_status fail_exists(um_context *ctx, const char *path)
{
    return umi_file_fail_text(ctx, UM_ERROR_IO, path,
                              "the file already exists and was left as it is: "
                              "choose another with -o, or replace it with --force");
}

/* Renaming over a device or a link would replace the thing itself, not what it stands for. */
static um_status find_target(umi_file *file)
{
    struct stat there;
    const char *target = file->path;
    char *real = NULL;
    if (lstat(file->path, &there) == 0) {
        if (!file->replace) return fail_exists(file->ctx, file->path);
        real = realpath(file->path, NULL);
        if (!real || stat(real, &there) != 0) {
            int code = errno;
            free(real);
            return umi_file_fail(file->ctx, file->path, "cannot be replaced", code);
        }
        if (!S_ISREG(there.st_mode)) {
            free(real);
            return umi_file_fail_text(file->ctx, UM_ERROR_IO, file->path,
                                      "cannot be replaced: it is %s; name a regular file",
                                      S_ISDIR(there.st_mode) ? "a directory"
                                                             : "not a regular file");
        }
        target = real;
    } else if (errno != ENOENT) {
        return umi_file_fail(file->ctx, file->path, "cannot be written", errno);
    }
    file->target = umi_strdup(file->ctx, target);
    free(real);
    return file->target ? UM_OK : UM_ERROR_MEMORY;
}

static size_t directory_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The process number keeps runs apart, O_EXCL those of other machines on the same disk. The name
 * does not contain the target's, which may be as long as a name can be. */
static int open_temporary(umi_file *file)
{
    size_t folder = directory_length(file->target), room = folder + 64;
    file->temporary = umi_alloc(file->ctx, room, 1);
    if (!file->temporary) return -1;
    memcpy(file->temporary, file->target, folder);
    int descriptor = -1;
    for (int i = 0; i < 10000 && descriptor < 0; i++) {
        snprintf(file->temporary + folder, room - folder, ".umaser-%ld-%d.tmp", (long)getpid(), i);
        descriptor = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor < 0 && errno != EEXIST) break;
    }
    if (descriptor < 0)
        umi_file_fail(file->ctx, file->path, "cannot write in its directory", errno);
    return descriptor;
}

static void release(umi_file *file)
{
    umi_free(file->ctx, file->target);
    umi_free(file->ctx, file->temporary);
    *file = (umi_file){0};
}

um_status umi_file_begin(um_context *ctx, const char *path, bool replace, umi_file *file)
{
    *file = (umi_file){.ctx = ctx, .path = path, .replace = replace};
    um_status status = find_target(file);
    if (status != UM_OK) {
        release(file);
        return status;
    }
    int descriptor = open_temporary(file);
    if (descriptor >= 0) file->stream = fdopen(descriptor, "wb");
    if (!file->stream) {
        if (descriptor >= 0) {
            umi_file_fail(ctx, path, "cannot be written", errno);
            close(descriptor);
            unlink(file->temporary);
        }
        release(file);
        return ctx->error.status;
    }
    return UM_OK;
}

void umi_file_write(umi_file *file, const void *data, size_t bytes)
{
    if (file->error || bytes == 0) return;
    errno = 0;
    if (fwrite(data, 1, bytes, file->stream) != bytes) file->error = errno ? errno : EIO;
}

void umi_file_abandon(umi_file *file)
{
    if (file->stream) fclose(file->stream);
    unlink(file->temporary);
    release(file);
}

/* Everything on disk before the name changes; a delayed error shows here or never. */
static void finish_content(umi_file *file)
{
    errno = 0;
    if (!file->error && fflush(file->stream) != 0) file->error = errno ? errno : EIO;
    if (!file->error && fsync(fileno(file->stream)) != 0 && errno != EINVAL && errno != ENOTSUP)
        file->error = errno;
    if (fclose(file->stream) != 0 && !file->error) file->error = errno ? errno : EIO;
    file->stream = NULL;
}

/* Returns 0 or an errno. File systems without RENAME_NOREPLACE have hard links. */
static int rename_exclusive(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) return errno;
    if (link(from, to) != 0) return errno;
    unlink(from);
    return 0;
}

/* The new name itself must survive a power cut; where a directory cannot be synced, so be it. */
static void sync_directory(umi_file *file)
{
    size_t folder = directory_length(file->temporary);
    if (folder > 0) file->temporary[folder] = '\0';
    int descriptor = open(folder > 0 ? file->temporary : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    (void)fsync(descriptor);
    close(descriptor);
}

um_status umi_file_commit(umi_file *file)
{
    um_context *ctx = file->ctx;
    um_status status = UM_OK;
    finish_content(file);
    if (file->error) {
        status = umi_file_fail(ctx, file->path, "cannot be written", file->error);
    } else {
        int code = 0;
        if (!file->replace)
            code = rename_exclusive(file->temporary, file->target);
        else if (rename(file->temporary, file->target) != 0)
            code = errno;
        if (code == EEXIST)
            status = fail_exists(ctx, file->path);
        else if (code)
            status = umi_file_fail(ctx, file->path, "cannot be put in place", code);
    }
    if (status != UM_OK)
        unlink(file->temporary);
    else
        sync_directory(file);
    release(file);
    return status;
}

umi_c_locale umi_c_locale_enter(void)
{
    /* glibc keeps the C locale ready: this cannot fail for want of memory. */
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return (umi_c_locale){c, uselocale(c)};
}

void umi_c_locale_leave(umi_c_locale locale)
{
    uselocale((locale_t)locale.previous);
    if (locale.c) freelocale((locale_t)locale.c);
}
