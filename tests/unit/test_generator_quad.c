/* Every element of the generator of small spaces against the definition in quad: U as the exponential
 * of the Hamiltonian on battery x atom, the atom traced out, the gauge put on afterwards. */
#define _GNU_SOURCE /* sinf128 */
#include "context.h"
#include "generator_cases.h"
#include "map/generator.h"

typedef _Float128 quad;
typedef struct pair {
    quad re, im;
} pair;

enum { LEVELS_MAX = 6, SIZE_MAX_ = 2 * (LEVELS_MAX + 1) };

static pair times(pair a, pair b)
{
    return (pair){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static pair turn(quad angle) { return (pair){cosf128(angle), sinf128(angle)}; }

static void add(pair *to, pair a)
{
    to->re += a.re;
    to->im += a.im;
}

/* exp(-i h), h real symmetric: Taylor series of h/64, squared six times. */
static void exponential(int size, quad h[SIZE_MAX_][SIZE_MAX_], pair u[SIZE_MAX_][SIZE_MAX_])
{
    static pair power[SIZE_MAX_][SIZE_MAX_], next[SIZE_MAX_][SIZE_MAX_];
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) u[i][j] = power[i][j] = (pair){i == j, 0};
    for (int order = 1; order < 60; order++) {
        for (int i = 0; i < size; i++)
            for (int j = 0; j < size; j++) {
                pair sum = {0, 0};
                for (int l = 0; l < size; l++) {
                    quad x = h[i][l] / (64 * order);
                    add(&sum, (pair){x * power[l][j].im, -x * power[l][j].re});
                }
                next[i][j] = sum;
                add(&u[i][j], sum);
            }
        memcpy(power, next, sizeof power);
    }
    for (int square = 0; square < 6; square++) {
        memcpy(power, u, sizeof power);
        for (int i = 0; i < size; i++)
            for (int j = 0; j < size; j++) {
                u[i][j] = (pair){0, 0};
                for (int l = 0; l < size; l++) add(&u[i][j], times(power[i][l], power[l][j]));
            }
    }
}

static quad uneven(const um_spec *spec, int n)
{
    const um_battery *battery = &spec->battery;
    if (battery->kind != UM_BATTERY_CUSTOM) return 0;
    quad ground = battery->energies[0];
    quad shift = battery->energies[n] - ground - n;
    /* Even up to rounding is even. */
    return fabsf128(shift) < 1e-15 * (n + 1) ? 0 : battery->frequency * shift;
}

static quad lowering(const um_battery *battery, int n)
{
    return battery->kind == UM_BATTERY_CAVITY    ? sqrtf128(n)
           : battery->kind == UM_BATTERY_LADDER ? n > 0
                                                : battery->lowering[n];
}

/* U of a battery of so many levels, free evolution of the gap included; index 2 n + s. */
static void propagator(const um_spec *spec, int levels, pair u[SIZE_MAX_][SIZE_MAX_])
{
    static quad h[SIZE_MAX_][SIZE_MAX_];
    memset(h, 0, sizeof h);
    const um_stage *stage = spec->stages;
    quad tau = stage->interaction.tau;
    for (int n = 0; n < levels; n++) {
        h[2 * n][2 * n] = uneven(spec, n) * tau;
        h[2 * n + 1][2 * n + 1] = (uneven(spec, n) + stage->atoms.detuning) * tau;
        if (n == 0) continue;
        h[2 * n - 1][2 * n] = h[2 * n][2 * n - 1] =
            stage->interaction.theta * lowering(&spec->battery, n);
    }
    exponential(2 * levels, h, u);
    quad gap = (quad)stage->stream.period - tau;
    for (int row = 0; row < 2 * levels && gap > 0; row++)
        for (int column = 0; column < 2 * levels; column++)
            u[row][column] = times(turn(-uneven(spec, row / 2) * gap), u[row][column]);
}

/* e^(i (pi/2 + phase) k): from r to rho; k may be negative. */
static pair gauge(quad phase, int k)
{
    static const pair quarter[] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    return times(quarter[k & 3], turn(phase * k));
}

/* The image of r, both triangles, in the gauge. */
static void collide(const um_spec *spec, int levels, pair u[SIZE_MAX_][SIZE_MAX_],
                    pair r[LEVELS_MAX][LEVELS_MAX], pair image[LEVELS_MAX][LEVELS_MAX])
{
    static pair joint[SIZE_MAX_][SIZE_MAX_], half[SIZE_MAX_][SIZE_MAX_];
    const um_atoms *atoms = &spec->stages->atoms;
    quad q = atoms->q, phase = atoms->phase, ge = atoms->c * sqrtf128(q * (1 - q));
    pair atom[2][2] = {{{q, 0}, times((pair){ge, 0}, turn(phase))},
                       {times((pair){ge, 0}, turn(-phase)), {1 - q, 0}}};
    int size = 2 * levels;
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++)
            joint[i][j] = times(times(gauge(phase, j / 2 - i / 2), r[i / 2][j / 2]), atom[i % 2][j % 2]);
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            half[i][j] = (pair){0, 0};
            for (int l = 0; l < size; l++) add(&half[i][j], times(u[i][l], joint[l][j]));
        }
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++) {
            pair sum = {0, 0};
            for (int s = 0; s < 2; s++)
                for (int l = 0; l < size; l++) {
                    pair back = u[2 * m + s][l];
                    add(&sum, times(half[2 * n + s][l], (pair){back.re, -back.im}));
                }
            image[n][m] = times(gauge(phase, n - m), sum);
        }
}

static quad element(const umi_sparse *matrix, size_t row, size_t column)
{
    for (int64_t i = matrix->start[row]; i < matrix->start[row + 1]; i++)
        if ((size_t)matrix->column[i] == column) return (quad)matrix->hi[i] + (quad)matrix->lo[i];
    return 0;
}

/* Column (plane, k, n) of the generator, all planes and orders. */
static void check_column(const char *name, const umi_generator *g, const umi_layout *layout,
                         int plane, int k, int n, pair image[LEVELS_MAX][LEVELS_MAX],
                         double tolerance)
{
    size_t column = umi_layout_index(layout, plane, k, n);
    for (int order = 0; order < layout->levels; order++)
        for (int to = 0; to < (order ? 2 : 1); to++)
            for (int j = 0; j + order < layout->levels; j++) {
                pair moved = image[j][j + order];
                quad expected = to ? moved.im : moved.re;
                size_t row = umi_layout_index(layout, to, order, j);
                if (row == column) expected -= 1;
                quad found = element(&g->matrix, row, column);
                if (!(fabsf128(found - expected) <= tolerance))
                    fail_msg("%s: (%d %d %d) -> (%d %d %d): %.17g, off by %.3g", name, plane, k, n,
                             to, order, j, (double)found, (double)(found - expected));
            }
}

static bool is_trap(const um_spec *spec, int n)
{
    const um_stage *stage = spec->stages;
    return stage->atoms.detuning == 0 &&
           fabsf128(sinf128(stage->interaction.theta * lowering(&spec->battery, n))) < 1e-14;
}

static void check_case(const generator_case *it, const um_model *model, int levels)
{
    static pair u[SIZE_MAX_][SIZE_MAX_], r[LEVELS_MAX][LEVELS_MAX], image[LEVELS_MAX][LEVELS_MAX];
    const um_spec *spec = um_model_get_spec(model);
    bool trapped = false;
    for (int n = 1; n < levels; n++) trapped |= is_trap(spec, n);
    /* At an exact trap the space does not end: it is cut. */
    const um_battery *battery = &spec->battery;
    bool endless = battery->kind == UM_BATTERY_CAVITY || battery->levels == UM_LEVELS_AUTO;
    bool cut = (endless || battery->levels > levels) && is_trap(spec, levels);
    propagator(spec, cut ? levels + 1 : levels, u);
    /* What the generator closes is 1e-16 here. */
    double tolerance = trapped || cut ? 1e-15 : 2e-31;
    umi_layout layout = {levels, levels, 2, false};
    umi_generator g;
    CHECK_OK(ctx, umi_generator_create(ctx, model, 0, &layout, &g));
    for (int k = 0; k < levels; k++)
        for (int plane = 0; plane < (k ? 2 : 1); plane++)
            for (int n = 0; n + k < levels; n++) {
                memset(r, 0, sizeof r);
                r[n][n + k] = plane ? (pair){0, 1} : (pair){1, 0};
                r[n + k][n] = plane ? (pair){0, -1} : (pair){1, 0};
                collide(spec, levels, u, r, image);
                check_column(it->name, &g, &layout, plane, k, n, image, tolerance);
            }
    umi_generator_free(ctx, &g);
}

static void every_element(void **unused)
{
    (void)unused;
    for (int i = 0; i < GENERATOR_CASES; i++)
        for (int levels = 1; levels <= LEVELS_MAX; levels++) {
            const generator_case *it = generator_case_get(i);
            um_model *model = generator_case_model(ctx, it, levels);
            if (!model) continue;
            check_case(it, model, levels);
            um_model_destroy(model);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_element)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
