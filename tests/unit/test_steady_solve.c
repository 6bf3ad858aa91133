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
    static const double horizons[] = {2e3, 1e20, 1e5, 1e11};
    for (int i = 0; i < (test_effort() > 1 ? 4 : 2); i++) {
        setting it;
        begin(&it, 1, horizons[i]);
        um_steady *steady = solve(&it);
        assert_int_not_equal(steady->limit.status, UM_LIMIT_REACHED);
        if (horizons[i] < 1e12) assert_int_equal(steady->limit.level, 10);
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

static bool has_warning(const um_steady *steady, const char *text)
{
    for (size_t i = 0; i < steady->warnings_count; i++)
        if (strstr(steady->warnings[i], text)) return true;
    return false;
}

/* A superposition of two exact chambers, 0 and 1..3: their coherence turns its sign at every
 * collision, for the trap at 0 has an odd number of half turns and that at 3 an even one; the
 * numbers stay. */
static void test_superposition(void **state)
{
    (void)state;
    setting it;
    double real[4] = {0.64, 0.48, 0.48, 0.36}, imag[4] = {0};
    begin(&it, PI, 1e15);
    it.spec.battery.initial =
        (um_initial){.kind = UM_INITIAL_MATRIX, .levels = 2, .real = real, .imag = imag};
    um_steady *steady = solve(&it);
    assert_int_equal(steady->limit.status, UM_LIMIT_REACHED);
    CHECK_CLOSE(steady->chambers[0].population, 0.64, 1e-9);
    CHECK_CLOSE(steady->chambers[1].population, 0.36, 1e-9);
    double upper = 0.36 * steady->chambers[1].energy;
    CHECK_CLOSE(steady->limit.energy, upper, 1e-8);
    assert_true(has_warning(steady, "alternates between two"));
    assert_true(steady->limit.purity > 0.64 * 0.64 + 0.36 * 0.36 + 0.01);
    um_steady_destroy(ctx, steady);
    /* The same as a mixture: nothing alternates. */
    real[1] = real[2] = 0;
    steady = solve(&it);
    expect_reached(steady, upper, 0.64 * 0.64 + 0.36 * 0.36);
    assert_int_equal(steady->warnings_count, 0);
    um_steady_destroy(ctx, steady);
}

/* Two exact traps by one theta, at 2 and at 11, and the start between them. */
static void test_two_traps(void **state)
{
    (void)state;
    setting it;
    begin(&it, PI / sqrt(3), 1e15);
    it.spec.battery.initial = (um_initial){.kind = UM_INITIAL_FOCK, .level = 4};
    um_steady *steady = solve(&it);
    assert_int_equal(steady->limit.status, UM_LIMIT_REACHED);
    assert_int_equal(steady->chambers[1].first, 3);
    assert_int_equal(steady->chambers[1].last, 11);
    CHECK_CLOSE(steady->chambers[1].population, 1, 1e-12);
    CHECK_CLOSE(steady->limit.energy, steady->chambers[1].energy, 1e-8);
    CHECK_CLOSE(steady->limit.purity, 1, 1e-8); /* the tangent state */
    um_steady_destroy(ctx, steady);
}

/* c below 1, with the leaks of long powers; without coherence there is nothing to stay on. */
static void test_decoherence(void **state)
{
    (void)state;
    static const double c[] = {0.99, 0.9, 0.5}, leak[] = {5.446e-13, 2.8818e-10, 6.5037e-7};
    for (int i = 0; i < 3; i += test_effort() > 1 ? 1 : 2) {
        setting it;
        begin(&it, 1, 1e6);
        it.stage[0].atoms.c = c[i];
        um_steady *steady = solve(&it);
        CHECK_CLOSE(steady->chambers[0].leak / leak[i], 1, 1e-4);
        CHECK_CLOSE(steady->lifetime * leak[i], 1, 1e-4);
        assert_int_equal(steady->limit.status, UM_LIMIT_ESCAPES);
        assert_int_equal(steady->limit.level, 10);
        assert_true((steady->band_exit > 0) == (c[i] < 0.6));
        um_steady_destroy(ctx, steady);
    }
}

/* What a solver for "the" fixed point of a cut space answers (18.8 in 20 levels, 26.8 in 40) is
 * where that space ends up: never a plateau, never a limit, however the space was cut. */
static void test_made_up(void **state)
{
    (void)state;
    static const int levels[] = {20, 40};
    for (int i = 0; i < 2; i++)
        for (int guard = 0; guard < 2; guard++) {
            setting it;
            begin(&it, 1, 1e15);
            it.spec.battery.levels = levels[i];
            if (!guard) it.spec.accuracy.truncation = 1;
            um_steady *steady;
            um_status status = solve_status(&it, 0, NULL, &steady);
            assert_int_equal(status, guard ? UM_ERROR_NOCONV : UM_OK);
            assert_int_not_equal(steady->limit.status, UM_LIMIT_REACHED);
            if (guard) {
                assert_true(steady->limit.energy < 4);
            } else {
                assert_true(isnan(steady->limit.energy) && isnan(steady->limit.purity));
                assert_int_equal(steady->limit.collision, -1);
                assert_true(has_warning(steady, "cut at"));
            }
            if (steady->plateau.charging_time >= 0) CHECK_CLOSE(steady->plateau.energy, 3.878, 2e-3);
            um_steady_destroy(ctx, steady);
        }
}

/* A limit is that of the battery, not of its space: twice the levels, the same. */
static void test_doubled(void **state)
{
    (void)state;
    for (int levels = 32; levels <= 64; levels *= 2) {
        setting it;
        begin(&it, 1, 1e8);
        it.stage[0].atoms = (um_atoms){.q = 0.75};
        it.spec.battery.levels = levels;
        um_steady *steady = solve(&it);
        expect_reached(steady, 0.5, 0.5);
        assert_true(isinf(steady->lifetime));
        um_steady_destroy(ctx, steady);
        begin(&it, PI / sqrt(10), 1e15);
        it.spec.battery.levels = levels;
        steady = solve(&it);
        expect_reached(steady, cot_energy(0.25, PI / sqrt(10), 10), 1);
        um_steady_destroy(ctx, steady);
    }
}

/* q = 0 climbs to the trap and no further; q = 1 empties; without the trap q = 0 climbs on. */
static void test_plain_atoms(void **state)
{
    (void)state;
    setting it;
    begin(&it, PI / sqrt(10), 1e15);
    it.stage[0].atoms = (um_atoms){.q = 0};
    um_steady *steady = solve(&it);
    expect_reached(steady, 9, 1);
    um_steady_destroy(ctx, steady);
    it.stage[0].atoms = (um_atoms){.q = 1};
    it.spec.battery.initial = (um_initial){.kind = UM_INITIAL_FOCK, .level = 7};
    steady = solve(&it);
    expect_reached(steady, 0, 1);
    um_steady_destroy(ctx, steady);
    it.spec.battery.initial.level = 12; /* stays above the trap */
    steady = solve(&it);
    expect_reached(steady, 10, 1);
    um_steady_destroy(ctx, steady);
}

/* A trap that there is no room for: neither a limit nor a climb for ever. */
static void test_trap_out_of_reach(void **state)
{
    (void)state;
    setting it;
    begin(&it, PI / sqrt(41), 1e9);
    it.stage[0].atoms = (um_atoms){.q = 0};
    it.spec.battery.max_levels = 30;
    um_steady *steady;
    CHECK_STATUS(ctx, solve_status(&it, 0, NULL, &steady), UM_ERROR_NOCONV);
    assert_int_equal(steady->limit.status, UM_LIMIT_UNDECIDED);
    assert_true(has_warning(steady, "exact trap at level 40"));
    um_steady_destroy(ctx, steady);
}

/* Endless ladders: a geometric state, psi_n/psi_(n-1) = sqrt((1-q)/q) cot(theta/2), or a climb. */
static void test_ladders(void **state)
{
    (void)state;
    setting it;
    begin(&it, 2, 1e15);
    it.stage[0].atoms.q = 0.9;
    it.spec.battery.kind = UM_BATTERY_LADDER;
    um_steady *steady = solve(&it);
    double ratio = 1 / (9 * tan(1) * tan(1));
    expect_reached(steady, ratio / (1 - ratio), 1);
    um_steady_destroy(ctx, steady);
    it.stage[0].atoms.q = 0.25;
    it.stage[0].interaction.theta = 1;
    it.spec.battery.max_levels = 40;
    CHECK_STATUS(ctx, solve_status(&it, 0, NULL, &steady), UM_ERROR_NOCONV);
    assert_int_equal(steady->limit.status, UM_LIMIT_ESCAPES);
    um_steady_destroy(ctx, steady);
}

/* Everything is a trap: nothing moves, coherences included; or they alone decay. */
static void test_all_traps(void **state)
{
    (void)state;
    setting it;
    begin(&it, 0, 1e15);
    it.spec.battery.initial = (um_initial){.kind = UM_INITIAL_COHERENT, .re = 2};
    um_steady *steady = solve(&it);
    expect_reached(steady, 4, 1);
    assert_int_equal(steady->limit.collision, 0);
    um_steady_destroy(ctx, steady);
    begin(&it, PI, 1e15);
    double real[9] = {0.5, 0, 0.5, 0, 0, 0, 0.5, 0, 0.5}, imag[9] = {0};
    it.spec.battery.kind = UM_BATTERY_LADDER;
    it.spec.battery.levels = 5;
    it.spec.battery.initial =
        (um_initial){.kind = UM_INITIAL_MATRIX, .levels = 3, .real = real, .imag = imag};
    steady = solve(&it);
    expect_reached(steady, 1, 0.5); /* (|0> + |2>)/sqrt 2: c_0 c_2 q + c_1 c_3 (1-q) < 1 */
    um_steady_destroy(ctx, steady);
}

/* A battery of its own elements: a trap inside, exact or nearly. */
static void test_custom(void **state)
{
    (void)state;
    setting it;
    double energies[] = {0, 1, 2, 3}, lowering[] = {0, 1, PI, 1.3};
    begin(&it, 1, 1e15);
    it.spec.battery.kind = UM_BATTERY_CUSTOM;
    it.spec.battery.levels = 4;
    it.spec.battery.energies = energies;
    it.spec.battery.lowering = lowering;
    um_steady *steady = solve(&it);
    double p = 3 / (tan(0.5) * tan(0.5)); /* p_1/p_0 of the pure state */
    expect_reached(steady, p / (1 + p), 1);
    um_steady_destroy(ctx, steady);
    lowering[2] = 3.1416;
    steady = solve(&it);
    assert_int_equal(steady->limit.status, UM_LIMIT_REACHED);
    assert_true(steady->limit.collision > 1e11 && steady->limit.energy > 2);
    CHECK_CLOSE(steady->plateau.energy, p / (1 + p), 1e-4);
    assert_true(steady->band_exit > 1e8 && steady->band_exit < 1e9);
    um_steady_destroy(ctx, steady);
    lowering[2] = 3.14159265; /* flat to 1e-11, and yet not at rest: 5.5e-18 per collision */
    it.spec.accuracy.horizon = 1e6;
    steady = solve(&it);
    assert_int_equal(steady->limit.status, UM_LIMIT_ESCAPES);
    um_steady_destroy(ctx, steady);
    lowering[2] = 3.1416;
    it.spec.accuracy.horizon = 1e9; /* on its way */
    steady = solve(&it);
    assert_int_equal(steady->limit.status, UM_LIMIT_ESCAPES);
    assert_int_equal(steady->limit.level, 2);
    um_steady_destroy(ctx, steady);
}

/* Detuned, W_10 tau = 2 pi: exact, but never pure. */
static void test_detuned(void **state)
{
    (void)state;
    setting it;
    begin(&it, NAN, 1e15);
    it.stage[0].atoms.detuning = 0.5;
    it.stage[0].interaction =
        (um_interaction){.theta = NAN, .g = sqrt((PI * PI - 0.25) / 40), .tau = 2};
    um_steady *steady = solve(&it);
    assert_int_equal(steady->limit.status, UM_LIMIT_REACHED);
    assert_true(steady->limit.purity < 0.9999);
    assert_true(steady->chambers[0].exact && steady->chambers[0].last == 9);
    CHECK_CLOSE(steady->chambers[0].energy, steady->limit.energy, 1e-8);
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
    assert_true(has_warning(steady, "no chambers"));
    assert_int_equal(steady->limit.status, UM_LIMIT_UNDECIDED); /* 1000 collisions are too few */
    um_steady_destroy(ctx, steady);
    it.spec.accuracy.horizon = 1e15;
    steady = solve(&it);
    assert_int_equal(steady->limit.status, UM_LIMIT_REACHED);
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
    um_stage collisions = it.stage[1];
    it.stage[1] = (um_stage){.kind = UM_STAGE_STORE, .duration = 1};
    CHECK_STATUS(ctx, solve_status(&it, 1, NULL, &steady), UM_ERROR_CONFIG);
    assert_string_equal(um_context_get_error(ctx)->key, "stages[1].store");
    assert_null(steady);
    it.stage[1] = collisions;
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
        cmocka_unit_test(test_superposition), cmocka_unit_test(test_two_traps),
        cmocka_unit_test(test_decoherence), cmocka_unit_test(test_made_up),
        cmocka_unit_test(test_doubled), cmocka_unit_test(test_plain_atoms),
        cmocka_unit_test(test_trap_out_of_reach), cmocka_unit_test(test_ladders),
        cmocka_unit_test(test_all_traps), cmocka_unit_test(test_custom),
        cmocka_unit_test(test_detuned),
        cmocka_unit_test(test_two_chambers), cmocka_unit_test(test_rabi),
        cmocka_unit_test(test_stages),       cmocka_unit_test(test_records),
        cmocka_unit_test(test_interrupted),  cmocka_unit_test(test_eigenvalues),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
