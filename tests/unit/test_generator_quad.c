/* Every element of the generators of small spaces against the definition in quad. */
#define _GNU_SOURCE /* sinf128 */
#include "context.h"
#include "generator_cases.h"
#include "map/generator_kraus.h"
#include "quad_collision.h"

enum { LEVELS_MAX = 6 };

/* e^(i (pi/2 + phase) k): from r to rho; k may be negative. */
static quad_pair gauge(quad phase, int k)
{
    static const quad_pair quarter[] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    return quad_times(quarter[k & 3], quad_turn(phase * k));
}

/* The unit of an element in a gauge: both triangles. */
static void fill_unit(int plane, int k, int n, quad_pair factor, quad_matrix rho)
{
    memset(rho, 0, sizeof(quad_matrix));
    quad_pair upper = quad_times(factor, plane ? (quad_pair){0, 1} : (quad_pair){1, 0});
    rho[n][n + k] = upper;
    rho[n + k][n] = (quad_pair){upper.re, k ? -upper.im : upper.im};
}

static quad element(const umi_sparse *matrix, size_t row, size_t column)
{
    for (int64_t i = matrix->start[row]; i < matrix->start[row + 1]; i++)
        if ((size_t)matrix->column[i] == column) return (quad)matrix->hi[i] + (quad)matrix->lo[i];
    return 0;
}

/* Column (plane, k, n) of the generator, all planes and orders. */
static void check_column(const char *name, const umi_generator *g, const umi_layout *layout,
                         quad phase, int plane, int k, int n, quad_matrix image, double tolerance)
{
    size_t column = umi_layout_index(layout, plane, k, n);
    for (int order = 0; order < layout->levels; order++)
        for (int to = 0; to < (order ? 2 : 1); to++)
            for (int j = 0; j + order < layout->levels; j++) {
                quad_pair moved = quad_times(gauge(phase, -order), image[j][j + order]);
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
           fabsf128(sinf128(stage->interaction.theta * quad_lowering(&spec->battery, n))) < 1e-14;
}

static void check_case(const generator_case *it, const um_model *model, int levels)
{
    static quad_matrix u, rho, image;
    const um_spec *spec = um_model_get_spec(model);
    bool trapped = false;
    for (int n = 1; n < levels; n++) trapped |= is_trap(spec, n);
    /* At an exact trap the space does not end: it is cut. */
    const um_battery *battery = &spec->battery;
    bool endless = battery->kind == UM_BATTERY_CAVITY || battery->levels == UM_LEVELS_AUTO;
    bool cut = (endless || battery->levels > levels) && is_trap(spec, levels);
    quad_propagator(spec, cut ? levels + 1 : levels, u);
    /* What the generator closes is 1e-16 here. */
    double tolerance = trapped || cut ? 1e-15 : 2e-31;
    quad phase = spec->stages->atoms.phase;
    umi_layout layout = {levels, levels, 2, false};
    umi_generator g;
    CHECK_OK(ctx, umi_generator_create(ctx, model, 0, &layout, &g));
    for (int k = 0; k < levels; k++)
        for (int plane = 0; plane < (k ? 2 : 1); plane++)
            for (int n = 0; n + k < levels; n++) {
                fill_unit(plane, k, n, gauge(phase, k), rho);
                quad_collide(&spec->stages->atoms, levels, u, rho, image);
                check_column(it->name, &g, &layout, phase, plane, k, n, image, tolerance);
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

/* Images of every unit, of a battery that ends or is computed with padding. */
static void check_rabi(um_battery_kind kind, int levels, double lambda, double q, double c,
                       double detuning)
{
    static quad_matrix u, rho, image;
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.stages = &stage;
    spec.battery.kind = kind;
    spec.battery.levels = kind == UM_BATTERY_LADDER ? levels : UM_LEVELS_AUTO;
    spec.battery.frequency = 1.25;
    stage.atoms = (um_atoms){.q = q, .c = c, .phase = 0.7, .detuning = detuning};
    stage.interaction.g = 0.4;
    stage.interaction.tau = 1.7;
    stage.interaction.counter_rotating = lambda;
    um_model *model;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    umi_collision it;
    CHECK_OK(ctx, umi_collision_make(ctx, model, 0, levels, &it));
    quad_propagator(um_model_get_spec(model), levels + umi_rabi_get_padding(&it), u);
    umi_wide_kraus kraus;
    CHECK_OK(ctx, umi_wide_kraus_create(ctx, model, 0, levels, &kraus));
    umi_wide_vector x, y;
    CHECK_OK(ctx, umi_wide_vector_create(ctx, umi_layout_size(&kraus.layout), &x));
    CHECK_OK(ctx, umi_wide_vector_create(ctx, umi_layout_size(&kraus.layout), &y));
    for (int k = 0; k < levels; k++)
        for (int plane = 0; plane < (k ? 2 : 1); plane++)
            for (int n = 0; n + k < levels; n++) {
                size_t column = umi_layout_index(&kraus.layout, plane, k, n);
                x.hi[column] = 1;
                umi_wide_kraus_apply(&kraus, x, y);
                x.hi[column] = 0;
                fill_unit(plane, k, n, (quad_pair){1, 0}, rho);
                quad_collide(&stage.atoms, levels, u, rho, image);
                quad trace = 0;
                for (int order = 0; order < levels; order++)
                    for (int to = 0; to < (order ? 2 : 1); to++)
                        for (int j = 0; j + order < levels; j++) {
                            size_t row = umi_layout_index(&kraus.layout, to, order, j);
                            quad expected = to ? image[j][j + order].im : image[j][j + order].re;
                            if (row == column) expected -= 1;
                            quad found = (quad)y.hi[row] + y.lo[row];
                            if (order == 0) trace += found;
                            CHECK_CLOSE((double)(found - expected), 0, 1e-30);
                        }
                if (it.finite) CHECK_CLOSE((double)trace, 0, 1e-30);
            }
    umi_wide_vector_free(ctx, &x);
    umi_wide_vector_free(ctx, &y);
    umi_wide_kraus_free(&kraus);
    um_model_destroy(model);
}

static void every_image_of_rabi(void **unused)
{
    (void)unused;
    check_rabi(UM_BATTERY_LADDER, 6, 1, 0.25, 1, 0);
    check_rabi(UM_BATTERY_LADDER, 5, 0.4, 0.6, 0.5, 0.3);
    check_rabi(UM_BATTERY_LADDER, 4, 2, 0.6, 0, -0.2);
    check_rabi(UM_BATTERY_LADDER, 3, 1, 1, 0.5, 0);
    check_rabi(UM_BATTERY_LADDER, 2, 1, 0, 1, 0.1);
    check_rabi(UM_BATTERY_CAVITY, 3, 1, 0.25, 0.9, 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_element),
                                       cmocka_unit_test(every_image_of_rabi)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
