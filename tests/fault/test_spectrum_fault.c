/* Spectra while memory runs out at every single allocation: nothing leaks, nothing is half there.
 */
#include "scarce.h"

typedef struct task {
    um_spec spec;
    um_stage stage;
    int levels, eigenvalues;
} task;

static um_status try_spectrum(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    task *it = user;
    um_model *model = NULL;
    um_spectrum spectrum = {0};
    um_status status = um_model_create(ctx, &it->spec, &model);
    if (status == UM_OK)
        status = um_spectrum_solve(ctx, model, 0, it->levels, it->eigenvalues, true, &spectrum);
    assert_true((status == UM_OK) == (spectrum.modes != NULL));
    um_spectrum_clear(ctx, &spectrum);
    um_model_destroy(model);
    return status;
}

static void begin(task *it, double theta, int levels, int eigenvalues)
{
    um_spec_init(&it->spec);
    it->stage = it->spec.stages[0];
    it->spec.stages = &it->stage;
    it->stage.atoms = (um_atoms){.q = 0.25, .c = 1};
    it->stage.interaction.theta = theta;
    it->levels = levels;
    it->eigenvalues = eigenvalues;
}

static void test_small(void **state)
{
    (void)state;
    task it;
    begin(&it, 1, 12, 4); /* whole matrices; slow modes at +1 and -1, some of them artificial */
    assert_true(test_scarce_sweep(try_spectrum, &it) > 100);
    begin(&it, 0, 4, 4); /* nothing moves */
    assert_true(test_scarce_sweep(try_spectrum, &it) > 10);
    begin(&it, 1, 4, 3);
    it.stage.atoms.detuning = 0.3;
    it.stage.interaction.g = 1;
    assert_true(test_scarce_sweep(try_spectrum, &it) > 30);
    begin(&it, 1, 3, 3);
    it.stage.interaction.g = 0.5;
    it.stage.interaction.counter_rotating = 1;
    assert_true(test_scarce_sweep(try_spectrum, &it) > 20);
}

/* Krylov spaces, one after the other. */
static void test_krylov(void **state)
{
    (void)state;
    task it;
    begin(&it, 1.6, 19, 3);
    it.stage.atoms.c = 0.5;
    assert_true(test_scarce_sweep(try_spectrum, &it) > 50);
}

/* Order by order: tridiagonal ones, some modes of which are slow; full ones. */
static void test_orders(void **state)
{
    (void)state;
    task it;
    begin(&it, 1, 12, 4);
    it.stage.atoms.c = 0;
    assert_true(test_scarce_sweep(try_spectrum, &it) > 50);
    begin(&it, 1, 6, 3);
    it.stage.atoms.c = 0;
    it.stage.interaction.tau = 0;
    it.stage.environment.kappa = 0.1;
    it.stage.stream.period = 1;
    assert_true(test_scarce_sweep(try_spectrum, &it) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_small), cmocka_unit_test(test_krylov),
                                       cmocka_unit_test(test_orders)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
