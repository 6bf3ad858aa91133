/* Maps with random numbers: the same number of a collision gives the same collision, and their mean is the
 * averaged map. */
#include "context.h"
#include "random_state.h"

enum { LEVELS = 16, COUNT = LEVELS * LEVELS, SEEDS = 4000 };

static um_stage stage_of(void)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.collisions = 1;
    stage.atoms = (um_atoms){.q = 0.3, .c = 0.9, .phase = 0.4};
    stage.interaction.g = 1.1;
    stage.interaction.tau = 0.9;
    return stage;
}

static um_status try_map(const um_stage *stage, uint64_t seed, um_map **map)
{
    um_spec spec;
    um_model *model;
    um_spec_init(&spec);
    spec.stages = stage;
    spec.seed = seed;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    um_status status = um_map_create(ctx, model, 0, LEVELS, map);
    um_model_destroy(model);
    return status;
}

static um_map *make_map(const um_stage *stage, uint64_t seed)
{
    um_map *map;
    CHECK_OK(ctx, try_map(stage, seed, &map));
    return map;
}

static bool is_mappable(const um_stage *stage, uint64_t seed)
{
    um_map *map;
    bool made = try_map(stage, seed, &map) == UM_OK;
    um_map_destroy(map);
    return made;
}

typedef struct image {
    double element[2 * COUNT];
    um_outcome outcome;
} image;

/* Collision number `collision`: what it makes of a fixed state with room at the top. */
static image collide(um_map *map, int64_t collision)
{
    image it;
    um_state *in, *out;
    test_random random = {5};
    double re[16], im[16];
    test_random_matrix(&random, TEST_MIXED, 4, re, im);
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 2, 0, 0, &in));
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 2, 0, 0, &out));
    CHECK_OK(ctx, um_state_set_matrix(in, 4, re, im));
    CHECK_OK(ctx, um_map_prepare(map, in));
    CHECK_OK(ctx, um_map_set_collision(map, collision, 0.7 * (double)collision));
    CHECK_OK(ctx, um_map_apply(map, in, out, &it.outcome));
    um_state_get_matrix(out, 0, LEVELS, it.element, it.element + COUNT);
    um_state_destroy(in);
    um_state_destroy(out);
    return it;
}

static double distance(const image *a, const image *b)
{
    double largest = 0;
    for (int i = 0; i < 2 * COUNT; i++) largest = fmax(largest, fabs(a->element[i] - b->element[i]));
    return largest;
}

static void same_bits(const image *a, const image *b)
{
    assert_memory_equal(a->element, b->element, sizeof a->element);
    assert_memory_equal(&a->outcome, &b->outcome, sizeof a->outcome);
}

/* All kinds of scatter, one after the other, and all together. */
enum { KINDS = 11 };

static um_stage kind_of(int kind)
{
    um_stage stage = stage_of();
    um_imperfections *scatter = &stage.imperfections;
    scatter->draw = UM_DRAW_RANDOM;
    if (kind == 0 || kind == 7) scatter->theta_spread = 0.1;
    if (kind == 1 || kind == 7) scatter->phase_spread = 0.8;
    if (kind == 2 || kind == 7) scatter->q_spread = 0.4;
    if (kind == 3 || kind == 7) scatter->detuning_spread = 0.9;
    if (kind == 4 || kind == 7) stage.stream.atom_probability = 0.7;
    if (kind == 5 || kind == 7 || kind == 8) {
        stage.stream.arrivals = UM_ARRIVALS_POISSON;
        stage.stream.period = 2;
        stage.environment.kappa = 0.5;
        stage.environment.n_th = 0.1;
        stage.environment.during_collision = kind == 8;
    }
    if (kind == 6) scatter->theta_law = UM_SPREAD_MAXWELL;
    if (kind == 8 || kind == 9) scatter->theta_spread = 0.1;
    if (kind == 9) { /* no gap: the next atom comes when one leaves, early or late */
        stage.stream.period = stage.interaction.tau;
        stage.environment = (um_environment){.kappa = 0.5, .n_th = 0.1, .during_collision = true};
    }
    if (kind == 10) { /* the same dynamics for all */
        scatter->phase_spread = 0.8;
        scatter->q_spread = 0.4;
        stage.stream.atom_probability = 0.7;
        stage.environment = (um_environment){.kappa = 0.5, .n_th = 0.1, .atom_decay = 0.2, .during_collision = true};
    }
    return stage;
}

/* Drawn by itself, or for the whole run: an environment that would have to act for a negative time. */
static void times_beyond_the_period(void **unused)
{
    (void)unused;
    um_stage stage = kind_of(0);
    stage.stream.period = 1;
    stage.environment = (um_environment){.kappa = 0.1, .n_th = 0.1};
    for (int inside = 0; inside < 2; inside++) {
        stage.environment.during_collision = inside;
        stage.imperfections.draw = UM_DRAW_RANDOM;
        um_map *map = make_map(&stage, 1);
        um_status status = UM_OK;
        int64_t collision = 0;
        for (; status == UM_OK && collision < 1000; collision++)
            status = um_map_set_collision(map, collision, (double)collision);
        const um_error *error = um_context_get_error(ctx);
        assert_int_equal(status, UM_ERROR_UNSUPPORTED);
        assert_string_equal(error->key, "stream.period");
        assert_int_equal(error->collision, collision);
        um_map_destroy(map);
        int refused = 0;
        stage.imperfections.draw = UM_DRAW_FROZEN;
        for (uint64_t seed = 0; seed < 60; seed++) refused += !is_mappable(&stage, seed);
        assert_in_range(refused, 1, 30); /* one in nine */
    }
    /* Waiting begins when the atom has left; without an environment nothing needs the gap. */
    stage.imperfections.draw = UM_DRAW_RANDOM;
    um_stage free = stage, waits = stage;
    free.environment = (um_environment){0};
    waits.stream.arrivals = UM_ARRIVALS_POISSON;
    for (int i = 0; i < 2; i++) {
        um_map *map = make_map(i ? &free : &waits, 1);
        for (int64_t k = 0; k < 100; k++) CHECK_OK(ctx, um_map_set_collision(map, k, (double)k));
        um_map_destroy(map);
    }
}

static void number_of_the_collision_decides(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < KINDS; kind++) {
        um_stage stage = kind_of(kind);
        um_map *a = make_map(&stage, 3), *b = make_map(&stage, 3), *c = make_map(&stage, 4);
        assert_false(um_map_get_info(a).stationary);
        image first[16], other;
        int differ = 0, of_seed = 0;
        for (int k = 0; k < 16; k++) first[k] = collide(a, k);
        for (int k = 15; k >= 0; k--) {
            image again = collide(b, k);
            same_bits(&again, &first[k]);
            other = collide(c, k);
            of_seed += distance(&other, &first[k]) > 1e-6;
            if (k > 0) differ += distance(&first[k - 1], &first[k]) > 1e-6;
        }
        int least = kind == 4 ? 2 : kind == 10 ? 8 : 15; /* two empty slots are alike */
        if (differ < least || of_seed < least) fail_msg("kind %d: %d, %d differ", kind, differ, of_seed);
        um_map_destroy(a);
        um_map_destroy(b);
        um_map_destroy(c);
    }
}

/* Collisions 0, 1, 2, ... of one run: each element's mean is that of the averaged map within three standard
 * errors of its own (as rare as one in 370 for one number: the largest of all gets more room). */
static void mean_is_the_average(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < KINDS; kind++) {
        um_stage stage = kind_of(kind);
        int count = kind >= 8 ? SEEDS / 10 : SEEDS * test_effort();
        um_map *drawn = make_map(&stage, 1);
        stage.imperfections.draw = UM_DRAW_AVERAGE;
        um_map *averaged = make_map(&stage, 1);
        image want = collide(averaged, 0);
        double sum[2 * COUNT + 5] = {0}, squares[2 * COUNT + 5] = {0}, present = 0;
        for (int k = 0; k < count; k++) {
            image one = collide(drawn, k);
            const um_outcome *o = &one.outcome;
            double all[2 * COUNT + 5];
            memcpy(all, one.element, sizeof one.element);
            double extra[5] = {o->change, o->coupling_start, o->coupling_end, o->heat, o->present};
            memcpy(all + 2 * COUNT, extra, sizeof extra);
            for (int i = 0; i < 2 * COUNT + 5; i++) {
                sum[i] += all[i] / count;
                squares[i] += all[i] * all[i] / count;
            }
            present += o->present;
        }
        const um_outcome *o = &want.outcome;
        double extra[5] = {o->change, o->coupling_start, o->coupling_end, o->heat, o->present};
        double outside = 0;
        for (int i = 0; i < 2 * COUNT + 5; i++) {
            double mean = i < 2 * COUNT ? want.element[i] : extra[i - 2 * COUNT];
            double error = sqrt(fmax(squares[i] - sum[i] * sum[i], 0) / count) + 1e-15;
            if (fabs(sum[i] - mean) > 3 * error) outside++;
            if (!(fabs(sum[i] - mean) <= 4.2 * error))
                fail_msg("kind %d, number %d: mean %.9g +- %.2g, averaged %.9g", kind, i, sum[i], error, mean);
        }
        assert_true(outside <= 3);
        CHECK_CLOSE(present / count, stage.stream.atom_probability, 0.05);
        um_map_destroy(drawn);
        um_map_destroy(averaged);
    }
}

static void waiting_times_are_told(void **unused)
{
    (void)unused;
    um_stage stage = kind_of(5);
    um_map *map = make_map(&stage, 2);
    double sum = 0, squares = 0;
    enum { MANY = 2000 };
    for (int k = 0; k < MANY; k++) {
        double wait = collide(map, k).outcome.duration - 0.9;
        assert_true(wait > 0);
        sum += wait / MANY;
        squares += wait * wait / MANY;
    }
    CHECK_CLOSE(sum, 1.1, 3 * 1.1 / sqrt(MANY));
    CHECK_CLOSE(squares, 2 * 1.1 * 1.1, 3 * sqrt(20.) * 1.1 * 1.1 / sqrt(MANY));
    um_map_destroy(map);
    stage = kind_of(0);
    map = make_map(&stage, 2);
    assert_true(isnan(collide(map, 1).outcome.duration));
    um_map_destroy(map);
}

/* An empty slot: no atom, no work, nothing but what the environment does. */
static void empty_slots(void **unused)
{
    (void)unused;
    um_stage stage = kind_of(4);
    um_map *map = make_map(&stage, 1);
    image unchanged;
    bool found = false;
    for (int k = 0; k < 40; k++) {
        image one = collide(map, k);
        assert_true(one.outcome.present == 0 || one.outcome.present == 1);
        if (one.outcome.present == 1) continue;
        if (found) assert_memory_equal(unchanged.element, one.element, sizeof one.element);
        unchanged = one;
        found = true;
        assert_true(one.outcome.change == 0 && one.outcome.coupling_start == 0);
        assert_true(one.outcome.coupling_end == 0 && isnan(one.outcome.excited));
    }
    assert_true(found);
    um_map_destroy(map);
}

/* One value for the run: the map is stationary, another seed gives another one, and it is none of those that
 * collisions draw. */
static void frozen(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < 4; kind++) {
        um_stage stage = kind_of(kind);
        stage.imperfections.draw = UM_DRAW_FROZEN;
        um_map *a = make_map(&stage, 1), *b = make_map(&stage, 1), *c = make_map(&stage, 2);
        assert_true(um_map_get_info(a).stationary);
        image first = collide(a, 0), later = collide(a, 9), again = collide(b, 3), other = collide(c, 0);
        same_bits(&first, &later);
        same_bits(&first, &again);
        assert_true(distance(&first, &other) > 1e-6);
        stage.imperfections.draw = UM_DRAW_RANDOM;
        um_map *fresh = make_map(&stage, 1);
        image one = collide(fresh, 0);
        assert_true(distance(&first, &one) > 1e-6);
        um_map_destroy(fresh);
        um_map_destroy(a);
        um_map_destroy(b);
        um_map_destroy(c);
    }
}

/* Spreads that go to zero leave the plain collision, an exact trap included. */
static void small_spreads_do_nothing(void **unused)
{
    (void)unused;
    for (int draw = UM_DRAW_AVERAGE; draw <= UM_DRAW_FROZEN; draw++)
        for (int trap = 0; trap < 2; trap++) {
            um_stage stage = stage_of();
            if (trap) stage.interaction = (um_interaction){.theta = M_PI / 2, .g = NAN, .tau = 0.9};
            um_map *plain = make_map(&stage, 1);
            stage.imperfections = (um_imperfections){.theta_spread = 1e-14, .phase_spread = 1e-14,
                                                     .q_spread = 1e-14, .detuning_spread = 1e-14,
                                                     .draw = (um_draw)draw};
            um_map *spread = make_map(&stage, 1);
            image a = collide(plain, 1), b = collide(spread, 1);
            CHECK_AT_MOST(distance(&a, &b), 2e-13);
            um_map_destroy(plain);
            um_map_destroy(spread);
        }
}

/* Beyond an exact trap nothing comes; with a spread s about (1-q) (pi s)^2 of the trap's population per
 * collision with incoherent atoms does. */
static void a_trap_leaks(void **unused)
{
    (void)unused;
    const double spreads[] = {0, 1e-6, 1e-3};
    for (int i = 0; i < 3; i++) {
        um_stage stage = stage_of();
        stage.atoms = (um_atoms){.q = 0.3};
        stage.interaction = (um_interaction){.theta = M_PI / 2, .g = NAN, .tau = 1};
        stage.imperfections.theta_spread = spreads[i];
        um_map *map = make_map(&stage, 1);
        double s = spreads[i];
        um_state *in, *out;
        double re[COUNT] = {0}, im[COUNT] = {0};
        re[3 * LEVELS + 3] = 1;
        CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &in));
        CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &out));
        CHECK_OK(ctx, um_state_set_matrix(in, LEVELS, re, im));
        CHECK_OK(ctx, um_map_prepare(map, in));
        CHECK_OK(ctx, um_map_apply(map, in, out, NULL));
        um_state_get_matrix(out, 0, LEVELS, re, im);
        double want = 0.7 * -expm1(-2 * M_PI * M_PI * s * s) / 2;
        CHECK_CLOSE(re[4 * LEVELS + 4], want, 1e-14 * want);
        um_state_destroy(in);
        um_state_destroy(out);
        um_map_destroy(map);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_beyond_the_period), cmocka_unit_test(number_of_the_collision_decides),
        cmocka_unit_test(mean_is_the_average),
        cmocka_unit_test(waiting_times_are_told),
        cmocka_unit_test(empty_slots),
        cmocka_unit_test(frozen),
        cmocka_unit_test(small_spreads_do_nothing),
        cmocka_unit_test(a_trap_leaks),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
