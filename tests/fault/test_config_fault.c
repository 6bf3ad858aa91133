/* Memory that runs out at the 1st, 2nd, 3rd ... allocation: a clean failure, nothing leaked. */
#include "check.h"

typedef struct supply {
    long left; /* allocations that still succeed; negative: all */
    long alive;
} supply;

static void *allocate(void *user, size_t bytes)
{
    supply *s = user;
    if (s->left == 0) return NULL;
    if (s->left > 0) s->left--;
    s->alive++;
    return malloc(bytes);
}

static void release(void *user, void *block)
{
    supply *s = user;
    s->alive--;
    free(block);
}

static const char source[] =
    "title: everything that takes memory\n"
    "battery: {kind: custom, energies: [0, 1, 2], lowering: [0, 1, 1.5]}\n"
    "interaction: {theta: 1, g: 0.5}\nomega_si: 1e10\nenvironment: {Q: 100}\n"
    "imperfections: {theta_law: samples, theta_samples: [0.5, 1]}\n"
    "stages:\n  - charge: 100\n  - {charge: 5, atoms: {q: 0.5}, until: {peak: 2}}\n"
    "  - {charge: 5, imperfections: {theta_samples: [2, 3]}}\n  - store: 2\n"
    "record: {at: [1, 2], states: [3, 4], fidelity_with: {fock: 1}}\n";

static um_status work(um_context *ctx)
{
    static const char *const overrides[] = {"atoms.q=0.25", "stages[1].atoms.c=1",
                                            "record.observables=[energy, fidelity]"};
    um_config *config = NULL;
    um_model *model = NULL;
    char *text = NULL;
    um_status status = um_config_parse(ctx, source, strlen(source), "fault", overrides, 3, &config);
    if (status == UM_OK) status = um_config_create_model(ctx, config, &model);
    if (status == UM_OK) status = um_config_format(ctx, model, &text);
    if (status != UM_OK) assert_null(text);
    um_text_destroy(ctx, text);
    um_model_destroy(model);
    um_config_destroy(config);
    return status;
}

static void test_every_allocation(void **state)
{
    (void)state;
    um_status status = UM_ERROR_MEMORY;
    long allowed = 0;
    for (; status != UM_OK; allowed++) {
        supply s = {.left = -1};
        um_context_options options = {.allocate = allocate, .release = release, .user = &s};
        um_context *ctx;
        assert_int_equal(um_context_create(&options, &ctx), UM_OK);
        s.left = allowed;
        status = work(ctx);
        if (status != UM_OK && status != UM_ERROR_MEMORY)
            fail_msg("with %ld allocations: %s (%s)", allowed, um_status_get_name(status),
                     um_context_get_error(ctx)->message);
        assert_int_equal(um_context_get_blocks(ctx), 0);
        um_context_destroy(ctx);
        assert_int_equal(s.alive, 0);
        if (allowed > 1000) fail_msg("no end of allocations");
    }
    assert_true(allowed > 10); /* the failures really happened */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_allocation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
