/* Every summary of a sweep of runs is that of the single run, whether its points can be computed
 * together or not. */
#include "context.h"
#include "sweep/sweep.h"

enum { POINTS = 70 }; /* more than are held at a time */

static um_status make_point(void *user, um_context *own, size_t point, uint64_t seed,
                            um_model **model)
{
    (void)user, (void)seed;
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = spec.stages[0];
    stage.collisions = 120;
    stage.atoms = (um_atoms){.q = 0.2 + 0.01 * (double)point, .c = 1};
    stage.interaction.theta = 1.2;
    if (point % 3 == 0) spec.battery.levels = 50;
    spec.stages = &stage;
    return um_model_create(own, &spec, model);
}

static void compare(const um_summary *kept, size_t count, const um_result *result, const double *values)
{
    double all[UM_SUMMARY_COUNT];
    umi_summary_fill_run(result, all);
    for (size_t i = 0; i < count; i++) {
        double is = values[i], expected = all[kept[i]];
        bool same = is == expected || (isnan(is) && isnan(expected)) || fabs(is - expected) <= 1e-12;
        if (!same)
            fail_msg("%s: %.17g, the single run has %.17g", um_summary_get_info((int)kept[i])->name,
                     is, expected);
    }
}

static void check_summaries(const um_summary *kept, size_t count)
{
    static const char *const key = "atoms.q", *texts[POINTS];
    static const double values[POINTS];
    for (size_t i = 0; i < POINTS; i++) texts[i] = "";
    um_sweep_axis axis = {"q", 1, &key, POINTS, values, texts};
    um_sweep_plan plan = {.axes_count = 1, .axes = &axis, .summaries_count = count,
                          .summaries = kept, .repeats = 1, .block = POINTS};
    um_sweep *sweep;
    um_sweep_block block;
    CHECK_OK(ctx, um_sweep_create(ctx, &plan, make_point, NULL, &sweep));
    CHECK_OK(ctx, um_sweep_compute(ctx, sweep, 0, NULL, NULL, &block));
    for (size_t point = 0; point < POINTS; point++) {
        um_model *model;
        um_run *run;
        CHECK_OK(ctx, make_point(NULL, ctx, point, 0, &model));
        CHECK_OK(ctx, um_run_create(ctx, model, &run));
        CHECK_OK(ctx, um_run_advance(run, -1, NULL, NULL));
        CHECK_OK(ctx, um_run_finish(run, true));
        compare(kept, count, um_run_get_result(run), block.values + point * count);
        um_run_destroy(run);
        um_model_destroy(model);
    }
    um_sweep_block_clear(ctx, &block);
    um_sweep_destroy(sweep);
}

/* Those that need a way of their own are left out or alone. */
static void test_all(void **state)
{
    (void)state;
    um_summary kept[UM_SUMMARY_COUNT];
    size_t count = 0;
    for (int i = 0; i < UM_SUMMARY_COUNT; i++)
        if (!um_summary_get_info(i)->steady && i != UM_SUMMARY_LEVELS &&
            i != UM_SUMMARY_MAXIMUM_ERGOTROPY_POWER)
            kept[count++] = (um_summary)i;
    check_summaries(kept, count);
    for (size_t i = 0; i < count; i++) check_summaries(&kept[i], 1);
}

static void test_alone(void **state)
{
    (void)state;
    static const um_summary apart[] = {UM_SUMMARY_LEVELS, UM_SUMMARY_MAXIMUM_ERGOTROPY_POWER};
    for (size_t i = 0; i < 2; i++) check_summaries(&apart[i], 1);
    check_summaries(apart, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all), cmocka_unit_test(test_alone)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
