/* What the functions of map.h refuse, and what they say about a map. What maps compute is in
 * tests/conformance and tests/exhaustive. */
#include "check.h"

static um_context *ctx;
static um_stage stage;
static um_spec spec;

static int begin(void **unused)
{
    (void)unused;
    um_spec_init(&spec);
    stage = *spec.stages;
    spec.stages = &stage;
    stage.interaction.theta = 0.5;
    stage.atoms.q = 0.25;
    return um_context_create(NULL, &ctx) == UM_OK ? 0 : 1;
}

static int end(void **unused)
{
    (void)unused;
    size_t blocks = um_context_get_blocks(ctx);
    um_context_destroy(ctx);
    return blocks ? 1 : 0;
}

static um_model *model(void)
{
    um_model *made;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &made));
    return made;
}

static void create_refuses(void **unused)
{
    (void)unused;
    um_model *m = model();
    um_map *map = (um_map *)&m;
    CHECK_STATUS(ctx, um_map_create(ctx, m, 1, 10, &map), UM_ERROR_ARG);
    assert_null(map);
    CHECK_STATUS(ctx, um_map_create(ctx, m, 0, 0, &map), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_map_create(ctx, m, 0, -3, &map), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_map_create(ctx, m, 0, UM_LEVELS_MAX + 1, &map), UM_ERROR_ARG);
    assert_null(map);
    assert_true(strlen(um_context_get_error(ctx)->message) > 0);
    CHECK_OK(ctx, um_map_create(ctx, m, 0, 1, &map));
    um_map_destroy(map);
    CHECK_OK(ctx, um_map_create(ctx, m, 0, UM_LEVELS_MAX, &map));
    assert_int_equal(um_map_get_info(map).levels, UM_LEVELS_MAX);
    um_map_destroy(map);
    um_map_destroy(NULL);
    um_model_destroy(m);
}

/* A custom battery has no more levels than it has. */
static void custom_has_an_end(void **unused)
{
    (void)unused;
    const double energies[] = {0, 1, 2.5}, lowering[] = {0, 1, 1};
    spec.battery.kind = UM_BATTERY_CUSTOM;
    spec.battery.levels = 3;
    spec.battery.energies = energies;
    spec.battery.lowering = lowering;
    stage.interaction.tau = 1;
    um_model *m = model();
    um_map *map;
    CHECK_STATUS(ctx, um_map_create(ctx, m, 0, 4, &map), UM_ERROR_ARG);
    CHECK_OK(ctx, um_map_create(ctx, m, 0, 3, &map));
    um_map_destroy(map);
    um_model_destroy(m);
}

static void unitary_refuses(void **unused)
{
    (void)unused;
    enum { LEVELS = 2, SIZE = 4 };
    double re[SIZE * SIZE] = {0}, im[SIZE * SIZE] = {0};
    const double lowering[LEVELS] = {0, 1};
    const um_atoms good = {.q = 0.5, .c = 1};
    um_map *map;
    for (int i = 0; i < SIZE; i++) re[i * (SIZE + 1)] = 1;
    CHECK_OK(ctx, um_map_create_unitary(ctx, LEVELS, re, im, &good, 1, lowering, 0, 0, &map));
    um_state *state;
    um_map *keep = map;
    um_outcome outcome;
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &state));
    um_state *out;
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &out));
    CHECK_OK(ctx, um_map_prepare(keep, state));
    CHECK_OK(ctx, um_map_apply(keep, state, out, &outcome));
    CHECK_CLOSE(outcome.coupling_start, 0, 0); /* g = 0 */
    CHECK_CLOSE(outcome.coupling_end, 0, 0);
    um_state_destroy(state);
    um_state_destroy(out);
    um_map_destroy(keep);

    re[5] = 1 + 1e-9; /* too far from unitary */
    CHECK_STATUS(ctx, um_map_create_unitary(ctx, LEVELS, re, im, &good, 1, lowering, 1, 0, &map),
                 UM_ERROR_ARG);
    assert_null(map);
    re[5] = 1 + 1e-12; /* near enough, and said */
    CHECK_OK(ctx, um_map_create_unitary(ctx, LEVELS, re, im, &good, 1, lowering, 1, 0, &map));
    CHECK_CLOSE(um_map_get_info(map).unitarity, 2e-12, 1e-14);
    um_map_destroy(map);
    re[5] = 1;
    const double poisons[] = {NAN, INFINITY};
    for (int i = 0; i < 2; i++) {
        im[2] = poisons[i];
        CHECK_STATUS(ctx, um_map_create_unitary(ctx, LEVELS, re, im, &good, 1, lowering, 1, 0, &map),
                     UM_ERROR_ARG);
    }
    im[2] = 0;
    CHECK_STATUS(ctx, um_map_create_unitary(ctx, 0, re, im, &good, 1, lowering, 1, 0, &map),
                 UM_ERROR_ARG);
}

static void kernels_are_named(void **unused)
{
    (void)unused;
    um_model *m = model();
    um_map *map;
    setenv("UMASER_KERNEL", "reference", 1);
    CHECK_OK(ctx, um_map_create(ctx, m, 0, 10, &map));
    assert_string_equal(um_map_get_info(map).kernel, "reference");
    um_map_destroy(map);
    setenv("UMASER_KERNEL", "no such thing", 1); /* then the machine's best, whatever that is */
    CHECK_OK(ctx, um_map_create(ctx, m, 0, 10, &map));
    um_map_info info = um_map_get_info(map);
    unsetenv("UMASER_KERNEL");
    um_map_destroy(map);
    CHECK_OK(ctx, um_map_create(ctx, m, 0, 10, &map));
    assert_string_equal(um_map_get_info(map).kernel, info.kernel);
    um_map_destroy(map);
    um_model_destroy(m);
}

/* The map outlives the model it was made of. */
static void model_is_not_kept(void **unused)
{
    (void)unused;
    um_model *m = model();
    um_map *map;
    um_state *in, *out;
    const double one = 1;
    CHECK_OK(ctx, um_map_create(ctx, m, 0, 4, &map));
    um_model_destroy(m);
    CHECK_OK(ctx, um_state_create(ctx, 4, 1, 0, 0, &in));
    CHECK_OK(ctx, um_state_create(ctx, 4, 1, 0, 0, &out));
    CHECK_OK(ctx, um_state_set_matrix(in, 1, &one, NULL));
    CHECK_OK(ctx, um_map_prepare(map, in));
    CHECK_OK(ctx, um_map_apply(map, in, out, NULL));
    CHECK_CLOSE(um_observe_energy(out, NULL), 0.75 * sin(0.5) * sin(0.5), 1e-15);
    um_state_destroy(in);
    um_state_destroy(out);
    um_map_destroy(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(create_refuses, begin, end),
        cmocka_unit_test_setup_teardown(custom_has_an_end, begin, end),
        cmocka_unit_test_setup_teardown(unitary_refuses, begin, end),
        cmocka_unit_test_setup_teardown(kernels_are_named, begin, end),
        cmocka_unit_test_setup_teardown(model_is_not_kept, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
