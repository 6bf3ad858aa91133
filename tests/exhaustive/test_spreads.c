/* Collisions whose interaction time and detuning scatter, up to six levels: the averaged map against the
 * oracle's collisions summed over many times and detunings. */
#include "context.h"
#include "exhaustive.h"

enum { LEVELS_MAX = 6, NODES_MAX = 6000 };

static const double energies[LEVELS_MAX] = {0.3, 1.1, 2.7, 2.9, 4.4, 5.25};
static const double lowering[LEVELS_MAX] = {0, 0.5, 1.7, -0.9, 1.2, 2.1};
static const double samples[] = {0.7, 1, 1.9};

typedef struct scene {
    um_battery_kind battery;
    int levels;
    double theta, tau, frequency, period;
    um_atoms atoms;
    um_imperfections scatter;
    double tolerance;
} scene;

typedef struct node {
    double factor, detuning, weight;
} node;

static double bell(double x) { return exp(-x * x / 2) / sqrt(2 * M_PI); }

/* Times by equal steps, wide enough and small enough for the angles below. */
static int list_times(const um_imperfections *scatter, node *nodes)
{
    double s = scatter->theta_spread, total = 0;
    int count = 0;
    switch (scatter->theta_law) {
    case UM_SPREAD_GAUSSIAN:
        if (s == 0) nodes[count++] = (node){1, 0, 1};
        for (double x = -8.6; s > 0 && x < 8.6; x += 0.6) nodes[count++] = (node){1 + s * x, 0, bell(x)};
        break;
    case UM_SPREAD_VELOCITY:
        for (double x = -8.6; x < 8.6; x += 0.2)
            if (1 + s * x > 0) nodes[count++] = (node){1 / (1 + s * x), 0, bell(x)};
        break;
    case UM_SPREAD_MAXWELL:
        for (double t = -4.5; t < 2; t += 2e-3) {
            double v = exp(t);
            nodes[count++] = (node){1 / v, 0, v * v * v * v * exp(-1.5 * v * v)};
        }
        break;
    case UM_SPREAD_SAMPLES:
        for (size_t i = 0; i < scatter->theta_samples_count; i++)
            nodes[count++] = (node){scatter->theta_samples[i], 0, 1};
        break;
    }
    for (int i = 0; i < count; i++) total += nodes[i].weight;
    for (int i = 0; i < count; i++) nodes[i].weight /= total;
    return count;
}

static int list_nodes(const um_imperfections *scatter, node *nodes)
{
    static node times[NODES_MAX];
    int count = list_times(scatter, times), all = 0;
    double sigma = scatter->detuning_spread, step = sigma > 0 ? 0.7 : 1;
    for (int i = 0; i < count; i++)
        for (double x = sigma > 0 ? -8.5 : 0; x <= (sigma > 0 ? 8.5 : 0); x += step) {
            double weight = sigma > 0 ? step * bell(x) : 1;
            assert_true(all < NODES_MAX);
            nodes[all++] = (node){times[i].factor, sigma * x, times[i].weight * weight};
        }
    return all;
}

static oracle_battery oracle_of(const scene *s)
{
    switch (s->battery) {
    case UM_BATTERY_CAVITY: return oracle_cavity(s->levels);
    case UM_BATTERY_LADDER: return oracle_ladder(s->levels);
    default: return oracle_custom(s->levels, energies, lowering);
    }
}

typedef struct crowd {
    int count;
    node nodes[NODES_MAX];
    oracle_experiment *of;
    oracle_battery battery;
} crowd;

static crowd *gather(const scene *s)
{
    crowd *c = calloc(1, sizeof *c);
    c->count = list_nodes(&s->scatter, c->nodes);
    c->of = calloc((size_t)c->count, sizeof *c->of);
    c->battery = oracle_of(s);
    oracle_atom atom = {s->atoms.q, s->atoms.c, s->atoms.phase};
    for (int i = 0; i < c->count; i++) {
        oracle_interaction interaction = {s->frequency, s->atoms.detuning + c->nodes[i].detuning,
                                          s->theta / s->tau, s->tau * c->nodes[i].factor, 0};
        c->of[i] = oracle_experiment_create(&c->battery, &interaction, &atom);
    }
    return c;
}

static void disperse(crowd *c)
{
    for (int i = 0; i < c->count; i++) oracle_experiment_free(&c->of[i]);
    oracle_battery_free(&c->battery);
    free(c->of);
    free(c);
}

/* The mean over all nodes, of the state and of the outcome; atoms priced without their scatter. */
static void collide(const scene *s, const crowd *c, const oracle_complex *before, double brought,
                    oracle_complex *after, oracle_outcome *mean)
{
    int size = s->levels * s->levels;
    oracle_complex *one = oracle_matrix(s->levels);
    memset(mean, 0, sizeof *mean);
    for (int i = 0; i < size; i++) after[i] = 0;
    for (int i = 0; i < c->count; i++) {
        oracle_outcome outcome;
        oracle_real w = c->nodes[i].weight, stray = c->nodes[i].detuning / s->frequency;
        oracle_experiment_collide(&c->of[i], 0, before, one, &outcome);
        oracle_gap(&c->battery, s->frequency, s->period - s->tau * c->nodes[i].factor, one);
        for (int j = 0; j < size; j++) after[j] += w * one[j];
        for (int j = 0; j < 4; j++) mean->atom[j] += w * outcome.atom[j];
        mean->coupling_start += w * outcome.coupling_start;
        mean->coupling_end += w * (outcome.coupling_end + stray * (creall(outcome.atom[3]) - brought));
    }
    free(one);
}

static um_map *make_map(const scene *s)
{
    um_spec spec;
    um_model *model;
    um_map *map;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.battery.kind = s->battery;
    spec.battery.frequency = s->frequency;
    if (s->battery != UM_BATTERY_CAVITY) spec.battery.levels = s->levels;
    if (s->battery == UM_BATTERY_CUSTOM) {
        spec.battery.energies = energies;
        spec.battery.lowering = lowering;
    }
    stage.collisions = 1;
    stage.atoms = s->atoms;
    stage.interaction.theta = s->theta;
    stage.interaction.tau = s->tau;
    stage.stream.period = s->period;
    stage.imperfections = s->scatter;
    spec.stages = &stage;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    CHECK_OK(ctx, um_map_create(ctx, model, 0, s->levels, &map));
    um_model_destroy(model);
    return map;
}

typedef struct matrices {
    double *re, *im;
    oracle_complex *before, *after;
    um_state *in, *out;
} matrices;

static void close_to(const scene *s, const char *what, double have, oracle_real want, int n, int m)
{
    if (!(fabsl(have - want) <= s->tolerance))
        fail_msg("%d levels (battery %d), theta %g, law %d spread %g, detuning %g spread %g, q %g c %g: %s of "
                 "|%d><%d| = %.17g, oracle %.17Lg", s->levels, s->battery, s->theta, s->scatter.theta_law,
                 s->scatter.theta_spread, s->atoms.detuning, s->scatter.detuning_spread, s->atoms.q,
                 s->atoms.c, what, n, m, have, want);
}

static void compare_unit(const scene *s, const crowd *c, um_map *map, matrices *b, int n, int m,
                         bool imaginary)
{
    int levels = s->levels, count = levels * levels;
    um_outcome have;
    oracle_outcome want;
    memset(b->re, 0, sizeof(double) * (size_t)count);
    memset(b->im, 0, sizeof(double) * (size_t)count);
    double *part = imaginary ? b->im : b->re, brought = n == m ? 1 - s->atoms.q : 0;
    part[n * levels + m] = 1;
    if (n != m) part[m * levels + n] = imaginary ? -1 : 1;
    for (int i = 0; i < count; i++) b->before[i] = b->re[i] + 1.0iL * b->im[i];
    CHECK_OK(ctx, um_state_set_matrix(b->in, levels, b->re, b->im));
    CHECK_OK(ctx, um_map_prepare(map, b->in));
    CHECK_OK(ctx, um_map_apply(map, b->in, b->out, &have));
    um_state_get_matrix(b->out, 0, levels, b->re, b->im);
    collide(s, c, b->before, brought, b->after, &want);
    for (int i = 0; i < count; i++) {
        close_to(s, "a real part of the image", b->re[i], creall(b->after[i]), n, m);
        close_to(s, "an imaginary part of the image", b->im[i], cimagl(b->after[i]), n, m);
    }
    close_to(s, "excited", have.excited, creall(want.atom[3]), n, m);
    close_to(s, "change", have.change, creall(want.atom[3]) - brought, n, m);
    close_to(s, "Re coherence", have.coherence_re, creall(want.atom[1]), n, m);
    close_to(s, "Im coherence", have.coherence_im, cimagl(want.atom[1]), n, m);
    close_to(s, "<V> at the start", have.coupling_start, want.coupling_start, n, m);
    close_to(s, "<V> at the end", have.coupling_end, want.coupling_end, n, m);
}

static void compare(const scene *s)
{
    size_t count = (size_t)(s->levels * s->levels);
    crowd *c = gather(s);
    um_map *map = make_map(s);
    matrices b = {.re = calloc(count, sizeof(double)), .im = calloc(count, sizeof(double))};
    b.before = oracle_matrix(s->levels);
    b.after = oracle_matrix(s->levels);
    CHECK_OK(ctx, um_state_create(ctx, s->levels, 2, 3, 0.3, &b.in));
    CHECK_OK(ctx, um_state_create(ctx, s->levels, 1, 0, 0, &b.out));
    for (int n = 0; n < s->levels; n++)
        for (int m = n; m < s->levels; m++) {
            compare_unit(s, c, map, &b, n, m, false);
            if (n != m) compare_unit(s, c, map, &b, n, m, true);
        }
    um_state_destroy(b.in);
    um_state_destroy(b.out);
    um_map_destroy(map);
    free(b.re);
    free(b.im);
    free(b.before);
    free(b.after);
    disperse(c);
}

/* Times, detunings, both; with coherent atoms of odd phases and without. */
static void over_atoms(scene s)
{
    const double detunings[] = {0, 0.6};
    for (int a = 2; a < 6; a++)
        for (int d = 0; d < 2; d++) {
            s.atoms = exhaustive_atoms[a];
            s.atoms.detuning = detunings[d];
            if (s.levels > 3 && a != 4) continue; /* the oracle takes long */
            compare(&s);
            s.scatter.detuning_spread = 0.3;
            if (a == 4 && s.levels < 4 && s.scatter.theta_law != UM_SPREAD_VELOCITY) compare(&s);
            s.scatter.detuning_spread = 0;
        }
}

static const double thetas[] = {0.4, 2.3};

static void over_batteries(um_imperfections scatter)
{
    for (int levels = 1; levels <= LEVELS_MAX; levels += levels < 3 ? 1 : 3)
        for (int t = 0; t < 2; t++) {
            scene s = {.battery = UM_BATTERY_CAVITY, .levels = levels, .theta = thetas[t], .tau = 0.9,
                       .frequency = 2, .period = 1.1, .scatter = scatter, .tolerance = 1e-13};
            over_atoms(s);
            if (levels != 3) continue;
            s.battery = UM_BATTERY_LADDER;
            over_atoms(s);
            s.battery = UM_BATTERY_CUSTOM;
            over_atoms(s);
        }
}

static void gaussian(void **unused)
{
    (void)unused;
    over_batteries((um_imperfections){.theta_spread = 0.08});
    over_batteries((um_imperfections){.theta_spread = 0});
}

static void velocity(void **unused)
{
    (void)unused;
    over_batteries((um_imperfections){.theta_law = UM_SPREAD_VELOCITY, .theta_spread = 0.06});
}

static void given_samples(void **unused)
{
    (void)unused;
    over_batteries((um_imperfections){
        .theta_law = UM_SPREAD_SAMPLES, .theta_samples = samples, .theta_samples_count = 3});
}

/* Atoms slower than a ninetieth of the most probable velocity are missing from the sum: 1.7e-8. */
static void maxwell(void **unused)
{
    (void)unused;
    for (int i = 0; i < 3; i++) {
        scene s = {.battery = i < 2 ? UM_BATTERY_CAVITY : UM_BATTERY_CUSTOM, .levels = 3, .theta = 0.5,
                   .tau = 0.9, .frequency = 2, .period = 1.1, .tolerance = 5e-8,
                   .scatter = {.theta_law = UM_SPREAD_MAXWELL}};
        s.atoms = exhaustive_atoms[4];
        s.atoms.detuning = i == 1 ? 0.4 : 0;
        compare(&s);
    }
}

/* A trap inside a larger space leaks as soon as times scatter, by as much as the sum says. */
static void leaking_trap(void **unused)
{
    (void)unused;
    for (int level = 0; level < 4; level++) {
        scene s = {.battery = UM_BATTERY_CAVITY, .levels = LEVELS_MAX, .theta = M_PI / sqrt(level + 1),
                   .tau = 1, .frequency = 1, .period = 1, .tolerance = 1e-13,
                   .scatter = {.theta_spread = 0.01}};
        s.atoms = exhaustive_atoms[2];
        compare(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaussian), cmocka_unit_test(velocity),     cmocka_unit_test(given_samples),
        cmocka_unit_test(maxwell),  cmocka_unit_test(leaking_trap),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
