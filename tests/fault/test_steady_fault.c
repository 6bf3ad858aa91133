/* A steady analysis, and its files, when memory runs out at any allocation. */
#include "../unit/test_steady_full.h"

#include "released.h"
#include "scarce.h"

static um_context *plenty;
static um_steady *full;

static um_status try_netcdf(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    return um_steady_write_netcdf(ctx, full, NULL, user, true);
}

static um_status try_csv(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    return um_steady_write_csv(ctx, full, user, true);
}

static um_status try_read(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    um_steady *read;
    um_status status = um_steady_read(ctx, user, &read);
    assert_true((status == UM_OK) == (read != NULL));
    um_steady_destroy(ctx, read);
    return status;
}

static void test_files(void **state)
{
    (void)state;
    const char *path = scratch_path("scarce.nc");
    CHECK_OK(plenty, um_steady_write_netcdf(plenty, full, NULL, path, true));
    assert_true(test_scarce_sweep(try_read, (void *)path) > 60);
    assert_true(test_scarce_sweep(try_netcdf, (void *)path) > 20);
    assert_true(test_scarce_sweep(try_csv, (void *)path) > 0);
    assert_int_equal(scratch_count(), 1);
}

static um_status try_solve(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    um_model *model = NULL;
    um_steady *steady = NULL;
    um_steady_options options = {.eigenvalues = 3};
    um_status status = um_model_create(ctx, user, &model);
    if (status == UM_OK) status = um_steady_solve(ctx, model, 0, &options, &steady);
    assert_true((status == UM_OK) == (steady != NULL));
    um_steady_destroy(ctx, steady);
    um_model_destroy(model);
    return status;
}

/* An exact trap (the spectrum of the chamber is asked for once more) and a wall. */
static void test_solve(void **state)
{
    (void)state;
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = spec.stages[0];
    stage.atoms = (um_atoms){.q = 0.25, .c = 1};
    stage.interaction.trap = 1;
    stage.interaction.half_turns = 1;
    spec.stages = &stage;
    spec.battery.max_levels = 8;
    spec.accuracy.horizon = 200;
    assert_true(test_scarce_sweep(try_solve, &spec) > 50);
    spec.battery.kind = UM_BATTERY_LADDER;
    spec.battery.levels = 4;
    stage.interaction.half_turns = 0;
    stage.interaction.theta = 1;
    stage.atoms.c = 0;
    assert_true(test_scarce_sweep(try_solve, &spec) > 50);
}

static int make(void **state)
{
    (void)state;
    if (um_context_create(NULL, &plenty) != UM_OK) return 1;
    full = full_steady(plenty);
    return 0;
}

static int clear(void **state)
{
    (void)state;
    um_steady_destroy(plenty, full);
    scratch_remove();
    return test_released(plenty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_files), cmocka_unit_test(test_solve)};
    return cmocka_run_group_tests(tests, make, clear);
}
