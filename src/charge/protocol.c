/* The stages of a run, one after another on one time axis. */
#include <math.h>

#include "charge/run.h"
#include "map/map.h"
#include "model/model.h"

/* How many collisions the stage has, or in a replay had. */
static int64_t collisions_of_stage(const um_run *run)
{
    if (run->original) return run->original->result->stages[run->stage].collisions;
    return umi_run_stage(run)->collisions;
}

/* The atoms as they come on average, frozen draws included. */
static um_status find_atoms(um_run *run)
{
    const um_stage *stage = umi_run_stage(run);
    umi_collision collision;
    run->atoms = stage->atoms;
    if (!umi_stage_has_collisions(stage)) return UM_OK;
    UMI_TRY(umi_collision_make(run->ctx, run->model, run->stage, UM_LEVELS_MIN, &collision));
    run->atoms = collision.atoms;
    return UM_OK;
}

um_status umi_run_enter_stage(um_run *run)
{
    UMI_TRY(find_atoms(run));
    umi_schedule_enter(&run->schedule, run->collision - run->stage_done, collisions_of_stage(run));
    run->begun = true;
    return UM_OK;
}

/* Spectra cost more than anything: only where one is asked for, or stages are to be compared. */
static bool knows_ergotropy(const um_run *run)
{
    return !run->silent &&
           (run->spec->stages_count > 1 || umi_run_wants(run, umi_quantities_of_spectrum));
}

static um_status begin_stage(um_run *run)
{
    um_stage_summary *summary = umi_run_summary(run);
    UMI_TRY(umi_run_enter_stage(run));
    umi_totals_enter(&run->totals, umi_run_stage(run));
    run->flat_next = 0;
    summary->energy_start = run->totals.energy;
    if (knows_ergotropy(run))
        summary->ergotropy_start =
            run->stage > 0 ? summary[-1].ergotropy_end : run->totals.ergotropy_initial;
    return UM_OK;
}

static double duration_of(const um_run *run)
{
    const um_stage *stage = umi_run_stage(run);
    double waited = umi_sum_get(&run->totals.waited), period = stage->stream.period;
    if (!umi_stage_has_collisions(stage)) return run->totals.time - run->totals.stage_start;
    if (waited > 0) return waited;
    return period > 0 || run->stage_done == 0 ? (double)run->stage_done * period : NAN;
}

void umi_run_summarise_stage(um_run *run)
{
    if (run->stage >= run->spec->stages_count || !run->begun) return;
    um_stage_summary *summary = umi_run_summary(run);
    const umi_totals *totals = &run->totals;
    summary->collisions = run->stage_done;
    summary->duration = duration_of(run);
    summary->energy_end = totals->energy;
    summary->ledger = umi_totals_get_stage_ledger(totals);
    if (summary->kind != UM_STAGE_DISCHARGE) return;
    summary->delivered_energy = umi_sum_get(&totals->delivered_energy);
    summary->delivered_ergotropy = umi_sum_get(&totals->delivered_ergotropy);
    run->result->delivered_energy = totals->delivered_energy_before + summary->delivered_energy;
    run->result->delivered_ergotropy =
        totals->delivered_ergotropy_before + summary->delivered_ergotropy;
}

static um_status close_stage(um_run *run, um_stage_end end)
{
    um_stage_summary *summary = umi_run_summary(run);
    umi_run_summarise_stage(run);
    if (knows_ergotropy(run)) {
        um_ergotropy ergotropy;
        UMI_TRY(umi_run_ergotropy(run, run->state, &ergotropy, NULL));
        summary->ergotropy_end = ergotropy.total;
    }
    summary->end = end;
    run->totals.spent = umi_totals_get_spent(&run->totals, run->spec, umi_run_stage(run),
                                             &run->atoms, run->stage_done);
    run->schedule.total -= umi_run_stage(run)->collisions - run->stage_done;
    run->stage++;
    run->stage_done = 0;
    run->begun = false;
    umi_until_clear(run);
    umi_store_clear(run);
    um_map_destroy(run->map);
    run->map = NULL;
    return UM_OK;
}

/* end: UM_STAGE_OPEN while it is to be gone on with. */
static um_status pass_collisions(um_run *run, int64_t until, um_stage_end *end)
{
    for (;;) {
        bool met = false;
        if (umi_run_stage(run)->until.kind != UM_UNTIL_COUNT && !run->original)
            UMI_TRY(umi_until_ask(run, &met));
        if (met || run->stage_done >= collisions_of_stage(run)) {
            *end = met ? UM_STAGE_MET : UM_STAGE_DONE;
            return UM_OK;
        }
        if (until >= 0 && run->collision >= until) return UM_OK;
        UMI_TRY(umi_run_go_on(run, until));
    }
}

static um_status pass_stage(um_run *run, int64_t until, um_stage_end *end)
{
    bool over = false;
    *end = UM_STAGE_OPEN;
    if (umi_stage_has_collisions(umi_run_stage(run))) return pass_collisions(run, until, end);
    if (until >= 0 && run->collision >= until) return UM_OK;
    UMI_TRY(umi_run_stage(run)->kind == UM_STAGE_STORE ? umi_store_pass(run, &over)
                                                       : umi_drive_pass(run, &over));
    if (over) *end = UM_STAGE_DONE;
    return UM_OK;
}

um_status umi_run_pass_stages(um_run *run, int64_t until)
{
    while (run->stage < run->spec->stages_count) {
        um_stage_end end;
        if (!run->begun) UMI_TRY(begin_stage(run));
        UMI_TRY(pass_stage(run, until, &end));
        if (end == UM_STAGE_OPEN) return UM_OK;
        UMI_TRY(close_stage(run, end));
    }
    return UM_OK;
}
