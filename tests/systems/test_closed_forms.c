/* Runs against what can be worked out on paper. */
#include "simulate.h"

/* An excited atom on n quanta gives one with sin^2(theta sqrt(n+1)), a ground-state atom takes one
 * with sin^2(theta sqrt n). */
static void one_atom(void **unused)
{
    (void)unused;
    for (int n = 0; n < 12; n++)
        for (double theta = 0.1; theta < 7; theta += 0.37)
            for (int ground = 0; ground <= 1; ground++) {
                simulation s;
                simulation_init(&s, theta, ground, 0, 1);
                s.spec.battery.initial.kind = UM_INITIAL_FOCK;
                s.spec.battery.initial.level = n;
                simulation_run(&s);
                double moved = sin(theta * sqrt(ground ? n : n + 1));
                moved *= moved;
                CHECK_CLOSE(simulation_get(&s, UM_ENERGY, 1), ground ? n - moved : n + moved,
                            1e-14 * (n + 1));
                CHECK_CLOSE(simulation_get(&s, UM_ATOM_EXCITED, 1), ground ? moved : 1 - moved,
                            1e-14);
                CHECK_CLOSE(simulation_get(&s, UM_ENERGY_VARIANCE, 1), moved * (1 - moved), 1e-13);
                simulation_free(&s);
            }
}

/* c = 0: p'_n = p_n [q cos^2 a_n + (1-q) cos^2 a_{n+1}] + q sin^2 a_{n+1} p_{n+1}
 * + (1-q) sin^2 a_n p_{n-1}, a_n = theta d_n. */
static void chain(long double *p, int levels, long double theta, long double q, bool ladder)
{
    static long double next[400];
    for (int n = 0; n < levels; n++) {
        long double a = theta * (ladder ? (n > 0) : sqrtl(n));
        long double b = theta * (ladder ? 1 : sqrtl(n + 1));
        long double stay = q * powl(cosl(a), 2) + (1 - q) * powl(cosl(b), 2);
        next[n] = stay * p[n];
        if (n + 1 < levels) next[n] += q * powl(sinl(b), 2) * p[n + 1];
        if (n > 0) next[n] += (1 - q) * powl(sinl(a), 2) * p[n - 1];
    }
    memcpy(p, next, sizeof(long double) * (size_t)levels);
}

static void birth_and_death(void **unused)
{
    (void)unused;
    enum { LEVELS = 400, COLLISIONS = 300 };
    const double thetas[] = {1, 0.3, 2.5}, qs[] = {0, 0.25, 0.5};
    for (int i = 0; i < 9; i++)
        for (int ladder = 0; ladder <= 1; ladder++) {
            simulation s;
            double theta = thetas[i / 3], q = qs[i % 3];
            simulation_init(&s, theta, q, 0, COLLISIONS);
            if (ladder) s.spec.battery.kind = UM_BATTERY_LADDER;
            simulation_keep(&s, COLLISIONS);
            simulation_run(&s);
            long double p[LEVELS] = {1};
            for (int k = 0; k < COLLISIONS; k++) chain(p, LEVELS, theta, q, ladder);
            const um_saved_state *state = &s.result->states[0];
            for (int n = 0; n < state->levels; n++) {
                double have = state->real[n * state->levels + n];
                CHECK_CLOSE(have, (double)p[n], 1e-13);
            }
            CHECK_CLOSE(simulation_get(&s, UM_COHERENCE_L1, COLLISIONS), 0, 0);
            CHECK_CLOSE(simulation_get(&s, UM_ERGOTROPY_COHERENT, COLLISIONS), 0, 1e-12);
            simulation_free(&s);
        }
}

/* Coherent atoms of theta -> 0 are the classical drive (g/2)(a + a') for q = 1/2, c = 1: the cavity
 * reaches (g t)^2/4. Corrections are linear in theta; two angles take them out. */
static double energy_of(um_battery_kind kind, double gt, int64_t collisions)
{
    simulation s;
    simulation_init(&s, gt / (double)collisions, 0.5, 1, collisions);
    s.spec.battery.kind = kind;
    simulation_run(&s);
    double energy = simulation_get(&s, UM_ENERGY, collisions);
    simulation_free(&s);
    return energy;
}

static double extrapolated(um_battery_kind kind, double gt, int64_t collisions)
{
    double coarse = energy_of(kind, gt, collisions), middle = energy_of(kind, gt, 2 * collisions);
    double fine = energy_of(kind, gt, 4 * collisions);
    return (8 * fine - 6 * middle + coarse) / 3; /* linear and quadratic terms cancel */
}

static void classical_drive_of_a_cavity(void **unused)
{
    (void)unused;
    for (double gt = 1; gt <= 7; gt += 2)
        CHECK_CLOSE(extrapolated(UM_BATTERY_CAVITY, gt, 400), gt * gt / 4, 2e-5 * gt * gt);
}

/* The same drive of a ladder: psi_n = (-i)^n 2 (n+1) J_{n+1}(x)/x, x = g t; E/x -> 8/(3 pi). */
static void classical_drive_of_a_ladder(void **unused)
{
    (void)unused;
    const double x = 40;
    double energy = 0;
    for (int n = 0; n < 200; n++) {
        double amplitude = 2 * (n + 1) * jn(n + 1, x) / x;
        energy += n * amplitude * amplitude;
    }
    CHECK_CLOSE(extrapolated(UM_BATTERY_LADDER, x, 1000), energy, 2e-4);
    CHECK_CLOSE((energy + 1) / x, 8 / (3 * M_PI), 1e-3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_atom),
        cmocka_unit_test(birth_and_death),
        cmocka_unit_test(classical_drive_of_a_cavity),
        cmocka_unit_test(classical_drive_of_a_ladder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
