/* Aligned, zeroed, counted memory from the context's allocator. */
#include "base/base.h"

#include <string.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

enum { ALIGNMENT = 64, HUGE_PAGE = 1 << 21 };
/* Doubles of work space worth keeping: 4 MB. */
enum { KEPT_MOST = 1 << 19 };

/* A walk through a large state is in another page at every step: 4 KB each are more than a machine keeps
 * track of. Only asked for, and only where whole huge pages fit: nothing else changes. */
static void ask_for_huge_pages(void *block, size_t bytes)
{
#if defined(MADV_HUGEPAGE)
    uintptr_t begin = ((uintptr_t)block + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    uintptr_t end = ((uintptr_t)block + bytes) / HUGE_PAGE * HUGE_PAGE;
    if (end > begin) (void)madvise((void *)begin, end - begin, MADV_HUGEPAGE);
#else
    (void)block;
    (void)bytes;
#endif
}

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
    ask_for_huge_pages(block, count * size);
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

um_status umi_scratch_take(um_context *ctx, size_t size, umi_scratch *scratch)
{
    for (int i = 0; i < UMI_SCRATCH_KEPT; i++)
        if (ctx->scratch[i].block && ctx->scratch[i].size >= size) {
            *scratch = ctx->scratch[i];
            ctx->scratch[i] = (umi_scratch){0};
            ctx->blocks++;
            return UM_OK;
        }
    /* Windows grow: the next time somewhat more will be asked for. */
    size_t room = size < KEPT_MOST / 2 ? size + size / 2 : size;
    *scratch = (umi_scratch){UMI_NEW_ARRAY(ctx, double, room), room};
    return scratch->block ? UM_OK : UM_ERROR_MEMORY;
}

void umi_scratch_give(um_context *ctx, umi_scratch *scratch)
{
    umi_scratch *smallest = &ctx->scratch[0];
    for (int i = 1; i < UMI_SCRATCH_KEPT; i++)
        if (ctx->scratch[i].size < smallest->size) smallest = &ctx->scratch[i];
    if (scratch->block && scratch->size <= KEPT_MOST && scratch->size > smallest->size) {
        umi_scratch kept = *scratch;
        *scratch = *smallest;
        *smallest = kept;
        ctx->blocks -= scratch->block ? 0 : 1;
    }
    umi_free(ctx, scratch->block);
    *scratch = (umi_scratch){0};
}

void umi_scratch_free_all(um_context *ctx)
{
    for (int i = 0; i < UMI_SCRATCH_KEPT; i++) {
        ctx->blocks += ctx->scratch[i].block ? 1 : 0;
        umi_free(ctx, ctx->scratch[i].block);
        ctx->scratch[i] = (umi_scratch){0};
    }
}

char *umi_strdup(um_context *ctx, const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = umi_alloc(ctx, bytes, 1);
    if (copy) memcpy(copy, text, bytes);
    return copy;
}
