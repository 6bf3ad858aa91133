/* What follows from a single part of a model: level energies, lowering elements, what atoms bring.
 */
#include "model/model.h"

#include <float.h>
#include <math.h>

um_scale um_spec_get_scale(const um_spec *spec)
{
    static const double hbar = 6.62607015e-34 / 6.283185307179586476925;
    double omega = spec->omega_si;
    if (!(omega > 0)) return (um_scale){0};
    return (um_scale){omega, spec->battery.frequency / omega, hbar * omega};
}

double um_battery_get_energy(const um_battery *battery, int n)
{
    return battery->kind == UM_BATTERY_CUSTOM ? battery->energies[n] : n;
}

double umi_battery_get_lowest_energy(const um_battery *battery)
{
    double lowest = um_battery_get_energy(battery, 0);
    for (int n = 1; battery->kind == UM_BATTERY_CUSTOM && n < battery->levels; n++)
        lowest = fmin(lowest, battery->energies[n]);
    return lowest;
}

double um_battery_get_lowering(const um_battery *battery, int n)
{
    if (n == 0) return 0;
    switch (battery->kind) {
    case UM_BATTERY_LADDER:
        return 1;
    case UM_BATTERY_CUSTOM:
        return battery->lowering[n];
    default:
        return sqrt(n);
    }
}

bool umi_battery_is_uniform(const um_battery *battery)
{
    if (battery->kind != UM_BATTERY_CUSTOM) return true;
    const double *e = battery->energies;
    for (int n = 1; n < battery->levels; n++)
        if (fabs(e[n] - e[0] - n) > 8 * DBL_EPSILON * (fabs(e[n]) + fabs(e[0]) + n)) return false;
    return true;
}

double um_atoms_get_energy(const um_atoms *atoms, double frequency)
{
    return (1 + atoms->detuning / frequency) * (1 - atoms->q);
}

double um_atoms_get_ergotropy(const um_atoms *atoms, double frequency)
{
    /* sqrt(1 - 4 q(1-q)(1-c^2)) as the length of the Bloch vector: no cancellation near 0. An atom
     * detuned below zero has its ground state on top: then the vector turns the other way. */
    double z = 1 - 2 * atoms->q, x = 2 * atoms->c * sqrt(atoms->q * (1 - atoms->q));
    double price = 1 + atoms->detuning / frequency;
    return 0.5 * (price * z + fabs(price) * hypot(z, x));
}
