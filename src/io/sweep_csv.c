/* A sweep as CSV: a line per point. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "io/journal.h"
#include "io/json_number.h"
#include "io/sweep_columns.h"

enum { NUMBER_ROOM = 40 };

typedef struct table {
    um_journal *journal;
    const um_sweep_plan *plan;
    umi_file file;
    umi_sweep_column *column;
    size_t columns;
} table;

static void add(table *t, const char *text) { umi_file_write(&t->file, text, strlen(text)); }

/* In quotes, if it holds what a CSV reader would take for its own. */
static void add_field(table *t, const char *text)
{
    if (!strpbrk(text, ",\"\n\r")) {
        add(t, text);
        return;
    }
    add(t, "\"");
    for (const char *c = text; *c; c++) {
        if (*c == '"') add(t, "\"");
        umi_file_write(&t->file, c, 1);
    }
    add(t, "\"");
}

static void write_header(table *t)
{
    for (size_t i = 0; i < t->plan->axes_count; i++)
        for (size_t key = 0; key < t->plan->axes[i].keys_count; key++) {
            add_field(t, t->plan->axes[i].keys[key]);
            add(t, ",");
        }
    for (size_t i = 0; i < t->columns; i++)
        for (size_t j = 0; j < t->column[i].count; j++) {
            char index[32] = "";
            if (t->column[i].is_series) snprintf(index, sizeof index, "_%zu", j);
            add(t, t->column[i].name);
            add(t, index);
            add(t, ",");
        }
    add(t, "status,message\n");
}

static void write_keys(table *t, size_t point)
{
    size_t stride = 1;
    for (size_t i = 0; i < t->plan->axes_count; i++) stride *= t->plan->axes[i].count;
    for (size_t i = 0; i < t->plan->axes_count; i++) {
        const um_sweep_axis *axis = &t->plan->axes[i];
        stride /= axis->count;
        size_t at = point / stride % axis->count;
        for (size_t key = 0; key < axis->keys_count; key++) {
            add_field(t, axis->texts[key * axis->count + at]);
            add(t, ",");
        }
    }
}

static void write_point(table *t, size_t point, const double *values,
                        const um_sweep_failure *failure)
{
    size_t width = um_sweep_get_width(t->journal->sweep);
    write_keys(t, point);
    for (size_t i = 0; i < width; i++) {
        char text[NUMBER_ROOM] = "";
        if (values && isfinite(values[i])) umi_number_format(values[i], text);
        if (values && isinf(values[i])) strcpy(text, values[i] > 0 ? "inf" : "-inf");
        add(t, text);
        add(t, ",");
    }
    add(t, !values ? "not_computed" : failure ? um_status_get_name(failure->status) : "done");
    add(t, ",");
    if (failure) add_field(t, failure->message);
    add(t, "\n");
}

static um_status write_block(table *t, um_context *ctx, size_t number)
{
    um_sweep_block block = {0};
    bool there = t->journal->there[number];
    size_t each = t->plan->block, first = number * each;
    size_t points = um_sweep_count_points(t->journal->sweep);
    size_t count = points - first < each ? points - first : each;
    if (there) UMI_TRY(um_journal_read_block(ctx, t->journal, number, &block));
    for (size_t i = 0, next = 0; i < count && !t->file.error; i++) {
        const um_sweep_failure *failure =
            next < block.failures_count && block.failures[next].point == first + i
                ? &block.failures[next++]
                : NULL;
        write_point(t, first + i, there ? block.values + i * block.width : NULL, failure);
    }
    um_sweep_block_clear(ctx, &block);
    return UM_OK;
}

static um_status write_all(table *t, um_context *ctx)
{
    write_header(t);
    for (size_t i = 0; i < um_sweep_count_blocks(t->journal->sweep); i++)
        UMI_TRY(write_block(t, ctx, i));
    return UM_OK;
}

um_status um_sweep_write_csv(um_context *ctx, um_journal *journal, const char *path, bool replace)
{
    table t = {.journal = journal, .plan = um_sweep_get_plan(journal->sweep)};
    um_status status = umi_sweep_columns_create(ctx, t.plan, &t.column, &t.columns);
    if (status == UM_OK) status = umi_file_begin(ctx, path, replace, &t.file);
    if (t.file.stream) {
        umi_c_locale locale = umi_c_locale_enter();
        status = write_all(&t, ctx);
        umi_c_locale_leave(locale);
        if (status == UM_OK)
            status = umi_file_commit(&t.file);
        else
            umi_file_abandon(&t.file);
    }
    umi_sweep_columns_free(ctx, t.column, t.columns);
    return status;
}
