/* A parity chain under a pulse, in the frame rotating at omega:
 *   H(t)_{n,n} = Delta s(n),  H(t)_{n,n-1} = g(t) d_n (1, or lambda e^(2 i omega t) where s(n) = 1).
 * U' = -i H U forwards; the work A of what is still to come backwards, A' = -i [H, A] - g' v, from
 * A(tau) = -g(tau) v. Both by the midpoint rule over a large step in 2, 4, ..., 16 small ones,
 * extrapolated to none (Gragg, Bulirsch and Stoer): H is small in this frame, and tridiagonal. */
#include <complex.h>
#include <math.h>
#include <string.h>

#include "map/pulse.h"

typedef double complex complex_double;

enum { ROWS = 8, HALVINGS_MAX = 12 };
static const double TOLERANCE = 1e-14;

typedef struct motion {
    const umi_collision *it;
    int size, parity;
    bool backwards;         /* the work, in place of U */
    complex_double *below;  /* H_{n,n-1} at the time it was last made for */
    complex_double *slope;  /* g' v_{n,n-1}, the same */
    double coupling_max;
} motion;

static double coupling(const motion *m, double t)
{
    const um_interaction *it = &m->it->interaction;
    return it->g * (double)umi_pulse_get(it, t / it->tau);
}

static double coupling_slope(const motion *m, double t)
{
    const um_interaction *it = &m->it->interaction;
    return it->g / it->tau * (double)umi_pulse_get_slope(it, t / it->tau);
}

/* factor v_{n,n-1} at time t */
static void fill_below(const motion *m, double t, double factor, complex_double *below)
{
    const umi_collision *it = m->it;
    complex_double turn = cexp(2 * I * it->battery->frequency * t);
    below[0] = 0;
    for (int n = 1; n < m->size; n++) {
        double d = factor * um_battery_get_lowering(it->battery, n);
        bool counter = (n + m->parity) % 2 == 1;
        below[n] = counter ? it->interaction.counter_rotating * d * turn : d;
    }
}

static double diagonal(const motion *m, int n)
{
    return (n + m->parity) % 2 ? m->it->atoms.detuning : 0;
}

/* to = -i H from, a column */
static void turn_column(const motion *m, const complex_double *from, complex_double *to)
{
    for (int n = 0; n < m->size; n++) {
        complex_double sum = diagonal(m, n) * from[n];
        if (n > 0) sum += m->below[n] * from[n - 1];
        if (n + 1 < m->size) sum += conj(m->below[n + 1]) * from[n + 1];
        to[n] = -I * sum;
    }
}

/* to += i from H, column j */
static void turn_row(const motion *m, const complex_double *from, int j, complex_double *to)
{
    size_t size = (size_t)m->size, at = (size_t)j;
    complex_double left = j > 0 ? conj(m->below[j]) : 0;
    complex_double right = j + 1 < m->size ? m->below[j + 1] : 0;
    double here = diagonal(m, j);
    for (size_t n = 0; n < size; n++) {
        complex_double sum = here * from[n + at * size];
        if (j > 0) sum += left * from[n + (at - 1) * size];
        if (j + 1 < m->size) sum += right * from[n + (at + 1) * size];
        to[n + at * size] += I * sum;
    }
}

static void find_rate(motion *m, double t, const complex_double *y, complex_double *rate)
{
    size_t size = (size_t)m->size;
    fill_below(m, t, coupling(m, t), m->below);
    for (int j = 0; j < m->size; j++) turn_column(m, y + (size_t)j * size, rate + (size_t)j * size);
    if (!m->backwards) return;
    for (int j = 0; j < m->size; j++) turn_row(m, y, j, rate);
    fill_below(m, t, coupling_slope(m, t), m->slope);
    for (size_t n = 1; n < size; n++) {
        rate[n + (n - 1) * size] -= m->slope[n];
        rate[n - 1 + n * size] -= conj(m->slope[n]);
    }
}

typedef struct scratch {
    complex_double *before, *now, *rate, *row[ROWS];
} scratch;

/* y(t + step) by the midpoint rule with `parts` intervals, smoothed at the end, into `end`. */
static void cross(motion *m, double t, double step, int parts, const complex_double *y, scratch *s,
                  complex_double *end)
{
    size_t count = (size_t)m->size * (size_t)m->size;
    double h = step / parts;
    memcpy(s->before, y, count * sizeof *y);
    find_rate(m, t, y, s->rate);
    for (size_t i = 0; i < count; i++) s->now[i] = y[i] + h * s->rate[i];
    for (int part = 1; part < parts; part++) {
        find_rate(m, t + part * h, s->now, s->rate);
        for (size_t i = 0; i < count; i++) {
            complex_double next = s->before[i] + 2 * h * s->rate[i];
            s->before[i] = s->now[i];
            s->now[i] = next;
        }
    }
    find_rate(m, t + step, s->now, s->rate);
    for (size_t i = 0; i < count; i++)
        end[i] = (s->before[i] + s->now[i] + h * s->rate[i]) / 2;
}

/* One large step; returns the change that the last extrapolation made. */
static double extrapolate(motion *m, double t, double step, complex_double *y, scratch *s)
{
    size_t count = (size_t)m->size * (size_t)m->size;
    double change = 0;
    for (int r = 0; r < ROWS; r++) {
        cross(m, t, step, 2 * (r + 1), y, s, s->row[r]);
        for (int j = r - 1; j >= 0; j--) {
            double ratio = (double)(r + 1) / (j + 1), factor = 1 / (ratio * ratio - 1);
            bool last = r == ROWS - 1 && j == 0;
            for (size_t i = 0; i < count; i++) {
                complex_double gain = factor * (s->row[j + 1][i] - s->row[j][i]);
                s->row[j][i] = s->row[j + 1][i] + gain;
                if (last) change = fmax(change, cabs(gain));
            }
        }
    }
    memcpy(y, s->row[0], count * sizeof *y);
    return change;
}

static um_status fail_steps(um_context *ctx)
{
    return umi_fail_key(ctx, UM_ERROR_NOCONV, "interaction.pulse",
                        "the pulse is too strong or too sharp to be followed; use a smaller g or a "
                        "wider pulse");
}

/* From `t` over `length`, in equal large steps, twice as many whenever one is not exact enough. */
static um_status integrate(um_context *ctx, motion *m, double t, double length, complex_double *y,
                           scratch *s, complex_double *start)
{
    size_t bytes = (size_t)m->size * (size_t)m->size * sizeof *y;
    const umi_collision *it = m->it;
    double pace = 2 * it->battery->frequency + fabs(it->atoms.detuning) + m->coupling_max;
    int steps = umi_max(1, (int)fmin(ceil(fabs(length) * pace / 3), 1e6));
    memcpy(start, y, bytes);
    for (int halving = 0; halving < HALVINGS_MAX; halving++, steps *= 2) {
        bool good = true;
        memcpy(y, start, bytes);
        for (int i = 0; i < steps && good; i++) {
            double scale = m->backwards ? fmax(1, m->coupling_max) : 1;
            double change = extrapolate(m, t + length * i / steps, length / steps, y, s);
            good = change <= TOLERANCE * scale;
        }
        if (good) return UM_OK;
    }
    return fail_steps(ctx);
}

static um_status solve(um_context *ctx, motion *m, complex_double *memory, umi_pulse_chain *chain)
{
    size_t size = (size_t)m->size, count = size * size;
    complex_double *y = memory, *start = memory + count;
    scratch s = {.before = memory + 2 * count, .now = memory + 3 * count, .rate = memory + 4 * count};
    for (int r = 0; r < ROWS; r++) s.row[r] = memory + (size_t)(5 + r) * count;
    double tau = m->it->interaction.tau;
    for (size_t i = 0; i < count; i++) y[i] = i % (size + 1) == 0;
    UMI_TRY(integrate(ctx, m, 0, tau, y, &s, start));
    for (size_t i = 0; i < count; i++) chain->re[i] = creal(y[i]), chain->im[i] = cimag(y[i]);

    m->backwards = true;
    fill_below(m, tau, -coupling(m, tau), m->slope);
    memset(y, 0, count * sizeof *y);
    for (size_t n = 1; n < size; n++) {
        y[n + (n - 1) * size] = m->slope[n];
        y[n - 1 + n * size] = conj(m->slope[n]);
    }
    UMI_TRY(integrate(ctx, m, tau, -tau, y, &s, start));
    fill_below(m, 0, coupling(m, 0), m->slope);
    for (size_t n = 1; n < size; n++) {
        y[n + (n - 1) * size] += m->slope[n];
        y[n - 1 + n * size] += conj(m->slope[n]);
    }
    double unit = 1 / m->it->battery->frequency;
    for (size_t i = 0; i < count; i++) {
        chain->work_re[i] = unit * creal(y[i]);
        chain->work_im[i] = unit * cimag(y[i]);
    }
    return UM_OK;
}

um_status umi_pulse_chain_solve(um_context *ctx, const umi_collision *it, umi_pulse_chain *chain)
{
    size_t size = (size_t)chain->size, count = size * size;
    complex_double *memory = UMI_NEW_ARRAY(ctx, complex_double, (5 + ROWS) * count + 2 * size);
    if (!memory) return UM_ERROR_MEMORY;
    motion m = {.it = it, .size = chain->size, .parity = chain->parity};
    m.below = memory + (5 + ROWS) * count;
    m.slope = m.below + size;
    for (int n = 1; n < chain->size; n++)
        m.coupling_max = fmax(m.coupling_max, um_battery_get_lowering(it->battery, n));
    m.coupling_max *= it->interaction.g * (1 + it->interaction.counter_rotating) *
                      (double)umi_pulse_get(&it->interaction, 0.5L);
    um_status status = solve(ctx, &m, memory, chain);
    umi_free(ctx, memory);
    return status;
}
