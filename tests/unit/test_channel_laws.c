/* What the environment's channels have to obey, whatever way they are computed. */
#include "channel_cases.h"
#include "context.h"
#include "random_state.h"
#include "state/state.h"

enum { LEVELS = 40, ELEMENTS = LEVELS * LEVELS };

static um_state *empty_state(int levels)
{
    um_state *state;
    CHECK_OK(ctx, um_state_create(ctx, levels, 1, 0, 0, &state));
    return state;
}

static double distance(const um_state *a, const um_state *b)
{
    static double x[2][ELEMENTS], y[2][ELEMENTS];
    double largest = 0;
    um_state_get_matrix(a, 0, LEVELS, x[0], x[1]);
    um_state_get_matrix(b, 0, LEVELS, y[0], y[1]);
    for (int i = 0; i < ELEMENTS; i++)
        largest = fmax(largest, hypot(x[0][i] - y[0][i], x[1][i] - y[1][i]));
    return largest;
}

/* A state in the lower levels of a space: what climbs does not reach the top. */
static um_state *low_state(uint64_t seed, test_kind kind, int levels)
{
    test_random random = {seed};
    um_state *small = test_random_state(ctx, &random, kind, levels);
    CHECK_OK(ctx, um_state_set_levels(small, LEVELS));
    return small;
}

/* E_s E_t = E_(s+t). */
static void channels_compose(void **unused)
{
    (void)unused;
    const double times[][2] = {{0.2, 0.3}, {1e-3, 1.5}, {0, 0.4}};
    for (int c = 0; c < CHANNEL_CASES; c++) {
        channel_case it = channel_case_make(c, LEVELS);
        for (int t = 0; t < 3; t++) {
            um_map *first = channel_case_environment(ctx, &it, times[t][0]);
            um_map *second = channel_case_environment(ctx, &it, times[t][1]);
            um_map *both = channel_case_environment(ctx, &it, times[t][0] + times[t][1]);
            um_state *in = low_state(5 + (uint64_t)c, TEST_MIXED, 12), *half = empty_state(LEVELS);
            um_state *end = empty_state(LEVELS), *want = empty_state(LEVELS);
            CHECK_OK(ctx, um_map_prepare(both, in));
            CHECK_OK(ctx, um_map_apply(first, in, half, NULL));
            CHECK_OK(ctx, um_map_apply(second, half, end, NULL));
            CHECK_OK(ctx, um_map_apply(both, in, want, NULL));
            CHECK_AT_MOST(distance(end, want), 1e-14);
            um_map_destroy(first);
            um_map_destroy(second);
            um_map_destroy(both);
            um_state_destroy(in);
            um_state_destroy(half);
            um_state_destroy(end);
            um_state_destroy(want);
        }
    }
}

static um_state *thermal_state(double ratio, int levels)
{
    static double rho[ELEMENTS];
    memset(rho, 0, sizeof rho);
    double p = 1, sum = 0;
    for (int n = 0; n < levels; n++, p *= ratio) sum += p;
    p = 1;
    for (int n = 0; n < levels; n++, p *= ratio) rho[n * (levels + 1)] = p / sum;
    um_state *state = empty_state(levels);
    CHECK_OK(ctx, um_state_set_matrix(state, levels, rho, NULL));
    return state;
}

/* p_n ~ (n_th/(1+n_th))^n stays, by time and by waiting, and takes up no heat. */
static void thermal_equilibrium_stays(void **unused)
{
    (void)unused;
    for (int c = 0; c < CHANNEL_CASES; c++) {
        channel_case it = channel_case_make(c, LEVELS);
        double n_th = it.environment.n_th;
        if (n_th == 0) continue;
        for (int waits = 0; waits < 2; waits++) {
            um_map *map = waits ? channel_case_waiting(ctx, &it, 2) : channel_case_environment(ctx, &it, 2);
            um_state *in = thermal_state(n_th / (1 + n_th), LEVELS), *out = empty_state(LEVELS);
            um_outcome outcome;
            CHECK_OK(ctx, um_map_prepare(map, in));
            CHECK_OK(ctx, um_map_apply(map, in, out, &outcome));
            CHECK_AT_MOST(distance(in, out), 1e-15);
            CHECK_CLOSE(outcome.heat, 0, 1e-15);
            um_map_destroy(map);
            um_state_destroy(in);
            um_state_destroy(out);
        }
    }
}

static double transfer(um_map *map, int from, int to)
{
    static double rho[ELEMENTS];
    memset(rho, 0, sizeof rho);
    rho[from * (LEVELS + 1)] = 1;
    um_state *in = empty_state(LEVELS), *out = empty_state(LEVELS);
    CHECK_OK(ctx, um_state_set_matrix(in, LEVELS, rho, NULL));
    CHECK_OK(ctx, um_map_prepare(map, in));
    CHECK_OK(ctx, um_map_apply(map, in, out, NULL));
    um_state_get_matrix(out, 0, LEVELS, rho, NULL);
    um_state_destroy(in);
    um_state_destroy(out);
    return rho[to * (LEVELS + 1)];
}

/* P(m -> n) r^m = P(n -> m) r^n, r = n_th/(1+n_th): to relative accuracy, for nothing cancels. */
static void balance_is_detailed(void **unused)
{
    (void)unused;
    for (int c = 0; c < CHANNEL_CASES; c++) {
        channel_case it = channel_case_make(c, LEVELS);
        double ratio = it.environment.n_th / (1 + it.environment.n_th);
        if (ratio == 0) continue;
        for (int waits = 0; waits < 2; waits++) {
            um_map *map = waits ? channel_case_waiting(ctx, &it, 0.7) : channel_case_environment(ctx, &it, 0.7);
            for (int n = 0; n < 6; n++)
                for (int m = n + 1; m < 9; m++) {
                    double down = transfer(map, m, n) * pow(ratio, m - n), up = transfer(map, n, m);
                    CHECK_CLOSE(up, down, 1e-12 * down + 1e-19);
                }
            um_map_destroy(map);
        }
    }
}

/* From one quantum, loss before gain: populations in closed form. Gain before loss would give others. */
static void loss_comes_before_gain(void **unused)
{
    (void)unused;
    channel_case it = channel_case_make(2, LEVELS);
    const double time = 1.3, n_th = it.environment.n_th;
    double lost = -expm1(-it.environment.kappa * time), growth = 1 + n_th * lost;
    double kept = (1 - lost) / growth, ratio = (growth - 1) / growth;
    um_map *map = channel_case_environment(ctx, &it, time);
    double power = 1;
    for (int n = 0; n < 8; n++, power *= ratio) {
        double from_vacuum = power / growth;
        double from_one = n ? n * power / ratio / (growth * growth) : 0;
        CHECK_CLOSE(transfer(map, 1, n), (1 - kept) * from_vacuum + kept * from_one, 1e-15);
        CHECK_CLOSE(transfer(map, 0, n), from_vacuum, 1e-15);
    }
    um_map_destroy(map);
}

/* With incoherent atoms that come at random, the state just before a collision obeys
 * p_n/p_(n-1) = [n_th kappa n + R (1-q) sin^2(theta sqrt n)]/[(n_th+1) kappa n + R q sin^2(theta sqrt n)]
 * (FJM86); just after it is its image. Slowly stepped: few photons. */
static void the_maser_has_its_photon_statistics(void **unused)
{
    (void)unused;
    const double q = 0.3, theta = 0.9, kappa = 1, n_th = 0.1, rate = 4;
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.collisions = 1;
    stage.atoms.q = q;
    stage.interaction.theta = theta;
    stage.interaction.tau = 0;
    stage.stream.arrivals = UM_ARRIVALS_POISSON;
    stage.stream.period = 1 / rate;
    stage.environment = (um_environment){.kappa = kappa, .n_th = n_th};
    spec.stages = &stage;
    um_model *model;
    um_map *map;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    CHECK_OK(ctx, um_map_create(ctx, model, 0, LEVELS, &map));
    um_state *state[2] = {thermal_state(0.1, LEVELS), empty_state(LEVELS)};
    CHECK_OK(ctx, um_map_prepare(map, state[0]));
    for (int k = 0; k < 600; k++) CHECK_OK(ctx, um_map_apply(map, state[k % 2], state[(k + 1) % 2], NULL));
    double p[LEVELS] = {1}, sum = 1;
    for (int n = 1; n < LEVELS; n++) {
        double flips = rate * pow(sin(theta * sqrt(n)), 2);
        p[n] = p[n - 1] * (n_th * kappa * n + (1 - q) * flips) / ((n_th + 1) * kappa * n + q * flips);
        sum += p[n];
    }
    double trace = um_state_get_trace(state[0]);
    for (int n = 0; n < LEVELS; n++) {
        double element[1];
        um_state_get_matrix(state[0], n, 1, element, NULL);
        CHECK_CLOSE(element[0] / trace, p[n] / sum, 1e-12);
    }
    um_state_destroy(state[0]);
    um_state_destroy(state[1]);
    um_map_destroy(map);
    um_model_destroy(model);
}

/* 1e-14 however much slower or faster atoms come than the battery relaxes: the trace is kept. */
static void waiting_is_stable(void **unused)
{
    (void)unused;
    const double means[] = {1e-12, 1e-6, 1, 1e6, 1e12};
    for (int c = 4; c < CHANNEL_CASES; c++)
        for (int t = 0; t < 5; t++) {
            channel_case it = channel_case_make(c, LEVELS);
            um_map *map = channel_case_waiting(ctx, &it, means[t]);
            um_state *in = low_state(3, TEST_PURE, LEVELS), *out = empty_state(LEVELS);
            CHECK_OK(ctx, um_map_prepare(map, in));
            CHECK_OK(ctx, um_map_apply(map, in, out, NULL));
            CHECK_CLOSE(um_state_get_trace(out), um_state_get_trace(in), 1e-14);
            um_map_destroy(map);
            um_state_destroy(in);
            um_state_destroy(out);
        }
}

static um_state *warm_state(int levels)
{
    double *rho = calloc((size_t)levels * (size_t)levels, sizeof *rho), sum = 0;
    assert_non_null(rho);
    for (int n = 0; n < levels; n++) sum += exp(-0.02 * n);
    for (int n = 0; n < levels; n++) rho[n * (levels + 1)] = exp(-0.02 * n) / sum;
    um_state *state = empty_state(levels);
    CHECK_OK(ctx, um_state_set_matrix(state, levels, rho, NULL));
    free(rho);
    return state;
}

/* Far up, too, where a channel takes thousands of terms: nothing can leave these batteries. */
static void populations_are_kept(void **unused)
{
    (void)unused;
    enum { HIGH = CHANNEL_LEVELS_MAX, TIMES = 40 };
    const double times[] = {1e-3, 0.5, 10};
    for (int c = 4; c < 9; c++)
        for (int t = 0; t < 3; t++) {
            channel_case it = channel_case_make(c, HIGH);
            um_map *map = channel_case_environment(ctx, &it, times[t]);
            um_state *state[2] = {warm_state(HIGH), empty_state(HIGH)};
            CHECK_OK(ctx, um_map_prepare(map, state[0]));
            double trace = um_state_get_trace(state[0]);
            for (int i = 0; i < TIMES; i++) CHECK_OK(ctx, um_map_apply(map, state[i % 2], state[(i + 1) % 2], NULL));
            CHECK_AT_MOST(fabs(um_state_get_trace(state[0]) - trace), 1e-16 * TIMES);
            for (int i = 0; i < 2; i++) um_state_destroy(state[i]);
            um_map_destroy(map);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_compose),          cmocka_unit_test(thermal_equilibrium_stays),
        cmocka_unit_test(balance_is_detailed),       cmocka_unit_test(loss_comes_before_gain),
        cmocka_unit_test(the_maser_has_its_photon_statistics), cmocka_unit_test(waiting_is_stable),
        cmocka_unit_test(populations_are_kept),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
