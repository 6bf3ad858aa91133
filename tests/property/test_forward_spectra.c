/* Random maps with a known, nearly degenerate, non-normal spectrum, and stochastic matrices that
 * nearly fall apart: where fast-forward puts a vector against quad arithmetic.
 */
#define _GNU_SOURCE /* cosf128 */
#include <math.h>

#include "context.h"
#include "forward/distance.h"
#include "forward_dense.h"
#include "random_state.h"

enum { PAIRS = 45, SIZE = 2 * PAIRS, REFLECTORS = 4 };

/* G = S D S^-1, D of 2 x 2 blocks, S = Q diag(1 ... 1/condition) Q', Q and Q' of reflectors. */
typedef struct spectrum {
    _Float128 block[PAIRS][4];
    double reflector[2 * REFLECTORS][SIZE];
    double singular[SIZE];
} spectrum;

static void reflect(const double *u, _Float128 *x)
{
    _Float128 uu = 0, ux = 0;
    for (int i = 0; i < SIZE; i++) {
        uu += (_Float128)u[i] * u[i];
        ux += u[i] * x[i];
    }
    for (int i = 0; i < SIZE; i++) x[i] -= 2 * ux / uu * u[i];
}

/* x -> S x, or S^-1 x. */
static void transform(const spectrum *s, bool inverse, _Float128 *x)
{
    for (int r = 0; r < 2 * REFLECTORS; r++) {
        if (r == REFLECTORS)
            for (int i = 0; i < SIZE; i++)
                x[i] = inverse ? x[i] / s->singular[i] : x[i] * s->singular[i];
        reflect(s->reflector[inverse ? 2 * REFLECTORS - 1 - r : r], x);
    }
}

static void image(const _Float128 *block, const _Float128 *x, _Float128 *y)
{
    y[0] = block[0] * x[0] + block[1] * x[1];
    y[1] = block[2] * x[0] + block[3] * x[1];
}

static void square(_Float128 *p, _Float128 factor)
{
    _Float128 q[4] = {p[0] * p[0] + p[1] * p[2], p[0] * p[1] + p[1] * p[3],
                      p[2] * p[0] + p[3] * p[2], p[2] * p[1] + p[3] * p[3]};
    for (int i = 0; i < 4; i++) p[i] = factor * p[i] + q[i];
}

/* x -> M^count x */
static void evolve(const spectrum *s, int64_t count, _Float128 *x)
{
    transform(s, true, x);
    for (int b = 0; b < PAIRS; b++) {
        _Float128 p[4], y[2];
        memcpy(p, s->block[b], sizeof p);
        for (int64_t left = count; left; left >>= 1, square(p, 2)) {
            if (!(left & 1)) continue;
            image(p, x + 2 * b, y);
            x[2 * b] += y[0];
            x[2 * b + 1] += y[1];
        }
    }
    transform(s, false, x);
}

static void set_real(spectrum *s, int b, _Float128 first, _Float128 second, _Float128 coupling)
{
    _Float128 block[4] = {first, coupling, 0, second};
    memcpy(s->block[b], block, sizeof block);
}

/* Modulus 1 - loss. */
static void set_pair(spectrum *s, int b, _Float128 loss, double angle)
{
    _Float128 half = sinf128((_Float128)angle / 2), sine = (1 - loss) * sinf128(angle);
    _Float128 cosine = -2 * half * half - loss * cosf128(angle);
    _Float128 block[4] = {cosine, -sine, sine, cosine};
    memcpy(s->block[b], block, sizeof block);
}

static void make_spectrum(spectrum *s, test_random *random, double condition)
{
    set_real(s, 0, 0, -1e-26Q, 0);
    set_real(s, 1, -1e-20Q, -1e-14Q, 0);
    set_real(s, 2, -1e-6Q, -2, 0);
    set_real(s, 3, -2 + 1e-12Q, -3e-3Q, 0);
    set_real(s, 4, -1e-7Q, -1e-7Q, 1e-7Q); /* Jordan blocks */
    set_real(s, 5, -2 + 1e-5Q, -2 + 1e-5Q, 1e-5Q);
    set_pair(s, 6, 0, 0.7);
    set_pair(s, 7, 1e-9Q, 2 + test_random_uniform(random));
    set_pair(s, 8, 1e-4Q, 3 * test_random_uniform(random));
    set_real(s, 9, 0, 0, 0); /* one vector of these is enough */
    for (int b = 10; b < PAIRS; b++)
        if (b % 2)
            set_real(s, b, -0.1Q - 1.8Q * test_random_uniform(random),
                     -0.1Q - 1.8Q * test_random_uniform(random), 0.3Q);
        else
            set_pair(s, b, 0.1Q + 0.5Q * test_random_uniform(random),
                     3 * test_random_uniform(random));
    for (int r = 0; r < 2 * REFLECTORS; r++)
        for (int i = 0; i < SIZE; i++) s->reflector[r][i] = test_random_normal(random);
    for (int i = 0; i < SIZE; i++) s->singular[i] = pow(condition, -i / (SIZE - 1.0));
}

static void make_dense(const spectrum *s, forward_dense *dense)
{
    forward_dense_create(dense, SIZE, 0);
    for (int j = 0; j < SIZE; j++) {
        _Float128 x[SIZE] = {0}, y[SIZE];
        x[j] = 1;
        transform(s, true, x);
        for (int b = 0; b < PAIRS; b++) image(s->block[b], x + 2 * b, y + 2 * b);
        transform(s, false, y);
        for (int i = 0; i < SIZE; i++) dense->generator[i * SIZE + j] = y[i];
    }
}

static umi_wide_vector vector_of(const _Float128 *x, int size)
{
    umi_wide_vector v;
    CHECK_OK(ctx, umi_wide_vector_create(ctx, (size_t)size, &v));
    for (int i = 0; i < size; i++) {
        umi_wide element = umi_wide_from_quad(x[i]);
        v.hi[i] = element.hi;
        v.lo[i] = element.lo;
    }
    return v;
}

static double norm(const _Float128 *x, int size, int power)
{
    double sum = 0;
    for (int i = 0; i < size; i++) sum += pow(fabs((double)x[i]), power);
    return power == 2 ? sqrt(sum) : sum;
}

/* What a start becomes after the first collisions, of unit length. */
static void make_start(const spectrum *s, test_random *random, int64_t steps, _Float128 *x)
{
    for (int i = 0; i < SIZE; i++) x[i] = test_random_normal(random);
    transform(s, false, x);
    evolve(s, steps, x);
    double size = norm(x, SIZE, 2);
    for (int i = 0; i < SIZE; i++) x[i] /= size;
}

static void check_spectrum(uint64_t seed, double condition, int64_t steps, bool solver,
                           double reach)
{
    test_random random = {seed};
    spectrum s;
    forward_dense dense;
    _Float128 start[SIZE];
    make_spectrum(&s, &random, condition);
    make_dense(&s, &dense);
    make_start(&s, &random, steps, start);
    umi_forward_operator operator= forward_dense_operator(&dense, 1);
    if (!solver) operator.solve = NULL;
    umi_wide_vector v = vector_of(start, SIZE);
    umi_forward_options options = {.collisions = 1000000000000000, .tolerance = 1e-13};
    umi_forward *forward;
    CHECK_OK(ctx, umi_forward_create(ctx, &operator, v, &options, &forward));
    for (int64_t k = 1; k <= options.collisions; k *= 10) {
        _Float128 exact[SIZE];
        double x[SIZE];
        memcpy(exact, start, sizeof exact);
        evolve(&s, k, exact);
        umi_forward_state(forward, k, x);
        for (int i = 0; i < SIZE; i++) exact[i] -= x[i];
        double bound = umi_forward_bound(forward, k);
        /* powers of this map may be as large as the condition of its eigenvectors */
        CHECK_AT_MOST(norm(exact, SIZE, 2), 4 * condition * bound);
    }
    CHECK_AT_MOST(reach, (double)umi_forward_reach(forward));
    umi_forward_destroy(ctx, forward);
    umi_wide_vector_free(ctx, &v);
    forward_dense_free(&dense);
}

static void test_known_spectra(void **state)
{
    (void)state;
    for (int seed = 1; seed <= test_effort(); seed++) {
        check_spectrum((uint64_t)seed, 1, 1000, true, 1e15);
        check_spectrum((uint64_t)seed, 1e2, 1000, true, 1e14);
        check_spectrum((uint64_t)seed, 1e4, 300, true, 1e12);
        check_spectrum((uint64_t)seed, 1e7, 1000, true, 1e9);
        check_spectrum((uint64_t)seed, 1e2, 1000, false, 1e14);
    }
}

/* Groups of sites with rare transitions between them; within a group the sites are visited in
 * turns of `period`, so that eigenvalues of modulus nearly 1 stand at its roots of unity. */
enum { GROUPS = 3, SITES = 8, CHAIN = GROUPS * SITES };

static void make_chain(test_random *random, int period, const double *rates, forward_dense *dense)
{
    forward_dense_create(dense, CHAIN, 0);
    _Float128 *g = dense->generator;
    for (int j = 0; j < CHAIN; j++) {
        _Float128 weight[CHAIN] = {0}, sum = 0;
        int group = j / SITES, next = (j + 1) % period;
        for (int i = group * SITES; i < (group + 1) * SITES; i++)
            if (i % period == next) sum += weight[i] = 0.1 + test_random_uniform(random);
        for (int i = 0; i < CHAIN; i++) weight[i] /= sum;
        int other = test_random_integer(random, 0, CHAIN - 1);
        _Float128 rate = other / SITES == group ? 0 : rates[group] * test_random_uniform(random);
        for (int i = 0; i < CHAIN; i++) weight[i] *= 1 - rate;
        weight[other] += rate;
        weight[j] = 0; /* the rest, without a difference from 1 */
        for (int i = 0; i < CHAIN; i++) weight[j] -= i == j ? 0 : weight[i];
        for (int i = 0; i < CHAIN; i++) g[i * CHAIN + j] = weight[i];
    }
}

/* Against `exact` after k collisions: the state, two functionals, their sums. */
static void check_chain_at(umi_forward *forward, int64_t k, const _Float128 *exact,
                           const _Float128 *sums)
{
    _Float128 error[CHAIN];
    double x[CHAIN], bound = umi_forward_bound(forward, k);
    umi_wide value[2], sum[2];
    umi_forward_state(forward, k, x);
    umi_forward_functionals(forward, k, value, sum);
    for (int i = 0; i < CHAIN; i++) error[i] = exact[i] - x[i];
    CHECK_AT_MOST(norm(error, CHAIN, 1), bound);
    CHECK_AT_MOST(bound, 1e-11);
    for (int i = 0; i < 2; i++) { /* the functionals are the first elements */
        CHECK_AT_MOST(fabs((double)(umi_wide_to_quad(value[i]) - exact[i])), bound);
        CHECK_AT_MOST(fabs((double)(umi_wide_to_quad(sum[i]) - sums[i])), (double)k * bound);
    }
}

static void check_chain(uint64_t seed, int period, const double *rates, int64_t steps, bool solver)
{
    test_random random = {seed};
    forward_dense dense;
    make_chain(&random, period, rates, &dense);
    _Float128 start[CHAIN] = {1}, unit[2][CHAIN] = {{1}, {0, 1}};
    forward_dense_power(&dense, steps, start, NULL);
    umi_forward_operator operator= forward_dense_operator(&dense, sqrt(CHAIN));
    if (!solver) operator.solve = NULL;
    umi_wide_vector v = vector_of(start, CHAIN),
                    functionals[2] = {vector_of(unit[0], CHAIN), vector_of(unit[1], CHAIN)};
    umi_forward_options options = {.collisions = 1000000000000000,
                                   .tolerance = 1e-12,
                                   .functionals = 2,
                                   .functional = functionals};
    umi_forward *forward;
    CHECK_OK(ctx, umi_forward_create(ctx, &operator, v, &options, &forward));
    for (int64_t k = 1; k <= options.collisions; k *= 1000) {
        _Float128 exact[CHAIN], sums[CHAIN];
        memcpy(exact, start, sizeof exact);
        forward_dense_power(&dense, k, exact, sums);
        check_chain_at(forward, k, exact, sums);
    }
    umi_forward_destroy(ctx, forward);
    umi_wide_vector_free(ctx, &v);
    for (int i = 0; i < 2; i++) umi_wide_vector_free(ctx, &functionals[i]);
    forward_dense_free(&dense);
}

static void test_chains_that_nearly_fall_apart(void **state)
{
    (void)state;
    static const double rates[][GROUPS] = {
        {1e-6, 1e-14, 1e-26}, {1e-3, 1e-3, 0}, {1e-10, 1e-10, 1e-10}, {0, 0, 0}};
    for (int seed = 0; seed < 2 * test_effort(); seed++)
        for (int period = 1; period <= 4; period++) {
            check_chain((uint64_t)seed, period, rates[seed % 4], 200, true);
            check_chain((uint64_t)seed, period, rates[seed % 4], 10, period > 2);
        }
}

/* Sites inside and outside of the space, and rare transitions between the two. */
enum { INSIDE = 12, OUTSIDE = 6, ALL = INSIDE + OUTSIDE };

static void make_leak(test_random *random, double rate, forward_dense *all, forward_dense *window)
{
    forward_dense_create(all, ALL, 0);
    forward_dense_create(window, INSIDE, OUTSIDE);
    _Float128 *g = all->generator;
    for (int j = 0; j < ALL; j++) {
        bool inside = j < INSIDE;
        for (int i = inside ? 0 : INSIDE; i < (inside ? INSIDE : ALL); i++)
            if (i != j) g[i * ALL + j] = 0.05 * test_random_uniform(random);
        int other = inside ? test_random_integer(random, INSIDE, ALL - 1)
                           : test_random_integer(random, 0, INSIDE - 1);
        g[other * ALL + j] = rate;
        for (int i = 0; i < ALL; i++) g[j * ALL + j] -= i == j ? 0 : g[i * ALL + j];
    }
    for (int i = 0; i < ALL; i++)
        for (int j = 0; j < INSIDE; j++) window->generator[i * INSIDE + j] = g[i * ALL + j];
}

/* From coordinates alone, against the states themselves. */
static void check_distance(umi_forward *all, umi_forward *window, int64_t k)
{
    size_t place[INSIDE];
    double x[ALL], inside[ALL] = {0}, square = 0;
    umi_forward_pair *pair;
    for (size_t i = 0; i < INSIDE; i++) place[i] = i;
    CHECK_OK(ctx, umi_forward_pair_create(ctx, all, window, place, &pair));
    umi_forward_state(all, k, x);
    umi_forward_state(window, k, inside);
    for (int i = 0; i < ALL; i++) square += (x[i] - inside[i]) * (x[i] - inside[i]);
    CHECK_CLOSE(umi_forward_pair_distance(pair, k), sqrt(square), 1e-14);
    umi_forward_pair_destroy(pair);
}

/* What comes back from outside is in nobody's space: the bound must count it. */
static void check_leak(uint64_t seed, double rate, umi_forward_end end)
{
    test_random random = {seed};
    forward_dense all, window;
    make_leak(&random, rate, &all, &window);
    _Float128 start[ALL] = {1};
    umi_forward_operator operator= forward_dense_operator(&window, sqrt(ALL)),
                         whole = forward_dense_operator(&all, sqrt(ALL));
    umi_wide_vector v = vector_of(start, INSIDE), w = vector_of(start, ALL);
    umi_forward_options options = {.collisions = 1000000000000, .tolerance = 1e-9};
    umi_forward *forward, *full;
    CHECK_OK(ctx, umi_forward_create(ctx, &operator, v, &options, &forward));
    CHECK_OK(ctx, umi_forward_create(ctx, &whole, w, &options, &full));
    assert_int_equal(umi_forward_get_end(forward), end);
    double reach = (double)umi_forward_reach(forward);
    CHECK_AT_MOST(fmin(1e12, 1e-2 * options.tolerance / rate), reach);
    for (int64_t k = 1; k <= options.collisions; k *= 10) {
        _Float128 exact[ALL];
        double x[ALL] = {0}, bound = umi_forward_bound(forward, k);
        memcpy(exact, start, sizeof exact);
        forward_dense_power(&all, k, exact, NULL);
        umi_forward_state(forward, k, x);
        for (int i = 0; i < ALL; i++) exact[i] -= x[i];
        CHECK_AT_MOST(norm(exact, ALL, 1), bound);
        if ((double)k <= reach) CHECK_AT_MOST(bound, options.tolerance);
        check_distance(full, forward, k);
    }
    umi_forward_destroy(ctx, forward);
    umi_forward_destroy(ctx, full);
    umi_wide_vector_free(ctx, &v);
    umi_wide_vector_free(ctx, &w);
    forward_dense_free(&all);
    forward_dense_free(&window);
}

static void test_what_leaves_the_space(void **state)
{
    (void)state;
    for (int seed = 1; seed <= 4 * test_effort(); seed++) {
        check_leak((uint64_t)seed, 0, UMI_FORWARD_CERTAIN);
        check_leak((uint64_t)seed, 1e-24, UMI_FORWARD_CERTAIN);
        check_leak((uint64_t)seed, 1e-16, UMI_FORWARD_NARROW);
        check_leak((uint64_t)seed, 1e-12, UMI_FORWARD_NARROW);
    }
}

/* A random walk between walls has rates down to 1/n^2 and all between: 1 + eigenvalue m is
 * 1 - 4 p sin^2(pi m / 2n), with cos(pi m (i + 1/2) / n). */
enum { WALK = 200 };

static void walk_exactly(double p, int64_t k, _Float128 *x)
{
    const _Float128 pi = 3.14159265358979323846264338327950288Q;
    for (int i = 0; i < WALK; i++) x[i] = 1 / (_Float128)WALK; /* from the first site */
    for (int m = 1; m < WALK; m++) {
        _Float128 half = sinf128(pi * m / (2 * WALK)), loss = 4 * p * half * half;
        _Float128 factor = expf128(k * log1pf128(-loss));
        if (factor < 1e-30Q) break;
        for (int i = 0; i < WALK; i++)
            x[i] += 2 * factor / WALK * cosf128(pi * m / (2 * WALK)) *
                    cosf128(pi * m * (2 * i + 1) / (2 * WALK));
    }
}

static void make_walk(double p, forward_dense *dense)
{
    forward_dense_create(dense, WALK, 0);
    for (int i = 0; i + 1 < WALK; i++) {
        dense->generator[i * WALK + i] -= p;
        dense->generator[(i + 1) * WALK + i] += p;
        dense->generator[(i + 1) * WALK + i + 1] -= p;
        dense->generator[i * WALK + i + 1] += p;
    }
}

static umi_forward_end check_walk(int64_t steps, int rank_worth)
{
    double p = 0.2, x[WALK];
    forward_dense dense;
    _Float128 start[WALK], exact[WALK];
    make_walk(p, &dense);
    walk_exactly(p, steps, start);
    umi_forward_operator operator= forward_dense_operator(&dense, sqrt(WALK));
    umi_wide_vector v = vector_of(start, WALK);
    umi_forward_options options = {
        .collisions = 1000000000000, .tolerance = 1e-12, .rank_worth = rank_worth};
    umi_forward *forward;
    CHECK_OK(ctx, umi_forward_create(ctx, &operator, v, &options, &forward));
    umi_forward_end end = umi_forward_get_end(forward);
    for (int64_t k = 1; k <= options.collisions; k *= 10) {
        walk_exactly(p, steps + k, exact);
        umi_forward_state(forward, k, x);
        for (int i = 0; i < WALK; i++) exact[i] -= x[i];
        double bound = umi_forward_bound(forward, k);
        CHECK_AT_MOST(norm(exact, WALK, 1), bound);
        if (end == UMI_FORWARD_CERTAIN) CHECK_AT_MOST(bound, options.tolerance);
    }
    umi_forward_destroy(ctx, forward);
    umi_wide_vector_free(ctx, &v);
    forward_dense_free(&dense);
    return end;
}

static void test_random_walk(void **state)
{
    (void)state;
    assert_int_equal(check_walk(1000, 0), UMI_FORWARD_CERTAIN);
    assert_int_equal(check_walk(1000, 48), UMI_FORWARD_CERTAIN);
    assert_int_equal(check_walk(40, 48), UMI_FORWARD_SLOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_spectra),
        cmocka_unit_test(test_chains_that_nearly_fall_apart),
        cmocka_unit_test(test_what_leaves_the_space),
        cmocka_unit_test(test_random_walk),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
