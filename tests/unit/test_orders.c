/* Spectra of maps that mix no coherence orders: against all eigenvalues of every order, against closed forms,
 * and the bounds by which orders are left out. */
#include <string.h>

#include "context.h"
#include "dense_spectrum.h"
#include "linalg/linalg.h"
#include "steady/order.h"
#include "steady/orders.h"

typedef struct setting {
    um_spec spec;
    um_stage stage;
} setting;

static void begin(setting *it, double theta, double q)
{
    um_spec_init(&it->spec);
    it->stage = it->spec.stages[0];
    it->stage.atoms = (um_atoms){.q = q};
    it->stage.interaction.theta = theta;
    it->stage.interaction.tau = 0;
    it->stage.stream.period = 1;
    it->spec.stages = &it->stage;
}

static um_model *model_of(const setting *it)
{
    um_model *model;
    CHECK_OK(ctx, um_model_create(ctx, &it->spec, &model));
    return model;
}

static umi_generator generator_of(const um_model *model, int levels, int orders)
{
    umi_layout layout = {levels, orders, umi_generator_is_real(model, 0) ? 1 : 2, false};
    umi_generator generator;
    CHECK_OK(ctx, umi_generator_create(ctx, model, 0, &layout, &generator));
    return generator;
}

/* Batteries that lose and gain in every way there is. */
static const struct {
    const char *name;
    double q, theta, detuning, kappa, n_th, present;
    um_arrivals arrivals;
    um_battery_kind kind;
} cases[] = {
    {"thermal", 0.2, 0.7, 0, 0.1, 0.3, 1, UM_ARRIVALS_REGULAR, UM_BATTERY_CAVITY},
    {"random", 0.3, 1.1, 0, 0.05, 0.1, 1, UM_ARRIVALS_POISSON, UM_BATTERY_CAVITY},
    {"cold", 0, 0.9, 0, 0.04, 0, 1, UM_ARRIVALS_POISSON, UM_BATTERY_CAVITY},
    {"empty slots", 0.3, 1.4, 0, 0.1, 0.2, 0.4, UM_ARRIVALS_REGULAR, UM_BATTERY_CAVITY},
    {"detuned", 0.4, 0.8, 0.7, 0.1, 0.2, 1, UM_ARRIVALS_REGULAR, UM_BATTERY_CAVITY},
    {"ladder", 0.25, 0.6, 0, 0.2, 0.1, 1, UM_ARRIVALS_REGULAR, UM_BATTERY_LADDER},
    {"closed", 0.6, 1.2, 0, 0, 0, 1, UM_ARRIVALS_REGULAR, UM_BATTERY_CAVITY},
    {"closed, detuned", 0.6, 1.2, 0.4, 0, 0, 1, UM_ARRIVALS_REGULAR, UM_BATTERY_CAVITY},
};
enum { CASES = sizeof cases / sizeof *cases, LEVELS = 26 };

static um_model *model_of_case(int i)
{
    setting it;
    begin(&it, cases[i].theta, cases[i].q);
    it.stage.atoms.detuning = cases[i].detuning;
    if (cases[i].detuning != 0) {
        it.stage.interaction.theta = NAN;
        it.stage.interaction.g = 2;
        it.stage.interaction.tau = cases[i].theta / 2;
    }
    it.stage.environment.kappa = cases[i].kappa;
    it.stage.environment.n_th = cases[i].n_th;
    it.stage.stream.atom_probability = cases[i].present;
    it.stage.stream.arrivals = cases[i].arrivals;
    it.spec.battery.kind = cases[i].kind;
    if (cases[i].kind == UM_BATTERY_LADDER) it.spec.battery.levels = LEVELS;
    return model_of(&it);
}

/* All eigenvalues of order k, unscaled; of two planes both of each pair. */
static int find_all(const umi_generator *generator, int k, double _Complex *values)
{
    static double matrix[4 * LEVELS * LEVELS], re[2 * LEVELS], im[2 * LEVELS];
    const umi_layout *layout = &generator->layout;
    int planes = k > 0 ? layout->planes : 1, size = (layout->levels - k) * planes;
    size_t at = umi_layout_index(layout, 0, k, 0);
    memset(matrix, 0, sizeof matrix);
    for (int i = 0; i < size; i++) {
        matrix[i * size + i] = 1;
        for (int64_t e = generator->matrix.start[at + (size_t)i];
             e < generator->matrix.start[at + (size_t)i + 1]; e++)
            matrix[((size_t)generator->matrix.column[e] - at) * (size_t)size + (size_t)i] +=
                generator->matrix.hi[e];
    }
    CHECK_OK(ctx, umi_linalg_general_eigenvalues(ctx, size, matrix, re, im));
    for (int i = 0; i < size; i++) values[i] = re[i] + im[i] * _Complex_I;
    return size;
}

static int descending(const void *a, const void *b)
{
    double x = cabs(*(const double _Complex *)a), y = cabs(*(const double _Complex *)b);
    return (x < y) - (x > y);
}

static void test_leading(void **state)
{
    (void)state;
    static double _Complex all[LEVELS * LEVELS], some[2 * LEVELS];
    for (int i = 0; i < CASES; i++) {
        um_model *model = model_of_case(i);
        umi_generator generator = generator_of(model, LEVELS, LEVELS);
        int count = 0;
        for (int k = 0; k < LEVELS; k++) {
            int size = find_all(&generator, k, some);
            for (int copy = 0; copy < (k > 0 && generator.layout.planes == 1 ? 2 : 1); copy++)
                for (int j = 0; j < size; j++) all[count++] = some[j];
        }
        assert_int_equal(count, LEVELS * LEVELS);
        qsort(all, (size_t)count, sizeof *all, descending);
        static const int wanted[] = {1, 12, 60, 1000};
        for (int j = 0; j < 4; j++) {
            um_spectrum spectrum;
            CHECK_OK(ctx, um_spectrum_solve(ctx, model, 0, LEVELS, wanted[j], false, &spectrum));
            assert_true(spectrum.eigenvalues >= umi_min(wanted[j], LEVELS * LEVELS));
            dense_spectrum_compare(cases[i].name, &spectrum, LEVELS, all, 1e-7);
            um_spectrum_clear(ctx, &spectrum);
        }
        umi_generator_free(ctx, &generator);
        um_model_destroy(model);
    }
}

/* No eigenvalue is above either bound, and none of these is above 1. */
static void test_bounds(void **state)
{
    (void)state;
    static double _Complex values[2 * LEVELS];
    for (int i = 0; i < CASES; i++) {
        um_model *model = model_of_case(i);
        umi_generator generator = generator_of(model, LEVELS, LEVELS);
        umi_subject about = {.ctx = ctx, .model = model, .levels = LEVELS, .top = LEVELS};
        umi_order populations, order;
        double scale[LEVELS], bound, from;
        CHECK_OK(ctx, umi_order_find_scale(ctx, &generator.matrix, LEVELS, scale));
        CHECK_OK(ctx, umi_order_create(&about, &generator, 0, scale, &populations));
        for (int k = 0; k < LEVELS; k++) {
            double radius = 0;
            int size = find_all(&generator, k, values);
            for (int j = 0; j < size; j++) radius = fmax(radius, cabs(values[j]));
            CHECK_OK(ctx, umi_order_create(&about, &generator, k, scale, &order));
            CHECK_OK(ctx, umi_order_bound(&order, 0, &bound));
            CHECK_OK(ctx, umi_order_bound_from(&populations, k, 0, &from));
            CHECK_AT_MOST(radius, bound + 1e-13);
            CHECK_AT_MOST(bound, from + 1e-9);
            CHECK_AT_MOST(from, 1 + 1e-9);
            umi_order_free(&order);
        }
        umi_order_free(&populations);
        umi_generator_free(ctx, &generator);
        um_model_destroy(model);
    }
}

/* A ladder's populations step up and down at the same rates everywhere, and its ends reflect: each eigenvalue
 * is known. It is as far from normal as 3^100. */
static void test_long_ladder(void **state)
{
    (void)state;
    enum { LONG = 200 };
    setting it;
    double q = 0.25, s2 = pow(sin(0.8), 2);
    begin(&it, 0.8, q);
    it.spec.battery.kind = UM_BATTERY_LADDER;
    it.spec.battery.levels = LONG;
    um_model *model = model_of(&it);
    umi_generator generator = generator_of(model, LONG, 1);
    umi_subject about = {.ctx = ctx, .model = model, .levels = LONG, .top = LONG};
    umi_order order;
    double scale[LONG];
    CHECK_OK(ctx, umi_order_find_scale(ctx, &generator.matrix, LONG, scale));
    CHECK_OK(ctx, umi_order_create(&about, &generator, 0, scale, &order));
    CHECK_OK(ctx, umi_order_solve(&order));
    assert_true(order.symmetric);
    for (int j = 0; j < LONG; j++) { /* ascending */
        double turn = cos(M_PI * (LONG - 1 - j) / LONG);
        CHECK_CLOSE(order.re[j], j == LONG - 1 ? 0 : s2 * (2 * sqrt(q * (1 - q)) * turn - 1), 2e-15);
    }
    umi_order_free(&order);
    umi_generator_free(ctx, &generator);
    um_spectrum spectrum;
    CHECK_OK(ctx, um_spectrum_solve(ctx, model, 0, LONG, 10, true, &spectrum));
    assert_true(spectrum.eigenvalues >= 10 && spectrum.modes[0].decay == 0);
    um_spectrum_clear(ctx, &spectrum);
    um_model_destroy(model);
}

/* A trap missed by a little: what the chamber below and the two levels above it exchange, to first order in
 * the chance s^2 of a step across. */
static void test_near_trap(void **state)
{
    (void)state;
    for (int e = 3; e <= 13; e += 5) {
        setting it;
        double q = 0.4, ratio = (1 - q) / q, miss = pow(10, -e);
        begin(&it, M_PI / sqrt(10) * (1 + miss), q);
        um_model *model = model_of(&it);
        _Float128 cosine[13], sine[13];
        CHECK_OK(ctx, umi_generator_blocks(ctx, model, 0, 12, cosine, sine));
        double below = 0, s = (double)sine[10];
        for (int n = 0; n < 10; n++) below += pow(ratio, n);
        double rate = s * s * ((1 - q) * pow(ratio, 9) / below + q / (1 + ratio));
        um_spectrum spectrum;
        CHECK_OK(ctx, um_spectrum_solve(ctx, model, 0, 12, 144, false, &spectrum));
        double nearest = INFINITY;
        for (size_t i = 0; i < spectrum.count; i++)
            nearest = fmin(nearest, fabs(spectrum.modes[i].decay - rate));
        CHECK_AT_MOST(nearest, rate * fmax(1e-9, 1e3 * s * s) + 1e-33);
        um_spectrum_clear(ctx, &spectrum);
        um_model_destroy(model);
    }
}

/* Atoms that empty a battery past near traps: the slow modes below are there wherever it is cut, and what stands
 * at the cut is left out. */
static void test_dropping(void **state)
{
    (void)state;
    static const int sizes[] = {30, 45, 60};
    for (int i = 0; i < 3; i++) {
        setting it;
        begin(&it, 1, 0.7);
        um_model *model = model_of(&it);
        um_spectrum spectrum;
        CHECK_OK(ctx, um_spectrum_solve(ctx, model, 0, sizes[i], 6, true, &spectrum));
        assert_true(spectrum.dropped > 0);
        double nearest = INFINITY;
        for (size_t j = 0; j < spectrum.count; j++)
            nearest = fmin(nearest, fabs(spectrum.modes[j].decay - 1.6822952e-4));
        CHECK_AT_MOST(nearest, 1e-10);
        um_spectrum_clear(ctx, &spectrum);
        um_model_destroy(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leading),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_long_ladder),
        cmocka_unit_test(test_near_trap),
        cmocka_unit_test(test_dropping),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
