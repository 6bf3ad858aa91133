/* Journals: made, gone on with, ended. */
#include "io/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/build.h"
#include "io/file.h"

/* Dies with its process; the file is removed at the end, so another process may hold an inode that
 * has no name any more: then look again. SQLite's own locks would not do, they are let go between
 * two transactions. */
static um_status take_lock(um_journal *journal)
{
    for (int attempt = 0; attempt < 100; attempt++) {
        int file = open(journal->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (file < 0) return umi_file_fail(journal->ctx, journal->lock_path, "cannot be made", errno);
        if (flock(file, LOCK_EX | LOCK_NB) != 0) {
            close(file);
            return umi_file_fail_text(journal->ctx, UM_ERROR_IO, journal->path,
                                      "another process works on this sweep; wait for it, or "
                                      "choose another output");
        }
        struct stat mine, named;
        if (fstat(file, &mine) == 0 && stat(journal->lock_path, &named) == 0 &&
            mine.st_ino == named.st_ino) {
            journal->lock = file;
            return UM_OK;
        }
        close(file);
    }
    return umi_file_fail_text(journal->ctx, UM_ERROR_IO, journal->lock_path, "cannot be locked");
}

static um_status put_meta(um_journal *journal, const char *name, const char *text, int64_t number)
{
    um_context *ctx = journal->ctx;
    sqlite3_stmt *statement;
    UMI_TRY(umi_journal_prepare(ctx, journal->path, journal->base,
                                "INSERT OR REPLACE INTO meta VALUES (?, ?)", &statement));
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    if (text)
        sqlite3_bind_text(statement, 2, text, -1, SQLITE_STATIC);
    else
        sqlite3_bind_int64(statement, 2, number);
    int code = sqlite3_step(statement);
    um_status status = code == SQLITE_DONE
                           ? UM_OK
                           : umi_journal_fail(ctx, journal->path, journal->base, "cannot be written");
    sqlite3_finalize(statement);
    return status;
}

static um_status fill(um_journal *journal, const um_journal_header *header)
{
    const um_sweep *sweep = journal->sweep;
    UMI_TRY(umi_journal_do(
        journal->ctx, journal->path, journal->base,
        "BEGIN IMMEDIATE;"
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value);"
        "CREATE TABLE block (number INTEGER PRIMARY KEY, finished REAL, points INTEGER, "
        "digest INTEGER, data BLOB);"
        "CREATE TABLE failure (point INTEGER PRIMARY KEY, block INTEGER, status TEXT, message TEXT);"
        "CREATE INDEX failure_block ON failure (block);"));
    UMI_TRY(put_meta(journal, "format", NULL, UMI_JOURNAL_FORMAT));
    UMI_TRY(put_meta(journal, "version", UM_VERSION, 0));
    UMI_TRY(put_meta(journal, "description", header->description, 0));
    UMI_TRY(put_meta(journal, "name", header->name, 0));
    UMI_TRY(put_meta(journal, "source", header->source, 0));
    UMI_TRY(put_meta(journal, "seed", NULL, (int64_t)header->seed));
    UMI_TRY(put_meta(journal, "kernel", header->kernel, 0));
    UMI_TRY(put_meta(journal, "build", umi_build_name, 0));
    UMI_TRY(put_meta(journal, "shard", NULL, header->shard));
    UMI_TRY(put_meta(journal, "shards", NULL, header->shards));
    UMI_TRY(put_meta(journal, "points", NULL, (int64_t)um_sweep_count_points(sweep)));
    UMI_TRY(put_meta(journal, "block", NULL, (int64_t)um_sweep_get_plan(sweep)->block));
    UMI_TRY(put_meta(journal, "width", NULL, (int64_t)um_sweep_get_width(sweep)));
    UMI_TRY(put_meta(journal, "milliseconds", NULL, 0));
    return umi_journal_do(journal->ctx, journal->path, journal->base, "COMMIT");
}

static um_status check_text(um_journal *journal, const char *name, const char *expected)
{
    char *there, words[600];
    UMI_TRY(umi_journal_get_text(journal->ctx, journal->path, journal->base, name, &there));
    um_status status = UM_OK;
    if (strcmp(there, expected) != 0) {
        umi_journal_compare(there, expected, words, sizeof words);
        status = umi_file_fail_text(
            journal->ctx, UM_ERROR_CONFIG, journal->path,
            "the journal is that of another sweep: %s. Go on with the configuration it was started "
            "with, or choose another output",
            words);
    }
    umi_free(journal->ctx, there);
    return status;
}

static um_status check_kernel(um_journal *journal, const char *expected)
{
    char *there;
    UMI_TRY(umi_journal_get_text(journal->ctx, journal->path, journal->base, "kernel", &there));
    um_status status =
        strcmp(there, expected) == 0
            ? UM_OK
            : umi_file_fail_text(journal->ctx, UM_ERROR_CONFIG, journal->path,
                                 "the journal was computed with the kernels %s, and this would be "
                                 "%s: the last digits would differ. Set UMASER_KERNEL=%s",
                                 there, expected, there);
    umi_free(journal->ctx, there);
    return status;
}

static um_status check_build(um_journal *journal)
{
    char *there, *version = NULL;
    um_context *ctx = journal->ctx;
    UMI_TRY(umi_journal_get_text(ctx, journal->path, journal->base, "build", &there));
    um_status status = UM_OK;
    if (strcmp(there, umi_build_name) != 0) {
        status = umi_journal_get_text(ctx, journal->path, journal->base, "version", &version);
        if (status == UM_OK)
            status = umi_file_fail_text(ctx, UM_ERROR_CONFIG, journal->path,
                                        "the journal was begun by another build of umaser (%s, %s), and this is %s, %s: "
                                        "the last digits could differ. Go on with that build, start again with --force, or "
                                        "choose another output",
                                        version, there, UM_VERSION, umi_build_name);
    }
    umi_free(ctx, version);
    umi_free(ctx, there);
    return status;
}

static um_status check_number(um_journal *journal, const char *name, int64_t expected)
{
    int64_t there;
    UMI_TRY(umi_journal_get_number(journal->ctx, journal->path, journal->base, name, &there));
    if (there == expected) return UM_OK;
    return umi_file_fail_text(journal->ctx, UM_ERROR_CONFIG, journal->path,
                              "the journal is that of another sweep: %s is %lld there and %lld here",
                              name, (long long)there, (long long)expected);
}

static um_status check_header(um_journal *journal, const um_journal_header *header)
{
    const um_sweep *sweep = journal->sweep;
    UMI_TRY(check_text(journal, "description", header->description));
    UMI_TRY(check_number(journal, "shard", header->shard));
    UMI_TRY(check_number(journal, "shards", header->shards));
    UMI_TRY(check_number(journal, "points", (int64_t)um_sweep_count_points(sweep)));
    UMI_TRY(check_number(journal, "block", (int64_t)um_sweep_get_plan(sweep)->block));
    UMI_TRY(check_number(journal, "width", (int64_t)um_sweep_get_width(sweep)));
    UMI_TRY(check_kernel(journal, header->kernel));
    UMI_TRY(check_build(journal));
    int64_t milliseconds;
    UMI_TRY(umi_journal_get_number(journal->ctx, journal->path, journal->base, "milliseconds",
                                   &milliseconds));
    journal->seconds = 1e-3 * (double)milliseconds;
    return UM_OK;
}

static um_status check_whole(um_journal *journal)
{
    sqlite3_stmt *statement;
    UMI_TRY(umi_journal_prepare(journal->ctx, journal->path, journal->base, "PRAGMA quick_check(1)",
                                &statement));
    const char *word = sqlite3_step(statement) == SQLITE_ROW
                           ? (const char *)sqlite3_column_text(statement, 0)
                           : NULL;
    bool whole = word && strcmp(word, "ok") == 0;
    sqlite3_finalize(statement);
    if (whole) return UM_OK;
    return umi_file_fail_text(journal->ctx, UM_ERROR_IO, journal->path,
                              "the journal is damaged, and was left as it is; what can be saved: "
                              "sqlite3 FILE .recover");
}

um_status umi_journal_find_blocks(um_context *ctx, um_journal *journal)
{
    size_t blocks = um_sweep_count_blocks(journal->sweep);
    sqlite3_stmt *statement;
    UMI_TRY(umi_journal_prepare(ctx, journal->path, journal->base, "SELECT number FROM block",
                                &statement));
    memset(journal->there, 0, blocks * sizeof *journal->there);
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        int64_t number = sqlite3_column_int64(statement, 0);
        if (number >= 0 && (uint64_t)number < blocks) journal->there[number] = true;
    }
    um_status status =
        code == SQLITE_DONE ? UM_OK
                            : umi_journal_fail(ctx, journal->path, journal->base, "cannot be read");
    sqlite3_finalize(statement);
    return status;
}

static um_status prepare(um_journal *journal)
{
    UMI_TRY(umi_journal_prepare(journal->ctx, journal->path, journal->base,
                                "INSERT INTO block VALUES (?, ?, ?, ?, ?)", &journal->put_block));
    UMI_TRY(umi_journal_prepare(journal->ctx, journal->path, journal->base,
                                "INSERT OR REPLACE INTO failure VALUES (?, ?, ?, ?)",
                                &journal->put_failure));
    return umi_journal_prepare(journal->ctx, journal->path, journal->base,
                               "UPDATE meta SET value = ? WHERE name = 'milliseconds'",
                               &journal->put_seconds);
}

/* A transaction is on the disk when it is said to be: `synchronous` full. */
static um_status open_all(um_journal *journal, const um_journal_header *header)
{
    um_context *ctx = journal->ctx;
    UMI_TRY(take_lock(journal));
    struct stat about;
    bool fresh = stat(journal->path, &about) != 0 || about.st_size == 0, filled;
    UMI_TRY(umi_journal_open_base(ctx, journal->path, &filled, &journal->base));
    UMI_TRY(umi_journal_do(ctx, journal->path, journal->base,
                           "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"));
    if (!fresh) UMI_TRY(check_whole(journal));
    UMI_TRY(filled ? check_header(journal, header) : fill(journal, header));
    journal->there = UMI_NEW_ARRAY(ctx, bool, um_sweep_count_blocks(journal->sweep));
    if (!journal->there) return UM_ERROR_MEMORY;
    UMI_TRY(umi_journal_find_blocks(ctx, journal));
    return prepare(journal);
}

static char *join(um_context *ctx, const char *path, const char *suffix)
{
    size_t room = strlen(path) + strlen(suffix) + 1;
    char *joined = umi_alloc(ctx, room, 1);
    if (joined) snprintf(joined, room, "%s%s", path, suffix);
    return joined;
}

um_status um_journal_open(um_context *ctx, const char *path, const um_sweep *sweep,
                          const um_journal_header *header, um_journal **journal)
{
    *journal = NULL;
    um_journal *made = UMI_NEW(ctx, um_journal);
    if (!made) return UM_ERROR_MEMORY;
    *made = (um_journal){.ctx = ctx, .sweep = sweep, .lock = -1, .shard = header->shard,
                         .shards = header->shards, .opened = umi_seconds()};
    made->path = umi_strdup(ctx, path);
    made->lock_path = join(ctx, path, ".lock");
    um_status status = made->path && made->lock_path ? open_all(made, header) : UM_ERROR_MEMORY;
    if (status != UM_OK) {
        um_journal_close(made);
        return status;
    }
    *journal = made;
    return UM_OK;
}

void um_journal_close(um_journal *journal)
{
    if (!journal) return;
    um_context *ctx = journal->ctx;
    sqlite3_finalize(journal->put_block);
    sqlite3_finalize(journal->put_failure);
    sqlite3_finalize(journal->put_seconds);
    sqlite3_close(journal->base);
    if (journal->lock >= 0) {
        unlink(journal->lock_path);
        close(journal->lock);
    }
    umi_free(ctx, journal->there);
    umi_free(ctx, journal->path);
    umi_free(ctx, journal->lock_path);
    umi_free(ctx, journal);
}
