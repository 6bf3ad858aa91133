/* A run as named arrays, and back: what is not named here follows from the model. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "charge/leap.h"
#include "state/state.h"

enum {
    ARCHIVE_VERSION = 3,
    TOTALS = sizeof(umi_totals) / sizeof(double),
    OUTCOME = sizeof(um_outcome) / sizeof(double)
};
_Static_assert(sizeof(umi_totals) == TOTALS * sizeof(double), "totals are doubles alone");
_Static_assert(sizeof(um_outcome) % sizeof(double) == 0, "an outcome is doubles alone");
_Static_assert(sizeof(um_wall_seconds) % sizeof(double) == 0, "wall seconds are doubles alone");

/* Either direction, so that every array is named once: saving appends, restoring fetches. */
typedef struct packer {
    um_context *ctx;
    um_archive *archive;       /* saving */
    const um_archive *from;    /* restoring, else NULL */
    um_status status;
} packer;

static um_archive_entry *append(packer *p, const char *name, bool is_integer, size_t count)
{
    um_archive *archive = p->archive;
    if (archive->count == archive->capacity) {
        size_t capacity = archive->capacity ? 2 * archive->capacity : 64;
        um_archive_entry *longer = UMI_NEW_ARRAY(p->ctx, um_archive_entry, capacity);
        if (!longer) return NULL;
        if (archive->count)
            memcpy(longer, archive->entries, archive->count * sizeof *longer);
        umi_free(p->ctx, archive->entries);
        archive->entries = longer;
        archive->capacity = capacity;
    }
    um_archive_entry *entry = &archive->entries[archive->count];
    *entry = (um_archive_entry){.is_integer = is_integer, .count = count};
    snprintf(entry->name, sizeof entry->name, "%s", name);
    void *block = umi_alloc(p->ctx, count, 8);
    if (!block) return NULL;
    if (is_integer)
        entry->integer = block;
    else
        entry->real = block;
    archive->count++;
    return entry;
}

static const um_archive_entry *find(const packer *p, const char *name, bool is_integer)
{
    for (size_t i = 0; i < p->from->count; i++)
        if (strcmp(p->from->entries[i].name, name) == 0 &&
            p->from->entries[i].is_integer == is_integer)
            return &p->from->entries[i];
    return NULL;
}

static void refuse(packer *p, const char *name)
{
    p->status = umi_fail(p->ctx, UM_ERROR_CONFIG,
                         "the checkpoint does not fit: '%s' is missing or of another size", name);
}

/* What the archive says must fit before it is used: a damaged one is refused, never followed. */
static bool sane(packer *p, const char *name, bool condition)
{
    if (p->status == UM_OK && !condition) refuse(p, name);
    return p->status == UM_OK;
}

static const void *numbers_of(const um_archive_entry *entry)
{
    return entry->is_integer ? (const void *)entry->integer : (const void *)entry->real;
}

/* count numbers of 8 bytes, in place. */
static void pack_numbers(packer *p, const char *name, bool is_integer, void *numbers, size_t count)
{
    if (p->status != UM_OK) return;
    if (!p->from) {
        um_archive_entry *entry = append(p, name, is_integer, count);
        if (!entry)
            p->status = UM_ERROR_MEMORY;
        else if (count)
            memcpy((void *)numbers_of(entry), numbers, count * 8);
        return;
    }
    const um_archive_entry *entry = find(p, name, is_integer);
    if (!sane(p, name, entry && entry->count == count)) return;
    if (count) memcpy(numbers, numbers_of(entry), count * 8);
}

/* An allocated array of count numbers; restoring allocates it. */
static void pack_array(packer *p, const char *name, bool is_integer, void **array, size_t count)
{
    if (p->status != UM_OK) return;
    if (p->from) {
        const um_archive_entry *entry = find(p, name, is_integer);
        if (!sane(p, name, entry && entry->count == count)) return;
        umi_free(p->ctx, *array);
        *array = umi_alloc(p->ctx, count, 8);
        if (!*array) {
            p->status = UM_ERROR_MEMORY;
            return;
        }
    }
    pack_numbers(p, name, is_integer, *array, count);
}

static void pack_state(packer *p, const char *prefix, um_state *state)
{
    int64_t shape[6] = {state->levels, state->first,  state->last,
                        state->orders, state->planes, state->quarter};
    char name[48];
    snprintf(name, sizeof name, "%sstate_shape", prefix);
    pack_numbers(p, name, true, shape, 6);
    bool fits = shape[0] >= 1 && shape[0] <= UM_LEVELS_MAX && shape[1] >= 0 &&
                shape[2] >= shape[1] && shape[2] <= shape[0] && shape[3] >= 0 &&
                shape[3] <= shape[2] - shape[1] && (shape[4] == 1 || shape[4] == 2) &&
                shape[5] >= 0 && shape[5] < 4;
    if (sane(p, name, fits) && p->from) {
        p->status = umi_state_resize(state, (int)shape[0], (int)shape[1], (int)shape[2],
                                     (int)shape[3], (int)shape[4]);
        state->quarter = (int)shape[5];
    }
    snprintf(name, sizeof name, "%sstate_phase", prefix);
    pack_numbers(p, name, false, &state->phase, 1);
    for (int plane = 0; p->status == UM_OK && plane < state->planes; plane++)
        for (int k = 0; k < state->orders; k++) {
            snprintf(name, sizeof name, "%sstate_%d_%d", prefix, plane, k);
            pack_numbers(p, name, false, umi_state_row(state, plane, k) + state->first,
                         (size_t)umi_state_row_length(state, k));
        }
    if (p->status == UM_OK) umi_state_seal(state);
}

static void pack_curve(packer *p, umi_curve *curve, int64_t collisions)
{
    int64_t shape[3] = {curve->collisions, (int64_t)curve->exact, (int64_t)curve->blocks};
    pack_numbers(p, "curve_shape", true, shape, 3);
    int64_t exact = shape[1];
    if (!sane(p, "curve_shape", shape[0] == collisions && exact >= 0 && exact <= collisions &&
                                    exact <= UMI_CURVE_EXACT && shape[2] >= 0 &&
                                    shape[2] <= collisions - exact &&
                                    (shape[2] > 0) == (collisions > exact)))
        return;
    size_t blocks = (size_t)shape[2];
    pack_array(p, "curve_energy", false, (void **)&curve->energy, (size_t)exact);
    pack_array(p, "curve_first", true, (void **)&curve->first, blocks);
    pack_array(p, "curve_low", false, (void **)&curve->low, blocks);
    pack_array(p, "curve_high", false, (void **)&curve->high, blocks);
    if (!p->from) return;
    curve->collisions = collisions;
    curve->exact = curve->exact_capacity = (size_t)exact;
    curve->blocks = curve->blocks_capacity = blocks;
}

static void pack_series(packer *p, um_run *run)
{
    um_result *result = run->result;
    int64_t records = (int64_t)result->records;
    pack_numbers(p, "records", true, &records, 1);
    int64_t most = run->collision + 1 +
                   (int64_t)run->spec->stages_count * (run->spec->record.per_decade + 1);
    if (sane(p, "records", records >= 0 && records <= most) && p->from) {
        p->status = umi_run_reserve_records(run, (size_t)records);
        if (p->status == UM_OK) result->records = (size_t)records;
    }
    if (p->status != UM_OK) return;
    size_t count = result->records;
    int64_t *stage = UMI_NEW_ARRAY(p->ctx, int64_t, count);
    if (!stage) {
        p->status = UM_ERROR_MEMORY;
        return;
    }
    for (size_t i = 0; i < count && !p->from; i++) stage[i] = result->stage[i];
    pack_numbers(p, "stage", true, stage, count);
    for (size_t i = 0; i < count && p->from; i++) result->stage[i] = (int32_t)stage[i];
    umi_free(p->ctx, stage);
    pack_numbers(p, "collision", true, result->collision, count);
    pack_numbers(p, "time", false, result->time, count);
    for (int i = 0; i < UM_QUANTITY_COUNT; i++)
        if (result->series[i])
            pack_numbers(p, um_quantity_get_info(i)->name, false, result->series[i], count);
}

static void pack_populations(packer *p, um_run *run)
{
    um_result *result = run->result;
    int64_t levels[2] = {result->population_levels, result->final_levels};
    pack_numbers(p, "population_levels", true, levels, 2);
    if (!sane(p, "population_levels", levels[0] >= 0 && levels[0] <= 2 * UM_LEVELS_MAX &&
                                          levels[1] >= 0 && levels[1] <= UM_LEVELS_MAX))
        return;
    if (p->from) {
        result->population_levels = (int)levels[0];
        result->final_levels = (int)levels[1];
        umi_free(p->ctx, result->final_populations);
        umi_free(p->ctx, result->populations);
        result->populations = NULL;
        result->final_populations = UMI_NEW_ARRAY(p->ctx, double, (size_t)levels[1]);
        if (levels[0] > 0)
            result->populations =
                UMI_NEW_ARRAY(p->ctx, double, run->records_capacity * (size_t)levels[0]);
        if (!result->final_populations || (levels[0] > 0 && !result->populations)) {
            p->status = UM_ERROR_MEMORY;
            return;
        }
    }
    pack_numbers(p, "final_populations", false, result->final_populations,
                 (size_t)result->final_levels);
    pack_numbers(p, "populations", false, result->populations,
                 result->populations ? result->records * (size_t)result->population_levels : 0);
}

static void pack_kept(packer *p, um_run *run)
{
    um_result *result = run->result;
    int64_t counts[2] = {(int64_t)result->states_count, (int64_t)result->wigners_count};
    pack_numbers(p, "kept", true, counts, 2);
    if (!sane(p, "kept", counts[0] >= 0 && counts[1] >= 0 &&
                             counts[0] <= (int64_t)run->spec->record.states_count &&
                             counts[1] <= (int64_t)run->spec->record.wigner_count))
        return;
    result->states_count = (size_t)counts[0];
    result->wigners_count = (size_t)counts[1];
    char name[48];
    for (size_t i = 0; i < result->states_count; i++) {
        um_saved_state *saved = &result->states[i];
        int64_t about[2] = {saved->collision, saved->levels};
        snprintf(name, sizeof name, "saved_%zu", i);
        pack_numbers(p, name, true, about, 2);
        if (!sane(p, name, about[1] >= 1 && about[1] <= UM_LEVELS_MAX)) return;
        saved->collision = about[0];
        saved->levels = (int)about[1];
        size_t size = (size_t)saved->levels * (size_t)saved->levels;
        snprintf(name, sizeof name, "saved_%zu_real", i);
        pack_array(p, name, false, (void **)&saved->real, size);
        snprintf(name, sizeof name, "saved_%zu_imag", i);
        pack_array(p, name, false, (void **)&saved->imag, size);
    }
    size_t points = (size_t)result->wigner_grid.points, size = points * points;
    for (size_t i = 0; i < result->wigners_count; i++) {
        um_saved_wigner *saved = &result->wigners[i];
        snprintf(name, sizeof name, "wigner_%zu", i);
        pack_numbers(p, name, true, &saved->collision, 1);
        snprintf(name, sizeof name, "wigner_%zu_values", i);
        pack_array(p, name, false, (void **)&saved->wigner, size);
        snprintf(name, sizeof name, "husimi_%zu_values", i);
        pack_array(p, name, false, (void **)&saved->husimi, size);
    }
}

/* A text, which is the run's own when it is restored. */
static void pack_text(packer *p, um_run *run, const char *key, const char **text)
{
    enum { WORDS = 6 };
    union {
        char bytes[WORDS * sizeof(int64_t)];
        int64_t words[WORDS];
    } packed = {{0}};
    if (*text) strncpy(packed.bytes, *text, sizeof packed.bytes - 1);
    pack_numbers(p, key, true, packed.words, WORDS);
    if (!sane(p, key, packed.bytes[sizeof packed.bytes - 1] == 0) || !p->from) return;
    if (!run->texts) run->texts = UMI_NEW_ARRAY(p->ctx, char *, run->spec->stages_count + 1);
    char *copy = run->texts ? umi_strdup(p->ctx, packed.bytes) : NULL;
    if (!copy) {
        p->status = UM_ERROR_MEMORY;
        return;
    }
    *text = run->texts[run->texts_count++] = copy;
}

/* Whether that many collisions end at that place in the stages. */
static bool is_place(const um_run *run, int64_t collisions, int64_t stage, int64_t done)
{
    const um_spec *spec = run->spec;
    if (stage < 0 || (size_t)stage > spec->stages_count || done < 0) return false;
    bool over = (size_t)stage == spec->stages_count;
    if (done > (over ? 0 : spec->stages[stage].collisions)) return false;
    for (int64_t i = 0; i < stage; i++) {
        int64_t passed = run->result->stages[i].collisions;
        if (passed < 0 || passed > spec->stages[i].collisions) return false;
        done += passed;
    }
    return collisions == done;
}

static void pack_forward(packer *p, size_t stage, um_forward_summary *forward)
{
    char name[48];
    int64_t about[] = {forward->from, forward->to, forward->levels, forward->orders, forward->rank};
    double error[] = {forward->bound, forward->truncation};
    snprintf(name, sizeof name, "stage_%zu_forward", stage);
    pack_numbers(p, name, true, about, 5);
    snprintf(name, sizeof name, "stage_%zu_forward_error", stage);
    pack_numbers(p, name, false, error, 2);
    *forward = (um_forward_summary){about[0],      about[1], (int)about[2], (int)about[3],
                                    (int)about[4], error[0], error[1]};
}

static void pack_ledger(packer *p, size_t stage, um_ledger *ledger)
{
    char name[48];
    snprintf(name, sizeof name, "stage_%zu_ledger", stage);
    pack_numbers(p, name, false, ledger, sizeof *ledger / sizeof(double));
}

static void pack_stage(packer *p, um_run *run, size_t i)
{
    um_stage_summary *stage = &run->result->stages[i];
    char name[48];
    int64_t about[3] = {stage->kind, stage->collisions, stage->end};
    double *numbers[] = {&stage->duration,           &stage->energy_start,
                         &stage->energy_end,         &stage->ergotropy_start,
                         &stage->ergotropy_end,      &stage->delivered_energy,
                         &stage->delivered_ergotropy, &stage->half_life_energy,
                         &stage->half_life_ergotropy};
    enum { NUMBERS = sizeof numbers / sizeof *numbers };
    double values[NUMBERS];
    snprintf(name, sizeof name, "stage_%zu", i);
    pack_numbers(p, name, true, about, 3);
    if (!sane(p, name, about[0] == (int64_t)run->spec->stages[i].kind && about[2] >= UM_STAGE_OPEN &&
                           about[2] <= UM_STAGE_MET))
        return;
    stage->collisions = about[1];
    stage->end = (um_stage_end)about[2];
    for (int k = 0; k < NUMBERS; k++) values[k] = *numbers[k];
    snprintf(name, sizeof name, "stage_%zu_numbers", i);
    pack_numbers(p, name, false, values, NUMBERS);
    for (int k = 0; k < NUMBERS; k++) *numbers[k] = values[k];
    snprintf(name, sizeof name, "stage_%zu_method", i);
    pack_text(p, run, name, &stage->method);
    pack_ledger(p, i, &stage->ledger);
    pack_forward(p, i, &stage->forward);
}

static void pack_progress(packer *p, um_run *run)
{
    um_result *result = run->result;
    int64_t place[4] = {run->collision, (int64_t)run->stage, run->stage_done, run->begun};
    for (size_t i = 0; i < result->stages_count; i++) pack_stage(p, run, i);
    pack_numbers(p, "progress", true, place, 4);
    if (!sane(p, "progress", is_place(run, place[0], place[1], place[2]) && place[3] >= 0 &&
                                 place[3] <= (place[1] < (int64_t)result->stages_count)))
        return;
    run->collision = place[0];
    run->stage = (size_t)place[1];
    run->stage_done = place[2];
    pack_numbers(p, "totals", false, &run->totals, TOTALS);
    pack_numbers(p, "outcome", false, &run->outcome, OUTCOME);
    pack_numbers(p, "wall", false, &result->wall_seconds,
                 sizeof result->wall_seconds / sizeof(double));
    pack_numbers(p, "power_maximum", false, &result->ergotropy_power_maximum.value, 1);
    pack_numbers(p, "power_maximum_at", true, &result->ergotropy_power_maximum.collision, 1);
    pack_numbers(p, "top_population_max", false, &result->truncation.top_population_max, 1);
    double delivered[2] = {result->delivered_energy, result->delivered_ergotropy};
    pack_numbers(p, "delivered_so_far", false, delivered, 2);
    result->delivered_energy = delivered[0];
    result->delivered_ergotropy = delivered[1];
    pack_text(p, run, "kernel", &result->kernel);
    if (p->status == UM_OK && p->from && place[3]) p->status = umi_run_enter_stage(run);
}

/* A state that may not be there. */
static void pack_optional(packer *p, const char *prefix, um_state **state)
{
    char name[48];
    int64_t there = *state != NULL;
    snprintf(name, sizeof name, "%sis_there", prefix);
    pack_numbers(p, name, true, &there, 1);
    if (p->status != UM_OK || !there) return;
    if (p->from && !*state) p->status = um_state_create(p->ctx, 1, 1, 0, 0, state);
    if (p->status == UM_OK) pack_state(p, prefix, *state);
}

static void pack_store(packer *p, um_run *run)
{
    umi_store *store = &run->store;
    pack_optional(p, "store_", &store->start);
    pack_numbers(p, "store_point", true, &store->point, 1);
    pack_numbers(p, "store_totals", false, &store->totals, TOTALS);
    bool fits = store->point >= 0 && store->point <= run->spec->record.per_decade;
    bool stored = run->stage < run->spec->stages_count &&
                  umi_run_stage(run)->kind == UM_STAGE_STORE && run->begun;
    sane(p, "store_point", fits && (stored || !store->start));
}

static void pack_peak(packer *p, um_run *run)
{
    umi_peak *peak = &run->peak;
    const um_result *result = run->result;
    int64_t about[] = {peak->collision,       peak->stage_done, peak->curve.collisions,
                       peak->curve.exact,     peak->curve.blocks, peak->records,
                       peak->states,          peak->wigners,      peak->ergotropy_power.collision};
    double values[] = {peak->curve_low, peak->curve_high, peak->ergotropy_power.value,
                       peak->top_population_max};
    pack_optional(p, "peak_", &peak->state);
    pack_optional(p, "before_peak_", &peak->before);
    pack_numbers(p, "peak", true, about, sizeof about / sizeof *about);
    pack_numbers(p, "peak_values", false, values, sizeof values / sizeof *values);
    pack_numbers(p, "peak_totals", false, &peak->totals, TOTALS);
    pack_numbers(p, "peak_outcome", false, &peak->outcome, OUTCOME);
    bool fits = about[0] >= 0 && about[0] <= run->collision && about[1] >= 0 &&
                about[1] <= run->stage_done && about[2] >= 0 && about[2] <= run->curve.collisions &&
                about[3] >= 0 && about[3] <= (int64_t)run->curve.exact && about[4] >= 0 &&
                about[4] <= (int64_t)run->curve.blocks && about[5] >= 0 &&
                about[5] <= (int64_t)result->records && about[6] >= 0 &&
                about[6] <= (int64_t)result->states_count && about[7] >= 0 &&
                about[7] <= (int64_t)result->wigners_count;
    if (!sane(p, "peak", fits || !peak->state)) return;
    peak->collision = about[0];
    peak->stage_done = about[1];
    peak->curve = (umi_curve_mark){about[2], about[3], about[4]};
    peak->records = about[5];
    peak->states = about[6];
    peak->wigners = about[7];
    peak->ergotropy_power = (um_maximum){values[2], about[8]};
    peak->curve_low = values[0];
    peak->curve_high = values[1];
    peak->top_population_max = values[3];
}

/* A leap without its trajectory, which is made again. */
static void pack_leap(packer *p, um_run *run, umi_leap *leap, size_t index)
{
    char name[48], prefix[32];
    int64_t about[] = {leap->start,  leap->to,    leap->stage_done,       (int64_t)leap->end,
                       leap->levels, leap->orders, leap->room,            leap->curve.exact,
                       leap->curve.blocks};
    snprintf(prefix, sizeof prefix, "leap_%zu_", index);
    snprintf(name, sizeof name, "%sabout", prefix);
    pack_numbers(p, name, true, about, sizeof about / sizeof *about);
    int64_t done = about[2];
    bool fits = is_place(run, about[0], (int64_t)index, done) && about[1] >= about[0] &&
                about[1] - about[0] <= run->spec->stages[index].collisions - done &&
                about[3] >= UMI_LEAP_COMPLETE && about[3] <= UMI_LEAP_BOUND && about[4] >= 1 &&
                about[4] <= UM_LEVELS_MAX && about[5] >= 1 && about[5] <= about[4] &&
                about[6] >= about[4] && about[6] <= UM_LEVELS_MAX && about[7] >= 0 &&
                about[7] <= (int64_t)run->curve.exact && about[8] >= 0 &&
                about[8] <= (int64_t)run->curve.blocks;
    if (!sane(p, name, fits)) return;
    leap->stage = index;
    leap->start = about[0];
    leap->to = about[1];
    leap->stage_done = done;
    leap->end = (umi_leap_end)about[3];
    leap->levels = (int)about[4];
    leap->orders = (int)about[5];
    leap->room = (int)about[6];
    leap->curve = (umi_curve_mark){about[0], about[7], about[8]};
    snprintf(name, sizeof name, "%struncation", prefix);
    pack_numbers(p, name, false, &leap->truncation, 1);
    snprintf(name, sizeof name, "%stotals", prefix);
    pack_numbers(p, name, false, &leap->totals, TOTALS);
    pack_state(p, prefix, leap->state);
    if (!p->from) return;
    leap->sampled = leap->curve;
    leap->power = UMI_NO_POWER;
}

static void pack_leaps(packer *p, um_run *run)
{
    pack_numbers(p, "refused", true, &run->refused, 1);
    for (size_t i = 0; i < run->spec->stages_count && p->status == UM_OK; i++) {
        char name[48];
        snprintf(name, sizeof name, "leap_%zu", i);
        int64_t there = run->leaps[i] != NULL;
        pack_numbers(p, name, true, &there, 1);
        if (p->status != UM_OK || !there) continue;
        if (p->from) {
            run->leaps[i] = UMI_NEW(p->ctx, umi_leap);
            p->status = run->leaps[i]
                            ? um_state_create(p->ctx, 1, 1, 0, 0, &run->leaps[i]->state)
                            : UM_ERROR_MEMORY;
            if (p->status != UM_OK) return;
        }
        pack_leap(p, run, run->leaps[i], i);
    }
}

static void pack_run(packer *p, um_run *run)
{
    int64_t version = ARCHIVE_VERSION, digest = (int64_t)run->result->digest;
    pack_numbers(p, "version", true, &version, 1);
    pack_numbers(p, "digest", true, &digest, 1);
    if (p->status == UM_OK && (version != ARCHIVE_VERSION || digest != (int64_t)run->result->digest)) {
        p->status = umi_fail(p->ctx, UM_ERROR_CONFIG,
                             "the checkpoint is of another configuration or version; run without "
                             "--resume to start again");
        return;
    }
    pack_progress(p, run);
    pack_state(p, "", run->state);
    pack_curve(p, &run->curve, run->collision);
    pack_leaps(p, run);
    pack_series(p, run);
    pack_populations(p, run);
    pack_kept(p, run);
    pack_store(p, run);
    pack_peak(p, run);
}

um_status um_run_save(const um_run *run, um_archive *archive)
{
    packer p = {.ctx = run->ctx, .archive = archive};
    /* Saving only reads; the packer serves both directions. */
    pack_run(&p, (um_run *)run);
    if (p.status != UM_OK) um_archive_clear(run->ctx, archive);
    return p.status;
}

um_status um_run_restore(um_context *ctx, const um_model *model, const um_archive *archive,
                         um_run **run)
{
    um_run *made;
    *run = NULL;
    UMI_TRY(um_run_create(ctx, model, &made));
    packer p = {.ctx = ctx, .from = archive};
    pack_run(&p, made);
    if (p.status == UM_OK) {
        made->result->collisions = made->collision;
        made->result->truncation.levels = umi_run_levels(made);
        umi_run_summarise_stage(made);
        umi_run_close_ledger(made);
        *run = made;
        return UM_OK;
    }
    um_run_destroy(made);
    return p.status;
}
