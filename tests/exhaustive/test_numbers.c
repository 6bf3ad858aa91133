/* Every number the library reads off a state against the oracle's sums and Jacobi rotations: all
 * kinds of random states of 1 to 12 levels, equal and unequal energies. */
#include "check.h"
#include "oracle.h"
#include "random_state.h"

enum { LEVELS_MAX = 12 };

/* Not ascending, and two of them equal. */
static const double uneven[LEVELS_MAX] = {0.5, 1.25, 0.75, 3, 3, 4.5, 2, 7, 6.25, 9, 8, 11};

typedef struct subject {
    um_context *ctx;
    int levels;
    um_state *state;
    double re[LEVELS_MAX * LEVELS_MAX], im[LEVELS_MAX * LEVELS_MAX];
    oracle_complex rho[LEVELS_MAX * LEVELS_MAX];
} subject;

static void compare_numbers(const subject *s, const double *energies)
{
    oracle_real exact[LEVELS_MAX];
    for (int n = 0; n < s->levels; n++) exact[n] = energies ? energies[n] : n;
    oracle_numbers want = oracle_observe(s->levels, exact, s->rho);
    um_moments moments;
    um_ergotropy ergotropy;
    double entropy;
    um_observe_moments(s->state, energies, &moments);
    CHECK_OK(s->ctx, um_observe_ergotropy(s->state, energies, &ergotropy));
    CHECK_OK(s->ctx, um_observe_entropy(s->state, &entropy));
    CHECK_CLOSE(um_state_get_trace(s->state), want.trace, 1e-15);
    CHECK_CLOSE(moments.energy, want.energy, 2e-14);
    CHECK_CLOSE(um_observe_energy(s->state, energies), want.energy, 2e-14);
    CHECK_CLOSE(moments.variance, want.variance, 1e-12);
    CHECK_CLOSE(moments.top_population, want.top_population, 1e-15);
    /* Near the vacuum the ratio itself is not well determined. */
    if (moments.mean_n > 1e-3) CHECK_CLOSE(moments.mandel_q, want.mandel_q, 1e-11);
    CHECK_CLOSE(ergotropy.total, want.ergotropy, 1e-13);
    CHECK_CLOSE(ergotropy.incoherent, want.ergotropy_incoherent, 1e-13);
    CHECK_CLOSE(ergotropy.coherent, want.ergotropy - want.ergotropy_incoherent, 2e-13);
    CHECK_CLOSE(um_observe_purity(s->state), want.purity, 1e-14);
    CHECK_CLOSE(entropy, want.entropy, 1e-12);
    CHECK_CLOSE(um_observe_coherence_l1(s->state), want.l1_coherence, 1e-13);
}

static void compare_wigner(const subject *s)
{
    enum { POINTS = 7 };
    const double min = -3.3, max = 2.7;
    double wigner[POINTS * POINTS];
    CHECK_OK(s->ctx, um_observe_wigner(s->state, min, max, POINTS, wigner));
    for (int row = 0; row < POINTS; row++)
        for (int column = 0; column < POINTS; column++) {
            double x = min + column * (max - min) / (POINTS - 1);
            double p = min + row * (max - min) / (POINTS - 1);
            CHECK_CLOSE(wigner[row * POINTS + column], oracle_wigner(s->levels, s->rho, x, p),
                        1e-13);
        }
}

static void all_numbers(void **unused)
{
    (void)unused;
    subject s;
    test_random random = {7};
    assert_int_equal(um_context_create(NULL, &s.ctx), UM_OK);
    for (int round = 0; round < 3 * test_effort(); round++)
        for (s.levels = 2; s.levels <= LEVELS_MAX; s.levels++)
            for (int kind = 0; kind < TEST_KINDS; kind++) {
                s.state = test_random_state(s.ctx, &random, (test_kind)kind, s.levels);
                um_state_get_matrix(s.state, 0, s.levels, s.re, s.im);
                for (int i = 0; i < s.levels * s.levels; i++)
                    s.rho[i] = s.re[i] + 1.0iL * s.im[i];
                compare_numbers(&s, NULL);
                compare_numbers(&s, uneven);
                compare_wigner(&s);
                um_state_destroy(s.state);
            }
    assert_int_equal(um_context_get_blocks(s.ctx), 0);
    um_context_destroy(s.ctx);
}

/* The oracle's own Wigner function and eigenvalues where they are known. */
static void oracle_stands(void **unused)
{
    (void)unused;
    enum { LEVELS = 40 };
    static oracle_complex rho[LEVELS * LEVELS];
    const double alpha[2] = {0.8, -0.5};
    oracle_coherent(LEVELS, alpha[0], alpha[1], rho);
    for (double x = -2; x <= 3; x += 0.7)
        for (double p = -3; p <= 2; p += 0.6) {
            double dx = x - sqrt(2) * alpha[0], dp = p - sqrt(2) * alpha[1];
            CHECK_CLOSE(oracle_wigner(LEVELS, rho, x, p), exp(-dx * dx - dp * dp) / M_PI, 1e-15);
        }
    oracle_real values[LEVELS], energies[LEVELS];
    for (int n = 0; n < LEVELS; n++) energies[n] = n;
    oracle_eigenvalues(LEVELS, rho, values);
    CHECK_CLOSE((double)values[0], 1, 1e-17);
    for (int n = 1; n < LEVELS; n++) CHECK_CLOSE((double)values[n], 0, 1e-17);
    oracle_numbers numbers = oracle_observe(LEVELS, energies, rho);
    CHECK_CLOSE(numbers.energy, 0.89, 1e-15); /* |alpha|^2 */
    CHECK_CLOSE(numbers.ergotropy, 0.89, 1e-15);
    CHECK_CLOSE(numbers.mandel_q, 0, 1e-14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(oracle_stands),
                                       cmocka_unit_test(all_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
