/* The section `sweep`: what is kept, and the plan as a whole. */
#include <stdio.h>
#include <string.h>

#include "charge/run.h"
#include "io/config_axes.h"

static um_status expect_list(um_config *config, const umi_key *key, const umi_yaml_node *node)
{
    char shown[UMI_YAML_SHOWN];
    if (node->kind == UMI_YAML_LIST && node->count > 0) return UM_OK;
    return UMI_CONFIG_FAIL(config, node, "%s where %s is expected",
                           node->kind == UMI_YAML_LIST ? "an empty list"
                                                       : umi_yaml_show(node, shown),
                           key->allowed);
}

um_status umi_read_axes(um_config *config, const umi_key *key, const umi_yaml_node *node,
                        umi_settings *settings)
{
    settings->axes = node; /* read when the mode is known */
    return expect_list(config, key, node);
}

um_status umi_read_points(um_config *config, const umi_key *key, const umi_yaml_node *node,
                          umi_settings *settings)
{
    char shown[UMI_YAML_SHOWN];
    settings->points = node;
    if (node->kind == UMI_YAML_SCALAR && *node->text) return UM_OK;
    return UMI_CONFIG_FAIL(config, node, "%s where the name of %s is expected",
                           umi_yaml_show(node, shown), key->allowed);
}

static um_status add_summary(um_config *config, const umi_yaml_node *node, um_summary *list,
                             size_t *count)
{
    char shown[UMI_YAML_SHOWN];
    const char *names[UM_SUMMARY_COUNT], *text = node->kind == UMI_YAML_SCALAR ? node->text : "";
    for (int i = 0; i < UM_SUMMARY_COUNT; i++) {
        names[i] = um_summary_get_info(i)->name;
        if (strcmp(names[i], text) != 0) continue;
        for (size_t j = 0; j < *count; j++)
            if ((int)list[j] == i)
                return UMI_CONFIG_FAIL(config, node, "%s is named twice", names[i]);
        list[(*count)++] = (um_summary)i;
        return UM_OK;
    }
    int nearest = umi_nearest(text, names, UM_SUMMARY_COUNT);
    return UMI_CONFIG_FAIL(config, node, "unknown summary %s%s%s; umaser help summaries lists all",
                           umi_yaml_show(node, shown),
                           nearest >= 0 ? "; the nearest known one is " : "",
                           nearest >= 0 ? names[nearest] : "");
}

/* NULL and 0: the default, known with the analysis; a list and 0: none. */
um_status umi_read_summaries(um_config *config, const umi_key *key, const umi_yaml_node *node,
                             umi_settings *settings)
{
    settings->plan.summaries = NULL;
    settings->plan.summaries_count = 0;
    if (umi_is_word(node, "default")) return UM_OK;
    um_summary *list = umi_arena_alloc(&config->arena, UM_SUMMARY_COUNT, sizeof *list);
    if (!list) return UM_ERROR_MEMORY;
    settings->plan.summaries = list;
    if (umi_is_word(node, "none")) return UM_OK;
    UMI_TRY(expect_list(config, key, node));
    for (const umi_yaml_node *item = node->first; item; item = item->next)
        UMI_TRY(add_summary(config, item, list, &settings->plan.summaries_count));
    return UM_OK;
}

um_status umi_read_series(um_config *config, const umi_key *key, const umi_yaml_node *node,
                          umi_settings *settings)
{
    settings->plan.series = 0;
    if (node->kind == UMI_YAML_LIST && node->count == 0) return UM_OK;
    return umi_read_quantities(config, node, key->allowed, &settings->plan.series);
}

static um_status choose_summaries(um_config *config, const umi_yaml_node *section,
                                  um_sweep_plan *plan)
{
    bool steady = plan->analysis == UM_SWEEP_STEADY;
    for (size_t i = 0; i < plan->summaries_count; i++)
        if (um_summary_get_info((int)plan->summaries[i])->steady && !steady)
            return UMI_CONFIG_FAIL(config, umi_yaml_find(section, "summaries"),
                                   "%s comes from a steady analysis; set analysis: steady",
                                   um_summary_get_info((int)plan->summaries[i])->name);
    if (plan->series && steady)
        return UMI_CONFIG_FAIL(config, umi_yaml_find(section, "series"),
                               "a steady analysis has no series; set analysis: run");
    if (plan->series & UM_QUANTITY_BIT(UM_POPULATIONS))
        return UMI_CONFIG_FAIL(config, umi_yaml_find(section, "series"),
                               "populations are not one number a record; run that point alone");
    if (plan->summaries) {
        if (plan->summaries_count > 0 || plan->series) return UM_OK;
        return UMI_CONFIG_FAIL(config, umi_yaml_find(section, "summaries"),
                               "nothing would be kept: name summaries or series");
    }
    um_summary *list = umi_arena_alloc(&config->arena, UM_SUMMARY_COUNT, sizeof *list);
    if (!list) return UM_ERROR_MEMORY;
    for (int i = 0; i < UM_SUMMARY_COUNT; i++) {
        const um_summary_info *info = um_summary_get_info(i);
        if (info->by_default && (steady || !info->steady))
            list[plan->summaries_count++] = (um_summary)i;
    }
    plan->summaries = list;
    return UM_OK;
}

static um_status read_plan(um_config *config, const umi_yaml_node *section, umi_settings *settings)
{
    static const char form[] =
        "a sweep looks like  sweep: {axes: [{key: interaction.theta, linspace: [0.8, 3, 100]}]}";
    um_sweep_plan *plan = &settings->plan;
    plan->repeats = 1;
    UMI_TRY(umi_section_read(config, section, "sweep", settings));
    plan->analysis = (um_sweep_analysis)settings->sweep_analysis;
    if (!settings->axes && !settings->points)
        return UMI_CONFIG_FAIL(config, section, "axes are missing; %s", form);
    if (settings->axes && settings->points)
        return UMI_CONFIG_FAIL(config, settings->points,
                               "axes and points are both given; points stands in place of axes");
    UMI_TRY(choose_summaries(config, section, plan));
    config->sweep_line = (settings->axes ? settings->axes : settings->points)->line;
    if (settings->axes) return umi_config_read_axes(config, settings->axes, settings->sweep_mode, plan);
    um_sweep_axis *axis = umi_arena_alloc(&config->arena, 1, sizeof *axis);
    if (!axis) return UM_ERROR_MEMORY;
    plan->axes = axis;
    plan->axes_count = 1;
    return umi_config_read_points(config, settings->points, axis);
}

/* The values of a point, last axis fastest; `absent`: of keys alone that are not in the tree. */
static um_status assign_point(um_config *config, const um_sweep_plan *plan, size_t point,
                              int line, bool absent)
{
    size_t rest = point;
    for (size_t i = plan->axes_count; i-- > 0;) {
        const um_sweep_axis *axis = &plan->axes[i];
        size_t at = rest % axis->count;
        rest /= axis->count;
        for (size_t j = 0; j < axis->keys_count; j++) {
            const char *key = axis->keys[j];
            if (absent && umi_yaml_follow(config->root, key)) continue;
            UMI_TRY(umi_config_assign(config, key, strlen(key), axis->texts[j * axis->count + at],
                                      line));
        }
    }
    return UM_OK;
}

um_status umi_config_read_sweep(um_config *config)
{
    const umi_yaml_node *section = umi_yaml_find(config->root, "sweep");
    if (!section || umi_yaml_is_empty(section)) return UM_OK;
    umi_settings settings = {0};
    UMI_TRY(read_plan(config, section, &settings));
    config->plan = settings.plan;
    return assign_point(config, &config->plan, 0, config->sweep_line, true);
}

static um_status count_records(um_context *ctx, const um_config *config, size_t *records)
{
    um_model *model;
    umi_schedule schedule = {0};
    UMI_TRY(um_config_create_point((void *)config, ctx, 0, config->settings.spec.seed, &model));
    um_status status = umi_schedule_create(ctx, um_model_get_spec(model), &schedule);
    if (status == UM_OK) *records = (size_t)schedule.records;
    umi_free(ctx, schedule.at);
    um_model_destroy(model);
    return status;
}

um_status um_config_get_plan(um_context *ctx, const um_config *config, um_sweep_plan *plan)
{
    *plan = config->plan;
    plan->seed = config->settings.spec.seed;
    if (plan->axes_count == 0) {
        umi_fail_key(ctx, UM_ERROR_CONFIG, "sweep",
                     "there is no section sweep; one looks like  sweep: {axes: [{key: "
                     "interaction.theta, linspace: [0.8, 3, 100]}]}");
        snprintf(ctx->error.file, sizeof ctx->error.file, "%s", config->name);
        return UM_ERROR_CONFIG;
    }
    return plan->series ? count_records(ctx, config, &plan->records) : UM_OK;
}

um_status um_config_create_point(void *user, um_context *ctx, size_t point, uint64_t seed,
                                 um_model **model)
{
    const um_config *config = user;
    *model = NULL;
    um_config *single = UMI_NEW(ctx, um_config);
    if (!single) return UM_ERROR_MEMORY;
    single->ctx = single->arena.ctx = ctx;
    single->name = config->name;
    single->folder = config->folder;
    single->root = umi_yaml_copy(&single->arena, config->root, "sweep");
    um_status status = single->root ? UM_OK : UM_ERROR_MEMORY;
    if (status == UM_OK)
        status = assign_point(single, &config->plan, point, config->sweep_line, false);
    if (status == UM_OK) status = umi_config_read_settings(single);
    single->settings.spec.seed = seed;
    if (status == UM_OK) status = um_config_create_model(ctx, single, model);
    um_config_destroy(single);
    return status;
}
