/* The cavity's two sums for short times: their weights are a shift between factors of n and of m,
 *   loss  sqrt(C(n+l,l) C(m+l,l)) eta'^((n+m)/2) (1-eta')^l,     f_(n+l)/f_n and so on,
 *   gain  sqrt(C(n,l) C(m,l)) G^(-1-(n+m)/2) (G-1)^l,            f_n/f_(n-l),
 * with (s (1-eta'))^l/l! and (s (G-1))^l/l!, where f_n = sqrt(n!/s^n). With s = N/e all f_n are between 1 and
 * e^(-N/2e): nothing overflows. Factors that do not change with time are made once. */
#include <math.h>

#include "map/channel_parts.h"

enum { BLOCK = UMI_CHANNEL_BLOCK };

static long double scale_of(const umi_channel *channel) { return channel->levels / expl(1); }

static um_status make_factorials(umi_channel *channel)
{
    umi_channel_factors *it = &channel->factors;
    if (it->factorials) return UM_OK;
    size_t levels = (size_t)channel->levels, size = levels + 2 * BLOCK;
    it->factorials = UMI_NEW_ARRAY(channel->ctx, double, 9 * size);
    if (!it->factorials) return UM_ERROR_MEMORY;
    it->short_loss.terms = (unsigned char *)(it->factorials + 8 * size);
    it->short_gain.terms = it->short_loss.terms + levels;
    double *f = it->factorials + BLOCK, *inverse = f + size, *next = inverse + size;
    long double product = 1;
    for (size_t n = 0; n < levels; product *= sqrtl(++n / scale_of(channel))) {
        f[n] = (double)product;
        inverse[n] = (double)(1 / product);
    }
    umi_channel_short *of[2] = {&it->short_loss, &it->short_gain};
    for (int i = 0; i < 2; i++) {
        double **part[3] = {&of[i]->after, &of[i]->lost[0], &of[i]->lost[1]};
        for (int j = 0; j < 3; j++, next += size) *part[j] = next;
        of[i]->sum = (umi_channel_shift){.direction = i ? -1 : 1,
                                         .before = i ? inverse : f,
                                         .after = of[i]->after,
                                         .lost = {of[i]->lost[0], of[i]->lost[1]},
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

/* log_kept: of what is kept of level 0 in `from` steps, and of one level more in each further one. */
static bool make_sum(umi_channel *channel, umi_channel_short *it, long double x, long double log_kept, int from)
{
    it->dropped = 0;
    for (int k = 0; k < channel->levels; k++) {
        double left = 0;
        int terms = count_terms(channel->levels - 1, k, (double)x, &left);
        if (terms == 0) return false;
        it->terms[k] = (unsigned char)terms;
        it->dropped = fmax(it->dropped, left);
    }
    long double power = 1;
    for (int l = 1; l <= UMI_CHANNEL_SHIFTS; l++) it->power[l] = (double)(power *= scale_of(channel) * x / l);
    const double *f = channel->factors.factorials + BLOCK, *inverse = f + channel->levels + 2 * BLOCK;
    for (int n = 0; n < channel->levels; n++) {
        for (int odd = 0; odd < 2; odd++) it->lost[odd][n] = (double)expm1l((n + 0.5L * odd + from) * log_kept);
        it->after[n] = (double)((it->sum.direction > 0 ? inverse : f)[n] * (1 + expm1l((n + from) * log_kept / 2)));
    }
    return true;
}

um_status umi_channel_make_short(umi_channel *channel)
{
    umi_channel_factors *it = &channel->factors;
    it->is_short = false;
    it->shift = umi_channel_shift_choose();
    if (channel->levels > UMI_CHANNEL_SHIFT_LEVELS || it->passed * channel->levels > 1) return UM_OK;
    UMI_TRY(make_factorials(channel));
    it->is_short = make_sum(channel, &it->short_loss, it->passed, log1pl(-it->passed), 0) &&
                   make_sum(channel, &it->short_gain, it->more, -log1pl(it->more), 1);
    return UM_OK;
}

void umi_channel_free_short(umi_channel *channel)
{
    umi_free(channel->ctx, channel->factors.factorials);
}
