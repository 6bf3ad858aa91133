/* Memory that runs out at every single allocation while maps are made and used: each call says
 * UM_ERROR_MEMORY, nothing leaks, and what was there before still works. */
#include "scarce.h"

typedef struct trial {
    test_purse purse;
    um_context *ctx;
    um_model *model;
    um_state *in, *out;
} trial;

enum { LEVELS = 12 };

typedef um_status (*maker)(trial *t, um_map **map);

static um_status make_model_map(trial *t, um_map **map)
{
    return um_map_create(t->ctx, t->model, 0, LEVELS, map);
}

static um_status make_unitary_map(trial *t, um_map **map)
{
    static double re[4 * LEVELS * LEVELS], im[4 * LEVELS * LEVELS], lowering[LEVELS];
    for (int i = 0; i < 2 * LEVELS; i++) re[i * (2 * LEVELS + 1)] = 1;
    um_atoms atoms = {.q = 0.5, .c = 0.5};
    return um_map_create_unitary(t->ctx, LEVELS, re, im, &atoms, 1, lowering, 0.5, 0, map);
}

static um_status make_environment(trial *t, um_map **map)
{
    return um_map_create_environment(t->ctx, t->model, 0, LEVELS, 0.8, map);
}

static um_status make_displacement(trial *t, um_map **map)
{
    um_battery battery = {.kind = UM_BATTERY_CAVITY, .frequency = 1};
    return um_map_create_displacement(t->ctx, &battery, LEVELS, 0.3, 0.4, map);
}

static void begin(trial *t, const um_stage *stage)
{
    t->ctx = test_scarce_context(&t->purse);
    um_spec spec;
    um_spec_init(&spec);
    spec.stages = stage;
    CHECK_OK(t->ctx, um_model_create(t->ctx, &spec, &t->model));
    double re[LEVELS * LEVELS];
    for (int i = 0; i < LEVELS * LEVELS; i++) re[i] = 1.0 / LEVELS;
    CHECK_OK(t->ctx, um_state_create(t->ctx, LEVELS, 2, 0, 0, &t->in));
    CHECK_OK(t->ctx, um_state_create(t->ctx, LEVELS, 1, 0, 0, &t->out));
    CHECK_OK(t->ctx, um_state_set_matrix(t->in, LEVELS, re, NULL));
}

static void end(trial *t)
{
    um_state_destroy(t->in);
    um_state_destroy(t->out);
    um_model_destroy(t->model);
    assert_int_equal(um_context_get_blocks(t->ctx), 0);
    um_context_destroy(t->ctx);
    assert_int_equal(t->purse.given, 0);
}

/* Everything a map can be asked; the first failure ends it. */
static um_status use(trial *t, um_map *map)
{
    static double re[LEVELS * LEVELS * LEVELS * LEVELS], im[LEVELS * LEVELS * LEVELS * LEVELS];
    um_outcome outcome;
    um_status status = um_map_prepare(map, t->in);
    if (status == UM_OK) status = um_map_set_collision(map, 1, 1.5);
    if (status == UM_OK) status = um_map_apply(map, t->in, t->out, &outcome);
    if (status == UM_OK) status = um_map_apply_adjoint(map, t->in, t->out);
    if (status == UM_OK) status = um_map_get_matrix(map, re, im);
    return status;
}

static void check_failure(trial *t, um_status status)
{
    assert_int_equal(status, UM_ERROR_MEMORY);
    const um_error *error = um_context_get_error(t->ctx);
    assert_int_equal(error->status, UM_ERROR_MEMORY);
    assert_true(strlen(error->message) > 0);
}

/* Grants 0, 1, 2, ... allocations until all of it succeeds. */
static void run_out(const um_stage *stage, maker make)
{
    long granted = 0;
    for (bool done = false; !done; granted++) {
        assert_true(granted < 1000);
        trial t;
        um_map *map = (um_map *)&t; /* must be overwritten */
        begin(&t, stage);
        size_t before = um_context_get_blocks(t.ctx);
        t.purse.left = granted;
        um_status status = make(&t, &map);
        if (status != UM_OK) {
            check_failure(&t, status);
            assert_null(map);
            assert_int_equal(um_context_get_blocks(t.ctx), before);
        } else {
            status = use(&t, map);
            if (status != UM_OK) {
                check_failure(&t, status);
                t.purse.left = -1; /* with memory again, the same map works */
                CHECK_OK(t.ctx, use(&t, map));
            } else {
                done = true;
            }
        }
        um_map_destroy(map);
        end(&t);
    }
    print_message("%ld allocations\n", granted - 1);
    assert_true(granted > 2);
}

static um_stage stage_of(double detuning, double lambda, um_frame frame)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.collisions = 1;
    stage.atoms = (um_atoms){.q = 0.25, .c = 0.7, .phase = 0.2, .detuning = detuning};
    stage.interaction.g = 0.3;
    stage.interaction.tau = 1;
    stage.interaction.counter_rotating = lambda;
    stage.stream.frame = frame;
    return stage;
}

static void resonant(void **unused)
{
    (void)unused;
    um_stage stage = stage_of(0, 0, UM_FRAME_LOCKED);
    run_out(&stage, make_model_map);
}

static void detuned(void **unused)
{
    (void)unused;
    um_stage stage = stage_of(0.4, 0, UM_FRAME_LOCKED);
    run_out(&stage, make_model_map);
}

static void rabi(void **unused)
{
    (void)unused;
    um_stage stage = stage_of(0.4, 1, UM_FRAME_LAB);
    run_out(&stage, make_model_map);
}

static void averaged(void **unused)
{
    (void)unused;
    um_stage stage = stage_of(0, 0, UM_FRAME_LOCKED);
    stage.imperfections.theta_spread = 0.1;
    run_out(&stage, make_model_map);
    stage.imperfections.theta_law = UM_SPREAD_VELOCITY;
    run_out(&stage, make_model_map);
    stage.atoms.c = 0;
    run_out(&stage, make_model_map);
}

static const double factors[] = {0.9, 1.1};

static void averaged_rabi(void **unused)
{
    (void)unused;
    um_stage stage = stage_of(0.4, 1, UM_FRAME_LAB);
    stage.imperfections.theta_law = UM_SPREAD_SAMPLES;
    stage.imperfections.theta_samples = factors;
    stage.imperfections.theta_samples_count = 2;
    run_out(&stage, make_model_map);
}

/* Many small tables: made of few levels, and not used. */
static um_status make_small(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    um_spec spec;
    um_model *model;
    um_map *map;
    um_spec_init(&spec);
    spec.stages = user;
    um_status status = um_model_create(ctx, &spec, &model);
    if (status != UM_OK) return status;
    status = um_map_create(ctx, model, 0, 3, &map);
    um_map_destroy(map);
    um_model_destroy(model);
    return status;
}

static void averaged_joint(void **unused)
{
    (void)unused;
    um_stage stage = stage_of(0, 0, UM_FRAME_LOCKED);
    stage.environment.kappa = 0.1;
    stage.imperfections.theta_law = UM_SPREAD_SAMPLES;
    stage.imperfections.theta_samples = factors;
    stage.imperfections.theta_samples_count = 2;
    assert_true(test_scarce_sweep(make_small, &stage) > 10);
}

static void drawn(void **unused)
{
    (void)unused;
    um_stage stage = stage_of(0, 0, UM_FRAME_LOCKED);
    stage.imperfections = (um_imperfections){.theta_spread = 0.1, .phase_spread = 0.2, .q_spread = 0.1,
                                             .detuning_spread = 0.1, .draw = UM_DRAW_RANDOM};
    run_out(&stage, make_model_map);
    stage.imperfections.draw = UM_DRAW_FROZEN;
    run_out(&stage, make_model_map);
}

static void given_unitary(void **unused)
{
    (void)unused;
    um_stage stage = stage_of(0, 0, UM_FRAME_LOCKED);
    run_out(&stage, make_unitary_map);
}

/* Between collisions, with slots that may be empty. */
static um_stage open_stage(um_arrivals arrivals)
{
    um_stage stage = stage_of(0, 0, UM_FRAME_LOCKED);
    stage.environment = (um_environment){.kappa = 0.1, .n_th = 0.2, .dephasing = 0.1, .during_collision = false};
    stage.stream.period = 2;
    stage.stream.arrivals = arrivals;
    stage.stream.atom_probability = 0.6;
    return stage;
}

static void open_regular(void **unused)
{
    (void)unused;
    um_stage stage = open_stage(UM_ARRIVALS_REGULAR);
    run_out(&stage, make_model_map);
}

static void open_poisson(void **unused)
{
    (void)unused;
    um_stage stage = open_stage(UM_ARRIVALS_POISSON);
    run_out(&stage, make_model_map);
}

static void environment(void **unused)
{
    (void)unused;
    um_stage stage = open_stage(UM_ARRIVALS_REGULAR);
    run_out(&stage, make_environment);
}

static void displacement(void **unused)
{
    (void)unused;
    um_stage stage = stage_of(0, 0, UM_FRAME_LOCKED);
    run_out(&stage, make_displacement);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resonant),
        cmocka_unit_test(detuned),
        cmocka_unit_test(rabi),
        cmocka_unit_test(averaged),
        cmocka_unit_test(averaged_rabi),
        cmocka_unit_test(averaged_joint),
        cmocka_unit_test(drawn),
        cmocka_unit_test(given_unitary),
        cmocka_unit_test(open_regular),
        cmocka_unit_test(open_poisson),
        cmocka_unit_test(environment),
        cmocka_unit_test(displacement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
