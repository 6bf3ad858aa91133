/* error_bound is a bound: the truncated collision against the same collision in a space that is
 * large enough, in trace norm, on random states that lean on the top. */
#include "check.h"
#include "oracle.h"
#include "random_state.h"

typedef struct collision {
    const char *name;
    int levels, room; /* of the map, of the oracle */
    oracle_interaction interaction;
    um_atoms atoms;
    bool lab;
} collision;

static const collision collisions[] = {
    {"resonant", 6, 8, {1, 0, 1, 0.9, 0}, {.q = 0.25, .c = 1}, false},
    {"resonant, mixed atoms", 5, 7, {1, 0, 1, 2.1, 0}, {.q = 0.6, .c = 0.3, .phase = 1}, false},
    {"resonant, excited atoms", 4, 6, {1, 0, 1, 0.01, 0}, {.q = 0}, false},
    {"detuned", 6, 8, {1, 0.8, 1, 0.9, 0}, {.q = 0.25, .c = 0.9}, false},
    {"weak and far detuned", 5, 7, {1, 30, 0.1, 1.3, 0}, {.q = 0.25, .c = 0.9}, false},
    {"Rabi", 8, 40, {1, 0, 0.5, 0.8, 1}, {.q = 0.25, .c = 1}, false},
    {"Rabi, lab", 10, 40, {1, 0.2, 0.2, 3, 0.3}, {.q = 0.4, .c = 0.6, .phase = 2}, true},
    {"weak Rabi", 6, 36, {1, 0, 0.05, 0.4, 1}, {.q = 0.5, .c = 1}, false},
};
enum { COLLISIONS = sizeof collisions / sizeof *collisions };

static um_map *map_of(um_context *ctx, const collision *c)
{
    um_spec spec;
    um_model *model;
    um_map *map;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.atoms = c->atoms;
    stage.atoms.detuning = (double)c->interaction.detuning;
    stage.interaction.g = (double)c->interaction.g;
    stage.interaction.tau = (double)c->interaction.tau;
    stage.interaction.counter_rotating = (double)c->interaction.counter_rotating;
    stage.stream.frame = c->lab ? UM_FRAME_LAB : UM_FRAME_LOCKED;
    spec.stages = &stage;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    CHECK_OK(ctx, um_map_create(ctx, model, 0, c->levels, &map));
    um_model_destroy(model);
    return map;
}

static double trace_norm(int size, const oracle_complex *a)
{
    oracle_real values[64], sum = 0;
    oracle_eigenvalues(size, a, values);
    for (int i = 0; i < size; i++) sum += fabsl(values[i]);
    return (double)sum;
}

typedef struct spaces {
    oracle_experiment experiment;
    oracle_complex *before, *after;
    double *re, *im;
    um_state *out;
} spaces;

/* Distance between what the map gives and the truth; *bound is what it claims. */
static double error_of(um_context *ctx, const collision *c, um_map *map, um_state *in, spaces *s,
                       double *bound)
{
    um_outcome outcome;
    oracle_outcome ignored;
    memset(s->before, 0, sizeof(oracle_complex) * (size_t)(c->room * c->room));
    um_state_get_matrix(in, 0, c->levels, s->re, s->im);
    for (int n = 0; n < c->levels; n++)
        for (int m = 0; m < c->levels; m++)
            s->before[n * c->room + m] =
                s->re[n * c->levels + m] + 1.0iL * s->im[n * c->levels + m];
    oracle_experiment_collide(&s->experiment, c->lab ? 0.3L : 0, s->before, s->after, &ignored);
    CHECK_OK(ctx, um_map_prepare(map, in));
    CHECK_OK(ctx, um_map_apply(map, in, s->out, &outcome));
    um_state_get_matrix(s->out, 0, c->levels, s->re, s->im);
    for (int n = 0; n < c->levels; n++)
        for (int m = 0; m < c->levels; m++)
            s->after[n * c->room + m] -=
                s->re[n * c->levels + m] + 1.0iL * s->im[n * c->levels + m];
    *bound = outcome.error_bound;
    return trace_norm(c->room, s->after);
}

static void compare(um_context *ctx, const collision *c)
{
    oracle_battery battery = oracle_cavity(c->room);
    oracle_atom atom = {c->atoms.q, c->atoms.c, c->atoms.phase};
    spaces s = {.experiment = oracle_experiment_create(&battery, &c->interaction, &atom),
                .before = oracle_matrix(c->room),
                .after = oracle_matrix(c->room),
                .re = malloc(2 * sizeof(double) * (size_t)(c->levels * c->levels))};
    s.im = s.re + c->levels * c->levels;
    um_map *map = map_of(ctx, c);
    CHECK_OK(ctx, um_map_set_collision(map, 0, 0.3));
    CHECK_OK(ctx, um_state_create(ctx, c->levels, 2, 0, 0, &s.out));
    test_random random = {99};
    double tightest = 0, smallest = 1;
    int rounds = 2 * test_effort();
    for (int i = 0; i < rounds * TEST_KINDS; i++) {
        test_kind kind = (test_kind)(i % TEST_KINDS);
        um_state *in = test_random_state(ctx, &random, kind, c->levels);
        double bound, error = error_of(ctx, c, map, in, &s, &bound);
        if (!(error <= bound * (1 + 1e-12) + 2e-15 * c->levels))
            fail_msg("%s, %s state: error %.3g above its bound %.3g", c->name,
                     test_kind_name(kind), error, bound);
        if (bound > 1e-12) tightest = fmax(tightest, error / bound);
        smallest = fmin(smallest, bound);
        um_state_destroy(in);
    }
    print_message("%s: error/bound up to %.2g, smallest bound %.2g\n", c->name, tightest, smallest);
    if (!(tightest > 0.002)) fail_msg("%s: the bound says nothing (%g)", c->name, tightest);
    um_state_destroy(s.out);
    um_map_destroy(map);
    oracle_experiment_free(&s.experiment);
    oracle_battery_free(&battery);
    free(s.before);
    free(s.after);
    free(s.re);
}

static void bound_holds(void **unused)
{
    (void)unused;
    um_context *ctx;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    for (int i = 0; i < COLLISIONS; i++) compare(ctx, &collisions[i]);
    assert_int_equal(um_context_get_blocks(ctx), 0);
    um_context_destroy(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bound_holds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
