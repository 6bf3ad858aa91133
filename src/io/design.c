/* Designs as JSON and as CSV, written and read. One list of columns serves all three. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "io/expression.h"
#include "io/file.h"
#include "io/json_number.h"
#include "io/json_result.h"
#include "umaser/io.h"

typedef enum column_type { COLUMN_INT, COLUMN_COUNT, COLUMN_NUMBER } column_type;

static const struct {
    const char *name;
    column_type type; /* COLUMN_COUNT: -1 stands for "not there" */
    size_t offset;
} columns[] = {
    {"trap", COLUMN_INT, offsetof(um_design, trap)},
    {"half_turns", COLUMN_INT, offsetof(um_design, half_turns)},
    {"theta", COLUMN_NUMBER, offsetof(um_design, theta)},
    {"q", COLUMN_NUMBER, offsetof(um_design, q)},
    {"energy", COLUMN_NUMBER, offsetof(um_design, energy)},
    {"ergotropy", COLUMN_NUMBER, offsetof(um_design, ergotropy)},
    {"purity", COLUMN_NUMBER, offsetof(um_design, purity)},
    {"relaxation", COLUMN_NUMBER, offsetof(um_design, relaxation)},
    {"charging_time", COLUMN_COUNT, offsetof(um_design, charging_time)},
    {"leak", COLUMN_NUMBER, offsetof(um_design, leak)},
    {"leak_missed", COLUMN_NUMBER, offsetof(um_design, leak_missed)},
    {"leak_bound", COLUMN_NUMBER, offsetof(um_design, leak_bound)},
    {"energy_dq", COLUMN_NUMBER, offsetof(um_design, energy_dq)},
    {"energy_dc", COLUMN_NUMBER, offsetof(um_design, energy_dc)},
    {"ergotropy_dc", COLUMN_NUMBER, offsetof(um_design, ergotropy_dc)},
    {"purity_dc", COLUMN_NUMBER, offsetof(um_design, purity_dc)},
};
enum { COLUMNS = sizeof columns / sizeof *columns, LINE_ROOM = 64 * COLUMNS };

static double get_number(const um_design *design, int column)
{
    double value;
    memcpy(&value, (const char *)design + columns[column].offset, sizeof value);
    return value;
}

static int64_t get_integer(const um_design *design, int column)
{
    const char *field = (const char *)design + columns[column].offset;
    int small;
    int64_t large;
    memcpy(&small, field, sizeof small);
    if (columns[column].type == COLUMN_INT) return small;
    memcpy(&large, field, sizeof large);
    return large;
}

static void put_design(umi_json *json, const um_design *design)
{
    umi_json_open(json, NULL, '{');
    for (int i = 0; i < COLUMNS; i++) {
        if (columns[i].type == COLUMN_NUMBER)
            umi_json_number(json, columns[i].name, get_number(design, i));
        else
            umi_json_count(json, columns[i].name, get_integer(design, i));
    }
    umi_json_close(json, '}');
}

um_status um_designs_write_json(um_context *ctx, const um_design_options *options,
                                const um_design_survey *survey, const um_design *designs,
                                size_t count, FILE *stream)
{
    umi_json_summary summary;
    umi_json *json = umi_json_begin(&summary, stream, NULL, UM_OK, 0);
    umi_json_text(json, "target", options->target == UM_DESIGN_ENERGY ? "energy" : "ergotropy");
    umi_json_number(json, "wanted", options->wanted);
    umi_json_number(json, "tolerance", options->tolerance);
    umi_json_number(json, "theta_error", options->theta_error);
    umi_json_integer(json, "traps", survey->traps);
    umi_json_integer(json, "found", survey->found);
    umi_json_number(json, "lowest", survey->lowest);
    umi_json_number(json, "highest", survey->highest);
    umi_json_open(json, "designs", '[');
    for (size_t i = 0; i < count; i++) put_design(json, &designs[i]);
    umi_json_close(json, ']');
    return umi_json_end(ctx, &summary);
}

static int format_header(char *line)
{
    int length = 0;
    for (int i = 0; i < COLUMNS; i++)
        length += sprintf(line + length, "%s%s", i ? "," : "", columns[i].name);
    return length;
}

static int format_design(const um_design *design, char *line)
{
    int length = 0;
    for (int i = 0; i < COLUMNS; i++) {
        if (i) line[length++] = ',';
        if (columns[i].type == COLUMN_NUMBER)
            length += umi_number_format(get_number(design, i), line + length);
        else if (get_integer(design, i) >= 0)
            length += sprintf(line + length, "%" PRId64, get_integer(design, i));
    }
    return length;
}

um_status um_designs_write_csv(um_context *ctx, const um_design *designs, size_t count,
                               const char *path, bool replace)
{
    char line[LINE_ROOM];
    umi_file file;
    UMI_TRY(umi_file_begin(ctx, path, replace, &file));
    umi_c_locale locale = umi_c_locale_enter();
    umi_file_write(&file, line, (size_t)format_header(line));
    umi_file_write(&file, "\n", 1);
    for (size_t i = 0; i < count; i++) {
        umi_file_write(&file, line, (size_t)format_design(&designs[i], line));
        umi_file_write(&file, "\n", 1);
    }
    umi_c_locale_leave(locale);
    return umi_file_commit(&file);
}

/* A field into its place: "" is an undefined number or count. */
static bool set_field(um_design *design, int column, const char *text)
{
    char reason[UMI_REASON];
    char *field = (char *)design + columns[column].offset;
    double number = NAN;
    int64_t whole = -1;
    if (columns[column].type == COLUMN_NUMBER) {
        if (*text && !umi_number_parse(text, &number, reason)) return false;
        memcpy(field, &number, sizeof number);
        return true;
    }
    if (*text && !umi_integer_parse(text, &whole, reason)) return false;
    if (columns[column].type == COLUMN_COUNT) {
        memcpy(field, &whole, sizeof whole);
        return true;
    }
    if (whole < 0 || whole > UM_LEVELS_MAX) return false;
    int small = (int)whole;
    memcpy(field, &small, sizeof small);
    return true;
}

static um_status read_design(um_context *ctx, const char *path, char *line, int number,
                             um_design *design)
{
    char *field = line;
    for (int i = 0; i < COLUMNS; i++) {
        char *end = strchr(field, ',');
        if ((end == NULL) != (i == COLUMNS - 1))
            return umi_file_fail_text(ctx, UM_ERROR_IO, path,
                                      "line %d is not a design: %d columns are expected", number,
                                      COLUMNS);
        if (end) *end = '\0';
        if (!set_field(design, i, field))
            return umi_file_fail_text(ctx, UM_ERROR_IO, path,
                                      "line %d: %s is '%.40s', not a number", number,
                                      columns[i].name, field);
        if (end) field = end + 1;
    }
    return UM_OK;
}

static bool read_line(FILE *stream, char *line)
{
    if (!fgets(line, LINE_ROOM, stream)) return false;
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

/* Two passes: count, then read. */
static um_status read_designs(um_context *ctx, const char *path, FILE *stream, um_design **designs,
                              size_t *count)
{
    char line[LINE_ROOM], header[LINE_ROOM];
    format_header(header);
    if (!read_line(stream, line) || strcmp(line, header) != 0)
        return umi_file_fail_text(ctx, UM_ERROR_IO, path,
                                  "is not a table of designs: it does not begin with the line %s",
                                  header);
    size_t rows = 0;
    while (read_line(stream, line)) rows++;
    *designs = UMI_NEW_ARRAY(ctx, um_design, rows);
    if (!*designs) return UM_ERROR_MEMORY;
    rewind(stream);
    read_line(stream, line);
    for (; *count < rows && read_line(stream, line); ++*count)
        UMI_TRY(read_design(ctx, path, line, (int)*count + 2, &(*designs)[*count]));
    return ferror(stream) ? umi_file_fail(ctx, path, "cannot be read", errno) : UM_OK;
}

um_status um_designs_read_csv(um_context *ctx, const char *path, um_design **designs, size_t *count)
{
    *designs = NULL;
    *count = 0;
    FILE *stream = fopen(path, "r");
    if (!stream) return umi_file_fail(ctx, path, "cannot be read", errno);
    umi_c_locale locale = umi_c_locale_enter();
    um_status status = read_designs(ctx, path, stream, designs, count);
    umi_c_locale_leave(locale);
    fclose(stream);
    if (status != UM_OK || *count == 0) {
        umi_free(ctx, *designs);
        *designs = NULL;
        *count = 0;
    }
    return status;
}
