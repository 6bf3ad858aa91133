/* Batteries, the Hamiltonian of section 1, one collision on the joint space. */
#include "oracle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static oracle_battery battery_of(int levels)
{
    oracle_battery battery = {levels, calloc((size_t)levels, sizeof(oracle_real)),
                              calloc((size_t)levels, sizeof(oracle_real))};
    if (!battery.energies || !battery.lowering) {
        fprintf(stderr, "oracle: out of memory\n");
        abort();
    }
    for (int n = 0; n < levels; n++) battery.energies[n] = n;
    return battery;
}

oracle_battery oracle_cavity(int levels)
{
    oracle_battery battery = battery_of(levels);
    for (int n = 1; n < levels; n++) battery.lowering[n] = sqrtl(n);
    return battery;
}

oracle_battery oracle_ladder(int levels)
{
    oracle_battery battery = battery_of(levels);
    for (int n = 1; n < levels; n++) battery.lowering[n] = 1;
    return battery;
}

oracle_battery oracle_custom(int levels, const double *energies, const double *lowering)
{
    oracle_battery battery = battery_of(levels);
    for (int n = 0; n < levels; n++) {
        battery.energies[n] = energies[n];
        battery.lowering[n] = n ? lowering[n] : 0;
    }
    return battery;
}

void oracle_battery_free(oracle_battery *battery)
{
    free(battery->energies);
    free(battery->lowering);
    battery->energies = battery->lowering = NULL;
}

void oracle_atom_matrix(const oracle_atom *atom, oracle_complex rho[4])
{
    oracle_real coherence = atom->c * sqrtl(atom->q * (1 - atom->q));
    rho[0] = atom->q;
    rho[3] = 1 - atom->q;
    rho[2] = coherence * cexpl(-1.0iL * atom->phase); /* |e><g| */
    rho[1] = conjl(rho[2]);
}

void oracle_coupling(const oracle_battery *battery, const oracle_interaction *interaction,
                     oracle_complex *coupling)
{
    int size = 2 * battery->levels;
    for (int i = 0; i < size * size; i++) coupling[i] = 0;
    for (int n = 1; n < battery->levels; n++) {
        oracle_real element = interaction->g * battery->lowering[n];
        oracle_real counter = interaction->counter_rotating * element;
        int lower_g = 2 * (n - 1), lower_e = lower_g + 1, upper_g = 2 * n, upper_e = upper_g + 1;
        coupling[lower_e * size + upper_g] = element; /* A s+ */
        coupling[upper_g * size + lower_e] = element; /* A' s- */
        coupling[lower_g * size + upper_e] = counter; /* A s- */
        coupling[upper_e * size + lower_g] = counter; /* A' s+ */
    }
}

void oracle_hamiltonian(const oracle_battery *battery, const oracle_interaction *interaction,
                        oracle_complex *hamiltonian)
{
    int size = 2 * battery->levels;
    oracle_coupling(battery, interaction, hamiltonian);
    for (int n = 0; n < battery->levels; n++) {
        oracle_real energy = interaction->omega * battery->energies[n];
        hamiltonian[(2 * n) * size + 2 * n] = energy;
        hamiltonian[(2 * n + 1) * size + 2 * n + 1] =
            energy + interaction->omega + interaction->detuning;
    }
}

/* a_ij e^{i (H0_i - H0_j) time} */
static void turn_frame(int size, oracle_real omega, oracle_real time, oracle_complex *a)
{
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            int quanta = (i / 2 + i % 2) - (j / 2 + j % 2);
            a[i * size + j] *= cexpl(1.0iL * (omega * time * quanta));
        }
}

void oracle_unitary(const oracle_battery *battery, const oracle_interaction *interaction,
                    oracle_real start, oracle_complex *unitary)
{
    int size = 2 * battery->levels;
    oracle_complex *hamiltonian = oracle_matrix(size);
    oracle_hamiltonian(battery, interaction, hamiltonian);
    oracle_exponential(size, hamiltonian, -1.0iL * interaction->tau, unitary);
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++)
            unitary[i * size + j] *=
                cexpl(1.0iL * (interaction->omega * interaction->tau * (i / 2 + i % 2)));
    turn_frame(size, interaction->omega, start, unitary);
    free(hamiltonian);
}

static void join(int levels, const oracle_complex *rho, const oracle_complex atom[4],
                 oracle_complex *joint)
{
    int size = 2 * levels;
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++)
            joint[i * size + j] = rho[(i / 2) * levels + j / 2] * atom[2 * (i % 2) + j % 2];
}

static void trace_atom(int levels, const oracle_complex *joint, oracle_complex *rho)
{
    int size = 2 * levels;
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++)
            rho[n * levels + m] =
                joint[(2 * n) * size + 2 * m] + joint[(2 * n + 1) * size + 2 * m + 1];
}

static void trace_battery(int levels, const oracle_complex *joint, oracle_complex atom[4])
{
    int size = 2 * levels;
    for (int s = 0; s < 2; s++)
        for (int t = 0; t < 2; t++) {
            atom[2 * s + t] = 0;
            for (int n = 0; n < levels; n++)
                atom[2 * s + t] += joint[(2 * n + s) * size + 2 * n + t];
        }
}

/* u joint u' into joint. The second product is taken as (u (u joint)')', u being sparse. */
static void transform(int size, const oracle_complex *u, oracle_complex *joint)
{
    oracle_complex *product = oracle_matrix(size), *turned = oracle_matrix(size);
    oracle_multiply(size, u, joint, product);
    oracle_adjoint(size, product, turned);
    oracle_multiply(size, u, turned, product);
    oracle_adjoint(size, product, joint);
    free(product);
    free(turned);
}

void oracle_collide(int levels, const oracle_complex *unitary, const oracle_complex atom[4],
                    const oracle_complex *before, oracle_complex *after,
                    oracle_complex atom_after[4])
{
    int size = 2 * levels;
    oracle_complex *joint = oracle_matrix(size);
    join(levels, before, atom, joint);
    transform(size, unitary, joint);
    if (after) trace_atom(levels, joint, after);
    if (atom_after) trace_battery(levels, joint, atom_after);
    free(joint);
}

oracle_experiment oracle_experiment_create(const oracle_battery *battery,
                                           const oracle_interaction *interaction,
                                           const oracle_atom *atom)
{
    int size = 2 * battery->levels;
    oracle_experiment experiment = {.levels = battery->levels,
                                    .interaction = *interaction,
                                    .propagator = oracle_matrix(size),
                                    .coupling = oracle_matrix(size)};
    oracle_complex *hamiltonian = oracle_matrix(size);
    oracle_atom_matrix(atom, experiment.atom);
    oracle_coupling(battery, interaction, experiment.coupling);
    oracle_hamiltonian(battery, interaction, hamiltonian);
    oracle_exponential(size, hamiltonian, -1.0iL * interaction->tau, experiment.propagator);
    free(hamiltonian);
    return experiment;
}

void oracle_experiment_free(oracle_experiment *experiment)
{
    free(experiment->propagator);
    free(experiment->coupling);
}

void oracle_experiment_collide(const oracle_experiment *experiment, oracle_real start,
                               const oracle_complex *before, oracle_complex *after,
                               oracle_outcome *outcome)
{
    int levels = experiment->levels, size = 2 * levels;
    oracle_real omega = experiment->interaction.omega, tau = experiment->interaction.tau;
    oracle_complex *joint = oracle_matrix(size);
    join(levels, before, experiment->atom, joint);
    turn_frame(size, omega, -start, joint);
    outcome->coupling_start =
        creall(oracle_trace_product(size, experiment->coupling, joint)) / omega;
    transform(size, experiment->propagator, joint);
    outcome->coupling_end = creall(oracle_trace_product(size, experiment->coupling, joint)) / omega;
    turn_frame(size, omega, start + tau, joint);
    if (after) trace_atom(levels, joint, after);
    trace_battery(levels, joint, outcome->atom);
    free(joint);
}

void oracle_gap(const oracle_battery *battery, oracle_real omega, oracle_real time,
                oracle_complex *rho)
{
    int levels = battery->levels;
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++) {
            oracle_real shift = (battery->energies[n] - n) - (battery->energies[m] - m);
            rho[n * levels + m] *= cexpl(-1.0iL * (omega * shift * time));
        }
}
