/* Memory that runs out at every allocation of a batch, and of a block of a sweep that has one. */
#include "charge/batch.h"
#include "scarce.h"

static um_status make(um_context *ctx, int point, um_model **model)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = spec.stages[0];
    stage.collisions = 100;
    stage.atoms = (um_atoms){.q = 0.8 + 0.05 * point, .c = 1};
    stage.interaction.theta = 1;
    if (point == 1) spec.battery.levels = 3; /* given up */
    spec.stages = &stage;
    return um_model_create(ctx, &spec, model);
}

static um_status use(um_context *ctx, umi_batch *batch, um_model *const *models)
{
    enum { ALL = UMI_BATCH_PLATEAU_STATE | UMI_BATCH_FINAL_STATE | UMI_BATCH_LEDGER };
    umi_batch_end ends[UMI_LANES];
    umi_batch_place place;
    UMI_TRY(umi_batch_find_place(ctx, models[0], &place));
    assert_int_equal(place.kind, UMI_LANES_COHERENT);
    UMI_TRY(umi_batch_run(batch, 3, (const um_model *const *)models, ALL, NULL, NULL, ends));
    assert_false(ends[0].given_up || ends[2].given_up);
    assert_true(ends[1].given_up);
    assert_true(ends[0].plateaus_count > 0 && isfinite(ends[0].plateau.purity));
    return UM_OK;
}

static um_status try_batch(um_context *ctx, test_purse *purse, void *user)
{
    (void)user;
    long left = purse->left;
    purse->left = -1; /* models are not what is tried */
    um_model *models[3] = {NULL};
    for (int i = 0; i < 3; i++) CHECK_OK(ctx, make(ctx, i, &models[i]));
    purse->left = left;
    umi_batch *batch = NULL;
    um_status status = umi_batch_create(ctx, 128, &batch);
    if (status == UM_OK) status = use(ctx, batch, models);
    if (status != UM_OK && batch) { /* with memory again, the same batch works */
        left = purse->left;
        purse->left = -1;
        CHECK_OK(ctx, use(ctx, batch, models));
        purse->left = left;
    }
    umi_batch_destroy(batch);
    for (int i = 0; i < 3; i++) um_model_destroy(models[i]);
    return status;
}

static um_status make_point(void *user, um_context *ctx, size_t point, uint64_t seed,
                            um_model **model)
{
    (void)user, (void)seed;
    return make(ctx, (int)point, model);
}

static um_status try_block(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse, (void)user;
    static const char *const key = "atoms.q", *texts[3] = {"", "", ""};
    static const double values[3] = {0};
    static const um_summary kept[] = {UM_SUMMARY_PLATEAU_PURITY, UM_SUMMARY_FINAL_ENERGY};
    um_sweep_axis axis = {"q", 1, &key, 3, values, texts};
    um_sweep_plan plan = {.axes_count = 1, .axes = &axis, .summaries_count = 2, .summaries = kept,
                          .repeats = 1, .block = 3};
    um_sweep *sweep;
    um_sweep_block block;
    UMI_TRY(um_sweep_create(ctx, &plan, make_point, NULL, &sweep));
    um_status status = um_sweep_compute(ctx, sweep, 0, NULL, NULL, &block);
    if (status == UM_OK) {
        assert_true(isfinite(block.values[0]) && isfinite(block.values[4]));
        assert_int_equal(block.failures_count, 1);
        assert_int_equal(block.failures[0].point, 1);
        um_sweep_block_clear(ctx, &block);
    }
    um_sweep_destroy(sweep);
    return status;
}

static void batch(void **unused)
{
    (void)unused;
    assert_true(test_scarce_sweep(try_batch, NULL) > 20);
}

static void block(void **unused)
{
    (void)unused;
    assert_true(test_scarce_sweep(try_block, NULL) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(batch), cmocka_unit_test(block)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
