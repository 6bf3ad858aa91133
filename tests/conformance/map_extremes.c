/* What is not a number, numbers that hardly are, and how rounding adds up. */
#include "map_bench.h"

#include <fenv.h>

static bool is_finite(const um_state *state)
{
    double *matrix = bench_matrix(state);
    double difference = bench_difference(matrix, matrix, bench_matrix_size(um_state_get_window(state).levels));
    free(matrix);
    return difference == 0;
}

/* One poisoned element: the image shows it, or there is none. */
static void swallow(bench *b, int plane, int k, int n, double poison)
{
    um_outcome outcome;
    double *at = &umi_state_row(b->in, plane, k)[n], kept = *at;
    *at = poison;
    um_status status = um_map_apply(b->map, b->in, b->out, &outcome);
    if (status == UM_OK && is_finite(b->out))
        fail_msg("%g in element (%d, %d), plane %d: the image is finite", poison, n, n + k, plane);
    if (status == UM_OK && k == 0) {
        assert_false(isfinite(um_state_get_trace(b->out)));
        if (!subject->atomless) assert_false(isfinite(outcome.excited));
    }
    status = um_map_apply_adjoint(b->map, b->in, b->out);
    if (status == UM_OK && is_finite(b->out))
        fail_msg("%g in element (%d, %d), plane %d: the adjoint image is finite", poison, n, n + k, plane);
    *at = kept;
}

/* NaN and infinity run through; they do not crash and are not hidden, whatever kernel meets them. */
void poison_shows(void **unused)
{
    (void)unused;
    const double poisons[] = {NAN, INFINITY, -INFINITY};
    int levels = 9, kernels = bench_count_kernels();
    for (int which = 0; which < kernels; which++) {
        bench b = bench_lay_out_with(bench_kernels[which], levels, 5);
        bench_draw(&b, TEST_MIXED);
        for (int i = 0; i < 3; i++)
            for (int plane = 0; plane < b.in->planes; plane++)
                for (int k = plane; k < levels; k += 1 + !bench_is_due(1000))
                    for (int n = 0; n < levels - k; n += 1 + i) swallow(&b, plane, k, n, poisons[i]);
        bench_put_away(&b);
    }
}

/* Whether this thread still calculates below the smallest normal number. */
static bool keeps_denormals(void)
{
    volatile double small = 0x1p-1022;
    return small / 4 > 0;
}

/* M(2^-p rho) = 2^-p M(rho) down to the smallest numbers, and nothing traps. */
static void shrink(bench *b, test_kind kind, int power)
{
    bench_draw(b, kind);
    CHECK_OK(ctx, um_map_apply(b->map, b->in, b->out, NULL));
    double *want = bench_matrix(b->out);
    um_state_scale(b->in, ldexp(1, -power / 2));
    um_state_scale(b->in, ldexp(1, -(power - power / 2)));
    feclearexcept(FE_ALL_EXCEPT);
    CHECK_OK(ctx, um_map_apply(b->map, b->in, b->out, NULL));
    int raised = fetestexcept(FE_INVALID | FE_OVERFLOW);
    if (raised) fail_msg("a %s state times 2^-%d raises floating-point exceptions: %x", test_kind_name(kind), power,
                         (unsigned)raised);
    assert_true(keeps_denormals());
    double *have = bench_matrix(b->out);
    size_t count = bench_matrix_size(b->levels);
    for (size_t i = 0; i < count; i++) want[i] = ldexp(want[i], -power);
    double largest = bench_difference(have, want, count);
    /* Environments weigh by factors of many powers: what these lose on the way is below the smallest normal number. */
    double last_bit = subject->open ? 0x1p-1022 : 100 * 0x1p-1074;
    double allowed = ldexp(ROUNDING, -power) + b->levels * last_bit;
    if (!(largest <= allowed))
        fail_msg("a %s state times 2^-%d: off by %.3g, allowed %.3g", test_kind_name(kind), power, largest, allowed);
    free(want);
    free(have);
}

void denormals_count(void **unused)
{
    (void)unused;
    const int powers[] = {1015, 1030, 1060};
    int kernels = bench_count_kernels();
    for (int which = 0; which < kernels; which++) {
        bench b = bench_lay_out_with(bench_kernels[which], bench_room(17), 6);
        for (int kind = 0; kind < TEST_KINDS; kind++)
            for (int i = 0; i < 3; i++) shrink(&b, (test_kind)kind, powers[i]);
        bench_put_away(&b);
    }
}

static void put_at_bottom(bench *b)
{
    const double vacuum = 1;
    CHECK_OK(ctx, um_state_set_matrix(b->in, 1, &vacuum, NULL));
    CHECK_OK(ctx, um_map_prepare(b->map, b->in));
}

/* What rounding does to the trace, collision after collision, nothing put back: at most 1e-16 each. */
static void drift(bench *b, int collisions)
{
    double lost = 0, before = um_state_get_trace(b->in);
    um_outcome outcome;
    for (int i = 0; i < collisions; i++) {
        CHECK_OK(ctx, um_map_set_collision(b->map, i, 0.3 * i));
        CHECK_OK(ctx, um_map_apply(b->map, b->in, b->out, &outcome));
        if (subject->leaks) lost += outcome.error_bound;
        um_state *image = b->out;
        b->out = b->in;
        b->in = image;
    }
    double drift = um_state_get_trace(b->in) - before;
    print_message("%s (%s): trace drift %.2g in each of %d collisions, at most %.2g through the top\n",
                  subject->method, um_map_get_info(b->map).kernel, drift / collisions, collisions, lost);
    CHECK_AT_MOST(fabs(drift), 1e-16 * collisions + 4e-16 + lost);
}

void trace_does_not_drift(void **unused)
{
    (void)unused;
    int collisions = (subject->collisions ? subject->collisions : 10000) * test_effort();
    int kernels = bench_count_kernels(), levels = bench_room(subject->leaks ? 60 : 23);
    for (int which = 0; which < kernels; which++) {
        bench b = bench_lay_out_with(bench_kernels[which], levels, 8);
        bench_draw(&b, TEST_FOCK);
        if (subject->leaks) put_at_bottom(&b);
        drift(&b, collisions);
        bench_put_away(&b);
    }
}
