/* The parts of a JSON summary that more than one summary has. */
#ifndef UMI_IO_JSON_RESULT_H
#define UMI_IO_JSON_RESULT_H

#include "io/json.h"

/* -1 stands for "not there" in every count of the library. */
void umi_json_count(umi_json *json, const char *key, int64_t value);
void umi_json_texts(umi_json *json, const char *key, char *const *texts, size_t count);
/* The members of a plateau and of a run's summary, into an object that is open. */
void umi_json_plateau(umi_json *json, const um_plateau *plateau);
void umi_json_result(umi_json *json, const um_result *result);
void umi_json_error(umi_json *json, const um_error *error, int exit_code);

#endif
