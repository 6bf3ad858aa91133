/* A result back from its netCDF-4 file.
 *
 * The file is mapped and handed to netCDF as memory: it would take some paths for addresses in a
 * network, and it reads an image without a copy. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"
#include "io/netcdf_reader.h"
#include "umaser/io.h"

typedef umi_netcdf_reader reader;

/* Only after the file has been recognised as ours. */
um_status umi_netcdf_damaged(const reader *r, const char *what, int code)
{
    return umi_file_fail_text(r->ctx, UM_ERROR_IO, r->path,
                              "the result file is damaged: %s: %s; make it again with umaser run",
                              what, code ? r->nc.strerror(code) : "not as it should be");
}

/* Length of a dimension; 0 if it is not there. */
size_t umi_netcdf_get_length(const reader *r, const char *name)
{
    int dimension;
    size_t length = 0;
    if (r->nc.inq_dimid(r->file, name, &dimension) != NC_NOERR ||
        r->nc.inq_dimlen(r->file, dimension, &length) != NC_NOERR)
        return 0;
    return length;
}

bool umi_netcdf_has_variable(const reader *r, const char *name)
{
    int variable;
    return r->nc.inq_varid(r->file, name, &variable) == NC_NOERR;
}

/* The variable of that name, if it has that type and that shape. */
static um_status find_variable(const reader *r, const char *name, nc_type type, int rank,
                               const size_t *shape, int *variable)
{
    int found_rank = 0, dimensions[NC_MAX_VAR_DIMS];
    nc_type found_type = NC_NAT;
    int code = r->nc.inq_varid(r->file, name, variable);
    if (code == NC_NOERR) code = r->nc.inq_varndims(r->file, *variable, &found_rank);
    if (code == NC_NOERR && found_rank != rank) return umi_netcdf_damaged(r, name, 0);
    if (code == NC_NOERR)
        code = r->nc.inq_var(r->file, *variable, NULL, &found_type, NULL, dimensions, NULL);
    if (code != NC_NOERR) return umi_netcdf_damaged(r, name, code);
    if (found_type != type) return umi_netcdf_damaged(r, name, 0);
    for (int i = 0; i < rank; i++) {
        size_t length = 0;
        code = r->nc.inq_dimlen(r->file, dimensions[i], &length);
        if (code != NC_NOERR || length != shape[i]) return umi_netcdf_damaged(r, name, code);
    }
    return UM_OK;
}

/* A whole variable in new memory. */
um_status umi_netcdf_read_array(const reader *r, const char *name, nc_type type, int rank,
                                const size_t *shape, void **values)
{
    int variable;
    UMI_TRY(find_variable(r, name, type, rank, shape, &variable));
    size_t count = 1;
    for (int i = 0; i < rank; i++)
        if (__builtin_mul_overflow(count, shape[i], &count)) return umi_netcdf_damaged(r, name, 0);
    *values = umi_alloc(r->ctx, count, umi_netcdf_type_size(type));
    if (!*values) return UM_ERROR_MEMORY;
    int code = count > 0 ? r->nc.get_var(r->file, variable, *values) : NC_NOERR;
    return code == NC_NOERR ? UM_OK : umi_netcdf_damaged(r, name, code);
}

/* netCDF's own texts -> ours. */
static um_status take_texts(const reader *r, size_t count, char **from, char **to)
{
    um_status status = UM_OK;
    for (size_t i = 0; i < count && status == UM_OK; i++) {
        to[i] = umi_strdup(r->ctx, from[i] ? from[i] : "");
        if (!to[i]) status = UM_ERROR_MEMORY;
    }
    r->nc.free_string(count, from);
    return status;
}

/* A text attribute in new memory; NULL if it is not there. */
um_status umi_netcdf_read_text(const reader *r, const char *name, char **text)
{
    nc_type type;
    size_t length;
    *text = NULL;
    if (r->nc.inq_att(r->file, NC_GLOBAL, name, &type, &length) != NC_NOERR) return UM_OK;
    int code = NC_EBADTYPE;
    if (type == NC_CHAR) {
        *text = umi_alloc(r->ctx, length + 1, 1);
        if (!*text) return UM_ERROR_MEMORY;
        code = r->nc.get_att_text(r->file, NC_GLOBAL, name, *text);
    } else if (type == NC_STRING && length == 1) {
        char *found = NULL;
        code = r->nc.get_att_string(r->file, NC_GLOBAL, name, &found);
        if (code == NC_NOERR) return take_texts(r, 1, &found, text);
    }
    if (code == NC_NOERR) return UM_OK;
    umi_free(r->ctx, *text);
    *text = NULL;
    return umi_netcdf_damaged(r, name, code);
}

/* Before anything else: whose file it is, and whether we know its layout. */
static um_status check_format(const reader *r)
{
    int format = 0;
    if (r->nc.get_att_int(r->file, NC_GLOBAL, UMI_NETCDF_FORMAT_NAME, &format) != NC_NOERR)
        return umi_file_fail_text(r->ctx, UM_ERROR_IO, r->path,
                                  "is a netCDF file, but not a result of umaser");
    if (format == UMI_NETCDF_FORMAT) return UM_OK;
    char *version = NULL;
    UMI_TRY(umi_netcdf_read_text(r, UMI_NETCDF_VERSION_NAME, &version));
    umi_file_fail_text(r->ctx, UM_ERROR_IO, r->path,
                       "the result has layout version %d, written by umaser %s; this umaser %s "
                       "reads layout version %d: read it with the version that wrote it",
                       format, version ? version : "(unknown)", UM_VERSION, UMI_NETCDF_FORMAT);
    umi_free(r->ctx, version);
    return UM_ERROR_IO;
}

um_status umi_netcdf_read_scalars(const reader *r, const umi_netcdf_field *field, void *to)
{
    for (; field->name; field++) {
        char *value = (char *)to + field->offset;
        if (field->type == NC_STRING) {
            UMI_TRY(umi_netcdf_read_text(r, field->name, (char **)(void *)value));
            continue;
        }
        nc_type type;
        size_t length;
        int code = r->nc.inq_att(r->file, NC_GLOBAL, field->name, &type, &length);
        if (code == NC_NOERR && (type != field->type || length != 1))
            return umi_netcdf_damaged(r, field->name, 0);
        if (code == NC_NOERR) code = r->nc.get_att(r->file, NC_GLOBAL, field->name, value);
        if (code != NC_NOERR) return umi_netcdf_damaged(r, field->name, code);
    }
    return UM_OK;
}

static um_status read_status(reader *r)
{
    char *text;
    UMI_TRY(umi_netcdf_read_text(r, "status", &text));
    int status = 0;
    while (status < UM_STATUS_COUNT && !(text && strcmp(text, um_status_get_name(status)) == 0))
        status++;
    umi_free(r->ctx, text);
    if (status == UM_STATUS_COUNT) return umi_netcdf_damaged(r, "status", 0);
    r->result->status = status;
    UMI_TRY(umi_netcdf_read_text(r, "digest", &text));
    bool known = text && sscanf(text, "%16" SCNx64, &r->result->digest) == 1;
    umi_free(r->ctx, text);
    return known ? UM_OK : umi_netcdf_damaged(r, "digest", 0);
}

um_status umi_netcdf_read_texts(const reader *r, const char *name, char ***texts, size_t *count)
{
    nc_type type;
    size_t length;
    if (r->nc.inq_att(r->file, NC_GLOBAL, name, &type, &length) != NC_NOERR) return UM_OK;
    if (type != NC_STRING) return umi_netcdf_damaged(r, name, 0);
    char **found = UMI_NEW_ARRAY(r->ctx, char *, length);
    *texts = UMI_NEW_ARRAY(r->ctx, char *, length);
    um_status status = found && *texts ? UM_OK : UM_ERROR_MEMORY;
    if (status == UM_OK) {
        *count = length;
        int code = r->nc.get_att_string(r->file, NC_GLOBAL, name, found);
        status = code == NC_NOERR ? take_texts(r, length, found, *texts)
                                  : umi_netcdf_damaged(r, name, code);
    }
    umi_free(r->ctx, found);
    return status;
}

static um_status read_series(reader *r)
{
    um_result *result = r->result;
    size_t shape[] = {umi_netcdf_get_length(r, "record"), (size_t)result->population_levels};
    result->records = shape[0];
    UMI_TRY(umi_netcdf_read_array(r, "stage", NC_INT, 1, shape, (void **)&result->stage));
    UMI_TRY(umi_netcdf_read_array(r, "collision", NC_INT64, 1, shape, (void **)&result->collision));
    UMI_TRY(umi_netcdf_read_array(r, "time", NC_DOUBLE, 1, shape, (void **)&result->time));
    for (int i = 0; i < UM_QUANTITY_COUNT; i++) {
        const char *name = um_quantity_get_info(i)->name;
        if (i == UM_POPULATIONS || !umi_netcdf_has_variable(r, name)) continue;
        UMI_TRY(umi_netcdf_read_array(r, name, NC_DOUBLE, 1, shape, (void **)&result->series[i]));
    }
    const char *populations = um_quantity_get_info(UM_POPULATIONS)->name;
    if (umi_netcdf_has_variable(r, populations))
        UMI_TRY(umi_netcdf_read_array(r, populations, NC_DOUBLE, 2, shape,
                                      (void **)&result->populations));
    size_t last = (size_t)result->final_levels;
    if (umi_netcdf_has_variable(r, "final_populations"))
        UMI_TRY(umi_netcdf_read_array(r, "final_populations", NC_DOUBLE, 1, &last,
                                      (void **)&result->final_populations));
    return UM_OK;
}

/* A variable of texts, each in new memory, into a field of `count` structs of `size` bytes. */
static um_status read_text_column(reader *r, const umi_netcdf_field *field, void *rows,
                                  size_t count, size_t size)
{
    char **found = NULL;
    um_status status = umi_netcdf_read_array(r, field->name, NC_STRING, 1, &count, (void **)&found);
    for (size_t i = 0; i < count && status == UM_OK; i++) {
        char *copy = umi_strdup(r->ctx, found[i] ? found[i] : "");
        memcpy((char *)rows + i * size + field->offset, &copy, sizeof copy);
        if (!copy) status = UM_ERROR_MEMORY;
    }
    /* Where the array could not be read its places are still NULL, which is no harm. */
    if (found) r->nc.free_string(count, found);
    umi_free(r->ctx, found);
    return status;
}

static um_status read_column(reader *r, const umi_netcdf_field *field, void *rows, size_t count,
                             size_t size)
{
    if (field->type == NC_STRING) return read_text_column(r, field, rows, count, size);
    char *column = NULL;
    size_t width = umi_netcdf_type_size(field->type);
    um_status status =
        umi_netcdf_read_array(r, field->name, field->type, 1, &count, (void **)&column);
    for (size_t i = 0; i < count && status == UM_OK; i++)
        memcpy((char *)rows + i * size + field->offset, column + i * width, width);
    umi_free(r->ctx, column);
    return status;
}

um_status umi_netcdf_read_table(reader *r, const umi_netcdf_field *field, const char *dimension,
                                size_t size, void **rows, size_t *count)
{
    size_t length = umi_netcdf_get_length(r, dimension);
    if (length == 0) return UM_OK;
    *rows = umi_alloc(r->ctx, length, size);
    if (!*rows) return UM_ERROR_MEMORY;
    *count = length;
    for (; field->name; field++) UMI_TRY(read_column(r, field, *rows, length, size));
    return UM_OK;
}

static void forget_stage(um_stage_summary *stage)
{
    stage->forward.from = -1;
    stage->energy_start = stage->energy_end = NAN;
    stage->ergotropy_start = stage->ergotropy_end = NAN;
    stage->delivered_energy = stage->delivered_ergotropy = NAN;
    stage->half_life_energy = stage->half_life_ergotropy = NAN;
}

/* Columns that older files do not have. */
static um_status read_younger(reader *r, const umi_netcdf_field *field)
{
    um_result *result = r->result;
    if (!umi_netcdf_has_variable(r, field->name)) return UM_OK;
    for (; field->name; field++)
        UMI_TRY(
            read_column(r, field, result->stages, result->stages_count, sizeof *result->stages));
    return UM_OK;
}

static um_status read_delivered(reader *r)
{
    um_result *result = r->result;
    result->delivered_energy = result->delivered_ergotropy = NAN;
    if (r->nc.inq_attid(r->file, NC_GLOBAL, umi_netcdf_delivered[0].name, NULL) != NC_NOERR)
        return UM_OK;
    return umi_netcdf_read_scalars(r, umi_netcdf_delivered, result);
}

static um_status read_stages(reader *r)
{
    um_result *result = r->result;
    UMI_TRY(umi_netcdf_read_table(r, umi_netcdf_stages, "protocol", sizeof *result->stages,
                                  (void **)&result->stages, &result->stages_count));
    if (result->stages_count == 0) return UM_OK;
    for (size_t i = 0; i < result->stages_count; i++) forget_stage(&result->stages[i]);
    UMI_TRY(read_younger(r, umi_netcdf_forward));
    UMI_TRY(read_younger(r, umi_netcdf_protocol));
    for (size_t i = 0; i < result->stages_count; i++)
        if ((unsigned)result->stages[i].end > UM_STAGE_MET)
            return umi_netcdf_damaged(r, umi_netcdf_protocol[0].name, 0);
    char **kinds = NULL;
    um_status status = umi_netcdf_read_array(r, "stage_kind", NC_STRING, 1, &result->stages_count,
                                             (void **)&kinds);
    for (size_t i = 0; i < result->stages_count && status == UM_OK; i++) {
        int kind = 0;
        const char *name;
        while ((name = umi_stage_kind_get_name(kind)) && kinds[i] && strcmp(name, kinds[i]) != 0)
            kind++;
        if (!name || !kinds[i]) status = umi_netcdf_damaged(r, "stage_kind", 0);
        result->stages[i].kind = kind;
    }
    if (kinds) r->nc.free_string(result->stages_count, kinds);
    umi_free(r->ctx, kinds);
    return status;
}

/* Rows of one state, real and imaginary parts interleaved, into its two planes. */
static um_status read_state(reader *r, int variable, size_t index, size_t width)
{
    um_saved_state *state = &r->result->states[index];
    size_t levels = (size_t)state->levels, block = 65536 / width + 1;
    if (state->levels < 0 || levels > width) return umi_netcdf_damaged(r, "state_levels", 0);
    state->real = UMI_NEW_ARRAY(r->ctx, double, levels *levels);
    state->imag = UMI_NEW_ARRAY(r->ctx, double, levels *levels);
    double *buffer = UMI_NEW_ARRAY(r->ctx, double, block *levels * 2);
    um_status status = state->real && state->imag && buffer ? UM_OK : UM_ERROR_MEMORY;
    for (size_t first = 0; first < levels && status == UM_OK; first += block) {
        size_t rows = levels - first < block ? levels - first : block;
        size_t start[] = {index, first, 0, 0}, count[] = {1, rows, levels, 2};
        int code = r->nc.get_vara_double(r->file, variable, start, count, buffer);
        if (code != NC_NOERR) status = umi_netcdf_damaged(r, "state", code);
        for (size_t i = 0; i < rows * levels; i++) {
            state->real[first * levels + i] = buffer[2 * i];
            state->imag[first * levels + i] = buffer[2 * i + 1];
        }
    }
    umi_free(r->ctx, buffer);
    return status;
}

static um_status read_states(reader *r)
{
    um_result *result = r->result;
    UMI_TRY(umi_netcdf_read_table(r, umi_netcdf_states, "saved_state", sizeof *result->states,
                                  (void **)&result->states, &result->states_count));
    if (result->states_count == 0) return UM_OK;
    int variable;
    size_t width = umi_netcdf_get_length(r, "n"), shape[] = {result->states_count, width, width, 2};
    if (width == 0 || width > UM_LEVELS_MAX) return umi_netcdf_damaged(r, "n", 0);
    UMI_TRY(find_variable(r, "state", NC_DOUBLE, 4, shape, &variable));
    for (size_t i = 0; i < result->states_count; i++) UMI_TRY(read_state(r, variable, i, width));
    return UM_OK;
}

static um_status read_grid(reader *r, const char *name, int variable, size_t index, double **values)
{
    size_t points = (size_t)r->result->wigner_grid.points;
    size_t start[] = {index, 0, 0}, count[] = {1, points, points};
    *values = UMI_NEW_ARRAY(r->ctx, double, points *points);
    if (!*values) return UM_ERROR_MEMORY;
    int code = r->nc.get_vara_double(r->file, variable, start, count, *values);
    return code == NC_NOERR ? UM_OK : umi_netcdf_damaged(r, name, code);
}

static um_status read_wigners(reader *r)
{
    um_result *result = r->result;
    UMI_TRY(umi_netcdf_read_table(r, umi_netcdf_wigners, "saved_wigner", sizeof *result->wigners,
                                  (void **)&result->wigners, &result->wigners_count));
    if (result->wigners_count == 0) return UM_OK;
    size_t points = (size_t)result->wigner_grid.points;
    size_t shape[] = {result->wigners_count, points, points};
    static const char *const names[] = {"wigner", "husimi"};
    for (int k = 0; k < 2; k++) {
        int variable;
        if (!umi_netcdf_has_variable(r, names[k])) continue;
        UMI_TRY(find_variable(r, names[k], NC_DOUBLE, 3, shape, &variable));
        for (size_t i = 0; i < result->wigners_count; i++) {
            um_saved_wigner *saved = &result->wigners[i];
            UMI_TRY(read_grid(r, names[k], variable, i, k ? &saved->husimi : &saved->wigner));
        }
    }
    return UM_OK;
}

typedef struct request {
    char **config;
    umi_netcdf_more more;
    void *user;
} request;

static um_status read_result(reader *r, void *user)
{
    const request *wanted = user;
    UMI_TRY(read_status(r));
    UMI_TRY(umi_netcdf_read_scalars(r, umi_netcdf_scalars, r->result));
    if (r->nc.inq_att(r->file, NC_GLOBAL, umi_netcdf_scale[0].name, NULL, NULL) == NC_NOERR)
        UMI_TRY(umi_netcdf_read_scalars(r, umi_netcdf_scale, r->result));
    UMI_TRY(read_delivered(r));
    UMI_TRY(umi_netcdf_read_texts(r, "warnings", &r->result->warnings, &r->result->warnings_count));
    UMI_TRY(read_series(r));
    UMI_TRY(read_stages(r));
    UMI_TRY(umi_netcdf_read_table(r, umi_netcdf_plateaus, "plateau", sizeof *r->result->plateaus,
                                  (void **)&r->result->plateaus, &r->result->plateaus_count));
    UMI_TRY(read_states(r));
    UMI_TRY(read_wigners(r));
    if (wanted->config) UMI_TRY(umi_netcdf_read_text(r, "config", wanted->config));
    return wanted->more ? wanted->more(r, wanted->user) : UM_OK;
}

static um_status read_image(reader *r, void *image, size_t size, umi_netcdf_more all, void *user)
{
    int code = r->nc.open_mem("umaser", NC_NOWRITE, size, image, &r->file);
    if (code != NC_NOERR)
        return umi_file_fail_text(r->ctx, UM_ERROR_IO, r->path,
                                  "is not a netCDF file, or a damaged one: %s", r->nc.strerror(code));
    um_status status = check_format(r);
    if (status == UM_OK) status = all(r, user);
    r->nc.close(r->file);
    return status;
}

/* Maps the file; *size is 0 when it failed. */
static um_status map_file(um_context *ctx, const char *path, void **image, size_t *size)
{
    struct stat there;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || fstat(descriptor, &there) != 0) {
        int code = errno;
        if (descriptor >= 0) close(descriptor);
        return umi_file_fail(ctx, path, "cannot be read", code);
    }
    um_status status = UM_OK;
    if (!S_ISREG(there.st_mode)) {
        status = umi_file_fail_text(ctx, UM_ERROR_IO, path, "cannot be read: it is %s",
                                    S_ISDIR(there.st_mode) ? "a directory" : "not a regular file");
    } else if (there.st_size < 8) {
        status = umi_file_fail_text(ctx, UM_ERROR_IO, path, "is not a netCDF file: it %s",
                                    there.st_size == 0 ? "is empty" : "has less than 8 bytes");
    } else {
        *image = mmap(NULL, (size_t)there.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (*image == MAP_FAILED)
            status = umi_file_fail(ctx, path, "cannot be read", errno);
        else
            *size = (size_t)there.st_size;
    }
    close(descriptor);
    return status;
}

um_status umi_netcdf_read_file(um_context *ctx, const char *path, um_result *result,
                               umi_netcdf_more all, void *user)
{
    void *image = NULL;
    size_t size = 0;
    UMI_TRY(map_file(ctx, path, &image, &size));
    reader r = {.ctx = ctx, .path = path, .result = result};
    um_status status = umi_netcdf_load(ctx, &r.nc);
    if (status == UM_OK) {
        umi_netcdf_lock();
        status = read_image(&r, image, size, all, user);
        umi_netcdf_unlock();
    }
    munmap(image, size);
    return status;
}

um_status umi_netcdf_read(um_context *ctx, const char *path, um_result **result, char **config,
                          umi_netcdf_more more, void *user)
{
    request wanted = {config, more, user};
    *result = NULL;
    if (config) *config = NULL;
    um_result *made = UMI_NEW(ctx, um_result);
    if (!made) return UM_ERROR_MEMORY;
    um_status status = umi_netcdf_read_file(ctx, path, made, read_result, &wanted);
    if (status == UM_OK) {
        *result = made;
        return UM_OK;
    }
    um_result_destroy(ctx, made);
    if (config) {
        umi_free(ctx, *config);
        *config = NULL;
    }
    return status;
}

um_status um_result_read(um_context *ctx, const char *path, um_result **result, char **config)
{
    return umi_netcdf_read(ctx, path, result, config, NULL, NULL);
}
