/* Batches of points: each lane does what um_map does alone, whatever stands beside it. */
#include "context.h"
#include "instructions.h"
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
    stage->interaction.theta = 0.4 + 0.37 * point;
    if (point == 2 || point == 5) stage->interaction.theta = acos(-1.0) / sqrt(point == 2 ? 11 : 10);
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
    /* Neither kind of batch adds up its terms in the order of the single map. */
    double tolerance = tidy ? 8e-14 : 2e-16 * (double)collisions;
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

/* A density matrix on levels first..levels-1, real in the gauge of the lane. */
static um_state *random_state(test_random *random, int first, int levels, double phase)
{
    int size = levels - first;
    double part[LEVELS_MAX * LEVELS_MAX], imag[LEVELS_MAX * LEVELS_MAX];
    double real[LEVELS_MAX * LEVELS_MAX] = {0};
    um_state *state = NULL;
    test_random_matrix(random, TEST_REAL, size, part, imag);
    for (int n = 0; n < size; n++)
        memcpy(&real[(first + n) * levels + first], &part[n * size], sizeof(double) * (size_t)size);
    CHECK_OK(ctx, um_state_create(ctx, levels, 1, 0, 0, &state));
    CHECK_OK(ctx, um_state_set_matrix(state, levels, real, NULL));
    assert_int_equal(um_state_get_window(state).planes, 1);
    state->quarter = 1;
    state->phase = phase;
    return state;
}

/* Lanes and single points that start from the same states without structure. */
static void start(umi_lanes *lanes, um_model *const *models, const int *first, single *alone)
{
    test_random random = {7};
    for (int l = 0; l < UMI_LANES; l++) {
        int levels = umi_lanes_get_window(lanes, l).levels;
        alone[l] = single_create(models[l], levels);
        double phase = alone[l].state->phase;
        um_state_destroy(alone[l].state);
        alone[l].state = random_state(&random, first[l], levels, phase);
        CHECK_OK(ctx, umi_lanes_set_state(lanes, l, alone[l].state, 0.5));
        alone[l].bound = 0.5;
    }
}

static void check_all(umi_lanes *lanes, single *alone, double tolerance)
{
    readings is;
    read_all(lanes, &is);
    for (int l = 0; l < UMI_LANES; l++) {
        check_lane(lanes, &is, l, &alone[l], NULL, tolerance);
        single_destroy(&alone[l]);
    }
}

enum { COMMON = 20, CUSTOM = 9 };

/* Cavities, ladders and evenly spaced others of several sizes side by side. */
static void create_batteries(um_model *models[UMI_LANES], bool coherent, bool same_theta)
{
    static const int levels[UMI_LANES] = {UM_LEVELS_AUTO, 6, CUSTOM, UM_LEVELS_AUTO,
                                          UM_LEVELS_AUTO, CUSTOM, UM_LEVELS_AUTO, COMMON};
    double energies[CUSTOM], lowering[CUSTOM];
    for (int l = 0; l < UMI_LANES; l++) {
        um_spec spec;
        um_stage stage;
        describe(&spec, &stage, l, coherent);
        if (same_theta) stage.interaction.theta = 1;
        for (int n = 0; n < CUSTOM; n++) {
            energies[n] = n;
            lowering[n] = n ? 0.3 + 0.1 * ((n * (l + 2)) % 5) : 0;
        }
        spec.battery.kind = (um_battery_kind)(l % 3);
        spec.battery.levels = levels[l];
        spec.battery.energies = energies;
        spec.battery.lowering = lowering;
        if (l % 3 == UM_BATTERY_CUSTOM) stage.interaction.tau = 1;
        models[l] = create_model(&spec);
    }
}

static void kinds_of_batteries(void **unused)
{
    (void)unused;
    static const int first[UMI_LANES] = {0};
    static const int levels[UMI_LANES] = {COMMON, 6, CUSTOM, COMMON, COMMON, CUSTOM, COMMON, COMMON};
    for (int variant = 0; variant < 4; variant++) {
        um_model *models[UMI_LANES];
        single alone[UMI_LANES];
        create_batteries(models, variant & 1, variant & 2);
        umi_lanes *lanes = create_lanes(COMMON);
        CHECK_OK(ctx, load(lanes, UMI_LANES, models));
        for (int l = 0; l < UMI_LANES; l++)
            assert_int_equal(umi_lanes_get_window(lanes, l).levels, levels[l]);
        start(lanes, models, first, alone);
        for (int k = 1; k <= 100; k++) {
            lanes_apply(lanes, k, true);
            for (int l = 0; l < UMI_LANES; l++) single_apply(&alone[l], k, true);
        }
        check_all(lanes, alone, 3e-14);
        umi_lanes_destroy(lanes);
        destroy_points(models);
    }
}

/* With tolerances so large that what is dropped, and what is left of it, shows. */
static void trims_as_a_state_does(void **unused)
{
    (void)unused;
    static const int first[UMI_LANES] = {0, 3, 11, 5, 0, 12, 9, 14};
    for (int coherent = 0; coherent < 2; coherent++) {
        um_model *models[UMI_LANES];
        single alone[UMI_LANES];
        create_points(models, coherent);
        umi_lanes *lanes = create_lanes(24);
        CHECK_OK(ctx, load(lanes, UMI_LANES, models));
        start(lanes, models, first, alone);
        for (int k = 1; k <= 60; k++) {
            double tolerance[UMI_LANES], dropped[UMI_LANES];
            for (int l = 0; l < UMI_LANES; l++) {
                tolerance[l] = k % 3 ? 0 : 1e-2 / (1 + l);
                single_apply(&alone[l], k, false);
            }
            umi_lanes_apply(lanes);
            umi_lanes_trim(lanes, tolerance, dropped);
            for (int l = 0; l < UMI_LANES; l++) {
                double expected = um_state_trim(alone[l].state, tolerance[l]);
                CHECK_CLOSE(dropped[l], expected, 1e-13);
                alone[l].bound += expected;
            }
        }
        check_all(lanes, alone, 3e-14);
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

static void set_inner(umi_lanes *lanes, int lane, int first, int last)
{
    um_state *own = state_of(lanes, lane); /* for its gauge */
    test_random random = {(uint64_t)(first + 100 * last)};
    um_state *state = random_state(&random, first, last, own->phase);
    CHECK_OK(ctx, umi_lanes_set_state(lanes, lane, state, 0));
    um_state_destroy(own);
    um_state_destroy(state);
}

/* Alone in its batch, beside others, in another place: the same bits. The neighbours reach where the
 * point, in a chamber from level 10 or 11 on, does not. */
static void check_neighbours(um_model *const *models, int point)
{
    static trace alone, beside, elsewhere;
    umi_lanes *lanes = create_lanes(40), *fresh = create_lanes(40);
    CHECK_OK(ctx, load(lanes, 1, &models[point]));
    set_inner(lanes, 0, 13, 19);
    follow(lanes, 0, &alone);
    CHECK_OK(ctx, load(lanes, UMI_LANES, models)); /* memory used before */
    set_inner(lanes, point, 13, 19);
    set_inner(lanes, (point + 3) % UMI_LANES, 4, 39);
    follow(lanes, point, &beside);
    check_same(&alone, &beside, point, "beside others");
    um_model *turned[UMI_LANES];
    for (int l = 0; l < UMI_LANES; l++) turned[l] = models[(l + 5) % UMI_LANES];
    CHECK_OK(ctx, load(fresh, UMI_LANES, turned));
    set_inner(fresh, (point + 3) % UMI_LANES, 13, 19);
    follow(fresh, (point + 3) % UMI_LANES, &elsewhere);
    check_same(&alone, &elsewhere, point, "elsewhere");
    umi_lanes_destroy(lanes);
    umi_lanes_destroy(fresh);
}

static void neighbours_do_not_matter(void **unused)
{
    (void)unused;
    for (int coherent = 0; coherent < 2; coherent++) {
        um_model *models[UMI_LANES];
        create_points(models, coherent);
        for (int point = 0; point < UMI_LANES; point++) check_neighbours(models, point);
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

/* All of it with the kernels of every instruction set that is there. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(agrees_with_the_single_map, setup, teardown),
        cmocka_unit_test_setup_teardown(kinds_of_batteries, setup, teardown),
        cmocka_unit_test_setup_teardown(trims_as_a_state_does, setup, teardown),
        cmocka_unit_test_setup_teardown(neighbours_do_not_matter, setup, teardown),
        cmocka_unit_test_setup_teardown(retired_lanes_are_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_complex_is_refused, setup, teardown),
    };
    int failed = 0;
    for (umi_instructions set = 0; set < UMI_INSTRUCTIONS; set++) {
        if (!test_use_instructions(set)) continue;
        failed += cmocka_run_group_tests(tests, NULL, NULL);
    }
    return failed;
}
