#include "map/pulse.h"

#include <math.h>

static const long double PI = 3.14159265358979323846264338327950288L;

long double umi_pulse_get(const um_interaction *it, long double x)
{
    long double width = it->pulse_width, away = (x - 0.5L) / width;
    switch (it->pulse) {
    case UM_PULSE_CONSTANT:
        return 1;
    case UM_PULSE_SINE:
        return PI / 2 * sinl(PI * x);
    case UM_PULSE_GAUSSIAN:
        return expl(-away * away / 2) / (width * sqrtl(2 * PI) * erfl(1 / (2 * sqrtl(2) * width)));
    }
    return 0;
}

long double umi_pulse_get_slope(const um_interaction *it, long double x)
{
    long double width = it->pulse_width;
    switch (it->pulse) {
    case UM_PULSE_CONSTANT:
        return 0;
    case UM_PULSE_SINE:
        return PI * PI / 2 * cosl(PI * x);
    case UM_PULSE_GAUSSIAN:
        return -(x - 0.5L) / (width * width) * umi_pulse_get(it, x);
    }
    return 0;
}

/* The weights add up to 1/2 in each piece: both last half a step. */
void umi_pulse_pieces(const um_interaction *it, int steps, int step, long double piece[2])
{
    const long double root = sqrtl(3) / 6;
    long double early = umi_pulse_get(it, (step + 0.5L - root) / steps);
    long double late = umi_pulse_get(it, (step + 0.5L + root) / steps);
    piece[0] = (0.5L + 2 * root) * early + (0.5L - 2 * root) * late;
    piece[1] = (0.5L - 2 * root) * early + (0.5L + 2 * root) * late;
}

/* a0 - i (a1, a2, a3) . sigma, sigma_z = +1 on the block's |n-1,e>. */
typedef struct rotation {
    long double a[4];
} rotation;

static rotation after(rotation l, rotation r)
{
    const long double *p = l.a, *q = r.a;
    return (rotation){{p[0] * q[0] - p[1] * q[1] - p[2] * q[2] - p[3] * q[3],
                       p[0] * q[1] + p[1] * q[0] + p[2] * q[3] - p[3] * q[2],
                       p[0] * q[2] + p[2] * q[0] + p[3] * q[1] - p[1] * q[3],
                       p[0] * q[3] + p[3] * q[0] + p[1] * q[2] - p[2] * q[1]}};
}

static rotation turn(long double x, long double z)
{
    long double angle = hypotl(x, z), ratio = angle == 0 ? 1 : sinl(angle) / angle;
    return (rotation){{cosl(angle), x * ratio, 0, z * ratio}};
}

static rotation evolve(const um_interaction *it, long double split, long double turned, int steps)
{
    rotation all = {{1, 0, 0, 0}};
    long double length = 0.5L / steps;
    for (int i = 0; i < steps; i++) {
        long double piece[2];
        umi_pulse_pieces(it, steps, i, piece);
        for (int half = 0; half < 2; half++)
            all = after(turn(turned * length * piece[half], split / 2 * length), all);
    }
    return all;
}

enum { STEPS_FIRST = 16, ROUNDS = 11 };

/* Richardson: powers 4, 6, 8, ... of the step fall out one after the other. */
umi_pulse_turn umi_pulse_block(const um_interaction *it, long double split, long double turned)
{
    rotation row[ROUNDS], best = {{1, 0, 0, 0}};
    long double change = 1;
    for (int round = 0; round < ROUNDS && change > 1e-18L; round++) {
        rotation now = evolve(it, split, turned, STEPS_FIRST << round);
        for (int j = 0; j < round; j++) {
            long double factor = 1 / (ldexpl(1, 4 + 2 * j) - 1);
            for (int i = 0; i < 4; i++) {
                long double before = row[j].a[i];
                row[j].a[i] = now.a[i];
                now.a[i] += factor * (now.a[i] - before);
            }
        }
        row[round] = now;
        change = 0;
        for (int i = 0; i < 4; i++) change = fmaxl(change, fabsl(now.a[i] - best.a[i]));
        best = now;
    }
    long double norm = sqrtl(best.a[0] * best.a[0] + best.a[1] * best.a[1] + best.a[3] * best.a[3]);
    return (umi_pulse_turn){best.a[0] / norm, best.a[3] / norm, best.a[1] / norm};
}
