/* States while memory runs out at every single allocation: nothing leaks, nothing half-changed. */
#include "random_state.h"
#include "scarce.h"

enum { N = 40 };

static const um_battery cavity = {.kind = UM_BATTERY_CAVITY, .max_levels = 4096, .frequency = 1};

static um_status create_initial(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    um_state *state;
    um_status status =
        um_state_create_initial(ctx, user, &cavity, UM_LEVELS_AUTO, 1e-10, &state, NULL);
    if (status == UM_OK)
        um_state_destroy(state);
    else
        assert_null(state);
    return status;
}

static void test_create_initial(void **unused)
{
    (void)unused;
    static double re[N * N], im[N * N];
    test_random random = {1};
    test_random_matrix(&random, TEST_MIXED, N, re, im);
    um_initial initials[] = {
        {.kind = UM_INITIAL_VACUUM}, {.kind = UM_INITIAL_FOCK, .level = 3},
        {.kind = UM_INITIAL_COHERENT, .re = 2, .im = 1}, {.kind = UM_INITIAL_THERMAL, .mean = 1},
        {.kind = UM_INITIAL_SQUEEZED, .r = 0.5, .angle = 1},
        {.kind = UM_INITIAL_MATRIX, .levels = N, .real = re, .imag = im}};
    for (size_t i = 0; i < sizeof initials / sizeof *initials; i++)
        assert_true(test_scarce_sweep(create_initial, &initials[i]) >= 2);
}

/* What the header calls "unchanged": every element and the window. */
typedef struct snapshot {
    um_window window;
    double re[N * N], im[N * N];
} snapshot;

static void take(const um_state *state, snapshot *s)
{
    memset(s, 0, sizeof *s);
    s->window = um_state_get_window(state);
    um_state_get_matrix(state, 0, N, s->re, s->im);
}

typedef um_status (*change)(um_state *state, const um_state *other);

static um_status copy(um_state *state, const um_state *other) { return um_state_copy(state, other); }

static um_status regauge(um_state *state, const um_state *other)
{
    (void)other;
    return um_state_set_gauge(state, 2, 0.5);
}

static um_status set_levels(um_state *state, const um_state *other)
{
    (void)other;
    return um_state_set_levels(state, 4000);
}

static um_status set_matrix(um_state *state, const um_state *other)
{
    static double re[N * N], im[N * N];
    um_state_get_matrix(other, 0, N, re, im);
    return um_state_set_matrix(state, N, re, im);
}

static um_status check(um_state *state, const um_state *other)
{
    (void)other;
    return um_state_check(state, 1e-9, true);
}

/* A small real state, and a large complex one that needs other storage. */
static um_status try_change(um_context *ctx, test_purse *purse, void *user)
{
    static snapshot before, after, target;
    long granted = purse->left;
    purse->left = -1;
    test_random random = {7};
    double two[4] = {0.5, 0.5, 0.5, 0.5};
    um_state *state, *other = test_random_state(ctx, &random, TEST_MIXED, N);
    CHECK_OK(ctx, um_state_create(ctx, N + 5, 1, 0, 0, &state));
    CHECK_OK(ctx, um_state_set_matrix(state, 2, two, NULL));
    take(state, &before);
    take(other, &target);
    purse->left = granted;
    um_status status = (*(change *)user)(state, other);
    take(state, &after);
    if (status != UM_OK) assert_memory_equal(&before, &after, sizeof before);
    purse->left = -1;
    /* and it still works */
    CHECK_OK(ctx, um_state_copy(state, other));
    take(state, &after);
    assert_memory_equal(&target, &after, sizeof target);
    um_state_destroy(state);
    um_state_destroy(other);
    return status;
}

static void test_changes(void **unused)
{
    (void)unused;
    change changes[] = {copy, regauge, set_levels, set_matrix, check};
    const long least[] = {1, 0, 0, 1, 1};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        assert_true(test_scarce_sweep(try_change, &changes[i]) >= least[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_create_initial),
                                       cmocka_unit_test(test_changes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
