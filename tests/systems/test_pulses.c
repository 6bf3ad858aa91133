/* Collisions whose coupling rises and falls, against exponentials of short constant pieces that are
 * extrapolated to none: every element, the outgoing atom, the work of switching. */
#include <complex.h>

#include "context.h"
#include "oracle.h"
#include "random_state.h"

enum { LEVELS = 6, SIZE = 2 * LEVELS, ROUNDS = 4, PIECES_FIRST = 12 };
static const long double PI = 3.14159265358979323846L;

typedef struct pulse_case {
    const char *name;
    um_battery_kind kind;
    um_pulse pulse;
    double width, q, c, phase, detuning, g, tau, lambda;
    bool uneven, lab;
} pulse_case;

static const double uneven_energies[LEVELS] = {0.1, 1.1, 2.3, 3.2, 4.25, 5.3};
static const double uneven_lowering[LEVELS] = {0, 1, 1.3, 0.7, 1.1, 1.6};

static const pulse_case cases[] = {
    {"resonant sine", UM_BATTERY_LADDER, UM_PULSE_SINE, 0.25, 0.3, 0.8, 0.4, 0, 0.8, 1.3, 0, false, false},
    {"detuned sine", UM_BATTERY_LADDER, UM_PULSE_SINE, 0.25, 0.3, 0.8, 0.4, 0.9, 0.8, 1.3, 0, false, false},
    {"detuned gaussian", UM_BATTERY_LADDER, UM_PULSE_GAUSSIAN, 0.15, 0, 0, 0, -2, 1.1, 2.5, 0, false, false},
    {"cut gaussian", UM_BATTERY_LADDER, UM_PULSE_GAUSSIAN, 0.6, 0.6, 1, -1, 0.5, 1.1, 1.5, 0, false, false},
    {"uneven sine", UM_BATTERY_CUSTOM, UM_PULSE_SINE, 0.25, 0.25, 1, 0.2, 0.3, 0.7, 2, 0, true, false},
    {"uneven gaussian", UM_BATTERY_CUSTOM, UM_PULSE_GAUSSIAN, 0.2, 0.7, 0.5, 0, 0, 0.7, 2, 0, true, false},
    {"rabi sine", UM_BATTERY_LADDER, UM_PULSE_SINE, 0.25, 0.25, 1, 0.3, 0, 0.5, 2, 1, false, false},
    {"rabi gaussian", UM_BATTERY_LADDER, UM_PULSE_GAUSSIAN, 0.2, 0.4, 0.6, 0.3, 0.4, 0.9, 3, 0.7, false, false},
    {"rabi cut gaussian, lab", UM_BATTERY_LADDER, UM_PULSE_GAUSSIAN, 0.7, 0.4, 0.6, 0.3, -0.2, 0.9, 2, 1, false, true},
    {"strong rabi sine, lab", UM_BATTERY_LADDER, UM_PULSE_SINE, 0.25, 0, 0, 0, 0, 1.5, 4, 1, false, true},
};
enum { CASES = sizeof cases / sizeof *cases };

static um_model *make_model(const pulse_case *it)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.battery.kind = it->kind;
    spec.battery.levels = LEVELS;
    spec.battery.energies = it->uneven ? uneven_energies : NULL;
    spec.battery.lowering = it->uneven ? uneven_lowering : NULL;
    stage.atoms = (um_atoms){it->q, it->c, it->phase, it->detuning};
    stage.interaction.g = it->g;
    stage.interaction.tau = it->tau;
    stage.interaction.counter_rotating = it->lambda;
    stage.interaction.pulse = it->pulse;
    stage.interaction.pulse_width = it->width;
    if (it->lab) stage.stream.frame = UM_FRAME_LAB;
    spec.stages = &stage;
    um_model *model;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    return model;
}

static oracle_battery battery_of(const pulse_case *it)
{
    return it->uneven ? oracle_custom(LEVELS, uneven_energies, uneven_lowering) : oracle_ladder(LEVELS);
}

static long double shape(const pulse_case *it, long double x)
{
    if (it->pulse == UM_PULSE_SINE) return PI / 2 * sinl(PI * x);
    long double away = (x - 0.5L) / it->width, area = 0;
    enum { CELLS = 2000 }; /* the area by Simpson's rule, not by the error function */
    for (int i = 0; i <= CELLS; i++) {
        long double y = ((long double)i / CELLS - 0.5L) / it->width;
        area += expl(-y * y / 2) * (i == 0 || i == CELLS ? 1 : i % 2 ? 4 : 2) / (3.0L * CELLS);
    }
    return expl(-away * away / 2) / area;
}

/* e^{-i H tau} by pieces of constant coupling, and what switching from piece to piece cost. */
typedef struct passage {
    oracle_complex u[SIZE * SIZE], work[SIZE * SIZE];
} passage;

static void add_jump(const oracle_complex *u, const oracle_complex *v, long double height,
                     oracle_complex *work)
{
    oracle_complex half[SIZE * SIZE], adjoint[SIZE * SIZE], all[SIZE * SIZE];
    oracle_multiply(SIZE, v, u, half);
    oracle_adjoint(SIZE, u, adjoint);
    oracle_multiply(SIZE, adjoint, half, all);
    for (int i = 0; i < SIZE * SIZE; i++) work[i] += height * all[i];
}

static void pass(const pulse_case *it, const oracle_battery *battery, int pieces, passage *p)
{
    oracle_interaction one = {1, it->detuning, 1, it->tau, it->lambda};
    oracle_complex v[SIZE * SIZE] = {0}, h[SIZE * SIZE], step[SIZE * SIZE], next[SIZE * SIZE];
    oracle_coupling(battery, &one, v);
    long double before = 0;
    for (int i = 0; i < SIZE * SIZE; i++) p->u[i] = i % (SIZE + 1) == 0, p->work[i] = 0;
    for (int k = 0; k < pieces; k++) {
        oracle_interaction now = one;
        now.g = it->g * shape(it, (k + 0.5L) / pieces);
        add_jump(p->u, v, now.g - before, p->work);
        before = now.g;
        oracle_hamiltonian(battery, &now, h);
        oracle_exponential(SIZE, h, -I * it->tau / pieces, step);
        oracle_multiply(SIZE, step, p->u, next);
        memcpy(p->u, next, sizeof next);
    }
    add_jump(p->u, v, -before, p->work);
}

/* Errors fall with even powers of the length of a piece. */
static void pass_exactly(const pulse_case *it, const oracle_battery *battery, passage *exact)
{
    static passage row[ROUNDS + 1];
    for (int r = 0; r <= ROUNDS; r++) {
        pass(it, battery, PIECES_FIRST << r, &row[r]);
        for (int j = r - 1; j >= 0; j--) {
            long double factor = 1 / (ldexpl(1, 2 * (r - j)) - 1);
            for (int i = 0; i < SIZE * SIZE; i++) {
                row[j].u[i] = row[j + 1].u[i] + factor * (row[j + 1].u[i] - row[j].u[i]);
                row[j].work[i] = row[j + 1].work[i] + factor * (row[j + 1].work[i] - row[j].work[i]);
            }
        }
    }
    *exact = row[0];
}

/* e^{i omega (n + s) (sign) time}: into the frame and out of it. */
static oracle_complex frame(int joint, long double time)
{
    return cexpl(I * (joint / 2 + joint % 2) * time);
}

static void check_state(const pulse_case *it, const passage *exact, um_map *map, double start,
                        const um_state *in)
{
    oracle_atom atom = {it->q, it->c, it->phase};
    oracle_complex rho_q[4], u[SIZE * SIZE], before[LEVELS * LEVELS], after[LEVELS * LEVELS], out[4];
    double re[LEVELS * LEVELS], im[LEVELS * LEVELS];
    oracle_atom_matrix(&atom, rho_q);
    um_state_get_matrix(in, 0, LEVELS, re, im);
    for (int i = 0; i < LEVELS * LEVELS; i++) before[i] = re[i] + I * im[i];
    oracle_complex work = 0;
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            oracle_complex turn_in = conjl(frame(j, start));
            u[i * SIZE + j] = frame(i, start + it->tau) * exact->u[i * SIZE + j] * turn_in;
            work += frame(i, start) * exact->work[i * SIZE + j] * turn_in *
                    before[j / 2 * LEVELS + i / 2] * rho_q[j % 2 * 2 + i % 2];
        }
    oracle_collide(LEVELS, u, rho_q, before, after, out);
    um_state *image;
    um_outcome outcome;
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &image));
    CHECK_OK(ctx, um_map_apply(map, in, image, &outcome));
    um_state_get_matrix(image, 0, LEVELS, re, im);
    for (int i = 0; i < LEVELS * LEVELS; i++) {
        CHECK_CLOSE(re[i], (double)creall(after[i]), 2e-12);
        CHECK_CLOSE(im[i], (double)cimagl(after[i]), 2e-12);
    }
    CHECK_CLOSE(outcome.excited, (double)creall(out[3]), 2e-12);
    CHECK_CLOSE(outcome.coherence_re, (double)creall(out[1]), 2e-12);
    CHECK_CLOSE(outcome.coherence_im, (double)cimagl(out[1]), 2e-12);
    CHECK_CLOSE(outcome.coupling_start - outcome.coupling_end, (double)creall(work), 2e-12);
    const double *energies = it->uneven ? uneven_energies : NULL;
    double gained = um_observe_energy(image, energies) - um_observe_energy(in, energies) +
                    (1 + it->detuning) * outcome.change;
    CHECK_CLOSE(gained, outcome.coupling_start - outcome.coupling_end, 2e-12);
    um_state_destroy(image);
}

static void test_against_pieces(void **unused)
{
    (void)unused;
    test_random random = {17};
    for (int i = 0; i < CASES; i++) {
        const pulse_case *it = &cases[i];
        printf("%s\n", it->name);
        oracle_battery battery = battery_of(it);
        static passage exact;
        pass_exactly(it, &battery, &exact);
        if (it->uneven) /* the gap's free evolution turns what is not even; there is no gap */
            assert_true(it->lambda == 0);
        um_model *model = make_model(it);
        um_map *map;
        CHECK_OK(ctx, um_map_create(ctx, model, 0, LEVELS, &map));
        for (int kind = 0; kind < TEST_KINDS; kind++) {
            um_state *in = test_random_state(ctx, &random, kind, LEVELS);
            double start = it->lab ? 0.7 * (kind + 1) : 0;
            CHECK_OK(ctx, um_map_prepare(map, in));
            CHECK_OK(ctx, um_map_set_collision(map, kind, start));
            check_state(it, &exact, map, start, in);
            um_state_destroy(in);
        }
        um_map_destroy(map);
        um_model_destroy(model);
        oracle_battery_free(&battery);
    }
}

/* On resonance, without counter-rotating terms, only the area counts. */
static void test_area_theorem(void **unused)
{
    (void)unused;
    um_model *models[2];
    um_map *maps[2];
    for (int i = 0; i < 2; i++) {
        pulse_case it = cases[0];
        it.pulse = i ? UM_PULSE_SINE : UM_PULSE_CONSTANT;
        models[i] = make_model(&it);
        CHECK_OK(ctx, um_map_create(ctx, models[i], 0, LEVELS, &maps[i]));
    }
    test_random random = {4};
    um_state *in = test_random_state(ctx, &random, TEST_MIXED, LEVELS), *out[2];
    um_outcome outcome[2];
    double matrix[2][LEVELS * LEVELS];
    for (int i = 0; i < 2; i++) {
        CHECK_OK(ctx, um_map_prepare(maps[i], in));
        CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &out[i]));
        CHECK_OK(ctx, um_map_apply(maps[i], in, out[i], &outcome[i]));
        um_state_get_matrix(out[i], 0, LEVELS, matrix[i], NULL);
    }
    assert_memory_equal(matrix[0], matrix[1], sizeof matrix[0]);
    /* Switching a constant coupling on and off costs what it gives back; a pulse costs nothing. */
    CHECK_CLOSE(outcome[0].coupling_start - outcome[0].coupling_end, 0, 1e-15);
    CHECK_CLOSE(outcome[1].coupling_start, 0, 1e-15);
    for (int i = 0; i < 2; i++) {
        um_state_destroy(out[i]);
        um_map_destroy(maps[i]);
        um_model_destroy(models[i]);
    }
    um_state_destroy(in);
}

/* The generator knows the pulse too: fast-forward ends where steps do, books included. */
static void test_fast_forward(void **unused)
{
    (void)unused;
    um_ledger ledger[2];
    double energy[2];
    for (int i = 0; i < 2; i++) {
        um_spec spec;
        um_spec_init(&spec);
        um_stage stage = *spec.stages;
        spec.battery.max_levels = 200;
        stage.atoms = (um_atoms){0.3, 0.9, 0, 0.8};
        stage.interaction.theta = 1;
        stage.interaction.tau = 2;
        stage.interaction.pulse = UM_PULSE_SINE;
        stage.collisions = 20000;
        spec.battery.levels = 12;
        spec.battery.kind = UM_BATTERY_LADDER;
        spec.accuracy.method = i ? UM_METHOD_FORWARD : UM_METHOD_STEP;
        spec.stages = &stage;
        um_model *model;
        um_run *run;
        CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
        CHECK_OK(ctx, um_run_create(ctx, model, &run));
        CHECK_OK(ctx, um_run_advance(run, -1, NULL, NULL));
        um_result *result = um_run_get_result(run);
        assert_int_equal(result->stages[0].forward.from >= 0, i);
        ledger[i] = result->ledger;
        energy[i] = result->series[UM_ENERGY][result->records - 1];
        um_run_destroy(run);
        um_model_destroy(model);
    }
    CHECK_CLOSE(energy[1], energy[0], 1e-11);
    CHECK_CLOSE(ledger[1].switching, ledger[0].switching, 1e-8);
    assert_true(fabs(ledger[0].switching) > 1e-3);
    for (int i = 0; i < 2; i++) assert_true(fabs(ledger[i].residual) < 1e-12 * (1 + ledger[i].moduli));
}

/* Steps that overflow, or of which more would be needed than an int counts, are not taken for exact ones. */
static void test_too_long(void **unused)
{
    (void)unused;
    const double times[] = {1e11, 1e32};
    for (int i = 0; i < 2; i++) {
        pulse_case it = cases[CASES - 1];
        it.tau = times[i];
        um_model *model = make_model(&it);
        um_map *map;
        CHECK_STATUS(ctx, um_map_create(ctx, model, 0, LEVELS, &map), UM_ERROR_NOCONV);
        assert_null(map);
        um_model_destroy(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_pieces),
        cmocka_unit_test(test_area_theorem),
        cmocka_unit_test(test_fast_forward),
        cmocka_unit_test(test_too_long),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
