#include "map_bench.h"
#include "released.h"

static const int sizes[] = {1, 2, 3, 5, 8, 17, 37};
enum { SIZES = sizeof sizes / sizeof *sizes };

double map_conformance_even(int n) { return n; }

static int setup(void **state)
{
    (void)state;
    return um_context_create(NULL, &ctx) != UM_OK;
}

static int teardown(void **state)
{
    (void)state;
    return test_released(ctx);
}

typedef void (*body)(bench *b, test_kind kind);

/* Every size with every kind of state, at a few times where the map depends on it. */
static void for_all(body what)
{
    for (int i = 0; i < SIZES; i++) {
        if (!bench_is_due(sizes[i])) continue;
        bench b = bench_lay_out(ctx, sizes[i], 1 + (uint64_t)i);
        for (int kind = 0; kind < TEST_KINDS; kind++) {
            CHECK_OK(ctx, um_map_set_collision(b.map, kind, 0.77 * kind));
            bench_draw(&b, (test_kind)kind);
            what(&b, (test_kind)kind);
        }
        bench_put_away(&b);
    }
}

static size_t squared(int levels) { return bench_matrix_size(levels) / 2; }

/* Tr[A B] of two stored Hermitian matrices. */
static double trace_product(const double *a, const double *b, int levels)
{
    size_t count = squared(levels);
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += a[i] * b[i] + a[count + i] * b[count + i];
    return sum;
}

/* ------------------------------------------------------------------------------------------- */

static void says_what_it_is(void **unused)
{
    (void)unused;
    bench b = bench_lay_out(ctx, 8, 1);
    um_map_info info = um_map_get_info(b.map);
    assert_string_equal(info.method, subject->method);
    assert_int_equal(info.levels, 8);
    assert_int_equal(info.stationary, subject->stationary);
    if (subject->reach) assert_int_equal(info.reach, subject->reach);
    else assert_in_range(info.reach, 1, 8);
    assert_true(info.unitarity >= 0 && info.unitarity < 1e-10);
    assert_true(strlen(info.kernel) > 0);
    bench_put_away(&b);
}

/* M(0.3 rho + 0.7 sigma) = 0.3 M(rho) + 0.7 M(sigma) */
static void linear_body(bench *b, test_kind kind)
{
    size_t count = 2 * squared(b->levels);
    um_state *second = test_random_state(ctx, &b->random, (test_kind)((kind + 3) % TEST_KINDS),
                                         b->levels);
    CHECK_OK(ctx, um_map_prepare(b->map, second));
    double *mixture = bench_matrix(b->in), *part = bench_matrix(second);
    CHECK_OK(ctx, um_map_apply(b->map, b->in, b->out, NULL));
    double *image = bench_matrix(b->out);
    CHECK_OK(ctx, um_map_apply(b->map, second, b->out, NULL));
    double *image_part = bench_matrix(b->out);
    for (size_t i = 0; i < count; i++) {
        mixture[i] = 0.3 * mixture[i] + 0.7 * part[i];
        image[i] = 0.3 * image[i] + 0.7 * image_part[i];
    }
    CHECK_OK(ctx, um_state_set_matrix(b->other, b->levels, mixture, mixture + count / 2));
    CHECK_OK(ctx, um_map_prepare(b->map, b->other));
    CHECK_OK(ctx, um_map_apply(b->map, b->other, b->out, NULL));
    double *image_mixture = bench_matrix(b->out);
    CHECK_AT_MOST(bench_difference(image, image_mixture, count), ROUNDING);
    um_state_destroy(second);
    free(mixture);
    free(part);
    free(image);
    free(image_part);
    free(image_mixture);
}

static void linear(void **unused)
{
    (void)unused;
    for_all(linear_body);
}

static void trace_body(bench *b, test_kind kind)
{
    um_outcome outcome;
    CHECK_OK(ctx, um_map_apply(b->map, b->in, b->out, &outcome));
    double lost = um_state_get_trace(b->in) - um_state_get_trace(b->out);
    if (subject->finite) CHECK_AT_MOST(outcome.error_bound, ROUNDING);
    if (!(outcome.error_bound >= 0)) fail_msg("no bound for a %s state", test_kind_name(kind));
    CHECK_AT_MOST(fabs(lost), outcome.error_bound + ROUNDING);
    if (subject->atomless) return;
    assert_true(outcome.excited >= -ROUNDING && outcome.excited <= 1 + ROUNDING);
    double present = subject->present > 0 ? subject->present : 1;
    CHECK_CLOSE(outcome.change, present * (outcome.excited - subject->excited), ROUNDING);
    double coherence = hypot(outcome.coherence_re, outcome.coherence_im);
    CHECK_AT_MOST(coherence * coherence,
                  outcome.excited * (1 - outcome.excited) + outcome.error_bound + ROUNDING);
}

static void keeps_the_trace(void **unused)
{
    (void)unused;
    for_all(trace_body);
}

static void positive_body(bench *b, test_kind kind)
{
    (void)kind;
    double smallest = 0;
    CHECK_OK(ctx, um_map_apply(b->map, b->in, b->out, NULL));
    double *values = malloc(sizeof(double) * (size_t)b->levels);
    int count;
    CHECK_OK(ctx, um_observe_spectrum(b->out, values, &count));
    for (int i = 0; i < count; i++) smallest = fmin(smallest, values[i]);
    CHECK_AT_MOST(-smallest, ROUNDING);
    free(values);
}

static void positive(void **unused)
{
    (void)unused;
    for_all(positive_body);
}

/* Tr[M*(A) rho] = Tr[A M(rho)], A a state of another kind. */
static void adjoint_body(bench *b, test_kind kind)
{
    um_state *observable =
        test_random_state(ctx, &b->random, (test_kind)((kind + 5) % TEST_KINDS), b->levels);
    CHECK_OK(ctx, um_map_prepare(b->map, observable));
    CHECK_OK(ctx, um_map_apply(b->map, b->in, b->out, NULL));
    CHECK_OK(ctx, um_map_apply_adjoint(b->map, observable, b->other));
    double *rho = bench_matrix(b->in), *image = bench_matrix(b->out);
    double *a = bench_matrix(observable), *pulled = bench_matrix(b->other);
    CHECK_CLOSE(trace_product(pulled, rho, b->levels), trace_product(a, image, b->levels), ROUNDING);
    um_state_destroy(observable);
    free(rho);
    free(image);
    free(a);
    free(pulled);
}

static void adjoint(void **unused)
{
    (void)unused;
    for_all(adjoint_body);
}

static void matrix_body(bench *b, test_kind kind)
{
    (void)kind;
    if (b->levels > 8) return;
    size_t rows = squared(b->levels);
    double *re = malloc(rows * rows * sizeof *re), *im = malloc(rows * rows * sizeof *im);
    CHECK_OK(ctx, um_map_get_matrix(b->map, re, im));
    CHECK_OK(ctx, um_map_apply(b->map, b->in, b->out, NULL));
    double *rho = bench_matrix(b->in), *image = bench_matrix(b->out);
    for (size_t i = 0; i < rows; i++) {
        double sum_re = 0, sum_im = 0;
        for (size_t j = 0; j < rows; j++) {
            sum_re += re[i * rows + j] * rho[j] - im[i * rows + j] * rho[rows + j];
            sum_im += re[i * rows + j] * rho[rows + j] + im[i * rows + j] * rho[j];
        }
        CHECK_CLOSE(sum_re, image[i], ROUNDING);
        CHECK_CLOSE(sum_im, image[rows + i], ROUNDING);
    }
    free(re);
    free(im);
    free(rho);
    free(image);
}

static void matrix_is_apply(void **unused)
{
    (void)unused;
    for_all(matrix_body);
    bench b = bench_lay_out(ctx, 65, 1);
    double nothing;
    CHECK_STATUS(ctx, um_map_get_matrix(b.map, &nothing, &nothing), UM_ERROR_ARG);
    bench_put_away(&b);
}

/* Outside the window everything is exactly zero; it grows by no more than the reach. */
static void window_body(bench *b, test_kind kind)
{
    CHECK_OK(ctx, um_map_apply(b->map, b->in, b->out, NULL));
    um_window before = um_state_get_window(b->in), after = um_state_get_window(b->out);
    int reach = um_map_get_info(b->map).reach;
    assert_int_equal(after.levels, b->levels);
    assert_true(after.first >= 0 && after.last <= b->levels && after.orders <= b->levels);
    assert_true(subject->open || after.first >= before.first - reach);
    assert_true(after.last <= before.last + reach);
    double *image = bench_matrix(b->out);
    for (int n = 0; n < b->levels; n++)
        for (int m = 0; m < b->levels; m++) {
            bool inside = n >= after.first && m >= after.first && n < after.last &&
                          m < after.last && abs(n - m) < after.orders;
            size_t at = (size_t)(n * b->levels + m);
            if (!inside && (image[at] != 0 || image[squared(b->levels) + at] != 0))
                fail_msg("%s state of %d levels: (%d, %d) outside the window is not zero",
                         test_kind_name(kind), b->levels, n, m);
        }
    free(image);
}

static void window_holds_everything(void **unused)
{
    (void)unused;
    for_all(window_body);
}

/* The same bits whatever `out` held, with or without an outcome, and `in` unchanged. */
static void repeat_body(bench *b, test_kind kind)
{
    um_outcome first, second;
    size_t bytes = 2 * squared(b->levels) * sizeof(double);
    double *before = bench_matrix(b->in);
    CHECK_OK(ctx, um_map_apply(b->map, b->in, b->out, &first));
    double *image = bench_matrix(b->out);
    um_state *used = test_random_state(ctx, &b->random, TEST_MIXED, b->levels);
    um_state_scale(used, 1e300);
    CHECK_OK(ctx, um_map_apply(b->map, b->in, used, NULL));
    double *again = bench_matrix(used);
    assert_memory_equal(image, again, bytes);
    CHECK_OK(ctx, um_map_apply(b->map, b->in, used, &second));
    assert_memory_equal(&first, &second, sizeof first);
    double *after = bench_matrix(b->in);
    assert_memory_equal(before, after, bytes);
    um_state_destroy(used);
    free(before);
    free(image);
    free(again);
    free(after);
    (void)kind;
}

static void repeatable(void **unused)
{
    (void)unused;
    for_all(repeat_body);
}

/* dE_battery + dE_atom = <V>_start - <V>_end + heat */
static void ledger_body(bench *b, test_kind kind)
{
    (void)kind;
    um_outcome outcome;
    double *energies = malloc(sizeof(double) * (size_t)b->levels);
    for (int n = 0; n < b->levels; n++) energies[n] = subject->energy(n);
    CHECK_OK(ctx, um_map_apply(b->map, b->in, b->out, &outcome));
    if (!isnan(outcome.coupling_start)) {
        double battery =
            um_observe_energy(b->out, energies) - um_observe_energy(b->in, energies);
        double atom = subject->price * outcome.change;
        double work = outcome.coupling_start - outcome.coupling_end;
        double scale = 1 + energies[b->levels - 1] + fabs(outcome.coupling_start);
        if (!subject->open) CHECK_CLOSE(outcome.heat, 0, 0);
        /* What leaves through a truncated top takes its energy along: not counted there. */
        if (outcome.error_bound < 1e-15)
            CHECK_CLOSE(battery + atom, work + outcome.heat, ROUNDING * scale);
    }
    free(energies);
}

static void ledger_closes(void **unused)
{
    (void)unused;
    for_all(ledger_body);
}

/* Time and number of the collision change the map exactly when it says so. */
static void time_counts_or_not(void **unused)
{
    (void)unused;
    bench b = bench_lay_out(ctx, 8, 3);
    bench_draw(&b, TEST_MIXED);
    CHECK_OK(ctx, um_map_set_collision(b.map, 0, 0));
    CHECK_OK(ctx, um_map_apply(b.map, b.in, b.out, NULL));
    double *first = bench_matrix(b.out);
    CHECK_OK(ctx, um_map_set_collision(b.map, 1, 0.4));
    CHECK_OK(ctx, um_map_apply(b.map, b.in, b.out, NULL));
    double *second = bench_matrix(b.out);
    double difference = bench_difference(first, second, 2 * squared(8));
    if (subject->stationary) CHECK_AT_MOST(difference, 0);
    else assert_true(difference > 1e-4);
    CHECK_STATUS(ctx, um_map_set_collision(b.map, 0, NAN), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_map_set_collision(b.map, 0, INFINITY), UM_ERROR_ARG);
    free(first);
    free(second);
    bench_put_away(&b);
}

/* The image takes the place of the state, wherever the map made it. */
static void place_body(bench *b, test_kind kind)
{
    um_outcome want, have;
    (void)kind;
    CHECK_OK(ctx, um_state_copy(b->other, b->in));
    CHECK_OK(ctx, um_map_apply(b->map, b->in, b->out, &want));
    CHECK_OK(ctx, um_map_apply(b->map, b->other, b->other, &have));
    double *image = bench_matrix(b->out), *place = bench_matrix(b->other);
    assert_memory_equal(place, image, bench_matrix_size(b->levels) * sizeof *image);
    assert_memory_equal(&have, &want, sizeof have);
    free(image);
    free(place);
}

static void in_place(void **unused)
{
    (void)unused;
    for_all(place_body);
}

static void misuse_is_refused(void **unused)
{
    (void)unused;
    bench b = bench_lay_out(ctx, 5, 4);
    um_state *larger, *turned;
    bench_draw(&b, TEST_MIXED);
    CHECK_STATUS(ctx, um_map_apply_adjoint(b.map, b.in, b.in), UM_ERROR_ARG);
    assert_true(strlen(um_context_get_error(ctx)->message) > 0);
    CHECK_OK(ctx, um_state_create(ctx, 6, 1, 1, 0, &larger));
    CHECK_OK(ctx, um_map_prepare(b.map, larger));
    CHECK_STATUS(ctx, um_map_apply(b.map, larger, b.out, NULL), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_map_apply(b.map, larger, larger, NULL), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_map_apply_adjoint(b.map, larger, b.out), UM_ERROR_ARG);
    CHECK_OK(ctx, um_state_create(ctx, 5, 2, 3, 2.22, &turned));
    CHECK_STATUS(ctx, um_map_apply(b.map, turned, b.out, NULL), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_map_apply_adjoint(b.map, turned, b.out), UM_ERROR_ARG);
    um_state_destroy(larger);
    um_state_destroy(turned);
    bench_put_away(&b);
}

/* An empty state stays empty. */
static void nothing_gives_nothing(void **unused)
{
    (void)unused;
    bench b = bench_lay_out(ctx, 5, 4);
    um_outcome outcome;
    um_state *empty;
    CHECK_OK(ctx, um_state_create(ctx, 5, 1, 0, 0, &empty));
    CHECK_OK(ctx, um_map_prepare(b.map, empty));
    CHECK_OK(ctx, um_map_apply(b.map, empty, b.out, &outcome));
    CHECK_CLOSE(um_state_get_trace(b.out), 0, 0);
    if (!subject->atomless) CHECK_CLOSE(outcome.excited, 0, 0);
    CHECK_CLOSE(um_observe_purity(b.out), 0, 0);
    um_state_destroy(empty);
    bench_put_away(&b);
}

int map_conformance_main(const map_subject *the_subject)
{
    subject = the_subject;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_it_is),    cmocka_unit_test(linear),
        cmocka_unit_test(keeps_the_trace),    cmocka_unit_test(positive),
        cmocka_unit_test(adjoint),            cmocka_unit_test(matrix_is_apply),
        cmocka_unit_test(window_holds_everything), cmocka_unit_test(repeatable),
        cmocka_unit_test(ledger_closes),      cmocka_unit_test(time_counts_or_not),
        cmocka_unit_test(misuse_is_refused),  cmocka_unit_test(nothing_gives_nothing), cmocka_unit_test(in_place),
        cmocka_unit_test(matrix_units),       cmocka_unit_test(kernels_agree),
        cmocka_unit_test(windows_begin_anywhere), cmocka_unit_test(memory_lies_anywhere), cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(poison_shows),       cmocka_unit_test(denormals_count),
        cmocka_unit_test(trace_does_not_drift),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
