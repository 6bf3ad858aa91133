/* A linear map is what it does to matrix units: all of them, small spaces, against the oracle. */
#include "map_bench.h"
#include "slow_map.h"

/* For the Hermitian unit of number i of a space: |n><m| + |m><n|, or i|n><m| - i|m><n|. */
typedef struct unit {
    int n, m;
    bool imaginary;
} unit;

typedef struct answer {
    double *image; /* as bench_matrix */
    um_outcome outcome;
} answer;

static int list_units(int levels, unit *units)
{
    int count = 0;
    for (int n = 0; n < levels; n++)
        for (int m = n; m < levels; m++) {
            units[count++] = (unit){n, m, false};
            if (n != m) units[count++] = (unit){n, m, true};
        }
    return count;
}

static void fill(const unit *of, int levels, double *matrix)
{
    size_t half = bench_matrix_size(levels) / 2;
    memset(matrix, 0, 2 * half * sizeof *matrix);
    double *part = of->imaginary ? matrix + half : matrix;
    part[of->n * levels + of->m] = 1;
    if (of->n != of->m) part[of->m * levels + of->n] = of->imaginary ? -1 : 1;
}

static answer ask_oracle(const slow_map *slow, int levels, double time, const unit *of)
{
    size_t count = bench_matrix_size(levels), half = count / 2;
    answer it = {.image = malloc(count * sizeof(double))};
    oracle_complex *before = oracle_matrix(levels), *after = oracle_matrix(levels);
    fill(of, levels, it.image);
    for (size_t i = 0; i < half; i++) before[i] = it.image[i] + 1.0iL * it.image[half + i];
    slow_map_apply(slow, time, before, after, &it.outcome);
    for (size_t i = 0; i < half; i++) {
        it.image[i] = (double)creall(after[i]);
        it.image[half + i] = (double)cimagl(after[i]);
    }
    free(before);
    free(after);
    return it;
}

static void compare(bench *b, const char *kernel, double time, const unit *of, const answer *want)
{
    char what[160];
    size_t count = bench_matrix_size(b->levels);
    double *matrix = malloc(count * sizeof *matrix);
    double tolerance = subject->tolerance > 0 ? subject->tolerance : 1e-13;
    um_outcome have;
    snprintf(what, sizeof what, "%d levels, kernel %s, time %g, unit %s(%d, %d)", b->levels,
             kernel ? kernel : "chosen", time, of->imaginary ? "i " : "", of->n, of->m);
    fill(of, b->levels, matrix);
    CHECK_OK(ctx, um_state_set_matrix(b->in, b->levels, matrix, matrix + count / 2));
    CHECK_OK(ctx, um_map_prepare(b->map, b->in));
    CHECK_OK(ctx, um_map_apply(b->map, b->in, b->out, &have));
    double *image = bench_matrix(b->out), difference = bench_difference(image, want->image, count);
    if (!(difference <= tolerance)) fail_msg("%s: the image is off by %.3g", what, difference);
    um_outcome expected = want->outcome;
    if (isnan(expected.coupling_start)) { /* at once: said to be unknown, or zero */
        expected.coupling_start = have.coupling_start;
        expected.coupling_end = have.coupling_end;
    }
    bench_compare_outcomes(what, &have, &expected, tolerance);
    free(matrix);
    free(image);
}

static void compare_all(int units_below, double time, int kernels)
{
    int levels = units_below + subject->margin;
    unit units[128];
    int count = list_units(units_below, units);
    um_model *model = bench_model(ctx, levels);
    slow_map *slow = slow_map_create(um_model_get_spec(model), levels);
    answer *answers = malloc(sizeof(answer) * (size_t)count);
    for (int i = 0; i < count; i++) answers[i] = ask_oracle(slow, levels, time, &units[i]);
    for (int k = 0; k < kernels; k++) {
        bench b = bench_lay_out_with(bench_kernels[k], levels, 1);
        CHECK_OK(ctx, um_map_set_collision(b.map, 3, time));
        for (int i = 0; i < count; i++) compare(&b, bench_kernels[k], time, &units[i], &answers[i]);
        bench_put_away(&b);
    }
    for (int i = 0; i < count; i++) free(answers[i].image);
    free(answers);
    slow_map_destroy(slow);
    um_model_destroy(model);
}

void matrix_units(void **unused)
{
    (void)unused;
    if (subject->unknown) return;
    int most = subject->units && test_effort() == 1 ? subject->units : 6, kernels = bench_count_kernels();
    for (int levels = subject->margin || !subject->finite ? 1 : 2; levels <= most; levels++) {
        compare_all(levels, 0, kernels);
        if (!subject->stationary) compare_all(levels, 1.7, kernels);
    }
}
