/* Collisions of up to six levels while the environment acts: every matrix unit against the master
 * equation of the joint system. */
#include "context.h"
#include "exhaustive.h"
#include "map/joint.h"

enum { LEVELS_MAX = 6 };

static const double energies[LEVELS_MAX] = {0.3, 1.1, 2.7, 2.9, 4.4, 5.25};
static const double lowering[LEVELS_MAX] = {0, 0.5, 1.7, -0.9, 1.2, 2.1};
static const double ladder_like[LEVELS_MAX] = {0, 1, 2, 3, 4, 5};

typedef struct experiment {
    char label[256];
    um_spec spec;
    um_stage stage;
    int levels, oracle_levels;
    double tolerance;
    um_map *map;
    oracle_battery battery;
    oracle_complex atom[4];
    /* one comparison */
    double *re, *im;
    oracle_complex *before, *after;
    um_state *in, *out;
} experiment;

static oracle_battery oracle_of(const um_battery *battery, int levels)
{
    switch (battery->kind) {
    case UM_BATTERY_CAVITY: return oracle_cavity(levels);
    case UM_BATTERY_LADDER: return oracle_ladder(levels);
    default: return oracle_custom(levels, battery->energies, battery->lowering);
    }
}

static void check(const experiment *e, const char *what, double have, oracle_real want, int n, int m,
                  bool imaginary)
{
    if (!(fabsl(have - want) <= e->tolerance))
        fail_msg("%s: %s of %s|%d><%d|: %.17g, oracle %.17Lg, differ by %.2Lg", e->label, what,
                 imaginary ? "i" : "", n, m, have, want, have - want);
}

static void compare_unit(experiment *e, int n, int m, bool imaginary)
{
    int levels = e->levels, size = e->oracle_levels;
    const um_stage *stage = &e->stage;
    memset(e->re, 0, 2 * sizeof(double) * (size_t)(levels * levels));
    memset(e->before, 0, sizeof(oracle_complex) * (size_t)(size * size));
    double *part = imaginary ? e->im : e->re;
    part[n * levels + m] = 1;
    if (n != m) part[m * levels + n] = imaginary ? -1 : 1;
    for (int i = 0; i < levels; i++)
        for (int j = 0; j < levels; j++)
            e->before[i * size + j] = e->re[i * levels + j] + 1.0iL * e->im[i * levels + j];
    um_outcome have;
    oracle_open_outcome want;
    CHECK_OK(ctx, um_state_set_matrix(e->in, levels, e->re, e->im));
    CHECK_OK(ctx, um_map_prepare(e->map, e->in));
    CHECK_OK(ctx, um_map_apply(e->map, e->in, e->out, &have));
    um_state_get_matrix(e->out, 0, levels, e->re, e->im);
    const oracle_interaction interaction = {e->spec.battery.frequency, stage->atoms.detuning,
                                            stage->interaction.g, stage->interaction.tau, 0};
    const um_environment *bath = &stage->environment;
    const oracle_environment environment = {bath->kappa, bath->n_th, bath->dephasing, bath->atom_decay,
                                            bath->atom_dephasing};
    oracle_open_collide(&e->battery, &interaction, &environment, e->atom, e->before, e->after, &want);
    oracle_gap(&e->battery, e->spec.battery.frequency, stage->stream.period - stage->interaction.tau,
               e->after);
    for (int i = 0; i < levels; i++)
        for (int j = 0; j < levels; j++) {
            char what[64];
            snprintf(what, sizeof what, "element (%d, %d) of the image", i, j);
            oracle_complex element = e->after[i * size + j];
            check(e, what, e->re[i * levels + j], creall(element), n, m, imaginary);
            check(e, what, e->im[i * levels + j], cimagl(element), n, m, imaginary);
        }
    oracle_real brought = n == m ? creall(e->atom[3]) : 0;
    check(e, "excited", have.excited, creall(want.atom[3]), n, m, imaginary);
    check(e, "change", have.change, creall(want.atom[3]) - brought, n, m, imaginary);
    check(e, "Re <g|rho_q|e>", have.coherence_re, creall(want.atom[1]), n, m, imaginary);
    check(e, "Im <g|rho_q|e>", have.coherence_im, cimagl(want.atom[1]), n, m, imaginary);
    check(e, "<V> at the start", have.coupling_start, want.coupling_start, n, m, imaginary);
    check(e, "<V> at the end", have.coupling_end, want.coupling_end, n, m, imaginary);
    check(e, "heat", have.heat, want.heat, n, m, imaginary);
}

/* Matrix units of levels below `below`. */
static void compare(experiment *e, int below)
{
    um_model *model;
    umi_collision collision;
    e->stage.collisions = 1;
    e->stage.environment.during_collision = true;
    e->spec.stages = &e->stage;
    e->spec.stages_count = 1;
    CHECK_OK(ctx, um_model_create(ctx, &e->spec, &model));
    e->stage = um_model_get_spec(model)->stages[0];
    CHECK_OK(ctx, umi_collision_make(ctx, model, 0, e->levels, &collision));
    CHECK_OK(ctx, umi_map_create_joint(ctx, &collision, &e->map));
    assert_string_equal(um_map_get_info(e->map).method, "joint-table");
    e->battery = oracle_of(&e->spec.battery, e->oracle_levels);
    const oracle_atom atom = {e->stage.atoms.q, e->stage.atoms.c, e->stage.atoms.phase};
    oracle_atom_matrix(&atom, e->atom);
    size_t count = (size_t)(e->levels * e->levels);
    e->re = calloc(2 * count, sizeof(double));
    e->im = e->re + count;
    e->before = oracle_matrix(e->oracle_levels);
    e->after = oracle_matrix(e->oracle_levels);
    CHECK_OK(ctx, um_state_create(ctx, e->levels, 2, 3, 0.3, &e->in));
    CHECK_OK(ctx, um_state_create(ctx, e->levels, 1, 0, 0, &e->out));
    for (int n = 0; n < below; n++)
        for (int m = n; m < below; m++) {
            compare_unit(e, n, m, false);
            if (n != m) compare_unit(e, n, m, true);
        }
    um_state_destroy(e->in);
    um_state_destroy(e->out);
    um_map_destroy(e->map);
    um_model_destroy(model);
    oracle_battery_free(&e->battery);
    free(e->re);
    free(e->before);
    free(e->after);
}

static experiment make(um_battery_kind kind, int levels, double frequency)
{
    experiment e = {.levels = levels, .oracle_levels = levels, .tolerance = 1e-13};
    um_spec_init(&e.spec);
    e.stage = e.spec.stages[0];
    e.spec.battery.kind = kind;
    e.spec.battery.frequency = frequency;
    if (kind != UM_BATTERY_CAVITY) e.spec.battery.levels = levels;
    if (kind == UM_BATTERY_CUSTOM) {
        e.spec.battery.energies = energies;
        e.spec.battery.lowering = lowering;
    }
    return e;
}

static void describe(experiment *e, const char *name)
{
    const um_environment *b = &e->stage.environment;
    snprintf(e->label, sizeof e->label, "%s of %d levels, q %g c %g detuning %g, rates %g %g %g %g %g", name,
             e->levels, e->stage.atoms.q, e->stage.atoms.c, e->stage.atoms.detuning, b->kappa, b->n_th,
             b->dephasing, b->atom_decay, b->atom_dephasing);
}

static bool is_due(int levels) { return test_effort() > 1 || levels <= 3; }

/* Every bath with some of the atoms; all sizes and pairs with more effort. */
static void compare_all(experiment base, const char *name, double theta, double tau)
{
    for (int i = 0; i < exhaustive_baths_count; i++)
        for (int a = 0; a < exhaustive_atoms_count; a++) {
            if ((i + a + base.levels) % exhaustive_atoms_count >= test_effort()) continue;
            experiment e = base;
            e.stage.environment = exhaustive_baths[i];
            e.stage.atoms = exhaustive_atoms[a];
            e.stage.atoms.detuning = base.stage.atoms.detuning;
            e.stage.interaction.theta = theta;
            e.stage.interaction.tau = tau;
            /* A truncated cavity loses what thermal photons lift out of it, the oracle's is closed. */
            if (e.spec.battery.kind == UM_BATTERY_CAVITY) e.stage.environment.n_th = 0;
            describe(&e, name);
            compare(&e, e.levels);
        }
}

static void finite_ladders(void **unused)
{
    (void)unused;
    for (int levels = 2; levels <= LEVELS_MAX; levels++)
        if (is_due(levels)) compare_all(make(UM_BATTERY_LADDER, levels, 2.5), "ladder", 1.1, 0.7);
}

static void cavities(void **unused)
{
    (void)unused;
    for (int levels = 1; levels <= LEVELS_MAX; levels++)
        if (is_due(levels)) compare_all(make(UM_BATTERY_CAVITY, levels, 1), "cavity", 2.3, 1.3);
}

static void detuned(void **unused)
{
    (void)unused;
    for (int levels = 2; levels <= LEVELS_MAX; levels++) {
        if (!is_due(levels)) continue;
        experiment e = make(UM_BATTERY_LADDER, levels, 4);
        e.stage.atoms.detuning = 0.7;
        compare_all(e, "detuned ladder", 1.7, 0.9);
        e = make(UM_BATTERY_CAVITY, levels, 4);
        e.stage.atoms.detuning = -1.3;
        compare_all(e, "detuned cavity", 0.8, 1.2);
    }
}

static void customs(void **unused)
{
    (void)unused;
    for (int levels = 2; levels <= LEVELS_MAX; levels++) {
        if (!is_due(levels)) continue;
        experiment e = make(UM_BATTERY_CUSTOM, levels, 1.7);
        e.stage.atoms.detuning = 0.15 * levels;
        e.stage.stream.period = 2.2; /* unequal levels turn in the gap */
        compare_all(e, "custom", 1.1, 1.1);
        e = make(UM_BATTERY_CUSTOM, levels, 1.7);
        e.spec.battery.energies = ladder_like;
        compare_all(e, "evenly spaced custom", 0.9, 0.6);
    }
}

/* Thermal photons in an endless battery: a space that is large enough, low levels. */
static void thermal(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < 2; kind++)
        for (int a = 2; a < exhaustive_atoms_count; a += 3) {
            experiment e = make(kind ? UM_BATTERY_LADDER : UM_BATTERY_CAVITY, 10, 1);
            e.spec.battery.levels = UM_LEVELS_AUTO;
            e.oracle_levels = 11;
            e.stage.environment = (um_environment){.kappa = 1e-3, .n_th = 0.3, .atom_decay = 0.1};
            e.stage.atoms = exhaustive_atoms[a];
            e.stage.interaction.theta = 1.3;
            e.stage.interaction.tau = 1;
            describe(&e, "thermal");
            compare(&e, 3);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finite_ladders), cmocka_unit_test(cavities), cmocka_unit_test(detuned),
        cmocka_unit_test(customs), cmocka_unit_test(thermal),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
