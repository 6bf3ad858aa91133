/* Displacements against the exponential of alpha a' - conj(alpha) a in a larger space; and slots with and
 * without atoms, element by element. */
#include "context.h"
#include "oracle.h"
#include "random_state.h"
#include "state/state.h"

enum { LEVELS = 12, ROOM = 68, ALL = LEVELS + ROOM };

static um_state *displaced(double re, double im, const um_state *start, bool adjoint, um_outcome *outcome)
{
    um_battery battery = {.kind = UM_BATTERY_CAVITY, .frequency = 1};
    um_map *map;
    um_state *in, *out;
    CHECK_OK(ctx, um_map_create_displacement(ctx, &battery, LEVELS, re, im, &map));
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &in));
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &out));
    CHECK_OK(ctx, um_state_copy(in, start));
    CHECK_OK(ctx, um_map_prepare(map, in));
    if (adjoint) CHECK_OK(ctx, um_map_apply_adjoint(map, in, out));
    else CHECK_OK(ctx, um_map_apply(map, in, out, outcome));
    um_state_destroy(in);
    um_map_destroy(map);
    return out;
}

/* D in the larger space, whose own top it does not reach. */
static oracle_complex *oracle_displacement(oracle_complex alpha)
{
    oracle_complex *generator = oracle_matrix(ALL), *d = oracle_matrix(ALL);
    for (int n = 1; n < ALL; n++) {
        generator[n * ALL + n - 1] = alpha * sqrtl(n);
        generator[(n - 1) * ALL + n] = -conjl(alpha) * sqrtl(n);
    }
    oracle_exponential(ALL, generator, 1, d);
    free(generator);
    return d;
}

/* D rho D', or D' rho D. */
static oracle_complex *oracle_displaced(const oracle_complex *d, bool adjoint, const um_state *state)
{
    double re[LEVELS * LEVELS], im[LEVELS * LEVELS];
    um_state_get_matrix(state, 0, LEVELS, re, im);
    oracle_complex *dagger = oracle_matrix(ALL), *rho = oracle_matrix(ALL), *half = oracle_matrix(ALL);
    for (int n = 0; n < LEVELS; n++)
        for (int m = 0; m < LEVELS; m++) rho[n * ALL + m] = re[n * LEVELS + m] + 1.0iL * im[n * LEVELS + m];
    oracle_adjoint(ALL, d, dagger);
    oracle_multiply(ALL, rho, adjoint ? d : dagger, half);
    oracle_multiply(ALL, adjoint ? dagger : d, half, rho);
    free(dagger);
    free(half);
    return rho;
}

static void compare(const um_state *state, const oracle_complex *want, double bound)
{
    double re[LEVELS * LEVELS], im[LEVELS * LEVELS];
    um_state_get_matrix(state, 0, LEVELS, re, im);
    double lost = 0;
    for (int n = 0; n < ALL; n++) {
        for (int m = 0; m < LEVELS && n < LEVELS; m++) {
            oracle_complex have = re[n * LEVELS + m] + 1.0iL * im[n * LEVELS + m];
            CHECK_AT_MOST((double)cabsl(have - want[n * ALL + m]), 1e-14);
        }
        if (n >= LEVELS) lost += (double)creall(want[n * ALL + n]);
    }
    CHECK_AT_MOST(lost, bound + 1e-16);
}

static void displacements_are_exponentials(void **unused)
{
    (void)unused;
    const double alphas[][2] = {{0, 0}, {1e-9, 0}, {0.4, 0}, {-0.9, 0.7}, {0, -1.5}};
    for (int a = 0; a < 5; a++) {
        oracle_complex *d = oracle_displacement(alphas[a][0] + 1.0iL * alphas[a][1]);
        for (int kind = 0; kind < TEST_KINDS; kind++) {
            test_random random = {99 + (uint64_t)kind};
            um_state *start = test_random_state(ctx, &random, (test_kind)kind, LEVELS);
            um_outcome outcome;
            um_state *out = displaced(alphas[a][0], alphas[a][1], start, false, &outcome);
            um_state *back = displaced(alphas[a][0], alphas[a][1], start, true, NULL);
            oracle_complex *want = oracle_displaced(d, false, start);
            oracle_complex *inverse = oracle_displaced(d, true, start);
            compare(out, want, outcome.error_bound);
            compare(back, inverse, 1);
            oracle_real energy = 0;
            for (int n = 0; n < ALL; n++) energy += n * creall(want[n * ALL + n]);
            CHECK_CLOSE(outcome.drive, (double)energy - um_observe_energy(start, NULL), 1e-13);
            um_state_destroy(start);
            um_state_destroy(out);
            um_state_destroy(back);
            free(want);
            free(inverse);
        }
        free(d);
    }
}

/* From the vacuum, far up: amplitudes e^(-|alpha|^2/2) alpha^n/sqrt(n!). */
static void the_vacuum_becomes_coherent(void **unused)
{
    (void)unused;
    enum { MANY = 900 };
    um_battery battery = {.kind = UM_BATTERY_CAVITY, .frequency = 1};
    um_map *map;
    um_state *in, *out;
    static double rho[MANY * MANY];
    const double alpha = 24;
    CHECK_OK(ctx, um_map_create_displacement(ctx, &battery, MANY, 0, alpha, &map));
    CHECK_OK(ctx, um_state_create(ctx, MANY, 1, 0, 0, &in));
    CHECK_OK(ctx, um_state_create(ctx, MANY, 1, 0, 0, &out));
    double one = 1;
    CHECK_OK(ctx, um_state_set_matrix(in, 1, &one, NULL));
    CHECK_OK(ctx, um_state_set_levels(in, MANY));
    CHECK_OK(ctx, um_map_prepare(map, in));
    um_outcome outcome;
    CHECK_OK(ctx, um_map_apply(map, in, out, &outcome));
    um_state_get_matrix(out, 0, MANY, rho, NULL);
    for (int n = 0; n < MANY; n++) {
        long double want = expl(-alpha * alpha + n * logl(alpha * alpha) - lgammal(n + 1));
        CHECK_CLOSE(rho[n * (MANY + 1)], (double)want, 1e-15);
    }
    CHECK_CLOSE(outcome.drive, alpha * alpha, 1e-10);
    um_state_destroy(in);
    um_state_destroy(out);
    um_map_destroy(map);
}

static void bad_displacements_are_refused(void **unused)
{
    (void)unused;
    um_battery ladder = {.kind = UM_BATTERY_LADDER, .frequency = 1}, cavity = {.kind = UM_BATTERY_CAVITY};
    um_map *map = (um_map *)&ladder;
    CHECK_STATUS(ctx, um_map_create_displacement(ctx, &ladder, 9, 1, 0, &map), UM_ERROR_ARG);
    assert_null(map);
    CHECK_STATUS(ctx, um_map_create_displacement(ctx, &cavity, 9, NAN, 0, &map), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_map_create_displacement(ctx, &cavity, 9, 1e4, 0, &map), UM_ERROR_ARG);
    CHECK_STATUS(ctx, um_map_create_displacement(ctx, &cavity, 0, 1, 0, &map), UM_ERROR_ARG);
}

/* ---- slots --------------------------------------------------------------------------------------- */

static um_map *slot_map(double probability, double kappa)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.collisions = 1;
    stage.atoms = (um_atoms){.q = 0.3, .c = 0.8, .phase = 0.4};
    stage.interaction.theta = 0.9;
    stage.interaction.tau = 0.2;
    stage.stream.period = 1;
    stage.stream.atom_probability = probability;
    stage.environment = (um_environment){.kappa = kappa, .n_th = 0.1};
    spec.stages = &stage;
    um_model *model;
    um_map *map;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    CHECK_OK(ctx, um_map_create(ctx, model, 0, LEVELS, &map));
    um_model_destroy(model);
    return map;
}

static void get(um_map *map, const um_state *in, bool adjoint, double *image, um_outcome *outcome)
{
    um_state *out;
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &out));
    if (adjoint) CHECK_OK(ctx, um_map_apply_adjoint(map, in, out));
    else CHECK_OK(ctx, um_map_apply(map, in, out, outcome));
    um_state_get_matrix(out, 0, LEVELS, image, image + LEVELS * LEVELS);
    um_state_destroy(out);
}

/* M(p) = p M(1) + (1-p) M(0), in all that it says. */
static void slots_are_means(void **unused)
{
    (void)unused;
    enum { SIZE = 2 * LEVELS * LEVELS };
    static double part[3][SIZE];
    const double p = 0.35;
    for (int kind = 0; kind < TEST_KINDS; kind++)
        for (int adjoint = 0; adjoint < 2; adjoint++) {
            test_random random = {7 + (uint64_t)kind};
            um_outcome said[3];
            um_state *in = test_random_state(ctx, &random, (test_kind)kind, LEVELS);
            for (int i = 0; i < 3; i++) {
                um_map *map = slot_map(((double[]){0, 1, p})[i], 0.3);
                CHECK_OK(ctx, um_map_prepare(map, in));
                get(map, in, adjoint, part[i], &said[i]);
                um_map_destroy(map);
            }
            for (int i = 0; i < SIZE; i++)
                CHECK_CLOSE(part[2][i], p * part[1][i] + (1 - p) * part[0][i], 1e-15);
            um_state_destroy(in);
            if (adjoint) continue;
            CHECK_CLOSE(said[2].present, p, 0);
            CHECK_CLOSE(said[2].change, p * said[1].change, 1e-16);
            CHECK_CLOSE(said[2].excited, said[1].excited, 0);
            CHECK_CLOSE(said[2].heat, p * said[1].heat + (1 - p) * said[0].heat, 1e-14);
            CHECK_CLOSE(said[0].present, 0, 0);
            CHECK_CLOSE(said[0].change, 0, 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(displacements_are_exponentials),
                                       cmocka_unit_test(the_vacuum_becomes_coherent),
                                       cmocka_unit_test(bad_displacements_are_refused),
                                       cmocka_unit_test(slots_are_means)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
