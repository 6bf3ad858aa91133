/* Energy, moments, entropies, coherences and ergotropy against closed forms. */
#include "context.h"

/* imag may be NULL; `levels` of a space of `space`. */
static um_state *make(int space, int levels, const double *real, const double *imag)
{
    um_state *state;
    CHECK_OK(ctx, um_state_create(ctx, space, 2, 1, 0.3, &state));
    CHECK_OK(ctx, um_state_set_matrix(state, levels, real, imag));
    return state;
}

static um_state *diagonal(int space, int levels, const double *populations)
{
    double *real = calloc((size_t)levels * (size_t)levels, sizeof(double));
    for (int n = 0; n < levels; n++) real[n * (levels + 1)] = populations[n];
    um_state *state = make(space, levels, real, NULL);
    free(real);
    return state;
}

static void thermal(double mean, int levels, double *populations)
{
    for (int n = 0; n < levels; n++) populations[n] = pow(mean / (mean + 1), n) / (mean + 1);
}

static void test_moments(void **unused)
{
    (void)unused;
    enum { LEVELS = 200 };
    double populations[LEVELS], energies[LEVELS];
    um_moments moments;
    thermal(3, LEVELS, populations);
    um_state *state = diagonal(LEVELS, LEVELS, populations);
    um_observe_moments(state, NULL, &moments);
    CHECK_CLOSE(moments.energy, 3, 1e-13);
    CHECK_CLOSE(moments.mean_n, 3, 1e-13);
    CHECK_CLOSE(moments.variance, 12, 1e-12);
    CHECK_CLOSE(moments.fano, 4, 1e-12);
    CHECK_CLOSE(moments.mandel_q, 3, 1e-12);
    CHECK_CLOSE(moments.g2, 2, 1e-13);
    for (int n = 0; n < LEVELS; n++) energies[n] = 5 - 2.0 * n;
    um_observe_moments(state, energies, &moments);
    CHECK_CLOSE(moments.energy, -1, 1e-13);
    CHECK_CLOSE(moments.variance, 48, 1e-12);
    CHECK_CLOSE(moments.mean_n, 3, 1e-13);
    CHECK_CLOSE(moments.variance_n, 12, 1e-12);
    CHECK_CLOSE(um_observe_energy(state, energies), moments.energy, 0);
    um_state_destroy(state);

    double p = exp(-7);
    for (int n = 0; n < LEVELS; n++, p *= 7.0 / n) populations[n] = p;
    state = diagonal(LEVELS, LEVELS, populations);
    um_observe_moments(state, NULL, &moments);
    CHECK_CLOSE(moments.mean_n, 7, 1e-13);
    CHECK_CLOSE(moments.fano, 1, 1e-13);
    CHECK_CLOSE(moments.g2, 1, 1e-13);
    um_state_destroy(state);
}

/* The variance of two neighbouring levels far up: the difference of squares would lose it. */
static void test_moments_far_up(void **unused)
{
    (void)unused;
    enum { LEVELS = 1500 };
    static double populations[LEVELS];
    populations[LEVELS - 1] = 0.3;
    populations[LEVELS - 2] = 0.7;
    um_state *state = diagonal(LEVELS, LEVELS, populations);
    um_moments moments;
    um_observe_moments(state, NULL, &moments);
    CHECK_CLOSE(moments.variance, 0.21, 1e-14);
    CHECK_CLOSE(moments.top_population, 0.7, 0);
    CHECK_OK(ctx, um_state_set_levels(state, LEVELS + 1));
    um_observe_moments(state, NULL, &moments);
    CHECK_CLOSE(moments.top_population, 0.3, 0);
    CHECK_OK(ctx, um_state_set_levels(state, LEVELS + 2));
    um_observe_moments(state, NULL, &moments);
    CHECK_CLOSE(moments.top_population, 0, 0);
    um_state_destroy(state);
}

static void test_vacuum(void **unused)
{
    (void)unused;
    double one = 1, entropy = 1;
    um_moments moments;
    um_ergotropy ergotropy;
    um_state *state = diagonal(30, 1, &one);
    um_observe_moments(state, NULL, &moments);
    CHECK_CLOSE(moments.energy, 0, 0);
    assert_true(isnan(moments.fano) && isnan(moments.mandel_q) && isnan(moments.g2));
    CHECK_CLOSE(um_observe_purity(state), 1, 0);
    CHECK_CLOSE(um_observe_coherence_l1(state), 0, 0);
    CHECK_OK(ctx, um_observe_entropy(state, &entropy));
    CHECK_CLOSE(entropy, 0, 0);
    CHECK_OK(ctx, um_observe_ergotropy(state, NULL, &ergotropy));
    CHECK_CLOSE(ergotropy.total, 0, 0);
    um_state_destroy(state);
}

/* On either side of the mean below which ratios of counts mean nothing. */
static void test_nearly_vacuum(void **unused)
{
    (void)unused;
    for (int i = 0; i < 2; i++) {
        double populations[2] = {1, i ? 1.1e-12 : 0.9e-12};
        um_moments moments;
        um_state *state = diagonal(5, 2, populations);
        um_observe_moments(state, NULL, &moments);
        assert_int_equal(isnan(moments.fano), !i);
        assert_int_equal(isnan(moments.g2), !i);
        if (i) CHECK_CLOSE(moments.fano, 1, 1e-11);
        um_state_destroy(state);
    }
}

static void test_zero_state(void **unused)
{
    (void)unused;
    um_state *state;
    um_moments moments;
    um_ergotropy ergotropy;
    double values[1], entropy = 1, fidelity = 1;
    int count = -1;
    CHECK_OK(ctx, um_state_create(ctx, 4, 1, 0, 0, &state));
    um_observe_moments(state, NULL, &moments);
    CHECK_CLOSE(moments.energy, 0, 0);
    CHECK_CLOSE(moments.top_population, 0, 0);
    CHECK_CLOSE(um_observe_purity(state), 0, 0);
    CHECK_CLOSE(um_observe_entropy_diagonal(state), 0, 0);
    CHECK_OK(ctx, um_observe_spectrum(state, values, &count));
    assert_int_equal(count, 0);
    CHECK_OK(ctx, um_observe_entropy(state, &entropy));
    CHECK_CLOSE(entropy, 0, 0);
    CHECK_OK(ctx, um_observe_ergotropy(state, NULL, &ergotropy));
    CHECK_CLOSE(ergotropy.total, 0, 0);
    CHECK_OK(ctx, um_observe_fidelity(state, state, &fidelity));
    CHECK_CLOSE(fidelity, 0, 0);
    um_state_destroy(state);
}

static void test_thermal(void **unused)
{
    (void)unused;
    enum { LEVELS = 200 };
    double populations[LEVELS], entropy;
    um_ergotropy ergotropy;
    thermal(2, LEVELS, populations);
    um_state *state = diagonal(LEVELS, LEVELS, populations);
    double expected = 3 * log(3) - 2 * log(2);
    CHECK_OK(ctx, um_observe_entropy(state, &entropy));
    CHECK_CLOSE(entropy, expected, 1e-13);
    CHECK_CLOSE(um_observe_entropy_diagonal(state), expected, 1e-13);
    CHECK_CLOSE(um_observe_purity(state), 0.2, 1e-15);
    CHECK_OK(ctx, um_observe_ergotropy(state, NULL, &ergotropy));
    CHECK_CLOSE(ergotropy.total, 0, 1e-15);
    um_state_destroy(state);
}

/* Equal superposition of levels 3..3+d-1. */
static void test_superposition(void **unused)
{
    (void)unused;
    enum { D = 21, LEVELS = 3 + D };
    static double real[LEVELS * LEVELS], imag[LEVELS * LEVELS];
    for (int n = 3; n < LEVELS; n++)
        for (int m = 3; m < LEVELS; m++) {
            real[n * LEVELS + m] = cos(0.4 * (n * n - m * m)) / D;
            imag[n * LEVELS + m] = sin(0.4 * (n * n - m * m)) / D;
        }
    um_state *state = make(50, LEVELS, real, imag);
    double entropy, energy = 3 + (D - 1) / 2.0;
    um_ergotropy ergotropy;
    CHECK_CLOSE(um_observe_purity(state), 1, 1e-14);
    CHECK_CLOSE(um_observe_coherence_l1(state), D - 1, 1e-13);
    CHECK_CLOSE(um_observe_entropy_diagonal(state), log(D), 1e-14);
    CHECK_OK(ctx, um_observe_entropy(state, &entropy));
    CHECK_CLOSE(entropy, 0, 1e-12);
    CHECK_OK(ctx, um_observe_ergotropy(state, NULL, &ergotropy));
    CHECK_CLOSE(ergotropy.total, energy, 1e-13);
    CHECK_CLOSE(ergotropy.incoherent, 3, 1e-13);
    CHECK_CLOSE(ergotropy.coherent, energy - 3, 1e-13);
    um_state_destroy(state);
}

/* A qubit at levels 1 and 2 of four, Bloch vector of length r at angle t from the upper level. */
static void test_qubit(void **unused)
{
    (void)unused;
    for (int i = 0; i <= 10; i++) {
        double r = i / 10.0, t = 0.9, turn = 2.1;
        double real[16] = {0}, imag[16] = {0}, values[4];
        real[5] = (1 - r * cos(t)) / 2;
        real[10] = (1 + r * cos(t)) / 2;
        real[6] = real[9] = r * sin(t) / 2 * cos(turn);
        imag[6] = r * sin(t) / 2 * sin(turn);
        imag[9] = -imag[6];
        um_state *state = make(4, 4, real, imag);
        int count;
        CHECK_OK(ctx, um_observe_spectrum(state, values, &count));
        assert_int_equal(count, 2);
        CHECK_CLOSE(values[0], (1 + r) / 2, 1e-15);
        CHECK_CLOSE(values[1], (1 - r) / 2, 1e-15);
        um_ergotropy ergotropy;
        CHECK_OK(ctx, um_observe_ergotropy(state, NULL, &ergotropy));
        CHECK_CLOSE(ergotropy.total, 1 + r * (1 + cos(t)) / 2, 4e-15);
        CHECK_CLOSE(ergotropy.incoherent, 1 + r * cos(t), 1e-15);
        CHECK_CLOSE(um_observe_coherence_l1(state), r * sin(t), 1e-15);
        /* Unordered and degenerate energies: the passive state takes the two at -3. */
        double energies[4] = {2, -3, 1, -3};
        CHECK_OK(ctx, um_observe_ergotropy(state, energies, &ergotropy));
        CHECK_CLOSE(ergotropy.total, -3 * real[5] + real[10] + 3, 4e-15);
        CHECK_CLOSE(ergotropy.coherent, 0, 4e-15);
        um_state_destroy(state);
    }
}

/* Energies that descend: the ground state is the top level, outside the window. */
static void test_descending_energies(void **unused)
{
    (void)unused;
    double populations[3] = {0.2, 0.5, 0.3}, energies[6] = {5, 4, 3, 2, 1, 0};
    um_state *state = diagonal(6, 3, populations);
    um_ergotropy ergotropy;
    CHECK_OK(ctx, um_observe_ergotropy(state, energies, &ergotropy));
    double energy = 0.2 * 5 + 0.5 * 4 + 0.3 * 3;
    CHECK_CLOSE(ergotropy.total, energy - (0.3 * 1 + 0.2 * 2), 1e-15);
    CHECK_CLOSE(um_observe_energy(state, energies), energy, 1e-15);
    um_state_destroy(state);
}

static void test_given_spectrum(void **unused)
{
    (void)unused;
    double populations[3] = {0.2, 0.5, 0.3}, spectrum[4] = {0.9, 0.1, 0, -1e-17};
    um_state *state = diagonal(6, 3, populations);
    um_ergotropy ergotropy;
    CHECK_OK(ctx, um_observe_ergotropy_spectrum(state, NULL, spectrum, 4, &ergotropy));
    CHECK_CLOSE(ergotropy.total, 1.1 - 0.1, 1e-15);
    CHECK_CLOSE(ergotropy.incoherent, 1.1 - (0.3 + 0.4), 1e-15);
    CHECK_CLOSE(um_observe_entropy_spectrum(spectrum, 4), -0.9 * log(0.9) - 0.1 * log(0.1), 1e-15);
    um_state_destroy(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments),        cmocka_unit_test(test_moments_far_up),
        cmocka_unit_test(test_vacuum),         cmocka_unit_test(test_zero_state),
        cmocka_unit_test(test_thermal),        cmocka_unit_test(test_superposition),
        cmocka_unit_test(test_qubit),          cmocka_unit_test(test_descending_energies),
        cmocka_unit_test(test_given_spectrum), cmocka_unit_test(test_nearly_vacuum),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
