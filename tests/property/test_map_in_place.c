/* A collision in place is the collision: the same bits as in two states, whatever the window, whichever way the image goes,
 * whatever lies beside the window in memory, with the kernels of every instruction set. */
#include "base/base.h"
#include "check.h"
#include "instructions.h"
#include "map/map.h"
#include "random_state.h"
#include "released.h"
#include "state/state.h"

enum { LEVELS_MAX = 201, CHAIN = 5 };

typedef struct atoms_case {
    const char *name;
    double c, detuning, phase;
    bool in_place;
} atoms_case;

static int planes_drawn[2];

static const atoms_case cases[] = {
    {"pure", 1, 0, 0, true}, {"pure", 1, 0, 0.4, true}, {"mixed", 0.6, 0, 0, true}, {"mixed", 0.6, 0, 0.4, true},
    {"incoherent", 0, 0, 0, false}, {"detuned", 0.8, 0.7, 0, true}, {"detuned, pure", 1, 0.7, 0.4, true}};

static um_context *create_context(double place_least)
{
    um_context *ctx;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    ctx->place_least = place_least;
    return ctx;
}

static um_map *create_map(um_context *ctx, const atoms_case *it, int levels)
{
    um_spec spec;
    um_model *model;
    um_map *map;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.atoms = (um_atoms){.q = 0.3, .c = it->c, .phase = it->phase, .detuning = it->detuning};
    stage.interaction.theta = 0.9;
    if (it->detuning != 0) stage.interaction.tau = 1;
    spec.stages = &stage;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    CHECK_OK(ctx, um_map_create(ctx, model, 0, levels, &map));
    um_model_destroy(model);
    return map;
}

/* A random matrix in a random window, or the whole space; numbers that are none all around it in memory. */
static um_state *draw(um_context *ctx, test_random *random, const um_map *map, int levels, bool whole)
{
    size_t size = (size_t)levels * (size_t)levels;
    int first = !whole && test_random_integer(random, 0, 1) ? test_random_integer(random, 0, levels - 1) : 0;
    int last = !whole && test_random_integer(random, 0, 2) ? test_random_integer(random, first + 1, levels) : levels;
    int orders = last - first;
    if (!whole && test_random_integer(random, 0, 1)) orders = test_random_integer(random, 1, orders);
    bool real = test_random_integer(random, 0, 1);
    double *re = calloc(2 * size, sizeof *re), *im = re + size;
    assert_non_null(re);
    for (int n = first; n < last; n++)
        for (int m = n; m < umi_min(n + orders, last); m++) {
            size_t at = (size_t)(n * levels + m), mirror = (size_t)(m * levels + n);
            double x = test_random_normal(random), y = m > n ? test_random_normal(random) : 0;
            /* r is real where rho is i^(m-n) times something real. */
            int quarter = (m - n) & 3;
            if (real) y = 0;
            const double turned[4][2] = {{x, y}, {-y, x}, {-x, -y}, {y, -x}};
            re[at] = re[mirror] = turned[quarter][0];
            im[at] = turned[quarter][1];
            im[mirror] = -im[at];
        }
    um_state *drawn, *state;
    CHECK_OK(ctx, um_state_create(ctx, levels, 1, map->quarter, map->phase, &drawn));
    CHECK_OK(ctx, um_state_set_matrix(drawn, levels, re, im));
    um_window window = um_state_get_window(drawn);
    CHECK_OK(ctx, um_state_create(ctx, levels, window.planes, 0, 0, &state));
    CHECK_OK(ctx, umi_state_reserve(state, levels, levels, 2));
    CHECK_OK(ctx, umi_state_open(state, levels, levels));
    for (int p = 0; p < 2; p++)
        for (int i = 0; i < state->stride * state->orders_capacity; i++) state->plane[p][i] = NAN;
    CHECK_OK(ctx, um_state_copy(state, drawn));
    um_state_destroy(drawn);
    free(re);
    planes_drawn[window.planes - 1]++;
    return state;
}

static void check_same(const char *what, const um_state *a, const um_state *b)
{
    um_window have = um_state_get_window(a), want = um_state_get_window(b);
    assert_memory_equal(&have, &want, sizeof have);
    for (int p = 0; p < have.planes; p++)
        for (int k = 0; k < have.orders; k++)
            for (int n = have.first - 2; n < have.last - k + 2; n++)
                if (!(umi_state_row(a, p, k)[n] == umi_state_row(b, p, k)[n]))
                    fail_msg("%s, levels %d to %d, %d orders: plane %d, order %d, level %d: %g, not %g", what, have.first,
                             have.last - 1, have.orders, p, k, n, umi_state_row(a, p, k)[n], umi_state_row(b, p, k)[n]);
}

/* A few collisions of one state, up and down in memory, its window cut now and then. */
static void check_chain(const atoms_case *it, test_random *random, int levels, bool whole)
{
    um_context *ctx = create_context(1);
    um_map *map = create_map(ctx, it, levels);
    um_state *place = draw(ctx, random, map, levels, whole), *state, *image;
    CHECK_OK(ctx, um_state_create(ctx, levels, 1, 0, 0, &state));
    CHECK_OK(ctx, um_state_create(ctx, levels, 1, 0, 0, &image));
    CHECK_OK(ctx, um_state_copy(state, place));
    for (int i = 0; i < CHAIN; i++) {
        um_outcome want, have;
        bool works = it->in_place && place->last > place->first && (it->detuning == 0 || place->planes == 2);
        assert_int_equal(um_map_works_in_place(map, place), works);
        CHECK_OK(ctx, um_map_apply(map, state, image, &want));
        umi_state_swap(state, image);
        CHECK_OK(ctx, um_map_apply(map, place, place, i ? &have : NULL));
        if (works) assert_int_equal(place->slack, UMI_STATE_SLACK);
        if (i) assert_memory_equal(&have, &want, sizeof have);
        check_same(it->name, place, state);
        if (i % 2 == 0) continue;
        double tolerance = exp(-3 * test_random_uniform(random));
        CHECK_CLOSE(um_state_trim(place, tolerance), um_state_trim(state, tolerance), 0);
    }
    um_state_destroy(place);
    um_state_destroy(state);
    um_state_destroy(image);
    um_map_destroy(map);
    assert_int_equal(test_released(ctx), 0);
}

static void same_bits(void **unused)
{
    (void)unused;
    static const int sizes[] = {1, 2, 3, 8, 17, 31, 32, 33, 37, 64, 101, LEVELS_MAX};
    test_random random = {51};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t j = 0; j < sizeof cases / sizeof *cases; j++)
            for (int round = 0; round < 6 * test_effort(); round++) check_chain(&cases[j], &random, sizes[i], false);
    assert_true(planes_drawn[0] > 100 && planes_drawn[1] > 100);
}

/* So large that what is read is fetched ahead of time. */
static void large_states(void **unused)
{
    (void)unused;
    test_random random = {53};
    check_chain(&cases[0], &random, 1111, true);
    check_chain(&cases[2], &random, 1111, true);
    check_chain(&cases[5], &random, 801, true);
}

/* Any other way goes over a state that the map keeps: small states, several threads. */
static void not_where_it_is_not_worth_it(void **unused)
{
    (void)unused;
    static const double least[] = {1, 1e9, 1};
    test_random random = {52};
    for (int i = 0; i < 3; i++) {
        um_context *ctx;
        um_context_options options = {.threads = i < 2 ? 1 : 2};
        assert_int_equal(um_context_create(&options, &ctx), UM_OK);
        ctx->place_least = least[i];
        um_map *map = create_map(ctx, &cases[0], 37);
        um_state *state = draw(ctx, &random, map, 37, false), *image;
        CHECK_OK(ctx, um_state_create(ctx, 37, 1, 0, 0, &image));
        CHECK_OK(ctx, um_map_apply(map, state, image, NULL));
        size_t blocks = um_context_get_blocks(ctx);
        assert_int_equal(um_map_works_in_place(map, state), i == 0);
        CHECK_OK(ctx, um_map_apply(map, state, state, NULL));
        assert_int_equal(um_context_get_blocks(ctx) > blocks, i > 0);
        check_same("one way or the other", state, image);
        um_state_destroy(state);
        um_state_destroy(image);
        um_map_destroy(map);
        assert_int_equal(test_released(ctx), 0);
    }
}

/* With the kernels of every instruction set that is there. */
int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_bits), cmocka_unit_test(large_states),
                                       cmocka_unit_test(not_where_it_is_not_worth_it)};
    int failed = 0;
    for (umi_instructions set = 0; set < UMI_INSTRUCTIONS; set++)
        if (test_use_instructions(set)) failed += cmocka_run_group_tests(tests, NULL, NULL);
    return failed;
}
