/* Stages that end before their number of collisions is done. */
#include <math.h>
#include <stdio.h>

#include "charge/run.h"
#include "model/model.h"

/* What is asked at every collision keeps a stage from being fast-forwarded. */
um_status umi_until_check(const um_run *run)
{
    for (size_t i = 0; i < run->spec->stages_count; i++) {
        const um_stage *stage = &run->spec->stages[i];
        if (stage->until.kind == UM_UNTIL_COUNT || !umi_stage_has_collisions(stage) ||
            stage->collisions <= UMI_STEPPED_MAX)
            continue;
        char key[64];
        snprintf(key, sizeof key, "stages[%zu].until", i);
        return umi_fail_key(run->ctx, UM_ERROR_CONFIG, key,
                            "a stage that ends on a condition is stepped, collision by collision: at "
                            "most %g of them are allowed, not %lld; ask for fewer, or leave the "
                            "condition out",
                            (double)UMI_STEPPED_MAX, (long long)stage->collisions);
    }
    return UM_OK;
}

static void clear_peak(umi_peak *peak)
{
    um_state_destroy(peak->state);
    um_state_destroy(peak->before);
    *peak = (umi_peak){0};
}

void umi_until_clear(um_run *run)
{
    clear_peak(&run->peak);
    run->flat_next = 0;
}

static bool is_beyond(const um_run *run, double value)
{
    const um_stage *stage = umi_run_stage(run);
    return stage->kind == UM_STAGE_DISCHARGE ? value <= stage->until.value
                                             : value >= stage->until.value;
}

/* The ergotropy is at most the energy above the lowest level: where that is too little already, and
 * it mostly is, no spectrum is needed. */
static um_status ask_ergotropy(um_run *run, bool *met)
{
    const um_stage *stage = umi_run_stage(run);
    double most = run->totals.energy - umi_battery_get_lowest_energy(&run->spec->battery);
    double air = 1e-9 * (1 + fabs(run->totals.energy));
    if (stage->kind == UM_STAGE_CHARGE && most + air < stage->until.value) return UM_OK;
    um_ergotropy ergotropy;
    UMI_TRY(umi_run_ergotropy(run, run->state, &ergotropy, NULL));
    *met = is_beyond(run, ergotropy.total);
    return UM_OK;
}

/* Whether the energy stayed in the band from a tenth of the stage's collisions on. Looking back from
 * here, what breaks the band breaks it for as long as it is less than a decade behind. */
static bool is_flat(um_run *run)
{
    const umi_curve *curve = &run->curve;
    double tolerance = run->spec->accuracy.plateau_tolerance;
    int64_t done = run->stage_done, start = run->collision - done;
    if (done < 10 || done < run->flat_next) return false;
    size_t first = umi_curve_find(curve, start + done / 10);
    double low = INFINITY, high = -INFINITY;
    for (size_t i = umi_curve_find(curve, run->collision) + 1; i-- > first;) {
        low = fmin(low, umi_curve_low(curve, i));
        high = fmax(high, umi_curve_high(curve, i));
        if (high - low <= tolerance * (high + low) / 2) continue;
        run->flat_next = 10 * (umi_curve_last(curve, i) - start + 1);
        return false;
    }
    return true;
}

static um_status keep(um_run *run, const um_state *from, um_state **to)
{
    if (!*to) UMI_TRY(um_state_create(run->ctx, 1, 1, 0, 0, to));
    return um_state_copy(*to, from);
}

static um_status mark_peak(um_run *run)
{
    umi_peak *peak = &run->peak;
    const um_result *result = run->result;
    const umi_curve *curve = &run->curve;
    UMI_TRY(keep(run, run->state, &peak->state));
    if (umi_run_wants(run, umi_quantities_of_step)) UMI_TRY(keep(run, run->other, &peak->before));
    peak->collision = run->collision;
    peak->stage_done = run->stage_done;
    peak->totals = run->totals;
    peak->outcome = run->outcome;
    peak->curve = umi_curve_get_mark(curve);
    peak->curve_low = curve->blocks ? curve->low[curve->blocks - 1] : 0;
    peak->curve_high = curve->blocks ? curve->high[curve->blocks - 1] : 0;
    peak->records = (int64_t)result->records;
    peak->states = (int64_t)result->states_count;
    peak->wigners = (int64_t)result->wigners_count;
    peak->ergotropy_power = result->ergotropy_power_maximum;
    peak->top_population_max = result->truncation.top_population_max;
    return UM_OK;
}

static void return_curve(um_run *run)
{
    umi_curve *curve = &run->curve;
    umi_curve_cut(curve, run->peak.curve);
    if (curve->blocks == 0) return;
    curve->low[curve->blocks - 1] = run->peak.curve_low;
    curve->high[curve->blocks - 1] = run->peak.curve_high;
}

/* Everything as it was there; what was only looked at ahead of it is forgotten. */
static um_status return_to_peak(um_run *run)
{
    umi_peak *peak = &run->peak;
    um_result *result = run->result;
    UMI_TRY(um_state_copy(run->state, peak->state));
    if (peak->before) UMI_TRY(um_state_copy(run->other, peak->before));
    run->collision = peak->collision;
    run->stage_done = peak->stage_done;
    run->totals = peak->totals;
    run->outcome = peak->outcome;
    run->look_next = 0;
    return_curve(run);
    result->records = (size_t)peak->records;
    umi_run_drop_kept(run, (size_t)peak->states, (size_t)peak->wigners);
    result->ergotropy_power_maximum = peak->ergotropy_power;
    result->truncation.top_population_max = peak->top_population_max;
    return umi_run_enter_stage(run);
}

static um_status ask_peak(um_run *run, bool *met)
{
    const umi_peak *peak = &run->peak;
    if (!peak->state || run->totals.energy > peak->totals.energy) return mark_peak(run);
    if (run->collision - peak->collision < umi_run_stage(run)->until.look_ahead) return UM_OK;
    *met = true;
    return return_to_peak(run);
}

static um_status ask(um_run *run, bool *met)
{
    switch (umi_run_stage(run)->until.kind) {
    case UM_UNTIL_ENERGY:
        *met = is_beyond(run, run->totals.energy);
        return UM_OK;
    case UM_UNTIL_ERGOTROPY:
        return ask_ergotropy(run, met);
    case UM_UNTIL_PLATEAU:
        *met = is_flat(run);
        return UM_OK;
    case UM_UNTIL_PEAK:
        return ask_peak(run, met);
    case UM_UNTIL_COUNT:
        break;
    }
    return UM_OK;
}

/* Nobody could know that the stage ends here: the record is taken now, if it was not. */
um_status umi_until_ask(um_run *run, bool *met)
{
    const um_result *result = run->result;
    *met = false;
    UMI_TRY(ask(run, met));
    if (!*met || run->silent || run->stage_done == 0) return UM_OK;
    size_t last = result->records;
    bool there = last > 0 && result->collision[last - 1] == run->collision &&
                 result->stage[last - 1] == (int32_t)run->stage;
    return there ? UM_OK : umi_run_record_row(run);
}
