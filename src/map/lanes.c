/* A batch: its memory, a collision of all lanes, what is read off them. */
#include "map/lanes_inside.h"

#include <math.h>

/* Levels before and after the space that kernels may read: of a matrix and of a table. */
enum { MARGIN = 4 };

um_status umi_lanes_create(um_context *ctx, int levels, umi_lanes **lanes)
{
    *lanes = NULL;
    if (levels < 1 || levels > UMI_LANES_LEVELS_MAX)
        return umi_fail(ctx, UM_ERROR_ARG, "a batch in %d levels: 1..%d", levels,
                        UMI_LANES_LEVELS_MAX);
    umi_lanes *made = UMI_NEW(ctx, umi_lanes);
    if (!made) return UM_ERROR_MEMORY;
    made->ctx = ctx;
    made->kernels = umi_lanes_kernels_choose();
    made->levels = levels;
    made->width = made->kernels->width;
    made->groups = UMI_LANES / made->width;
    /* An odd number of elements: rows a power of two apart would share their places in the cache. */
    size_t rows = (size_t)levels + 2 * MARGIN, columns = rows | 1, width = (size_t)made->width;
    made->stride = (ptrdiff_t)(columns * width);
    made->group_size = rows * columns * width;
    made->table_size = rows * width;
    size_t groups = (size_t)made->groups;
    made->memory = UMI_NEW_ARRAY(ctx, double, 2 * groups * made->group_size);
    made->tables = UMI_NEW_ARRAY(ctx, double, (UMI_FACTORS + 3) * groups * made->table_size);
    if (!made->memory || !made->tables) {
        umi_lanes_destroy(made);
        return UM_ERROR_MEMORY;
    }
    for (int b = 0; b < 2; b++)
        made->buffer[b] = made->memory + (size_t)b * groups * made->group_size +
                          MARGIN * made->stride + MARGIN * made->width;
    made->energies = made->tables + MARGIN * made->width;
    for (int k = 0; k < 2; k++)
        made->change[k] = made->energies + (size_t)(k + 1) * groups * made->table_size;
    made->factors = made->tables + 3 * groups * made->table_size + MARGIN * UMI_FACTORS * made->width;
    *lanes = made;
    return UM_OK;
}

void umi_lanes_destroy(umi_lanes *lanes)
{
    if (!lanes) return;
    for (int l = 0; l < UMI_LANES; l++) umi_lane_unload(lanes, l);
    umi_free(lanes->ctx, lanes->memory);
    umi_free(lanes->ctx, lanes->tables);
    umi_free(lanes->ctx, lanes);
}

const char *umi_lanes_get_kernel(const umi_lanes *lanes) { return lanes->kernels->name; }

/* As far as a window reaches after one more collision. */
static umi_lanes_window grown(const umi_lane *lane)
{
    umi_lanes_window w = lane->window;
    if (w.last == w.first) return w;
    w.first = umi_max(w.first - 1, 0);
    w.last = umi_min(w.last + 1, lane->levels);
    w.orders = umi_min(w.orders + (lane->mixes_orders ? 1 : 0), w.last - w.first);
    return w;
}

/* Norms of the rows of level `top`, of all lanes of a group. */
static void measure_top(const umi_lanes *lanes, int group, int top, double *norms)
{
    umi_lanes_window w = lanes->stored[lanes->now];
    umi_lanes_numbers squares;
    lanes->kernels->square(umi_lanes_element(lanes, lanes->now, group, top, top), -lanes->stride,
                           umi_min(w.orders, top + 1 - w.first), squares);
    for (int l = 0; l < lanes->width; l++) norms[l] = sqrt(squares[l]);
}

/* |(U - U_N) rho U'| + |U_N rho (U - U_N)'| <= 2 edge |<N-1,e| rho x rho_q|, in trace norm. */
static void add_truncation(umi_lanes *lanes)
{
    double norms[UMI_LANES];
    for (int l = 0, measured = -1; l < UMI_LANES; l++) {
        umi_lane *lane = &lanes->lane[l];
        int group = l / lanes->width, place = l % lanes->width, top = lane->levels - 1;
        if (place == 0) measured = -1;
        if (lane->edge == 0 || lane->window.last < lane->levels) continue;
        if (measured != top) measure_top(lanes, group, top, norms);
        measured = top;
        umi_sum_add(&lane->error, 2 * lane->edge * norms[place]);
    }
}

void umi_lanes_apply(umi_lanes *lanes)
{
    add_truncation(lanes);
    for (int l = 0; l < UMI_LANES; l++) {
        umi_lane *lane = &lanes->lane[l];
        lane->before = lane->window;
        lane->window = grown(lane);
    }
    umi_lanes_window to = umi_lanes_union(lanes);
    int from = lanes->now, other = 1 - from;
    umi_lanes_clear_outside(lanes, other, to);
    size_t factors = (size_t)umi_lanes_factors_count(lanes) * lanes->table_size;
    umi_lanes_window swept = to;
    /* The kernel leaves out what comes from beyond its last order: nothing, where orders grow. */
    for (int l = 0; l < UMI_LANES; l++)
        if (lanes->lane[l].loaded && !lanes->lane[l].mixes_orders) swept.orders = to.orders + 1;
    for (int g = 0; g < lanes->groups; g++)
        (lanes->kind == UMI_LANES_COHERENT ? lanes->kernels->pure : lanes->kernels->general)(
            lanes->factors + (size_t)g * factors, umi_lanes_element(lanes, from, g, 0, 0),
            umi_lanes_element(lanes, other, g, 0, 0), lanes->stride, swept);
    lanes->stored[other] = to;
    lanes->now = other;
}

/* Sum over n of weight_n r_{n,n+k}; adds to what is there. */
static void weigh_order(const umi_lanes *lanes, int k, const double *weights, double *sum)
{
    umi_lanes_window w = lanes->stored[lanes->now];
    int first = w.first & ~3; /* the four partial sums go by the level's number */
    for (int g = 0; g < lanes->groups && k < w.orders; g++) {
        umi_lanes_numbers part;
        lanes->kernels->weigh(umi_lanes_element(lanes, lanes->now, g, first, first + k),
                              lanes->stride + lanes->width, w.last - k - first,
                              weights + (size_t)g * lanes->table_size + first * lanes->width, part);
        for (int l = 0; l < lanes->width; l++) sum[g * lanes->width + l] += part[l];
    }
}

void umi_lanes_energy(const umi_lanes *lanes, double energy[UMI_LANES])
{
    for (int l = 0; l < UMI_LANES; l++) energy[l] = 0;
    weigh_order(lanes, 0, lanes->energies, energy);
}

void umi_lanes_change(const umi_lanes *lanes, double change[UMI_LANES])
{
    for (int l = 0; l < UMI_LANES; l++) change[l] = 0;
    for (int k = 0; k < 2; k++) weigh_order(lanes, k, lanes->change[k], change);
}

void umi_lanes_trace(const umi_lanes *lanes, double trace[UMI_LANES])
{
    for (int l = 0; l < UMI_LANES; l++) {
        umi_lanes_window w = lanes->lane[l].window;
        umi_sum sum = {0};
        for (int n = w.first; n < w.last; n++)
            umi_sum_add(&sum, *umi_lane_element(lanes, lanes->now, l, n, n));
        trace[l] = umi_sum_get(&sum);
    }
}

void umi_lanes_purity(const umi_lanes *lanes, double purity[UMI_LANES])
{
    umi_lanes_window w = lanes->stored[lanes->now];
    for (int l = 0; l < UMI_LANES; l++) purity[l] = 0;
    for (int g = 0; g < lanes->groups; g++)
        for (int n = w.first; n < w.last; n++) {
            umi_lanes_numbers largest, moduli, squares;
            const double *row = umi_lanes_element(lanes, lanes->now, g, n, n);
            lanes->kernels->measure(row, lanes->width, umi_min(w.orders, w.last - n), largest,
                                    moduli, squares);
            for (int l = 0; l < lanes->width; l++)
                purity[g * lanes->width + l] += 2 * squares[l] - row[l] * row[l];
        }
}

double umi_lanes_population_above(const umi_lanes *lanes, int lane, int level)
{
    double sum = 0;
    for (int n = lanes->lane[lane].window.last - 1; n >= level; n--)
        sum += *umi_lane_element(lanes, lanes->now, lane, n, n);
    return sum;
}

void umi_lanes_truncation(const umi_lanes *lanes, double bound[UMI_LANES])
{
    for (int l = 0; l < UMI_LANES; l++) bound[l] = umi_sum_get(&lanes->lane[l].error);
}

/* As the single map's: populations once more from unrounded coefficients. */
static void refine_lane(umi_lanes *lanes, int l, int count)
{
    const umi_lane *lane = &lanes->lane[l];
    const long double *cosine = lane->blocks.cosine, *sine = lane->blocks.sine;
    long double gg = lane->atoms.q, ee = 1 - gg, ge = lane->atoms.c * sqrtl(gg * ee);
    int before = 1 - lanes->now;
    for (int n = lane->before.first; n < lane->before.last; n++) {
        long double c = cosine[n], s = sine[n], c_next = cosine[n + 1], s_next = sine[n + 1];
        const double *here = umi_lane_element(lanes, before, l, n, n);
        double left = here[-lanes->stride], right = here[lanes->width];
        long double exact = (gg * c * c + ee * c_next * c_next) * here[0] + 2 * ge * s * c * left -
                            2 * ge * s_next * c_next * right;
        if (s != 0) exact += ee * s * s * here[-lanes->stride - lanes->width];
        if (s_next != 0) exact += gg * s_next * s_next * here[lanes->stride + lanes->width];
        double *image = umi_lane_element(lanes, lanes->now, l, n, n);
        *image += (double)(count * (exact - *image));
    }
}

void umi_lanes_refine(umi_lanes *lanes, int count)
{
    for (int l = 0; l < UMI_LANES; l++)
        if (lanes->lane[l].loaded) refine_lane(lanes, l, count);
}
