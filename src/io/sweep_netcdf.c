/* A sweep as a netCDF-4 file, from its journal, block by block.
 *
 * The file is written in place by netCDF, so that memory does not grow with the grid; HDF5 does not
 * survive a full disk, so room is asked for first. All numbers are in the journal anyway. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "io/file.h"
#include "io/journal.h"
#include "io/netcdf_writer.h"
#include "io/sweep_columns.h"

/* Further failures are in the journal. */
enum { BUFFER_BYTES = 1 << 23, RANK_MAX = 64, FAILURES_MAX = 10000 };

typedef struct output {
    umi_netcdf_writer w;
    um_journal *journal;
    const um_sweep_plan *plan;
    size_t points, width, columns; /* doubles of a point; variables they are spread over */
    umi_sweep_column *column;
    int *variable, status_variable;
    size_t rank, shape[RANK_MAX];
    int dimension[RANK_MAX + 1];
    double *buffer; /* room x width, from point `first` on */
    signed char *status;
    size_t room, first, count;
    um_sweep_failure *failures;
    size_t failures_count;
} output;

/* A run of points that starts anywhere, as pieces that are boxes in the grid. */
static size_t next_box(const output *o, size_t first, size_t count, size_t *start, size_t *edges)
{
    size_t stride = 1, axis = o->rank - 1;
    while (axis > 0 && first % (stride * o->shape[axis]) == 0 && count >= stride * o->shape[axis])
        stride *= o->shape[axis--];
    size_t at = first / stride % o->shape[axis], most = o->shape[axis] - at;
    size_t edge = count / stride < most ? count / stride : most, rest = first;
    for (size_t i = o->rank; i-- > 0;) {
        start[i] = rest % o->shape[i];
        edges[i] = i > axis ? o->shape[i] : i == axis ? edge : 1;
        rest /= o->shape[i];
    }
    return edge * stride;
}

static void put_column(output *o, size_t column, size_t first, size_t count, double *room)
{
    const umi_sweep_column *c = &o->column[column];
    for (size_t i = 0; i < count; i++)
        memcpy(room + i * c->count, o->buffer + (first - o->first + i) * o->width + c->offset,
               c->count * sizeof *room);
    for (size_t done = 0, box; done < count && !o->w.code; done += box) {
        size_t start[RANK_MAX + 1], edges[RANK_MAX + 1];
        box = next_box(o, first + done, count - done, start, edges);
        start[o->rank] = 0;
        edges[o->rank] = c->count;
        umi_netcdf_check(&o->w, o->w.nc.put_vara_double(o->w.file, o->variable[column], start, edges,
                                                   room + done * c->count));
    }
}

static void put_status(output *o)
{
    for (size_t done = 0, box; done < o->count && !o->w.code; done += box) {
        size_t start[RANK_MAX + 1], edges[RANK_MAX + 1];
        box = next_box(o, o->first + done, o->count - done, start, edges);
        umi_netcdf_check(&o->w, o->w.nc.put_vara_schar(o->w.file, o->status_variable, start, edges,
                                                  o->status + done));
    }
}

static um_status flush(output *o)
{
    if (o->count == 0) return UM_OK;
    double *room = UMI_NEW_ARRAY(o->w.ctx, double, o->count *o->width);
    if (!room) return UM_ERROR_MEMORY;
    for (size_t i = 0; i < o->columns; i++) put_column(o, i, o->first, o->count, room);
    put_status(o);
    umi_free(o->w.ctx, room);
    o->first += o->count;
    o->count = 0;
    return UM_OK;
}

static um_status add_block(output *o, size_t number, const um_sweep_block *block)
{
    size_t each = o->plan->block, first = number * each;
    size_t count = o->points - first < each ? o->points - first : each;
    if (o->count + count > o->room) UMI_TRY(flush(o));
    double *to = o->buffer + o->count * o->width;
    for (size_t i = 0; i < count * o->width; i++) to[i] = block ? block->values[i] : NAN;
    memset(o->status + o->count, block ? UM_OK : -1, count);
    for (size_t i = 0; block && i < block->failures_count; i++)
        o->status[o->count + block->failures[i].point - first] =
            (signed char)block->failures[i].status;
    o->count += count;
    return UM_OK;
}

static um_status put_blocks(output *o)
{
    size_t blocks = um_sweep_count_blocks(o->journal->sweep);
    for (size_t number = 0; number < blocks && !o->w.code; number++) {
        um_sweep_block block = {0};
        bool there = o->journal->there[number];
        if (there) UMI_TRY(um_journal_read_block(o->w.ctx, o->journal, number, &block));
        um_status status = add_block(o, number, there ? &block : NULL);
        um_sweep_block_clear(o->w.ctx, &block);
        UMI_TRY(status);
    }
    return flush(o);
}

static void put_failures(output *o, int point, int message)
{
    for (size_t i = 0; i < o->failures_count && !o->w.code; i++) {
        long long at = (long long)o->failures[i].point;
        const char *text = o->failures[i].message;
        umi_netcdf_check(&o->w, o->w.nc.put_var1_longlong(o->w.file, point, &i, &at));
        umi_netcdf_check(&o->w, o->w.nc.put_var1_string(o->w.file, message, &i, &text));
    }
}

static bool is_numeric(const um_sweep_axis *axis, size_t key)
{
    for (size_t i = 0; i < axis->count; i++)
        if (isnan(axis->values[key * axis->count + i])) return false;
    return true;
}

/* A coordinate of numbers where all are, of texts as they were written otherwise. */
static void define_key(output *o, const um_sweep_axis *axis, size_t key, const char *name, int dimension)
{
    bool numeric = is_numeric(axis, key);
    int variable = umi_netcdf_define_variable(&o->w, name, NULL, axis->keys[key],
                                              numeric ? NC_DOUBLE : NC_STRING, 1, &dimension);
    umi_netcdf_put_attribute(&o->w, variable, "key", axis->keys[key]);
    const void *data = numeric ? (const void *)(axis->values + key * axis->count)
                               : (const void *)(axis->texts + key * axis->count);
    umi_netcdf_add_item(&o->w, variable, data, NULL);
}

static void define_axes(output *o, umi_sweep_names *names)
{
    for (size_t i = 0; i < o->rank; i++) {
        const um_sweep_axis *axis = &o->plan->axes[i];
        o->shape[i] = axis->count;
        o->dimension[i] = umi_netcdf_define_dimension(&o->w, axis->name, axis->count);
        if (axis->keys_count == 1) {
            define_key(o, axis, 0, axis->name, o->dimension[i]);
            continue;
        }
        for (size_t key = 0; key < axis->keys_count; key++)
            define_key(o, axis, key, names->of[key], o->dimension[i]);
        umi_netcdf_put_attribute(&o->w, NC_GLOBAL, "coordinates", names->joined);
    }
}

static void define_columns(output *o)
{
    int record = -1;
    if (o->plan->series)
        record = umi_netcdf_define_dimension(&o->w, "record", o->plan->records);
    for (size_t i = 0; i < o->columns; i++) {
        const umi_sweep_column *c = &o->column[i];
        o->dimension[o->rank] = record;
        o->variable[i] = umi_netcdf_define_variable(&o->w, c->name, c->units, c->long_name, NC_DOUBLE,
                                                    (int)o->rank + (c->is_series ? 1 : 0), o->dimension);
    }
    o->status_variable = umi_netcdf_define_variable(&o->w, "status", "1", "what became of the point",
                                                    NC_BYTE, (int)o->rank, o->dimension);
    signed char values[UM_STATUS_COUNT + 1];
    char meanings[400] = "not_computed";
    for (int i = 0; i <= UM_STATUS_COUNT; i++) {
        values[i] = (signed char)(i - 1);
        size_t used = strlen(meanings);
        if (i > 0) snprintf(meanings + used, sizeof meanings - used, " %s", um_status_get_name((um_status)(i - 1)));
    }
    if (!o->w.code)
        umi_netcdf_check(&o->w, o->w.nc.put_att_schar(o->w.file, o->status_variable, "flag_values", NC_BYTE,
                                                 UM_STATUS_COUNT + 1, values));
    umi_netcdf_put_attribute(&o->w, o->status_variable, "flag_meanings", meanings);
}

static um_status put_about(output *o, const um_provenance *provenance)
{
    char *text;
    um_journal *journal = o->journal;
    umi_netcdf_put_origin(&o->w, provenance);
    umi_netcdf_put_attribute(&o->w, NC_GLOBAL, "analysis",
                             o->plan->analysis == UM_SWEEP_RUN ? "run" : "steady");
    UMI_TRY(umi_journal_get_text(o->w.ctx, journal->path, journal->base, "kernel", &text));
    umi_netcdf_put_attribute(&o->w, NC_GLOBAL, "kernel", text);
    umi_free(o->w.ctx, text);
    return UM_OK;
}

static um_status write_all(output *o, const um_provenance *provenance)
{
    umi_sweep_names names;
    UMI_TRY(umi_sweep_names_create(o->w.ctx, o->plan, &names));
    define_axes(o, &names);
    define_columns(o);
    int point = -1, message = -1;
    um_status status = um_journal_get_failures(o->w.ctx, o->journal, FAILURES_MAX, &o->failures,
                                               &o->failures_count);
    if (status == UM_OK && o->failures_count > 0) {
        int failure = umi_netcdf_define_dimension(&o->w, "failure", o->failures_count);
        point = umi_netcdf_define_variable(&o->w, "failed_point", "1", "number of a failed point",
                                           NC_INT64, 1, &failure);
        message = umi_netcdf_define_variable(&o->w, "failure_message", NULL, "why it failed",
                                             NC_STRING, 1, &failure);
    }
    if (status == UM_OK) status = put_about(o, provenance);
    if (!o->w.code) umi_netcdf_check(&o->w, o->w.nc.enddef(o->w.file));
    umi_netcdf_put_items(&o->w);
    if (status == UM_OK) status = put_blocks(o);
    if (status == UM_OK && o->failures_count > 0) put_failures(o, point, message);
    umi_sweep_names_free(o->w.ctx, &names);
    return status;
}

static um_status check_room(um_context *ctx, const char *path, const char *temporary, double bytes)
{
    struct statvfs about;
    if (statvfs(temporary, &about) != 0) return UM_OK;
    double free_bytes = (double)about.f_bavail * (double)about.f_frsize;
    if (free_bytes > 1.1 * bytes + 1e6) return UM_OK;
    return umi_file_fail_text(ctx, UM_ERROR_IO, path,
                              "the result needs about %.3g MB, and %.3g MB are free on its disk; the "
                              "journal has all that was computed: make room and run the same "
                              "command again",
                              1e-6 * bytes, 1e-6 * free_bytes);
}

static um_status allocate(output *o)
{
    um_context *ctx = o->w.ctx;
    UMI_TRY(umi_sweep_columns_create(ctx, o->plan, &o->column, &o->columns));
    o->room = (size_t)BUFFER_BYTES / (o->width * sizeof(double));
    if (o->room > o->points) o->room = o->points;
    if (o->room < o->plan->block) o->room = o->plan->block;
    o->variable = UMI_NEW_ARRAY(ctx, int, o->columns);
    o->buffer = UMI_NEW_ARRAY(ctx, double, o->room *o->width);
    o->status = UMI_NEW_ARRAY(ctx, signed char, o->room);
    return o->variable && o->buffer && o->status ? UM_OK : UM_ERROR_MEMORY;
}

/* A name that netCDF cannot take for an address. */
static um_status create(output *o, const char *temporary)
{
    size_t room = strlen(temporary) + 3;
    char *local = umi_alloc(o->w.ctx, room, 1);
    if (!local) return UM_ERROR_MEMORY;
    snprintf(local, room, "%s%s", *temporary == '/' ? "" : "./", temporary);
    umi_netcdf_check(&o->w, o->w.nc.create(local, NC_NETCDF4 | NC_CLOBBER, &o->w.file));
    umi_free(o->w.ctx, local);
    return UM_OK;
}

static um_status write_file(output *o, const um_provenance *provenance, const char *path,
                            const char *temporary)
{
    UMI_TRY(check_room(o->w.ctx, path, temporary,
                       (double)o->points * (8.0 * (double)o->width + 1)));
    UMI_TRY(allocate(o));
    UMI_TRY(umi_netcdf_load(o->w.ctx, &o->w.nc));
    umi_netcdf_lock();
    um_status status = create(o, temporary);
    bool opened = status == UM_OK && !o->w.code;
    if (opened) status = write_all(o, provenance);
    if (opened) umi_netcdf_check(&o->w, o->w.nc.close(o->w.file));
    umi_netcdf_unlock();
    if (status == UM_OK && o->w.code)
        status = umi_file_fail_text(o->w.ctx, UM_ERROR_IO, path, "cannot be written: %s",
                                    o->w.nc.strerror(o->w.code));
    return status;
}

um_status um_sweep_write_netcdf(um_context *ctx, um_journal *journal,
                                const um_provenance *provenance, const char *path, bool replace)
{
    const um_sweep *sweep = journal->sweep;
    output o = {.w = {.ctx = ctx}, .journal = journal, .plan = um_sweep_get_plan(sweep),
                .points = um_sweep_count_points(sweep), .width = um_sweep_get_width(sweep)};
    o.rank = o.plan->axes_count;
    if (o.rank > RANK_MAX)
        return umi_fail(ctx, UM_ERROR_ARG, "a result file has at most %d axes", (int)RANK_MAX);
    for (size_t i = 0; i < o.rank && o.rank > 1; i++)
        if (o.plan->axes[i].keys_count > 1)
            return umi_fail(ctx, UM_ERROR_ARG,
                            "axis %zu changes several keys; in a result file such an axis is the only one",
                            i);
    umi_file file;
    UMI_TRY(umi_file_begin(ctx, path, replace, &file));
    um_status status = write_file(&o, provenance, path, file.temporary);
    if (status == UM_OK)
        status = umi_file_commit(&file);
    else
        umi_file_abandon(&file);
    um_sweep_failures_destroy(ctx, o.failures, o.failures_count);
    umi_sweep_columns_free(ctx, o.column, o.columns);
    umi_free(ctx, o.variable);
    umi_free(ctx, o.buffer);
    umi_free(ctx, o.status);
    return status;
}
