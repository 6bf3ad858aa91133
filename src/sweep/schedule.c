/* Blocks in threads: each takes the next one that is not there yet, computes it in a context of its
 * own, and puts it into the store. */
#include <omp.h>
#include <stdint.h>

#include "charge/rules.h"
#include "sweep/sweep.h"

typedef struct crew {
    omp_lock_t lock; /* of all below that changes, and of the store */
    um_context *ctx;
    const um_sweep *sweep;
    const um_sweep_store *store;
    const um_sweep_options *options;
    size_t next;
    um_sweep_progress progress;
    double begun, asked;
    um_status status; /* of the first thread that failed; it ends the others */
    um_error error;
} crew;

static bool is_ours(const crew *all, size_t number)
{
    const um_sweep_options *options = all->options;
    return options->shards == 0 ||
           number % (size_t)options->shards == (size_t)options->shard;
}

/* Under the lock. */
static size_t take_next(crew *all)
{
    if (all->status != UM_OK) return SIZE_MAX;
    if (all->options->next) return all->options->next(all->options->next_user);
    while (all->next < all->sweep->blocks &&
           (!is_ours(all, all->next) || all->store->has(all->store->self, all->next)))
        all->next++;
    return all->next < all->sweep->blocks ? all->next++ : SIZE_MAX;
}

static void fail(crew *all, um_context *ctx, um_status status)
{
    if (all->status != UM_OK) return;
    all->status = status;
    all->error = ctx->error;
}

/* Of a block that is being computed: whether to go on. */
static bool look(void *user, const um_progress *now)
{
    (void)now;
    crew *all = user;
    omp_set_lock(&all->lock);
    double clock = umi_seconds();
    if (all->options->monitor && all->status == UM_OK && clock - all->asked >= UMI_MONITOR_SECONDS) {
        all->asked = clock;
        all->progress.seconds = clock - all->begun;
        if (!all->options->monitor(all->options->user, &all->progress)) {
            umi_fail(all->ctx, UM_ERROR_INTERRUPTED, "stopped");
            fail(all, all->ctx, UM_ERROR_INTERRUPTED);
        }
    }
    bool go_on = all->status == UM_OK;
    omp_unset_lock(&all->lock);
    return go_on;
}

/* Under the lock. */
static void put(crew *all, um_context *ctx, const um_sweep_block *block)
{
    um_status status = all->store->put(all->store->self, ctx, block);
    if (status != UM_OK) {
        fail(all, ctx, status);
        return;
    }
    all->progress.done += block->count;
    all->progress.fresh += block->count;
    all->progress.failed += block->failures_count;
}

static void work(crew *all)
{
    um_context_options same = all->ctx->options;
    same.threads = 1; /* each point has one: that is the better use of cores */
    um_context *ctx = NULL;
    um_status status = um_context_create(&same, &ctx);
    if (status != UM_OK) {
        omp_set_lock(&all->lock);
        umi_fail(all->ctx, UM_ERROR_MEMORY, "out of memory: a thread's context");
        fail(all, all->ctx, status);
        omp_unset_lock(&all->lock);
        return;
    }
    for (;;) {
        um_sweep_block block;
        omp_set_lock(&all->lock);
        size_t number = take_next(all);
        omp_unset_lock(&all->lock);
        if (number == SIZE_MAX) break;
        status = um_sweep_compute(ctx, all->sweep, number, look, all, &block);
        omp_set_lock(&all->lock);
        if (status != UM_OK)
            fail(all, ctx, status);
        else
            put(all, ctx, &block);
        omp_unset_lock(&all->lock);
        if (status == UM_OK) um_sweep_block_clear(ctx, &block);
    }
    um_context_destroy(ctx);
}

static void count_share(crew *all)
{
    for (size_t i = 0; i < all->sweep->blocks; i++) {
        if (!is_ours(all, i)) continue;
        size_t points = umi_sweep_block_count(all->sweep, i);
        all->progress.total += points;
        if (all->store->has(all->store->self, i)) all->progress.done += points;
    }
}

um_status um_sweep_run(um_context *ctx, const um_sweep *sweep, const um_sweep_store *store,
                       const um_sweep_options *options)
{
    static const um_sweep_options standard = {0};
    crew all = {.ctx = ctx, .sweep = sweep, .store = store,
                .options = options ? options : &standard, .begun = umi_seconds()};
    if (all.options->threads < 0)
        return umi_fail(ctx, UM_ERROR_ARG, "%d threads", all.options->threads);
    if (all.options->shards != 0 &&
        (all.options->shard < 0 || all.options->shard >= all.options->shards))
        return umi_fail(ctx, UM_ERROR_ARG, "shard %d of %d", all.options->shard,
                        all.options->shards);
    count_share(&all);
    int threads = umi_max(all.options->threads, 1);
    omp_init_lock(&all.lock);
#pragma omp parallel num_threads(threads)
    work(&all);
    omp_destroy_lock(&all.lock);
    if (all.status == UM_OK && all.options->monitor) {
        all.progress.seconds = umi_seconds() - all.begun;
        all.options->monitor(all.options->user, &all.progress);
    }
    if (all.status != UM_OK) ctx->error = all.error;
    return all.status;
}
