/* Where the elements of a window stand in a vector, and the way from a state and back. */
#include <math.h>

#include "map/generator.h"

/* Where order k begins; for k = orders: the size. */
static size_t begin_order(const umi_layout *layout, int k)
{
    if (k == 0) return 0;
    size_t levels = (size_t)layout->levels, before = (size_t)(k - 1);
    size_t above_diagonal = before * levels - before * (before + 1) / 2;
    return layout->skew ? above_diagonal : levels + (size_t)layout->planes * above_diagonal;
}

size_t umi_layout_size(const umi_layout *layout) { return begin_order(layout, layout->orders); }

size_t umi_layout_index(const umi_layout *layout, int plane, int k, int n)
{
    size_t row = layout->skew ? 0 : (size_t)plane * (size_t)(layout->levels - k);
    return begin_order(layout, k) + row + (size_t)n;
}

/* The layout's vector of a plane's order, NULL if it has none. */
static double *find_row(const umi_layout *layout, int plane, int k, double *x)
{
    bool held = k < layout->orders && (layout->skew ? plane == 1 && k > 0
                                                    : plane == 0 || (layout->planes == 2 && k > 0));
    return held ? x + umi_layout_index(layout, plane, k, 0) : NULL;
}

double umi_layout_from_state(const umi_layout *layout, const um_state *state, umi_wide_vector x)
{
    umi_wide_vector_clear(x);
    double left_out = 0;
    for (int plane = layout->skew; plane < state->planes; plane++)
        for (int k = 0; k < state->orders; k++) {
            double *to = find_row(layout, plane, k, x.hi);
            const double *from = umi_state_row(state, plane, k);
            for (int n = state->first; n < state->last - k; n++)
                if (to && n + k < layout->levels)
                    to[n] = from[n];
                else
                    left_out += (k > 0 ? 2 : 1) * fabs(from[n]);
        }
    return left_out;
}

um_status umi_layout_to_state(const umi_layout *layout, const double *x, um_state *state)
{
    int planes = layout->skew ? 2 : layout->planes;
    UMI_TRY(umi_state_resize(state, layout->levels, 0, layout->levels, layout->orders, planes));
    for (int plane = 0; plane < planes; plane++)
        for (int k = 0; k < layout->orders; k++) {
            const double *from = find_row(layout, plane, k, (double *)x);
            double *to = umi_state_row(state, plane, k);
            for (int n = 0; n < layout->levels - k; n++) to[n] = from ? from[n] : 0;
        }
    umi_state_seal(state);
    return UM_OK;
}
