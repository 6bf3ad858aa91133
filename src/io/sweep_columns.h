/* What stands where among the doubles of a point, by name. */
#ifndef UMI_IO_SWEEP_COLUMNS_H
#define UMI_IO_SWEEP_COLUMNS_H

#include "base/base.h"
#include "umaser/sweep.h"

typedef struct umi_sweep_column {
    char *name;
    const char *units, *long_name;
    size_t offset, count; /* doubles of a point */
    bool is_series;
} umi_sweep_column;

um_status umi_sweep_columns_create(um_context *ctx, const um_sweep_plan *plan,
                                   umi_sweep_column **columns, size_t *count);
void umi_sweep_columns_free(um_context *ctx, umi_sweep_column *columns, size_t count);

/* Names for the keys of an axis that has several: "theta", or more of the key where that is taken. */
typedef struct umi_sweep_names {
    size_t count;
    char **of;    /* keys of the first axis */
    char *joined; /* with spaces between them */
} umi_sweep_names;

um_status umi_sweep_names_create(um_context *ctx, const um_sweep_plan *plan,
                                 umi_sweep_names *names);
void umi_sweep_names_free(um_context *ctx, umi_sweep_names *names);

#endif
