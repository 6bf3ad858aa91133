/* Which traps and which atoms give what is wanted. */
#include <math.h>

#include "design/design.h"

typedef struct search {
    um_context *ctx;
    const um_design_options *options;
    um_design *rows;
    size_t count, capacity;
    um_design_survey survey;
} search;

static int get_top(const um_battery *battery)
{
    int levels = battery->kind == UM_BATTERY_CUSTOM ? battery->levels : UM_DESIGN_LEVELS_MAX;
    return umi_min(levels, UM_DESIGN_LEVELS_MAX) - 2;
}

static double get_ground(const um_battery *battery) { return um_battery_get_energy(battery, 0); }

/* The target above the empty battery: for a pure state of equally spaced levels it is <n>. */
static double get_wanted(const um_design_options *options)
{
    bool energy = options->target == UM_DESIGN_ENERGY;
    return options->wanted - (energy ? get_ground(&options->battery) : 0);
}

/* q NAN: to be found. */
static um_status add_row(search *it, const umi_trap *closed, double q, double mean)
{
    if (it->count == it->capacity) {
        size_t capacity = it->capacity ? 2 * it->capacity : 64;
        um_design *rows = UMI_NEW_ARRAY(it->ctx, um_design, capacity);
        if (!rows) return UM_ERROR_MEMORY;
        for (size_t i = 0; i < it->count; i++) rows[i] = it->rows[i];
        umi_free(it->ctx, it->rows);
        it->rows = rows;
        it->capacity = capacity;
    }
    it->rows[it->count++] = (um_design){
        .trap = closed->trap,
        .half_turns = closed->half_turns,
        .theta = closed->theta,
        .q = q,
        .ergotropy = mean,
        .purity = 1,
        .energy_dc = NAN,
        .ergotropy_dc = NAN,
        .purity_dc = NAN,
        .relaxation = NAN,
        .charging_time = -1,
        .leak_missed = NAN,
        .leak_bound = NAN,
    };
    return UM_OK;
}

static um_status try_trap(search *it, const umi_trap *closed)
{
    const um_design_options *options = it->options;
    double q_min = options->q_min, q_max = options->q_max, wanted = get_wanted(options);
    double least = umi_trap_get_moments(closed, umi_design_log_odds(q_max)).mean;
    double most = umi_trap_get_moments(closed, umi_design_log_odds(q_min)).mean;
    double ground = options->target == UM_DESIGN_ENERGY ? get_ground(&options->battery) : 0;
    it->survey.traps++;
    it->survey.lowest = fmin(it->survey.lowest, ground + least);
    it->survey.highest = fmax(it->survey.highest, ground + most);
    if (isnan(wanted)) {
        UMI_TRY(add_row(it, closed, q_min, most));
        return q_min < q_max ? add_row(it, closed, q_max, least) : UM_OK;
    }
    double room = options->tolerance * wanted;
    if (wanted >= least && wanted <= most) return add_row(it, closed, NAN, wanted);
    if (wanted > most && wanted - most <= room) return add_row(it, closed, q_min, most);
    if (wanted < least && least - wanted <= room) return add_row(it, closed, q_max, least);
    return UM_OK;
}

/* The levels whose trap can lie in range: for a cavity those of theta sqrt(n) = r pi. */
static void bound_traps(const um_design_options *options, int half_turns, int *first, int *last)
{
    *first = 1;
    *last = get_top(&options->battery);
    if (options->battery.kind != UM_BATTERY_CAVITY) return;
    double few = half_turns * M_PI / options->theta_max,
           many = half_turns * M_PI / options->theta_min;
    if (few * few > *first + 3) *first = (int)fmin(few * few, *last + 3.0) - 3;
    if (many * many < *last) *last = umi_min(*last, (int)(many * many) + 2);
}

static um_status search_all(search *it)
{
    const um_design_options *options = it->options;
    const um_battery *battery = &options->battery;
    int first, last;
    for (int r = 1; r <= options->half_turns_max; r += 2) {
        bound_traps(options, r, &first, &last);
        for (int trap = first; trap <= last; trap++) {
            double theta = umi_trap_get_theta(battery, trap, r);
            if (!(theta >= options->theta_min && theta <= options->theta_max)) continue;
            if (umi_trap_find_lower(battery, trap, theta)) continue;
            umi_trap closed;
            um_status status = umi_trap_create(it->ctx, battery, trap, r, &closed);
            if (status == UM_OK) status = try_trap(it, &closed);
            umi_trap_free(it->ctx, &closed);
            UMI_TRY(status);
        }
    }
    return UM_OK;
}

/* An end of the range that misses its target; those that have it are still to be found. */
static bool is_missing(const search *it, const um_design *row)
{
    double wanted = get_wanted(it->options);
    return fabs(row->ergotropy - wanted) > 1e-9 * wanted;
}

/* What misses its target behind what does not; apart from that as found, by half turns, then by
 * traps. */
static um_status sort_rows(search *it)
{
    if (it->count == 0) return UM_OK;
    um_design *sorted = UMI_NEW_ARRAY(it->ctx, um_design, it->count);
    if (!sorted) return UM_ERROR_MEMORY;
    size_t place = 0;
    for (int missing = 0; missing <= 1; missing++)
        for (size_t i = 0; i < it->count; i++)
            if (is_missing(it, &it->rows[i]) == missing) sorted[place++] = it->rows[i];
    umi_free(it->ctx, it->rows);
    it->rows = sorted;
    return UM_OK;
}

/* <n> rises with the odds of an excited atom, d<n>/d ln((1-q)/q) being the variance of n: Newton's
 * steps, halving where they would leave the bracket. */
static double find_q(const umi_trap *closed, double wanted, double q_min, double q_max)
{
    long double low = umi_design_log_odds(q_max), high = umi_design_log_odds(q_min);
    long double odds = (low + high) / 2, step = INFINITY;
    for (int i = 0; i < 200 && fabsl(step) > 1e-15L * fmaxl(1, fabsl(odds)); i++) {
        umi_moments moments = umi_trap_get_moments(closed, odds);
        if (moments.mean < wanted)
            low = odds;
        else
            high = odds;
        long double next = odds + ((long double)wanted - moments.mean) / moments.variance;
        if (!(next > low && next < high)) next = (low + high) / 2;
        step = next - odds;
        odds = next;
    }
    return fmin(fmax(umi_design_from_log_odds(odds), q_min), q_max);
}

static um_status finish_row(search *it, um_design *row)
{
    const um_design_options *options = it->options;
    umi_trap closed;
    um_status status =
        umi_trap_create(it->ctx, &options->battery, row->trap, row->half_turns, &closed);
    if (status == UM_OK) {
        if (isnan(row->q))
            row->q = find_q(&closed, get_wanted(options), options->q_min, options->q_max);
        umi_moments moments = umi_trap_get_moments(&closed, umi_design_log_odds(row->q));
        row->energy = get_ground(&options->battery) + moments.mean;
        row->ergotropy = moments.mean;
        row->energy_dq = -moments.variance / (row->q * (1 - row->q));
    }
    umi_trap_free(it->ctx, &closed);
    return status == UM_OK ? umi_design_add_chamber(it->ctx, options, row) : status;
}

um_status um_design_solve(um_context *ctx, const um_design_options *options, um_design **designs,
                          size_t *count, um_design_survey *survey)
{
    *designs = NULL;
    *count = 0;
    UMI_TRY(umi_design_check(ctx, options));
    search it = {
        .ctx = ctx, .options = options, .survey = {.lowest = INFINITY, .highest = -INFINITY}};
    um_status status = search_all(&it);
    if (status == UM_OK) status = sort_rows(&it);
    it.survey.found = (int64_t)it.count;
    if (it.survey.traps == 0) it.survey.lowest = it.survey.highest = NAN;
    if (it.count > (size_t)options->rows_max) it.count = (size_t)options->rows_max;
    for (size_t i = 0; status == UM_OK && i < it.count; i++) status = finish_row(&it, &it.rows[i]);
    if (status != UM_OK || it.count == 0) {
        umi_free(ctx, it.rows);
        it.rows = NULL;
        it.count = 0;
    }
    if (survey && status == UM_OK) *survey = it.survey;
    *designs = it.rows;
    *count = it.count;
    return status;
}

void um_designs_destroy(um_context *ctx, um_design *designs) { umi_free(ctx, designs); }
