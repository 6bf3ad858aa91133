/* Initial states against their closed forms, and the refusal of those that do not fit. */
#include "check.h"
#include "random_state.h"

#include <complex.h>

enum { BIG = 700 };

static int setup(void **ctx) { return um_context_create(NULL, (um_context **)ctx) != UM_OK; }

static int teardown(void **ctx)
{
    size_t blocks = um_context_get_blocks(*ctx);
    um_context_destroy(*ctx);
    return blocks != 0;
}

static const um_battery cavity = {.kind = UM_BATTERY_CAVITY, .max_levels = 4096, .frequency = 1};
static const um_battery ladder = {.kind = UM_BATTERY_LADDER, .max_levels = 4096, .frequency = 1};

static um_state *make(um_context *ctx, const um_initial *initial, const um_battery *battery,
                      int levels)
{
    um_state *state;
    double dropped = -1;
    CHECK_OK(ctx, um_state_create_initial(ctx, initial, battery, levels, 1e-10, &state, &dropped));
    assert_true(dropped >= 0 && dropped <= 1e-10);
    CHECK_CLOSE(um_state_get_trace(state), 1, 1e-15);
    um_window window = um_state_get_window(state);
    if (levels != UM_LEVELS_AUTO) assert_int_equal(window.levels, levels);
    assert_true(window.levels >= 16 || levels != UM_LEVELS_AUTO);
    assert_true(window.levels <= battery->max_levels && window.last <= window.levels);
    if (window.last <= 100) CHECK_OK(ctx, um_state_check(state, 1e-13, true));
    return state;
}

static void refused(um_context *ctx, const um_initial *initial, const um_battery *battery,
                    int levels, double truncation)
{
    um_state *state = (um_state *)1;
    double dropped;
    CHECK_STATUS(ctx, um_state_create_initial(ctx, initial, battery, levels, truncation, &state,
                                              &dropped), UM_ERROR_CONFIG);
    assert_null(state);
    assert_string_equal(um_context_get_error(ctx)->key, "battery.initial");
}

/* rho = |psi><psi| for given amplitudes, to a few units in the last place of the largest. */
static void check_pure(const um_state *state, const double complex *psi, int levels, double bound)
{
    static double re[BIG * BIG], im[BIG * BIG];
    um_state_get_matrix(state, 0, levels, re, im);
    double worst = 0;
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++) {
            double complex value = psi[n] * conj(psi[m]);
            worst = fmax(worst, cabs(re[n * levels + m] + I * im[n * levels + m] - value));
        }
    CHECK_AT_MOST(worst, bound);
}

static void test_fock(void **it)
{
    um_context *ctx = *it;
    const int levels[] = {0, 1, 7, 1000};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        um_initial initial = {.kind = UM_INITIAL_FOCK, .level = levels[i]};
        um_state *state = make(ctx, &initial, i % 2 ? &ladder : &cavity, UM_LEVELS_AUTO);
        um_window window = um_state_get_window(state);
        assert_int_equal(window.first, levels[i]);
        assert_int_equal(window.last, levels[i] + 1);
        assert_int_equal(window.orders, 1);
        assert_true(um_state_get_trace(state) == 1);
        um_state_destroy(state);
    }
    um_initial vacuum = {.kind = UM_INITIAL_VACUUM};
    um_state *state = make(ctx, &vacuum, &cavity, 2);
    assert_int_equal(um_state_get_window(state).last, 1);
    um_state_destroy(state);
    um_initial high = {.kind = UM_INITIAL_FOCK, .level = 30};
    refused(ctx, &high, &cavity, 30, 1e-10);
    refused(ctx, &high, &ladder, 30, 1);
    high.level = 4096;
    refused(ctx, &high, &cavity, UM_LEVELS_AUTO, 1e-10);
}

static void test_coherent(void **it)
{
    um_context *ctx = *it;
    const double complex alphas[] = {0, 0.5, -2, 3 * I, 1 - 2 * I, 1e-9, sqrt(300),
                                     sqrt(300) * cexp(2.5 * I), -sqrt(150) - I * sqrt(150)};
    for (size_t i = 0; i < sizeof alphas / sizeof *alphas; i++) {
        static double complex psi[BIG];
        double size = cabs(alphas[i]), angle = carg(alphas[i]);
        for (int n = 0; n < BIG; n++) {
            long double exponent = -(long double)size * size / 2 - lgammal(n + 1.0L) / 2;
            if (n > 0) exponent += n * logl(size);
            psi[n] = (double)expl(exponent) * cexp(I * remainder(n * angle, 2 * M_PI));
        }
        um_initial initial = {.kind = UM_INITIAL_COHERENT, .re = creal(alphas[i]),
                              .im = cimag(alphas[i])};
        for (int fixed = 0; fixed < 2; fixed++) {
            um_state *state = make(ctx, &initial, &cavity, fixed ? BIG : UM_LEVELS_AUTO);
            check_pure(state, psi, BIG, 1e-14);
            CHECK_CLOSE(um_observe_energy(state, NULL), size * size, 1e-13 * (1 + size * size));
            /* purely imaginary amplitudes are real in the gauge of resonant collisions */
            if (i < 1 || alphas[i] == 3 * I)
                assert_int_equal(um_state_get_window(state).planes, 1);
            um_state_destroy(state);
        }
    }
    um_initial large = {.kind = UM_INITIAL_COHERENT, .re = sqrt(300)};
    refused(ctx, &large, &cavity, 300, 1e-10);
    refused(ctx, &large, &cavity, 380, 1e-10);
    refused(ctx, &large, &cavity, 64, 1);
    large.re = 1e100;
    refused(ctx, &large, &cavity, UM_LEVELS_AUTO, 1);
}

/* What is cut off is told: |rho - rho_N| <= dropped, and the bound is not idle. */
static void test_dropped(void **it)
{
    um_context *ctx = *it;
    um_initial initial = {.kind = UM_INITIAL_COHERENT, .re = 1.5};
    for (int levels = 6; levels < 24; levels++) {
        um_state *state;
        double dropped, outside = 0;
        CHECK_OK(ctx, um_state_create_initial(ctx, &initial, &cavity, levels, 1, &state, &dropped));
        for (int n = levels; n < 80; n++) outside += exp(-2.25 + n * log(2.25) - lgamma(n + 1));
        /* trace norm of |a><a| - |b><b| is 2 sqrt(1 - |<a|b>|^2) */
        double exact = 2 * sqrt(outside);
        if (exact > 1e-8) CHECK_AT_MOST(fabs(dropped - exact), 1e-6 * exact);
        um_state_destroy(state);
    }
}

static void test_thermal(void **it)
{
    um_context *ctx = *it;
    const double means[] = {0, 1e-3, 0.5, 4};
    for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
        um_initial initial = {.kind = UM_INITIAL_THERMAL, .mean = means[i]};
        um_state *state = make(ctx, &initial, &cavity, UM_LEVELS_AUTO);
        double p[BIG], x = means[i] / (1 + means[i]);
        um_state_get_populations(state, BIG, p);
        for (int n = 0; n < BIG; n++) CHECK_CLOSE(p[n], pow(x, n) / (1 + means[i]), 2e-16);
        assert_int_equal(um_state_get_window(state).orders, 1);
        um_state_destroy(state);
    }
    um_initial hot = {.kind = UM_INITIAL_THERMAL, .mean = 20};
    refused(ctx, &hot, &cavity, 100, 1e-10);
    /* a finite ladder has a Gibbs state at any temperature */
    um_state *state = make(ctx, &hot, &ladder, 5);
    double p[5], sum = 0, x = 20. / 21;
    um_state_get_populations(state, 5, p);
    for (int n = 0; n < 5; n++) sum += pow(x, n);
    for (int n = 0; n < 5; n++) CHECK_CLOSE(p[n], pow(x, n) / sum, 2e-16);
    um_state_destroy(state);
    refused(ctx, &hot, &(um_battery){.kind = UM_BATTERY_LADDER, .max_levels = 50, .frequency = 1},
            UM_LEVELS_AUTO, 1e-10);
}

static void test_squeezed(void **it)
{
    um_context *ctx = *it;
    const double r[] = {0, 0.3, 1, 1.8}, angle[] = {0, 1, -2.5, M_PI};
    for (size_t i = 0; i < 16; i++) {
        static double complex psi[BIG];
        double s = r[i / 4], phi = angle[i % 4];
        for (int n = 0; n < BIG; n++) psi[n] = 0;
        /* S|0> = sum (-e^(i phi) tanh r)^m sqrt((2m)!) / (2^m m!) / sqrt(cosh r) |2m> */
        for (int m = 0; 2 * m < BIG; m++) {
            double size = exp(lgamma(2 * m + 1) / 2 - lgamma(m + 1) - m * log(2)) / sqrt(cosh(s));
            psi[2 * m] = size * cpow(-cexp(I * phi) * tanh(s), m);
            if (m == 0) psi[0] = 1 / sqrt(cosh(s));
        }
        um_initial initial = {.kind = UM_INITIAL_SQUEEZED, .r = s, .angle = phi};
        um_state *state = make(ctx, &initial, &cavity, UM_LEVELS_AUTO);
        check_pure(state, psi, BIG, 2e-13);
        CHECK_CLOSE(um_observe_energy(state, NULL), pow(sinh(s), 2), 1e-9 * (1 + pow(sinh(s), 2)));
        um_state_destroy(state);
    }
    /* also where tanh r is 1 in doubles: refused, at once */
    const double strong[] = {4, 10, 20, 1e6};
    for (size_t i = 0; i < 4; i++) {
        um_initial initial = {.kind = UM_INITIAL_SQUEEZED, .r = strong[i]};
        refused(ctx, &initial, &cavity, 100, i ? 1 : 1e-10);
        if (i) refused(ctx, &initial, &cavity, UM_LEVELS_AUTO, 1e-10);
    }
}

static void test_matrix(void **it)
{
    um_context *ctx = *it;
    enum { N = 12 };
    test_random random = {3};
    double re[N * N], im[N * N], back_re[N * N], back_im[N * N];
    for (int trial = 0; trial < 10 * TEST_KINDS; trial++) {
        test_random_matrix(&random, trial % TEST_KINDS, N, re, im);
        um_initial initial = {.kind = UM_INITIAL_MATRIX, .levels = N, .real = re, .imag = im};
        um_state *state = make(ctx, &initial, &cavity, trial % 2 ? UM_LEVELS_AUTO : N);
        um_state_get_matrix(state, 0, N, back_re, back_im);
        for (int i = 0; i < N * N; i++)
            CHECK_AT_MOST(hypot(back_re[i] - re[i], back_im[i] - im[i]), 1e-15);
        um_state_destroy(state);
    }
    test_random_matrix(&random, TEST_MIXED, N, re, im);
    um_initial initial = {.kind = UM_INITIAL_MATRIX, .levels = N, .real = re, .imag = im};
    refused(ctx, &initial, &cavity, N - 1, 1e-10); /* its top level is occupied */
    re[0] += 1e-6;
    refused(ctx, &initial, &cavity, N, 1); /* trace */
    re[0] -= 1e-6;
    re[1] = re[N] = 1;
    refused(ctx, &initial, &cavity, N, 1); /* not positive */
}

/* A matrix of more levels than the battery has, empty up there: it fits. */
static void test_matrix_with_empty_top(void **it)
{
    um_context *ctx = *it;
    enum { N = 12, LOW = 5 };
    test_random random = {4};
    double re[N * N] = {0}, im[N * N] = {0}, small_re[LOW * LOW], small_im[LOW * LOW];
    test_random_matrix(&random, TEST_MIXED, LOW, small_re, small_im);
    for (int n = 0; n < LOW; n++)
        for (int m = 0; m < LOW; m++) {
            re[n * N + m] = small_re[n * LOW + m];
            im[n * N + m] = small_im[n * LOW + m];
        }
    um_initial initial = {.kind = UM_INITIAL_MATRIX, .levels = N, .real = re, .imag = im};
    um_state *state = make(ctx, &initial, &cavity, LOW);
    double back_re[LOW * LOW], back_im[LOW * LOW];
    um_state_get_matrix(state, 0, LOW, back_re, back_im);
    for (int i = 0; i < LOW * LOW; i++)
        CHECK_AT_MOST(hypot(back_re[i] - small_re[i], back_im[i] - small_im[i]), 1e-15);
    um_state_destroy(state);
    /* a little above: cut, normalised, and counted */
    re[(LOW + 1) * (N + 1)] = 1e-6;
    re[0] -= 1e-6;
    double dropped;
    CHECK_OK(ctx, um_state_create_initial(ctx, &initial, &cavity, LOW, 1e-2, &state, &dropped));
    CHECK_CLOSE(um_state_get_trace(state), 1, 1e-15);
    assert_true(dropped >= 2e-6 && dropped <= 1e-2);
    um_state_destroy(state);
    refused(ctx, &initial, &cavity, LOW, 1e-10);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_fock), TEST(test_coherent), TEST(test_dropped), TEST(test_thermal),
        TEST(test_squeezed), TEST(test_matrix), TEST(test_matrix_with_empty_top),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
