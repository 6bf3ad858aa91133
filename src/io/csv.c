/* The records as CSV: one line per record, undefined numbers empty. */
#include <inttypes.h>
#include <string.h>

#include "io/file.h"
#include "io/json_number.h"
#include "io/si.h"
#include "umaser/io.h"

/* Room for one field: a name and an index, or a number, with its comma. */
enum { FIELD_ROOM = 64 };

typedef struct row {
    char *text;
    size_t length, si_count;
    umi_si_column si[UMI_SI_COLUMNS];
} row;

static void add_text(row *line, const char *text)
{
    size_t length = strlen(text);
    memcpy(line->text + line->length, text, length);
    line->length += length;
}

static void add_number(row *line, double value)
{
    line->text[line->length++] = ',';
    line->length += (size_t)umi_number_format(value, line->text + line->length);
}

static void end_row(row *line, umi_file *file)
{
    line->text[line->length++] = '\n';
    umi_file_write(file, line->text, line->length);
    line->length = 0;
}

static void write_header(const um_result *result, row *line, umi_file *file)
{
    add_text(line, "stage,collision,time");
    for (int i = 0; i < UM_QUANTITY_COUNT; i++) {
        if (!result->series[i] || i == UM_POPULATIONS) continue;
        add_text(line, ",");
        add_text(line, um_quantity_get_info(i)->name);
    }
    for (size_t i = 0; i < line->si_count; i++) {
        add_text(line, ",");
        add_text(line, line->si[i].name);
    }
    for (int n = 0; result->populations && n < result->population_levels; n++)
        line->length += (size_t)sprintf(line->text + line->length, ",populations_%d", n);
    end_row(line, file);
}

static void write_record(const um_result *result, size_t record, row *line, umi_file *file)
{
    line->length += (size_t)sprintf(line->text, "%" PRId32 ",%" PRId64, result->stage[record],
                                    result->collision[record]);
    add_number(line, result->time[record]);
    for (int i = 0; i < UM_QUANTITY_COUNT; i++)
        if (result->series[i] && i != UM_POPULATIONS) add_number(line, result->series[i][record]);
    for (size_t i = 0; i < line->si_count; i++)
        add_number(line, line->si[i].from[record] * line->si[i].factor);
    if (result->populations) {
        size_t levels = (size_t)result->population_levels;
        for (size_t n = 0; n < levels; n++)
            add_number(line, result->populations[record * levels + n]);
    }
    end_row(line, file);
}

um_status um_result_write_csv(um_context *ctx, const um_result *result, const char *path,
                              bool replace)
{
    size_t fields = UM_QUANTITY_COUNT + UMI_SI_COLUMNS + 4;
    if (result->populations) fields += (size_t)result->population_levels;
    row line = {.text = umi_alloc(ctx, fields, FIELD_ROOM)};
    if (!line.text) return UM_ERROR_MEMORY;
    line.si_count = umi_si_columns(result, line.si);
    umi_file file;
    um_status status = umi_file_begin(ctx, path, replace, &file);
    if (status == UM_OK) {
        umi_c_locale locale = umi_c_locale_enter();
        write_header(result, &line, &file);
        for (size_t i = 0; i < result->records && !file.error; i++)
            write_record(result, i, &line, &file);
        umi_c_locale_leave(locale);
        status = umi_file_commit(&file);
    }
    umi_free(ctx, line.text);
    return status;
}
