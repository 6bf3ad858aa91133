#include "scarce.h"

static void *spend(void *user, size_t bytes)
{
    test_purse *p = user;
    if (p->left == 0) return NULL;
    if (p->left > 0) p->left--;
    void *block = malloc(bytes);
    if (block) p->given++;
    return block;
}

static void take_back(void *user, void *block)
{
    if (!block) return;
    ((test_purse *)user)->given--;
    free(block);
}

um_context *test_scarce_context(test_purse *purse)
{
    um_context_options options = {.allocate = spend, .release = take_back, .user = purse};
    um_context *ctx = NULL;
    *purse = (test_purse){.left = -1};
    assert_int_equal(um_context_create(&options, &ctx), UM_OK);
    return ctx;
}

long test_scarce_sweep(test_trial trial, void *user)
{
    for (long granted = 0; granted < 1000000; granted++) {
        test_purse purse;
        um_context *ctx = test_scarce_context(&purse);
        purse.left = granted;
        um_status status = trial(ctx, &purse, user);
        if (um_context_get_blocks(ctx) != 0)
            fail_msg("%zu blocks left after %ld allocations", um_context_get_blocks(ctx), granted);
        if (status != UM_OK && status != UM_ERROR_MEMORY)
            fail_msg("after %ld allocations: %s", granted, um_context_get_error(ctx)->message);
        um_context_destroy(ctx);
        assert_int_equal(purse.given, 0);
        if (status == UM_OK) return granted;
    }
    fail_msg("it never succeeds");
    return 0;
}
