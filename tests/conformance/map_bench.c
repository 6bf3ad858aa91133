#include "map_bench.h"

um_context *ctx;
const map_subject *subject;

const char *const bench_kernels[BENCH_KERNELS] = {NULL, "reference", "avx2", "avx512"};

um_model *bench_model(um_context *context, int levels)
{
    um_spec spec;
    um_model *model;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    subject->describe(levels, &spec, &stage);
    spec.stages = &stage;
    CHECK_OK(context, um_model_create(context, &spec, &model));
    return model;
}

um_map *bench_map(um_context *context, int levels)
{
    um_map *map;
    if (subject->create) {
        CHECK_OK(context, subject->create(context, levels, &map));
        return map;
    }
    um_model *model = bench_model(context, levels);
    CHECK_OK(context, um_map_create(context, model, 0, levels, &map));
    um_model_destroy(model);
    return map;
}

bench bench_lay_out(um_context *context, int levels, uint64_t seed)
{
    bench b = {.ctx = context, .levels = levels, .random = {seed}, .map = bench_map(context, levels)};
    CHECK_OK(context, um_state_create(context, levels, 2, 1, 0, &b.in));
    CHECK_OK(context, um_state_create(context, levels, 1, 2, 0.1, &b.out));
    CHECK_OK(context, um_state_create(context, levels, 2, 0, 0, &b.other));
    return b;
}

bench bench_lay_out_with(const char *kernel, int levels, uint64_t seed)
{
    const char *given = getenv("UMASER_KERNEL");
    char *kept = given ? strdup(given) : NULL;
    if (kernel) assert_int_equal(setenv("UMASER_KERNEL", kernel, 1), 0);
    bench b = bench_lay_out(ctx, levels, seed);
    if (kept) setenv("UMASER_KERNEL", kept, 1);
    else unsetenv("UMASER_KERNEL");
    free(kept);
    return b;
}

void bench_put_away(bench *b)
{
    um_state_destroy(b->in);
    um_state_destroy(b->out);
    um_state_destroy(b->other);
    um_map_destroy(b->map);
}

void bench_draw(bench *b, test_kind kind)
{
    um_state_destroy(b->in);
    b->in = test_random_state(b->ctx, &b->random, kind, b->levels);
    CHECK_OK(b->ctx, um_map_prepare(b->map, b->in));
}

int bench_count_kernels(void)
{
    bench b = bench_lay_out_with("reference", 2, 1);
    bool tuned = strcmp(um_map_get_info(b.map).kernel, "reference") == 0;
    bench_put_away(&b);
    return tuned ? BENCH_KERNELS : 1;
}

bool bench_is_due(int levels)
{
    if (levels == 1 && subject->finite) return false; /* a battery has two */
    return subject->largest == 0 || levels <= subject->largest || test_effort() >= 10;
}

int bench_room(int levels)
{
    return bench_is_due(levels) ? levels : subject->largest;
}

size_t bench_matrix_size(int levels) { return 2 * (size_t)levels * (size_t)levels; }

double *bench_matrix(const um_state *state)
{
    int levels = um_state_get_window(state).levels;
    size_t count = bench_matrix_size(levels);
    double *matrix = malloc(count * sizeof *matrix);
    um_state_get_matrix(state, 0, levels, matrix, matrix + count / 2);
    return matrix;
}

double bench_difference(const double *a, const double *b, size_t count)
{
    double largest = 0;
    for (size_t i = 0; i < count && !isnan(largest); i++)
        if (!(fabs(a[i] - b[i]) <= largest)) largest = fabs(a[i] - b[i]);
    return largest;
}

static void compare(const char *what, const char *name, double have, double want, double tolerance)
{
    bool same = isnan(want) ? isnan(have) : fabs(have - want) <= tolerance;
    if (!same) fail_msg("%s: %s = %.17g, expected %.17g", what, name, have, want);
}

void bench_compare_outcomes(const char *what, const um_outcome *have, const um_outcome *want, double tolerance)
{
    if (subject->atomless) {
        compare(what, "heat", have->heat, want->heat, tolerance);
        return;
    }
    compare(what, "excited", have->excited, want->excited, tolerance);
    compare(what, "change", have->change, want->change, tolerance);
    compare(what, "Re coherence", have->coherence_re, want->coherence_re, tolerance);
    compare(what, "Im coherence", have->coherence_im, want->coherence_im, tolerance);
    compare(what, "<V> at the start", have->coupling_start, want->coupling_start, tolerance);
    compare(what, "<V> at the end", have->coupling_end, want->coupling_end, tolerance);
    compare(what, "heat", have->heat, want->heat, tolerance);
}
