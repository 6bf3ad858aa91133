/* Fidelity against closed forms, across gauges, windows and kinds of storage. */
#include "context.h"

#include <complex.h>

#include "random_state.h"

typedef double _Complex complex_double;

static void check_fidelity(const um_state *a, const um_state *b, double expected, double tolerance)
{
    double fidelity;
    CHECK_OK(ctx, um_observe_fidelity(a, b, &fidelity));
    CHECK_CLOSE(fidelity, expected, tolerance);
    CHECK_OK(ctx, um_observe_fidelity(b, a, &fidelity));
    CHECK_CLOSE(fidelity, expected, tolerance);
}

static um_state *coherent(int levels, complex_double alpha, int quarter, double phase)
{
    size_t size = (size_t)levels * (size_t)levels;
    double *real = malloc(sizeof(double) * size), *imag = malloc(sizeof(double) * size);
    complex_double *psi = malloc(sizeof(complex_double) * (size_t)levels);
    psi[0] = exp(-creal(alpha * conj(alpha)) / 2);
    for (int n = 1; n < levels; n++) psi[n] = psi[n - 1] * alpha / sqrt(n);
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++) {
            real[n * levels + m] = creal(psi[n] * conj(psi[m]));
            imag[n * levels + m] = n == m ? 0 : cimag(psi[n] * conj(psi[m]));
        }
    um_state *state;
    CHECK_OK(ctx, um_state_create(ctx, levels, 2, quarter, phase, &state));
    CHECK_OK(ctx, um_state_set_matrix(state, levels, real, imag));
    free(real);
    free(imag);
    free(psi);
    return state;
}

static void test_coherent(void **unused)
{
    (void)unused;
    complex_double alpha = 1.5 - 0.5 * _Complex_I, beta = 0.25 + 1.25 * _Complex_I;
    double expected = exp(-pow(cabs(alpha - beta), 2));
    um_state *a = coherent(60, alpha, 0, 0);
    for (int quarter = 0; quarter < 4; quarter++) {
        um_state *b = coherent(50, beta, quarter, 0.4 * quarter);
        check_fidelity(a, b, expected, 1e-14);
        um_state_destroy(b);
    }
    um_state_destroy(a);
}

static void test_diagonal(void **unused)
{
    (void)unused;
    enum { N = 300 };
    static double p[N * N], q[N * N];
    double means[2] = {2, 3}, sum = 0;
    for (int n = 0; n < N; n++) {
        p[n * (N + 1)] = pow(means[0] / (means[0] + 1), n) / (means[0] + 1);
        q[n * (N + 1)] = pow(means[1] / (means[1] + 1), n) / (means[1] + 1);
    }
    um_state *a, *b;
    CHECK_OK(ctx, um_state_create(ctx, N, 1, 0, 0, &a));
    CHECK_OK(ctx, um_state_create(ctx, N, 1, 1, 0, &b));
    CHECK_OK(ctx, um_state_set_matrix(a, N, p, NULL));
    CHECK_OK(ctx, um_state_set_matrix(b, N, q, NULL));
    /* Geometric series of sqrt(p q). */
    sum = 1 / (sqrt(3 * 4) - sqrt(2 * 3));
    check_fidelity(a, b, sum * sum, 1e-14);
    um_state_destroy(a);
    um_state_destroy(b);
}

/* Blocks of two levels (2i, 2i+1), weight w_i, Bloch vector v_i. */
typedef struct qubits {
    int first, count; /* blocks first.. */
    double weight[8], bloch[8][3];
} qubits;

static void random_qubits(test_random *random, bool real, int first, int count, qubits *q)
{
    double sum = 0;
    *q = (qubits){.first = first, .count = count};
    for (int i = 0; i < count; i++) {
        double length = 0.95 * test_random_uniform(random);
        double z = 2 * test_random_uniform(random) - 1, angle = 6 * test_random_uniform(random);
        double across = real ? 0 : sqrt(1 - z * z) * sin(angle);
        double along = real ? sqrt(1 - z * z) : sqrt(1 - z * z) * cos(angle);
        q->bloch[i][0] = length * along;
        q->bloch[i][1] = length * across;
        q->bloch[i][2] = length * z;
        sum += q->weight[i] = 0.1 + test_random_uniform(random);
    }
    for (int i = 0; i < count; i++) q->weight[i] /= sum;
}

static um_state *make_qubits(const qubits *q, int quarter, double phase)
{
    enum { LEVELS = 20 };
    double real[LEVELS * LEVELS] = {0}, imag[LEVELS * LEVELS] = {0};
    for (int i = 0; i < q->count; i++) {
        int n = 2 * (q->first + i);
        const double *v = q->bloch[i];
        real[n * (LEVELS + 1)] = q->weight[i] * (1 + v[2]) / 2;
        real[(n + 1) * (LEVELS + 1)] = q->weight[i] * (1 - v[2]) / 2;
        real[n * LEVELS + n + 1] = real[(n + 1) * LEVELS + n] = q->weight[i] * v[0] / 2;
        imag[n * LEVELS + n + 1] = -q->weight[i] * v[1] / 2;
        imag[(n + 1) * LEVELS + n] = q->weight[i] * v[1] / 2;
    }
    um_state *state;
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 2, quarter, phase, &state));
    CHECK_OK(ctx, um_state_set_matrix(state, LEVELS, real, imag));
    return state;
}

/* Of two qubits, (1 + v.u + sqrt((1-v^2)(1-u^2)))/2; roots of blocks add. */
static double qubits_fidelity(const qubits *a, const qubits *b)
{
    double root = 0;
    for (int i = 0; i < a->count; i++)
        for (int j = 0; j < b->count; j++) {
            if (a->first + i != b->first + j) continue;
            double vu = 0, vv = 0, uu = 0;
            for (int k = 0; k < 3; k++) {
                vu += a->bloch[i][k] * b->bloch[j][k];
                vv += a->bloch[i][k] * a->bloch[i][k];
                uu += b->bloch[j][k] * b->bloch[j][k];
            }
            root += sqrt(a->weight[i] * b->weight[j] * (1 + vu + sqrt((1 - vv) * (1 - uu))) / 2);
        }
    return root * root;
}

static void test_mixed(void **unused)
{
    (void)unused;
    test_random random = {7};
    for (int round = 0; round < 100 * test_effort(); round++) {
        qubits p, q;
        bool real = round & 1;
        int first = test_random_integer(&random, 0, 5);
        random_qubits(&random, real, first, test_random_integer(&random, 1, 5), &p);
        first = test_random_integer(&random, 0, 5);
        random_qubits(&random, real, first, test_random_integer(&random, 1, 5), &q);
        int quarter = real ? 2 * test_random_integer(&random, 0, 1) : round & 3;
        um_state *a = make_qubits(&p, quarter, real ? 0 : 0.3);
        um_state *b = make_qubits(&q,
                                  round & 4 ? quarter
                                  : real    ? 2 - quarter
                                            : 3,
                                  real ? 0 : -1.1);
        check_fidelity(a, b, qubits_fidelity(&p, &q), 1e-13);
        um_state_destroy(a);
        um_state_destroy(b);
    }
}

/* Pure against full rank: <psi|sigma|psi>, with the pure state's rounding not in the way. */
static void test_pure_and_mixed(void **unused)
{
    (void)unused;
    enum { N = 40 };
    static double real[N * N], imag[N * N];
    test_random random = {11};
    test_random_matrix(&random, TEST_MIXED, N, real, imag);
    um_state *sigma, *psi;
    CHECK_OK(ctx, um_state_create(ctx, N, 2, 3, 0, &sigma));
    CHECK_OK(ctx, um_state_set_matrix(sigma, N, real, imag));
    complex_double c[N], expected = 0;
    double norm = 0;
    for (int n = 0; n < N; n++) {
        c[n] = test_random_normal(&random) + _Complex_I * test_random_normal(&random);
        norm += creal(c[n] * conj(c[n]));
    }
    for (int n = 0; n < N; n++)
        for (int m = 0; m < N; m++)
            expected += conj(c[n]) * (real[n * N + m] + _Complex_I * imag[n * N + m]) * c[m] / norm;
    static double pure_real[N * N], pure_imag[N * N];
    for (int n = 0; n < N; n++)
        for (int m = 0; m < N; m++) {
            pure_real[n * N + m] = creal(c[n] * conj(c[m])) / norm;
            pure_imag[n * N + m] = n == m ? 0 : cimag(c[n] * conj(c[m])) / norm;
        }
    CHECK_OK(ctx, um_state_create(ctx, N, 2, 1, 0.9, &psi));
    CHECK_OK(ctx, um_state_set_matrix(psi, N, pure_real, pure_imag));
    check_fidelity(psi, sigma, creal(expected), 1e-14);
    um_state_destroy(sigma);
    um_state_destroy(psi);
}

/* Rank two against full rank, F = tr M + 2 sqrt(det M), M_ij = sqrt(w_i w_j) <v_i|sigma|v_j>: the
 * roots of the other eigenvalues, which are rounding, must not be in it. */
static void test_rank_two(void **unused)
{
    (void)unused;
    enum { N = 40 };
    static double real[N * N], imag[N * N], low[N * N];
    test_random random = {12};
    test_random_matrix(&random, TEST_MIXED, N, real, imag);
    complex_double m[2][2] = {{0}};
    double w[2] = {0.6, 0.4}, v[2][N];
    for (int n = 0; n < N; n++)
        for (int i = 0; i < 2; i++)
            v[i][n] = sqrt(2.0 / (N + 1)) * sin(M_PI * (i + 2) * (n + 1) / (N + 1));
    for (int a = 0; a < N; a++)
        for (int b = 0; b < N; b++) {
            complex_double element = real[a * N + b] + _Complex_I * imag[a * N + b];
            for (int i = 0; i < 2; i++)
                for (int j = 0; j < 2; j++)
                    m[i][j] += sqrt(w[i] * w[j]) * v[i][a] * element * v[j][b];
            low[a * N + b] = w[0] * v[0][a] * v[0][b] + w[1] * v[1][a] * v[1][b];
        }
    um_state *rho, *sigma;
    CHECK_OK(ctx, um_state_create(ctx, N, 2, 0, 0, &rho));
    CHECK_OK(ctx, um_state_set_matrix(rho, N, low, NULL));
    CHECK_OK(ctx, um_state_create(ctx, N, 2, 3, 0.2, &sigma));
    CHECK_OK(ctx, um_state_set_matrix(sigma, N, real, imag));
    double determinant = creal(m[0][0] * m[1][1] - m[0][1] * m[1][0]);
    check_fidelity(rho, sigma, creal(m[0][0] + m[1][1]) + 2 * sqrt(determinant), 1e-14);
    um_state_destroy(rho);
    um_state_destroy(sigma);
}

static void test_disjoint(void **unused)
{
    (void)unused;
    test_random random = {3};
    qubits p, q;
    random_qubits(&random, false, 0, 2, &p);
    random_qubits(&random, false, 2, 3, &q);
    um_state *a = make_qubits(&p, 0, 0), *b = make_qubits(&q, 1, 0);
    check_fidelity(a, b, 0, 0);
    um_state_destroy(a);
    um_state_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coherent), cmocka_unit_test(test_diagonal),
        cmocka_unit_test(test_mixed),    cmocka_unit_test(test_pure_and_mixed),
        cmocka_unit_test(test_rank_two), cmocka_unit_test(test_disjoint),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
