/* Counter-based random numbers: known answers, moments, and that nothing depends on the order of asking. */
#include "base/random.h"
#include "check.h"

/* The published answer for key 0, counter 0 of Philox4x64-10. */
static void known_answer(void **unused)
{
    (void)unused;
    const uint64_t want[4] = {UINT64_C(0x16554d9eca36314c), UINT64_C(0xdb20fe9d672d0fdc),
                              UINT64_C(0xd7e772cee186176b), UINT64_C(0x7e68b68aec7ba23b)};
    umi_random random = umi_random_at(0, 0, 0, 0);
    for (int i = 0; i < 4; i++) assert_true(umi_random_bits(&random) == want[i]);
}

/* Bits of normal and exponential numbers, as every machine must give them. */
static void same_bits_everywhere(void **unused)
{
    (void)unused;
    uint64_t mixed = 0;
    for (uint64_t i = 0; i < 20000; i++) {
        umi_random random = umi_random_at(7, 1, i, 2);
        double x[2] = {umi_random_normal(&random), umi_random_exponential(&random)};
        uint64_t bits[2];
        memcpy(bits, x, sizeof bits);
        mixed = (mixed ^ bits[0]) * UINT64_C(0x100000001b3) + bits[1];
    }
    if (mixed != UINT64_C(0x08c4b13ecc6fb874)) fail_msg("0x%016llx", (unsigned long long)mixed);
}

static void every_key_counts(void **unused)
{
    (void)unused;
    umi_random a = umi_random_at(1, 2, 3, 4);
    uint64_t first = umi_random_bits(&a);
    umi_random others[4] = {umi_random_at(2, 2, 3, 4), umi_random_at(1, 3, 3, 4),
                            umi_random_at(1, 2, 4, 4), umi_random_at(1, 2, 3, 5)};
    for (int i = 0; i < 4; i++) assert_true(umi_random_bits(&others[i]) != first);
    umi_random again = umi_random_at(1, 2, 3, 4);
    for (int i = 0; i < 9; i++) assert_true(umi_random_bits(&again) == (i ? umi_random_bits(&a) : first));
}

enum { DRAWS = 1000000 };

typedef double (*drawing)(umi_random *);

/* Moments 1 to 4 against `want`, within four standard errors (from moments 2 to 8). */
static void check_moments(drawing draw, const double want[9])
{
    double sum[5] = {0};
    umi_random random = umi_random_at(20, 0, 0, 0);
    for (int i = 0; i < DRAWS; i++) {
        double x = draw(&random), power = 1;
        for (int k = 1; k <= 4; k++) sum[k] += power *= x;
    }
    for (int k = 1; k <= 4; k++)
        CHECK_CLOSE(sum[k] / DRAWS, want[k], 4 * sqrt((want[2 * k] - want[k] * want[k]) / DRAWS));
}

static void moments(void **unused)
{
    (void)unused;
    const double uniform[9] = {1, 1. / 2, 1. / 3, 1. / 4, 1. / 5, 1. / 6, 1. / 7, 1. / 8, 1. / 9};
    const double normal[9] = {1, 0, 1, 0, 3, 0, 15, 0, 105};
    const double exponential[9] = {1, 1, 2, 6, 24, 120, 720, 5040, 40320};
    check_moments(umi_random_uniform, uniform);
    check_moments(umi_random_normal, normal);
    check_moments(umi_random_exponential, exponential);
}

/* Each uniform number gives the normal and the exponential number that it is the quantile of. */
static void quantiles(void **unused)
{
    (void)unused;
    double least = 1, most = 0;
    for (uint64_t i = 0; i < 200000; i++) {
        umi_random a = umi_random_at(3, 0, i, 0), b = a, c = a;
        double p = umi_random_uniform(&a), x = umi_random_normal(&b), t = umi_random_exponential(&c);
        assert_true(p > 0 && p < 1);
        double below = erfc(-x / sqrt(2)) / 2;
        CHECK_CLOSE(below, p, 1e-15 + 4e-15 * p * (1 + x * x));
        CHECK_CLOSE(t, -log(p), 4e-16 * (t + 1));
        least = fmin(least, p);
        most = fmax(most, p);
    }
    assert_true(least < 1e-4 && most > 1 - 1e-4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answer), cmocka_unit_test(same_bits_everywhere),
        cmocka_unit_test(every_key_counts), cmocka_unit_test(moments), cmocka_unit_test(quantiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
