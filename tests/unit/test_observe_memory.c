/* Every allocation of every observable fails once: the status says so and nothing leaks. */
#include "check.h"

#include "base/base.h"
#include "random_state.h"

typedef struct ration {
    int left; /* allocations that still succeed; -1: all */
} ration;

static void *allocate(void *user, size_t bytes)
{
    ration *r = user;
    if (r->left == 0) return NULL;
    if (r->left > 0) r->left--;
    return malloc(bytes);
}

static void release(void *user, void *block)
{
    (void)user;
    free(block);
}

enum { LEVELS = 12, POINTS = 5 };

typedef um_status (*observable)(const um_state *state, const um_state *other);

static um_status spectrum(const um_state *state, const um_state *other)
{
    (void)other;
    double values[LEVELS];
    int count;
    return um_observe_spectrum(state, values, &count);
}

static um_status ergotropy(const um_state *state, const um_state *other)
{
    (void)other;
    static const double energies[LEVELS] = {3, 1, 2};
    um_ergotropy found;
    return um_observe_ergotropy(state, energies, &found);
}

static um_status entropy(const um_state *state, const um_state *other)
{
    (void)other;
    double value;
    return um_observe_entropy(state, &value);
}

static um_status fidelity(const um_state *state, const um_state *other)
{
    double value;
    return um_observe_fidelity(state, other, &value);
}

static um_status wigner(const um_state *state, const um_state *other)
{
    (void)other;
    double values[POINTS * POINTS];
    return um_observe_wigner(state, -1, 1, POINTS, values);
}

static um_status husimi(const um_state *state, const um_state *other)
{
    (void)other;
    double values[POINTS * POINTS];
    return um_observe_husimi(state, -1, 1, POINTS, values);
}

static void test_every_failure(void **unused)
{
    (void)unused;
    static const observable observables[] = {spectrum, ergotropy, entropy,
                                             fidelity, wigner,    husimi};
    static const int allocations_min[] = {2, 3, 3, 8, 3, 3};
    ration r = {-1};
    um_context *ctx;
    assert_int_equal(
        um_context_create(
            &(um_context_options){.allocate = allocate, .release = release, .user = &r}, &ctx),
        UM_OK);
    test_random random = {5};
    um_state *state = test_random_state(ctx, &random, TEST_MIXED, LEVELS);
    um_state *other = test_random_state(ctx, &random, TEST_RANK_TWO, LEVELS);
    size_t blocks = um_context_get_blocks(ctx);
    for (int i = 0; i < 6; i++) {
        int allowed = 0;
        um_status status;
        do {
            umi_scratch_free_all(ctx); /* or the second observable had its space already */
            r.left = allowed++;
            status = observables[i](state, other);
            r.left = -1;
            assert_int_equal(um_context_get_blocks(ctx), blocks);
            if (status != UM_OK) assert_int_equal(status, UM_ERROR_MEMORY);
        } while (status != UM_OK && allowed < 100);
        assert_int_equal(status, UM_OK);
        assert_true(allowed > allocations_min[i]);
    }
    um_state_destroy(state);
    um_state_destroy(other);
    assert_int_equal(um_context_get_blocks(ctx), 0);
    um_context_destroy(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_failure)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
