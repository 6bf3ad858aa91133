/* A netCDF file while it is read: the result of a run, and what else belongs to it. */
#ifndef UMI_IO_NETCDF_READER_H
#define UMI_IO_NETCDF_READER_H

#include "io/netcdf.h"
#include "umaser/io.h"

typedef struct umi_netcdf_reader {
    um_context *ctx;
    umi_netcdf_calls nc;
    const char *path;
    int file;
    um_result *result;
} umi_netcdf_reader;

/* Reads what the file holds besides the result. What it made stays its own, also on failure. */
typedef um_status (*umi_netcdf_more)(umi_netcdf_reader *r, void *user);

/* As um_result_read; more may be NULL. */
um_status umi_netcdf_read(um_context *ctx, const char *path, um_result **result, char **config,
                          umi_netcdf_more more, void *user);

/* Any file of ours: opened, its layout checked, read by `all`. result: for it to fill; may be NULL. */
um_status umi_netcdf_read_file(um_context *ctx, const char *path, um_result *result,
                               umi_netcdf_more all, void *user);

/* The failure of a file that is ours but damaged; code: of netCDF, 0 for a wrong shape. */
um_status umi_netcdf_damaged(const umi_netcdf_reader *r, const char *what, int code);
/* Length of a dimension; 0 if it is not there. */
size_t umi_netcdf_get_length(const umi_netcdf_reader *r, const char *name);
bool umi_netcdf_has_variable(const umi_netcdf_reader *r, const char *name);
/* A whole variable in new memory, also where reading it failed later on. */
um_status umi_netcdf_read_array(const umi_netcdf_reader *r, const char *name, nc_type type,
                                int rank, const size_t *shape, void **values);
/* A text attribute in new memory; NULL if it is not there. */
um_status umi_netcdf_read_text(const umi_netcdf_reader *r, const char *name, char **text);
/* Several texts in one attribute, each in new memory; *texts may stand half filled on failure. */
um_status umi_netcdf_read_texts(const umi_netcdf_reader *r, const char *name, char ***texts,
                                size_t *count);
/* One global attribute per field of a struct. */
um_status umi_netcdf_read_scalars(const umi_netcdf_reader *r, const umi_netcdf_field *field,
                                  void *to);
/* Structs of `size` bytes, one variable per field; nothing where the dimension is not there. */
um_status umi_netcdf_read_table(umi_netcdf_reader *r, const umi_netcdf_field *field,
                                const char *dimension, size_t size, void **rows, size_t *count);

#endif
