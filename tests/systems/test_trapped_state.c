/* The pure states of a trap (SMB89): c = 1, Delta = 0, theta d_{t+1} = r pi with no trap below:
 * psi_n/psi_{n-1} = -i e^(-i phi) sqrt((1-q)/q) cot(theta d_n/2) for odd r; above an odd trapping
 * level, +i e^(-i phi) sqrt((1-q)/q) tan(theta d_n/2). They are fixed points of the collision, and
 * for r = 1 what the vacuum is charged into. */
#include "simulate.h"

enum { LEVELS_MAX = 64 };

typedef struct trap {
    um_battery_kind kind;
    const char *name;
    int first, last; /* the chamber's levels, both included */
    double theta;
    bool tangent;
} trap;

static const double energies[8] = {0, 1, 2, 3, 4, 5, 6, 7};
static const double lowering[8] = {0, 1.3, 0.4, 0.9, 1.6, 0.7, 2, 1.1};

static double element(um_battery_kind kind, int n)
{
    if (kind == UM_BATTERY_CUSTOM) return lowering[n];
    return kind == UM_BATTERY_CAVITY ? sqrt(n) : 1;
}

/* |psi><psi|, row-major levels x levels. */
static void trapped(const trap *t, double q, double phi, int levels, double *re, double *im)
{
    double magnitude[LEVELS_MAX] = {0}, norm = 0;
    double turn = t->tangent ? M_PI / 2 - phi : -M_PI / 2 - phi;
    magnitude[t->first] = 1;
    for (int n = t->first + 1; n <= t->last; n++) {
        double half = t->theta * element(t->kind, n) / 2;
        magnitude[n] = magnitude[n - 1] * sqrt((1 - q) / q) * (t->tangent ? tan(half) : 1 / tan(half));
    }
    for (int n = 0; n < levels; n++) norm += magnitude[n] * magnitude[n];
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++) {
            double modulus = magnitude[n] * magnitude[m] / norm;
            re[n * levels + m] = modulus * cos(turn * (n - m));
            im[n * levels + m] = modulus * sin(turn * (n - m));
        }
}

static void describe(simulation *s, const trap *t, double q, double phi, int64_t collisions)
{
    simulation_init(s, t->theta, q, 1, collisions);
    s->stage.atoms.phase = phi;
    s->spec.battery.kind = t->kind;
    if (t->kind == UM_BATTERY_CUSTOM) {
        s->spec.battery.levels = 8;
        s->spec.battery.energies = energies;
        s->spec.battery.lowering = lowering;
    }
}

static void check_fixed(const trap *t, double q, double phi)
{
    static double re[LEVELS_MAX * LEVELS_MAX], im[LEVELS_MAX * LEVELS_MAX];
    static double after_re[LEVELS_MAX * LEVELS_MAX], after_im[LEVELS_MAX * LEVELS_MAX];
    int levels = t->kind == UM_BATTERY_CUSTOM ? 8 : t->last + 3;
    simulation s;
    um_map *map;
    um_state *in, *out;
    um_outcome outcome;
    describe(&s, t, q, phi, 1);
    CHECK_OK(s.ctx, um_model_create(s.ctx, &s.spec, &s.model));
    CHECK_OK(s.ctx, um_map_create(s.ctx, s.model, 0, levels, &map));
    CHECK_OK(s.ctx, um_state_create(s.ctx, levels, 2, 0, 0, &in));
    CHECK_OK(s.ctx, um_state_create(s.ctx, levels, 2, 0, 0, &out));
    trapped(t, q, phi, levels, re, im);
    CHECK_OK(s.ctx, um_state_set_matrix(in, levels, re, im));
    CHECK_OK(s.ctx, um_map_prepare(map, in));
    CHECK_OK(s.ctx, um_map_apply(map, in, out, &outcome));
    um_state_get_matrix(out, 0, levels, after_re, after_im);
    for (int i = 0; i < levels * levels; i++)
        if (!(hypot(re[i] - after_re[i], im[i] - after_im[i]) <= 3e-15))
            fail_msg("%s, q = %g: element %d moves by %.2g", t->name, q, i,
                     hypot(re[i] - after_re[i], im[i] - after_im[i]));
    /* The charged battery is transparent: populations kept, the sign of the coherence turned. */
    CHECK_CLOSE(outcome.excited, 1 - q, 3e-15);
    double sign = -1;
    CHECK_CLOSE(outcome.coherence_re, sign * sqrt(q * (1 - q)) * cos(phi), 3e-15);
    CHECK_CLOSE(outcome.coherence_im, sign * sqrt(q * (1 - q)) * sin(phi), 3e-15);
    um_state_destroy(in);
    um_state_destroy(out);
    um_map_destroy(map);
    simulation_free(&s);
}

static void fixed_points(void **unused)
{
    (void)unused;
    const trap traps[] = {
        {UM_BATTERY_CAVITY, "cavity 0..9, r = 1", 0, 9, M_PI / sqrt(10), false},
        {UM_BATTERY_CAVITY, "cavity 0..9, r = 3", 0, 9, 3 * M_PI / sqrt(10), false},
        {UM_BATTERY_CAVITY, "cavity 0..10, r = 5", 0, 10, 5 * M_PI / sqrt(11), false},
        {UM_BATTERY_CAVITY, "cavity 0..15, r = 1", 0, 15, M_PI / 4, false},
        {UM_BATTERY_CAVITY, "cavity 0..0, r = 1", 0, 0, M_PI, false},
        {UM_BATTERY_CAVITY, "cavity 10..39 above r = 1", 10, 39, M_PI / sqrt(10), true},
        {UM_BATTERY_CAVITY, "cavity 3..11 above r = 1", 3, 11, M_PI / sqrt(3), true},
        {UM_BATTERY_CUSTOM, "custom 0..3", 0, 3, M_PI / 1.6, false},
    };
    const double qs[] = {0.05, 0.25, 0.4, 0.5, 0.75, 0.9}, phis[] = {0, 0.7, -2.9};
    for (size_t t = 0; t < sizeof traps / sizeof *traps; t++)
        for (int i = 0; i < 6; i++)
            for (int j = 0; j < 3; j++) check_fixed(&traps[t], qs[i], phis[j]);
}

/* From the vacuum into the trap: r = 1 within a few hundred collisions. */
static void the_vacuum_gets_there(void **unused)
{
    (void)unused;
    const trap t = {UM_BATTERY_CAVITY, "0..9", 0, 9, M_PI / sqrt(10), false};
    const double qs[] = {0.25, 0.4, 0.5, 0.6};
    static double re[100], im[100];
    for (int i = 0; i < 4; i++) {
        simulation s;
        describe(&s, &t, qs[i], 0.4, 3000);
        simulation_keep(&s, 3000);
        simulation_run(&s);
        trapped(&t, qs[i], 0.4, 10, re, im);
        const um_saved_state *state = &s.result->states[0];
        double energy = 0;
        for (int n = 0; n < 10; n++) {
            energy += n * re[11 * n];
            for (int m = 0; m < 10; m++) {
                CHECK_CLOSE(state->real[n * state->levels + m], re[n * 10 + m], 1e-12);
                CHECK_CLOSE(state->imag[n * state->levels + m], im[n * 10 + m], 1e-12);
            }
        }
        CHECK_CLOSE(simulation_get(&s, UM_ENERGY, 3000), energy, 1e-11);
        CHECK_CLOSE(simulation_get(&s, UM_PURITY, 3000), 1, 1e-12);
        CHECK_CLOSE(simulation_get(&s, UM_ERGOTROPY, 3000), energy, 1e-10);
        if (qs[i] == 0.25) CHECK_CLOSE(energy, 3.93085, 5e-6);
        simulation_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fixed_points),
                                       cmocka_unit_test(the_vacuum_gets_there)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
