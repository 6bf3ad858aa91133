/* Journals of others: how far they are, and shards put together. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "io/journal.h"

static um_status query(um_context *ctx, const char *path, sqlite3 *base, const char *sql,
                       double values[3])
{
    sqlite3_stmt *statement;
    UMI_TRY(umi_journal_prepare(ctx, path, base, sql, &statement));
    int code = sqlite3_step(statement);
    for (int i = 0; i < 3 && code == SQLITE_ROW; i++)
        values[i] = i < sqlite3_column_count(statement) ? sqlite3_column_double(statement, i) : 0;
    um_status status = code == SQLITE_ROW ? UM_OK : umi_journal_fail(ctx, path, base, "cannot be read");
    sqlite3_finalize(statement);
    return status;
}

static size_t share_of(int64_t points, int64_t block, int64_t shard, int64_t shards)
{
    size_t share = 0;
    for (int64_t number = shard; number * block < points; number += shards) {
        int64_t left = points - number * block;
        share += (size_t)(left < block ? left : block);
    }
    return share;
}

static um_status read_status(um_context *ctx, const char *path, sqlite3 *base,
                             um_journal_status *status)
{
    int64_t points, block, shard, shards, milliseconds;
    char *kernel;
    UMI_TRY(umi_journal_get_number(ctx, path, base, "points", &points));
    UMI_TRY(umi_journal_get_number(ctx, path, base, "block", &block));
    UMI_TRY(umi_journal_get_number(ctx, path, base, "shard", &shard));
    UMI_TRY(umi_journal_get_number(ctx, path, base, "shards", &shards));
    UMI_TRY(umi_journal_get_number(ctx, path, base, "milliseconds", &milliseconds));
    if (points < 1 || block < 1 || shards < 1 || shard < 0 || shard >= shards)
        return umi_file_fail_text(ctx, UM_ERROR_IO, path, "the journal is damaged: %lld points",
                                  (long long)points);
    UMI_TRY(umi_journal_get_text(ctx, path, base, "kernel", &kernel));
    snprintf(status->kernel, sizeof status->kernel, "%s", kernel);
    umi_free(ctx, kernel);
    status->points = share_of(points, block, shard, shards);
    status->shard = (int)shard;
    status->shards = (int)shards;
    status->seconds = 1e-3 * (double)milliseconds;
    double found[3];
    UMI_TRY(query(ctx, path, base, "SELECT coalesce(sum(points), 0) FROM block", found));
    status->done = (size_t)found[0];
    UMI_TRY(query(ctx, path, base, "SELECT count(*) FROM failure", found));
    status->failed = (size_t)found[0];
    status->complete = status->done == status->points;
    UMI_TRY(query(ctx, path, base,
                  "SELECT coalesce(sum(points), 0), max(finished) - min(finished), count(*) FROM "
                  "block WHERE finished >= (SELECT max(finished) FROM block) - 60",
                  found));
    /* The clock has whole seconds, and the first block took its time too. */
    double rate = found[1] > 0 ? found[0] * (found[2] - 1) / (found[2] * found[1]) : NAN;
    if (isnan(rate) && status->seconds > 0) rate = (double)status->done / status->seconds;
    status->rate = status->done > 0 ? rate : NAN;
    return UM_OK;
}

um_status um_journal_read_status(um_context *ctx, const char *path, um_journal_status *status)
{
    sqlite3 *base;
    *status = (um_journal_status){.rate = NAN};
    UMI_TRY(umi_journal_open_base(ctx, path, NULL, &base));
    um_status read = read_status(ctx, path, base, status);
    sqlite3_close(base);
    return read;
}

um_status um_journal_read_source(um_context *ctx, const char *path, char **name, char **source,
                                 uint64_t *seed)
{
    sqlite3 *base;
    int64_t number = 0;
    *name = *source = NULL;
    UMI_TRY(umi_journal_open_base(ctx, path, NULL, &base));
    um_status status = umi_journal_get_text(ctx, path, base, "name", name);
    if (status == UM_OK) status = umi_journal_get_text(ctx, path, base, "source", source);
    if (status == UM_OK) status = umi_journal_get_number(ctx, path, base, "seed", &number);
    *seed = (uint64_t)number;
    sqlite3_close(base);
    if (status == UM_OK) return UM_OK;
    umi_free(ctx, *name);
    umi_free(ctx, *source);
    *name = *source = NULL;
    return status;
}

static um_status check_same(um_context *ctx, um_journal *target, const char *path, sqlite3 *base)
{
    static const char *const texts[] = {"description", "kernel", "build"};
    static const char *const others[] = {"another sweep", "other kernels", "another build of umaser"};
    for (int i = 0; i < 3; i++) {
        char *mine = NULL, *theirs = NULL, words[600];
        UMI_TRY(umi_journal_get_text(ctx, target->path, target->base, texts[i], &mine));
        um_status status = umi_journal_get_text(ctx, path, base, texts[i], &theirs);
        if (status == UM_OK && strcmp(mine, theirs) != 0) {
            umi_journal_compare(theirs, mine, words, sizeof words);
            status = umi_file_fail_text(ctx, UM_ERROR_CONFIG, path, "the journal is that of %s: %s", others[i],
                                        words);
        }
        umi_free(ctx, mine);
        umi_free(ctx, theirs);
        UMI_TRY(status);
    }
    int64_t block;
    UMI_TRY(umi_journal_get_number(ctx, path, base, "block", &block));
    if (block == (int64_t)um_sweep_get_plan(target->sweep)->block) return UM_OK;
    return umi_file_fail_text(ctx, UM_ERROR_CONFIG, path, "the journal has blocks of %lld points",
                              (long long)block);
}

static um_status copy_blocks(um_context *ctx, um_journal *target, const char *path, sqlite3 *base)
{
    um_sweep_store store = um_journal_get_store(target);
    for (size_t number = 0; number < um_sweep_count_blocks(target->sweep); number++) {
        if (target->there[number]) continue;
        um_sweep_block block;
        um_status status = umi_journal_load(ctx, path, base, target->sweep, number, &block);
        if (status == UM_ERROR_DOMAIN) continue; /* not there either */
        if (status == UM_OK) status = store.put(store.self, ctx, &block);
        um_sweep_block_clear(ctx, &block);
        UMI_TRY(status);
    }
    return UM_OK;
}

um_status um_journal_merge(um_context *ctx, um_journal *target, const char *path)
{
    sqlite3 *base;
    UMI_TRY(umi_journal_open_base(ctx, path, NULL, &base));
    um_status status = check_same(ctx, target, path, base);
    if (status == UM_OK) status = copy_blocks(ctx, target, path, base);
    sqlite3_close(base);
    return status;
}
