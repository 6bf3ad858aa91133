/* Life and storage of a state; elements in and out. */
#include "state/state.h"

#include <math.h>
#include <string.h>

um_status um_state_create(um_context *ctx, int levels, int planes, int quarter, double phase,
                          um_state **state)
{
    if (!ctx || !state) return UM_ERROR_ARG;
    *state = NULL;
    if (levels < 1 || levels > UM_LEVELS_MAX || planes < 1 || planes > 2 || quarter < 0 ||
        quarter > 3 || !isfinite(phase))
        return umi_fail(ctx, UM_ERROR_ARG, "state: %d levels, %d planes, gauge (%d, %g)", levels,
                        planes, quarter, phase);
    um_state *made = UMI_NEW(ctx, um_state);
    if (!made) return UM_ERROR_MEMORY;
    made->ctx = ctx;
    made->levels = levels;
    made->planes = planes;
    made->quarter = quarter;
    made->phase = phase;
    *state = made;
    return UM_OK;
}

void um_state_destroy(um_state *state)
{
    if (!state) return;
    umi_free(state->ctx, state->plane[0]);
    umi_free(state->ctx, state->plane[1]);
    umi_free(state->ctx, state);
}

/* Levels there is room for. */
static int get_room(const um_state *state)
{
    return state->stride ? state->stride - state->slack - 2 * UMI_STATE_PAD : 0;
}

static int grown(int needed, int had, int limit)
{
    int doubled = umi_min(2 * had, limit);
    return umi_max(needed, doubled);
}

void umi_state_drop(um_state *state)
{
    for (int p = 0; p < 2; p++) {
        umi_free(state->ctx, state->plane[p]);
        state->plane[p] = NULL;
    }
    state->stride = state->slack = state->orders_capacity = 0;
    state->first = state->last = state->orders = 0;
    state->planes = 1;
}

/* Storage of at least the given size and slack. What is stored is copied if `keep`; else it is lost, and makes room
 * before the larger one is asked for: the second state of a run is never there twice. */
static um_status enlarge(um_state *state, int last, int orders, int planes, int slack, bool keep)
{
    int room = get_room(state);
    bool fits = last <= room && orders <= state->orders_capacity && slack <= state->slack;
    if (fits && (planes == 1 || state->plane[1])) return UM_OK;
    um_state next = *state;
    if (!fits) {
        int levels = last > room ? grown(umi_max(last, 32), room, state->levels) : room;
        next.slack = umi_max(slack, state->slack);
        next.stride = (levels + 7) / 8 * 8 + 2 * UMI_STATE_PAD + next.slack;
        next.lead = UMI_STATE_PAD;
        next.orders_capacity = orders > state->orders_capacity
                                   ? grown(umi_max(orders + 1, 16), state->orders_capacity, levels + 1)
                                   : state->orders_capacity;
        next.plane[0] = next.plane[1] = NULL;
    }
    size_t size = (size_t)next.stride * (size_t)next.orders_capacity;
    bool second = planes == 2 || state->plane[1];
    if (!fits && !keep) umi_state_drop(state);
    bool make[2] = {!next.plane[0], second && !next.plane[1]};
    for (int p = 0; p < 2; p++) {
        if (!make[p]) continue;
        next.plane[p] = UMI_NEW_ARRAY(state->ctx, double, size);
        if (next.plane[p]) continue;
        if (p == 1 && make[0]) umi_free(state->ctx, next.plane[0]);
        return UM_ERROR_MEMORY;
    }
    for (int p = 0; p < 2 && !fits; p++) {
        if (state->plane[p] && p < state->planes)
            for (int k = 0; k < state->orders; k++)
                memcpy(umi_state_row(&next, p, k) + state->first,
                       umi_state_row(state, p, k) + state->first,
                       sizeof(double) * (size_t)umi_state_row_length(state, k));
        umi_free(state->ctx, state->plane[p]);
    }
    *state = next;
    return UM_OK;
}

um_status umi_state_reserve(um_state *state, int last, int orders, int planes)
{
    return enlarge(state, last, orders, planes, 0, true);
}

um_status umi_state_resize(um_state *state, int levels, int first, int last, int orders,
                           int planes)
{
    int before = state->levels;
    state->levels = levels;
    um_status status = enlarge(state, last, orders, planes, 0, false);
    if (status != UM_OK) {
        state->levels = before;
        return status;
    }
    state->first = first;
    state->last = last;
    state->orders = umi_min(orders, last - first);
    state->planes = planes;
    return UM_OK;
}

um_status umi_state_open(um_state *state, int last, int orders)
{
    UMI_TRY(enlarge(state, last, orders + 1, state->planes, UMI_STATE_SLACK, true));
    for (int p = 0; p < state->planes; p++)
        for (int k = state->orders; k <= orders; k++)
            memset(umi_state_row(state, p, k) - state->lead, 0, sizeof(double) * (size_t)state->stride);
    return UM_OK;
}

void umi_state_swap(um_state *a, um_state *b)
{
    const um_state was = *a;
    *a = *b;
    *b = was;
}

void umi_state_seal(um_state *state)
{
    for (int p = 0; p < state->planes; p++)
        for (int k = 0; k < state->orders; k++) {
            double *row = umi_state_row(state, p, k);
            row[state->first - 1] = row[state->first - 2] = 0;
            row[state->last - k] = row[state->last - k + 1] = 0;
        }
}

um_status umi_state_copy_orders(um_state *destination, const um_state *source, int orders)
{
    orders = umi_min(orders, source->orders);
    UMI_TRY(umi_state_reserve(destination, source->last, orders, source->planes));
    UMI_TRY(umi_state_resize(destination, source->levels, source->first, source->last, orders, source->planes));
    destination->quarter = source->quarter;
    destination->phase = source->phase;
    for (int p = 0; p < source->planes; p++)
        for (int k = 0; k < orders; k++)
            memcpy(umi_state_row(destination, p, k) + source->first,
                   umi_state_row(source, p, k) + source->first,
                   sizeof(double) * (size_t)umi_state_row_length(source, k));
    umi_state_seal(destination);
    return UM_OK;
}

um_status um_state_copy(um_state *destination, const um_state *source)
{
    return destination == source ? UM_OK : umi_state_copy_orders(destination, source, source->orders);
}

void umi_state_get_element(const um_state *state, int n, int k, double *re, double *im)
{
    double cosine, sine;
    umi_state_gauge_factor(state, k, &cosine, &sine);
    double real = umi_state_row(state, 0, k)[n];
    double imag = state->planes == 2 ? umi_state_row(state, 1, k)[n] : 0;
    *re = cosine * real - sine * imag;
    *im = cosine * imag + sine * real;
}

/* Window and order count of the nonzero part of a Hermitian matrix. */
static void find_window(int levels, const double *real, const double *imag, um_window *window)
{
    *window = (um_window){.first = levels};
    for (int n = 0; n < levels; n++)
        for (int m = n; m < levels; m++) {
            size_t at = (size_t)n * (size_t)levels + (size_t)m;
            if (real[at] == 0 && (!imag || imag[at] == 0)) continue;
            window->first = umi_min(window->first, n);
            window->last = umi_max(window->last, m + 1);
            window->orders = umi_max(window->orders, m - n + 1);
        }
    if (window->last == 0) window->first = 0;
}

static bool is_hermitian(int levels, const double *real, const double *imag)
{
    double largest = 0;
    size_t size = (size_t)levels;
    for (size_t i = 0; i < size * size; i++) {
        double y = imag ? imag[i] : 0;
        if (!isfinite(real[i]) || !isfinite(y)) return false;
        largest = fmax(largest, fmax(fabs(real[i]), fabs(y)));
    }
    for (size_t n = 0; n < size; n++)
        for (size_t m = n; m < size; m++) {
            double difference = fabs(real[n * size + m] - real[m * size + n]);
            if (imag) difference += fabs(imag[n * size + m] + imag[m * size + n]);
            if (difference > 1e-12 * largest) return false;
        }
    return true;
}

um_status um_state_set_matrix(um_state *state, int levels, const double *real, const double *imag)
{
    if (levels < 1 || levels > state->levels)
        return umi_fail(state->ctx, UM_ERROR_ARG, "a %d-level matrix for a state of %d levels",
                        levels, state->levels);
    if (!is_hermitian(levels, real, imag))
        return umi_fail(state->ctx, UM_ERROR_ARG, "the matrix is not Hermitian or not finite");
    um_window window;
    find_window(levels, real, imag, &window);
    UMI_TRY(umi_state_reserve(state, window.last, window.orders, 2));
    UMI_TRY(umi_state_resize(state, state->levels, window.first, window.last, window.orders, 2));
    bool is_real = true;
    for (int k = 0; k < state->orders; k++) {
        double cosine, sine;
        umi_state_gauge_factor(state, k, &cosine, &sine);
        double *x = umi_state_row(state, 0, k), *y = umi_state_row(state, 1, k);
        for (int n = window.first; n + k < window.last; n++) {
            size_t at = (size_t)n * (size_t)levels + (size_t)(n + k);
            double re = real[at], im = k > 0 && imag ? imag[at] : 0;
            x[n] = cosine * re + sine * im;
            y[n] = cosine * im - sine * re;
            is_real = is_real && y[n] == 0;
        }
    }
    if (is_real) state->planes = 1;
    umi_state_seal(state);
    return UM_OK;
}

void um_state_get_matrix(const um_state *state, int first, int levels, double *real, double *imag)
{
    size_t size = (size_t)levels;
    memset(real, 0, size * size * sizeof(double));
    if (imag) memset(imag, 0, size * size * sizeof(double));
    for (int k = 0; k < state->orders; k++)
        for (int n = umi_max(state->first, first);
             n + k < umi_min(state->last, first + levels); n++) {
            double re, im;
            umi_state_get_element(state, n, k, &re, &im);
            size_t row = (size_t)(n - first), column = (size_t)(n + k - first);
            real[row * size + column] = real[column * size + row] = re;
            if (!imag || k == 0) continue;
            imag[row * size + column] = im;
            imag[column * size + row] = -im;
        }
}

void um_state_get_populations(const um_state *state, int levels, double *populations)
{
    memset(populations, 0, sizeof(double) * (size_t)levels);
    for (int n = state->first; n < umi_min(state->last, levels); n++)
        populations[n] = umi_state_row(state, 0, 0)[n];
}

um_window um_state_get_window(const um_state *state)
{
    return (um_window){.levels = state->levels, .first = state->first, .last = state->last,
                       .orders = state->orders, .planes = state->planes};
}

double um_state_get_trace(const um_state *state)
{
    umi_sum sum = {0};
    for (int n = state->first; n < state->last; n++)
        umi_sum_add(&sum, umi_state_row(state, 0, 0)[n]);
    return umi_sum_get(&sum);
}

void um_state_scale(um_state *state, double factor)
{
    for (int p = 0; p < state->planes; p++)
        for (int k = 0; k < state->orders; k++) {
            double *row = umi_state_row(state, p, k);
            for (int n = state->first; n < state->last - k; n++) row[n] *= factor;
        }
}

/* Column-major: r_{m,n} = conj(r_{n,m}) at (row m, column n), m = n + k. Blocks of levels, so that both what
 * is read along a row and what is written along a column are at hand. */
void umi_state_pack(const um_state *state, bool full, double *matrix)
{
    enum { BLOCK = 8 };
    int rows = state->last - state->first, width = state->planes;
    size_t column = (size_t)width * (size_t)rows;
    memset(matrix, 0, sizeof(double) * column * (size_t)rows);
    for (int begin = 0; begin < rows; begin += BLOCK)
        for (int k = 0; k < umi_min(state->orders, rows - begin); k++)
            for (int n = begin; n < umi_min(begin + BLOCK, rows - k); n++) {
                size_t lower = (size_t)n * column + (size_t)(width * (n + k));
                size_t upper = (size_t)(n + k) * column + (size_t)(width * n);
                double re = umi_state_row(state, 0, k)[state->first + n];
                double im = width == 2 ? umi_state_row(state, 1, k)[state->first + n] : 0;
                matrix[lower] = re;
                if (width == 2) matrix[lower + 1] = -im;
                if (!full) continue;
                matrix[upper] = re;
                if (width == 2 && k > 0) matrix[upper + 1] = im;
            }
}
