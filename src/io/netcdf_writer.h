/* A netCDF file while it is written: the result of a run, and what else belongs to it. */
#ifndef UMI_IO_NETCDF_WRITER_H
#define UMI_IO_NETCDF_WRITER_H

#include "io/netcdf.h"
#include "umaser/io.h"

/* Series, coordinates, populations and the tables together stay well below this. */
enum { UMI_NETCDF_ITEMS = UM_QUANTITY_COUNT + 120 };

/* All variables are defined first and filled afterwards: each change between the two costs a
 * pass over the whole file. */
typedef struct umi_netcdf_item {
    int variable;
    const void *data; /* whole array */
    void *owned;      /* the same, if it is ours to free */
} umi_netcdf_item;

typedef struct umi_netcdf_writer {
    um_context *ctx;
    umi_netcdf_calls nc;
    const um_result *result;
    int file;
    int code; /* first netCDF error; everything after it is skipped */
    int record, level, saved_state, saved_wigner, n, m, complex, p, x;
    int state, wigner, husimi; /* variables that are filled block by block */
    umi_netcdf_item items[UMI_NETCDF_ITEMS];
    size_t items_count;
} umi_netcdf_writer;

/* Defines what the file holds besides the result, and leaves its values as items. */
typedef um_status (*umi_netcdf_extra)(umi_netcdf_writer *w, const void *user);

/* As um_result_write_netcdf; extra may be NULL. */
um_status umi_netcdf_write(um_context *ctx, const um_result *result,
                           const um_provenance *provenance, const char *path, bool replace,
                           umi_netcdf_extra extra, const void *user);

void umi_netcdf_check(umi_netcdf_writer *w, int code);
void umi_netcdf_put_attribute(umi_netcdf_writer *w, int variable, const char *name,
                              const char *text); /* text NULL: none */
void umi_netcdf_put_texts(umi_netcdf_writer *w, const char *name, char *const *texts, size_t count);
int umi_netcdf_define_dimension(umi_netcdf_writer *w, const char *name, size_t length);
int umi_netcdf_define_variable(umi_netcdf_writer *w, const char *name, const char *units,
                               const char *long_name, nc_type type, int rank,
                               const int *dimensions);
void umi_netcdf_add_item(umi_netcdf_writer *w, int variable, const void *data, void *owned);
/* Where the file comes from; provenance may be NULL. */
void umi_netcdf_put_origin(umi_netcdf_writer *w, const um_provenance *provenance);
/* Fills all variables that were added as items. */
void umi_netcdf_put_items(umi_netcdf_writer *w);
/* One variable per field of `count` structs of `size` bytes. */
um_status umi_netcdf_define_table(umi_netcdf_writer *w, const umi_netcdf_field *field,
                                  int dimension, const void *rows, size_t count, size_t size);
/* One global attribute per field of a struct. */
void umi_netcdf_put_scalars(umi_netcdf_writer *w, const umi_netcdf_field *field, const void *from);

#endif
