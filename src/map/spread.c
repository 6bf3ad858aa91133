/* Characteristic functions of the laws of um_spread_law, and values drawn from them. */
#include "map/spread.h"

#include <complex.h>
#include <math.h>

/* Beyond so many standard deviations a normal variable has a probability below 1e-16. */
static const double TAIL = 8.5;

bool umi_spread_reverses(const um_imperfections *it)
{
    return it->theta_law == UM_SPREAD_GAUSSIAN && it->theta_spread * TAIL > 1;
}

static bool is_of_velocity(um_spread_law law)
{
    return law == UM_SPREAD_VELOCITY || law == UM_SPREAD_MAXWELL;
}

/* The density of v = 1/u; it has no singularity anywhere. */
static double complex density(const um_imperfections *it, double complex v)
{
    if (it->theta_law == UM_SPREAD_MAXWELL) return 4.5 * v * v * v * cexp(-1.5 * v * v);
    double s = it->theta_spread, inside = erfc(-M_SQRT1_2 / s) / 2; /* P(v > 0) */
    double complex x = (v - 1) / s;
    return cexp(-x * x / 2) / (s * sqrt(2 * M_PI) * inside);
}

/* Where v lives, in ln v. */
static void find_range(const um_imperfections *it, double *low, double *high)
{
    double s = it->theta_spread;
    bool narrow = it->theta_law == UM_SPREAD_VELOCITY && s * (TAIL + 1) < 0.9;
    *low = it->theta_law == UM_SPREAD_MAXWELL ? -13 : narrow ? log1p(-s * (TAIL + 1)) : -45;
    *high = it->theta_law == UM_SPREAD_MAXWELL ? log(7) : log1p(s * (TAIL + 3.5));
}

/* The integral over v along v = r e^(-i turn), r = e^t, with the step range/steps in t: both ends decay
 * faster than exponentially, so the plain sum converges geometrically. */
static um_status fill_path(umi_spread *spread, const um_imperfections *it, int steps)
{
    double low, high, turn = fmin(M_PI / 8, it->theta_law == UM_SPREAD_MAXWELL ? 1 : it->theta_spread);
    find_range(it, &low, &high);
    umi_free(spread->ctx, spread->inverse_re);
    umi_free(spread->ctx, spread->weight[0]);
    spread->inverse_re = UMI_NEW_ARRAY(spread->ctx, long double, (size_t)steps + 1);
    spread->weight[0] = UMI_NEW_ARRAY(spread->ctx, double, 2 * ((size_t)steps + 1));
    if (!spread->inverse_re || !spread->weight[0]) return UM_ERROR_MEMORY;
    spread->weight[1] = spread->weight[0] + steps + 1;
    spread->slope = tan(turn);
    spread->nodes = 0;
    double step = (high - low) / steps;
    for (int i = 0; i <= steps; i++) {
        long double r = expl((long double)high - i * (long double)step);
        double complex v = (double)r * cexp(-I * turn), weight = step * v * density(it, v);
        if (cabs(weight) < 1e-22) continue;
        spread->inverse_re[spread->nodes] = cosl(turn) / r;
        spread->weight[0][spread->nodes] = creal(weight);
        spread->weight[1][spread->nodes++] = cimag(weight);
    }
    return UM_OK;
}

/* An angle as one of at most half a turn. As good as remainderl, whose loop takes longer than sine and cosine. */
static double reduce(long double angle)
{
    const long double turn = 2 * 3.14159265358979323846264338327950288L;
    return (double)(angle - turn * rint((double)(angle / turn)));
}

/* e^(i alpha/v) decays along the path as 1/v grows. */
static double complex mean_on_path(const umi_spread *spread, long double alpha)
{
    double re = 0, im = 0, decay = (double)alpha * spread->slope;
    for (int i = 0; i < spread->nodes; i++) {
        double lost = decay * (double)spread->inverse_re[i];
        if (lost > 45) break;
        double phase = reduce(alpha * (spread->inverse_re[i] - 1)), size = exp(-lost);
        double c = size * cos(phase), s = size * sin(phase);
        re += spread->weight[0][i] * c - spread->weight[1][i] * s;
        im += spread->weight[0][i] * s + spread->weight[1][i] * c;
    }
    return re + I * im;
}

static double complex mean_of_samples(const umi_spread *spread, long double alpha)
{
    double re = 0, im = 0;
    for (size_t i = 0; i < spread->samples_count; i++) {
        double phase = reduce(alpha * ((long double)spread->samples[i] - 1));
        re += cos(phase);
        im += sin(phase);
    }
    return (re + I * im) / (double)spread->samples_count;
}

double complex umi_spread_sum_mean(const umi_spread *spread, long double alpha)
{
    double complex value = spread->law == UM_SPREAD_SAMPLES ? mean_of_samples(spread, fabsl(alpha))
                                                            : mean_on_path(spread, fabsl(alpha));
    return alpha < 0 ? conj(value) : value;
}

/* Angles that tell whether a sum is good enough: 0 and 24 more up to the largest. */
enum { PROBES = 25 };

static double probe(double largest, int i)
{
    return i == 0 ? 0 : largest * exp2(-(PROBES - 1 - i) / 2.0);
}

static um_status create_path(umi_spread *spread, const um_imperfections *it, double largest)
{
    double complex old[PROBES];
    enum { STEPS_MAX = 1 << 18 };
    for (int steps = 64; steps <= STEPS_MAX; steps *= 2) {
        double change = 0;
        UMI_TRY(fill_path(spread, it, steps));
        for (int i = 0; i < PROBES; i++) {
            double complex value = mean_on_path(spread, probe(largest, i));
            change = fmax(change, steps == 64 ? 1 : cabs(value - old[i]));
            old[i] = value;
        }
        /* The error squares with every halving of the step: this change is that of the step before. */
        if (change < 1e-9 && cabs(old[0] - 1) < 1e-14) return UM_OK;
    }
    return umi_fail_key(spread->ctx, UM_ERROR_NOCONV, "imperfections.theta_spread",
                        "the mean over interaction times that scatter does not converge for angles "
                        "up to %g; reduce theta or the spread", largest);
}

/* Samples that are summed as they are, in all digits. */
enum { FEW = 16 };

um_status umi_spread_create(um_context *ctx, const um_imperfections *it, double largest,
                            umi_spread *spread)
{
    *spread = (umi_spread){.ctx = ctx,
                           .law = it->theta_law,
                           .s = it->theta_spread,
                           .samples = it->theta_samples,
                           .samples_count = it->theta_samples_count};
    if (!umi_spread_acts(it)) spread->law = UM_SPREAD_GAUSSIAN;
    um_status status = UM_OK;
    if (is_of_velocity(spread->law))
        status = create_path(spread, it, fmax(largest, 1));
    else if (spread->law == UM_SPREAD_GAUSSIAN || spread->samples_count <= FEW)
        return UM_OK;
    if (status == UM_OK) status = umi_spread_fit(spread, largest);
    if (status != UM_OK) umi_spread_free(spread);
    return status;
}

void umi_spread_free(umi_spread *spread)
{
    umi_free(spread->ctx, spread->inverse_re);
    umi_free(spread->ctx, spread->weight[0]);
    umi_free(spread->ctx, spread->piece);
    spread->inverse_re = NULL;
    spread->weight[0] = NULL;
    spread->piece = NULL;
}

double umi_spread_draw(const um_imperfections *it, umi_random *random)
{
    double v = 0;
    switch (it->theta_law) {
    case UM_SPREAD_GAUSSIAN:
        return it->theta_spread > 0 ? 1 + it->theta_spread * umi_random_normal(random) : 1;
    case UM_SPREAD_VELOCITY:
        while (v <= 0) v = 1 + it->theta_spread * umi_random_normal(random);
        return 1 / v;
    case UM_SPREAD_MAXWELL: /* 3 v^2/2 has the density w e^(-w): the sum of two exponentials */
        v = umi_random_exponential(random);
        return 1 / sqrt((v + umi_random_exponential(random)) * 2 / 3);
    case UM_SPREAD_SAMPLES: break;
    }
    size_t i = (size_t)(umi_random_uniform(random) * (double)it->theta_samples_count);
    return it->theta_samples[i < it->theta_samples_count ? i : it->theta_samples_count - 1];
}
