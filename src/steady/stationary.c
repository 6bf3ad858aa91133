/* The fixed point of a map without coherence: populations are a Markov chain. Levels are taken out from
 * the top down, their traffic led past them; no step subtracts, so that each population has all of its
 * digits, even where two maxima exchange one photon in 1e20 collisions. */
#include <math.h>
#include <string.h>

#include "model/model.h"
#include "steady/stationary.h"
#include "umaser/observe.h"
#include "umaser/steady.h"

enum { LEVELS_LEAST = 32, LEVELS_MORE = 16, LEVELS_MAX = 1200 };
/* Population of the uppermost level that is none. */
static const double NOTHING = 1e-20;

/* All else dies out, and no two states stay: photons get lost from every level. */
static bool has_one(const um_model *model, size_t stage)
{
    const um_spec *spec = um_model_get_spec(model);
    const um_stage *chosen = &spec->stages[stage];
    bool custom = spec->battery.kind == UM_BATTERY_CUSTOM;
    for (int n = 1; custom && n < spec->battery.levels; n++)
        if (spec->battery.lowering[n] == 0) return false;
    return umi_stage_has_collisions(chosen) && umi_stage_is_open_outside(chosen) && chosen->environment.kappa > 0 &&
           chosen->interaction.counter_rotating == 0 && umi_generator_exists(model, stage) &&
           !umi_generator_mixes_orders(model, stage);
}

/* Above level (1-q)/(1 - exp(-kappa gap)) a cavity loses more than atoms can bring: no maximum of the
 * populations is hidden beyond. 0: no number of levels is enough. */
static int choose_levels(const um_spec *spec, size_t stage)
{
    const um_battery *battery = &spec->battery;
    if (battery->kind == UM_BATTERY_CUSTOM || (battery->kind == UM_BATTERY_LADDER && battery->levels))
        return battery->levels <= LEVELS_MAX ? battery->levels : 0;
    if (battery->kind == UM_BATTERY_LADDER) return LEVELS_LEAST;
    const um_stage *chosen = &spec->stages[stage];
    double gap = chosen->environment.kappa * (chosen->stream.period - chosen->interaction.tau);
    bool waits = chosen->stream.arrivals == UM_ARRIVALS_POISSON;
    double lost = waits ? gap / (1 + gap) : -expm1(-gap), most = (1 - chosen->atoms.q) / lost;
    return most < LEVELS_MAX ? umi_max((int)most + LEVELS_MORE, LEVELS_LEAST) : 0;
}

/* Column by column: what goes from level n to level i, i != n. */
static void fill_chain(const umi_sparse *matrix, int levels, double *chain)
{
    size_t size = (size_t)levels;
    memset(chain, 0, size * size * sizeof *chain);
    for (size_t i = 0; i < size; i++)
        for (int64_t e = matrix->start[i]; e < matrix->start[i + 1]; e++)
            chain[(size_t)matrix->column[e] * size + i] = fmax(matrix->hi[e], 0);
}

/* What goes to level n from each below is kept in place, divided by what leaves n downwards. */
static void take_out(int levels, double *chain)
{
    size_t size = (size_t)levels;
    for (size_t n = size - 1; n > 0; n--) {
        const double *from = chain + n * size;
        double leaving = 0;
        for (size_t i = 0; i < n; i++) leaving += from[i];
        for (size_t j = 0; j < n; j++) {
            double *column = chain + j * size, share = column[n] /= leaving;
            for (size_t i = 0; i < n && share > 0; i++) column[i] += share * from[i];
        }
    }
}

static void put_back(int levels, const double *chain, double *p)
{
    size_t size = (size_t)levels;
    double sum = p[0] = 1;
    for (size_t n = 1; n < size; n++) {
        p[n] = 0;
        for (size_t j = 0; j < n; j++) p[n] += p[j] * chain[j * size + n];
        sum += p[n];
        if (sum < 1e200) continue;
        for (size_t j = 0; j <= n; j++) p[j] /= sum;
        sum = 1;
    }
    for (size_t n = 0; n < size; n++) p[n] /= sum;
}

void umi_stationary_eliminate(const umi_sparse *matrix, int levels, double *chain, double *p)
{
    fill_chain(matrix, levels, chain);
    take_out(levels, chain);
    put_back(levels, chain, p);
}

static um_status solve(um_context *ctx, const um_model *model, size_t stage, int levels, double *p)
{
    umi_layout layout = {levels, 1, 1, false};
    umi_generator generator;
    double *chain = UMI_NEW_ARRAY(ctx, double, (size_t)levels * (size_t)levels);
    if (!chain) return UM_ERROR_MEMORY;
    um_status status = umi_generator_create(ctx, model, stage, &layout, &generator);
    if (status == UM_OK) {
        umi_stationary_eliminate(&generator.matrix, levels, chain, p);
        umi_generator_free(ctx, &generator);
    }
    umi_free(ctx, chain);
    return status;
}

/* Without coherence the spectrum is the populations. */
static void fill_numbers(const um_battery *battery, um_stationary *it, double *sorted)
{
    it->energy = it->ergotropy = it->purity = 0;
    for (int n = 0; n < it->levels; n++) {
        int at = n;
        for (; at > 0 && sorted[at - 1] < it->populations[n]; at--) sorted[at] = sorted[at - 1];
        sorted[at] = it->populations[n];
    }
    for (int n = 0; n < it->levels; n++) {
        double energy = um_battery_get_energy(battery, n);
        it->energy += energy * it->populations[n];
        it->ergotropy += energy * (it->populations[n] - sorted[n]);
        it->purity += it->populations[n] * it->populations[n];
    }
}

static um_status find(um_context *ctx, const um_model *model, size_t stage, um_stationary *it)
{
    const um_spec *spec = um_model_get_spec(model);
    const um_battery *battery = &spec->battery;
    bool wall = battery->kind != UM_BATTERY_CAVITY && battery->levels != UM_LEVELS_AUTO;
    for (int levels = choose_levels(spec, stage); levels > 0 && levels <= LEVELS_MAX; levels *= 2) {
        double *memory = UMI_NEW_ARRAY(ctx, double, 2 * (size_t)levels);
        um_status status = memory ? solve(ctx, model, stage, levels, memory) : UM_ERROR_MEMORY;
        /* Rates so small that they vanish leave no number. */
        bool known = status == UM_OK && isfinite(memory[0]);
        if (known && (wall || memory[levels - 1] < NOTHING)) {
            it->levels = levels;
            it->populations = memory;
            fill_numbers(battery, it, memory + levels);
            return UM_OK;
        }
        umi_free(ctx, memory);
        if (!known) return status;
    }
    return UM_OK;
}

um_status um_stationary_solve(um_context *ctx, const um_model *model, size_t stage,
                              um_stationary *stationary)
{
    *stationary = (um_stationary){.energy = NAN, .ergotropy = NAN, .purity = NAN};
    const um_spec *spec = um_model_get_spec(model);
    if (stage >= spec->stages_count)
        return umi_fail(ctx, UM_ERROR_ARG, "the stationary state of stage %zu of %zu", stage,
                        spec->stages_count);
    return has_one(model, stage) ? find(ctx, model, stage, stationary) : UM_OK;
}

void um_stationary_clear(um_context *ctx, um_stationary *stationary)
{
    umi_free(ctx, stationary->populations);
    *stationary = (um_stationary){.energy = NAN, .ergotropy = NAN, .purity = NAN};
}
