/* Blocks as tones, means of their products, coefficients of the averaged map. */
#define _GNU_SOURCE /* sinf128 and its like */
#include "map/average.h"

#include <math.h>

#include "map/stencil.h"

static umi_quad shift(const umi_collision *it, int n)
{
    if (it->even) return 0;
    umi_quad ground = um_battery_get_energy(it->battery, 0);
    return it->battery->frequency * (um_battery_get_energy(it->battery, n) - ground - n);
}

static umi_tone make_tone(const umi_collision *it, int n)
{
    umi_quad tau = it->interaction.tau, turned = it->interaction.theta * umi_quad_lowering(it->battery, n);
    umi_tone tone = {.shift = {shift(it, n - 1), shift(it, n)}, .sign = 1};
    umi_quad lower = tone.shift[0] + it->atoms.detuning, upper = tone.shift[1];
    umi_quad half_split = (lower - upper) * tau / 2;
    tone.angle = half_split == 0 ? turned : hypotf128(half_split, turned);
    tone.reach = half_split == 0 || tone.angle == 0 ? 1 : turned / tone.angle;
    tone.tilt = tone.angle == 0 ? 0 : half_split / tone.angle;
    tone.turn = (lower + upper) / 2 * tau;
    if (umi_block_is_closed(it, n)) tone.angle = M_PIf128 * roundf128(tone.angle / M_PIf128);
    tone.cosine = cosf128(tone.angle);
    tone.sine = sinf128(tone.angle);
    if (umi_block_is_closed(it, n)) {
        tone.cosine = tone.cosine < 0 ? -1 : 1;
        tone.sine = 0;
    }
    return tone;
}

/* Nothing steps out of these: |0,g>, and |N-1,e> at the top. */
static umi_tone make_wall(umi_quad turn, umi_quad low, umi_quad high, int sign)
{
    return (umi_tone){.cosine = 1, .turn = turn, .shift = {low, high}, .sign = sign};
}

/* Means of cos cos, sin sin, sin cos, cos sin of two angles times u, times e^(-i turn u). */
typedef struct means {
    umi_quad_turn cc, ss, sc, cs;
} means;

static umi_quad_turn plus(umi_quad_turn a, umi_quad_turn b)
{
    return (umi_quad_turn){a.re + b.re, a.im + b.im};
}

static umi_quad_turn scaled(umi_quad factor, umi_quad_turn a)
{
    return (umi_quad_turn){factor * a.re, factor * a.im};
}

static umi_quad_turn times_i(umi_quad_turn a) { return (umi_quad_turn){-a.im, a.re}; }

static means mean_in_step(const umi_average *average, const umi_tone *x, const umi_tone *y)
{
    umi_quad c = x->cosine, s = x->sine, d = y->cosine, z = y->sine;
    umi_quad_turn less = umi_spread_excess(average->spread, x->angle - y->angle,
                                           (umi_quad_turn){c * d + s * z, s * d - c * z});
    umi_quad_turn more = umi_spread_excess(average->spread, x->angle + y->angle,
                                           (umi_quad_turn){c * d - s * z, s * d + c * z});
    return (means){{c * d + (less.re + more.re) / 2, 0},
                   {s * z + (less.re - more.re) / 2, 0},
                   {s * d + (more.im + less.im) / 2, 0},
                   {c * z + (more.im - less.im) / 2, 0}};
}

static umi_quad_turn mean_at(const umi_average *average, umi_quad alpha)
{
    umi_quad_turn plain = {cosf128(alpha), sinf128(alpha)};
    return plus(plain, umi_spread_excess(average->spread, alpha, plain));
}

static means mean_turning(const umi_average *average, const umi_tone *x, const umi_tone *y, umi_quad turn)
{
    umi_quad less = x->angle - y->angle, more = x->angle + y->angle;
    umi_quad_turn a = mean_at(average, less - turn), b = mean_at(average, -less - turn);
    umi_quad_turn c = mean_at(average, more - turn), d = mean_at(average, -more - turn);
    umi_quad_turn even = plus(a, b), odd = plus(a, scaled(-1, b));
    umi_quad_turn high_even = plus(c, d), high_odd = plus(c, scaled(-1, d));
    const umi_quad quarter = 0.25;
    return (means){scaled(quarter, plus(even, high_even)),
                   scaled(quarter, plus(even, scaled(-1, high_even))),
                   scaled(-quarter, times_i(plus(high_odd, odd))),
                   scaled(-quarter, times_i(plus(high_odd, scaled(-1, odd))))};
}

static umi_products multiply_out(const umi_average *average, const umi_tone *x, const umi_tone *y, int end)
{
    umi_quad turn = x->turn - y->turn, free = 0;
    if (end >= 0 && !average->even) {
        umi_quad apart = x->shift[end] - y->shift[end];
        turn -= apart * average->less;
        free = apart * average->gap;
    }
    means m = turn == 0 ? mean_in_step(average, x, y) : mean_turning(average, x, y, turn);
    umi_quad t = x->tilt, u = y->tilt, p = x->reach, r = y->reach;
    umi_quad_turn tilted = scaled(t * u, m.ss);
    umi_quad_turn apart = times_i(plus(scaled(t, m.sc), scaled(-u, m.cs)));
    umi_quad_turn together = times_i(plus(scaled(t, m.sc), scaled(u, m.cs)));
    umi_quad_turn mine = times_i(scaled(t, m.ss)), yours = times_i(scaled(u, m.ss));
    umi_quad_turn sum = plus(m.cc, tilted), difference = plus(m.cc, scaled(-1, tilted));
    umi_products products = {
        .gg = plus(sum, apart),
        .ee = plus(sum, scaled(-1, apart)),
        .pp = scaled(p * r, m.ss),
        .gp = scaled(r, plus(m.cs, mine)),
        .pg = scaled(p, plus(m.sc, scaled(-1, yours))),
        .ep = scaled(r, plus(m.cs, scaled(-1, mine))),
        .pe = scaled(p, plus(m.sc, yours)),
        .ge = plus(difference, together),
        .eg = plus(difference, scaled(-1, together)),
    };
    umi_quad_turn *all = (umi_quad_turn *)&products;
    umi_quad_turn factor = free == 0 ? (umi_quad_turn){1, 0}
                                     : (umi_quad_turn){cosf128(free), -sinf128(free)};
    factor = scaled(x->sign * y->sign, factor);
    for (size_t i = 0; i < sizeof products / sizeof *all; i++) all[i] = umi_quad_times(factor, all[i]);
    return products;
}

/* The top of a truncated space: a trap keeps its sign; what the endless battery's block differs by. */
static void close_top(const umi_collision *it, umi_average *average)
{
    int top = it->levels;
    umi_quad under = shift(it, top - 1), energy = (under + it->atoms.detuning) * it->interaction.tau;
    umi_tone wall = make_wall(energy, under, under, 1);
    if (!it->finite) {
        umi_tone next = make_tone(it, top);
        if (next.sine == 0) wall = make_wall(next.turn, under, under, next.cosine < 0 ? -1 : 1);
        /* |e - wall|^2 + |p|^2 = 2 - 2 Re(e conj(wall)) */
        umi_quad_turn overlap = multiply_out(average, &next, &wall, -1).ee;
        double rounding = average->spread->law == UM_SPREAD_GAUSSIAN ? 1e-32 : 1e-14;
        average->edge = sqrt(fmax((double)(2 - 2 * overlap.re), 0) + rounding) *
                        (double)hypotf128(average->ee, average->ge);
    }
    average->of[top] = wall;
}

double umi_average_get_largest(const umi_collision *it)
{
    umi_quad largest = 0;
    for (int n = 1; n < it->levels + !it->finite; n++) {
        umi_tone tone = make_tone(it, n);
        largest = fmaxf128(largest, fabsf128(tone.angle) + fabsf128(tone.turn));
    }
    return 2 * (double)largest;
}

um_status umi_average_create(um_context *ctx, const umi_collision *it, const umi_spread *spread,
                             umi_average *average)
{
    umi_quad q = it->atoms.q;
    *average = (umi_average){.ctx = ctx,
                             .levels = it->levels,
                             .even = it->even,
                             .gg = q,
                             .ee = 1 - q,
                             .ge = it->atoms.c * sqrtf128(q * (1 - q)),
                             .gap = it->gap,
                             .spread = spread};
    /* The period stays; but a waiting time does not know of the atom before. */
    if (it->stream.arrivals == UM_ARRIVALS_REGULAR) {
        average->gap += it->interaction.tau;
        average->less = it->interaction.tau;
    }
    average->of = UMI_NEW_ARRAY(ctx, umi_tone, (size_t)it->levels + 1);
    if (!average->of) return UM_ERROR_MEMORY;
    average->of[0] = make_wall(shift(it, 0) * it->interaction.tau, 0, shift(it, 0), 1);
    for (int n = 1; n < it->levels; n++) average->of[n] = make_tone(it, n);
    close_top(it, average);
    return UM_OK;
}

void umi_average_free(umi_average *average)
{
    umi_free(average->ctx, average->of);
    average->of = NULL;
}

umi_products umi_average_get_products(const umi_average *average, int b, int c, int end)
{
    return multiply_out(average, &average->of[b], &average->of[c], end);
}

void umi_average_get_terms(const umi_average *average, int n, int m, umi_quad_turn term[UMI_TERMS])
{
    umi_quad gg = average->gg, ee = average->ee, ge = average->ge;
    umi_products ground = umi_average_get_products(average, n, m, 1);
    umi_products excited = umi_average_get_products(average, n + 1, m + 1, 0);
    /* On the diagonal what is left is 1 less what steps away. */
    if (n == m)
        term[UMI_TERM_HERE] = plus(scaled(-gg, ground.pp), scaled(-ee, excited.pp));
    else
        term[UMI_TERM_HERE] = plus(scaled(gg, plus(ground.gg, (umi_quad_turn){-1, 0})),
                                   scaled(ee, plus(excited.ee, (umi_quad_turn){-1, 0})));
    term[UMI_TERM_ABOVE] = scaled(gg, excited.pp);
    term[UMI_TERM_BELOW] = scaled(ee, ground.pp);
    term[UMI_TERM_COLUMN_LESS] = scaled(ge, ground.gp);
    term[UMI_TERM_ROW_LESS] = scaled(ge, ground.pg);
    term[UMI_TERM_ROW_MORE] = scaled(-ge, excited.pe);
    term[UMI_TERM_COLUMN_MORE] = scaled(-ge, excited.ep);
}
