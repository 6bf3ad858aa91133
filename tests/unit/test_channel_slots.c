/* Collisions in their slots, put together from parts that have tests of their own: Rabi collisions with a lossy
 * gap and missing atoms, interaction times that scatter and leave gaps of different length. */
#include "context.h"
#include "oracle.h"
#include "random_state.h"

enum { LEVELS = 16, ROOM = 40, SIZE = ROOM * ROOM };

typedef struct setting {
    um_spec spec;
    um_stage stage;
} setting;

static void begin(setting *it)
{
    um_spec_init(&it->spec);
    it->stage = it->spec.stages[0];
    it->spec.stages = &it->stage;
    it->stage.collisions = 1;
    it->stage.atoms = (um_atoms){.q = 0.3, .c = 0.8};
}

/* The image of `in` at ROOM levels. */
static um_state *apply(setting *it, const um_state *in, um_outcome *outcome)
{
    um_model *model;
    um_map *map;
    um_state *copy, *out;
    it->spec.stages = &it->stage;
    CHECK_OK(ctx, um_model_create(ctx, &it->spec, &model));
    CHECK_OK(ctx, um_map_create(ctx, model, 0, ROOM, &map));
    um_model_destroy(model);
    CHECK_OK(ctx, um_state_create(ctx, ROOM, 1, 0, 0, &copy));
    CHECK_OK(ctx, um_state_create(ctx, ROOM, 1, 0, 0, &out));
    CHECK_OK(ctx, um_state_copy(copy, in));
    CHECK_OK(ctx, um_map_prepare(map, copy));
    CHECK_OK(ctx, um_map_apply(map, copy, out, outcome));
    um_map_destroy(map);
    um_state_destroy(copy);
    return out;
}

static um_state *start(uint64_t seed)
{
    test_random random = {seed};
    um_state *state = test_random_state(ctx, &random, TEST_MIXED, LEVELS);
    CHECK_OK(ctx, um_state_set_levels(state, ROOM));
    return state;
}

static void add(double weight, const um_state *state, double *sum)
{
    static double part[2 * SIZE];
    um_state_get_matrix(state, 0, ROOM, part, part + SIZE);
    for (int i = 0; i < 2 * SIZE; i++) sum[i] += weight * part[i];
}

static double largest_difference(const double *a, const double *b)
{
    double largest = 0;
    for (int i = 0; i < SIZE; i++) largest = fmax(largest, hypot(a[i] - b[i], a[SIZE + i] - b[SIZE + i]));
    return largest;
}

static void relax(const um_environment *environment, double time, double *rho)
{
    oracle_battery battery = oracle_cavity(ROOM);
    oracle_environment same = {.kappa = environment->kappa, .n_th = environment->n_th,
                               .dephasing = environment->dephasing};
    static oracle_complex dense[SIZE];
    for (int i = 0; i < SIZE; i++) dense[i] = rho[i] + 1.0iL * rho[SIZE + i];
    oracle_relax(&battery, 1, &same, time, dense);
    for (int i = 0; i < SIZE; i++) {
        rho[i] = (double)creall(dense[i]);
        rho[SIZE + i] = (double)cimagl(dense[i]);
    }
    oracle_battery_free(&battery);
}

/* M = E_gap (p C + (1-p)) with counter-rotating terms. */
static void rabi_with_losses_and_missing_atoms(void **unused)
{
    (void)unused;
    const double present[] = {1, 0.6, 0};
    for (int i = 0; i < 3; i++) {
        static double want[2 * SIZE], have[2 * SIZE];
        setting it;
        um_outcome outcome;
        um_state *in = start(31 + (uint64_t)i), *out;
        begin(&it);
        it.stage.interaction.theta = 0.5;
        it.stage.interaction.tau = 1.3;
        it.stage.interaction.counter_rotating = 1;
        it.stage.stream.period = 2 * M_PI;
        memset(want, 0, sizeof want);
        memset(have, 0, sizeof have);
        out = apply(&it, in, NULL);
        add(present[i], out, want);
        add(1 - present[i], in, want);
        um_state_destroy(out);
        it.stage.environment = (um_environment){.kappa = 0.02, .dephasing = 0.01};
        it.stage.stream.atom_probability = present[i];
        relax(&it.stage.environment, 2 * M_PI - 1.3, want);
        out = apply(&it, in, &outcome);
        add(1, out, have);
        CHECK_AT_MOST(largest_difference(have, want), 1e-13);
        CHECK_CLOSE(outcome.present, present[i], 0);
        um_state_destroy(out);
        um_state_destroy(in);
    }
}

/* Each interaction time with what it leaves of the period. */
static void gaps_scatter_with_interactions(void **unused)
{
    (void)unused;
    static const double samples[] = {0.7, 1.05, 1.25};
    static double want[2 * SIZE], have[2 * SIZE];
    um_state *in = start(7), *out;
    um_outcome outcome, one;
    double heat = 0;
    setting it;
    begin(&it);
    it.stage.stream.period = 3;
    it.stage.environment = (um_environment){.kappa = 0.05, .dephasing = 0.03};
    for (int i = 0; i < 3; i++) {
        it.stage.interaction.theta = 0.8 * samples[i];
        it.stage.interaction.tau = 2 * samples[i];
        out = apply(&it, in, &one);
        add(1.0 / 3, out, want);
        heat += one.heat / 3;
        um_state_destroy(out);
    }
    it.stage.interaction.theta = 0.8;
    it.stage.interaction.tau = 2;
    it.stage.imperfections.theta_law = UM_SPREAD_SAMPLES;
    it.stage.imperfections.theta_samples = samples;
    it.stage.imperfections.theta_samples_count = 3;
    out = apply(&it, in, &outcome);
    add(1, out, have);
    CHECK_AT_MOST(largest_difference(have, want), 1e-13);
    CHECK_CLOSE(outcome.heat, heat, 1e-13);
    um_state_destroy(out);
    um_state_destroy(in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rabi_with_losses_and_missing_atoms),
                                       cmocka_unit_test(gaps_scatter_with_interactions)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
