#include "scarce.h"

static void *spend(void *user, size_t bytes)
{
    test_purse *p = user;
    if (p->left == 0) {
        p->refused++;
        if (p->once) p->left = -1;
        return NULL;
    }
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

/* Whether an allocation was refused. */
static bool try_once(test_trial trial, void *user, long granted, bool once)
{
    test_purse purse;
    um_context *ctx = test_scarce_context(&purse);
    purse.left = granted;
    purse.once = once;
    um_status status = trial(ctx, &purse, user), expected = purse.refused ? UM_ERROR_MEMORY : UM_OK;
    if (um_context_get_blocks(ctx) != 0)
        fail_msg("%zu blocks left after %ld allocations", um_context_get_blocks(ctx), granted);
    if (status != expected)
        fail_msg("%s after %ld allocations%s: %s", um_status_get_name(status), granted,
                 once ? " and a refusal" : "", um_context_get_error(ctx)->message);
    um_context_destroy(ctx);
    assert_int_equal(purse.given, 0);
    return purse.refused > 0;
}

long test_scarce_sweep(test_trial trial, void *user)
{
    long granted = 0;
    while (try_once(trial, user, granted, false)) {
        assert_true(try_once(trial, user, granted, true));
        granted++;
    }
    return granted;
}

um_status test_scarce_map(um_context *ctx, const um_stage *stage, int levels)
{
    um_spec spec;
    um_model *model;
    um_map *map = NULL;
    um_state *in = NULL, *out = NULL;
    um_outcome outcome;
    um_spec_init(&spec);
    spec.stages = stage;
    um_initial low = {.kind = UM_INITIAL_COHERENT, .re = 0.2};
    um_status status = um_model_create(ctx, &spec, &model);
    if (status == UM_OK) status = um_map_create(ctx, model, 0, levels, &map);
    if (status == UM_OK)
        status = um_state_create_initial(ctx, &low, &spec.battery, levels, 0.1, &in, NULL);
    if (status == UM_OK) status = um_state_create(ctx, levels, 1, 0, 0, &out);
    if (status == UM_OK) status = um_map_prepare(map, in);
    if (status == UM_OK) status = um_map_apply(map, in, out, &outcome);
    if (status == UM_OK) status = um_map_apply_adjoint(map, in, out);
    um_state_destroy(in);
    um_state_destroy(out);
    um_map_destroy(map);
    um_model_destroy(model);
    return status;
}
