/* The averaged collision as a table: coefficients, outgoing atom, coupling, truncation; means over
 * detunings that scatter are sums over a few of them. */
#include <complex.h>
#include <math.h>

#include "map/average.h"
#include "map/ensemble.h"
#include "map/stencil.h"
#include "map/table.h"

typedef struct filling {
    umi_table *table;
    const umi_mean_blocks *average;
    double weight;
    um_status status;
} filling;

static double complex rounded(umi_mean_turn a) { return (double)a.re + I * (double)a.im; }

static void add_terms(filling *f, int k, int n, const umi_mean_turn term[UMI_TERMS])
{
    for (int t = 0; t < UMI_TERMS && f->status == UM_OK; t++) {
        double re = f->weight * (double)term[t].re, im = f->weight * (double)term[t].im;
        if (re == 0 && im == 0) continue;
        f->status = umi_table_add(f->table, k, umi_term_places[t].change, umi_term_places[t].shift, n, re, im);
    }
}

static void fill_coefficients(filling *f)
{
    const umi_mean_blocks *a = f->average;
    umi_mean_turn term[UMI_TERMS];
    umi_mean_products ground;
    for (int k = 0; k < umi_table_get_orders(f->table); k++)
        for (int n = 0; n + k < a->levels; n++) {
            umi_mean_get_terms(a, n, k, &ground, term);
            add_terms(f, k, n, term);
        }
}

/* Re(weight r) into one readout, Im(weight r) into another. */
static void weigh(filling *f, umi_table_readout readout, int order, int n, double complex weight)
{
    umi_table_weights(f->table, readout, order, 0)[n] += f->weight * creal(weight);
    umi_table_weights(f->table, readout, order, 1)[n] += f->weight * cimag(weight);
}

static void weigh_both(filling *f, int order, int n, double complex weight)
{
    weigh(f, UMI_TABLE_COHERENCE_RE, order, n, weight);
    weigh(f, UMI_TABLE_COHERENCE_IM, order, n, -I * weight);
}

/* `factor` times the change of the atom's excited population. */
static void weigh_change(filling *f, umi_table_readout readout, int n, double factor)
{
    const umi_mean_blocks *a = f->average;
    umi_mean_products here = umi_mean_get_products(a, n, n, -1);
    umi_mean_products next = umi_mean_get_products(a, n + 1, n + 1, -1);
    weigh(f, readout, 0, n, factor * (double)(a->gg * here.pp.re - a->ee * next.pp.re));
    weigh(f, readout, 1, n, -2 * factor * (double)a->ge * rounded(next.ep));
}

/* As in stencil_readout.c, of products. */
static void fill_atom(filling *f)
{
    const umi_mean_blocks *a = f->average;
    double gg = (double)a->gg, ee = (double)a->ee, ge = (double)a->ge;
    for (int n = 0; n < a->levels; n++) {
        umi_mean_products step = umi_mean_get_products(a, n, n + 1, -1);
        weigh_change(f, UMI_TABLE_CHANGE, n, 1);
        weigh_both(f, 0, n, ge * rounded(step.ge));
        if (n + 1 == a->levels) break;
        umi_mean_products after = umi_mean_get_products(a, n + 1, n + 2, -1);
        weigh_both(f, 1, n, -gg * rounded(step.gp) + ee * rounded(after.pe));
        weigh_both(f, 2, n, -ge * rounded(after.pp));
    }
}

static void fill_coupling(filling *f, const umi_collision *it)
{
    double stray = it->stray / it->battery->frequency;
    const umi_mean_blocks *a = f->average;
    double gg = (double)a->gg, ee = (double)a->ee, ge = (double)a->ge;
    /* A pulse is averaged here on resonance alone, where switching takes no work. */
    if (!isfinite(it->interaction.g) || it->interaction.pulse != UM_PULSE_CONSTANT) return;
    for (int n = 0; n + 1 < a->levels; n++) {
        double d = 2 * it->interaction.g / it->battery->frequency * um_battery_get_lowering(it->battery, n + 1);
        umi_mean_products next = umi_mean_get_products(a, n + 1, n + 1, -1);
        weigh(f, UMI_TABLE_START, 1, n, -I * (-d * ge));
        weigh(f, UMI_TABLE_END, 1, n, -I * (d * ge * -(rounded(next.pp) + rounded(next.eg))));
        weigh(f, UMI_TABLE_END, 0, n, cimag(d * ee * rounded(next.pe)));
        weigh(f, UMI_TABLE_END, 0, n + 1, -cimag(d * gg * rounded(next.gp)));
    }
    for (int n = 0; n < a->levels && stray != 0; n++) weigh_change(f, UMI_TABLE_END, n, stray);
}

static um_status add_average(um_context *ctx, umi_table *table, const umi_collision *it,
                             const umi_spread *spread, double weight)
{
    umi_mean_blocks average;
    UMI_TRY(umi_mean_create(ctx, it, spread, &average));
    filling f = {table, &average, weight, UM_OK};
    fill_coefficients(&f);
    if (f.status == UM_OK) {
        fill_atom(&f);
        fill_coupling(&f, it);
        umi_table_top(table)[it->levels - 1] += weight * 2 * average.edge;
    }
    umi_mean_free(&average);
    return f.status;
}

/* A few products that turn fastest, summed over the detunings. */
enum { PROBES = 6 };

static um_status sum_probes(um_context *ctx, const umi_collision *it, const umi_spread *spread, int count,
                            double complex probe[PROBES])
{
    int top = it->levels - 1, half = it->levels / 2;
    for (int j = 0; j < PROBES; j++) probe[j] = 0;
    for (int i = 0; i < count; i++) {
        umi_collision one = *it;
        double weight = umi_collision_detune(&one, i, count);
        umi_mean_blocks average;
        UMI_TRY(umi_mean_create(ctx, &one, spread, &average));
        for (int j = 0; j < PROBES; j++) {
            static const bool first[PROBES] = {true, true, true, false, false, false};
            int b = j % 3 == 0 ? 0 : j % 3 == 1 ? half : top, c = j < 3 ? top : half;
            umi_mean_products p = umi_mean_get_products(&average, b, c, 1);
            probe[j] += weight * (rounded(p.gg) + rounded(p.gp) + (first[j] ? 1 : -1) * rounded(p.pg));
        }
        umi_mean_free(&average);
    }
    return UM_OK;
}

/* How many detunings make the means right to 1e-13. The first guess is the right one, unless times are far
 * longer than the spread says. */
static um_status count_detunings(um_context *ctx, const umi_collision *it, const umi_spread *spread,
                                 int *count)
{
    double guess = umi_collision_count_detunings(it, 1 + 8.5 * it->imperfections.theta_spread);
    *count = 1;
    if (guess == 1) return UM_OK;
    enum { COUNT_MAX = 1 << 14 };
    double complex old[PROBES], probe[PROBES];
    for (*count = (int)fmin(guess, COUNT_MAX / 2 + 1); *count <= COUNT_MAX; *count *= 2) {
        double change = 0;
        UMI_TRY(sum_probes(ctx, it, spread, *count, old));
        UMI_TRY(sum_probes(ctx, it, spread, 2 * *count, probe));
        for (int j = 0; j < PROBES; j++) change = fmax(change, cabs(probe[j] - old[j]));
        if (change < 1e-13) return UM_OK;
    }
    return umi_fail_key(ctx, UM_ERROR_NOCONV, "imperfections.detuning_spread",
                        "the mean over detunings that scatter by %g during %g does not converge; "
                        "reduce the spread or use draw: random",
                        it->imperfections.detuning_spread, it->interaction.tau);
}

static um_status fill_table(um_context *ctx, umi_table *table, const umi_collision *it, const umi_spread *spread)
{
    int count;
    UMI_TRY(count_detunings(ctx, it, spread, &count));
    for (int i = 0; i < count; i++) {
        umi_collision one = *it;
        double weight = umi_collision_detune(&one, i, count);
        UMI_TRY(add_average(ctx, table, &one, spread, weight));
    }
    /* Until here it is the difference from doing nothing. */
    for (int k = 0; k < umi_table_get_orders(table); k++)
        for (int n = 0; n < it->levels - k; n++) UMI_TRY(umi_table_add(table, k, 0, 0, n, 1, 0));
    return UM_OK;
}

static bool is_resonant(const umi_collision *it)
{
    return it->even && it->atoms.detuning == 0 && it->imperfections.detuning_spread == 0;
}

um_status umi_average_tabulate(um_context *ctx, const umi_collision *it, int orders, umi_table **table)
{
    umi_spread spread;
    *table = NULL;
    UMI_TRY(umi_spread_create(ctx, &it->imperfections, umi_collision_largest_angle(it), &spread));
    um_status status = umi_table_create(ctx, it->levels, orders, !is_resonant(it), table);
    if (status == UM_OK) status = fill_table(ctx, *table, it, &spread);
    umi_spread_free(&spread);
    return status;
}

static um_status create_table(um_context *ctx, const umi_collision *it, um_map **map)
{
    umi_table_look look = {.method = is_resonant(it) ? "averaged-resonant" : "averaged-detuned",
                           .phase = umi_stencil_phase(it->atoms.phase),
                           .excited = 1 - it->atoms.q,
                           .present = 1,
                           .reach = 1};
    return umi_table_map_create(ctx, it, umi_average_tabulate, &look, map);
}

um_status umi_map_create_average(um_context *ctx, const umi_collision *it, umi_map_maker *make, um_map **map)
{
    *map = NULL;
    bool tones = it->interaction.counter_rotating == 0 &&
                 (it->interaction.pulse == UM_PULSE_CONSTANT || is_resonant(it));
    return tones ? create_table(ctx, it, map) : umi_map_create_mixture(ctx, it, make, map);
}
