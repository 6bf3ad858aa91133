/* file: output that appears under its final name complete or not at all. */
#ifndef UMI_IO_FILE_H
#define UMI_IO_FILE_H

#include <stdio.h>

#include "base/base.h"

typedef struct umi_file {
    um_context *ctx;
    const char *path; /* as the user wrote it; must outlive the umi_file */
    char *target;     /* path with symbolic links followed */
    char *temporary;
    FILE *stream; /* of the temporary */
    bool replace;
    int error; /* errno of the first write that failed, else 0 */
} umi_file;

/* A temporary beside `path`, open for writing. Fails at once when `path` cannot become the file;
 * after a failure nothing is left and nothing needs to be ended. */
um_status umi_file_begin(um_context *ctx, const char *path, bool replace, umi_file *file);

/* Append. A failure is remembered and reported by umi_file_commit. */
void umi_file_write(umi_file *file, const void *data, size_t bytes);

/* On disk, then under its name: ends the umi_file. On failure the temporary is removed and what
 * stood at the path is untouched. Without `replace`, of several that race for one name exactly one
 * wins. */
um_status umi_file_commit(umi_file *file);

/* Remove the temporary and end the umi_file. The context's error stays. */
void umi_file_abandon(umi_file *file);

/* A failure that carries the file's name; `code` is an errno. */
um_status umi_file_fail(um_context *ctx, const char *path, const char *what, int code);
um_status umi_file_fail_text(um_context *ctx, um_status status, const char *path,
                             const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Numbers in the C locale on this thread, whatever the process says: bracket printf and strtod. */
typedef struct umi_c_locale {
    void *c, *previous;
} umi_c_locale;
umi_c_locale umi_c_locale_enter(void);
void umi_c_locale_leave(umi_c_locale locale);

#endif
