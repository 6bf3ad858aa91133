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

/* What a key is called in a result: "theta", or the whole key where that means something else there
 * or is one of the names in `taken`. */
#define UMI_SWEEP_NAME_ROOM(key) (strlen(key) + 2)
void umi_sweep_name_key(const char *key, const char *const *taken, size_t count, char *name);

/* Such names for the keys of an axis that has several. */
typedef struct umi_sweep_names {
    size_t count;
    char **of;    /* keys of the first axis */
    char *joined; /* with spaces between them */
} umi_sweep_names;

um_status umi_sweep_names_create(um_context *ctx, const um_sweep_plan *plan,
                                 umi_sweep_names *names);
void umi_sweep_names_free(um_context *ctx, umi_sweep_names *names);

#endif
