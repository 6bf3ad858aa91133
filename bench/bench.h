/* What the bench programs share: a clock, medians, models, a state that fills its space. */
#ifndef BENCH_H
#define BENCH_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "umaser/umaser.h"

static inline int bench_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline double bench_median(double *samples, int count)
{
    qsort(samples, (size_t)count, sizeof *samples, bench_compare);
    return count % 2 ? samples[count / 2] : 0.5 * (samples[count / 2 - 1] + samples[count / 2]);
}

/* Every failure ends a bench program: a time without an answer is worth nothing. */
#define BENCH_TRY(ctx, call) \
    do { \
        if ((call) != UM_OK) { \
            fprintf(stderr, "%s: %s\n", #call, um_context_get_error(ctx)->message); \
            exit(1); \
        } \
    } while (0)

/* One charge stage with the atoms of the contestants, q = 1/4, c = 1, resonant. */
static inline void bench_spec(um_spec *spec, um_stage *stage, int levels, int64_t collisions,
                              double theta)
{
    um_spec_init(spec);
    *stage = spec->stages[0];
    stage->collisions = collisions;
    stage->atoms.q = 0.25;
    stage->atoms.c = 1.0;
    stage->interaction.theta = theta;
    spec->stages = stage;
    spec->stages_count = 1;
    spec->battery.levels = levels;
    spec->accuracy.truncation = 1.0; /* the contestants have no guard either */
}

/* Element of a density matrix, up to normalisation, in which no element is small: a Gaussian
 * coherence on slowly falling populations, with the phases a charge gives. references.py has it too. */
static inline void bench_full_element(int levels, int n, int m, double *re, double *im)
{
    static const double power_re[4] = {1, 0, -1, 0}, power_im[4] = {0, -1, 0, 1};
    double d = (n - m) / fmax(25.0, levels / 8.0);
    double r = exp(-0.5 * d * d - (n + m) / 200.0);
    int quarter = ((n - m) % 4 + 4) % 4; /* (-i)^(n-m) */
    *re = r * power_re[quarter];
    *im = r * power_im[quarter];
}

static inline void bench_fill(um_context *ctx, um_state *state, int levels)
{
    size_t size = (size_t)levels * (size_t)levels;
    double *re = malloc(size * sizeof *re), *im = malloc(size * sizeof *im), trace = 0;
    if (!re || !im) exit(1);
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++)
            bench_full_element(levels, n, m, &re[n * levels + m], &im[n * levels + m]);
    for (int n = 0; n < levels; n++) trace += re[n * (levels + 1)];
    for (size_t i = 0; i < size; i++) {
        re[i] /= trace;
        im[i] /= trace;
    }
    BENCH_TRY(ctx, um_state_set_matrix(state, levels, re, im));
    free(re);
    free(im);
}

/* After so many collisions from that state, which it takes. */
static inline double bench_energy_after(um_context *ctx, um_map *map, um_state *state, int levels,
                                        int64_t collisions)
{
    um_state *other = NULL;
    BENCH_TRY(ctx, um_state_create(ctx, levels, 1, 0, 0.0, &other));
    BENCH_TRY(ctx, um_map_prepare(map, state));
    for (int64_t k = 0; k < collisions; k++) {
        BENCH_TRY(ctx, um_map_apply(map, state, other, NULL));
        um_state *before = state;
        state = other;
        other = before;
    }
    double energy = um_observe_energy(state, NULL);
    um_state_destroy(state);
    um_state_destroy(other);
    return energy;
}

#endif
