/* Counter-rotating collisions of up to five levels while the environment acts: every matrix unit
 * against the master equation of the joint system, in both frames; and the limits. */
#include "context.h"
#include "exhaustive.h"
#include "map/joint.h"
#include "map/open_rabi.h"
#include "random_state.h"

enum { LEVELS_MAX = 5 };

typedef struct experiment {
    char label[256];
    um_spec spec;
    um_stage stage;
    int levels;
    double time; /* at which the collision starts */
    um_map *map;
} experiment;

static experiment make(um_battery_kind kind, int levels, double frequency)
{
    experiment e = {.levels = levels};
    um_spec_init(&e.spec);
    e.stage = e.spec.stages[0];
    e.stage.collisions = 1;
    e.stage.interaction = (um_interaction){.theta = NAN, .g = 0.4 * frequency, .tau = M_PI / frequency,
                                           .counter_rotating = 1};
    e.spec.battery.kind = kind;
    e.spec.battery.frequency = frequency;
    if (kind == UM_BATTERY_LADDER) e.spec.battery.levels = levels;
    return e;
}

static um_model *resolve(experiment *e)
{
    um_model *model;
    e->stage.environment.during_collision = true;
    e->spec.stages = &e->stage;
    e->spec.stages_count = 1;
    CHECK_OK(ctx, um_model_create(ctx, &e->spec, &model));
    e->stage = um_model_get_spec(model)->stages[0];
    return model;
}

static void build(experiment *e)
{
    um_model *model = resolve(e);
    CHECK_OK(ctx, um_map_create(ctx, model, 0, e->levels, &e->map));
    um_model_destroy(model);
}

/* ---- against the oracle --------------------------------------------------------------------------- */

static void check(const experiment *e, const char *what, double have, oracle_real want, double tolerance)
{
    if (!(fabsl(have - want) <= tolerance))
        fail_msg("%s: %s: %.17g, oracle %.17Lg, differ by %.2Lg", e->label, what, have, want, have - want);
}

/* The oracle's collision begins at time 0: its frame is turned to the time before and after. */
static void turn(int levels, oracle_real angle, oracle_complex *rho)
{
    for (int i = 0; i < levels; i++)
        for (int j = 0; j < levels; j++) rho[i * levels + j] *= cexpl(1.0iL * (angle * (i - j)));
}

static void compare_unit(experiment *e, const oracle_battery *battery, int n, int m, bool imaginary)
{
    int levels = e->levels, size = levels * levels;
    const um_stage *stage = &e->stage;
    double re[LEVELS_MAX * LEVELS_MAX] = {0}, im[LEVELS_MAX * LEVELS_MAX] = {0};
    oracle_complex rho[LEVELS_MAX * LEVELS_MAX], atom[4];
    (imaginary ? im : re)[n * levels + m] = 1;
    if (n != m) (imaginary ? im : re)[m * levels + n] = imaginary ? -1 : 1;
    for (int i = 0; i < size; i++) rho[i] = re[i] + 1.0iL * im[i];

    um_state *in, *out;
    um_outcome have;
    CHECK_OK(ctx, um_state_create(ctx, levels, 2, 3, 0.3, &in));
    CHECK_OK(ctx, um_state_create(ctx, levels, 1, 0, 0, &out));
    CHECK_OK(ctx, um_state_set_matrix(in, levels, re, im));
    CHECK_OK(ctx, um_map_prepare(e->map, in));
    CHECK_OK(ctx, um_map_set_collision(e->map, 3, e->time));
    CHECK_OK(ctx, um_map_apply(e->map, in, out, &have));
    um_state_get_matrix(out, 0, levels, re, im);

    const oracle_interaction interaction = {e->spec.battery.frequency, stage->atoms.detuning,
                                            stage->interaction.g, stage->interaction.tau,
                                            stage->interaction.counter_rotating};
    const um_environment *bath = &stage->environment;
    const oracle_environment environment = {bath->kappa, bath->n_th, bath->dephasing, bath->atom_decay,
                                            bath->atom_dephasing};
    const oracle_atom incoming = {stage->atoms.q, stage->atoms.c, stage->atoms.phase};
    oracle_real angle = stage->stream.frame == UM_FRAME_LAB ? e->spec.battery.frequency * e->time : 0;
    oracle_open_outcome want;
    oracle_atom_matrix(&incoming, atom);
    oracle_real brought = n == m ? creall(atom[3]) : 0;
    atom[1] *= cexpl(1.0iL * angle);
    atom[2] *= cexpl(-1.0iL * angle);
    turn(levels, -angle, rho);
    oracle_open_collide(battery, &interaction, &environment, atom, rho, rho, &want);
    turn(levels, angle, rho);
    want.atom[1] *= cexpl(-1.0iL * angle);

    for (int i = 0; i < size; i++) {
        check(e, "real part", re[i], creall(rho[i]), 1e-12);
        check(e, "imaginary part", im[i], cimagl(rho[i]), 1e-12);
    }
    check(e, "excited", have.excited, creall(want.atom[3]), 1e-12);
    check(e, "change", have.change, creall(want.atom[3]) - brought, 1e-12);
    check(e, "Re <g|rho_q|e>", have.coherence_re, creall(want.atom[1]), 1e-12);
    check(e, "Im <g|rho_q|e>", have.coherence_im, cimagl(want.atom[1]), 1e-12);
    check(e, "<V> at the start", have.coupling_start, want.coupling_start, 1e-13);
    check(e, "<V> at the end", have.coupling_end, want.coupling_end, 2e-12);
    check(e, "heat", have.heat, want.heat, 1e-11);
    um_state_destroy(in);
    um_state_destroy(out);
}

static void compare(experiment *e)
{
    build(e);
    const um_environment *b = &e->stage.environment;
    snprintf(e->label, sizeof e->label, "%d levels, q %g c %g detuning %g, frame %d, lambda %g, rates %g %g %g %g %g",
             e->levels, e->stage.atoms.q, e->stage.atoms.c, e->stage.atoms.detuning, e->stage.stream.frame,
             e->stage.interaction.counter_rotating, b->kappa, b->n_th, b->dephasing, b->atom_decay,
             b->atom_dephasing);
    assert_string_equal(um_map_get_info(e->map).method, "open-rabi");
    oracle_battery battery = e->spec.battery.kind == UM_BATTERY_CAVITY ? oracle_cavity(e->levels)
                                                                       : oracle_ladder(e->levels);
    for (int n = 0; n < e->levels; n++)
        for (int m = n; m < e->levels; m++) {
            compare_unit(e, &battery, n, m, false);
            if (n != m) compare_unit(e, &battery, n, m, true);
        }
    oracle_battery_free(&battery);
    um_map_destroy(e->map);
}

static void compare_all(int kind, int levels)
{
    for (int i = 0; i < exhaustive_baths_count; i++)
        for (int a = 0; a < exhaustive_atoms_count; a++) {
            if ((i + a + levels) % exhaustive_atoms_count >= test_effort()) continue;
            if (levels > 3 && test_effort() == 1 && i != levels + kind) continue;
            experiment e = make(kind ? UM_BATTERY_LADDER : UM_BATTERY_CAVITY, levels, kind ? 4 : 2);
            e.stage.environment = exhaustive_baths[i];
            e.stage.atoms = exhaustive_atoms[a];
            e.stage.atoms.detuning = kind ? 0.3 : -0.15;
            e.stage.interaction.counter_rotating = i % 2 ? 1 : 0.6;
            if ((i + kind) % 2) {
                e.stage.stream.frame = UM_FRAME_LAB;
                e.stage.stream.period = e.stage.interaction.tau;
                e.time = 3.7;
            }
            /* A truncated cavity loses what thermal photons lift out of it, the oracle's is closed. */
            if (!kind) e.stage.environment.n_th = 0;
            compare(&e);
        }
}

static void ladders(void **unused)
{
    (void)unused;
    for (int levels = 2; levels <= LEVELS_MAX; levels++) compare_all(1, levels);
}

static void cavities(void **unused)
{
    (void)unused;
    for (int levels = 1; levels <= LEVELS_MAX; levels++) compare_all(0, levels);
}

/* Another power of the step counts at each end: weak and long, strong and short. */
static void couplings(void **unused)
{
    (void)unused;
    static const double g[] = {0.02, 0.1, 1, 2}, tau[] = {5 * M_PI, 2 * M_PI, M_PI, M_PI};
    for (int i = 0; i < 4; i++) {
        experiment e = make(UM_BATTERY_LADDER, 3, 1);
        e.stage.environment = (um_environment){.kappa = 0.01, .n_th = 0.2, .atom_decay = 0.02};
        e.stage.atoms = exhaustive_atoms[i % exhaustive_atoms_count];
        e.stage.interaction.g = g[i];
        e.stage.interaction.tau = tau[i];
        compare(&e);
    }
}

/* ---- limits ----------------------------------------------------------------------------------- */

static um_state *state_for(const um_map *map, int levels, int below, uint64_t seed)
{
    test_random random = {seed};
    um_state *small = test_random_state(ctx, &random, TEST_MIXED, below), *state;
    double *re = calloc(2 * (size_t)(below * below), sizeof *re), *im = re + below * below;
    um_state_get_matrix(small, 0, below, re, im);
    CHECK_OK(ctx, um_state_create(ctx, levels, 2, 0, 0, &state));
    CHECK_OK(ctx, um_state_set_matrix(state, below, re, im));
    CHECK_OK(ctx, um_map_prepare(map, state));
    um_state_destroy(small);
    free(re);
    return state;
}

static double difference(um_map *a, um_map *b, int levels, int below, double *heat)
{
    um_state *out[2];
    um_outcome outcome[2];
    um_map *map[2] = {a, b};
    double *re[2], *im[2], largest = 0;
    for (int i = 0; i < 2; i++) {
        um_state *in = state_for(map[i], levels, below, 7);
        re[i] = calloc(2 * (size_t)(levels * levels), sizeof(double));
        im[i] = re[i] + levels * levels;
        CHECK_OK(ctx, um_state_create(ctx, levels, 2, 0, 0, &out[i]));
        CHECK_OK(ctx, um_map_apply(map[i], in, out[i], &outcome[i]));
        um_state_get_matrix(out[i], 0, levels, re[i], im[i]);
        um_state_destroy(in);
    }
    for (int i = 0; i < 2 * levels * levels; i++) largest = fmax(largest, fabs(re[0][i] - re[1][i]));
    largest = fmax(largest, fabs(outcome[0].excited - outcome[1].excited));
    largest = fmax(largest, fabs(outcome[0].coherence_re - outcome[1].coherence_re));
    largest = fmax(largest, fabs(outcome[0].coherence_im - outcome[1].coherence_im));
    largest = fmax(largest, fabs(outcome[0].coupling_start - outcome[1].coupling_start));
    largest = fmax(largest, fabs(outcome[0].coupling_end - outcome[1].coupling_end));
    *heat = outcome[0].heat - outcome[1].heat;
    for (int i = 0; i < 2; i++) {
        um_state_destroy(out[i]);
        free(re[i]);
    }
    return largest;
}

/* Rates that do nothing: the unitary map, which takes another way through the same chains. */
static void closed_limit(void **unused)
{
    (void)unused;
    for (int lab = 0; lab < 2; lab++) {
        double heat;
        experiment e = make(UM_BATTERY_CAVITY, 30, 1), closed;
        e.stage.atoms = (um_atoms){.q = 0.3, .c = 0.8, .phase = 0.7, .detuning = 0.1};
        e.stage.environment.kappa = 1e-15;
        e.stage.stream.frame = lab ? UM_FRAME_LAB : UM_FRAME_LOCKED;
        if (lab) e.stage.stream.period = M_PI;
        closed = e;
        closed.stage.environment.kappa = 0;
        build(&e);
        build(&closed);
        assert_string_equal(um_map_get_info(closed.map).method, "unitary");
        CHECK_OK(ctx, um_map_set_collision(e.map, 5, 11.3));
        CHECK_OK(ctx, um_map_set_collision(closed.map, 5, 11.3));
        CHECK_AT_MOST(difference(e.map, closed.map, 30, 5, &heat), 2e-14);
        CHECK_AT_MOST(fabs(heat), 1e-13);
        um_map_destroy(e.map);
        um_map_destroy(closed.map);
    }
}

/* Without counter-rotating terms: the joint tables. */
static void rotating_limit(void **unused)
{
    (void)unused;
    for (int i = 0; i < 2; i++) {
        double heat;
        experiment e = make(i ? UM_BATTERY_LADDER : UM_BATTERY_CAVITY, 12, 1);
        e.stage.atoms = (um_atoms){.q = 0.4, .c = 0.9, .phase = -0.7, .detuning = 0.2 * i};
        e.stage.environment = (um_environment){.kappa = 0.02, .n_th = 0.1, .dephasing = 0.01, .atom_decay = 0.03};
        e.stage.interaction.counter_rotating = 0;
        e.stage.stream.period = e.stage.interaction.tau;
        um_model *model = resolve(&e);
        umi_collision collision;
        um_map *table, *steps;
        CHECK_OK(ctx, umi_collision_make(ctx, model, 0, e.levels, &collision));
        CHECK_OK(ctx, umi_map_create_joint(ctx, &collision, &table));
        CHECK_OK(ctx, umi_map_create_open_rabi(ctx, &collision, &steps));
        CHECK_AT_MOST(difference(table, steps, e.levels, e.levels, &heat), 2e-12);
        CHECK_AT_MOST(fabs(heat), 1e-11);
        um_map_destroy(table);
        um_map_destroy(steps);
        um_model_destroy(model);
    }
}

/* What a small space leaves out against one that is large enough, and what it says of it. */
static void bound_holds(void **unused)
{
    (void)unused;
    for (int levels = 8; levels <= 16; levels += 4) {
        experiment e = make(UM_BATTERY_CAVITY, levels, 1), large;
        e.stage.atoms = (um_atoms){.q = 0.2, .c = 1};
        e.stage.environment = (um_environment){.kappa = 0.02, .n_th = 0.2, .atom_decay = 0.03};
        large = e;
        large.levels = 28;
        build(&e);
        build(&large);
        um_state *in = state_for(e.map, levels, 4, 3), *wide = state_for(large.map, 28, 4, 3), *out, *far;
        um_outcome outcome, truth;
        CHECK_OK(ctx, um_state_create(ctx, levels, 2, 0, 0, &out));
        CHECK_OK(ctx, um_state_create(ctx, 28, 2, 0, 0, &far));
        CHECK_OK(ctx, um_map_apply(e.map, in, out, &outcome));
        CHECK_OK(ctx, um_map_apply(large.map, wide, far, &truth));
        double lost = um_state_get_trace(far) - um_state_get_trace(out);
        double re[2][400], im[2][400], squares = 0;
        um_state_get_matrix(out, 0, levels, re[0], im[0]);
        um_state_get_matrix(far, 0, levels, re[1], im[1]);
        for (int i = 0; i < levels * levels; i++)
            squares += pow(re[0][i] - re[1][i], 2) + pow(im[0][i] - im[1][i], 2);
        CHECK_AT_MOST(truth.error_bound, 1e-12);
        CHECK_AT_MOST(fabs(lost), outcome.error_bound + 1e-13);
        CHECK_AT_MOST(sqrt(squares), outcome.error_bound + 1e-12);
        CHECK_AT_MOST(outcome.error_bound, 1e6 * sqrt(squares) + 1e-10); /* and is not void */
        um_state *states[4] = {in, wide, out, far};
        for (int i = 0; i < 4; i++) um_state_destroy(states[i]);
        um_map_destroy(e.map);
        um_map_destroy(large.map);
    }
}

static void refusals(void **unused)
{
    (void)unused;
    experiment e = make(UM_BATTERY_CAVITY, 5, 1);
    e.stage.environment.kappa = 0.1;
    um_model *model = resolve(&e);
    umi_collision collision;
    um_map *map;
    CHECK_OK(ctx, umi_collision_make(ctx, model, 0, 5, &collision));
    collision.interaction.pulse = UM_PULSE_SINE;
    CHECK_STATUS(ctx, umi_map_create_open_rabi(ctx, &collision, &map), UM_ERROR_UNSUPPORTED);
    assert_string_equal(um_context_get_error(ctx)->key, "environment.during_collision");
    assert_null(map);
    collision.interaction.pulse = UM_PULSE_CONSTANT;
    collision.levels = 1001;
    CHECK_STATUS(ctx, umi_map_create_open_rabi(ctx, &collision, &map), UM_ERROR_UNSUPPORTED);
    collision.levels = 5;
    collision.interaction.tau = 1e5; /* more steps than are allowed */
    CHECK_STATUS(ctx, umi_map_create_open_rabi(ctx, &collision, &map), UM_ERROR_NOCONV);
    assert_string_equal(um_context_get_error(ctx)->key, "environment.during_collision");
    um_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ladders),      cmocka_unit_test(cavities),       cmocka_unit_test(couplings),
        cmocka_unit_test(closed_limit), cmocka_unit_test(rotating_limit), cmocka_unit_test(bound_holds),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
