/* The points of a sweep from a CSV file: keys in the first line, then a point a line. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/config_axes.h"
#include "io/expression.h"

typedef struct table {
    um_config *config;
    char path[UMI_CONFIG_PATH];
    char *text, *at; /* the whole file; the rest of it */
    int line;
} table;

static um_status fail(const table *from, const char *format, const char *text)
{
    um_context *ctx = from->config->ctx;
    char shown[UMI_YAML_SHOWN];
    umi_yaml_node whole = {.kind = UMI_YAML_SCALAR, .quoted = true, .text = text};
    umi_fail_key(ctx, UM_ERROR_CONFIG, "sweep.points", format, umi_yaml_show(&whole, shown));
    snprintf(ctx->error.file, sizeof ctx->error.file, "%.511s", from->path);
    ctx->error.line = from->line;
    return UM_ERROR_CONFIG;
}

static um_status fail_file(const table *from, const char *why)
{
    um_context *ctx = from->config->ctx;
    umi_fail_key(ctx, UM_ERROR_IO, "sweep.points", "cannot be read: %s", why);
    snprintf(ctx->error.file, sizeof ctx->error.file, "%.511s", from->path);
    return UM_ERROR_IO;
}

static um_status load(table *from, const char *name)
{
    enum { BYTES_MAX = 1 << 30 };
    um_config *config = from->config;
    if (!umi_config_find_file(config, name, from->path)) return fail(from, "%s: the name of the file is too long", name);
    FILE *file = fopen(from->path, "rb");
    if (!file) return fail_file(from, strerror(errno));
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    um_status status = UM_OK;
    if (size < 0 || size > BYTES_MAX || fseek(file, 0, SEEK_SET) != 0)
        status = fail_file(from, size > BYTES_MAX ? "more than 1 GiB" : strerror(errno));
    if (status == UM_OK) {
        from->text = umi_arena_alloc(&config->arena, (size_t)size + 1, 1);
        if (!from->text)
            status = UM_ERROR_MEMORY;
        else if (fread(from->text, 1, (size_t)size, file) != (size_t)size)
            status = fail_file(from, "it ends early");
        else if (memchr(from->text, 0, (size_t)size))
            status = fail_file(from, "it has zero bytes and is no text");
    }
    fclose(file);
    from->at = from->text;
    return status;
}

/* The next line that is not empty, ended with '\0'; NULL: no more. */
static char *next_line(table *from)
{
    while (*from->at) {
        char *line = from->at, *end = strchr(line, '\n');
        from->at = end ? end + 1 : line + strlen(line);
        if (end) *end = '\0';
        from->line++;
        size_t length = strlen(line);
        if (length > 0 && line[length - 1] == '\r') line[--length] = '\0';
        line += strspn(line, " \t");
        if (*line && *line != '#') return line;
    }
    return NULL;
}

/* The next field of a line, spaces around it taken off; commas inside brackets do not count. */
static char *next_field(char **line)
{
    char *field = *line + strspn(*line, " \t"), *end = field;
    int depth = 0;
    for (; *end && (*end != ',' || depth > 0); end++)
        depth += (*end == '[' || *end == '{') - (*end == ']' || *end == '}');
    *line = *end ? end + 1 : NULL;
    *end = '\0';
    while (end > field && (end[-1] == ' ' || end[-1] == '\t')) *--end = '\0';
    return field;
}

static um_status read_keys(table *from, um_sweep_axis *axis)
{
    char *line = next_line(from);
    if (!line) return fail(from, "%s: keys are expected in the first line", "");
    size_t room = 1;
    for (const char *c = line; *c; c++) room += *c == ',';
    const char **keys = umi_arena_alloc(&from->config->arena, room, sizeof *keys);
    if (!keys) return UM_ERROR_MEMORY;
    while (line) {
        const char *key = keys[axis->keys_count] = next_field(&line);
        if (!*key) return fail(from, "%s: a key is empty", key);
        const char *refusal = umi_config_refuse_axis(keys, axis->keys_count, key);
        if (refusal) return fail(from, refusal, key);
        axis->keys_count++;
    }
    axis->keys = keys;
    return UM_OK;
}

static um_status read_line(const table *from, char *line, const um_sweep_axis *axis, size_t room,
                           size_t point, double *values, const char **texts)
{
    char reason[UMI_REASON];
    for (size_t i = 0; i < axis->keys_count; i++) {
        if (!line) return fail(from, "there is no value for %s", axis->keys[i]);
        const char *field = next_field(&line);
        if (!*field) return fail(from, "the value for %s is empty", axis->keys[i]);
        texts[i * room + point] = field;
        if (!umi_expression_parse(field, &values[i * room + point], reason))
            values[i * room + point] = NAN;
    }
    return line ? fail(from, "%s: more values than keys", line) : UM_OK;
}

um_status umi_config_read_points(um_config *config, const umi_yaml_node *node,
                                 um_sweep_axis *axis)
{
    table from = {.config = config};
    UMI_TRY(load(&from, node->text));
    *axis = (um_sweep_axis){.name = "point"};
    UMI_TRY(read_keys(&from, axis));
    size_t room = 1;
    for (const char *c = from.at; *c; c++) room += *c == '\n';
    double *values = umi_arena_alloc(&config->arena, room * axis->keys_count, sizeof *values);
    const char **texts = umi_arena_alloc(&config->arena, room * axis->keys_count, sizeof *texts);
    if (!values || !texts) return UM_ERROR_MEMORY;
    for (char *line; (line = next_line(&from)); axis->count++)
        UMI_TRY(read_line(&from, line, axis, room, axis->count, values, texts));
    if (axis->count == 0) return fail(&from, "%s: there are no points below the keys", "");
    /* Columns close up to the points there are. */
    for (size_t i = 1; i < axis->keys_count; i++) {
        memmove(values + i * axis->count, values + i * room, axis->count * sizeof *values);
        memmove(texts + i * axis->count, texts + i * room, axis->count * sizeof *texts);
    }
    axis->values = values;
    axis->texts = texts;
    return UM_OK;
}
