/* Where a battery ends, seen from outside: what um_run and um_steady say after any number of
 * collisions, against states known in closed form and against small batteries stepped in quadruple
 * precision. Exact traps have one fixed point per chamber; the limit keeps their weights. */
#include "frame.h"

enum { LEVELS_MAX = CHAMBER_LEVELS_MAX };

static const int64_t late[2] = {INT64_C(1000000000000), INT64_C(1000000000001)};

static void describe(simulation *s, double theta, double q, double c)
{
    simulation_init(s, theta, q, c, late[1]);
    s->spec.accuracy.method = UM_METHOD_FORWARD;
    s->spec.record.states = late;
    s->spec.record.states_count = 2;
    simulation_record(s, late, 2);
}

/* Runs to the end; then the steady analysis of the same model. */
static um_steady *run_and_solve(simulation *s)
{
    um_steady *steady = NULL;
    simulation_run(s);
    CHECK_OK(s->ctx, um_steady_solve(s->ctx, s->model, 0, NULL, &steady));
    return steady;
}

static const um_chamber *find_chamber(const um_steady *steady, int first, int last)
{
    for (size_t i = 0; i < steady->chambers_count; i++)
        if (steady->chambers[i].first == first && steady->chambers[i].last == last)
            return &steady->chambers[i];
    fail_msg("no chamber %d..%d", first, last);
    return NULL;
}

static void check_limit(const char *name, const um_steady *steady, double energy, double ergotropy,
                        double purity)
{
    if (steady->limit.status != UM_LIMIT_REACHED)
        fail_msg("%s: the limit is not said to be reached", name);
    assert_int_equal(steady->status, UM_OK);
    CHECK_CLOSE(steady->limit.energy, energy, 1e-9);
    CHECK_CLOSE(steady->limit.purity, purity, 1e-9);
    if (!isnan(ergotropy)) CHECK_CLOSE(steady->limit.ergotropy, ergotropy, 1e-8);
}

/* Closed forms ------------------------------------------------------------------------------- */

typedef enum form { COTANGENT, TANGENT, BALANCE } form;

typedef struct closed_form {
    const char *name;
    form form;
    double theta, q;
    int first, last, start; /* the start is |start>, somewhere in the chamber */
    const double *lowering; /* NULL: cavity */
    int levels;             /* of a custom battery */
} closed_form;

static const double even[8] = {0, 1, 2, 3, 4, 5, 6, 7};
static const double irregular[8] = {0, 1.3, 0.4, 0.9, 1.6, 0.7, 2, 1.1};

static void check_closed_form(const closed_form *it)
{
    static quad want[LEVELS_MAX * LEVELS_MAX], after[LEVELS_MAX * LEVELS_MAX];
    int levels = it->lowering ? it->levels : it->last + 3;
    chamber made =
        chamber_make(levels, it->lowering, it->theta, it->q, it->form == BALANCE ? 0 : 1);
    if (it->first > 0) chamber_close(&made, it->first);
    chamber_close(&made, it->last + 1);
    if (it->form == COTANGENT)
        chamber_cotangent(&made, it->first, it->last, want);
    else if (it->form == TANGENT)
        chamber_tangent(&made, it->first, it->last, want);
    else
        chamber_balance(&made, it->first, it->last, want);
    chamber_collide(&made, want, after); /* the closed form is a fixed point */
    for (int i = 0; i < levels * levels; i++)
        CHECK_AT_MOST(fabs((double)(after[i] - want[i])), 1e-30);

    simulation s;
    describe(&s, it->theta, it->q, it->form == BALANCE ? 0 : 1);
    s.spec.battery.initial = (um_initial){.kind = UM_INITIAL_FOCK, .level = it->start};
    if (it->lowering) {
        s.spec.battery.kind = UM_BATTERY_CUSTOM;
        s.spec.battery.levels = it->levels;
        s.spec.battery.energies = even;
        s.spec.battery.lowering = it->lowering;
    }
    um_steady *steady = run_and_solve(&s);
    double energy = (double)chamber_energy(&made, want),
           purity = (double)chamber_purity(&made, want);
    /* Balance: populations rise with n (q < 1/2), or fall; the passive state is their mirror. */
    double ergotropy = it->form != BALANCE ? energy
                       : it->q < 0.5       ? 2 * energy - it->last
                                           : it->first;
    print_message("%-36s energy %.10f purity %.10f\n", it->name, energy, purity);
    for (int i = 0; i < 2; i++) {
        CHECK_AT_MOST(frame_difference(frame_get_state(&s, late[i]), levels, want, NULL), 1e-12);
        CHECK_CLOSE(simulation_get(&s, UM_ENERGY, late[i]), energy, 1e-11);
        CHECK_CLOSE(simulation_get(&s, UM_ERGOTROPY, late[i]), ergotropy, 1e-9);
    }
    check_limit(it->name, steady, energy, ergotropy, purity);
    const um_chamber *own = find_chamber(steady, it->first, it->last);
    assert_true(own->exact);
    assert_true(own->leak == 0);
    CHECK_CLOSE(own->population, 1, 1e-12);
    CHECK_CLOSE(own->energy, energy, 1e-10);
    CHECK_CLOSE(own->purity, purity, 1e-10);
    CHECK_CLOSE(own->ergotropy, ergotropy, 1e-9);
    for (int n = 0; n < own->levels; n++)
        CHECK_CLOSE(own->populations[n], n < levels ? (double)want[n * (levels + 1)] : 0, 1e-11);
    um_steady_destroy(s.ctx, steady);
    simulation_free(&s);
}

static void closed_forms(void **unused)
{
    (void)unused;
    const double ten = M_PI / sqrt(10), three = M_PI / sqrt(3);
    const closed_form forms[] = {
        {"cot 0..9", COTANGENT, ten, 0.25, 0, 9, 0, NULL, 0},
        {"cot 0..9, q = 0.6", COTANGENT, ten, 0.6, 0, 9, 4, NULL, 0},
        {"cot 0..9, three half turns: slow", COTANGENT, 3 * ten, 0.25, 0, 9, 0, NULL, 0},
        {"cot 0..15", COTANGENT, M_PI / 4, 0.25, 0, 15, 0, NULL, 0},
        {"cot of uneven elements", COTANGENT, M_PI / 1.6, 0.3, 0, 3, 0, irregular, 8},
        {"tan 10..39", TANGENT, ten, 0.25, 10, 39, 20, NULL, 0},
        {"tan 3..11", TANGENT, three, 0.4, 3, 11, 3, NULL, 0},
        {"cot 12..26, above an even trap", COTANGENT, three, 0.25, 12, 26, 15, NULL, 0},
        {"tan 1..3, theta = pi", TANGENT, M_PI, 0.25, 1, 3, 2, NULL, 0},
        {"cot 4..8, theta = pi", COTANGENT, M_PI, 0.25, 4, 8, 5, NULL, 0},
        {"balance 0..9", BALANCE, ten, 0.25, 0, 9, 0, NULL, 0},
        {"balance 3..11", BALANCE, three, 0.3, 3, 11, 8, NULL, 0},
        {"balance 0..9, q > 1/2: thermal", BALANCE, ten, 0.8, 0, 9, 9, NULL, 0},
        {"balance of uneven elements", BALANCE, M_PI / 1.6, 0.4, 0, 3, 2, irregular, 8},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) check_closed_form(&forms[i]);
}

/* An endless uniform ladder: geometric, if the ratio is below 1 (SMB89 for d_n = 1) and q is large
 * enough for nothing to be carried off upwards while it charges. */
static void geometric_ladder(void **unused)
{
    (void)unused;
    const double theta = 1.5, q = test_effort() > 1 ? 0.7 : 0.9; /* the lower, the more levels and time */
    double ratio = (1 - q) / q / (tan(theta / 2) * tan(theta / 2)); /* of populations */
    simulation s;
    describe(&s, theta, q, 1);
    s.spec.battery.kind = UM_BATTERY_LADDER;
    um_steady *steady = run_and_solve(&s);
    double energy = ratio / (1 - ratio);
    CHECK_CLOSE(simulation_get(&s, UM_ENERGY, late[0]), energy, 1e-9);
    CHECK_CLOSE(simulation_get(&s, UM_PURITY, late[0]), 1, 1e-9);
    check_limit("geometric ladder", steady, energy, energy, 1);
    um_steady_destroy(s.ctx, steady);
    simulation_free(&s);
}

/* Mixtures and superpositions over chambers -------------------------------------------------- */

/* theta = pi/sqrt(3): chambers 0..2, 3..11, 12..26. The start reaches into all three; what is in a
 * chamber stays in it. With c = 1 the coherences between two chambers stay as well and change
 * their sign with each collision: states, not numbers, differ between even and odd. */
static void check_weights(double c, bool mixed)
{
    enum { LEVELS = 27 };
    const int steps = c > 0 && c < 1 ? 5400 : 1200; /* coherences between chambers die out slowly */
    static const int border[4] = {0, 3, 12, 27};
    static quad re[LEVELS * LEVELS], im[LEVELS * LEVELS];
    const double alpha_re = 0.6, alpha_im = -1.2;
    double amplitude[LEVELS][2] = {{1, 0}}, norm = 0, weight[3];
    for (int n = 1; n < LEVELS; n++) { /* in the frame: i alpha */
        const double *a = amplitude[n - 1];
        amplitude[n][0] = (-alpha_im * a[0] - alpha_re * a[1]) / sqrt(n);
        amplitude[n][1] = (alpha_re * a[0] - alpha_im * a[1]) / sqrt(n);
    }
    for (int n = 0; n < LEVELS; n++)
        norm += amplitude[n][0] * amplitude[n][0] + amplitude[n][1] * amplitude[n][1];
    for (int n = 0; n < LEVELS; n++)
        for (int m = 0; m < LEVELS; m++) {
            const double *a = amplitude[n], *b = amplitude[m];
            bool kept = !mixed || n == m;
            re[n * LEVELS + m] = kept ? (a[0] * b[0] + a[1] * b[1]) / norm : 0;
            im[n * LEVELS + m] = kept ? (a[1] * b[0] - a[0] * b[1]) / norm : 0;
        }
    chamber made = chamber_make(LEVELS, NULL, M_PI / sqrt(3), 0.25, c);
    for (int i = 1; i < 4; i++) chamber_close(&made, border[i]);
    for (int i = 0; i < 3; i++)
        weight[i] = (double)chamber_population(&made, border[i], border[i + 1] - 1, re);

    static double real[LEVELS * LEVELS], imag[LEVELS * LEVELS];
    simulation s;
    describe(&s, NAN, 0.25, c);
    s.stage.interaction.trap = 2;
    s.stage.interaction.half_turns = 1;
    if (mixed)
        frame_set_initial(&s, LEVELS, re, im, real, imag);
    else
        s.spec.battery.initial =
            (um_initial){.kind = UM_INITIAL_COHERENT, .re = alpha_re, .im = alpha_im};
    um_steady *steady = run_and_solve(&s);
    chamber_step(&made, steps, re); /* even, as late[0] */
    chamber_step(&made, steps, im);
    double energy = (double)chamber_energy(&made, re);
    double purity = (double)(chamber_purity(&made, re) + chamber_purity(&made, im));
    for (int i = 0; i < 2; i++) {
        double off = frame_difference(frame_get_state(&s, late[i]), LEVELS, re, im);
        print_message("c = %g%s, collision %lld: state off by %.1e\n", c, mixed ? ", mixed" : "",
                      (long long)late[i], off);
        CHECK_AT_MOST(off, 1e-11);
        CHECK_CLOSE(simulation_get(&s, UM_ENERGY, late[i]), energy, 1e-10);
        chamber_step(&made, 1, re);
        chamber_step(&made, 1, im);
    }
    check_limit("mixture", steady, energy, NAN, purity);
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        const um_chamber *own = find_chamber(steady, border[i], border[i + 1] - 1);
        assert_true(own->exact);
        CHECK_CLOSE(own->population, weight[i], 1e-12);
        if (c == 1) CHECK_CLOSE(own->purity, 1, 1e-10);
        sum += own->population * own->energy;
    }
    CHECK_CLOSE(sum, energy, 1e-9);
    um_steady_destroy(s.ctx, steady);
    simulation_free(&s);
}

static void weights_of_chambers(void **unused)
{
    (void)unused;
    check_weights(1, false);
    check_weights(1, true);
    check_weights(0.7, false);
    check_weights(0, true);
}

/* theta = pi: traps below 1, 4, 9, 16, ...; every chamber at once. */
static void traps_at_once(void **unused)
{
    (void)unused;
    static const int border[5] = {0, 1, 4, 9, 16};
    simulation s;
    simulation_init(&s, M_PI, 0.25, 1, 1);
    CHECK_OK(s.ctx, um_model_create(s.ctx, &s.spec, &s.model));
    um_chamber *chambers = NULL;
    size_t count = 0;
    CHECK_OK(s.ctx, um_chambers_solve(s.ctx, s.model, 0, 16, &chambers, &count));
    assert_int_equal(count, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(chambers[i].first, border[i]);
        assert_int_equal(chambers[i].last, border[i + 1] - 1);
        assert_true(chambers[i].exact && chambers[i].leak == 0 && chambers[i].down == 0);
        assert_true(isnan(chambers[i].population));
        CHECK_CLOSE(chambers[i].purity, 1, 1e-10);
    }
    um_chambers_destroy(s.ctx, chambers, count);
    simulation_free(&s);
    describe(&s, M_PI, 0.25, 1); /* the vacuum is a chamber of its own */
    um_steady *steady = run_and_solve(&s);
    CHECK_CLOSE(simulation_get(&s, UM_ENERGY, late[0]), 0, 1e-12);
    check_limit("theta = pi from the vacuum", steady, 0, 0, 1);
    um_steady_destroy(s.ctx, steady);
    simulation_free(&s);
}

/* The example of section 4 -------------------------------------------------------------------- */

static void near_trap(void **unused)
{
    (void)unused;
    const struct {
        double c, leak, tolerance;
    } leaks[] = {{1, 1.9066e-14, 1e-4},
                 {0.99, 5.446e-13, 2e-4},
                 {0.9, 2.8818e-10, 1e-4},
                 {0.5, 6.5037e-7, 1e-4}};
    for (int i = 0; i < 4; i++) {
        simulation s;
        simulation_init(&s, 1, 0.25, leaks[i].c, 1);
        s.spec.battery.levels = 60; /* far above the chamber; for ever it would need many more */
        s.spec.accuracy.truncation = 1;
        CHECK_OK(s.ctx, um_model_create(s.ctx, &s.spec, &s.model));
        um_steady *steady = NULL;
        um_status status = um_steady_solve(s.ctx, s.model, 0, NULL, &steady);
        if (status != UM_OK) CHECK_STATUS(s.ctx, status, UM_ERROR_NOCONV);
        assert_non_null(steady);
        const um_chamber *own = find_chamber(steady, 0, 9);
        print_message("c = %g: leak %.8e +- %.0e, plateau energy %.8f, lifetime %.6g\n", leaks[i].c,
                      own->leak, own->leak_error, steady->plateau.energy, steady->lifetime);
        assert_true(!own->exact && !own->open);
        CHECK_CLOSE(own->leak / leaks[i].leak, 1, leaks[i].tolerance);
        CHECK_AT_MOST(own->leak_error, 1e-6);
        /* With c = 0.5 the longest plateau is that of a chamber further up. */
        if (leaks[i].c > 0.5) CHECK_CLOSE(steady->lifetime * own->leak, 1, 1e-12);
        assert_true(steady->limit.status != UM_LIMIT_REACHED); /* no exact trap: no limit */
        if (leaks[i].c == 1) {
            CHECK_CLOSE(steady->plateau.energy, 3.878080, 2e-6);
            CHECK_CLOSE(steady->plateau.purity, 0.999558, 2e-6);
            assert_int_equal(steady->plateau.charging_time, 16);
            CHECK_CLOSE(own->energy, 3.87301, 1e-5);
            CHECK_CLOSE(own->purity, 1, 1e-6);
            CHECK_CLOSE(1 - own->population, 2.2e-4, 1e-5);
        }
        um_steady_destroy(s.ctx, steady);
        simulation_free(&s);
    }
}

/* Corners ------------------------------------------------------------------------------------- */

static void check_corner(const char *name, simulation *s, double energy, double purity)
{
    um_steady *steady = run_and_solve(s);
    for (int i = 0; i < 2; i++) {
        if (!(fabs(simulation_get(s, UM_ENERGY, late[i]) - energy) <= 1e-10))
            fail_msg("%s: energy %.12g, want %.12g", name, simulation_get(s, UM_ENERGY, late[i]),
                     energy);
        CHECK_CLOSE(simulation_get(s, UM_PURITY, late[i]), purity, 1e-10);
    }
    check_limit(name, steady, energy, NAN, purity);
    um_steady_destroy(s->ctx, steady);
    simulation_free(s);
}

static void corners(void **unused)
{
    (void)unused;
    simulation s;
    for (int c = 0; c <= 1; c++) {
        describe(&s, M_PI / sqrt(10), 0, c);
        check_corner("q = 0: filled to the trap", &s, 9, 1);
        describe(&s, 1, 1, c);
        s.spec.battery.initial = (um_initial){.kind = UM_INITIAL_FOCK, .level = 5};
        check_corner("q = 1: emptied", &s, 0, 1);
        describe(&s, 0, 0.25, c);
        s.spec.battery.initial = (um_initial){.kind = UM_INITIAL_COHERENT, .re = 1, .im = 0.5};
        check_corner("theta = 0: nothing happens", &s, 1.25, 1);
        describe(&s, 1, 1, c);
        check_corner("q = 1 on the vacuum", &s, 0, 1);
    }
    describe(&s, M_PI / sqrt(10), 0.25, 0); /* section 4: 8.500, 8.000 */
    um_steady *steady = run_and_solve(&s);
    CHECK_CLOSE(simulation_get(&s, UM_ENERGY, late[0]), 8.500, 1e-3);
    CHECK_CLOSE(simulation_get(&s, UM_ERGOTROPY, late[0]), 8.000, 1e-3);
    um_steady_destroy(s.ctx, steady);
    simulation_free(&s);
}

static void two_levels(void **unused)
{
    (void)unused;
    const double cs[] = {0, 0.6, 1};
    for (int i = 0; i < 3; i++) {
        const double ladder[2] = {0, 1};
        quad r[4] = {1};
        chamber made = chamber_make(2, ladder, 0.9, 0.3, cs[i]);
        chamber_step(&made, 3000, r);
        simulation s;
        describe(&s, 0.9, 0.3, cs[i]);
        s.spec.battery.kind = UM_BATTERY_LADDER;
        s.spec.battery.levels = 2;
        check_corner("two levels", &s, (double)chamber_energy(&made, r),
                     (double)chamber_purity(&made, r));
    }
}

/* Without a trap incoherent excited atoms climb for ever: that is no limit. */
static void climbing(void **unused)
{
    (void)unused;
    simulation s;
    simulation_init(&s, 1, 0, 0, 1);
    s.spec.battery.max_levels = 200;
    CHECK_OK(s.ctx, um_model_create(s.ctx, &s.spec, &s.model));
    um_steady *steady = NULL;
    um_status status = um_steady_solve(s.ctx, s.model, 0, NULL, &steady);
    if (status != UM_OK) {
        CHECK_STATUS(s.ctx, status, UM_ERROR_NOCONV);
        assert_true(strlen(um_context_get_error(s.ctx)->message) > 20);
    }
    if (steady) assert_true(steady->limit.status != UM_LIMIT_REACHED);
    um_steady_destroy(s.ctx, steady);
    simulation_free(&s);
}

/* Spectra ------------------------------------------------------------------------------------- */

static const um_mode *find_mode(const um_spectrum *spectrum, double re, double im)
{
    const um_mode *nearest = NULL;
    double least = INFINITY;
    for (size_t i = 0; i < spectrum->count; i++) {
        double off = hypot(spectrum->modes[i].re - re, spectrum->modes[i].im - im);
        if (off < least) {
            least = off;
            nearest = &spectrum->modes[i];
        }
    }
    if (least > 1e-9) fail_msg("no eigenvalue %.12g %+.12g i", re, im);
    CHECK_CLOSE(nearest->modulus, hypot(re, im), 1e-9);
    if (nearest->modulus < 1) {
        CHECK_CLOSE(nearest->relaxation * nearest->decay, 1, 1e-12);
        CHECK_CLOSE(exp(-nearest->decay), nearest->modulus, 1e-12);
    }
    return nearest;
}

static void solve_spectrum(simulation *s, int levels, int eigenvalues, um_spectrum *spectrum)
{
    memset(spectrum, 0, sizeof *spectrum);
    CHECK_OK(s->ctx, um_model_create(s->ctx, &s->spec, &s->model));
    CHECK_OK(s->ctx, um_spectrum_solve(s->ctx, s->model, 0, levels, eigenvalues, false, spectrum));
    assert_int_equal(spectrum->levels, levels);
    for (size_t i = 1; i < spectrum->count; i++)
        CHECK_AT_MOST(spectrum->modes[i].modulus, spectrum->modes[i - 1].modulus + 1e-12);
}

/* Two exact chambers, theta = pi/sqrt(3) cut at the second trap: the numbers are those of dense
 * eigenvalues of the Kraus matrix in double precision. */
static void spectrum_of_chambers(void **unused)
{
    (void)unused;
    simulation s;
    um_spectrum spectrum;
    simulation_init(&s, M_PI / sqrt(3), 0.25, 1, 1);
    solve_spectrum(&s, 12, 8, &spectrum);
    assert_int_equal(find_mode(&spectrum, 1, 0)->multiplicity, 2);  /* one per chamber */
    assert_int_equal(find_mode(&spectrum, -1, 0)->multiplicity, 2); /* coherences between them */
    assert_true(find_mode(&spectrum, 1, 0)->decay == 0);
    assert_true(isinf(find_mode(&spectrum, -1, 0)->relaxation));
    CHECK_CLOSE(spectrum.modes[2].modulus, 0.79139389, 1e-8);
    um_spectrum_clear(s.ctx, &spectrum);
    simulation_free(&s);
    simulation_init(&s, M_PI / sqrt(3), 0.25, 0.7, 1);
    solve_spectrum(&s, 12, 6, &spectrum);
    assert_int_equal(find_mode(&spectrum, 1, 0)->multiplicity, 2);
    CHECK_CLOSE(spectrum.modes[1].re, -0.97165496, 1e-8);
    assert_int_equal(spectrum.modes[1].multiplicity, 2);
    CHECK_CLOSE(spectrum.modes[2].re, 0.85626861, 1e-8);
    CHECK_CLOSE(fabs(spectrum.modes[2].im), 0.01075415, 1e-8);
    um_spectrum_clear(s.ctx, &spectrum);
    simulation_free(&s);
}

/* All eigenvalues of a small map: their powers add up to the traces of the map's powers. */
static void spectrum_adds_up(void **unused)
{
    (void)unused;
    enum { LEVELS = 4 };
    const double cs[] = {0, 0.7, 1};
    for (int i = 0; i < 3; i++) {
        simulation s;
        um_spectrum spectrum;
        simulation_init(&s, 0.8, 0.4, cs[i], 1);
        s.spec.battery.kind = UM_BATTERY_CUSTOM;
        s.spec.battery.levels = LEVELS;
        s.spec.battery.energies = even;
        s.spec.battery.lowering = irregular;
        solve_spectrum(&s, LEVELS, LEVELS * LEVELS, &spectrum);
        chamber made = chamber_make(LEVELS, irregular, 0.8, 0.4, cs[i]);
        for (int power = 1; power <= 3; power++) {
            double trace = 0, sum = 0;
            for (int j = 0; j < LEVELS * LEVELS; j++) {
                quad r[LEVELS * LEVELS] = {0};
                r[j] = 1;
                chamber_step(&made, power, r);
                trace += (double)r[j];
            }
            int modes = 0;
            for (size_t j = 0; j < spectrum.count; j++) {
                const um_mode *mode = &spectrum.modes[j];
                modes += mode->multiplicity;
                sum += mode->multiplicity * pow(mode->modulus, power) *
                       cos(power * atan2(mode->im, mode->re));
            }
            assert_int_equal(modes, LEVELS * LEVELS);
            CHECK_CLOSE(sum, trace, 1e-9);
        }
        um_spectrum_clear(s.ctx, &spectrum);
        simulation_free(&s);
    }
}

/* One level has one state; two levels, c = 0: populations relax with cos^2, coherences with cos. */
static void smallest_spectra(void **unused)
{
    (void)unused;
    simulation s;
    um_spectrum spectrum;
    simulation_init(&s, 1, 0.25, 1, 1);
    solve_spectrum(&s, 1, 10, &spectrum);
    assert_int_equal(spectrum.count, 1);
    assert_int_equal(find_mode(&spectrum, 1, 0)->multiplicity, 1);
    um_spectrum_clear(s.ctx, &spectrum);
    um_chamber *chambers = NULL;
    size_t count = 0;
    CHECK_OK(s.ctx, um_chambers_solve(s.ctx, s.model, 0, 1, &chambers, &count));
    for (size_t i = 0; i < count; i++) {
        assert_true(chambers[i].first == 0 && chambers[i].last == 0);
        CHECK_CLOSE(chambers[i].energy, 0, 0);
        CHECK_CLOSE(chambers[i].purity, 1, 1e-15);
    }
    um_chambers_destroy(s.ctx, chambers, count);
    simulation_free(&s);
    simulation_init(&s, 0.9, 0.3, 0, 1);
    s.spec.battery.kind = UM_BATTERY_LADDER;
    s.spec.battery.levels = 2;
    solve_spectrum(&s, 2, 4, &spectrum);
    assert_int_equal(find_mode(&spectrum, 1, 0)->multiplicity, 1);
    assert_int_equal(find_mode(&spectrum, cos(0.9), 0)->multiplicity, 2);
    assert_int_equal(find_mode(&spectrum, cos(0.9) * cos(0.9), 0)->multiplicity, 1);
    um_spectrum_clear(s.ctx, &spectrum);
    simulation_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_forms),
        cmocka_unit_test(geometric_ladder),
        cmocka_unit_test(weights_of_chambers),
        cmocka_unit_test(traps_at_once),
        cmocka_unit_test(near_trap),
        cmocka_unit_test(corners),
        cmocka_unit_test(two_levels),
        cmocka_unit_test(climbing),
        cmocka_unit_test(spectrum_of_chambers),
        cmocka_unit_test(spectrum_adds_up),
        cmocka_unit_test(smallest_spectra),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
