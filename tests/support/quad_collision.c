#define _GNU_SOURCE /* sinf128 */
#include "quad_collision.h"

#include <math.h>
#include <string.h>

quad_pair quad_times(quad_pair a, quad_pair b)
{
    return (quad_pair){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

quad_pair quad_turn(quad angle) { return (quad_pair){cosf128(angle), sinf128(angle)}; }

static void add(quad_pair *to, quad_pair a)
{
    to->re += a.re;
    to->im += a.im;
}

static bool is_zero(quad_pair a) { return a.re == 0 && a.im == 0; }

/* out = a b */
static void multiply(int size, quad_matrix a, quad_matrix b, quad_matrix out)
{
    for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) out[i][j] = (quad_pair){0, 0};
        for (int l = 0; l < size; l++)
            for (int j = 0; !is_zero(a[i][l]) && j < size; j++)
                if (!is_zero(b[l][j])) add(&out[i][j], quad_times(a[i][l], b[l][j]));
    }
}

/* exp(-i h), h real: Taylor series of h/2^squarings, squared so many times. */
static void exponential(int size, quad h[QUAD_SIZE_MAX][QUAD_SIZE_MAX], int squarings, quad_matrix u)
{
    static quad_matrix power, next, step;
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            u[i][j] = power[i][j] = (quad_pair){i == j, 0};
            step[i][j] = (quad_pair){0, -h[i][j] / (1 << squarings)};
        }
    for (int order = 1; order < 60; order++) {
        multiply(size, step, power, next);
        for (int i = 0; i < size; i++)
            for (int j = 0; j < size; j++) {
                power[i][j] = (quad_pair){next[i][j].re / order, next[i][j].im / order};
                add(&u[i][j], power[i][j]);
            }
    }
    for (int square = 0; square < squarings; square++) {
        memcpy(power, u, sizeof power);
        multiply(size, power, power, u);
    }
}

quad quad_lowering(const um_battery *battery, int n)
{
    return battery->kind == UM_BATTERY_CAVITY    ? sqrtf128(n)
           : battery->kind == UM_BATTERY_LADDER ? n > 0
                                                : battery->lowering[n];
}

quad quad_uneven(const um_battery *battery, int n)
{
    if (battery->kind != UM_BATTERY_CUSTOM) return 0;
    quad ground = battery->energies[0];
    quad shift = battery->energies[n] - ground - n;
    /* Even up to rounding is even. */
    return fabsf128(shift) < 1e-15 * (n + 1) ? 0 : battery->frequency * shift;
}

void quad_propagator(const um_spec *spec, int levels, quad_matrix u)
{
    static quad h[QUAD_SIZE_MAX][QUAD_SIZE_MAX];
    memset(h, 0, sizeof h);
    const um_stage *stage = spec->stages;
    const um_battery *battery = &spec->battery;
    quad tau = stage->interaction.tau, lambda = stage->interaction.counter_rotating;
    /* Without counter-rotating terms theta counts, and H0 drops out. */
    quad theta = lambda > 0 ? stage->interaction.g * tau : stage->interaction.theta;
    quad omega = lambda > 0 ? battery->frequency : 0;
    for (int n = 0; n < levels; n++) {
        h[2 * n][2 * n] = (omega * n + quad_uneven(battery, n)) * tau;
        h[2 * n + 1][2 * n + 1] = h[2 * n][2 * n] + (omega + stage->atoms.detuning) * tau;
        if (n == 0) continue;
        quad d = theta * quad_lowering(battery, n);
        h[2 * n - 1][2 * n] = h[2 * n][2 * n - 1] = d;
        h[2 * n - 2][2 * n + 1] = h[2 * n + 1][2 * n - 2] = lambda * d;
    }
    exponential(2 * levels, h, lambda > 0 ? 9 : 6, u);
    quad gap = lambda > 0 ? 0 : (quad)stage->stream.period - tau;
    for (int row = 0; row < 2 * levels; row++) {
        quad angle = omega * tau * (row / 2 + row % 2);
        if (gap > 0) angle -= quad_uneven(battery, row / 2) * gap;
        for (int column = 0; angle != 0 && column < 2 * levels; column++)
            u[row][column] = quad_times(quad_turn(angle), u[row][column]);
    }
}

void quad_collide(const um_atoms *atoms, int levels, quad_matrix u, quad_matrix rho,
                  quad_matrix image)
{
    static quad_matrix joint, half;
    quad q = atoms->q, phase = atoms->phase, ge = atoms->c * sqrtf128(q * (1 - q));
    quad_pair atom[2][2] = {{{q, 0}, quad_times((quad_pair){ge, 0}, quad_turn(phase))},
                            {quad_times((quad_pair){ge, 0}, quad_turn(-phase)), {1 - q, 0}}};
    int size = 2 * levels;
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++)
            joint[i][j] = quad_times(rho[i / 2][j / 2], atom[i % 2][j % 2]);
    multiply(size, u, joint, half);
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++) {
            image[n][m] = (quad_pair){0, 0};
            for (int s = 0; s < 2; s++)
                for (int l = 0; l < size; l++) {
                    quad_pair back = u[2 * m + s][l];
                    add(&image[n][m], quad_times(half[2 * n + s][l], (quad_pair){back.re, -back.im}));
                }
        }
}
