/* Wide linear algebra while memory runs out at every single allocation: nothing leaks. */
#include "scarce.h"

#include "linalg/sparse.h"

enum { SIDE = 12, SIZE = SIDE * SIDE };

/* A grid with random hops between neighbours. */
static umi_sparse grid(int64_t *start, int32_t *column, double *hi, double *lo)
{
    int64_t e = 0;
    for (int i = 0; i < SIZE; i++) {
        int near[] = {i - SIDE, i - 1, i, i + 1, i + SIDE};
        for (int k = 0; k < 5; k++) {
            if (near[k] < 0 || near[k] >= SIZE || (abs(near[k] - i) == 1 && near[k] / SIDE != i / SIDE))
                continue;
            column[e] = near[k];
            hi[e] = k == 2 ? -1 : 0.2;
            lo[e++] = 1e-20 * k;
        }
        start[i + 1] = e;
    }
    return (umi_sparse){SIZE, SIZE, start, column, hi, lo, NULL};
}

static um_status refine(um_context *ctx, const umi_sparse *a, const umi_ordering *ordering)
{
    umi_elimination *elimination;
    umi_wide_vector b = {0}, x = {0};
    um_status status = umi_elimination_create(ctx, ordering, a, 1e-4, &elimination);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, SIZE, &b);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, SIZE, &x);
    if (status == UM_OK) {
        b.hi[7] = 1;
        status = umi_elimination_refine(ctx, elimination, a, b, 1e-28, x);
    }
    umi_wide_vector_free(ctx, &b);
    umi_wide_vector_free(ctx, &x);
    umi_elimination_destroy(ctx, elimination);
    return status;
}

static um_status eliminate(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    umi_ordering *ordering;
    um_status status = umi_ordering_create(ctx, user, &ordering);
    if (status != UM_OK) {
        assert_null(ordering);
        return status;
    }
    status = refine(ctx, user, ordering);
    umi_ordering_destroy(ctx, ordering);
    return status;
}

static void test_elimination(void **unused)
{
    (void)unused;
    static int64_t start[SIZE + 1];
    static int32_t column[5 * SIZE];
    static double hi[5 * SIZE], lo[5 * SIZE];
    umi_sparse a = grid(start, column, hi, lo);
    assert_true(test_scarce_sweep(eliminate, &a) >= 30);
}

static um_status eigenvalues(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse, (void)user;
    umi_wide a[16] = {{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}, {7, 0}}, re[4], im[4];
    return umi_wide_matrix_eigenvalues(ctx, 4, a, re, im);
}

static void test_eigenvalues(void **unused)
{
    (void)unused;
    assert_true(test_scarce_sweep(eigenvalues, NULL) >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_elimination),
                                       cmocka_unit_test(test_eigenvalues)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
