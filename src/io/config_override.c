/* A value put into the tree before anything is read from it: --set section.key=value, or a point of a
 * sweep. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/config.h"

/* The way down a path; line: of what is put there, 0 from the command line. */
typedef struct way {
    um_config *config;
    const char *key; /* the whole path */
    int line;
} way;

static um_status fail(const way *at, const char *format, const char *text)
{
    char shown[UMI_YAML_SHOWN];
    umi_yaml_node whole = {.kind = UMI_YAML_SCALAR, .quoted = true, .text = text};
    um_context *ctx = at->config->ctx;
    umi_fail_key(ctx, UM_ERROR_CONFIG, at->key, format, umi_yaml_show(&whole, shown));
    umi_yaml_locate(ctx, at->config->name, at->line);
    return UM_ERROR_CONFIG;
}

/* The value of `key` in a mapping; an empty section is made where there is none. */
static um_status enter(const way *at, umi_yaml_node **node, const char *key)
{
    umi_yaml_node *child = umi_yaml_find(*node, key);
    if (!child) {
        if ((*node)->count >= UMI_YAML_KEYS) return fail(at, "too many keys beside %s", key);
        child = umi_yaml_create(&at->config->arena, UMI_YAML_MAPPING, at->line);
        if (!child) return UM_ERROR_MEMORY;
        child->key = key;
        umi_yaml_append(*node, child);
    }
    *node = child;
    return UM_OK;
}

/* [i] after a name: an entry that is there. */
static um_status enter_entry(const way *at, umi_yaml_node **node, char **rest)
{
    char *end = *rest + 1;
    unsigned long index = *end >= '0' && *end <= '9' ? strtoul(end, &end, 10) : 0;
    if (end == *rest + 1 || *end != ']')
        return fail(at, "%s: a whole number and a bracket, as in stages[0], are expected",
                    *rest);
    umi_yaml_node *entry = (*node)->kind == UMI_YAML_LIST ? (*node)->first : NULL;
    while (entry && entry->index != index) entry = entry->next;
    if (!entry)
        return fail(at,
                    "%s: there is no such entry; counting starts at 0, and an entry must "
                    "stand in the file",
                    *rest);
    *node = entry;
    *rest = end + 1;
    return UM_OK;
}

/* One step of the path, "name" or "name[2]"; sections on the way become mappings. */
static um_status descend(const way *at, umi_yaml_node **node, char *name)
{
    char *bracket = strchr(name, '[');
    char *rest = bracket ? umi_arena_text(&at->config->arena, bracket, strlen(bracket)) : NULL;
    if (bracket && !rest) return UM_ERROR_MEMORY;
    if (bracket) *bracket = '\0';
    if (!*name) return fail(at, "%s: a part of the key is empty", bracket ? rest : name);
    if (umi_yaml_is_empty(*node)) { /* a section with nothing in it */
        (*node)->kind = UMI_YAML_MAPPING;
        (*node)->text = NULL;
    }
    if ((*node)->kind != UMI_YAML_MAPPING)
        return fail(at,
                    "%s stands below a value that is not a section; set that value as a "
                    "whole",
                    name);
    UMI_TRY(enter(at, node, name));
    while (rest && *rest == '[') UMI_TRY(enter_entry(at, node, &rest));
    if (rest && *rest) return fail(at, "%s: characters after the bracket", rest);
    return UM_OK;
}

static void set_line(umi_yaml_node *node, int line)
{
    node->line = line;
    for (umi_yaml_node *child = node->first; child; child = child->next) set_line(child, line);
}

um_status umi_config_assign(um_config *config, const char *key, size_t length, const char *text,
                            int line)
{
    umi_yaml_node *value, *node = config->root;
    char *path = umi_arena_text(&config->arena, key, length);
    way at = {config, umi_arena_text(&config->arena, key, length), line};
    if (!path || !at.key) return UM_ERROR_MEMORY;
    UMI_TRY(umi_yaml_parse(&config->arena, text, strlen(text), config->name, false, &value));
    if (line > 0) set_line(value, line);
    for (int depth = 0; path; depth++) {
        char *dot = strchr(path, '.');
        if (dot) *dot = '\0';
        if (depth >= UMI_YAML_DEPTH / 2) return fail(&at, "%s: the key is too deep", at.key);
        UMI_TRY(descend(&at, &node, path));
        path = dot ? dot + 1 : NULL;
    }
    umi_yaml_replace(node, value);
    return UM_OK;
}

um_status umi_config_override(um_config *config, const char *text)
{
    const char *equals = strchr(text, '=');
    way at = {config, "", 0};
    if (!equals) return fail(&at, "%s; key=value is expected, as in --set atoms.q=0.3", text);
    return umi_config_assign(config, text, (size_t)(equals - text), equals + 1, 0);
}
