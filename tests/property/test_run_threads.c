/* A run has the same bits in any number of threads, also where it goes on in another number than it began with. */
#include "base/base.h"
#include "check.h"
#include "released.h"
#include "run_cases.h"

enum { COLLISIONS = 200 };

static um_context *create(int threads)
{
    um_context *ctx;
    um_context_options options = {.threads = threads};
    assert_int_equal(um_context_create(&options, &ctx), UM_OK);
    ctx->part_least = 1; /* what is small is shared, too */
    return ctx;
}

static um_run *start(um_context *ctx, const um_model *model)
{
    um_run *run;
    CHECK_OK(ctx, um_run_create(ctx, model, &run));
    return run;
}

static void finish(um_context *ctx, um_run *run)
{
    CHECK_OK(ctx, um_run_advance(run, -1, NULL, NULL));
    CHECK_OK(ctx, um_run_finish(run, true));
}

/* The run, as an archive brings it into another context. */
static um_run *move(um_run *run, um_context *from, um_context *to, const um_model *model)
{
    um_archive archive = {0};
    um_run *moved;
    CHECK_OK(from, um_run_save(run, &archive));
    CHECK_OK(to, um_run_restore(to, model, &archive, &moved));
    um_run_destroy(run);
    um_archive_clear(from, &archive);
    return moved;
}

static void check_kind(test_run_kind kind)
{
    test_run_case it;
    test_run_case_make(kind, COLLISIONS, &it);
    it.spec.record.observables = UM_QUANTITY_BIT(UM_ENERGY) | UM_QUANTITY_BIT(UM_PURITY) |
                                 UM_QUANTITY_BIT(UM_ERGOTROPY);
    um_context *one = create(1);
    um_model *model = test_run_model(one, &it.spec);
    um_run *whole = start(one, model);
    finish(one, whole);
    for (int threads = 2; threads <= 5; threads++) {
        um_context *several = create(threads);
        um_run *run = start(one, model);
        CHECK_OK(one, um_run_advance(run, 7, NULL, NULL));
        run = move(run, one, several, model);
        finish(several, run);
        test_same_result(it.name, um_run_get_result(whole), um_run_get_result(run));
        test_same_state(it.name, um_run_get_state(whole), um_run_get_state(run));
        um_run_destroy(run);
        assert_int_equal(test_released(several), 0);
    }
    um_run_destroy(whole);
    um_model_destroy(model);
    assert_int_equal(test_released(one), 0);
}

static void threads_do_not_matter(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < TEST_RUN_KINDS; kind++) check_kind((test_run_kind)kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(threads_do_not_matter)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
