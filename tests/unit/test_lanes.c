/* Batches of points: each lane does what um_map does alone, whatever stands beside it. */
#include "context.h"
#include "map/lanes.h"
#include "map/map.h"
#include "random_state.h"

enum { LEVELS_MAX = 128, TRIM_EVERY = 8, TIDY_EVERY = 256 };
static const double TOLERANCE[UMI_LANES] = {1e-18, 1e-18, 1e-18, 1e-18, 1e-18, 1e-18, 1e-18, 1e-18};

/* A point: its own theta, q and c; named levels unless 0. */
static void describe(um_spec *spec, um_stage *stage, int point, bool coherent)
{
    um_spec_init(spec);
    *stage = spec->stages[0];
    stage->collisions = 1;
    stage->atoms.q = 0.13 + 0.11 * point;
    stage->atoms.c = coherent ? 1 : 0.12 * point; /* the first one mixes no orders */
    stage->atoms.phase = 0.3 * point;
    stage->interaction.theta = point == 5 ? acos(-1.0) / sqrt(10) : 0.4 + 0.37 * point;
    if (coherent && point == 6) stage->atoms = (um_atoms){.q = 1, .c = 0.5};
    spec->stages = stage;
    spec->stages_count = 1;
    spec->accuracy.truncation = 1;
}

static um_model *create_model(const um_spec *spec)
{
    um_model *model = NULL;
    CHECK_OK(ctx, um_model_create(ctx, spec, &model));
    return model;
}

static um_model *create_point(int point, bool coherent)
{
    um_spec spec;
    um_stage stage;
    describe(&spec, &stage, point, coherent);
    return create_model(&spec);
}

static void create_points(um_model *models[UMI_LANES], bool coherent)
{
    for (int l = 0; l < UMI_LANES; l++) models[l] = create_point(l, coherent);
}

static void destroy_points(um_model *models[UMI_LANES])
{
    for (int l = 0; l < UMI_LANES; l++) um_model_destroy(models[l]);
}

static um_status load(umi_lanes *lanes, int count, um_model *const *models)
{
    return umi_lanes_load(lanes, count, (const um_model *const *)models, 0);
}

static umi_lanes *create_lanes(int levels)
{
    umi_lanes *lanes = NULL;
    CHECK_OK(ctx, umi_lanes_create(ctx, levels, &lanes));
    return lanes;
}

static um_state *state_of(const umi_lanes *lanes, int lane)
{
    um_state *state = NULL;
    CHECK_OK(ctx, um_state_create(ctx, 1, 1, 0, 0, &state));
    CHECK_OK(ctx, umi_lanes_get_state(lanes, lane, state));
    return state;
}

static double element(const um_state *state, int n, int k)
{
    bool inside = n >= state->first && n + k < state->last && k < state->orders;
    return inside ? umi_state_row(state, 0, k)[n] : 0;
}

static double distance(const um_state *a, const um_state *b)
{
    double worst = 0;
    for (int k = 0; k < LEVELS_MAX; k++)
        for (int n = 0; n + k < LEVELS_MAX; n++)
            worst = fmax(worst, fabs(element(a, n, k) - element(b, n, k)));
    return worst;
}

/* A single point, as the lane should be. */
typedef struct single {
    um_map *map;
    um_state *state, *other;
    double bound;
    um_outcome outcome;
} single;

static single single_create(const um_model *model, int levels)
{
    const um_battery *battery = &um_model_get_spec(model)->battery;
    single it = {0};
    CHECK_OK(ctx, um_map_create(ctx, model, 0, levels, &it.map));
    CHECK_OK(ctx, um_state_create(ctx, levels, 1, 0, 0, &it.other));
    CHECK_OK(ctx, um_state_create_initial(ctx, &battery->initial, battery, battery->levels, 1,
                                          &it.state, &it.bound));
    CHECK_OK(ctx, um_state_set_levels(it.state, levels));
    CHECK_OK(ctx, um_map_prepare(it.map, it.state));
    return it;
}

static void single_apply(single *it, int64_t collision, bool tidy)
{
    CHECK_OK(ctx, um_map_apply(it->map, it->state, it->other, &it->outcome));
    um_state *before = it->state;
    it->state = it->other;
    it->other = before;
    it->bound += it->outcome.error_bound;
    if (tidy && collision % TIDY_EVERY == 0) {
        umi_map_refine(it->map, it->other, it->state, TIDY_EVERY);
        um_state_scale(it->state, 1 / um_state_get_trace(it->state));
    }
    if (tidy && collision % TRIM_EVERY == 0) it->bound += um_state_trim(it->state, TOLERANCE[0]);
}

static void single_destroy(single *it)
{
    um_map_destroy(it->map);
    um_state_destroy(it->state);
    um_state_destroy(it->other);
}

static void lanes_apply(umi_lanes *lanes, int64_t collision, bool tidy)
{
    umi_lanes_apply(lanes);
    if (tidy && collision % TIDY_EVERY == 0) {
        double factor[UMI_LANES];
        umi_lanes_refine(lanes, TIDY_EVERY);
        umi_lanes_trace(lanes, factor);
        for (int l = 0; l < UMI_LANES; l++) factor[l] = factor[l] > 0 ? 1 / factor[l] : 0;
        umi_lanes_scale(lanes, factor);
    }
    if (tidy && collision % TRIM_EVERY == 0) umi_lanes_trim(lanes, TOLERANCE, NULL);
}

typedef struct readings {
    double energy[UMI_LANES], trace[UMI_LANES], purity[UMI_LANES], change[UMI_LANES], bound[UMI_LANES];
} readings;

static void read_all(const umi_lanes *lanes, readings *it)
{
    umi_lanes_energy(lanes, it->energy);
    umi_lanes_trace(lanes, it->trace);
    umi_lanes_purity(lanes, it->purity);
    umi_lanes_change(lanes, it->change);
    umi_lanes_truncation(lanes, it->bound);
}

static void check_lane(const umi_lanes *lanes, const readings *is, int l, single *alone,
                       const double *energies, double tolerance)
{
    um_state *state = state_of(lanes, l);
    assert_true(umi_state_same_gauge(state, alone->state));
    um_window window = um_state_get_window(state), expected = um_state_get_window(alone->state);
    CHECK_CLOSE(window.first, expected.first, 1); /* an element may be at the tolerance */
    CHECK_CLOSE(window.last, expected.last, 1);
    CHECK_CLOSE(window.orders, expected.orders, 1);
    assert_int_equal(window.levels, expected.levels);
    double scale = fmax(1, is->energy[l]);
    CHECK_AT_MOST(distance(state, alone->state), tolerance);
    CHECK_CLOSE(is->energy[l], um_observe_energy(alone->state, energies), 20 * scale * tolerance);
    CHECK_CLOSE(is->energy[l], um_observe_energy(state, energies), 1e-14 * scale);
    CHECK_CLOSE(is->trace[l], um_state_get_trace(state), 1e-15);
    CHECK_CLOSE(is->purity[l], um_observe_purity(state), 1e-14);
    um_state *image = NULL;
    um_outcome outcome;
    CHECK_OK(ctx, um_state_create(ctx, 1, 1, 0, 0, &image));
    CHECK_OK(ctx, um_map_apply(alone->map, state, image, &outcome));
    CHECK_CLOSE(is->change[l], outcome.change, 1e-15);
    CHECK_CLOSE(is->bound[l], alone->bound, tolerance + 1e-10 * alone->bound);
    um_state_destroy(image);
    um_state_destroy(state);
}

/* Mixed atoms: the factors are those of the single map. Pure ones have others, each right to a
 * rounding, which is made again at every collision. */
static void check_agreement(int levels, bool coherent, bool tidy, int64_t collisions)
{
    um_model *models[UMI_LANES];
    create_points(models, coherent);
    umi_lanes *lanes = create_lanes(levels);
    CHECK_OK(ctx, load(lanes, UMI_LANES, models));
    for (int64_t k = 1; k <= collisions; k++) lanes_apply(lanes, k, tidy);
    readings is;
    read_all(lanes, &is);
    double tolerance = !coherent ? 1e-14 : tidy ? 8e-14 : 2e-16 * (double)collisions;
    for (int l = 0; l < UMI_LANES; l++) {
        single alone = single_create(models[l], levels);
        for (int64_t k = 1; k <= collisions; k++) single_apply(&alone, k, tidy);
        check_lane(lanes, &is, l, &alone, NULL, tolerance);
        single_destroy(&alone);
    }
    umi_lanes_destroy(lanes);
    destroy_points(models);
}

static void agrees_with_the_single_map(void **unused)
{
    (void)unused;
    static const int sizes[] = {1, 2, 3, 17, 37, 64, 101, 128};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int coherent = 0; coherent < 2; coherent++) {
            check_agreement(sizes[i], coherent, false, 1000);
            check_agreement(sizes[i], coherent, true, 1000 * test_effort());
        }
}

/* A density matrix, real in the gauge of the lane. */
static um_state *random_state(test_random *random, int levels, double phase)
{
    double real[LEVELS_MAX * LEVELS_MAX], imag[LEVELS_MAX * LEVELS_MAX];
    um_state *state = NULL;
    test_random_matrix(random, TEST_REAL, levels, real, imag);
    CHECK_OK(ctx, um_state_create(ctx, levels, 1, 0, 0, &state));
    CHECK_OK(ctx, um_state_set_matrix(state, levels, real, NULL));
    assert_int_equal(um_state_get_window(state).planes, 1);
    state->quarter = 1;
    state->phase = phase;
    return state;
}

/* Batteries of every kind and size side by side, from states without structure: own walls. */
static void kinds_of_batteries(void **unused)
{
    (void)unused;
    double energies[24], lowering[24];
    for (int n = 0; n < 24; n++) {
        energies[n] = n;
        lowering[n] = n ? 0.3 + 0.1 * ((n * 7) % 5) : 0;
    }
    test_random random = {7};
    for (int coherent = 0; coherent < 2; coherent++) {
        um_model *models[UMI_LANES];
        int levels[UMI_LANES];
        for (int l = 0; l < UMI_LANES; l++) {
            um_spec spec;
            um_stage stage;
            describe(&spec, &stage, l, coherent);
            spec.battery.kind = (um_battery_kind)(l % 3);
            spec.battery.levels = l % 3 == UM_BATTERY_CAVITY ? UM_LEVELS_AUTO : 3 + 3 * l;
            spec.battery.energies = energies;
            spec.battery.lowering = lowering;
            if (l % 3 == UM_BATTERY_CUSTOM) stage.interaction.tau = 1;
            models[l] = create_model(&spec);
            levels[l] = l % 3 == UM_BATTERY_CAVITY ? 20 : 3 + 3 * l < 20 ? 3 + 3 * l : 20;
        }
        umi_lanes *lanes = create_lanes(20);
        CHECK_OK(ctx, load(lanes, UMI_LANES, models));
        single alone[UMI_LANES];
        for (int l = 0; l < UMI_LANES; l++) {
            assert_int_equal(umi_lanes_get_window(lanes, l).levels, levels[l]);
            alone[l] = single_create(models[l], levels[l]);
            double phase = alone[l].state->phase;
            um_state_destroy(alone[l].state);
            alone[l].state = random_state(&random, levels[l], phase);
            CHECK_OK(ctx, umi_lanes_set_state(lanes, l, alone[l].state, 0.5));
            alone[l].bound = 0.5;
        }
        for (int k = 1; k <= 100; k++) {
            lanes_apply(lanes, k, true);
            for (int l = 0; l < UMI_LANES; l++) single_apply(&alone[l], k, true);
        }
        readings is;
        read_all(lanes, &is);
        for (int l = 0; l < UMI_LANES; l++) {
            check_lane(lanes, &is, l, &alone[l], NULL, 3e-14);
            single_destroy(&alone[l]);
        }
        umi_lanes_destroy(lanes);
        destroy_points(models);
    }
}

/* Everything that lane `lane` yields, in the batch it is in. */
typedef struct trace {
    double numbers[200][6];
    um_window window;
    double elements[40][40];
} trace;

static void follow(umi_lanes *lanes, int lane, trace *out)
{
    for (int k = 0; k < 200; k++) {
        double dropped[UMI_LANES] = {0};
        readings is;
        umi_lanes_apply(lanes);
        if (k % 50 == 49) umi_lanes_refine(lanes, 50);
        if (k % TRIM_EVERY == 7) umi_lanes_trim(lanes, TOLERANCE, dropped);
        read_all(lanes, &is);
        const double numbers[6] = {is.energy[lane], is.trace[lane], is.purity[lane],
                                   is.change[lane], is.bound[lane], dropped[lane]};
        memcpy(out->numbers[k], numbers, sizeof numbers);
    }
    um_state *state = state_of(lanes, lane);
    out->window = um_state_get_window(state);
    for (int n = 0; n < 40; n++)
        for (int m = n; m < 40; m++) out->elements[n][m] = element(state, n, m - n);
    um_state_destroy(state);
}

static void check_same(const trace *a, const trace *b, int lane, const char *beside)
{
    for (int k = 0; k < 200; k++)
        for (int i = 0; i < 6; i++)
            if (a->numbers[k][i] != b->numbers[k][i])
                fail_msg("lane %d, %s: number %d differs after collision %d: %.17g, %.17g", lane,
                         beside, i, k + 1, a->numbers[k][i], b->numbers[k][i]);
    assert_memory_equal(&a->window, &b->window, sizeof a->window);
    for (int n = 0; n < 40; n++)
        for (int m = n; m < 40; m++)
            if (a->elements[n][m] != b->elements[n][m])
                fail_msg("lane %d, %s: element %d, %d differs", lane, beside, n, m);
}

/* Alone in its batch, beside others, in another place: the same bits. */
static void neighbours_do_not_matter(void **unused)
{
    (void)unused;
    static trace alone, beside, elsewhere;
    for (int coherent = 0; coherent < 2; coherent++)
        for (int point = 0; point < UMI_LANES; point++) {
            um_model *models[UMI_LANES];
            create_points(models, coherent);
            umi_lanes *lanes = create_lanes(40);
            CHECK_OK(ctx, load(lanes, 1, &models[point]));
            follow(lanes, 0, &alone);
            CHECK_OK(ctx, load(lanes, UMI_LANES, models)); /* memory used before */
            um_state *wide = NULL; /* a neighbour whose window the point does not need */
            CHECK_OK(ctx, um_state_create(ctx, 40, 1, 0, 0, &wide));
            const double weights[40] = {[3] = 0.5, [38] = 0.5};
            double matrix[40 * 40] = {0};
            for (int n = 0; n < 40; n++) matrix[n * 41] = weights[n];
            CHECK_OK(ctx, um_state_set_matrix(wide, 40, matrix, NULL));
            CHECK_OK(ctx, umi_lanes_set_state(lanes, (point + 3) % UMI_LANES, wide, 0));
            follow(lanes, point, &beside);
            check_same(&alone, &beside, point, "beside others");
            um_model *turned[UMI_LANES];
            for (int l = 0; l < UMI_LANES; l++) turned[l] = models[(l + 5) % UMI_LANES];
            umi_lanes *fresh = create_lanes(40);
            CHECK_OK(ctx, load(fresh, UMI_LANES, turned));
            follow(fresh, (point + 3) % UMI_LANES, &elsewhere);
            check_same(&alone, &elsewhere, point, "elsewhere");
            um_state_destroy(wide);
            umi_lanes_destroy(lanes);
            umi_lanes_destroy(fresh);
            destroy_points(models);
        }
}

/* Lanes that are retired in the middle are empty; the rest goes on as if nothing had happened. */
static void retired_lanes_are_empty(void **unused)
{
    (void)unused;
    um_model *models[UMI_LANES];
    create_points(models, true);
    umi_lanes *all = create_lanes(33), *some = create_lanes(33);
    CHECK_OK(ctx, load(all, UMI_LANES, models));
    CHECK_OK(ctx, load(some, UMI_LANES, models));
    for (int k = 1; k <= 60; k++) {
        lanes_apply(all, k, true);
        lanes_apply(some, k, true);
        if (k == 20)
            for (int l = 0; l < UMI_LANES; l += 3) umi_lanes_retire(some, l);
    }
    readings a, b;
    read_all(all, &a);
    read_all(some, &b);
    for (int l = 0; l < UMI_LANES; l++) {
        bool gone = l % 3 == 0;
        assert_true(gone ? b.energy[l] == 0 && b.trace[l] == 0 : b.energy[l] == a.energy[l]);
        assert_true(gone ? b.purity[l] == 0 : b.purity[l] == a.purity[l]);
        assert_true(a.trace[l] > 0.9);
    }
    for (int l = 0; l < UMI_LANES; l++) umi_lanes_retire(some, l);
    umi_lanes_apply(some);
    umi_lanes_energy(some, b.energy);
    CHECK_CLOSE(b.energy[1], 0, 0);
    umi_lanes_destroy(all);
    umi_lanes_destroy(some);
    destroy_points(models);
}

static void check_refused(umi_lanes *lanes, const um_spec *spec, um_model *beside)
{
    um_model *models[2] = {beside, create_model(spec)};
    um_model *alone[1] = {models[1]};
    CHECK_STATUS(ctx, load(lanes, 2, models), UM_ERROR_UNSUPPORTED);
    CHECK_STATUS(ctx, load(lanes, 1, alone), UM_ERROR_UNSUPPORTED);
    assert_true(strlen(um_context_get_error(ctx)->message) > 0);
    double left[UMI_LANES];
    umi_lanes_trace(lanes, left);
    for (int l = 0; l < UMI_LANES; l++) CHECK_CLOSE(left[l], 0, 0);
    umi_lanes_apply(lanes); /* of nothing: nothing */
    um_model_destroy(models[1]);
}

static void what_is_complex_is_refused(void **unused)
{
    (void)unused;
    const double energies[] = {0, 1, 2.5}, lowering[] = {0, 1, 1};
    umi_lanes *lanes = create_lanes(12);
    um_model *good = create_point(1, false), *coherent = create_point(1, true);
    um_spec spec;
    um_stage stage;
    describe(&spec, &stage, 1, false);
    stage.interaction = (um_interaction){.theta = NAN, .g = 0.5, .tau = 1};
    stage.atoms.detuning = 0.1;
    check_refused(lanes, &spec, good);
    describe(&spec, &stage, 1, false);
    stage.interaction = (um_interaction){.theta = NAN, .g = 0.5, .tau = 1, .counter_rotating = 1};
    check_refused(lanes, &spec, good);
    describe(&spec, &stage, 1, false);
    spec.battery.kind = UM_BATTERY_CUSTOM;
    spec.battery.levels = 3;
    spec.battery.energies = energies;
    spec.battery.lowering = lowering;
    stage.interaction.tau = 1;
    check_refused(lanes, &spec, good);
    describe(&spec, &stage, 1, false);
    spec.battery.initial = (um_initial){.kind = UM_INITIAL_COHERENT, .re = 0.4, .im = 0.1};
    check_refused(lanes, &spec, good);
    spec.battery.initial = (um_initial){.kind = UM_INITIAL_FOCK, .level = 12};
    check_refused(lanes, &spec, good);

    um_model *mixed[2] = {good, coherent};
    CHECK_STATUS(ctx, load(lanes, 2, mixed), UM_ERROR_UNSUPPORTED);
    CHECK_STATUS(ctx, load(lanes, 0, mixed), UM_ERROR_ARG);
    CHECK_STATUS(ctx, load(lanes, UMI_LANES + 1, mixed), UM_ERROR_ARG);
    CHECK_STATUS(ctx, umi_lanes_load(lanes, 1, (const um_model *const *)&good, 1),
                 UM_ERROR_UNSUPPORTED);
    CHECK_OK(ctx, load(lanes, 1, &good));
    umi_lanes_destroy(lanes);
    CHECK_STATUS(ctx, umi_lanes_create(ctx, 0, &lanes), UM_ERROR_ARG);
    CHECK_STATUS(ctx, umi_lanes_create(ctx, UMI_LANES_LEVELS_MAX + 1, &lanes), UM_ERROR_ARG);
    assert_null(lanes);
    umi_lanes_destroy(NULL);
    assert_int_equal(umi_lanes_get_kind(good, 0), UMI_LANES_ANY);
    assert_int_equal(umi_lanes_get_kind(coherent, 0), UMI_LANES_COHERENT);
    um_model_destroy(good);
    um_model_destroy(coherent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(agrees_with_the_single_map, setup, teardown),
        cmocka_unit_test_setup_teardown(kinds_of_batteries, setup, teardown),
        cmocka_unit_test_setup_teardown(neighbours_do_not_matter, setup, teardown),
        cmocka_unit_test_setup_teardown(retired_lanes_are_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_complex_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
