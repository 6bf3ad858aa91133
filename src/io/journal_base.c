/* What every use of a journal's file needs: opening, words for failures, single values. */
#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "io/journal.h"

enum { BUSY_MILLISECONDS = 20000 };

um_status umi_journal_fail(um_context *ctx, const char *path, sqlite3 *base, const char *what)
{
    int code = base ? sqlite3_errcode(base) : SQLITE_NOMEM;
    if (code == SQLITE_NOMEM)
        return umi_fail(ctx, UM_ERROR_MEMORY, "out of memory in the journal %s", path);
    const char *why = sqlite3_errmsg(base);
    if (code == SQLITE_NOTADB) why = "it is not a journal of umaser sweep; it was left as it is";
    if (code == SQLITE_CORRUPT)
        why = "it is damaged, and was left as it is; what can be saved: sqlite3 FILE .recover";
    if (code == SQLITE_CANTOPEN && sqlite3_system_errno(base)) why = strerror(sqlite3_system_errno(base));
    if (code == SQLITE_FULL) why = "no space is left; all blocks up to here are kept";
    return umi_file_fail_text(ctx, UM_ERROR_IO, path, "the journal %s: %s", what, why);
}

um_status umi_journal_prepare(um_context *ctx, const char *path, sqlite3 *base, const char *sql,
                              sqlite3_stmt **statement)
{
    if (sqlite3_prepare_v2(base, sql, -1, statement, NULL) == SQLITE_OK) return UM_OK;
    return umi_journal_fail(ctx, path, base, "cannot be read");
}

um_status umi_journal_do(um_context *ctx, const char *path, sqlite3 *base, const char *sql)
{
    if (sqlite3_exec(base, sql, NULL, NULL, NULL) == SQLITE_OK) return UM_OK;
    return umi_journal_fail(ctx, path, base, "cannot be written");
}

/* A statement that has found the value of `name`, or nothing. */
static um_status find(um_context *ctx, const char *path, sqlite3 *base, const char *name,
                      sqlite3_stmt **statement)
{
    UMI_TRY(umi_journal_prepare(ctx, path, base, "SELECT value FROM meta WHERE name = ?", statement));
    sqlite3_bind_text(*statement, 1, name, -1, SQLITE_STATIC);
    int code = sqlite3_step(*statement);
    if (code == SQLITE_ROW) return UM_OK;
    um_status status =
        code == SQLITE_DONE
            ? umi_file_fail_text(ctx, UM_ERROR_IO, path,
                                 "the journal is incomplete: it has no %s; it was left as it is",
                                 name)
            : umi_journal_fail(ctx, path, base, "cannot be read");
    sqlite3_finalize(*statement);
    *statement = NULL;
    return status;
}

um_status umi_journal_get_text(um_context *ctx, const char *path, sqlite3 *base, const char *name,
                               char **text)
{
    sqlite3_stmt *statement;
    UMI_TRY(find(ctx, path, base, name, &statement));
    const char *found = (const char *)sqlite3_column_text(statement, 0);
    *text = umi_strdup(ctx, found ? found : "");
    sqlite3_finalize(statement);
    return *text ? UM_OK : UM_ERROR_MEMORY;
}

um_status umi_journal_get_number(um_context *ctx, const char *path, sqlite3 *base,
                                 const char *name, int64_t *number)
{
    sqlite3_stmt *statement;
    UMI_TRY(find(ctx, path, base, name, &statement));
    *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return UM_OK;
}

static um_status check_format(um_context *ctx, const char *path, sqlite3 *base)
{
    int64_t format;
    UMI_TRY(umi_journal_get_number(ctx, path, base, "format", &format));
    if (format == UMI_JOURNAL_FORMAT) return UM_OK;
    char *version = NULL;
    UMI_TRY(umi_journal_get_text(ctx, path, base, "version", &version));
    um_status status = umi_file_fail_text(
        ctx, UM_ERROR_IO, path,
        "the journal has layout %lld, of umaser %s; this is umaser %s with layout %d: go on with "
        "that version, or start again in another file",
        (long long)format, version, UM_VERSION, UMI_JOURNAL_FORMAT);
    umi_free(ctx, version);
    return status;
}

/* A base without tables is one that was made and not yet filled. */
static um_status has_tables(um_context *ctx, const char *path, sqlite3 *base, bool *has)
{
    sqlite3_stmt *statement;
    UMI_TRY(umi_journal_prepare(ctx, path, base, "SELECT count(*) FROM sqlite_schema", &statement));
    int code = sqlite3_step(statement);
    *has = code == SQLITE_ROW && sqlite3_column_int64(statement, 0) > 0;
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? UM_OK : umi_journal_fail(ctx, path, base, "cannot be read");
}

um_status umi_journal_open_base(um_context *ctx, const char *path, bool *filled, sqlite3 **base)
{
    bool write = filled != NULL, has = false;
    int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    int code = sqlite3_open_v2(path, base, flags | SQLITE_OPEN_FULLMUTEX, NULL);
    um_status status = code == SQLITE_OK ? UM_OK : umi_journal_fail(ctx, path, *base, "cannot be opened");
    if (status == UM_OK) {
        sqlite3_busy_timeout(*base, BUSY_MILLISECONDS);
        status = has_tables(ctx, path, *base, &has);
    }
    if (status == UM_OK && has) status = check_format(ctx, path, *base);
    if (status == UM_OK && !has && !write)
        status = umi_file_fail_text(ctx, UM_ERROR_IO, path, "the journal is empty");
    if (write) *filled = has;
    if (status == UM_OK) return UM_OK;
    sqlite3_close(*base);
    *base = NULL;
    return status;
}

/* A line, cut to what stands around byte `at`. */
static void add_excerpt(const char *line, size_t at, char *words, size_t room)
{
    enum { BEFORE = 60, MOST = 160 };
    size_t used = strlen(words), length = strcspn(line, "\n"), from = at > BEFORE ? at - BEFORE : 0;
    while (from > 0 && ((unsigned char)line[from] & 0xc0) == 0x80) from--; /* whole characters */
    size_t shown = length - from < MOST ? length - from : MOST;
    snprintf(words + used, room - used, "\"%s%.*s%s\"", from > 0 ? "..." : "", (int)shown, line + from,
             from + shown < length ? "..." : "");
}

void umi_journal_compare(const char *there, const char *here, char *words, size_t room)
{
    const char *line_there = there, *line_here = here;
    for (; *there && *there == *here; there++, here++)
        if (*there == '\n') line_there = there + 1, line_here = here + 1;
    /* One ends where the other has a further line. */
    if (*there == '\n' && !*here) line_there = ++there, line_here = here;
    else if (*here == '\n' && !*there) line_here = ++here, line_there = there;
    size_t at = (size_t)(there - line_there);
    snprintf(words, room, "there ");
    add_excerpt(line_there, at, words, room);
    snprintf(words + strlen(words), room - strlen(words), ", here ");
    add_excerpt(line_here, at, words, room);
}
