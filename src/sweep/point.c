/* One point of a sweep: a model, a run or an analysis of it, its numbers. */
#include <math.h>
#include <string.h>

#include "model/model.h"
#include "sweep/sweep.h"

static uint64_t choose_observables(const um_sweep_plan *plan)
{
    uint64_t chosen = plan->series | UM_QUANTITY_BIT(UM_ENERGY);
    if (umi_sweep_wants(plan, UM_SUMMARY_FINAL_ERGOTROPY)) chosen |= UM_QUANTITY_BIT(UM_ERGOTROPY);
    if (umi_sweep_wants(plan, UM_SUMMARY_MAXIMUM_ERGOTROPY_POWER)) chosen |= UM_QUANTITY_BIT(UM_ERGOTROPY);
    if (umi_sweep_wants(plan, UM_SUMMARY_FINAL_PURITY)) chosen |= UM_QUANTITY_BIT(UM_PURITY);
    if (umi_sweep_wants(plan, UM_SUMMARY_FINAL_ENTROPY)) chosen |= UM_QUANTITY_BIT(UM_ENTROPY);
    return chosen;
}

/* The model that records what the sweep keeps, and no more. A steady analysis chooses where. */
static um_status derive_model(um_context *ctx, const um_sweep_plan *plan, const um_model *model,
                              um_model **derived)
{
    um_spec spec = *um_model_get_spec(model);
    um_stage *stages = UMI_NEW_ARRAY(ctx, um_stage, spec.stages_count);
    if (!stages) return UM_ERROR_MEMORY;
    int64_t total = 0;
    bool known = true; /* at which collision it ends */
    for (size_t i = 0; i < spec.stages_count; i++) {
        stages[i] = spec.stages[i];
        if (stages[i].until.kind != UM_UNTIL_COUNT) known = false;
        umi_stage_reopen(&stages[i]);
        total += stages[i].collisions;
    }
    spec.stages = stages;
    spec.record.states_count = spec.record.wigner_count = 0;
    spec.record.wigner_grid.points = 0;
    spec.record.observables = choose_observables(plan);
    if (plan->analysis == UM_SWEEP_RUN && plan->series == 0 && known &&
        !umi_sweep_wants(plan, UM_SUMMARY_MAXIMUM_ERGOTROPY_POWER)) {
        spec.record.mode = UM_RECORD_LIST;
        spec.record.at = &total;
        spec.record.at_count = 1;
    }
    um_status status = um_model_create(ctx, &spec, derived);
    umi_free(ctx, stages);
    return status;
}

static um_status keep_series(um_context *ctx, const um_sweep_plan *plan, const um_result *result,
                             double *values)
{
    double *to = values + plan->summaries_count;
    for (int i = 0; i < UM_QUANTITY_COUNT; i++) {
        if (!(plan->series & UM_QUANTITY_BIT(i))) continue;
        size_t count = result->records < plan->records ? result->records : plan->records;
        if (result->series[i]) memcpy(to, result->series[i], count * sizeof *to);
        to += plan->records;
    }
    if (plan->series == 0 || result->records == plan->records || result->status != UM_OK)
        return UM_OK;
    return umi_fail(ctx, UM_ERROR_CONFIG,
                    "%zu records where the first point has %zu: a series must be recorded at the "
                    "same collisions everywhere",
                    result->records, plan->records);
}

static um_status run_point(um_context *ctx, const um_sweep_plan *plan, const um_model *model,
                           um_monitor monitor, void *user, double *values)
{
    um_model *derived = NULL;
    um_run *run = NULL;
    um_status status = derive_model(ctx, plan, model, &derived);
    if (status == UM_OK) status = um_run_create(ctx, derived, &run);
    if (status == UM_OK) {
        status = um_run_advance(run, -1, monitor, user);
        um_error stopped = ctx->error;
        um_status finished = um_run_finish(run, status == UM_OK);
        if (status == UM_OK || finished == UM_ERROR_MEMORY)
            status = finished;
        else
            ctx->error = stopped;
        double all[UM_SUMMARY_COUNT];
        um_result *result = um_run_get_result(run);
        result->status = status;
        umi_summary_fill_run(result, all);
        umi_sweep_keep_summaries(plan, all, values);
        um_status kept = keep_series(ctx, plan, result, values);
        if (status == UM_OK) status = kept;
    }
    um_run_destroy(run);
    um_model_destroy(derived);
    return status;
}

static um_status analyse_point(um_context *ctx, const um_sweep_plan *plan, const um_model *model,
                               um_monitor monitor, void *user, double *values)
{
    um_steady_options options = {.monitor = monitor, .user = user};
    um_model *derived = NULL;
    um_steady *steady = NULL;
    UMI_TRY(derive_model(ctx, plan, model, &derived));
    um_status status = um_steady_solve(ctx, derived, (size_t)plan->stage, &options, &steady);
    um_model_destroy(derived);
    if (!steady) return status;
    double all[UM_SUMMARY_COUNT];
    umi_summary_fill_steady(steady, all);
    umi_sweep_keep_summaries(plan, all, values);
    um_error stopped = ctx->error;
    um_steady_destroy(ctx, steady);
    ctx->error = stopped;
    return status;
}

typedef struct watch {
    um_monitor monitor;
    void *user;
    bool stopped;
} watch;

static bool look(void *user, const um_progress *now)
{
    watch *it = user;
    if (it->monitor && !it->monitor(it->user, now)) it->stopped = true;
    return !it->stopped;
}

/* A run that is stopped while it closes ends well, without some numbers: here it has not ended. */
um_status umi_sweep_compute_point(um_context *ctx, const um_sweep *sweep, size_t point,
                                  uint64_t seed, um_monitor monitor, void *user, double *values)
{
    const um_sweep_plan *plan = &sweep->plan;
    size_t width = umi_sweep_single_width(plan);
    for (size_t i = 0; i < width; i++) values[i] = NAN;
    um_model *model = NULL;
    watch it = {monitor, user, false};
    um_status status = sweep->source(sweep->user, ctx, point, seed, &model);
    if (status == UM_OK)
        status = plan->analysis == UM_SWEEP_RUN ? run_point(ctx, plan, model, look, &it, values)
                                                : analyse_point(ctx, plan, model, look, &it, values);
    um_model_destroy(model);
    return it.stopped ? umi_fail(ctx, UM_ERROR_INTERRUPTED, "stopped") : status;
}
