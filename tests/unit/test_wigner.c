/* Wigner and Husimi function against closed forms. */
#include "context.h"

#include <complex.h>

static const long double PI = 3.141592653589793238462643383279502884L;

typedef double _Complex complex_double;
typedef double (*field)(double x, double p, const double *parameters);

/* |psi><psi| in a gauge that is none of the natural ones. */
static um_state *pure(int levels, const complex_double *psi)
{
    size_t size = (size_t)levels * (size_t)levels;
    double *real = malloc(sizeof(double) * size), *imag = malloc(sizeof(double) * size);
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++) {
            complex_double element = psi[n] * conj(psi[m]);
            real[n * levels + m] = creal(element);
            imag[n * levels + m] = n == m ? 0 : cimag(element);
        }
    um_state *state;
    CHECK_OK(ctx, um_state_create(ctx, levels, 2, 3, 0.7, &state));
    CHECK_OK(ctx, um_state_set_matrix(state, levels, real, imag));
    free(real);
    free(imag);
    return state;
}

static um_state *diagonal(int levels, const double *populations)
{
    double *real = calloc((size_t)levels * (size_t)levels, sizeof(double));
    for (int n = 0; n < levels; n++) real[n * (levels + 1)] = populations[n];
    um_state *state;
    CHECK_OK(ctx, um_state_create(ctx, levels, 1, 1, 0, &state));
    CHECK_OK(ctx, um_state_set_matrix(state, levels, real, NULL));
    free(real);
    return state;
}

typedef um_status (*observable)(const um_state *, double, double, int, double *);

/* The grid, unsymmetric, against the closed form; ends the state. */
static void compare(um_state *state, observable observe, double min, double max, int points,
                    field expected, const double *parameters, double tolerance)
{
    double *values = malloc(sizeof(double) * (size_t)(points * points)), worst = 0;
    CHECK_OK(ctx, observe(state, min, max, points, values));
    for (int row = 0; row < points; row++)
        for (int column = 0; column < points; column++) {
            double p = min + (max - min) * row / (points - 1);
            double x = min + (max - min) * column / (points - 1);
            double difference = values[row * points + column] - expected(x, p, parameters);
            if (!(fabs(difference) <= worst)) worst = fabs(difference);
        }
    CHECK_AT_MOST(worst, tolerance);
    free(values);
    um_state_destroy(state);
}

static double wigner_fock(double x, double p, const double *n)
{
    long double square = (long double)x * x + (long double)p * p;
    long double value = expl(-square) * (((int)*n & 1) ? -1 : 1) / PI, previous = 0;
    for (int k = 0; k < (int)*n; k++) {
        long double next = ((2 * k + 1 - 2 * square) * value - k * previous) / (k + 1);
        previous = value;
        value = next;
    }
    return (double)value;
}

static double husimi_fock(double x, double p, const double *n)
{
    double square = (x * x + p * p) / 2;
    return square == 0 ? (*n == 0) / (2 * M_PI)
                       : exp(*n * log(square) - square - lgamma(*n + 1)) / (2 * M_PI);
}

static void test_fock(void **state)
{
    (void)state;
    static const int levels[] = {0, 1, 2, 17, 60, 200};
    for (int i = 0; i < 6; i++) {
        double populations[201] = {0}, n = levels[i];
        populations[levels[i]] = 1;
        compare(diagonal(levels[i] + 1, populations), um_observe_wigner, -25, 24, 60, wigner_fock,
                &n, 1e-12);
        compare(diagonal(levels[i] + 1, populations), um_observe_husimi, -25, 24, 60, husimi_fock,
                &n, 1e-12);
        compare(diagonal(201, populations), um_observe_wigner, -1e-3, 0, 5, wigner_fock, &n, 1e-12);
    }
}

static void test_thousand_levels(void **state)
{
    (void)state;
    static double populations[1201];
    double n = 1200;
    populations[1200] = 1;
    compare(diagonal(1201, populations), um_observe_wigner, -60, 60, 41, wigner_fock, &n, 1e-12);
    compare(diagonal(1201, populations), um_observe_husimi, -60, 60, 41, husimi_fock, &n, 1e-11);
}

static double wigner_thermal(double x, double p, const double *mean)
{
    double width = 2 * *mean + 1;
    return exp(-(x * x + p * p) / width) / (M_PI * width);
}

static double husimi_thermal(double x, double p, const double *mean)
{
    return exp(-(x * x + p * p) / 2 / (*mean + 1)) / (2 * M_PI * (*mean + 1));
}

static void test_thermal(void **state)
{
    (void)state;
    double mean = 2, populations[120];
    for (int n = 0; n < 120; n++) populations[n] = pow(mean / (mean + 1), n) / (mean + 1);
    compare(diagonal(120, populations), um_observe_wigner, -7, 8, 50, wigner_thermal, &mean, 1e-12);
    compare(diagonal(120, populations), um_observe_husimi, -7, 8, 50, husimi_thermal, &mean, 1e-12);
}

/* parameters: x0, p0 */
static double wigner_coherent(double x, double p, const double *at)
{
    return exp(-(x - at[0]) * (x - at[0]) - (p - at[1]) * (p - at[1])) / M_PI;
}

static double husimi_coherent(double x, double p, const double *at)
{
    return exp(-((x - at[0]) * (x - at[0]) + (p - at[1]) * (p - at[1])) / 2) / (2 * M_PI);
}

static void coherent(int levels, const double *at, complex_double *psi)
{
    complex_double alpha = (at[0] + at[1] * _Complex_I) / sqrt(2);
    psi[0] = exp(-creal(alpha * conj(alpha)) / 2);
    for (int n = 1; n < levels; n++) psi[n] = psi[n - 1] * alpha / sqrt(n);
}

static void test_coherent(void **state)
{
    (void)state;
    enum { LEVELS = 220 };
    static const double places[][2] = {{0, 0}, {3, 0}, {0, 3}, {-2, 5}, {9, -9.5}};
    for (int i = 0; i < 5; i++) {
        complex_double psi[LEVELS];
        coherent(LEVELS, places[i], psi);
        compare(pure(LEVELS, psi), um_observe_wigner, -13, 12, 51, wigner_coherent, places[i],
                1e-12);
        compare(pure(LEVELS, psi), um_observe_husimi, -13, 12, 51, husimi_coherent, places[i],
                1e-12);
    }
}

/* parameters: x0, p0, phase; |alpha> + e^(i phase) |-alpha> */
static double wigner_cat(double x, double p, const double *cat)
{
    double opposite[] = {-cat[0], -cat[1]}, centre[] = {0, 0};
    double square = cat[0] * cat[0] + cat[1] * cat[1];
    double fringe = cos(cat[2] + 2 * (p * cat[0] - x * cat[1]));
    return (wigner_coherent(x, p, cat) + wigner_coherent(x, p, opposite) +
            2 * fringe * wigner_coherent(x, p, centre)) /
           (2 + 2 * cos(cat[2]) * exp(-square));
}

static void test_cat(void **state)
{
    (void)state;
    enum { LEVELS = 150 };
    static const double cats[][3] = {{4, 0, 0}, {0, 5, M_PI}, {3, -4, 1.1}, {-1, 0.5, 2}};
    for (int i = 0; i < 4; i++) {
        double opposite[] = {-cats[i][0], -cats[i][1]}, norm = 0;
        complex_double psi[LEVELS], other[LEVELS];
        coherent(LEVELS, cats[i], psi);
        coherent(LEVELS, opposite, other);
        for (int n = 0; n < LEVELS; n++) {
            psi[n] += cexp(_Complex_I * cats[i][2]) * other[n];
            norm += creal(psi[n] * conj(psi[n]));
        }
        for (int n = 0; n < LEVELS; n++) psi[n] /= sqrt(norm);
        compare(pure(LEVELS, psi), um_observe_wigner, -8, 7, 64, wigner_cat, cats[i], 1e-12);
    }
}

/* The fringes between states so far apart turn about twenty times from x = -1 to 1. */
static void test_large_coherent(void **state)
{
    (void)state;
    enum { LEVELS = 1000 };
    static const double at[] = {20, -31}, cat[] = {-23, 30, 0.4};
    static complex_double psi[LEVELS], other[LEVELS];
    coherent(LEVELS, at, psi);
    compare(pure(LEVELS, psi), um_observe_wigner, -36, 33, 40, wigner_coherent, at, 1e-12);
    compare(pure(LEVELS, psi), um_observe_husimi, -36, 33, 40, husimi_coherent, at, 1e-12);
    const double opposite[] = {-cat[0], -cat[1]};
    coherent(LEVELS, cat, psi);
    coherent(LEVELS, opposite, other);
    for (int n = 0; n < LEVELS; n++) psi[n] = (psi[n] + cexp(_Complex_I * cat[2]) * other[n]) / sqrt(2);
    compare(pure(LEVELS, psi), um_observe_wigner, -1, 1.1, 60, wigner_cat, cat, 1e-12);
    compare(pure(LEVELS, psi), um_observe_wigner, -32, 31, 50, wigner_cat, cat, 1e-12);
}

/* A state that fills a thousand levels and all their orders, and the definitions in long double. */
enum { FULL = 1000 };
static complex_double full[FULL];
static const double FULL_PURE = 0.8; /* the rest is what its diagonal has, and no coherence */

static void fill_full(void)
{
    double norm = 0;
    for (int n = 0; n < FULL; n++) {
        full[n] = (1 + 0.8 * sin(0.37 * n * n)) * cexp(_Complex_I * (0.001 * n * n + 2 * sin(0.11 * n)));
        norm += creal(full[n] * conj(full[n]));
    }
    for (int n = 0; n < FULL; n++) full[n] /= sqrt(norm);
}

static um_state *make_full(void)
{
    size_t size = FULL;
    double *real = malloc(sizeof(double) * size * size), *imag = malloc(sizeof(double) * size * size);
    for (size_t n = 0; n < size; n++)
        for (size_t m = 0; m < size; m++) {
            complex_double element = full[n] * conj(full[m]) * (n == m ? 1 : FULL_PURE);
            real[n * size + m] = creal(element);
            imag[n * size + m] = n == m ? 0 : cimag(element);
        }
    um_state *state;
    CHECK_OK(ctx, um_state_create(ctx, FULL, 2, 1, 0.2, &state));
    CHECK_OK(ctx, um_state_set_matrix(state, FULL, real, imag));
    free(real);
    free(imag);
    return state;
}

/* Sum over orders k of Laguerre functions, each by its recursion in n. */
static double wigner_full(double x, double p, const double *unused)
{
    (void)unused;
    long double z = 2 * ((long double)x * x + (long double)p * p), angle = atan2l(p, x), sum = 0;
    for (int k = 0; k < FULL; k++) {
        long double value = expl(0.5L * k * logl(z) - z / 2 - lgammal(k + 1.0L) / 2), previous = 0;
        long double cosine = cosl(k * angle), sine = sinl(k * angle), order = 0;
        for (int n = 0; n + k < FULL; n++) {
            complex_double element = full[n] * conj(full[n + k]) * (k == 0 ? 1 : 2 * FULL_PURE);
            order += (n & 1 ? -1 : 1) * value * (creal(element) * cosine - cimag(element) * sine);
            long double next = ((2 * n + 1 + k - z) * value - sqrtl((long double)n * (n + k)) * previous) /
                               sqrtl((n + 1.0L) * (n + 1.0L + k));
            previous = value;
            value = next;
        }
        sum += order;
    }
    return (double)(sum / PI);
}

static double husimi_full(double x, double p, const double *unused)
{
    (void)unused;
    long double square = ((long double)x * x + (long double)p * p) / 2, angle = atan2l(p, x);
    long double re = 0, im = 0, diagonal = 0;
    for (int n = 0; n < FULL; n++) {
        long double size = expl(0.5L * n * logl(square) - square / 2 - lgammal(n + 1.0L) / 2);
        long double cosine = size * cosl(n * angle), sine = size * sinl(n * angle);
        re += creal(full[n]) * cosine + cimag(full[n]) * sine;
        im += cimag(full[n]) * cosine - creal(full[n]) * sine;
        diagonal += creal(full[n] * conj(full[n])) * size * size;
    }
    return (double)((FULL_PURE * (re * re + im * im) + (1 - FULL_PURE) * diagonal) / (2 * PI));
}

static void test_full_thousand(void **state)
{
    (void)state;
    fill_full();
    compare(make_full(), um_observe_wigner, -33.7, 29.2, 5, wigner_full, NULL, 1e-13);
    compare(make_full(), um_observe_wigner, -0.013, 1.01, 3, wigner_full, NULL, 1e-13);
    compare(make_full(), um_observe_husimi, -33.7, 29.2, 8, husimi_full, NULL, 1e-13);
}

static double wigner_squeezed(double x, double p, const double *r)
{
    return exp(-exp(2 * *r) * x * x - exp(-2 * *r) * p * p) / M_PI;
}

static void test_squeezed(void **state)
{
    (void)state;
    enum { LEVELS = 260 };
    double r = 0.9;
    complex_double psi[LEVELS] = {0};
    psi[0] = 1 / sqrt(cosh(r));
    for (int n = 2; n < LEVELS; n += 2) psi[n] = -psi[n - 2] * tanh(r) * sqrt((n - 1.0) / n);
    compare(pure(LEVELS, psi), um_observe_wigner, -8, 9, 70, wigner_squeezed, &r, 1e-12);
}

/* (|0> + i|n>)/sqrt 2: one far coherence, whose functions start below the smallest double. */
static double wigner_far(double x, double p, const double *n)
{
    long double square = (long double)x * x + (long double)p * p;
    long double size = 0.5L * *n * logl(2 * square) - square - lgammal(*n + 1) / 2;
    /* 2 Re(conj(rho_n0) (x+ip)^n) with rho_n0 = i/2 */
    long double fringe = square == 0 ? 0 : expl(size) * sinl(*n * atan2l(p, x)) / PI;
    double zero = 0;
    return (wigner_fock(x, p, &zero) + wigner_fock(x, p, n)) / 2 + (double)fringe;
}

static void test_far_coherence(void **state)
{
    (void)state;
    static const int levels[] = {1, 2, 40, 2200, 4500};
    int count = test_effort() < 10 ? 4 : 5; /* the last takes a gigabyte */
    for (int i = 0; i < count; i++) {
        int n = levels[i], size = n + 1;
        double *real = calloc((size_t)size * (size_t)size, sizeof(double)), value = n;
        double *imag = calloc((size_t)size * (size_t)size, sizeof(double));
        size_t last = (size_t)n * (size_t)size;
        real[0] = real[last + (size_t)n] = 0.5;
        imag[last] = 0.5;
        imag[n] = -0.5;
        um_state *made;
        CHECK_OK(ctx, um_state_create(ctx, size, 2, 0, 0, &made));
        CHECK_OK(ctx, um_state_set_matrix(made, size, real, imag));
        free(real);
        free(imag);
        compare(made, um_observe_wigner, 0.1, sqrt(n) + 1, 12, wigner_far, &value, 1e-12);
    }
}

static void test_bad_grid(void **state)
{
    (void)state;
    double one = 1, values[4];
    um_state *vacuum = diagonal(1, &one);
    CHECK_STATUS(ctx, um_observe_wigner(vacuum, 1, 1, 2, values), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_observe_wigner(vacuum, -1, INFINITY, 2, values), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_observe_husimi(vacuum, -1, 1, 1, values), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_observe_husimi(vacuum, -1, 1, 2, NULL), UM_ERROR_ARG);
    CHECK_OK(ctx, um_observe_wigner(vacuum, -1e200, 1e200, 2, values));
    CHECK_CLOSE(values[0], 0, 0);
    um_state_destroy(vacuum);
    um_state *nothing;
    CHECK_OK(ctx, um_state_create(ctx, 5, 1, 0, 0, &nothing));
    values[0] = 1;
    CHECK_OK(ctx, um_observe_wigner(nothing, -1, 1, 2, values));
    CHECK_CLOSE(values[0], 0, 0);
    um_state_destroy(nothing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fock),          cmocka_unit_test(test_thousand_levels),
        cmocka_unit_test(test_thermal),       cmocka_unit_test(test_coherent),
        cmocka_unit_test(test_cat),           cmocka_unit_test(test_squeezed),
        cmocka_unit_test(test_far_coherence), cmocka_unit_test(test_bad_grid),
        cmocka_unit_test(test_large_coherent), cmocka_unit_test(test_full_thousand),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
