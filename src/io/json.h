/* json: a stream of JSON tokens. Nothing is kept in memory but where a comma is due. */
#ifndef UMI_IO_JSON_H
#define UMI_IO_JSON_H

#include <stdint.h>
#include <stdio.h>

#include "umaser/charge.h"

typedef struct umi_json {
    FILE *stream;
    int error;  /* errno of the first write that failed, else 0 */
    bool comma; /* something stands before the next value at this depth */
} umi_json;

/* Containers; key NULL inside an array. `bracket` is '{' or '['. */
void umi_json_open(umi_json *json, const char *key, char bracket);
void umi_json_close(umi_json *json, char bracket); /* '}' or ']' */

/* Values; key NULL inside an array. A NAN or infinity, and a NULL text, become null. */
void umi_json_number(umi_json *json, const char *key, double value);
void umi_json_integer(umi_json *json, const char *key, int64_t value);
void umi_json_text(umi_json *json, const char *key, const char *text);
void umi_json_null(umi_json *json, const char *key);
void umi_json_boolean(umi_json *json, const char *key, bool value);
void umi_json_numbers(umi_json *json, const char *key, const double *values, size_t count);
/* Row-major rows x columns, as an array of arrays. */
void umi_json_matrix(umi_json *json, const char *key, const double *values, size_t rows,
                     size_t columns);

/* End the line and push it out. */
void umi_json_finish(umi_json *json);

#endif
