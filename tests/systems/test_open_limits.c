/* Batteries that lose photons: long runs against steps, and the states they end in against the theory
 * of the micromaser and of thermal equilibrium. */
#include "context.h"
#include "run_cases.h"

/* One stage, atoms one after the other; the caller fills in what is different. */
static um_stage plain_stage(int64_t collisions)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.collisions = collisions;
    stage.atoms = (um_atoms){.q = 0.25, .c = 1};
    stage.interaction.theta = 1;
    stage.interaction.tau = 0;
    stage.stream.period = 1;
    return stage;
}

static um_spec spec_of(um_stage *stage)
{
    um_spec spec;
    um_spec_init(&spec);
    spec.stages = stage;
    spec.stages_count = 1;
    spec.record.observables = UM_QUANTITY_BIT(UM_ENERGY) | UM_QUANTITY_BIT(UM_ERGOTROPY) |
                              UM_QUANTITY_BIT(UM_PURITY) | UM_QUANTITY_BIT(UM_POPULATIONS) |
                              UM_QUANTITY_BIT(UM_ATOM_EXCITED);
    return spec;
}

/* FJM86: p_n/p_{n-1} = [n_th kappa n + R (1-q) sin^2(theta sqrt n)] / [(n_th+1) kappa n + R q sin^2(theta sqrt n)] */
static void fill_photon_statistics(double ratio, double n_th, double q, double theta, int levels,
                                   double *p)
{
    long double sum = 1, last = 1;
    p[0] = 1;
    for (int n = 1; n < levels; n++) {
        long double s = sinl((long double)theta * sqrtl(n)), s2 = s * s * ratio;
        last *= (n_th * (long double)n + (1 - q) * s2) / ((n_th + 1) * (long double)n + q * s2);
        p[n] = (double)last;
        sum += last;
    }
    for (int n = 0; n < levels; n++) p[n] = (double)(p[n] / sum);
}

static um_stage maser(double ratio, double n_th, double q, double pump)
{
    um_stage stage = plain_stage(1000000000000000);
    stage.atoms = (um_atoms){.q = q};
    stage.interaction.theta = pump / sqrt(ratio);
    stage.environment.kappa = 1 / ratio;
    stage.environment.n_th = n_th;
    stage.stream.arrivals = UM_ARRIVALS_POISSON;
    return stage;
}

static double largest_difference(const double *p, int levels, const double *expected, int all)
{
    double worst = 0;
    for (int n = 0; n < all; n++) worst = fmax(worst, fabs((n < levels ? p[n] : 0) - expected[n]));
    return worst;
}

enum { STATISTICS = 1200 };

/* The end of a run, where the battery gets there, and the fixed point wherever that lies. */
static void check_photon_statistics(double ratio, double n_th, double q, double pump, bool runs)
{
    static double expected[STATISTICS];
    um_stage stage = maser(ratio, n_th, q, pump);
    fill_photon_statistics(ratio, n_th, q, stage.interaction.theta, STATISTICS, expected);
    um_spec spec = spec_of(&stage);
    um_model *model;
    um_stationary found;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    CHECK_OK(ctx, um_stationary_solve(ctx, model, 0, &found));
    assert_true(found.levels > 0);
    double worst = largest_difference(found.populations, found.levels, expected, STATISTICS);
    CHECK_AT_MOST(worst, 1e-13);
    double energy = 0, purity = 0;
    for (int n = 0; n < STATISTICS; n++) energy += n * expected[n], purity += expected[n] * expected[n];
    CHECK_CLOSE(found.energy, energy, 1e-11);
    CHECK_CLOSE(found.purity, purity, 1e-13);
    um_stationary_clear(ctx, &found);
    um_model_destroy(model);
    if (!runs) return;
    test_run_done made = test_run_execute(ctx, &spec, true);
    const um_result *result = made.result;
    const double *last =
        result->populations + (result->records - 1) * (size_t)result->population_levels;
    worst = largest_difference(last, result->population_levels, expected, STATISTICS);
    print_message("R/kappa %g, n_th %g, q %g, pump %.4g: %.1e\n", ratio, n_th, q, pump, worst);
    CHECK_AT_MOST(worst, 1e-12);
    CHECK_AT_MOST(result->truncation.error_bound, 1e-10);
    test_run_done_destroy(&made);
}

/* At pumps of 2, 4 to 8 pi two maxima exchange photons so seldom that 1e15 collisions are not enough. */
static void photon_statistics_of_a_maser(void **unused)
{
    (void)unused;
    static const struct {
        double pump;
        bool runs;
    } points[] = {{0.1, true}, {0.5, true}, {1, true}, {1.5, true}, {2, false}, {2.5, false},
                  {3, true}, {4, false}, {5, false}, {6, false}, {7, false}, {7.5, false},
                  {8, false}, {9, true}, {10, true}};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++)
        check_photon_statistics(200, 0.1, 0, points[i].pump * M_PI, points[i].runs);
    check_photon_statistics(50, 0, 0.2, 2 * M_PI, true);
    check_photon_statistics(10, 0.7, 0.4, 4, true);
}

/* Half pi needs 441 levels; at 2 pi 1e15 collisions are not enough, and it is said why. */
static void limits_of_a_maser(void **unused)
{
    (void)unused;
    for (int i = 0; i < 2; i++) {
        um_stage stage = maser(200, 0.1, 0, i ? 2 * M_PI : M_PI / 2);
        um_spec spec = spec_of(&stage);
        um_model *model;
        um_steady *steady;
        CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
        CHECK_OK(ctx, um_steady_solve(ctx, model, 0, NULL, &steady));
        assert_int_equal(steady->limit.status, i ? UM_LIMIT_UNDECIDED : UM_LIMIT_REACHED);
        bool reason = false;
        for (size_t j = 0; j < steady->warnings_count; j++)
            reason |= strstr(steady->warnings[j], "the stationary state says where") != NULL;
        assert_true(reason == (i > 0));
        if (i == 0) CHECK_CLOSE(steady->limit.energy, steady->stationary.energy, 1e-10);
        um_steady_destroy(ctx, steady);
        um_model_destroy(model);
    }
}

/* Where there is more than one, or it is not known to be the only one, none is given. */
static void no_stationary_state(void **unused)
{
    (void)unused;
    static const double energies[] = {0, 1, 2, 3}, lowering[] = {0, 1e-170, 1, 1};
    for (int i = 0; i < 5; i++) {
        um_stage stage = maser(50, 0.1, 0.2, 3);
        if (i == 0) stage.environment.kappa = 0, stage.stream.arrivals = UM_ARRIVALS_REGULAR;
        if (i == 1) stage.atoms.c = 1;
        if (i == 2) stage.imperfections.draw = UM_DRAW_RANDOM;
        if (i == 3) stage.environment.kappa = 1e-5;
        um_spec spec = spec_of(&stage);
        if (i == 2) spec.accuracy.method = UM_METHOD_STEP;
        if (i == 4) /* a rate that vanishes in double precision */
            spec.battery = (um_battery){.kind = UM_BATTERY_CUSTOM, .levels = 4, .max_levels = 4,
                                        .frequency = 1, .energies = energies, .lowering = lowering};
        um_model *model;
        um_stationary found;
        CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
        CHECK_OK(ctx, um_stationary_solve(ctx, model, 0, &found));
        assert_int_equal(found.levels, 0);
        assert_null(found.populations);
        assert_true(isnan(found.energy));
        CHECK_STATUS(ctx, um_stationary_solve(ctx, model, 1, &found), UM_ERROR_ARG);
        um_model_destroy(model);
    }
}

typedef struct open_case {
    const char *name;
    um_battery_kind kind;
    double kappa, n_th, dephasing, present, detuning, tau, c;
    um_arrivals arrivals;
    double skewness, theta_spread, detuning_spread;
    bool inside;
} open_case;

static const open_case open_cases[] = {
    {.name = "loss", .kappa = 0.01, .c = 1},
    {.name = "thermal", .kappa = 0.01, .n_th = 0.3, .c = 1},
    {.name = "thermal, incoherent", .kappa = 0.05, .n_th = 0.3},
    {.name = "dephasing", .dephasing = 0.002, .c = 1},
    {.name = "poisson", .kappa = 0.02, .n_th = 0.1, .c = 1, .arrivals = UM_ARRIVALS_POISSON},
    {.name = "missing atoms", .present = 0.6, .c = 1},
    {.name = "missing atoms, loss", .kappa = 0.01, .present = 0.6, .tau = 0.3, .c = 1},
    {.name = "detuned, loss", .kappa = 0.01, .detuning = 0.3, .tau = 0.5, .c = 1},
    {.name = "ladder, loss", .kind = UM_BATTERY_LADDER, .kappa = 0.05, .n_th = 0.1, .c = 1},
    {.name = "custom, loss", .kind = UM_BATTERY_CUSTOM, .kappa = 0.02, .n_th = 0.1, .c = 1},
    {.name = "uneven, loss", .kind = UM_BATTERY_CUSTOM, .kappa = 0.02, .n_th = 0.1, .c = 1,
     .skewness = 0.02, .tau = 0.5},
    {.name = "spread", .theta_spread = 0.02, .tau = 0.5, .c = 0, .kappa = 0.01,
     .arrivals = UM_ARRIVALS_POISSON},
    {.name = "spread, coherent", .theta_spread = 0.05, .c = 1, .kappa = 0.01},
    {.name = "spread, ladder", .kind = UM_BATTERY_LADDER, .theta_spread = 0.05, .c = 1},
    {.name = "detuning scatters", .kind = UM_BATTERY_LADDER, .detuning_spread = 0.1, .tau = 0.5,
     .c = 1},
    {.name = "spread of times and gaps", .kind = UM_BATTERY_LADDER, .theta_spread = 0.05, .tau = 0.5,
     .c = 1, .kappa = 0.02},
    {.name = "inside", .kappa = 0.01, .tau = 0.5, .c = 1, .inside = true},
    {.name = "inside, thermal", .kind = UM_BATTERY_LADDER, .kappa = 0.02, .n_th = 0.2, .dephasing = 0.01, .tau = 0.5, .c = 0.5,
     .detuning = 0.2, .inside = true, .present = 0.7},
};

enum { CUSTOM_LEVELS = 12 };

static void fill_custom(const open_case *it, um_spec *spec, double *energies, double *lowering)
{
    spec->battery.levels = CUSTOM_LEVELS;
    for (int n = 0; n < CUSTOM_LEVELS; n++) {
        energies[n] = n + it->skewness * n * n;
        lowering[n] = n == 0 ? 0 : 0.5 + 0.25 * ((n * 7) % 5);
    }
    spec->battery.energies = energies;
    spec->battery.lowering = lowering;
}

static double distance(const um_result *a, const um_result *b, size_t record)
{
    double sum = 0;
    for (int n = 0; n < a->population_levels || n < b->population_levels; n++) {
        double x = n < a->population_levels
                       ? a->populations[record * (size_t)a->population_levels + (size_t)n] : 0;
        double y = n < b->population_levels
                       ? b->populations[record * (size_t)b->population_levels + (size_t)n] : 0;
        sum += fabs(x - y);
    }
    return sum;
}

static void check_against_steps(const open_case *it, int64_t collisions)
{
    double energies[CUSTOM_LEVELS], lowering[CUSTOM_LEVELS];
    um_stage stage = plain_stage(collisions);
    stage.atoms.c = it->c;
    stage.atoms.detuning = it->detuning;
    stage.interaction.tau = it->tau;
    stage.interaction.theta = 0.8;
    stage.stream.arrivals = it->arrivals;
    if (it->present > 0) stage.stream.atom_probability = it->present;
    stage.environment = (um_environment){.kappa = it->kappa, .n_th = it->n_th,
                                         .dephasing = it->dephasing, .during_collision = it->inside};
    stage.imperfections.theta_spread = it->theta_spread;
    stage.imperfections.detuning_spread = it->detuning_spread;
    um_spec spec = spec_of(&stage);
    spec.battery.kind = it->kind;
    if (it->kind == UM_BATTERY_LADDER) spec.battery.levels = 16;
    if (it->kind == UM_BATTERY_CUSTOM) fill_custom(it, &spec, energies, lowering);
    spec.accuracy.method = UM_METHOD_STEP;
    test_run_done stepped = test_run_execute(ctx, &spec, true);
    const um_result *a = stepped.result;
    spec.accuracy.method = UM_METHOD_FORWARD;
    test_run_done carried = test_run_execute(ctx, &spec, true);
    const um_result *b = carried.result;
    assert_true(b->stages[0].forward.from >= 0);
    assert_int_equal(a->records, b->records);
    double worst = 0, allowed = 1e-17 * (double)collisions + 1e-13 + a->truncation.error_bound +
                                b->truncation.error_bound;
    for (size_t i = 0; i < a->records; i++) {
        worst = fmax(worst, distance(a, b, i));
        CHECK_AT_MOST(distance(a, b, i), allowed);
        CHECK_CLOSE(a->series[UM_PURITY][i], b->series[UM_PURITY][i], 4 * allowed);
        CHECK_CLOSE(a->series[UM_ENERGY][i], b->series[UM_ENERGY][i], 100 * allowed);
        if (isnan(a->series[UM_ATOM_EXCITED][i])) continue;
        CHECK_CLOSE(a->series[UM_ATOM_EXCITED][i], b->series[UM_ATOM_EXCITED][i], 4 * allowed);
    }
    print_message("%-24s rank %d, %d levels, %d orders: %.1e (allowed %.1e)\n", it->name,
                  b->stages[0].forward.rank, b->stages[0].forward.levels,
                  b->stages[0].forward.orders, worst, allowed);
    CHECK_CLOSE(a->ledger.atoms, b->ledger.atoms, 1e-11 * a->ledger.moduli + 100 * allowed);
    CHECK_CLOSE(a->ledger.switching, b->ledger.switching, 1e-11 * a->ledger.moduli + 100 * allowed);
    test_run_done_destroy(&stepped);
    test_run_done_destroy(&carried);
}

static void is_what_steps_lead_to(void **unused)
{
    (void)unused;
    int64_t collisions = test_effort() > 1 ? 1000000 : 6000;
    for (size_t i = 0; i < sizeof open_cases / sizeof *open_cases; i++)
        check_against_steps(&open_cases[i], collisions);
}

/* Atoms of the environment's temperature, or none that do anything, leave the battery thermal. */
static void thermal_equilibrium(void **unused)
{
    (void)unused;
    for (int i = 0; i < 2; i++) {
        double n_th = 0.5, ratio = n_th / (1 + n_th);
        um_stage stage = plain_stage(1000000000000);
        stage.atoms = (um_atoms){.q = (1 + n_th) / (1 + 2 * n_th)};
        stage.interaction.theta = i == 0 ? 0 : 1.3;
        stage.environment = (um_environment){.kappa = 0.03, .n_th = n_th};
        um_spec spec = spec_of(&stage);
        test_run_done made = test_run_execute(ctx, &spec, true);
        const um_result *result = made.result;
        const double *p =
            result->populations + (result->records - 1) * (size_t)result->population_levels;
        for (int n = 0; n < result->population_levels; n++)
            CHECK_CLOSE(p[n], (1 - ratio) * pow(ratio, n), 1e-13);
        test_run_done_destroy(&made);
    }
}

/* What um_steady says of a maser: it comes to rest, and has no chambers. */
static void a_maser_comes_to_rest(void **unused)
{
    (void)unused;
    um_stage stage = plain_stage(1);
    stage.environment = (um_environment){.kappa = 0.02, .n_th = 0.1};
    um_spec spec = spec_of(&stage);
    um_model *model;
    um_steady *steady;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    CHECK_OK(ctx, um_steady_solve(ctx, model, 0, NULL, &steady));
    assert_int_equal(steady->limit.status, UM_LIMIT_REACHED);
    assert_int_equal(steady->chambers_count, 0);
    assert_true(steady->warnings_count > 0);
    assert_non_null(strstr(steady->warnings[steady->warnings_count - 1], "no chambers"));
    assert_int_equal(steady->spectrum.modes[0].multiplicity, 1);
    CHECK_CLOSE(steady->spectrum.modes[0].re, 1, 0);
    assert_true(steady->spectrum.modes[1].decay > 1e-6);
    um_steady_destroy(ctx, steady);
    um_model_destroy(model);
}

/* Ground-state atoms and losses empty a battery with uneven elements: a state low in it stands below
 * its wall, and there are no more levels to ask for. */
static void an_emptied_battery_comes_to_rest(void **unused)
{
    (void)unused;
    static const double energies[] = {0, 1, 2, 3, 4}, lowering[] = {0, -1.287, 1.226, 1.584, -0.838};
    um_stage stage = plain_stage(1000000000);
    stage.atoms = (um_atoms){.q = 1, .detuning = 0.3};
    stage.interaction.theta = 1.266;
    stage.interaction.tau = stage.stream.period = 1.8;
    stage.environment = (um_environment){.kappa = 0.2, .during_collision = true};
    um_spec spec = spec_of(&stage);
    um_battery *battery = &spec.battery;
    battery->kind = UM_BATTERY_CUSTOM;
    battery->frequency = 2.5;
    battery->levels = 5;
    battery->energies = energies;
    battery->lowering = lowering;
    battery->initial = (um_initial){.kind = UM_INITIAL_THERMAL, .mean = 0.15};
    um_model *model;
    um_steady *steady;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    CHECK_OK(ctx, um_steady_solve(ctx, model, 0, NULL, &steady));
    assert_int_equal(steady->limit.status, UM_LIMIT_REACHED);
    CHECK_CLOSE(steady->limit.energy, 0, 1e-14);
    CHECK_CLOSE(steady->limit.purity, 1, 1e-14);
    assert_int_equal(steady->spectrum.modes[0].multiplicity, 1);
    assert_true(steady->spectrum.modes[1].decay > 0.1);
    um_steady_destroy(ctx, steady);
    um_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(photon_statistics_of_a_maser),
        cmocka_unit_test(limits_of_a_maser), cmocka_unit_test(no_stationary_state),
        cmocka_unit_test(is_what_steps_lead_to),
        cmocka_unit_test(thermal_equilibrium),          cmocka_unit_test(a_maser_comes_to_rest),
        cmocka_unit_test(an_emptied_battery_comes_to_rest),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
