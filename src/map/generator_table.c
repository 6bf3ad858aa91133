#include "map/generator_table.h"

#include <math.h>

#include "linalg/sparse_build.h"
#include "map/average.h"
#include "map/ensemble.h"
#include "map/joint.h"
#include "map/table.h"

/* What a column of a table lacks beyond this has left the space. */
static const double ROUNDING = 1e-14;

typedef struct source {
    um_context *ctx;
    const umi_layout *layout;
    const umi_table *table;
    umi_quad_mean_blocks *quad; /* in place of the table's coefficients; NULL: there is none */
    umi_quad_mean_turn term[UMI_TERMS];
    umi_quad_mean_products ground; /* of the element before */
    int first[3], last[3]; /* shifts of the changes -1, 0, 1 */
} source;

bool umi_collision_is_table(const umi_collision *it)
{
    return it->interaction.counter_rotating == 0 &&
           (umi_interaction_is_spread(&it->imperfections) || umi_joint_acts(it));
}

bool umi_collision_is_summed(const umi_collision *it)
{
    bool resonant = it->even && it->atoms.detuning == 0 && it->imperfections.detuning_spread == 0;
    bool constant = it->interaction.pulse == UM_PULSE_CONSTANT;
    if (umi_joint_acts(it)) return constant && !umi_spread_reverses(&it->imperfections);
    return constant || resonant;
}

static umi_wide get_mean(const source *s, int k, int change, int shift, int plane)
{
    for (int t = 0; t < UMI_TERMS; t++) {
        if (umi_term_places[t].change != change || umi_term_places[t].shift != shift) continue;
        umi_quad_mean_turn value = s->term[t];
        int copies = k == 0 && change == 1 ? 2 : 1; /* the mirror image */
        return umi_wide_from_quad(copies * (plane ? value.im : value.re));
    }
    return umi_wide_set(0);
}

/* Coefficient of the difference from doing nothing. */
static umi_wide get(const source *s, int k, int n, int change, int shift, int plane)
{
    if (s->quad) return get_mean(s, k, change, shift, plane);
    const double *row = umi_table_find(s->table, k, change, shift, plane);
    double one = change == 0 && shift == 0 && plane == 0;
    return row ? umi_wide_set(row[n] - one) : umi_wide_set(-one);
}

static bool holds(const umi_layout *layout, int plane, int order)
{
    if (order < 0 || order >= layout->orders) return false;
    if (layout->skew) return plane == 1 && order > 0;
    return plane == 0 || (layout->planes == 2 && order > 0);
}

/* What row (plane, k, n) takes from one plane of one order. */
static um_status put_part(const source *s, int plane, int k, int n, int change, int from,
                          umi_sparse_writer *writer)
{
    int order = k + change;
    if (!holds(s->layout, from, order) || (k == 0 && change < 0)) return UM_OK;
    int i = change + 1, end = s->layout->levels - order;
    for (int shift = s->first[i]; shift <= s->last[i]; shift++) {
        if (n + shift < 0 || n + shift >= end) continue;
        umi_wide value = get(s, k, n, change, shift, plane != from);
        if (plane == 0 && from == 1) value = umi_wide_negate(value);
        UMI_TRY(umi_sparse_put(writer, umi_layout_index(s->layout, from, order, n + shift), value));
    }
    return UM_OK;
}

static um_status put_row(source *s, int plane, int k, int n, umi_sparse_writer *writer)
{
    for (int change = -1; change <= 1; change++)
        for (int from = 0; from < 2; from++)
            UMI_TRY(put_part(s, plane, k, n, change, from, writer));
    umi_sparse_end_row(writer);
    return UM_OK;
}

static um_status fill_matrix(source *s, int orders, umi_sparse *matrix)
{
    umi_layout image = *s->layout;
    image.orders = orders;
    umi_sparse_writer writer;
    UMI_TRY(umi_sparse_write(s->ctx, umi_layout_size(&image), umi_layout_size(s->layout), matrix,
                             &writer));
    int first = image.skew ? 1 : 0, last = image.skew ? 1 : image.planes - 1;
    for (int k = first; k < orders; k++)
        for (int plane = first; plane <= (k == 0 ? 0 : last); plane++)
            for (int n = 0; n < image.levels - k; n++) {
                if (s->quad) umi_quad_mean_get_terms(s->quad, n, k, &s->ground, s->term);
                UMI_TRY(put_row(s, plane, k, n, &writer));
            }
    return umi_sparse_reserve(&writer);
}

/* What leaves through the top stays where it is: populations of a state that has lost its coherence,
 * so that it is a state still. */
static um_status close_top(um_context *ctx, umi_generator *generator)
{
    const umi_layout *layout = &generator->layout;
    umi_sparse *matrix = &generator->matrix;
    if (layout->skew) return UM_OK;
    umi_wide_vector leaving = generator->rate[UMI_RATE_LEAVING];
    for (int n = 0; n < layout->levels; n++) leaving.hi[n] = 0;
    for (int n = 0; n < layout->levels; n++)
        for (int64_t e = matrix->start[n]; e < matrix->start[n + 1]; e++)
            if (matrix->column[e] < layout->levels) leaving.hi[matrix->column[e]] -= matrix->hi[e];
    /* From the lower half nothing gets there: what it seems to lose is rounding. */
    double rounding = ROUNDING;
    for (int n = 0; n < layout->levels / 2; n++) rounding = fmax(rounding, 8 * fabs(leaving.hi[n]));
    for (int n = 0; n < layout->levels; n++)
        if (leaving.hi[n] < rounding || n < layout->levels / 2) leaving.hi[n] = 0;
    return umi_sparse_mend(ctx, (size_t)layout->levels, INFINITY, matrix);
}

/* Readouts are sums of Re(weight r). */
static void fill_rate(umi_table *table, umi_table_readout readout, double factor,
                      const umi_layout *layout, umi_wide_vector rate)
{
    for (int k = 0; k < umi_min(UMI_TABLE_READ_ORDERS, layout->orders); k++)
        for (int plane = 0; plane < 2; plane++) {
            if (!holds(layout, plane, k)) continue;
            const double *weight = umi_table_weights(table, readout, k, plane);
            for (int n = 0; n < layout->levels - k; n++)
                rate.hi[umi_layout_index(layout, plane, k, n)] +=
                    (plane ? -factor : factor) * weight[n];
        }
}

/* Orders of the image: the window's, and the one into which it leaks. */
static int image_orders(const umi_collision *it, const umi_layout *layout)
{
    return layout->orders + (umi_atoms_ge(&it->atoms) != 0 && layout->orders < layout->levels);
}

static um_status fill(source *s, const umi_collision *it, umi_table *table, umi_generator *generator)
{
    const umi_layout *layout = &generator->layout;
    static const int changes = 3;
    for (int i = 0; i < changes; i++) {
        umi_table_get_band(table, i - 1, &s->first[i], &s->last[i]);
        if (i != 1) continue;
        s->first[i] = umi_min(s->first[i], 0);
        s->last[i] = umi_max(s->last[i], 0);
    }
    UMI_TRY(fill_matrix(s, image_orders(it, layout), &generator->matrix));
    UMI_TRY(close_top(s->ctx, generator));
    fill_rate(table, UMI_TABLE_CHANGE, 1, layout, generator->rate[UMI_RATE_CHANGE]);
    fill_rate(table, UMI_TABLE_START, 1, layout, generator->rate[UMI_RATE_SWITCHING]);
    fill_rate(table, UMI_TABLE_END, -1, layout, generator->rate[UMI_RATE_SWITCHING]);
    fill_rate(table, UMI_TABLE_HEAT, 1, layout, generator->rate[UMI_RATE_HEAT]);
    double edge = generator->edge = umi_table_top(table)[layout->levels - 1] / 2;
    /* At most what would climb: edge^2 >= (1-q)^2 times the mean of sin^2. */
    if (umi_atoms_ge(&it->atoms) == 0 && it->atoms.q < 1 && !umi_joint_acts(it) && !layout->skew)
        generator->rate[UMI_RATE_LEAVING].hi[layout->levels - 1] += edge * edge / (1 - it->atoms.q);
    return UM_OK;
}

/* In quad where there is a closed form to all digits. */
static um_status fill_means(source *s, const umi_collision *it, umi_table *table,
                            umi_generator *generator)
{
    const um_imperfections *imperfections = &it->imperfections;
    bool closed = !umi_joint_acts(it) && imperfections->detuning_spread == 0 &&
                  imperfections->theta_law == UM_SPREAD_GAUSSIAN;
    if (!closed) return fill(s, it, table, generator);
    umi_spread spread;
    umi_quad_mean_blocks quad;
    UMI_TRY(umi_spread_create(s->ctx, imperfections, umi_collision_largest_angle(it), &spread));
    um_status status = umi_quad_mean_create(s->ctx, it, &spread, &quad);
    if (status == UM_OK) {
        s->quad = &quad;
        status = fill(s, it, table, generator);
        umi_quad_mean_free(&quad);
    }
    umi_spread_free(&spread);
    return status;
}

um_status umi_generator_tabulate(um_context *ctx, const umi_collision *it, umi_generator *generator)
{
    umi_table *table = NULL;
    umi_table_maker *make = !umi_interaction_is_spread(&it->imperfections) ? umi_joint_tabulate
                            : umi_joint_acts(it)                           ? umi_average_joint_tabulate
                                                                           : umi_average_tabulate;
    um_status status = make(ctx, it, image_orders(it, &generator->layout), &table);
    source s = {.ctx = ctx, .layout = &generator->layout, .table = table};
    if (status == UM_OK) status = fill_means(&s, it, table, generator);
    umi_table_free(table);
    return status;
}
