/* Columns that are orthonormal up to rounding become so in all digits, and hardly move. */
#include <math.h>

#include "check.h"
#include "context.h"
#include "map/unitary.h"

enum { SIZE = 40, COLUMNS = 30 };

/* Waves e^(2 pi i k j/SIZE)/sqrt(SIZE), each element off by a rounding of 1e-15. */
static void fill(double *re, double *im)
{
    for (int j = 0; j < COLUMNS; j++)
        for (int k = 0; k < SIZE; k++) {
            size_t at = (size_t)(k + j * SIZE);
            double angle = 2 * M_PI * (k * j % SIZE) / SIZE, off = 1e-15 * sin(7 * k + 11 * j + 1);
            re[at] = cos(angle) / sqrt(SIZE) + off;
            im[at] = sin(angle) / sqrt(SIZE) - off;
        }
}

static long double product(const double *re, const double *im, int i, int j)
{
    long double sum = 0;
    for (int k = 0; k < SIZE; k++)
        sum += (long double)re[k + i * SIZE] * re[k + j * SIZE] + (long double)im[k + i * SIZE] * im[k + j * SIZE];
    return sum;
}

static void columns_become_orthonormal(void **unused)
{
    (void)unused;
    static double re[SIZE * COLUMNS], im[SIZE * COLUMNS], old_re[SIZE * COLUMNS], old_im[SIZE * COLUMNS];
    fill(re, im);
    memcpy(old_re, re, sizeof re);
    memcpy(old_im, im, sizeof im);
    CHECK_OK(ctx, umi_unitary_polish(ctx, SIZE, COLUMNS, re, im));
    for (int j = 0; j < COLUMNS; j++) {
        CHECK_AT_MOST((double)fabsl(product(re, im, j, j) - 1), 5e-18);
        for (int i = 0; i < j; i++) CHECK_AT_MOST((double)fabsl(product(re, im, i, j)), 1e-16);
    }
    for (int at = 0; at < SIZE * COLUMNS; at++)
        CHECK_AT_MOST(hypot(re[at] - old_re[at], im[at] - old_im[at]), 1e-14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(columns_become_orthonormal)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
