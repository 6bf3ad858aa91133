/* The summary of a run for a person. */
#include "summary.h"

#include "plot.h"
#include "si.h"

#include <math.h>
#include <stdio.h>

static double last(const um_result *result, um_quantity quantity)
{
    return result->series[quantity] && result->records > 0
               ? result->series[quantity][result->records - 1]
               : NAN;
}

static void print_number(const char *label, double value, const char *unit)
{
    if (!isnan(value)) printf("  %-22s %.10g%s%s\n", label, value, *unit ? " " : "", unit);
}

static void print_forward(const um_forward_summary *forward)
{
    if (forward->from < 0) return;
    printf("  fast-forward from collision %lld to %lld: %d levels, %d orders, rank %d, error at most "
           "%.1e",
           (long long)forward->from, (long long)forward->to, forward->levels, forward->orders,
           forward->rank, forward->bound);
    if (forward->truncation > 0) printf(", fewer levels differ by %.1e", forward->truncation);
    printf("\n");
}

static void print_pair(const char *label, double from, double to)
{
    if (!isnan(to)) printf("  %-22s %.10g -> %.10g omega\n", label, from, to);
}

static void print_share(const char *label, double value, double stored)
{
    if (isnan(value)) return;
    printf("  %-22s %.10g omega", label, value);
    if (stored > 1e-12) printf(" (%.1f %% of what was stored)", 100 * value / stored);
    printf("\n");
}

static void print_half_life(const char *label, const um_stage_summary *stage, double half_life)
{
    bool lost = stage->ledger.heat < 0;
    if (!isnan(half_life))
        print_number(label, half_life, "(time)");
    else if (lost)
        printf("  %-22s not within the stage\n", label);
}

/* How a protocol goes on from stage to stage. */
static void print_passage(const um_stage_summary *stage)
{
    print_pair("energy", stage->energy_start, stage->energy_end);
    print_pair("ergotropy", stage->ergotropy_start, stage->ergotropy_end);
    if (stage->kind == UM_STAGE_STORE) {
        print_half_life("half-life of energy", stage, stage->half_life_energy);
        print_half_life("half-life of ergotropy", stage, stage->half_life_ergotropy);
    }
    if (stage->kind == UM_STAGE_DISCHARGE) {
        print_share("energy delivered", stage->delivered_energy, stage->energy_start);
        print_share("ergotropy delivered", stage->delivered_ergotropy, stage->ergotropy_start);
    }
}

static void print_stage(const um_stage_summary *stage, size_t index)
{
    bool atoms = stage->kind == UM_STAGE_CHARGE || stage->kind == UM_STAGE_DISCHARGE;
    printf("stage %zu: %s", index, plot_stage_name(stage->kind));
    if (atoms) printf(", %lld collisions", (long long)stage->collisions);
    if (stage->end == UM_STAGE_MET) printf(" until its condition was met");
    if (isfinite(stage->duration) && stage->kind != UM_STAGE_DRIVE)
        printf(", duration %.6g", stage->duration);
    printf(" (%s)\n", stage->method);
    print_forward(&stage->forward);
}

void cli_print_stages(const um_result *result)
{
    for (size_t i = 0; i < result->stages_count; i++) {
        const um_stage_summary *stage = &result->stages[i];
        print_stage(stage, i);
        if (result->stages_count > 1 || stage->kind != UM_STAGE_CHARGE) print_passage(stage);
    }
}

static void print_state(const um_result *result)
{
    if (result->records == 0) return;
    printf("after collision %lld\n", (long long)result->collision[result->records - 1]);
    print_number("energy", last(result, UM_ENERGY), "omega");
    print_number("ergotropy", last(result, UM_ERGOTROPY), "omega");
    print_number("purity", last(result, UM_PURITY), "");
    print_number("entropy", last(result, UM_ENTROPY), "nat");
    print_number("efficiency (energy)", last(result, UM_EFFICIENCY_ENERGY), "");
    print_number("efficiency (ergotropy)", last(result, UM_EFFICIENCY_ERGOTROPY), "");
}

static void print_plateau(const um_plateau *plateau)
{
    printf("plateau from collision %lld to ", (long long)plateau->charging_time);
    if (plateau->end < 0)
        printf("the end and beyond");
    else
        printf("%lld", (long long)plateau->end);
    printf(" (numbers at %lld)\n", (long long)plateau->at);
    print_number("energy", plateau->energy, "omega");
    print_number("ergotropy", plateau->ergotropy, "omega");
    print_number("purity", plateau->purity, "");
    if (plateau->passage_90 > 0 && plateau->passage_99 > 0)
        printf("  %-22s %lld, %lld\n", "90 %, 99 % reached at", (long long)plateau->passage_90,
               (long long)plateau->passage_99);
}

void cli_print_summary(const um_result *result)
{
    cli_print_stages(result);
    print_state(result);
    if (result->plateaus_count == 0) printf("no plateau (a decade of collisions at least)\n");
    for (size_t i = 0; i < result->plateaus_count; i++) print_plateau(&result->plateaus[i]);
    const um_ledger *ledger = &result->ledger;
    printf("ledger: battery %+.10g, atoms %+.10g, switching work %+.10g", ledger->battery,
           ledger->atoms, ledger->switching);
    if (ledger->heat != 0) printf(", heat %+.10g", ledger->heat);
    if (ledger->drive != 0) printf(", drive %+.10g", ledger->drive);
    printf(", residual %.1e\n", ledger->residual);
    if (isfinite(result->power_maximum.value))
        printf("maximum average power %.6g at collision %lld\n", result->power_maximum.value,
               (long long)result->power_maximum.collision);
    cli_print_si(result);
    const um_truncation *truncation = &result->truncation;
    printf("levels %d, truncation error at most %.1e, raw trace drift %.1e\n", truncation->levels,
           truncation->error_bound, truncation->trace_drift);
    const um_wall_seconds *wall = &result->wall_seconds;
    printf("seconds: set-up %.3g, collisions %.3g, observables %.3g, output %.3g (%s)\n", wall->setup,
           wall->collisions, wall->observables, wall->output, result->kernel);
    for (size_t i = 0; i < result->warnings_count; i++) printf("warning: %s\n", result->warnings[i]);
}
