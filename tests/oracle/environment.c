/* Environments, slowly: the master equation as it is written down, by Taylor steps on the matrix. */
#include "oracle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One operator L with its L'L, and the rate of D[L]. */
typedef struct jump {
    oracle_real rate;
    oracle_complex *lower, *raise, *product;
} jump;

enum { JUMPS_MAX = 5 };

typedef struct open_system {
    int size, jumps;
    oracle_complex *hamiltonian;
    jump jump[JUMPS_MAX];
    oracle_complex *work[2];
} open_system;

/* Takes `lower` over. */
static void add_jump(open_system *it, oracle_real rate, oracle_complex *lower)
{
    if (rate == 0) {
        free(lower);
        return;
    }
    jump *made = &it->jump[it->jumps++];
    *made = (jump){rate, lower, oracle_matrix(it->size), oracle_matrix(it->size)};
    oracle_adjoint(it->size, lower, made->raise);
    oracle_multiply(it->size, made->raise, lower, made->product);
}

static open_system open_create(int size)
{
    return (open_system){.size = size,
                         .hamiltonian = oracle_matrix(size),
                         .work = {oracle_matrix(size), oracle_matrix(size)}};
}

static void open_free(open_system *it)
{
    free(it->hamiltonian);
    free(it->work[0]);
    free(it->work[1]);
    for (int i = 0; i < it->jumps; i++) {
        free(it->jump[i].lower);
        free(it->jump[i].raise);
        free(it->jump[i].product);
    }
}

/* out += factor a b */
static void add_product(open_system *it, oracle_complex factor, const oracle_complex *a,
                        const oracle_complex *b, oracle_complex *out)
{
    oracle_multiply(it->size, a, b, it->work[1]);
    for (int i = 0; i < it->size * it->size; i++) out[i] += factor * it->work[1][i];
}

static void dissipate(open_system *it, const oracle_complex *rho, oracle_complex *out)
{
    for (int i = 0; i < it->jumps; i++) {
        const jump *j = &it->jump[i];
        oracle_multiply(it->size, j->lower, rho, it->work[0]);
        add_product(it, j->rate, it->work[0], j->raise, out);
        add_product(it, -j->rate / 2, j->product, rho, out);
        add_product(it, -j->rate / 2, rho, j->product, out);
    }
}

/* out = -i [H, rho] + sum rate D[L] rho */
static void generate(open_system *it, const oracle_complex *rho, oracle_complex *out)
{
    memset(out, 0, (size_t)it->size * (size_t)it->size * sizeof *out);
    add_product(it, -1.0iL, it->hamiltonian, rho, out);
    add_product(it, 1.0iL, rho, it->hamiltonian, out);
    dissipate(it, rho, out);
}

static oracle_real largest_row(int size, const oracle_complex *a)
{
    oracle_real largest = 0;
    for (int i = 0; i < size; i++) {
        oracle_real sum = 0;
        for (int j = 0; j < size; j++) sum += cabsl(a[i * size + j]);
        largest = fmaxl(largest, sum);
    }
    return largest;
}

static int count_steps(const open_system *it, oracle_real time)
{
    oracle_real norm = 2 * largest_row(it->size, it->hamiltonian);
    for (int i = 0; i < it->jumps; i++)
        norm += 2 * it->jump[i].rate * largest_row(it->size, it->jump[i].product);
    return (int)ceill(norm * time) + 1;
}

/* rho to the time; returns the integral of Tr[energy D(rho)] where energy is given. */
static oracle_real evolve(open_system *it, oracle_real time, const oracle_complex *energy,
                          oracle_complex *rho)
{
    enum { TERMS = 26 }; /* steps of norm 1: 1/26! < 1e-26 */
    int steps = count_steps(it, time), count = it->size * it->size;
    oracle_real step = time / steps, heat = 0;
    oracle_complex *term = oracle_matrix(it->size), *next = oracle_matrix(it->size);
    oracle_complex *integral = oracle_matrix(it->size), *flow = oracle_matrix(it->size);
    for (int s = 0; s < steps; s++) {
        memcpy(term, rho, (size_t)count * sizeof *term);
        for (int i = 0; i < count; i++) integral[i] += step * rho[i];
        for (int k = 1; k <= TERMS; k++) {
            generate(it, term, next);
            for (int i = 0; i < count; i++) {
                term[i] = next[i] * (step / k);
                rho[i] += term[i];
                integral[i] += term[i] * (step / (k + 1));
            }
        }
    }
    if (energy) {
        dissipate(it, integral, flow);
        heat = creall(oracle_trace_product(it->size, energy, flow));
    }
    free(term);
    free(next);
    free(integral);
    free(flow);
    return heat;
}

/* A on the battery, once per state of the atom if there is one (`copies` 1 or 2). */
static oracle_complex *lowering_matrix(const oracle_battery *battery, int copies)
{
    int size = copies * battery->levels;
    oracle_complex *a = oracle_matrix(size);
    for (int n = 1; n < battery->levels; n++)
        for (int s = 0; s < copies; s++)
            a[(copies * (n - 1) + s) * size + copies * n + s] = battery->lowering[n];
    return a;
}

static void add_environment(open_system *it, const oracle_battery *battery,
                            const oracle_environment *environment, int copies)
{
    int size = it->size;
    oracle_complex *a = lowering_matrix(battery, copies), *up = oracle_matrix(size);
    oracle_complex *number = oracle_matrix(size);
    oracle_adjoint(size, a, up);
    for (int i = 0; i < size; i++) number[i * size + i] = i / copies;
    add_jump(it, environment->kappa * (environment->n_th + 1), a);
    add_jump(it, environment->kappa * environment->n_th, up);
    add_jump(it, environment->dephasing, number);
}

/* omega (E_n - n): what turns in the frame. */
static open_system open_battery(const oracle_battery *battery, oracle_real omega,
                                const oracle_environment *environment)
{
    open_system it = open_create(battery->levels);
    for (int n = 0; n < it.size; n++)
        it.hamiltonian[n * it.size + n] = omega * (battery->energies[n] - n);
    add_environment(&it, battery, environment, 1);
    return it;
}

static oracle_complex *energy_matrix(const oracle_battery *battery)
{
    oracle_complex *energy = oracle_matrix(battery->levels);
    for (int n = 0; n < battery->levels; n++)
        energy[n * battery->levels + n] = battery->energies[n];
    return energy;
}

/* x to the time, L being a tridiagonal matrix; `integral` receives its integral. */
static void evolve_vector(int size, const oracle_complex *matrix, oracle_real time, oracle_complex *x,
                          oracle_complex *integral)
{
    enum { TERMS = 26 };
    int steps = (int)ceill(largest_row(size, matrix) * time) + 1;
    oracle_real step = time / steps;
    oracle_complex *term = calloc(2 * (size_t)size, sizeof *term), *next = term + size;
    if (!term) abort();
    for (int s = 0; s < steps; s++) {
        for (int i = 0; i < size; i++) {
            term[i] = x[i];
            integral[i] += step * x[i];
        }
        for (int k = 1; k <= TERMS; k++) {
            for (int i = 0; i < size; i++) {
                next[i] = 0;
                for (int j = i > 0 ? i - 1 : 0; j < size && j <= i + 1; j++)
                    next[i] += matrix[i * size + j] * term[j];
            }
            for (int i = 0; i < size; i++) {
                term[i] = next[i] * (step / k);
                x[i] += term[i];
                integral[i] += term[i] * (step / (k + 1));
            }
        }
    }
    free(term);
}

static void swap_rows(int columns, oracle_complex *a, oracle_complex *b)
{
    for (int j = 0; j < columns; j++) {
        oracle_complex keep = a[j];
        a[j] = b[j];
        b[j] = keep;
    }
}

/* x <- matrix^-1 x by Gaussian elimination with row pivots; matrix is lost. */
static void solve(int size, oracle_complex *matrix, oracle_complex *x)
{
    for (int i = 0; i < size; i++) {
        int best = i;
        for (int r = i + 1; r < size; r++)
            if (cabsl(matrix[r * size + i]) > cabsl(matrix[best * size + i])) best = r;
        if (best != i) {
            swap_rows(size, matrix + i * size, matrix + best * size);
            swap_rows(1, x + i, x + best);
        }
        for (int r = i + 1; r < size; r++) {
            oracle_complex factor = matrix[r * size + i] / matrix[i * size + i];
            if (factor == 0) continue;
            for (int j = i; j < size; j++) matrix[r * size + j] -= factor * matrix[i * size + j];
            x[r] -= factor * x[i];
        }
    }
    for (int i = size - 1; i >= 0; i--) {
        for (int j = i + 1; j < size; j++) x[i] -= matrix[i * size + j] * x[j];
        x[i] /= matrix[i * size + i];
    }
}

/* The generator keeps n - m: elements (first + j, first + j + order) among themselves. */
static void fill_order(open_system *it, int order, int size, int first, oracle_complex *matrix)
{
    int levels = it->size;
    oracle_complex *unit = oracle_matrix(levels), *image = oracle_matrix(levels);
    /* Neighbours alone are reached: every third element at a time. */
    for (int start = 0; start < 3; start++) {
        memset(unit, 0, (size_t)levels * (size_t)levels * sizeof *unit);
        for (int j = start; j < size; j += 3) unit[(first + j) * levels + first + j + order] = 1;
        generate(it, unit, image);
        for (int i = 0; i < size; i++)
            for (int j = i > 0 ? i - 1 : 0; j < size && j <= i + 1; j++)
                if (j % 3 == start) matrix[i * size + j] = image[(first + i) * levels + first + i + order];
    }
    free(unit);
    free(image);
}

/* exp(L time) if rate = 0, else rate (rate - L)^-1; returns the heat. */
static oracle_real pass(const oracle_battery *battery, oracle_real omega,
                        const oracle_environment *environment, oracle_real time, oracle_real rate,
                        oracle_complex *rho)
{
    open_system it = open_battery(battery, omega, environment);
    int levels = battery->levels;
    oracle_complex *flow = oracle_matrix(levels), *spent = oracle_matrix(levels);
    oracle_complex *energy = energy_matrix(battery);
    for (int order = 1 - levels; order < levels; order++) {
        int size = levels - abs(order), first = order < 0 ? -order : 0;
        oracle_complex *matrix = oracle_matrix(size), *x = oracle_matrix(size);
        oracle_complex *integral = oracle_matrix(size);
        fill_order(&it, order, size, first, matrix);
        for (int i = 0; i < size; i++) x[i] = rho[(first + i) * levels + first + i + order];
        if (rate == 0) {
            evolve_vector(size, matrix, time, x, integral);
        } else {
            for (int i = 0; i < size * size; i++)
                matrix[i] = (i % (size + 1) == 0 ? rate : 0) - matrix[i];
            for (int i = 0; i < size; i++) x[i] *= rate;
            solve(size, matrix, x);
            for (int i = 0; i < size; i++) integral[i] = x[i] / rate;
        }
        for (int i = 0; i < size; i++) {
            rho[(first + i) * levels + first + i + order] = x[i];
            spent[(first + i) * levels + first + i + order] = integral[i];
        }
        free(matrix);
        free(x);
        free(integral);
    }
    dissipate(&it, spent, flow);
    oracle_real heat = creall(oracle_trace_product(levels, energy, flow));
    free(flow);
    free(spent);
    free(energy);
    open_free(&it);
    return heat;
}

oracle_real oracle_relax(const oracle_battery *battery, oracle_real omega,
                         const oracle_environment *environment, oracle_real time,
                         oracle_complex *rho)
{
    return pass(battery, omega, environment, time, 0, rho);
}

oracle_real oracle_wait(const oracle_battery *battery, oracle_real omega,
                        const oracle_environment *environment, oracle_real rate,
                        oracle_complex *rho)
{
    return pass(battery, omega, environment, 0, rate, rho);
}

/* s- and s_z of the atom on the joint space. */
static void add_atom(open_system *it, const oracle_environment *environment)
{
    int size = it->size;
    oracle_complex *lower = oracle_matrix(size), *z = oracle_matrix(size);
    for (int n = 0; n < size / 2; n++) {
        lower[(2 * n) * size + 2 * n + 1] = 1;
        z[(2 * n) * size + 2 * n] = -1;
        z[(2 * n + 1) * size + 2 * n + 1] = 1;
    }
    add_jump(it, environment->atom_decay, lower);
    add_jump(it, environment->atom_dephasing / 2, z);
}

void oracle_open_collide(const oracle_battery *battery, const oracle_interaction *interaction,
                         const oracle_environment *environment, const oracle_complex atom[4],
                         const oracle_complex *before, oracle_complex *after,
                         oracle_open_outcome *outcome)
{
    int levels = battery->levels, size = 2 * levels;
    open_system it = open_create(size);
    oracle_complex *joint = oracle_matrix(size), *energy = oracle_matrix(size);
    oracle_complex *coupling = oracle_matrix(size);
    oracle_hamiltonian(battery, interaction, energy);
    oracle_coupling(battery, interaction, coupling);
    memcpy(it.hamiltonian, energy, (size_t)size * (size_t)size * sizeof *energy);
    add_environment(&it, battery, environment, 2);
    add_atom(&it, environment);
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++)
            joint[i * size + j] = before[(i / 2) * levels + j / 2] * atom[2 * (i % 2) + j % 2];
    oracle_real omega = interaction->omega;
    outcome->coupling_start = creall(oracle_trace_product(size, coupling, joint)) / omega;
    outcome->heat = evolve(&it, interaction->tau, energy, joint) / omega;
    outcome->coupling_end = creall(oracle_trace_product(size, coupling, joint)) / omega;
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            int quanta = (i / 2 + i % 2) - (j / 2 + j % 2);
            joint[i * size + j] *= cexpl(1.0iL * (omega * interaction->tau * quanta));
        }
    for (int s = 0; s < 2; s++)
        for (int t = 0; t < 2; t++) {
            outcome->atom[2 * s + t] = 0;
            for (int n = 0; n < levels; n++)
                outcome->atom[2 * s + t] += joint[(2 * n + s) * size + 2 * n + t];
        }
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++)
            after[n * levels + m] =
                joint[(2 * n) * size + 2 * m] + joint[(2 * n + 1) * size + 2 * m + 1];
    free(joint);
    free(energy);
    free(coupling);
    open_free(&it);
}
