/* What a pulse does to a block, against two pieces of constant coupling to a step in quad (fourth order,
 * extrapolated). */
#define _GNU_SOURCE
#include <math.h>

#include "check.h"
#include "map/pulse.h"

typedef _Float128 quad;

static const quad PI = 3.14159265358979323846264338327950288Q;

typedef struct pulse_case {
    um_pulse pulse;
    double width, split, turned;
} pulse_case;

static const pulse_case cases[] = {
    {UM_PULSE_GAUSSIAN, 0.25, 0.5, 2},  {UM_PULSE_GAUSSIAN, 0.25, 3, 20}, {UM_PULSE_GAUSSIAN, 0.03, 0.001, 2},
    {UM_PULSE_GAUSSIAN, 0.03, 0.001, 10}, {UM_PULSE_GAUSSIAN, 2, 10, 0.3},  {UM_PULSE_SINE, 0.25, 0.4, 3},
    {UM_PULSE_SINE, 0.25, -20, 1},        {UM_PULSE_SINE, 0.25, 1e-9, 15},
};
enum { CASES = sizeof cases / sizeof *cases, ROUNDS = 8, STEPS_FIRST = 16 };

/* w - i (x sigma_x + y sigma_y + z sigma_z) */
typedef struct rotation {
    quad of[4];
} rotation;

static rotation after(rotation l, rotation r)
{
    const quad *p = l.of, *q = r.of;
    return (rotation){{p[0] * q[0] - p[1] * q[1] - p[2] * q[2] - p[3] * q[3],
                       p[0] * q[1] + p[1] * q[0] + p[2] * q[3] - p[3] * q[2],
                       p[0] * q[2] + p[2] * q[0] + p[3] * q[1] - p[1] * q[3],
                       p[0] * q[3] + p[3] * q[0] + p[1] * q[2] - p[2] * q[1]}};
}

static rotation turn(quad x, quad z)
{
    quad angle = sqrtf128(x * x + z * z), ratio = angle == 0 ? 1 : sinf128(angle) / angle;
    return (rotation){{cosf128(angle), x * ratio, 0, z * ratio}};
}

static quad get_shape(const pulse_case *it, quad x)
{
    if (it->pulse == UM_PULSE_SINE) return PI / 2 * sinf128(PI * x);
    quad width = it->width, away = (x - 0.5Q) / width;
    return expf128(-away * away / 2) / (width * sqrtf128(2 * PI) * erff128(1 / (2 * sqrtf128(2) * width)));
}

static rotation evolve(const pulse_case *it, int steps)
{
    const quad root = sqrtf128(3) / 6, half = 0.5Q / steps;
    rotation all = {{1}};
    for (int i = 0; i < steps; i++) {
        quad early = get_shape(it, (i + 0.5Q - root) / steps), late = get_shape(it, (i + 0.5Q + root) / steps);
        quad first = (0.5Q + 2 * root) * early + (0.5Q - 2 * root) * late, second = early + late - first;
        all = after(turn(it->turned * half * first, it->split * half / 2), all);
        all = after(turn(it->turned * half * second, it->split * half / 2), all);
    }
    return all;
}

static rotation evolve_exactly(const pulse_case *it)
{
    rotation row[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        row[round] = evolve(it, STEPS_FIRST << round);
        for (int j = round - 1; j >= 0; j--) {
            quad factor = 1 / (ldexpf128(1, 4 + 2 * (round - 1 - j)) - 1);
            for (int i = 0; i < 4; i++) row[j].of[i] = row[j + 1].of[i] + factor * (row[j + 1].of[i] - row[j].of[i]);
        }
    }
    return row[0];
}

static void test_blocks(void **unused)
{
    (void)unused;
    for (int i = 0; i < CASES; i++) {
        const pulse_case *it = &cases[i];
        um_interaction interaction = {.pulse = it->pulse, .pulse_width = it->width};
        umi_pulse_turn made = umi_pulse_block(&interaction, it->split, it->turned);
        rotation exact = evolve_exactly(it);
        print_message("case %d: off by %.1e, %.1e, %.1e\n", i, (double)(made.cosine - exact.of[0]),
                      (double)(made.sine - exact.of[1]), (double)(made.tilt - exact.of[3]));
        assert_true(fabsf128(made.cosine - exact.of[0]) < 1e-17Q);
        assert_true(fabsf128(made.sine - exact.of[1]) < 1e-17Q);
        assert_true(fabsf128(made.tilt - exact.of[3]) < 1e-17Q);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_blocks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
