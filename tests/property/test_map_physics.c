/* What collisions must do whatever the numbers: symmetries, limits, one implementation against
 * another, on random states. */
#include "context.h"
#include "oracle.h"
#include "random_state.h"

enum { LEVELS = 24 };

static test_random random_source = {2024};

typedef struct image {
    double re[LEVELS * LEVELS], im[LEVELS * LEVELS];
    um_outcome outcome;
} image;

static um_stage plain(void)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.atoms = (um_atoms){.q = 0.3, .c = 0.8, .phase = 0.4};
    stage.interaction.g = 0.7;
    stage.interaction.tau = 1.2;
    return stage;
}

static um_map *map_of(const um_stage *stage, um_battery_kind kind)
{
    um_spec spec;
    um_model *model;
    um_map *map;
    um_spec_init(&spec);
    spec.battery.kind = kind;
    if (kind == UM_BATTERY_LADDER) spec.battery.levels = LEVELS;
    spec.stages = stage;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    CHECK_OK(ctx, um_map_create(ctx, model, 0, LEVELS, &map));
    um_model_destroy(model);
    return map;
}

static void draw(image *start, int kind)
{
    test_random_matrix(&random_source, (test_kind)kind, LEVELS, start->re, start->im);
}

static void send(um_map *map, double time, const image *start, image *end)
{
    um_state *in, *out;
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 2, 0, 0, &in));
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 2, 0, 0, &out));
    CHECK_OK(ctx, um_state_set_matrix(in, LEVELS, start->re, start->im));
    CHECK_OK(ctx, um_map_prepare(map, in));
    CHECK_OK(ctx, um_map_set_collision(map, 0, time));
    CHECK_OK(ctx, um_map_apply(map, in, out, &end->outcome));
    um_state_get_matrix(out, 0, LEVELS, end->re, end->im);
    um_state_destroy(in);
    um_state_destroy(out);
}

static void check_same(const image *a, const image *b, double tolerance)
{
    for (int i = 0; i < LEVELS * LEVELS; i++) {
        CHECK_CLOSE(a->re[i], b->re[i], tolerance);
        CHECK_CLOSE(a->im[i], b->im[i], tolerance);
    }
    CHECK_CLOSE(a->outcome.excited, b->outcome.excited, tolerance);
    CHECK_CLOSE(a->outcome.coherence_re, b->outcome.coherence_re, tolerance);
    CHECK_CLOSE(a->outcome.coherence_im, b->outcome.coherence_im, tolerance);
    CHECK_CLOSE(a->outcome.coupling_start, b->outcome.coupling_start, 10 * tolerance);
    CHECK_CLOSE(a->outcome.coupling_end, b->outcome.coupling_end, 10 * tolerance);
}

/* rho_nm e^(-i angle (n-m)) */
static void turn(image *state, double angle)
{
    for (int n = 0; n < LEVELS; n++)
        for (int m = 0; m < LEVELS; m++) {
            double re = state->re[n * LEVELS + m], im = state->im[n * LEVELS + m];
            double c = cos(angle * (n - m)), s = -sin(angle * (n - m));
            state->re[n * LEVELS + m] = re * c - im * s;
            state->im[n * LEVELS + m] = re * s + im * c;
        }
}

/* A phase of the atoms turns the battery, and nothing else, as long as nothing counter-rotates;
 * with counter-rotating terms half a turn still does. */
static void phase_turns_the_battery(void **unused)
{
    (void)unused;
    const struct {
        double lambda, detuning, by;
    } cases[] = {{0, 0, 1.1}, {0, 0.5, -2.3}, {1, 0, M_PI}, {0.4, 0.2, M_PI}};
    for (int i = 0; i < 4; i++)
        for (int kind = 0; kind < TEST_KINDS; kind++) {
            um_stage stage = plain();
            stage.interaction.counter_rotating = cases[i].lambda;
            stage.atoms.detuning = cases[i].detuning;
            um_map *map = map_of(&stage, UM_BATTERY_LADDER);
            stage.atoms.phase += cases[i].by;
            um_map *turned_map = map_of(&stage, UM_BATTERY_LADDER);
            image start, end, turned_end;
            draw(&start, kind);
            send(map, 0, &start, &end);
            turn(&start, cases[i].by);
            send(turned_map, 0, &start, &turned_end);
            turn(&end, cases[i].by);
            double re = end.outcome.coherence_re, im = end.outcome.coherence_im;
            end.outcome.coherence_re = re * cos(cases[i].by) - im * sin(cases[i].by);
            end.outcome.coherence_im = re * sin(cases[i].by) + im * cos(cases[i].by);
            check_same(&end, &turned_end, 1e-14);
            um_map_destroy(map);
            um_map_destroy(turned_map);
        }
}

/* Terms that go to zero leave what is there without them: three implementations meet. */
static void limits_meet(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < TEST_KINDS; kind++) {
        um_stage stage = plain();
        image start, resonant, detuned, rabi;
        draw(&start, kind);
        um_map *map = map_of(&stage, UM_BATTERY_LADDER);
        send(map, 0, &start, &resonant);
        um_map_destroy(map);
        stage.atoms.detuning = 1e-14;
        map = map_of(&stage, UM_BATTERY_LADDER);
        assert_string_equal(um_map_get_info(map).method, "detuned-stencil");
        send(map, 0, &start, &detuned);
        um_map_destroy(map);
        check_same(&resonant, &detuned, 1e-13);
        stage.interaction.counter_rotating = 1e-14;
        stage.stream.frame = UM_FRAME_LAB;
        map = map_of(&stage, UM_BATTERY_LADDER);
        assert_string_equal(um_map_get_info(map).method, "unitary");
        send(map, 3.3, &start, &rabi);
        um_map_destroy(map);
        check_same(&resonant, &rabi, 1e-13);
    }
}

/* A period of a multiple of pi/omega locks the lab frame by itself. */
static void parity_locks_the_lab(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < TEST_KINDS; kind++) {
        um_stage stage = plain();
        image start, locked, lab, other;
        stage.interaction.counter_rotating = 0.8;
        draw(&start, kind);
        um_map *map = map_of(&stage, UM_BATTERY_LADDER);
        send(map, 0, &start, &locked);
        um_map_destroy(map);
        stage.stream.frame = UM_FRAME_LAB;
        map = map_of(&stage, UM_BATTERY_LADDER);
        send(map, 7 * M_PI, &start, &lab);
        send(map, 7 * M_PI + 0.5, &start, &other);
        um_map_destroy(map);
        check_same(&locked, &lab, 1e-13);
        if (kind == TEST_MIXED)
            assert_true(fabs(other.outcome.excited - locked.outcome.excited) > 1e-4);
    }
}

/* The oracle's unitary through um_map_create_unitary gives what the stencil gives. */
static void given_unitary_is_the_stencil(void **unused)
{
    (void)unused;
    oracle_battery battery = oracle_ladder(LEVELS);
    oracle_interaction interaction = {1, 0.6, 0.7, 1.2, 0};
    static oracle_complex u[4 * LEVELS * LEVELS];
    static double re[4 * LEVELS * LEVELS], im[4 * LEVELS * LEVELS], lowering[LEVELS];
    oracle_unitary(&battery, &interaction, 0, u);
    for (int i = 0; i < 4 * LEVELS * LEVELS; i++) {
        re[i] = (double)creall(u[i]);
        im[i] = (double)cimagl(u[i]);
    }
    for (int n = 1; n < LEVELS; n++) lowering[n] = 1;
    um_stage stage = plain();
    stage.atoms.detuning = 0.6;
    um_map *stencil = map_of(&stage, UM_BATTERY_LADDER), *given;
    CHECK_OK(ctx, um_map_create_unitary(ctx, LEVELS, re, im, &stage.atoms, 1, lowering, 0.7, 0,
                                        &given));
    for (int kind = 0; kind < TEST_KINDS; kind++) {
        image start, a, b;
        draw(&start, kind);
        send(stencil, 0, &start, &a);
        send(given, 0, &start, &b);
        check_same(&a, &b, 1e-14);
    }
    um_map_destroy(stencil);
    um_map_destroy(given);
    oracle_battery_free(&battery);
}

/* Ground-state atoms and the vacuum: nothing happens, exactly. */
static void vacuum_stays(void **unused)
{
    (void)unused;
    um_stage stage = plain();
    stage.atoms = (um_atoms){.q = 1, .phase = 0.9};
    for (int detuned = 0; detuned <= 1; detuned++) {
        stage.atoms.detuning = 0.3 * detuned;
        um_map *map = map_of(&stage, UM_BATTERY_CAVITY);
        image start = {.re = {1}}, end;
        send(map, 0, &start, &end);
        CHECK_CLOSE(end.re[0], 1, 0);
        CHECK_CLOSE(end.outcome.excited, 0, 0);
        for (int i = 1; i < LEVELS * LEVELS; i++) assert_true(end.re[i] == 0 && end.im[i] == 0);
        um_map_destroy(map);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phase_turns_the_battery),
        cmocka_unit_test(limits_meet),
        cmocka_unit_test(parity_locks_the_lab),
        cmocka_unit_test(given_unitary_is_the_stencil),
        cmocka_unit_test(vacuum_stays),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
