/* Eigenvalues, eigenvectors and products against closed forms and plain loops. */
#include "context.h"
#include "instructions.h"

#include "linalg/linalg.h"

/* Eigenvalues of the chain with zero diagonal and off-diagonal 1/2: cos(pi k/(n+1)). */
static double chain(int n, int ascending) { return cos(M_PI * (n - ascending) / (n + 1)); }

/* The chain, of any phases along its bonds, its upper triangle filled with what must not matter. */
static void fill_chain(int planes, int n, double *matrix)
{
    for (int i = 0; i < n * n * planes; i++) matrix[i] = 0;
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++) {
            double *element = matrix + (size_t)planes * (size_t)(i + j * n);
            if (i == j + 1) {
                element[0] = planes == 1 ? 0.5 : 0.5 * cos(1.3 * j);
                if (planes == 2) element[1] = 0.5 * sin(1.3 * j);
            }
            if (i < j) element[0] = 7;
        }
}

static void test_eigenvalues(void **state)
{
    (void)state;
    static const int sizes[] = {1, 2, 3, 31, 150};
    for (int planes = 1; planes <= 2; planes++)
        for (int s = 0; s < 5; s++) {
            int n = sizes[s];
            double *matrix = malloc(sizeof(double) * (size_t)(n * n * planes)), values[150];
            fill_chain(planes, n, matrix);
            CHECK_OK(ctx, umi_linalg_eigenvalues(ctx, planes, n, matrix, values));
            for (int i = 0; i < n; i++) CHECK_CLOSE(values[i], chain(n, i), 1e-14);
            free(matrix);
        }
    assert_int_equal(umi_linalg_eigenvalues(ctx, 1, 0, NULL, NULL), UM_OK);
}

/* V diag(values) V' with V = 1 - 2 v v', v of norm 1 and of some phases, is `diagonal` plus what is of rank
 * two: closed eigenvalues and full rows. Lower triangle; the upper must not matter. */
static void fill_reflected(int planes, int n, const double *diagonal, double *matrix)
{
    double _Complex *v = malloc(sizeof *v * (size_t)n);
    double norm = 0, mean = 0;
    for (int i = 0; i < n; i++) {
        v[i] = (1 + i % 7) * cexp(_Complex_I * (planes == 2 ? 0.9 * i * i : 0));
        norm += creal(v[i] * conj(v[i]));
    }
    for (int i = 0; i < n; i++) {
        v[i] /= sqrt(norm);
        mean += diagonal[i] * creal(v[i] * conj(v[i]));
    }
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++) {
            double _Complex element = (i == j ? diagonal[i] : 0) +
                                      v[i] * conj(v[j]) * (4 * mean - 2 * diagonal[i] - 2 * diagonal[j]);
            double *at = matrix + (size_t)planes * (size_t)(i + j * n);
            at[0] = i < j ? 7 : creal(element);
            if (planes == 2) at[1] = i < j ? 7 : cimag(element);
        }
    free(v);
}

static int compare_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of every rank, with a tail at the edge of rounding; and where the name is wrong, below zero as well. */
static void test_positive(void **state)
{
    (void)state;
    static const int sizes[] = {1, 31, 32, 33, 97, 160};
    static const double decays[] = {0, 1e-3, 0.3, 0.6, 0.9, 1}, lowest[] = {0, 1e-17, -1e-17, -1e-3};
    enum { MOST = 160 };
    static double matrix[2 * MOST * MOST], other[2 * MOST * MOST];
    double diagonal[MOST], values[MOST], slow[MOST];
    for (int planes = 1; planes <= 2; planes++)
        for (int s = 0; s < 6; s++)
            for (int d = 0; d < 6; d++)
                for (int l = 0; l < 4; l++) {
                    int n = sizes[s];
                    double trace = 0, part = 1, sum = 0;
                    for (int i = 0; i < n; i++, part *= decays[d]) {
                        diagonal[i * 7 % n] = part; /* no size is a multiple of 7 */
                        trace += part;
                    }
                    for (int i = 0; i < n; i++)
                        diagonal[i] = diagonal[i] / trace + (diagonal[i] < 1e-12 ? lowest[l] : 0);
                    fill_reflected(planes, n, diagonal, matrix);
                    memcpy(other, matrix, sizeof matrix);
                    CHECK_OK(ctx, umi_linalg_eigenvalues_positive(ctx, planes, n, matrix, values));
                    CHECK_OK(ctx, umi_linalg_eigenvalues(ctx, planes, n, other, slow));
                    qsort(diagonal, (size_t)n, sizeof *diagonal, compare_double);
                    for (int i = 0; i < n; i++) {
                        sum += values[i] - diagonal[i];
                        CHECK_CLOSE(values[i], slow[i], 2e-15);
                        CHECK_CLOSE(values[i], diagonal[i], 2e-15);
                    }
                    CHECK_CLOSE(sum, 0, 4e-15);
                }
    assert_int_equal(umi_linalg_eigenvalues_positive(ctx, 1, 0, NULL, NULL), UM_OK);
    memset(matrix, 0, sizeof matrix);
    CHECK_OK(ctx, umi_linalg_eigenvalues_positive(ctx, 1, MOST, matrix, values));
    for (int i = 0; i < MOST; i++) CHECK_CLOSE(values[i], 0, 0);
    matrix[3] = NAN;
    CHECK_STATUS(ctx, umi_linalg_eigenvalues_positive(ctx, 1, MOST, matrix, values), UM_ERROR_NOCONV);
}

static void test_eigenvectors(void **state)
{
    (void)state;
    enum { N = 60 };
    for (int planes = 1; planes <= 2; planes++) {
        static double matrix[2 * N * N];
        double values[N];
        fill_chain(planes, N, matrix);
        CHECK_OK(ctx, umi_linalg_eigen(ctx, planes, N, matrix, values));
        for (int k = 0; k < N; k++) {
            CHECK_CLOSE(values[k], chain(N, k), 1e-14);
            double _Complex v[N];
            for (int i = 0; i < N; i++) {
                const double *element = matrix + planes * (i + k * N);
                v[i] = element[0] + (planes == 2 ? element[1] : 0) * _Complex_I;
            }
            double norm = 0;
            for (int i = 0; i < N; i++) {
                norm += creal(v[i] * conj(v[i]));
                double _Complex product = -values[k] * v[i];
                double angle = planes == 2 ? 1.3 : 0;
                if (i > 0) product += 0.5 * cexp(_Complex_I * angle * (i - 1)) * v[i - 1];
                if (i + 1 < N) product += 0.5 * cexp(-_Complex_I * angle * i) * v[i + 1];
                CHECK_AT_MOST(cabs(product), 1e-14);
            }
            CHECK_CLOSE(norm, 1, 1e-13);
        }
    }
}

/* A cyclic shift: the roots of unity. */
static void test_general_eigenvalues(void **state)
{
    (void)state;
    enum { N = 24 };
    static double matrix[N * N];
    double re[N], im[N];
    for (int i = 0; i < N; i++) matrix[(i + 1) % N + i * N] = 1;
    CHECK_OK(ctx, umi_linalg_general_eigenvalues(ctx, N, matrix, re, im));
    for (int k = 0; k < N; k++) {
        double nearest = INFINITY;
        for (int i = 0; i < N; i++)
            nearest = fmin(nearest, hypot(re[i] - cos(2 * M_PI * k / N), im[i] - sin(2 * M_PI * k / N)));
        CHECK_AT_MOST(nearest, 1e-14);
        assert_true(im[k] == 0 || im[k] == (k + 1 < N && im[k] > 0 ? -im[k + 1] : -im[k - 1]));
    }
    assert_int_equal(umi_linalg_general_eigenvalues(ctx, 0, NULL, NULL, NULL), UM_OK);
}

static void test_tridiagonal(void **state)
{
    (void)state;
    enum { N = 70 };
    double diagonal[N] = {0}, off[N], vectors[N * N];
    for (int i = 0; i < N; i++) off[i] = 0.5;
    CHECK_OK(ctx, umi_linalg_eigen_tridiagonal(ctx, N, diagonal, off, vectors));
    for (int k = 0; k < N; k++) {
        CHECK_CLOSE(diagonal[k], chain(N, k), 1e-14);
        for (int i = 0; i < N; i++) {
            double expected = sqrt(2. / (N + 1)) * sin(M_PI * (N - k) * (i + 1) / (N + 1));
            CHECK_CLOSE(fabs(vectors[i + k * N]), fabs(expected), 1e-13);
        }
    }
    double one = 3, vector = 0;
    CHECK_OK(ctx, umi_linalg_eigen_tridiagonal(ctx, 1, &one, off, &vector));
    CHECK_CLOSE(one, 3, 0);
    CHECK_CLOSE(vector, 1, 0);
}

/* Rows and columns of the unitary Fourier matrix scaled: row i by i + 1, so those are the values.
 */
static void test_singular_values(void **state)
{
    (void)state;
    enum { N = 40 };
    static double _Complex matrix[N * N];
    static double real[N * N];
    double values[N];
    for (int rows = 1; rows <= N; rows += 13) {
        for (int j = 0; j < N; j++)
            for (int i = 0; i < rows; i++) {
                matrix[i + j * rows] = (i + 1) / sqrt(N) * cexp(2 * M_PI * _Complex_I * i * j / N);
                real[i + j * rows] =
                    (i + 1) * sqrt(2. / (N + 1)) * sin(M_PI * (i + 1) * (j + 1) / (N + 1));
            }
        CHECK_OK(ctx, umi_linalg_singular_values(ctx, 2, rows, N, (double *)matrix, values));
        for (int i = 0; i < rows; i++) CHECK_CLOSE(values[i], rows - i, 1e-12);
        CHECK_OK(ctx, umi_linalg_singular_values(ctx, 1, rows, N, real, values));
        for (int i = 0; i < rows; i++) CHECK_CLOSE(values[i], rows - i, 1e-12);
    }
}

static void test_not_finite(void **state)
{
    (void)state;
    double matrix[9] = {1, 2, NAN, 0, 1, 1, 0, 0, 1}, values[3];
    CHECK_STATUS(ctx, umi_linalg_eigenvalues(ctx, 1, 3, matrix, values), UM_ERROR_NOCONV);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "did not converge"));
    matrix[0] = NAN;
    CHECK_STATUS(ctx, umi_linalg_eigenvalues(ctx, 1, 1, matrix, values), UM_ERROR_NOCONV);
}

static double _Complex entry(int i, int j, int seed)
{
    return sin(1 + i + 3 * j + seed) + cos(2 * i - j + seed) * _Complex_I;
}

static double _Complex transposed(char op, const double _Complex *a, int lda, int i, int j)
{
    if (op == 'N') return a[i + j * lda];
    return op == 'T' ? a[j + i * lda] : conj(a[j + i * lda]);
}

static void test_products(void **state)
{
    (void)state;
    enum { M = 5, N = 7, K = 4, LD = 9 };
    double _Complex a[LD * LD], b[LD * LD], c[LD * LD];
    double ra[LD * LD], rb[LD * LD], rc[LD * LD];
    for (const char *p = "NTC"; *p; p++)
        for (const char *q = "NTC"; *q; q++) {
            for (int i = 0; i < LD; i++)
                for (int j = 0; j < LD; j++) {
                    ra[i + j * LD] = creal(a[i + j * LD] = entry(i, j, 0));
                    rb[i + j * LD] = creal(b[i + j * LD] = entry(i, j, 1));
                    rc[i + j * LD] = creal(c[i + j * LD] = entry(i, j, 2));
                }
            double _Complex alpha = 0.5 + 0.25 * _Complex_I, beta = -2 * _Complex_I;
            umi_linalg_zgemm(*p, *q, M, N, K, alpha, a, LD, b, LD, beta, c, LD);
            umi_linalg_dgemm(*p, *q, M, N, K, 0.5, ra, LD, rb, LD, -2, rc, LD);
            for (int i = 0; i < LD; i++)
                for (int j = 0; j < LD; j++) {
                    double _Complex expected = entry(i, j, 2);
                    double real = creal(expected);
                    if (i < M && j < N) {
                        expected *= beta;
                        real *= -2;
                        for (int k = 0; k < K; k++) {
                            double _Complex x = transposed(*p, a, LD, i, k);
                            double _Complex y = transposed(*q, b, LD, k, j);
                            expected += alpha * x * y;
                            real += 0.5 * creal(x) * creal(y);
                        }
                    }
                    CHECK_AT_MOST(cabs(c[i + j * LD] - expected), 1e-14);
                    CHECK_CLOSE(rc[i + j * LD], real, 1e-14);
                }
        }
}

/* Columns that lie in the space of the basis but for the last digits: what is left is orthogonal. */
static void check_reject(int size, int basis_count, int count)
{
    size_t n = (size_t)size, m = (size_t)basis_count;
    double *basis = calloc(n * (m + 1), sizeof *basis), *x = malloc(n * (size_t)count * sizeof *x);
    double *before = malloc(n * (size_t)count * sizeof *x);
    double *c = malloc(2 * (m + 1) * (size_t)count * sizeof *c);
    for (size_t j = 0; j < m; j++) /* cosines on the points of a grid are orthogonal */
        for (size_t i = 0; i < n; i++)
            basis[j * n + i] = sqrt((j ? 2.0 : 1.0) / size) * cos(M_PI * j * (i + 0.5) / size);
    for (size_t j = 0; j < (size_t)count; j++)
        for (size_t i = 0; i < n; i++) {
            double sum = 1e-6 * cos(1.7 * (double)(i * i) + (double)j);
            for (size_t k = 0; k < m; k++) sum += cos((double)(k + 3 * j)) * basis[k * n + i];
            x[j * n + i] = before[j * n + i] = sum;
        }
    umi_linalg_reject(n, basis_count, basis, count, x, c);
    for (size_t j = 0; j < (size_t)count; j++) {
        for (size_t k = 0; k < m; k++) {
            double left = 0, was = 0;
            for (size_t i = 0; i < n; i++) {
                left += basis[k * n + i] * x[j * n + i];
                was += basis[k * n + i] * before[j * n + i];
            }
            CHECK_CLOSE(left, 0, 1e-18);
            CHECK_CLOSE(c[j * m + k], was, 1e-13);
        }
        for (size_t i = 0; i < n; i++) {
            double sum = x[j * n + i];
            for (size_t k = 0; k < m; k++) sum += c[j * m + k] * basis[k * n + i];
            CHECK_CLOSE(sum, before[j * n + i], 1e-13);
        }
    }
    free(basis);
    free(x);
    free(before);
    free(c);
}

static void test_reject(void **state)
{
    (void)state;
    static const int sizes[] = {9, 64, 511, 512, 1300}, bases[] = {0, 1, 4, 7, 8}, counts[] = {1, 2, 5, 8};
    for (umi_instructions set = 0; set < UMI_INSTRUCTIONS; set++) {
        if (!test_use_instructions(set)) continue;
        for (int i = 0; i < 5; i++)
            for (int j = 0; j < 5; j++)
                for (int k = 0; k < 4; k++) check_reject(sizes[i], bases[j], counts[k]);
    }
    unsetenv("UMASER_KERNEL");
    double x[] = {3, 4};
    CHECK_CLOSE(umi_linalg_norm(2, x), 5, 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eigenvalues), cmocka_unit_test(test_positive), cmocka_unit_test(test_eigenvectors),
        cmocka_unit_test(test_general_eigenvalues), cmocka_unit_test(test_tridiagonal), cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_products), cmocka_unit_test(test_reject),   cmocka_unit_test(test_singular_values),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
