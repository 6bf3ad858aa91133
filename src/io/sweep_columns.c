#include "io/sweep_columns.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static um_status set(um_context *ctx, umi_sweep_column *column, const char *name, const char *suffix,
                     const char *units, const char *long_name, size_t offset, size_t count)
{
    size_t room = strlen(name) + strlen(suffix) + 1;
    *column = (umi_sweep_column){umi_alloc(ctx, room, 1), units, long_name, offset, count, false};
    if (!column->name) return UM_ERROR_MEMORY;
    snprintf(column->name, room, "%s%s", name, suffix);
    return UM_OK;
}

static um_status fill(um_context *ctx, const um_sweep_plan *plan, umi_sweep_column *columns,
                      size_t *count)
{
    static const char error_name[] = "_error", error_words[] = "standard error over the repeats";
    size_t offset = 0;
    for (int part = 0; part < (plan->repeats > 1 ? 2 : 1); part++)
        for (size_t i = 0; i < plan->summaries_count; i++) {
            const um_summary_info *info = um_summary_get_info((int)plan->summaries[i]);
            UMI_TRY(set(ctx, &columns[(*count)++], info->name, part ? error_name : "", info->units,
                        part ? error_words : info->long_name, offset++, 1));
        }
    for (int part = 0; part < (plan->repeats > 1 ? 2 : 1); part++)
        for (int i = 0; i < UM_QUANTITY_COUNT; i++) {
            if (!(plan->series & UM_QUANTITY_BIT(i))) continue;
            const um_quantity_info *info = um_quantity_get_info(i);
            umi_sweep_column *column = &columns[(*count)++];
            UMI_TRY(set(ctx, column, info->name, part ? error_name : "", info->units,
                        part ? error_words : info->long_name, offset, plan->records));
            column->is_series = true;
            offset += plan->records;
        }
    return UM_OK;
}

um_status umi_sweep_columns_create(um_context *ctx, const um_sweep_plan *plan,
                                   umi_sweep_column **columns, size_t *count)
{
    *count = 0;
    *columns = UMI_NEW_ARRAY(ctx, umi_sweep_column,
                             2 * (plan->summaries_count + (size_t)UM_QUANTITY_COUNT));
    return *columns ? fill(ctx, plan, *columns, count) : UM_ERROR_MEMORY;
}

void umi_sweep_columns_free(um_context *ctx, umi_sweep_column *columns, size_t count)
{
    for (size_t i = 0; columns && i < count; i++) umi_free(ctx, columns[i].name);
    umi_free(ctx, columns);
}

static void spell(const char *key, char *name)
{
    for (; *key; key++)
        if (*key != ']') *name++ = isalnum((unsigned char)*key) ? *key : '_';
    *name = '\0';
}

static bool is_taken(const char *name, const char *const *taken, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(taken[i], name) == 0) return true;
    for (int i = 0; i < UM_SUMMARY_COUNT; i++)
        if (strcmp(um_summary_get_info(i)->name, name) == 0) return true;
    for (int i = 0; i < UM_QUANTITY_COUNT; i++)
        if (strcmp(um_quantity_get_info(i)->name, name) == 0) return true;
    return strcmp(name, "record") == 0 || strcmp(name, "status") == 0;
}

void umi_sweep_name_key(const char *key, const char *const *taken, size_t count, char *name)
{
    const char *dot = strrchr(key, '.');
    spell(dot ? dot + 1 : key, name);
    if (is_taken(name, taken, count)) spell(key, name);
    if (is_taken(name, taken, count)) strcat(name, "_"); /* the section `record` as a whole */
}

static um_status name_keys(um_context *ctx, const um_sweep_axis *axis, const char **taken,
                           umi_sweep_names *names)
{
    size_t room = 1;
    for (size_t i = 0; i < names->count; i++) room += UMI_SWEEP_NAME_ROOM(axis->keys[i]);
    names->joined = umi_alloc(ctx, room, 1);
    if (!names->joined) return UM_ERROR_MEMORY;
    taken[0] = axis->name; /* of the dimension */
    for (size_t i = 0; i < names->count; i++) {
        char *name = umi_alloc(ctx, UMI_SWEEP_NAME_ROOM(axis->keys[i]), 1);
        if (!name) return UM_ERROR_MEMORY;
        names->of[i] = name;
        umi_sweep_name_key(axis->keys[i], taken, i + 1, name);
        taken[i + 1] = name;
        if (i) strcat(names->joined, " ");
        strcat(names->joined, name);
    }
    return UM_OK;
}

um_status umi_sweep_names_create(um_context *ctx, const um_sweep_plan *plan,
                                 umi_sweep_names *names)
{
    *names = (umi_sweep_names){.count = plan->axes[0].keys_count};
    if (names->count == 1) names->count = 0;
    names->of = UMI_NEW_ARRAY(ctx, char *, names->count);
    const char **taken = UMI_NEW_ARRAY(ctx, const char *, names->count + 1);
    um_status status =
        names->of && taken ? name_keys(ctx, &plan->axes[0], taken, names) : UM_ERROR_MEMORY;
    umi_free(ctx, taken);
    if (status != UM_OK) umi_sweep_names_free(ctx, names);
    return status;
}

void umi_sweep_names_free(um_context *ctx, umi_sweep_names *names)
{
    for (size_t i = 0; names->of && i < names->count; i++) umi_free(ctx, names->of[i]);
    umi_free(ctx, names->of);
    umi_free(ctx, names->joined);
    *names = (umi_sweep_names){0};
}
