/* Counter-rotating collisions and given unitaries of up to six levels against the oracle. */
#include "exhaustive.h"

enum { LEVELS_MAX = 6 };

/* Even spacing from an energy that is not zero; elements of both signs. */
static const double energies[LEVELS_MAX] = {0.4, 1.4, 2.4, 3.4, 4.4, 5.4};
static const double lowering[LEVELS_MAX] = {0, 0.5, 1.7, -0.9, 1.2, 2.1};

typedef struct strength {
    double g, tau, lambda, detuning;
} strength;

static const strength strengths[] = {
    {0, 1, 1, 0},     {0.1, 10, 1, 0},   {0.5, 0.8, 1, 0},
    {1, 2, 0.3, 0.7}, {2.3, 1.1, 1, -0.9}, {0.05, 30, 1e-6, 0.1},
};
enum { STRENGTHS = sizeof strengths / sizeof *strengths };

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

static um_battery battery_of(um_battery_kind kind, int levels, double frequency)
{
    return (um_battery){.kind = kind,
                        .levels = levels,
                        .max_levels = 4096,
                        .frequency = frequency,
                        .energies = kind == UM_BATTERY_CUSTOM ? energies : NULL,
                        .lowering = kind == UM_BATTERY_CUSTOM ? lowering : NULL};
}

static oracle_battery oracle_of(const um_battery *battery, int levels)
{
    switch (battery->kind) {
    case UM_BATTERY_CAVITY: return oracle_cavity(levels);
    case UM_BATTERY_LADDER: return oracle_ladder(levels);
    default: return oracle_custom(levels, energies, lowering);
    }
}

/* At several times; a locked map must not care. */
static void compare_times(um_context *ctx, exhaustive_case *c, bool lab, double tau)
{
    const double times[] = {0, 0.37, 5 * tau, 1234.5};
    int count = lab ? 4 : 2;
    for (int i = 0; i < count; i++) {
        size_t length = strlen(c->label);
        snprintf(c->label + length, sizeof c->label - length, " start %g", times[i]);
        CHECK_OK(ctx, um_map_set_collision(c->map, 0, times[i]));
        c->start = lab ? times[i] : 0;
        /* A time in double is known to that much of an angle. */
        c->tolerance = 1e-13 + 0x1p-49 * (double)(c->experiment->interaction.omega * c->start);
        exhaustive_compare(ctx, c);
        c->label[length] = '\0';
    }
}

static void compare(um_context *ctx, const um_battery *battery, int levels, const strength *s,
                    const um_atoms *atoms_given, bool lab)
{
    um_atoms atoms = *atoms_given;
    atoms.detuning = s->detuning;
    um_interaction given = {.theta = NAN, .g = s->g, .tau = s->tau, .counter_rotating = s->lambda};
    um_stream stream = {.period = lab ? s->tau + 0.5 : NAN, .atom_probability = 1,
                        .frame = lab ? UM_FRAME_LAB : UM_FRAME_LOCKED};
    um_model *model = exhaustive_model(ctx, battery, &atoms, &given, &stream);
    oracle_battery reference = oracle_of(battery, levels);
    oracle_interaction interaction = {battery->frequency, s->detuning, s->g, s->tau, s->lambda};
    oracle_atom atom = {atoms.q, atoms.c, atoms.phase};
    oracle_experiment experiment = oracle_experiment_create(&reference, &interaction, &atom);
    um_map *map;
    CHECK_OK(ctx, um_map_create(ctx, model, 0, levels, &map));
    exhaustive_case c = {.map = map,
                         .levels = levels,
                         .experiment = &experiment,
                         .battery = &reference,
                         .coupling = true};
    snprintf(c.label, sizeof c.label, "%s %d levels g %g tau %g lambda %g detuning %g q %g c %g",
             lab ? "lab" : "locked", levels, s->g, s->tau, s->lambda, s->detuning, atoms.q, atoms.c);
    compare_times(ctx, &c, lab, s->tau);
    um_map_destroy(map);
    um_model_destroy(model);
    oracle_experiment_free(&experiment);
    oracle_battery_free(&reference);
}

static void rabi(bool lab)
{
    um_context *ctx = context();
    for (int levels = UM_LEVELS_MIN; levels <= LEVELS_MAX; levels++)
        for (int i = 0; i < STRENGTHS; i++)
            for (int a = 0; a < exhaustive_atoms_count; a++) {
                um_battery ladder = battery_of(UM_BATTERY_LADDER, levels, 1);
                um_battery custom = battery_of(UM_BATTERY_CUSTOM, levels, 2.5);
                compare(ctx, &ladder, levels, &strengths[i], &exhaustive_atoms[a], lab);
                compare(ctx, &custom, levels, &strengths[i], &exhaustive_atoms[a], lab);
            }
    leave(ctx);
}

static void rabi_locked(void **unused)
{
    (void)unused;
    rabi(false);
}

static void rabi_lab(void **unused)
{
    (void)unused;
    rabi(true);
}

/* A cavity has no top: matrix units of the six lowest levels in a space they do not leave. */
static void rabi_cavity(void **unused)
{
    (void)unused;
    enum { ROOM = 30 };
    um_context *ctx = context();
    const strength s = {0.3, 1.2, 1, 0.2};
    um_battery battery = battery_of(UM_BATTERY_CAVITY, UM_LEVELS_AUTO, 1);
    um_atoms atoms = exhaustive_atoms[4];
    atoms.detuning = s.detuning;
    um_interaction given = {.theta = NAN, .g = s.g, .tau = s.tau, .counter_rotating = s.lambda};
    um_stream stream = {.period = 2, .frame = UM_FRAME_LAB, .atom_probability = 1};
    um_model *model = exhaustive_model(ctx, &battery, &atoms, &given, &stream);
    oracle_battery reference = oracle_cavity(ROOM);
    oracle_interaction interaction = {1, s.detuning, s.g, s.tau, s.lambda};
    oracle_atom atom = {atoms.q, atoms.c, atoms.phase};
    oracle_experiment experiment = oracle_experiment_create(&reference, &interaction, &atom);
    um_map *map;
    um_state *in, *out;
    CHECK_OK(ctx, um_map_create(ctx, model, 0, ROOM, &map));
    CHECK_OK(ctx, um_state_create(ctx, ROOM, 2, 0, 0, &in));
    CHECK_OK(ctx, um_state_create(ctx, ROOM, 2, 0, 0, &out));
    static double re[ROOM * ROOM], im[ROOM * ROOM];
    oracle_complex *before = oracle_matrix(ROOM), *after = oracle_matrix(ROOM);
    CHECK_OK(ctx, um_map_set_collision(map, 0, 7.7));
    for (int n = 0; n < LEVELS_MAX; n++)
        for (int m = n; m < LEVELS_MAX; m++) {
            um_outcome have;
            oracle_outcome want;
            memset(re, 0, sizeof re);
            memset(before, 0, sizeof(oracle_complex) * ROOM * ROOM);
            re[n * ROOM + m] = re[m * ROOM + n] = 1;
            before[n * ROOM + m] = before[m * ROOM + n] = 1;
            CHECK_OK(ctx, um_state_set_matrix(in, ROOM, re, NULL));
            CHECK_OK(ctx, um_map_prepare(map, in));
            CHECK_OK(ctx, um_map_apply(map, in, out, &have));
            oracle_experiment_collide(&experiment, 7.7L, before, after, &want);
            um_state_get_matrix(out, 0, ROOM, re, im);
            for (int i = 0; i < ROOM * ROOM; i++) {
                CHECK_CLOSE(re[i], (double)creall(after[i]), 1e-13);
                CHECK_CLOSE(im[i], (double)cimagl(after[i]), 1e-13);
            }
            CHECK_CLOSE(have.excited, (double)creall(want.atom[3]), 1e-13);
            CHECK_CLOSE(have.coherence_re, (double)creall(want.atom[1]), 1e-13);
            CHECK_CLOSE(have.coherence_im, (double)cimagl(want.atom[1]), 1e-13);
            CHECK_CLOSE(have.coupling_start, (double)want.coupling_start, 1e-13);
            CHECK_CLOSE(have.coupling_end, (double)want.coupling_end, 1e-13);
        }
    um_state_destroy(in);
    um_state_destroy(out);
    um_map_destroy(map);
    um_model_destroy(model);
    oracle_experiment_free(&experiment);
    oracle_battery_free(&reference);
    free(before);
    free(after);
    leave(ctx);
}

/* Any unitary at all: exp(-i K) of a Hermitian matrix without structure. V is what it is before
 * and after, no frame. */
static void any_unitary(int size, unsigned seed, oracle_complex *unitary)
{
    oracle_complex *generator = oracle_matrix(size);
    for (int i = 0; i < size; i++)
        for (int j = i; j < size; j++) {
            seed = seed * 1664525u + 1013904223u;
            oracle_real re = (oracle_real)(seed >> 8) / (1 << 24) - 0.5L;
            seed = seed * 1664525u + 1013904223u;
            oracle_real im = i == j ? 0 : (oracle_real)(seed >> 8) / (1 << 24) - 0.5L;
            generator[i * size + j] = 2 * (re + 1.0iL * im);
            generator[j * size + i] = 2 * (re - 1.0iL * im);
        }
    oracle_exponential(size, generator, -1.0iL, unitary);
    free(generator);
}

static void given_unitary(void **unused)
{
    (void)unused;
    um_context *ctx = context();
    for (int levels = 1; levels <= LEVELS_MAX; levels++)
        for (int a = 0; a < exhaustive_atoms_count; a++) {
            int size = 2 * levels;
            double re[4 * LEVELS_MAX * LEVELS_MAX], im[4 * LEVELS_MAX * LEVELS_MAX];
            oracle_battery reference = oracle_custom(levels, energies, lowering);
            oracle_interaction interaction = {2.5, 0.4, 0.7, 0, 0.6};
            oracle_atom atom = {exhaustive_atoms[a].q, exhaustive_atoms[a].c,
                                exhaustive_atoms[a].phase};
            /* tau = 0: the experiment is the coupling and the atom; U is put in its place. */
            oracle_experiment experiment = oracle_experiment_create(&reference, &interaction, &atom);
            any_unitary(size, 17u + (unsigned)(levels * 31 + a), experiment.propagator);
            for (int i = 0; i < size * size; i++) {
                re[i] = (double)creall(experiment.propagator[i]);
                im[i] = (double)cimagl(experiment.propagator[i]);
            }
            um_atoms atoms = exhaustive_atoms[a];
            atoms.detuning = 0.4;
            um_map *map;
            CHECK_OK(ctx, um_map_create_unitary(ctx, levels, re, im, &atoms, 2.5, lowering, 0.7, 0.6,
                                                &map));
            exhaustive_case c = {.map = map,
                                 .levels = levels,
                                 .experiment = &experiment,
                                 .battery = &reference,
                                 .coupling = true,
                                 .tolerance = 1e-13};
            snprintf(c.label, sizeof c.label, "given unitary, %d levels, q %g c %g phase %g", levels,
                     atoms.q, atoms.c, atoms.phase);
            exhaustive_compare(ctx, &c);
            um_map_destroy(map);
            oracle_experiment_free(&experiment);
            oracle_battery_free(&reference);
        }
    leave(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rabi_locked),
        cmocka_unit_test(rabi_lab),
        cmocka_unit_test(rabi_cavity),
        cmocka_unit_test(given_unitary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
