#include "charge/rules.h"

#include <math.h>

/* Elements of the state below this are dropped at the rim of the window, and counted; less and less
 * is dropped as the sum nears its share of the error allowed, so that no length of run exceeds it. */
static const double WINDOW_TOLERANCE = 1e-18, WINDOW_SHARE = 0.5;

/* A truncated space of a named size is computed in a larger one, as far as the window reaches:
 * what is reported is then right, and how much of the state the named levels miss is known, not
 * guessed from the top one. With the guard off it is cut where the user says. */
umi_room umi_room_find(const um_spec *spec)
{
    const um_battery *battery = &spec->battery;
    if (battery->levels == UM_LEVELS_AUTO) return (umi_room){.limit = battery->max_levels};
    /* A named size is then the system's own. */
    if (battery->kind != UM_BATTERY_CAVITY) return (umi_room){.limit = battery->levels, .wall = true};
    if (spec->accuracy.truncation >= 1) return (umi_room){.limit = battery->levels};
    return (umi_room){.limit = umi_min(4 * battery->levels + 64, UM_LEVELS_MAX),
                      .named = battery->levels};
}

double umi_trim_tolerance(const um_spec *spec, double trimmed)
{
    double budget = WINDOW_SHARE * spec->accuracy.truncation;
    return WINDOW_TOLERANCE * fmax(0, 1 - trimmed / budget);
}

/* On a plateau the same roundings recur at every collision and add up. What one collision loses is
 * given back for all of them; and a norm that differs from 1 by another few units of 1e-15 each
 * time it is set keeps them from staying the same. */
double umi_norm_after(int64_t collision)
{
    uint32_t spread = (uint32_t)(collision / UMI_NORMALISE_EVERY) * UINT32_C(2654435761);
    return 1 + 1e-14 * ((double)spread * 0x1p-32 - 0.5);
}

void umi_totals_start(umi_totals *totals, double energy)
{
    totals->energy = totals->energy_before = totals->energy_initial = energy;
    totals->power_maximum = -INFINITY;
    totals->power_maximum_at = -1;
    totals->norm = 1;
}

static bool atoms_are_pure(const um_atoms *atoms)
{
    return atoms->c == 1 || atoms->q == 0 || atoms->q == 1;
}

void umi_totals_add(umi_totals *totals, const um_spec *spec, const um_stage *stage, int64_t done,
                    int64_t collision, double energy, const um_outcome *outcome)
{
    totals->energy_before = totals->energy;
    totals->energy = energy;
    double frequency = spec->battery.frequency;
    double gap = (frequency + stage->atoms.detuning) / frequency;
    double atom = gap * outcome->change;
    double switching = outcome->coupling_start - outcome->coupling_end;
    umi_sum_add(&totals->atoms, atom);
    umi_sum_add(&totals->switching, switching);
    umi_sum_add(&totals->moduli,
                fabs(atom) + fabs(switching) + fabs(totals->energy - totals->energy_before));
    if (!atoms_are_pure(&stage->atoms)) totals->pure = 0;
    /* From the count, not by adding up: a resumed run has the same bits. */
    totals->time = totals->stage_start + (double)done * stage->stream.period;
    double power = (totals->energy - totals->energy_initial) / totals->time;
    if (totals->time > 0 && power > totals->power_maximum) {
        totals->power_maximum = power;
        totals->power_maximum_at = (double)collision;
    }
}

um_ledger umi_totals_get_ledger(const umi_totals *totals)
{
    double battery = totals->energy - totals->energy_initial;
    double atoms = umi_sum_get(&totals->atoms), switching = umi_sum_get(&totals->switching);
    return (um_ledger){
        .battery = battery,
        .atoms = atoms,
        .switching = switching,
        .residual = battery + atoms - switching,
        .moduli = umi_sum_get(&totals->moduli),
    };
}

um_maximum umi_totals_get_power(const umi_totals *totals)
{
    if (totals->power_maximum_at < 0) return (um_maximum){NAN, -1};
    return (um_maximum){totals->power_maximum, (int64_t)totals->power_maximum_at};
}
