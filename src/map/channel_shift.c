/* The cavity's two sums for short times: their weights are a shift between factors of n and of m,
 *   loss  sqrt(C(n+l,l) C(m+l,l)) eta'^((n+m)/2) (1-eta')^l,     sqrt((n+l)!/n!) and so on,
 *   gain  sqrt(C(n,l) C(m,l)) G^(-1-(n+m)/2) (G-1)^l,            sqrt(n!/(n-l)!),
 * with (1-eta')^l/l! and (G-1)^l/l!. Factors that do not change with time are made once. */
#include <math.h>

#include "map/channel_parts.h"

enum { BLOCK = UMI_CHANNEL_BLOCK };

static um_status make_ratios(umi_channel *channel)
{
    umi_channel_factors *it = &channel->factors;
    if (it->ratios) return UM_OK;
    size_t size = (size_t)channel->levels + BLOCK;
    it->ratios = UMI_NEW_ARRAY(channel->ctx, double, (4 * BLOCK + 3) * size);
    unsigned char *terms = UMI_NEW_ARRAY(channel->ctx, unsigned char, 2 * size);
    it->short_loss.terms = terms;
    if (!it->ratios || !terms) return UM_ERROR_MEMORY;
    double *up = it->ratios, *down = up + BLOCK * size, *jump = down + BLOCK * size, *decay = jump + size;
    double *after = decay + 2 * size;
    for (size_t b = 0; b < size; b++) {
        long double product = 1;
        for (size_t t = 0; t < BLOCK; product *= (long double)(b + ++t)) {
            up[b * BLOCK + t] = (double)sqrtl(product);
            down[b * BLOCK + t] = (double)(1 / sqrtl(product));
        }
        jump[b] = (double)sqrtl(product);
    }
    umi_channel_short *of[2] = {&it->short_loss, &it->short_gain};
    for (int i = 0; i < 2; i++) {
        of[i]->decay = decay + (size_t)i * size;
        of[i]->after = after + (size_t)i * BLOCK * size;
        of[i]->terms = terms + (size_t)i * size;
        of[i]->sum = (umi_channel_shift){.direction = i ? -1 : 1,
                                         .before = i ? down : up,
                                         .after = of[i]->after,
                                         .jump = jump,
                                         .decay = of[i]->decay,
                                         .power = of[i]->power,
                                         .terms = of[i]->terms};
    }
    return UM_OK;
}

/* Terms that matter for elements (n, n+k), 0 if there are too many. Each of them is at most
 * x^l sqrt(C(N-k,l) C(N,l)), N the highest level, and falls faster the higher l. */
static int count_terms(int top, int k, double x, double *left)
{
    double term = 1;
    for (int l = 1; l <= UMI_CHANNEL_SHIFTS + 1; l++) {
        double ratio = x * sqrt((double)(top - k - l + 1) * (top - l + 1)) / l;
        term *= ratio;
        *left = ratio < 0.5 ? 2 * term : 1;
        if (*left <= UMI_CHANNEL_NEGLIGIBLE) return umi_max(l - 1, 1);
    }
    return 0;
}

static bool make_sum(umi_channel *channel, umi_channel_short *it, long double x, long double log_kept, int from)
{
    size_t size = (size_t)channel->levels + BLOCK;
    it->dropped = 0;
    for (int k = 0; k < channel->levels; k++) {
        double left = 0;
        int terms = count_terms(channel->levels - 1, k, (double)x, &left);
        if (terms == 0) return false;
        it->terms[k] = (unsigned char)terms;
        it->dropped = fmax(it->dropped, left);
    }
    long double power = 1;
    for (int l = 1; l <= UMI_CHANNEL_SHIFTS; l++) it->power[l] = (double)(power *= x / l);
    for (int n = 0; n < channel->levels + BLOCK; n++) it->decay[n] = (double)expm1l((n + from) * log_kept / 2);
    const double *inverse = channel->factors.ratios + (it->sum.direction > 0 ? size * BLOCK : 0);
    for (size_t b = 0; b + BLOCK <= size; b++)
        for (size_t t = 0; t < BLOCK; t++)
            it->after[b * BLOCK + t] = inverse[b * BLOCK + t] * (1 + it->decay[b + t]);
    return true;
}

um_status umi_channel_make_short(umi_channel *channel)
{
    umi_channel_factors *it = &channel->factors;
    it->is_short = false;
    it->shift = umi_channel_shift_choose();
    if (!it->shift || it->passed * channel->levels > 1) return UM_OK;
    UMI_TRY(make_ratios(channel));
    it->is_short = make_sum(channel, &it->short_loss, it->passed, log1pl(-it->passed), 0) &&
                   make_sum(channel, &it->short_gain, it->more, -log1pl(it->more), 1);
    return UM_OK;
}

void umi_channel_free_short(umi_channel *channel)
{
    umi_free(channel->ctx, channel->factors.ratios);
    umi_free(channel->ctx, channel->factors.short_loss.terms);
}
