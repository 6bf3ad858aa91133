/* The environment on the battery alone: which way it is computed, windows, heat. */
#include "map/channel.h"

#include <math.h>
#include <string.h>

#include "map/channel_parts.h"

/* What is cut off at the top in one application may be so large (moduli of matrix elements). */
static const double CUT = 1e-20;

/* From this kappa t on a cavity has forgotten its state: e^(-kappa t/2) sqrt(levels) is below 1e-20. */
static const double FORGOTTEN = 120;

enum { SIDE_BY_SIDE = UMI_CHANNEL_BLOCK };

static void fill_battery(umi_channel *channel, const umi_collision *it)
{
    const um_battery *battery = it->battery;
    int levels = it->levels;
    for (int n = 0; n < levels; n++) {
        channel->energy[n] = um_battery_get_energy(battery, n);
        channel->shift[n] =
            it->even ? 0 : battery->frequency * (channel->energy[n] - channel->energy[0] - n);
        channel->lowering[n] = um_battery_get_lowering(battery, n);
        channel->ones[n] = channel->scale[n] = 1;
        channel->missing[n] = channel->n_th - n;
    }
    channel->lowering[levels] = channel->finite ? 0 : um_battery_get_lowering(battery, levels);
    channel->energy[levels] = channel->finite ? 0 : um_battery_get_energy(battery, levels);
    double highest = 0;
    for (int n = 0; n <= levels; n++) {
        highest = fmax(highest, channel->lowering[n] * channel->lowering[n]);
        channel->climb[n] = highest;
    }
}

static um_status allocate(umi_channel *channel)
{
    size_t size = (size_t)channel->levels + 1, row = (size_t)channel->levels + 2 * UMI_STATE_PAD;
    channel->memory = UMI_NEW_ARRAY(channel->ctx, double, 8 * size + UMI_CHANNEL_ROWS * row);
    if (!channel->memory) return UM_ERROR_MEMORY;
    double **part[8] = {&channel->lowering, &channel->energy,   &channel->shift, &channel->climb,
                        &channel->row_norm, &channel->scale, &channel->ones,    &channel->missing};
    for (int i = 0; i < 8; i++) *part[i] = channel->memory + (size_t)i * size;
    channel->scratch = channel->memory + 8 * size;
    channel->exact = UMI_NEW_ARRAY(channel->ctx, long double, size);
    if (!channel->exact) return UM_ERROR_MEMORY;
    return um_state_create(channel->ctx, channel->levels, 1, 0, 0, &channel->middle);
}

um_status umi_channel_create(um_context *ctx, const umi_collision *it, umi_channel **channel)
{
    *channel = NULL;
    umi_channel *made = UMI_NEW(ctx, umi_channel);
    if (!made) return UM_ERROR_MEMORY;
    const um_environment *environment = &it->environment;
    *made = (umi_channel){
        .ctx = ctx,
        .kernels = umi_channel_kernels_choose(),
        .sums = umi_kernels_choose(),
        .kind = UMI_CHANNEL_SERIES,
        .levels = it->levels,
        .cavity = it->battery->kind == UM_BATTERY_CAVITY && !it->closed,
        .finite = it->finite || it->closed,
        .beyond = it->closed ? um_battery_get_lowering(it->battery, it->levels) : 0,
        .uneven = !it->even,
        .loss = environment->kappa * (environment->n_th + 1),
        .gain = environment->kappa * environment->n_th,
        .dephasing = environment->dephasing,
        .kappa = environment->kappa,
        .n_th = environment->n_th,
    };
    um_status status = allocate(made);
    if (status != UM_OK) {
        umi_channel_destroy(made);
        return status;
    }
    fill_battery(made, it);
    *channel = made;
    return UM_OK;
}

void umi_channel_destroy(umi_channel *channel)
{
    if (!channel) return;
    umi_channel_free_factors(channel);
    umi_channel_free_wait(channel);
    um_state_destroy(channel->middle);
    umi_free(channel->ctx, channel->memory);
    umi_free(channel->ctx, channel->exact);
    umi_free(channel->ctx, channel);
}

um_status umi_channel_set_time(umi_channel *channel, double time)
{
    bool factors = channel->cavity && channel->kappa > 0 && time > 0;
    channel->time = factors ? fmin(time, FORGOTTEN / channel->kappa) : time;
    for (int k = 0; k < channel->levels; k++)
        channel->scale[k] = exp(-0.5 * channel->dephasing * time * k * k);
    /* Until the factors are there, it stays what needs none. */
    channel->kind = UMI_CHANNEL_SERIES;
    if (!factors) return umi_channel_check_series(channel);
    UMI_TRY(umi_channel_make_factors(channel));
    channel->kind = UMI_CHANNEL_FACTORS;
    return UM_OK;
}

um_status umi_channel_set_wait(umi_channel *channel, double rate)
{
    if (channel->kind != UMI_CHANNEL_WAIT || rate != channel->rate) umi_channel_free_wait(channel);
    channel->kind = UMI_CHANNEL_WAIT;
    channel->rate = rate;
    return UM_OK;
}

const char *umi_channel_get_kernel(const umi_channel *channel) { return channel->kernels->name; }

void umi_channel_clear_margins(const umi_rows *rows, int first, int last, int beyond)
{
    enum { PAD = UMI_STATE_PAD };
    for (int k = rows->from; k < rows->orders; k++) {
        double *row = rows->base + k * rows->stride;
        int begin = umi_max(first - UMI_CHANNEL_BLOCK, -PAD), high = rows->last - k;
        int end = umi_min(last + beyond - k, (int)rows->stride - PAD);
        /* As much as there always is, in one piece; seldom more. */
        memset(row + rows->first - PAD, 0, PAD * sizeof *row);
        memset(row + high, 0, PAD * sizeof *row);
        for (int n = begin; n < rows->first - PAD; n++) row[n] = 0;
        for (int n = high + PAD; n < end; n++) row[n] = 0;
    }
}

/* ---- how far up -------------------------------------------------------------------------------- */

/* Bounds on t(s, d), the share of level s that ends d levels higher or beyond. Elements (s, m), m <= s,
 * fare no better: their factors are means of those of s and of m, and t grows with s.
 *   cavity:   the first term of the tail of a negative binomial, over 1 - the ratio of the next
 *   series:   no more than (gain t)^d/d! times the product of the rates on the way
 *   waiting:  the product of the chances of being gone before the next atom comes */
static double climb_chance(const umi_channel *it, int s)
{
    double up = it->gain * it->climb[s + 1];
    /* The eliminated chain knows better, where rates grow with the level. */
    if (it->wait.prepared > 0 && it->cavity && s + 1 < it->levels) return it->wait.rise[s + 1];
    return up / (it->rate + up);
}

static double climb_first(const umi_channel *it, int s)
{
    switch (it->kind) {
    case UMI_CHANNEL_FACTORS:
        return (s + 1) * exp(-(s + 1) * log1p(it->factors.growth - 1)) * it->factors.step;
    case UMI_CHANNEL_SERIES: return it->gain * it->time * it->climb[s + 1];
    default: return climb_chance(it, s);
    }
}

/* t(s, d+1)/t(s, d) */
static double climb_further(const umi_channel *it, int s, int d)
{
    switch (it->kind) {
    case UMI_CHANNEL_FACTORS: return it->factors.step * (s + d + 1) / (d + 1);
    case UMI_CHANNEL_SERIES:
        return it->gain * it->time * it->climb[umi_min(s + d + 1, it->levels)] / (d + 1);
    default: return climb_chance(it, umi_min(s + d, it->levels - 1));
    }
}

/* t(s-1, d+1)/t(s, d) */
static double climb_below(const umi_channel *it, int s, int d)
{
    switch (it->kind) {
    case UMI_CHANNEL_FACTORS: return it->factors.step * it->factors.growth * s / (d + 1);
    case UMI_CHANNEL_SERIES: return it->gain * it->time * it->climb[s] / (d + 1);
    default: return climb_chance(it, s - 1);
    }
}

static double tail_of(const umi_channel *it, double share, int s, int d)
{
    if (it->kind == UMI_CHANNEL_FACTORS) {
        double ratio = climb_further(it, s, d);
        share = ratio < 1 ? share / (1 - ratio) : 1;
    }
    return fmin(share, 1);
}

/* For levels s from..known-1 the sums of the moduli of the elements (s, m) and (m, s) with m <= s: of several levels at
 * once, since these lie side by side in every order. */
static void sum_rows(const umi_channel *it, const um_state *state, int from, int known, double *norm)
{
    double sums[SIDE_BY_SIDE] = {0};
    int whole = state->planes == 1 ? umi_min(state->orders, from - state->first + 1) : 0;
    it->kernels->add_moduli(umi_state_row(state, 0, 0) + from, state->stride - 1, whole, sums);
    memcpy(norm + from, sums, (size_t)(known - from) * sizeof *norm);
    for (int k = whole; k < umi_min(state->orders, known - state->first); k++) {
        const double *re = umi_state_row(state, 0, k), *im = state->planes == 2 ? umi_state_row(state, 1, k) : NULL;
        for (int s = umi_max(from, state->first + k); s < known; s++)
            norm[s] += (k ? 2 : 1) * (im ? hypot(re[s - k], im[s - k]) : fabs(re[s - k]));
    }
}

/* What a top at `last` cuts off; `first_share` is t(in->last - 1, last - in->last + 1). */
static double sum_cut(umi_channel *it, const um_state *in, int last, double first_share, int *known)
{
    double bound = 0, share = first_share;
    for (int s = in->last - 1; s >= in->first; s--) {
        int d = last - s;
        double tail = tail_of(it, share, s, d);
        if (tail * 2 * (s + 1) < 1e-4 * CUT) break;
        if (s < *known) {
            int from = umi_max(s - SIDE_BY_SIDE + 1, in->first);
            sum_rows(it, in, from, *known, it->row_norm);
            *known = from;
        }
        bound += it->row_norm[s] * tail;
        if (s > 0) share *= climb_below(it, s, d);
    }
    return bound;
}

bool umi_channel_climbs(const umi_channel *it)
{
    return it->gain > 0 && (it->kind == UMI_CHANNEL_WAIT || it->time > 0);
}

int umi_channel_choose_last(umi_channel *it, const um_state *in, double *bound)
{
    *bound = 0;
    if (!umi_channel_climbs(it) || in->last == in->first) return in->last;
    int last = in->last, known = in->last;
    double share = climb_first(it, last - 1);
    for (;; last++) {
        if (last == it->levels && it->lowering[last] == 0) return last;
        double cut = sum_cut(it, in, last, share, &known);
        if (cut <= CUT || last == it->levels) {
            *bound = cut;
            return last;
        }
        share *= climb_further(it, in->last - 1, last - in->last + 1);
    }
}

int umi_channel_get_reach(const umi_channel *it)
{
    if (!umi_channel_climbs(it)) return 0;
    int s = it->levels - 1, d = 1;
    double share = climb_first(it, s);
    for (; d < it->levels && !(tail_of(it, share, s, d) < CUT); d++) share *= climb_further(it, s, d);
    return d;
}

/* ---- application ------------------------------------------------------------------------------- */

/* d<E>/dt of populations p: what each level gains upward and loses downward. */
static double flow(const umi_channel *it, const double *p, int first, int last)
{
    umi_sum sum = {0};
    for (int n = first; n < last; n++) {
        double down = it->lowering[n], up = it->lowering[n + 1];
        if (n > 0) umi_sum_add(&sum, -it->loss * down * down * (it->energy[n] - it->energy[n - 1]) * p[n]);
        umi_sum_add(&sum, it->gain * up * up * (it->energy[n + 1] - it->energy[n]) * p[n]);
    }
    return umi_sum_get(&sum);
}

/* (n_th - <n>) times what part of the way there it goes. */
static double cavity_heat(const umi_channel *it, const um_state *in)
{
    double part = it->kind == UMI_CHANNEL_WAIT ? it->kappa / (it->rate + it->kappa)
                                               : -expm1(-it->kappa * it->time);
    const double *p = umi_state_row(in, 0, 0);
    return part * it->sums->dot(in->last - in->first, it->missing + in->first, p + in->first);
}

/* What closing the top changes, in trace norm: at any time gain d^2 (|rho|top>| 3 + p_top) at most, gain d^2 2 p_top
 * without coherences; `p` is the mean of p_top over the time. */
static double closing_error(const umi_channel *it, const um_state *in, double time, double p)
{
    double rate = it->gain * it->beyond * it->beyond;
    return fmin(2, rate * time * (in->orders > 1 ? 4 * sqrt(p) : 2 * p));
}

static double find_closing_error(const umi_channel *it, const um_state *in, const um_state *out,
                                 const double *resident)
{
    int top = it->levels - 1;
    if (it->beyond == 0 || out->last <= top) return 0;
    if (it->kind == UMI_CHANNEL_WAIT) return closing_error(it, in, 1 / it->rate, umi_state_row(out, 0, 0)[top]);
    return resident ? closing_error(it, in, it->time, resident[top] / it->time) : 0;
}

static um_status run(umi_channel *it, bool adjoint, um_state *in, um_state *out, double *resident,
                     double *bound)
{
    switch (it->kind) {
    case UMI_CHANNEL_FACTORS: return umi_channel_apply_factors(it, adjoint, in, out, bound);
    case UMI_CHANNEL_SERIES: return umi_channel_apply_series(it, adjoint, in, out, resident, bound);
    default: return umi_channel_apply_wait(it, adjoint, in, out, bound);
    }
}

static um_status leave_empty(const um_state *in, um_state *out)
{
    return umi_state_resize(out, in->levels, 0, 0, 0, in->planes);
}

um_status umi_channel_apply(umi_channel *it, um_state *in, um_state *out, umi_channel_outcome *outcome)
{
    double bound = 0;
    if (outcome) *outcome = (umi_channel_outcome){0};
    if (in->last == in->first) return leave_empty(in, out);
    bool integrates = outcome && it->kind == UMI_CHANNEL_SERIES && it->loss > 0 && it->time > 0;
    double *resident = integrates ? it->row_norm : NULL;
    UMI_TRY(run(it, false, in, out, resident, &bound));
    if (!outcome) return UM_OK;
    outcome->error_bound = bound + find_closing_error(it, in, out, resident);
    if (it->cavity && it->kappa > 0) outcome->heat = cavity_heat(it, in);
    else if (resident) outcome->heat = flow(it, resident, out->first, out->last);
    else if (it->kind == UMI_CHANNEL_WAIT)
        outcome->heat = flow(it, umi_state_row(out, 0, 0), out->first, out->last) / it->rate;
    return UM_OK;
}

um_status umi_channel_apply_adjoint(umi_channel *it, um_state *in, um_state *out)
{
    double bound;
    if (in->last == in->first) return leave_empty(in, out);
    return run(it, true, in, out, NULL, &bound);
}
