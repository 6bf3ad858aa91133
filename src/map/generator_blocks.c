/* The blocks of stencil.c in quad. Which traps are closed is asked of stencil.c itself: map and
 * generator must not differ in that. */
#define _GNU_SOURCE /* sinf128 and its like */
#include "map/generator_blocks.h"

#include <math.h>

#include "map/generator.h"
#include "map/pulse.h"
#include "map/stencil.h"

umi_quad umi_quad_lowering(const um_battery *battery, int n)
{
    return battery->kind == UM_BATTERY_CAVITY ? sqrtf128(n)
                                              : (umi_quad)um_battery_get_lowering(battery, n);
}

static umi_quad_turn phase_of(umi_quad angle)
{
    return angle == 0 ? (umi_quad_turn){1, 0} : (umi_quad_turn){cosf128(angle), -sinf128(angle)};
}

/* How far level n is from equal spacing. */
static umi_quad shift(const umi_collision *it, int n)
{
    if (it->even) return 0;
    umi_quad ground = um_battery_get_energy(it->battery, 0);
    return it->battery->frequency * (um_battery_get_energy(it->battery, n) - ground - n);
}

/* Without what steps across: the diagonal takes up the little that the sine had. */
static void close_block(umi_quad_block *block)
{
    umi_quad norm = hypotf128(block->cosine, block->tilt);
    block->cosine /= norm;
    block->tilt /= norm;
    block->sine = 0;
}

/* A pulse is known to long double alone; the squares add up to 1 in quad. */
static void shape_block(const umi_collision *it, int n, umi_quad_block *block)
{
    umi_quad split = (shift(it, n - 1) + it->atoms.detuning - shift(it, n)) * it->interaction.tau;
    umi_pulse_turn shaped = umi_pulse_block(
        &it->interaction, split, it->interaction.theta * umi_quad_lowering(it->battery, n));
    umi_quad c = shaped.cosine, t = shaped.tilt, s = shaped.sine, norm = sqrtf128(c * c + t * t + s * s);
    block->cosine = c / norm;
    block->tilt = t / norm;
    block->sine = s / norm;
}

static umi_quad_block solve_block(const umi_collision *it, int n)
{
    umi_quad tau = it->interaction.tau;
    umi_quad turned = it->interaction.theta * umi_quad_lowering(it->battery, n);
    umi_quad upper = shift(it, n), lower = shift(it, n - 1) + it->atoms.detuning;
    umi_quad half_split = (lower - upper) * tau / 2;
    umi_quad angle = half_split == 0 ? turned : hypotf128(half_split, turned);
    umi_quad sine = sinf128(angle), ratio = angle == 0 ? 1 : sine / angle;
    umi_quad_block block = {
        .cosine = cosf128(angle),
        .tilt = half_split * ratio,
        .sine = half_split == 0 ? sine : turned * ratio,
        .common = phase_of((lower + upper) / 2 * tau),
    };
    if (half_split != 0 && it->interaction.pulse != UM_PULSE_CONSTANT) shape_block(it, n, &block);
    if (umi_block_is_closed(it, n)) close_block(&block);
    return block;
}

/* |N-1,e> has nowhere to go; an exact trap above it keeps its true sign. */
static umi_quad_block close_top(const umi_collision *it, double *edge, umi_quad *leaving)
{
    int top = it->levels;
    umi_quad energy = shift(it, top - 1) + it->atoms.detuning;
    umi_quad_block wall = {.cosine = 1, .common = phase_of(energy * it->interaction.tau)};
    *edge = 0;
    *leaving = 0;
    if (it->finite) return wall;
    umi_quad_block next = solve_block(it, top);
    if (next.sine == 0) return next;
    umi_quad_turn excited =
        umi_quad_times(next.common, (umi_quad_turn){next.cosine, -next.tilt});
    umi_quad away = hypotf128(excited.re - wall.common.re, excited.im - wall.common.im);
    *edge = (double)hypotf128(away, next.sine);
    *leaving = next.sine * next.sine;
    return wall;
}

um_status umi_quad_blocks_create(um_context *ctx, const umi_collision *it, umi_quad_blocks *blocks)
{
    umi_quad_block *of = UMI_NEW_ARRAY(ctx, umi_quad_block, (size_t)it->levels + 1);
    if (!of) return UM_ERROR_MEMORY;
    umi_quad gg = it->atoms.q;
    *blocks = (umi_quad_blocks){
        .of = of, .gg = gg, .ee = 1 - gg, .ge = it->atoms.c * sqrtf128(gg * (1 - gg))};
    of[0] = (umi_quad_block){.cosine = 1, .common = phase_of(shift(it, 0) * it->interaction.tau)};
    for (int n = 1; n < it->levels; n++) of[n] = solve_block(it, n);
    of[it->levels] = close_top(it, &blocks->edge, &blocks->leaving);
    blocks->leaving *= blocks->ee;
    blocks->edge *= (double)hypotf128(blocks->ee, blocks->ge);
    for (int n = 0; n < it->levels; n++) of[n].turn = phase_of(shift(it, n) * it->gap);
    return UM_OK;
}

um_status umi_generator_blocks(um_context *ctx, const um_model *model, size_t stage, int levels,
                               umi_quad *cosine, umi_quad *sine)
{
    umi_collision it;
    UMI_TRY(umi_collision_make(ctx, model, stage, levels, &it));
    if (it.interaction.counter_rotating > 0)
        return umi_fail(ctx, UM_ERROR_UNSUPPORTED,
                        "a collision with counter-rotating terms does not fall into blocks");
    umi_quad_blocks blocks;
    UMI_TRY(umi_quad_blocks_create(ctx, &it, &blocks));
    for (int n = 0; n <= levels; n++) {
        const umi_quad_block *block = &blocks.of[n];
        cosine[n] = block->tilt == 0
                        ? block->cosine
                        : copysignf128(hypotf128(block->cosine, block->tilt), block->cosine);
        sine[n] = block->sine;
    }
    umi_free(ctx, blocks.of);
    return UM_OK;
}
