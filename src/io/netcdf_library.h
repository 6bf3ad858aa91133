/* netCDF's functions, which are looked up when the first file is opened.
 *
 * With HDF5, and what both bring along, netCDF is forty libraries: loading them takes longer than a
 * short run takes from start to end. Nobody pays for them who reads and writes no such file. */
#ifndef UMI_IO_NETCDF_LIBRARY_H
#define UMI_IO_NETCDF_LIBRARY_H

#include <netcdf.h> /* size_t for netcdf_mem.h */
#include <netcdf_mem.h>

#include "base/base.h"

#define UMI_NETCDF_CALLS(X) \
    X(abort) X(close) X(close_memio) X(create) X(def_dim) X(def_var) X(def_var_fill) X(enddef) \
    X(free_string) X(get_att) X(get_att_int) X(get_att_string) X(get_att_text) X(get_var) \
    X(get_var_double) X(get_vara_double) X(inq_att) X(inq_attid) X(inq_attlen) X(inq_dim) \
    X(inq_dimid) X(inq_dimlen) X(inq_dimname) X(inq_nvars) X(inq_var) X(inq_vardimid) X(inq_varid) \
    X(inq_varndims) X(inq_vartype) X(open_mem) X(open_memio) X(put_att) X(put_att_double) \
    X(put_att_int) X(put_att_schar) X(put_att_string) X(put_att_text) X(put_att_ulonglong) \
    X(put_var) X(put_var1_longlong) X(put_var1_string) X(put_vara_double) X(put_vara_schar) \
    X(redef) X(strerror)

#define UMI_NETCDF_POINTER(name) __typeof__(nc_##name) *name;
typedef struct umi_netcdf_calls {
    UMI_NETCDF_CALLS(UMI_NETCDF_POINTER)
} umi_netcdf_calls;

/* UM_ERROR_MISSING: the library is not there, or lacks a function. */
um_status umi_netcdf_load(um_context *ctx, umi_netcdf_calls *calls);

#endif
