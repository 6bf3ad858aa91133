/* Blocks as tones, means of their products, coefficients of the averaged map, in one precision. The file that
 * includes this says which: UMI_MEAN(name), UMI_MEAN_REAL, REAL(function), PI and UMI_MEAN_ERROR (rounding of a mean). */
#include <complex.h>

#include "map/stencil.h"

typedef UMI_MEAN_REAL real;
typedef UMI_MEAN(turn) pair;
typedef UMI_MEAN(tone) block;
typedef UMI_MEAN(blocks) blocks;
typedef UMI_MEAN(products) products;

pair UMI_MEAN(excess)(const umi_spread *spread, real alpha, pair plain)
{
    if (alpha == 0) return (pair){0, 0};
    if (spread->law == UM_SPREAD_GAUSSIAN) {
        if (spread->s == 0) return (pair){0, 0};
        real width = alpha * spread->s, lost = REAL(expm1)(-width * width / 2);
        return (pair){plain.re * lost, plain.im * lost};
    }
    if (spread->pieces == 0) {
        pair mean = {0, 0};
        for (size_t i = 0; i < spread->samples_count; i++) {
            mean.re += REAL(cos)(alpha * spread->samples[i]) / spread->samples_count;
            mean.im += REAL(sin)(alpha * spread->samples[i]) / spread->samples_count;
        }
        return (pair){mean.re - plain.re, mean.im - plain.im};
    }
    double complex lost = umi_spread_get_mean(spread, (long double)alpha) - 1;
    real re = creal(lost), im = cimag(lost);
    return (pair){plain.re * re - plain.im * im, plain.re * im + plain.im * re};
}

static real lowering(const um_battery *battery, int n)
{
    return battery->kind == UM_BATTERY_CAVITY ? REAL(sqrt)(n) : (real)um_battery_get_lowering(battery, n);
}

static pair times(pair a, pair b)
{
    return (pair){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static real shift(const umi_collision *it, int n)
{
    if (it->even) return 0;
    real ground = um_battery_get_energy(it->battery, 0);
    return it->battery->frequency * (um_battery_get_energy(it->battery, n) - ground - n);
}

static block make_tone(const umi_collision *it, int n)
{
    real tau = it->interaction.tau, turned = it->interaction.theta * lowering(it->battery, n);
    block tone = {.shift = {shift(it, n - 1), shift(it, n)}, .sign = 1};
    real lower = tone.shift[0] + it->atoms.detuning, upper = tone.shift[1];
    real half_split = (lower - upper) * tau / 2;
    tone.angle = half_split == 0 ? turned : REAL(hypot)(half_split, turned);
    tone.reach = half_split == 0 || tone.angle == 0 ? 1 : turned / tone.angle;
    tone.tilt = tone.angle == 0 ? 0 : half_split / tone.angle;
    tone.turn = (lower + upper) / 2 * tau;
    if (umi_block_is_closed(it, n)) tone.angle = PI * REAL(round)(tone.angle / PI);
    tone.cosine = REAL(cos)(tone.angle);
    tone.sine = REAL(sin)(tone.angle);
    if (umi_block_is_closed(it, n)) {
        tone.cosine = tone.cosine < 0 ? -1 : 1;
        tone.sine = 0;
    }
    return tone;
}

/* Nothing steps out of these: |0,g>, and |N-1,e> at the top. */
static block make_wall(real turn, real low, real high, int sign)
{
    return (block){.cosine = 1, .turn = turn, .shift = {low, high}, .sign = sign};
}

/* Means of cos cos, sin sin, sin cos, cos sin of two angles times u, times e^(-i turn u). */
typedef struct means {
    pair cc, ss, sc, cs;
} means;

static pair plus(pair a, pair b)
{
    return (pair){a.re + b.re, a.im + b.im};
}

static pair scaled(real factor, pair a)
{
    return (pair){factor * a.re, factor * a.im};
}

static pair times_i(pair a) { return (pair){-a.im, a.re}; }

static means mean_in_step(const blocks *average, const block *x, const block *y)
{
    real c = x->cosine, s = x->sine, d = y->cosine, z = y->sine;
    pair less = UMI_MEAN(excess)(average->spread, x->angle - y->angle,
                                           (pair){c * d + s * z, s * d - c * z});
    pair more = UMI_MEAN(excess)(average->spread, x->angle + y->angle,
                                           (pair){c * d - s * z, s * d + c * z});
    return (means){{c * d + (less.re + more.re) / 2, 0},
                   {s * z + (less.re - more.re) / 2, 0},
                   {s * d + (more.im + less.im) / 2, 0},
                   {c * z + (more.im - less.im) / 2, 0}};
}

static pair mean_at(const blocks *average, real alpha)
{
    pair plain = {REAL(cos)(alpha), REAL(sin)(alpha)};
    return plus(plain, UMI_MEAN(excess)(average->spread, alpha, plain));
}

static means mean_turning(const blocks *average, const block *x, const block *y, real turn)
{
    real less = x->angle - y->angle, more = x->angle + y->angle;
    pair a = mean_at(average, less - turn), b = mean_at(average, -less - turn);
    pair c = mean_at(average, more - turn), d = mean_at(average, -more - turn);
    pair even = plus(a, b), odd = plus(a, scaled(-1, b));
    pair high_even = plus(c, d), high_odd = plus(c, scaled(-1, d));
    const real quarter = 0.25;
    return (means){scaled(quarter, plus(even, high_even)),
                   scaled(quarter, plus(even, scaled(-1, high_even))),
                   scaled(-quarter, times_i(plus(high_odd, odd))),
                   scaled(-quarter, times_i(plus(high_odd, scaled(-1, odd))))};
}

/* Without tilt half of the products are the same. */
static products multiply_resonant(const block *x, const block *y, means m)
{
    pair step = scaled(x->reach, m.sc), other = scaled(y->reach, m.cs);
    return (products){.gg = m.cc, .ee = m.cc, .ge = m.cc, .eg = m.cc, .pp = scaled(x->reach * y->reach, m.ss),
                      .gp = other, .ep = other, .pg = step, .pe = step};
}

static products multiply_tilted(const block *x, const block *y, means m)
{
    real t = x->tilt, u = y->tilt, p = x->reach, r = y->reach;
    pair tilted = scaled(t * u, m.ss);
    pair apart = times_i(plus(scaled(t, m.sc), scaled(-u, m.cs)));
    pair together = times_i(plus(scaled(t, m.sc), scaled(u, m.cs)));
    pair mine = times_i(scaled(t, m.ss)), yours = times_i(scaled(u, m.ss));
    pair sum = plus(m.cc, tilted), difference = plus(m.cc, scaled(-1, tilted));
    return (products){
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
}

static products multiply_out(const blocks *average, const block *x, const block *y, int end)
{
    real turn = x->turn - y->turn, free = 0;
    if (end >= 0 && !average->even) {
        real apart = x->shift[end] - y->shift[end];
        turn -= apart * average->less;
        free = apart * average->gap;
    }
    means m = turn == 0 ? mean_in_step(average, x, y) : mean_turning(average, x, y, turn);
    products all = x->tilt == 0 && y->tilt == 0 ? multiply_resonant(x, y, m) : multiply_tilted(x, y, m);
    int sign = x->sign * y->sign;
    if (free == 0 && sign == 1) return all;
    pair factor = free == 0 ? (pair){sign, 0} : (pair){sign * REAL(cos)(free), -sign * REAL(sin)(free)};
    pair *each = (pair *)&all;
    for (size_t i = 0; i < sizeof all / sizeof *each; i++) each[i] = times(factor, each[i]);
    return all;
}

/* The top of a truncated space: a trap keeps its sign; what the endless battery's block differs by. */
static void close_top(const umi_collision *it, blocks *average)
{
    int top = it->levels;
    real under = shift(it, top - 1), energy = (under + it->atoms.detuning) * it->interaction.tau;
    block wall = make_wall(energy, under, under, 1);
    if (!it->finite) {
        block next = make_tone(it, top);
        if (next.sine == 0) wall = make_wall(next.turn, under, under, next.cosine < 0 ? -1 : 1);
        /* |e - wall|^2 + |p|^2 = 2 - 2 Re(e conj(wall)) */
        pair overlap = multiply_out(average, &next, &wall, -1).ee;
        double rounding = average->spread->law == UM_SPREAD_GAUSSIAN ? UMI_MEAN_ERROR : 1e-14;
        average->edge = sqrt(fmax((double)(2 - 2 * overlap.re), 0) + rounding) *
                        (double)REAL(hypot)(average->ee, average->ge);
    }
    average->of[top] = wall;
}

um_status UMI_MEAN(create)(um_context *ctx, const umi_collision *it, const umi_spread *spread,
                             blocks *average)
{
    real q = it->atoms.q;
    *average = (blocks){.ctx = ctx,
                             .levels = it->levels,
                             .even = it->even,
                             .gg = q,
                             .ee = 1 - q,
                             .ge = it->atoms.c * REAL(sqrt)(q * (1 - q)),
                             .gap = it->gap,
                             .spread = spread};
    /* The period stays; but a waiting time does not know of the atom before. */
    if (it->stream.arrivals == UM_ARRIVALS_REGULAR) {
        average->gap += it->interaction.tau;
        average->less = it->interaction.tau;
    }
    average->of = UMI_NEW_ARRAY(ctx, block, (size_t)it->levels + 1);
    if (!average->of) return UM_ERROR_MEMORY;
    average->of[0] = make_wall(shift(it, 0) * it->interaction.tau, 0, shift(it, 0), 1);
    for (int n = 1; n < it->levels; n++) average->of[n] = make_tone(it, n);
    close_top(it, average);
    return UM_OK;
}

void UMI_MEAN(free)(blocks *average)
{
    umi_free(average->ctx, average->of);
    average->of = NULL;
}

products UMI_MEAN(get_products)(const blocks *average, int b, int c, int end)
{
    return multiply_out(average, &average->of[b], &average->of[c], end);
}

static void add_up(const blocks *average, bool diagonal, const products *ground, const products *excited,
                      pair term[UMI_TERMS])
{
    real gg = average->gg, ee = average->ee, ge = average->ge;
    /* On the diagonal what is left is 1 less what steps away. */
    if (diagonal)
        term[UMI_TERM_HERE] = plus(scaled(-gg, ground->pp), scaled(-ee, excited->pp));
    else
        term[UMI_TERM_HERE] = plus(scaled(gg, plus(ground->gg, (pair){-1, 0})),
                                   scaled(ee, plus(excited->ee, (pair){-1, 0})));
    term[UMI_TERM_ABOVE] = scaled(gg, excited->pp);
    term[UMI_TERM_BELOW] = scaled(ee, ground->pp);
    term[UMI_TERM_COLUMN_LESS] = scaled(ge, ground->gp);
    term[UMI_TERM_ROW_LESS] = scaled(ge, ground->pg);
    term[UMI_TERM_ROW_MORE] = scaled(-ge, excited->pe);
    term[UMI_TERM_COLUMN_MORE] = scaled(-ge, excited->ep);
}

void UMI_MEAN(get_terms)(const blocks *average, int n, int k, products *ground, pair term[UMI_TERMS])
{
    if (n == 0 || !average->even) *ground = UMI_MEAN(get_products)(average, n, n + k, 1);
    products excited = UMI_MEAN(get_products)(average, n + 1, n + 1 + k, 0);
    add_up(average, k == 0, ground, &excited, term);
    *ground = excited;
}
