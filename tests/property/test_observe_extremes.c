/* Numbers of states that hold something that is no number, or hardly one: what comes out shows it or is refused, and
 * comes out. */
#include "context.h"

#include <unistd.h>

#include "random_state.h"
#include "run_cases.h"
#include "state/state.h"

enum { LEVELS_MAX = 101, POINTS = 3, PATIENCE = 300 };

static double energies[LEVELS_MAX];

static void shows(const char *what, um_status status, const double *values, int count, int n, int m)
{
    bool finite = status == UM_OK;
    for (int i = 0; i < count; i++) finite = finite && isfinite(values[i]);
    if (finite) fail_msg("%s of a state that is not finite at (%d, %d): finite", what, n, m);
}

/* All that depends on the element (n, n + k). */
static void look(const um_state *state, const um_state *sound, int n, int k)
{
    double values[LEVELS_MAX] = {0}, value = 0, image[POINTS * POINTS] = {0};
    int count = 0;
    um_ergotropy ergotropy = {0};
    um_status status = um_observe_spectrum(state, values, &count);
    shows("spectrum", status, values, count, n, n + k);
    status = um_observe_ergotropy(state, energies, &ergotropy);
    shows("ergotropy", status, &ergotropy.total, 1, n, n + k);
    status = um_observe_entropy(state, &value);
    shows("entropy", status, &value, 1, n, n + k);
    status = um_observe_fidelity(state, sound, &value);
    shows("fidelity", status, &value, 1, n, n + k);
    status = um_observe_fidelity(sound, state, &value);
    shows("fidelity with it", status, &value, 1, n, n + k);
    status = um_observe_wigner(state, -1, 1.5, POINTS, image);
    shows("Wigner function", status, image, POINTS * POINTS, n, n + k);
    status = um_observe_husimi(state, -1, 1.5, POINTS, image);
    shows("Husimi function", status, image, POINTS * POINTS, n, n + k);
    value = um_observe_purity(state);
    shows("purity", UM_OK, &value, 1, n, n + k);
    value = um_observe_coherence_l1(state);
    if (k > 0) shows("l1 coherence", UM_OK, &value, 1, n, n + k);
    if (k > 0) return;
    um_moments moments;
    um_observe_moments(state, energies, &moments);
    shows("mean", UM_OK, &moments.mean_n, 1, n, n);
    value = um_observe_energy(state, energies);
    if (energies[n] != 0) shows("energy", UM_OK, &value, 1, n, n);
    value = um_observe_entropy_diagonal(state);
    shows("entropy of the diagonal", UM_OK, &value, 1, n, n);
}

static void poison_shows(void **unused)
{
    (void)unused;
    const int sizes[] = {1, 2, 3, 17, 37, LEVELS_MAX};
    const double poisons[] = {NAN, INFINITY, -INFINITY};
    test_random random = {31};
    alarm(PATIENCE); /* a loop without end would be killed */
    for (int i = 0; i < (test_effort() > 1 ? 6 : 5); i++)
        for (int real = 0; real <= 1; real++)
            for (int p = 0; p < 3; p++) {
                um_state *state = test_random_state(ctx, &random, real ? TEST_REAL : TEST_MIXED, sizes[i]);
                um_state *sound = test_random_state(ctx, &random, TEST_MIXED, sizes[i]);
                if (real) CHECK_OK(ctx, um_state_set_gauge(state, 0, 0));
                for (int k = 0; k < sizes[i]; k += 1 + sizes[i] / 5) {
                    int n = test_random_integer(&random, 0, sizes[i] - 1 - k);
                    int plane = k > 0 && state->planes > 1 ? p % 2 : 0;
                    double *at = &umi_state_row(state, plane, k)[n], kept = *at;
                    *at = poisons[p];
                    look(state, sound, n, k);
                    *at = kept;
                }
                um_state_destroy(state);
                um_state_destroy(sound);
            }
    alarm(0);
}

/* Eigenvalues scale with the state, down to the smallest numbers. */
static void denormals_count(void **unused)
{
    (void)unused;
    const int powers[] = {500, 1000, 1030, 1060};
    test_random random = {32};
    alarm(PATIENCE);
    for (int kind = 0; kind < TEST_KINDS; kind++)
        for (int p = 0; p < 4; p++) {
            double want[LEVELS_MAX], have[LEVELS_MAX], entropy;
            int wanted, had;
            um_ergotropy ergotropy;
            um_state *state = test_random_state(ctx, &random, (test_kind)kind, 37);
            CHECK_OK(ctx, um_observe_spectrum(state, want, &wanted));
            um_state_scale(state, ldexp(1, -500));
            um_state_scale(state, ldexp(1, 500 - powers[p]));
            CHECK_OK(ctx, um_observe_spectrum(state, have, &had));
            assert_int_equal(wanted, had);
            for (int i = 0; i < had; i++)
                CHECK_CLOSE(have[i], ldexp(want[i], -powers[p]), ldexp(1e-14, -powers[p]) + 1e-320);
            CHECK_OK(ctx, um_observe_entropy(state, &entropy));
            CHECK_OK(ctx, um_observe_ergotropy(state, energies, &ergotropy));
            assert_true(isfinite(entropy) && isfinite(ergotropy.total));
            um_state_destroy(state);
        }
    alarm(0);
}

/* A run that goes on from a state that is none: refused, or ended, or its numbers say so. */
static void runs_do_not_hide_it(void **unused)
{
    (void)unused;
    int poisoned = 0;
    alarm(PATIENCE);
    for (int kind = 0; kind < TEST_RUN_RABI; kind++) {
        test_run_case it;
        test_run_case_make((test_run_kind)kind, 60, &it);
        um_model *model = test_run_model(ctx, &it.spec);
        um_run *run, *again = NULL;
        um_archive archive = {0};
        CHECK_OK(ctx, um_run_create(ctx, model, &run));
        CHECK_OK(ctx, um_run_advance(run, 30, NULL, NULL));
        CHECK_OK(ctx, um_run_save(run, &archive));
        for (size_t i = 0; i < archive.count; i++) {
            um_archive_entry *entry = &archive.entries[i];
            if (entry->is_integer || entry->count == 0 || strcmp(entry->name, "state_0_0") != 0) continue;
            entry->real[entry->count / 2] = NAN;
            poisoned++;
        }
        um_status status = um_run_restore(ctx, model, &archive, &again);
        if (status == UM_OK) status = um_run_advance(again, -1, NULL, NULL);
        if (status == UM_OK) {
            const um_result *result = um_run_get_result(again);
            double purity = um_observe_purity(um_run_get_state(again));
            if (isfinite(purity)) fail_msg("%s: purity %g after a NaN", it.name, purity);
            assert_false(isfinite(result->series[UM_PURITY][result->records - 1]));
        }
        um_run_destroy(again);
        um_run_destroy(run);
        um_archive_clear(ctx, &archive);
        um_model_destroy(model);
    }
    if (poisoned == 0) fail_msg("no archive has a state");
    alarm(0);
}

int main(void)
{
    for (int n = 0; n < LEVELS_MAX; n++) energies[n] = n;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(poison_shows),
        cmocka_unit_test(denormals_count),
        cmocka_unit_test(runs_do_not_hide_it),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
