/* Fast-forward against long powers in quadruple precision: states after up to 2^49 collisions of
 * small batteries, and the rates at which chambers leak, which these powers show as well. */
#include "frame.h"
#include "long_power.h"

enum { LEVELS_MAX = 20, TIMES = 5 };

static const int64_t times[TIMES] = {INT64_C(12345), INT64_C(1) << 20, INT64_C(1) << 40,
                                     (INT64_C(1) << 40) + 1, INT64_C(1) << 49};

static const double irregular[9] = {0, 1.3, 0.4, 0.9, 1.6, 0.7, 2, 1.1, 1.45};
static const double even[LEVELS_MAX] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,
                                        10, 11, 12, 13, 14, 15, 16, 17, 18, 19};

typedef struct power_case {
    const char *name;
    um_battery_kind kind;
    int levels;
    double theta, q, c;
    int trap;        /* level at which the oracle closes an exact trap; 0: none */
    bool superposed; /* else from the ground state */
} power_case;

/* A pure state with weight on every level and a phase on each. */
static void superpose(int levels, quad *re, quad *im)
{
    double amplitude[LEVELS_MAX][2], norm = 0;
    for (int n = 0; n < levels; n++) {
        double size = 1 + n % 3, phase = 0.7 * n * n + 0.3;
        amplitude[n][0] = size * cos(phase);
        amplitude[n][1] = size * sin(phase);
        norm += size * size;
    }
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++) {
            const double *a = amplitude[n], *b = amplitude[m];
            re[n * levels + m] = (a[0] * b[0] + a[1] * b[1]) / norm;
            im[n * levels + m] = (a[1] * b[0] - a[0] * b[1]) / norm;
        }
}

static chamber make_chamber(const power_case *it)
{
    double ladder[LEVELS_MAX];
    for (int n = 0; n < LEVELS_MAX; n++) ladder[n] = 1;
    const double *lowering = it->kind == UM_BATTERY_CUSTOM   ? irregular
                             : it->kind == UM_BATTERY_LADDER ? ladder
                                                             : NULL;
    chamber made = chamber_make(it->levels, lowering, it->theta, it->q, it->c);
    if (it->trap) chamber_close(&made, it->trap);
    return made;
}

static void describe(simulation *s, const power_case *it)
{
    simulation_init(s, it->theta, it->q, it->c, times[TIMES - 1]);
    s->spec.battery.kind = it->kind;
    s->spec.battery.levels = it->levels;
    if (it->kind == UM_BATTERY_CUSTOM) {
        s->spec.battery.energies = even;
        s->spec.battery.lowering = irregular;
    }
    s->spec.accuracy.truncation = 1; /* a cavity is cut here: its top is a wall */
    s->spec.accuracy.method = UM_METHOD_FORWARD;
    s->spec.record.states = times;
    s->spec.record.states_count = TIMES;
    simulation_record(s, times, TIMES);
}

static void check_case(const power_case *it)
{
    static quad re[TIMES][LEVELS_MAX * LEVELS_MAX], im[TIMES][LEVELS_MAX * LEVELS_MAX];
    static double real[LEVELS_MAX * LEVELS_MAX], imag[LEVELS_MAX * LEVELS_MAX];
    chamber made = make_chamber(it);
    quad *powers[2 * TIMES];
    int64_t collisions[2 * TIMES];
    memset(re, 0, sizeof re);
    memset(im, 0, sizeof im);
    for (int i = 0; i < TIMES; i++) {
        if (it->superposed)
            superpose(it->levels, re[i], im[i]);
        else
            re[i][0] = 1;
        powers[i] = re[i];
        powers[TIMES + i] = im[i];
        collisions[i] = collisions[TIMES + i] = times[i];
    }
    simulation s;
    describe(&s, it);
    if (it->superposed) frame_set_initial(&s, it->levels, re[0], im[0], real, imag);
    long_power_advance(&made, 2 * TIMES, collisions, powers);
    simulation_run(&s);
    const um_forward_summary *forward = &s.result->stages[0].forward;
    if (forward->from < 0) fail_msg("%s: stepped", it->name);
    CHECK_AT_MOST(forward->bound, 1e-9);
    print_message("%-38s rank %d, bound %.1e, differences", it->name, forward->rank,
                  forward->bound);
    for (int i = 0; i < TIMES; i++) {
        double off = frame_difference(frame_get_state(&s, times[i]), it->levels, re[i], im[i]);
        print_message(" %.1e", off);
        if (!(off <= 1e-12 + forward->bound))
            fail_msg("%s: off by %.3g after %lld collisions, bound %.3g", it->name, off,
                     (long long)times[i], forward->bound);
        double energy = (double)chamber_energy(&made, re[i]);
        CHECK_CLOSE(simulation_get(&s, UM_ENERGY, times[i]), energy,
                    1e-12 * it->levels + it->levels * forward->bound);
    }
    print_message("\n");
    simulation_free(&s);
}

static void states(void **unused)
{
    (void)unused;
    const double two = M_PI / 2;
    const power_case cases[] = {
        {"irregular levels, c = 1", UM_BATTERY_CUSTOM, 9, 1, 0.25, 1, 0, true},
        {"irregular levels, c = 0.7", UM_BATTERY_CUSTOM, 9, 0.8, 0.4, 0.7, 0, true},
        {"irregular levels, c = 0", UM_BATTERY_CUSTOM, 9, 0.8, 0.6, 0, 0, true},
        {"irregular levels, weak coupling", UM_BATTERY_CUSTOM, 9, 0.01, 0.3, 1, 0, false},
        {"ladder", UM_BATTERY_LADDER, 10, 0.6, 0.4, 0.9, 0, true},
        {"ladder, closed and open: theta = pi", UM_BATTERY_LADDER, 6, M_PI - 1e-6, 0.3, 1, 0, true},
        {"two levels", UM_BATTERY_LADDER, 2, 0.9, 0.3, 0.8, 0, true},
        {"cut cavity, theta = 1", UM_BATTERY_CAVITY, 10, 1, 0.25, 1, 0, false},
        {"exact trap, vacuum", UM_BATTERY_CAVITY, 10, two, 0.25, 1, 4, false},
        {"exact trap, c = 1", UM_BATTERY_CAVITY, 10, two, 0.25, 1, 4, true},
        {"exact trap, c = 0.6", UM_BATTERY_CAVITY, 10, two, 0.25, 0.6, 4, true},
        {"missed by 1e-3, c = 1", UM_BATTERY_CAVITY, 10, two + 1e-3, 0.25, 1, 0, false},
        {"missed by 1e-5, c = 1", UM_BATTERY_CAVITY, 10, two + 1e-5, 0.25, 1, 0, true},
        {"missed by 1e-7, c = 0.6", UM_BATTERY_CAVITY, 10, two + 1e-7, 0.25, 0.6, 0, false},
        {"missed by 1e-7, c = 0", UM_BATTERY_CAVITY, 10, two + 1e-7, 0.25, 0, 0, true},
        {"missed by 1e-9, c = 1", UM_BATTERY_CAVITY, 10, two + 1e-9, 0.25, 1, 0, false},
        {"theta = 1, 18 levels", UM_BATTERY_CAVITY, 18, 1, 0.25, 0.9, 0, false},
    };
    int count = (int)(sizeof cases / sizeof *cases);
    if (test_effort() < 10) count--; /* the last takes the oracle half a minute */
    for (int i = 0; i < count; i++) check_case(&cases[i]);
}

/* Every collision of the run counts in the books: what 2^40 of them did in sum. */
static void books(void **unused)
{
    (void)unused;
    const power_case it = {"", UM_BATTERY_CUSTOM, 9, 0.8, 0.4, 0.7, 0, true};
    static quad re[LEVELS_MAX * LEVELS_MAX], im[LEVELS_MAX * LEVELS_MAX];
    static double real[LEVELS_MAX * LEVELS_MAX], imag[LEVELS_MAX * LEVELS_MAX];
    chamber made = make_chamber(&it);
    superpose(it.levels, re, im);
    simulation s;
    describe(&s, &it);
    frame_set_initial(&s, it.levels, re, im, real, imag);
    double before = (double)chamber_energy(&made, re);
    quad *power[1] = {re};
    long_power_advance(&made, 1, &times[TIMES - 1], power);
    double change = (double)chamber_energy(&made, re) - before;
    simulation_run(&s);
    CHECK_CLOSE(s.result->ledger.battery, change, 1e-9);
    CHECK_CLOSE(s.result->ledger.atoms, -change, 1e-9);
    CHECK_CLOSE(s.result->ledger.switching, 0, 1e-9);
    simulation_free(&s);
}

typedef struct leak_case {
    double missed, c;
    int doublings;
    double tolerance; /* relative; up and down apart are defined to order s^2 */
} leak_case;

/* Levels 0..3 and 4..9 of a finite battery with d_n = sqrt(n), a trap between them that is missed.
 */
static void check_leak(const leak_case *it)
{
    enum { LEVELS = 10, TRAP = 4 };
    double lowering[LEVELS], theta = M_PI / 2 + it->missed;
    for (int n = 0; n < LEVELS; n++) lowering[n] = sqrt(n);
    chamber made = chamber_make(LEVELS, lowering, theta, 0.25, it->c);
    long_leak want = long_power_leak(&made, TRAP, it->doublings);
    simulation s;
    simulation_init(&s, theta, 0.25, it->c, 1);
    s.spec.battery.kind = UM_BATTERY_CUSTOM;
    s.spec.battery.levels = LEVELS;
    s.spec.battery.energies = even;
    s.spec.battery.lowering = lowering;
    CHECK_OK(s.ctx, um_model_create(s.ctx, &s.spec, &s.model));
    um_chamber *chambers = NULL;
    size_t count = 0;
    CHECK_OK(s.ctx, um_chambers_solve(s.ctx, s.model, 0, LEVELS, &chambers, &count));
    assert_int_equal(count, 2);
    assert_int_equal(chambers[0].first, 0);
    assert_int_equal(chambers[0].last, TRAP - 1);
    assert_int_equal(chambers[1].first, TRAP);
    assert_int_equal(chambers[1].last, LEVELS - 1);
    assert_true(chambers[1].open && !chambers[0].exact && chambers[1].leak == 0);
    double up = chambers[0].leak, down = chambers[1].down;
    print_message(
        "missed by %g, c = %g: up %.9e, want %.9e (%.1e); down %.9e, want %.9e (%.1e); %s\n",
        it->missed, it->c, up, want.up, up / want.up - 1, down, want.down, down / want.down - 1,
        chambers[0].method);
    CHECK_CLOSE(up / want.up, 1, it->tolerance);
    CHECK_CLOSE(down / want.down, 1, it->tolerance);
    CHECK_AT_MOST(chambers[0].leak_error, it->tolerance);
    um_chambers_destroy(s.ctx, chambers, count);
    simulation_free(&s);
}

static void leaks(void **unused)
{
    (void)unused;
    const leak_case cases[] = {
        {1e-3, 1, 24, 1e-4},  {1e-5, 1, 30, 1e-6},   {-1e-7, 1, 36, 1e-6},  {1e-9, 1, 36, 1e-6},
        {1e-11, 1, 36, 1e-6}, {1e-3, 0.6, 16, 1e-4}, {1e-5, 0.6, 30, 1e-6}, {1e-9, 0.6, 36, 1e-6},
        {1e-3, 0, 16, 1e-4},  {-1e-5, 0, 26, 1e-6},  {1e-9, 0, 36, 1e-6},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_leak(&cases[i]);
}

/* A battery of 20 levels, d_n = sqrt(n), theta = pi/sqrt(10) + missed, q = 1/4, c = 0.6 (a cavity
 * cut there would have no chamber above: its top is made up): the sum of both rates from an
 * independent calculation in double-double arithmetic; long_power_leak gives the second to 2e-12
 * (an independent check that UM_TEST_EFFORT=10 repeats). Elements rounded to double shift the trap
 * by 1e-16. */
static void leaks_of_ten_levels(void **unused)
{
    (void)unused;
    const struct {
        double missed, sum, tolerance;
    } cases[] = {{1e-3, 4.829651832863e-8, 1e-4},   {1e-5, 4.978008547396e-12, 1e-6},
                 {1e-7, 4.979451306351e-16, 1e-6},  {1e-9, 4.979464667112e-20, 1e-6},
                 {1e-11, 4.979387253251e-24, 3e-5}, {1e-13, 4.974618962544e-28, 3e-3}};
    double energies[20], roots[20];
    for (int n = 0; n < 20; n++) {
        energies[n] = n;
        roots[n] = sqrt(n);
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        simulation s;
        double theta = M_PI / sqrt(10) + cases[i].missed;
        simulation_init(&s, theta, 0.25, 0.6, 1);
        s.spec.battery.kind = UM_BATTERY_CUSTOM;
        s.spec.battery.levels = 20;
        s.spec.battery.energies = energies;
        s.spec.battery.lowering = roots;
        CHECK_OK(s.ctx, um_model_create(s.ctx, &s.spec, &s.model));
        um_chamber *chambers = NULL;
        size_t count = 0;
        CHECK_OK(s.ctx, um_chambers_solve(s.ctx, s.model, 0, 20, &chambers, &count));
        assert_int_equal(count, 2);
        assert_int_equal(chambers[0].last, 9);
        double sum = chambers[0].leak + chambers[1].down;
        print_message("missed by %g: %.12e (%.1e)\n", cases[i].missed, sum, sum / cases[i].sum - 1);
        CHECK_CLOSE(sum / cases[i].sum, 1, cases[i].tolerance);
        if (test_effort() >= 10 && i == 1) {
            chamber made = chamber_make(20, NULL, theta, 0.25, 0.6);
            CHECK_CLOSE(long_power_leak(&made, 10, 30).sum / cases[i].sum, 1, 1e-10);
        }
        um_chambers_destroy(s.ctx, chambers, count);
        simulation_free(&s);
    }
}

/* The oracle's two ways agree with each other. */
static void powers_are_steps(void **unused)
{
    (void)unused;
    enum { LEVELS = 7, STEPS = 300 };
    quad stepped[2][LEVELS * LEVELS], raised[2][LEVELS * LEVELS];
    chamber made = chamber_make(LEVELS, irregular, 0.7, 0.35, 0.8);
    superpose(LEVELS, stepped[0], stepped[1]);
    superpose(LEVELS, raised[0], raised[1]);
    quad *powers[2] = {raised[0], raised[1]};
    const int64_t collisions[2] = {STEPS, STEPS};
    long_power_advance(&made, 2, collisions, powers);
    for (int p = 0; p < 2; p++) {
        chamber_step(&made, STEPS, stepped[p]);
        for (int i = 0; i < LEVELS * LEVELS; i++)
            CHECK_AT_MOST(fabs((double)(stepped[p][i] - raised[p][i])), 1e-31);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(powers_are_steps), cmocka_unit_test(states),
                                       cmocka_unit_test(books), cmocka_unit_test(leaks),
                                       cmocka_unit_test(leaks_of_ten_levels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
