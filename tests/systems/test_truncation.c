/* Truncation of whole runs: error_bound against runs in a space that is large enough. */
#include "oracle.h"
#include "simulate.h"

typedef struct experiment {
    const char *name;
    double theta, q, c, detuning, lambda;
    int64_t collisions;
    int levels; /* too few, but not by much */
} experiment;

static const experiment experiments[] = {
    {"plateau", 1, 0.25, 1, 0, 0, 200, 24},
    {"near the next trap", 1, 0.25, 1, 0, 0, 500, 39},
    {"climbing", 0.4, 0.25, 1, 0, 0, 60, 30},
    {"incoherent", 0.8, 0.1, 0, 0, 0, 30, 18},
    {"detuned", 0.9, 0.25, 0.9, 0.7, 0, 100, 26},
    {"Rabi", 0.4, 0.25, 1, 0, 1, 12, 34},
};
enum { EXPERIMENTS = sizeof experiments / sizeof *experiments };

static void describe(simulation *s, const experiment *e)
{
    simulation_init(s, e->theta, e->q, e->c, e->collisions);
    s->stage.interaction.tau = 0.8;
    s->stage.interaction.counter_rotating = e->lambda;
    s->stage.atoms.detuning = e->detuning;
    simulation_keep(s, e->collisions);
}

/* |a - b|_1, the smaller matrix filled up with zeros. */
static double distance(const um_saved_state *a, const um_saved_state *b)
{
    int size = a->levels > b->levels ? a->levels : b->levels;
    oracle_complex *difference = oracle_matrix(size);
    oracle_real *values = malloc(sizeof *values * (size_t)size), sum = 0;
    const um_saved_state *both[2] = {a, b};
    for (int which = 0; which < 2; which++)
        for (int n = 0; n < both[which]->levels; n++)
            for (int m = 0; m < both[which]->levels; m++) {
                int at = n * both[which]->levels + m;
                oracle_complex element = both[which]->real[at] + 1.0iL * both[which]->imag[at];
                difference[n * size + m] += which ? -element : element;
            }
    oracle_eigenvalues(size, difference, values);
    for (int i = 0; i < size; i++) sum += fabsl(values[i]);
    free(difference);
    free(values);
    return (double)sum;
}

static void bound_of_a_run(void **unused)
{
    (void)unused;
    for (int i = 0; i < EXPERIMENTS; i++) {
        const experiment *e = &experiments[i];
        simulation truth, cut;
        describe(&truth, e);
        truth.spec.accuracy.truncation = 1e-14;
        simulation_run(&truth);
        CHECK_AT_MOST(truth.result->truncation.error_bound, 1e-14);
        describe(&cut, e);
        cut.spec.battery.levels = e->levels;
        cut.spec.accuracy.truncation = 1;
        assert_int_equal(simulation_try(&cut), UM_OK);
        CHECK_OK(cut.ctx, um_run_finish(cut.run, false));
        double error = distance(&cut.result->states[0], &truth.result->states[0]);
        double bound = cut.result->truncation.error_bound;
        print_message("%s: error %.2g, bound %.2g\n", e->name, error, bound);
        assert_int_equal(cut.result->truncation.levels, e->levels);
        CHECK_AT_MOST(error, bound + 1e-13);
        assert_true(error > 1e-12); /* else this compares nothing */
        simulation_free(&truth);
        simulation_free(&cut);
    }
}

/* Levels auto: within accuracy.truncation of the truth, whatever that is set to. */
static void automatic_levels_keep_the_promise(void **unused)
{
    (void)unused;
    const double truncations[] = {1e-4, 1e-7, 1e-10};
    for (int i = 0; i < EXPERIMENTS; i++)
        for (int j = 0; j < 3; j++) {
            const experiment *e = &experiments[i];
            simulation truth, run;
            describe(&truth, e);
            truth.spec.accuracy.truncation = 1e-14;
            simulation_run(&truth);
            describe(&run, e);
            run.spec.accuracy.truncation = truncations[j];
            simulation_run(&run);
            CHECK_AT_MOST(run.result->truncation.error_bound, truncations[j]);
            CHECK_AT_MOST(distance(&run.result->states[0], &truth.result->states[0]),
                          truncations[j]);
            simulation_free(&truth);
            simulation_free(&run);
        }
}

/* Where the guard is off the top is closed, however the environment acts: the trace stays and books balance. */
static void a_space_cut_as_told_loses_nothing(void **unused)
{
    (void)unused;
    const struct {
        double tau, lambda;
        um_arrivals arrivals;
        bool during;
    } ways[] = {{0, 0, UM_ARRIVALS_REGULAR, true},
                {0, 0, UM_ARRIVALS_POISSON, true},
                {0.5, 0, UM_ARRIVALS_REGULAR, true},
                {0.5, 0, UM_ARRIVALS_REGULAR, false},
                {0.5, 1, UM_ARRIVALS_REGULAR, true}};
    for (int i = 0; i < 5; i++) {
        simulation s;
        simulation_init(&s, 1, 0.25, 1, 200);
        simulation_keep(&s, 200);
        s.spec.battery.levels = 4;
        s.spec.accuracy.truncation = 1;
        s.stage.interaction.tau = ways[i].tau;
        s.stage.interaction.counter_rotating = ways[i].lambda;
        s.stage.stream.period = acos(-1);
        s.stage.stream.arrivals = ways[i].arrivals;
        s.stage.environment =
            (um_environment){.kappa = 0.1, .n_th = 1.5, .during_collision = ways[i].during};
        assert_int_equal(simulation_try(&s), UM_OK);
        CHECK_OK(s.ctx, um_run_finish(s.run, false));
        const um_saved_state *end = &s.result->states[0];
        double trace = 0;
        for (int n = 0; n < end->levels; n++) trace += end->real[n * (end->levels + 1)];
        print_message("way %d: trace - 1 = %.2g, residual %.2g\n", i, trace - 1, s.result->ledger.residual);
        CHECK_CLOSE(trace, 1, 1e-11);
        CHECK_CLOSE(s.result->ledger.residual, 0, 1e-10);
        assert_true(s.result->truncation.error_bound > 0.1); /* a cavity would have gone on */
        simulation_free(&s);
    }
}

/* A number of levels that is enough gives the same as auto; one that is not stops. Of the state
 * 2.2e-4 ends in the next chamber, levels 9 to 38. */
static void fixed_levels_stop_or_agree(void **unused)
{
    (void)unused;
    int stopped = 0;
    for (int levels = 20; levels <= 110; levels += 10) {
        simulation s;
        simulation_init(&s, 1, 0.25, 1, 3000);
        s.spec.battery.levels = levels;
        um_status status = simulation_try(&s);
        if (status == UM_OK) {
            CHECK_OK(s.ctx, um_run_finish(s.run, false));
            assert_in_range(levels, 40, 110);
            CHECK_CLOSE(simulation_get(&s, UM_ENERGY, 3000), 3.87807922036, 1e-10);
            CHECK_AT_MOST(s.result->truncation.error_bound, 1e-10);
            assert_int_equal(s.result->truncation.levels, levels);
        } else {
            assert_int_equal(status, UM_ERROR_NOCONV);
            assert_string_equal(um_context_get_error(s.ctx)->key, "battery.levels");
            assert_int_equal(um_context_get_error(s.ctx)->level, levels - 1);
            stopped++;
        }
        simulation_free(&s);
    }
    assert_int_equal(stopped, 2);
}

/* auto stops at max_levels and names that key. */
static void max_levels_is_an_end(void **unused)
{
    (void)unused;
    simulation s;
    simulation_init(&s, 0.2, 0.25, 1, 1000);
    s.spec.battery.max_levels = 64;
    CHECK_STATUS(s.ctx, simulation_try(&s), UM_ERROR_NOCONV);
    assert_string_equal(um_context_get_error(s.ctx)->key, "battery.max_levels");
    print_message("%s\n", um_context_get_error(s.ctx)->message);
    simulation_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bound_of_a_run),
        cmocka_unit_test(automatic_levels_keep_the_promise),
        cmocka_unit_test(fixed_levels_stop_or_agree),
        cmocka_unit_test(max_levels_is_an_end),
        cmocka_unit_test(a_space_cut_as_told_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
