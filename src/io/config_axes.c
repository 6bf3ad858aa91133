#include "io/config_axes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/config_units.h"
#include "io/expression.h"
#include "io/sweep_columns.h"
#include "io/text.h"

static const int64_t COUNT_MAX = 10000000;

/* A column under construction. */
typedef struct column {
    size_t count;
    double *values;
    const char **texts;
} column;

static um_status create_column(um_config *config, size_t count, column *made)
{
    made->count = count;
    made->values = umi_arena_alloc(&config->arena, count, sizeof *made->values);
    made->texts = umi_arena_alloc(&config->arena, count, sizeof *made->texts);
    return made->values && made->texts ? UM_OK : UM_ERROR_MEMORY;
}

static um_status keep(um_config *config, umi_text *w, const char **kept)
{
    *kept = w->failed ? NULL : umi_arena_text(&config->arena, w->text ? w->text : "", w->length);
    umi_free(config->ctx, w->text);
    return *kept ? UM_OK : UM_ERROR_MEMORY;
}

static um_status read_values(um_config *config, const umi_yaml_node *node, column *made)
{
    char shown[UMI_YAML_SHOWN], reason[UMI_REASON];
    if (node->kind != UMI_YAML_LIST || node->count == 0)
        return UMI_CONFIG_FAIL(config, node, "%s where a list of values is expected",
                               node->kind == UMI_YAML_LIST ? "an empty list"
                                                           : umi_yaml_show(node, shown));
    UMI_TRY(create_column(config, node->count, made));
    for (const umi_yaml_node *item = node->first; item; item = item->next) {
        umi_text w = {.ctx = config->ctx};
        umi_text_add_node(&w, item);
        UMI_TRY(keep(config, &w, &made->texts[item->index]));
        bool plain = item->kind == UMI_YAML_SCALAR && !item->quoted;
        if (!plain || !umi_expression_parse(item->text, &made->values[item->index], reason))
            made->values[item->index] = NAN;
    }
    return UM_OK;
}

/* Both ends are met exactly. */
static double interpolate(double first, double last, int64_t i, int64_t count, bool logarithmic)
{
    if (i == 0) return first;
    if (i == count - 1) return last;
    double part = (double)i / (double)(count - 1);
    double ratio = last / first;
    if (logarithmic && isnormal(ratio)) return first * exp(part * log(ratio));
    if (logarithmic) return pow(first, 1 - part) * pow(last, part);
    return first + part * (last - first);
}

/* Where an axis begins and ends: numbers, and their units if they have any. */
typedef struct ends {
    double number[2], last; /* last: the second one in the unit of the first */
    const char *unit[2];    /* NULL: none */
} ends;

static um_status read_quantities(um_config *config, const umi_yaml_node *node, ends *read)
{
    char shown[UMI_YAML_SHOWN], other[UMI_YAML_SHOWN];
    const umi_yaml_node *end = node->first;
    for (int i = 0; i < 2; i++, end = end->next)
        if (!umi_split_quantity(end, &read->number[i], &read->unit[i]))
            return UMI_CONFIG_FAIL(config, end,
                                   "%s where a number with its unit is expected, as the other end has one: "
                                   "[10 us, 50 us, 5]",
                                   umi_yaml_show(end, shown));
    double factor = umi_convert_unit(read->unit[1], read->unit[0]);
    read->last = read->number[1] * factor;
    if (factor > 0) return UM_OK;
    return UMI_CONFIG_FAIL(config, node->first->next, "%s: units of one kind are expected, and the other end is %s",
                           umi_yaml_show(node->first->next, shown), umi_yaml_show(node->first, other));
}

static um_status read_ends(um_config *config, const umi_yaml_node *node, ends *read)
{
    const umi_yaml_node *first = node->first, *last = first->next;
    *read = (ends){0};
    if (umi_has_unit(first) || umi_has_unit(last)) return read_quantities(config, node, read);
    UMI_TRY(umi_read_number(config, first, &read->number[0]));
    UMI_TRY(umi_read_number(config, last, &read->number[1]));
    read->last = read->number[1];
    return UM_OK;
}

/* Quantities are texts, as in a list of values; the last one in its own unit. */
static um_status fill_space(um_config *config, const ends *from, bool logarithmic, column *made)
{
    int64_t count = (int64_t)made->count;
    for (int64_t i = 0; i < count; i++) {
        int end = i > 0 && i == count - 1;
        double value = end ? from->number[1] : interpolate(from->number[0], from->last, i, count, logarithmic);
        umi_text w = {.ctx = config->ctx};
        umi_text_add_number(&w, value);
        if (from->unit[end]) umi_text_add(&w, " %s", from->unit[end]);
        made->values[i] = from->unit[end] ? NAN : value;
        UMI_TRY(keep(config, &w, &made->texts[i]));
    }
    return UM_OK;
}

static um_status read_space(um_config *config, const umi_yaml_node *node, bool logarithmic,
                            column *made)
{
    ends from;
    int64_t count;
    char shown[UMI_YAML_SHOWN];
    if (node->kind != UMI_YAML_LIST || node->count != 3)
        return UMI_CONFIG_FAIL(config, node, "%s where [first, last, count] is expected",
                               node->kind == UMI_YAML_LIST ? "a list of another length"
                                                           : umi_yaml_show(node, shown));
    UMI_TRY(read_ends(config, node, &from));
    UMI_TRY(umi_read_integer(config, node->last, 1, COUNT_MAX, "1 to 10000000", &count));
    if (logarithmic && !(from.number[0] > 0 && from.number[1] > 0))
        return UMI_CONFIG_FAIL(config, node,
                               "%g to %g: logspace gives the first and the last value themselves, "
                               "both > 0",
                               from.number[0], from.number[1]);
    UMI_TRY(create_column(config, (size_t)count, made));
    return fill_space(config, &from, logarithmic, made);
}

/* Whether they are the same, or one holds the other: battery and battery.initial. */
static bool overlap(const char *a, const char *b)
{
    while (*a && *a == *b) a++, b++;
    return (!*a && (!*b || *b == '.' || *b == '[')) || (!*b && (*a == '.' || *a == '['));
}

const char *umi_config_refuse_axis(const char *const *before, size_t count, const char *key)
{
    if (strncmp(key, "sweep", 5) == 0) return "%s: a sweep cannot change itself";
    if (strcmp(key, "seed") == 0)
        return "%s is no axis; sweep.repeats runs every point with seeds that follow each other";
    for (size_t i = 0; i < count; i++)
        if (overlap(before[i], key))
            return "%s: the same key, or a part of it, is an axis already; one would overwrite the other";
    return NULL;
}

static um_status read_axis(um_config *config, const umi_yaml_node *node, const char **keys,
                           size_t taken, column *made)
{
    static const char *const known[] = {"key", "linspace", "logspace", "values"};
    char shown[UMI_YAML_SHOWN];
    if (node->kind != UMI_YAML_MAPPING)
        return UMI_CONFIG_FAIL(config, node, "%s where {key: ..., values: [...]} is expected",
                               umi_yaml_show(node, shown));
    for (const umi_yaml_node *child = node->first; child; child = child->next) {
        bool is_known = false;
        for (size_t i = 0; i < 4; i++) is_known |= strcmp(child->key, known[i]) == 0;
        if (!is_known)
            return UMI_CONFIG_FAIL(config, child,
                                   "unknown key. Known here: key, linspace, logspace, values");
    }
    const umi_yaml_node *name = umi_yaml_find(node, "key");
    if (!name || name->kind != UMI_YAML_SCALAR || !*name->text)
        return UMI_CONFIG_FAIL(config, name ? name : node,
                               "the key to change is missing, as in key: interaction.theta");
    const char *refusal = umi_config_refuse_axis(keys, taken, name->text);
    if (refusal) return UMI_CONFIG_FAIL(config, name, refusal, name->text);
    keys[taken] = name->text;
    const umi_yaml_node *linear = umi_yaml_find(node, "linspace"),
                        *logarithmic = umi_yaml_find(node, "logspace"),
                        *values = umi_yaml_find(node, "values");
    if (!!linear + !!logarithmic + !!values != 1)
        return UMI_CONFIG_FAIL(config, node, "exactly one of linspace, logspace and values is expected");
    if (values) return read_values(config, values, made);
    return read_space(config, linear ? linear : logarithmic, !linear, made);
}

static um_status join_axes(um_config *config, const umi_yaml_node *list, const char **keys,
                           const column *columns, um_sweep_axis *axis)
{
    size_t count = columns[0].count, keys_count = list->count;
    for (size_t i = 1; i < keys_count; i++)
        if (columns[i].count != count)
            return UMI_CONFIG_FAIL(config, list,
                                   "mode zip: %s has %zu values and %s has %zu; all axes must have "
                                   "as many",
                                   keys[0], count, keys[i], columns[i].count);
    column all;
    UMI_TRY(create_column(config, keys_count * count, &all));
    for (size_t i = 0; i < keys_count; i++) {
        memcpy(all.values + i * count, columns[i].values, count * sizeof *all.values);
        memcpy(all.texts + i * count, columns[i].texts, count * sizeof *all.texts);
    }
    *axis = (um_sweep_axis){"point", keys_count, keys, count, all.values, all.texts};
    return UM_OK;
}

um_status umi_config_read_axes(um_config *config, const umi_yaml_node *list, int mode,
                               um_sweep_plan *plan)
{
    um_sweep_axis *axes = umi_arena_alloc(&config->arena, list->count, sizeof *axes);
    column *columns = umi_arena_alloc(&config->arena, list->count, sizeof *columns);
    const char **keys = umi_arena_alloc(&config->arena, list->count, sizeof *keys);
    const char **names = umi_arena_alloc(&config->arena, list->count, sizeof *names);
    if (!axes || !columns || !keys || !names) return UM_ERROR_MEMORY;
    size_t i = 0;
    for (const umi_yaml_node *node = list->first; node; node = node->next, i++) {
        UMI_TRY(read_axis(config, node, keys, i, &columns[i]));
        char *name = umi_arena_alloc(&config->arena, UMI_SWEEP_NAME_ROOM(keys[i]), 1);
        if (!name) return UM_ERROR_MEMORY;
        umi_sweep_name_key(keys[i], names, i, name);
        names[i] = name;
        axes[i] = (um_sweep_axis){name, 1, &keys[i], columns[i].count, columns[i].values,
                                  columns[i].texts};
    }
    plan->axes = axes;
    plan->axes_count = list->count;
    if (mode == UMI_SWEEP_GRID) return UM_OK;
    plan->axes_count = 1;
    return join_axes(config, list, keys, columns, axes);
}
