/* um_steady_solve: plateau, lifetime and limit of batteries whose fate is known. */
#include "check.h"
#include "context.h"

static const double PI = 3.14159265358979323846;

typedef struct setting {
    um_spec spec;
    um_stage stage[2];
} setting;

/* Coherent atoms of q = 1/4 on a cavity in its vacuum. */
static void begin(setting *it, double theta, double horizon)
{
    um_spec_init(&it->spec);
    it->stage[0] = it->spec.stages[0];
    it->stage[0].atoms.q = 0.25;
    it->stage[0].atoms.c = 1;
    it->stage[0].interaction.theta = theta;
    it->spec.stages = it->stage;
    it->spec.accuracy.horizon = horizon;
}

static um_status solve_status(const setting *it, size_t stage, const um_steady_options *options,
                              um_steady **steady)
{
    um_model *model;
    CHECK_OK(ctx, um_model_create(ctx, &it->spec, &model));
    um_status status = um_steady_solve(ctx, model, stage, options, steady);
    um_model_destroy(model);
    return status;
}

static um_steady *solve(const setting *it)
{
    um_steady *steady;
    CHECK_OK(ctx, solve_status(it, 0, NULL, &steady));
    assert_non_null(steady);
    assert_int_equal(steady->status, UM_OK);
    return steady;
}

/* The example of the specification, to 1e15 collisions. */
static void test_near_trap(void **state)
{
    (void)state;
    setting it;
    begin(&it, 1, 1e15);
    um_steady *steady = solve(&it);
    assert_in_range(steady->plateau.charging_time, 14, 16);
    CHECK_CLOSE(steady->plateau.energy, 3.87808, 1e-6);
    CHECK_CLOSE(steady->plateau.purity, 0.99956, 2e-6);
    CHECK_CLOSE(steady->lifetime * 1.9066e-14, 1, 1e-4);
    assert_true(steady->band_exit == steady->plateau.end + 1);
    assert_true(steady->band_exit > 1e11 && steady->band_exit < 1e12);
    assert_true(steady->chambers_count >= 2);
    const um_chamber *lowest = &steady->chambers[0];
    assert_int_equal(lowest->first, 0);
    assert_int_equal(lowest->last, 9);
    assert_false(lowest->exact);
    CHECK_CLOSE(lowest->energy, 3.87301, 1e-5);
    CHECK_CLOSE(lowest->population, 1 - 2.2e-4, 1e-5);
    CHECK_CLOSE(steady->chambers[1].population, 2.2e-4, 1e-5);
    assert_int_equal(steady->limit.status, UM_LIMIT_ESCAPES);
    assert_true(steady->limit.level > 10);
    assert_true(steady->limit.energy > 20);
    assert_null(steady->run->populations); /* nobody asked for them */
    um_steady_destroy(ctx, steady);
}

/* However flat the curve and however short the look: there is no limit behind a near trap. */
static void test_no_limit_claimed(void **state)
{
    (void)state;
    static const double horizons[] = {1e5, 1e8, 1e11, 1e20};
    for (int i = 0; i < 4; i++) {
        setting it;
        begin(&it, 1, horizons[i]);
        um_steady *steady = solve(&it);
        assert_int_not_equal(steady->limit.status, UM_LIMIT_REACHED);
        if (i < 3) assert_int_equal(steady->limit.level, 10);
        assert_int_equal(steady->limit.collision, (int64_t)fmin(horizons[i], 1e15));
        assert_int_equal(steady->warnings_count, horizons[i] > 1e15);
        um_steady_destroy(ctx, steady);
    }
}

static void expect_reached(const um_steady *steady, double energy, double purity)
{
    assert_int_equal(steady->limit.status, UM_LIMIT_REACHED);
    CHECK_CLOSE(steady->limit.energy, energy, 1e-8);
    CHECK_CLOSE(steady->limit.purity, purity, 1e-8);
    assert_int_equal(steady->limit.level, -1);
    assert_true(steady->limit.collision >= 0);
}

/* psi_n / psi_(n-1) = sqrt((1-q)/q) cot(theta sqrt(n)/2) up to a phase. */
static double cot_energy(double q, double theta, int levels)
{
    double p = 1, norm = 1, energy = 0;
    for (int n = 1; n < levels; n++) {
        double ratio = sqrt((1 - q) / q) / tan(theta * sqrt(n) / 2);
        p *= ratio * ratio;
        norm += p;
        energy += n * p;
    }
    return energy / norm;
}

static void test_exact_trap(void **state)
{
    (void)state;
    setting it;
    begin(&it, PI / sqrt(10), 1e15);
    um_steady *steady = solve(&it);
    expect_reached(steady, cot_energy(0.25, PI / sqrt(10), 10), 1);
    assert_true(steady->limit.collision < 1000);
    assert_true(isinf(steady->lifetime));
    assert_int_equal(steady->band_exit, -1);
    assert_true(steady->chambers[0].exact);
    CHECK_CLOSE(steady->chambers[0].population, 1, 1e-12);
    um_steady_destroy(ctx, steady);
}

/* No atom without inversion climbs for ever: p_n/p_(n-1) = (1-q)/q, whatever theta. */
static void test_thermal(void **state)
{
    (void)state;
    setting it;
    begin(&it, 1, 1e9);
    it.stage[0].atoms = (um_atoms){.q = 0.75};
    um_steady *steady = solve(&it);
    double ratio = 1.0 / 3;
    expect_reached(steady, ratio / (1 - ratio), (1 - ratio) * (1 - ratio) / (1 - ratio * ratio));
    um_steady_destroy(ctx, steady);
    /* Not long enough to have come to rest. */
    it.spec.accuracy.horizon = 12;
    steady = solve(&it);
    assert_int_equal(steady->limit.status, UM_LIMIT_UNDECIDED);
    um_steady_destroy(ctx, steady);
}

/* A finite ladder has a top: the same ratio, cut there. */
static void test_wall(void **state)
{
    (void)state;
    setting it;
    begin(&it, 1, 1e9);
    it.stage[0].atoms = (um_atoms){.q = 0.25};
    it.spec.battery.kind = UM_BATTERY_LADDER;
    it.spec.battery.levels = 3;
    um_steady *steady = solve(&it);
    expect_reached(steady, (3 + 2 * 9.0) / 13, (1 + 9 + 81.0) / 169);
    um_steady_destroy(ctx, steady);
}

/* The wall of a truncated cavity is ours: what it made up is no limit. */
static void test_artificial_wall(void **state)
{
    (void)state;
    setting it;
    begin(&it, 1, 1e6);
    it.stage[0].atoms = (um_atoms){.q = 0.25};
    it.spec.battery.levels = 8;
    it.spec.accuracy.truncation = 1;
    um_steady *steady = solve(&it);
    assert_int_not_equal(steady->limit.status, UM_LIMIT_REACHED);
    um_steady_destroy(ctx, steady);
}

/* Inverted, incoherent atoms climb beyond any number of levels: an answer, not a number. */
static void test_climb(void **state)
{
    (void)state;
    setting it;
    begin(&it, 1, 1e6);
    it.stage[0].atoms = (um_atoms){.q = 0.25};
    it.spec.battery.max_levels = 64;
    um_steady *steady;
    CHECK_STATUS(ctx, solve_status(&it, 0, NULL, &steady), UM_ERROR_NOCONV);
    assert_non_null(steady);
    assert_int_equal(steady->status, UM_ERROR_NOCONV);
    assert_int_equal(steady->limit.status, UM_LIMIT_ESCAPES);
    assert_true(steady->limit.collision > 10 && steady->limit.collision < 100000);
    assert_true(steady->limit.energy > 5 && steady->limit.energy < 64);
    assert_true(steady->warnings_count >= 1);
    assert_int_equal(um_context_get_error(ctx)->status, UM_ERROR_NOCONV);
    assert_string_equal(um_context_get_error(ctx)->key, "battery.max_levels");
    um_steady_destroy(ctx, steady);
}

/* Nothing moves: theta = 0, and ground-state atoms on the vacuum. */
static void test_standing_still(void **state)
{
    (void)state;
    setting it;
    begin(&it, 0, 1e15);
    um_steady *steady = solve(&it);
    expect_reached(steady, 0, 1);
    assert_int_equal(steady->limit.collision, 0);
    um_steady_destroy(ctx, steady);
    begin(&it, 1, 1e15);
    it.stage[0].atoms = (um_atoms){.q = 1};
    steady = solve(&it);
    expect_reached(steady, 0, 1);
    um_steady_destroy(ctx, steady);
}

/* Two exact chambers, the start in both: the limit keeps the weights. */
static void test_two_chambers(void **state)
{
    (void)state;
    setting it;
    double theta = PI / sqrt(3), real[16] = {0}, imag[16] = {0};
    begin(&it, theta, 1e15);
    real[0] = 0.75;  /* |0> */
    real[15] = 0.25; /* |3>, above the trap at 2 */
    it.spec.battery.initial =
        (um_initial){.kind = UM_INITIAL_MATRIX, .levels = 4, .real = real, .imag = imag};
    um_steady *steady = solve(&it);
    assert_int_equal(steady->limit.status, UM_LIMIT_REACHED);
    assert_true(steady->chambers_count >= 2);
    assert_int_equal(steady->chambers[0].last, 2);
    CHECK_CLOSE(steady->chambers[0].population, 0.75, 1e-9);
    CHECK_CLOSE(steady->chambers[1].population, 0.25, 1e-9);
    CHECK_CLOSE(steady->limit.energy,
                0.75 * steady->chambers[0].energy + 0.25 * steady->chambers[1].energy, 1e-6);
    um_steady_destroy(ctx, steady);
}

/* The Rabi model has no chambers; that is said. */
static void test_rabi(void **state)
{
    (void)state;
    setting it;
    begin(&it, NAN, 1000);
    it.stage[0].interaction =
        (um_interaction){.theta = 0.5, .g = 0.1, .tau = NAN, .counter_rotating = 1};
    it.spec.battery.kind = UM_BATTERY_LADDER;
    it.spec.battery.levels = 4;
    um_steady *steady = solve(&it);
    assert_int_equal(steady->chambers_count, 0);
    assert_true(isnan(steady->lifetime));
    bool said = false;
    for (size_t i = 0; i < steady->warnings_count; i++)
        if (strstr(steady->warnings[i], "no chambers")) said = true;
    assert_true(said);
    um_steady_destroy(ctx, steady);
}

static void test_stages(void **state)
{
    (void)state;
    setting it;
    begin(&it, PI / sqrt(10), 1e6);
    it.stage[0].collisions = 7;
    it.stage[1] = it.stage[0];
    it.stage[1].interaction.theta = PI / sqrt(5);
    it.spec.stages_count = 2;
    um_steady *steady;
    CHECK_OK(ctx, solve_status(&it, 1, NULL, &steady));
    expect_reached(steady, cot_energy(0.25, PI / sqrt(5), 5), 1);
    um_steady_destroy(ctx, steady);
    CHECK_STATUS(ctx, solve_status(&it, 2, NULL, &steady), UM_ERROR_ARG);
    assert_null(steady);
    it.stage[1].interaction =
        (um_interaction){.theta = 0.5, .g = 0.1, .tau = NAN, .counter_rotating = 1};
    it.stage[1].stream.frame = UM_FRAME_LAB;
    CHECK_STATUS(ctx, solve_status(&it, 1, NULL, &steady), UM_ERROR_UNSUPPORTED);
    assert_null(steady);
}

/* What the user wants recorded is kept, populations too. */
static void test_records(void **state)
{
    (void)state;
    setting it;
    begin(&it, PI / sqrt(10), 1e4);
    it.spec.record.observables = UM_QUANTITY_BIT(UM_POPULATIONS) | UM_QUANTITY_BIT(UM_ENTROPY);
    um_steady *steady = solve(&it);
    assert_non_null(steady->run->populations);
    assert_non_null(steady->run->series[UM_ENTROPY]);
    assert_non_null(steady->run->series[UM_ENERGY]);
    assert_null(steady->run->series[UM_POWER]);
    assert_int_equal(steady->run->collision[steady->run->records - 1], 10000);
    um_steady_destroy(ctx, steady);
}

static bool stop(void *user, const um_progress *progress)
{
    (void)progress;
    return --*(int *)user > 0;
}

/* Stopped before the spectrum: the run is there, the limit undecided. */
static void test_interrupted(void **state)
{
    (void)state;
    setting it;
    begin(&it, PI / sqrt(10), 1e4);
    int calls = 1;
    um_steady_options options = {.monitor = stop, .user = &calls};
    um_steady *steady;
    CHECK_STATUS(ctx, solve_status(&it, 0, &options, &steady), UM_ERROR_INTERRUPTED);
    assert_non_null(steady);
    assert_int_equal(steady->limit.status, UM_LIMIT_UNDECIDED);
    assert_int_equal(steady->spectrum.count, 0);
    assert_non_null(steady->run);
    um_steady_destroy(ctx, steady);
}

static void test_eigenvalues(void **state)
{
    (void)state;
    setting it;
    begin(&it, PI / sqrt(10), 1e4);
    um_steady_options options = {.eigenvalues = 4};
    um_steady *steady;
    CHECK_OK(ctx, solve_status(&it, 0, &options, &steady));
    assert_int_equal(steady->spectrum.eigenvalues, 4);
    CHECK_CLOSE(steady->spectrum.modes[0].modulus, 1, 1e-15);
    um_steady_destroy(ctx, steady);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_near_trap),    cmocka_unit_test(test_no_limit_claimed),
        cmocka_unit_test(test_exact_trap),   cmocka_unit_test(test_thermal),
        cmocka_unit_test(test_wall),         cmocka_unit_test(test_artificial_wall),
        cmocka_unit_test(test_climb),        cmocka_unit_test(test_standing_still),
        cmocka_unit_test(test_two_chambers), cmocka_unit_test(test_rabi),
        cmocka_unit_test(test_stages),       cmocka_unit_test(test_records),
        cmocka_unit_test(test_interrupted),  cmocka_unit_test(test_eigenvalues),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
