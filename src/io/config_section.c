/* Walks a section of the tree along the schema. */
#include <stdio.h>
#include <string.h>

#include "io/config_units.h"

/* Joins as in "atoms" + "q". */
static void join(char path[128], const char *prefix, const char *key)
{
    snprintf(path, 128, "%s%s%s", prefix, *prefix ? "." : "", key);
}

/* The part after prefix if path is directly below it, else NULL. */
static const char *below(const char *path, const char *prefix)
{
    size_t length = strlen(prefix);
    if (length) {
        if (strncmp(path, prefix, length) != 0 || path[length] != '.') return NULL;
        path += length + 1;
    }
    return strchr(path, '.') || strchr(path, '[') ? NULL : path;
}

enum { NAMES = 80 };

static size_t collect(const char *prefix, const char *names[NAMES], const umi_key *rows[NAMES])
{
    bool stage = strcmp(prefix, "stages[]") == 0;
    size_t count = 0;
    for (size_t i = 0; i < umi_keys_count && count < NAMES; i++) {
        const char *name = below(umi_keys[i].path, prefix);
        if (!name && stage && umi_keys[i].in_stage) name = umi_keys[i].path;
        if (!name) continue;
        names[count] = name;
        rows[count++] = &umi_keys[i];
    }
    return count;
}

static const umi_key *find_elsewhere(const char *word)
{
    for (size_t i = 0; i < umi_keys_count; i++) {
        const char *dot = strrchr(umi_keys[i].path, '.');
        if (dot && strcmp(dot + 1, word) == 0) return &umi_keys[i];
    }
    return NULL;
}

static um_status fail_unknown(um_config *config, const umi_yaml_node *node, const char *prefix)
{
    const char *names[NAMES] = {NULL};
    const umi_key *rows[NAMES];
    size_t count = collect(prefix, names, rows);
    char known[512] = "", hint[128] = "";
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", names[i]);
    }
    int nearest = umi_nearest(node->key, names, count);
    const umi_key *elsewhere = find_elsewhere(node->key);
    const char *dot = strrchr(node->key, '.');
    if (dot && strlen(node->key) < 64 && umi_key_find(node->key))
        snprintf(hint, sizeof hint, "; sections are nested: %.*s: {%s: ...}",
                 (int)(dot - node->key), node->key, dot + 1);
    else if (elsewhere)
        snprintf(hint, sizeof hint, "; the nearest known key is %s", elsewhere->path);
    else if (nearest >= 0)
        snprintf(hint, sizeof hint, "; the nearest known key is %s", rows[nearest]->path);
    return UMI_CONFIG_FAIL(config, node, "unknown key%s. Known here: %s", hint, known);
}

static um_status read_text(um_config *config, const umi_yaml_node *node, const char **text)
{
    char shown[UMI_YAML_SHOWN];
    if (node->kind != UMI_YAML_SCALAR)
        return UMI_CONFIG_FAIL(config, node, "%s where a text is expected",
                               umi_yaml_show(node, shown));
    *text = node->text;
    return UM_OK;
}

um_status umi_key_read(um_config *config, const umi_key *key, const umi_yaml_node *node,
                       umi_settings *settings)
{
    void *field = (char *)settings + key->offset;
    int64_t whole;
    switch (key->type) {
    case UMI_KEY_SECTION:
        return umi_section_read(config, node, key->path, settings);
    case UMI_KEY_TEXT:
        return read_text(config, node, field);
    case UMI_KEY_NUMBER:
        return umi_read_quantity(config, node, key->dimension, field);
    case UMI_KEY_CHOICE:
        return umi_read_word(config, node, key->choices, field);
    case UMI_KEY_SPECIAL:
        return key->reader(config, key, node, settings);
    case UMI_KEY_INTEGER:
        UMI_TRY(umi_read_integer(config, node, key->min, key->max, key->allowed, &whole));
        *(int *)field = (int)whole;
        return UM_OK;
    }
    return umi_fail(config->ctx, UM_ERROR_INTERNAL, "a key of no type: %s", key->path);
}

um_status umi_section_read(um_config *config, const umi_yaml_node *node, const char *prefix,
                           umi_settings *settings)
{
    char shown[UMI_YAML_SHOWN];
    if (umi_yaml_is_empty(node) && node->parent) return UM_OK; /* every key in it commented out */
    if (node->kind != UMI_YAML_MAPPING)
        return UMI_CONFIG_FAIL(config, node,
                               "%s where keys with values are expected, as in \"key: "
                               "value\"",
                               umi_yaml_show(node, shown));
    for (const umi_yaml_node *child = node->first; child; child = child->next) {
        char path[128];
        join(path, prefix, child->key);
        const umi_key *key = NULL;
        if (strlen(child->key) < 64 && !strpbrk(child->key, ".[")) key = umi_key_find(path);
        if (!key && strcmp(prefix, "stages[]") == 0) {
            key = umi_key_find(child->key);
            if (key && !key->in_stage) key = NULL;
        }
        if (!key) return fail_unknown(config, child, prefix);
        UMI_TRY(umi_key_read(config, key, child, settings));
    }
    return UM_OK;
}
