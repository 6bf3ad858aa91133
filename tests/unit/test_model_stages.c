/* The model of environment, imperfections, streams and stages: ranges, resolution, digest. */
#include "model_cases.h"

static void restore(void)
{
    um_spec_init(&spec);
    stage = spec.stages[0];
    stage.interaction.theta = 1;
    stage.interaction.tau = 2;
    stage.stream.period = 5;
    stage.collisions = 100;
    spec.stages = &stage;
}

static void test_ranges(void **state)
{
    (void)state;
    static const double bad[] = {0.5, INFINITY}, none[] = {1, 0};
    REFUSED(stage.environment.kappa = -1, "stages[0].environment.kappa", ">= 0");
    REFUSED(stage.environment.kappa = NAN, "stages[0].environment.kappa", "finite");
    REFUSED(stage.environment.n_th = -1, "stages[0].environment.n_th", ">= 0");
    REFUSED(stage.environment.dephasing = INFINITY, "stages[0].environment.dephasing", "finite");
    REFUSED(stage.environment.atom_decay = -1e-9, "stages[0].environment.atom_decay", ">= 0");
    REFUSED(stage.environment.atom_dephasing = NAN, "stages[0].environment.atom_dephasing", ">= 0");
    REFUSED(stage.stream.atom_probability = 1.01, "stages[0].stream.atom_probability", "0 to 1");
    REFUSED(stage.stream.atom_probability = NAN, "stages[0].stream.atom_probability", "0 to 1");
    REFUSED(stage.stream.arrivals = 2, "stages[0].stream.arrivals", "unknown");
    REFUSED(stage.imperfections.theta_spread = -1, "stages[0].imperfections.theta_spread", ">= 0");
    REFUSED(stage.imperfections.phase_spread = NAN, "stages[0].imperfections.phase_spread", ">= 0");
    REFUSED(stage.imperfections.q_spread = -1, "stages[0].imperfections.q_spread", ">= 0");
    REFUSED(stage.imperfections.detuning_spread = -1, "stages[0].imperfections.detuning_spread",
            ">= 0");
    REFUSED(stage.imperfections.draw = 3, "stages[0].imperfections.draw", "unknown");
    REFUSED(stage.imperfections.theta_law = 4, "stages[0].imperfections.theta_law", "unknown");
    REFUSED((stage.imperfections.theta_law = UM_SPREAD_MAXWELL,
             stage.imperfections.theta_spread = 0.1),
            "stages[0].imperfections.theta_spread", "maxwell fixes");
    REFUSED(stage.imperfections.theta_law = UM_SPREAD_SAMPLES,
            "stages[0].imperfections.theta_samples", "at least one");
    REFUSED((stage.imperfections.theta_law = UM_SPREAD_SAMPLES,
             stage.imperfections.theta_samples = bad, stage.imperfections.theta_samples_count = 2),
            "stages[0].imperfections.theta_samples", "sample 1");
    REFUSED((stage.imperfections.theta_law = UM_SPREAD_SAMPLES,
             stage.imperfections.theta_samples = none, stage.imperfections.theta_samples_count = 2),
            "stages[0].imperfections.theta_samples", "sample 1 is 0");
    REFUSED(stage.interaction.pulse = 3, "stages[0].interaction.pulse", "unknown");
    REFUSED((stage.interaction.pulse = UM_PULSE_GAUSSIAN, stage.interaction.pulse_width = 0),
            "stages[0].interaction.pulse_width", "0.01 to 10");
    REFUSED(spec.omega_si = -1, "omega_si", "> 0");
    REFUSED(stage.kind = 4, "stages[0]", "unknown kind");
    restore();
}

static void test_stages_refused(void **state)
{
    (void)state;
    REFUSED((stage.kind = UM_STAGE_STORE, stage.collisions = 1), "stages[0].store", "has none");
    REFUSED((stage.kind = UM_STAGE_STORE, stage.collisions = 0, stage.duration = -1),
            "stages[0].store", ">= 0");
    REFUSED((stage.kind = UM_STAGE_STORE, stage.collisions = 0, stage.duration = INFINITY),
            "stages[0].store", "finite");
    REFUSED((stage.kind = UM_STAGE_STORE, stage.collisions = 0, stage.until.kind = UM_UNTIL_PLATEAU),
            "stages[0].until", "only charge and discharge");
    REFUSED((stage.kind = UM_STAGE_DRIVE, stage.collisions = 0, stage.drive_im = NAN),
            "stages[0].drive", "finite");
    REFUSED((stage.kind = UM_STAGE_DRIVE, stage.collisions = 0,
             spec.battery.kind = UM_BATTERY_LADDER),
            "stages[0].drive", "in a cavity only");
    REFUSED((stage.kind = UM_STAGE_DISCHARGE, stage.collisions = -1), "stages[0].discharge",
            "0 to 1e15");
    REFUSED((stage.kind = UM_STAGE_DISCHARGE, stage.until = (um_until){UM_UNTIL_PEAK, 0, 5}),
            "stages[0].until", "no peak");
    REFUSED((stage.until = (um_until){UM_UNTIL_PEAK, 0, 0}), "stages[0].until", "peak: 0");
    REFUSED((stage.until = (um_until){UM_UNTIL_ENERGY, NAN, 0}), "stages[0].until", "finite");
    REFUSED((stage.until = (um_until){UM_UNTIL_ERGOTROPY, -1, 0}), "stages[0].until", ">= 0");
    REFUSED(stage.until.kind = 9, "stages[0].until", "unknown condition");
    restore();
}

static void test_contradictions(void **state)
{
    (void)state;
    REFUSED((stage.stream.arrivals = UM_ARRIVALS_POISSON, stage.stream.period = 2),
            "stages[0].stream.period", "a gap");
    REFUSED((stage.stream.arrivals = UM_ARRIVALS_POISSON, stage.stream.period = NAN),
            "stages[0].stream.period", "a gap");
    REFUSED((stage.stream.arrivals = UM_ARRIVALS_POISSON, stage.stream.frame = UM_FRAME_LAB),
            "stages[0].stream.frame", "locked");
    REFUSED((stage.stream.arrivals = UM_ARRIVALS_POISSON, stage.interaction.counter_rotating = 0.1),
            "stages[0].stream.arrivals", "U(t_k) must be averaged too");
    REFUSED((stage.imperfections.draw = UM_DRAW_RANDOM, stage.imperfections.theta_spread = 0.1,
             spec.accuracy.method = UM_METHOD_FORWARD),
            "stages[0].imperfections.draw", "fast-forwarded");
    REFUSED((stage.imperfections.draw = UM_DRAW_RANDOM, stage.stream.atom_probability = 0.5,
             spec.accuracy.method = UM_METHOD_FORWARD),
            "stages[0].imperfections.draw", "fast-forwarded");
    REFUSED((stage.interaction.tau = 0, stage.interaction.pulse = UM_PULSE_SINE),
            "stages[0].interaction.pulse", "no pulse");
    REFUSED((stage.interaction.tau = 0, stage.imperfections.detuning_spread = 1),
            "stages[0].interaction.tau", "scatters");
    REFUSED((stage.interaction.tau = NAN, stage.environment.kappa = 1), "stages[0].interaction.g",
            "unit of time");
    REFUSED((stage.interaction.tau = NAN, stage.environment.atom_decay = 1),
            "stages[0].interaction.g", "unit of time");
    REFUSED((stage.interaction.tau = NAN, stage.imperfections.detuning_spread = 1),
            "stages[0].interaction.g", "scatters");
    REFUSED((stage.interaction.tau = 0, stage.stream.period = NAN, stage.environment.kappa = 1),
            "stages[0].environment", "no time passes");
    REFUSED((stage.stream.period = 2, stage.environment.kappa = 1,
             stage.environment.during_collision = false),
            "stages[0].environment", "no time passes");
    REFUSED((stage.environment.atom_decay = 1, stage.environment.during_collision = false),
            "stages[0].environment", "no time passes");
    restore();
}

/* What is allowed beside them. */
static void test_allowed(void **state)
{
    (void)state;
    stage.imperfections.draw = UM_DRAW_RANDOM; /* nothing is drawn: every collision is the same */
    spec.accuracy.method = UM_METHOD_FORWARD;
    resolved();
    stage.imperfections.draw = UM_DRAW_FROZEN;
    stage.imperfections.theta_spread = 0.1;
    resolved();
    restore(); /* FJM86: theta, instantaneous collisions, a period */
    stage.interaction.tau = 0;
    stage.environment.kappa = 1;
    stage.stream.arrivals = UM_ARRIVALS_POISSON;
    um_stage it = resolved();
    CHECK_CLOSE(it.stream.period, 5, 0);
    assert_true(it.environment.during_collision);
    restore(); /* a lossless charge, a lossy store */
    um_stage two[] = {stage, stage};
    two[0].interaction.tau = 0;
    two[0].stream.period = NAN;
    two[0].environment.kappa = two[1].environment.kappa = 0.1;
    two[1].kind = UM_STAGE_STORE;
    two[1].collisions = 0;
    two[1].duration = 7;
    spec.stages = two;
    spec.stages_count = 2;
    um_model_destroy(create());
}

static void test_neutral(void **state)
{
    (void)state;
    stage.atoms = (um_atoms){.q = 0.25, .c = 1, .phase = 1, .detuning = 0.5};
    stage.imperfections = (um_imperfections){.q_spread = 0.1, .phase_spread = 0.2,
                                             .theta_spread = 0.3};
    stage.environment.kappa = 0.5;
    stage.kind = UM_STAGE_DISCHARGE;
    stage.duration = 3;
    um_stage it = resolved();
    assert_true(it.atoms.q == 1 && it.atoms.c == 0 && it.atoms.phase == 0);
    CHECK_CLOSE(it.atoms.detuning, 0.5, 0);
    assert_true(it.imperfections.q_spread == 0 && it.imperfections.phase_spread == 0);
    CHECK_CLOSE(it.imperfections.theta_spread, 0.3, 0);
    assert_true(it.duration == 0 && it.environment.kappa == 0.5);
    stage.kind = UM_STAGE_STORE;
    stage.collisions = 0;
    stage.interaction.theta = NAN; /* no theta is needed */
    it = resolved();
    assert_true(it.duration == 3 && it.environment.kappa == 0.5);
    assert_true(it.interaction.theta == 0 && it.interaction.tau == 0 && it.stream.period == 0);
    assert_true(it.atoms.detuning == 0 && it.imperfections.theta_spread == 0);
    stage.kind = UM_STAGE_DRIVE;
    stage.drive_re = 0.5;
    stage.environment.kappa = 0;
    it = resolved();
    assert_true(it.duration == 0 && it.drive_re == 0.5 && it.environment.during_collision);
}

/* Samples are copied deeply, and only where their law uses them. */
static void test_samples(void **state)
{
    (void)state;
    double samples[] = {0.5, 1.5};
    um_stage two[] = {stage, stage};
    for (int i = 0; i < 2; i++) {
        two[i].imperfections.theta_samples = samples;
        two[i].imperfections.theta_samples_count = 2;
    }
    two[0].imperfections.theta_law = UM_SPREAD_SAMPLES;
    spec.stages = two;
    spec.stages_count = 2;
    um_model *model = create();
    uint64_t before = digest();
    samples[1] = 7;
    const um_stage *copies = um_model_get_spec(model)->stages;
    CHECK_CLOSE(copies[0].imperfections.theta_samples[1], 1.5, 0);
    assert_null(copies[1].imperfections.theta_samples);
    assert_int_equal(copies[1].imperfections.theta_samples_count, 0);
    um_model_destroy(model);
    assert_true(digest() != before);
}

#define CHANGED(assignments) \
    do { \
        assert_true(count < (int)(sizeof seen / sizeof *seen)); \
        (void)(assignments); \
        seen[count++] = digest(); \
    } while (0)

static void test_digest(void **state)
{
    (void)state;
    static const double samples[] = {0.5, 1.5};
    uint64_t seen[48];
    int count = 0;
    CHANGED(0);
    CHANGED(stage.environment.kappa = 0.1);
    CHANGED(stage.environment.n_th = 0.1);
    CHANGED(stage.environment.dephasing = 0.1);
    CHANGED(stage.environment.atom_decay = 0.1);
    CHANGED(stage.environment.atom_dephasing = 0.1);
    CHANGED(stage.environment.during_collision = false);
    CHANGED(stage.stream.arrivals = UM_ARRIVALS_POISSON);
    CHANGED(stage.stream.atom_probability = 0.5);
    CHANGED(stage.imperfections.theta_spread = 0.1);
    CHANGED(stage.imperfections.phase_spread = 0.1);
    CHANGED(stage.imperfections.q_spread = 0.1);
    CHANGED(stage.imperfections.detuning_spread = 0.1);
    CHANGED(stage.imperfections.theta_law = UM_SPREAD_VELOCITY);
    CHANGED((stage.imperfections.theta_spread = 0, stage.imperfections.theta_law = UM_SPREAD_MAXWELL));
    CHANGED((stage.imperfections.theta_law = UM_SPREAD_SAMPLES,
             stage.imperfections.theta_samples = samples,
             stage.imperfections.theta_samples_count = 1));
    CHANGED(stage.imperfections.theta_samples_count = 2);
    CHANGED(stage.imperfections.draw = UM_DRAW_FROZEN);
    CHANGED(stage.imperfections.draw = UM_DRAW_RANDOM);
    CHANGED(spec.seed = 5);
    CHANGED(stage.interaction.pulse = UM_PULSE_SINE);
    CHANGED(stage.interaction.pulse = UM_PULSE_GAUSSIAN);
    CHANGED(stage.interaction.pulse_width = 0.5);
    CHANGED((stage.until = (um_until){UM_UNTIL_ENERGY, 1, 0}));
    CHANGED(stage.until.value = 2);
    CHANGED(stage.until.kind = UM_UNTIL_ERGOTROPY);
    CHANGED(stage.until.kind = UM_UNTIL_PLATEAU);
    CHANGED((stage.until = (um_until){UM_UNTIL_PEAK, 0, 1}));
    CHANGED(stage.until.look_ahead = 2);
    CHANGED(stage.kind = (stage.until.kind = UM_UNTIL_COUNT, UM_STAGE_DISCHARGE));
    CHANGED((stage.kind = UM_STAGE_STORE, stage.collisions = 0, stage.duration = 1));
    CHANGED(stage.duration = 2);
    CHANGED((stage.environment = (um_environment){0}, stage.kind = UM_STAGE_DRIVE));
    CHANGED(stage.drive_re = 1);
    CHANGED(stage.drive_im = 1);
    for (int i = 0; i < count; i++)
        for (int j = 0; j < i; j++)
            if (seen[i] == seen[j]) fail_msg("changes %d and %d have the same digest", i, j);
    restore(); /* where nothing is drawn the seed means nothing; nor does the scale */
    uint64_t before = digest();
    spec.seed = 5;
    spec.omega_si = 1e9;
    stage.interaction.pulse_width = 1;
    assert_int_equal(digest(), before);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_model, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_ranges),  TEST(test_stages_refused), TEST(test_contradictions),
        TEST(test_allowed), TEST(test_neutral),        TEST(test_samples),
        TEST(test_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
