/* A stage as the fast-forward engine sees it: images, inverses, functionals, and what is refused.
 * Elements of the stencils' generators are in test_generator*.c. */
#include "context.h"
#include "forward/forward.h"
#include "generator_cases.h"
#include "linalg/linalg.h"
#include "random_state.h"

static const double PLENTY = 1e9;

static um_model *rabi_model(um_battery_kind kind, int levels, double lambda, double c, double detuning,
                            um_frame frame)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.stages = &stage;
    spec.battery.kind = kind;
    spec.battery.levels = kind == UM_BATTERY_LADDER ? levels : UM_LEVELS_AUTO;
    spec.battery.frequency = 1.25;
    stage.atoms = (um_atoms){.q = 0.25, .c = c, .phase = 0.7, .detuning = detuning};
    stage.interaction.g = 0.4;
    stage.interaction.tau = 1.7;
    stage.interaction.counter_rotating = lambda;
    stage.stream.frame = frame;
    um_model *model;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    return model;
}

static umi_wide_vector vector(size_t size)
{
    umi_wide_vector made;
    CHECK_OK(ctx, umi_wide_vector_create(ctx, size, &made));
    return made;
}

static void fill(umi_wide_vector x, test_random *random)
{
    for (size_t i = 0; i < x.size; i++) {
        x.hi[i] = test_random_normal(random) / (double)x.size;
        x.lo[i] = x.hi[i] * 0x1p-54 * test_random_uniform(random);
    }
}

static double norm(umi_wide_vector x) { return sqrt(umi_wide_get(umi_wide_dot(x, x))); }

/* |(G - shift) x - b| / |b|, by images. */
static double residual(const umi_forward_operator *g, double shift, umi_wide_vector b,
                       umi_wide_vector x)
{
    umi_wide_vector r = vector(g->size + g->rim);
    CHECK_OK(ctx, g->apply(g->self, x, r));
    umi_wide_vector inside = r;
    inside.size = g->size;
    umi_wide_axpy(umi_wide_set(-shift), x, inside);
    umi_wide_axpy(umi_wide_set(-1), b, inside);
    double size = norm(inside) / norm(b);
    umi_wide_vector_free(ctx, &r);
    return size;
}

/* More shifts than are kept, some of them again. */
static void check_inverses(umi_forward_map *map, int count, double tolerance)
{
    static const double shifts[] = {1e-3, -2.001, 1e-4, 0.1, 1e-3, -2.1, 0.01, 1, 0.5, 0.3, 0.2, 1e-3};
    umi_forward_operator g = umi_forward_map_operator(map);
    test_random random = {3};
    umi_wide_vector b = vector(g.size), x = vector(g.size);
    assert_non_null(g.solve);
    for (int i = 0; i < count; i++) {
        fill(b, &random);
        for (size_t j = 0; j < x.size; j++) x.hi[j] = NAN; /* is only written */
        CHECK_OK(ctx, g.solve(g.self, shifts[i], b, x));
        CHECK_AT_MOST(residual(&g, shifts[i], b, x), tolerance);
    }
    for (size_t j = 0; j < b.size; j++) b.hi[j] = b.lo[j] = 0;
    CHECK_OK(ctx, g.solve(g.self, shifts[0], b, x));
    CHECK_AT_MOST(norm(x), 0);
    umi_wide_vector_free(ctx, &b);
    umi_wide_vector_free(ctx, &x);
}

/* |X|_tr <= norm_factor |x|, of random matrices and of the one where it is sharp. */
static void check_norm(const umi_layout *layout, double factor)
{
    int levels = layout->levels;
    size_t size = (size_t)levels;
    test_random random = {5};
    umi_wide_vector x = vector(umi_layout_size(layout));
    double *dense = calloc(2 * size * size, sizeof(double)), *values = calloc(size, sizeof(double));
    um_state *state;
    CHECK_OK(ctx, um_state_create(ctx, levels, 1, 0, 0, &state));
    for (int round = 0; round < 5; round++) {
        fill(x, &random);
        CHECK_OK(ctx, umi_layout_to_state(layout, x.hi, state));
        umi_state_pack(state, true, dense);
        CHECK_OK(ctx, umi_linalg_eigenvalues(ctx, state->planes, levels, dense, values));
        double sum = 0;
        for (int n = 0; n < levels; n++) sum += fabs(values[n]);
        CHECK_AT_MOST(sum, factor * norm(x) * (1 + 1e-14));
    }
    um_state_destroy(state);
    umi_wide_vector_free(ctx, &x);
    free(dense);
    free(values);
}

static void stencils(void **unused)
{
    (void)unused;
    enum { LEVELS = 12 };
    for (int i = 0; i < GENERATOR_CASES; i++) {
        const generator_case *it = generator_case_get(i);
        um_model *model = generator_case_model(ctx, it, LEVELS);
        for (int orders = 3; orders <= LEVELS; orders += LEVELS - 3) {
            umi_layout layout = {LEVELS, orders, generator_case_is_real(it) ? 1 : 2, false};
            umi_forward_map *map;
            CHECK_OK(ctx, umi_forward_map_create(ctx, model, 0, &layout, PLENTY, &map));
            const umi_layout *kept = umi_forward_map_layout(map);
            assert_true(kept->levels == layout.levels && kept->orders == layout.orders &&
                        kept->planes == layout.planes && kept->skew == layout.skew);
            const umi_generator *generator = umi_forward_map_generator(map);
            umi_forward_operator g = umi_forward_map_operator(map);
            assert_int_equal(g.size, generator->matrix.columns);
            assert_int_equal(g.size + g.rim, generator->matrix.rows);
            assert_ptr_equal(umi_forward_map_rates(map), generator->rate);
            check_inverses(map, 12, 1e-20);
            check_norm(&layout, g.norm_factor);
            umi_forward_map_destroy(map);
        }
        um_model_destroy(model);
    }
}

/* Populations alone, the imaginary part alone. */
static void parts(void **unused)
{
    (void)unused;
    const generator_case *it = generator_case_get(1);
    um_model *model = generator_case_model(ctx, it, 12);
    const umi_layout layouts[] = {{12, 1, 1, false}, {12, 12, 1, true}, {1, 1, 1, false}};
    for (int i = 0; i < 3; i++) {
        umi_forward_map *map;
        CHECK_OK(ctx, umi_forward_map_create(ctx, model, 0, &layouts[i], PLENTY, &map));
        check_inverses(map, 5, 1e-20);
        check_norm(&layouts[i], umi_forward_map_operator(map).norm_factor);
        umi_forward_map_destroy(map);
    }
    um_model_destroy(model);
}

/* One inverse at a time fits: the same answers. */
static void little_memory(void **unused)
{
    (void)unused;
    const generator_case *it = generator_case_get(0);
    um_model *model = generator_case_model(ctx, it, 12);
    umi_layout layout = {12, 12, 1, false};
    umi_forward_map *map;
    CHECK_STATUS(ctx, umi_forward_map_create(ctx, model, 0, &layout, 100, &map), UM_ERROR_MEMORY);
    assert_null(map);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "GB"));
    double bytes = 100;
    while (umi_forward_map_create(ctx, model, 0, &layout, bytes, &map) != UM_OK) bytes *= 1.3;
    check_inverses(map, 12, 1e-20);
    umi_forward_map_destroy(map);
    um_model_destroy(model);
}

/* Images and functionals of the Rabi map against the map itself. */
static void check_rabi_images(umi_forward_map *forward, um_map *map)
{
    umi_forward_operator g = umi_forward_map_operator(forward);
    const umi_layout *layout = umi_forward_map_layout(forward);
    const umi_wide_vector *rate = umi_forward_map_rates(forward);
    test_random random = {11};
    umi_wide_vector x = vector(g.size), y = vector(g.size), image = vector(g.size);
    um_state *in, *out;
    CHECK_OK(ctx, um_state_create(ctx, layout->levels, 1, 0, 0, &in));
    CHECK_OK(ctx, um_state_create(ctx, layout->levels, 1, 0, 0, &out));
    CHECK_OK(ctx, um_map_prepare(map, in));
    for (int round = 0; round < 3; round++) {
        um_outcome outcome;
        fill(x, &random);
        CHECK_OK(ctx, umi_layout_to_state(layout, x.hi, in));
        CHECK_OK(ctx, um_map_apply(map, in, out, &outcome));
        umi_layout_from_state(layout, out, image);
        CHECK_OK(ctx, g.apply(g.self, x, y));
        double scale = norm(x) * layout->levels;
        for (size_t i = 0; i < g.size; i++)
            CHECK_CLOSE(y.hi[i] + x.hi[i], image.hi[i], 4e-15 * scale);
        CHECK_CLOSE(umi_wide_get(umi_wide_dot(rate[UMI_RATE_CHANGE], x)), outcome.change, 1e-14 * scale);
        CHECK_CLOSE(umi_wide_get(umi_wide_dot(rate[UMI_RATE_SWITCHING], x)),
                    outcome.coupling_start - outcome.coupling_end, 1e-13 * scale);
    }
    umi_wide_vector_free(ctx, &x);
    umi_wide_vector_free(ctx, &y);
    umi_wide_vector_free(ctx, &image);
    um_state_destroy(in);
    um_state_destroy(out);
}

static void check_rabi(um_battery_kind kind, int levels, double lambda, double c, double detuning,
                       int inverses)
{
    um_model *model = rabi_model(kind, levels, lambda, c, detuning, UM_FRAME_LOCKED);
    um_map *map;
    CHECK_OK(ctx, um_map_create(ctx, model, 0, levels, &map));
    umi_layout layout = {levels, levels, 2, false};
    umi_forward_map *forward;
    CHECK_OK(ctx, umi_forward_map_create(ctx, model, 0, &layout, PLENTY, &forward));
    assert_null(umi_forward_map_generator(forward));
    check_rabi_images(forward, map);
    check_inverses(forward, inverses, 1e-20);
    check_norm(&layout, umi_forward_map_operator(forward).norm_factor);
    umi_forward_map_destroy(forward);
    um_map_destroy(map);
    um_model_destroy(model);
}

static void rabi(void **unused)
{
    (void)unused;
    check_rabi(UM_BATTERY_CAVITY, 9, 1, 1, 0, 12);
    check_rabi(UM_BATTERY_CAVITY, 9, 0.3, 0.6, 0.4, 3);
    check_rabi(UM_BATTERY_CAVITY, 8, 1, 0, -0.2, 3);
    check_rabi(UM_BATTERY_CAVITY, 1, 1, 1, 0, 3);
    check_rabi(UM_BATTERY_LADDER, 2, 1, 0.5, 0, 3);
    check_rabi(UM_BATTERY_LADDER, 7, 2, 1, 0.1, 3);
}

/* Beyond 64 levels in single precision. */
static void rabi_single(void **unused)
{
    (void)unused;
    if (test_effort() < 10) skip();
    check_rabi(UM_BATTERY_CAVITY, 66, 1, 1, 0, 2);
}

static void refuses(void **unused)
{
    (void)unused;
    umi_forward_map *map = (umi_forward_map *)&map;
    const umi_layout all = {6, 6, 2, false}, real = {6, 6, 1, false}, few = {6, 3, 2, false};
    const umi_layout many = {101, 101, 2, false};
    um_model *lab = rabi_model(UM_BATTERY_CAVITY, 0, 1, 1, 0, UM_FRAME_LAB);
    CHECK_STATUS(ctx, umi_forward_map_create(ctx, lab, 0, &all, PLENTY, &map), UM_ERROR_UNSUPPORTED);
    assert_null(map);
    assert_string_equal(um_context_get_error(ctx)->key, "stream.frame");
    um_model_destroy(lab);
    um_model *locked = rabi_model(UM_BATTERY_CAVITY, 0, 1, 1, 0, UM_FRAME_LOCKED);
    CHECK_STATUS(ctx, umi_forward_map_create(ctx, locked, 1, &all, PLENTY, &map), UM_ERROR_ARG);
    CHECK_STATUS(ctx, umi_forward_map_create(ctx, locked, 0, &real, PLENTY, &map), UM_ERROR_ARG);
    CHECK_STATUS(ctx, umi_forward_map_create(ctx, locked, 0, &few, PLENTY, &map), UM_ERROR_ARG);
    CHECK_STATUS(ctx, umi_forward_map_create(ctx, locked, 0, &many, PLENTY, &map),
                 UM_ERROR_UNSUPPORTED);
    /* No room for an inverse: images alone. */
    CHECK_OK(ctx, umi_forward_map_create(ctx, locked, 0, &all, 1000, &map));
    assert_null(umi_forward_map_operator(map).solve);
    umi_forward_map_destroy(map);
    umi_forward_map_destroy(NULL);
    um_model_destroy(locked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stencils),      cmocka_unit_test(parts), cmocka_unit_test(little_memory),
        cmocka_unit_test(rabi),          cmocka_unit_test(rabi_single),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
