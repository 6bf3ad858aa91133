/* Decays next to +1 and -1, to all digits: against known rates and against quad arithmetic. */
#include "chamber.h"
#include "context.h"

typedef struct setting {
    um_spec spec;
    um_stage stage;
} setting;

static um_spectrum solve(double theta, double q, double c, int levels, int eigenvalues, bool drop)
{
    setting it;
    um_spec_init(&it.spec);
    it.stage = it.spec.stages[0];
    it.spec.stages = &it.stage;
    it.stage.atoms.q = q;
    it.stage.atoms.c = c;
    it.stage.interaction.theta = theta;
    um_model *model;
    um_spectrum spectrum;
    CHECK_OK(ctx, um_model_create(ctx, &it.spec, &model));
    CHECK_OK(ctx, um_spectrum_solve(ctx, model, 0, levels, eigenvalues, drop, &spectrum));
    um_model_destroy(model);
    return spectrum;
}

/* Eigenvalues on one side (sign of re) whose decay is within `relative` of this one. */
static int count_decay(const um_spectrum *spectrum, int sign, double decay, double relative)
{
    int count = 0;
    for (size_t i = 0; i < spectrum->count; i++)
        if (spectrum->modes[i].re * sign > 0 &&
            fabs(spectrum->modes[i].decay - decay) <= relative * decay)
            count += spectrum->modes[i].multiplicity;
    return count;
}

static void check_times(const um_spectrum *spectrum)
{
    double before = 0;
    for (size_t i = 0; i < spectrum->count; i++) {
        const um_mode *mode = &spectrum->modes[i];
        assert_true(mode->decay >= before);
        before = mode->decay;
        if (mode->decay == 0)
            assert_true(isinf(mode->relaxation) && mode->modulus == 1);
        else
            CHECK_CLOSE(mode->relaxation * mode->decay, 1, 1e-15);
    }
}

/* q = 1/4, c = 1, theta = 1: three chambers nearly closed, at 10, 39 and 89 levels. */
static void test_known_rates(void **state)
{
    (void)state;
    um_spectrum spectrum = solve(1, 0.25, 1, 50, 5, false);
    check_times(&spectrum);
    assert_int_equal(count_decay(&spectrum, 1, 0, 0), 1);
    assert_int_equal(count_decay(&spectrum, 1, 1.9066e-14, 1e-5), 1);
    assert_int_equal(count_decay(&spectrum, 1, 5.96e-4, 1e-3), 1);
    assert_int_equal(count_decay(&spectrum, -1, 9.5626e-15, 1e-4), 2); /* half of what leaks */
    um_spectrum_clear(ctx, &spectrum);
    for (int levels = 100; levels <= (test_effort() > 1 ? 200 : 100); levels += 100) {
        spectrum = solve(1, 0.25, 1, levels, 16, false);
        check_times(&spectrum);
        assert_int_equal(count_decay(&spectrum, 1, 0, 0), 2);
        assert_int_equal(count_decay(&spectrum, 1, 3.72e-26, 2e-3), 1);
        assert_int_equal(count_decay(&spectrum, 1, 1.88e-26, 2e-3), 2); /* of two traps' distance */
        assert_int_equal(count_decay(&spectrum, -1, 1.88e-26, 2e-3), 2);
        assert_int_equal(count_decay(&spectrum, 1, 9.56e-15, 1e-3), 2);
        assert_int_equal(count_decay(&spectrum, 1, 1.9066e-14, 1e-5), 1);
        um_spectrum_clear(ctx, &spectrum);
    }
}

/* The truncation's own steady state at the top, and coherences with it, are left out; what leaks
 * there is not. */
static void test_artificial(void **state)
{
    (void)state;
    um_spectrum all = solve(1, 0.25, 1, 24, 4, false), some = solve(1, 0.25, 1, 24, 4, true);
    assert_int_equal(all.dropped, 0);
    assert_int_equal(count_decay(&all, 1, 0, 0), 1);
    assert_int_equal(count_decay(&all, -1, 9.57e-15, 1e-3), 2);
    assert_int_equal(count_decay(&all, 1, 1.908e-14, 1e-3), 1);
    assert_true(some.dropped >= 3);
    assert_int_equal(count_decay(&some, 1, 0, 0), 0);
    assert_int_equal(count_decay(&some, -1, 9.57e-15, 1e-3), 0);
    assert_int_equal(count_decay(&some, 1, 1.908e-14, 1e-3), 1);
    assert_true(some.eigenvalues >= 4 && some.modes[1].decay > 0.1);
    um_spectrum_clear(ctx, &all);
    um_spectrum_clear(ctx, &some);
}

enum { LEVELS = 8, ALL = LEVELS * LEVELS };

/* M - sign, row-major on all real matrices, less `shift` on the diagonal. */
static void fill_quad(const chamber *it, int sign, quad shift, quad matrix[ALL][ALL])
{
    for (int j = 0; j < ALL; j++) {
        quad unit[ALL] = {0}, image[ALL];
        unit[j] = 1;
        chamber_collide(it, unit, image);
        image[j] -= sign + shift;
        for (int i = 0; i < ALL; i++) matrix[i][j] = image[i];
    }
}

static quad size_of(quad x) { return x < 0 ? -x : x; }

static void solve_quad(quad a[ALL][ALL], quad *x)
{
    for (int k = 0; k < ALL; k++) {
        int best = k;
        for (int i = k + 1; i < ALL; i++)
            if (size_of(a[i][k]) > size_of(a[best][k])) best = i;
        for (int j = 0; j < ALL; j++) {
            quad swap = a[k][j];
            a[k][j] = a[best][j];
            a[best][j] = swap;
        }
        quad swap = x[k];
        x[k] = x[best];
        x[best] = swap;
        for (int i = k + 1; i < ALL; i++) {
            quad factor = a[i][k] / a[k][k];
            for (int j = k; j < ALL; j++) a[i][j] -= factor * a[k][j];
            x[i] -= factor * x[k];
        }
    }
    for (int k = ALL; k-- > 0;) {
        for (int j = k + 1; j < ALL; j++) x[k] -= a[k][j] * x[j];
        x[k] /= a[k][k];
    }
}

/* Inverse iteration in quad: the eigenvalue of M - sign that is nearest to `guess`. */
static double refine(const chamber *it, int sign, double guess)
{
    static quad matrix[ALL][ALL];
    quad x[ALL], y[ALL], shift = guess * (1 - 1e-8);
    for (int i = 0; i < ALL; i++) x[i] = cos(i);
    quad value = 0;
    for (int sweep = 0; sweep < 12; sweep++) {
        memcpy(y, x, sizeof y);
        fill_quad(it, sign, shift, matrix);
        solve_quad(matrix, y);
        int largest = 0;
        for (int i = 1; i < ALL; i++)
            if (size_of(y[i]) > size_of(y[largest])) largest = i;
        value = shift + x[largest] / y[largest];
        quad scale = y[largest];
        for (int i = 0; i < ALL; i++) x[i] = y[i] / scale;
    }
    return (double)value;
}

/* A trap above level 4 missed by less and less. */
static void test_against_quad(void **state)
{
    (void)state;
    static const double off[] = {1e-3, -1e-5, 1e-6};
    int compared = 0;
    for (int i = 0; i < 3; i++)
        for (int pure = 0; pure < 2; pure++) {
            double theta = 3.14159265358979323846 / sqrt(5) * (1 + off[i]), c = pure ? 1 : 0.8;
            um_spectrum spectrum = solve(theta, 0.25, c, LEVELS, 6, false);
            chamber it = chamber_make(LEVELS, NULL, theta, 0.25, c);
            for (size_t j = 0; j < spectrum.count; j++) {
                const um_mode *mode = &spectrum.modes[j];
                if (mode->decay == 0 || mode->decay > 1e-6 || mode->im != 0) continue;
                int sign = mode->re > 0 ? 1 : -1;
                double quads = refine(&it, sign, sign * expm1(-mode->decay));
                double decay = -log1p(sign * quads);
                /* Quad itself has 34 digits of 1. */
                CHECK_CLOSE(mode->decay / decay, 1, 1e-10 + 1e-29 / decay);
                compared++;
            }
            um_spectrum_clear(ctx, &spectrum);
        }
    assert_true(compared >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_rates),
        cmocka_unit_test(test_artificial),
        cmocka_unit_test(test_against_quad),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
