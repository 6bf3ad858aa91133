/* A steady analysis in a netCDF-4 file: its run as any result, modes and chambers as tables, the
 * rest as attributes. */
#include <math.h>
#include <string.h>

#include "io/file.h"
#include "io/netcdf_reader.h"
#include "io/netcdf_writer.h"

#define LIMIT_STATUS "steady_limit_status"

#define SCALAR(name, type, field) \
    { \
        "steady_" name, NULL, NULL, type, offsetof(um_steady, field) \
    }
static const umi_netcdf_field scalars[] = {
    SCALAR("lifetime", NC_DOUBLE, lifetime),
    SCALAR("band_exit", NC_INT64, band_exit),
    SCALAR("limit_collision", NC_INT64, limit.collision),
    SCALAR("limit_energy", NC_DOUBLE, limit.energy),
    SCALAR("limit_ergotropy", NC_DOUBLE, limit.ergotropy),
    SCALAR("limit_purity", NC_DOUBLE, limit.purity),
    SCALAR("limit_level", NC_INT, limit.level),
    SCALAR("spectrum_levels", NC_INT, spectrum.levels),
    SCALAR("spectrum_eigenvalues", NC_INT, spectrum.eigenvalues),
    SCALAR("spectrum_dropped", NC_INT, spectrum.dropped),
    SCALAR("wall_seconds", NC_DOUBLE, wall_seconds),
    {0},
};

#define MODE(name, units, text, type) \
    { \
        "mode_" #name, units, text, type, offsetof(um_mode, name) \
    }
static const umi_netcdf_field modes[] = {
    MODE(re, "1", "eigenvalue of the map, real part", NC_DOUBLE),
    MODE(im, "1", "eigenvalue of the map, imaginary part", NC_DOUBLE),
    MODE(modulus, "1", "modulus of the eigenvalue", NC_DOUBLE),
    MODE(decay, "1", "-ln of the modulus, to all its digits", NC_DOUBLE),
    MODE(relaxation, "1", "collisions in which the mode falls by e", NC_DOUBLE),
    MODE(error, "1", "error of the eigenvalue and of its decay", NC_DOUBLE),
    MODE(multiplicity, "1", "how often the eigenvalue occurs", NC_INT),
    {0},
};

#define STATIONARY(name, units, text) \
    { \
        "stationary_" #name, units, text, NC_DOUBLE, offsetof(um_stationary, name) \
    }
static const umi_netcdf_field stationary[] = {
    STATIONARY(energy, "omega", "energy of the only state that the map leaves as it is"),
    STATIONARY(ergotropy, "omega", "its ergotropy"),
    STATIONARY(purity, "1", "its purity"),
    {0},
};
static const umi_netcdf_field stationary_levels[] = {
    {"stationary_population", "1", "its populations", NC_DOUBLE, 0},
    {0},
};

#define CHAMBER(name, units, text, type) \
    { \
        "chamber_" #name, units, text, type, offsetof(um_chamber, name) \
    }
static const umi_netcdf_field chambers[] = {
    CHAMBER(first, "1", "lowest level of the chamber", NC_INT),
    CHAMBER(last, "1", "highest level of the chamber", NC_INT),
    CHAMBER(exact, "1", "1: the trap above is exact", NC_BYTE),
    CHAMBER(open, "1", "1: no trap above, the chamber ends with the battery or the space", NC_BYTE),
    CHAMBER(population, "1", "population of the plateau state in it", NC_DOUBLE),
    CHAMBER(energy, "omega", "energy of the chamber's own state", NC_DOUBLE),
    CHAMBER(ergotropy, "omega", "ergotropy of the chamber's own state", NC_DOUBLE),
    CHAMBER(purity, "1", "purity of the chamber's own state", NC_DOUBLE),
    CHAMBER(leak, "1", "population lost upwards per collision", NC_DOUBLE),
    CHAMBER(down, "1", "population lost downwards per collision", NC_DOUBLE),
    CHAMBER(leak_error, "1", "estimated relative error of the leaks", NC_DOUBLE),
    CHAMBER(relaxation, "1", "collisions in which the slowest inner mode falls by e", NC_DOUBLE),
    CHAMBER(levels, "1", "levels of the chamber's own state; zero beyond", NC_INT),
    {0},
};

static const char *const methods[] = {"slow-modes", "perturbation", "closed"};
enum { METHODS = sizeof methods / sizeof *methods };

static size_t largest_chamber(const um_steady *steady)
{
    int levels = 1;
    for (size_t i = 0; i < steady->chambers_count; i++)
        levels = umi_max(levels, steady->chambers[i].levels);
    return (size_t)levels;
}

static um_status define_populations(umi_netcdf_writer *w, const um_steady *steady, int dimension)
{
    size_t levels = largest_chamber(steady);
    int shape[] = {dimension, umi_netcdf_define_dimension(w, "chamber_level", levels)};
    double *all = UMI_NEW_ARRAY(w->ctx, double, steady->chambers_count *levels);
    if (!all) return UM_ERROR_MEMORY;
    for (size_t i = 0; i < steady->chambers_count; i++) {
        const um_chamber *chamber = &steady->chambers[i];
        if (chamber->populations)
            memcpy(all + i * levels, chamber->populations, (size_t)chamber->levels * sizeof *all);
    }
    int variable =
        umi_netcdf_define_variable(w, "chamber_populations", "1",
                                   "populations of the chamber's own state", NC_DOUBLE, 2, shape);
    umi_netcdf_add_item(w, variable, all, all);
    return UM_OK;
}

static um_status define_chambers(umi_netcdf_writer *w, const um_steady *steady)
{
    size_t count = steady->chambers_count;
    if (count == 0) return UM_OK;
    int dimension = umi_netcdf_define_dimension(w, "chamber", count);
    UMI_TRY(umi_netcdf_define_table(w, chambers, dimension, steady->chambers, count,
                                    sizeof *steady->chambers));
    const char **names = UMI_NEW_ARRAY(w->ctx, const char *, count);
    if (!names) return UM_ERROR_MEMORY;
    for (size_t i = 0; i < count; i++)
        names[i] = steady->chambers[i].method ? steady->chambers[i].method : "";
    int variable = umi_netcdf_define_variable(
        w, "chamber_method", NULL, "how its leak was computed", NC_STRING, 1, &dimension);
    umi_netcdf_add_item(w, variable, names, (void *)names);
    return define_populations(w, steady, dimension);
}

static um_status define_stationary(umi_netcdf_writer *w, const um_stationary *it)
{
    if (it->levels == 0) return UM_OK;
    size_t levels = (size_t)it->levels;
    int one = umi_netcdf_define_dimension(w, "stationary", 1);
    int level = umi_netcdf_define_dimension(w, "stationary_level", levels);
    UMI_TRY(umi_netcdf_define_table(w, stationary, one, it, 1, sizeof *it));
    return umi_netcdf_define_table(w, stationary_levels, level, it->populations, levels,
                                   sizeof *it->populations);
}

static um_status define_steady(umi_netcdf_writer *w, const void *user)
{
    const um_steady *steady = user;
    umi_netcdf_put_attribute(w, NC_GLOBAL, "steady_status", um_status_get_name(steady->status));
    umi_netcdf_put_attribute(w, NC_GLOBAL, LIMIT_STATUS,
                             um_limit_status_get_name(steady->limit.status));
    umi_netcdf_put_scalars(w, scalars, steady);
    umi_netcdf_put_texts(w, "steady_warnings", steady->warnings, steady->warnings_count);
    if (steady->spectrum.count > 0) {
        int dimension = umi_netcdf_define_dimension(w, "mode", steady->spectrum.count);
        UMI_TRY(umi_netcdf_define_table(w, modes, dimension, steady->spectrum.modes,
                                        steady->spectrum.count, sizeof *steady->spectrum.modes));
    }
    UMI_TRY(define_stationary(w, &steady->stationary));
    return define_chambers(w, steady);
}

um_status um_steady_write_netcdf(um_context *ctx, const um_steady *steady,
                                 const um_provenance *provenance, const char *path, bool replace)
{
    if (!steady->run)
        return umi_fail(ctx, UM_ERROR_ARG, "a steady analysis without a run cannot be written");
    return umi_netcdf_write(ctx, steady->run, provenance, path, replace, define_steady, steady);
}

static um_status read_populations(umi_netcdf_reader *r, um_steady *steady)
{
    size_t shape[] = {steady->chambers_count, umi_netcdf_get_length(r, "chamber_level")};
    double *all = NULL;
    um_status status =
        umi_netcdf_read_array(r, "chamber_populations", NC_DOUBLE, 2, shape, (void **)&all);
    for (size_t i = 0; i < steady->chambers_count && status == UM_OK; i++) {
        um_chamber *chamber = &steady->chambers[i];
        if (chamber->levels < 0 || (size_t)chamber->levels > shape[1]) {
            status = umi_netcdf_damaged(r, "chamber_levels", 0);
        } else if (!(chamber->populations =
                         UMI_NEW_ARRAY(r->ctx, double, (size_t)chamber->levels))) {
            status = UM_ERROR_MEMORY;
        } else {
            memcpy(chamber->populations, all + i * shape[1], (size_t)chamber->levels * sizeof *all);
        }
    }
    umi_free(r->ctx, all);
    return status;
}

static um_status read_methods(umi_netcdf_reader *r, um_steady *steady)
{
    char **names = NULL;
    um_status status = umi_netcdf_read_array(r, "chamber_method", NC_STRING, 1,
                                             &steady->chambers_count, (void **)&names);
    for (size_t i = 0; i < steady->chambers_count && status == UM_OK; i++)
        for (int k = 0; k < METHODS; k++)
            if (names[i] && strcmp(names[i], methods[k]) == 0)
                steady->chambers[i].method = methods[k];
    if (names) r->nc.free_string(steady->chambers_count, names);
    umi_free(r->ctx, names);
    return status;
}

static um_status read_chambers(umi_netcdf_reader *r, um_steady *steady)
{
    UMI_TRY(umi_netcdf_read_table(r, chambers, "chamber", sizeof *steady->chambers,
                                  (void **)&steady->chambers, &steady->chambers_count));
    if (steady->chambers_count == 0) return UM_OK;
    UMI_TRY(read_methods(r, steady));
    return read_populations(r, steady);
}

static um_status read_stationary(umi_netcdf_reader *r, um_stationary *it)
{
    um_stationary *found = NULL;
    size_t count = 0, levels = 0;
    um_stationary_clear(r->ctx, it);
    um_status status =
        umi_netcdf_read_table(r, stationary, "stationary", sizeof *found, (void **)&found, &count);
    if (status == UM_OK && count > 0) *it = found[0];
    umi_free(r->ctx, found);
    UMI_TRY(status);
    UMI_TRY(umi_netcdf_read_table(r, stationary_levels, "stationary_level", sizeof(double),
                                  (void **)&it->populations, &levels));
    it->levels = (int)levels;
    return UM_OK;
}

/* A word among the names that a list of values has; -1: none of them. */
static um_status read_word(umi_netcdf_reader *r, const char *attribute,
                           const char *(*get_name)(int), int count, int *value)
{
    char *text;
    UMI_TRY(umi_netcdf_read_text(r, attribute, &text));
    for (*value = 0; *value < count; (*value)++)
        if (text && strcmp(text, get_name(*value)) == 0) break;
    umi_free(r->ctx, text);
    return *value < count ? UM_OK : umi_netcdf_damaged(r, attribute, 0);
}

static const char *get_limit_name(int status) { return um_limit_status_get_name(status); }
static const char *get_status_name(int status) { return um_status_get_name(status); }

static um_status read_steady(umi_netcdf_reader *r, void *user)
{
    um_steady *steady = user;
    int word;
    if (r->nc.inq_attid(r->file, NC_GLOBAL, LIMIT_STATUS, &word) != NC_NOERR)
        return umi_file_fail_text(r->ctx, UM_ERROR_IO, r->path,
                                  "holds a run, but no steady analysis: umaser steady makes one");
    UMI_TRY(read_word(r, LIMIT_STATUS, get_limit_name, UM_LIMIT_UNDECIDED + 1, &word));
    steady->limit.status = word;
    UMI_TRY(read_word(r, "steady_status", get_status_name, UM_STATUS_COUNT, &word));
    steady->status = word;
    UMI_TRY(umi_netcdf_read_scalars(r, scalars, steady));
    UMI_TRY(
        umi_netcdf_read_texts(r, "steady_warnings", &steady->warnings, &steady->warnings_count));
    UMI_TRY(umi_netcdf_read_table(r, modes, "mode", sizeof *steady->spectrum.modes,
                                  (void **)&steady->spectrum.modes, &steady->spectrum.count));
    UMI_TRY(read_stationary(r, &steady->stationary));
    return read_chambers(r, steady);
}

um_status um_steady_read(um_context *ctx, const char *path, um_steady **steady)
{
    *steady = NULL;
    um_steady *made = UMI_NEW(ctx, um_steady);
    if (!made) return UM_ERROR_MEMORY;
    um_status status = umi_netcdf_read(ctx, path, &made->run, NULL, read_steady, made);
    if (status != UM_OK) {
        um_steady_destroy(ctx, made);
        return status;
    }
    if (made->run->plateaus_count > 0)
        made->plateau = made->run->plateaus[0];
    else
        made->plateau.charging_time = -1;
    *steady = made;
    return UM_OK;
}
