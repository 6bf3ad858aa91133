/* A channel on populations alone, in extended precision: what the collisions of a plateau lose by rounding is
 * found out now and then and given back. Nothing of it recurs where the environment leaves little of a state. */
#include <math.h>
#include <string.h>

#include "map/channel_parts.h"

/* The environment is weak if no population changes by more than this many times itself. */
static const double CHANGE_MAX = 4;
static const long double NEGLIGIBLE = 1e-24L;

static double highest_rate(const umi_channel *it) { return (it->loss + it->gain) * it->climb[it->levels]; }

bool umi_channel_can_refine(const umi_channel *it)
{
    return it->kind == UMI_CHANNEL_WAIT || highest_rate(it) * it->time <= CHANGE_MAX;
}

/* sum_l C(n+l,l) eta'^n (1-eta')^l p_(n+l) */
static void lose(const umi_channel *it, long double *p)
{
    long double passed = it->factors.passed, *image = it->exact;
    long double eta = log1pl(-passed);
    for (int n = 0; n < it->levels; n++) {
        long double weight = expl(n * eta);
        image[n] = weight * p[n];
        for (int l = 1; n + l < it->levels && weight > NEGLIGIBLE; l++) {
            weight *= passed * (n + l) / l;
            image[n] += weight * p[n + l];
        }
    }
    memcpy(p, image, (size_t)it->levels * sizeof *p);
}

/* sum_l C(n,l) G^(-n-1) (G-1)^l p_(n-l) */
static void win(const umi_channel *it, long double *p)
{
    long double more = it->factors.more, shrink = log1pl(more);
    for (int n = it->levels - 1; n >= 0; n--) {
        long double weight = expl(-(n + 1) * shrink), sum = weight * p[n];
        for (int l = 1; l <= n && weight > NEGLIGIBLE; l++) {
            weight *= more * (n - l + 1) / l;
            sum += weight * p[n - l];
        }
        p[n] = sum;
    }
}

/* exp(W t) p by its series, W the rates between neighbours. */
static void relax(const umi_channel *it, long double *p)
{
    long double *term = it->exact;
    int last = it->levels - 1;
    memcpy(term, p, (size_t)it->levels * sizeof *term);
    for (int j = 1; j < 80; j++) {
        long double largest = 0, from_below = 0, step = (long double)it->time / j;
        for (int n = 0; n <= last; n++) {
            long double down = it->lowering[n], up = it->lowering[n + 1], here = term[n];
            long double from_above = n < last ? it->loss * up * up * term[n + 1] : 0;
            long double leaving = it->loss * down * down + it->gain * up * up;
            term[n] = step * (from_above + from_below - leaving * here);
            from_below = it->gain * up * up * here;
            p[n] += term[n];
            largest = fmaxl(largest, fabsl(term[n]));
        }
        if (largest < NEGLIGIBLE) return;
    }
}

/* As in channel_wait.c, for order 0. */
static void wait(const umi_channel *it, long double *p)
{
    long double *fall = it->exact, excess = it->rate, pivot = 1, up = 0, z = 0;
    for (int n = 0; n < it->levels; n++) {
        long double d = it->lowering[n], next = it->lowering[n + 1], down = it->loss * d * d;
        if (n > 0) {
            fall[n - 1] = down / pivot;
            excess = it->rate + down * (excess / pivot);
        }
        z = p[n] + (n > 0 ? up / pivot * z : 0);
        up = it->gain * next * next;
        pivot = excess + up;
        p[n] = it->rate / pivot * z;
    }
    for (int n = it->levels - 2; n >= 0; n--) p[n] += fall[n] * p[n + 1];
}

void umi_channel_refine(const umi_channel *it, long double *p)
{
    if (it->loss == 0) return;
    if (it->kind == UMI_CHANNEL_WAIT) {
        wait(it, p);
    } else if (it->kind == UMI_CHANNEL_SERIES) {
        relax(it, p);
    } else {
        for (int i = 0; i < it->factors.repeats; i++) {
            lose(it, p);
            if (it->factors.more > 0) win(it, p);
        }
    }
}
