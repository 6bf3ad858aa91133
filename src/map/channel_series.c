/* The channel of any battery by uniformisation, order by order. T being tridiagonal with what leaves on
 * its diagonal and q no smaller than that,
 *   exp(T t) = sum_j e^(-q t) (q t)^j/j! (1 + T/q)^j
 * has no negative term: nothing cancels. Long times are taken in steps. Unequal levels turn the elements
 * of an order against each other; then steps are so short that the turning does not cancel either. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "map/channel_parts.h"
#include "map/rows.h"

enum { TERMS_MAX = 1000, PAD = UMI_STATE_PAD };

/* q h of one step at most: e^(-q h) must not vanish, and terms must stay few. */
static const double STEP_MAX = 200;

/* The most q t over which populations need no more than a double's digits. */
static const double SHORT = 1.0 / 64;

typedef struct series {
    umi_channel *channel;
    bool adjoint;
    double largest; /* q */
    int steps, terms;
    double step; /* h */
    long double exact[TERMS_MAX];
    double weight[TERMS_MAX]; /* the same, rounded */
    double tail[TERMS_MAX];   /* sum of the weights beyond j */
    double *here, *below, *above, *turn, *at[2][2], *sum[2];
    double *leaves, *rise, *fall; /* of a level: what leaves it, d_n for what comes from below and above; over 2 q, sqrt(q) */
} series;

static double leaving(const umi_channel *it, int n)
{
    double down = it->lowering[n], up = it->lowering[n + 1];
    return it->loss * down * down + it->gain * up * up;
}

static double largest_rate(const umi_channel *it)
{
    double largest = 0;
    for (int n = 0; n < it->levels; n++) largest = fmax(largest, leaving(it, n));
    return largest;
}

static double count_steps(const umi_channel *it, double largest, double turning)
{
    return fmax(1, ceil(fmax(largest * it->time / STEP_MAX, turning * it->time)));
}

um_status umi_channel_check_series(const umi_channel *it)
{
    double low = 0, high = 0, largest = largest_rate(it);
    for (int n = 0; n < it->levels; n++) {
        low = fmin(low, it->shift[n]);
        high = fmax(high, it->shift[n]);
    }
    double steps = count_steps(it, largest, high - low);
    if (largest == 0 || steps <= INT_MAX) return UM_OK;
    return umi_fail(it->ctx, UM_ERROR_UNSUPPORTED,
                    "the environment of a battery that is no cavity, for a time of %g: %.3g steps of its rates, %d at "
                    "most; shorten the time, or reduce kappa or the levels", it->time, steps, INT_MAX);
}

static void divide_time(series *work, double turning)
{
    const umi_channel *it = work->channel;
    work->steps = (int)count_steps(it, work->largest, turning);
    work->step = it->time / work->steps;
    long double x = (long double)work->largest * work->step, weight = expl(-x);
    int j = 0;
    for (; j < TERMS_MAX - 1 && !(j > x && weight < 1e-3 * UMI_CHANNEL_NEGLIGIBLE); j++) {
        work->exact[j] = weight;
        work->weight[j] = (double)weight;
        weight *= x / (j + 1);
    }
    work->terms = umi_max(j, 1);
    double tail = 0;
    for (j = work->terms - 1; j >= 0; j--) {
        work->tail[j] = tail;
        tail += work->weight[j];
    }
}

static void place_rows(series *work)
{
    double *next = work->channel->scratch + PAD;
    double **rows[UMI_CHANNEL_ROWS] = {&work->here,     &work->below,    &work->above,    &work->turn,   &work->at[0][0],
                                       &work->at[0][1], &work->at[1][0], &work->at[1][1], &work->sum[0], &work->sum[1],
                                       &work->leaves,   &work->rise,     &work->fall};
    for (int i = 0; i < UMI_CHANNEL_ROWS; i++, next += work->channel->levels + 2 * PAD) *rows[i] = next;
}

static void fill_levels(const series *work)
{
    const umi_channel *it = work->channel;
    double from_above = sqrt((work->adjoint ? it->gain : it->loss) / work->largest);
    double from_below = sqrt((work->adjoint ? it->loss : it->gain) / work->largest);
    for (int n = 0; n <= it->levels; n++) {
        if (n < it->levels) work->leaves[n] = leaving(it, n) / (2 * work->largest);
        work->fall[n] = from_above * it->lowering[n];
        work->rise[n] = from_below * it->lowering[n];
    }
}

/* 1 + T/q on order k, elements n = first.. */
static void fill_order(const series *work, int k, int first, int count)
{
    work->channel->kernels->fill(count, k, work->leaves + first, work->rise + first, work->fall + first + 1, work->here,
                                 work->below, work->above);
}

/* A row between zeros, as far as vectors reach that begin in it. */
static void clear_ends(double *row, int count)
{
    row[-1] = 0;
    memset(row + count, 0, UMI_CHANNEL_BLOCK * sizeof *row);
}

static void take_step(const series *work, int count)
{
    const umi_channel_kernels *kernels = work->channel->kernels;
    double *at = work->at[0][0], *next = work->at[0][1], *sum = work->sum[0];
    memcpy(at, sum, sizeof(double) * (size_t)count);
    clear_ends(at, count);
    clear_ends(next, count);
    clear_ends(sum, count);
    for (int i = 0; i < count; i++) sum[i] *= work->weight[0];
    for (int j = 1; j < work->terms; j++) {
        kernels->step(count, work->here, work->below, work->above, at, next, work->weight[j], sum);
        double *swap = at;
        at = next;
        next = swap;
    }
}

/* The same with -i turn added to T: both planes at once. */
static void take_turning_step(const series *work, int count)
{
    double *at[2] = {work->at[0][0], work->at[1][0]}, *next[2] = {work->at[0][1], work->at[1][1]};
    for (int p = 0; p < 2; p++) {
        memcpy(at[p], work->sum[p], sizeof(double) * (size_t)count);
        at[p][-1] = at[p][count] = next[p][-1] = next[p][count] = 0;
        for (int i = 0; i < count; i++) work->sum[p][i] *= work->weight[0];
    }
    for (int j = 1; j < work->terms; j++) {
        for (int p = 0; p < 2; p++) {
            const double *x = at[p], *other = at[1 - p];
            double *y = next[p], sign = p ? -1 : 1;
            for (int i = 0; i < count; i++) {
                y[i] = work->here[i] * x[i] + work->below[i] * x[i - 1] + work->above[i] * x[i + 1] +
                       sign * work->turn[i] * other[i];
                work->sum[p][i] += work->weight[j] * y[i];
            }
        }
        for (int p = 0; p < 2; p++) {
            double *swap = at[p];
            at[p] = next[p];
            next[p] = swap;
        }
    }
}

static void load_row(const um_state *in, int p, int k, int first, int count, double *row)
{
    memset(row, 0, sizeof(double) * (size_t)count);
    if (p >= in->planes) return;
    memcpy(row + (in->first - first), umi_state_row(in, p, k) + in->first,
           sizeof(double) * (size_t)umi_state_row_length(in, k));
}

/* Populations carry the trace, and a thousand terms of them would lose a thousand roundings of it, always the same
 * way: in extended precision what leaves one level comes to another, and is nothing beside a double's digits. */
static void step_populations(int count, const long double *down, const long double *up, long double *p)
{
    long double from_below = 0;
    for (int i = 0; i < count; i++) {
        long double here = p[i], from_above = i + 1 < count ? down[i + 1] * p[i + 1] : 0;
        p[i] = (1 - (down[i] + up[i])) * here + from_above + from_below;
        from_below = up[i] * here;
    }
}

static void run_long_populations(const series *work, const um_state *in, um_state *out, double *resident)
{
    const umi_channel *it = work->channel;
    int first = out->first, count = umi_state_row_length(out, 0);
    long double *down = (long double *)it->scratch, *up = down + count, *p = up + count, *sum = p + count;
    for (int i = 0; i < count; i++) {
        long double low = it->lowering[first + i], high = it->lowering[first + i + 1];
        down[i] = it->loss * low * low / work->largest;
        up[i] = it->gain * high * high / work->largest;
        sum[i] = first + i >= in->first && first + i < in->last ? umi_state_row(in, 0, 0)[first + i] : 0;
    }
    for (int s = 0; s < work->steps; s++) {
        memcpy(p, sum, sizeof *p * (size_t)count);
        for (int i = 0; i < count; i++) sum[i] *= work->exact[0];
        for (int j = 1;; j++) {
            for (int i = 0; resident && i < count; i++)
                resident[first + i] += work->tail[j - 1] / work->largest * (double)p[i];
            if (j == work->terms) break;
            step_populations(count, down, up, p);
            for (int i = 0; i < count; i++) sum[i] += work->exact[j] * p[i];
        }
    }
    for (int i = 0; i < count; i++) umi_state_row(out, 0, 0)[first + i] = (double)sum[i];
}

/* What terms beyond the first round is nothing beside a double's digits, if the time is so short. */
static void run_short_populations(const series *work, const um_state *in, um_state *out, double *resident)
{
    int first = out->first, count = umi_state_row_length(out, 0);
    double *start = work->sum[1], *moved = work->sum[0], *at = work->at[0][0], *next = work->at[0][1];
    fill_order(work, 0, first, count);
    load_row(in, 0, 0, first, count, start);
    memcpy(at, start, sizeof(double) * (size_t)count);
    memset(moved, 0, sizeof(double) * (size_t)count);
    clear_ends(at, count);
    clear_ends(next, count);
    clear_ends(moved, count);
    for (int j = 1;; j++) {
        double time = work->tail[j - 1] / work->largest;
        for (int i = 0; resident && i < count; i++) resident[first + i] += time * at[i];
        if (j >= work->terms) break;
        work->channel->kernels->step(count, work->here, work->below, work->above, at, next, work->weight[j], moved);
        double *swap = at;
        at = next;
        next = swap;
    }
    double *row = umi_state_row(out, 0, 0) + first;
    for (int i = 0; i < count; i++) row[i] = start[i] + (moved[i] - work->tail[0] * start[i]);
}

static void run_populations(const series *work, const um_state *in, um_state *out, double *resident)
{
    if (work->largest * work->channel->time <= SHORT) run_short_populations(work, in, out, resident);
    else run_long_populations(work, in, out, resident);
    if (out->planes == 2)
        memset(umi_state_row(out, 1, 0) + out->first, 0, sizeof(double) * (size_t)umi_state_row_length(out, 0));
}

static void run_order(series *work, const um_state *in, um_state *out, int k)
{
    const umi_channel *it = work->channel;
    int first = out->first, count = umi_state_row_length(out, k);
    if (work->largest > 0) fill_order(work, k, first, count);
    for (int p = 0; p < out->planes; p++) {
        load_row(in, p, k, first, count, work->sum[0]);
        for (int s = 0; work->largest > 0 && s < work->steps; s++)
            take_step(work, count);
        double *row = umi_state_row(out, p, k) + first;
        for (int i = 0; i < count; i++) row[i] = it->scale[k] * work->sum[0][i];
    }
}

/* Turns by what all elements of the order have in common apart, once at the end. */
static void run_turning_order(series *work, const um_state *in, um_state *out, int k)
{
    const umi_channel *it = work->channel;
    int first = out->first, count = umi_state_row_length(out, k);
    double sign = work->adjoint ? -1 : 1, low = INFINITY, high = -INFINITY;
    for (int i = 0; i < count; i++) {
        work->turn[i] = sign * (it->shift[first + i] - it->shift[first + i + k]);
        low = fmin(low, work->turn[i]);
        high = fmax(high, work->turn[i]);
    }
    bool still = work->largest == 0;
    double mean = still ? 0 : (low + high) / 2;
    for (int p = 0; p < 2; p++) load_row(in, p, k, first, count, work->sum[p]);
    if (!still) {
        for (int i = 0; i < count; i++) work->turn[i] = (work->turn[i] - mean) / work->largest;
        divide_time(work, (high - low) / 2);
        fill_order(work, k, first, count);
        for (int s = 0; s < work->steps; s++)
            take_turning_step(work, count);
    }
    double *re = umi_state_row(out, 0, k) + first, *im = umi_state_row(out, 1, k) + first;
    for (int i = 0; i < count; i++) {
        double angle = (still ? work->turn[i] : mean) * it->time;
        double c = it->scale[k] * cos(angle), s = it->scale[k] * sin(angle);
        re[i] = c * work->sum[0][i] + s * work->sum[1][i];
        im[i] = c * work->sum[1][i] - s * work->sum[0][i];
    }
}

/* Dephasing alone. */
static um_status damp(const umi_channel *channel, const um_state *in, um_state *out)
{
    UMI_TRY(umi_state_resize(out, in->levels, in->first, in->last, in->orders, in->planes));
    for (int p = 0; p < in->planes; p++) {
        umi_rows from = umi_rows_of(in, p), to = umi_rows_of(out, p);
        channel->kernels->scale(channel->scale, &from, &to);
        umi_rows_seal(&to);
    }
    return UM_OK;
}

static um_status sum_series(umi_channel *channel, bool adjoint, bool moves, um_state *in, um_state *out,
                            double *resident, double *bound)
{
    series work;
    work.channel = channel;
    work.adjoint = adjoint;
    work.largest = moves ? largest_rate(channel) : 0;
    int first = moves ? 0 : in->first, last = in->last;
    *bound = 0;
    if (adjoint && moves) last = in->levels;
    if (!adjoint) last = umi_channel_choose_last(channel, in, bound);
    int planes = channel->uneven ? 2 : in->planes;
    UMI_TRY(umi_state_resize(out, in->levels, first, last, in->orders, planes));
    place_rows(&work);
    if (moves) fill_levels(&work);
    divide_time(&work, 0);
    *bound += UMI_CHANNEL_NEGLIGIBLE * work.steps * (in->last - in->first);
    if (resident) memset(resident, 0, sizeof(double) * (size_t)channel->levels);
    bool forward = !adjoint && work.largest > 0 && out->orders > 0;
    if (forward) run_populations(&work, in, out, resident);
    for (int k = forward ? 1 : 0; k < out->orders; k++)
        if (channel->uneven) run_turning_order(&work, in, out, k);
        else run_order(&work, in, out, k);
    umi_state_seal(out);
    return UM_OK;
}

um_status umi_channel_apply_series(umi_channel *channel, bool adjoint, um_state *in, um_state *out,
                                   double *resident, double *bound)
{
    bool moves = channel->time > 0 && channel->loss > 0;
    *bound = 0;
    if (!moves && !channel->uneven) return damp(channel, in, out);
    return sum_series(channel, adjoint, moves, in, out, resident, bound);
}
