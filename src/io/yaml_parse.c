/* From libyaml's events to the tree. */
#include "io/yaml.h"

#include <string.h>
#include <yaml.h>

typedef struct builder {
    umi_arena *arena;
    const char *name;
    bool numbered;
    umi_yaml_node *root, *open; /* the innermost list or mapping that is not closed */
    const char *key;            /* of the value that comes next, */
    size_t key_line;            /* and where it stands */
    int depth, documents;
    bool done;
} builder;

static um_status fail_at(builder *b, size_t line, const char *message, const char *detail)
{
    umi_fail(b->arena->ctx, UM_ERROR_CONFIG, "%s%s", message, detail);
    umi_yaml_locate(b->arena->ctx, b->name, b->numbered ? (int)line + 1 : 0);
    return UM_ERROR_CONFIG;
}

static um_status fail_syntax(builder *b, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return umi_fail(b->arena->ctx, UM_ERROR_MEMORY, "out of memory reading %s", b->name);
    if (parser->error == YAML_READER_ERROR) {
        return fail_at(b, parser->mark.line, "not a text file: ",
                       parser->problem ? parser->problem : "bytes that are not UTF-8");
    }
    const char *problem = parser->problem ? parser->problem : "cannot be understood";
    size_t line = parser->problem_mark.line;
    if (strstr(problem, "cannot start any token"))
        return fail_at(b, line,
                       "not valid YAML: a character that cannot stand here (indent with "
                       "spaces, not tabs; put texts with special characters in quotes)",
                       "");
    return fail_at(b, line, "not valid YAML: ", problem);
}

static um_status begin_key(builder *b, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length, line = event->start_mark.line;
    if (event->type != YAML_SCALAR_EVENT)
        return fail_at(b, line, "a key must be a word, not a list or a mapping", "");
    if (memchr(text, 0, length)) return fail_at(b, line, "a key with a zero byte in it", "");
    if (b->open->count >= UMI_YAML_KEYS)
        return fail_at(b, line, "more than 256 keys in one mapping", "");
    umi_yaml_node *earlier = umi_yaml_find(b->open, text);
    if (earlier) {
        umi_yaml_fail(b->arena->ctx, UM_ERROR_CONFIG, b->name, earlier,
                      "the key is given twice, "
                      "first in line %d; give it once",
                      earlier->line);
        umi_yaml_locate(b->arena->ctx, b->name, b->numbered ? (int)line + 1 : 0);
        return UM_ERROR_CONFIG;
    }
    b->key = umi_arena_text(b->arena, text, length);
    b->key_line = line;
    return b->key ? UM_OK : UM_ERROR_MEMORY;
}

static um_status add_node(builder *b, const yaml_event_t *event, umi_yaml_kind kind)
{
    size_t line = b->key ? b->key_line : event->start_mark.line;
    umi_yaml_node *node = umi_yaml_create(b->arena, kind, b->numbered ? (int)line + 1 : 0);
    if (!node) return UM_ERROR_MEMORY;
    node->key = b->key;
    b->key = NULL;
    if (b->open)
        umi_yaml_append(b->open, node);
    else
        b->root = node;
    if (kind != UMI_YAML_SCALAR) {
        if (++b->depth > UMI_YAML_DEPTH)
            return fail_at(b, line, "nested deeper than 32 levels; no key needs more than 6", "");
        b->open = node;
        return UM_OK;
    }
    const char *text = (const char *)event->data.scalar.value;
    if (memchr(text, 0, event->data.scalar.length))
        return fail_at(b, line, "a text with a zero byte in it", "");
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->text = umi_arena_text(b->arena, text, event->data.scalar.length);
    return node->text ? UM_OK : UM_ERROR_MEMORY;
}

static bool has_extras(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return true;
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor || event->data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor || event->data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor || event->data.mapping_start.tag;
    default:
        return false;
    }
}

static um_status take(builder *b, const yaml_event_t *event)
{
    size_t line = event->start_mark.line;
    if (has_extras(event))
        return fail_at(b, line,
                       "anchors (&), aliases (*) and tags (!) are not allowed; write the "
                       "value out",
                       "");
    bool key_next = b->open && b->open->kind == UMI_YAML_MAPPING && !b->key;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (b->documents++ > 0)
            return fail_at(b, line, "a second YAML document; a configuration is one document", "");
        return UM_OK;
    case YAML_SCALAR_EVENT:
        return key_next ? begin_key(b, event) : add_node(b, event, UMI_YAML_SCALAR);
    case YAML_SEQUENCE_START_EVENT:
        return key_next ? begin_key(b, event) : add_node(b, event, UMI_YAML_LIST);
    case YAML_MAPPING_START_EVENT:
        return key_next ? begin_key(b, event) : add_node(b, event, UMI_YAML_MAPPING);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        b->open = b->open->parent;
        return UM_OK;
    case YAML_STREAM_END_EVENT:
        b->done = true;
        return UM_OK;
    default:
        return UM_OK;
    }
}

um_status umi_yaml_parse(umi_arena *arena, const char *text, size_t length, const char *name,
                         bool numbered, umi_yaml_node **root)
{
    builder b = {.arena = arena, .name = name, .numbered = numbered};
    *root = NULL;
    if (length > UMI_YAML_BYTES)
        return fail_at(&b, 0, "longer than 1 MiB, which no configuration needs", "");
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return umi_fail(arena->ctx, UM_ERROR_MEMORY, "out of memory reading %s", name);
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* byte order mark */
        text += 3;
        length -= 3;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    um_status status = UM_OK;
    while (status == UM_OK && !b.done) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            status = fail_syntax(&b, &parser);
            break;
        }
        status = take(&b, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    if (status == UM_OK && (!b.root || (numbered && umi_yaml_is_empty(b.root)))) {
        b.root = umi_yaml_create(arena, numbered ? UMI_YAML_MAPPING : UMI_YAML_SCALAR, numbered);
        if (!b.root) return UM_ERROR_MEMORY;
        b.root->text = "";
    }
    *root = status == UM_OK ? b.root : NULL;
    return status;
}
