#define _GNU_SOURCE /* RTLD_NODELETE */
#include "io/netcdf_library.h"

#include <dlfcn.h>
#include <string.h>

#include "umaser/io.h"

#define CALL(name) {"nc_" #name, offsetof(umi_netcdf_calls, name)},
static const struct call {
    const char *name;
    size_t offset;
} list[] = {UMI_NETCDF_CALLS(CALL)};

static um_status fail(um_context *ctx)
{
    const char *why = dlerror();
    return umi_fail(ctx, UM_ERROR_MISSING,
                    "netCDF files need %s, which cannot be loaded (%s): install it, or write CSV",
                    UMI_NETCDF_LIBRARY, why ? why : "no reason given");
}

um_status umi_netcdf_load(um_context *ctx, umi_netcdf_calls *calls)
{
    /* HDF5 does not survive being unloaded; the process keeps what it has loaded once. */
    void *library = dlopen(UMI_NETCDF_LIBRARY, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
    if (!library) return fail(ctx);
    um_status status = UM_OK;
    for (size_t i = 0; i < sizeof list / sizeof *list && status == UM_OK; i++) {
        void *function = dlsym(library, list[i].name);
        if (!function) status = fail(ctx);
        memcpy((char *)calls + list[i].offset, &function, sizeof function);
    }
    dlclose(library);
    return status;
}

um_status um_result_prepare_netcdf(um_context *ctx)
{
    umi_netcdf_calls calls;
    return umi_netcdf_load(ctx, &calls);
}
