/* One block: its points, each as mean over its repeats. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sweep/sweep.h"

typedef umi_sweep_work work;

bool umi_sweep_ask(void *of, const um_progress *inside)
{
    const work *it = of;
    (void)inside;
    um_progress progress = {.done = (int64_t)it->done, .total = (int64_t)it->block->count,
                            .energy = NAN};
    return !it->monitor || it->monitor(it->user, &progress);
}

/* Whose fault it is: the point's, or that of what it is computed with. */
static bool concerns_the_point(um_status status)
{
    return status != UM_ERROR_INTERRUPTED && status != UM_ERROR_MEMORY;
}

static um_status add_failure(work *it, size_t point, int repeat, um_status status)
{
    um_sweep_block *block = it->block;
    const um_error *error = &it->ctx->error;
    char text[1600], place[300] = "", which[64] = "";
    if (error->key[0]) snprintf(place, sizeof place, "%s: ", error->key);
    if (repeat > 0) snprintf(which, sizeof which, " (repeat %d)", repeat);
    snprintf(text, sizeof text, "%s%s%s", place, error->message, which);
    char *message = umi_strdup(it->ctx, text);
    if (!message) return UM_ERROR_MEMORY;
    block->failures[block->failures_count++] = (um_sweep_failure){point, status, message};
    return UM_OK;
}

static void add_repeat(work *it, int repeat, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        /* No deviation from the first, infinite values included, until one differs. */
        double deviation = it->one[i] == it->mean[i] ? 0 : it->one[i] - it->mean[i];
        if (repeat == 0) {
            it->mean[i] = it->one[i];
            it->squares[i] = isnan(it->one[i]) ? NAN : 0;
            continue;
        }
        it->mean[i] += deviation / (repeat + 1);
        if (deviation != 0) it->squares[i] += deviation * (it->one[i] - it->mean[i]);
    }
}

/* Summaries, their standard errors, series, theirs: as um_sweep_get_width says. */
static void put_point(const work *it, double *values)
{
    const um_sweep_plan *plan = &it->sweep->plan;
    int repeats = plan->repeats;
    size_t single = umi_sweep_single_width(plan), summaries = plan->summaries_count;
    if (repeats == 1) {
        memcpy(values, it->mean, single * sizeof *values);
        return;
    }
    for (size_t part = 0; part < 2; part++) {
        size_t from = part == 0 ? 0 : summaries, to = part == 0 ? summaries : single;
        for (size_t i = from; i < to; i++) {
            values[from + i] = it->mean[i];
            values[to + i] = sqrt(it->squares[i] / ((double)repeats * (repeats - 1)));
        }
    }
}

static um_status compute_point(work *it, size_t point, double *values)
{
    const um_sweep_plan *plan = &it->sweep->plan;
    size_t width = umi_sweep_single_width(plan);
    for (int repeat = 0; repeat < plan->repeats; repeat++) {
        um_status status =
            umi_sweep_compute_point(it->ctx, it->sweep, point, plan->seed + (uint64_t)repeat,
                                    it->monitor ? umi_sweep_ask : NULL, it, it->one);
        if (status != UM_OK && !concerns_the_point(status)) return status;
        if (status != UM_OK) {
            UMI_TRY(add_failure(it, point, repeat, status));
            /* What one repeat knows is not the mean of all. */
            if (plan->repeats > 1)
                for (size_t i = 0; i < width; i++) it->one[i] = NAN;
            add_repeat(it, 0, width);
            break;
        }
        add_repeat(it, repeat, width);
    }
    put_point(it, values);
    return UM_OK;
}

static um_status compute(work *it)
{
    um_sweep_block *block = it->block;
    size_t width = umi_sweep_single_width(&it->sweep->plan);
    it->one = UMI_NEW_ARRAY(it->ctx, double, 3 * width);
    it->known = UMI_NEW_ARRAY(it->ctx, bool, block->count);
    block->values = umi_alloc(it->ctx, block->count, block->width * sizeof(double));
    block->failures = UMI_NEW_ARRAY(it->ctx, um_sweep_failure, block->count);
    if (!it->one || !it->known || !block->values || !block->failures) return UM_ERROR_MEMORY;
    it->mean = it->one + width;
    it->squares = it->mean + width;
    UMI_TRY(umi_sweep_compute_together(it));
    for (size_t i = 0; i < block->count; i++) {
        if (it->known[i]) continue;
        if (!umi_sweep_ask(it, NULL)) return umi_fail(it->ctx, UM_ERROR_INTERRUPTED, "stopped");
        UMI_TRY(compute_point(it, block->first + i, block->values + i * block->width));
        it->done++;
    }
    return UM_OK;
}

um_status um_sweep_compute(um_context *ctx, const um_sweep *sweep, size_t number,
                           um_monitor monitor, void *user, um_sweep_block *block)
{
    *block = (um_sweep_block){0};
    if (number >= sweep->blocks)
        return umi_fail(ctx, UM_ERROR_ARG, "block %zu of a sweep of %zu", number, sweep->blocks);
    block->number = number;
    block->first = umi_sweep_block_first(sweep, number);
    block->count = umi_sweep_block_count(sweep, number);
    block->width = sweep->width;
    work it = {.ctx = ctx, .sweep = sweep, .block = block, .monitor = monitor, .user = user};
    um_status status = compute(&it);
    umi_free(ctx, it.one);
    umi_free(ctx, it.known);
    if (status != UM_OK) um_sweep_block_clear(ctx, block);
    return status;
}

void um_sweep_block_clear(um_context *ctx, um_sweep_block *block)
{
    for (size_t i = 0; i < block->failures_count; i++) umi_free(ctx, block->failures[i].message);
    umi_free(ctx, block->failures);
    umi_free(ctx, block->values);
    *block = (um_sweep_block){0};
}
