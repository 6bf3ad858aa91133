/* Many collisions with weak loss near a trap: the state against the same steps in extended precision, written
 * down element by element. What double loses in a collision comes back at the next one of a plateau. */
#include "simulate.h"

enum { ROOM = 70 };

/* rho_nm = (-i)^(n-m) r_nm, r real and symmetric. */
typedef struct slow {
    int levels;
    long double c[ROOM + 2], s[ROOM + 2], gg, ee, ge, present;
    long double down[ROOM][ROOM], up[ROOM][ROOM]; /* roots of the chances n + l -> n, n - l -> n */
    int terms;
    bool diagonal; /* populations alone */
    long double r[ROOM][ROOM], next[ROOM][ROOM];
} slow;

static void start(slow *it, const um_stage *stage, int levels)
{
    *it = (slow){.levels = levels, .gg = stage->atoms.q, .ee = 1 - (long double)stage->atoms.q,
                 .present = stage->stream.atom_probability, .terms = 8,
                 .diagonal = stage->atoms.c == 0};
    it->ge = stage->atoms.c * sqrtl(it->gg * it->ee);
    for (int n = 0; n <= levels; n++) {
        it->c[n] = cosl(stage->interaction.theta * sqrtl(n));
        it->s[n] = sinl(stage->interaction.theta * sqrtl(n));
    }
    const um_environment *e = &stage->environment;
    long double lost = -expm1l(-(long double)e->kappa * stage->stream.period);
    long double more = e->n_th * lost, passed = lost * (1 + e->n_th) / (1 + more);
    for (int n = 0; n < levels; n++)
        for (int l = 0; l < it->terms; l++) {
            long double ways = lgammal(n + l + 1) - lgammal(n + 1) - lgammal(l + 1);
            it->down[n][l] = expl((ways + n * log1pl(-passed)) / 2) * powl(passed, l / 2.0L);
            if (l > n) continue;
            ways = lgammal(n + 1) - lgammal(n - l + 1) - lgammal(l + 1);
            it->up[n][l] = expl((ways - (n + 1) * log1pl(more)) / 2) * powl(more, l / 2.0L);
        }
}

static long double at(const slow *it, int n, int m)
{
    return n >= 0 && m >= 0 && n < it->levels && m < it->levels ? it->r[n][m] : 0;
}

static int end_of(const slow *it, int n) { return it->diagonal ? n + 1 : it->levels; }

static void put_back(slow *it)
{
    for (int n = 0; n < it->levels; n++)
        for (int m = n; m < end_of(it, n); m++) it->r[n][m] = it->r[m][n] = it->next[n][m];
}

static void collide(slow *it)
{
    const long double *c = it->c, *s = it->s;
    for (int n = 0; n < it->levels; n++)
        for (int m = n; m < end_of(it, n); m++) {
            long double met = (it->gg * c[n] * c[m] + it->ee * c[n + 1] * c[m + 1]) * at(it, n, m) +
                it->ee * s[n] * s[m] * at(it, n - 1, m - 1) +
                it->gg * s[n + 1] * s[m + 1] * at(it, n + 1, m + 1) +
                it->ge * (c[m] * s[n] * at(it, n - 1, m) + s[m] * c[n] * at(it, n, m - 1)) -
                it->ge * (c[m + 1] * s[n + 1] * at(it, n + 1, m) + s[m + 1] * c[n + 1] * at(it, n, m + 1));
            it->next[n][m] = it->present * met + (1 - it->present) * at(it, n, m);
        }
    put_back(it);
}

static void relax(slow *it, bool gains)
{
    for (int n = 0; n < it->levels; n++)
        for (int m = n; m < end_of(it, n); m++) {
            long double sum = 0;
            for (int l = 0; l < it->terms; l++)
                sum += gains ? it->up[n][l] * it->up[m][l] * at(it, n - l, m - l)
                             : it->down[n][l] * it->down[m][l] * at(it, n + l, m + l);
            it->next[n][m] = sum;
        }
    put_back(it);
}

static double largest_difference(const slow *it, const um_saved_state *state)
{
    double largest = 0;
    for (int n = 0; n < it->levels && n < state->levels; n++)
        for (int m = 0; m < it->levels && m < state->levels; m++) {
            int i = n * state->levels + m, turns = ((n - m) % 4 + 4) % 4;
            const double turned[4] = {state->real[i], -state->imag[i], -state->real[i], state->imag[i]};
            largest = fmax(largest, fabs(turned[turns] - (double)it->r[n][m]));
        }
    return largest;
}

/* Beside the trap at n = `trap`, from a thermal state of that mean. */
static double run_near_trap(int trap, double beside, double q, double c, um_environment environment,
                            double present, double mean, int levels, int64_t collisions)
{
    simulation s;
    static slow want;
    simulation_init(&s, M_PI / sqrt(trap + 1) + beside, q, c, collisions);
    s.stage.interaction.tau = 0;
    s.stage.stream.period = 1;
    s.stage.stream.atom_probability = present;
    s.stage.environment = environment;
    s.spec.accuracy.method = UM_METHOD_STEP;
    s.spec.battery.initial = (um_initial){.kind = mean > 0 ? UM_INITIAL_THERMAL : UM_INITIAL_VACUUM, .mean = mean};
    simulation_keep(&s, collisions);
    simulation_run(&s);
    start(&want, &s.stage, levels);
    for (int n = 0; n < levels; n++) want.r[n][n] = powl(mean / (1 + (long double)mean), n) / (1 + mean);
    for (int64_t i = 0; i < collisions; i++) {
        collide(&want);
        relax(&want, false);
        if (environment.n_th > 0) relax(&want, true);
    }
    double difference = largest_difference(&want, &s.result->states[0]);
    print_message("q %g c %g kappa %g n_th %g p %g: %lld collisions: difference %.2g, trace drift %.2g\n", q, c,
                  environment.kappa, environment.n_th, present, (long long)collisions, difference,
                  s.result->truncation.trace_drift);
    CHECK_AT_MOST(difference, 1e-11);
    CHECK_AT_MOST(fabs(s.result->truncation.trace_drift), 1e-16 * (double)collisions);
    simulation_free(&s);
    return difference;
}

/* What gets past it stops at the next trap, below level 4 (trap + 1). */
static void populations(void **unused)
{
    (void)unused;
    um_environment weak = {.kappa = 1e-6};
    run_near_trap(4, 1e-5, 0, 0, weak, 1, 0, 24, 300000);
    run_near_trap(4, 1e-5, 0.25, 0, weak, 0.7, 0, 24, 300000);
    /* Several chambers: what each of them loses by rounding would shift the weights by 1e-13. */
    double difference = run_near_trap(1, 0, 0.25, 0, (um_environment){.kappa = 1e-8}, 1, 0.5, 60, 300000);
    CHECK_AT_MOST(difference, 5e-14);
}

static void coherent_atoms(void **unused)
{
    (void)unused;
    um_environment weak = {.kappa = 1e-6}, warm = {.kappa = 1e-6, .n_th = 0.1};
    run_near_trap(4, 1e-5, 0.25, 1, weak, 1, 0, 24, 10000 * test_effort());
    run_near_trap(4, 1e-5, 0.25, 1, warm, 1, 0, 24, 10000 * test_effort());
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(populations), cmocka_unit_test(coherent_atoms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
