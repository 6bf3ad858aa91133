/* Channels of the environment against the oracle, which takes Taylor steps with the master equation. */
#include "channel_cases.h"
#include "context.h"
#include "map/channel_parts.h"
#include "map/rows.h"
#include "oracle.h"
#include "random_state.h"

/* Of the largest element. */
#define ROUNDING 1e-14

/* Where the top is open, the oracle needs room above it. */
static int room_above(const channel_case *it)
{
    bool open = it->battery.kind == UM_BATTERY_CAVITY && it->battery.levels != it->levels;
    return open && it->environment.n_th > 0 ? 12 : 0;
}

static oracle_battery oracle_of(const channel_case *it)
{
    int levels = it->levels + room_above(it);
    if (it->battery.kind == UM_BATTERY_CAVITY) return oracle_cavity(levels);
    if (it->battery.kind == UM_BATTERY_LADDER) return oracle_ladder(levels);
    return oracle_custom(levels, it->battery.energies, it->battery.lowering);
}

static oracle_environment environment_of(const um_environment *it)
{
    return (oracle_environment){.kappa = it->kappa, .n_th = it->n_th, .dephasing = it->dephasing};
}

static oracle_complex *dense(const um_state *state, int levels)
{
    size_t size = (size_t)levels * (size_t)levels;
    double *re = malloc(2 * size * sizeof *re);
    um_state_get_matrix(state, 0, levels, re, re + size); /* zero beyond its own levels */
    oracle_complex *rho = oracle_matrix(levels);
    for (size_t i = 0; i < size; i++) rho[i] = re[i] + 1.0iL * re[size + i];
    free(re);
    return rho;
}

/* What is inside the space is right, by time: nothing that was cut off comes back. Averaged over times,
 * something may be missing, as much as the bound says. What is outside, too, is in the bound. */
static void compare(const channel_case *it, const um_state *state, const oracle_complex *want, int room,
                    double missing, double bound)
{
    int levels = it->levels, all = levels + room;
    double outside = 0;
    oracle_complex *have = dense(state, levels);
    for (int n = 0; n < all; n++)
        for (int m = 0; m < all; m++) {
            oracle_complex element = want[n * all + m];
            if (n >= levels || m >= levels) {
                outside += (double)cabsl(element);
                continue;
            }
            double difference = (double)cabsl(have[n * levels + m] - element);
            if (!(difference <= ROUNDING + missing))
                fail_msg("%s, %d levels: element (%d, %d) differs by %g, bound %g", it->name, levels, n, m,
                         difference, bound);
        }
    if (!(outside <= bound * (1 + 1e-9) + 1e-16))
        fail_msg("%s, %d levels: %g are outside, bound %g", it->name, levels, outside, bound);
    free(have);
}

typedef enum way { BY_TIME, BY_WAITING } way;

static void check_state(um_map *map, const channel_case *it, way how, const um_state *in, um_state *out,
                        oracle_real time)
{
    um_outcome outcome;
    int room = room_above(it);
    oracle_battery battery = oracle_of(it);
    oracle_environment environment = environment_of(&it->environment);
    oracle_complex *rho = dense(in, it->levels + room);
    CHECK_OK(ctx, um_map_apply(map, in, out, &outcome));
    oracle_real omega = it->battery.frequency;
    oracle_real heat = how == BY_TIME ? oracle_relax(&battery, omega, &environment, time, rho)
                                      : oracle_wait(&battery, omega, &environment, 1 / time, rho);
    double missing = how == BY_TIME ? 0 : outcome.error_bound;
    compare(it, out, rho, room, missing, outcome.error_bound);
    double scale = 1 + fabs((double)heat) + (double)battery.energies[it->levels - 1];
    CHECK_CLOSE(outcome.heat, (double)heat, 1e-14 * scale);
    free(rho);
    oracle_battery_free(&battery);
}

static void run_kinds(const channel_case *it, way how, double time, unsigned kinds)
{
    test_random random = {(uint64_t)it->levels + 77};
    um_map *map = how == BY_TIME ? channel_case_environment(ctx, it, time)
                                 : channel_case_waiting(ctx, it, time);
    um_state *out;
    CHECK_OK(ctx, um_state_create(ctx, it->levels, 1, 0, 0, &out));
    for (int kind = 0; kind < TEST_KINDS; kind++) {
        if (!(kinds >> kind & 1)) continue;
        um_state *in = test_random_state(ctx, &random, (test_kind)kind, it->levels);
        CHECK_OK(ctx, um_map_prepare(map, in));
        check_state(map, it, how, in, out, time);
        um_state_destroy(in);
    }
    um_state_destroy(out);
    um_map_destroy(map);
}

static void run_case(const channel_case *it, way how, double time) { run_kinds(it, how, time, ~0u); }

static void channels_solve_the_master_equation(void **unused)
{
    (void)unused;
    const double times[] = {0, 1e-9, 1e-3, 0.3, 3};
    const int sizes[] = {1, 2, 3, 9};
    for (int c = 0; c < CHANNEL_CASES; c++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            channel_case it = channel_case_make(c, sizes[s]);
            if (it.battery.levels > it.levels) continue; /* a wall of two levels at least */
            for (size_t t = 0; t < sizeof times / sizeof *times; t++)
                run_case(&it, BY_TIME, times[t]);
        }
}

/* Spaces of several blocks of levels, as many terms as there may be. */
static void short_times_too(void **unused)
{
    (void)unused;
    const double moved[] = {1e-3, 0.3, 0.9};
    const unsigned kinds = 1u << TEST_MIXED | 1u << TEST_INNER | 1u << TEST_FOCK;
    for (int c = 0; c < 3; c += 2) {
        channel_case it = channel_case_make(c, 26);
        for (size_t t = 0; t < sizeof moved / sizeof *moved; t++)
            run_kinds(&it, BY_TIME, moved[t] / (it.environment.kappa * it.levels), kinds);
    }
}

static void waiting_solves_the_resolvent(void **unused)
{
    (void)unused;
    const double means[] = {1e-6, 0.02, 1, 300};
    const int sizes[] = {1, 2, 3, 9};
    for (int c = 0; c < CHANNEL_CASES; c++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            channel_case it = channel_case_make(c, sizes[s]);
            if (it.battery.levels > it.levels) continue; /* a wall of two levels at least */
            for (size_t t = 0; t < sizeof means / sizeof *means; t++)
                run_case(&it, BY_WAITING, means[t]);
        }
}

/* Steps of the series that no integer counts; a cavity has none, and forgets. */
static void long_times_are_refused_or_exact(void **unused)
{
    (void)unused;
    um_battery battery = {.kind = UM_BATTERY_LADDER, .levels = 10, .frequency = 1};
    umi_collision it = {.battery = &battery, .environment = {.kappa = 1, .n_th = 0.5}, .even = true,
                        .finite = true, .levels = 10};
    umi_channel *channel;
    CHECK_OK(ctx, umi_channel_create(ctx, &it, &channel));
    CHECK_OK(ctx, umi_channel_set_time(channel, 1e3));
    CHECK_STATUS(ctx, umi_channel_set_time(channel, 1e13), UM_ERROR_UNSUPPORTED);
    umi_channel_destroy(channel);
    battery.kind = UM_BATTERY_CAVITY;
    it.finite = false;
    it.environment.n_th = 0;
    CHECK_OK(ctx, umi_channel_create(ctx, &it, &channel));
    CHECK_OK(ctx, umi_channel_set_time(channel, 1e13));
    test_random random = {1};
    um_state *in = test_random_state(ctx, &random, TEST_MIXED, 10), *out;
    CHECK_OK(ctx, um_state_create(ctx, 10, 1, 0, 0, &out));
    CHECK_OK(ctx, umi_channel_apply(channel, in, out, NULL));
    CHECK_CLOSE(umi_state_row(out, 0, 0)[0], 1, 1e-14);
    um_state_destroy(in);
    um_state_destroy(out);
    umi_channel_destroy(channel);
}

static void put_beside(um_state *state, double value)
{
    for (int k = 0; k < state->orders; k++) {
        double *row = umi_state_row(state, 0, k);
        int end = state->last - k;
        for (int n = -UMI_STATE_PAD; n < state->first - 2; n++) row[n] = value;
        for (int n = end + 2; n < umi_min(end + UMI_STATE_PAD, state->stride - UMI_STATE_PAD); n++) row[n] = value;
    }
}

/* Anything finite may stand two levels and more beside a row. */
static void nothing_beside_the_window_counts(void **unused)
{
    (void)unused;
    enum { LEVELS = 27 };
    um_battery battery = {.kind = UM_BATTERY_CAVITY, .frequency = 1};
    const um_environment environments[] = {{.kappa = 1}, {.kappa = 1, .n_th = 0.5}, {.kappa = 1, .dephasing = 2},
                                           {.dephasing = 2}};
    const double times[] = {1e-3, 3e-2, 1};
    for (size_t e = 0; e < sizeof environments / sizeof *environments; e++)
        for (int i = 0; i < 9; i++) {
            umi_collision it = {.battery = &battery, .environment = environments[e], .even = true, .levels = LEVELS};
            umi_channel *channel;
            CHECK_OK(ctx, umi_channel_create(ctx, &it, &channel));
            CHECK_OK(ctx, umi_channel_set_time(channel, times[i / 3]));
            test_random random = {3};
            um_state *in[2], *out[2];
            for (int j = 0; j < 2; j++) {
                test_random same = random;
                in[j] = test_random_state(ctx, &same, i % 3 == 1 ? TEST_INNER : TEST_MIXED, LEVELS);
                if (i % 3 == 2) in[j]->last = in[j]->orders = LEVELS - 5;
                umi_state_seal(in[j]);
                CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &out[j]));
                put_beside(in[j], j ? -1e3 : 0);
                CHECK_OK(ctx, umi_channel_apply(channel, in[j], out[j], NULL));
            }
            for (int k = 0; k < out[0]->orders; k++)
                assert_memory_equal(umi_state_row(out[0], 0, k) + out[0]->first - 2,
                                    umi_state_row(out[1], 0, k) + out[1]->first - 2,
                                    sizeof(double) * (size_t)(umi_state_row_length(out[0], k) + 4));
            for (int j = 0; j < 2; j++) {
                um_state_destroy(in[j]);
                um_state_destroy(out[j]);
            }
            umi_channel_destroy(channel);
        }
}

/* Terms that count in one order alone, next to it not: of two orders walked through together, each has its own. */
static void orders_do_not_know_of_each_other(void **unused)
{
    (void)unused;
    enum { LEVELS = 45 };
    um_battery battery = {.kind = UM_BATTERY_CAVITY, .frequency = 1};
    umi_collision it = {.battery = &battery, .environment = {.kappa = 1, .n_th = 0.5}, .even = true, .levels = LEVELS};
    umi_channel *channel;
    CHECK_OK(ctx, umi_channel_create(ctx, &it, &channel));
    CHECK_OK(ctx, umi_channel_set_time(channel, 3e-3));
    assert_true(channel->factors.is_short);
    um_state *in, *together, *alone;
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &in));
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &together));
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &alone));
    const umi_channel_short *sums[] = {&channel->factors.short_loss, &channel->factors.short_gain};
    for (int i = 0; i < 2; i++) {
        um_state *all[] = {in, together, alone};
        for (int j = 0; j < 3; j++) CHECK_OK(ctx, umi_state_resize(all[j], LEVELS, 0, LEVELS, LEVELS, 1));
        /* One level is all there is: what comes last from the farthest is seen. */
        for (int k = 0; k < LEVELS; k++) {
            memset(umi_state_row(in, 0, k) - UMI_STATE_PAD, 0, (size_t)in->stride * sizeof(double));
            umi_state_row(in, 0, k)[i ? 0 : LEVELS - 1 - k] = 1;
        }
        const umi_rows from = umi_rows_of(in, 0);
        umi_rows to = umi_rows_of(together, 0);
        channel->factors.shift(&sums[i]->sum, NULL, &from, &to);
        to = umi_rows_of(alone, 0);
        for (to.from = 0; to.from < LEVELS; to.from++) {
            to.orders = to.from + 1;
            channel->factors.shift(&sums[i]->sum, NULL, &from, &to);
        }
        assert_true(sums[i]->terms[0] > sums[i]->terms[LEVELS - 1]);
        for (int k = 0; k < LEVELS; k++)
            assert_memory_equal(umi_state_row(together, 0, k), umi_state_row(alone, 0, k),
                                (size_t)(LEVELS - k) * sizeof(double));
    }
    um_state_destroy(in);
    um_state_destroy(together);
    um_state_destroy(alone);
    umi_channel_destroy(channel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(channels_solve_the_master_equation),
                                       cmocka_unit_test(short_times_too),
                                       cmocka_unit_test(waiting_solves_the_resolvent),
                                       cmocka_unit_test(nothing_beside_the_window_counts),
                                       cmocka_unit_test(orders_do_not_know_of_each_other),
                                       cmocka_unit_test(long_times_are_refused_or_exact)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
