/* The tree: memory, search, and how a node is named in messages. */
#include "io/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct umi_arena_block {
    struct umi_arena_block *next;
    size_t used, size;
    _Alignas(16) char data[];
};

enum { ARENA_BLOCK = 1 << 14 };

void *umi_arena_alloc(umi_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2) {
        umi_fail(arena->ctx, UM_ERROR_MEMORY, "out of memory: %zu elements of %zu bytes", count,
                 size);
        return NULL;
    }
    bytes = (bytes + 15) / 16 * 16;
    struct umi_arena_block *block = arena->blocks;
    if (!block || block->size - block->used < bytes) {
        size_t room = bytes > ARENA_BLOCK ? bytes : ARENA_BLOCK;
        block = umi_alloc(arena->ctx, 1, sizeof *block + room);
        if (!block) return NULL;
        block->size = room;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *memory = block->data + block->used;
    block->used += bytes;
    return memory;
}

char *umi_arena_text(umi_arena *arena, const char *text, size_t length)
{
    char *copy = umi_arena_alloc(arena, length + 1, 1);
    if (copy) memcpy(copy, text, length);
    return copy;
}

void umi_arena_clear(umi_arena *arena)
{
    while (arena->blocks) {
        struct umi_arena_block *next = arena->blocks->next;
        umi_free(arena->ctx, arena->blocks);
        arena->blocks = next;
    }
}

umi_yaml_node *umi_yaml_create(umi_arena *arena, umi_yaml_kind kind, int line)
{
    umi_yaml_node *node = umi_arena_alloc(arena, 1, sizeof *node);
    if (!node) return NULL;
    node->kind = kind;
    node->line = line;
    return node;
}

void umi_yaml_append(umi_yaml_node *parent, umi_yaml_node *child)
{
    child->parent = parent;
    child->index = parent->count++;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
}

umi_yaml_node *umi_yaml_copy(umi_arena *arena, const umi_yaml_node *node, const char *without)
{
    umi_yaml_node *copy = umi_yaml_create(arena, node->kind, node->line);
    if (!copy) return NULL;
    copy->quoted = node->quoted;
    copy->key = node->key;
    copy->text = node->text;
    for (const umi_yaml_node *child = node->first; child; child = child->next) {
        if (without && child->key && strcmp(child->key, without) == 0) continue;
        umi_yaml_node *below = umi_yaml_copy(arena, child, NULL);
        if (!below) return NULL;
        umi_yaml_append(copy, below);
    }
    return copy;
}

const umi_yaml_node *umi_yaml_follow(const umi_yaml_node *root, const char *path)
{
    const umi_yaml_node *node = root;
    while (node && *path) {
        size_t length = strcspn(path, ".["), index = 0;
        const umi_yaml_node *child = node->first;
        if (*path == '[') {
            char *end;
            index = strtoul(path + 1, &end, 10);
            if (node->kind != UMI_YAML_LIST || *end != ']') return NULL;
            path = end + 1;
            while (child && child->index != index) child = child->next;
        } else {
            if (node->kind != UMI_YAML_MAPPING) return NULL;
            while (child && (strlen(child->key) != length || memcmp(child->key, path, length) != 0))
                child = child->next;
            path += length;
        }
        if (*path == '.') path++;
        node = child;
    }
    return node;
}

void umi_yaml_replace(umi_yaml_node *old, umi_yaml_node *by)
{
    umi_yaml_node *parent = old->parent, **link = &parent->first;
    while (*link != old) link = &(*link)->next;
    *link = by;
    if (parent->last == old) parent->last = by;
    by->next = old->next;
    by->parent = parent;
    by->key = old->key;
    by->index = old->index;
}

umi_yaml_node *umi_yaml_find(const umi_yaml_node *mapping, const char *key)
{
    if (!mapping || mapping->kind != UMI_YAML_MAPPING) return NULL;
    for (umi_yaml_node *child = mapping->first; child; child = child->next)
        if (strcmp(child->key, key) == 0) return child;
    return NULL;
}

bool umi_yaml_is_empty(const umi_yaml_node *node)
{
    return node->kind == UMI_YAML_SCALAR && !node->quoted &&
           (!*node->text || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

/* At most `most` bytes of text without control characters, cut between UTF-8 characters. */
static void show_text(const char *text, size_t most, char *shown)
{
    size_t length = strlen(text), n = length > most ? most : length;
    while (n < length && n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80) n--;
    for (size_t i = 0; i < n; i++)
        shown[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i];
    strcpy(shown + n, n < length ? "..." : "");
}

const char *umi_yaml_show(const umi_yaml_node *node, char shown[UMI_YAML_SHOWN])
{
    if (node->kind != UMI_YAML_SCALAR) return node->kind == UMI_YAML_LIST ? "a list" : "a mapping";
    if (umi_yaml_is_empty(node)) return "nothing";
    shown[0] = '"';
    show_text(node->text, UMI_YAML_SHOWN - 8, shown + 1);
    strcat(shown, "\"");
    return shown;
}

void umi_yaml_path(const umi_yaml_node *node, char *path, size_t size)
{
    path[0] = '\0';
    if (!node->parent) return;
    umi_yaml_path(node->parent, path, size);
    size_t length = strlen(path);
    char key[64];
    if (node->key) {
        show_text(node->key, 56, key);
        snprintf(path + length, size - length, "%s%s", length ? "." : "", key);
    } else {
        snprintf(path + length, size - length, "[%zu]", node->index);
    }
}

void umi_yaml_locate(um_context *ctx, const char *name, int line)
{
    um_error *error = &ctx->error;
    snprintf(error->file, sizeof error->file, "%s", line > 0 ? name : "--set");
    error->line = line > 0 ? line : -1;
}

um_status umi_yaml_fail(um_context *ctx, um_status status, const char *name,
                        const umi_yaml_node *node, const char *format, ...)
{
    char message[sizeof ctx->error.message], path[sizeof ctx->error.key];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    umi_yaml_path(node, path, sizeof path);
    umi_fail_key(ctx, status, path, "%s", message);
    umi_yaml_locate(ctx, name, node->line);
    return status;
}
