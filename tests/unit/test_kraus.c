/* Banded Kraus operators, with every instruction set, against dense products in long double. */
#include "context.h"
#include "instructions.h"
#include "map/kraus.h"
#include "random_state.h"

#include <complex.h>

typedef long double _Complex number;

enum { LEVELS_MAX = 101 };

static double lowering_of[LEVELS_MAX + 1];

/* Rounding noise beside a band of any shape. */
static void draw_operators(test_random *random, umi_kraus *kraus, int width)
{
    int levels = kraus->levels;
    for (int n = 0; n < levels; n++) {
        int low = n - test_random_integer(random, -1, width), high = n + test_random_integer(random, 0, width);
        for (int a = 0; a < kraus->count; a++)
            for (int m = 0; m < levels; m++) {
                bool inside = m >= low && m < high;
                size_t at = (size_t)n + (size_t)m * kraus->stride;
                kraus->re[a][at] = inside ? test_random_normal(random) : 1e-20;
                kraus->im[a][at] = inside ? test_random_normal(random) : -1e-20;
            }
    }
    CHECK_OK(ctx, umi_kraus_pack(kraus, 3e-17));
}

static umi_kraus create_operators(test_random *random, int levels, int count, int width)
{
    umi_kraus kraus;
    CHECK_OK(ctx, umi_kraus_alloc(ctx, levels, count, &kraus));
    draw_operators(random, &kraus, width);
    return kraus;
}

/* As it acts: R B R'. */
static number operator_at(const umi_kraus *kraus, int a, int n, int m)
{
    size_t at = (size_t)n + (size_t)m * kraus->stride;
    number frame = !kraus->turn ? 1 : n >= m ? kraus->turn[n - m] : conj(kraus->turn[m - n]);
    return frame * (kraus->re[a][at] + 1.0iL * kraus->im[a][at]);
}

/* Orders below `orders` of a random state. */
static um_state *create_state(test_random *random, test_kind kind, int levels, int orders)
{
    um_state *state = test_random_state(ctx, random, kind, levels);
    state->orders = umi_min(state->orders, orders);
    return state;
}

static void get_dense(const um_state *state, number *matrix)
{
    int levels = state->levels;
    for (int i = 0; i < levels * levels; i++) matrix[i] = 0;
    for (int k = 0; k < state->orders; k++)
        for (int n = state->first; n + k < state->last; n++) {
            double re, im;
            umi_state_get_element(state, n, k, &re, &im);
            matrix[n * levels + n + k] = re + 1.0iL * im;
            matrix[(n + k) * levels + n] = re - 1.0iL * im;
        }
}

/* product = B_a rho B_b', by rows. */
static void multiply(const umi_kraus *kraus, int a, int b, const number *rho, number *product)
{
    static number half[LEVELS_MAX * LEVELS_MAX];
    int levels = kraus->levels;
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++) {
            half[n * levels + m] = 0;
            for (int j = kraus->low[n]; j < kraus->high[n]; j++)
                half[n * levels + m] += operator_at(kraus, a, n, j) * rho[j * levels + m];
        }
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++) {
            product[n * levels + m] = 0;
            for (int j = kraus->low[m]; j < kraus->high[m]; j++)
                product[n * levels + m] += half[n * levels + j] * conjl(operator_at(kraus, b, m, j));
        }
}

/* The image, and what the traces are defined as. */
static void expect(const umi_kraus *kraus, const number *rho, number *image, number *excited, number cross[3])
{
    static number product[LEVELS_MAX * LEVELS_MAX];
    int levels = kraus->levels;
    for (int i = 0; i < levels * levels; i++) image[i] = 0;
    *excited = cross[0] = cross[1] = cross[2] = 0;
    for (int a = 0; a < kraus->count; a++) {
        multiply(kraus, a, a, rho, product);
        for (int i = 0; i < levels * levels; i++) image[i] += product[i];
        for (int n = 0; a % 2 && n < levels; n++) *excited += product[n * levels + n];
        if (a % 2) continue;
        multiply(kraus, a, a + 1, rho, product);
        for (int n = 0; n < levels; n++) {
            cross[1] += product[n * levels + n];
            if (n + 1 == levels) break;
            cross[0] += lowering_of[n + 1] * product[n * levels + n + 1];
            cross[2] += lowering_of[n + 1] * product[(n + 1) * levels + n];
        }
    }
}

static void compare(umi_kraus *kraus, const um_state *in, const char *what)
{
    static number rho[LEVELS_MAX * LEVELS_MAX], want[LEVELS_MAX * LEVELS_MAX], have[LEVELS_MAX * LEVELS_MAX];
    um_state *out;
    umi_traces traces = {.lowering = lowering_of};
    number excited, cross[3];
    int levels = in->levels;
    CHECK_OK(ctx, um_state_create(ctx, levels, 2, 0, 0, &out));
    CHECK_OK(ctx, umi_kraus_apply(kraus, in, out, &traces));
    get_dense(in, rho);
    expect(kraus, rho, want, &excited, cross);
    get_dense(out, have);
    if (kraus->turn && levels > 1) { /* traces are those of the frame */
        cross[0] *= kraus->turn[1];
        cross[2] *= conj(kraus->turn[1]);
    }
    double scale = 0, worst = 0; /* operators of norm sqrt(width), and a rho of trace 1 */
    for (int n = 0; n < levels; n++) scale = fmax(scale, kraus->high[n] - kraus->low[n]);
    scale = 2e-14 * (1 + scale) * kraus->count;
    for (int i = 0; i < levels * levels; i++) worst = fmax(worst, (double)cabsl(have[i] - want[i]));
    if (!(worst <= scale)) fail_msg("%s: off by %.3g, allowed %.3g", what, worst, scale);
    scale *= 2 * sqrt(levels);
    CHECK_CLOSE(traces.excited, (double)creall(excited), scale);
    for (int i = 0; i < 3; i++) {
        CHECK_CLOSE(creal(traces.cross[i]), (double)creall(cross[i]), scale);
        CHECK_CLOSE(cimag(traces.cross[i]), (double)cimagl(cross[i]), scale);
    }
    um_state_destroy(out);
}

static void compare_size(test_random *random, int levels, int count, int width)
{
    umi_kraus kraus = create_operators(random, levels, count, width);
    const int orders[] = {levels, 1, 2, 7};
    for (int kind = 0; kind < TEST_KINDS; kind++)
        for (int i = 0; i < (levels > 40 ? 1 : 4); i++) {
            int wanted = levels > 40 ? orders[kind % 4] : orders[i];
            um_state *in = create_state(random, (test_kind)kind, levels, wanted);
            char what[120];
            snprintf(what, sizeof what, "%s: %d levels, %d operators, width %d, %s state, %d orders",
                     kraus.kernels->name, levels, count, width, test_kind_name((test_kind)kind), in->orders);
            compare(&kraus, in, what);
            um_state_destroy(in);
        }
    umi_kraus_free(&kraus);
}

static void agrees(void **unused)
{
    (void)unused;
    const int sizes[] = {1, 2, 3, 16, 17, 37};
    test_random random = {4};
    for (int i = 0; i < 6; i++)
        for (int count = 2; count <= 4; count += 2) {
            compare_size(&random, sizes[i], count, 1);
            compare_size(&random, sizes[i], count, sizes[i] / 3 + 1);
            compare_size(&random, sizes[i], count, sizes[i]);
        }
    compare_size(&random, LEVELS_MAX, 2, 20);
}

/* Every second element gets the factor and no other changes, as often as one likes. */
static void compare_elements(const umi_kraus *kraus, const umi_kraus *turned, double complex factor)
{
    for (int a = 0; a < kraus->count; a++)
        for (int n = 0; n < kraus->levels; n++)
            for (int m = 0; m < kraus->levels; m++) {
                bool odd = (n - m + a) % 2 != 0;
                number want = operator_at(kraus, a, n, m) * (odd ? factor : 1);
                CHECK_CLOSE((double)cabsl(operator_at(turned, a, n, m) - want), 0, odd ? 2e-15 : 0);
            }
}

static void turns(void **unused)
{
    (void)unused;
    const int sizes[] = {1, 2, 5, 37};
    test_random random = {9};
    for (int i = 0; i < 4; i++)
        for (int count = 2; count <= 4; count += 2) {
            int levels = sizes[i];
            double complex frame[37];
            umi_kraus kraus = create_operators(&random, levels, count, levels / 3 + 1), turned = {0};
            for (double angle = 0.7; angle < 4; angle *= 2) {
                CHECK_OK(ctx, umi_kraus_turn(&kraus, cexp(-I * angle), &turned));
                turned.turn = NULL;
                compare_elements(&kraus, &turned, cexp(-I * angle));
                for (int k = 0; k < levels; k++) frame[k] = cexp(I * angle * k);
                turned.turn = frame;
                for (int kind = 0; kind < TEST_KINDS; kind++) {
                    um_state *in = create_state(&random, (test_kind)kind, levels, kind % 2 ? levels : 3);
                    compare(&turned, in, "in a frame that turned");
                    um_state_destroy(in);
                }
            }
            umi_kraus_free(&kraus);
            umi_kraus_free(&turned);
        }
}

/* The same elements in a window as large as the space. */
static um_state *create_unfolded(const um_state *from)
{
    um_state *state;
    CHECK_OK(ctx, um_state_create(ctx, from->levels, 2, from->quarter, from->phase, &state));
    CHECK_OK(ctx, umi_state_resize(state, from->levels, 0, from->levels, from->levels, 2));
    for (int plane = 0; plane < 2; plane++)
        for (int k = 0; k < from->levels; k++)
            for (int n = 0; n + k < from->levels; n++) {
                bool inside = plane < from->planes && k < from->orders && n >= from->first && n + k < from->last;
                umi_state_row(state, plane, k)[n] = inside ? umi_state_row(from, plane, k)[n] : 0;
            }
    umi_state_seal(state);
    return state;
}

/* Neither the window of the state nor what else is computed changes a bit, or what a kernel left behind. */
static void bits_stay(void **unused)
{
    (void)unused;
    enum { LEVELS = 45 };
    static number one[LEVELS * LEVELS], two[LEVELS * LEVELS];
    test_random random = {5};
    umi_kraus kraus = create_operators(&random, LEVELS, 2, 6);
    um_state *image[2];
    for (int i = 0; i < 2; i++) CHECK_OK(ctx, um_state_create(ctx, LEVELS, 2, 0, 0, &image[i]));
    for (int kind = 0; kind < TEST_KINDS; kind++) {
        um_state *in = create_state(&random, (test_kind)kind, LEVELS, 5), *same = create_unfolded(in);
        umi_traces traces = {.lowering = lowering_of};
        CHECK_OK(ctx, umi_kraus_apply(&kraus, in, image[0], NULL));
        for (size_t i = 0; i < kraus.scratch_size; i++) kraus.scratch[i] = NAN;
        CHECK_OK(ctx, umi_kraus_apply(&kraus, same, image[1], &traces));
        get_dense(image[0], one);
        get_dense(image[1], two);
        for (int i = 0; i < LEVELS * LEVELS; i++)
            if (one[i] != two[i]) fail_msg("%s state: element %d", test_kind_name((test_kind)kind), i);
        um_state_destroy(in);
        um_state_destroy(same);
    }
    for (int i = 0; i < 2; i++) um_state_destroy(image[i]);
    umi_kraus_free(&kraus);
}

/* A narrow band keeps narrow orders narrow. */
static void orders_stay_few(void **unused)
{
    (void)unused;
    test_random random = {6};
    umi_kraus kraus = create_operators(&random, 60, 2, 3);
    um_state *in = create_state(&random, TEST_MIXED, 60, 4), *out;
    CHECK_OK(ctx, um_state_create(ctx, 60, 2, 0, 0, &out));
    CHECK_OK(ctx, umi_kraus_apply(&kraus, in, out, NULL));
    assert_in_range(out->orders, 4, 4 + 2 * (3 + UMI_KRAUS_ROWS) + UMI_KRAUS_ROWS);
    um_state_destroy(in);
    um_state_destroy(out);
    umi_kraus_free(&kraus);
}

static long double column_norm(const umi_kraus *kraus, int n)
{
    long double sum = 0;
    for (int a = 0; a < kraus->count; a++)
        for (int m = 0; m < kraus->levels; m++)
            sum += creall(operator_at(kraus, a, m, n) * conjl(operator_at(kraus, a, m, n)));
    return sum;
}

/* Columns of norm 1 up to rounding are completed, others left alone, by at most a bit per element. */
static void columns_are_completed(void **unused)
{
    (void)unused;
    enum { LEVELS = 30 };
    test_random random = {7};
    umi_kraus kraus = create_operators(&random, LEVELS, 2, 8), same;
    CHECK_OK(ctx, umi_kraus_alloc(ctx, LEVELS, 2, &same));
    double before = 0, after = 0;
    for (int n = 0; n < LEVELS; n++) {
        double scale = (n % 5 ? 1 : 1 + 1e-14) / (double)sqrtl(column_norm(&kraus, n));
        for (int a = 0; a < 2; a++)
            for (int m = 0; m < LEVELS; m++) {
                size_t at = (size_t)m + (size_t)n * kraus.stride;
                same.re[a][at] = kraus.re[a][at] *= scale;
                same.im[a][at] = kraus.im[a][at] *= scale;
            }
        before = fmax(before, n % 5 ? (double)fabsl(column_norm(&kraus, n) - 1) : 0);
    }
    umi_kraus_complete(&kraus);
    for (int n = 0; n < LEVELS; n++) {
        if (n % 5) after = fmax(after, (double)fabsl(column_norm(&kraus, n) - 1));
        for (int a = 0; a < 2; a++)
            for (int m = 0; m < LEVELS; m++) {
                size_t at = (size_t)m + (size_t)n * kraus.stride;
                double allowed = n % 5 ? 0x1p-52 * cabs((double _Complex)operator_at(&same, a, m, n)) : 0;
                CHECK_CLOSE(kraus.re[a][at], same.re[a][at], allowed);
                CHECK_CLOSE(kraus.im[a][at], same.im[a][at], allowed);
            }
    }
    umi_kraus_free(&same);
    CHECK_AT_MOST(after, 5e-17);
    assert_true(before > 2e-16);
    /* Turning rounds each element for itself: what a column misses then has no sign. */
    umi_kraus turned = {0};
    double mean = 0;
    int count = 0;
    CHECK_OK(ctx, umi_kraus_pack(&kraus, 3e-17));
    for (int i = 1; i <= 20; i++) {
        CHECK_OK(ctx, umi_kraus_turn(&kraus, cexp(-I * i), &turned));
        for (int n = 0; n < LEVELS; n++, count++) {
            double missing = n % 5 ? (double)(column_norm(&turned, n) - 1) : 0;
            CHECK_CLOSE(missing, 0, 4e-16);
            mean += missing;
        }
    }
    CHECK_CLOSE(mean / count, 0, 2e-17);
    umi_kraus_free(&turned);
    umi_kraus_free(&kraus);
}

static void with_every_set(void (*test)(void **))
{
    for (umi_instructions set = 0; set < UMI_INSTRUCTIONS; set++) {
        if (!test_use_instructions(set)) continue;
        test(NULL);
    }
    unsetenv("UMASER_KERNEL");
}

static void agrees_with_every_set(void **unused)
{
    (void)unused;
    with_every_set(agrees);
}

static void bits_stay_with_every_set(void **unused)
{
    (void)unused;
    with_every_set(bits_stay);
}

int main(void)
{
    for (int n = 1; n <= LEVELS_MAX; n++) lowering_of[n] = cos(n) + 1.5;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(agrees_with_every_set, setup, teardown),
        cmocka_unit_test_setup_teardown(bits_stay_with_every_set, setup, teardown),
        cmocka_unit_test_setup_teardown(turns, setup, teardown),
        cmocka_unit_test_setup_teardown(orders_stay_few, setup, teardown),
        cmocka_unit_test_setup_teardown(columns_are_completed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
