/* The summaries of a sweep back from its netCDF-4 file. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "io/netcdf_reader.h"

typedef umi_netcdf_reader reader;

/* Shape of the grid, from the variable `status`, which has one dimension per axis. */
typedef struct grid {
    int rank;
    size_t shape[NC_MAX_VAR_DIMS];
    char names[NC_MAX_VAR_DIMS][NC_MAX_NAME + 1];
} grid;

static um_status find_grid(const reader *r, grid *found)
{
    int variable, dimensions[NC_MAX_VAR_DIMS], code = r->nc.inq_varid(r->file, "status", &variable);
    if (code != NC_NOERR)
        return umi_file_fail_text(r->ctx, UM_ERROR_DOMAIN, r->path,
                                  "is a result of umaser, but not of a sweep");
    code = r->nc.inq_varndims(r->file, variable, &found->rank);
    if (code == NC_NOERR) code = r->nc.inq_vardimid(r->file, variable, dimensions);
    for (int i = 0; i < found->rank && code == NC_NOERR; i++)
        code = r->nc.inq_dim(r->file, dimensions[i], found->names[i], &found->shape[i]);
    if (code != NC_NOERR || found->rank < 1) return umi_netcdf_damaged(r, "status", code);
    return UM_OK;
}

static um_status read_attribute(const reader *r, const char *variable, const char *name,
                                char **text)
{
    int id;
    size_t length;
    *text = NULL;
    if (r->nc.inq_varid(r->file, variable, &id) != NC_NOERR ||
        r->nc.inq_attlen(r->file, id, name, &length) != NC_NOERR)
        length = 0;
    *text = umi_alloc(r->ctx, length + 1, 1);
    if (!*text) return UM_ERROR_MEMORY;
    if (length > 0 && r->nc.get_att_text(r->file, id, name, *text) != NC_NOERR)
        return umi_netcdf_damaged(r, name, 0);
    return UM_OK;
}

static um_status read_texts(const reader *r, const char *name, size_t count, const char **texts)
{
    char **found = NULL;
    um_status status =
        umi_netcdf_read_array(r, name, NC_STRING, 1, &count, (void **)&found);
    for (size_t i = 0; i < count && status == UM_OK; i++) {
        texts[i] = umi_strdup(r->ctx, found[i] ? found[i] : "");
        if (!texts[i]) status = UM_ERROR_MEMORY;
    }
    if (found) r->nc.free_string(count, found);
    umi_free(r->ctx, found);
    return status;
}

static um_status write_texts(const reader *r, const double *values, size_t count,
                             const char **texts)
{
    for (size_t i = 0; i < count; i++) {
        char text[40];
        snprintf(text, sizeof text, "%.17g", values[i]);
        texts[i] = umi_strdup(r->ctx, text);
        if (!texts[i]) return UM_ERROR_MEMORY;
    }
    return UM_OK;
}

/* One key of an axis: numbers and texts under one name. */
static um_status read_key(const reader *r, const char *name, const um_sweep_axis *axis, size_t key)
{
    int variable;
    nc_type type = NC_NAT;
    size_t count = axis->count;
    double *values = (double *)axis->values + key * count, *found = NULL;
    const char **texts = (const char **)axis->texts + key * count;
    if (r->nc.inq_varid(r->file, name, &variable) == NC_NOERR) r->nc.inq_vartype(r->file, variable, &type);
    UMI_TRY(read_attribute(r, name, "key", (char **)&axis->keys[key]));
    if (type == NC_STRING) {
        for (size_t i = 0; i < count; i++) values[i] = NAN;
        return read_texts(r, name, count, texts);
    }
    um_status status = umi_netcdf_read_array(r, name, NC_DOUBLE, 1, &count, (void **)&found);
    if (status == UM_OK) memcpy(values, found, count * sizeof *values);
    umi_free(r->ctx, found);
    return status == UM_OK ? write_texts(r, values, count, texts) : status;
}

static um_status allocate_axis(const reader *r, const char *name, size_t keys, size_t count,
                               um_sweep_axis *axis)
{
    axis->keys_count = keys;
    axis->count = count;
    axis->name = umi_strdup(r->ctx, name);
    axis->keys = UMI_NEW_ARRAY(r->ctx, const char *, keys);
    axis->values = UMI_NEW_ARRAY(r->ctx, double, keys *count);
    axis->texts = UMI_NEW_ARRAY(r->ctx, const char *, keys *count);
    return axis->name && axis->keys && axis->values && axis->texts ? UM_OK : UM_ERROR_MEMORY;
}

/* An axis of one key has a coordinate of its name; of several they are named in `coordinates`. */
static um_status read_axis(const reader *r, const char *name, size_t count, um_sweep_axis *axis)
{
    char *list = NULL;
    if (umi_netcdf_has_variable(r, name)) {
        UMI_TRY(allocate_axis(r, name, 1, count, axis));
        return read_key(r, name, axis, 0);
    }
    UMI_TRY(umi_netcdf_read_text(r, "coordinates", &list));
    size_t keys = list && *list ? 1 : 0;
    for (const char *c = list; c && *c; c++) keys += *c == ' ';
    um_status status = keys > 0 ? allocate_axis(r, name, keys, count, axis)
                                : umi_netcdf_damaged(r, name, 0);
    char *rest = list, *word;
    for (size_t i = 0; i < keys && status == UM_OK; i++) {
        word = strtok_r(i == 0 ? list : NULL, " ", &rest);
        status = word ? read_key(r, word, axis, i) : umi_netcdf_damaged(r, "coordinates", 0);
    }
    umi_free(r->ctx, list);
    return status;
}

/* Every variable of doubles that has the grid's dimensions and no more. */
static bool is_column(const reader *r, int variable, const grid *g, char *name)
{
    nc_type type;
    int rank, dimensions[NC_MAX_VAR_DIMS];
    if (r->nc.inq_var(r->file, variable, name, &type, &rank, dimensions, NULL) != NC_NOERR) return false;
    if (type != NC_DOUBLE || rank != g->rank) return false;
    for (int i = 0; i < rank; i++) {
        char dimension[NC_MAX_NAME + 1];
        if (r->nc.inq_dimname(r->file, dimensions[i], dimension) != NC_NOERR ||
            strcmp(dimension, g->names[i]) != 0 || strcmp(dimension, name) == 0)
            return false;
    }
    return true;
}

static bool is_coordinate(const um_sweep_table *table, const char *coordinates, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = coordinates; at && table->axes_count == 1 && (at = strstr(at, name)); at++)
        if ((at == coordinates || at[-1] == ' ') && (at[length] == ' ' || !at[length])) return true;
    return false;
}

static um_status read_columns(reader *r, const grid *g, um_sweep_table *table)
{
    int variables = 0;
    char *coordinates = NULL;
    r->nc.inq_nvars(r->file, &variables);
    table->names = UMI_NEW_ARRAY(r->ctx, char *, (size_t)variables);
    table->units = UMI_NEW_ARRAY(r->ctx, char *, (size_t)variables);
    table->values = UMI_NEW_ARRAY(r->ctx, double, (size_t)variables *table->points);
    if (!table->names || !table->units || !table->values) return UM_ERROR_MEMORY;
    UMI_TRY(umi_netcdf_read_text(r, "coordinates", &coordinates));
    um_status status = UM_OK;
    for (int i = 0; i < variables && status == UM_OK; i++) {
        char name[NC_MAX_NAME + 1];
        if (!is_column(r, i, g, name) || is_coordinate(table, coordinates, name)) continue;
        double *values = table->values + table->columns * table->points;
        int code = r->nc.get_var_double(r->file, i, values);
        if (code != NC_NOERR) status = umi_netcdf_damaged(r, name, code);
        if (status == UM_OK) status = read_attribute(r, name, "units", &table->units[table->columns]);
        table->names[table->columns++] = umi_strdup(r->ctx, name);
        if (status == UM_OK && !table->names[table->columns - 1]) status = UM_ERROR_MEMORY;
    }
    umi_free(r->ctx, coordinates);
    return status;
}

static um_status read_table(reader *r, void *user)
{
    um_sweep_table *table = user;
    grid g = {0};
    UMI_TRY(find_grid(r, &g));
    table->axes = UMI_NEW_ARRAY(r->ctx, um_sweep_axis, (size_t)g.rank);
    if (!table->axes) return UM_ERROR_MEMORY;
    table->points = 1;
    for (int i = 0; i < g.rank; i++) {
        table->axes_count++;
        UMI_TRY(read_axis(r, g.names[i], g.shape[i], &table->axes[i]));
        table->points *= g.shape[i];
    }
    signed char *status = NULL;
    um_status read = umi_netcdf_read_array(r, "status", NC_BYTE, g.rank, g.shape, (void **)&status);
    table->status = UMI_NEW_ARRAY(r->ctx, int, table->points);
    for (size_t i = 0; read == UM_OK && table->status && i < table->points; i++)
        table->status[i] = status[i];
    umi_free(r->ctx, status);
    UMI_TRY(read);
    if (!table->status) return UM_ERROR_MEMORY;
    UMI_TRY(read_columns(r, &g, table));
    return umi_netcdf_read_text(r, "config", &table->config);
}

um_status um_sweep_table_read(um_context *ctx, const char *path, um_sweep_table **table)
{
    *table = NULL;
    um_sweep_table *made = UMI_NEW(ctx, um_sweep_table);
    if (!made) return UM_ERROR_MEMORY;
    um_status status = umi_netcdf_read_file(ctx, path, NULL, read_table, made);
    if (status != UM_OK) {
        um_sweep_table_destroy(ctx, made);
        return status;
    }
    *table = made;
    return UM_OK;
}

void um_sweep_table_destroy(um_context *ctx, um_sweep_table *table)
{
    if (!table) return;
    for (size_t i = 0; table->axes && i < table->axes_count; i++) {
        const um_sweep_axis *axis = &table->axes[i];
        for (size_t j = 0; axis->texts && j < axis->keys_count * axis->count; j++)
            umi_free(ctx, (char *)axis->texts[j]);
        for (size_t j = 0; axis->keys && j < axis->keys_count; j++)
            umi_free(ctx, (char *)axis->keys[j]);
        umi_free(ctx, (char **)axis->texts);
        umi_free(ctx, (char **)axis->keys);
        umi_free(ctx, (double *)axis->values);
        umi_free(ctx, (char *)axis->name);
    }
    for (size_t i = 0; i < table->columns; i++) {
        umi_free(ctx, table->names[i]);
        umi_free(ctx, table->units[i]);
    }
    umi_free(ctx, table->names);
    umi_free(ctx, table->units);
    umi_free(ctx, table->values);
    umi_free(ctx, table->status);
    umi_free(ctx, table->axes);
    umi_free(ctx, table->config);
    umi_free(ctx, table);
}
