/* What holds for every state: bounds of ergotropy, entropy, coherence and fidelity; nothing
 * depends on the gauge or on the zero of the phase. */
#include "context.h"

#include "random_state.h"
#include "state/state.h"

enum { LEVELS_MAX = 24 };

typedef struct numbers {
    um_moments moments;
    double energy, purity, entropy, entropy_diagonal, l1;
    um_ergotropy ergotropy;
    double spectrum[LEVELS_MAX];
    int count;
} numbers;

static numbers observe(const um_state *state, const double *energies)
{
    numbers x;
    um_observe_moments(state, energies, &x.moments);
    x.energy = um_observe_energy(state, energies);
    x.purity = um_observe_purity(state);
    x.l1 = um_observe_coherence_l1(state);
    x.entropy_diagonal = um_observe_entropy_diagonal(state);
    CHECK_OK(ctx, um_observe_entropy(state, &x.entropy));
    CHECK_OK(ctx, um_observe_ergotropy(state, energies, &x.ergotropy));
    CHECK_OK(ctx, um_observe_spectrum(state, x.spectrum, &x.count));
    return x;
}

/* NULL, unordered, degenerate or descending. */
static const double *random_energies(test_random *random, double *energies)
{
    int kind = test_random_integer(random, 0, 3);
    for (int n = 0; n < LEVELS_MAX; n++)
        energies[n] = kind == 1   ? test_random_normal(random)
                      : kind == 2 ? test_random_integer(random, 0, 2)
                                  : -0.5 * n;
    return kind ? energies : NULL;
}

static double lowest(const double *energies, int levels)
{
    double least = energies ? energies[0] : 0;
    for (int n = 1; energies && n < levels; n++) least = fmin(least, energies[n]);
    return least;
}

static void check_spectrum(const numbers *x)
{
    double trace = 0, purity = 0;
    for (int i = 0; i < x->count; i++) {
        CHECK_AT_MOST(-x->spectrum[i], 1e-14);
        if (i > 0) CHECK_AT_MOST(x->spectrum[i], x->spectrum[i - 1]);
        trace += x->spectrum[i];
        purity += x->spectrum[i] * x->spectrum[i];
    }
    CHECK_CLOSE(trace, 1, 1e-13);
    CHECK_CLOSE(purity, x->purity, 1e-13);
}

static void check_bounds(const numbers *x, const double *energies, test_kind kind, int levels)
{
    double floor = lowest(energies, levels);
    CHECK_CLOSE(x->energy, x->moments.energy, 0);
    CHECK_AT_MOST(-x->moments.variance, 0);
    CHECK_AT_MOST(-x->ergotropy.incoherent, 1e-13);
    CHECK_AT_MOST(x->ergotropy.incoherent, x->ergotropy.total + 1e-13);
    CHECK_AT_MOST(x->ergotropy.total, x->energy - floor + 1e-13);
    CHECK_CLOSE(x->ergotropy.coherent, x->ergotropy.total - x->ergotropy.incoherent, 0);
    CHECK_AT_MOST(1.0 / levels, x->purity + 1e-14);
    CHECK_AT_MOST(x->purity, 1 + 1e-14);
    CHECK_AT_MOST(-x->entropy, 1e-13);
    CHECK_AT_MOST(x->entropy, x->entropy_diagonal + 1e-12);
    CHECK_AT_MOST(x->entropy_diagonal, log(levels) + 1e-13);
    CHECK_AT_MOST(-log(x->purity), x->entropy + 1e-12);
    CHECK_AT_MOST(x->l1, levels - 1 + 1e-13);
    if (kind == TEST_PURE || kind == TEST_FOCK) {
        CHECK_CLOSE(x->ergotropy.total, x->energy - floor, 1e-13);
        CHECK_CLOSE(x->purity, 1, 1e-14);
        CHECK_CLOSE(x->entropy, 0, 1e-12);
    }
    if (kind == TEST_DIAGONAL || kind == TEST_FOCK) {
        CHECK_CLOSE(x->l1, 0, 0);
        CHECK_CLOSE(x->ergotropy.coherent, 0, 0);
        CHECK_CLOSE(x->entropy, x->entropy_diagonal, 1e-14);
    }
    if (kind == TEST_MIXED && levels > 2 && !energies)
        assert_true(x->ergotropy.coherent > 0 && x->l1 > 0);
}

/* More empty levels above change nothing when energies ascend by themselves. */
static void check_more_levels(um_state *state, const numbers *before)
{
    int levels = state->levels;
    CHECK_OK(ctx, um_state_set_levels(state, levels + 7));
    numbers x = observe(state, NULL);
    CHECK_CLOSE(x.ergotropy.total, before->ergotropy.total, 0);
    CHECK_CLOSE(x.moments.g2, before->moments.g2, isnan(before->moments.g2) ? INFINITY : 0);
    CHECK_OK(ctx, um_state_set_levels(state, levels));
}

static void check_same(const numbers *a, const numbers *b)
{
    CHECK_CLOSE(a->purity, b->purity, 1e-14);
    CHECK_CLOSE(a->entropy, b->entropy, 1e-12);
    CHECK_CLOSE(a->l1, b->l1, 1e-13);
    CHECK_CLOSE(a->ergotropy.total, b->ergotropy.total, 1e-13);
    CHECK_CLOSE(a->ergotropy.incoherent, b->ergotropy.incoherent, 0);
    assert_int_equal(a->count, b->count);
    for (int i = 0; i < a->count; i++) CHECK_CLOSE(a->spectrum[i], b->spectrum[i], 1e-14);
}

static void test_bounds(void **unused)
{
    (void)unused;
    test_random random = {20};
    for (int round = 0; round < 100 * test_effort(); round++)
        for (test_kind kind = 0; kind < TEST_KINDS; kind++) {
            int levels = test_random_integer(&random, 1, LEVELS_MAX);
            double energies[LEVELS_MAX];
            um_state *state = test_random_state(ctx, &random, kind, levels);
            const double *chosen = random_energies(&random, energies);
            numbers x = observe(state, chosen);
            check_spectrum(&x);
            check_bounds(&x, chosen, kind, levels);
            if (!chosen && x.moments.mean_n >= 1e-12) check_more_levels(state, &x);
            int quarter = test_random_integer(&random, 0, 3);
            CHECK_OK(ctx, um_state_set_gauge(state, quarter, test_random_normal(&random)));
            numbers stored_otherwise = observe(state, chosen);
            check_same(&x, &stored_otherwise);
            state->phase += 1; /* another rho: rotated */
            numbers rotated = observe(state, chosen);
            check_same(&stored_otherwise, &rotated);
            um_state_destroy(state);
        }
}

static double fidelity(const um_state *a, const um_state *b)
{
    double value = NAN;
    CHECK_OK(ctx, um_observe_fidelity(a, b, &value));
    return value;
}

/* Tr[rho sigma] by the matrices: a lower bound of the fidelity. */
static double overlap(const um_state *a, const um_state *b)
{
    enum { N = LEVELS_MAX };
    double ar[N * N], ai[N * N], br[N * N], bi[N * N], sum = 0;
    um_state_get_matrix(a, 0, N, ar, ai);
    um_state_get_matrix(b, 0, N, br, bi);
    for (int i = 0; i < N * N; i++) sum += ar[i] * br[i] + ai[i] * bi[i];
    return sum;
}

/* Roots of eigenvalues near the rounding of the matrix follow that rounding: with eigenvalues down
 * to r the fidelity is known to 1e-16/sqrt(r), and to sqrt(1e-14) where they are cut. */
static double conditioning(test_kind kind)
{
    bool clear = kind == TEST_PURE || kind == TEST_FOCK || kind == TEST_MIXED || kind == TEST_REAL;
    return clear ? 1e-12 : 4e-7;
}

static void test_fidelity(void **unused)
{
    (void)unused;
    test_random random = {21};
    for (int round = 0; round < 5 * test_effort(); round++)
        for (test_kind kind = 0; kind < TEST_KINDS; kind++)
            for (test_kind with = kind; with < TEST_KINDS; with++) {
                int levels = test_random_integer(&random, 1, LEVELS_MAX);
                um_state *a = test_random_state(ctx, &random, kind, levels);
                levels = test_random_integer(&random, 1, LEVELS_MAX);
                um_state *b = test_random_state(ctx, &random, with, levels), *other;
                double value = fidelity(a, b), least = overlap(a, b);
                CHECK_CLOSE(fidelity(b, a), value, 1e-13);
                CHECK_AT_MOST(value, 1 + 1e-13);
                CHECK_AT_MOST(least, value + 1e-12);
                if (kind == TEST_PURE) CHECK_CLOSE(value, least, 1e-13);
                CHECK_CLOSE(fidelity(a, a), 1, 1e-12);
                CHECK_OK(ctx, um_state_create(ctx, 1, 1, 0, 0, &other));
                CHECK_OK(ctx, um_state_copy(other, a));
                CHECK_OK(ctx, um_state_set_gauge(other, 2, 0.3));
                CHECK_CLOSE(fidelity(a, other), 1, 1e-12);
                double sharp = fmax(conditioning(kind), conditioning(with));
                CHECK_CLOSE(fidelity(b, other), value, sharp);
                um_state_destroy(a);
                um_state_destroy(b);
                um_state_destroy(other);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_fidelity),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
