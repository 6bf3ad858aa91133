/* journal, inside io: an SQLite file of finished blocks. */
#ifndef UMI_IO_JOURNAL_H
#define UMI_IO_JOURNAL_H

#include <sqlite3.h>

#include "umaser/io.h"

/* Raised whenever older programs would misread a journal. */
enum { UMI_JOURNAL_FORMAT = 2 };

struct um_journal {
    um_context *ctx;
    const um_sweep *sweep;
    char *path, *lock_path;
    int lock; /* descriptor; -1: none (read only) */
    sqlite3 *base;
    sqlite3_stmt *put_block, *put_failure, *put_seconds;
    bool *there; /* of each block */
    int shard, shards;
    double seconds, opened; /* of work before this process; clock */
};

/* SQLite's words for what went wrong, as UM_ERROR_IO with the file's name. */
um_status umi_journal_fail(um_context *ctx, const char *path, sqlite3 *base, const char *what);
/* SQLite text or integer under a name of the table `meta`; UM_ERROR_IO if it is not there. */
um_status umi_journal_get_text(um_context *ctx, const char *path, sqlite3 *base, const char *name,
                               char **text);
um_status umi_journal_get_number(um_context *ctx, const char *path, sqlite3 *base,
                                 const char *name, int64_t *number);
/* Opened; that it is a journal of this version is checked. filled: NULL for reading; for writing, set to
 * whether it has its tables, which one that was made and not yet filled lacks. */
um_status umi_journal_open_base(um_context *ctx, const char *path, bool *filled, sqlite3 **base);
/* One statement without results. */
um_status umi_journal_do(um_context *ctx, const char *path, sqlite3 *base, const char *sql);
um_status umi_journal_prepare(um_context *ctx, const char *path, sqlite3 *base, const char *sql,
                              sqlite3_stmt **statement);
/* Which blocks are there. */
um_status umi_journal_find_blocks(um_context *ctx, um_journal *journal);
/* A block and its failures from an open base. */
um_status umi_journal_load(um_context *ctx, const char *path, sqlite3 *base,
                           const um_sweep *sweep, size_t number, um_sweep_block *block);

/* The first line in which two descriptions differ, for a person. */
void umi_journal_compare(const char *there, const char *here, char *words, size_t room);

#endif
