/* Fast-forward with counter-rotating terms in the locked frame: against powers in quadruple
 * precision, against steps, and where the battery climbs out of what a dense space can hold. */
#include "forward_dense.h"
#include "quad_collision.h"
#include "simulate.h"

enum { TIMES = 3 };
static const int64_t times[TIMES] = {12345, INT64_C(1) << 40, (INT64_C(1) << 40) + 1};

typedef struct rabi_case {
    const char *name;
    um_battery_kind kind;
    int levels;
    double g, tau, lambda, q, c, detuning;
} rabi_case;

static const double even[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
static const double irregular[12] = {0, 1.3, 0.4, 0.9, 1.6, 0.7, 2, 1.1, 1.45, 0.8, 1.2, 0.6};

static void describe(simulation *s, const rabi_case *it, int64_t collisions)
{
    simulation_init(s, 0, it->q, it->c, collisions);
    s->spec.battery.kind = it->kind;
    s->spec.battery.levels = it->levels;
    if (it->kind == UM_BATTERY_CUSTOM) {
        s->spec.battery.energies = even;
        s->spec.battery.lowering = irregular;
    }
    s->stage.interaction = (um_interaction){
        .theta = NAN, .g = it->g, .tau = it->tau, .counter_rotating = it->lambda};
    s->stage.atoms.phase = 0.7;
    s->stage.atoms.detuning = it->detuning;
    s->stage.stream.frame = UM_FRAME_LOCKED;
    s->spec.accuracy.method = UM_METHOD_FORWARD;
}

/* The trace drifts by 2e-16 a step. */
static void run(simulation *s)
{
    CHECK_OK(s->ctx, simulation_try(s));
    CHECK_OK(s->ctx, um_run_finish(s->run, true));
    const um_ledger *ledger = &s->result->ledger;
    CHECK_AT_MOST(fabs(ledger->residual), 1e-12 * (1 + ledger->moduli));
}

/* The excitation of the outgoing atom. */
static quad excited(const um_atoms *atoms, int levels, quad_matrix u, quad_matrix rho)
{
    quad q = atoms->q, ge = atoms->c * sqrtl((long double)(q * (1 - q)));
    quad_pair cross = quad_times((quad_pair){ge, 0}, quad_turn(atoms->phase));
    quad_pair atom[2][2] = {{{q, 0}, cross}, {{cross.re, -cross.im}, {1 - q, 0}}};
    quad sum = 0;
    for (int n = 0; n < levels; n++)
        for (int i = 0; i < 2 * levels; i++)
            for (int j = 0; j < 2 * levels; j++) {
                quad_pair x = quad_times(rho[i / 2][j / 2], atom[i % 2][j % 2]);
                quad_pair back = {u[2 * n + 1][j].re, -u[2 * n + 1][j].im};
                sum += quad_times(quad_times(u[2 * n + 1][i], x), back).re;
            }
    return sum;
}

/* The generator in quad, column by column, and what each element adds to the atom. */
static void fill_generator(const um_spec *spec, const umi_layout *layout, forward_dense *dense,
                           quad *change)
{
    static quad_matrix u, rho, image;
    const um_atoms *atoms = &spec->stages[0].atoms;
    int levels = layout->levels;
    quad_propagator(spec, levels, u);
    for (int k = 0; k < levels; k++)
        for (int plane = 0; plane < (k ? 2 : 1); plane++)
            for (int n = 0; n + k < levels; n++) {
                size_t column = umi_layout_index(layout, plane, k, n), size = (size_t)dense->size;
                memset(rho, 0, sizeof rho);
                rho[n][n + k] = (quad_pair){!plane, plane};
                rho[n + k][n] = (quad_pair){!plane, -plane};
                quad_collide(atoms, levels, u, rho, image);
                for (int order = 0; order < levels; order++)
                    for (int j = 0; j + order < levels; j++) {
                        size_t re = umi_layout_index(layout, 0, order, j);
                        dense->generator[re * size + column] = image[j][j + order].re;
                        if (order == 0) continue;
                        size_t im = umi_layout_index(layout, 1, order, j);
                        dense->generator[im * size + column] = image[j][j + order].im;
                    }
                dense->generator[column * size + column] -= 1;
                change[column] = excited(atoms, levels, u, rho) - (k ? 0 : 1 - (quad)atoms->q);
            }
}

static double difference(const um_saved_state *state, const umi_layout *layout, const quad *x)
{
    double largest = 0;
    for (int n = 0; n < state->levels; n++)
        for (int m = n; m < state->levels; m++) {
            double re = 0, im = 0;
            int i = n * state->levels + m, k = m - n;
            if (m < layout->levels) re = (double)x[umi_layout_index(layout, 0, k, n)];
            if (m < layout->levels && k) im = (double)x[umi_layout_index(layout, 1, k, n)];
            double off = hypot(state->real[i] - re, state->imag[i] - im);
            if (!(off <= largest)) largest = off;
        }
    return largest;
}

static void check_powers(const rabi_case *it)
{
    simulation s;
    describe(&s, it, times[TIMES - 1]);
    s.spec.record.states = times;
    s.spec.record.states_count = TIMES;
    simulation_record(&s, times, TIMES);
    run(&s);
    const um_spec *spec = um_model_get_spec(s.model);
    const um_forward_summary *forward = &s.result->stages[0].forward;
    if (forward->from < 0) fail_msg("%s: stepped", it->name);
    CHECK_AT_MOST(forward->bound, 1e-11);

    umi_layout layout = {it->levels, it->levels, 2, false};
    forward_dense dense;
    forward_dense_create(&dense, (int)umi_layout_size(&layout), 0);
    quad change[144], x[144], sums[144], atoms = 0;
    fill_generator(spec, &layout, &dense, change);
    print_message("%-28s rank %d, bound %.1e, off by", it->name, forward->rank, forward->bound);
    for (int i = 0; i < TIMES; i++) {
        memset(x, 0, sizeof x);
        x[umi_layout_index(&layout, 0, 0, 0)] = 1;
        forward_dense_power(&dense, times[i], x, sums);
        double off = difference(&s.result->states[i], &layout, x);
        print_message(" %.1e", off);
        CHECK_AT_MOST(off, 1e-12 + forward->bound);
    }
    for (int i = 0; i < dense.size; i++) atoms += change[i] * sums[i];
    print_message("\n");
    CHECK_CLOSE(s.result->ledger.atoms, (double)atoms * (1 + it->detuning),
                1e-12 + 1e-11 * s.result->ledger.moduli);
    forward_dense_free(&dense);
    simulation_free(&s);
}

static void powers(void **unused)
{
    (void)unused;
    const rabi_case cases[] = {
        {"ladder", UM_BATTERY_LADDER, 6, 0.1, 10, 1, 0.25, 1, 0},
        {"ladder, c = 0.5, detuned", UM_BATTERY_LADDER, 5, 0.3, 2.3, 0.6, 0.4, 0.5, 0.2},
        {"ladder, c = 0", UM_BATTERY_LADDER, 5, 0.2, 3.1, 1, 0.6, 0, 0},
        {"ladder, weak counter-rotation", UM_BATTERY_LADDER, 6, 0.1, M_PI * 10, 1e-4, 0.3, 1, 0},
        {"two levels", UM_BATTERY_LADDER, 2, 0.4, 1.7, 2, 0.3, 0.8, 0},
        {"irregular couplings", UM_BATTERY_CUSTOM, 6, 0.15, 6, 1, 0.3, 0.9, 0},
        {"ladder of twelve", UM_BATTERY_LADDER, 12, 0.1, 10, 1, 0.25, 1, 0},
    };
    int count = (int)(sizeof cases / sizeof *cases);
    if (test_effort() < 10) count--;
    for (int i = 0; i < count; i++) check_powers(&cases[i]);
}

static void steps(void **unused)
{
    (void)unused;
    rabi_case it = {"", UM_BATTERY_LADDER, 6, 0.1, 10, 1, 0.25, 0.9, 0.1};
    if (test_effort() >= 10) it.levels = 40;
    const int64_t at[] = {1000, 65537, 1000000};
    simulation s[2];
    for (int i = 0; i < 2; i++) {
        describe(&s[i], &it, at[2]);
        s[i].spec.accuracy.method = i ? UM_METHOD_STEP : UM_METHOD_FORWARD;
        simulation_record(&s[i], at, 3);
        simulation_keep(&s[i], at[2]);
        run(&s[i]);
        assert_true((s[i].result->stages[0].forward.from < 0) == (i == 1));
    }
    const um_result *leapt = s[0].result, *stepped = s[1].result;
    double bound = leapt->truncation.error_bound + 1e-11; /* what stepping rounds */
    CHECK_AT_MOST(leapt->truncation.error_bound, 1e-9);
    for (int i = 0; i < 3; i++) {
        CHECK_CLOSE(simulation_get(&s[0], UM_ENERGY, at[i]), simulation_get(&s[1], UM_ENERGY, at[i]),
                    it.levels * bound);
        CHECK_CLOSE(simulation_get(&s[0], UM_PURITY, at[i]), simulation_get(&s[1], UM_PURITY, at[i]),
                    2 * bound);
        CHECK_CLOSE(simulation_get(&s[0], UM_ERGOTROPY, at[i]),
                    simulation_get(&s[1], UM_ERGOTROPY, at[i]), 2 * it.levels * bound);
    }
    const um_saved_state *a = leapt->states, *b = stepped->states;
    assert_int_equal(a->levels, b->levels);
    for (int i = 0; i < a->levels * a->levels; i++)
        CHECK_AT_MOST(hypot(a->real[i] - b->real[i], a->imag[i] - b->imag[i]), bound);
    double moduli = stepped->ledger.moduli;
    CHECK_CLOSE(leapt->ledger.atoms, stepped->ledger.atoms, 1e-10 * moduli);
    CHECK_CLOSE(leapt->ledger.switching, stepped->ledger.switching, 1e-10 * moduli);
    assert_true(fabs(stepped->ledger.switching) > 1e-3 * at[2]); /* it never stops costing */
    assert_int_equal(leapt->plateaus_count, 1);
    assert_int_equal(stepped->plateaus_count, 1);
    assert_int_equal(leapt->plateaus[0].charging_time, stepped->plateaus[0].charging_time);
    CHECK_CLOSE(leapt->plateaus[0].energy, stepped->plateaus[0].energy, it.levels * bound);
    simulation_free(&s[0]);
    simulation_free(&s[1]);
}

/* Atoms in the ground state more often than not, weakly coupled: few levels hold all of it. */
static void cavity(void **unused)
{
    (void)unused;
    const rabi_case it = {"", UM_BATTERY_CAVITY, UM_LEVELS_AUTO, 0.01, 7, 1, 0.9, 0.1, 0};
    const int64_t at[] = {3000, INT64_C(1000000000000)};
    simulation s, stepped;
    describe(&s, &it, at[1]);
    simulation_record(&s, at, 2);
    simulation_run(&s);
    const um_forward_summary *forward = &s.result->stages[0].forward;
    print_message("cavity: %d levels, rank %d, bound %.1e, truncation %.1e, E = %.12g\n",
                  forward->levels, forward->rank, forward->bound, forward->truncation,
                  simulation_get(&s, UM_ENERGY, at[1]));
    assert_int_equal(forward->to, at[1]);
    double bound = s.result->truncation.error_bound;
    CHECK_AT_MOST(bound, 1e-10);
    describe(&stepped, &it, at[0]);
    stepped.spec.accuracy.method = UM_METHOD_STEP;
    simulation_record(&stepped, at, 1);
    run(&stepped);
    CHECK_CLOSE(simulation_get(&s, UM_ENERGY, at[0]), simulation_get(&stepped, UM_ENERGY, at[0]),
                forward->levels * bound);
    simulation_free(&stepped);
    simulation_free(&s);
}

static void check_failure(simulation *s, const char *key, const char *word)
{
    CHECK_STATUS(s->ctx, simulation_try(s), UM_ERROR_NOCONV);
    const um_error *error = um_context_get_error(s->ctx);
    print_message("%s: %s\n", error->key, error->message);
    assert_string_equal(error->key, key);
    assert_non_null(strstr(error->message, word));
    assert_true(s->result->collisions > 0);
    if (s->spec.accuracy.truncation < 1)
        CHECK_AT_MOST(s->result->truncation.error_bound, s->spec.accuracy.truncation);
    CHECK_OK(s->ctx, um_run_finish(s->run, true));
    simulation_free(s);
}

/* What climbs beyond all levels ends where that is no longer certain. */
static void climbs(void **unused)
{
    (void)unused;
    rabi_case it = {"", UM_BATTERY_CAVITY, UM_LEVELS_AUTO, 0.1, 10, 1, 0.25, 1, 0};
    simulation s;
    describe(&s, &it, INT64_C(1000000000000));
    check_failure(&s, "interaction.counter_rotating", "beyond 100 levels");
    describe(&s, &it, INT64_C(1000000000000));
    s.spec.battery.max_levels = 70;
    check_failure(&s, "battery.max_levels", "raise battery.max_levels");

    const rabi_case cut = {"", UM_BATTERY_CAVITY, 6, 0.02, 7, 1, 0.8, 0, 0};
    describe(&s, &cut, INT64_C(1000000000000));
    s.spec.accuracy.truncation = 1; /* what leaves is lost: no answer for ever */
    check_failure(&s, "battery.levels", "beyond 6 levels");

    it.kind = UM_BATTERY_LADDER; /* steps would do, but were not asked for */
    it.levels = 110;
    describe(&s, &it, 1500);
    check_failure(&s, "interaction.counter_rotating", "accuracy.method: step");
    describe(&s, &it, 1500);
    s.spec.accuracy.method = UM_METHOD_AUTO;
    simulation_run(&s);
    assert_true(s.result->stages[0].forward.from < 0);
    simulation_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(powers), cmocka_unit_test(steps),
                                       cmocka_unit_test(cavity), cmocka_unit_test(climbs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
