/* netcdf: what stands where in a result file; written and read from the same tables. */
#ifndef UMI_IO_NETCDF_H
#define UMI_IO_NETCDF_H

#include <stddef.h>

#include "base/base.h"
#include "io/netcdf_library.h"
#include "umaser/charge.h"

/* Raised whenever a reader of the older layout would misread the newer. */
enum { UMI_NETCDF_FORMAT = 1 };
#define UMI_NETCDF_FORMAT_NAME "umaser_format"
#define UMI_NETCDF_VERSION_NAME "umaser_version"
#define UMI_NETCDF_OUTPUT_NAME "wall_seconds_output"

enum { UMI_DIGEST_ROOM = 17 };

/* One field of a struct that is stored as a variable (of an array of structs) or as a global
 * attribute (of the result itself). */
typedef struct umi_netcdf_field {
    const char *name, *units, *long_name;
    nc_type type; /* NC_BYTE for a bool, NC_INT, NC_INT64, NC_DOUBLE, NC_STRING for a const char * */
    size_t offset;
} umi_netcdf_field;

extern const umi_netcdf_field umi_netcdf_scalars[];  /* of um_result; ends with a NULL name */
extern const umi_netcdf_field umi_netcdf_scale[];    /* the same; only where a scale is known */
extern const umi_netcdf_field umi_netcdf_plateaus[]; /* of um_plateau */
extern const umi_netcdf_field umi_netcdf_stages[];   /* of um_stage_summary, but for its kind */
extern const umi_netcdf_field umi_netcdf_forward[];  /* of um_stage_summary; older files: none */
extern const umi_netcdf_field umi_netcdf_protocol[]; /* the same, still younger */
extern const umi_netcdf_field umi_netcdf_delivered[]; /* of um_result, as young */
extern const umi_netcdf_field umi_netcdf_states[];   /* of um_saved_state */
extern const umi_netcdf_field umi_netcdf_wigners[];  /* of um_saved_wigner */

/* An empty file to start from. */
enum { UMI_NETCDF_TEMPLATE_SIZE = 239 };
extern const unsigned char umi_netcdf_template[UMI_NETCDF_TEMPLATE_SIZE];

size_t umi_netcdf_type_size(nc_type type);

/* "charge", ...; NULL outside the list. */
const char *umi_stage_kind_get_name(um_stage_kind kind);

/* netCDF and HDF5 keep global tables and are not made for threads: one call of ours at a time. */
void umi_netcdf_lock(void);
void umi_netcdf_unlock(void);

#endif
