/* Chambers: their own states and their leaks, against known numbers, closed forms, eigenvalues
 * found without them, and batteries stepped in quadruple precision. */
#include "chamber.h"
#include "long_power.h"
#include "simulate.h"

enum { ALL = 20 };

/* The root's elements as a finite battery: its wall is real. */
static double roots[ALL], evenly[ALL];

static int fill_roots(void **state)
{
    (void)state;
    for (int n = 0; n < ALL; n++) {
        roots[n] = sqrt(n);
        evenly[n] = n;
    }
    return 0;
}

typedef struct found {
    simulation s;
    um_chamber *chambers;
    size_t count;
} found;

static void set_custom(found *f, int levels, const double *lowering)
{
    f->s.spec.battery.kind = UM_BATTERY_CUSTOM;
    f->s.spec.battery.levels = levels;
    f->s.spec.battery.energies = evenly;
    f->s.spec.battery.lowering = lowering;
}

static void find(found *f, int levels)
{
    CHECK_OK(f->s.ctx, um_model_create(f->s.ctx, &f->s.spec, &f->s.model));
    CHECK_OK(f->s.ctx, um_chambers_solve(f->s.ctx, f->s.model, 0, levels, &f->chambers, &f->count));
    assert_true((f->count == 0) == (f->chambers == NULL));
    for (size_t i = 0; i < f->count; i++) {
        const um_chamber *c = &f->chambers[i];
        double sum = 0, energy = 0;
        assert_true(c->first <= c->last && c->last < levels && c->levels > c->last);
        assert_true(i == 0 || c->first > f->chambers[i - 1].last);
        for (int n = 0; n < c->levels; n++) {
            sum += c->populations[n];
            energy += n * c->populations[n];
        }
        CHECK_CLOSE(sum, 1, 1e-12);
        CHECK_CLOSE(energy, c->energy, 1e-10 * (1 + energy));
        assert_true(isnan(c->population));
        assert_true(!(c->leak < 0) && !(c->down < 0) && !(c->leak_error < 0));
        assert_true(isnan(c->leak) == isnan(c->leak_error));
    }
}

static const um_chamber *get(const found *f, int first, int last)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->chambers[i].first == first && f->chambers[i].last == last) return &f->chambers[i];
    for (size_t i = 0; i < f->count; i++)
        print_message("%d..%d\n", f->chambers[i].first, f->chambers[i].last);
    fail_msg("no chamber %d..%d", first, last);
    return NULL;
}

static void done(found *f)
{
    um_chambers_destroy(f->s.ctx, f->chambers, f->count);
    simulation_free(&f->s);
}

static found solve(double theta, double q, double c, int levels)
{
    found f = {0};
    simulation_init(&f.s, theta, q, c, 1);
    find(&f, levels);
    return f;
}

/* The example of section 4. Incoherent atoms: what crosses takes as long to get on as there is
 * between two that cross; that is no chamber. */
static void known_leaks(void **unused)
{
    (void)unused;
    const struct {
        double c, leak, digit;
    } known[] = {{1, 1.9066e-14, 1e-4},
                 {0.99, 5.446e-13, 1e-3},
                 {0.9, 2.8818e-10, 1e-4},
                 {0.5, 6.5037e-7, 1e-4}};
    for (int i = 0; i < 4; i++) {
        found f = solve(1, 0.25, known[i].c, 60);
        const um_chamber *own = get(&f, 0, 9);
        CHECK_CLOSE(own->leak / known[i].leak, 1, known[i].digit / 2);
        CHECK_AT_MOST(own->leak_error, 1e-9);
        assert_string_equal(own->method, "slow-modes");
        assert_true(own->down == 0 && !own->exact && !own->open);
        if (known[i].c == 1) {
            CHECK_CLOSE(own->energy, 3.87301, 1e-5);
            CHECK_CLOSE(own->ergotropy, own->energy, 1e-9);
            CHECK_CLOSE(own->purity, 1, 1e-9);
            CHECK_CLOSE(own->leak, 1.906607144882e-14, 1e-26);
            CHECK_CLOSE(get(&f, 10, 38)->leak / 3.7242783e-26, 1, 1e-7);
        }
        done(&f);
    }
    found f = solve(1, 0.25, 0, 60);
    assert_int_equal(f.count, 0);
    done(&f);
}

/* However many levels are asked for, the tail of a chamber and its way out are looked at. */
static void levels_do_not_matter(void **unused)
{
    (void)unused;
    const double cs[] = {1, 0.8};
    for (int i = 0; i < 2; i++) {
        found few = solve(1, 0.25, cs[i], 10), many = solve(1, 0.25, cs[i], 70);
        const um_chamber *a = get(&few, 0, 9), *b = get(&many, 0, 9);
        assert_int_equal(few.count, 1);
        CHECK_CLOSE(a->leak / b->leak, 1, 1e-9);
        CHECK_CLOSE(a->energy, b->energy, 1e-10);
        done(&few);
        done(&many);
        few = solve(1, 0.25, cs[i], 9); /* only a part of the chamber */
        assert_int_equal(few.count, 0);
        done(&few);
    }
}

/* sin(theta sqrt 10), as good as theta is. */
static double edge_sine(double theta)
{
    return (double)(-(theta * 3.162277660168379331998893544432719L -
                      3.141592653589793238462643383279503L));
}

/* The edge of chamber 0..9 nearly closed, c = 0.6, q = 1/4: both rates over it together. The
 * numbers are eigenvalues by slow modes and by perturbation, computed with other programs. */
static void both_ways_over_an_edge(void **unused)
{
    (void)unused;
    const double shift[] = {1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 1e-13};
    const double known[] = {4.829651832863e-8,  4.978008547396e-12, 4.979451306351e-16,
                            4.979464667048e-20, 4.979387253251e-24, 4.974618962544e-28};
    for (int i = 0; i < 6; i++) {
        found f = {0};
        double theta = M_PI / sqrt(10) + shift[i], sine = edge_sine(theta);
        simulation_init(&f.s, theta, 0.25, 0.6, 1);
        set_custom(&f, ALL, roots);
        find(&f, ALL);
        const um_chamber *low = get(&f, 0, 9), *high = get(&f, 10, 19);
        double sum = low->leak + high->down;
        print_message("s = %.3e: leak %.12e, down %.12e, error %.0e %s\n", sine, low->leak,
                      high->down, low->leak_error, low->method);
        /* theta is rounded to 1e-16, and so is what its sine can be */
        CHECK_CLOSE(sum / known[i], 1, 1e-11 + 2.5e-16 * 3 / shift[i]);
        if (i > 1) CHECK_CLOSE(sum / (sine * sine), 4.97946601e-3, 1e-9 + 2e-15 / shift[i]);
        CHECK_AT_MOST(low->leak_error, 1e-6);
        assert_string_equal(low->method, i < 2 ? "slow-modes" : "perturbation");
        assert_true(high->open && high->exact && high->leak == 0 && low->down == 0);
        /* The slowest mode of the whole battery knows nothing of chambers. */
        um_spectrum spectrum;
        CHECK_OK(f.s.ctx, um_spectrum_solve(f.s.ctx, f.s.model, 0, ALL, 2, false, &spectrum));
        if (i < 5) CHECK_CLOSE(spectrum.modes[1].decay / sum, 1, 1e-6);
        um_spectrum_clear(f.s.ctx, &spectrum);
        done(&f);
    }
}

/* Populations stepped in quad: the two rates apart. */
static void against_long_powers(void **unused)
{
    (void)unused;
    enum { LEVELS = 12 };
    const struct {
        double lowering[LEVELS], theta, q, c;
        int edge;
    } cases[] = {
        {{0, 1, 1.4, 1.7, 2, 2.2, 2.4, 2.6, 2.8, 3, 3.2, 3.3}, M_PI / 2 + 3e-6, 0.3, 1, 4},
        {{0, 1, 1.4, 1.7, 2, 2.2, 2.4, 2.6, 2.8, 3, 3.2, 3.3}, M_PI / 2 + 1e-4, 0.3, 0.7, 4},
        {{0, 1, 1, 1, 3.0001, 1, 1, 1, 1, 1, 1, 1}, M_PI / 3, 0.6, 0.5, 4},
        {{0, 0.7, 1.1, 1.2, 0.9, 2e-5, 0.8, 1.3, 1, 0.6, 0.5, 0.7}, 1.1, 0.45, 0.9, 5},
        {{0, 0.7, 1.1, 1.2, 0.9, 2e-5, 0.8, 1.3, 1, 0.6, 0.5, 0.7}, 1.1, 0.45, 0, 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        chamber made =
            chamber_make(LEVELS, cases[i].lowering, cases[i].theta, cases[i].q, cases[i].c);
        long_leak want = long_power_leak(&made, cases[i].edge, 24);
        found f = {0};
        simulation_init(&f.s, cases[i].theta, cases[i].q, cases[i].c, 1);
        set_custom(&f, LEVELS, cases[i].lowering);
        find(&f, LEVELS);
        const um_chamber *low = get(&f, 0, cases[i].edge - 1);
        const um_chamber *high = get(&f, cases[i].edge, LEVELS - 1);
        print_message("%d: leak %.10e (%.10e), down %.10e (%.10e), error %.0e\n", (int)i, low->leak,
                      want.up, high->down, want.down, low->leak_error);
        CHECK_CLOSE((low->leak + high->down) / want.sum, 1, 1e-7);
        CHECK_CLOSE(low->leak / want.up, 1, 1e-6);
        CHECK_CLOSE(high->down / want.down, 1, 1e-6);
        done(&f);
    }
}

/* Detuned atoms: no closed form and no oracle, but the slow eigenvalue of all of it. */
static void detuned(void **unused)
{
    (void)unused;
    const double cs[] = {1, 0.5, 0};
    for (int i = 0; i < 3; i++) {
        found f = {0};
        /* (detuning/2)^2 tau^2 + theta^2 10 = pi^2, nearly */
        double theta = 0.97, half = sqrt(M_PI * M_PI - 10 * theta * theta) + 2e-4;
        simulation_init(&f.s, theta, 0.25, cs[i], 1);
        f.s.stage.interaction.g = 0.97;
        f.s.stage.atoms.detuning = 2 * half;
        set_custom(&f, ALL, roots);
        find(&f, ALL);
        const um_chamber *low = get(&f, 0, 9), *high = get(&f, 10, 19);
        um_spectrum spectrum;
        CHECK_OK(f.s.ctx, um_spectrum_solve(f.s.ctx, f.s.model, 0, ALL, 2, false, &spectrum));
        print_message("detuned, c = %g: %.10e + %.10e, slow mode %.10e\n", cs[i], low->leak,
                      high->down, spectrum.modes[1].decay);
        CHECK_CLOSE((low->leak + high->down) / spectrum.modes[1].decay, 1, 1e-6);
        um_spectrum_clear(f.s.ctx, &spectrum);
        done(&f);
    }
}

/* c = 0: detailed balance inside, and what is at the edge steps out with (1-q) s^2. */
static void birth_and_death(void **unused)
{
    (void)unused;
    const double qs[] = {0.25, 0.6}, s = 1e-7;
    for (int i = 0; i < 2; i++) {
        found f = {0};
        double q = qs[i], odds = (1 - q) / q, weight = 0, theta = M_PI / sqrt(10) + s / sqrt(10);
        double sine = edge_sine(theta);
        for (int n = 0; n < 10; n++) weight += pow(odds, n);
        simulation_init(&f.s, theta, q, 0, 1);
        set_custom(&f, ALL, roots);
        find(&f, ALL);
        const um_chamber *low = get(&f, 0, 9), *high = get(&f, 10, 19);
        for (int n = 0; n < 10; n++) CHECK_CLOSE(low->populations[n], pow(odds, n) / weight, 1e-11);
        CHECK_CLOSE(low->leak / ((1 - q) * sine * sine * pow(odds, 9) / weight), 1, 1e-8);
        CHECK_CLOSE(high->down / (q * sine * sine / weight), 1, 1e-8);
        done(&f);
    }
}

/* Exact chambers, c = 1: pure states in closed form, whatever the elements. */
static void closed_forms(void **unused)
{
    (void)unused;
    static quad want[CHAMBER_LEVELS_MAX * CHAMBER_LEVELS_MAX];
    chamber made = chamber_make(60, NULL, M_PI / sqrt(10), 0.25, 1);
    chamber_close(&made, 10);
    chamber_close(&made, 40);
    found f = solve(M_PI / sqrt(10), 0.25, 1, 60);
    assert_int_equal(f.count, 2);
    for (int i = 0; i < 2; i++) {
        const um_chamber *own = i ? get(&f, 10, 39) : get(&f, 0, 9);
        if (i)
            chamber_tangent(&made, 10, 39, want);
        else
            chamber_cotangent(&made, 0, 9, want);
        assert_true(own->exact && own->leak == 0 && own->down == 0 && own->leak_error == 0);
        assert_string_equal(own->method, "closed");
        CHECK_CLOSE(own->energy, (double)chamber_energy(&made, want), 1e-11);
        CHECK_CLOSE(own->ergotropy, own->energy, 1e-9);
        CHECK_CLOSE(own->purity, 1, 1e-12);
        for (int n = 0; n < own->levels; n++)
            CHECK_CLOSE(own->populations[n], (double)want[n * 61], 1e-13);
    }
    CHECK_CLOSE(get(&f, 0, 9)->relaxation, 7.2, 0.1);
    done(&f);
    /* Three half turns: the traps inside let too much through to be any. */
    f = solve(3 * M_PI / sqrt(10), 0.25, 1, 10);
    made = chamber_make(10, NULL, 3 * M_PI / sqrt(10), 0.25, 1);
    chamber_cotangent(&made, 0, 9, want);
    assert_int_equal(f.count, 1);
    assert_true(get(&f, 0, 9)->exact);
    CHECK_CLOSE(get(&f, 0, 9)->energy, (double)chamber_energy(&made, want), 1e-9);
    CHECK_CLOSE(get(&f, 0, 9)->relaxation, 1466, 1);
    done(&f);
}

/* The more half turns, the more regions between near traps that hold too little. */
static void many_half_turns(void **unused)
{
    (void)unused;
    static quad want[CHAMBER_LEVELS_MAX * CHAMBER_LEVELS_MAX];
    for (int half_turns = 5; half_turns <= 21; half_turns += 8)
        for (int c = 0; c <= 1; c++) {
            double theta = half_turns * M_PI / sqrt(10);
            found f = solve(theta, 0.25, c, 10);
            chamber made = chamber_make(10, NULL, theta, 0.25, c);
            if (c)
                chamber_cotangent(&made, 0, 9, want);
            else
                chamber_balance(&made, 0, 9, want);
            assert_int_equal(f.count, 1);
            assert_true(get(&f, 0, 9)->exact);
            CHECK_CLOSE(get(&f, 0, 9)->energy, (double)chamber_energy(&made, want), 1e-9);
            CHECK_CLOSE(get(&f, 0, 9)->purity, (double)chamber_purity(&made, want), 1e-9);
            done(&f);
        }
}

/* Coherences between chambers that are not neighbours live as long as these (+1, c = 1): the states
 * of theta = 1.7 must be told from them. */
static void coherences_between_chambers(void **unused)
{
    (void)unused;
    found f = solve(1.7, 0.25, 1, 40);
    CHECK_CLOSE(get(&f, 0, 2)->leak / 2.77375e-5, 1, 1e-5);
    CHECK_CLOSE(get(&f, 3, 13)->leak / 6.99708e-10, 1, 1e-5);
    CHECK_CLOSE(get(&f, 3, 13)->purity, 1, 1e-6);
    CHECK_CLOSE(get(&f, 14, 30)->purity, 1, 1e-6);
    done(&f);
}

/* Elements that vanish close parts of a custom battery; two traps at once. */
static void closed_parts(void **unused)
{
    (void)unused;
    static const double parts[8] = {0, 1, 0.8, 0, 1.2, 0.9, 0, 0.6};
    found f = {0};
    simulation_init(&f.s, 1.1, 0.3, 0.8, 1);
    set_custom(&f, 8, parts);
    find(&f, 8);
    assert_int_equal(f.count, 3);
    assert_true(get(&f, 0, 2)->exact && get(&f, 3, 5)->exact && get(&f, 6, 7)->exact);
    assert_true(get(&f, 6, 7)->open && !get(&f, 0, 2)->open);
    for (int i = 0; i < 3; i++) {
        assert_true(f.chambers[i].leak == 0 && f.chambers[i].down == 0);
        for (int n = 0; n < f.chambers[i].levels; n++)
            if (n < f.chambers[i].first || n > f.chambers[i].last)
                assert_true(fabs(f.chambers[i].populations[n]) < 1e-15);
    }
    done(&f);
    f = solve(M_PI, 0.25, 0.7, 16); /* below 1, 4, 9, 16 */
    assert_int_equal(f.count, 4);
    for (int i = 0; i < 4; i++) {
        assert_true(f.chambers[i].exact && !f.chambers[i].open);
        assert_int_equal(f.chambers[i].first, i * i);
    }
    done(&f);
}

/* An end of the space is no trap; but a state that does not reach it is the battery's own. */
static void open_ends(void **unused)
{
    (void)unused;
    found f = solve(0.3, 0.7, 1, 60);
    const um_chamber *own = get(&f, 0, 59);
    assert_true(own->open && !own->exact && isnan(own->leak));
    CHECK_CLOSE(own->purity, 1, 1e-9);
    done(&f);
    f = solve(0.3, 0.25, 1, 60); /* it climbs */
    assert_int_equal(f.count, 0);
    done(&f);
    found ladder = {0};
    simulation_init(&ladder.s, 1.5, 0.7, 1, 1);
    ladder.s.spec.battery.kind = UM_BATTERY_LADDER; /* endless: geometric */
    find(&ladder, 70);
    double ratio = 0.3 / 0.7 / (tan(0.75) * tan(0.75));
    own = get(&ladder, 0, 69);
    assert_true(own->open && !own->exact);
    CHECK_CLOSE(own->energy, ratio / (1 - ratio), 1e-9);
    done(&ladder);
}

/* Nothing but up, nothing but down, nothing at all. */
static void corners(void **unused)
{
    (void)unused;
    found f = solve(M_PI / sqrt(10), 0, 1, 12); /* q = 0: to the top of each chamber */
    CHECK_CLOSE(get(&f, 0, 9)->energy, 9, 1e-12);
    CHECK_CLOSE(get(&f, 0, 9)->purity, 1, 1e-12);
    done(&f);
    f = solve(1, 1, 1, 12); /* q = 1: to the vacuum */
    CHECK_CLOSE(get(&f, 0, 9)->energy, 0, 1e-12);
    assert_true(get(&f, 0, 9)->leak == 0);
    done(&f);
    f = solve(0, 0.25, 1, 6); /* theta = 0: every level stays */
    assert_int_equal(f.count, 6);
    for (int n = 0; n < 6; n++) {
        CHECK_CLOSE(get(&f, n, n)->energy, n, 1e-12);
        assert_true(get(&f, n, n)->exact && get(&f, n, n)->relaxation == 0);
    }
    done(&f);
    f = solve(1, 0.25, 1, 1); /* one level that everything leaves */
    assert_int_equal(f.count, 0);
    done(&f);
    f = solve(M_PI, 0.25, 1, 1); /* one level that nothing leaves */
    assert_true(get(&f, 0, 0)->exact);
    done(&f);
    found two = {0};
    simulation_init(&two.s, 0.9, 0.3, 0, 1);
    two.s.spec.battery.kind = UM_BATTERY_LADDER;
    two.s.spec.battery.levels = 2;
    find(&two, 2);
    const um_chamber *own = get(&two, 0, 1);
    CHECK_CLOSE(own->energy, 0.7, 1e-12);
    CHECK_CLOSE(own->relaxation, -1 / log(cos(0.9) * cos(0.9)), 1e-9);
    assert_true(own->exact && own->open && own->leak == 0);
    done(&two);
}

/* A part of a battery that has more levels: where it is cut is no wall. */
static void part_of_a_battery(void **unused)
{
    (void)unused;
    found f = {0};
    simulation_init(&f.s, M_PI / sqrt(10) + 1e-3, 0.25, 0.6, 1);
    set_custom(&f, ALL, roots);
    find(&f, 12);
    assert_int_equal(f.count, 1);
    CHECK_CLOSE(get(&f, 0, 9)->leak / 3.284154207375e-09, 1, 1e-11);
    done(&f);
    f = (found){0};
    simulation_init(&f.s, 0.3, 0.8, 0.6, 1);
    f.s.spec.battery.kind = UM_BATTERY_LADDER;
    f.s.spec.battery.levels = 6;
    find(&f, 6);
    assert_true(get(&f, 0, 5)->exact && get(&f, 0, 5)->open);
    um_chambers_destroy(f.s.ctx, f.chambers, f.count);
    f.chambers = NULL;
    CHECK_STATUS(f.s.ctx, um_chambers_solve(f.s.ctx, f.s.model, 0, 7, &f.chambers, &f.count),
                 UM_ERROR_ARG);
    done(&f);
}

static void refusals(void **unused)
{
    (void)unused;
    found f = {0};
    simulation_init(&f.s, 1, 0.25, 1, 1);
    um_context *ctx = f.s.ctx;
    CHECK_OK(ctx, um_model_create(ctx, &f.s.spec, &f.s.model));
    CHECK_STATUS(ctx, um_chambers_solve(ctx, f.s.model, 1, 10, &f.chambers, &f.count),
                 UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_chambers_solve(ctx, f.s.model, 0, 0, &f.chambers, &f.count), UM_ERROR_ARG);
    assert_true(f.chambers == NULL && f.count == 0);
    um_chambers_destroy(ctx, NULL, 0);
    done(&f);
    simulation_init(&f.s, 1, 0.25, 1, 1);
    f.s.stage.interaction.g = 0.1;
    f.s.stage.interaction.counter_rotating = 1;
    ctx = f.s.ctx;
    CHECK_OK(ctx, um_model_create(ctx, &f.s.spec, &f.s.model));
    CHECK_STATUS(ctx, um_chambers_solve(ctx, f.s.model, 0, 10, &f.chambers, &f.count),
                 UM_ERROR_UNSUPPORTED);
    assert_string_equal(um_context_get_error(ctx)->key, "interaction.counter_rotating");
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_leaks),
        cmocka_unit_test(levels_do_not_matter),
        cmocka_unit_test(both_ways_over_an_edge),
        cmocka_unit_test(against_long_powers),
        cmocka_unit_test(detuned),
        cmocka_unit_test(birth_and_death),
        cmocka_unit_test(closed_forms),
        cmocka_unit_test(many_half_turns),
        cmocka_unit_test(coherences_between_chambers),
        cmocka_unit_test(closed_parts),
        cmocka_unit_test(open_ends),
        cmocka_unit_test(corners),
        cmocka_unit_test(part_of_a_battery),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, fill_roots, NULL);
}
