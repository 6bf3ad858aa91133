/* A state from a result file. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* realpath */
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/config.h"

static um_status fail(um_context *ctx, const um_config *config, const char *key, um_status status,
                      const char *message)
{
    const umi_yaml_node *node = umi_config_locate(config, key);
    umi_fail_key(ctx, status, key, "%s", message);
    umi_yaml_locate(ctx, config->name, node->line);
    return status;
}

/* Printed absolute, the path means the same file wherever the printed configuration is put. */
static bool resolve_path(const um_config *config, const char *file, char path[UMI_CONFIG_PATH])
{
    if (!umi_config_find_file(config, file, path)) return false;
    char *absolute = realpath(path, NULL);
    if (absolute && strlen(absolute) < UMI_CONFIG_PATH) strcpy(path, absolute);
    free(absolute);
    return true;
}

static const um_saved_state *find_state(const um_result *result, int64_t record)
{
    if (record < 0) return result->states_count ? &result->states[result->states_count - 1] : NULL;
    for (size_t i = 0; i < result->states_count; i++)
        if (result->states[i].collision == record) return &result->states[i];
    return NULL;
}

um_status umi_config_load_state(um_context *ctx, const um_config *config, const char *key,
                                um_initial *initial, umi_loaded *loaded)
{
    char message[800];
    if (initial->kind != UM_INITIAL_MATRIX) return UM_OK;
    if (!resolve_path(config, initial->file, loaded->path))
        return fail(ctx, config, key, UM_ERROR_CONFIG, "the name of the file is too long");
    um_status status = um_result_read(ctx, loaded->path, &loaded->result, NULL);
    if (status == UM_ERROR_MEMORY) return status;
    if (status != UM_OK) {
        snprintf(message, sizeof message, "the result file %.300s cannot be used: %.400s",
                 loaded->path, ctx->error.message);
        return fail(ctx, config, key, status, message);
    }
    const um_saved_state *state = find_state(loaded->result, initial->record);
    if (!state) {
        char which[64] = "no state at all";
        if (loaded->result->states_count)
            snprintf(which, sizeof which, "no state of collision %lld", (long long)initial->record);
        snprintf(message, sizeof message,
                 "%.400s holds %s; record.states of that run says which "
                 "are kept",
                 loaded->path, which);
        return fail(ctx, config, key, UM_ERROR_CONFIG, message);
    }
    initial->file = loaded->path;
    initial->record = state->collision;
    initial->levels = state->levels;
    initial->real = state->real;
    initial->imag = state->imag;
    return UM_OK;
}
