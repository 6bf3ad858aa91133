/* A block that was stopped, at whatever moment, is no block: nothing half known is kept. */
#include "context.h"
#include "sweep_cases.h"

typedef struct patience {
    int left;
    bool once; /* says stop a single time */
} patience;

static bool ask(void *user, const um_progress *now)
{
    (void)now;
    patience *p = user;
    if (p->left-- == 0) return false;
    return p->once || p->left >= 0;
}

static void check_stops(const char *text, int at_least)
{
    test_sweep made;
    um_sweep_block whole, block;
    CHECK_OK(ctx, test_sweep_create(ctx, text, &made));
    um_sweep_plan plan = *um_sweep_get_plan(made.sweep);
    plan.block = um_sweep_count_points(made.sweep); /* all in one, as far as they go together */
    um_sweep *one;
    CHECK_OK(ctx, um_sweep_create(ctx, &plan, um_config_create_point, made.config, &one));
    um_sweep_destroy(made.sweep);
    made.sweep = one;
    CHECK_OK(ctx, um_sweep_compute(ctx, made.sweep, 0, NULL, NULL, &whole));
    int stops = 0;
    for (int once = 0; once < 2; once++)
        for (int calls = 0;; calls += calls < 3 ? 1 : calls) {
            patience limit = {calls, once};
            um_status status = um_sweep_compute(ctx, made.sweep, 0, ask, &limit, &block);
            if (status == UM_OK) {
                assert_true(limit.left >= 0); /* it was never told to stop */
                CHECK_SAME_BITS(block.values, whole.values, whole.count * whole.width);
                um_sweep_block_clear(ctx, &block);
                break;
            }
            CHECK_STATUS(ctx, status, UM_ERROR_INTERRUPTED);
            assert_null(block.values);
            stops++;
        }
    assert_true(stops >= 2 * at_least);
    um_sweep_block_clear(ctx, &whole);
    test_sweep_destroy(ctx, &made);
}

static void test_run(void **state)
{
    (void)state;
    check_stops("atoms: {c: 1, q: 0.25}\nstages: [charge: 2000, charge: 10]\naccuracy: {method: step}\nsweep: "
                "{axes: [{key: interaction.theta, values: [1]}]}\n",
                3); /* before the point, in the run (two stages: no batch), and at the plateau again */
}

/* Eight runs, and one that is left over. */
static void test_several(void **state)
{
    (void)state;
    check_stops("atoms: {c: 1, q: 0.25}\nbattery: {levels: 40}\nstages: [charge: 2000]\nsweep: {axes: "
                "[{key: interaction.theta, linspace: [0.9, 1.1, 9]}]}\n",
                3);
}

static void test_leap(void **state)
{
    (void)state;
    check_stops("atoms: {c: 1, q: 0.25}\nstages: [charge: 1e9]\naccuracy: {method: fast-forward}\n"
                "sweep: {axes: [{key: interaction.theta, values: [{trap: 9}]}]}\n",
                2);
}

static void test_steady(void **state)
{
    (void)state;
    check_stops("atoms: {c: 1, q: 0.25}\nstages: [charge: 1000]\nsweep: {analysis: steady, axes: "
                "[{key: interaction.theta, values: [{trap: 9}]}]}\n",
                3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run), cmocka_unit_test(test_several), cmocka_unit_test(test_leap),
        cmocka_unit_test(test_steady),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
