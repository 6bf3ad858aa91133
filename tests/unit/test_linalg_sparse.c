/* Sparse products, eliminations and refinement, against dense LAPACK and quadruple precision. */
#include "context.h"
#include "random_state.h"

#include <lapacke.h>

#include "linalg/sparse.h"

typedef _Float128 quad;

static double size_of(quad x) { return fabs((double)x); }

/* A sparse matrix from a dense one by rows: exact zeros are left out, the diagonal is kept if
 * asked for. */
static umi_sparse from_dense(size_t rows, size_t columns, const umi_wide *dense, bool keep_diagonal)
{
    umi_sparse a = {.rows = rows, .columns = columns};
    a.start = UMI_NEW_ARRAY(ctx, int64_t, rows + 1);
    a.column = UMI_NEW_ARRAY(ctx, int32_t, rows * columns);
    a.hi = UMI_NEW_ARRAY(ctx, double, rows * columns);
    a.lo = UMI_NEW_ARRAY(ctx, double, rows * columns);
    assert_true(a.start && a.column && a.hi && a.lo);
    for (size_t i = 0; i < rows; i++) {
        a.start[i + 1] = a.start[i];
        for (size_t j = 0; j < columns; j++) {
            umi_wide value = dense[i * columns + j];
            if (value.hi == 0 && !(keep_diagonal && i == j)) continue;
            int64_t e = a.start[i + 1]++;
            a.column[e] = (int32_t)j;
            a.hi[e] = value.hi;
            a.lo[e] = value.lo;
        }
    }
    return a;
}

typedef enum test_form { DOMINATED, CONTRACTION, STENCIL, ARROW, TRIANGULAR, DIAGONAL, APART, FULL, KINDS } test_form;

static const double fill_of[KINDS] = {.1, .1, 0, 0, .15, 0, .3, 1};

static bool is_there(test_form kind, test_random *random, int i, int j, int size)
{
    int side = (int)sqrt(size), apart = size / 3;
    switch (kind) {
    case STENCIL: return (abs(i - j) == side || (abs(i - j) == 1 && i / side == j / side)) && test_random_uniform(random) < .9;
    case ARROW: return i == size / 2 || j == size / 2;
    case TRIANGULAR: return i < j && test_random_uniform(random) < fill_of[kind];
    case APART: return (i < apart) == (j < apart) && test_random_uniform(random) < fill_of[kind];
    default: return test_random_uniform(random) < fill_of[kind];
    }
}

/* A generator: diagonal at least minus the row's sum, elements of any sign in both triangles. */
static void fill(test_form kind, test_random *random, int rows, int size, umi_wide *dense)
{
    for (int i = 0; i < rows; i++) {
        double sum = 0;
        for (int j = 0; j < size; j++) {
            umi_wide value = umi_wide_set(0);
            if (i != j && is_there(kind, random, i, j, size)) {
                double hi = test_random_normal(random) * (kind == CONTRACTION && i < j ? 10 : 1);
                if (kind == CONTRACTION && i > j) hi *= 0.01;
                value = umi_wide_quick_sum(hi, hi * 0x1p-54 * test_random_uniform(random));
            }
            dense[i * size + j] = value;
            sum += fabs(value.hi);
        }
        if (i < size) dense[i * size + i] = umi_wide_quick_sum(-1.1 * sum, sum * 0x1p-60);
    }
}

/* max |(A - shift) x - b| over |b|. */
static double residual(int size, const umi_wide *dense, double shift, umi_wide_vector x, umi_wide_vector b)
{
    double worst = 0, norm = 0;
    for (int i = 0; i < size; i++) {
        quad sum = -(quad)b.hi[i] - b.lo[i] - shift * ((quad)x.hi[i] + x.lo[i]);
        for (int j = 0; j < size; j++)
            sum += umi_wide_to_quad(dense[i * size + j]) * ((quad)x.hi[j] + x.lo[j]);
        worst = fmax(worst, size_of(sum));
        norm += b.hi[i] * b.hi[i];
    }
    return worst / sqrt(norm);
}

/* The solution in double is that of LAPACK to the digits that both have. */
static void check_double(int size, const umi_wide *dense, double shift, const umi_elimination *elimination,
                         const double *b)
{
    double *a = malloc(sizeof(double) * (size_t)(size * size)), *x = malloc(sizeof(double) * 2 * (size_t)size);
    int *pivots = malloc(sizeof(int) * (size_t)size);
    double *other = x + size, norm = 0;
    for (int i = 0; i < size; i++) {
        x[i] = other[i] = b[i];
        for (int j = 0; j < size; j++) a[i + j * size] = dense[i * size + j].hi - (i == j) * shift;
    }
    assert_int_equal(LAPACKE_dgesv(LAPACK_COL_MAJOR, size, 1, a, size, pivots, x, size), 0);
    umi_elimination_solve(elimination, other);
    for (int i = 0; i < size; i++) norm = fmax(norm, fabs(x[i]));
    for (int i = 0; i < size; i++) CHECK_CLOSE(x[i], other[i], 1e-9 * norm);
    free(a);
    free(x);
    free(pivots);
}

/* Of any number of right-hand sides each is what it is alone. */
static void check_several(int size, const umi_elimination *elimination, const double *b)
{
    enum { MOST = 19 };
    size_t n = (size_t)size;
    double *x = malloc(sizeof(double) * n * MOST), *alone = malloc(sizeof(double) * n), *column[MOST];
    for (int count = 0; count <= MOST; count++) {
        for (size_t i = 0; i < n * MOST; i++) x[i] = b[i % n] * cos((double)(i / n));
        for (int j = 0; j < MOST; j++) column[j] = x + (size_t)j * n;
        CHECK_OK(ctx, umi_elimination_solve_all(ctx, elimination, count, column));
        for (int j = 0; j < MOST; j++) {
            double norm = 0;
            for (size_t i = 0; i < n; i++) alone[i] = b[i] * cos((double)j);
            if (j < count) umi_elimination_solve(elimination, alone);
            for (size_t i = 0; i < n; i++) norm = fmax(norm, fabs(alone[i]));
            for (size_t i = 0; i < n; i++) CHECK_CLOSE(column[j][i], alone[i], j < count ? 1e-9 * norm : 0);
        }
    }
    free(x);
    free(alone);
}

static umi_wide_vector new_vector(size_t size)
{
    umi_wide_vector x;
    CHECK_OK(ctx, umi_wide_vector_create(ctx, size, &x));
    return x;
}

static void try_shift(int size, const umi_wide *dense, const umi_sparse *a, const umi_ordering *ordering,
                      double shift, test_random *random)
{
    size_t blocks = um_context_get_blocks(ctx);
    umi_elimination *elimination;
    CHECK_OK(ctx, umi_elimination_create(ctx, ordering, a, shift, &elimination));
    assert_true(umi_elimination_get_shift(elimination) == shift);
    umi_wide_vector b = new_vector((size_t)size), x = new_vector((size_t)size);
    for (int i = 0; i < size; i++) b.hi[i] = test_random_normal(random), b.lo[i] = b.hi[i] * 0x1p-55;
    check_double(size, dense, shift, elimination, b.hi);
    check_several(size, elimination, b.hi);
    CHECK_OK(ctx, umi_elimination_refine(ctx, elimination, a, b, 1e-26, x));
    CHECK_AT_MOST(residual(size, dense, shift, x, b), 1.01e-26);
    for (int i = 0; i < size; i++) b.hi[i] = b.lo[i] = 0, x.hi[i] = 1;
    CHECK_OK(ctx, umi_elimination_refine(ctx, elimination, a, b, 1e-26, x));
    for (int i = 0; i < size; i++) assert_true(x.hi[i] == 0 && x.lo[i] == 0);
    umi_wide_vector_free(ctx, &b);
    umi_wide_vector_free(ctx, &x);
    umi_elimination_destroy(ctx, elimination);
    assert_int_equal(um_context_get_blocks(ctx), blocks);
}

static void check_apply(size_t rows, int size, const umi_wide *dense, const umi_sparse *a, test_random *random)
{
    umi_wide_vector x = new_vector((size_t)size), y = new_vector(rows);
    for (int i = 0; i < size; i++) x.hi[i] = test_random_normal(random), x.lo[i] = x.hi[i] * 0x1p-55;
    umi_sparse_apply(a, x, y);
    for (size_t i = 0; i < rows; i++) {
        quad sum = 0;
        double sizes = 0;
        for (int j = 0; j < size; j++) {
            quad term = umi_wide_to_quad(dense[i * (size_t)size + (size_t)j]) * ((quad)x.hi[j] + x.lo[j]);
            sum += term;
            sizes += size_of(term);
        }
        CHECK_AT_MOST(size_of((quad)y.hi[i] + y.lo[i] - sum), 16 * sizes * UMI_WIDE_EPS);
        assert_true(y.hi[i] == y.hi[i] + y.lo[i]);
    }
    umi_wide_vector_free(ctx, &x);
    umi_wide_vector_free(ctx, &y);
}

static void try_matrix(test_form kind, int size, test_random *random)
{
    int rows = size + size % 4;
    umi_wide *dense = malloc(sizeof *dense * (size_t)(rows * size));
    fill(kind, random, rows, size, dense);
    umi_sparse a = from_dense((size_t)rows, (size_t)size, dense, true);
    check_apply((size_t)rows, size, dense, &a, random);
    umi_ordering *ordering;
    CHECK_OK(ctx, umi_ordering_create(ctx, &a, &ordering));
    double bytes = umi_ordering_get_bytes(ordering);
    assert_true(bytes >= 8.0 * size && bytes <= 1e4 + 40.0 * size * size);
    static const double shifts[] = {1e-4, 0.3, 1000};
    for (int s = 0; s < 3; s++) try_shift(size, dense, &a, ordering, shifts[s], random);
    umi_ordering_destroy(ctx, ordering);
    umi_sparse_free(ctx, &a);
    free(dense);
}

/* Bands with gaps: most groups of rows are alike but for a shift, some are not. */
static void fill_bands(int rows, int size, test_random *random, umi_wide *dense)
{
    static const int offsets[] = {-9, -1, 0, 2, 7};
    for (int i = 0; i < rows; i++)
        for (int b = 0; b < 5; b++) {
            int j = i + offsets[b];
            if (j < 0 || j >= size || (i % 40 < 3 && b % 2)) continue;
            double hi = test_random_normal(random);
            dense[i * size + j] = umi_wide_quick_sum(hi, hi * 0x1p-54 * test_random_uniform(random));
        }
}

static void check_same_bits(const umi_sparse *a, const umi_sparse *gathered, umi_wide_vector x)
{
    umi_wide_vector y = new_vector(a->rows), z = new_vector(a->rows);
    umi_sparse_apply(a, x, y);
    umi_sparse_apply(gathered, x, z);
    assert_memory_equal(y.hi, z.hi, a->rows * sizeof(double));
    assert_memory_equal(y.lo, z.lo, a->rows * sizeof(double));
    umi_wide_vector_free(ctx, &y);
    umi_wide_vector_free(ctx, &z);
}

static void test_gathered(void **state)
{
    (void)state;
    enum { SIZE = 171 };
    static const char *const names[] = {"reference", "avx2", "avx512"};
    static umi_wide dense[(SIZE + 9) * SIZE];
    test_random random = {4};
    for (int rows = SIZE; rows <= SIZE + 9; rows += 3) {
        umi_wide_vector x = new_vector(SIZE);
        for (int i = 0; i < SIZE; i++) x.hi[i] = test_random_normal(&random), x.lo[i] = x.hi[i] * 0x1p-55;
        memset(dense, 0, sizeof dense);
        fill_bands(rows, SIZE, &random, dense);
        umi_sparse a = from_dense((size_t)rows, SIZE, dense, true), b = from_dense((size_t)rows, SIZE, dense, true);
        CHECK_OK(ctx, umi_sparse_gather(ctx, &b));
        for (int k = 0; k < 3; k++) {
            setenv("UMASER_KERNEL", names[k], 1);
            check_same_bits(&a, &b, x);
            check_apply((size_t)rows, SIZE, dense, &b, &random);
        }
        unsetenv("UMASER_KERNEL");
        umi_sparse_free(ctx, &a);
        umi_sparse_free(ctx, &b);
        umi_wide_vector_free(ctx, &x);
    }
}

static void test_matrices(void **state)
{
    (void)state;
    static const int sizes[] = {1, 2, 3, 4, 5, 8, 17, 40, 144, 331};
    static const char *const names[] = {"reference", "avx2", "avx512"};
    test_random random = {8};
    for (test_form kind = 0; kind < KINDS; kind++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            for (int k = 0; k < 3; k++) {
                if (sizes[s] > 200 && k != (int)kind % 3 && test_effort() == 1) continue;
                setenv("UMASER_KERNEL", names[k], 1);
                try_matrix(kind, sizes[s], &random);
            }
    unsetenv("UMASER_KERNEL");
}

/* The generator of a random walk minus 1e-4: a condition of about 1e5. Digits beyond those of wide
 * numbers are not found, and that is said. */
static void test_near_singular(void **state)
{
    (void)state;
    enum { SIZE = 200 };
    static umi_wide dense[SIZE * SIZE];
    memset(dense, 0, sizeof dense);
    for (int i = 0; i < SIZE; i++) { /* transfer at unequal rates along a chain, with far hops */
        umi_wide rate = umi_wide_quick_sum(0.3 + 0.2 * sin(i), 1e-18);
        int to[] = {(i + 1) % SIZE, (i + SIZE - 1) % SIZE, (i * 7) % SIZE};
        for (int k = 0; k < 3; k++) {
            if (to[k] == i) continue;
            umi_wide *up = &dense[to[k] * SIZE + i], *diagonal = &dense[i * SIZE + i];
            *up = umi_wide_add(*up, rate);
            *diagonal = umi_wide_subtract(*diagonal, rate);
        }
    }
    umi_sparse a = from_dense(SIZE, SIZE, dense, true);
    umi_ordering *ordering;
    test_random random = {9};
    CHECK_OK(ctx, umi_ordering_create(ctx, &a, &ordering));
    try_shift(SIZE, dense, &a, ordering, 1e-4, &random);
    umi_elimination *elimination;
    CHECK_OK(ctx, umi_elimination_create(ctx, ordering, &a, 1e-4, &elimination));
    umi_wide_vector b = new_vector(SIZE), x = new_vector(SIZE);
    for (int i = 0; i < SIZE; i++) b.hi[i] = test_random_normal(&random);
    CHECK_STATUS(ctx, umi_elimination_refine(ctx, elimination, &a, b, 1e-45, x), UM_ERROR_NOCONV);
    CHECK_AT_MOST(residual(SIZE, dense, 1e-4, x, b), 1e-26); /* as far as it came */
    umi_wide_vector_free(ctx, &b);
    umi_wide_vector_free(ctx, &x);
    umi_elimination_destroy(ctx, elimination);
    umi_ordering_destroy(ctx, ordering);
    umi_sparse_free(ctx, &a);
}

/* Pivots that are zero or not finite, patterns of another matrix. */
static void test_refusals(void **state)
{
    (void)state;
    umi_wide zero_pivot[4] = {{0, 0}, {1, 0}, {1, 0}, {0, 0}}, nothing[1] = {{0, 0}};
    umi_sparse a = from_dense(2, 2, zero_pivot, false), empty = from_dense(1, 1, nothing, false);
    umi_ordering *ordering, *small;
    umi_elimination *elimination;
    CHECK_OK(ctx, umi_ordering_create(ctx, &a, &ordering));
    CHECK_OK(ctx, umi_ordering_create(ctx, &empty, &small));
    CHECK_STATUS(ctx, umi_elimination_create(ctx, ordering, &a, 0, &elimination), UM_ERROR_DOMAIN);
    assert_null(elimination);
    CHECK_STATUS(ctx, umi_elimination_create(ctx, small, &empty, 0, &elimination), UM_ERROR_DOMAIN);
    CHECK_STATUS(ctx, umi_elimination_create(ctx, small, &a, 0, &elimination), UM_ERROR_INTERNAL);
    a.hi[0] = NAN;
    CHECK_STATUS(ctx, umi_elimination_create(ctx, ordering, &a, 0, &elimination), UM_ERROR_DOMAIN);
    a.hi[0] = 1;
    CHECK_OK(ctx, umi_elimination_create(ctx, ordering, &a, 0.5, &elimination));
    umi_wide_vector b = new_vector(2), x = new_vector(2);
    b.hi[0] = b.hi[1] = 1.0 / 3;
    CHECK_OK(ctx, umi_elimination_refine(ctx, elimination, &a, b, 1e-30, x));
    b.hi[0] = NAN;
    CHECK_STATUS(ctx, umi_elimination_refine(ctx, elimination, &a, b, 1e-30, x), UM_ERROR_NOCONV);
    umi_wide_vector_free(ctx, &b);
    umi_wide_vector_free(ctx, &x);
    umi_elimination_destroy(ctx, elimination);
    umi_elimination_destroy(ctx, NULL);
    umi_ordering_destroy(ctx, ordering);
    umi_ordering_destroy(ctx, small);
    umi_ordering_destroy(ctx, NULL);
    umi_sparse_free(ctx, &empty);
    umi_sparse_free(ctx, &a);
}

/* Sizes that fit no memory are refused before any is asked for. */
static void test_too_large(void **state)
{
    (void)state;
    int64_t start = 0;
    umi_sparse huge = {.rows = (size_t)1 << 40, .columns = (size_t)1 << 40, .start = &start};
    umi_ordering *ordering;
    CHECK_STATUS(ctx, umi_ordering_create(ctx, &huge, &ordering), UM_ERROR_MEMORY);
    assert_null(ordering);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrices), cmocka_unit_test(test_gathered), cmocka_unit_test(test_near_singular),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_too_large)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
