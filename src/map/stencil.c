/* The stencil map: one collision without counter-rotating terms.
 *
 * U couples |n-1,e> and |n,g> only, so the four blocks of U are diagonal or next to it:
 *   <g|U|g> = diag(g_n), <e|U|e> = diag(e_n), <n|<g|U|e>|n-1> = up_n, <n|<e|U|g>|n+1> = dn_n
 * (in the gauge of the map, where they are real on resonance). FJM86, SSBR22. */
#include "map/stencil.h"

#include <math.h>

#include "map/pulse.h"

/* exp(-i angle), and products, in long double: factors are correctly rounded. */
typedef struct turn {
    long double re, im;
} turn;

static turn times(turn a, turn b)
{
    return (turn){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static turn phase_of(long double angle)
{
    return angle == 0 ? (turn){1, 0} : (turn){cosl(angle), -sinl(angle)};
}

/* The block {|n-1,e>, |n,g>}: U = e^(-i mu tau) [[C - i D S/W, -i s], [-i s, C + i D S/W]]. */
typedef struct block {
    turn excited, ground;    /* diagonal elements of |n-1,e> and |n,g> */
    turn step;               /* e^(-i mu tau) s */
    bool closed;             /* s = 0: nothing steps across */
    long double cosine, sine; /* unrounded */
} block;

static long double shift(const umi_collision *it, int n)
{
    if (it->even) return 0;
    const um_battery *battery = it->battery;
    long double ground = um_battery_get_energy(battery, 0);
    return battery->frequency * ((long double)um_battery_get_energy(battery, n) - ground - n);
}

/* cosine and sine as doubles whose squares add up to 1 far better than rounding each alone gives:
 * the smaller one, on its finer grid, takes up the error of the larger. Without it the trace
 * drifts with every collision. A small sine or cosine stays as it is: near a trap it decides. */
static void round_together(long double *cosine, long double *sine)
{
    long double *large = fabsl(*cosine) > fabsl(*sine) ? cosine : sine;
    long double *small = large == cosine ? sine : cosine;
    if (fabsl(*small) < 0.25L) return;
    *large = (double)*large;
    *small = (double)copysignl(sqrtl((1 - *large) * (1 + *large)), *small);
}

static block solve_block(const umi_collision *it, int n)
{
    long double tau = it->interaction.tau;
    long double d = it->battery->kind == UM_BATTERY_CAVITY
                        ? sqrtl(n)
                        : (long double)um_battery_get_lowering(it->battery, n);
    long double turned = it->interaction.theta * d;
    long double upper = shift(it, n), lower = shift(it, n - 1) + it->atoms.detuning;
    long double split = lower == upper ? 0 : (lower - upper) * tau;
    long double angle = split == 0 ? turned : hypotl(split / 2, turned);
    long double cosine = it->quick ? cos((double)angle) : cosl(angle);
    long double sine = it->quick ? sin((double)angle) : sinl(angle);
    long double ratio = angle == 0 ? 1 : sine / angle;
    long double s = split == 0 ? sine : turned * ratio, tilt = split / 2 * ratio;
    if (split != 0 && it->interaction.pulse != UM_PULSE_CONSTANT) {
        umi_pulse_turn shaped = umi_pulse_block(&it->interaction, split, turned);
        cosine = shaped.cosine;
        tilt = shaped.tilt;
        s = shaped.sine;
    }
    /* A trap named in the configuration is rounded to double before it arrives here. */
    bool closed = fabsl(s) <= 8 * 0x1p-52L * fmaxl(1, fabsl(angle) / (long double)M_PI);
    if (closed) s = 0;
    if (closed && split == 0) cosine = copysignl(1, cosine);
    long double unrounded[2] = {cosine, s};
    if (split == 0 && !closed) round_together(&cosine, &s);
    turn common = lower + upper == 0 ? (turn){1, 0} : phase_of((lower + upper) / 2 * tau);
    return (block){
        .excited = times(common, (turn){cosine, -tilt}),
        .ground = times(common, (turn){cosine, tilt}),
        .step = times(common, (turn){s, 0}),
        .closed = closed,
        .cosine = unrounded[0],
        .sine = unrounded[1],
    };
}

bool umi_block_is_closed(const umi_collision *it, int n) { return solve_block(it, n).closed; }

static void set(double *table[2], int n, turn value)
{
    table[0][n] = (double)value.re;
    if (table[1]) table[1][n] = (double)value.im;
}

/* |N-1,e> has nowhere to go: a real wall, or the closed top of a truncated space. An exact trap
 * there keeps its true sign; any other truncation differs from the endless battery by `edge`. */
static void set_top(const umi_collision *it, umi_blocks *blocks)
{
    int top = it->levels;
    long double energy = shift(it, top - 1) + it->atoms.detuning;
    turn wall = energy == 0 ? (turn){1, 0} : phase_of(energy * it->interaction.tau);
    if (!it->finite) {
        block next = solve_block(it, top);
        if (next.closed) {
            wall = next.excited;
        } else {
            long double re = next.excited.re - wall.re, im = next.excited.im - wall.im;
            blocks->edge = (double)sqrtl(re * re + im * im + next.step.re * next.step.re +
                                         next.step.im * next.step.im);
        }
    }
    set(blocks->e, top - 1, wall);
    if (blocks->cosine) blocks->cosine[top] = wall.re;
}

um_status umi_blocks_create(um_context *ctx, const umi_collision *it, bool complex_factors,
                            umi_blocks *blocks)
{
    int planes = complex_factors ? 2 : 1;
    size_t size = umi_table_size(it->levels);
    blocks->memory = UMI_NEW_ARRAY(ctx, double, 4 * (size_t)planes * size);
    if (!blocks->memory) return UM_ERROR_MEMORY;
    double **table[4] = {blocks->g, blocks->e, blocks->up, blocks->dn};
    for (int i = 0; i < 4; i++)
        for (int p = 0; p < planes; p++)
            table[i][p] = blocks->memory + (size_t)(i * planes + p) * size + UMI_TABLE_PAD;
    if (!complex_factors) {
        blocks->cosine = UMI_NEW_ARRAY(ctx, long double, 2 * ((size_t)it->levels + 1));
        if (!blocks->cosine) return UM_ERROR_MEMORY;
        blocks->sine = blocks->cosine + it->levels + 1;
        blocks->cosine[0] = 1;
    }
    set(blocks->g, 0, phase_of(shift(it, 0) * it->interaction.tau));
    for (int n = 1; n < it->levels; n++) {
        block solved = solve_block(it, n);
        if (blocks->cosine) {
            blocks->cosine[n] = solved.cosine;
            blocks->sine[n] = solved.sine;
        }
        set(blocks->g, n, solved.ground);
        set(blocks->e, n - 1, solved.excited);
        set(blocks->up, n, solved.step);
        set(blocks->dn, n - 1, times(solved.step, (turn){-1, 0}));
    }
    set_top(it, blocks);
    return UM_OK;
}

static turn get(double *const table[2], int n)
{
    return (turn){table[0][n], table[1] ? table[1][n] : 0};
}

/* Free evolution after the collision: every row n turns by e^(-i shift_n gap). */
void umi_blocks_turn(const umi_collision *it, umi_blocks *blocks)
{
    for (int n = 0; n < it->levels; n++) {
        turn phase = phase_of(shift(it, n) * it->gap);
        if (phase.im == 0) continue;
        set(blocks->g, n, times(phase, get(blocks->g, n)));
        set(blocks->e, n, times(phase, get(blocks->e, n)));
        set(blocks->up, n, times(phase, get(blocks->up, n)));
        set(blocks->dn, n, times(phase, get(blocks->dn, n)));
    }
}
