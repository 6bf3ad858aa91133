/* The same answer whichever kernel gives it, wherever in memory and in the space a state lies, in as many threads as
 * there are. */
#include "map_bench.h"

/* Images and adjoint images of a state of each kind. */
typedef struct album {
    size_t count;
    double *all;
    um_outcome outcome[TEST_KINDS];
} album;

static album make_album(bench *b)
{
    size_t one = bench_matrix_size(b->levels);
    album it = {.count = 2 * TEST_KINDS * one, .all = malloc(2 * TEST_KINDS * one * sizeof(double))};
    double *at = it.all;
    for (int kind = 0; kind < TEST_KINDS; kind++) {
        bench_draw(b, (test_kind)kind);
        CHECK_OK(b->ctx, um_map_set_collision(b->map, kind, 0.77 * kind));
        CHECK_OK(b->ctx, um_map_apply(b->map, b->in, b->out, &it.outcome[kind]));
        um_state_get_matrix(b->out, 0, b->levels, at, at + one / 2);
        CHECK_OK(b->ctx, um_map_apply_adjoint(b->map, b->in, b->out));
        um_state_get_matrix(b->out, 0, b->levels, at + one, at + one + one / 2);
        at += 2 * one;
    }
    return it;
}

static album make_album_with(const char *kernel, int levels)
{
    bench b = bench_lay_out_with(kernel, levels, (uint64_t)levels);
    if (kernel && strcmp(kernel, "reference") == 0)
        assert_string_equal(um_map_get_info(b.map).kernel, "reference");
    album it = make_album(&b);
    bench_put_away(&b);
    return it;
}

/* Every instruction set gives what the reference gives; sizes on both sides of vector lengths. */
void kernels_agree(void **unused)
{
    (void)unused;
    const int lengths[] = {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 37, 64, 65, 101, 201};
    int kernels = bench_count_kernels();
    for (size_t i = 0; kernels > 1 && i < sizeof lengths / sizeof *lengths; i++) {
        if (!bench_is_due(lengths[i])) continue;
        album want = make_album_with("reference", lengths[i]);
        for (int k = 0; k < kernels; k++) {
            if (k == 1) continue;
            char what[80];
            snprintf(what, sizeof what, "%d levels, kernel %s", lengths[i], k ? bench_kernels[k] : "chosen");
            album have = make_album_with(bench_kernels[k], lengths[i]);
            double difference = bench_difference(want.all, have.all, want.count);
            if (!(difference <= KERNEL_ROUNDING)) fail_msg("%s: off by %.3g", what, difference);
            for (int kind = 0; kind < TEST_KINDS; kind++)
                bench_compare_outcomes(what, &have.outcome[kind], &want.outcome[kind],
                                       KERNEL_ROUNDING * (1 + fabs(want.outcome[kind].coupling_start)));
            free(have.all);
        }
        free(want.all);
    }
}

/* ---- windows ---------------------------------------------------------------------------------- */

/* A mixed state of the levels first..last-1. */
static void draw_window(bench *b, int first, int last)
{
    int inner = last - first;
    size_t count = bench_matrix_size(inner), half = bench_matrix_size(b->levels) / 2;
    double *part = malloc(count * sizeof *part), *all = calloc(2 * half, sizeof *all);
    test_random_matrix(&b->random, TEST_MIXED, inner, part, part + count / 2);
    for (int n = 0; n < inner; n++)
        for (int m = 0; m < inner; m++) {
            size_t to = (size_t)((first + n) * b->levels + first + m), from = (size_t)(n * inner + m);
            all[to] = part[from];
            all[half + to] = part[count / 2 + from];
        }
    CHECK_OK(b->ctx, um_state_set_matrix(b->in, b->levels, all, all + half));
    CHECK_OK(b->ctx, um_map_prepare(b->map, b->in));
    free(part);
    free(all);
}

/* The whole space as the window, zeros stored where nothing was. */
static void widen(um_state *state)
{
    const um_window had = um_state_get_window(state);
    um_state *wide;
    CHECK_OK(ctx, um_state_create(ctx, had.levels, had.planes, state->quarter, state->phase, &wide));
    CHECK_OK(ctx, umi_state_resize(wide, had.levels, 0, had.levels, had.levels, had.planes));
    for (int p = 0; p < had.planes; p++)
        for (int k = 0; k < had.levels; k++)
            for (int n = 0; n < had.levels - k; n++) {
                bool inside = k < had.orders && n >= had.first && n + k < had.last;
                umi_state_row(wide, p, k)[n] = inside ? umi_state_row(state, p, k)[n] : 0;
            }
    umi_state_seal(wide);
    CHECK_OK(ctx, um_state_copy(state, wide));
    um_state_destroy(wide);
}

/* A window that begins at any level, of any length, is what the space with zeros around it is; an environment goes
 * through a larger space in other steps. */
void windows_begin_anywhere(void **unused)
{
    (void)unused;
    const int lengths[] = {1, 2, 7, 8, 9, 17};
    int kernels = bench_count_kernels(), room = bench_room(35);
    size_t count = bench_matrix_size(room);
    double tolerance = subject->open ? 4 * ROUNDING : ROUNDING;
    for (int k = 0; k < kernels; k++) {
        bench b = bench_lay_out_with(bench_kernels[k], room, 7);
        for (int first = 0; first < 17; first++)
            for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
                if (first + lengths[i] > room) continue;
                um_outcome narrow_outcome, wide_outcome;
                draw_window(&b, first, first + lengths[i]);
                CHECK_OK(ctx, um_map_apply(b.map, b.in, b.out, &narrow_outcome));
                double *narrow = bench_matrix(b.out);
                widen(b.in);
                CHECK_OK(ctx, um_map_apply(b.map, b.in, b.out, &wide_outcome));
                double *wide = bench_matrix(b.out), difference = bench_difference(narrow, wide, count);
                char what[80];
                snprintf(what, sizeof what, "levels %d to %d, kernel %s", first, first + lengths[i] - 1,
                         k ? bench_kernels[k] : "chosen");
                if (!(difference <= tolerance)) fail_msg("%s: off by %.3g", what, difference);
                bench_compare_outcomes(what, &narrow_outcome, &wide_outcome, tolerance);
                free(narrow);
                free(wide);
            }
        bench_put_away(&b);
    }
}

/* ---- memory ----------------------------------------------------------------------------------- */

/* Blocks that begin `offset` bytes after a multiple of 64, full of numbers that are none. */
static void *allocate(void *user, size_t bytes)
{
    enum { LINE = 64 };
    size_t offset = *(const size_t *)user;
    char *raw = malloc(bytes + 3 * LINE);
    if (!raw) return NULL;
    char *block = (char *)(((uintptr_t)raw + 2 * LINE) / LINE * LINE + offset);
    memset(block, 0xff, bytes);
    memcpy(block - sizeof raw, &raw, sizeof raw);
    return block;
}

static void release(void *user, void *block)
{
    char *raw;
    (void)user;
    memcpy(&raw, (char *)block - sizeof raw, sizeof raw);
    free(raw);
}

/* The state again in rows of another length, with something finite in what no one is to read. */
static void move(um_state *state, int more)
{
    um_state *moved;
    um_window w = um_state_get_window(state);
    CHECK_OK(state->ctx, um_state_create(state->ctx, w.levels, w.planes, 0, 0, &moved));
    CHECK_OK(state->ctx, umi_state_reserve(moved, w.last + more, w.orders + more, w.planes));
    size_t size = (size_t)moved->stride * (size_t)moved->orders_capacity;
    for (int p = 0; p < w.planes; p++)
        for (size_t i = 0; i < size; i++) moved->plane[p][i] = 1e100;
    CHECK_OK(state->ctx, um_state_copy(moved, state));
    CHECK_OK(state->ctx, umi_state_reserve(state, w.last + more, w.orders + more, w.planes));
    CHECK_OK(state->ctx, um_state_copy(state, moved));
    um_state_destroy(moved);
}

static album make_moved_album(size_t offset, int more, int levels)
{
    um_context *elsewhere;
    um_context_options options = {.allocate = allocate, .release = release, .user = &offset};
    assert_int_equal(um_context_create(&options, &elsewhere), UM_OK);
    bench b = bench_lay_out(elsewhere, levels, 11);
    size_t one = bench_matrix_size(levels);
    album it = {.count = TEST_KINDS * one, .all = malloc(TEST_KINDS * one * sizeof(double))};
    for (int kind = 0; kind < TEST_KINDS; kind++) {
        bench_draw(&b, (test_kind)kind);
        if (more) move(b.in, more);
        if (more) CHECK_OK(elsewhere, umi_state_reserve(b.out, levels + 2 * more, levels, 2));
        CHECK_OK(elsewhere, um_map_apply(b.map, b.in, b.out, &it.outcome[kind]));
        um_state_get_matrix(b.out, 0, levels, it.all + (size_t)kind * one, it.all + (size_t)kind * one + one / 2);
    }
    bench_put_away(&b);
    assert_int_equal(um_context_get_blocks(elsewhere), 0);
    um_context_destroy(elsewhere);
    return it;
}

/* No bit depends on where memory lies, what was in it, or how long the rows are. */
void memory_lies_anywhere(void **unused)
{
    (void)unused;
    const int levels = bench_room(19);
    album want = make_moved_album(0, 0, levels);
    for (int i = 1; i < 10; i++) {
        size_t offset = i < 8 ? 8 * (size_t)i : 0;
        album have = make_moved_album(offset, i < 3 ? 0 : 11 * (i - 2), levels);
        if (memcmp(want.all, have.all, want.count * sizeof(double)) != 0)
            fail_msg("blocks %zu bytes after a multiple of 64, longer rows %d: off by %.3g", offset, i,
                     bench_difference(want.all, have.all, want.count));
        assert_memory_equal(want.outcome, have.outcome, sizeof want.outcome);
        free(have.all);
    }
    free(want.all);
}

/* ---- threads ---------------------------------------------------------------------------------- */

static album make_shared_album(int threads, int levels)
{
    um_context *elsewhere;
    um_context_options options = {.threads = threads};
    assert_int_equal(um_context_create(&options, &elsewhere), UM_OK);
    elsewhere->part_least = 1;
    bench b = bench_lay_out(elsewhere, levels, 13);
    album it = make_album(&b);
    bench_put_away(&b);
    assert_int_equal(um_context_get_blocks(elsewhere), 0);
    um_context_destroy(elsewhere);
    return it;
}

/* No bit depends on how many threads share a collision, however small it is. */
void threads_do_not_matter(void **unused)
{
    (void)unused;
    const int lengths[] = {1, 2, 9, 37, 101}, threads[] = {2, 3, 5};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        if (!bench_is_due(lengths[i])) continue;
        album want = make_shared_album(1, lengths[i]);
        for (size_t j = 0; j < sizeof threads / sizeof *threads; j++) {
            album have = make_shared_album(threads[j], lengths[i]);
            if (memcmp(want.all, have.all, want.count * sizeof(double)) != 0)
                fail_msg("%d levels, %d threads: off by %.3g", lengths[i], threads[j],
                         bench_difference(want.all, have.all, want.count));
            assert_memory_equal(want.outcome, have.outcome, sizeof want.outcome);
            free(have.all);
        }
        free(want.all);
    }
}
