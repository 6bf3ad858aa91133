/* The channel averaged over exponential waiting times, x = R (R - L)^-1 y, order by order. R - L has what
 * goes up and down beside its diagonal, both negative; columns add up to `excess` > 0. Eliminated from
 * the lowest level up without a subtraction (Grassmann, Taksar, Heyman), so that no digit is lost
 * however slow or fast atoms come:
 *   excess_n = c_n + down_n excess_(n-1)/pivot_(n-1),   pivot_n = excess_n + up_n
 *   z_n = y_n + rise_n z_(n-1),   x_n = hold_n z_n + fall_n x_(n+1)
 * with rise_n = up_(n-1)/pivot_(n-1), hold_n = R/pivot_n, fall_n = down_(n+1)/pivot_n. */
#include <complex.h>
#include <math.h>
#include <string.h>

#include "map/channel_parts.h"

static void put(double *re, double *im, size_t at, long double _Complex value)
{
    re[at] = (double)creall(value);
    if (im) im[at] = (double)cimagl(value);
}

static void eliminate(const umi_channel *it, int k)
{
    const umi_channel_wait *w = &it->wait;
    const double *d = it->lowering;
    long double _Complex excess = 0, pivot = 1;
    long double up = 0;
    size_t at = (size_t)k * w->stride;
    for (int n = 0; n + k < it->levels; n++, at++) {
        int m = n + k;
        long double apart = (long double)d[m] - d[n], next_apart = (long double)d[m + 1] - d[n + 1];
        long double down = (long double)it->loss * d[n] * d[m];
        long double _Complex own = it->rate + it->dephasing * ((long double)k * k / 2) +
                                   it->loss * apart * apart / 2 + it->gain * next_apart * next_apart / 2;
        if (it->uneven) own += I * ((long double)it->shift[n] - it->shift[m]);
        if (n > 0) {
            put(w->rise, w->rise_im, at, up / pivot);
            put(w->fall, w->fall_im, at - 1, down / pivot);
        }
        excess = n > 0 ? own + down * (excess / pivot) : own;
        up = (long double)it->gain * d[n + 1] * d[m + 1];
        pivot = excess + up;
        put(w->hold, w->hold_im, at, it->rate / pivot);
    }
}

void umi_channel_free_wait(umi_channel *channel)
{
    umi_free(channel->ctx, channel->wait.rise);
    channel->wait = (umi_channel_wait){0};
}

/* Tables for that many orders: few are needed where atoms bring no coherence. */
static um_status prepare(umi_channel *channel, int orders)
{
    umi_channel_wait *w = &channel->wait;
    if (orders <= w->prepared) return UM_OK;
    int planes = channel->uneven ? 2 : 1;
    int wanted = umi_min(umi_max(orders, 2 * w->prepared), channel->levels);
    size_t stride = (size_t)channel->levels + UMI_STATE_PAD, size = (size_t)wanted * stride;
    double *memory = UMI_NEW_ARRAY(channel->ctx, double, (size_t)(3 * planes) * size);
    if (!memory) return UM_ERROR_MEMORY;
    umi_channel_free_wait(channel);
    *w = (umi_channel_wait){wanted, stride, memory, memory + size, memory + 2 * size, NULL, NULL, NULL};
    if (planes == 2) {
        w->rise_im = memory + 3 * size;
        w->fall_im = memory + 4 * size;
        w->hold_im = memory + 5 * size;
    }
    for (int k = 0; k < wanted; k++) eliminate(channel, k);
    return UM_OK;
}

/* Orders that are worked on side by side: each is a chain in which every element waits for the last. */
enum { CHAINS = 8 };

static void climb(const umi_channel *it, bool adjoint, const um_state *in, um_state *out, int p, int k)
{
    const umi_channel_wait *w = &it->wait;
    double z[CHAINS] = {0};
    for (int n = out->first; n < out->last - k; n++) {
        int chains = umi_min(umi_min(CHAINS, out->orders - k), out->last - k - n);
        for (int i = 0; i < chains; i++) {
            size_t at = (size_t)(k + i) * w->stride + (size_t)n;
            bool inside = n >= in->first && n + k + i < in->last;
            double y = inside ? umi_state_row(in, p, k + i)[n] : 0;
            z[i] = y + (adjoint ? (n > 0 ? w->fall[at - 1] : 0) : w->rise[at]) * z[i];
            umi_state_row(out, p, k + i)[n] = w->hold[at] * z[i];
        }
    }
}

static void descend(const umi_channel *it, bool adjoint, um_state *out, int p, int k)
{
    const umi_channel_wait *w = &it->wait;
    double x[CHAINS] = {0};
    for (int n = out->last - k - 1; n >= out->first; n--) {
        int chains = umi_min(umi_min(CHAINS, out->orders - k), out->last - k - n);
        for (int i = 0; i < chains; i++) {
            size_t at = (size_t)(k + i) * w->stride + (size_t)n;
            double *row = umi_state_row(out, p, k + i);
            row[n] = x[i] = row[n] + (adjoint ? w->rise[at + 1] : w->fall[at]) * x[i];
        }
    }
}

/* Unequal levels: one order after the other, complex. */
static void solve_turning(const umi_channel *it, bool adjoint, const um_state *in, um_state *out, int k)
{
    const umi_channel_wait *w = &it->wait;
    const double sign = adjoint ? -1 : 1;
    double *re = umi_state_row(out, 0, k), *im = umi_state_row(out, 1, k);
    double _Complex z = 0, x = 0;
    size_t row = (size_t)k * w->stride;
    for (int n = out->first; n < out->last - k; n++) {
        size_t at = row + (size_t)n;
        bool inside = n >= in->first && n + k < in->last;
        double _Complex y = inside ? umi_state_row(in, 0, k)[n] : 0;
        if (inside && in->planes == 2) y += I * umi_state_row(in, 1, k)[n];
        double _Complex from = adjoint ? (n > 0 ? w->fall[at - 1] - I * w->fall_im[at - 1] : 0)
                                       : w->rise[at] + I * w->rise_im[at];
        z = y + from * z;
        double _Complex held = (w->hold[at] + sign * I * w->hold_im[at]) * z;
        re[n] = creal(held);
        im[n] = cimag(held);
    }
    for (int n = out->last - k - 1; n >= out->first; n--) {
        size_t at = row + (size_t)n;
        double _Complex from = adjoint ? w->rise[at + 1] - I * w->rise_im[at + 1]
                                       : w->fall[at] + I * w->fall_im[at];
        x = re[n] + I * im[n] + from * x;
        re[n] = creal(x);
        im[n] = k ? cimag(x) : 0;
    }
}

um_status umi_channel_apply_wait(umi_channel *channel, bool adjoint, um_state *in, um_state *out,
                                 double *bound)
{
    UMI_TRY(prepare(channel, umi_max(in->orders, 1)));
    int first = in->first, last = in->last;
    *bound = 0;
    if (adjoint) {
        if (channel->loss > 0) last = in->levels;
        if (channel->gain > 0) first = 0;
    } else {
        if (channel->loss > 0) first = 0;
        last = umi_channel_choose_last(channel, in, bound);
    }
    UMI_TRY(umi_state_resize(out, in->levels, first, last, in->orders, channel->uneven ? 2 : in->planes));
    for (int k = 0; channel->uneven && k < out->orders; k++) solve_turning(channel, adjoint, in, out, k);
    for (int p = 0; p < in->planes && !channel->uneven; p++)
        for (int k = 0; k < out->orders; k += CHAINS) {
            climb(channel, adjoint, in, out, p, k);
            descend(channel, adjoint, out, p, k);
        }
    umi_state_seal(out);
    return UM_OK;
}
