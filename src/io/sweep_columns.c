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

/* A key's last word, unless another key or a result has it; the whole key then. */
static bool is_free(const um_sweep_plan *plan, const umi_sweep_names *names, const char *word)
{
    for (size_t i = 0; i < names->count; i++)
        if (names->of[i] && strcmp(names->of[i], word) == 0) return false;
    for (size_t i = 0; i < plan->axes_count; i++)
        if (strcmp(plan->axes[i].name, word) == 0) return false;
    for (int i = 0; i < UM_SUMMARY_COUNT; i++)
        if (strcmp(um_summary_get_info(i)->name, word) == 0) return false;
    for (int i = 0; i < UM_QUANTITY_COUNT; i++)
        if (strcmp(um_quantity_get_info(i)->name, word) == 0) return false;
    return strcmp(word, "record") != 0 && strcmp(word, "status") != 0;
}

static um_status name_keys(um_context *ctx, const um_sweep_plan *plan, umi_sweep_names *names)
{
    const um_sweep_axis *axis = &plan->axes[0];
    size_t room = 1;
    for (size_t i = 0; i < names->count; i++) room += strlen(axis->keys[i]) + 1;
    names->joined = umi_alloc(ctx, room, 1);
    if (!names->joined) return UM_ERROR_MEMORY;
    for (size_t i = 0; i < names->count; i++) {
        const char *key = axis->keys[i], *dot = strrchr(key, '.');
        const char *word = dot && is_free(plan, names, dot + 1) ? dot + 1 : key;
        char *name = umi_strdup(ctx, word);
        if (!name) return UM_ERROR_MEMORY;
        for (char *c = name; *c; c++)
            if (!isalnum((unsigned char)*c)) *c = '_';
        names->of[i] = name;
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
    um_status status = names->of ? name_keys(ctx, plan, names) : UM_ERROR_MEMORY;
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
