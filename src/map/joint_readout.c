/* What is read off a joint collision: row vectors over the joint elements of orders 0 and 1, moved to
 * its start, then contracted with the atom that comes. */
#include <math.h>
#include <string.h>

#include "map/joint_inside.h"

/* <n,g| rho |n-1,e> and its mirror image, |V| = 2 Im <n,g| rho |n-1,e> g d_n in the gauge. */
static double coupling_of(const umi_joint *joint, int n)
{
    return joint->it->interaction.g / joint->it->battery->frequency * joint->lowering[n];
}

static void fill_coupling(const umi_joint *joint, double complex *x)
{
    for (int n = 1; n < joint->it->levels; n++) {
        x[umi_joint_index(n, UMI_GE)] = -I * coupling_of(joint, n);
        x[umi_joint_index(n, UMI_EG)] = I * coupling_of(joint, n);
    }
}

/* Atom in the excited state; energy of battery and atom; <V>; population lost from the top per time. */
static void fill_excited(const umi_joint *joint, double complex *x)
{
    for (int n = 0; n < joint->it->levels; n++) x[umi_joint_index(n + 1, UMI_EE)] = 1;
}

static void fill_energy(const umi_joint *joint, double complex *x)
{
    const um_battery *battery = joint->it->battery;
    double price = 1 + joint->it->atoms.detuning / battery->frequency;
    for (int n = 0; n < joint->it->levels; n++) {
        double energy = um_battery_get_energy(battery, n);
        x[umi_joint_index(n, UMI_GG)] = energy;
        x[umi_joint_index(n + 1, UMI_EE)] = energy + price;
    }
    fill_coupling(joint, x);
}

static void fill_lost(const umi_joint *joint, double complex *x)
{
    const um_environment *bath = &joint->it->environment;
    int top = joint->it->levels - 1;
    double step = joint->lowering[top + 1], rate = bath->kappa * bath->n_th * step * step;
    x[umi_joint_index(top, UMI_GG)] = x[umi_joint_index(top + 1, UMI_EE)] = rate;
}

void umi_joint_start_integrals(umi_joint *joint)
{
    memset(joint->memory, 0, UMI_JOINT_VECTORS * joint->length * sizeof(double complex));
    double complex *x = umi_joint_vector(joint, UMI_JOINT_SCRATCH);
    fill_excited(joint, x);
    umi_band_apply(&joint->generator, x, umi_joint_vector(joint, UMI_JOINT_CHANGE));
    memset(x, 0, joint->length * sizeof(double complex));
    fill_energy(joint, x);
    umi_joint_fill(joint, 0, true, &joint->work[0]);
    umi_band_apply(&joint->work[0], x, umi_joint_vector(joint, UMI_JOINT_HEAT));
    fill_lost(joint, umi_joint_vector(joint, UMI_JOINT_LOST));
    fill_coupling(joint, umi_joint_vector(joint, UMI_JOINT_COUPLING));
}

/* Rounding took from or gave to the trace, in the same place at every collision: the largest
 * population of each image makes up for it. */
void umi_joint_mend_trace(umi_joint *joint)
{
    umi_band *change = joint->change;
    const double complex *lost = umi_joint_vector(joint, UMI_JOINT_LOST);
    for (int from = 0; from < (int)umi_band_rows(change); from++) {
        int block = from / UMI_BAND_BLOCK, largest = -1;
        double complex sum = lost[from];
        for (int i = change->low[block]; i < change->high[block]; i++)
            for (int component = UMI_GG; component <= UMI_EE; component += UMI_EE) {
                int row = umi_joint_index(i, component);
                double complex value = umi_band_get(change, row, from);
                sum += value;
                if (largest < 0 || cabs(value) > cabs(umi_band_get(change, largest, from))) largest = row;
            }
        if (largest >= 0) umi_band_add(change, largest, from, -sum);
    }
}

/* += Re(value R), R = in_order[n]. */
static void put(umi_table *table, umi_table_readout readout, int order, int n, double complex value)
{
    umi_table_weights(table, readout, order, 0)[n] += creal(value);
    if (order > 0) umi_table_weights(table, readout, order, 1)[n] += cimag(value);
}

/* Re(x (rho (x) rho_q)) for a row vector x over order 0. */
static void contract(const umi_joint *joint, umi_table *table, umi_table_readout readout,
                     const double complex *x, double weight)
{
    const um_atoms *atoms = &joint->it->atoms;
    double ge = weight * umi_atoms_ge(atoms);
    for (int n = 0; n < joint->it->levels; n++) {
        put(table, readout, 0, n,
            weight * (atoms->q * x[umi_joint_index(n, UMI_GG)] +
                      (1 - atoms->q) * x[umi_joint_index(n + 1, UMI_EE)]));
        if (n + 1 == joint->it->levels || ge == 0) continue;
        put(table, readout, 1, n,
            ge * (x[umi_joint_index(n + 1, UMI_EG)] + conj(x[umi_joint_index(n + 1, UMI_GE)])));
    }
}

void umi_joint_read_energies(umi_joint *joint, umi_table *table, double weight)
{
    contract(joint, table, UMI_TABLE_CHANGE, umi_joint_vector(joint, UMI_JOINT_CHANGE), weight);
    contract(joint, table, UMI_TABLE_HEAT, umi_joint_vector(joint, UMI_JOINT_HEAT), weight);
    double complex *start = umi_joint_vector(joint, UMI_JOINT_COUPLING);
    double complex *end = umi_joint_vector(joint, UMI_JOINT_SCRATCH);
    contract(joint, table, UMI_TABLE_START, start, weight);
    umi_band_apply(joint->change, start, end);
    for (size_t i = 0; i < umi_band_rows(joint->change); i++) end[i] += start[i];
    contract(joint, table, UMI_TABLE_END, end, weight);
    double stray = joint->it->stray / joint->it->battery->frequency;
    contract(joint, table, UMI_TABLE_END, umi_joint_vector(joint, UMI_JOINT_CHANGE), weight * stray);
}

/* <g|rho_q'|e> = sum_n <n,g| rho |n,e> */
void umi_joint_read_coherence(umi_joint *joint, umi_table *table, double weight)
{
    const um_atoms *atoms = &joint->it->atoms;
    int levels = joint->it->levels;
    double ge = weight * umi_atoms_ge(atoms);
    double complex *x = umi_joint_vector(joint, UMI_JOINT_SCRATCH), *y = x + joint->length;
    memset(x, 0, joint->length * sizeof *x);
    for (int n = 0; n < levels; n++) x[umi_joint_index(n, UMI_GE)] = 1;
    umi_band_apply(joint->change, x, y);
    for (size_t i = 0; i < umi_band_rows(joint->change); i++) x[i] += y[i];
    for (int part = 0; part < 2; part++) {
        umi_table_readout readout = part ? UMI_TABLE_COHERENCE_IM : UMI_TABLE_COHERENCE_RE;
        double complex turn = part ? -I : 1;
        for (int n = 0; n < levels; n++) {
            put(table, readout, 0, n, turn * ge * x[umi_joint_index(n, UMI_GE)]);
            if (n + 1 < levels)
                put(table, readout, 1, n,
                    turn * weight * (atoms->q * x[umi_joint_index(n, UMI_GG)] +
                                     (1 - atoms->q) * x[umi_joint_index(n + 1, UMI_EE)]));
            if (n + 2 < levels) put(table, readout, 2, n, turn * ge * x[umi_joint_index(n + 1, UMI_EG)]);
        }
    }
}
