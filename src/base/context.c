/* The context: allocator, last failure. */
#include "base/team.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Starting and finishing a shared task costs as much as some 10^4 of them, and all others share its caches. */
static const double PART_LEAST = 5e4;

/* Of what is smaller, cores have room for two in their second cache. */
static const double PLACE_LEAST = 4e4;

static void *allocate_default(void *user, size_t bytes)
{
    (void)user;
    return malloc(bytes);
}

static void release_default(void *user, void *block)
{
    (void)user;
    free(block);
}

um_status um_context_create(const um_context_options *options, um_context **context)
{
    if (!context) return UM_ERROR_ARG;
    *context = NULL;
    um_context_options chosen = {0};
    if (options) chosen = *options;
    if (!chosen.allocate != !chosen.release || chosen.threads < 0) return UM_ERROR_ARG;
    if (!chosen.allocate) {
        chosen.allocate = allocate_default;
        chosen.release = release_default;
    }
    if (chosen.threads == 0) chosen.threads = 1;
    um_context *ctx = chosen.allocate(chosen.user, sizeof *ctx);
    if (!ctx) return UM_ERROR_MEMORY;
    memset(ctx, 0, sizeof *ctx);
    ctx->options = chosen;
    ctx->part_least = PART_LEAST;
    ctx->place_least = PLACE_LEAST;
    ctx->error.line = ctx->error.level = -1;
    ctx->error.collision = -1;
    *context = ctx;
    return UM_OK;
}

void um_context_destroy(um_context *ctx)
{
    if (!ctx) return;
    umi_team_destroy(ctx);
    umi_scratch_free_all(ctx);
    ctx->options.release(ctx->options.user, ctx);
}

const um_error *um_context_get_error(const um_context *ctx) { return &ctx->error; }

size_t um_context_get_blocks(const um_context *ctx) { return ctx->blocks; }

static um_status fail(um_context *ctx, um_status status, const char *key, const char *format,
                      va_list arguments)
{
    /* The arguments may point into the old message: format before clearing. */
    char message[sizeof ctx->error.message];
    vsnprintf(message, sizeof message, format, arguments);
    char path[sizeof ctx->error.key];
    snprintf(path, sizeof path, "%s", key);
    memset(&ctx->error, 0, sizeof ctx->error);
    ctx->error.status = status;
    ctx->error.line = ctx->error.level = -1;
    ctx->error.collision = -1;
    memcpy(ctx->error.message, message, sizeof message);
    memcpy(ctx->error.key, path, sizeof path);
    return status;
}

um_status umi_fail(um_context *ctx, um_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail(ctx, status, "", format, arguments);
    va_end(arguments);
    return status;
}

um_status umi_fail_key(um_context *ctx, um_status status, const char *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail(ctx, status, key, format, arguments);
    va_end(arguments);
    return status;
}

#define STATUS_NAME(code, name, text) name,
#define STATUS_TEXT(code, name, text) text,
static const char *const status_names[] = {UM_STATUS_LIST(STATUS_NAME)};
static const char *const status_texts[] = {UM_STATUS_LIST(STATUS_TEXT)};

const char *um_status_get_name(um_status status)
{
    return (unsigned)status < UM_STATUS_COUNT ? status_names[status] : "unknown";
}

const char *um_status_get_text(um_status status)
{
    return (unsigned)status < UM_STATUS_COUNT ? status_texts[status] : "unknown status";
}
