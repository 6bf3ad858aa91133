/* Aligned, zeroed, counted memory from the context's allocator. */
#include "base/base.h"

#include <string.h>

enum { ALIGNMENT = 64 };

/* The allocator's own pointer stands just below the aligned block. */
void *umi_alloc(um_context *ctx, size_t count, size_t size)
{
    if (count == 0) count = 1;
    size_t bytes = 0;
    char *raw = NULL;
    if (!__builtin_mul_overflow(count, size, &bytes) &&
        !__builtin_add_overflow(bytes, ALIGNMENT + sizeof(void *), &bytes))
        raw = ctx->options.allocate(ctx->options.user, bytes);
    if (!raw) {
        umi_fail(ctx, UM_ERROR_MEMORY, "out of memory: %zu elements of %zu bytes asked for", count,
                 size);
        return NULL;
    }
    uintptr_t address = (uintptr_t)raw + sizeof(void *);
    char *block = (char *)((address + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    ((void **)block)[-1] = raw;
    memset(block, 0, count * size);
    ctx->blocks++;
    return block;
}

void umi_free(um_context *ctx, void *block)
{
    if (!block) return;
    ctx->blocks--;
    ctx->options.release(ctx->options.user, ((void **)block)[-1]);
}

char *umi_strdup(um_context *ctx, const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = umi_alloc(ctx, bytes, 1);
    if (copy) memcpy(copy, text, bytes);
    return copy;
}
