/* Leading eigenvalues of collision maps against all eigenvalues of the same map, another way. */
#include <lapacke.h>

#include "context.h"
#include "dense_spectrum.h"
#include "generator_cases.h"
#include "steady/spectrum_list.h"

typedef struct setting {
    um_spec spec;
    um_stage stage;
} setting;

static void begin(setting *it, double theta, double q, double c)
{
    um_spec_init(&it->spec);
    it->stage = it->spec.stages[0];
    it->stage.atoms.q = q;
    it->stage.atoms.c = c;
    it->stage.interaction.theta = theta;
    it->spec.stages = &it->stage;
}

static um_model *model_of(const setting *it)
{
    um_model *model;
    CHECK_OK(ctx, um_model_create(ctx, &it->spec, &model));
    return model;
}

/* Every kind of collision, from one level on, a few leading eigenvalues and all of them. */
static void test_every_kind(void **state)
{
    (void)state;
    static const int sizes[] = {1, 2, 3, 6, 9};
    for (int i = 0; i < GENERATOR_CASES; i++)
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            const generator_case *it = generator_case_get(i);
            um_model *model = generator_case_model(ctx, it, sizes[j]);
            if (!model) continue;
            dense_spectrum_check(ctx, it->name, model, sizes[j], 7, 1e-7);
            dense_spectrum_check(ctx, it->name, model, sizes[j], 1000, 1e-6);
            um_model_destroy(model);
        }
}

static um_spectrum solve(const setting *it, int levels, int eigenvalues, bool drop)
{
    um_model *model = model_of(it);
    um_spectrum spectrum;
    CHECK_OK(ctx, um_spectrum_solve(ctx, model, 0, levels, eigenvalues, drop, &spectrum));
    um_model_destroy(model);
    return spectrum;
}

/* How many eigenvalues there are at a point, within 1e-9. */
static int count_at(const um_spectrum *spectrum, double re, double im)
{
    int count = 0;
    for (size_t i = 0; i < spectrum->count; i++)
        if (hypot(spectrum->modes[i].re - re, spectrum->modes[i].im - im) < 1e-9)
            count += spectrum->modes[i].multiplicity;
    return count;
}

static void check_setting(const char *name, const setting *it, int levels, int eigenvalues,
                          double tolerance)
{
    um_model *model = model_of(it);
    dense_spectrum_check(ctx, name, model, levels, eigenvalues, tolerance);
    um_model_destroy(model);
}

/* Larger than what is solved as a whole matrix. */
static void test_beyond_dense(void **state)
{
    (void)state;
    setting it;
    begin(&it, 1, 0.25, 1);
    check_setting("near trap", &it, 18, 6, 1e-7);
    begin(&it, 0.3, 0.4, 0.7);
    check_setting("slow", &it, 18, 8, 1e-7);
    begin(&it, 1.3, 0.25, 0.9);
    it.stage.atoms.detuning = 0.6;
    it.stage.interaction.g = 1;
    check_setting("detuned", &it, 15, 8, 1e-7);
    begin(&it, NAN, 0.25, 1);
    it.stage.interaction.trap = 4;
    it.stage.interaction.half_turns = 1;
    check_setting("two traps", &it, 20, 6, 1e-7);
    begin(&it, 2, 0.5, 1); /* fifteen modes that hardly decay, all others soon gone */
    check_setting("crowded", &it, 21, 10, 1e-7);
}

/* Atoms in one state; atoms without coherence; one step of Rabi collisions. */
static void test_corners(void **state)
{
    (void)state;
    setting it;
    for (int levels = 1; levels < 10; levels += 2)
        for (int q = 0; q < 2; q++)
            for (int c = 0; c < 2; c++) {
                begin(&it, 1.1, q, c);
                check_setting("one state", &it, levels, 9, 1e-6);
            }
    for (int c = 0; c < 2; c++) { /* q = 1/2: nothing prefers up or down */
        begin(&it, 0.8, 0.5, c);
        check_setting("half", &it, 8, 12, 1e-6);
    }
}

static void test_rabi(void **state)
{
    (void)state;
    setting it;
    for (int levels = 2; levels < 9; levels += 3)
        for (int ladder = 0; ladder < 2; ladder++) {
            begin(&it, 0.9, 0.3, 0.8);
            it.stage.atoms.phase = 0.4;
            it.stage.atoms.detuning = 0.2;
            it.stage.interaction.g = 0.6;
            it.stage.interaction.counter_rotating = 1;
            it.spec.battery.kind = ladder ? UM_BATTERY_LADDER : UM_BATTERY_CAVITY;
            it.spec.battery.levels = ladder ? levels : UM_LEVELS_AUTO;
            /* Locked collisions are a whole period of the parity apart, and all the same. */
            check_setting(ladder ? "Rabi, ladder" : "Rabi", &it, levels, 8, 1e-7);
        }
    um_spectrum spectrum = solve(&it, it.spec.battery.levels, 3, true);
    assert_true(spectrum.modes[0].decay == 0 && isinf(spectrum.modes[0].relaxation));
    um_spectrum_clear(ctx, &spectrum);
}

/* Nothing happens: every eigenvalue is 1, however many there are. */
static void test_nothing(void **state)
{
    (void)state;
    setting it;
    for (int levels = 1; levels < 40; levels += 12) {
        begin(&it, 0, 0.3, 0.9);
        um_spectrum spectrum = solve(&it, levels, 10, false);
        assert_int_equal(spectrum.count, 1);
        assert_int_equal(spectrum.modes[0].multiplicity, levels * levels);
        assert_true(spectrum.modes[0].re == 1 && spectrum.modes[0].decay == 0);
        um_spectrum_clear(ctx, &spectrum);
    }
}

/* Without coherence every order k is a chain of its own, and symmetric up to a scaling. */
static void test_birth_and_death(void **state)
{
    (void)state;
    enum { LEVELS = 40, ALL = LEVELS * LEVELS };
    double theta = 0.37, q = 0.35;
    static double _Complex all[ALL];
    int count = 0;
    for (int k = 0; k < LEVELS; k++) {
        double diagonal[LEVELS], off[LEVELS];
        int size = LEVELS - k;
        for (int n = 0; n < size; n++) {
            int m = n + k;
            bool top = m == LEVELS - 1;
            diagonal[n] = q * cos(theta * sqrt(n)) * cos(theta * sqrt(m)) +
                          (1 - q) * cos(theta * sqrt(n + 1)) * (top ? 1 : cos(theta * sqrt(m + 1)));
            if (top && k == 0) diagonal[n] = q * pow(cos(theta * sqrt(n)), 2) + 1 - q;
            off[n] = sqrt(q * (1 - q)) * sin(theta * sqrt(n + 1)) * sin(theta * sqrt(m + 1));
        }
        assert_int_equal(LAPACKE_dsterf(size, diagonal, off), 0);
        for (int n = 0; n < size; n++)
            for (int part = 0; part < (k > 0 ? 2 : 1); part++) all[count++] = diagonal[n];
    }
    assert_int_equal(count, ALL);
    setting it;
    begin(&it, theta, q, 0);
    um_spectrum spectrum = solve(&it, LEVELS, 14, false);
    assert_true(spectrum.eigenvalues >= 14);
    dense_spectrum_compare("birth and death", &spectrum, LEVELS, all, 1e-10);
    um_spectrum_clear(ctx, &spectrum);
}

/* A trap at 5 photons and with it one at 20: two chambers, in and below a space of so many levels.
 */
static void test_chambers_on_the_circle(void **state)
{
    (void)state;
    static const int sizes[] = {20, 23, 27};
    for (int i = 0; i < 3; i++)
        for (int pure = 0; pure < 2; pure++) {
            setting it;
            begin(&it, NAN, 0.25, pure ? 1 : 0.7);
            it.stage.interaction.trap = 4;
            it.stage.interaction.half_turns = 1;
            um_spectrum spectrum = solve(&it, sizes[i], 8, true);
            assert_int_equal(count_at(&spectrum, 1, 0), 2);
            assert_int_equal(count_at(&spectrum, -1, 0), pure ? 2 : 0);
            assert_true(spectrum.modes[0].decay == 0 && spectrum.modes[0].error == 0);
            assert_true((spectrum.dropped > 0) == (sizes[i] > 20));
            um_spectrum_clear(ctx, &spectrum);
        }
}

/* theta = pi: a chamber between any two squares, each with a pure state of its own, and coherences
 * between any two of them, even and odd. */
static void test_many_chambers(void **state)
{
    (void)state;
    setting it;
    begin(&it, NAN, 0.25, 1);
    it.stage.interaction.trap = 0;
    it.stage.interaction.half_turns = 1;
    um_spectrum spectrum = solve(&it, 64, 10, true);
    assert_int_equal(count_at(&spectrum, 1, 0), 8 + 2 * 12);
    um_spectrum_clear(ctx, &spectrum);
    spectrum = solve(&it, 36, 20, true);
    assert_int_equal(count_at(&spectrum, 1, 0), 6 + 2 * 6);
    assert_int_equal(count_at(&spectrum, -1, 0), 2 * 9);
    um_spectrum_clear(ctx, &spectrum);
}

/* What is left after the top is dropped is the spectrum of the closed chamber below. */
static void test_dropping(void **state)
{
    (void)state;
    for (int pure = 0; pure < 2; pure++) {
        setting it;
        begin(&it, NAN, 0.25, pure ? 1 : 0.8);
        it.stage.interaction.trap = 9;
        it.stage.interaction.half_turns = 1;
        um_spectrum alone = solve(&it, 10, 12, true);
        assert_int_equal(alone.dropped, 0);
        for (int levels = 13; levels < 26; levels += 6) {
            um_spectrum spectrum = solve(&it, levels, 12, true);
            assert_true(spectrum.dropped > 0);
            assert_int_equal(spectrum.eigenvalues, alone.eigenvalues);
            for (size_t i = 0; i < spectrum.count; i++) {
                const um_mode *mode = &spectrum.modes[i];
                double nearest = INFINITY, error = mode->error;
                CHECK_AT_MOST(error, 1e-8);
                for (size_t j = 0; j < alone.count; j++) {
                    const um_mode *other = &alone.modes[j];
                    double apart = hypot(mode->re - other->re, mode->im - other->im);
                    if (apart < nearest) error = mode->error + other->error;
                    nearest = fmin(nearest, apart);
                }
                CHECK_AT_MOST(nearest, 1e-12 + error);
            }
            um_spectrum_clear(ctx, &spectrum);
        }
        um_spectrum_clear(ctx, &alone);
    }
}

/* Here the farthest of the modes that an artificial top crowds in among are no use: fewer of them are looked through. */
static void test_crowded(void **state)
{
    (void)state;
    setting it;
    begin(&it, 0.85527638190954776, 0.25, 1);
    um_spectrum spectrum = solve(&it, 100, 10, true);
    assert_true(spectrum.eigenvalues >= 10);
    assert_true(spectrum.dropped > 0);
    assert_int_equal(count_at(&spectrum, -1, 0), 2);
    assert_int_equal(count_at(&spectrum, -0.94083700741621, 0), 2); /* as in 60 levels, and in 80 */
    um_spectrum_clear(ctx, &spectrum);
}

static void test_refused(void **state)
{
    (void)state;
    setting it;
    um_spectrum spectrum;
    begin(&it, 1, 0.25, 1);
    um_model *model = model_of(&it);
    CHECK_STATUS(ctx, um_spectrum_solve(ctx, model, 1, 20, 3, true, &spectrum), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_spectrum_solve(ctx, model, 0, 0, 3, true, &spectrum), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_spectrum_solve(ctx, model, 0, 20, -1, true, &spectrum), UM_ERROR_ARG);
    assert_null(spectrum.modes);
    um_model_destroy(model);
    it.stage.interaction.g = 0.5;
    it.stage.interaction.counter_rotating = 1;
    it.stage.stream.frame = UM_FRAME_LAB;
    model = model_of(&it);
    CHECK_STATUS(ctx, um_spectrum_solve(ctx, model, 0, 20, 3, true, &spectrum),
                 UM_ERROR_UNSUPPORTED);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "lab frame"));
    um_model_destroy(model);
}

/* Ground-state atoms and losses take equal steps down a ladder: many modes with one eigenvector. */
static void test_hardly_diagonalisable(void **state)
{
    (void)state;
    static const struct {
        double value;
        int count;
    } all[] = {{1, 1}, {0.302667, 6}, {0.270065, 2}, {0.091607, 9}, {0.081740, 6}, {0.072935, 1}};
    setting it;
    begin(&it, 1.2, 1, 0);
    it.spec.battery.kind = UM_BATTERY_LADDER;
    it.spec.battery.levels = 5;
    it.stage.interaction.tau = it.stage.stream.period = 1.8;
    it.stage.environment.kappa = 0.2;
    um_spectrum spectrum = solve(&it, 5, 25, true);
    assert_int_equal(spectrum.eigenvalues, 25);
    assert_int_equal(spectrum.unsure, 0);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        int found = 0;
        for (size_t j = 0; j < spectrum.count; j++) {
            const um_mode *mode = &spectrum.modes[j];
            CHECK_AT_MOST(mode->error, 1e-6);
            if (fabs(mode->modulus - all[i].value) < 1e-6) found += mode->multiplicity;
        }
        assert_int_equal(found, all[i].count);
    }
    um_spectrum_clear(ctx, &spectrum);
}

/* A value without digits is not listed, and counted. */
static void test_unsure(void **state)
{
    (void)state;
    umi_eigenvalues list = {0};
    static const umi_eigenvalue values[] = {
        {.re = 1}, {.re = 0.5, .decay = 0.7, .error = 5e19}, {.re = 0.3, .decay = 1.2, .error = 1e-9}};
    for (int i = 0; i < 3; i++) CHECK_OK(ctx, umi_eigenvalues_add(ctx, &list, values[i]));
    um_spectrum spectrum = {0};
    CHECK_OK(ctx, umi_eigenvalues_group(ctx, &list, 3, false, &spectrum));
    assert_int_equal(spectrum.unsure, 1);
    assert_int_equal(spectrum.eigenvalues, 2);
    assert_int_equal(spectrum.count, 2);
    assert_int_equal(spectrum.modes[0].multiplicity, 1);
    CHECK_CLOSE(spectrum.modes[1].re, 0.3, 0);
    um_spectrum_clear(ctx, &spectrum);
    umi_eigenvalues_free(ctx, &list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_beyond_dense),
        cmocka_unit_test(test_corners),
        cmocka_unit_test(test_rabi),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_birth_and_death),
        cmocka_unit_test(test_chambers_on_the_circle),
        cmocka_unit_test(test_many_chambers),
        cmocka_unit_test(test_dropping),
        cmocka_unit_test(test_crowded),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_hardly_diagonalisable),
        cmocka_unit_test(test_unsure),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
