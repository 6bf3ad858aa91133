/* Sweeps: the plan, checked and copied. */
#include <string.h>

#include "map/lanes.h"
#include "sweep/sweep.h"

static const size_t POINTS_MAX = 1000000000, RECORDS_MAX = 1000000000;
enum { KEYS_MAX = 64 };

static um_status check_axis(um_context *ctx, const um_sweep_axis *axis, size_t number)
{
    if (axis->count == 0 || axis->keys_count == 0)
        return umi_fail(ctx, UM_ERROR_ARG, "axis %zu of a sweep has no %s", number,
                        axis->count == 0 ? "values" : "key");
    if (axis->keys_count > KEYS_MAX)
        return umi_fail(ctx, UM_ERROR_ARG, "axis %zu of a sweep changes %zu keys; at most %d can",
                        number, axis->keys_count, KEYS_MAX);
    return UM_OK;
}

static um_status check_summaries(um_context *ctx, const um_sweep_plan *plan)
{
    for (size_t i = 0; i < plan->summaries_count; i++) {
        const um_summary_info *info = um_summary_get_info((int)plan->summaries[i]);
        if (!info)
            return umi_fail(ctx, UM_ERROR_ARG, "there is no summary number %d",
                            (int)plan->summaries[i]);
        if (info->steady && plan->analysis != UM_SWEEP_STEADY)
            return umi_fail(ctx, UM_ERROR_ARG, "%s comes from a steady analysis, not from a run",
                            info->name);
    }
    return UM_OK;
}

static um_status check_series(um_context *ctx, const um_sweep_plan *plan)
{
    uint64_t numbers = (UM_QUANTITY_BIT(UM_QUANTITY_COUNT) - 1) & ~UM_QUANTITY_BIT(UM_POPULATIONS);
    if ((plan->series == 0) != (plan->records == 0) || plan->records > RECORDS_MAX)
        return umi_fail(ctx, UM_ERROR_ARG, "a sweep with series of %zu records", plan->records);
    if (plan->series & ~numbers)
        return umi_fail(ctx, UM_ERROR_ARG, "a series of what is not one number a record");
    if (plan->series && plan->analysis != UM_SWEEP_RUN)
        return umi_fail(ctx, UM_ERROR_ARG, "a steady analysis has no series");
    return UM_OK;
}

static um_status check(um_context *ctx, const um_sweep_plan *plan, size_t *points)
{
    if (plan->axes_count == 0) return umi_fail(ctx, UM_ERROR_ARG, "a sweep without axes");
    if (plan->repeats < 1)
        return umi_fail(ctx, UM_ERROR_ARG, "%d repeats of a sweep", plan->repeats);
    if (plan->summaries_count == 0 && plan->series == 0)
        return umi_fail(ctx, UM_ERROR_ARG, "a sweep that keeps no numbers");
    UMI_TRY(check_series(ctx, plan));
    *points = 1;
    for (size_t i = 0; i < plan->axes_count; i++) {
        UMI_TRY(check_axis(ctx, &plan->axes[i], i));
        if (__builtin_mul_overflow(*points, plan->axes[i].count, points) || *points > POINTS_MAX)
            return umi_fail(ctx, UM_ERROR_ARG, "a sweep has at most %zu points", POINTS_MAX);
    }
    return check_summaries(ctx, plan);
}

static const char **copy_texts(um_context *ctx, const char *const *texts, size_t count)
{
    const char **copy = UMI_NEW_ARRAY(ctx, const char *, count);
    for (size_t i = 0; copy && i < count; i++) {
        copy[i] = umi_strdup(ctx, texts[i]);
        if (copy[i]) continue;
        while (i > 0) umi_free(ctx, (char *)copy[--i]);
        umi_free(ctx, copy);
        return NULL;
    }
    return copy;
}

static void free_texts(um_context *ctx, const char *const *texts, size_t count)
{
    for (size_t i = 0; texts && i < count; i++) umi_free(ctx, (char *)texts[i]);
    umi_free(ctx, (char **)texts);
}

static um_status copy_axis(um_context *ctx, const um_sweep_axis *from, um_sweep_axis *to)
{
    size_t all = from->keys_count * from->count;
    *to = (um_sweep_axis){.keys_count = from->keys_count, .count = from->count};
    double *values = UMI_NEW_ARRAY(ctx, double, all);
    if (values) memcpy(values, from->values, all * sizeof *values);
    to->values = values;
    to->name = umi_strdup(ctx, from->name);
    to->keys = copy_texts(ctx, from->keys, from->keys_count);
    to->texts = copy_texts(ctx, from->texts, all);
    return to->values && to->name && to->keys && to->texts ? UM_OK : UM_ERROR_MEMORY;
}

/* Enough blocks to share, and in each enough points to fill the lanes and to be worth a transaction;
 * points of a steady analysis are long. */
static size_t choose_block(const um_sweep_plan *plan, size_t points)
{
    enum { SHARED = 64, MOST = 256 };
    size_t block = points / SHARED;
    if (plan->analysis == UM_SWEEP_STEADY || points < (size_t)16 * UMI_LANES) return 1;
    if (block > MOST) block = MOST;
    return block > UMI_LANES ? block - block % UMI_LANES : UMI_LANES;
}

static um_status copy_plan(um_context *ctx, const um_sweep_plan *from, um_sweep_plan *to)
{
    *to = *from;
    to->axes = NULL;
    to->summaries = NULL;
    um_sweep_axis *axes = UMI_NEW_ARRAY(ctx, um_sweep_axis, from->axes_count);
    um_summary *summaries = UMI_NEW_ARRAY(ctx, um_summary, from->summaries_count);
    to->axes = axes;
    to->summaries = summaries;
    if (!axes || !summaries) return UM_ERROR_MEMORY;
    if (from->summaries_count > 0)
        memcpy(summaries, from->summaries, from->summaries_count * sizeof *summaries);
    for (size_t i = 0; i < from->axes_count; i++)
        UMI_TRY(copy_axis(ctx, &from->axes[i], &axes[i]));
    return UM_OK;
}

um_status um_sweep_create(um_context *ctx, const um_sweep_plan *plan, um_sweep_source source,
                          void *user, um_sweep **sweep)
{
    *sweep = NULL;
    size_t points = 0;
    UMI_TRY(check(ctx, plan, &points));
    um_sweep *made = UMI_NEW(ctx, um_sweep);
    if (!made) return UM_ERROR_MEMORY;
    made->ctx = ctx;
    made->source = source;
    made->user = user;
    made->points = points;
    um_status status = copy_plan(ctx, plan, &made->plan);
    if (status != UM_OK) {
        um_sweep_destroy(made);
        return status;
    }
    if (made->plan.block == 0) made->plan.block = choose_block(plan, points);
    made->blocks = (points - 1) / made->plan.block + 1;
    made->width = umi_sweep_single_width(plan) * (plan->repeats > 1 ? 2 : 1);
    *sweep = made;
    return UM_OK;
}

void um_sweep_destroy(um_sweep *sweep)
{
    if (!sweep) return;
    um_context *ctx = sweep->ctx;
    for (size_t i = 0; sweep->plan.axes && i < sweep->plan.axes_count; i++) {
        const um_sweep_axis *axis = &sweep->plan.axes[i];
        umi_free(ctx, (char *)axis->name);
        umi_free(ctx, (double *)axis->values);
        free_texts(ctx, axis->keys, axis->keys_count);
        free_texts(ctx, axis->texts, axis->keys_count * axis->count);
    }
    umi_free(ctx, (um_sweep_axis *)sweep->plan.axes);
    umi_free(ctx, (um_summary *)sweep->plan.summaries);
    umi_free(ctx, sweep);
}

const um_sweep_plan *um_sweep_get_plan(const um_sweep *sweep) { return &sweep->plan; }
size_t um_sweep_count_points(const um_sweep *sweep) { return sweep->points; }
size_t um_sweep_count_blocks(const um_sweep *sweep) { return sweep->blocks; }
size_t um_sweep_get_width(const um_sweep *sweep) { return sweep->width; }

const char *um_sweep_get_kernel(void)
{
    return umi_instructions_get_name(umi_instructions_choose());
}
