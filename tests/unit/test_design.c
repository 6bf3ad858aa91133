/* The pure plateaus below traps: fixed points of the collision, designs that have what was asked
 * for, and what a chamber does, against runs and against answers of other parts. */
#include <unistd.h>

#include "context.h"

enum { LEVELS_MAX = 64 };

static const double energies[8] = {0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5};
static const double lowering[8] = {0, 1.3, -0.41, 0.93, 1.61, 0.71, 2.03, 1.1};
static const um_battery cavity = {.kind = UM_BATTERY_CAVITY, .max_levels = 4096, .frequency = 1};
static const um_battery custom = {.kind = UM_BATTERY_CUSTOM,
                                  .levels = 8,
                                  .max_levels = 4096,
                                  .frequency = 1,
                                  .energies = energies,
                                  .lowering = lowering};

typedef struct plateau {
    const um_battery *battery;
    double q, c, phase;
    int trap, half_turns;
} plateau;

static um_model *make_model(const plateau *p, int64_t collisions)
{
    um_spec spec;
    um_model *model;
    um_spec_init(&spec);
    um_stage stage = spec.stages[0];
    spec.battery = *p->battery;
    stage.collisions = collisions;
    stage.atoms = (um_atoms){.q = p->q, .c = p->c, .phase = p->phase};
    stage.interaction.trap = p->trap;
    stage.interaction.half_turns = p->half_turns;
    spec.stages = &stage;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    return model;
}

static double get_theta(const plateau *p)
{
    return p->half_turns * M_PI / fabs(um_battery_get_lowering(p->battery, p->trap + 1));
}

/* |psi><psi| with the populations of the library and the phases of the formula. */
static void fill_matrix(const plateau *p, int levels, double *re, double *im)
{
    double populations[LEVELS_MAX], amplitude[LEVELS_MAX] = {0}, sign = 1, theta = get_theta(p);
    CHECK_OK(ctx, um_design_get_state(ctx, p->battery, p->q, p->trap, p->half_turns, populations));
    for (int n = 0; n <= p->trap; n++) {
        if (n > 0 && tan(theta * um_battery_get_lowering(p->battery, n) / 2) < 0) sign = -sign;
        amplitude[n] = sign * sqrt(populations[n]);
    }
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++) {
            double turn = (-M_PI / 2 - p->phase) * (n - m);
            re[n * levels + m] = amplitude[n] * amplitude[m] * cos(turn);
            im[n * levels + m] = amplitude[n] * amplitude[m] * sin(turn);
        }
}

static void check_fixed(const plateau *p)
{
    static double re[LEVELS_MAX * LEVELS_MAX], im[LEVELS_MAX * LEVELS_MAX];
    static double after_re[LEVELS_MAX * LEVELS_MAX], after_im[LEVELS_MAX * LEVELS_MAX];
    int levels = p->battery == &custom ? custom.levels : p->trap + 3;
    um_model *model = make_model(p, 1);
    um_map *map;
    um_state *in, *out;
    CHECK_OK(ctx, um_map_create(ctx, model, 0, levels, &map));
    CHECK_OK(ctx, um_state_create(ctx, levels, 2, 0, 0, &in));
    CHECK_OK(ctx, um_state_create(ctx, levels, 2, 0, 0, &out));
    fill_matrix(p, levels, re, im);
    CHECK_OK(ctx, um_state_set_matrix(in, levels, re, im));
    CHECK_OK(ctx, um_map_prepare(map, in));
    CHECK_OK(ctx, um_map_apply(map, in, out, NULL));
    um_state_get_matrix(out, 0, levels, after_re, after_im);
    for (int i = 0; i < levels * levels; i++)
        if (!(hypot(re[i] - after_re[i], im[i] - after_im[i]) <= 1e-15))
            fail_msg("trap %d, %d half turns, q = %g: element %d moves by %.2g", p->trap,
                     p->half_turns, p->q, i, hypot(re[i] - after_re[i], im[i] - after_im[i]));
    um_state_destroy(in);
    um_state_destroy(out);
    um_map_destroy(map);
    um_model_destroy(model);
}

static const double some_q[] = {1e-6, 0.05, 0.25, 0.5, 0.8, 0.999};
enum { SOME_Q = sizeof some_q / sizeof *some_q };

static void test_fixed_cavity(void **unused)
{
    (void)unused;
    int seen = 0;
    for (int trap = 1; trap <= 60; trap++)
        for (int r = 1; r <= 5; r += 2)
            for (int i = 0; i < SOME_Q; i++) {
                double populations[LEVELS_MAX];
                plateau p = {&cavity, some_q[i], 1, 0.3 * i, trap, r};
                if (um_design_get_state(ctx, &cavity, p.q, trap, r, populations) != UM_OK) {
                    assert_int_equal(um_context_get_error(ctx)->status, UM_ERROR_DOMAIN);
                    continue;
                }
                seen++;
                check_fixed(&p);
            }
    assert_true(seen > 900);
}

static void test_fixed_custom(void **unused)
{
    (void)unused;
    int seen = 0;
    for (int trap = 1; trap <= 6; trap++)
        for (int r = 1; r <= 5; r += 2)
            for (int i = 0; i < SOME_Q; i++) {
                plateau p = {&custom, some_q[i], 1, -0.7 * i, trap, r};
                check_fixed(&p);
                seen++;
            }
    assert_int_equal(seen, 6 * 3 * SOME_Q);
}

/* r^2 n/(n_t+1) a square below r^2: another trap, and no pure state below this one. */
static void test_traps_below(void **unused)
{
    (void)unused;
    double populations[LEVELS_MAX];
    CHECK_OK(ctx, um_design_get_state(ctx, &cavity, 0.25, 9, 3, populations));
    CHECK_STATUS(ctx, um_design_get_state(ctx, &cavity, 0.25, 8, 3, populations), UM_ERROR_DOMAIN);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "level 0"));
    CHECK_STATUS(ctx, um_design_get_state(ctx, &cavity, 0.25, 17, 3, populations), UM_ERROR_DOMAIN);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "level 1"));
    CHECK_STATUS(ctx, um_design_get_state(ctx, &cavity, 0.25, 24, 5, populations), UM_ERROR_DOMAIN);
    CHECK_STATUS(ctx, um_design_get_state(ctx, &cavity, 0.25, 9, 2, populations), UM_ERROR_DOMAIN);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "odd"));
    const double none[8] = {0, 1, 1, 0, 1, 2, 1, 1};
    um_battery broken = custom;
    broken.lowering = none;
    CHECK_STATUS(ctx, um_design_get_state(ctx, &broken, 0.25, 2, 1, populations), UM_ERROR_DOMAIN);
    CHECK_STATUS(ctx, um_design_get_state(ctx, &broken, 0.25, 4, 1, populations), UM_ERROR_DOMAIN);
}

static double get_energy(int trap, int half_turns, double q)
{
    static double populations[5000];
    double energy = 0;
    CHECK_OK(ctx, um_design_get_state(ctx, &cavity, q, trap, half_turns, populations));
    for (int n = 0; n <= trap; n++) energy += n * populations[n];
    return energy;
}

static void test_known_numbers(void **unused)
{
    (void)unused;
    CHECK_CLOSE(get_energy(9, 1, 0.25), 3.93085, 5e-6);
    CHECK_CLOSE(get_energy(15, 1, 0.25), 6.5944, 5e-5);
    CHECK_CLOSE(get_energy(19, 1, 0.25), 8.37116, 5e-6);
    /* Two levels: p_1/p_0 = (1-q)/q cot^2(pi/sqrt(8)) */
    double ratio = 3 / pow(tan(M_PI / sqrt(8)), 2);
    CHECK_CLOSE(get_energy(1, 1, 0.25), ratio / (1 + ratio), 1e-15);
    assert_true(isfinite(get_energy(4000, 1, 1e-12)));
    CHECK_CLOSE(get_energy(4000, 1, 1e-300), 4000, 1e-9);
    CHECK_CLOSE(get_energy(4000, 1, 1 - 0x1p-53), 0, 1e-9);
}

static void test_state_arguments(void **unused)
{
    (void)unused;
    double populations[LEVELS_MAX], uneven[8] = {0, 1, 2, 3, 4, 5, 6, 7.5};
    um_battery ladder = cavity, crooked = custom;
    ladder.kind = UM_BATTERY_LADDER;
    crooked.energies = uneven;
    const double wrong_q[] = {0, 1, -0.1, 1.1, NAN};
    for (int i = 0; i < 5; i++)
        CHECK_STATUS(ctx, um_design_get_state(ctx, &cavity, wrong_q[i], 9, 1, populations),
                     UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_design_get_state(ctx, &cavity, 0.5, -1, 1, populations), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_design_get_state(ctx, &cavity, 0.5, 9, 0, populations), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_design_get_state(ctx, &custom, 0.5, 7, 1, populations), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_design_get_state(ctx, &ladder, 0.5, 9, 1, populations),
                 UM_ERROR_UNSUPPORTED);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "cot^2(theta/2)"));
    CHECK_STATUS(ctx, um_design_get_state(ctx, &crooked, 0.5, 3, 1, populations),
                 UM_ERROR_UNSUPPORTED);
    CHECK_OK(ctx, um_design_get_state(ctx, &cavity, 0.5, 0, 1, populations));
    assert_true(populations[0] == 1);
}

static um_design_options closed_form(void)
{
    um_design_options options;
    um_design_options_init(&options);
    options.levels_max = 0;
    options.rows_max = 100;
    return options;
}

/* The wanted energy at every trap that can have it, and nothing else. */
static void test_wanted(void **unused)
{
    (void)unused;
    um_design_options options = closed_form();
    um_design_survey survey;
    um_design *designs;
    size_t count;
    for (int target = UM_DESIGN_ENERGY; target <= UM_DESIGN_ERGOTROPY; target++)
        for (int kind = 0; kind < 2; kind++) {
            options.battery = kind ? custom : cavity;
            options.target = (um_design_target)target;
            options.wanted = kind ? 2.5 : 4;
            options.half_turns_max = 5;
            options.rows_max = 10000;
            options.q_max = 0.9;
            options.theta_min = 0.8;
            double ground = kind ? 0.5 : 0, shift = target == UM_DESIGN_ENERGY ? 0 : ground;
            CHECK_OK(ctx, um_design_solve(ctx, &options, &designs, &count, &survey));
            assert_true(count >= (kind ? 2 : 50));
            assert_int_equal(survey.found, count);
            assert_true(survey.traps >= survey.found);
            for (size_t i = 0; i < count; i++) {
                const um_design *d = &designs[i];
                double populations[UM_DESIGN_LEVELS_MAX], energy = ground;
                CHECK_OK(ctx, um_design_get_state(ctx, &options.battery, d->q, d->trap,
                                                  d->half_turns, populations));
                for (int n = 0; n <= d->trap; n++) energy += n * populations[n];
                CHECK_CLOSE(d->energy, energy, 1e-11);
                CHECK_CLOSE(d->ergotropy, energy - ground, 1e-11);
                CHECK_CLOSE(energy - shift, options.wanted, 0.01 * options.wanted);
                bool end = d->q == options.q_min || d->q == options.q_max;
                if (!end) CHECK_CLOSE(energy - shift, options.wanted, 1e-11);
                assert_true(d->q >= options.q_min && d->q <= options.q_max);
                assert_true(d->theta >= 0.8 && d->theta <= 3);
                assert_true(d->purity == 1 && d->leak == 0 && d->half_turns % 2 == 1);
                assert_true(isnan(d->relaxation) && d->charging_time == -1);
            }
            um_designs_destroy(ctx, designs);
        }
}

/* Every trap once at each end; counted by hand. */
static void test_survey(void **unused)
{
    (void)unused;
    um_design_options options = closed_form();
    um_design_survey survey;
    um_design *designs;
    size_t count;
    CHECK_OK(ctx, um_expression_parse(ctx, "pi/sqrt(20)", &options.theta_min));
    CHECK_OK(ctx, um_expression_parse(ctx, "pi/sqrt(10)", &options.theta_max));
    options.q_min = 0.25;
    options.q_max = 0.5;
    CHECK_OK(ctx, um_design_solve(ctx, &options, &designs, &count, &survey));
    assert_int_equal(survey.traps, 11); /* both ends belong to the range */
    assert_int_equal(count, 22);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(designs[i].trap, 9 + i / 2);
        assert_true(designs[i].q == (i % 2 ? 0.5 : 0.25));
    }
    CHECK_CLOSE(designs[0].energy, 3.93085, 5e-6);
    CHECK_CLOSE(survey.highest, 8.37116, 5e-6);
    CHECK_CLOSE(survey.lowest, designs[1].energy, 0);
    um_designs_destroy(ctx, designs);

    options.rows_max = 3;
    CHECK_OK(ctx, um_design_solve(ctx, &options, &designs, &count, &survey));
    assert_int_equal(count, 3);
    assert_int_equal(survey.found, 22);
    um_designs_destroy(ctx, designs);

    options.wanted = 100;
    CHECK_OK(ctx, um_design_solve(ctx, &options, &designs, &count, &survey));
    assert_null(designs);
    assert_int_equal(count, 0);
    assert_int_equal(survey.found, 0);
    CHECK_CLOSE(survey.highest, 8.37116, 5e-6);
    options.theta_min = options.theta_max = 1;
    CHECK_OK(ctx, um_design_solve(ctx, &options, &designs, &count, &survey));
    assert_int_equal(survey.traps, 0);
    assert_true(isnan(survey.lowest) && isnan(survey.highest));
    CHECK_OK(ctx, um_design_solve(ctx, &options, &designs, &count, NULL));
    um_designs_destroy(ctx, NULL);
}

/* Ends of the range within the tolerance come last. */
static void test_tolerance(void **unused)
{
    (void)unused;
    um_design_options options = closed_form();
    um_design *designs;
    size_t count;
    options.theta_min = M_PI / sqrt(20);
    options.theta_max = M_PI / sqrt(10);
    options.q_min = options.q_max = 0.25;
    options.wanted = get_energy(12, 1, 0.25);
    options.tolerance = 0.01;
    CHECK_OK(ctx, um_design_solve(ctx, &options, &designs, &count, NULL));
    assert_int_equal(count, 1);
    assert_int_equal(designs[0].trap, 12);
    um_designs_destroy(ctx, designs);
    options.tolerance = 0.1;
    CHECK_OK(ctx, um_design_solve(ctx, &options, &designs, &count, NULL));
    assert_int_equal(count, 3);
    assert_int_equal(designs[0].trap, 12);
    assert_int_equal(designs[1].trap, 11);
    assert_int_equal(designs[2].trap, 13);
    um_designs_destroy(ctx, designs);
}

/* The closed form's slope against its own values. */
static void test_energy_dq(void **unused)
{
    (void)unused;
    um_design_options options = closed_form();
    um_design *designs;
    size_t count;
    options.theta_min = M_PI / sqrt(30);
    options.half_turns_max = 3;
    options.wanted = 1.7;
    CHECK_OK(ctx, um_design_solve(ctx, &options, &designs, &count, NULL));
    assert_true(count >= 20);
    for (size_t i = 0; i < count; i++) {
        const um_design *d = &designs[i];
        double h = 1e-3 * d->q * (1 - d->q), slope[2];
        for (int k = 0; k < 2; k++, h /= 2)
            slope[k] = (get_energy(d->trap, d->half_turns, d->q + h) -
                        get_energy(d->trap, d->half_turns, d->q - h)) /
                       (2 * h);
        CHECK_CLOSE(d->energy_dq, (4 * slope[1] - slope[0]) / 3, 1e-7 * fabs(slope[0]));
    }
    um_designs_destroy(ctx, designs);
}

enum { ENERGY, ERGOTROPY, PURITY, SLOPES };

/* Steady numbers of the closed chamber for c = 1 - h, by plain repetition. */
static void repeat(int trap, int half_turns, double q, double h, int collisions,
                   double numbers[SLOPES])
{
    plateau p = {&cavity, q, 1 - h, 0, trap, half_turns};
    um_model *model = make_model(&p, 1);
    um_map *map;
    um_state *state, *next;
    double vacuum = 1;
    CHECK_OK(ctx, um_map_create(ctx, model, 0, trap + 1, &map));
    CHECK_OK(ctx, um_state_create(ctx, trap + 1, 1, 1, 0, &state));
    CHECK_OK(ctx, um_state_create(ctx, trap + 1, 1, 1, 0, &next));
    CHECK_OK(ctx, um_state_set_matrix(state, 1, &vacuum, NULL));
    CHECK_OK(ctx, um_map_prepare(map, state));
    for (int k = 0; k < collisions; k++) {
        CHECK_OK(ctx, um_map_apply(map, state, next, NULL));
        um_state *other = state;
        state = next;
        next = other;
    }
    um_ergotropy ergotropy;
    CHECK_OK(ctx, um_observe_ergotropy(state, NULL, &ergotropy));
    numbers[ENERGY] = um_observe_energy(state, NULL);
    numbers[ERGOTROPY] = ergotropy.total;
    numbers[PURITY] = um_observe_purity(state);
    um_state_destroy(state);
    um_state_destroy(next);
    um_map_destroy(map);
    um_model_destroy(model);
}

/* Slopes at c = 1 from below by Romberg's scheme. */
static void find_slopes(int trap, int half_turns, double q, double h, int collisions,
                        double slopes[SLOPES])
{
    enum { ROWS = 5 };
    double numbers[ROWS][SLOPES], at_one[SLOPES];
    repeat(trap, half_turns, q, 0, collisions, at_one);
    for (int i = 0; i < ROWS; i++, h /= 2) {
        repeat(trap, half_turns, q, h, collisions, numbers[i]);
        for (int k = 0; k < SLOPES; k++) numbers[i][k] = (at_one[k] - numbers[i][k]) / h;
    }
    for (int order = 1; order < ROWS; order++)
        for (int i = 0; i + order < ROWS; i++)
            for (int k = 0; k < SLOPES; k++)
                numbers[i][k] =
                    numbers[i + 1][k] + (numbers[i + 1][k] - numbers[i][k]) / (exp2(order) - 1);
    memcpy(slopes, numbers[0], SLOPES * sizeof *slopes);
}

static void test_sensitivity_to_c(void **unused)
{
    (void)unused;
    static const struct {
        int trap, half_turns, collisions;
        double q, h, tolerance;
    } cases[] = {{1, 1, 500, 0.25, 0.02, 1e-8},
                 {9, 1, 600, 0.25, 0.02, 1e-8},
                 {9, 1, 600, 0.7, 0.02, 1e-8},
                 {15, 1, 1000, 0.25, 0.01, 1e-8},
                 {9, 3, 40000, 0.25, 1e-4, 1e-5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        um_design_options options;
        um_design *designs;
        size_t count;
        double slopes[SLOPES], allowed = cases[i].tolerance;
        um_design_options_init(&options);
        options.q_min = options.q_max = cases[i].q;
        options.half_turns_max = cases[i].half_turns;
        options.theta_min = options.theta_max =
            get_theta(&(plateau){&cavity, 0.5, 1, 0, cases[i].trap, cases[i].half_turns});
        options.theta_min *= 1 - 1e-12;
        options.theta_max *= 1 + 1e-12;
        CHECK_OK(ctx, um_design_solve(ctx, &options, &designs, &count, NULL));
        assert_int_equal(count, 1);
        assert_int_equal(designs[0].trap, cases[i].trap);
        find_slopes(cases[i].trap, cases[i].half_turns, cases[i].q, cases[i].h, cases[i].collisions,
                    slopes);
        CHECK_CLOSE(designs[0].energy_dc, slopes[ENERGY], allowed * fabs(slopes[ENERGY]));
        CHECK_CLOSE(designs[0].ergotropy_dc, slopes[ERGOTROPY], allowed * fabs(slopes[ERGOTROPY]));
        CHECK_CLOSE(designs[0].purity_dc, slopes[PURITY], allowed * fabs(slopes[PURITY]));
        um_designs_destroy(ctx, designs);
    }
}

static void test_csv(void **unused)
{
    (void)unused;
    um_design_options options = closed_form();
    um_design *designs, *read;
    size_t count, read_count;
    char path[64];
    snprintf(path, sizeof path, "design-%d.csv", (int)getpid());
    options.wanted = 3.3;
    options.theta_min = 0.6;
    options.half_turns_max = 3;
    CHECK_OK(ctx, um_design_solve(ctx, &options, &designs, &count, NULL));
    designs[0].charging_time = 1234567890123;
    designs[0].leak_missed = 1e-300;
    CHECK_OK(ctx, um_designs_write_csv(ctx, designs, count, path, false));
    CHECK_OK(ctx, um_designs_read_csv(ctx, path, &read, &read_count));
    assert_int_equal(count, read_count);
    for (size_t i = 0; i < count; i++) {
        const um_design *a = &designs[i], *b = &read[i];
        assert_true(a->trap == b->trap && a->half_turns == b->half_turns && a->theta == b->theta);
        assert_true(a->q == b->q && a->energy == b->energy && a->ergotropy == b->ergotropy);
        assert_true(a->purity == b->purity && a->energy_dq == b->energy_dq && a->leak == b->leak);
        assert_true(a->charging_time == b->charging_time);
        assert_true(isnan(b->relaxation) && isnan(b->energy_dc) && isnan(b->purity_dc));
        assert_true(isnan(b->ergotropy_dc) && a->leak_bound == b->leak_bound);
        assert_true(i == 0 ? b->leak_missed == 1e-300 : isnan(b->leak_missed));
    }
    um_designs_destroy(ctx, read);
    CHECK_OK(ctx, um_designs_write_csv(ctx, NULL, 0, path, true));
    CHECK_OK(ctx, um_designs_read_csv(ctx, path, &read, &read_count));
    assert_null(read);
    assert_int_equal(read_count, 0);
    unlink(path);
    um_designs_destroy(ctx, designs);
}

#define REFUSED(field, value, name) \
    do { \
        um_design_options wrong = closed_form(); \
        um_design *none; \
        size_t none_count; \
        wrong.field = (value); \
        CHECK_STATUS(ctx, um_design_solve(ctx, &wrong, &none, &none_count, NULL), \
                     UM_ERROR_CONFIG); \
        assert_string_equal(um_context_get_error(ctx)->key, name); \
        assert_null(none); \
    } while (0)

static void test_options(void **unused)
{
    (void)unused;
    REFUSED(wanted, 0, "energy");
    REFUSED(wanted, -1, "energy");
    REFUSED(wanted, INFINITY, "energy");
    REFUSED(target, (um_design_target)7, "target");
    REFUSED(q_min, 0, "q");
    REFUSED(q_max, 1, "q");
    REFUSED(q_min, 0.99, "q");
    REFUSED(q_min, NAN, "q");
    REFUSED(theta_min, 0, "theta");
    REFUSED(theta_max, INFINITY, "theta");
    REFUSED(theta_max, 0.05, "theta");
    REFUSED(tolerance, 0, "tolerance");
    REFUSED(tolerance, 1, "tolerance");
    REFUSED(theta_error, 0, "theta_error");
    REFUSED(theta_error, 0.1, "theta_error");
    REFUSED(half_turns_max, 0, "half_turns");
    REFUSED(half_turns_max, 101, "half_turns");
    REFUSED(rows_max, 0, "rows");
    REFUSED(levels_max, -1, "levels");
    um_design_options options = closed_form();
    um_design *designs;
    size_t count;
    options.battery.kind = UM_BATTERY_LADDER;
    CHECK_STATUS(ctx, um_design_solve(ctx, &options, &designs, &count, NULL), UM_ERROR_UNSUPPORTED);
    double broken[8] = {0, 1, NAN, 1, 1, 1, 1, 1};
    options.battery = custom;
    options.battery.lowering = broken;
    CHECK_STATUS(ctx, um_design_solve(ctx, &options, &designs, &count, NULL), UM_ERROR_CONFIG);
    assert_string_equal(um_context_get_error(ctx)->key, "battery.lowering");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixed_cavity),     cmocka_unit_test(test_fixed_custom),
        cmocka_unit_test(test_traps_below),      cmocka_unit_test(test_known_numbers),
        cmocka_unit_test(test_state_arguments),  cmocka_unit_test(test_wanted),
        cmocka_unit_test(test_survey),           cmocka_unit_test(test_tolerance),
        cmocka_unit_test(test_sensitivity_to_c), cmocka_unit_test(test_csv),
        cmocka_unit_test(test_energy_dq),        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
