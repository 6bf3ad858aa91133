/* A parity chain under a pulse, in the frame rotating at omega:
 *   H(t)_{n,n} = Delta s(n),  H(t)_{n,n-1} = g(t) d_n (1, or lambda e^(2 i omega t) where s(n) = 1).
 * U' = -i H U forwards; the work A of what is still to come backwards, A' = -i [H, A] - g' v, from
 * A(tau) = -g(tau) v. Both by the midpoint rule over a large step in 2, 4, ..., 16 small ones,
 * extrapolated to none (Gragg, Bulirsch and Stoer): H is small in this frame, and tridiagonal. */
#include <math.h>
#include <string.h>

#include "map/pulse.h"

enum { ROWS = 8, HALVINGS_MAX = 12, MATRICES = 5 + ROWS };
static const double TOLERANCE = 3e-14;

/* A matrix: columns of `stride` elements, a zero before and after each, all real parts, then all
 * imaginary ones. */
typedef struct motion {
    const umi_collision *it;
    int size, columns, parity;
    size_t stride, plane; /* plane: elements of either part */
    bool backwards;       /* the work, in place of U */
    double *re, *im;      /* H_{n,n-1} = re + i im, n = 0..size, the first and last zero */
    double *slope_re, *slope_im; /* g' v_{n,n-1}, the same */
    double *diagonal;
    double coupling_max;
} motion;

static size_t at(const motion *m, int n, int j) { return (size_t)j * m->stride + 1 + (size_t)n; }

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
static void fill_below(const motion *m, double t, double factor, double *re, double *im)
{
    const umi_collision *it = m->it;
    double angle = 2 * it->battery->frequency * t, lambda = it->interaction.counter_rotating;
    double turn_re = lambda * cos(angle), turn_im = lambda * sin(angle);
    for (int n = 1; n < m->size; n++) {
        double d = factor * um_battery_get_lowering(it->battery, n);
        bool counter = (n + m->parity) % 2 == 1;
        re[n] = counter ? d * turn_re : d;
        im[n] = counter ? d * turn_im : 0;
    }
}

/* to = -i H x, a column. */
static void turn_column(int size, const double *restrict diagonal, const double *restrict h_re, const double *restrict h_im,
                        const double *restrict x_re, const double *restrict x_im, double *restrict to_re,
                        double *restrict to_im)
{
    for (int n = 0; n < size; n++) {
        double sum_re = diagonal[n] * x_re[n] + h_re[n] * x_re[n - 1] - h_im[n] * x_im[n - 1] +
                        h_re[n + 1] * x_re[n + 1] + h_im[n + 1] * x_im[n + 1];
        double sum_im = diagonal[n] * x_im[n] + h_re[n] * x_im[n - 1] + h_im[n] * x_re[n - 1] +
                        h_re[n + 1] * x_im[n + 1] - h_im[n + 1] * x_re[n + 1];
        to_re[n] = sum_im;
        to_im[n] = -sum_re;
    }
}

/* += what stands across the diagonal, conjugated */
static void add_adjoint(const motion *m, double *rate)
{
    for (int j = 0; j < m->size; j++)
        for (int n = 0; n <= j; n++) {
            size_t here = at(m, n, j), there = at(m, j, n);
            double re = rate[here] + rate[there];
            double im = rate[here + m->plane] - rate[there + m->plane];
            rate[here] = rate[there] = re;
            rate[here + m->plane] = im;
            rate[there + m->plane] = -im;
        }
}

/* += factor times the matrix v that `re` and `im` hold */
static void add_coupling(const motion *m, double factor, const double *re, const double *im, double *to)
{
    for (int n = 1; n < m->size; n++) {
        to[at(m, n, n - 1)] += factor * re[n];
        to[at(m, n, n - 1) + m->plane] += factor * im[n];
        to[at(m, n - 1, n)] += factor * re[n];
        to[at(m, n - 1, n) + m->plane] -= factor * im[n];
    }
}

static void find_rate(motion *m, double t, const double *y, double *rate)
{
    fill_below(m, t, coupling(m, t), m->re, m->im);
    for (int j = 0; j < m->columns; j++) {
        size_t top = at(m, 0, j);
        turn_column(m->size, m->diagonal, m->re, m->im, y + top, y + top + m->plane, rate + top, rate + top + m->plane);
    }
    if (!m->backwards) return;
    add_adjoint(m, rate);
    fill_below(m, t, coupling_slope(m, t), m->slope_re, m->slope_im);
    add_coupling(m, -1, m->slope_re, m->slope_im, rate);
}

typedef struct scratch {
    double *before, *now, *rate, *row[ROWS];
} scratch;

/* y(t + step) by the midpoint rule with `parts` intervals, smoothed at the end, into `end`. */
static void cross(motion *m, double t, double step, int parts, const double *y, scratch *s, double *end)
{
    size_t count = 2 * m->plane;
    double h = step / parts;
    memcpy(s->before, y, count * sizeof *y);
    find_rate(m, t, y, s->rate);
    for (size_t i = 0; i < count; i++) s->now[i] = y[i] + h * s->rate[i];
    for (int part = 1; part < parts; part++) {
        find_rate(m, t + part * h, s->now, s->rate);
        double *next = s->before;
        for (size_t i = 0; i < count; i++) next[i] += 2 * h * s->rate[i];
        s->before = s->now;
        s->now = next;
    }
    find_rate(m, t + step, s->now, s->rate);
    for (size_t i = 0; i < count; i++) end[i] = (s->before[i] + s->now[i] + h * s->rate[i]) / 2;
}

/* One large step; returns the largest change that the last extrapolation made. */
static double extrapolate(motion *m, double t, double step, double *y, scratch *s)
{
    size_t count = 2 * m->plane;
    double change = 0;
    for (int r = 0; r < ROWS; r++) {
        cross(m, t, step, 2 * (r + 1), y, s, s->row[r]);
        for (int j = r - 1; j >= 0; j--) {
            double ratio = (double)(r + 1) / (j + 1), factor = 1 / (ratio * ratio - 1);
            double *older = s->row[j], *newer = s->row[j + 1];
            if (r == ROWS - 1 && j == 0)
                for (size_t i = 0; i < count; i++) {
                    double made = factor * fabs(newer[i] - older[i]);
                    change = isnan(made) ? INFINITY : fmax(change, made);
                }
            for (size_t i = 0; i < count; i++) older[i] = newer[i] + factor * (newer[i] - older[i]);
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
static um_status integrate(um_context *ctx, motion *m, double t, double length, double *y, scratch *s,
                           double *start)
{
    size_t bytes = 2 * m->plane * sizeof *y;
    double pace = 2 * m->it->battery->frequency + fabs(m->it->atoms.detuning) + m->coupling_max;
    double tolerance = TOLERANCE * (m->backwards ? fmax(1, m->coupling_max) : 1);
    int64_t steps = (int64_t)fmin(fmax(ceil(fabs(length) * pace / 1.5), 1), 1e6);
    memcpy(start, y, bytes);
    for (int halving = 0; halving < HALVINGS_MAX; halving++, steps *= 2) {
        bool good = true;
        memcpy(y, start, bytes);
        for (int64_t i = 0; i < steps && good; i++)
            good = extrapolate(m, t + length * (double)i / (double)steps, length / (double)steps, y, s) <= tolerance;
        if (good) return UM_OK;
    }
    return fail_steps(ctx);
}

static void copy_out(const motion *m, double factor, const double *y, double *re, double *im)
{
    size_t size = (size_t)m->size;
    for (int j = 0; j < m->columns; j++)
        for (int n = 0; n < m->size; n++) {
            re[(size_t)n + (size_t)j * size] = factor * y[at(m, n, j)];
            im[(size_t)n + (size_t)j * size] = factor * y[at(m, n, j) + m->plane];
        }
}

/* So many columns, all zero; returns the matrix. */
static double *clear(motion *m, int columns, double *memory, double **start, scratch *s)
{
    m->columns = columns;
    m->plane = (size_t)columns * m->stride;
    size_t count = 2 * m->plane;
    memset(memory, 0, MATRICES * count * sizeof *memory);
    *start = memory + count;
    *s = (scratch){.before = memory + 2 * count, .now = memory + 3 * count, .rate = memory + 4 * count};
    for (int r = 0; r < ROWS; r++) s->row[r] = memory + (size_t)(5 + r) * count;
    return memory;
}

static um_status solve(um_context *ctx, motion *m, double *memory, umi_pulse_chain *chain)
{
    scratch s;
    double *start, *y = clear(m, chain->columns, memory, &start, &s), tau = m->it->interaction.tau;
    for (int n = 0; n < m->columns; n++) y[at(m, n, n)] = 1;
    UMI_TRY(integrate(ctx, m, 0, tau, y, &s, start));
    copy_out(m, 1, y, chain->re, chain->im);
    if (!chain->work_re) return UM_OK;

    m->backwards = true;
    y = clear(m, m->size, memory, &start, &s);
    fill_below(m, tau, coupling(m, tau), m->slope_re, m->slope_im);
    add_coupling(m, -1, m->slope_re, m->slope_im, y);
    UMI_TRY(integrate(ctx, m, tau, -tau, y, &s, start));
    fill_below(m, 0, coupling(m, 0), m->slope_re, m->slope_im);
    add_coupling(m, 1, m->slope_re, m->slope_im, y);
    copy_out(m, 1 / m->it->battery->frequency, y, chain->work_re, chain->work_im);
    return UM_OK;
}

um_status umi_pulse_chain_solve(um_context *ctx, const umi_collision *it, umi_pulse_chain *chain)
{
    size_t size = (size_t)chain->size;
    motion m = {.it = it, .size = chain->size, .parity = chain->parity, .stride = size + 2};
    size_t matrices = MATRICES * 2 * size * m.stride;
    double *memory = UMI_NEW_ARRAY(ctx, double, matrices + 5 * (size + 1));
    if (!memory) return UM_ERROR_MEMORY;
    m.re = memory + matrices;
    m.im = m.re + size + 1;
    m.slope_re = m.im + size + 1;
    m.slope_im = m.slope_re + size + 1;
    m.diagonal = m.slope_im + size + 1;
    for (int n = 0; n < chain->size; n++) {
        m.diagonal[n] = (n + m.parity) % 2 ? it->atoms.detuning : 0;
        if (n > 0) m.coupling_max = fmax(m.coupling_max, um_battery_get_lowering(it->battery, n));
    }
    m.coupling_max *= it->interaction.g * (1 + it->interaction.counter_rotating) *
                      (double)umi_pulse_get(&it->interaction, 0.5L);
    um_status status = solve(ctx, &m, memory, chain);
    umi_free(ctx, memory);
    return status;
}
