/* The kernels of detuned collisions against the one that takes any complex factors: the same image; and the
 * same bits in whatever part of the levels and at whatever alignment an element stands. */
#include "check.h"
#include "instructions.h"
#include "map/kernels/kernels.h"
#include "random_state.h"

#include <complex.h>

enum { PAD = 16, LEVELS_MAX = 101, STRIDE = (LEVELS_MAX + 7) / 8 * 8 + 2 * PAD, ROWS = LEVELS_MAX + 1 };

typedef struct planes {
    double *memory;
    umi_rows rows[2];
} planes;

static double detuned_table[UMI_DETUNED_FACTORS][STRIDE], general_table[2][UMI_FACTORS][STRIDE];
static const double zeros[STRIDE];

/* Nothing but NAN, `shift` doubles off alignment. */
static planes create(const umi_rows *window, int shift)
{
    size_t count = (size_t)STRIDE * ROWS;
    planes it = {.memory = aligned_alloc(64, 2 * count * sizeof(double))};
    assert_non_null(it.memory);
    for (size_t i = 0; i < 2 * count; i++) it.memory[i] = NAN;
    for (int p = 0; p < 2; p++) {
        it.rows[p] = *window;
        it.rows[p].base = it.memory + (size_t)p * count + PAD + shift;
        it.rows[p].stride = STRIDE;
    }
    return it;
}

static double *element(const planes *it, int plane, int n, int k)
{
    return it->rows[plane].base + k * it->rows[plane].stride + n;
}

/* A Hermitian matrix in that window; `real`: without an imaginary plane. */
static planes draw_state(test_random random, const umi_rows *window, int shift, bool real)
{
    planes it = create(window, shift);
    for (int p = 0; p < 2; p++)
        for (int k = 0; k < window->orders; k++)
            for (int n = window->first - 2; n < window->last - k + 2; n++) {
                bool inside = n >= window->first && n < window->last - k && !(p == 1 && (k == 0 || real));
                *element(&it, p, n, k) = inside ? 2 * test_random_uniform(&random) - 1 : 0;
            }
    if (real) it.rows[1].base = NULL;
    return it;
}

static double complex draw_factor(test_random *random, bool real)
{
    double re = 2 * test_random_uniform(random) - 1, im = 2 * test_random_uniform(random) - 1;
    return real ? re : re + I * im;
}

static void put(double *re, double *im, double complex x)
{
    *re = creal(x);
    *im = cimag(x);
}

static void draw_factors(test_random *random, int levels, bool turned, bool mixed)
{
    memset(detuned_table, 0, sizeof detuned_table);
    memset(general_table, 0, sizeof general_table);
    for (int n = PAD; n < PAD + levels; n++) {
        double complex a = draw_factor(random, false), b = draw_factor(random, !turned);
        double complex c = draw_factor(random, false), d = draw_factor(random, !turned);
        double e = mixed ? test_random_uniform(random) : 0, f = mixed ? test_random_uniform(random) : 0;
        const double complex parts[4] = {a, b, c, d};
        for (int i = 0; i < 4; i++) put(&detuned_table[2 * i][n], &detuned_table[2 * i + 1][n], parts[i]);
        detuned_table[UMI_DETUNED_e][n] = e;
        detuned_table[UMI_DETUNED_f][n] = f;
        const double complex general[UMI_FACTORS] = {
            [UMI_FACTOR_G] = a,            [UMI_FACTOR_P] = b,  [UMI_FACTOR_E] = c,
            [UMI_FACTOR_D] = d,            [UMI_FACTOR_ga] = (1 + e) * a, [UMI_FACTOR_gb] = b,
            [UMI_FACTOR_pa] = a,           [UMI_FACTOR_pb] = b, [UMI_FACTOR_ea] = (1 + f) * c,
            [UMI_FACTOR_eb] = d,           [UMI_FACTOR_da] = c, [UMI_FACTOR_db] = d};
        for (int i = 0; i < UMI_FACTORS; i++)
            put(&general_table[0][i][n], &general_table[1][i][n], general[i]);
    }
}

static void apply_detuned(const planes *in, bool turned, bool mixed, const planes *out)
{
    umi_detuned_factors factors;
    for (int i = 0; i < UMI_DETUNED_FACTORS; i++) factors.of[i] = detuned_table[i] + PAD;
    umi_kernels_choose()->detuned->of[turned][mixed](&factors, in->rows, zeros + PAD, out->rows);
}

static void apply_general(const planes *in, const planes *out)
{
    umi_factors factors[2];
    for (int p = 0; p < 2; p++)
        for (int i = 0; i < UMI_FACTORS; i++) factors[p].of[i] = general_table[p][i] + PAD;
    umi_kernels_choose()->stencil_complex(factors, in->rows, zeros + PAD, out->rows);
}

/* `tolerance` 0: the same bits. */
static void compare(const planes *have, const planes *want, double tolerance)
{
    for (int p = 0; p < 2; p++)
        for (int k = 0; k < want->rows->orders; k++)
            for (int n = want->rows->first; n + k < want->rows->last; n++)
                CHECK_CLOSE(*element(have, p, n, k), *element(want, p, n, k), tolerance);
}

static void check_image(test_random random, const umi_rows *window, int levels, bool turned, bool mixed, bool real)
{
    umi_rows grown = {.first = umi_max(window->first - 1, 0), .last = umi_min(window->last + 1, levels)};
    grown.orders = umi_min(window->orders + 1, grown.last - grown.first);
    planes in = draw_state(random, window, 0, real), want = create(&grown, 0), image = create(&grown, 0);
    apply_general(&in, &want);
    apply_detuned(&in, turned, mixed, &image);
    compare(&image, &want, 2e-14);
    planes moved = draw_state(random, window, 1, real), parts = create(&grown, 3);
    for (int cut = 0; cut < grown.orders;) {
        int end = umi_min(2 * cut + 1, grown.orders);
        for (int p = 0; p < 2; p++) {
            parts.rows[p].from = cut;
            parts.rows[p].orders = end;
            parts.rows[p].downwards = cut & 2;
        }
        apply_detuned(&moved, turned, mixed, &parts);
        cut = end;
    }
    compare(&parts, &image, 0);
    free(in.memory);
    free(want.memory);
    free(image.memory);
    free(moved.memory);
    free(parts.memory);
}

static void agrees_with_the_general_kernel(void **unused)
{
    (void)unused;
    static const int sizes[] = {1, 2, 3, 17, 37, LEVELS_MAX};
    test_random random = {22};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int kind = 0; kind < 8; kind++) {
            bool turned = kind & 1, mixed = kind & 2, real = kind & 4;
            draw_factors(&random, sizes[i], turned, mixed);
            for (int round = 0; round < 8; round++) {
                umi_rows window = {.first = round == 0 ? 0 : test_random_integer(&random, 0, sizes[i] - 1)};
                window.last = round == 0 ? sizes[i] : test_random_integer(&random, window.first + 1, sizes[i]);
                int most = window.last - window.first;
                window.orders = round % 4 == 0 ? most : test_random_integer(&random, 1, most);
                check_image(random, &window, sizes[i], turned, mixed, real);
            }
        }
}

/* With the kernels of every instruction set that is there. */
int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_the_general_kernel)};
    int failed = 0;
    for (umi_instructions set = 0; set < UMI_INSTRUCTIONS; set++) {
        if (!test_use_instructions(set)) continue;
        failed += cmocka_run_group_tests(tests, NULL, NULL);
    }
    return failed;
}
