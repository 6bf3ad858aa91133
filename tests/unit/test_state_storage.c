/* The density matrix in storage: in and out of every gauge, windows, initial states, the check. */
#include "base/base.h"
#include "context.h"
#include "random_state.h"

enum { LEVELS = 12, SIZE = LEVELS * LEVELS };

static double distance(const um_state *state, int levels, const double *re, const double *im)
{
    double x[SIZE], y[SIZE], worst = 0;
    um_state_get_matrix(state, 0, levels, x, y);
    for (int i = 0; i < levels * levels; i++)
        worst = fmax(worst, hypot(x[i] - re[i], y[i] - im[i]));
    return worst;
}

static um_state *create(int levels, int quarter, double phase, const double *re, const double *im)
{
    um_state *state = NULL;
    CHECK_OK(ctx, um_state_create(ctx, levels, 1, quarter, phase, &state));
    CHECK_OK(ctx, um_state_set_matrix(state, levels, re, im));
    return state;
}

static void test_create(void **unused)
{
    (void)unused;
    um_state *state = NULL;
    assert_int_equal(um_state_create(NULL, 2, 1, 0, 0, &state), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_state_create(ctx, 0, 1, 0, 0, &state), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_state_create(ctx, UM_LEVELS_MAX + 1, 1, 0, 0, &state), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_state_create(ctx, 2, 3, 0, 0, &state), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_state_create(ctx, 2, 1, 4, 0, &state), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_state_create(ctx, 2, 1, 0, NAN, &state), UM_ERROR_ARG);
    assert_null(state);
    um_state_destroy(NULL);

    CHECK_OK(ctx, um_state_create(ctx, 5, 2, 3, 0.5, &state));
    um_window window = um_state_get_window(state);
    assert_int_equal(window.levels, 5);
    assert_int_equal(window.last - window.first, 0);
    CHECK_CLOSE(um_state_get_trace(state), 0, 0);
    CHECK_CLOSE(um_state_trim(state, 1), 0, 0);
    um_state_scale(state, 2);
    double p[7] = {1, 1, 1, 1, 1, 1, 1};
    um_state_get_populations(state, 7, p);
    for (int n = 0; n < 7; n++) CHECK_CLOSE(p[n], 0, 0);
    CHECK_STATUS(ctx, um_state_check(state, 1e-9, true), UM_ERROR_DOMAIN);
    um_state_destroy(state);
}

static void test_round_trip(void **unused)
{
    (void)unused;
    test_random random = {1};
    double re[SIZE], im[SIZE], p[LEVELS + 3], part_re[9], part_im[9];
    for (int i = 0; i < 200 * test_effort(); i++) {
        test_kind kind = (test_kind)(i % TEST_KINDS);
        int levels = test_random_integer(&random, 1, LEVELS), quarter = i & 3;
        double phase = i % 3 ? 10 * test_random_normal(&random) : 0;
        test_random_matrix(&random, kind, levels, re, im);
        um_state *state = create(levels, quarter, phase, re, im);
        CHECK_AT_MOST(distance(state, levels, re, im), 4e-16);
        CHECK_CLOSE(um_state_get_trace(state), 1, 1e-14);
        um_state_get_populations(state, levels + 3, p);
        for (int n = 0; n < levels + 3; n++) {
            if (n < levels) CHECK_CLOSE(p[n], re[n * (levels + 1)], 0);
            else CHECK_CLOSE(p[n], 0, 0);
        }
        /* A block that reaches over the top. */
        um_state_get_matrix(state, levels - 1, 3, part_re, part_im);
        CHECK_CLOSE(part_re[0], re[levels * levels - 1], 0);
        for (int j = 1; j < 9; j++) CHECK_CLOSE(hypot(part_re[j], part_im[j]), 0, 0);
        CHECK_OK(ctx, um_state_check(state, 1e-12, true));

        um_state *copy = NULL;
        CHECK_OK(ctx, um_state_create(ctx, 3, 2, 0, 0, &copy));
        CHECK_OK(ctx, um_state_copy(copy, state));
        CHECK_OK(ctx, um_state_copy(copy, copy));
        um_state_scale(state, 0.5);
        CHECK_AT_MOST(distance(copy, levels, re, im), 4e-16);
        CHECK_CLOSE(um_state_get_trace(state), 0.5, 1e-14);
        um_state_destroy(copy);
        um_state_destroy(state);
    }
}

static void test_wrong_matrices(void **unused)
{
    (void)unused;
    um_state *state = NULL;
    CHECK_OK(ctx, um_state_create(ctx, 2, 1, 0, 0, &state));
    const double good[4] = {0.5, 0, 0, 0.5}, skew[4] = {0.5, 0.25, -0.25, 0.5};
    const double nan_inside[4] = {0.5, 0, 0, NAN}, even[4] = {0, 0.1, 0.1, 0};
    CHECK_OK(ctx, um_state_set_matrix(state, 2, good, NULL));
    CHECK_STATUS(ctx, um_state_set_matrix(state, 2, skew, NULL), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_state_set_matrix(state, 2, nan_inside, NULL), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_state_set_matrix(state, 2, good, even), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_state_set_matrix(state, 3, good, NULL), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_state_set_matrix(state, 0, good, NULL), UM_ERROR_ARG);
    CHECK_CLOSE(um_state_get_trace(state), 1, 0); /* what was there still is */
    um_state_destroy(state);
}

/* The window is the smallest that holds all that is not zero. */
static void test_window(void **unused)
{
    (void)unused;
    double re[SIZE] = {0};
    for (int n = 3; n < 8; n++) re[n * (LEVELS + 1)] = 0.2;
    re[4 * LEVELS + 6] = re[6 * LEVELS + 4] = 0.05;
    um_state *state = create(LEVELS, 0, 0, re, NULL);
    um_window window = um_state_get_window(state);
    assert_int_equal(window.first, 3);
    assert_int_equal(window.last, 8);
    assert_int_equal(window.orders, 3);
    assert_int_equal(window.planes, 1);
    CHECK_OK(ctx, um_state_set_levels(state, 8));
    CHECK_STATUS(ctx, um_state_set_levels(state, 7), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_state_set_levels(state, UM_LEVELS_MAX + 1), UM_ERROR_ARG);
    CHECK_OK(ctx, um_state_set_levels(state, 4000));
    assert_int_equal(um_state_get_window(state).levels, 4000);
    CHECK_CLOSE(um_state_get_trace(state), 1, 1e-15);
    um_state_destroy(state);
}

/* Rows and orders go while all of them is below; one element at the tolerance keeps them. */
static void test_trim(void **unused)
{
    (void)unused;
    double re[SIZE] = {0}, x[SIZE], y[SIZE];
    for (int n = 2; n < 6; n++) re[n * (LEVELS + 1)] = 0.25;
    re[3 * LEVELS + 4] = re[4 * LEVELS + 3] = 1e-30; /* inside: stays */
    re[6 * (LEVELS + 1)] = 0.5e-18;
    re[5 * LEVELS + 6] = re[6 * LEVELS + 5] = 0.25e-18;
    re[1 * (LEVELS + 1)] = 0.125e-18;
    re[2 * LEVELS + 5] = re[5 * LEVELS + 2] = 0.75e-18;
    um_state *state = create(LEVELS, 1, 0.3, re, NULL);
    double dropped = um_state_trim(state, 1e-18);
    um_window window = um_state_get_window(state);
    assert_int_equal(window.first, 2);
    assert_int_equal(window.last, 6);
    /* Order 3 (0.75e-18) and the empty order 2 are dropped, and order 1, which is tiny as well. */
    assert_int_equal(window.orders, 1);
    CHECK_CLOSE(dropped, (0.5 + 2 * 0.25 + 0.125 + 2 * 0.75) * 1e-18, 1e-28);
    um_state_get_matrix(state, 0, LEVELS, x, y);
    double change = 0;
    for (int i = 0; i < SIZE; i++) change += hypot(x[i] - re[i], y[i]);
    CHECK_CLOSE(change, dropped, 1e-24);
    CHECK_CLOSE(um_state_trim(state, 1e-18), 0, 0);
    CHECK_CLOSE(um_state_trim(state, 0.25), 0, 0); /* not below, at it */
    CHECK_CLOSE(um_state_trim(state, 0.26), 1, 1e-15);
    assert_int_equal(um_state_get_window(state).last, 0);
    um_state_destroy(state);

    const double edge[4] = {0.5, 0.25, 0.25, 0.5};
    state = create(2, 0, 0, edge, NULL);
    CHECK_CLOSE(um_state_trim(state, 0.25), 0, 0);
    assert_int_equal(um_state_get_window(state).orders, 2);
    um_state_destroy(state);
}

/* What trim says it dropped is what changed, whatever the state. */
static void test_trim_random(void **unused)
{
    (void)unused;
    test_random random = {2};
    double re[SIZE], im[SIZE], x[SIZE], y[SIZE];
    for (int i = 0; i < 200 * test_effort(); i++) {
        test_random_matrix(&random, (test_kind)(i % TEST_KINDS), LEVELS, re, im);
        um_state *state = create(LEVELS, i & 3, 0, re, im);
        double dropped = um_state_trim(state, pow(10, -10 * test_random_uniform(&random)));
        um_state_get_matrix(state, 0, LEVELS, x, y);
        double change = 0;
        for (int j = 0; j < SIZE; j++) change += hypot(x[j] - re[j], y[j] - im[j]);
        CHECK_CLOSE(change, dropped, 1e-13);
        um_state_destroy(state);
    }
}

static void test_gauge(void **unused)
{
    (void)unused;
    test_random random = {3};
    double re[SIZE], im[SIZE];
    for (int i = 0; i < 200 * test_effort(); i++) {
        test_random_matrix(&random, (test_kind)(i % TEST_KINDS), LEVELS, re, im);
        um_state *state = create(LEVELS, i & 3, i % 5 * 0.7, re, im);
        double phase = i % 2 ? test_random_normal(&random) : 0;
        CHECK_OK(ctx, um_state_set_gauge(state, test_random_integer(&random, 0, 3), phase));
        CHECK_AT_MOST(distance(state, LEVELS, re, im), 1e-15);
        um_state_destroy(state);
    }
    /* Real in one gauge: real in those that differ by signs, not in the others. */
    const double plus[4] = {0.5, 0.5, 0.5, 0.5}, none[4] = {0.5, 0, 0, 0.5};
    const struct { const double *matrix; int quarter; double phase; int planes; } cases[] = {
        {plus, 2, 0, 1}, {plus, 0, acos(-1), 1}, {plus, 1, 0, 2}, {plus, 0, 0.1, 2}, {none, 1, 0.1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        um_state *state = create(2, 0, 0, cases[i].matrix, NULL);
        CHECK_OK(ctx, um_state_set_gauge(state, cases[i].quarter, cases[i].phase));
        assert_int_equal(um_state_get_window(state).planes, cases[i].planes);
        const double zero[4] = {0};
        CHECK_AT_MOST(distance(state, 2, cases[i].matrix, zero), 1e-15);
        CHECK_OK(ctx, um_state_set_gauge(state, 0, 0));
        assert_int_equal(um_state_get_window(state).planes, 1);
        um_state_destroy(state);
    }
}

static void refuses(const double *re, const double *im, bool thorough_only)
{
    um_state *state = create(2, 1, 0.2, re, im);
    if (thorough_only) CHECK_OK(ctx, um_state_check(state, 1e-9, false));
    else CHECK_STATUS(ctx, um_state_check(state, 1e-9, false), UM_ERROR_DOMAIN);
    CHECK_STATUS(ctx, um_state_check(state, 1e-9, true), UM_ERROR_DOMAIN);
    um_state_destroy(state);
}

static void test_check(void **unused)
{
    (void)unused;
    const double trace[4] = {0.5, 0, 0, 0.5 + 2e-9}, negative[4] = {1 + 2e-9, 0, 0, -2e-9};
    const double coherent[4] = {0.5, 0.5 + 2e-9, 0.5 + 2e-9, 0.5};
    const double half[4] = {0.5, 0, 0, 0.5}, turned[4] = {0, 0.51, -0.51, 0};
    refuses(trace, NULL, false);
    refuses(negative, NULL, false);
    refuses(coherent, NULL, false);
    refuses(half, turned, false);
    /* Three levels: every pair is fine, together they are not. */
    const double third[9] = {1 / 3., -0.3, -0.3, -0.3, 1 / 3., -0.3, -0.3, -0.3, 1 / 3.};
    um_state *state = create(3, 0, 0, third, NULL);
    CHECK_OK(ctx, um_state_check(state, 1e-9, false));
    CHECK_STATUS(ctx, um_state_check(state, 1e-9, true), UM_ERROR_DOMAIN);
    um_state_scale(state, INFINITY);
    CHECK_STATUS(ctx, um_state_check(state, 1e-9, false), UM_ERROR_DOMAIN);
    um_state_destroy(state);
}

static um_state *create_initial(um_initial initial, int levels)
{
    um_spec spec;
    um_spec_init(&spec);
    um_state *state = NULL;
    double dropped = -1;
    CHECK_OK(ctx, um_state_create_initial(ctx, &initial, &spec.battery, levels, 1e-10, &state,
                                          &dropped));
    assert_true(dropped >= 0 && dropped <= 1e-10);
    CHECK_OK(ctx, um_state_check(state, 1e-12, false));
    return state;
}

static void check_amplitudes(um_initial initial, int levels, void (*amplitude)(int, double *, double *))
{
    um_state *state = create_initial(initial, levels);
    int count = um_state_get_window(state).last;
    double *re = malloc(sizeof *re * (size_t)(count * count)), *im = malloc(sizeof *im * (size_t)(count * count));
    um_state_get_matrix(state, 0, count, re, im);
    for (int n = 0; n < count; n++)
        for (int m = 0; m < count; m++) {
            double a[2], b[2];
            amplitude(n, &a[0], &a[1]);
            amplitude(m, &b[0], &b[1]);
            CHECK_CLOSE(re[n * count + m], a[0] * b[0] + a[1] * b[1], 1e-14);
            CHECK_CLOSE(im[n * count + m], a[1] * b[0] - a[0] * b[1], 1e-14);
        }
    free(re);
    free(im);
    um_state_destroy(state);
}

/* <n|alpha>, alpha = 1.5 - 2 i */
static void coherent(int n, double *re, double *im)
{
    double modulus = exp(-0.5 * 6.25 + n * log(2.5) - 0.5 * lgamma(n + 1.0));
    double angle = n * atan2(-2, 1.5);
    *re = modulus * cos(angle);
    *im = modulus * sin(angle);
}

/* <2j|S|0> = (-e^(i angle) tanh r)^j sqrt((2j)!)/(2^j j!) / sqrt(cosh r), r = 0.8, angle = 0.6 */
static void squeezed(int n, double *re, double *im)
{
    int j = n / 2;
    double modulus = n % 2 ? 0 : exp(j * log(tanh(0.8) / 2) + 0.5 * lgamma(2 * j + 1.0) -
                                     lgamma(j + 1.0)) / sqrt(cosh(0.8));
    double angle = j * (0.6 + acos(-1));
    *re = modulus * cos(angle);
    *im = modulus * sin(angle);
}

static void test_initial(void **unused)
{
    (void)unused;
    um_initial initial = {.kind = UM_INITIAL_COHERENT, .re = 1.5, .im = -2};
    check_amplitudes(initial, UM_LEVELS_AUTO, coherent);
    check_amplitudes(initial, 60, coherent);
    initial = (um_initial){.kind = UM_INITIAL_SQUEEZED, .r = 0.8, .angle = 0.6};
    check_amplitudes(initial, UM_LEVELS_AUTO, squeezed);

    um_state *state = create_initial((um_initial){.kind = UM_INITIAL_VACUUM}, UM_LEVELS_AUTO);
    assert_int_equal(um_state_get_window(state).levels, 16);
    assert_int_equal(um_state_get_window(state).last, 1);
    um_state_destroy(state);
    state = create_initial((um_initial){.kind = UM_INITIAL_FOCK, .level = 7}, 8);
    double p[8];
    um_state_get_populations(state, 8, p);
    CHECK_CLOSE(p[7], 1, 0);
    assert_int_equal(um_state_get_window(state).first, 7);
    um_state_destroy(state);
    state = create_initial((um_initial){.kind = UM_INITIAL_THERMAL, .mean = 0.5}, UM_LEVELS_AUTO);
    um_state_get_populations(state, 8, p);
    for (int n = 0; n < 8; n++) CHECK_CLOSE(p[n], pow(1 / 3., n) * 2 / 3, 1e-15);
    assert_int_equal(um_state_get_window(state).orders, 1);
    um_state_destroy(state);
    state = create_initial((um_initial){.kind = UM_INITIAL_THERMAL, .mean = 0}, 2);
    CHECK_CLOSE(um_state_get_trace(state), 1, 0);
    um_state_destroy(state);
}

/* A thermal state of a finite ladder is that of the levels it has, at any temperature. */
static void test_initial_ladder(void **unused)
{
    (void)unused;
    um_spec spec;
    um_spec_init(&spec);
    spec.battery.kind = UM_BATTERY_LADDER;
    spec.battery.levels = 5;
    um_initial initial = {.kind = UM_INITIAL_THERMAL, .mean = 1e6};
    um_state *state = NULL;
    CHECK_OK(ctx, um_state_create_initial(ctx, &initial, &spec.battery, 5, 1e-10, &state, NULL));
    double p[5];
    um_state_get_populations(state, 5, p);
    for (int n = 0; n < 5; n++) CHECK_CLOSE(p[n], 0.2, 1e-6);
    CHECK_CLOSE(um_state_get_trace(state), 1, 1e-15);
    um_state_destroy(state);
}

static void test_initial_refused(void **unused)
{
    (void)unused;
    um_spec spec;
    um_spec_init(&spec);
    const double mixed[4] = {0.5, 0, 0, 0.4}, wild[4] = {0.5, 0.6, 0.6, 0.5};
    const um_initial initials[] = {
        {.kind = UM_INITIAL_FOCK, .level = 20},
        {.kind = UM_INITIAL_COHERENT, .re = 3},
        {.kind = UM_INITIAL_COHERENT, .im = 1e150},
        {.kind = UM_INITIAL_THERMAL, .mean = 4},
        {.kind = UM_INITIAL_SQUEEZED, .r = 2},
        {.kind = UM_INITIAL_SQUEEZED, .r = 15}, /* a tail of 10^14 levels */
        {.kind = UM_INITIAL_SQUEEZED, .r = 1e3},
        {.kind = UM_INITIAL_MATRIX, .levels = 2, .real = mixed},
        {.kind = UM_INITIAL_MATRIX, .levels = 2, .real = wild},
    };
    for (size_t i = 0; i < sizeof initials / sizeof *initials; i++) {
        um_state *state = NULL;
        CHECK_STATUS(ctx, um_state_create_initial(ctx, &initials[i], &spec.battery, 20, 1e-10, &state,
                                                  NULL), UM_ERROR_CONFIG);
        assert_null(state);
        assert_string_equal(um_context_get_error(ctx)->key, "battery.initial");
    }
}

/* Memory that runs out at the 1st, 2nd, ... block: refused, and nothing is lost or changed. */
typedef struct heap {
    int left;
} heap;

static void *allocate(void *user, size_t bytes)
{
    heap *h = user;
    return h->left-- > 0 ? malloc(bytes) : NULL;
}

static void release(void *user, void *block)
{
    (void)user;
    free(block);
}

static void test_memory(void **unused)
{
    (void)unused;
    const double plus[4] = {0.5, 0.5, 0.5, 0.5};
    bool reached_end = false;
    for (int blocks = 1; blocks < 30 && !reached_end; blocks++) {
        heap h = {blocks};
        um_context_options options = {allocate, release, &h, 0, 0};
        um_context *poor = NULL;
        assert_int_equal(um_context_create(&options, &poor), UM_OK);
        um_state *state = NULL, *other = NULL;
        um_status status = um_state_create(poor, 2, 1, 0, 0, &state);
        if (status == UM_OK) status = um_state_set_matrix(state, 2, plus, NULL);
        if (status == UM_OK) status = um_state_create(poor, 2, 1, 0, 0, &other);
        if (status == UM_OK) {
            status = um_state_copy(other, state);
            if (status != UM_OK) CHECK_CLOSE(um_state_get_trace(other), 0, 0);
        }
        if (status == UM_OK) status = um_state_set_gauge(other, 1, 0.1);
        if (status == UM_OK) status = um_state_check(other, 1e-9, true);
        reached_end = status == UM_OK;
        if (!reached_end) assert_int_equal(status, UM_ERROR_MEMORY);
        if (state && um_state_get_window(state).last == 2)
            CHECK_CLOSE(um_state_get_trace(state), 1, 0);
        um_state_destroy(state);
        um_state_destroy(other);
        assert_int_equal(um_context_get_blocks(poor), 0);
        um_context_destroy(poor);
    }
    assert_true(reached_end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create),         cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_wrong_matrices), cmocka_unit_test(test_window),
        cmocka_unit_test(test_trim),           cmocka_unit_test(test_trim_random),
        cmocka_unit_test(test_gauge),          cmocka_unit_test(test_check),
        cmocka_unit_test(test_initial),        cmocka_unit_test(test_initial_ladder),
        cmocka_unit_test(test_initial_refused), cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
