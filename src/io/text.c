/* Texts that grow, and what of YAML is written with them. */
#include "io/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(umi_text *w, size_t more)
{
    if (w->failed) return false;
    if (w->length + more < w->capacity) return true;
    size_t capacity = 2 * (w->capacity + more) + 128;
    char *text = umi_alloc(w->ctx, capacity, 1);
    w->failed = !text;
    if (!text) return false;
    if (w->length) memcpy(text, w->text, w->length);
    umi_free(w->ctx, w->text);
    w->text = text;
    w->capacity = capacity;
    return true;
}

void umi_text_add_bytes(umi_text *w, const char *bytes, size_t count)
{
    if (!reserve(w, count + 1)) return;
    memcpy(w->text + w->length, bytes, count);
    w->length += count;
    w->text[w->length] = '\0';
}

void umi_text_add(umi_text *w, const char *format, ...)
{
    char piece[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    umi_text_add_bytes(w, piece, strlen(piece));
}

void umi_text_add_number(umi_text *w, double value)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    umi_text_add_bytes(w, text, strlen(text));
}

/* One UTF-8 character at bytes; 0: not well formed. */
static uint32_t decode(const unsigned char *bytes, size_t *length)
{
    uint32_t first = bytes[0], code;
    *length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if ((first >= 0x80 && first < 0xc2) || first > 0xf4) return 0;
    code = *length == 1 ? first : first & (0x7fu >> *length);
    for (size_t i = 1; i < *length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (bytes[i] & 0x3f);
    }
    return code;
}

void umi_text_add_quoted(umi_text *w, const char *text)
{
    umi_text_add(w, "\"");
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        size_t length;
        uint32_t code = decode(at, &length);
        bool plain = (code >= 0x20 && code < 0x7f && code != '"' && code != '\\') ||
                     (code >= 0xa0 && code < 0xfffe && code != 0xfeff && code != 0x2028 &&
                      code != 0x2029 && (code < 0xd800 || code > 0xdfff)) ||
                     code >= 0x10000;
        if (code == 0)
            umi_text_add(w, "?"), length = 1;
        else if (plain)
            umi_text_add_bytes(w, (const char *)at, length);
        else if (code == '"' || code == '\\')
            umi_text_add(w, "\\%c", (int)code);
        else if (code > 0xffff)
            umi_text_add(w, "\\U%08x", (unsigned)code);
        else
            umi_text_add(w, "\\u%04x", (unsigned)code);
        at += length;
    }
    umi_text_add(w, "\"");
}

/* What stands plain on a line of its own may be brackets and commas here; no number or word has them. */
static void add_scalar(umi_text *w, const umi_yaml_node *node)
{
    if (node->quoted || strpbrk(node->text, ",[]{}:#"))
        umi_text_add_quoted(w, node->text);
    else
        umi_text_add_bytes(w, *node->text ? node->text : "~", *node->text ? strlen(node->text) : 1);
}

void umi_text_add_node(umi_text *w, const umi_yaml_node *node)
{
    if (node->kind == UMI_YAML_SCALAR) {
        add_scalar(w, node);
        return;
    }
    bool list = node->kind == UMI_YAML_LIST;
    umi_text_add_bytes(w, list ? "[" : "{", 1);
    for (const umi_yaml_node *child = node->first; child; child = child->next) {
        if (child != node->first) umi_text_add_bytes(w, ", ", 2);
        if (!list) {
            umi_text_add_quoted(w, child->key);
            umi_text_add_bytes(w, ": ", 2);
        }
        umi_text_add_node(w, child);
    }
    umi_text_add_bytes(w, list ? "]" : "}", 1);
}
