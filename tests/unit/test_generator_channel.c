/* What an environment does between two atoms, in wide arithmetic: against closed forms, its own laws
 * (trace, semigroup, fixed points), and the linear system it solves. */
#define _GNU_SOURCE /* powf128 */
#include "context.h"
#include "linalg/sparse_build.h"
#include "map/generator_channel.h"
#include "random_state.h"

typedef _Float128 quad;

enum { LEVELS = 14 };

static um_battery battery = {.kind = UM_BATTERY_CAVITY, .levels = LEVELS, .frequency = 1};

static umi_collision collision(double kappa, double n_th, double dephasing)
{
    return (umi_collision){
        .battery = &battery,
        .environment = {.kappa = kappa, .n_th = n_th, .dephasing = dephasing},
        .even = true,
        .levels = LEVELS,
    };
}

static umi_sparse channel(umi_collision it, double duration, umi_waiting waiting, umi_layout layout)
{
    umi_sparse made;
    CHECK_OK(ctx, umi_channel_generator(ctx, &it, duration, waiting, &layout, &made, (umi_wide_vector){0}));
    return made;
}

static quad element(const umi_sparse *matrix, size_t row, size_t column)
{
    for (int64_t i = matrix->start[row]; i < matrix->start[row + 1]; i++)
        if ((size_t)matrix->column[i] == column)
            return (quad)matrix->hi[i] + (quad)matrix->lo[i];
    return 0;
}

static quad choose(int n, int k)
{
    quad product = 1;
    for (int i = 1; i <= k; i++) product = product * (n - k + i) / i;
    return product;
}

/* sqrt(C(n+l,l) C(m+l,l)) eta^((n+m)/2) (1-eta)^l at zero temperature */
static void loses_photons_one_by_one(void **unused)
{
    (void)unused;
    static const double times[] = {1e-6, 1e-3, 0.3, 4, 60};
    umi_layout layout = {LEVELS, LEVELS, 1, false};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        umi_sparse e = channel(collision(1, 0, 0), times[i], UMI_WAITING_FIXED, layout);
        quad eta = expf128(-(quad)times[i]), lost = -expm1f128(-(quad)times[i]);
        for (int k = 0; k < LEVELS; k++)
            for (int n = 0; n < LEVELS - k; n++)
                for (int j = 0; j < LEVELS - k; j++) {
                    quad kept = j == n ? expm1f128(-(quad)times[i] * (2 * n + k) / 2) : 0;
                    quad expected = j == n  ? kept
                                    : j < n ? 0
                                            : sqrtf128(choose(j, j - n) * choose(j + k, j - n)) *
                                                  powf128(eta, (quad)(2 * n + k) / 2) *
                                                  powf128(lost, j - n);
                    quad found = element(&e, umi_layout_index(&layout, 0, k, n),
                                         umi_layout_index(&layout, 0, k, j));
                    CHECK_CLOSE((double)(found - expected), 0, 1e-30);
                }
        umi_sparse_free(ctx, &e);
    }
}

static const umi_layout all_layouts[] = {{LEVELS, LEVELS, 1, false}, {LEVELS, LEVELS, 2, false},
                                         {LEVELS, LEVELS, 1, true}, {LEVELS, 3, 2, false},
                                         {LEVELS, 1, 1, false}};
enum { LAYOUTS = sizeof all_layouts / sizeof *all_layouts };

static double largest_difference(const umi_sparse *a, const umi_sparse *b)
{
    double most = 0;
    assert_int_equal(a->rows, b->rows);
    for (size_t i = 0; i < a->rows; i++) {
        for (int64_t e = a->start[i]; e < a->start[i + 1]; e++)
            most = fmax(most, fabs((double)((quad)a->hi[e] + a->lo[e] -
                                            element(b, i, (size_t)a->column[e]))));
        for (int64_t e = b->start[i]; e < b->start[i + 1]; e++)
            most = fmax(most, fabs((double)((quad)b->hi[e] + b->lo[e] -
                                            element(a, i, (size_t)b->column[e]))));
    }
    return most;
}

static void is_a_semigroup(void **unused)
{
    (void)unused;
    for (int i = 0; i < LAYOUTS; i++) {
        umi_collision it = collision(0.7, 0.4, 0.2);
        umi_sparse e[4];
        static const double times[] = {0.25, 1.75, 2.0}; /* exact sums */
        for (int j = 0; j < 3; j++)
            e[j] = channel(it, times[j], UMI_WAITING_FIXED, all_layouts[i]);
        CHECK_OK(ctx, umi_sparse_compose(ctx, &e[0], &e[1], &e[3]));
        CHECK_AT_MOST(largest_difference(&e[2], &e[3]), 1e-28);
        for (int j = 0; j < 4; j++) umi_sparse_free(ctx, &e[j]);
    }
}

static void keeps_the_trace(void **unused)
{
    (void)unused;
    static const double times[] = {1e-9, 0.02, 3, 1e3};
    for (int i = 0; i < LAYOUTS; i++)
        for (int j = 0; j < 4; j++)
            for (int waiting = 0; waiting < 2; waiting++) {
                if (all_layouts[i].skew) continue;
                umi_sparse e =
                    channel(collision(1, 0.5, 0.1), times[j], (umi_waiting)waiting, all_layouts[i]);
                quad sum[LEVELS] = {0};
                for (size_t n = 0; n < LEVELS; n++)
                    for (int64_t c = e.start[n]; c < e.start[n + 1]; c++)
                        sum[e.column[c]] += (quad)e.hi[c] + e.lo[c];
                for (int n = 0; n < LEVELS; n++) CHECK_CLOSE((double)sum[n], 0, 1e-31);
                umi_sparse_free(ctx, &e);
            }
}

static void a_thermal_state_stays(void **unused)
{
    (void)unused;
    umi_layout layout = {LEVELS, 1, 1, false};
    for (int waiting = 0; waiting < 2; waiting++) {
        umi_sparse e = channel(collision(0.3, 0.8, 0), 2, (umi_waiting)waiting, layout);
        quad ratio = (quad)0.8 / ((quad)0.8 + 1);
        for (size_t n = 0; n < LEVELS; n++) {
            quad image = 0;
            for (int j = 0; j < LEVELS; j++)
                image += element(&e, n, (size_t)j) * powf128(ratio, j);
            CHECK_CLOSE((double)image, 0, 1e-30);
        }
        umi_sparse_free(ctx, &e);
    }
}

/* Coherences lose kappa (n + m)/2 and dephase; with waiting times 1/(1 + that) is left on average. */
static void dephases(void **unused)
{
    (void)unused;
    umi_layout layout = {LEVELS, LEVELS, 1, false};
    for (int waiting = 0; waiting < 2; waiting++) {
        umi_sparse e = channel(collision(0, 0, 0.6), 1.5, (umi_waiting)waiting, layout);
        for (int k = 0; k < LEVELS; k++) {
            quad lost = (quad)0.6 * k * k / 2 * 1.5;
            quad expected = waiting ? -lost / (1 + lost) : expm1f128(-lost);
            for (int n = 0; n < LEVELS - k; n++) {
                size_t at = umi_layout_index(&layout, 0, k, n);
                CHECK_CLOSE((double)(element(&e, at, at) - expected), 0, 1e-31);
            }
        }
        assert_int_equal(e.start[e.rows], (int64_t)(e.rows - LEVELS));
        umi_sparse_free(ctx, &e);
    }
}

/* 1/(1 - L t) is what exponentials average to: with small times (E - 1)/t is L, and then
 * (1 - L t) (1 + F) = 1. */
static void solves_its_equation(umi_collision it, umi_layout layout)
{
    double t = 3.5, small = 0x1p-40;
    umi_sparse f = channel(it, t, UMI_WAITING_EXPONENTIAL, layout);
    umi_sparse plus = channel(it, small, UMI_WAITING_FIXED, layout), product, less;
    /* exp(L small) - 1 = L small + O(1e-24) */
    CHECK_OK(ctx, umi_sparse_add(ctx, umi_wide_set(-t / small), &plus, umi_wide_set(0), &plus, &less));
    CHECK_OK(ctx, umi_sparse_compose(ctx, &less, &f, &product));
    for (int64_t e = 0; e < product.start[product.rows]; e++) CHECK_CLOSE(product.hi[e], 0, 3e-8);
    umi_sparse_free(ctx, &f);
    umi_sparse_free(ctx, &plus);
    umi_sparse_free(ctx, &less);
    umi_sparse_free(ctx, &product);
}

static void waits_for_random_times(void **unused)
{
    (void)unused;
    for (int i = 0; i < LAYOUTS; i++) solves_its_equation(collision(0.9, 0.3, 0.15), all_layouts[i]);
}

/* Levels that are not equally spaced turn meanwhile: without an environment that is all, with one the
 * channel is a semigroup still; and the average over waiting times solves its equation. */
static void turns(void **unused)
{
    (void)unused;
    double energies[LEVELS], lowering[LEVELS];
    for (int n = 0; n < LEVELS; n++) {
        energies[n] = n + 0.0625 * n * n;
        lowering[n] = n == 0 ? 0 : 0.5 + 0.25 * ((n * 7) % 5);
    }
    um_battery custom = {UM_BATTERY_CUSTOM, LEVELS, LEVELS, 2, {0}, energies, lowering};
    umi_layout layout = {LEVELS, LEVELS, 2, false};
    umi_collision still = collision(0, 0, 0), open = collision(0.5, 0.25, 0.125);
    still.battery = open.battery = &custom;
    still.even = open.even = false;
    umi_sparse free = channel(still, 1.5, UMI_WAITING_FIXED, layout);
    for (int k = 1; k < LEVELS; k++)
        for (int n = 0; n < LEVELS - k; n++) {
            quad angle = (quad)2 * (energies[n + k] - energies[n] - k) * 1.5;
            size_t re = umi_layout_index(&layout, 0, k, n), im = umi_layout_index(&layout, 1, k, n);
            CHECK_CLOSE((double)(element(&free, re, re) + 1 - cosf128(angle)), 0, 1e-30);
            CHECK_CLOSE((double)(element(&free, im, re) - sinf128(angle)), 0, 1e-30);
            CHECK_CLOSE((double)(element(&free, re, im) + sinf128(angle)), 0, 1e-30);
        }
    umi_sparse_free(ctx, &free);
    umi_sparse e[4];
    static const double times[] = {0.25, 1.25, 1.5};
    for (int j = 0; j < 3; j++) e[j] = channel(open, times[j], UMI_WAITING_FIXED, layout);
    CHECK_OK(ctx, umi_sparse_compose(ctx, &e[0], &e[1], &e[3]));
    CHECK_AT_MOST(largest_difference(&e[2], &e[3]), 1e-28);
    for (int j = 0; j < 4; j++) umi_sparse_free(ctx, &e[j]);
    solves_its_equation(open, layout);
}

/* Photons that would cross the top: for a short time the rate of it, in the end at the rate of the
 * thermal state; however long, what comes up in a battery that goes on. */
static void counts_what_would_leave(void **unused)
{
    (void)unused;
    umi_layout layout = {LEVELS, 1, 1, false};
    umi_collision it = collision(1, 0.5, 0);
    umi_wide_vector leaving;
    umi_sparse e;
    CHECK_OK(ctx, umi_wide_vector_create(ctx, LEVELS, &leaving));
    CHECK_OK(ctx, umi_channel_generator(ctx, &it, 0x1p-40, UMI_WAITING_FIXED, &layout, &e, leaving));
    for (int n = 0; n < LEVELS; n++)
        CHECK_CLOSE(leaving.hi[n] * 0x1p40, n == LEVELS - 1 ? 0.5 * LEVELS : 0, 1e-10);
    umi_sparse_free(ctx, &e);
    for (int waiting = 0; waiting < 2; waiting++) {
        CHECK_OK(ctx, umi_channel_generator(ctx, &it, 1e9, (umi_waiting)waiting, &layout, &e, leaving));
        double norm = 0;
        for (int n = 0; n < LEVELS; n++) norm += pow(3, -n);
        for (int n = 0; n < LEVELS; n++)
            CHECK_CLOSE(leaving.hi[n] / 1e9, 0.5 * LEVELS * pow(3, 1 - LEVELS) / norm, 3e-9);
        umi_sparse_free(ctx, &e);
    }
    umi_wide_vector_free(ctx, &leaving);
}

/* L itself, term by term. */
static void is_its_own_generator(void **unused)
{
    (void)unused;
    umi_layout layout = {LEVELS, LEVELS, 1, false};
    double t = 0x1p-60, kappa = 0.9, thermal = 0.3;
    umi_sparse e = channel(collision(kappa, thermal, 0), t, UMI_WAITING_FIXED, layout);
    for (int k = 0; k < LEVELS; k++)
        for (int n = 0; n < LEVELS - k; n++) {
            int m = n + k;
            size_t at = umi_layout_index(&layout, 0, k, n);
            double raised = (n + 1 < LEVELS ? n + 1 : 0) + (m + 1 < LEVELS ? m + 1 : 0);
            double expected = -kappa * ((thermal + 1) * (n + m) + thermal * raised) / 2;
            CHECK_CLOSE((double)element(&e, at, at) / t, expected, 1e-12);
            if (n > 0)
                CHECK_CLOSE((double)element(&e, at, at - 1) / t, kappa * thermal * sqrt((double)n * m), 1e-12);
            if (m + 1 < LEVELS)
                CHECK_CLOSE((double)element(&e, at, at + 1) / t,
                            kappa * (thermal + 1) * sqrt((n + 1.0) * (m + 1)), 1e-12);
        }
    umi_sparse_free(ctx, &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loses_photons_one_by_one), cmocka_unit_test(is_a_semigroup),
        cmocka_unit_test(keeps_the_trace),          cmocka_unit_test(a_thermal_state_stays),
        cmocka_unit_test(dephases),                 cmocka_unit_test(waits_for_random_times),
        cmocka_unit_test(counts_what_would_leave),  cmocka_unit_test(turns),
        cmocka_unit_test(is_its_own_generator),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
