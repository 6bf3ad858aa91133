/* Blocks into a journal and out of it. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "io/file.h"
#include "io/journal.h"

static bool has(void *self, size_t number) { return ((um_journal *)self)->there[number]; }

static um_status step(um_context *ctx, um_journal *journal, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    um_status status = code == SQLITE_DONE
                           ? UM_OK
                           : umi_journal_fail(ctx, journal->path, journal->base, "cannot be written");
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return status;
}

static void add_word(uint64_t *digest, uint64_t word)
{
    *digest = (*digest ^ word) * UINT64_C(0x100000001b3);
    *digest ^= *digest >> 32;
}

/* SQLite does not see that a block's bytes have changed. */
static int64_t digest_of(const um_sweep_block *block)
{
    uint64_t digest = UINT64_C(0xcbf29ce484222325), word;
    add_word(&digest, block->number);
    for (size_t i = 0; i < block->count * block->width; i++) {
        memcpy(&word, &block->values[i], sizeof word);
        add_word(&digest, word);
    }
    for (size_t i = 0; i < block->failures_count; i++) {
        const um_sweep_failure *failure = &block->failures[i];
        add_word(&digest, failure->point);
        add_word(&digest, (uint64_t)failure->status);
        for (const char *c = failure->message; *c; c++) add_word(&digest, (unsigned char)*c);
    }
    return (int64_t)digest;
}

static um_status insert(um_context *ctx, um_journal *journal, const um_sweep_block *block)
{
    sqlite3_stmt *put = journal->put_block;
    sqlite3_bind_int64(put, 1, (int64_t)block->number);
    sqlite3_bind_double(put, 2, (double)time(NULL));
    sqlite3_bind_int64(put, 3, (int64_t)block->count);
    sqlite3_bind_int64(put, 4, digest_of(block));
    sqlite3_bind_blob64(put, 5, block->values, block->count * block->width * sizeof(double),
                        SQLITE_STATIC);
    UMI_TRY(step(ctx, journal, put));
    for (size_t i = 0; i < block->failures_count; i++) {
        const um_sweep_failure *failure = &block->failures[i];
        put = journal->put_failure;
        sqlite3_bind_int64(put, 1, (int64_t)failure->point);
        sqlite3_bind_int64(put, 2, (int64_t)block->number);
        sqlite3_bind_text(put, 3, um_status_get_name(failure->status), -1, SQLITE_STATIC);
        sqlite3_bind_text(put, 4, failure->message, -1, SQLITE_STATIC);
        UMI_TRY(step(ctx, journal, put));
    }
    double spent = journal->seconds + umi_seconds() - journal->opened;
    sqlite3_bind_int64(journal->put_seconds, 1, llround(1e3 * spent));
    return step(ctx, journal, journal->put_seconds);
}

static um_status put(void *self, um_context *ctx, const um_sweep_block *block)
{
    um_journal *journal = self;
    UMI_TRY(umi_journal_do(ctx, journal->path, journal->base, "BEGIN IMMEDIATE"));
    um_status status = insert(ctx, journal, block);
    if (status == UM_OK) status = umi_journal_do(ctx, journal->path, journal->base, "COMMIT");
    if (status != UM_OK) {
        sqlite3_exec(journal->base, "ROLLBACK", NULL, NULL, NULL);
        return status;
    }
    journal->there[block->number] = true;
    return UM_OK;
}

um_sweep_store um_journal_get_store(um_journal *journal)
{
    return (um_sweep_store){journal, has, put};
}

static um_status status_of(const char *name)
{
    for (int i = 0; i < UM_STATUS_COUNT; i++)
        if (name && strcmp(um_status_get_name((um_status)i), name) == 0) return (um_status)i;
    return UM_ERROR_INTERNAL;
}

/* Rows of point, status and message; at most `most`. */
static um_status take_failures(um_context *ctx, const char *path, sqlite3 *base,
                               sqlite3_stmt *statement, size_t most, um_sweep_failure **failures,
                               size_t *count)
{
    *count = 0;
    *failures = UMI_NEW_ARRAY(ctx, um_sweep_failure, most);
    if (!*failures) return UM_ERROR_MEMORY;
    int code = SQLITE_DONE;
    while (*count < most && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *message = (const char *)sqlite3_column_text(statement, 2);
        um_sweep_failure *failure = &(*failures)[*count];
        failure->point = (size_t)sqlite3_column_int64(statement, 0);
        failure->status = status_of((const char *)sqlite3_column_text(statement, 1));
        failure->message = umi_strdup(ctx, message ? message : "");
        if (!failure->message) return UM_ERROR_MEMORY;
        ++*count;
    }
    bool read = code == SQLITE_DONE || code == SQLITE_ROW;
    return read ? UM_OK : umi_journal_fail(ctx, path, base, "cannot be read");
}

static um_status load_failures(um_context *ctx, const char *path, sqlite3 *base,
                               um_sweep_block *block)
{
    sqlite3_stmt *statement;
    UMI_TRY(umi_journal_prepare(
        ctx, path, base,
        "SELECT point, status, message FROM failure WHERE block = ? ORDER BY point", &statement));
    sqlite3_bind_int64(statement, 1, (int64_t)block->number);
    um_status status = take_failures(ctx, path, base, statement, block->count, &block->failures,
                                     &block->failures_count);
    sqlite3_finalize(statement);
    return status;
}

um_status um_journal_get_failures(um_context *ctx, um_journal *journal, size_t most,
                                  um_sweep_failure **failures, size_t *count)
{
    sqlite3_stmt *statement;
    *failures = NULL;
    *count = 0;
    UMI_TRY(umi_journal_prepare(ctx, journal->path, journal->base,
                                "SELECT point, status, message FROM failure ORDER BY point",
                                &statement));
    size_t all = 0;
    while (all < most && sqlite3_step(statement) == SQLITE_ROW) all++;
    sqlite3_reset(statement);
    um_status status = UM_OK;
    if (all > 0)
        status = take_failures(ctx, journal->path, journal->base, statement, all, failures, count);
    sqlite3_finalize(statement);
    if (status == UM_OK) return UM_OK;
    um_sweep_failures_destroy(ctx, *failures, *count);
    *failures = NULL;
    *count = 0;
    return status;
}

void um_sweep_failures_destroy(um_context *ctx, um_sweep_failure *failures, size_t count)
{
    for (size_t i = 0; failures && i < count; i++) umi_free(ctx, failures[i].message);
    umi_free(ctx, failures);
}

static um_status load_values(um_context *ctx, const char *path, sqlite3 *base,
                             um_sweep_block *block, int64_t *digest)
{
    sqlite3_stmt *statement;
    UMI_TRY(umi_journal_prepare(ctx, path, base, "SELECT data, digest FROM block WHERE number = ?",
                                &statement));
    sqlite3_bind_int64(statement, 1, (int64_t)block->number);
    int code = sqlite3_step(statement);
    size_t bytes = block->count * block->width * sizeof(double);
    um_status status = UM_OK;
    if (code == SQLITE_DONE)
        status = umi_fail(ctx, UM_ERROR_DOMAIN, "block %zu is not in the journal", block->number);
    else if (code != SQLITE_ROW)
        status = umi_journal_fail(ctx, path, base, "cannot be read");
    else if ((size_t)sqlite3_column_bytes(statement, 0) != bytes)
        status = umi_file_fail_text(ctx, UM_ERROR_IO, path,
                                    "the journal is damaged: block %zu has %d bytes in place of %zu",
                                    block->number, sqlite3_column_bytes(statement, 0), bytes);
    if (status == UM_OK) {
        *digest = sqlite3_column_int64(statement, 1);
        block->values = UMI_NEW_ARRAY(ctx, double, block->count *block->width);
        if (block->values)
            memcpy(block->values, sqlite3_column_blob(statement, 0), bytes);
        else
            status = UM_ERROR_MEMORY;
    }
    sqlite3_finalize(statement);
    return status;
}

um_status umi_journal_load(um_context *ctx, const char *path, sqlite3 *base,
                           const um_sweep *sweep, size_t number, um_sweep_block *block)
{
    size_t points = um_sweep_count_points(sweep), each = um_sweep_get_plan(sweep)->block;
    *block = (um_sweep_block){.number = number, .first = number * each,
                              .width = um_sweep_get_width(sweep)};
    block->count = points - block->first < each ? points - block->first : each;
    int64_t digest = 0;
    um_status status = load_values(ctx, path, base, block, &digest);
    if (status == UM_OK) status = load_failures(ctx, path, base, block);
    if (status == UM_OK && digest != digest_of(block))
        status = umi_file_fail_text(ctx, UM_ERROR_IO, path,
                                    "the journal is damaged: block %zu is not as it was written. All "
                                    "others stay; it is computed again after  sqlite3 FILE \"DELETE FROM "
                                    "block WHERE number = %zu; DELETE FROM failure WHERE block = %zu\"",
                                    number, number, number);
    if (status != UM_OK) um_sweep_block_clear(ctx, block);
    return status;
}

um_status um_journal_read_block(um_context *ctx, um_journal *journal, size_t number,
                                um_sweep_block *block)
{
    *block = (um_sweep_block){0};
    if (number >= um_sweep_count_blocks(journal->sweep))
        return umi_fail(ctx, UM_ERROR_ARG, "block %zu of a sweep of %zu", number,
                        um_sweep_count_blocks(journal->sweep));
    return umi_journal_load(ctx, journal->path, journal->base, journal->sweep, number, block);
}

um_status um_journal_forget_failures(um_context *ctx, um_journal *journal, size_t *forgotten)
{
    UMI_TRY(umi_journal_do(ctx, journal->path, journal->base, "BEGIN IMMEDIATE"));
    um_status status = umi_journal_do(
        ctx, journal->path, journal->base,
        "DELETE FROM block WHERE number IN (SELECT block FROM failure); DELETE FROM failure");
    size_t count = (size_t)sqlite3_changes(journal->base);
    if (status == UM_OK) status = umi_journal_do(ctx, journal->path, journal->base, "COMMIT");
    if (status != UM_OK) {
        sqlite3_exec(journal->base, "ROLLBACK", NULL, NULL, NULL);
        return status;
    }
    if (forgotten) *forgotten = count;
    return umi_journal_find_blocks(ctx, journal);
}
