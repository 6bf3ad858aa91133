/* One record: the numbers of a state and of the way there, into the result's columns. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "charge/run.h"
#include "model/model.h"

const uint64_t umi_quantities_of_spectrum =
                                 UM_QUANTITY_BIT(UM_ERGOTROPY) |
                                 UM_QUANTITY_BIT(UM_ERGOTROPY_INCOHERENT) |
                                 UM_QUANTITY_BIT(UM_ERGOTROPY_COHERENT) |
                                 UM_QUANTITY_BIT(UM_ENTROPY) |
                                 UM_QUANTITY_BIT(UM_SHARED_INFORMATION) |
                                 UM_QUANTITY_BIT(UM_COHERENCE_ENTROPY) |
                                 UM_QUANTITY_BIT(UM_ERGOTROPY_POWER) |
                                 UM_QUANTITY_BIT(UM_ERGOTROPY_POWER_INTERACTION) |
                                 UM_QUANTITY_BIT(UM_ERGOTROPY_POWER_INSTANTANEOUS) |
                                 UM_QUANTITY_BIT(UM_ERGOTROPY_POWER_INSTANTANEOUS_INTERACTION) |
                                 UM_QUANTITY_BIT(UM_EFFICIENCY_ERGOTROPY);
const uint64_t umi_quantities_of_step =
    UM_QUANTITY_BIT(UM_ERGOTROPY_POWER_INSTANTANEOUS) |
    UM_QUANTITY_BIT(UM_ERGOTROPY_POWER_INSTANTANEOUS_INTERACTION);

static const double *energies(const um_run *run) { return run->spec->battery.energies; }

/* a/b, undefined where there is nothing to divide by. */
static double ratio(double a, double b) { return fabs(b) < 1e-12 ? NAN : a / b; }

um_status umi_run_ergotropy(um_run *run, const um_state *state, um_ergotropy *ergotropy,
                            double *entropy)
{
    um_window window = um_state_get_window(state);
    size_t rows = (size_t)umi_max(window.last - window.first, 1);
    if (rows > run->spectrum_capacity) {
        double *block = UMI_NEW_ARRAY(run->ctx, double, 2 * rows);
        if (!block) return UM_ERROR_MEMORY;
        umi_free(run->ctx, run->spectrum);
        run->spectrum = block;
        run->spectrum_capacity = 2 * rows;
    }
    int count = 0;
    UMI_TRY(um_observe_spectrum(state, run->spectrum, &count));
    if (entropy) *entropy = um_observe_entropy_spectrum(run->spectrum, count);
    return um_observe_ergotropy_spectrum(state, energies(run), run->spectrum, count, ergotropy);
}

static um_status fill_spectral(um_run *run, double *row)
{
    um_ergotropy ergotropy;
    double entropy;
    UMI_TRY(umi_run_ergotropy(run, run->state, &ergotropy, &entropy));
    row[UM_ERGOTROPY] = ergotropy.total;
    row[UM_ERGOTROPY_INCOHERENT] = ergotropy.incoherent;
    row[UM_ERGOTROPY_COHERENT] = ergotropy.coherent;
    row[UM_ENTROPY] = entropy;
    row[UM_COHERENCE_ENTROPY] = um_observe_entropy_diagonal(run->state) - entropy;
    if (run->totals.pure != 0) row[UM_SHARED_INFORMATION] = 2 * entropy;
    return UM_OK;
}

/* Of the levels that were named, which may be fewer than there are. */
static double top_population(const um_run *run)
{
    int levels = umi_run_levels(run);
    double top[2] = {0};
    for (int i = 0; i < umi_min(2, levels); i++)
        um_state_get_matrix(run->state, levels - 1 - i, 1, &top[i], NULL);
    return fmax(top[0], top[1]);
}

static void fill_moments(um_run *run, double *row)
{
    um_moments moments;
    um_observe_moments(run->state, energies(run), &moments);
    row[UM_ENERGY] = moments.energy;
    row[UM_ENERGY_VARIANCE] = moments.variance;
    row[UM_FANO] = moments.fano;
    row[UM_MANDEL_Q] = moments.mandel_q;
    row[UM_G2] = moments.g2;
    row[UM_TOP_POPULATION] = top_population(run);
    um_truncation *truncation = &run->result->truncation;
    truncation->top_population_max = fmax(truncation->top_population_max, row[UM_TOP_POPULATION]);
}

static void fill_atom(const um_run *run, double *row)
{
    const um_stage *stage = umi_run_stage(run);
    const um_outcome *outcome = &run->outcome;
    if (!(outcome->present > 0)) return;
    row[UM_ATOM_EXCITED] = outcome->excited;
    row[UM_ATOM_COHERENCE_RE] = outcome->coherence_re;
    row[UM_ATOM_COHERENCE_IM] = outcome->coherence_im;
    row[UM_ATOM_ENERGY] = umi_atom_energy(run->spec, stage, outcome);
    row[UM_ATOM_ERGOTROPY] = umi_atom_ergotropy(run->spec, stage, outcome);
}

/* What the last collision did. */
static um_status fill_step(um_run *run, double *row)
{
    const um_stage *stage = umi_run_stage(run);
    const um_outcome *outcome = &run->outcome;
    double step = run->totals.energy - run->totals.energy_before;
    double period = isfinite(outcome->duration) ? outcome->duration : stage->stream.period;
    double tau = stage->interaction.tau;
    row[UM_POWER_INSTANTANEOUS] = ratio(step, period);
    row[UM_POWER_INSTANTANEOUS_INTERACTION] = ratio(step, tau);
    fill_atom(run, row);
    if (!umi_run_wants(run, umi_quantities_of_step)) return UM_OK;
    um_ergotropy before;
    UMI_TRY(umi_run_ergotropy(run, run->other, &before, NULL));
    double gain = row[UM_ERGOTROPY] - before.total;
    row[UM_ERGOTROPY_POWER_INSTANTANEOUS] = ratio(gain, period);
    row[UM_ERGOTROPY_POWER_INSTANTANEOUS_INTERACTION] = ratio(gain, tau);
    return UM_OK;
}

/* What came of the way here. */
static um_status fill_path(um_run *run, double *row)
{
    const umi_totals *totals = &run->totals;
    const um_stage *stage = umi_run_stage(run);
    double rise = row[UM_ENERGY] - totals->energy_initial;
    double gained = row[UM_ERGOTROPY] - totals->ergotropy_initial;
    umi_spent spent =
        umi_totals_get_spent(totals, run->spec, stage, &run->atoms, run->stage_done);
    double work = umi_sum_get(&totals->run.switching);
    row[UM_POWER] = ratio(rise, totals->time);
    row[UM_POWER_INTERACTION] = ratio(rise, spent.interaction_time);
    row[UM_ERGOTROPY_POWER] = ratio(gained, totals->time);
    row[UM_ERGOTROPY_POWER_INTERACTION] = ratio(gained, spent.interaction_time);
    row[UM_EFFICIENCY_ENERGY] = ratio(rise, spent.energy);
    row[UM_EFFICIENCY_ERGOTROPY] = ratio(gained, spent.ergotropy + fmax(work, 0));
    return umi_stage_has_collisions(stage) ? fill_step(run, row) : UM_OK;
}

static um_status fill_row(um_run *run, double *row)
{
    for (int i = 0; i < UM_QUANTITY_COUNT; i++) row[i] = NAN;
    fill_moments(run, row);
    if (umi_run_wants(run, umi_quantities_of_spectrum)) UMI_TRY(fill_spectral(run, row));
    if (umi_run_wants(run, UM_QUANTITY_BIT(UM_PURITY))) row[UM_PURITY] = um_observe_purity(run->state);
    if (umi_run_wants(run, UM_QUANTITY_BIT(UM_COHERENCE_L1)))
        row[UM_COHERENCE_L1] = um_observe_coherence_l1(run->state);
    if (umi_run_wants(run, UM_QUANTITY_BIT(UM_FIDELITY)))
        UMI_TRY(um_observe_fidelity(run->state, run->fidelity_target, &row[UM_FIDELITY]));
    const umi_totals *totals = &run->totals;
    row[UM_WORK_SWITCHING] = umi_sum_get(&totals->run.switching);
    row[UM_HEAT] = umi_sum_get(&totals->run.heat);
    row[UM_DELIVERED_ENERGY] =
        totals->delivered_energy_before + umi_sum_get(&totals->delivered_energy);
    row[UM_DELIVERED_ERGOTROPY] =
        totals->delivered_ergotropy_before + umi_sum_get(&totals->delivered_ergotropy);
    return run->begun ? fill_path(run, row) : UM_OK;
}

static um_status grow_array(um_context *ctx, void **array, size_t used, size_t capacity, size_t size)
{
    void *block = umi_alloc(ctx, capacity, size);
    if (!block) return UM_ERROR_MEMORY;
    if (used) memcpy(block, *array, used * size);
    umi_free(ctx, *array);
    *array = block;
    return UM_OK;
}

um_status umi_run_reserve_records(um_run *run, size_t records)
{
    um_result *result = run->result;
    if (records <= run->records_capacity) return UM_OK;
    size_t capacity = run->records_capacity ? 2 * run->records_capacity : 64;
    if (capacity < records) capacity = records;
    size_t used = result->records;
    UMI_TRY(grow_array(run->ctx, (void **)&result->stage, used, capacity, sizeof(int32_t)));
    UMI_TRY(grow_array(run->ctx, (void **)&result->collision, used, capacity, sizeof(int64_t)));
    UMI_TRY(grow_array(run->ctx, (void **)&result->time, used, capacity, sizeof(double)));
    for (int i = 0; i < UM_QUANTITY_COUNT; i++)
        if (i != UM_POPULATIONS && umi_run_wants(run, UM_QUANTITY_BIT(i)))
            UMI_TRY(grow_array(run->ctx, (void **)&result->series[i], used, capacity, sizeof(double)));
    if (result->populations)
        UMI_TRY(grow_array(run->ctx, (void **)&result->populations, used,
                           capacity, sizeof(double) * (size_t)result->population_levels));
    run->records_capacity = capacity;
    return UM_OK;
}

/* Those that were named, or all with something on them. */
static int levels_to_keep(const um_run *run)
{
    int named = run->spec->battery.levels;
    return named != UM_LEVELS_AUTO ? named : umi_max(um_state_get_window(run->state).last, 1);
}

/* Rows of populations as wide as the highest level seen. */
static um_status add_populations(um_run *run)
{
    um_result *result = run->result;
    int levels = levels_to_keep(run);
    if (levels > result->population_levels || !result->populations) {
        int width = umi_max(levels, 2 * result->population_levels);
        double *wider =
            UMI_NEW_ARRAY(run->ctx, double, run->records_capacity * (size_t)width);
        if (!wider) return UM_ERROR_MEMORY;
        for (size_t i = 0; i < result->records && result->populations; i++)
            memcpy(wider + i * (size_t)width,
                   result->populations + i * (size_t)result->population_levels,
                   sizeof(double) * (size_t)result->population_levels);
        umi_free(run->ctx, result->populations);
        result->populations = wider;
        result->population_levels = width;
    }
    um_state_get_populations(run->state, result->population_levels,
                             result->populations +
                                 result->records * (size_t)result->population_levels);
    return UM_OK;
}

static um_status keep_final_populations(um_run *run)
{
    um_result *result = run->result;
    int levels = umi_max(um_state_get_window(run->state).last, 1);
    if (levels > result->final_levels) {
        umi_free(run->ctx, result->final_populations);
        result->final_populations = UMI_NEW_ARRAY(run->ctx, double, (size_t)levels);
        result->final_levels = 0;
        if (!result->final_populations) return UM_ERROR_MEMORY;
    }
    result->final_levels = levels;
    um_state_get_populations(run->state, levels, result->final_populations);
    return UM_OK;
}

static um_status add_record(um_run *run)
{
    um_result *result = run->result;
    double row[UM_QUANTITY_COUNT];
    UMI_TRY(umi_run_reserve_records(run, result->records + 1));
    UMI_TRY(fill_row(run, row));
    size_t at = result->records;
    result->stage[at] = (int32_t)umi_min((int)run->stage, (int)run->spec->stages_count - 1);
    result->collision[at] = run->collision;
    result->time[at] = run->collision > 0 && run->totals.time == 0 ? NAN : run->totals.time;
    for (int i = 0; i < UM_QUANTITY_COUNT; i++)
        if (result->series[i]) result->series[i][at] = row[i];
    if (umi_run_wants(run, UM_QUANTITY_BIT(UM_POPULATIONS))) UMI_TRY(add_populations(run));
    UMI_TRY(keep_final_populations(run));
    um_maximum *maximum = &result->ergotropy_power_maximum;
    double power = row[UM_ERGOTROPY_POWER];
    if (isfinite(power) && (isnan(maximum->value) || power > maximum->value))
        *maximum = (um_maximum){power, run->collision};
    result->records++;
    return UM_OK;
}

static um_status keep_state(um_run *run)
{
    um_result *result = run->result;
    int levels = levels_to_keep(run);
    size_t size = (size_t)levels * (size_t)levels;
    um_saved_state *saved = &result->states[result->states_count];
    *saved = (um_saved_state){.collision = run->collision, .levels = levels};
    saved->real = UMI_NEW_ARRAY(run->ctx, double, size);
    saved->imag = UMI_NEW_ARRAY(run->ctx, double, size);
    result->states_count++;
    if (!saved->real || !saved->imag) return UM_ERROR_MEMORY;
    um_state_get_matrix(run->state, 0, levels, saved->real, saved->imag);
    return UM_OK;
}

static um_status keep_wigner(um_run *run)
{
    um_result *result = run->result;
    const um_wigner_grid *grid = &run->spec->record.wigner_grid;
    size_t size = (size_t)grid->points * (size_t)grid->points;
    um_saved_wigner *saved = &result->wigners[result->wigners_count];
    *saved = (um_saved_wigner){.collision = run->collision};
    saved->wigner = UMI_NEW_ARRAY(run->ctx, double, size);
    saved->husimi = UMI_NEW_ARRAY(run->ctx, double, size);
    result->wigners_count++;
    if (!saved->wigner || !saved->husimi) return UM_ERROR_MEMORY;
    UMI_TRY(um_observe_wigner(run->state, grid->min, grid->max, grid->points, saved->wigner));
    return um_observe_husimi(run->state, grid->min, grid->max, grid->points, saved->husimi);
}

um_status umi_run_record_row(um_run *run)
{
    if (run->silent) return UM_OK;
    double start = umi_seconds();
    um_status status = add_record(run);
    run->result->wall_seconds.observables += umi_seconds() - start;
    return status;
}

void umi_run_drop_kept(um_run *run, size_t states, size_t wigners)
{
    um_result *result = run->result;
    while (result->states_count > states) {
        um_saved_state *saved = &result->states[--result->states_count];
        umi_free(run->ctx, saved->real);
        umi_free(run->ctx, saved->imag);
        *saved = (um_saved_state){0};
    }
    while (result->wigners_count > wigners) {
        um_saved_wigner *saved = &result->wigners[--result->wigners_count];
        umi_free(run->ctx, saved->wigner);
        umi_free(run->ctx, saved->husimi);
        *saved = (um_saved_wigner){0};
    }
}

um_status umi_run_record(um_run *run)
{
    if (run->silent) return UM_OK;
    const um_record *record = &run->spec->record;
    int64_t now = run->collision;
    bool row = umi_schedule_has(&run->schedule, now);
    bool state = umi_list_has(record->states, record->states_count, now);
    bool wigner = umi_list_has(record->wigner_at, record->wigner_count, now);
    if (!row && !state && !wigner) return UM_OK;
    double start = umi_seconds();
    um_status status = row ? add_record(run) : UM_OK;
    if (status == UM_OK && state) status = keep_state(run);
    if (status == UM_OK && wigner) status = keep_wigner(run);
    run->result->wall_seconds.observables += umi_seconds() - start;
    return status;
}

um_status umi_warnings_add(um_context *ctx, char ***warnings, size_t *count, const char *format,
                           va_list arguments)
{
    char text[1200];
    vsnprintf(text, sizeof text, format, arguments);
    char **longer = UMI_NEW_ARRAY(ctx, char *, *count + 1);
    char *copy = umi_strdup(ctx, text);
    if (!longer || !copy) {
        umi_free(ctx, longer);
        umi_free(ctx, copy);
        return UM_ERROR_MEMORY;
    }
    for (size_t i = 0; i < *count; i++) longer[i] = (*warnings)[i];
    longer[(*count)++] = copy;
    umi_free(ctx, *warnings);
    *warnings = longer;
    return UM_OK;
}

um_status umi_run_warn(um_run *run, const char *format, ...)
{
    um_result *result = run->result;
    va_list arguments;
    va_start(arguments, format);
    um_status status =
        umi_warnings_add(run->ctx, &result->warnings, &result->warnings_count, format, arguments);
    va_end(arguments);
    return status;
}

double umi_machine_bytes(void)
{
    return (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
}

um_status umi_run_check_memory(const um_run *run)
{
    const um_spec *spec = run->spec;
    double records = (double)run->schedule.records;
    double levels = spec->battery.levels != UM_LEVELS_AUTO ? spec->battery.levels : 64;
    double row = 20 + 8.0 * __builtin_popcountll(run->observables);
    if (umi_run_wants(run, UM_QUANTITY_BIT(UM_POPULATIONS))) row += 8 * levels;
    double points = spec->record.wigner_grid.points;
    double need = records * row + 16 * levels * levels * (double)spec->record.states_count +
                  16 * points * points * (double)spec->record.wigner_count;
    double have = umi_machine_bytes();
    if (need <= 0.8 * have) return UM_OK;
    return umi_fail_key(run->ctx, UM_ERROR_CONFIG, "record.at",
                        "%.3g records need about %.3g GB, the machine has %.3g GB; record fewer "
                        "collisions (record.at: log) or fewer observables",
                        records, need / 1e9, have / 1e9);
}
