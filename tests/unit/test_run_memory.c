/* Memory at its peak, in a run that keeps no state: two states and tables along the levels; where collisions work in place
 * one, and half of one that it grew out of. */
#include "check.h"

#include "run_cases.h"

enum { PAD = 24 }; /* of a row of a state, at most */

typedef struct purse {
    size_t now, peak;
} purse;

/* The size stands before the block. */
static void *take(void *user, size_t bytes)
{
    purse *p = user;
    size_t *block = malloc(bytes + sizeof *block);
    if (!block) return NULL;
    *block = bytes;
    p->now += bytes;
    if (p->now > p->peak) p->peak = p->now;
    return block + 1;
}

static void give_back(void *user, void *block)
{
    if (!block) return;
    size_t *start = (size_t *)block - 1;
    ((purse *)user)->now -= *start;
    free(start);
}

/* A finite ladder that the state comes to fill, level by level and order by order. */
static void check_peak(int levels, int planes, double states)
{
    purse spent = {0};
    um_context_options options = {.allocate = take, .release = give_back, .user = &spent};
    um_context *ctx;
    assert_int_equal(um_context_create(&options, &ctx), UM_OK);
    test_run_case made;
    test_run_case_make(TEST_RUN_RESONANT, 20 * levels, &made);
    made.spec.stages = made.stages;
    made.spec.battery.kind = UM_BATTERY_LADDER;
    made.spec.battery.levels = levels;
    made.spec.record.observables = (uint64_t)1 << UM_ENERGY;
    made.stages[0].atoms.q = 0.49;
    made.stages[0].interaction = (um_interaction){.theta = NAN, .g = 1.1, .tau = 1};
    made.stages[0].stream.period = 1;
    made.stages[0].atoms.detuning = planes == 2 ? 0.3 : 0;
    test_run_done done = test_run_execute(ctx, &made.spec, true);
    um_window window = um_state_get_window(um_run_get_state(done.run));
    assert_int_equal(window.orders, levels);
    assert_int_equal(window.planes, planes);
    test_run_done_destroy(&done);
    size_t size = (size_t)levels;
    size_t state = size * (size + PAD) * (size_t)planes * sizeof(double), tables = 1024 * size + 65536;
    double most = states * (double)state + (double)tables;
    if ((double)spent.peak > most)
        fail_msg("%d levels, %d planes: %zu bytes, more than %g; a state has %zu, tables %zu", levels, planes, spent.peak,
                 most, state, tables);
    um_context_destroy(ctx);
    assert_int_equal(spent.now, 0);
}

static void test_two_states(void **unused)
{
    (void)unused;
    for (int planes = 1; planes <= 2; planes++) {
        check_peak(150, planes, 2);
        check_peak(300, planes, 2); /* storage doubles to 256 first */
    }
}

static void test_in_place(void **unused)
{
    (void)unused;
    check_peak(500, 1, 1.6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_two_states), cmocka_unit_test(test_in_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
