/* Collisions with an environment inside: books, limits and truncation of random experiments. */
#include "check.h"
#include "context.h"
#include "map/average.h"
#include "map/joint.h"
#include "random_state.h"

enum { LEVELS_MAX = 40 };

typedef struct experiment {
    um_spec spec;
    um_stage stage;
    double energies[LEVELS_MAX], lowering[LEVELS_MAX];
    um_model *model;
} experiment;

static double draw(test_random *random, double largest)
{
    return test_random_integer(random, 0, 3) ? largest * test_random_uniform(random) : 0;
}

/* kind: um_battery_kind; `levels` of a finite battery, 0: endless. */
static void make(experiment *e, test_random *random, int kind, int levels)
{
    um_spec_init(&e->spec);
    e->stage = e->spec.stages[0];
    e->spec.battery.kind = (um_battery_kind)kind;
    e->spec.battery.levels = levels;
    e->spec.battery.frequency = 1 + test_random_uniform(random);
    for (int n = 0; n < LEVELS_MAX; n++) {
        e->energies[n] = n + 0.2 * test_random_uniform(random);
        e->lowering[n] = n ? 2 * test_random_uniform(random) : 0;
    }
    if (kind == UM_BATTERY_CUSTOM) {
        e->spec.battery.energies = e->energies;
        e->spec.battery.lowering = e->lowering;
    }
    e->stage.collisions = 1;
    e->stage.atoms = (um_atoms){test_random_uniform(random), draw(random, 1), draw(random, 3), draw(random, 1)};
    e->stage.interaction.theta = NAN;
    e->stage.interaction.g = 0.1 + 2 * test_random_uniform(random);
    e->stage.interaction.tau = 0.1 + test_random_uniform(random);
    e->stage.environment = (um_environment){
        draw(random, 0.1), draw(random, 0.3), draw(random, 0.2), true, draw(random, 0.3), draw(random, 0.3)};
}

typedef um_status maker(um_context *ctx, const umi_collision *collision, um_map **map);

static um_map *make_map(experiment *e, int levels, maker *make_one)
{
    um_map *map;
    umi_collision collision;
    e->spec.stages = &e->stage;
    e->spec.stages_count = 1;
    CHECK_OK(ctx, um_model_create(ctx, &e->spec, &e->model));
    CHECK_OK(ctx, umi_collision_make(ctx, e->model, 0, levels, &collision));
    CHECK_OK(ctx, make_one(ctx, &collision, &map));
    return map;
}

static um_map *map_of(experiment *e, int levels) { return make_map(e, levels, umi_map_create_joint); }

static um_state *state_of(um_map *map, test_random *random, int levels)
{
    um_state *state =
        test_random_state(ctx, random, (test_kind)test_random_integer(random, 0, TEST_KINDS - 1), levels);
    CHECK_OK(ctx, um_map_prepare(map, state));
    return state;
}

static um_state *image_of(um_map *map, const um_state *in, um_outcome *outcome)
{
    um_state *out;
    CHECK_OK(ctx, um_state_create(ctx, um_map_get_info(map).levels, 1, 0, 0, &out));
    CHECK_OK(ctx, um_map_apply(map, in, out, outcome));
    return out;
}

static double energy_of(const experiment *e, const um_state *state)
{
    double populations[LEVELS_MAX], sum = 0;
    int levels = um_state_get_window(state).levels;
    um_state_get_populations(state, levels, populations);
    for (int n = 0; n < levels; n++) sum += populations[n] * um_battery_get_energy(&e->spec.battery, n);
    return sum;
}

static void books_close(void **unused)
{
    (void)unused;
    test_random random = {11};
    for (int i = 0; i < 60 * test_effort(); i++) {
        experiment e;
        int levels = test_random_integer(&random, 2, 20);
        make(&e, &random, i % 3, i % 3 == UM_BATTERY_CAVITY ? 0 : levels);
        um_map *map = map_of(&e, levels);
        um_state *in = state_of(map, &random, levels);
        um_outcome o;
        um_state *out = image_of(map, in, &o);
        double price = 1 + e.stage.atoms.detuning / e.spec.battery.frequency;
        double battery = energy_of(&e, out) - energy_of(&e, in), atom = price * o.change;
        double work = o.coupling_start - o.coupling_end;
        CHECK_CLOSE(battery + atom, work + o.heat,
                    1e-14 * (10 + fabs(battery) + fabs(atom) + fabs(work) + levels));
        um_state_destroy(in);
        um_state_destroy(out);
        um_map_destroy(map);
        um_model_destroy(e.model);
    }
}

/* Sum of the moduli: no less than the trace norm; below it by the root of the levels at most. */
static double distance(const um_state *a, const um_state *b, int levels)
{
    size_t size = (size_t)levels * (size_t)levels;
    double *all = calloc(4 * size, sizeof *all), sum = 0;
    um_state_get_matrix(a, 0, levels, all, all + size);
    um_state_get_matrix(b, 0, levels, all + 2 * size, all + 3 * size);
    for (size_t i = 0; i < size; i++) sum += hypot(all[i] - all[2 * size + i], all[size + i] - all[3 * size + i]);
    free(all);
    return sum;
}

/* No larger than the trace norm, which the bound is about. */
static double frobenius(const um_state *a, const um_state *b, int levels)
{
    size_t size = (size_t)levels * (size_t)levels;
    double *all = calloc(4 * size, sizeof *all), sum = 0;
    um_state_get_matrix(a, 0, levels, all, all + size);
    um_state_get_matrix(b, 0, levels, all + 2 * size, all + 3 * size);
    for (size_t i = 0; i < 2 * size; i++) sum += (all[i] - all[2 * size + i]) * (all[i] - all[2 * size + i]);
    free(all);
    return sqrt(sum);
}

/* A truncated space differs from a larger one by no more than the bound says. */
static void bound_holds(void **unused)
{
    (void)unused;
    test_random random = {12};
    int said_something = 0;
    for (int i = 0; i < 60 * test_effort(); i++) {
        experiment e;
        int levels = test_random_integer(&random, 2, 10), larger = levels + 24;
        make(&e, &random, i % 2, 0);
        um_map *map = map_of(&e, levels);
        um_model_destroy(e.model);
        um_map *wide = map_of(&e, larger);
        um_state *in = state_of(map, &random, levels), *same;
        um_outcome o;
        um_state *out = image_of(map, in, &o);
        CHECK_OK(ctx, um_state_create(ctx, larger, 1, 0, 0, &same));
        CHECK_OK(ctx, um_state_copy(same, in));
        CHECK_OK(ctx, um_state_set_levels(same, larger));
        um_state *exact = image_of(wide, same, NULL);
        CHECK_AT_MOST(frobenius(out, exact, larger), o.error_bound + 1e-13);
        double lost = fabs(um_state_get_trace(exact) - um_state_get_trace(out));
        CHECK_AT_MOST(lost, o.error_bound + 1e-13);
        if (o.error_bound < 1e-17) CHECK_AT_MOST(distance(out, exact, larger), 1e-12);
        said_something += o.error_bound > 1e-3 && o.error_bound < 1;
        um_state_destroy(in);
        um_state_destroy(out);
        um_state_destroy(same);
        um_state_destroy(exact);
        um_map_destroy(map);
        um_map_destroy(wide);
        um_model_destroy(e.model);
    }
    assert_true(said_something > 0);
}

/* Rates that go to zero: what the same atoms do without an environment. */
static void compare_closed(experiment *e, test_random *random, int levels, maker *make_one)
{
    e->stage.environment = (um_environment){.during_collision = true};
    um_map *map = make_map(e, levels, make_one), *closed;
    CHECK_OK(ctx, um_map_create(ctx, e->model, 0, levels, &closed));
    um_state *in = state_of(map, random, levels);
    um_outcome o, want;
    um_state *out = image_of(map, in, &o);
    CHECK_OK(ctx, um_map_prepare(closed, in));
    um_state *wanted = image_of(closed, in, &want);
    CHECK_AT_MOST(distance(out, wanted, levels), 1e-12);
    CHECK_CLOSE(o.change, want.change, 1e-13);
    CHECK_CLOSE(o.excited, want.excited, 1e-13);
    CHECK_CLOSE(o.coherence_re, want.coherence_re, 1e-13);
    CHECK_CLOSE(o.coherence_im, want.coherence_im, 1e-13);
    CHECK_CLOSE(o.coupling_start, want.coupling_start, 1e-13 * levels);
    CHECK_CLOSE(o.coupling_end, want.coupling_end, 1e-13 * levels);
    CHECK_CLOSE(o.heat, 0, 1e-13);
    assert_true(um_map_get_info(map).reach == 1);
    um_state_destroy(in);
    um_state_destroy(out);
    um_state_destroy(wanted);
    um_map_destroy(map);
    um_map_destroy(closed);
    um_model_destroy(e->model);
}

static void closed_limit(void **unused)
{
    (void)unused;
    test_random random = {13};
    for (int i = 0; i < 30 * test_effort(); i++) {
        experiment e;
        int levels = test_random_integer(&random, 2, 24);
        make(&e, &random, i % 3, i % 3 == UM_BATTERY_CAVITY ? 0 : levels);
        compare_closed(&e, &random, levels, umi_map_create_joint);
    }
}

/* Times that scatter about the period, which stays: what is left of it, or missing, turns uneven levels. */
static void scattered_closed_limit(void **unused)
{
    (void)unused;
    static const double times[2] = {0.75, 1.09};
    test_random random = {16};
    for (int i = 0; i < 30 * test_effort(); i++) {
        experiment e;
        int levels = test_random_integer(&random, 2, 12);
        make(&e, &random, i % 3, i % 3 == UM_BATTERY_CAVITY ? 0 : levels);
        e.stage.imperfections.theta_law = UM_SPREAD_SAMPLES;
        e.stage.imperfections.theta_samples = times;
        e.stage.imperfections.theta_samples_count = 2;
        compare_closed(&e, &random, levels, umi_map_create_average_joint);
    }
}

/* A coupling that goes to zero: the battery alone in its environment, the atom alone in its own. */
static void uncoupled_limit(void **unused)
{
    (void)unused;
    test_random random = {14};
    for (int i = 0; i < 30 * test_effort(); i++) {
        experiment e;
        int levels = test_random_integer(&random, 2, 16);
        int kind = i % 3;
        make(&e, &random, kind, kind == UM_BATTERY_CAVITY ? 0 : levels);
        e.stage.interaction.g = 0;
        e.stage.interaction.tau = 0.1 + test_random_uniform(&random);
        e.stage.environment.n_th = 0; /* the channel's own top is its own business */
        um_map *map = map_of(&e, levels), *channel;
        CHECK_OK(ctx, um_map_create_environment(ctx, e.model, 0, levels, e.stage.interaction.tau, &channel));
        um_state *in = state_of(map, &random, levels);
        um_outcome o, bath;
        um_state *out = image_of(map, in, &o);
        CHECK_OK(ctx, um_map_prepare(channel, in));
        um_state *alone = image_of(channel, in, &bath);
        CHECK_AT_MOST(distance(out, alone, levels), 1e-12);
        double decay = exp(-e.stage.environment.atom_decay * e.stage.interaction.tau);
        CHECK_CLOSE(o.excited, (1 - e.stage.atoms.q) * decay, 1e-14);
        double price = 1 + e.stage.atoms.detuning / e.spec.battery.frequency;
        CHECK_CLOSE(o.heat, bath.heat + price * o.change, 1e-13 * levels);
        double rate = e.stage.environment.atom_decay / 2 + e.stage.environment.atom_dephasing;
        double coherence = umi_atoms_ge(&e.stage.atoms) * exp(-rate * e.stage.interaction.tau);
        CHECK_CLOSE(hypot(o.coherence_re, o.coherence_im), coherence, 1e-14);
        um_state_destroy(in);
        um_state_destroy(out);
        um_state_destroy(alone);
        um_map_destroy(map);
        um_map_destroy(channel);
        um_model_destroy(e.model);
    }
}

/* So hot that nothing of the state is left in the space: the bound must not miss it. */
static void heat_beyond_the_top(void **unused)
{
    (void)unused;
    test_random random = {17};
    experiment e;
    make(&e, &random, UM_BATTERY_CAVITY, 0);
    e.stage.interaction.tau = 1;
    e.stage.environment.kappa = 1;
    e.stage.environment.n_th = 1000;
    um_map *map = map_of(&e, 5);
    um_state *in;
    um_outcome o;
    double re[25] = {1}, im[25] = {0};
    CHECK_OK(ctx, um_state_create(ctx, 5, 1, 0, 0, &in));
    CHECK_OK(ctx, um_state_set_matrix(in, 5, re, im));
    CHECK_OK(ctx, um_map_prepare(map, in));
    um_state *out = image_of(map, in, &o);
    CHECK_AT_MOST(um_state_get_trace(out), 0.1);
    CHECK_AT_MOST(1 - um_state_get_trace(out), o.error_bound);
    um_state_destroy(in);
    um_state_destroy(out);
    um_map_destroy(map);
    um_model_destroy(e.model);
}

/* The trace over many collisions: rounding must not add up. */
static void trace_stays(void **unused)
{
    (void)unused;
    test_random random = {15};
    for (int i = 0; i < 6; i++) {
        experiment e;
        make(&e, &random, UM_BATTERY_LADDER, 16);
        e.stage.interaction.g = 10 * M_PI / e.stage.interaction.tau; /* many doublings */
        um_map *map = map_of(&e, 16);
        um_state *state = state_of(map, &random, 16);
        for (int k = 0; k < 2000; k++) {
            um_state *next = image_of(map, state, NULL);
            um_state_destroy(state);
            state = next;
        }
        CHECK_CLOSE(um_state_get_trace(state), 1, 4e-13);
        CHECK_OK(ctx, um_state_check(state, 1e-12, true));
        um_state_destroy(state);
        um_map_destroy(map);
        um_model_destroy(e.model);
    }
}

static void refusals(void **unused)
{
    (void)unused;
    test_random random = {16};
    um_map *map;
    umi_collision collision;
    experiment e;
    make(&e, &random, UM_BATTERY_CAVITY, 0);
    um_map_destroy(map_of(&e, 5));
    CHECK_OK(ctx, umi_collision_make(ctx, e.model, 0, 5, &collision));
    collision.interaction.pulse = UM_PULSE_SINE;
    CHECK_STATUS(ctx, umi_map_create_joint(ctx, &collision, &map), UM_ERROR_UNSUPPORTED);
    assert_string_equal(um_context_get_error(ctx)->key, "environment.during_collision");
    collision.interaction.pulse = UM_PULSE_CONSTANT;
    collision.interaction.counter_rotating = 1;
    CHECK_STATUS(ctx, umi_map_create_joint(ctx, &collision, &map), UM_ERROR_UNSUPPORTED);
    assert_null(map);
    collision.interaction.counter_rotating = 0;
    collision.levels = 1001;
    CHECK_STATUS(ctx, umi_map_create_joint(ctx, &collision, &map), UM_ERROR_UNSUPPORTED);
    um_model_destroy(e.model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(books_close),     cmocka_unit_test(bound_holds),
        cmocka_unit_test(closed_limit),    cmocka_unit_test(scattered_closed_limit),
        cmocka_unit_test(uncoupled_limit), cmocka_unit_test(heat_beyond_the_top),
        cmocka_unit_test(trace_stays),     cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
