/* Configurations: text to tree to settings to model. */
#include "io/config_units.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char smallest[] = "The smallest configuration is:  interaction: {theta: 1}  and, on a "
                               "line of its own,  stages: [charge: 1000]";

um_status umi_config_read_settings(um_config *config)
{
    umi_settings *settings = &config->settings;
    um_spec_init(&settings->spec);
    settings->stage = settings->spec.stages[0];
    UMI_TRY(umi_config_read_units(config));
    settings->spec.omega_si = config->omega_si;
    UMI_TRY(umi_section_read(config, config->root, "", settings));
    const umi_yaml_node *interaction = umi_yaml_find(config->root, "interaction");
    UMI_TRY(umi_config_check_trio(config, interaction));
    UMI_TRY(umi_config_check_samples(config, umi_yaml_find(config->root, "imperfections"),
                                     &settings->stage));
    config->has_interaction = umi_has_trio(interaction);
    if (!settings->stages) {
        um_status status = UMI_CONFIG_FAIL(
            config, config->root, "%s. %s",
            !config->root->first      ? "the configuration is empty; theta and stages are missing"
            : config->has_interaction ? "stages are missing"
                                      : "theta and stages are missing",
            smallest);
        snprintf(config->ctx->error.key, sizeof config->ctx->error.key, "stages");
        return status;
    }
    UMI_TRY(umi_config_check_battery(config));
    UMI_TRY(umi_config_check_record(config));
    return umi_config_read_stages(config);
}

bool umi_config_find_file(const um_config *config, const char *name, char path[UMI_CONFIG_PATH])
{
    int length = snprintf(path, UMI_CONFIG_PATH, "%s%s", *name == '/' ? "" : config->folder, name);
    return length >= 0 && length < UMI_CONFIG_PATH;
}

static um_status fill(um_config *config, const char *text, size_t length, const char *name,
                      const char *const *overrides, size_t count)
{
    config->name = umi_arena_text(&config->arena, name, strlen(name));
    const char *slash = strrchr(name, '/');
    config->folder = umi_arena_text(&config->arena, name, slash ? (size_t)(slash - name) + 1 : 0);
    if (!config->name || !config->folder) return UM_ERROR_MEMORY;
    UMI_TRY(umi_yaml_parse(&config->arena, text, length, config->name, true, &config->root));
    if (config->root->kind != UMI_YAML_MAPPING)
        return UMI_CONFIG_FAIL(config, config->root,
                               "this is not a configuration: keys with values "
                               "are expected. %s",
                               smallest);
    for (size_t i = 0; i < count; i++) UMI_TRY(umi_config_override(config, overrides[i]));
    UMI_TRY(umi_config_read_sweep(config));
    return umi_config_read_settings(config);
}

um_status um_config_parse(um_context *ctx, const char *text, size_t length, const char *name,
                          const char *const *overrides, size_t count, um_config **config)
{
    *config = NULL;
    um_config *made = UMI_NEW(ctx, um_config);
    if (!made) return UM_ERROR_MEMORY;
    made->ctx = made->arena.ctx = ctx;
    um_status status = fill(made, text, length, name ? name : "configuration", overrides, count);
    if (status != UM_OK) {
        um_config_destroy(made);
        return status;
    }
    *config = made;
    return UM_OK;
}

static um_status fail_file(um_context *ctx, const char *path, const char *why)
{
    umi_fail(ctx, UM_ERROR_IO, "cannot be read: %s", why);
    snprintf(ctx->error.file, sizeof ctx->error.file, "%s", path);
    return UM_ERROR_IO;
}

um_status um_config_read(um_context *ctx, const char *path, const char *const *overrides,
                         size_t count, um_config **config)
{
    *config = NULL;
    FILE *file = fopen(path, "rb");
    if (!file) return fail_file(ctx, path, strerror(errno));
    char *text = umi_alloc(ctx, UMI_YAML_BYTES + 1, 1);
    if (!text) {
        fclose(file);
        return UM_ERROR_MEMORY;
    }
    errno = 0;
    size_t length = fread(text, 1, UMI_YAML_BYTES + 1, file);
    um_status status = ferror(file) ? fail_file(ctx, path, strerror(errno)) : UM_OK;
    fclose(file);
    if (status == UM_OK)
        status = um_config_parse(ctx, text, length, path, overrides, count, config);
    umi_free(ctx, text);
    return status;
}

void um_config_destroy(um_config *config)
{
    if (!config) return;
    umi_arena_clear(&config->arena);
    umi_free(config->ctx, config);
}

static const umi_yaml_node *step(const umi_yaml_node *node, const char *key, size_t length)
{
    if (!node || node->kind != UMI_YAML_MAPPING) return NULL;
    for (const umi_yaml_node *child = node->first; child; child = child->next)
        if (strlen(child->key) == length && memcmp(child->key, key, length) == 0) return child;
    return NULL;
}

/* The node of a dotted path, or NULL; `nearest` keeps the deepest one on the way. */
static const umi_yaml_node *follow(const umi_yaml_node *node, const char *path,
                                   const umi_yaml_node **nearest)
{
    while (node && *path) {
        size_t length = strcspn(path, ".");
        node = step(node, path, length);
        if (node) *nearest = node;
        path += length + (path[length] == '.');
    }
    return node;
}

/* A stage's own value, the top level's, the stage's section, the top level's section, the stage. */
const umi_yaml_node *umi_config_locate(const um_config *config, const char *key)
{
    const umi_yaml_node *top = config->root, *own = NULL, *found;
    char *rest = NULL;
    if (strncmp(key, "stages[", 7) == 0) {
        unsigned long index = strtoul(key + 7, &rest, 10);
        const umi_yaml_node *stages = config->settings.stages;
        for (own = stages ? stages->first : NULL; own && own->index != index;) own = own->next;
        key = rest + 1 + (rest[1] == '.');
    }
    const umi_yaml_node *near_own = own, *near_top = top;
    if (own && (found = follow(own, key, &near_own))) return found;
    if ((found = follow(top, key, &near_top)) && *key) return found;
    if (own && near_own != own) {
        bool trio = strncmp(key, "interaction.", 12) == 0;
        if (!trio || umi_has_trio(near_own) || near_top == top) return near_own;
    }
    return near_top != top ? near_top : own ? own : top;
}

/* A failure of the model, told where the user wrote the value. */
static void place_error(um_context *ctx, const um_config *config)
{
    um_error *error = &ctx->error;
    const umi_yaml_node *node = umi_config_locate(config, error->key);
    char path[sizeof error->key];
    umi_yaml_path(node, path, sizeof path);
    if (*path) snprintf(error->key, sizeof error->key, "%s", path);
    umi_yaml_locate(ctx, config->name, node->line);
}

um_status um_config_create_model(um_context *ctx, const um_config *config, um_model **model)
{
    *model = NULL;
    um_spec spec = config->settings.spec;
    umi_loaded initial = {.result = NULL}, compared = {.result = NULL};
    um_status status =
        umi_config_load_state(ctx, config, "battery.initial", &spec.battery.initial, &initial);
    if (status == UM_OK && spec.record.has_fidelity)
        status = umi_config_load_state(ctx, config, "record.fidelity_with",
                                       &spec.record.fidelity_with, &compared);
    if (status == UM_OK) {
        status = um_model_create(ctx, &spec, model);
        if (status == UM_ERROR_CONFIG) place_error(ctx, config);
    }
    um_result_destroy(ctx, initial.result);
    um_result_destroy(ctx, compared.result);
    return status;
}

void um_config_locate_error(um_context *ctx, const um_config *config)
{
    if (ctx->error.key[0] && ctx->error.line < 0) place_error(ctx, config);
}
