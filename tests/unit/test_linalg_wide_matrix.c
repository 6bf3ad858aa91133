/* Small dense matrices of wide numbers: products, systems and eigenvalues that are known. */
#include "context.h"
#include "random_state.h"

#include "linalg/wide.h"

typedef _Float128 quad;

enum { MOST = 80 };

static quad to_quad(umi_wide a) { return umi_wide_to_quad(a); }
static double size_of(quad x) { return fabs((double)x); }

static umi_wide random_wide(test_random *random)
{
    double hi = test_random_normal(random);
    return umi_wide_quick_sum(hi, hi * 0x1p-54 * test_random_uniform(random));
}

static void fill_random(test_random *random, int count, umi_wide *a)
{
    for (int i = 0; i < count; i++) a[i] = random_wide(random);
}

static void test_multiply(void **state)
{
    (void)state;
    static const int shapes[][3] = {{0, 0, 0}, {1, 1, 1}, {2, 3, 1}, {31, 4, 63}, {33, 2, 65},
                                    {70, 5, 3}, {64, 3, 80}, {3, 2, 0}};
    static umi_wide a[MOST * MOST], b[MOST * MOST], c[MOST * MOST];
    test_random random = {4};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        int m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
        fill_random(&random, m * k, a);
        fill_random(&random, k * n, b);
        umi_wide_matrix_multiply(m, n, k, a, b, c);
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++) {
                quad sum = 0;
                double sizes = 0;
                for (int p = 0; p < k; p++) {
                    sum += to_quad(a[i + p * m]) * to_quad(b[p + j * k]);
                    sizes += fabs(a[i + p * m].hi * b[p + j * k].hi);
                }
                CHECK_AT_MOST(size_of(to_quad(c[i + j * m]) - sum), 8 * sizes * UMI_WIDE_EPS);
            }
    }
}

static void test_solve(void **state)
{
    (void)state;
    static umi_wide a[MOST * MOST], kept[MOST * MOST], b[3 * MOST], x[3 * MOST];
    test_random random = {5};
    for (int n = 1; n <= MOST; n = n < 5 ? n + 1 : 2 * n) {
        fill_random(&random, n * n, a);
        if (n > 1) a[0] = umi_wide_set(0); /* pivots are needed */
        fill_random(&random, 3 * n, b);
        memcpy(kept, a, sizeof a);
        memcpy(x, b, sizeof b);
        CHECK_OK(ctx, umi_wide_matrix_solve(ctx, n, a, 3, x));
        for (int j = 0; j < 3; j++)
            for (int i = 0; i < n; i++) {
                quad rest = to_quad(b[i + j * n]);
                double sizes = size_of(rest);
                for (int p = 0; p < n; p++) {
                    rest -= to_quad(kept[i + p * n]) * to_quad(x[p + j * n]);
                    sizes += fabs(kept[i + p * n].hi * x[p + j * n].hi);
                }
                CHECK_AT_MOST(size_of(rest), 100 * sizes * UMI_WIDE_EPS);
            }
    }
}

/* Hilbert's matrix of 12 rows, condition 1.7e16: no digit would be right in double. */
static void test_hilbert(void **state)
{
    (void)state;
    enum { N = 12 };
    umi_wide a[N * N], x[N];
    for (int i = 0; i < N; i++) {
        quad sum = 0;
        for (int j = 0; j < N; j++) {
            a[i + j * N] = umi_wide_divide(umi_wide_set(1), umi_wide_set(i + j + 1));
            sum += to_quad(a[i + j * N]) * (j + 1);
        }
        x[i] = umi_wide_from_quad(sum);
    }
    CHECK_OK(ctx, umi_wide_matrix_solve(ctx, N, a, 1, x));
    for (int i = 0; i < N; i++) CHECK_CLOSE(umi_wide_get(x[i]), i + 1, 1e-12);
}

static void test_singular(void **state)
{
    (void)state;
    umi_wide a[4] = {{1, 0}, {2, 0}, {2, 0}, {4, 0}}, b[2] = {{1, 0}, {1, 0}};
    CHECK_STATUS(ctx, umi_wide_matrix_solve(ctx, 2, a, 1, b), UM_ERROR_DOMAIN);
    umi_wide bad = umi_wide_set(NAN);
    CHECK_STATUS(ctx, umi_wide_matrix_solve(ctx, 1, &bad, 1, b), UM_ERROR_DOMAIN);
    CHECK_OK(ctx, umi_wide_matrix_solve(ctx, 0, a, 1, b));
}

/* a <- Q a Q^T with a reflection Q along a random vector, in quadruple precision. */
static void reflect(test_random *random, int n, quad *a)
{
    quad v[MOST], norm = 0;
    for (int i = 0; i < n; i++) {
        v[i] = test_random_normal(random);
        norm += v[i] * v[i];
    }
    for (int side = 0; side < 2; side++)
        for (int j = 0; j < n; j++) {
            int step = side ? n : 1, line = side ? j : j * n;
            quad sum = 0;
            for (int i = 0; i < n; i++) sum += v[i] * a[line + i * step];
            for (int i = 0; i < n; i++) a[line + i * step] -= 2 * sum / norm * v[i];
        }
}

/* a <- S a S^-1 with S = 1 + f e_i e_j^T. */
static void shear(int n, int i, int j, quad f, quad *a)
{
    for (int k = 0; k < n; k++) a[i + k * n] += f * a[j + k * n];
    for (int k = 0; k < n; k++) a[k + j * n] -= f * a[k + i * n];
}

/* Each wanted value is taken by the nearest one left. */
static void check_spectrum(int n, const quad *re, const quad *im, const umi_wide *got_re,
                           const umi_wide *got_im, double tolerance)
{
    bool taken[MOST] = {false};
    for (int i = 0; i < n; i++) {
        int best = -1;
        double least = INFINITY;
        for (int j = 0; j < n; j++) {
            double distance = hypot((double)(to_quad(got_re[j]) - re[i]), (double)(to_quad(got_im[j]) - im[i]));
            if (!taken[j] && distance < least) least = distance, best = j;
        }
        assert_true(best >= 0);
        taken[best] = true;
        if (!(least <= tolerance))
            fail_msg("eigenvalue %.17g + %.17g i of %d: off by %g, allowed %g", (double)re[i],
                     (double)im[i], n, least, tolerance);
    }
    for (int i = 0; i < n; i++)
        if (got_im[i].hi != 0) {
            assert_true(i + 1 < n && got_im[i + 1].hi == -got_im[i].hi && got_re[i].hi == got_re[i + 1].hi);
            i++;
        }
}

static void try_spectrum(int n, const quad *matrix, const quad *re, const quad *im, double tolerance)
{
    static umi_wide a[MOST * MOST];
    umi_wide got_re[MOST], got_im[MOST];
    for (int i = 0; i < n * n; i++) a[i] = umi_wide_from_quad(matrix[i]);
    CHECK_OK(ctx, umi_wide_matrix_eigenvalues(ctx, n, a, got_re, got_im));
    check_spectrum(n, re, im, got_re, got_im, tolerance);
}

/* Slow rates beside fast ones and pairs; eigenvectors not orthogonal, and turned. */
static void test_known_spectra(void **state)
{
    (void)state;
    static quad a[MOST * MOST];
    test_random random = {6};
    for (int n = 1; n <= (test_effort() > 1 ? MOST : 40); n += n < 6 ? 1 : 11)
        for (int turned = 0; turned < 2; turned++)
            for (int coupled = 0; coupled < 2; coupled++) {
                quad re[MOST], im[MOST] = {0};
                memset(a, 0, sizeof a);
                for (int i = 0; i < n; i++) {
                    re[i] = i == 1 ? 1e-26 : i == 2 ? -1e-14 : i == 4 ? 0 : -(quad)i / n;
                    a[i + i * n] = re[i];
                }
                for (int i = 5; i + 1 < n; i += 4) {
                    re[i + 1] = re[i];
                    im[i] = 0.25 + 0.5 * i / n;
                    im[i + 1] = -im[i];
                    a[i + i * n] = a[i + 1 + (i + 1) * n] = re[i];
                    a[i + (i + 1) * n] = im[i];
                    a[i + 1 + i * n] = -im[i];
                }
                for (int i = 0; i + 1 < n && coupled; i++)
                    shear(n, i, i + 1, test_random_normal(&random) / 2, a);
                for (int i = 0; i < 2 && turned; i++) reflect(&random, n, a);
                try_spectrum(n, a, re, im, coupled ? 1e-27 : 3e-30);
            }
}

/* Rates from 1 down to 1e-28, a slow row being slow throughout: A = S T S^-1 with S near 1, T
 * triangular and each row of the size of its rate. The absolute error is far below the norm's. */
static void test_graded(void **state)
{
    (void)state;
    enum { N = 8 };
    quad a[N * N] = {0}, re[N], im[N] = {0};
    test_random random = {7};
    double rate = 1;
    for (int i = 0; i < N; i++, rate *= 1e-4) {
        re[i] = -(quad)rate;
        for (int j = i; j < N; j++) a[i + j * N] = rate * test_random_normal(&random);
        a[i + i * N] = re[i];
    }
    for (int i = 0; i + 1 < N; i++) shear(N, i + 1, i, 1e-5, a);
    try_spectrum(N, a, re, im, 2e-31);
}

/* x^n = 1, by the companion matrix. */
static void test_companion(void **state)
{
    (void)state;
    static quad a[MOST * MOST];
    quad re[MOST], im[MOST];
    for (int n = 2; n <= 48; n += n < 8 ? 1 : 8) {
        memset(a, 0, sizeof a);
        for (int i = 0; i + 1 < n; i++) a[i + 1 + i * n] = 1;
        a[(n - 1) * n] = 1;
        /* cos and sin of 2 pi / n: Newton's steps on z^n = 1 from those in double. */
        quad c = cos(2 * M_PI / n), s = sin(2 * M_PI / n);
        for (int step = 0; step < 3; step++) {
            quad x = 1, y = 0;
            for (int i = 0; i < n; i++) {
                quad t = x * c - y * s;
                y = x * s + y * c;
                x = t;
            }
            /* z <- z - z (z^n - 1) / (n z^n), with z^n near 1 */
            quad size = x * x + y * y, u = (x * (x - 1) + y * y) / size / n, v = y / size / n;
            quad t = c - (c * u - s * v);
            s = s - (s * u + c * v);
            c = t;
        }
        re[0] = 1, im[0] = 0;
        for (int i = 1; i < n; i++) {
            re[i] = re[i - 1] * c - im[i - 1] * s;
            im[i] = re[i - 1] * s + im[i - 1] * c;
        }
        try_spectrum(n, a, re, im, 1e-29);
    }
}

static void test_special(void **state)
{
    (void)state;
    quad zero[9] = {0}, none[3] = {0}, three[3] = {3, 3, 3};
    try_spectrum(3, zero, none, none, 0);
    try_spectrum(0, zero, none, none, 0);
    quad diagonal[9] = {3, 0, 0, 0, 3, 0, 0, 0, 3};
    try_spectrum(3, diagonal, three, none, 0);
    quad jordan[4] = {3, 0, 1, 3};
    try_spectrum(2, jordan, three, none, 0);
    quad swap[4] = {0, 1, 1, 0}, ends[2] = {1, -1};
    try_spectrum(2, swap, ends, none, 0);
    quad close[4] = {1, 0, (quad)1e-3, 1 - (quad)1e-20}, values[2] = {1, 1 - (quad)1e-20};
    try_spectrum(2, close, values, none, 4 * UMI_WIDE_EPS);
    umi_wide bad[4] = {{1, 0}, {NAN, 0}, {1, 0}, {1, 0}}, re[2], im[2];
    CHECK_STATUS(ctx, umi_wide_matrix_eigenvalues(ctx, 2, bad, re, im), UM_ERROR_NOCONV);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_multiply), cmocka_unit_test(test_solve),
        cmocka_unit_test(test_hilbert), cmocka_unit_test(test_singular),
        cmocka_unit_test(test_known_spectra), cmocka_unit_test(test_graded),
        cmocka_unit_test(test_companion), cmocka_unit_test(test_special)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
