/* Points of a block computed several at a time. Which ones are is decided by each point alone, and so
 * is every bit that comes out: how they are grouped is a matter of speed. */
#include <math.h>

#include "charge/batch.h"
#include "sweep/sweep.h"

/* Models that are waiting at a time. */
enum { WAITING = 64 };

typedef struct group {
    umi_sweep_work *work;
    size_t first, count; /* points of the block */
    um_model *models[WAITING];
    umi_batch_place places[WAITING];
    int wanted;
} group;

/* Whether batches know all that is kept. */
static bool is_suitable(const um_sweep_plan *plan)
{
    return plan->analysis == UM_SWEEP_RUN && plan->series == 0 && plan->repeats == 1 &&
           !umi_sweep_wants(plan, UM_SUMMARY_MAXIMUM_ERGOTROPY_POWER);
}

/* What the space of levels: auto has grown to is a matter of the single run. */
static bool asks_for_room(const um_sweep_plan *plan, const um_model *model)
{
    return umi_sweep_wants(plan, UM_SUMMARY_LEVELS) &&
           um_model_get_spec(model)->battery.levels == UM_LEVELS_AUTO;
}

static int choose_wanted(const um_sweep_plan *plan)
{
    static const struct {
        um_summary summary;
        int wanted;
    } needs[] = {{UM_SUMMARY_PLATEAU_ERGOTROPY, UMI_BATCH_PLATEAU_STATE},
                 {UM_SUMMARY_PLATEAU_PURITY, UMI_BATCH_PLATEAU_STATE},
                 {UM_SUMMARY_FINAL_ERGOTROPY, UMI_BATCH_FINAL_STATE},
                 {UM_SUMMARY_FINAL_PURITY, UMI_BATCH_FINAL_STATE},
                 {UM_SUMMARY_FINAL_ENTROPY, UMI_BATCH_FINAL_STATE},
                 {UM_SUMMARY_SWITCHING, UMI_BATCH_LEDGER},
                 {UM_SUMMARY_LEDGER_RESIDUAL, UMI_BATCH_LEDGER}};
    int wanted = 0;
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (umi_sweep_wants(plan, needs[i].summary)) wanted |= needs[i].wanted;
    return wanted;
}

static void keep(const um_sweep_plan *plan, const um_model *model, umi_batch_end *end, double *values)
{
    double all[UM_SUMMARY_COUNT];
    um_result result = {
        .records = 1,
        .plateaus_count = end->plateaus_count,
        .plateaus = &end->plateau,
        .power_maximum = end->power,
        .ergotropy_power_maximum = {NAN, -1},
        .ledger = end->ledger,
        .delivered_energy = NAN,
        .delivered_ergotropy = NAN,
        .truncation = {.levels = um_model_get_spec(model)->battery.levels,
                       .error_bound = end->error_bound},
    };
    result.series[UM_ENERGY] = &end->energy;
    result.series[UM_ERGOTROPY] = &end->ergotropy;
    result.series[UM_PURITY] = &end->purity;
    result.series[UM_ENTROPY] = &end->entropy;
    umi_summary_fill_run(&result, all);
    umi_sweep_keep_summaries(plan, all, values);
}

/* The group's points `which`, all of one place. */
static um_status run(group *it, umi_batch *batch, const size_t *which, int count)
{
    umi_sweep_work *work = it->work;
    const um_model *models[UMI_LANES];
    umi_batch_end ends[UMI_LANES];
    if (!umi_sweep_ask(work, NULL)) return umi_fail(work->ctx, UM_ERROR_INTERRUPTED, "stopped");
    for (int l = 0; l < count; l++) models[l] = it->models[which[l]];
    UMI_TRY(umi_batch_run(batch, count, models, it->wanted, work->monitor ? umi_sweep_ask : NULL, work, ends));
    for (int l = 0; l < count; l++) {
        size_t point = it->first + which[l];
        if (ends[l].given_up) continue;
        keep(&work->sweep->plan, models[l], &ends[l],
             work->block->values + point * work->block->width);
        work->known[point] = true;
        work->done++;
    }
    return UM_OK;
}

/* All points of a place, eight by eight; they have none afterwards. */
static um_status run_place(group *it, umi_batch_place place)
{
    um_context *ctx = it->work->ctx;
    umi_batch *batch;
    size_t which[UMI_LANES];
    int count = 0;
    UMI_TRY(umi_batch_create(ctx, place.levels, &batch));
    um_status status = UM_OK;
    for (size_t i = 0; i < it->count && status == UM_OK; i++) {
        umi_batch_place *its = &it->places[i];
        if (its->kind != place.kind || its->levels != place.levels) continue;
        its->kind = UMI_LANES_NONE;
        which[count++] = i;
        if (count < UMI_LANES) continue;
        status = run(it, batch, which, count);
        count = 0;
    }
    if (status == UM_OK && count > 0) status = run(it, batch, which, count);
    umi_batch_destroy(batch);
    return status;
}

/* A point that is no model has no place: whoever computes it alone says why. */
static um_status find_place(group *it, size_t i)
{
    const um_sweep *sweep = it->work->sweep;
    um_context *ctx = it->work->ctx;
    size_t point = it->work->block->first + it->first + i;
    it->places[i] = (umi_batch_place){.kind = UMI_LANES_NONE};
    um_status status = sweep->source(sweep->user, ctx, point, sweep->plan.seed, &it->models[i]);
    if (status == UM_OK && !asks_for_room(&sweep->plan, it->models[i]))
        status = umi_batch_find_place(ctx, it->models[i], &it->places[i]);
    return status == UM_ERROR_MEMORY ? status : UM_OK;
}

static um_status run_group(group *it)
{
    um_status status = UM_OK;
    for (size_t i = 0; i < it->count && status == UM_OK; i++) status = find_place(it, i);
    for (size_t i = 0; i < it->count && status == UM_OK; i++)
        if (it->places[i].kind != UMI_LANES_NONE) status = run_place(it, it->places[i]);
    for (size_t i = 0; i < it->count; i++) um_model_destroy(it->models[i]);
    return status;
}

um_status umi_sweep_compute_together(umi_sweep_work *work)
{
    const um_sweep_plan *plan = &work->sweep->plan;
    if (!is_suitable(plan)) return UM_OK;
    for (size_t first = 0; first < work->block->count; first += WAITING) {
        size_t left = work->block->count - first;
        group it = {.work = work, .first = first, .count = left < WAITING ? left : WAITING,
                    .wanted = choose_wanted(plan)};
        UMI_TRY(run_group(&it));
    }
    return UM_OK;
}
