/* The oracle alone against the golden cases: two references that were written apart agree, so the
 * conventions (who is g, which way the phase turns, what the frame is) are pinned.
 * A period of null means the locked frame, U = U(0) for every collision (rabi-g0.1, rabi-usc); a
 * given one the lab frame with t_k = (k-1) period (rabi-partial-cr-lab-phase). */
#include "check.h"
#include "golden_cases.h"
#include "oracle.h"

#define TOLERANCE 1e-9

static void start(const golden_case *the_case, oracle_complex *rho)
{
    switch (the_case->initial) {
    case GOLDEN_VACUUM: oracle_vacuum(the_case->levels, rho); break;
    case GOLDEN_COHERENT:
        oracle_coherent(the_case->levels, the_case->initial_parameter, 0, rho);
        break;
    case GOLDEN_THERMAL:
        oracle_thermal(the_case->levels, the_case->initial_parameter, rho);
        break;
    }
}

static void compare_numbers(const golden_case *the_case, const oracle_battery *battery,
                            const oracle_complex *rho, int collision)
{
    for (int i = 0; i < the_case->points; i++) {
        const golden_numbers *want = &the_case->after[i];
        if (want->collision != collision) continue;
        oracle_numbers have = oracle_observe(battery->levels, battery->energies, rho);
        CHECK_CLOSE(have.trace, 1, 1e-15);
        CHECK_CLOSE(have.energy, want->energy, TOLERANCE);
        CHECK_CLOSE(have.variance, want->variance, TOLERANCE);
        CHECK_CLOSE(have.ergotropy, want->ergotropy, TOLERANCE);
        CHECK_CLOSE(have.ergotropy_incoherent, want->ergotropy_incoherent, TOLERANCE);
        CHECK_CLOSE(have.purity, want->purity, TOLERANCE);
        CHECK_CLOSE(have.entropy, want->entropy, TOLERANCE);
        CHECK_CLOSE(have.l1_coherence, want->l1_coherence, TOLERANCE);
        CHECK_CLOSE(have.mandel_q, want->mandel_q, TOLERANCE);
        /* The reference looked at the top level alone. */
        CHECK_CLOSE((double)creall(rho[battery->levels * battery->levels - 1]),
                    want->top_population, TOLERANCE);
    }
}

static void compare_atom(const golden_case *the_case, const oracle_complex atom[4], int collision)
{
    for (int i = 0; i < the_case->atoms; i++) {
        const golden_atom *want = &the_case->outgoing[i];
        if (want->collision != collision) continue;
        CHECK_CLOSE((double)creall(atom[3]), want->excited, TOLERANCE);
        CHECK_CLOSE((double)creall(atom[1]), want->ge_re, TOLERANCE);
        CHECK_CLOSE((double)cimagl(atom[1]), want->ge_im, TOLERANCE);
    }
}

static void compare_corner(const golden_case *the_case, const oracle_complex *rho, int collision)
{
    if (the_case->corner_after != collision) return;
    for (int n = 0; n < GOLDEN_CORNER; n++)
        for (int m = 0; m < GOLDEN_CORNER; m++) {
            oracle_complex element = rho[n * the_case->levels + m];
            CHECK_CLOSE((double)creall(element), the_case->corner_re[n * GOLDEN_CORNER + m],
                        TOLERANCE);
            CHECK_CLOSE((double)cimagl(element), the_case->corner_im[n * GOLDEN_CORNER + m],
                        TOLERANCE);
        }
}

static void run_case(const golden_case *the_case)
{
    int levels = the_case->levels;
    oracle_battery battery = the_case->ladder ? oracle_ladder(levels) : oracle_cavity(levels);
    oracle_interaction interaction = {the_case->omega, the_case->detuning, the_case->g,
                                      the_case->tau, the_case->counter_rotating};
    oracle_atom atom = {the_case->q, the_case->c, the_case->phi};
    oracle_complex incoming[4], outgoing[4];
    oracle_complex *unitary = oracle_matrix(2 * levels), *rho = oracle_matrix(levels);
    oracle_atom_matrix(&atom, incoming);
    oracle_unitary(&battery, &interaction, 0, unitary);
    start(the_case, rho);
    for (int k = 1; k <= the_case->last; k++) {
        if (the_case->counter_rotating != 0 && k > 1 && !isnan(the_case->period))
            oracle_unitary(&battery, &interaction, (k - 1) * the_case->period, unitary);
        oracle_collide(levels, unitary, incoming, rho, rho, outgoing);
        compare_numbers(the_case, &battery, rho, k);
        compare_atom(the_case, outgoing, k);
        compare_corner(the_case, rho, k);
    }
    free(unitary);
    free(rho);
    oracle_battery_free(&battery);
}

static void oracle_gives_the_golden_numbers(void **unused)
{
    (void)unused;
    static golden_case cases[32];
    int count = golden_read(cases, 32), closed = 0;
    for (int i = 0; i < count; i++) {
        if (cases[i].open) continue;
        closed++;
        print_message("%s\n", cases[i].name);
        run_case(&cases[i]);
    }
    assert_int_equal(closed, 14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(oracle_gives_the_golden_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
