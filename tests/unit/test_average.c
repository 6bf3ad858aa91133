/* Averages that have no closed form against sums over plain maps: environments inside and in the gap,
 * missing atoms, random arrivals, counter-rotating terms, pulses. And what is refused. */
#include "context.h"
#include "random_state.h"

enum { LEVELS = 9, COUNT = LEVELS * LEVELS, NUMBERS = 2 * COUNT + 6 };

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

static um_status make_map(const um_stage *stage, um_map **map)
{
    um_spec spec;
    um_model *model;
    um_spec_init(&spec);
    spec.battery.frequency = 3;
    spec.stages = stage;
    *map = NULL;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    um_status status = um_map_create(ctx, model, 0, LEVELS, map);
    um_model_destroy(model);
    return status;
}

/* Adds weight times what the map makes of a fixed state, and its outcome; `stray` of the atoms' detuning is
 * scatter. */
static void add_image(um_map *map, double weight, double stray, double sum[NUMBERS])
{
    um_state *in, *out;
    um_outcome o;
    test_random random = {5};
    double re[COUNT], im[COUNT];
    test_random_matrix(&random, TEST_MIXED, 4, re, im);
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 2, 0, 0, &in));
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 2, 0, 0, &out));
    CHECK_OK(ctx, um_state_set_matrix(in, 4, re, im));
    CHECK_OK(ctx, um_map_prepare(map, in));
    CHECK_OK(ctx, um_map_apply(map, in, out, &o));
    um_state_get_matrix(out, 0, LEVELS, re, im);
    for (int i = 0; i < COUNT; i++) {
        sum[i] += weight * re[i];
        sum[COUNT + i] += weight * im[i];
    }
    double extra[6] = {o.excited, o.change, o.coherence_re, o.coherence_im, o.heat,
                       o.coupling_start - o.coupling_end - stray * o.change};
    for (int i = 0; i < 6; i++) sum[2 * COUNT + i] += weight * extra[i];
    um_state_destroy(in);
    um_state_destroy(out);
}

/* The same by hand: x in equal steps, the stage with the times and the detuning of each. */
static void sum_by_hand(um_stage stage, double sum[NUMBERS])
{
    um_imperfections scatter = stage.imperfections;
    double s = scatter.theta_spread, sigma = scatter.detuning_spread, total = 0;
    double tau = stage.interaction.tau, period = stage.stream.period, detuning = stage.atoms.detuning;
    stage.imperfections = (um_imperfections){0};
    for (double x = s > 0 ? -8.5 : 0; x <= (s > 0 ? 8.5 : 0); x += 0.5)
        for (double y = sigma > 0 ? -8.4 : 0; y <= (sigma > 0 ? 8.4 : 0); y += 0.7) {
            um_map *map;
            double u = scatter.theta_law == UM_SPREAD_VELOCITY ? 1 / (1 + s * x) : 1 + s * x;
            double weight = exp(-(x * x + y * y) / 2);
            stage.interaction.tau = tau * u;
            stage.atoms.detuning = detuning + sigma * y;
            if (stage.stream.arrivals == UM_ARRIVALS_POISSON) stage.stream.period = period + tau * (u - 1);
            CHECK_OK(ctx, make_map(&stage, &map));
            add_image(map, weight, sigma * y / 3, sum);
            um_map_destroy(map);
            total += weight;
        }
    for (int i = 0; i < NUMBERS; i++) sum[i] /= total;
}

static void compare(const char *what, const um_stage *stage, double tolerance)
{
    um_map *map;
    double have[NUMBERS] = {0}, want[NUMBERS] = {0};
    CHECK_OK(ctx, make_map(stage, &map));
    add_image(map, 1, 0, have);
    um_map_destroy(map);
    sum_by_hand(*stage, want);
    for (int i = 0; i < NUMBERS; i++)
        if (!(fabs(have[i] - want[i]) <= tolerance))
            fail_msg("%s: number %d is %.17g, by hand %.17g", what, i, have[i], want[i]);
}

static um_stage in_environment(void)
{
    um_stage stage = stage_of();
    stage.environment.kappa = 0.2;
    stage.environment.n_th = 0.1;
    stage.environment.dephasing = 0.05;
    stage.environment.atom_decay = 0.1;
    stage.imperfections.theta_spread = 0.08;
    return stage;
}

static void while_inside(void **unused)
{
    (void)unused;
    um_stage stage = in_environment();
    compare("inside", &stage, 1e-12);
    stage.imperfections.detuning_spread = 0.2;
    stage.imperfections.theta_spread = 0;
    compare("inside, detunings", &stage, 1e-12);
}

static void in_the_gap(void **unused)
{
    (void)unused;
    um_stage stage = in_environment();
    stage.environment.atom_decay = 0;
    stage.stream.period = 2.5;
    compare("inside and in the gap", &stage, 1e-12);
    stage.environment.during_collision = false;
    compare("in the gap", &stage, 1e-12);
    stage.stream.atom_probability = 0.7;
    compare("in the gap, missing atoms", &stage, 1e-12);
    stage.imperfections.theta_law = UM_SPREAD_VELOCITY;
    stage.imperfections.theta_spread = 0.04;
    compare("in the gap, velocities", &stage, 1e-12);
    stage.stream.arrivals = UM_ARRIVALS_POISSON;
    compare("random arrivals, missing atoms", &stage, 1e-12);
}

static void rabi_and_pulses(void **unused)
{
    (void)unused;
    um_stage stage = stage_of();
    stage.interaction.g = 0.3;
    stage.interaction.counter_rotating = 1;
    stage.atoms.detuning = 0.2;
    stage.stream.frame = UM_FRAME_LAB;
    stage.imperfections.theta_spread = 0.06;
    compare("Rabi", &stage, 1e-12);
    stage.imperfections.theta_spread = 0;
    stage.imperfections.detuning_spread = 0.1;
    compare("Rabi, detunings", &stage, 1e-12);
    stage = stage_of();
    stage.atoms.detuning = 0.2;
    stage.interaction.pulse = UM_PULSE_SINE;
    stage.imperfections.theta_spread = 0.02;
    compare("pulse", &stage, 1e-12);
    stage.atoms.detuning = 0;
    compare("resonant pulse", &stage, 1e-12);
}

static void refused(const um_stage *stage, const char *key)
{
    um_map *map;
    CHECK_STATUS(ctx, make_map(stage, &map), UM_ERROR_UNSUPPORTED);
    assert_null(map);
    assert_string_equal(um_context_get_error(ctx)->key, key);
}

static void what_is_refused(void **unused)
{
    (void)unused;
    um_stage stage = in_environment();
    stage.imperfections.theta_spread = 0.2;
    refused(&stage, "imperfections.theta_spread");
    stage.stream.period = 6;
    refused(&stage, "imperfections.theta_spread");
    stage = in_environment();
    stage.imperfections.theta_spread = 0;
    stage.imperfections.theta_law = UM_SPREAD_MAXWELL;
    refused(&stage, "imperfections.theta_spread");
    stage = in_environment();
    stage.environment.atom_decay = 0;
    stage.stream.period = 1.0;
    refused(&stage, "stream.period");
    stage = in_environment();
    stage.interaction.counter_rotating = 0.5;
    stage.stream.frame = UM_FRAME_LAB;
    refused(&stage, "imperfections.draw");
    stage = in_environment();
    stage.interaction.pulse = UM_PULSE_SINE;
    refused(&stage, "environment.during_collision");
}

/* No atom of a noise trajectory goes backwards through an environment either. */
static void negative_times_drawn(void **unused)
{
    (void)unused;
    um_map *map;
    um_stage stage = in_environment();
    stage.imperfections.theta_spread = 0.9;
    stage.imperfections.draw = UM_DRAW_RANDOM;
    um_status status = make_map(&stage, &map);
    for (int i = 1; i < 100 && status == UM_OK; i++) status = um_map_set_collision(map, i, 0);
    CHECK_STATUS(ctx, status, UM_ERROR_UNSUPPORTED);
    assert_string_equal(um_context_get_error(ctx)->key, "imperfections.theta_spread");
    um_map_destroy(map);
}

/* The populations of a random state, or all of it. */
static um_state *state_for(const um_map *map, bool populations)
{
    um_state *state;
    test_random random = {8};
    double re[COUNT], im[COUNT];
    test_random_matrix(&random, TEST_MIXED, LEVELS, re, im);
    for (int i = 0; i < COUNT && populations; i++)
        if (i % (LEVELS + 1)) re[i] = im[i] = 0;
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 2, 0, 0, &state));
    CHECK_OK(ctx, um_state_set_matrix(state, LEVELS, re, im));
    CHECK_OK(ctx, um_map_prepare(map, state));
    return state;
}

/* Populations of the image and, behind them, of the adjoint's; error bound and heat. */
enum { SEEN = 2 * LEVELS + 2 };

static void look_at(um_map *map, bool populations, double seen[SEEN])
{
    um_state *in = state_for(map, populations), *out;
    um_outcome outcome;
    double re[COUNT], im[COUNT];
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 2, 0, 0, &out));
    CHECK_OK(ctx, um_map_apply(map, in, out, &outcome));
    um_state_get_matrix(out, 0, LEVELS, re, im);
    for (int n = 0; n < LEVELS; n++) seen[n] = re[n * (LEVELS + 1)];
    CHECK_OK(ctx, um_map_apply_adjoint(map, in, out));
    um_state_get_matrix(out, 0, LEVELS, re, im);
    for (int n = 0; n < LEVELS; n++) seen[LEVELS + n] = re[n * (LEVELS + 1)];
    seen[2 * LEVELS] = outcome.error_bound;
    seen[2 * LEVELS + 1] = outcome.heat;
    um_state_destroy(in);
    um_state_destroy(out);
}

/* Populations are moved alike alone and in a state with coherence, whatever the map was asked before. */
static void without_coherence(void **unused)
{
    (void)unused;
    um_stage stages[3] = {stage_of(), in_environment(), in_environment()};
    stages[0].imperfections.theta_law = UM_SPREAD_VELOCITY;
    stages[0].imperfections.theta_spread = 0.05;
    stages[2].imperfections.theta_spread = 0;
    for (int i = 0; i < 3; i++) {
        um_map *map;
        double alone[SEEN], again[SEEN], with[SEEN];
        stages[i].atoms.c = 0;
        compare("without coherence", &stages[i], 1e-12);
        CHECK_OK(ctx, make_map(&stages[i], &map));
        look_at(map, true, alone);
        look_at(map, false, with);
        look_at(map, true, again);
        assert_memory_equal(alone, again, sizeof alone);
        for (int n = 0; n < 2 * LEVELS; n++) CHECK_CLOSE(alone[n], with[n], 1e-15);
        CHECK_CLOSE(alone[SEEN - 1], with[SEEN - 1], 1e-15);
        um_map_destroy(map);
        CHECK_OK(ctx, make_map(&stages[i], &map));
        look_at(map, false, again);
        assert_memory_equal(with, again, sizeof with);
        um_map_destroy(map);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(while_inside),
        cmocka_unit_test(in_the_gap),
        cmocka_unit_test(rabi_and_pulses),
        cmocka_unit_test(without_coherence),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(negative_times_drawn),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
