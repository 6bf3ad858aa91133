/* libFuzzer: any bytes are a configuration or a clean refusal; what is accepted survives being
 * printed and read back. Bytes after a zero byte are a --set text. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition, const char *what)
{
    if (condition) return;
    fprintf(stderr, "fuzz_config: %s\n", what);
    abort();
}

static um_status create(um_context *ctx, const char *text, size_t length, const char *set,
                        um_model **model)
{
    um_config *config;
    *model = NULL;
    um_status status = um_config_parse(ctx, text, length, "fuzz", &set, set ? 1 : 0, &config);
    if (status != UM_OK) return status;
    /* Result files have their own tests; random names of files are nobody's business. */
    const um_spec *spec = &config->settings.spec;
    if (spec->battery.initial.kind == UM_INITIAL_MATRIX ||
        spec->record.fidelity_with.kind == UM_INITIAL_MATRIX)
        status = umi_fail(ctx, UM_ERROR_CONFIG, "skipped");
    else
        status = um_config_create_model(ctx, config, model);
    um_config_destroy(config);
    return status;
}

static void check_round_trip(um_context *ctx, const um_model *model)
{
    char *text;
    um_model *again;
    demand(um_config_format(ctx, model, &text) == UM_OK, "cannot be printed");
    if (strlen(text) <= UMI_YAML_BYTES) {
        demand(create(ctx, text, strlen(text), NULL, &again) == UM_OK, "printed, but not accepted");
        demand(um_model_get_digest(model) == um_model_get_digest(again), "another model came back");
        um_model_destroy(again);
    }
    um_text_destroy(ctx, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    um_context *ctx;
    um_model *model;
    const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
    char set[256] = "";
    if (um_context_create(NULL, &ctx) != UM_OK) return 0;
    if (zero) {
        size_t rest = size - (size_t)(zero - data) - 1;
        if (rest >= sizeof set) rest = sizeof set - 1;
        memcpy(set, zero + 1, rest);
        size = (size_t)(zero - data);
    }
    um_status status = create(ctx, (const char *)data, size, zero ? set : NULL, &model);
    const um_error *error = um_context_get_error(ctx);
    if (status == UM_OK)
        check_round_trip(ctx, model);
    else
        demand(error->status == status && *error->message, "a refusal without a message");
    um_model_destroy(model);
    demand(um_context_get_blocks(ctx) == 0, "memory is left");
    um_context_destroy(ctx);
    return 0;
}
