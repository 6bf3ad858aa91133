/* Memory that runs out at every single allocation while generators, inverses and the operators of
 * Rabi collisions are made: each call says UM_ERROR_MEMORY, nothing leaks. */
#include "forward/forward.h"
#include "scarce.h"

enum { LEVELS = 6 };

static um_status make_model(um_context *ctx, double detuning, double lambda, um_model **model)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.stages = &stage;
    stage.atoms = (um_atoms){.q = 0.25, .c = 0.7, .phase = 0.2, .detuning = detuning};
    stage.interaction.g = 0.3;
    stage.interaction.tau = 1;
    stage.interaction.counter_rotating = lambda;
    return um_model_create(ctx, &spec, model);
}

/* Images, two inverses, the first again. */
static um_status use(um_context *ctx, umi_forward_map *map)
{
    umi_forward_operator g = umi_forward_map_operator(map);
    umi_wide_vector x = {0}, y = {0};
    um_status status = umi_wide_vector_create(ctx, g.size, &x);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, g.size + g.rim, &y);
    if (status == UM_OK) {
        x.hi[0] = 1;
        status = g.apply(g.self, x, y);
    }
    umi_wide_vector b = y;
    b.size = g.size;
    const double shifts[] = {1e-2, -2.01, 1e-2};
    for (int i = 0; i < 3 && status == UM_OK; i++) status = g.solve(g.self, shifts[i], b, x);
    umi_wide_vector_free(ctx, &x);
    umi_wide_vector_free(ctx, &y);
    return status;
}

typedef struct setting {
    double detuning, lambda;
    umi_layout layout;
} setting;

static um_status forward_trial(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    const setting *s = user;
    um_model *model = NULL;
    umi_forward_map *map = NULL;
    um_status status = make_model(ctx, s->detuning, s->lambda, &model);
    if (status == UM_OK) {
        map = (umi_forward_map *)&model; /* must be overwritten */
        status = umi_forward_map_create(ctx, model, 0, &s->layout, 1e9, &map);
        if (status != UM_OK) assert_null(map);
    }
    if (status == UM_OK) status = use(ctx, map);
    umi_forward_map_destroy(map);
    um_model_destroy(model);
    return status;
}

static um_status blocks_trial(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    (void)user;
    um_model *model = NULL;
    _Float128 cosine[LEVELS + 1], sine[LEVELS + 1];
    um_status status = make_model(ctx, 0.1, 0, &model);
    if (status == UM_OK) status = umi_generator_blocks(ctx, model, 0, LEVELS, cosine, sine);
    um_model_destroy(model);
    return status;
}

static um_status layout_trial(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    (void)user;
    um_state *state = NULL;
    static const umi_layout layout = {LEVELS, LEVELS, 2, false};
    const double x[LEVELS * LEVELS] = {1};
    um_status status = um_state_create(ctx, 1, 1, 0, 0, &state);
    if (status == UM_OK) status = umi_layout_to_state(&layout, x, state);
    um_state_destroy(state);
    return status;
}

static void sweep(test_trial trial, void *user, long least)
{
    long count = test_scarce_sweep(trial, user);
    print_message("%ld allocations\n", count);
    assert_true(count >= least);
}

static void resonant(void **unused)
{
    (void)unused;
    setting s = {0, 0, {LEVELS, LEVELS, 1, false}};
    sweep(forward_trial, &s, 10);
}

static void detuned(void **unused)
{
    (void)unused;
    setting s = {0.3, 0, {LEVELS, 3, 2, false}};
    sweep(forward_trial, &s, 10);
}

static void rabi(void **unused)
{
    (void)unused;
    setting s = {0.3, 1, {LEVELS, LEVELS, 2, false}};
    sweep(forward_trial, &s, 20);
}

static void parts(void **unused)
{
    (void)unused;
    sweep(blocks_trial, NULL, 2);
    sweep(layout_trial, NULL, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resonant),
        cmocka_unit_test(detuned),
        cmocka_unit_test(rabi),
        cmocka_unit_test(parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
