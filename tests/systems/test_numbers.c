/* Numbers that other programs found for the same systems. */
#include "simulate.h"

/* A ladder of 201 levels, theta = pi/4, excited population 3/4: up, and back from its top. */
static void ladder_of_201_levels(void **unused)
{
    (void)unused;
    const int64_t at[] = {1, 100, 400, 1000};
    simulation s;
    simulation_init(&s, M_PI / 4, 0.25, 1, 1000);
    s.spec.battery.kind = UM_BATTERY_LADDER;
    s.spec.battery.levels = 201;
    simulation_record(&s, at, 4);
    simulation_run(&s);
    CHECK_CLOSE(simulation_get(&s, UM_ENERGY, 1), 0.375, 1e-15);
    CHECK_CLOSE(simulation_get(&s, UM_ERGOTROPY, 1), 0.2057, 5e-5);
    CHECK_CLOSE(simulation_get(&s, UM_ENERGY, 100), 55.0331419350, 1e-10);
    CHECK_CLOSE(simulation_get(&s, UM_ERGOTROPY, 100), 52.4123, 5e-5);
    CHECK_CLOSE(simulation_get(&s, UM_ENERGY, 400), 175.511, 5e-4);
    CHECK_CLOSE(simulation_get(&s, UM_ERGOTROPY, 400), 170.565, 5e-4);
    CHECK_CLOSE(simulation_get(&s, UM_ENERGY, 1000), 98.3799113151, 1e-10);
    CHECK_CLOSE(simulation_get(&s, UM_ERGOTROPY, 1000), 90.478, 5e-4);
    assert_int_equal(s.result->truncation.levels, 201);
    simulation_free(&s);
}

static void exact_traps(void **unused)
{
    (void)unused;
    const struct {
        int trap;
        double energy;
    } cases[] = {{15, 6.5944}, {9, 3.93085}, {19, 8.37116}};
    for (int i = 0; i < 3; i++) {
        simulation s;
        simulation_init(&s, NAN, 0.25, 1, 5000);
        s.stage.interaction.trap = cases[i].trap;
        s.stage.interaction.half_turns = 1;
        simulation_run(&s);
        CHECK_CLOSE(simulation_get(&s, UM_ENERGY, 5000), cases[i].energy, i ? 5e-6 : 5e-5);
        CHECK_CLOSE(simulation_get(&s, UM_PURITY, 5000), 1, 1e-11);
        assert_true(s.result->plateaus_count >= 1);
        CHECK_CLOSE(s.result->plateaus[0].energy, cases[i].energy, i ? 5e-6 : 5e-5);
        assert_int_equal(s.result->plateaus[0].end, -1);
        simulation_free(&s);
    }
}

static void near_traps(void **unused)
{
    (void)unused;
    const double theta[] = {0.7, 0.5}, energy[] = {8.43525, 17.0265};
    for (int i = 0; i < 2; i++) {
        simulation s;
        simulation_init(&s, theta[i], 0.25, 1, 20000);
        simulation_run(&s);
        assert_true(s.result->plateaus_count >= 1);
        CHECK_CLOSE(s.result->plateaus[0].energy, energy[i], i ? 1e-4 : 5e-6);
        simulation_free(&s);
    }
}

static void plateau_example(void **unused)
{
    (void)unused;
    const double tolerance[] = {0.02, 0.01, 0.005};
    const int64_t charging_time[] = {14, 16, 35}, at[] = {30, 1000, 10000};
    for (int i = 0; i < 3; i++) {
        simulation s;
        simulation_init(&s, 1, 0.25, 1, 10000);
        s.spec.accuracy.plateau_tolerance = tolerance[i];
        simulation_record(&s, at, 3);
        simulation_run(&s);
        assert_true(s.result->plateaus_count >= 1);
        const um_plateau *plateau = &s.result->plateaus[0];
        assert_int_equal(plateau->charging_time, charging_time[i]);
        assert_int_equal(plateau->end, -1);
        assert_int_equal(plateau->at, llround(sqrt((double)charging_time[i] * 10000)));
        CHECK_CLOSE(plateau->energy, 3.87808, 5e-6);
        CHECK_CLOSE(plateau->purity, 0.99956, 5e-6);
        CHECK_CLOSE(simulation_get(&s, UM_ENERGY, 30), 3.90225281, 5e-9);
        CHECK_CLOSE(simulation_get(&s, UM_PURITY, 30), 0.98818237, 5e-9);
        CHECK_CLOSE(simulation_get(&s, UM_ENERGY, 1000), 3.87807922, 5e-9);
        CHECK_CLOSE(simulation_get(&s, UM_PURITY, 1000), 0.99955851, 5e-9);
        simulation_free(&s);
    }
}

/* Without coherence there is no plateau: the energy climbs on. */
static void incoherent_twin(void **unused)
{
    (void)unused;
    const int64_t at[] = {100, 1000, 10000};
    const double energy[] = {8.0, 13.0, 75}, digits[] = {0.05, 0.05, 0.5};
    simulation s;
    simulation_init(&s, 1, 0.25, 0, 10000);
    simulation_record(&s, at, 3);
    simulation_run(&s);
    for (int i = 0; i < 3; i++)
        CHECK_CLOSE(simulation_get(&s, UM_ENERGY, at[i]), energy[i], digits[i]);
    simulation_free(&s);
}

/* 90 levels, theta = 0.2: a wrong answer that looks perfect, pure and steady, with most of the
 * population in the top level. It is computed only when the guard is switched off. */
static void truncation_trap(void **unused)
{
    (void)unused;
    simulation s;
    simulation_init(&s, 0.2, 0.25, 1, 1000);
    s.spec.battery.levels = 90;
    CHECK_STATUS(s.ctx, simulation_try(&s), UM_ERROR_NOCONV);
    const um_error *error = um_context_get_error(s.ctx);
    assert_string_equal(error->key, "battery.levels");
    assert_in_range(error->level, 85, 89);
    assert_in_range(error->collision, 1, 999);
    char number[32];
    snprintf(number, sizeof number, "%d", error->level);
    assert_non_null(strstr(error->message, number));
    snprintf(number, sizeof number, "%lld", (long long)error->collision);
    assert_non_null(strstr(error->message, number));
    assert_non_null(strstr(error->message, "battery.levels"));
    print_message("%s\n", error->message);
    assert_int_equal(s.result->status, UM_ERROR_NOCONV);
    simulation_free(&s);

    simulation_init(&s, 0.2, 0.25, 1, 1000);
    s.spec.battery.levels = 90;
    s.spec.accuracy.truncation = 1;
    assert_int_equal(simulation_try(&s), UM_OK);
    CHECK_CLOSE(simulation_get(&s, UM_PURITY, 1000), 1, 5e-4);
    CHECK_CLOSE(simulation_get(&s, UM_TOP_POPULATION, 1000), 0.82, 5e-3);
    assert_true(s.result->truncation.error_bound > 1);
    simulation_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ladder_of_201_levels), cmocka_unit_test(exact_traps),
        cmocka_unit_test(near_traps),           cmocka_unit_test(plateau_example),
        cmocka_unit_test(incoherent_twin),      cmocka_unit_test(truncation_trap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
