/* The active window: what falls below a tolerance at its rim is dropped, and counted; it grows with what is added. */
#include "state/state.h"

#include <math.h>

static double modulus(const um_state *state, int k, int n)
{
    double x = umi_state_row(state, 0, k)[n];
    return state->planes == 1 ? fabs(x) : hypot(x, umi_state_row(state, 1, k)[n]);
}

/* Elements with one index = level (the window's first or last level), in every order. */
static int rim_index(const um_state *state, bool top, int k)
{
    return top ? state->last - 1 - k : state->first;
}

static bool rim_is_below(const um_state *state, bool top, double tolerance)
{
    for (int k = 0; k < state->orders; k++)
        if (!(modulus(state, k, rim_index(state, top, k)) < tolerance)) return false;
    return true;
}

static double drop_rim(um_state *state, bool top)
{
    double sum = 0;
    for (int k = 0; k < state->orders; k++) {
        int n = rim_index(state, top, k);
        sum += (k ? 2 : 1) * modulus(state, k, n);
        for (int p = 0; p < state->planes; p++) umi_state_row(state, p, k)[n] = 0;
    }
    if (top)
        state->last--;
    else
        state->first++;
    state->orders = umi_min(state->orders, state->last - state->first);
    return sum;
}

static bool order_is_below(const um_state *state, double tolerance)
{
    int k = state->orders - 1;
    for (int n = state->first; n < state->last - k; n++)
        if (!(modulus(state, k, n) < tolerance)) return false;
    return true;
}

static double drop_order(um_state *state)
{
    int k = state->orders - 1;
    double sum = 0;
    for (int n = state->first; n < state->last - k; n++) sum += modulus(state, k, n);
    state->orders--;
    return (k ? 2 : 1) * sum;
}

double um_state_trim(um_state *state, double tolerance)
{
    double dropped = 0;
    while (state->last > state->first && rim_is_below(state, true, tolerance))
        dropped += drop_rim(state, true);
    while (state->last > state->first && rim_is_below(state, false, tolerance))
        dropped += drop_rim(state, false);
    while (state->orders > 1 && order_is_below(state, tolerance)) dropped += drop_order(state);
    if (state->last == state->first) state->first = state->last = state->orders = 0;
    return dropped;
}

/* `sum` made to hold the window of `image`, with zeros where it is new. */
static um_status cover(um_state *sum, const um_state *image)
{
    bool empty = sum->last == sum->first;
    int first = empty ? image->first : umi_min(sum->first, image->first);
    int last = umi_max(sum->last, image->last), orders = umi_max(sum->orders, image->orders);
    int planes = umi_max(sum->planes, image->planes);
    UMI_TRY(umi_state_reserve(sum, last, orders, planes));
    for (int p = 0; p < planes; p++)
        for (int k = 0; k < orders; k++) {
            double *row = umi_state_row(sum, p, k);
            bool is_new = empty || p >= sum->planes || k >= sum->orders;
            int from = is_new ? last - k : sum->first, to = is_new ? last - k : sum->last - k;
            for (int n = first; n < from; n++) row[n] = 0;
            for (int n = to; n < last - k; n++) row[n] = 0;
        }
    sum->first = first;
    sum->last = last;
    sum->orders = orders;
    sum->planes = planes;
    return UM_OK;
}

um_status umi_state_add(um_state *sum, double weight, const um_state *image)
{
    if (image->last == image->first) return UM_OK;
    UMI_TRY(cover(sum, image));
    for (int p = 0; p < image->planes; p++)
        for (int k = 0; k < image->orders; k++) {
            double *to = umi_state_row(sum, p, k);
            const double *from = umi_state_row(image, p, k);
            for (int n = image->first; n < image->last - k; n++) to[n] += weight * from[n];
        }
    return UM_OK;
}

um_status um_state_set_levels(um_state *state, int levels)
{
    if (levels < 1 || levels > UM_LEVELS_MAX || levels < state->last)
        return umi_fail(state->ctx, UM_ERROR_ARG, "a state with level %d occupied in %d levels",
                        state->last - 1, levels);
    state->levels = levels;
    return UM_OK;
}
