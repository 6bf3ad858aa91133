/* A million collisions of the plateau example: the arithmetic, the trace, the ledger, the plateau. */
#include "long_run.h"
#include "simulate.h"

enum { MILLION = 1000000, PART = 30000 };

/* rho_nm = (-i)^(n-m) r_nm; r from the kept state. */
static double in_frame(const um_saved_state *state, int n, int m)
{
    if (n >= state->levels || m >= state->levels) return 0;
    int at = n * state->levels + m, turns = ((n - m) % 4 + 4) % 4;
    double re = state->real[at], im = state->imag[at];
    const double values[4] = {re, -im, -re, im}; /* times i^(n-m) */
    return values[turns];
}

static void compare_live(const um_saved_state *state, const long_run *want)
{
    double largest = 0;
    for (int n = 0; n < long_run_rows(want); n++)
        for (int m = 0; m < long_run_rows(want); m++)
            largest = fmax(largest, fabs(in_frame(state, n, m) - long_run_get(want, n, m)));
    print_message("after %lld collisions: largest difference %.2g\n", (long long)state->collision,
                  largest);
    CHECK_AT_MOST(largest, 1e-11);
}

/* Against plateau_1e6.txt, see tests/oracle/tools/make_long_run.c. */
static void compare_file(const um_saved_state *state)
{
    char path[4096], line[256];
    const char *root = getenv("UM_SOURCE_DIR");
    snprintf(path, sizeof path, "%s/tests/oracle/plateau_1e6.txt", root ? root : ".");
    FILE *file = fopen(path, "r");
    if (!file) fail_msg("%s: cannot be read", path);
    int elements = 0;
    double largest = 0;
    while (fgets(line, sizeof line, file)) {
        int n, k;
        double value;
        if (sscanf(line, "%d %d %lf", &n, &k, &value) != 3) continue;
        largest = fmax(largest, fabs(in_frame(state, n, n + k) - value));
        elements++;
    }
    fclose(file);
    assert_true(elements > 1000);
    print_message("after a million collisions: largest difference %.2g\n", largest);
    CHECK_AT_MOST(largest, 1e-11);
}

static void a_million_collisions(void **unused)
{
    (void)unused;
    simulation s;
    simulation_init(&s, 1, 0.25, 1, MILLION);
    simulation_keep(&s, PART);
    simulation_keep(&s, MILLION);
    simulation_run(&s);
    assert_int_equal(s.result->states_count, 2);
    compare_file(&s.result->states[1]);
    long_run *want = long_run_create(130, 1, 0.25, 1);
    long_run_advance(want, PART);
    CHECK_AT_MOST(fabs(long_run_trace_error(want)), 1e-24);
    compare_live(&s.result->states[0], want);
    if (test_effort() >= 10) {
        long_run_advance(want, MILLION - PART);
        compare_live(&s.result->states[1], want);
    }
    long_run_destroy(want);
    CHECK_CLOSE(simulation_get(&s, UM_ENERGY, MILLION), 3.8780796644290487, 1e-10);
    CHECK_CLOSE(simulation_get(&s, UM_PURITY, MILLION), 0.99955847472265602, 1e-11);
    print_message("trace drift %.2g, error bound %.2g, ledger residual %.2g (moduli %.3g)\n",
                  s.result->truncation.trace_drift, s.result->truncation.error_bound,
                  s.result->ledger.residual, s.result->ledger.moduli);
    CHECK_AT_MOST(fabs(s.result->truncation.trace_drift), 1e-16 * MILLION);
    CHECK_AT_MOST(s.result->truncation.error_bound, 1e-10);
    simulation_free(&s);
}

/* Every instruction set, pure and mixed atoms: one chamber for long, several for some thousands. */
static void every_kernel(void **unused)
{
    (void)unused;
    static const char *const kernels[] = {"reference", "avx2", "avx512"};
    const struct {
        double theta, q, c;
        int levels;
        long collisions;
    } runs[] = {
        {M_PI / sqrt(10), 0.3, 1, 14, 20000},
        {M_PI / sqrt(10), 0.3, 0.8, 14, 20000},
        {1, 0.25, 0.9, 130, 2000},
    };
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        long collisions = test_effort() >= 10 ? MILLION : runs[i].collisions;
        long_run *want = long_run_create(runs[i].levels, runs[i].theta, runs[i].q, runs[i].c);
        long_run_advance(want, collisions);
        for (int k = 0; k < 3; k++) {
            simulation s;
            setenv("UMASER_KERNEL", kernels[k], 1);
            simulation_init(&s, runs[i].theta, runs[i].q, runs[i].c, collisions);
            s.spec.accuracy.method = UM_METHOD_STEP;
            simulation_keep(&s, collisions);
            simulation_run(&s);
            print_message("c = %g, kernel %s, trace drift %.2g: ", runs[i].c, kernels[k],
                          s.result->truncation.trace_drift);
            compare_live(&s.result->states[0], want);
            simulation_free(&s);
        }
        unsetenv("UMASER_KERNEL");
        long_run_destroy(want);
    }
}

/* Ledger and trace over many collisions of every kind (simulation_run looks at both). */
static void books_of_long_runs(void **unused)
{
    (void)unused;
    const struct {
        const char *name;
        double theta, tau, q, c, detuning, lambda;
        int levels; /* 0: a cavity, as many as it needs */
        int64_t collisions;
    } runs[] = {
        {"partly coherent", 1, 1, 0.25, 0.9, 0, 0, 0, 100000},
        {"incoherent", 1, 1, 0.25, 0, 0, 0, 0, 20000},
        {"trapped", M_PI / sqrt(10), 1, 0.4, 1, 0, 0, 0, 100000},
        {"detuned", 0.9, 0.9, 0.25, 0.9, 0.7, 0, 0, 10000},
        {"ladder", 0.6, 1, 0.4, 1, 0, 0, 40, 100000},
        {"detuned ladder", 0.6, 1, 0.4, 0.8, -0.3, 0, 40, 30000},
        {"Rabi ladder", 0.3, 1, 0.4, 1, 0, 1, 30, 10000},
        {"Rabi ladder, mixed atoms", 0.5, 2, 0.3, 0.6, 0.2, 0.5, 30, 10000},
    };
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        simulation s;
        simulation_init(&s, runs[i].theta, runs[i].q, runs[i].c, runs[i].collisions);
        s.stage.interaction.tau = runs[i].tau;
        s.stage.interaction.counter_rotating = runs[i].lambda;
        s.stage.atoms.detuning = runs[i].detuning;
        if (runs[i].levels) {
            s.spec.battery.kind = UM_BATTERY_LADDER;
            s.spec.battery.levels = runs[i].levels;
        }
        print_message("%s\n", runs[i].name);
        simulation_run(&s);
        print_message("    trace drift %.2g, residual %.2g, moduli %.3g\n",
                      s.result->truncation.trace_drift, s.result->ledger.residual,
                      s.result->ledger.moduli);
        simulation_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_million_collisions), cmocka_unit_test(every_kernel),
                                       cmocka_unit_test(books_of_long_runs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
