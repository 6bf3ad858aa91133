/* The generator of every stencil collision against the map itself, its trace in wide arithmetic,
 * its smallest elements, and what it refuses. Every element: test_generator_quad.c. */
#define _GNU_SOURCE /* sinf128 */
#include "context.h"
#include "generator_cases.h"
#include "map/generator.h"
#include "random_state.h"

typedef struct trial {
    const generator_case *it;
    umi_layout layout;
    um_model *model;
    um_map *map;
    umi_generator generator;
    um_state *in, *out;
    umi_wide_vector x, y, image;
} trial;

static umi_wide_vector vector(size_t size)
{
    umi_wide_vector made;
    CHECK_OK(ctx, umi_wide_vector_create(ctx, size, &made));
    return made;
}

static void begin(trial *t)
{
    CHECK_OK(ctx, um_map_create(ctx, t->model, 0, t->layout.levels, &t->map));
    CHECK_OK(ctx, umi_generator_create(ctx, t->model, 0, &t->layout, &t->generator));
    CHECK_OK(ctx, um_state_create(ctx, t->layout.levels, 1, 0, 0, &t->in));
    CHECK_OK(ctx, um_state_create(ctx, t->layout.levels, 1, 0, 0, &t->out));
    CHECK_OK(ctx, um_map_prepare(t->map, t->in));
    t->x = vector(t->generator.matrix.columns);
    t->y = vector(t->generator.matrix.rows);
    t->image = vector(t->generator.matrix.rows);
    assert_int_equal(t->x.size, umi_layout_size(&t->layout));
}

static void end(trial *t)
{
    umi_wide_vector_free(ctx, &t->x);
    umi_wide_vector_free(ctx, &t->y);
    umi_wide_vector_free(ctx, &t->image);
    um_state_destroy(t->in);
    um_state_destroy(t->out);
    umi_generator_free(ctx, &t->generator);
    um_map_destroy(t->map);
}

static double norm_of_top_row(const trial *t)
{
    double sum = 0;
    const umi_layout *layout = &t->layout;
    for (int k = layout->skew ? 1 : 0; k < layout->orders; k++)
        for (int plane = 0; plane < (k > 0 ? layout->planes : 1); plane++) {
            double r = t->x.hi[umi_layout_index(layout, plane, k, layout->levels - 1 - k)];
            sum += r * r;
        }
    return sqrt(sum);
}

/* <functional, x> against what the map says it did. */
static void check_rates(const trial *t, const um_outcome *outcome)
{
    const umi_wide_vector *rate = t->generator.rate;
    CHECK_CLOSE(umi_wide_get(umi_wide_dot(rate[UMI_RATE_CHANGE], t->x)), outcome->change, 1e-14);
    CHECK_CLOSE(umi_wide_get(umi_wide_dot(rate[UMI_RATE_SWITCHING], t->x)),
                outcome->coupling_start - outcome->coupling_end, 4e-14);
    CHECK_CLOSE(2 * t->generator.edge * norm_of_top_row(t), outcome->error_bound, 1e-14);
}

static void check_image(trial *t, test_random *random)
{
    double size = 0;
    for (size_t i = 0; i < t->x.size; i++) {
        t->x.hi[i] = test_random_normal(random);
        size += fabs(t->x.hi[i]);
    }
    for (size_t i = 0; i < t->x.size; i++) t->x.hi[i] /= size;
    CHECK_OK(ctx, umi_layout_to_state(&t->layout, t->x.hi, t->in));
    um_outcome outcome;
    CHECK_OK(ctx, um_map_apply(t->map, t->in, t->out, &outcome));
    umi_sparse_apply(&t->generator.matrix, t->x, t->y);
    umi_layout image = t->layout;
    if (t->y.size > t->x.size) image.orders++;
    assert_int_equal(umi_layout_size(&image), t->y.size);
    CHECK_AT_MOST(umi_layout_from_state(&image, t->out, t->image), 0);
    for (size_t i = 0; i < t->y.size; i++) {
        double before = i < t->x.size ? t->x.hi[i] : 0;
        if (!(fabs(umi_wide_get((umi_wide){t->y.hi[i], t->y.lo[i]}) + before - t->image.hi[i]) <= 1e-14))
            fail_msg("%s, %d levels, %d orders, %d planes%s: element %zu is %.17g, not %.17g",
                     t->it->name, t->layout.levels, t->layout.orders, t->layout.planes,
                     t->layout.skew ? " (skew)" : "", i, t->y.hi[i] + before, t->image.hi[i]);
    }
    check_rates(t, &outcome);
}

/* Calls `check` for every case, size of space and window that a generator can have. */
static void for_every_window(void (*check)(trial *t, test_random *random))
{
    static const int sizes[] = {1, 2, 3, 6, 11, 12};
    test_random random = {1};
    for (int i = 0; i < GENERATOR_CASES; i++)
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            trial t = {.it = generator_case_get(i)};
            t.model = generator_case_model(ctx, t.it, sizes[j]);
            if (!t.model) continue;
            bool real = generator_case_is_real(t.it), mixes = t.it->c * t.it->q * (1 - t.it->q) > 0;
            assert_int_equal(umi_generator_is_real(t.model, 0), real);
            assert_int_equal(umi_generator_mixes_orders(t.model, 0), mixes);
            for (int orders = 1; orders <= sizes[j]; orders++)
                for (int form = 0; form < 3; form++) { /* real part, both, imaginary part */
                    bool fits = form == 1 || real || (form == 0 && !mixes && orders == 1);
                    if (!fits) continue;
                    t.layout = (umi_layout){sizes[j], orders, form == 1 ? 2 : 1, form == 2};
                    begin(&t);
                    check(&t, &random);
                    end(&t);
                }
            um_model_destroy(t.model);
        }
}

static void is_the_map_less_one(void **unused)
{
    (void)unused;
    for_every_window(check_image);
}

/* Levels that are not equally spaced turn while no atom is there. */
static void empty_slots_turn(void **unused)
{
    (void)unused;
    test_random random = {2};
    for (int gap = 0; gap < 2; gap++) {
        generator_case it = {.name = "custom, uneven, empty slots", .kind = UM_BATTERY_CUSTOM, .q = 0.3,
                             .c = 0.8, .theta = 0.8, .tau = 1, .skewness = 0.03, .missing = 0.4,
                             .period = gap ? 2.7 : 1};
        trial t = {.it = &it, .layout = {6, 6, 2, false}, .model = generator_case_model(ctx, &it, 6)};
        begin(&t);
        check_image(&t, &random);
        end(&t);
        um_model_destroy(t.model);
    }
}

/* What a column gives to the populations adds up to nothing. */
static void check_trace(trial *t, test_random *random)
{
    (void)random;
    if (t->layout.skew) return;
    const umi_sparse *matrix = &t->generator.matrix;
    for (int n = 0; n < t->layout.levels; n++)
        for (int64_t i = matrix->start[n]; i < matrix->start[n + 1]; i++) {
            int32_t column = matrix->column[i];
            umi_wide sum = {t->image.hi[column], t->image.lo[column]};
            sum = umi_wide_add(sum, (umi_wide){matrix->hi[i], matrix->lo[i]});
            t->image.hi[column] = sum.hi;
            t->image.lo[column] = sum.lo;
        }
    for (size_t i = 0; i < matrix->columns; i++) CHECK_CLOSE(t->image.hi[i], 0, 5e-32);
}

static void keeps_the_trace(void **unused)
{
    (void)unused;
    for_every_window(check_trace);
}

/* Columns ascend, nothing is stored that is zero, lo is the tail of hi. */
static void check_form(trial *t, test_random *random)
{
    (void)random;
    const umi_sparse *matrix = &t->generator.matrix;
    assert_int_equal(matrix->start[0], 0);
    for (size_t row = 0; row < matrix->rows; row++)
        for (int64_t i = matrix->start[row]; i < matrix->start[row + 1]; i++) {
            if (i > matrix->start[row]) assert_true(matrix->column[i] > matrix->column[i - 1]);
            assert_true(matrix->column[i] >= 0 && (size_t)matrix->column[i] < matrix->columns);
            assert_true(matrix->hi[i] != 0);
            assert_true(matrix->hi[i] + matrix->lo[i] == matrix->hi[i]);
        }
}

static void is_well_formed(void **unused)
{
    (void)unused;
    for_every_window(check_form);
}

static um_model *resonant(double theta, double q, double c)
{
    generator_case it = {.name = "resonant", .q = q, .c = c, .theta = theta, .tau = 1};
    return generator_case_model(ctx, &it, 2);
}

static _Float128 element(const umi_sparse *matrix, size_t row, size_t column)
{
    for (int64_t i = matrix->start[row]; i < matrix->start[row + 1]; i++)
        if ((size_t)matrix->column[i] == column)
            return (_Float128)matrix->hi[i] + (_Float128)matrix->lo[i];
    return 0;
}

/* 1 - cos a cos b = sin^2((a+b)/2) + sin^2((a-b)/2): another way to the diagonal. */
static _Float128 loss(_Float128 a, _Float128 b)
{
    _Float128 sum = sinf128((a + b) / 2), difference = sinf128((a - b) / 2);
    return sum * sum + difference * difference;
}

static void small_elements_keep_their_digits(void **unused)
{
    (void)unused;
    enum { LEVELS = 9 };
    const double theta[] = {1e-3, 1e-8, 1e-14}; /* below 2e-15 every trap is exact */
    for (int i = 0; i < 3; i++) {
        um_model *model = resonant(theta[i], 0.25, 1);
        umi_layout layout = {LEVELS, LEVELS, 1, false};
        umi_generator generator;
        CHECK_OK(ctx, umi_generator_create(ctx, model, 0, &layout, &generator));
        for (int k = 0; k < LEVELS; k++)
            for (int n = 0; n + k + 1 < LEVELS; n++) {
                _Float128 t = theta[i];
                _Float128 ground = loss(t * sqrtf128(n), t * sqrtf128(n + k));
                _Float128 excited = loss(t * sqrtf128(n + 1), t * sqrtf128(n + k + 1));
                _Float128 expected = -(ground / 4 + 3 * excited / 4);
                size_t at = umi_layout_index(&layout, 0, k, n);
                _Float128 found = element(&generator.matrix, at, at);
                CHECK_CLOSE((double)(found / expected - 1), 0, 1e-31);
            }
        umi_generator_free(ctx, &generator);
        um_model_destroy(model);
    }
}

/* Levels below an exact trap do not touch those above; cosines there keep their sign. */
static void closed_traps_are_closed(void **unused)
{
    (void)unused;
    enum { LEVELS = 14, TRAP = 9 };
    _Float128 cosine[LEVELS + 1], sine[LEVELS + 1];
    for (int turns = 1; turns <= 2; turns++) {
        generator_case it = {.q = 0.25, .c = 1, .theta = NAN, .tau = NAN, .trap = TRAP,
                             .half_turns = turns};
        um_model *model = generator_case_model(ctx, &it, LEVELS);
        CHECK_OK(ctx, umi_generator_blocks(ctx, model, 0, LEVELS, cosine, sine));
        _Float128 theta = um_model_get_spec(model)->stages[0].interaction.theta;
        for (int n = 0; n < LEVELS; n++) {
            if (n == 0 || n == TRAP + 1) continue;
            CHECK_CLOSE((double)(sine[n] - sinf128(theta * sqrtf128(n))), 0, 1e-32);
            CHECK_CLOSE((double)(cosine[n] - cosf128(theta * sqrtf128(n))), 0, 1e-32);
        }
        assert_true(sine[0] == 0 && cosine[0] == 1 && sine[TRAP + 1] == 0);
        assert_true(cosine[TRAP + 1] == (turns == 1 ? -1 : 1));
        assert_true(sine[LEVELS] == 0 && cosine[LEVELS] == 1);
        /* At the top of the space. */
        CHECK_OK(ctx, umi_generator_blocks(ctx, model, 0, TRAP + 1, cosine, sine));
        assert_true(sine[TRAP + 1] == 0 && cosine[TRAP + 1] == (turns == 1 ? -1 : 1));
        um_model_destroy(model);
    }
    /* Detuned: what does not step stays, with the sign of its cosine. */
    generator_case it = {.q = 0.25, .c = 1, .detuning = 0.4, .theta = 2, .tau = 1.5};
    um_model *model = generator_case_model(ctx, &it, LEVELS);
    CHECK_OK(ctx, umi_generator_blocks(ctx, model, 0, LEVELS, cosine, sine));
    for (int n = 1; n < LEVELS; n++) {
        _Float128 turned = 2 * sqrtf128(n), tilt = (_Float128)0.4 * 1.5 / 2;
        _Float128 angle = sqrtf128(turned * turned + tilt * tilt);
        CHECK_CLOSE((double)(sine[n] - turned * sinf128(angle) / angle), 0, 1e-31);
        CHECK_CLOSE((double)(cosine[n] * cosine[n] + sine[n] * sine[n] - 1), 0, 1e-31);
        assert_true((cosine[n] > 0) == (cosf128(angle) > 0));
    }
    um_model_destroy(model);
}

static void refuses(void **unused)
{
    (void)unused;
    um_model *real = resonant(1, 0.25, 1);
    generator_case it = {.q = 0.25, .c = 1, .detuning = 0.4, .theta = 1, .tau = 1};
    um_model *detuned = generator_case_model(ctx, &it, 2);
    umi_generator generator;
    const umi_layout wrong[] = {
        {5, 0, 1, false}, {5, 6, 1, false}, {5, 5, 3, false}, {5, 5, 0, false}, {5, 5, 2, true}, {0, 0, 1, false}};
    for (int i = 0; i < 6; i++)
        CHECK_STATUS(ctx, umi_generator_create(ctx, real, 0, &wrong[i], &generator), UM_ERROR_ARG);
    const umi_layout plain = {5, 5, 1, false}, skew = {5, 5, 1, true};
    CHECK_STATUS(ctx, umi_generator_create(ctx, detuned, 0, &plain, &generator), UM_ERROR_ARG);
    CHECK_STATUS(ctx, umi_generator_create(ctx, detuned, 0, &skew, &generator), UM_ERROR_ARG);
    CHECK_STATUS(ctx, umi_generator_create(ctx, real, 1, &plain, &generator), UM_ERROR_ARG);
    const umi_layout huge = {20000, 20000, 1, false};
    CHECK_STATUS(ctx, umi_generator_create(ctx, real, 0, &huge, &generator), UM_ERROR_MEMORY);
    um_model_destroy(real);
    um_model_destroy(detuned);

    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.stages = &stage;
    stage.interaction.g = 0.3;
    stage.interaction.tau = 1;
    stage.interaction.counter_rotating = 1;
    um_model *rabi;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &rabi));
    _Float128 cosine[6], sine[6];
    CHECK_STATUS(ctx, umi_generator_create(ctx, rabi, 0, &plain, &generator), UM_ERROR_UNSUPPORTED);
    CHECK_STATUS(ctx, umi_generator_blocks(ctx, rabi, 0, 5, cosine, sine), UM_ERROR_UNSUPPORTED);
    assert_false(umi_generator_is_real(rabi, 0));
    um_model_destroy(rabi);
}

/* Elements stand one after the other, those of fewer orders first. */
static void layout_is_a_numbering(void **unused)
{
    (void)unused;
    for (int levels = 1; levels < 7; levels++)
        for (int form = 0; form < 3; form++) {
            umi_layout layout = {levels, levels, form == 1 ? 2 : 1, form == 2};
            size_t next = 0;
            for (int k = form == 2 ? 1 : 0; k < levels; k++) {
                umi_layout fewer = layout;
                fewer.orders = umi_max(k, 1);
                if (k > 0) assert_int_equal(umi_layout_size(&fewer), next);
                for (int plane = 0; plane < (k > 0 ? layout.planes : 1); plane++)
                    for (int n = 0; n < levels - k; n++)
                        assert_int_equal(umi_layout_index(&layout, plane, k, n), next++);
            }
            assert_int_equal(umi_layout_size(&layout), next);
        }
}

static void layout_takes_a_state_apart(void **unused)
{
    (void)unused;
    enum { LEVELS = 6 };
    test_random random = {7};
    um_state *state = test_random_state(ctx, &random, TEST_MIXED, LEVELS), *back;
    CHECK_OK(ctx, um_state_create(ctx, 2, 1, 1, 0.5, &back));
    double total = 0, held = 0;
    umi_layout layout = {LEVELS - 1, 3, 2, false};
    umi_wide_vector x = vector(umi_layout_size(&layout));
    for (int plane = 0; plane < 2; plane++)
        for (int k = 0; k < LEVELS; k++)
            for (int n = 0; n + k < LEVELS; n++) {
                double size = (k ? 2 : 1) * fabs(umi_state_row(state, plane, k)[n]);
                total += size;
                if (n + k < layout.levels && k < layout.orders) held += size;
            }
    x.lo[3] = 1; /* must go */
    CHECK_CLOSE(umi_layout_from_state(&layout, state, x), total - held, 1e-15);
    for (size_t i = 0; i < x.size; i++) CHECK_CLOSE(x.lo[i], 0, 0);
    CHECK_OK(ctx, umi_layout_to_state(&layout, x.hi, back));
    um_window window = um_state_get_window(back);
    assert_int_equal(window.levels, layout.levels);
    assert_int_equal(window.orders, layout.orders);
    assert_int_equal(window.planes, 2);
    assert_int_equal(back->quarter, 1);
    for (int k = 0; k < layout.orders; k++)
        for (int n = 0; n + k < layout.levels; n++)
            for (int plane = 0; plane < 2; plane++)
                CHECK_CLOSE(umi_state_row(back, plane, k)[n],
                            plane && k == 0 ? 0 : umi_state_row(state, plane, k)[n], 0);
    umi_wide_vector_free(ctx, &x);
    um_state_destroy(state);
    um_state_destroy(back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_map_less_one),
        cmocka_unit_test(empty_slots_turn),
        cmocka_unit_test(keeps_the_trace),
        cmocka_unit_test(is_well_formed),
        cmocka_unit_test(small_elements_keep_their_digits),
        cmocka_unit_test(closed_traps_are_closed),
        cmocka_unit_test(refuses),
        cmocka_unit_test(layout_is_a_numbering),
        cmocka_unit_test(layout_takes_a_state_apart),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
