/* The plateau finder against a search over every window. */
#include "charge/run.h"
#include "context.h"
#include "random_state.h"

typedef struct span {
    int64_t first, last;
    double length;
} span;

/* Longest window of energy[first..last] (collision k stands at energy[k-1]). */
static span search(const double *energy, int64_t first, int64_t last, double tolerance)
{
    span best = {0, 0, -1};
    for (int64_t i = first; i <= last; i++) {
        double low = INFINITY, high = -INFINITY;
        for (int64_t j = i; j <= last; j++) {
            low = fmin(low, energy[j - 1]);
            high = fmax(high, energy[j - 1]);
            if (!(high - low <= tolerance * (high + low) / 2)) break;
            double length = log((double)j / (double)i);
            if (length > best.length) best = (span){i, j, length};
        }
    }
    return best;
}

/* All of them: the longest, then those of what is left on either side. */
static size_t search_all(const double *energy, int64_t first, int64_t last, double tolerance,
                         span *found)
{
    if (last < first) return 0;
    span best = search(energy, first, last, tolerance);
    if (best.length < log(10) * (1 - 1e-12)) return 0;
    size_t count = 1;
    found[0] = best;
    count += search_all(energy, first, best.first - 1, tolerance, found + count);
    count += search_all(energy, best.last + 1, last, tolerance, found + count);
    return count;
}

static int longest_first(const void *a, const void *b)
{
    double x = ((const span *)a)->length, y = ((const span *)b)->length;
    return (x < y) - (x > y);
}

static void fill(umi_curve *curve, const double *energy, int64_t count)
{
    *curve = (umi_curve){0};
    for (int64_t k = 0; k < count; k++) CHECK_OK(ctx, umi_curve_add(ctx, curve, energy[k]));
}

static size_t find(const umi_curve *curve, double tolerance, um_plateau **plateaus)
{
    size_t count;
    CHECK_OK(ctx, umi_curve_find_plateaus(ctx, curve, tolerance, plateaus, &count));
    return count;
}

static void check_against_search(const double *energy, int64_t count, double tolerance)
{
    static span expected[1000];
    size_t wanted = search_all(energy, 1, count, tolerance, expected);
    qsort(expected, wanted, sizeof *expected, longest_first);
    umi_curve curve;
    um_plateau *got;
    fill(&curve, energy, count);
    size_t n = find(&curve, tolerance, &got);
    if (n != wanted) fail_msg("%zu plateaus of %lld points, expected %zu", n, (long long)count, wanted);
    for (size_t i = 0; i < n; i++) {
        int64_t last = got[i].end < 0 ? count : got[i].end;
        CHECK_CLOSE(log((double)last / (double)got[i].charging_time), expected[i].length, 1e-12);
        /* equal lengths may come in either order */
        bool seen = false;
        for (size_t j = 0; j < wanted; j++)
            seen = seen || (expected[j].first == got[i].charging_time && expected[j].last == last);
        assert_true(seen);
        assert_true((got[i].end < 0) == (last == count));
        assert_int_equal(got[i].at, llround(sqrt((double)got[i].charging_time * (double)last)));
        assert_true(got[i].energy == energy[got[i].at - 1]);
        assert_true(isnan(got[i].ergotropy) && isnan(got[i].purity));
        int64_t p90 = 1, p99 = 1;
        while (energy[p90 - 1] < 0.90 * got[i].energy) p90++;
        while (energy[p99 - 1] < 0.99 * got[i].energy) p99++;
        assert_int_equal(got[i].passage_90, p90);
        assert_int_equal(got[i].passage_99, p99);
    }
    umi_free(ctx, got);
    umi_curve_clear(ctx, &curve);
}

/* Steps, ramps and noise; tolerances that sit exactly on a step included. */
static void test_random_curves(void **unused)
{
    (void)unused;
    enum { COUNT = 700 };
    test_random random = {21};
    double energy[COUNT];
    for (int trial = 0; trial < 150 * test_effort(); trial++) {
        double level = 1 + 9 * test_random_uniform(&random), slope = 0;
        double noise = trial % 3 ? 0 : 0.02;
        int64_t count = trial % 10 ? test_random_integer(&random, 1, COUNT) : COUNT;
        for (int64_t k = 0; k < count; k++) {
            if (test_random_uniform(&random) < 1.5 / (k + 1.0) + 0.003) {
                level = trial % 2 ? test_random_integer(&random, 0, 8)
                                  : 8 * test_random_uniform(&random);
                slope = trial % 4 ? 0 : 0.01 * test_random_normal(&random);
            }
            level = fmax(level + slope, 0);
            energy[k] = level * (1 + noise * (test_random_uniform(&random) - 0.5));
        }
        check_against_search(energy, count, trial % 5 ? 0.02 : (double[]){0, 0.5, 2}[trial % 3]);
    }
}

static void test_one_decade(void **unused)
{
    (void)unused;
    double energy[4000];
    for (int k = 1; k <= 4000; k++) energy[k - 1] = k < 37 ? 1 : k <= 370 ? 5 : 9 + k;
    check_against_search(energy, 4000, 1e-6);
    umi_curve curve;
    um_plateau *got;
    fill(&curve, energy, 4000);
    size_t n = find(&curve, 1e-6, &got);
    assert_int_equal(n, 2); /* 1..36, and exactly one decade */
    assert_int_equal(got[1].charging_time, 37);
    assert_int_equal(got[1].end, 370);
    umi_free(ctx, got);
    umi_curve_clear(ctx, &curve);
    energy[369] = 50; /* one collision less than a decade */
    fill(&curve, energy, 4000);
    assert_int_equal(find(&curve, 1e-6, &got), 1);
    umi_free(ctx, got);
    umi_curve_clear(ctx, &curve);
}

static void test_corners(void **unused)
{
    (void)unused;
    double energy[100] = {0};
    check_against_search(energy, 100, 0.02); /* nothing happens: one plateau of energy 0 */
    check_against_search(energy, 10, 0.02);
    check_against_search(energy, 9, 0.02);
    check_against_search(energy, 1, 0.02);
    umi_curve curve = {0};
    um_plateau *got;
    assert_int_equal(find(&curve, 0.02, &got), 0);
    umi_free(ctx, got);
    for (int k = 0; k < 100; k++) energy[k] = -1 - k % 2; /* custom batteries: below zero */
    check_against_search(energy, 100, 0.02);
}

/* Millions of collisions: what lies in blocks is found to the length of a block. */
static void test_blocks(void **unused)
{
    (void)unused;
    const int64_t total = 6000000, steps[] = {20, 3000, 1500000, 5000000};
    umi_curve curve = {0};
    for (int64_t k = 1; k <= total; k++) {
        double value = k < steps[0] ? 0.1 * (double)k : k < steps[1] ? 3 : k < steps[2] ? 5
                       : k < steps[3] ? 8 + 4 * (double)(k - steps[2]) / 1e6 : 30;
        CHECK_OK(ctx, umi_curve_add(ctx, &curve, value + 1e-3 * (double)(k % 7)));
    }
    assert_int_equal(curve.collisions, total);
    assert_int_equal(curve.exact, UMI_CURVE_EXACT);
    assert_true(curve.blocks > 1000 && curve.blocks < 100000);
    for (size_t i = 0; i < curve.blocks; i++) {
        int64_t next = i + 1 < curve.blocks ? curve.first[i + 1] : total + 1;
        assert_true(next > curve.first[i]);
        assert_true((double)(next - curve.first[i]) <= (double)curve.first[i] / (1 << UMI_CURVE_SHIFT) + 1);
        assert_true(curve.low[i] < curve.high[i]);
    }
    um_plateau *got;
    size_t n = find(&curve, 0.02, &got);
    assert_int_equal(n, 2);
    assert_int_equal(got[0].charging_time, steps[1]);
    /* its end lies in a block: at most one block early, never late */
    assert_true(got[0].end < steps[2] && got[0].end >= steps[2] - steps[2] / 8192);
    CHECK_CLOSE(got[0].energy, 5, 0.01);
    assert_int_equal(got[1].charging_time, steps[0]);
    assert_int_equal(got[1].end, steps[1] - 1);
    umi_free(ctx, got);
    umi_curve_clear(ctx, &curve);

    /* still on at the end, with its middle inside a block */
    for (int64_t k = 1; k <= 3000000; k++)
        CHECK_OK(ctx, umi_curve_add(ctx, &curve, k < 2 ? 0 : 7));
    assert_int_equal(find(&curve, 0, &got), 1);
    assert_int_equal(got[0].charging_time, 2);
    assert_int_equal(got[0].end, -1);
    assert_true(got[0].energy == 7);
    umi_free(ctx, got);
    umi_curve_clear(ctx, &curve);
}

/* A plateau that begins in the exact part, ends in a block and has its middle in one too. */
static void test_middle_in_a_block(void **unused)
{
    (void)unused;
    umi_curve curve = {0};
    for (int64_t k = 1; k <= 30000000; k++)
        CHECK_OK(ctx, umi_curve_add(ctx, &curve, k < 1000000 ? 1e-7 * (double)k : 4));
    um_plateau *got;
    assert_true(find(&curve, 0.02, &got) >= 1);
    assert_int_equal(got[0].charging_time, 1000000);
    assert_int_equal(got[0].end, -1);
    assert_int_equal(got[0].at, llround(sqrt(1e6 * 3e7)));
    assert_true(got[0].energy == 4);
    assert_int_equal(got[0].passage_99, 1000000);
    umi_free(ctx, got);
    umi_curve_clear(ctx, &curve);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {TEST(test_random_curves), TEST(test_one_decade),
                                       TEST(test_corners), TEST(test_blocks),
                                       TEST(test_middle_in_a_block)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
