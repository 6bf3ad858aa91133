/* Memory that runs out at every single allocation while generators, inverses and the operators of
 * Rabi collisions are made: each call says UM_ERROR_MEMORY, nothing leaks. */
#include "forward/forward.h"
#include "scarce.h"

enum { LEVELS = 6 };

typedef struct setting {
    double detuning, lambda;
    umi_layout layout;
    um_environment environment;
    double present, theta_spread, detuning_spread;
    um_arrivals arrivals;
} setting;

static um_status make_model(um_context *ctx, const setting *s, um_model **model)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.stages = &stage;
    stage.atoms = (um_atoms){.q = 0.25, .c = 0.7, .phase = 0.2, .detuning = s->detuning};
    stage.interaction.g = 0.3;
    stage.interaction.tau = 1;
    stage.interaction.counter_rotating = s->lambda;
    stage.environment = s->environment;
    stage.imperfections.theta_spread = s->theta_spread;
    stage.imperfections.detuning_spread = s->detuning_spread;
    stage.stream.arrivals = s->arrivals;
    if (s->environment.kappa > 0) stage.stream.period = 3;
    if (s->present > 0) stage.stream.atom_probability = s->present;
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

static um_status forward_trial(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    const setting *s = user;
    um_model *model = NULL;
    umi_forward_map *map = NULL;
    um_status status = make_model(ctx, s, &model);
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
    um_status status = make_model(ctx, &(setting){.detuning = 0.1}, &model);
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
    setting s = {.layout = {LEVELS, LEVELS, 1, false}};
    sweep(forward_trial, &s, 10);
}

static void detuned(void **unused)
{
    (void)unused;
    setting s = {.detuning = 0.3, .layout = {LEVELS, 3, 2, false}};
    sweep(forward_trial, &s, 10);
}

static void rabi(void **unused)
{
    (void)unused;
    setting s = {.detuning = 0.3, .lambda = 1, .layout = {LEVELS, LEVELS, 2, false}};
    sweep(forward_trial, &s, 20);
}

static void open_maps(void **unused)
{
    (void)unused;
    umi_layout all = {LEVELS, LEVELS, 2, false};
    um_environment outside = {.kappa = 0.1, .n_th = 0.2}, inside = outside;
    inside.during_collision = true;
    setting s[] = {
        {.layout = all, .environment = outside, .present = 0.5},
        {.layout = all, .environment = outside, .theta_spread = 0.02, .arrivals = UM_ARRIVALS_POISSON},
        {.layout = all, .theta_spread = 0.02, .detuning_spread = 0.1},
        {.layout = all, .environment = inside, .present = 0.5},
        {.layout = {LEVELS, 2, 2, false}, .environment = outside, .theta_spread = 0.001},
    };
    for (size_t i = 0; i < sizeof s / sizeof *s; i++) sweep(forward_trial, &s[i], 20);
}

static um_status stationary_trial(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    (void)user;
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.stages = &stage;
    stage.interaction.theta = 1;
    stage.interaction.tau = 0;
    stage.stream.period = 1;
    stage.environment = (um_environment){.kappa = 0.2, .n_th = 0.1};
    um_model *model = NULL;
    um_stationary found = {0};
    um_status status = um_model_create(ctx, &spec, &model);
    if (status == UM_OK) status = um_stationary_solve(ctx, model, 0, &found);
    um_stationary_clear(ctx, &found);
    um_model_destroy(model);
    return status;
}

static void stationary(void **unused)
{
    (void)unused;
    sweep(stationary_trial, NULL, 10);
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
        cmocka_unit_test(open_maps),
        cmocka_unit_test(stationary),
        cmocka_unit_test(parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
