/* A given unitary: the exponential of the joint Hamiltonian, made by the oracle. */
#include "map_conformance.h"
#include "oracle.h"

/* The price of an excitation follows from detuning and frequency; U from the Hamiltonian itself, in
 * the Schroedinger picture, so that energies are kept. */
static um_status create(um_context *ctx, int levels, um_map **map)
{
    int size = 2 * levels;
    oracle_battery battery = oracle_ladder(levels);
    oracle_interaction interaction = {1.25, 0.5, 0.7, 0.9, 0.4};
    oracle_complex *hamiltonian = oracle_matrix(size), *u = oracle_matrix(size);
    double *re = malloc(sizeof(double) * (size_t)(2 * size * size)), *im = re + size * size;
    double *lowering = malloc(sizeof(double) * (size_t)levels);
    oracle_hamiltonian(&battery, &interaction, hamiltonian);
    oracle_exponential(size, hamiltonian, -0.9iL, u);
    for (int i = 0; i < size * size; i++) {
        re[i] = (double)creall(u[i]);
        im[i] = (double)cimagl(u[i]);
    }
    for (int n = 0; n < levels; n++) lowering[n] = (double)battery.lowering[n];
    um_atoms atoms = {.q = 0.35, .c = 0.9, .phase = 0.2, .detuning = 0.5};
    um_status status = um_map_create_unitary(ctx, levels, re, im, &atoms, 1.25, lowering, 0.7, 0.4, map);
    free(hamiltonian);
    free(u);
    free(re);
    free(lowering);
    oracle_battery_free(&battery);
    return status;
}

int main(void)
{
    const map_subject subject = {.method = "unitary", .create = create,
                                 .energy = map_conformance_even, .price = 1.4, .excited = 0.65,
                                 .stationary = true, .finite = true,
                                 .unknown = true, .largest = 40};
    return map_conformance_main(&subject);
}
