/* What holds for the Wigner and the Husimi function of every state: integrals, marginals, bounds.
 * Sums over a grid fine enough for these levels are exact integrals. */
#include "context.h"

#include <complex.h>

#include "random_state.h"

enum { LEVELS_MAX = 14, POINTS = 141 };
static const double RIM = 11; /* all is below 1e-15 there */

static double step(void) { return 2 * RIM / (POINTS - 1); }
static double place(int i) { return -RIM + i * step(); }

static double integral(const double *values, const double *factor)
{
    double sum = 0;
    for (int i = 0; i < POINTS * POINTS; i++) sum += values[i] * (factor ? factor[i] : 1);
    return sum * step() * step();
}

/* <x|rho|x>, or <p|rho|p> with psi_n(p) = (-i)^n psi_n(x = p). */
static double density(const um_state *state, double x, bool momentum)
{
    enum { N = LEVELS_MAX };
    double real[N * N], imag[N * N], psi[N];
    um_state_get_matrix(state, 0, N, real, imag);
    for (int n = 0; n < N; n++)
        psi[n] = n == 0 ? pow(M_PI, -0.25) * exp(-x * x / 2)
                        : x * sqrt(2.0 / n) * psi[n - 1] -
                              (n > 1 ? sqrt((n - 1.0) / n) * psi[n - 2] : 0);
    double _Complex sum = 0;
    for (int n = 0; n < N; n++)
        for (int m = 0; m < N; m++) {
            double _Complex turn = momentum ? cpow(-_Complex_I, n) * cpow(_Complex_I, m) : 1;
            sum += (real[n * N + m] + _Complex_I * imag[n * N + m]) * psi[n] * psi[m] * turn;
        }
    return creal(sum);
}

static void check_marginals(const um_state *state, const double *wigner)
{
    for (int i = 5; i < POINTS; i += 7) {
        double over_p = 0, over_x = 0;
        for (int j = 0; j < POINTS; j++) {
            over_p += wigner[j * POINTS + i] * step();
            over_x += wigner[i * POINTS + j] * step();
        }
        CHECK_CLOSE(over_p, density(state, place(i), false), 1e-13);
        CHECK_CLOSE(over_x, density(state, place(i), true), 1e-13);
    }
}

static void check_bounds(const double *wigner, const double *husimi)
{
    for (int i = 0; i < POINTS * POINTS; i++) {
        CHECK_AT_MOST(fabs(wigner[i]), 1 / M_PI + 1e-14);
        CHECK_AT_MOST(-husimi[i], 1e-15);
        CHECK_AT_MOST(husimi[i], 0.5 / M_PI + 1e-15);
    }
}

/* <alpha|rho|alpha>/(2 pi) straight from the matrix. */
static void check_husimi(const um_state *state, const double *husimi)
{
    enum { N = LEVELS_MAX };
    double real[N * N], imag[N * N];
    um_state_get_matrix(state, 0, N, real, imag);
    for (int i = 3; i < POINTS; i += 15)
        for (int j = 2; j < POINTS; j += 15) {
            double _Complex alpha = (place(j) + _Complex_I * place(i)) / sqrt(2), c[N], sum = 0;
            c[0] = exp(-creal(alpha * conj(alpha)) / 2);
            for (int n = 1; n < N; n++) c[n] = c[n - 1] * alpha / sqrt(n);
            for (int n = 0; n < N; n++)
                for (int m = 0; m < N; m++)
                    sum += conj(c[n]) * (real[n * N + m] + _Complex_I * imag[n * N + m]) * c[m];
            CHECK_CLOSE(husimi[i * POINTS + j], creal(sum) / (2 * M_PI), 1e-14);
        }
}

static void test_integrals(void **unused)
{
    (void)unused;
    static double wigner[POINTS * POINTS], before[POINTS * POINTS], husimi[POINTS * POINTS];
    test_random random = {30};
    um_state *last = NULL;
    for (int round = 0; round < 30 * test_effort(); round++)
        for (test_kind kind = 0; kind < TEST_KINDS; kind++) {
            int levels = test_random_integer(&random, 1, LEVELS_MAX);
            um_state *state = test_random_state(ctx, &random, kind, levels);
            CHECK_OK(ctx, um_observe_wigner(state, -RIM, RIM, POINTS, wigner));
            CHECK_OK(ctx, um_observe_husimi(state, -RIM, RIM, POINTS, husimi));
            CHECK_CLOSE(integral(wigner, NULL), 1, 1e-13);
            CHECK_CLOSE(integral(husimi, NULL), 1, 1e-13);
            CHECK_CLOSE(2 * M_PI * integral(wigner, wigner), um_observe_purity(state), 1e-13);
            check_bounds(wigner, husimi);
            check_marginals(state, wigner);
            check_husimi(state, husimi);
            double fidelity;
            if (last && kind == TEST_PURE) {
                CHECK_OK(ctx, um_observe_fidelity(state, last, &fidelity));
                CHECK_CLOSE(2 * M_PI * integral(wigner, before), fidelity, 1e-13);
            }
            memcpy(before, wigner, sizeof wigner);
            um_state_destroy(last);
            last = state;
        }
    um_state_destroy(last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_integrals)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
