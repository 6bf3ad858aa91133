/* Jaynes-Cummings collisions of up to six levels, everything against the oracle. */
#include "exhaustive.h"

enum { LEVELS_MAX = 6 };

static const double energies[LEVELS_MAX] = {0.3, 1.1, 2.7, 2.9, 4.4, 5.25};
static const double lowering[LEVELS_MAX] = {0, 0.5, 1.7, -0.9, 1.2, 2.1};

/* Angles in units that hit traps: theta = half_turns pi / d(level + 1) where half_turns > 0. */
typedef struct angle {
    double theta;
    int level, half_turns;
} angle;

static const angle angles[] = {
    {0, 0, 0},      {1e-9, 0, 0},    {0.2, 0, 0},     {M_PI / 4, 0, 0}, {1, 0, 0},
    {M_PI / 2, 0, 0}, {2.7, 0, 0},   {12.34, 0, 0},   {NAN, 0, 1},      {NAN, 1, 1},
    {NAN, 2, 3},    {NAN, 4, 2},     {NAN, 5, 1},     {NAN, 6, 3},
};
enum { ANGLES = sizeof angles / sizeof *angles };

typedef struct setup {
    um_battery battery;
    const char *name;
    int levels;       /* of the map */
    int oracle_levels;
    um_atoms atoms;
    um_interaction interaction;
    um_stream stream;
} setup;

static double element(const um_battery *battery, int n)
{
    if (battery->kind == UM_BATTERY_CUSTOM) return n < LEVELS_MAX ? lowering[n] : 0;
    return battery->kind == UM_BATTERY_CAVITY ? sqrt(n) : 1;
}

static oracle_battery oracle_of(const setup *s)
{
    switch (s->battery.kind) {
    case UM_BATTERY_CAVITY: return oracle_cavity(s->oracle_levels);
    case UM_BATTERY_LADDER: return oracle_ladder(s->oracle_levels);
    default: return oracle_custom(s->oracle_levels, energies, lowering);
    }
}

static void compare(um_context *ctx, const setup *s, bool instantaneous)
{
    const um_interaction *given = &s->interaction;
    um_model *model =
        exhaustive_model(ctx, &s->battery, &s->atoms, given, &s->stream);
    const um_spec *spec = um_model_get_spec(model);
    const um_stage *stage = &spec->stages[0];
    oracle_battery battery = oracle_of(s);
    oracle_interaction interaction = {s->battery.frequency, s->atoms.detuning,
                                      stage->interaction.g, stage->interaction.tau, 0};
    if (instantaneous) { /* g = infinity: any g and tau with this product */
        interaction.g = stage->interaction.theta;
        interaction.tau = 1;
    }
    oracle_atom atom = {s->atoms.q, s->atoms.c, s->atoms.phase};
    oracle_experiment experiment = oracle_experiment_create(&battery, &interaction, &atom);
    um_map *map;
    CHECK_OK(ctx, um_map_create(ctx, model, 0, s->levels, &map));
    exhaustive_case c = {.map = map,
                         .levels = s->levels,
                         .experiment = &experiment,
                         .battery = &battery,
                         .gap = stage->stream.period - stage->interaction.tau,
                         .coupling = !instantaneous,
                         .tolerance = 1e-13};
    snprintf(c.label, sizeof c.label,
             "%s of %d levels, theta %.17g tau %g q %g c %g phase %g detuning %g omega %g", s->name,
             s->levels, stage->interaction.theta, stage->interaction.tau, s->atoms.q, s->atoms.c,
             s->atoms.phase, s->atoms.detuning, s->battery.frequency);
    exhaustive_compare(ctx, &c);
    um_map_destroy(map);
    um_model_destroy(model);
    oracle_experiment_free(&experiment);
    oracle_battery_free(&battery);
}

/* Whether the top of a truncated battery is an exact trap: there it keeps its own sign, as the
 * endless battery's level does, which the oracle gets by holding one level more. */
static bool trapped_at(const setup *s, int level)
{
    double g = s->interaction.theta / s->interaction.tau, d = g * element(&s->battery, level);
    double turned = hypot(s->atoms.detuning / 2, d) * s->interaction.tau;
    return s->interaction.theta != 0 && fabs(remainder(turned, M_PI)) < 1e-13;
}

static void compare_angles(um_context *ctx, setup *s, bool truncated, double tau)
{
    for (int i = 0; i < ANGLES; i++) {
        double theta = angles[i].theta;
        if (angles[i].half_turns > 0) {
            double d = element(&s->battery, angles[i].level + 1);
            if (d == 0) continue;
            theta = angles[i].half_turns * M_PI / fabs(d);
        }
        s->interaction = (um_interaction){.theta = theta, .g = NAN, .tau = tau};
        s->oracle_levels = s->levels + (truncated && trapped_at(s, s->levels));
        for (int a = 0; a < exhaustive_atoms_count; a++) {
            double detuning = s->atoms.detuning;
            s->atoms = exhaustive_atoms[a];
            s->atoms.detuning = detuning;
            compare(ctx, s, false);
        }
    }
}

static um_battery battery_of(um_battery_kind kind, int levels, double frequency)
{
    return (um_battery){.kind = kind,
                        .levels = levels,
                        .max_levels = 4096,
                        .frequency = frequency,
                        .energies = kind == UM_BATTERY_CUSTOM ? energies : NULL,
                        .lowering = kind == UM_BATTERY_CUSTOM ? lowering : NULL};
}

static const um_stream locked = {.period = NAN, .frame = UM_FRAME_LOCKED, .atom_probability = 1};

static um_context *context(void)
{
    um_context *ctx;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    return ctx;
}

static void leave(um_context *ctx)
{
    assert_int_equal(um_context_get_blocks(ctx), 0);
    um_context_destroy(ctx);
}

static void resonant(void **unused)
{
    (void)unused;
    um_context *ctx = context();
    for (int levels = 1; levels <= LEVELS_MAX; levels++) {
        setup s = {.name = "cavity", .levels = levels, .stream = locked};
        s.battery = battery_of(UM_BATTERY_CAVITY, UM_LEVELS_AUTO, 1);
        compare_angles(ctx, &s, true, 1);
        s.name = "endless ladder";
        s.battery = battery_of(UM_BATTERY_LADDER, UM_LEVELS_AUTO, 1);
        compare_angles(ctx, &s, true, 0.7);
        if (levels < UM_LEVELS_MIN) continue;
        s.name = "ladder";
        s.battery = battery_of(UM_BATTERY_LADDER, levels, 2.5);
        compare_angles(ctx, &s, false, 3);
    }
    leave(ctx);
}

static void detuned(void **unused)
{
    (void)unused;
    um_context *ctx = context();
    const double detunings[] = {1e-7, 0.7, -3};
    for (int i = 0; i < 3; i++)
        for (int levels = 1; levels <= LEVELS_MAX; levels++) {
            setup s = {.name = "cavity", .levels = levels, .stream = locked};
            s.atoms.detuning = detunings[i];
            s.battery = battery_of(UM_BATTERY_CAVITY, UM_LEVELS_AUTO, 4);
            compare_angles(ctx, &s, true, 0.9);
            if (levels < UM_LEVELS_MIN) continue;
            s.name = "ladder";
            s.battery = battery_of(UM_BATTERY_LADDER, levels, 4);
            compare_angles(ctx, &s, false, 1.3);
        }
    leave(ctx);
}

static void detuned_trap(void **unused)
{
    (void)unused;
    um_context *ctx = context();
    /* W_{n+1} tau = 2 r pi: g and tau made so that level n of a detuned cavity is closed. */
    for (int level = 0; level < 4; level++) {
        double tau = 1, detuning = 1.5, turn = 2 * M_PI;
        double g = sqrt((turn * turn / (tau * tau) - detuning * detuning) / (4 * (level + 1)));
        for (int levels = 1; levels <= LEVELS_MAX; levels++) {
            setup s = {.name = "cavity", .levels = levels, .stream = locked};
            s.battery = battery_of(UM_BATTERY_CAVITY, UM_LEVELS_AUTO, 4);
            s.atoms = exhaustive_atoms[4];
            s.atoms.detuning = detuning;
            s.interaction = (um_interaction){.theta = g * tau, .g = NAN, .tau = tau};
            s.oracle_levels = s.levels + trapped_at(&s, levels);
            compare(ctx, &s, false);
        }
    }
    leave(ctx);
}

static void custom(void **unused)
{
    (void)unused;
    um_context *ctx = context();
    const double detunings[] = {0, 0.6};
    for (int i = 0; i < 2; i++)
        for (int levels = UM_LEVELS_MIN; levels <= LEVELS_MAX; levels++) {
            setup s = {.name = "custom", .levels = levels, .stream = locked};
            s.stream.period = 2.2 + i;
            s.atoms.detuning = detunings[i];
            s.battery = battery_of(UM_BATTERY_CUSTOM, levels, 1.7);
            compare_angles(ctx, &s, false, 1.1);
        }
    leave(ctx);
}

static void instantaneous(void **unused)
{
    (void)unused;
    um_context *ctx = context();
    for (int levels = 1; levels <= LEVELS_MAX; levels++)
        for (int a = 0; a < exhaustive_atoms_count; a++) {
            setup s = {.name = "instantaneous", .levels = levels, .oracle_levels = levels};
            s.stream = locked;
            s.battery = battery_of(UM_BATTERY_CAVITY, UM_LEVELS_AUTO, 1);
            s.atoms = exhaustive_atoms[a];
            s.interaction = (um_interaction){.theta = 0.8, .g = NAN, .tau = 0};
            compare(ctx, &s, true);
        }
    leave(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resonant), cmocka_unit_test(detuned), cmocka_unit_test(detuned_trap),
        cmocka_unit_test(custom),   cmocka_unit_test(instantaneous),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
