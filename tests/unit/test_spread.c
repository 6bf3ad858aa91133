/* Characteristic functions of the interaction time against plain sums, nodes, draws; mean atoms. */
#include "map/atoms.h"
#include "map/average.h"
#include "map/ensemble.h"

#include <complex.h>

#include "context.h"

static const double samples[] = {0.5, 0.9, 1, 1.3};

static um_imperfections law_of(um_spread_law law, double s)
{
    um_imperfections it = {.theta_law = law, .theta_spread = s};
    if (law == UM_SPREAD_SAMPLES) {
        it.theta_samples = samples;
        it.theta_samples_count = sizeof samples / sizeof *samples;
    }
    return it;
}

static double complex mean(const umi_spread *spread, double alpha)
{
    umi_quad_mean_turn plain = {cosl(alpha), sinl(alpha)}, excess = umi_quad_mean_excess(spread, alpha, plain);
    return (double)(plain.re + excess.re) + I * (double)(plain.im + excess.im);
}

/* The integral along the real axis, in ln v, down to velocities that no longer matter: weights below 1e-13
 * only for alpha that turn slowly enough. */
static double complex integral(const um_imperfections *it, double alpha)
{
    long double complex sum = 0;
    long double total = 0;
    double s = it->theta_spread, step = s > 0 && s < 0.15 ? 1e-5 : 2e-6;
    for (int i = 0; i * step < 10; i++) {
        double v = exp(i * step - 7.5), x = (v - 1) / s;
        double weight = it->theta_law == UM_SPREAD_MAXWELL ? v * v * v * v * exp(-1.5 * v * v)
                                                            : v * exp(-x * x / 2);
        if (weight < 1e-17) continue;
        sum += weight * cexp(I * alpha / v);
        total += weight;
    }
    return sum / total;
}

static void velocities(void **unused)
{
    (void)unused;
    const struct {
        um_spread_law law;
        double s, tolerance;
    } cases[] = {{UM_SPREAD_VELOCITY, 0.02, 1e-13},
                 {UM_SPREAD_VELOCITY, 0.1, 1e-13},
                 {UM_SPREAD_VELOCITY, 0.2, 1e-8},  /* the sum stops at v = 5e-4 */
                 {UM_SPREAD_MAXWELL, 0, 1e-12}};
    const double alphas[] = {1e-6, 0.03, 1, 7.7, 40, 300};
    for (int i = 0; i < 4; i++) {
        um_imperfections it = law_of(cases[i].law, cases[i].s);
        umi_spread spread;
        CHECK_OK(ctx, umi_spread_create(ctx, &it, 400, &spread));
        for (int j = 0; j < 6; j++) {
            double complex have = mean(&spread, alphas[j]), want = integral(&it, alphas[j]);
            if (cabs(have - want) > cases[i].tolerance)
                fail_msg("law %d, spread %g, angle %g: %.17g %+.17g i, sum %.17g %+.17g i", it.theta_law,
                         it.theta_spread, alphas[j], creal(have), cimag(have), creal(want), cimag(want));
            double complex back = mean(&spread, -alphas[j]);
            CHECK_CLOSE(cabs(back - conj(have)), 0, 1e-15);
        }
        umi_spread_free(&spread);
    }
}

/* E[e^(i alpha (1/v - 1))] in long double, along v = e^(t - i turn). */
static long double complex long_mean(const um_imperfections *it, long double alpha)
{
    enum { STEPS = 4000 };
    long double complex sum = 0, total = 0;
    bool maxwell = it->theta_law == UM_SPREAD_MAXWELL;
    long double s = it->theta_spread, turn = maxwell ? 0.3L : fminl(0.3L, 0.8L * s), low = maxwell ? -14 : -45;
    if (!maxwell && s < 0.08L) low = log1pl(-10 * s);
    long double high = maxwell ? 2 : log1pl(14 * s), step = (high - low) / STEPS;
    for (int i = 0; i <= STEPS; i++) {
        long double complex v = cexpl(low + i * step - I * turn), x = (v - 1) / s;
        long double complex weight = maxwell ? v * v * v * v * cexpl(-1.5L * v * v) : v * cexpl(-x * x / 2);
        sum += weight * cexpl(I * alpha * (1 / v - 1));
        total += weight;
    }
    return sum / total;
}

/* What replaces sums over nodes, also where its pieces meet. */
static void pieces(void **unused)
{
    (void)unused;
    const double spreads[] = {0.005, 0.05, 0.4, 0}, largest = 50;
    for (int i = 0; i < 4; i++) {
        um_imperfections it = law_of(i < 3 ? UM_SPREAD_VELOCITY : UM_SPREAD_MAXWELL, spreads[i]);
        umi_spread spread;
        CHECK_OK(ctx, umi_spread_create(ctx, &it, largest, &spread));
        assert_in_range(spread.pieces, 1, 100);
        for (int j = 1; j <= 16; j++) {
            double alpha = largest * j / 16;
            CHECK_AT_MOST((double)cabsl(umi_spread_get_mean(&spread, alpha) - long_mean(&it, alpha)), 1e-14);
        }
        for (int j = 1; j < 4000; j++) {
            double alpha = largest * pow(j / 4000., 3);
            CHECK_AT_MOST(cabs(umi_spread_get_mean(&spread, alpha) - umi_spread_sum_mean(&spread, alpha)), 5e-15);
        }
        /* Beyond what was asked for it is the sum. */
        CHECK_CLOSE(cabs(umi_spread_get_mean(&spread, 60) - umi_spread_sum_mean(&spread, 60)), 0, 0);
        umi_spread_free(&spread);
    }
}

static void many_samples(void **unused)
{
    (void)unused;
    enum { MANY = 200 };
    double all[MANY];
    for (int i = 0; i < MANY; i++) all[i] = 0.8 + 0.4 * sqrt((i + 0.3) / MANY);
    um_imperfections it = {.theta_law = UM_SPREAD_SAMPLES, .theta_samples = all, .theta_samples_count = MANY};
    umi_spread spread;
    CHECK_OK(ctx, umi_spread_create(ctx, &it, 100, &spread));
    assert_in_range(spread.pieces, 1, 50);
    for (double alpha = 0.01; alpha < 100; alpha *= 1.1) {
        long double complex sum = 0;
        for (int i = 0; i < MANY; i++) sum += cexpl(I * (long double)alpha * all[i]) / MANY;
        CHECK_AT_MOST(cabs(mean(&spread, alpha) - (double complex)sum), 1e-14);
        CHECK_AT_MOST(cabs(mean(&spread, -alpha) - conj((double complex)sum)), 1e-14);
    }
    umi_spread_free(&spread);
}

/* What is left of e^(i alpha) is small and keeps its digits. */
static void gaussian(void **unused)
{
    (void)unused;
    um_imperfections it = law_of(UM_SPREAD_GAUSSIAN, 1e-9);
    umi_spread spread;
    CHECK_OK(ctx, umi_spread_create(ctx, &it, 10, &spread));
    umi_quad_mean_turn excess = umi_quad_mean_excess(&spread, 3, (umi_quad_mean_turn){1, 0});
    CHECK_CLOSE((double)(excess.re / (umi_quad)-4.5e-18), 1, 1e-15);
    CHECK_CLOSE((double)excess.im, 0, 0);
    umi_spread_free(&spread);
    it.theta_spread = 0.3;
    CHECK_OK(ctx, umi_spread_create(ctx, &it, 10, &spread));
    CHECK_CLOSE(cabs(mean(&spread, 2) - cexp(2 * I - 0.5 * 0.36)), 0, 1e-15);
    umi_spread_free(&spread);
    it.theta_spread = 0;
    assert_false(umi_spread_acts(&it));
    CHECK_OK(ctx, umi_spread_create(ctx, &it, 10, &spread));
    CHECK_CLOSE(cabs(mean(&spread, 2) - cexp(2 * I)), 0, 1e-15);
    umi_spread_free(&spread);
}

static void nodes_do_as_well(void **unused)
{
    (void)unused;
    const um_imperfections all[] = {
        law_of(UM_SPREAD_GAUSSIAN, 0.1), law_of(UM_SPREAD_GAUSSIAN, 1e-5),
        law_of(UM_SPREAD_VELOCITY, 0.05), law_of(UM_SPREAD_SAMPLES, 0)};
    for (int i = 0; i < 4; i++) {
        umi_spread spread;
        double *values, total = 0;
        int count;
        CHECK_OK(ctx, umi_spread_create(ctx, &all[i], 30, &spread));
        CHECK_OK(ctx, umi_spread_nodes(ctx, &all[i], 30, 500, "", &count, &values));
        for (int j = 0; j < count; j++) total += values[count + j];
        CHECK_CLOSE(total, 1, 1e-14);
        for (double alpha = 0.1; alpha < 30; alpha *= 1.3) {
            double complex sum = -mean(&spread, alpha);
            for (int j = 0; j < count; j++) sum += values[count + j] * cexp(I * alpha * values[j]);
            CHECK_AT_MOST(cabs(sum), 2e-13);
        }
        umi_free(ctx, values);
        umi_spread_free(&spread);
    }
    int count;
    double *values;
    um_imperfections beam = law_of(UM_SPREAD_MAXWELL, 0);
    CHECK_STATUS(ctx, umi_spread_nodes(ctx, &beam, 30, 500, ", wait", &count, &values), UM_ERROR_UNSUPPORTED);
    assert_string_equal(um_context_get_error(ctx)->key, "imperfections.theta_law");
    assert_non_null(strstr(um_context_get_error(ctx)->message, "use draw: random, wait"));
    assert_null(values);
    CHECK_STATUS(ctx, umi_spread_nodes(ctx, &all[3], 30, 3, "", &count, &values), UM_ERROR_UNSUPPORTED);
}

/* Numbers drawn have the characteristic function that is averaged with. */
static void draws(void **unused)
{
    (void)unused;
    enum { DRAWS = 200000 };
    const um_imperfections all[] = {law_of(UM_SPREAD_GAUSSIAN, 0.2), law_of(UM_SPREAD_VELOCITY, 0.4),
                                    law_of(UM_SPREAD_MAXWELL, 0), law_of(UM_SPREAD_SAMPLES, 0)};
    for (int i = 0; i < 4; i++) {
        umi_spread spread;
        CHECK_OK(ctx, umi_spread_create(ctx, &all[i], 10, &spread));
        for (double alpha = 0.5; alpha < 5; alpha *= 2) {
            double complex sum = 0;
            for (uint64_t j = 0; j < DRAWS; j++) {
                umi_random random = umi_random_at(11, 0, j, 0);
                double u = umi_spread_draw(&all[i], &random);
                if (i) assert_true(u > 0);
                sum += cexp(I * alpha * u);
            }
            /* Real and imaginary part have standard deviations below 1. */
            CHECK_AT_MOST(cabs(sum / DRAWS - mean(&spread, alpha)), 3 * sqrt(2. / DRAWS));
        }
        umi_spread_free(&spread);
    }
}

/* Means over q by a plain sum of 2e6 steps. */
static void mean_atoms(void **unused)
{
    (void)unused;
    const double qs[] = {0, 1e-4, 0.1, 0.5, 0.97, 1}, spreads[] = {1e-3, 0.05, 0.4, 3};
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 4; j++) {
            um_stage stage = {.atoms = {.q = qs[i], .c = 0.8, .phase = 1},
                              .imperfections = {.q_spread = spreads[j], .phase_spread = 0.3}};
            double q = 0, root = 0, step = 1e-5, total = 0;
            for (double x = -9 + step / 2; x < 9; x += step) {
                double value = fmin(fmax(qs[i] + spreads[j] * x, 0), 1), weight = exp(-x * x / 2);
                q += weight * value;
                root += weight * sqrt(value * (1 - value));
                total += weight;
            }
            um_atoms atoms = umi_atoms_average(&stage);
            CHECK_CLOSE(atoms.q, q / total, 1e-10);
            CHECK_CLOSE(umi_atoms_ge(&atoms), 0.8 * exp(-0.045) * root / total, 1e-8);
            assert_true(atoms.q >= 0 && atoms.q <= 1 && atoms.c >= 0 && atoms.c <= 1);
            stage.kind = UM_STAGE_DISCHARGE;
            atoms = umi_atoms_average(&stage);
            assert_true(atoms.q == 1 && atoms.c == 0);
        }
    /* Far from 0 and 1 the mean stays; without a spread everything stays. */
    um_stage stage = {.atoms = {.q = 0.3, .c = 0.8}, .imperfections = {.q_spread = 0.01}};
    CHECK_CLOSE(umi_atoms_average(&stage).q, 0.3, 1e-15);
    stage.imperfections.q_spread = 0;
    um_atoms atoms = umi_atoms_average(&stage);
    assert_true(atoms.q == 0.3 && atoms.c == 0.8);
}

/* Long double and quad, resonant and not; in quad the trap's leak keeps all its digits. */
static void two_precisions(void **unused)
{
    (void)unused;
    for (int i = 0; i < 3; i++) {
        um_spec spec;
        um_spec_init(&spec);
        um_stage stage = *spec.stages;
        stage.atoms = (um_atoms){.q = 0.25, .c = 1, .detuning = i == 1 ? 0.4 : 0};
        stage.interaction.theta = i == 2 ? M_PI : 1.2;
        stage.interaction.tau = 1;
        stage.imperfections.theta_spread = i == 2 ? 1e-10 : 0.1;
        spec.stages = &stage;
        um_model *model;
        umi_collision it;
        umi_spread spread;
        umi_mean_blocks a;
        umi_quad_mean_blocks b;
        CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
        CHECK_OK(ctx, umi_collision_make(ctx, model, 0, 12, &it));
        CHECK_OK(ctx, umi_spread_create(ctx, &it.imperfections, umi_collision_largest_angle(&it), &spread));
        CHECK_OK(ctx, umi_mean_create(ctx, &it, &spread, &a));
        CHECK_OK(ctx, umi_quad_mean_create(ctx, &it, &spread, &b));
        CHECK_CLOSE(a.edge, b.edge, 1e-8);
        umi_mean_products before;
        umi_quad_mean_products quad_before;
        for (int k = 0; k < 12; k++)
            for (int n = 0; n + k < 12; n++) {
                umi_mean_turn x[UMI_TERMS];
                umi_quad_mean_turn y[UMI_TERMS];
                umi_mean_get_terms(&a, n, k, &before, x);
                umi_quad_mean_get_terms(&b, n, k, &quad_before, y);
                for (int t = 0; t < UMI_TERMS; t++)
                    CHECK_AT_MOST(hypot((double)(x[t].re - y[t].re), (double)(x[t].im - y[t].im)), 1e-17);
            }
        if (i == 2) { /* |0,e> of the first trap: (1-q) (1 - e^(-2 pi^2 s^2))/2 steps up */
            umi_quad_mean_turn y[UMI_TERMS];
            for (int n = 0; n < 2; n++) umi_quad_mean_get_terms(&b, n, 0, &quad_before, y);
            CHECK_CLOSE((double)y[UMI_TERM_BELOW].re / (0.75 * M_PI * M_PI * 1e-20), 1, 1e-14);
        }
        umi_mean_free(&a);
        umi_quad_mean_free(&b);
        umi_spread_free(&spread);
        um_model_destroy(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(velocities), cmocka_unit_test(pieces),     cmocka_unit_test(many_samples),
        cmocka_unit_test(gaussian),   cmocka_unit_test(nodes_do_as_well),
        cmocka_unit_test(draws),      cmocka_unit_test(mean_atoms), cmocka_unit_test(two_precisions),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
