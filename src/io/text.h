/* A text that grows; after a failed allocation it swallows everything. */
#ifndef UMI_TEXT_H
#define UMI_TEXT_H

#include "io/yaml.h"

typedef struct umi_text {
    um_context *ctx;
    char *text; /* the caller's, who frees it */
    size_t length, capacity;
    bool failed;
} umi_text;

void umi_text_add_bytes(umi_text *text, const char *bytes, size_t count);
void umi_text_add(umi_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The shortest decimal that reads back to the same double. */
void umi_text_add_number(umi_text *text, double value);
/* In double quotes: what a YAML reader may not take as it is, is escaped. */
void umi_text_add_quoted(umi_text *text, const char *value);
/* YAML on one line. */
void umi_text_add_node(umi_text *text, const umi_yaml_node *node);

#endif
