/* The parts of a JSON summary that more than one summary has. */
#ifndef UMI_IO_JSON_RESULT_H
#define UMI_IO_JSON_RESULT_H

#include "io/file.h"
#include "io/json.h"

/* -1 stands for "not there" in every count of the library. */
void umi_json_count(umi_json *json, const char *key, int64_t value);
void umi_json_texts(umi_json *json, const char *key, char *const *texts, size_t count);
/* The members of a plateau and of a run's summary, into an object that is open. */
void umi_json_plateau(umi_json *json, const um_plateau *plateau);
void umi_json_result(umi_json *json, const um_result *result);
void umi_json_error(umi_json *json, const um_error *error, int exit_code);

/* A summary is one object: its head, what the caller puts, its end. */
typedef struct umi_json_summary {
    umi_json json;
    umi_c_locale locale;
} umi_json_summary;
/* error: NULL, or what ended the program; status: what to say without one. */
umi_json *umi_json_begin(umi_json_summary *summary, FILE *stream, const um_error *error,
                         um_status status, int exit_code);
um_status umi_json_end(um_context *ctx, umi_json_summary *summary);

#endif
