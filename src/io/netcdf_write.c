/* A result as a netCDF-4 file.
 *
 * The file is built in memory by netCDF and written by us: on a full disk HDF5 1.10 crashes or
 * loses the reason, and stays half open inside the library for good. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/file.h"
#include "io/netcdf_writer.h"
#include "io/si.h"
#include "umaser/io.h"

typedef umi_netcdf_writer writer;

void umi_netcdf_check(writer *w, int code)
{
    if (w->code == NC_NOERR) w->code = code;
}

void umi_netcdf_put_attribute(writer *w, int variable, const char *name, const char *text)
{
    if (w->code || !text) return;
    umi_netcdf_check(w, w->nc.put_att_text(w->file, variable, name, strlen(text), text));
}

/* For long or any text: an attribute proper is limited to 64 KiB, and cannot be empty. */
static void put_string(writer *w, const char *name, const char *text)
{
    if (w->code || !text) return;
    umi_netcdf_check(w, w->nc.put_att_string(w->file, NC_GLOBAL, name, 1, &text));
}

int umi_netcdf_define_dimension(writer *w, const char *name, size_t length)
{
    int dimension = -1;
    if (!w->code) umi_netcdf_check(w, w->nc.def_dim(w->file, name, length, &dimension));
    return dimension;
}

int umi_netcdf_define_variable(writer *w, const char *name, const char *units,
                               const char *long_name, nc_type type, int rank, const int *dimensions)
{
    static const double undefined = NAN;
    int variable = -1;
    if (w->code) return variable;
    umi_netcdf_check(w, w->nc.def_var(w->file, name, type, rank, dimensions, &variable));
    umi_netcdf_put_attribute(w, variable, "units", units);
    umi_netcdf_put_attribute(w, variable, "long_name", long_name);
    if (!w->code && type == NC_DOUBLE)
        umi_netcdf_check(
            w, w->nc.put_att_double(w->file, variable, "_FillValue", NC_DOUBLE, 1, &undefined));
    return variable;
}

void umi_netcdf_add_item(writer *w, int variable, const void *data, void *owned)
{
    w->items[w->items_count++] = (umi_netcdf_item){variable, data, owned};
}

static void add_series(writer *w, const char *name, const char *units, const char *long_name,
                       nc_type type, const void *data)
{
    int variable = umi_netcdf_define_variable(w, name, units, long_name, type, 1, &w->record);
    umi_netcdf_add_item(w, variable, data, NULL);
}

static void define_series(writer *w)
{
    const um_result *r = w->result;
    /* Length 0 means unlimited to netCDF, which then holds no record: just that. */
    w->record = umi_netcdf_define_dimension(w, "record", r->records);
    add_series(w, "stage", "1", "index of the stage", NC_INT, r->stage);
    add_series(w, "collision", "1", "collisions since the start of the run", NC_INT64,
               r->collision);
    add_series(w, "time", "time", "model time at the end of the period", NC_DOUBLE, r->time);
    for (int i = 0; i < UM_QUANTITY_COUNT; i++) {
        if (!r->series[i] || i == UM_POPULATIONS) continue;
        const um_quantity_info *info = um_quantity_get_info(i);
        add_series(w, info->name, info->units, info->long_name, NC_DOUBLE, r->series[i]);
    }
    umi_netcdf_put_attribute(w, NC_GLOBAL, "coordinates", "stage collision time");
}

static void define_populations(writer *w)
{
    const um_result *r = w->result;
    if (r->populations && r->population_levels > 0) {
        const um_quantity_info *info = um_quantity_get_info(UM_POPULATIONS);
        w->level = umi_netcdf_define_dimension(w, "level", (size_t)r->population_levels);
        int shape[] = {w->record, w->level};
        int variable = umi_netcdf_define_variable(w, info->name, info->units, info->long_name,
                                                  NC_DOUBLE, 2, shape);
        umi_netcdf_add_item(w, variable, r->populations, NULL);
    }
    if (r->final_populations && r->final_levels > 0) {
        int length = umi_netcdf_define_dimension(w, "final_level", (size_t)r->final_levels);
        int variable = umi_netcdf_define_variable(w, "final_populations", "1",
                                                  "populations of the levels at the last record",
                                                  NC_DOUBLE, 1, &length);
        umi_netcdf_add_item(w, variable, r->final_populations, NULL);
    }
}

/* One variable per field of `count` structs of `size` bytes. */
um_status umi_netcdf_define_table(writer *w, const umi_netcdf_field *field, int dimension,
                                  const void *rows, size_t count, size_t size)
{
    for (; field->name; field++) {
        size_t width = umi_netcdf_type_size(field->type);
        char *column = umi_alloc(w->ctx, count, width);
        if (!column) return UM_ERROR_MEMORY;
        for (size_t i = 0; i < count; i++)
            memcpy(column + i * width, (const char *)rows + i * size + field->offset, width);
        /* netCDF crashes on a missing text. */
        for (size_t i = 0; field->type == NC_STRING && i < count; i++)
            if (!((char **)column)[i]) ((const char **)column)[i] = "";
        int variable = umi_netcdf_define_variable(w, field->name, field->units, field->long_name,
                                                  field->type, 1, &dimension);
        umi_netcdf_add_item(w, variable, column, column);
    }
    return UM_OK;
}

static um_status define_stages(writer *w)
{
    const um_result *r = w->result;
    if (r->stages_count == 0) return UM_OK;
    int dimension = umi_netcdf_define_dimension(w, "protocol", r->stages_count);
    const char **kinds = UMI_NEW_ARRAY(w->ctx, const char *, r->stages_count);
    if (!kinds) return UM_ERROR_MEMORY;
    for (size_t i = 0; i < r->stages_count; i++)
        kinds[i] = umi_stage_kind_get_name(r->stages[i].kind);
    int variable = umi_netcdf_define_variable(w, "stage_kind", NULL, "kind of the stage", NC_STRING,
                                              1, &dimension);
    umi_netcdf_add_item(w, variable, kinds, (void *)kinds);
    UMI_TRY(umi_netcdf_define_table(w, umi_netcdf_stages, dimension, r->stages, r->stages_count,
                                    sizeof *r->stages));
    UMI_TRY(umi_netcdf_define_table(w, umi_netcdf_forward, dimension, r->stages, r->stages_count,
                                    sizeof *r->stages));
    return umi_netcdf_define_table(w, umi_netcdf_protocol, dimension, r->stages, r->stages_count,
                                   sizeof *r->stages);
}

static um_status define_plateaus(writer *w)
{
    const um_result *r = w->result;
    if (r->plateaus_count == 0) return UM_OK;
    int dimension = umi_netcdf_define_dimension(w, "plateau", r->plateaus_count);
    return umi_netcdf_define_table(w, umi_netcdf_plateaus, dimension, r->plateaus,
                                   r->plateaus_count, sizeof *r->plateaus);
}

static size_t largest_state(const um_result *r)
{
    int levels = 1;
    for (size_t i = 0; i < r->states_count; i++) levels = umi_max(levels, r->states[i].levels);
    return (size_t)levels;
}

static um_status define_states(writer *w)
{
    const um_result *r = w->result;
    if (r->states_count == 0) return UM_OK;
    size_t levels = largest_state(r);
    w->saved_state = umi_netcdf_define_dimension(w, "saved_state", r->states_count);
    w->n = umi_netcdf_define_dimension(w, "n", levels);
    w->m = umi_netcdf_define_dimension(w, "m", levels);
    w->complex = umi_netcdf_define_dimension(w, "complex", 2);
    int shape[] = {w->saved_state, w->n, w->m, w->complex};
    w->state = umi_netcdf_define_variable(
        w, "state", "1", "density matrix <n|rho|m>: real, imaginary part", NC_DOUBLE, 4, shape);
    /* Every element is written: no need to fill first. */
    if (!w->code) umi_netcdf_check(w, w->nc.def_var_fill(w->file, w->state, NC_NOFILL, NULL));
    return umi_netcdf_define_table(w, umi_netcdf_states, w->saved_state, r->states, r->states_count,
                                   sizeof *r->states);
}

static um_status define_axis(writer *w, const char *name, int dimension)
{
    const um_wigner_grid *grid = &w->result->wigner_grid;
    double *axis = UMI_NEW_ARRAY(w->ctx, double, (size_t)grid->points);
    if (!axis) return UM_ERROR_MEMORY;
    for (int i = 0; i < grid->points; i++)
        axis[i] = grid->min + (grid->max - grid->min) * i / (grid->points - 1);
    int variable = umi_netcdf_define_variable(w, name, "1", "quadrature, alpha = (x + i p)/sqrt(2)",
                                              NC_DOUBLE, 1, &dimension);
    umi_netcdf_add_item(w, variable, axis, axis);
    return UM_OK;
}

static um_status define_wigners(writer *w)
{
    const um_result *r = w->result;
    if (r->wigners_count == 0) return UM_OK;
    size_t points = (size_t)r->wigner_grid.points;
    w->saved_wigner = umi_netcdf_define_dimension(w, "saved_wigner", r->wigners_count);
    w->p = umi_netcdf_define_dimension(w, "p", points);
    w->x = umi_netcdf_define_dimension(w, "x", points);
    int shape[] = {w->saved_wigner, w->p, w->x};
    if (r->wigners[0].wigner)
        w->wigner = umi_netcdf_define_variable(w, "wigner", "1", "Wigner function W(x, p)",
                                               NC_DOUBLE, 3, shape);
    if (r->wigners[0].husimi)
        w->husimi = umi_netcdf_define_variable(
            w, "husimi", "1", "Husimi function <alpha|rho|alpha>/(2 pi)", NC_DOUBLE, 3, shape);
    UMI_TRY(define_axis(w, "p", w->p));
    UMI_TRY(define_axis(w, "x", w->x));
    return umi_netcdf_define_table(w, umi_netcdf_wigners, w->saved_wigner, r->wigners,
                                   r->wigners_count, sizeof *r->wigners);
}

void umi_netcdf_put_scalars(writer *w, const umi_netcdf_field *field, const void *from)
{
    for (; field->name && !w->code; field++) {
        const void *value = (const char *)from + field->offset;
        if (field->type == NC_STRING)
            put_string(w, field->name, *(const char *const *)value);
        else
            umi_netcdf_check(w, w->nc.put_att(w->file, NC_GLOBAL, field->name, field->type, 1, value));
    }
}

void umi_netcdf_put_texts(writer *w, const char *name, char *const *texts, size_t count)
{
    if (w->code || count == 0) return;
    umi_netcdf_check(w, w->nc.put_att_string(w->file, NC_GLOBAL, name, count, (const char **)texts));
}

static void put_date(writer *w)
{
    char text[32];
    struct tm utc;
    time_t now = time(NULL);
    if (gmtime_r(&now, &utc) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc))
        umi_netcdf_put_attribute(w, NC_GLOBAL, "date", text);
}

void umi_netcdf_put_origin(writer *w, const um_provenance *provenance)
{
    const int format = UMI_NETCDF_FORMAT;
    if (!w->code)
        umi_netcdf_check(
            w, w->nc.put_att_int(w->file, NC_GLOBAL, UMI_NETCDF_FORMAT_NAME, NC_INT, 1, &format));
    umi_netcdf_put_attribute(w, NC_GLOBAL, UMI_NETCDF_VERSION_NAME, UM_VERSION);
    put_date(w);
    if (!provenance) return;
    unsigned long long seed = provenance->seed;
    put_string(w, "config", provenance->config);
    put_string(w, "options", provenance->options);
    if (!w->code)
        umi_netcdf_check(w, w->nc.put_att_ulonglong(w->file, NC_GLOBAL, "seed", NC_UINT64, 1, &seed));
    if (!w->code)
        umi_netcdf_check(
            w, w->nc.put_att_int(w->file, NC_GLOBAL, "threads", NC_INT, 1, &provenance->threads));
}

static void put_provenance(writer *w, const um_provenance *provenance)
{
    const um_result *r = w->result;
    char digest[UMI_DIGEST_ROOM];
    snprintf(digest, sizeof digest, "%016" PRIx64, r->digest);
    umi_netcdf_put_origin(w, provenance);
    umi_netcdf_put_attribute(w, NC_GLOBAL, "status", um_status_get_name(r->status));
    umi_netcdf_put_attribute(w, NC_GLOBAL, "digest", digest);
    umi_netcdf_put_texts(w, "warnings", r->warnings, r->warnings_count);
}

/* Real and imaginary parts interleaved, padded to the largest state, some rows at a time. */
static um_status put_states(writer *w)
{
    const um_result *r = w->result;
    if (r->states_count == 0) return UM_OK;
    size_t width = largest_state(r), block = (size_t)umi_max(1, (int)(65536 / width));
    double *buffer = UMI_NEW_ARRAY(w->ctx, double, block *width * 2);
    if (!buffer) return UM_ERROR_MEMORY;
    for (size_t i = 0; i < r->states_count; i++) {
        size_t levels = (size_t)r->states[i].levels;
        for (size_t first = 0; first < width && !w->code; first += block) {
            size_t rows = width - first < block ? width - first : block;
            memset(buffer, 0, rows * width * 2 * sizeof *buffer);
            for (size_t n = first; n < first + rows && n < levels; n++) {
                for (size_t m = 0; m < levels; m++) {
                    double *element = buffer + ((n - first) * width + m) * 2;
                    element[0] = r->states[i].real[n * levels + m];
                    element[1] = r->states[i].imag[n * levels + m];
                }
            }
            size_t start[] = {i, first, 0, 0}, count[] = {1, rows, width, 2};
            umi_netcdf_check(w, w->nc.put_vara_double(w->file, w->state, start, count, buffer));
        }
    }
    umi_free(w->ctx, buffer);
    return UM_OK;
}

static void put_wigners(writer *w)
{
    const um_result *r = w->result;
    size_t points = (size_t)r->wigner_grid.points;
    for (size_t i = 0; i < r->wigners_count && !w->code; i++) {
        const um_saved_wigner *saved = &r->wigners[i];
        size_t start[] = {i, 0, 0}, count[] = {1, points, points};
        if (saved->wigner)
            umi_netcdf_check(w,
                             w->nc.put_vara_double(w->file, w->wigner, start, count, saved->wigner));
        if (saved->husimi)
            umi_netcdf_check(w,
                             w->nc.put_vara_double(w->file, w->husimi, start, count, saved->husimi));
    }
}

void umi_netcdf_put_items(writer *w)
{
    for (size_t i = 0; i < w->items_count && !w->code; i++)
        if (w->items[i].data)
            umi_netcdf_check(w, w->nc.put_var(w->file, w->items[i].variable, w->items[i].data));
}

/* Over what stands there already: how long the rest took is known when all is in place. */
static void put_seconds(writer *w, double begun)
{
    double output = w->result->wall_seconds.output + umi_seconds() - begun;
    if (!w->code)
        umi_netcdf_check(w, w->nc.put_att_double(w->file, NC_GLOBAL, UMI_NETCDF_OUTPUT_NAME, NC_DOUBLE, 1,
                                                 &output));
}

static um_status fill(writer *w, const um_provenance *provenance, umi_netcdf_extra extra,
                      const void *user)
{
    double begun = umi_seconds();
    put_provenance(w, provenance);
    umi_netcdf_put_scalars(w, umi_netcdf_scalars, w->result);
    umi_netcdf_put_scalars(w, umi_netcdf_delivered, w->result);
    define_series(w);
    UMI_TRY(umi_netcdf_define_si(w));
    define_populations(w);
    UMI_TRY(define_stages(w));
    UMI_TRY(define_plateaus(w));
    UMI_TRY(define_states(w));
    UMI_TRY(define_wigners(w));
    if (extra) UMI_TRY(extra(w, user));
    if (!w->code) umi_netcdf_check(w, w->nc.enddef(w->file));
    umi_netcdf_put_items(w);
    put_wigners(w);
    UMI_TRY(put_states(w));
    put_seconds(w, begun);
    return UM_OK;
}

/* An empty file in memory that netCDF owns and lets grow. */
static void start_image(writer *w)
{
    NC_memio start = {.size = UMI_NETCDF_TEMPLATE_SIZE, .memory = malloc(UMI_NETCDF_TEMPLATE_SIZE)};
    if (!start.memory) {
        umi_netcdf_check(w, NC_ENOMEM);
        return;
    }
    memcpy(start.memory, umi_netcdf_template, UMI_NETCDF_TEMPLATE_SIZE);
    umi_netcdf_check(w, w->nc.open_memio("umaser", NC_WRITE, &start, &w->file));
}

/* On success image->memory is to be freed with free(). */
static um_status build_image(um_context *ctx, const um_result *result,
                             const um_provenance *provenance, const char *path,
                             umi_netcdf_extra extra, const void *user, NC_memio *image)
{
    writer w = {.ctx = ctx, .result = result, .state = -1, .wigner = -1, .husimi = -1};
    UMI_TRY(umi_netcdf_load(ctx, &w.nc));
    start_image(&w);
    if (w.code)
        return umi_file_fail_text(ctx, UM_ERROR_IO, path, "cannot be built: %s",
                                  w.nc.strerror(w.code));
    umi_netcdf_check(&w, w.nc.redef(w.file));
    um_status status = fill(&w, provenance, extra, user);
    for (size_t i = 0; i < w.items_count; i++) umi_free(ctx, w.items[i].owned);
    if (status != UM_OK || w.code)
        w.nc.abort(w.file);
    else
        umi_netcdf_check(&w, w.nc.close_memio(w.file, image));
    if (status == UM_OK && w.code)
        status =
            umi_file_fail_text(ctx, UM_ERROR_IO, path, "cannot be built: %s", w.nc.strerror(w.code));
    return status;
}

um_status umi_netcdf_write(um_context *ctx, const um_result *result,
                           const um_provenance *provenance, const char *path, bool replace,
                           umi_netcdf_extra extra, const void *user)
{
    umi_file file;
    UMI_TRY(umi_file_begin(ctx, path, replace, &file));
    NC_memio image = {0};
    umi_netcdf_lock();
    um_status status = build_image(ctx, result, provenance, path, extra, user, &image);
    umi_netcdf_unlock();
    if (status != UM_OK) {
        umi_file_abandon(&file);
    } else {
        umi_file_write(&file, image.memory, image.size);
        status = umi_file_commit(&file);
    }
    free(image.memory);
    return status;
}

um_status um_result_write_netcdf(um_context *ctx, const um_result *result,
                                 const um_provenance *provenance, const char *path, bool replace)
{
    return umi_netcdf_write(ctx, result, provenance, path, replace, NULL, NULL);
}
