/* What a run, or a steady analysis, is summed up in. */
#include <math.h>

#include "sweep/sweep.h"

#define ROW(id, name, units, long_name, steady, by_default) \
    {name, units, long_name, steady, by_default},
static const um_summary_info rows[] = {UM_SUMMARY_LIST(ROW)};
#undef ROW

const um_summary_info *um_summary_get_info(int summary)
{
    return summary >= 0 && summary < UM_SUMMARY_COUNT ? &rows[summary] : NULL;
}

bool umi_sweep_wants(const um_sweep_plan *plan, um_summary summary)
{
    for (size_t i = 0; i < plan->summaries_count; i++)
        if (plan->summaries[i] == summary) return true;
    return false;
}

void umi_sweep_keep_summaries(const um_sweep_plan *plan, const double *all, double *values)
{
    for (size_t i = 0; i < plan->summaries_count; i++) values[i] = all[plan->summaries[i]];
}

static double collision(int64_t number) { return number >= 0 ? (double)number : NAN; }

static void fill_plateau(const um_plateau *plateau, double *all)
{
    all[UM_SUMMARY_PLATEAU_ENERGY] = plateau->energy;
    all[UM_SUMMARY_PLATEAU_ERGOTROPY] = plateau->ergotropy;
    all[UM_SUMMARY_PLATEAU_PURITY] = plateau->purity;
    all[UM_SUMMARY_CHARGING_TIME] = (double)plateau->charging_time;
    all[UM_SUMMARY_PLATEAU_END] = plateau->end >= 0 ? (double)plateau->end : INFINITY;
    all[UM_SUMMARY_PASSAGE_90] = collision(plateau->passage_90);
    all[UM_SUMMARY_PASSAGE_99] = collision(plateau->passage_99);
}

static double last_of(const um_result *result, um_quantity quantity)
{
    const double *series = result->series[quantity];
    return series && result->records > 0 ? series[result->records - 1] : NAN;
}

void umi_summary_fill_run(const um_result *result, double *all)
{
    for (int i = 0; i < UM_SUMMARY_COUNT; i++) all[i] = NAN;
    if (result->plateaus_count > 0) fill_plateau(&result->plateaus[0], all);
    all[UM_SUMMARY_PLATEAUS] = (double)result->plateaus_count;
    all[UM_SUMMARY_FINAL_ENERGY] = last_of(result, UM_ENERGY);
    all[UM_SUMMARY_FINAL_ERGOTROPY] = last_of(result, UM_ERGOTROPY);
    all[UM_SUMMARY_FINAL_PURITY] = last_of(result, UM_PURITY);
    all[UM_SUMMARY_FINAL_ENTROPY] = last_of(result, UM_ENTROPY);
    all[UM_SUMMARY_MAXIMUM_POWER] = result->power_maximum.value;
    if (!isnan(result->power_maximum.value))
        all[UM_SUMMARY_MAXIMUM_POWER_AT] = collision(result->power_maximum.collision);
    all[UM_SUMMARY_MAXIMUM_ERGOTROPY_POWER] = result->ergotropy_power_maximum.value;
    all[UM_SUMMARY_SWITCHING] = result->ledger.switching;
    all[UM_SUMMARY_HEAT] = result->ledger.heat;
    all[UM_SUMMARY_DELIVERED_ENERGY] = result->delivered_energy;
    all[UM_SUMMARY_DELIVERED_ERGOTROPY] = result->delivered_ergotropy;
    all[UM_SUMMARY_LEDGER_RESIDUAL] = result->ledger.residual;
    all[UM_SUMMARY_LEVELS] = result->truncation.levels;
    all[UM_SUMMARY_ERROR_BOUND] = result->truncation.error_bound;
}

/* The chamber that holds most of the plateau state. */
static const um_chamber *find_home(const um_steady *steady)
{
    const um_chamber *home = NULL;
    for (size_t i = 0; i < steady->chambers_count; i++)
        if (steady->chambers[i].population > (home ? home->population : 0.0))
            home = &steady->chambers[i];
    return home;
}

static void fill_limit(const um_limit *limit, double *all)
{
    all[UM_SUMMARY_LIMIT_STATUS] = limit->status;
    if (limit->status == UM_LIMIT_UNDECIDED) return;
    all[UM_SUMMARY_LIMIT_COLLISION] = collision(limit->collision);
    all[UM_SUMMARY_LIMIT_ENERGY] = limit->energy;
    all[UM_SUMMARY_LIMIT_ERGOTROPY] = limit->ergotropy;
    all[UM_SUMMARY_LIMIT_PURITY] = limit->purity;
}

void umi_summary_fill_steady(const um_steady *steady, double *all)
{
    if (steady->run)
        umi_summary_fill_run(steady->run, all);
    else
        for (int i = 0; i < UM_SUMMARY_COUNT; i++) all[i] = NAN;
    if (steady->plateau.charging_time >= 0) fill_plateau(&steady->plateau, all);
    all[UM_SUMMARY_LIFETIME] = steady->lifetime;
    all[UM_SUMMARY_BAND_EXIT] = steady->band_exit >= 0 ? (double)steady->band_exit : INFINITY;
    if (steady->plateau.charging_time < 0) all[UM_SUMMARY_BAND_EXIT] = NAN;
    fill_limit(&steady->limit, all);
    all[UM_SUMMARY_CHAMBERS] = (double)steady->chambers_count;
    const um_chamber *home = find_home(steady);
    if (!home) return;
    all[UM_SUMMARY_LEAK] = home->leak;
    all[UM_SUMMARY_RELAXATION] = home->relaxation;
}
