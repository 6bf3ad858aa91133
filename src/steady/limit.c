/* Where a battery goes in the end, as far as that is certain.
 *
 * A curve that is flat is no limit: behind a trap that is only nearly closed it may be flat for
 * 1e13 collisions and climb on. A limit is reached when nothing is left that could move: the state
 * lies in a space that it cannot leave (below an exact trap, or all of a finite battery), or in one
 * that does not depend on where it was cut; and every mode of the map on that space either stays
 * for ever or has died out. */
#include "limit.h"

#include <math.h>
#include <string.h>

#include "charge/run.h"
#include "map/generator.h"

static const double STILL = 1e-9;   /* change that counts as none, relative above 1 */
static const double OUTSIDE = 1e-9; /* population that may lie outside the space looked at */
static const double DIED_OUT = 40;  /* e-foldings after which a mode is gone */
static const double RISE = 1e-6;    /* of the energy in a decade, relative: it climbs */
enum { MODES_FIRST = 16, MODES_MAX = 256, SPACE_MAX = 400 };

const char *um_limit_status_get_name(um_limit_status status)
{
    switch (status) {
    case UM_LIMIT_REACHED:
        return "reached";
    case UM_LIMIT_ESCAPES:
        return "escapes";
    case UM_LIMIT_UNDECIDED:
        break;
    }
    return "undecided";
}

static bool is_same(double a, double b) { return fabs(a - b) <= STILL * fmax(1, fabs(b)); }

static bool is_same_record(const um_result *run, size_t i, size_t j)
{
    static const um_quantity looked_at[] = {UM_ENERGY, UM_ERGOTROPY, UM_PURITY};
    for (int k = 0; k < 3; k++) {
        const double *series = run->series[looked_at[k]];
        if (!series || !is_same(series[i], series[j])) return false;
    }
    return true;
}

/* The first record from which nothing changes any more; the last one if that is all. */
static size_t find_still(const um_result *run)
{
    size_t last = run->records - 1, first = last;
    while (first > 0 && is_same_record(run, first - 1, last)) first--;
    return first;
}

static bool is_unbounded(const um_battery *battery)
{
    return battery->kind == UM_BATTERY_CAVITY || battery->levels == UM_LEVELS_AUTO;
}

/* Whether nothing climbs from level n - 1 to n, n = 1..levels. */
static um_status find_closed(um_context *ctx, const um_model *model, int levels, bool *closed)
{
    const um_spec *spec = um_model_get_spec(model);
    const um_stage *stage = &spec->stages[0];
    bool unbounded = is_unbounded(&spec->battery);
    memset(closed, 0, (size_t)levels + 1);
    closed[levels] = !unbounded && levels == spec->battery.levels;
    if (stage->interaction.counter_rotating > 0) return UM_OK;
    /* Of a truncated space the last block is a wall of ours: one more level is asked for. */
    int count = unbounded ? umi_min(levels + 1, UM_LEVELS_MAX) : levels;
    _Float128 *cosine = UMI_NEW_ARRAY(ctx, _Float128, (size_t)count + 1);
    _Float128 *sine = UMI_NEW_ARRAY(ctx, _Float128, (size_t)count + 1);
    um_status status = cosine && sine ? UM_OK : UM_ERROR_MEMORY;
    if (status == UM_OK) status = umi_generator_blocks(ctx, model, 0, count, cosine, sine);
    for (int n = 1; n <= levels && n < count && status == UM_OK; n++)
        if (sine[n] == 0 || stage->atoms.q == 1) closed[n] = true;
    umi_free(ctx, cosine);
    umi_free(ctx, sine);
    return status;
}

/* The least number of levels that hold the state and that it cannot leave; 0 if there is none. */
static int find_space(const bool *closed, const double *populations, int levels)
{
    double above = 0;
    int found = 0;
    for (int n = levels; n >= 1 && above <= OUTSIDE; n--) {
        if (closed[n]) found = n;
        above += populations[n - 1];
    }
    return found;
}

/* Fixed points of a space with so many exact traps inside, and coherences between them. */
static int count_exact(const bool *closed, int space)
{
    int chambers = 1;
    for (int n = 1; n < space; n++) chambers += closed[n];
    return chambers * chambers;
}

/* Whether the modes found show that every mode either stays for ever or has died out. */
typedef enum verdict { SETTLED, MOVING, MORE_WANTED } verdict;

static verdict judge(const um_spectrum *spectrum, int wanted, int exact_max, double collisions)
{
    int exact = 0, found = 0;
    for (size_t i = 0; i < spectrum->count; i++) {
        const um_mode *mode = &spectrum->modes[i];
        found += mode->multiplicity;
        /* What cannot be told from a mode that stays is counted as one. */
        if (mode->decay <= mode->error)
            exact += mode->multiplicity;
        else if (mode->decay * collisions < DIED_OUT)
            return MOVING;
        else
            return exact <= exact_max ? SETTLED : MOVING;
    }
    if (found < wanted) return exact <= exact_max ? SETTLED : MOVING;
    return exact > exact_max ? MOVING : MORE_WANTED;
}

/* In a space of so many levels; `own` says that its top is a real one. */
static um_status check_modes(um_context *ctx, const um_model *model, int space, bool own,
                             int exact_max, double collisions, const um_spectrum *known,
                             bool *settled)
{
    verdict found = MORE_WANTED;
    *settled = false;
    if (space > SPACE_MAX) return UM_OK;
    if (known->count > 0 && known->levels == space && (!own || known->dropped == 0))
        found = judge(known, known->eigenvalues, exact_max, collisions);
    double all = (double)space * space;
    for (int wanted = MODES_FIRST; found == MORE_WANTED && wanted <= MODES_MAX; wanted *= 4) {
        um_spectrum spectrum = {0};
        int asked = all < wanted ? (int)all : wanted;
        um_status status = um_spectrum_solve(ctx, model, 0, space, asked, !own, &spectrum);
        if (status == UM_ERROR_NOCONV || status == UM_ERROR_UNSUPPORTED) return UM_OK;
        UMI_TRY(status);
        found = judge(&spectrum, all < wanted ? asked + 1 : asked, exact_max, collisions);
        um_spectrum_clear(ctx, &spectrum);
    }
    *settled = found == SETTLED;
    return UM_OK;
}

/* The run once more with twice the levels, to the same last record. */
static um_status check_doubled(um_context *ctx, const um_model *model,
                               const um_steady_options *options, const um_result *run, bool *same)
{
    const um_spec *given = um_model_get_spec(model);
    um_spec spec;
    um_stage stage;
    umi_spec_of_stage(model, 0, &spec, &stage);
    int64_t at[] = {run->collision[run->records - 1]};
    *same = false;
    int levels = given->battery.levels ? given->battery.levels : run->truncation.levels;
    if (2 * levels > UM_LEVELS_MAX) return UM_OK;
    stage.collisions = at[0];
    spec.battery.levels = 2 * levels;
    spec.battery.max_levels = umi_max(2 * levels, given->battery.max_levels);
    spec.record.mode = UM_RECORD_LIST;
    spec.record.at = at;
    spec.record.at_count = 1;
    spec.record.observables =
        UM_QUANTITY_BIT(UM_ENERGY) | UM_QUANTITY_BIT(UM_ERGOTROPY) | UM_QUANTITY_BIT(UM_PURITY);
    um_model *larger = NULL;
    um_run *again = NULL;
    um_status status = um_model_create(ctx, &spec, &larger);
    if (status == UM_OK) status = um_run_create(ctx, larger, &again);
    if (status == UM_OK)
        status = um_run_advance(again, -1, options ? options->monitor : NULL,
                                options ? options->user : NULL);
    if (status == UM_OK) {
        const um_result *other = um_run_get_result(again);
        static const um_quantity looked_at[] = {UM_ENERGY, UM_ERGOTROPY, UM_PURITY};
        *same = other->records == 1;
        for (int k = 0; k < 3 && *same; k++)
            *same = is_same(other->series[looked_at[k]][0],
                            run->series[looked_at[k]][run->records - 1]);
    }
    um_run_destroy(again);
    um_model_destroy(larger);
    return status == UM_ERROR_NOCONV || status == UM_ERROR_CONFIG ? UM_OK : status;
}

const um_chamber *umi_chamber_of(const um_steady *steady, const double *populations, int levels,
                                 double *population)
{
    const um_chamber *found = NULL;
    double most = 0;
    for (size_t i = 0; i < steady->chambers_count; i++) {
        double sum = 0;
        for (int n = steady->chambers[i].first; n <= steady->chambers[i].last && n < levels; n++)
            sum += populations[n];
        if (sum <= most) continue;
        most = sum;
        found = &steady->chambers[i];
    }
    if (population) *population = most;
    return found;
}

/* Whether the energy rose over the last decade of the run. */
static bool is_rising(const um_result *run)
{
    size_t last = run->records - 1, before = last;
    const double *energy = run->series[UM_ENERGY];
    while (before > 0 && run->collision[before] > run->collision[last] / 10) before--;
    return energy[last] - energy[before] > RISE * fmax(1, energy[last]);
}

/* Into the next chamber goes more than comes back, or there is no end to the climb: with more
 * excited than ground-state atoms no state of an unbounded battery is at rest short of an exact
 * trap. */
static void look_for_escape(const um_model *model, bool own, um_steady *steady)
{
    const um_spec *spec = um_model_get_spec(model);
    const um_result *run = steady->run;
    um_limit *limit = &steady->limit;
    const um_chamber *chamber =
        umi_chamber_of(steady, run->final_populations, run->final_levels, NULL);
    if (chamber && !chamber->exact && !chamber->open && chamber->leak > 0) {
        const um_chamber *next = chamber + 1;
        bool last = next == steady->chambers + steady->chambers_count;
        double back =
            last || next->first != chamber->last + 1 || isnan(next->down) ? 0 : next->down;
        if (chamber->leak <= back) return;
        limit->status = UM_LIMIT_ESCAPES;
        limit->level = chamber->last + 1;
    } else if (!own && is_unbounded(&spec->battery) && spec->stages[0].atoms.q < 0.5 &&
               is_rising(run)) {
        limit->status = UM_LIMIT_ESCAPES;
    }
}

void umi_limit_start(um_steady *steady)
{
    const um_result *run = steady->run;
    um_limit *limit = &steady->limit;
    *limit = (um_limit){UM_LIMIT_UNDECIDED, -1, NAN, NAN, NAN, -1};
    if (run->records == 0) return;
    size_t last = run->records - 1;
    limit->collision = run->collision[last];
    limit->energy = run->series[UM_ENERGY][last];
    limit->ergotropy = run->series[UM_ERGOTROPY][last];
    limit->purity = run->series[UM_PURITY][last];
}

um_status umi_limit_decide(um_context *ctx, const um_model *model, const um_steady_options *options,
                           um_steady *steady)
{
    const um_result *run = steady->run;
    um_limit *limit = &steady->limit;
    if (run->records == 0 || !run->final_populations) return UM_OK;
    size_t still = find_still(run);
    int levels = run->final_levels;
    bool *closed = UMI_NEW_ARRAY(ctx, bool, (size_t)levels + 1);
    if (!closed) return UM_ERROR_MEMORY;
    um_status status = find_closed(ctx, model, levels, closed);
    int space = status == UM_OK ? find_space(closed, run->final_populations, levels) : 0;
    bool own = space > 0, settled = false;
    int looked_at = own ? space : run->truncation.levels;
    int exact_max = count_exact(closed, umi_min(looked_at, levels));
    umi_free(ctx, closed);
    UMI_TRY(status);

    double done = (double)limit->collision;
    bool flat = run->status == UM_OK && (double)run->collision[still] <= done / 10;
    if (flat)
        UMI_TRY(
            check_modes(ctx, model, looked_at, own, exact_max, done, &steady->spectrum, &settled));
    /* Below an exact trap, and in a finite battery, more levels change nothing. */
    if (settled && !own) UMI_TRY(check_doubled(ctx, model, options, run, &settled));
    if (settled) {
        limit->status = UM_LIMIT_REACHED;
        limit->collision = run->collision[still];
    } else {
        look_for_escape(model, own, steady);
    }
    return UM_OK;
}
