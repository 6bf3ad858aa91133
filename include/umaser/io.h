/* io: configurations in YAML, results in netCDF-4, JSON and CSV, checkpoints.
 * Files are written to a temporary name beside the target and renamed: a crash never leaves a
 * half-written file under the final name. Numbers are read and written in the C locale.
 */
#ifndef UMASER_IO_H
#define UMASER_IO_H

#include <stdio.h>

#include "umaser/design.h"
#include "umaser/sweep.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct um_config um_config;

/**
 * computes  a configuration: the YAML file, then each override, parsed and checked key by key
 * in        path: a YAML file, at most 1 MiB; overrides: count texts "section.key=value"
 * out       config: set on success, NULL otherwise
 * aliasing  copied
 * owner     the caller, who ends it with um_config_destroy
 * errors    UM_ERROR_IO cannot be read; UM_ERROR_CONFIG with file, line, key, what was found,
 *           what is allowed and the nearest known key; UM_ERROR_MEMORY
 * cost      O(file)
 * source    docs/configuration.md
 */
UM_API um_status um_config_read(um_context *ctx, const char *path, const char *const *overrides,
                                size_t count, um_config **config);

/**
 * computes  the same from text in memory
 * in        text: length bytes; name: what messages call it
 * out       config: set on success, NULL otherwise
 * aliasing  copied
 * owner     the caller, who ends it with um_config_destroy
 * errors    as um_config_read, without UM_ERROR_IO
 * cost      O(length)
 * source    docs/configuration.md
 * equals    um_config_read of a file with that text
 */
UM_API um_status um_config_parse(um_context *ctx, const char *text, size_t length,
                                 const char *name, const char *const *overrides, size_t count,
                                 um_config **config);

/**
 * computes  nothing; ends the configuration
 * in        config: may be NULL
 * out       -
 * aliasing  -
 * owner     the configuration is gone
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API void um_config_destroy(um_config *config);

/**
 * computes  the model a configuration describes; a failure carries file and line of its key
 * in        config
 * out       model: set on success, NULL otherwise
 * aliasing  nothing of config is kept
 * owner     the caller, who ends it with um_model_destroy
 * errors    as um_model_create; UM_ERROR_IO an initial state's file cannot be read
 * cost      as um_model_create
 * source    -
 */
UM_API um_status um_config_create_model(um_context *ctx, const um_config *config, um_model **model);

/**
 * computes  file and line of the key that the context's last error names, if the configuration
 *           has it: for errors of um_run_create and um_run_advance
 * in        config
 * out       the context's error
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(configuration)
 * source    -
 */
UM_API void um_config_locate_error(um_context *ctx, const um_config *config);

/**
 * computes  the resolved configuration as YAML, every key with its value: itself a valid
 *           configuration that gives the same model
 * in        model
 * out       text: a C string
 * aliasing  -
 * owner     the caller, who frees it with um_text_destroy
 * errors    UM_ERROR_ARG an initial matrix that came from no file cannot be written; UM_ERROR_MEMORY
 * cost      O(description)
 * source    docs/configuration.md
 */
UM_API um_status um_config_format(um_context *ctx, const um_model *model, char **text);

/**
 * computes  nothing; frees a text of um_config_format
 * in        text: may be NULL
 * out       -
 * aliasing  -
 * owner     the text is gone
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API void um_text_destroy(um_context *ctx, char *text);

/* What a result file says about where it came from. */
typedef struct um_provenance {
    const char *config;  /* resolved configuration as YAML */
    const char *options; /* command-line options that matter */
    uint64_t seed;
    int threads;
} um_provenance;

/**
 * computes  whether there is netCDF, which is loaded when a file needs it: to be asked before long work
 * in        -
 * out       -
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_MISSING it cannot be loaded; so do all functions that read or write such a file
 * cost      loading a shared library, once in a process
 * source    -
 */
UM_API um_status um_result_prepare_netcdf(um_context *ctx);

/**
 * computes  the netCDF-4 file of a result
 * in        result; provenance: may be NULL; replace: whether an existing file may be replaced
 * out       the file at path
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_IO with file and reason (exists, no permission, disk full, ...): what stood
 *           at path is untouched
 * cost      O(result)
 * source    netCDF-4; docs/results.md
 */
UM_API um_status um_result_write_netcdf(um_context *ctx, const um_result *result,
                                        const um_provenance *provenance, const char *path, bool replace);

/**
 * computes  the records as CSV: a header line with names, then a line per record
 * in        result; replace: whether an existing file may be replaced
 * out       the file at path; undefined numbers are empty
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_IO as um_result_write_netcdf
 * cost      O(records)
 * source    docs/results.md
 */
UM_API um_status um_result_write_csv(um_context *ctx, const um_result *result, const char *path,
                                     bool replace);

/**
 * computes  the JSON summary of a result
 * in        result: may be NULL (nothing was computed); error: NULL, or what ended the run;
 *           exit_code: of the program; stream: open for writing
 * out       one JSON object and a newline; undefined numbers are null
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_IO the stream failed
 * cost      O(records + saved states)
 * source    docs/results.md
 */
UM_API um_status um_result_write_json(um_context *ctx, const um_result *result,
                                      const um_error *error, int exit_code, FILE *stream);

/**
 * computes  a result read back from a netCDF file
 * in        path: a file of um_result_write_netcdf
 * out       result: set on success, NULL otherwise; config: if not NULL, the resolved
 *           configuration in the file (um_text_destroy)
 * aliasing  -
 * owner     the caller, who ends it with um_result_destroy
 * errors    UM_ERROR_IO not there, not netCDF, not a result of umaser, or of another version's
 *           layout (the message says which); UM_ERROR_MEMORY
 * cost      O(file)
 * source    docs/results.md
 */
UM_API um_status um_result_read(um_context *ctx, const char *path, um_result **result, char **config);

/**
 * computes  the netCDF-4 file of a steady analysis: that of its run to the horizon (readable by
 *           um_result_read too), with modes, chambers, plateau and limit
 * in        steady: with its run; provenance: may be NULL; replace: whether an existing file may
 *           be replaced
 * out       the file at path
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_IO as um_result_write_netcdf; UM_ERROR_ARG no run; UM_ERROR_MEMORY
 * cost      O(size)
 * source    netCDF-4; docs/results.md
 */
UM_API um_status um_steady_write_netcdf(um_context *ctx, const um_steady *steady,
                                        const um_provenance *provenance, const char *path, bool replace);

/**
 * computes  plateau, limit, chambers and modes as one CSV table: a line each, its first column
 *           says which
 * in        steady; replace: whether an existing file may be replaced
 * out       the file at path; undefined numbers are empty
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_IO as um_result_write_netcdf
 * cost      O(modes + chambers)
 * source    docs/results.md
 */
UM_API um_status um_steady_write_csv(um_context *ctx, const um_steady *steady, const char *path,
                                     bool replace);

/**
 * computes  the JSON summary of a steady analysis
 * in        steady: may be NULL (nothing was computed); error: NULL, or what ended the program;
 *           exit_code: of the program; stream: open for writing
 * out       one JSON object and a newline; undefined and infinite numbers are null
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_IO the stream failed
 * cost      O(size)
 * source    docs/results.md
 */
UM_API um_status um_steady_write_json(um_context *ctx, const um_steady *steady,
                                      const um_error *error, int exit_code, FILE *stream);

/**
 * computes  a steady analysis read back from a netCDF file
 * in        path: a file of um_steady_write_netcdf
 * out       steady: set on success, NULL otherwise
 * aliasing  -
 * owner     the caller, who ends it with um_steady_destroy
 * errors    UM_ERROR_IO as um_result_read, or a result without a steady analysis; UM_ERROR_MEMORY
 * cost      O(file)
 * source    docs/results.md
 */
UM_API um_status um_steady_read(um_context *ctx, const char *path, um_steady **steady);

/**
 * computes  the JSON summary of a search for designs
 * in        options, survey: of the search; designs: count of them; stream: open for writing
 * out       one JSON object and a newline; undefined numbers are null
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_IO the stream failed
 * cost      O(count)
 * source    docs/results.md
 */
UM_API um_status um_designs_write_json(um_context *ctx, const um_design_options *options,
                                       const um_design_survey *survey, const um_design *designs,
                                       size_t count, FILE *stream);

/**
 * computes  designs as CSV: a header line with names, then a line per design
 * in        designs: count of them; replace: whether an existing file may be replaced
 * out       the file at path; undefined numbers are empty
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_IO as um_result_write_netcdf
 * cost      O(count)
 * source    docs/results.md
 */
UM_API um_status um_designs_write_csv(um_context *ctx, const um_design *designs, size_t count,
                                      const char *path, bool replace);

/**
 * computes  designs read back from a CSV file
 * in        path: a file of um_designs_write_csv
 * out       designs: count of them, NULL and 0 if the table is empty
 * aliasing  -
 * owner     the caller, who frees them with um_designs_destroy
 * errors    UM_ERROR_IO not there, or not a table of designs (the message says which line);
 *           UM_ERROR_MEMORY
 * cost      O(file)
 * source    docs/results.md
 */
UM_API um_status um_designs_read_csv(um_context *ctx, const char *path, um_design **designs, size_t *count);

/**
 * computes  a number as a configuration may have it: 0.25, 1e-3, pi/sqrt(10)
 * in        text
 * out       value
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_CONFIG not a number, and why
 * cost      O(length)
 * source    docs/configuration.md
 */
UM_API um_status um_expression_parse(um_context *ctx, const char *text, double *value);

/**
 * computes  a checkpoint file of an archive
 * in        archive; digest: of the model; path: replaced if there
 * out       the file
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_IO: an earlier checkpoint at path is untouched
 * cost      O(archive)
 * source    -
 */
UM_API um_status um_checkpoint_write(um_context *ctx, const um_archive *archive, uint64_t digest,
                                     const char *path);

/**
 * computes  the archive in a checkpoint file
 * in        path; digest: of the model that wants to go on
 * out       archive: filled; it was zero-initialised
 * aliasing  -
 * owner     the caller, who clears it with um_archive_clear
 * errors    UM_ERROR_IO not there, damaged, another layout; UM_ERROR_CONFIG another model, build, kernel path
 * cost      O(file)
 * source    -
 */
UM_API um_status um_checkpoint_read(um_context *ctx, const char *path, uint64_t digest,
                                    um_archive *archive);

/**
 * computes  the plan that a configuration's section `sweep` describes
 * in        config
 * out       plan: points into config
 * aliasing  -
 * owner     the configuration
 * errors    UM_ERROR_CONFIG no such section (the message says how one looks); UM_ERROR_MEMORY
 * cost      O(axes)
 * source    docs/sweeps.md
 */
UM_API um_status um_config_get_plan(um_context *ctx, const um_config *config, um_sweep_plan *plan);

/**
 * computes  the model of a point: the configuration with the axes' values put in as --set would;
 *           a um_sweep_source whose user is the um_config
 * in        config: not changed, threads with contexts of their own may share it; point; seed: of
 *           random choices
 * out       model: set on success, NULL otherwise
 * aliasing  nothing of config is kept
 * owner     the caller, who ends it with um_model_destroy
 * errors    as um_config_read and um_config_create_model
 * cost      O(configuration)
 * source    docs/sweeps.md
 * equals    um_config_read with the values as overrides, um_config_create_model
 */
UM_API um_status um_config_create_point(void *config, um_context *ctx, size_t point, uint64_t seed,
                                        um_model **model);

/**
 * computes  what a sweep is, as text: axes, analysis, summaries, the resolved configuration of its
 *           first point, the keys as they were given. Equal texts mean equal numbers
 * in        config: with a section sweep; seed: of its random choices
 * out       text: a C string
 * aliasing  -
 * owner     the caller, who frees it with um_text_destroy
 * errors    as um_config_create_point; UM_ERROR_MEMORY
 * cost      O(configuration + values)
 * source    -
 */
UM_API um_status um_config_format_sweep(um_context *ctx, const um_config *config, uint64_t seed,
                                        char **text);

/**
 * computes  the configuration as it was given, overrides put in, as YAML on one line
 * in        config
 * out       text: a C string; um_config_parse of it with the same name gives the same configuration
 * aliasing  -
 * owner     the caller, who frees it with um_text_destroy
 * errors    UM_ERROR_MEMORY
 * cost      O(configuration)
 * source    -
 */
UM_API um_status um_config_format_source(um_context *ctx, const um_config *config, char **text);

/* The journal of a sweep: an SQLite file that finished blocks go to, a transaction each. */
typedef struct um_journal um_journal;

/* What a journal is a journal of. */
typedef struct um_journal_header {
    const char *description;   /* um_config_format_sweep */
    const char *name, *source; /* of the configuration, um_config_format_source */
    const char *kernel;        /* um_sweep_get_kernel */
    uint64_t seed;
    int shard, shards; /* 0, 1: all of it */
} um_journal_header;

typedef struct um_journal_status {
    size_t points, done, failed; /* of its shard */
    double seconds;              /* that were computed for, over all times it was gone on with */
    double rate;                 /* points per second over its last minute of work; NAN: unknown */
    int shard, shards;
    bool complete;
    char kernel[32];
} um_journal_status;

/**
 * computes  a journal that is made or gone on with
 * in        path; sweep: whose points it holds; header: as it must be; one thread at a time
 * out       journal: set on success, NULL otherwise
 * aliasing  the sweep is kept, alive as long as the journal
 * owner     the caller, who ends it with um_journal_close
 * errors    UM_ERROR_CONFIG it is the journal of another sweep (the message says what differs), of
 *           another kernel path, shard, or build of the library; UM_ERROR_IO another process works on it, cannot be read
 *           or written, is damaged or of another version (nothing in it is changed); UM_ERROR_MEMORY
 * cost      O(blocks)
 * source    docs/sweeps.md
 */
UM_API um_status um_journal_open(um_context *ctx, const char *path, const um_sweep *sweep,
                                 const um_journal_header *header, um_journal **journal);

/**
 * computes  nothing; ends it. What was put is on the disk
 * in        journal: may be NULL
 * out       -
 * aliasing  -
 * owner     the journal is gone, its file stays
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API void um_journal_close(um_journal *journal);

/**
 * computes  the journal as the store of um_sweep_run
 * in        journal
 * out       returns it
 * aliasing  it is the journal
 * owner     the journal
 * errors    of its `put`: UM_ERROR_IO disk full, ...: the block is not there, all before is
 * cost      O(1)
 * source    -
 */
UM_API um_sweep_store um_journal_get_store(um_journal *journal);

/**
 * computes  a block that is in the journal
 * in        number: of a block
 * out       block: filled
 * aliasing  -
 * owner     the caller, who clears it with um_sweep_block_clear
 * errors    UM_ERROR_ARG number; UM_ERROR_DOMAIN not there; UM_ERROR_IO; UM_ERROR_MEMORY
 * cost      O(block)
 * source    -
 */
UM_API um_status um_journal_read_block(um_context *ctx, um_journal *journal, size_t number,
                                       um_sweep_block *block);

/**
 * computes  nothing; blocks with failed points are taken out, so that they are computed again
 * in        journal
 * out       forgotten: how many points failed in them; may be NULL
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_IO
 * cost      O(blocks with failures)
 * source    -
 */
UM_API um_status um_journal_forget_failures(um_context *ctx, um_journal *journal, size_t *forgotten);

/**
 * computes  how far a sweep is, also while another process works on it
 * in        path
 * out       status
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_IO as um_journal_open
 * cost      O(blocks)
 * source    -
 */
UM_API um_status um_journal_read_status(um_context *ctx, const char *path, um_journal_status *status);

/**
 * computes  the configuration and seed of the sweep that a journal belongs to
 * in        path
 * out       name, source: texts; seed
 * aliasing  -
 * owner     the caller, who frees both with um_text_destroy
 * errors    UM_ERROR_IO as um_journal_open; UM_ERROR_MEMORY
 * cost      O(text)
 * source    -
 */
UM_API um_status um_journal_read_source(um_context *ctx, const char *path, char **name,
                                        char **source, uint64_t *seed);

/**
 * computes  failed points, the first ones
 * in        journal; most: how many at most
 * out       failures: count of them, by point; NULL and 0 if none
 * aliasing  -
 * owner     the caller, who frees them with um_sweep_failures_destroy
 * errors    UM_ERROR_IO; UM_ERROR_MEMORY
 * cost      O(count)
 * source    -
 */
UM_API um_status um_journal_get_failures(um_context *ctx, um_journal *journal, size_t most,
                                         um_sweep_failure **failures, size_t *count);

/**
 * computes  nothing; frees failures
 * in        failures: count of them, may be NULL
 * out       -
 * aliasing  -
 * owner     the failures are gone
 * errors    none
 * cost      O(count)
 * source    -
 */
UM_API void um_sweep_failures_destroy(um_context *ctx, um_sweep_failure *failures, size_t count);

/**
 * computes  the JSON summary of a sweep
 * in        status: may be NULL (nothing is known); failures: count of them, may be NULL; output: the
 *           result's file, NULL if none was written; error: NULL, or what ended the program;
 *           exit_code: of the program; stream: open for writing
 * out       one JSON object and a newline
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_IO the stream failed
 * cost      O(count)
 * source    docs/results.md
 */
UM_API um_status um_sweep_write_json(um_context *ctx, const um_journal_status *status,
                                     const um_sweep_failure *failures, size_t count,
                                     const char *output, const um_error *error, int exit_code, FILE *stream);

/**
 * computes  the union of journals of the same sweep (shards)
 * in        target: open, of the whole sweep; path: of another one, read only
 * out       target grows by the blocks it has not
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_CONFIG another sweep, kernel path or build of the library; UM_ERROR_IO
 * cost      O(blocks)
 * source    -
 */
UM_API um_status um_journal_merge(um_context *ctx, um_journal *target, const char *path);

/**
 * computes  the netCDF-4 file of a sweep: a dimension and coordinate per axis, a variable per
 *           summary, the series with a last dimension `record`, `status` of each point
 * in        journal: not complete yet: missing points are NAN; provenance: may be NULL; replace:
 *           whether an existing file may be replaced
 * out       the file at path
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_ARG more than 64 axes, or one of several keys beside others; UM_ERROR_IO; UM_ERROR_MEMORY
 * cost      O(points), memory O(block)
 * source    docs/sweeps.md
 */
UM_API um_status um_sweep_write_netcdf(um_context *ctx, um_journal *journal,
                                       const um_provenance *provenance, const char *path, bool replace);

/**
 * computes  the sweep as CSV: a header line, then a line per point: its keys, summaries, message
 * in        as um_sweep_write_netcdf
 * out       the file at path; undefined numbers are empty
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_IO
 * cost      O(points), memory O(block)
 * source    docs/sweeps.md
 */
UM_API um_status um_sweep_write_csv(um_context *ctx, um_journal *journal, const char *path, bool replace);

/* A sweep read back. */
typedef struct um_sweep_table {
    size_t axes_count;
    um_sweep_axis *axes; /* values and texts of the first key at least */
    size_t points, columns;  /* summaries, and standard errors beside them */
    char **names, **units;   /* columns */
    double *values;          /* columns x points */
    int *status;             /* um_status of each point; -1 not computed */
    char *config;            /* the description in the file */
} um_sweep_table;

/**
 * computes  the summaries of a sweep read back from a netCDF file
 * in        path: a file of um_sweep_write_netcdf
 * out       table: set on success, NULL otherwise
 * aliasing  -
 * owner     the caller, who ends it with um_sweep_table_destroy
 * errors    UM_ERROR_DOMAIN a result of something else; UM_ERROR_IO not there, damaged; UM_ERROR_MEMORY
 * cost      O(file)
 * source    docs/sweeps.md
 */
UM_API um_status um_sweep_table_read(um_context *ctx, const char *path, um_sweep_table **table);

/**
 * computes  nothing; frees a table
 * in        table: may be NULL
 * out       -
 * aliasing  -
 * owner     the table is gone
 * errors    none
 * cost      O(columns)
 * source    -
 */
UM_API void um_sweep_table_destroy(um_context *ctx, um_sweep_table *table);

#ifdef __cplusplus
}
#endif
#endif
