#include "uneven.h"

enum { LEVELS_MAX = 256 };

static double energies[LEVELS_MAX], lowering[LEVELS_MAX];

double uneven_energy(int n) { return 0.5 + n + 0.3 * sin(n) + 0.01 * n * n; }

void uneven_describe(int levels, um_spec *spec, um_stage *stage)
{
    for (int n = 0; n < LEVELS_MAX; n++) {
        energies[n] = uneven_energy(n);
        lowering[n] = n ? 1 + 0.5 * cos(n) : 0;
    }
    spec->battery.kind = UM_BATTERY_CUSTOM;
    spec->battery.levels = levels < 2 ? 2 : levels;
    spec->battery.energies = energies;
    spec->battery.lowering = lowering;
    spec->battery.frequency = 1.5;
    stage->atoms = (um_atoms){.q = 0.4, .c = 0.5, .phase = 0.3, .detuning = 0.2};
    stage->interaction.g = 0.8;
    stage->interaction.tau = 1.3;
}
