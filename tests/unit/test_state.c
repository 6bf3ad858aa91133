/* The density matrix in its gauge and window: what goes in comes out, what is dropped is counted. */
#include "check.h"
#include "random_state.h"

enum { N = 9, BIG = 40 };

static int setup(void **ctx) { return um_context_create(NULL, (um_context **)ctx) != UM_OK; }

static int teardown(void **ctx)
{
    size_t blocks = um_context_get_blocks(*ctx);
    um_context_destroy(*ctx);
    return blocks != 0;
}

typedef struct matrix {
    double real[BIG * BIG], imag[BIG * BIG];
} matrix;

static matrix get(const um_state *state, int levels)
{
    matrix m;
    um_state_get_matrix(state, 0, levels, m.real, m.imag);
    return m;
}

static double distance(const matrix *a, const matrix *b, int levels)
{
    double worst = 0;
    for (int i = 0; i < levels * levels; i++)
        worst = fmax(worst, hypot(a->real[i] - b->real[i], a->imag[i] - b->imag[i]));
    return worst;
}

static um_state *make(um_context *ctx, int levels, const matrix *m, int quarter, double phase)
{
    um_state *state;
    CHECK_OK(ctx, um_state_create(ctx, levels, 2, quarter, phase, &state));
    CHECK_OK(ctx, um_state_set_matrix(state, levels, m->real, m->imag));
    return state;
}

static void test_create(void **it)
{
    um_context *ctx = *it;
    um_state *state;
    CHECK_OK(ctx, um_state_create(ctx, UM_LEVELS_MAX, 2, 3, -2.5, &state));
    um_window window = um_state_get_window(state);
    assert_int_equal(window.levels, UM_LEVELS_MAX);
    assert_int_equal(window.last - window.first, 0);
    assert_int_equal(window.orders, 0);
    assert_int_equal(window.planes, 2);
    assert_true(um_state_get_trace(state) == 0);
    double p[2] = {7, 7}, one[1] = {7};
    um_state_get_populations(state, 2, p);
    um_state_get_matrix(state, 19990, 1, one, NULL);
    assert_true(p[0] == 0 && p[1] == 0 && one[0] == 0);
    assert_true(um_state_trim(state, 1) == 0);
    CHECK_STATUS(ctx, um_state_check(state, 1e-9, true), UM_ERROR_DOMAIN); /* trace 0 */
    um_state_destroy(state);
    um_state_destroy(NULL);
    const struct { int levels, planes, quarter; double phase; } bad[] = {
        {0, 1, 0, 0}, {UM_LEVELS_MAX + 1, 1, 0, 0}, {2, 0, 0, 0}, {2, 3, 0, 0},
        {2, 1, -1, 0}, {2, 1, 4, 0}, {2, 1, 0, NAN}, {2, 1, 0, INFINITY}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        state = (um_state *)1;
        CHECK_STATUS(ctx, um_state_create(ctx, bad[i].levels, bad[i].planes, bad[i].quarter,
                                          bad[i].phase, &state), UM_ERROR_ARG);
        assert_null(state);
    }
}

static void test_matrix_comes_back(void **it)
{
    um_context *ctx = *it;
    test_random random = {11};
    for (int trial = 0; trial < 40 * TEST_KINDS; trial++) {
        matrix m;
        test_kind kind = trial % TEST_KINDS;
        int levels = test_random_integer(&random, 1, N);
        test_random_matrix(&random, kind, levels, m.real, m.imag);
        double phase = trial % 3 ? 8 * test_random_uniform(&random) - 4 : 0;
        um_state *state = make(ctx, levels, &m, trial % 4, phase);
        matrix back = get(state, levels);
        CHECK_AT_MOST(distance(&m, &back, levels), phase == 0 ? 0 : 4e-16);
        double p[BIG], sum = 0;
        um_state_get_populations(state, BIG, p);
        for (int n = 0; n < BIG; n++) {
            assert_true(p[n] == (n < levels ? m.real[n * (levels + 1)] : 0));
            sum += p[n];
        }
        CHECK_CLOSE(um_state_get_trace(state), sum, 4e-16);
        um_window window = um_state_get_window(state);
        assert_true(window.first == levels || p[window.first] > 0 || kind != TEST_DIAGONAL);
        assert_true(window.last <= levels && window.orders <= window.last - window.first);
        um_state_destroy(state);
    }
}

/* A block that sticks out of the space, and one that starts inside the window. */
static void test_blocks(void **it)
{
    um_context *ctx = *it;
    test_random random = {5};
    matrix m;
    test_random_matrix(&random, TEST_MIXED, N, m.real, m.imag);
    um_state *state = make(ctx, N, &m, 1, 0.7);
    enum { FIRST = 6, SIZE = 5 };
    double re[SIZE * SIZE], im[SIZE * SIZE];
    um_state_get_matrix(state, FIRST, SIZE, re, im);
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            int n = FIRST + i, k = FIRST + j;
            bool inside = n < N && k < N;
            CHECK_CLOSE(re[i * SIZE + j], inside ? m.real[n * N + k] : 0, inside ? 4e-16 : 0);
            CHECK_CLOSE(im[i * SIZE + j], inside ? m.imag[n * N + k] : 0, inside ? 4e-16 : 0);
        }
    um_state_destroy(state);
}

static void test_smaller_matrix(void **it)
{
    um_context *ctx = *it;
    test_random random = {6};
    matrix m;
    test_random_matrix(&random, TEST_MIXED, 3, m.real, m.imag);
    um_state *state = test_random_state(ctx, &random, TEST_MIXED, N);
    CHECK_OK(ctx, um_state_set_matrix(state, 3, m.real, m.imag));
    matrix back = get(state, 3);
    CHECK_AT_MOST(distance(&m, &back, 3), 4e-16);
    assert_int_equal(um_state_get_window(state).last, 3);
    assert_int_equal(um_state_get_window(state).levels, N);
    double zero[4] = {0};
    CHECK_OK(ctx, um_state_set_matrix(state, 2, zero, NULL));
    assert_true(um_state_get_trace(state) == 0);
    CHECK_OK(ctx, um_state_set_matrix(state, 3, m.real, m.imag));
    um_state_destroy(state);
}

static void test_matrix_refused(void **it)
{
    um_context *ctx = *it;
    um_state *state;
    CHECK_OK(ctx, um_state_create(ctx, 3, 2, 0, 0, &state));
    double re[16] = {1}, im[16] = {0};
    CHECK_STATUS(ctx, um_state_set_matrix(state, 4, re, im), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_state_set_matrix(state, 0, re, im), UM_ERROR_ARG);
    re[1] = 1e-11; /* not Hermitian by more than 1e-12 */
    CHECK_STATUS(ctx, um_state_set_matrix(state, 3, re, im), UM_ERROR_ARG);
    re[1] = 1e-13;
    CHECK_OK(ctx, um_state_set_matrix(state, 3, re, im));
    re[1] = 0;
    im[4] = 1e-3; /* a diagonal element that is not real */
    CHECK_STATUS(ctx, um_state_set_matrix(state, 3, re, im), UM_ERROR_ARG);
    im[4] = NAN;
    CHECK_STATUS(ctx, um_state_set_matrix(state, 3, re, im), UM_ERROR_ARG);
    im[4] = 0;
    re[8] = INFINITY;
    CHECK_STATUS(ctx, um_state_set_matrix(state, 3, re, im), UM_ERROR_ARG);
    um_state_destroy(state);
}

static void test_real_storage(void **it)
{
    um_context *ctx = *it;
    double re[9] = {.5, 0, .25, 0, .25, 0, .25, 0, .25}, im[9] = {0};
    um_state *state;
    CHECK_OK(ctx, um_state_create(ctx, 3, 2, 1, 0, &state));
    CHECK_OK(ctx, um_state_set_matrix(state, 3, re, NULL));
    assert_int_equal(um_state_get_window(state).planes, 1); /* even orders are real in quarter 1 */
    re[1] = re[3] = 0.125;
    CHECK_OK(ctx, um_state_set_matrix(state, 3, re, im));
    assert_int_equal(um_state_get_window(state).planes, 2);
    um_state_destroy(state);
}

static void test_gauge_keeps_rho(void **it)
{
    um_context *ctx = *it;
    test_random random = {12};
    for (int trial = 0; trial < 400; trial++) {
        matrix m;
        test_random_matrix(&random, trial % TEST_KINDS, N, m.real, m.imag);
        um_state *state = make(ctx, N, &m, trial % 4, trial % 5 ? 0.3 * trial : 0);
        double phase = trial % 7 ? 6 * test_random_uniform(&random) - 3 : 1e3 + 0.25;
        CHECK_OK(ctx, um_state_set_gauge(state, trial / 4 % 4, phase));
        matrix back = get(state, N);
        /* the phase itself is known to one part in 1e16 */
        CHECK_AT_MOST(distance(&m, &back, N), 1e-12);
        CHECK_OK(ctx, um_state_set_gauge(state, 0, 0));
        back = get(state, N);
        CHECK_AT_MOST(distance(&m, &back, N), 1e-12);
        um_state_destroy(state);
    }
}

/* Gauges that differ by a sign per order leave real storage real, and exactly so. */
static void test_gauge_stays_real(void **it)
{
    um_context *ctx = *it;
    test_random random = {13};
    matrix m;
    test_random_matrix(&random, TEST_REAL, N, m.real, m.imag);
    const double turns[] = {M_PI, -M_PI, 2 * M_PI, -3 * M_PI, 5 * M_PI};
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        um_state *state = make(ctx, N, &m, 0, 0);
        assert_int_equal(um_state_get_window(state).planes, 1);
        CHECK_OK(ctx, um_state_set_gauge(state, 0, turns[i]));
        assert_int_equal(um_state_get_window(state).planes, 1);
        matrix back = get(state, N);
        CHECK_AT_MOST(distance(&m, &back, N), 1e-12);
        CHECK_OK(ctx, um_state_set_gauge(state, 2, 0));
        assert_int_equal(um_state_get_window(state).planes, 1);
        back = get(state, N);
        CHECK_AT_MOST(distance(&m, &back, N), 0);
        CHECK_OK(ctx, um_state_set_gauge(state, 1, 0));
        assert_int_equal(um_state_get_window(state).planes, 2);
        CHECK_OK(ctx, um_state_set_gauge(state, 0, 0));
        assert_int_equal(um_state_get_window(state).planes, 1); /* and it is noticed again */
        um_state_destroy(state);
    }
    /* without coherences every gauge is real */
    test_random_matrix(&random, TEST_DIAGONAL, N, m.real, m.imag);
    um_state *state = make(ctx, N, &m, 0, 0);
    CHECK_OK(ctx, um_state_set_gauge(state, 3, 0.123));
    assert_int_equal(um_state_get_window(state).planes, 1);
    um_state_destroy(state);
}

static void test_copy(void **it)
{
    um_context *ctx = *it;
    test_random random = {14};
    for (int trial = 0; trial < 100; trial++) {
        int levels = test_random_integer(&random, 1, BIG);
        um_state *a = test_random_state(ctx, &random, trial % TEST_KINDS, levels);
        um_state *b = test_random_state(ctx, &random, trial / 3 % TEST_KINDS,
                                        test_random_integer(&random, 1, BIG));
        CHECK_OK(ctx, um_state_copy(b, a));
        um_window x = um_state_get_window(a), y = um_state_get_window(b);
        assert_memory_equal(&x, &y, sizeof x);
        matrix m = get(a, levels), n = get(b, levels);
        assert_true(distance(&m, &n, levels) == 0);
        CHECK_OK(ctx, um_state_copy(a, a));
        n = get(a, levels);
        assert_true(distance(&m, &n, levels) == 0);
        um_state_scale(b, 0); /* a copy, not a view */
        n = get(a, levels);
        assert_true(distance(&m, &n, levels) == 0);
        um_state_destroy(a);
        um_state_destroy(b);
    }
}

static void test_scale(void **it)
{
    um_context *ctx = *it;
    test_random random = {15};
    um_state *state = test_random_state(ctx, &random, TEST_MIXED, N);
    matrix before = get(state, N);
    um_state_scale(state, -2);
    matrix after = get(state, N);
    for (int i = 0; i < N * N; i++) {
        assert_true(after.real[i] == -2 * before.real[i]);
        assert_true(after.imag[i] == -2 * before.imag[i]);
    }
    um_state_destroy(state);
}

/* Dropped = the moduli of exactly those elements that became zero; what stays is untouched, and
 * nothing at the rim is left below the tolerance. */
static void test_trim(void **it)
{
    um_context *ctx = *it;
    test_random random = {16};
    int shrunk = 0;
    for (int trial = 0; trial < 500; trial++) {
        matrix m;
        test_random_matrix(&random, trial % TEST_KINDS, BIG, m.real, m.imag);
        double steep = 3 * test_random_uniform(&random), wide = 3 * test_random_uniform(&random);
        for (int n = 0; n < BIG; n++)
            for (int k = 0; k < BIG; k++) {
                double weight = exp(-steep * abs(n + k - 30) / 2 - wide * abs(n - k));
                m.real[n * BIG + k] *= weight;
                m.imag[n * BIG + k] *= weight;
            }
        um_state *state = make(ctx, BIG, &m, trial % 4, 0);
        double tolerance = pow(10, -18 * test_random_uniform(&random)), dropped = 0;
        um_window had = um_state_get_window(state);
        double said = um_state_trim(state, tolerance);
        um_window has = um_state_get_window(state);
        matrix left = get(state, BIG);
        for (int i = 0; i < BIG * BIG; i++) {
            if (left.real[i] == m.real[i] && left.imag[i] == m.imag[i]) continue;
            assert_true(left.real[i] == 0 && left.imag[i] == 0);
            assert_true(hypot(m.real[i], m.imag[i]) < tolerance);
            dropped += hypot(m.real[i], m.imag[i]);
        }
        CHECK_CLOSE(said, dropped, 1e-13 * dropped);
        shrunk += has.last < had.last || has.first > had.first || has.orders < had.orders;
        assert_int_equal(has.levels, BIG);
        double top = 0, bottom = 0, order = 0;
        for (int i = 0; i < BIG && has.last > has.first; i++) {
            top = fmax(top, hypot(left.real[(has.last - 1) * BIG + i],
                                  left.imag[(has.last - 1) * BIG + i]));
            bottom = fmax(bottom, hypot(left.real[has.first * BIG + i],
                                        left.imag[has.first * BIG + i]));
            if (i + has.orders <= BIG) {
                int at = i * BIG + i + has.orders - 1;
                order = fmax(order, hypot(left.real[at], left.imag[at]));
            }
        }
        if (has.last > has.first)
            assert_true(top >= tolerance && bottom >= tolerance &&
                        (order >= tolerance || has.orders == 1));
        else
            assert_true(has.orders == 0);
        um_state_destroy(state);
    }
    assert_true(shrunk > 100);
}

static void test_set_levels(void **it)
{
    um_context *ctx = *it;
    test_random random = {17};
    um_state *state = test_random_state(ctx, &random, TEST_MIXED, N);
    matrix before = get(state, N);
    CHECK_OK(ctx, um_state_set_levels(state, 5000));
    assert_int_equal(um_state_get_window(state).levels, 5000);
    matrix after = get(state, N);
    assert_true(distance(&before, &after, N) == 0);
    CHECK_OK(ctx, um_state_set_levels(state, N));
    CHECK_STATUS(ctx, um_state_set_levels(state, N - 1), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_state_set_levels(state, 0), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_state_set_levels(state, UM_LEVELS_MAX + 1), UM_ERROR_ARG);
    assert_int_equal(um_state_get_window(state).levels, N);
    /* room is made only when a window needs it: a larger matrix fits afterwards */
    CHECK_OK(ctx, um_state_set_levels(state, BIG));
    matrix m;
    test_random_matrix(&random, TEST_MIXED, BIG, m.real, m.imag);
    CHECK_OK(ctx, um_state_set_matrix(state, BIG, m.real, m.imag));
    after = get(state, BIG);
    CHECK_AT_MOST(distance(&m, &after, BIG), 4e-16);
    um_state_destroy(state);
}

static void test_check_accepts(void **it)
{
    um_context *ctx = *it;
    test_random random = {18};
    for (int trial = 0; trial < 20 * TEST_KINDS; trial++) {
        um_state *state = test_random_state(ctx, &random, trial % TEST_KINDS, N);
        CHECK_OK(ctx, um_state_check(state, 1e-12, true));
        um_state_destroy(state);
    }
}

/* Each violation alone, just above and just below the tolerance. */
static void test_check_finds(void **it)
{
    um_context *ctx = *it;
    const double e = 1e-6;
    struct violation {
        const char *word;
        double re[9], im[9];
        bool thorough; /* only eigenvalues show it */
    } cases[] = {
        {"trace", {0.5 + e, 0, 0, 0, 0.5, 0, 0, 0, 0}, {0}, false},
        {"trace", {0.5 - e, 0, 0, 0, 0.5, 0, 0, 0, 0}, {0}, false},
        {"positivity", {0.5, 0, 0, 0, -e, 0, 0, 0, 0.5 + e}, {0}, false},
        {"positivity", {0.5, 0, 0.5 + e, 0, 0, 0, 0.5 + e, 0, 0.5}, {0}, false},
        {"positivity", {0.5, 0, 0, 0, 0.5, 0, 0, 0, 0}, {0, 0.5 + e, 0, -0.5 - e}, false},
        {"positivity", {1, 1e-3, 0, 1e-3, 0, 0, 0, 0, 0}, {0}, false}, /* e = 1e-3 squared */
        /* pairwise fine, but one eigenvalue is 1/3 - 2/3 < 0: three equal negative coherences */
        {"eigenvalue", {1./3, -1./3, -1./3, -1./3, 1./3, -1./3, -1./3, -1./3, 1./3}, {0}, true},
        {"eigenvalue", {1./3, -.17, -.17, -.17, 1./3, -.17, -.17, -.17, 1./3}, {0}, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        um_state *state;
        CHECK_OK(ctx, um_state_create(ctx, 3, 2, (int)i % 4, 0.4, &state));
        CHECK_OK(ctx, um_state_set_matrix(state, 3, cases[i].re, cases[i].im));
        double fine = cases[i].thorough ? 1 : 4 * e;
        CHECK_OK(ctx, um_state_check(state, fine, true));
        CHECK_STATUS(ctx, um_state_check(state, e / 4, true), UM_ERROR_DOMAIN);
        const char *said = um_context_get_error(ctx)->message;
        if (!strstr(said, cases[i].word)) fail_msg("case %zu: no '%s' in: %s", i, cases[i].word, said);
        CHECK_STATUS(ctx, um_state_check(state, e / 4, false),
                     cases[i].thorough ? UM_OK : UM_ERROR_DOMAIN);
        um_state_destroy(state);
    }
    um_state *state;
    double one[4] = {0.5, 0.25, 0.25, 0.5};
    CHECK_OK(ctx, um_state_create(ctx, 2, 1, 0, 0, &state));
    CHECK_OK(ctx, um_state_set_matrix(state, 2, one, NULL));
    um_state_scale(state, INFINITY);
    CHECK_STATUS(ctx, um_state_check(state, 1, false), UM_ERROR_DOMAIN);
    um_state_scale(state, 0); /* inf * 0 = NAN */
    CHECK_STATUS(ctx, um_state_check(state, 1, false), UM_ERROR_DOMAIN);
    um_state_destroy(state);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_create), TEST(test_matrix_comes_back), TEST(test_blocks),
        TEST(test_smaller_matrix), TEST(test_matrix_refused), TEST(test_real_storage),
        TEST(test_gauge_keeps_rho), TEST(test_gauge_stays_real), TEST(test_copy), TEST(test_scale),
        TEST(test_trim), TEST(test_set_levels), TEST(test_check_accepts), TEST(test_check_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
