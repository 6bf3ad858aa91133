/* A YAML document as a small tree that knows where everything was written.
 *
 * Only what a configuration needs: one document, mappings with text keys, lists, scalars. Anchors,
 * aliases and tags are refused (they are how a short file becomes a huge one), duplicate keys
 * too. Nodes and texts live in an arena and end with it.
 */
#ifndef UMI_YAML_H
#define UMI_YAML_H

#include "base/base.h"

enum { UMI_YAML_DEPTH = 32, UMI_YAML_KEYS = 256, UMI_YAML_BYTES = 1 << 20 };

/* Blocks of memory that end together. */
typedef struct umi_arena {
    um_context *ctx;
    struct umi_arena_block *blocks;
} umi_arena;

void *umi_arena_alloc(umi_arena *arena, size_t count, size_t size); /* zeroed; NULL: no memory */
char *umi_arena_text(umi_arena *arena, const char *text, size_t length);
void umi_arena_clear(umi_arena *arena);

typedef enum umi_yaml_kind { UMI_YAML_SCALAR, UMI_YAML_LIST, UMI_YAML_MAPPING } umi_yaml_kind;

typedef struct umi_yaml_node umi_yaml_node;
struct umi_yaml_node {
    umi_yaml_kind kind;
    bool quoted;      /* scalar: written in quotes */
    int line;         /* 1-based, of its key if it has one; 0: from the command line (--set) */
    const char *key;  /* in a mapping; NULL in a list and at the root */
    const char *text; /* scalar */
    umi_yaml_node *parent, *first, *last, *next;
    size_t count, index; /* children; place among the parent's */
};

/* The document in a text. `name` stands in messages as the file. `numbered`: a file; an empty one
 * becomes an empty mapping. Otherwise a value of --set: lines become 0, and it may be empty. */
um_status umi_yaml_parse(umi_arena *arena, const char *text, size_t length, const char *name,
                         bool numbered, umi_yaml_node **root);

umi_yaml_node *umi_yaml_create(umi_arena *arena, umi_yaml_kind kind, int line);
void umi_yaml_append(umi_yaml_node *parent, umi_yaml_node *child);

/* A copy without the child `without` of its root (NULL: all of it); texts are shared. NULL: no
 * memory. */
umi_yaml_node *umi_yaml_copy(umi_arena *arena, const umi_yaml_node *node, const char *without);

/* What is at a path such as "stages[0].charge"; NULL if nothing is. */
const umi_yaml_node *umi_yaml_follow(const umi_yaml_node *root, const char *path);

/* Puts `by` where `old` is. */
void umi_yaml_replace(umi_yaml_node *old, umi_yaml_node *by);

umi_yaml_node *umi_yaml_find(const umi_yaml_node *mapping, const char *key); /* or NULL */

/* An empty value: nothing, ~ or null. */
bool umi_yaml_is_empty(const umi_yaml_node *node);

/* "stages[1].atoms.q"; safe to print. */
void umi_yaml_path(const umi_yaml_node *node, char *path, size_t size);

/* What stands at a node, short and safe to print: "0.25abc", a list, a mapping. */
enum { UMI_YAML_SHOWN = 80 };
const char *umi_yaml_show(const umi_yaml_node *node, char shown[UMI_YAML_SHOWN]);

/* A failure at a node: file, line and key set. */
um_status umi_yaml_fail(um_context *ctx, um_status status, const char *name,
                        const umi_yaml_node *node, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Where an error stands: the user's file and line, or --set for line 0. */
void umi_yaml_locate(um_context *ctx, const char *name, int line);

#endif
