/* How far up the channel carries what lies below a level, before any state is there to ask. From level s of a
 * cavity loss with eta/G and then gain with G lead to n quanta with the generating function
 *   <z^n> = (1 + eta v/((G-1)(1-v)))^s/(1-v),  v = (G-1)(z-1) in (0, 1),
 * and <z^n>/z^N bounds the share that ends at N or beyond (Chernoff). The loss counts: over long times all
 * is forgotten but the thermal tail, whatever the level it began at. */
#include <math.h>

#include "map/channel_parts.h"

static const double LOG_CUT = 46.1; /* -log 1e-20 */

/* The N from which on less than e^-cut is left, by the bound with v/(1-v) = e^y. */
static double bound_at(double y, double eta, double more, int s, double cut)
{
    double odds = exp(y), z = log1p(odds / (1 + odds) / more);
    return (s * log1p(eta * odds / more) + log1p(odds) + cut) / z;
}

/* The least of them: they have one minimum, found by golden sections. */
static double end_after(const umi_channel *it, double time, int s, double cut)
{
    const double golden = 0.6180339887498949;
    double eta = exp(-it->kappa * time), more = -it->n_th * expm1(-it->kappa * time);
    if (!(more > 0)) return s + 1;
    double low = -60, high = 40, a = high - golden * (high - low), b = low + golden * (high - low);
    double at_a = bound_at(a, eta, more, s, cut), at_b = bound_at(b, eta, more, s, cut);
    for (int i = 0; i < 30; i++) {
        if (at_a < at_b) {
            high = b, b = a, at_b = at_a;
            at_a = bound_at(a = high - golden * (high - low), eta, more, s, cut);
        } else {
            low = a, a = b, at_a = at_b;
            at_b = bound_at(b = low + golden * (high - low), eta, more, s, cut);
        }
    }
    return fmin(at_a, at_b);
}

/* Steps that it is divided into climb further, at times, than all of it. */
static double end_of_factors(const umi_channel *it, int s)
{
    int repeats = it->factors.repeats;
    double end = 0;
    for (int i = 1; i <= repeats; i++) end = fmax(end, end_after(it, it->time * i / repeats, s, LOG_CUT));
    return end;
}

/* The mean of rate e^(-rate t) tail(t) is at most twice the largest e^(-rate t/2) tail(t). */
static double end_of_wait(const umi_channel *it, int s)
{
    double end = 0;
    for (int i = -8; i <= 8; i++) {
        double time = ldexp(1 / (it->rate + it->kappa), i), cut = LOG_CUT - it->rate * time / 2;
        if (cut > 0) end = fmax(end, end_after(it, time, s, cut));
    }
    return end;
}

int umi_channel_get_climb(const umi_channel *it, int last)
{
    if (!umi_channel_climbs(it) || last <= 0) return 0;
    if (!it->cavity || it->kind == UMI_CHANNEL_SERIES) return umi_channel_get_reach(it);
    double end = it->kind == UMI_CHANNEL_WAIT ? end_of_wait(it, last - 1) : end_of_factors(it, last - 1);
    return (int)fmin(fmax(ceil(end) - last, 0), UM_LEVELS_MAX);
}
