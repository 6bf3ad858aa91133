#include "charge/rules.h"

#include "model/model.h"

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
    totals->run.energy_start = totals->stage.energy_start = energy;
    totals->power = UMI_NO_POWER;
    totals->norm = 1;
}

static bool atoms_are_pure(const um_atoms *atoms)
{
    return atoms->c == 1 || atoms->q == 0 || atoms->q == 1;
}

/* Whether nothing but discarded atoms is entangled with a pure battery. */
static bool keeps_pure(const um_stage *stage)
{
    um_stage same = *stage;
    same.interaction.pulse = UM_PULSE_CONSTANT;
    if (stage->kind == UM_STAGE_DRIVE) return true;
    if (stage->kind == UM_STAGE_STORE) return !umi_stage_is_open_outside(stage);
    if (stage->collisions == 0) return true;
    return umi_stage_is_plain(&same) &&
           (stage->kind == UM_STAGE_DISCHARGE || atoms_are_pure(&stage->atoms));
}

void umi_totals_enter(umi_totals *totals, const um_stage *stage)
{
    totals->stage = (umi_books){.energy_start = totals->energy};
    totals->stage_start = totals->time;
    totals->waited = (umi_sum){0};
    totals->came = 0;
    totals->delivered_energy_before += umi_sum_get(&totals->delivered_energy);
    totals->delivered_ergotropy_before += umi_sum_get(&totals->delivered_ergotropy);
    totals->delivered_energy = totals->delivered_ergotropy = (umi_sum){0};
    if (!keeps_pure(stage)) totals->pure = 0;
}

typedef struct terms {
    double battery, atoms, switching, heat, drive;
} terms;

static void enter_terms(umi_books *books, const terms *it)
{
    umi_sum_add(&books->atoms, it->atoms);
    umi_sum_add(&books->switching, it->switching);
    umi_sum_add(&books->heat, it->heat);
    umi_sum_add(&books->drive, it->drive);
    umi_sum_add(&books->moduli, fabs(it->battery) + fabs(it->atoms) + fabs(it->switching) +
                                    fabs(it->heat) + fabs(it->drive));
}

static void add_terms(umi_totals *totals, terms it, double energy)
{
    it.battery = energy - totals->energy;
    totals->energy_before = totals->energy;
    totals->energy = energy;
    enter_terms(&totals->run, &it);
    enter_terms(&totals->stage, &it);
}

static double price(const um_spec *spec, const um_stage *stage)
{
    double frequency = spec->battery.frequency;
    return (frequency + stage->atoms.detuning) / frequency;
}

void umi_power_look(umi_power *power, double gained, double time, int64_t collision)
{
    if (time > 0 && gained / time > power->maximum)
        *power = (umi_power){gained / time, (double)collision};
}

void umi_totals_add(umi_totals *totals, const um_spec *spec, const um_stage *stage, int64_t done,
                    int64_t collision, double energy, const um_outcome *outcome)
{
    terms it = {.atoms = price(spec, stage) * outcome->change,
                .switching = outcome->coupling_start - outcome->coupling_end,
                .heat = outcome->heat,
                .drive = outcome->drive};
    add_terms(totals, it, energy);
    totals->came += outcome->present;
    if (stage->kind == UM_STAGE_DISCHARGE) {
        umi_sum_add(&totals->delivered_energy, it.atoms);
        umi_sum_add(&totals->delivered_ergotropy,
                    outcome->present * umi_atom_ergotropy(spec, stage, outcome));
    }
    /* From the count, not by adding up: a resumed run has the same bits. */
    double passed = (double)done * stage->stream.period;
    if (isfinite(outcome->duration)) {
        umi_sum_add(&totals->waited, outcome->duration);
        passed = umi_sum_get(&totals->waited);
    }
    totals->time = totals->stage_start + passed;
    umi_power_look(&totals->power, energy - totals->energy_initial, totals->time, collision);
}

void umi_totals_add_free(umi_totals *totals, double duration, double energy,
                         const um_outcome *outcome)
{
    add_terms(totals, (terms){.heat = outcome->heat, .drive = outcome->drive}, energy);
    totals->time = totals->stage_start + duration;
}

void umi_totals_add_sums(umi_totals *totals, const um_spec *spec, const um_stage *stage,
                         double energy, double change, double switching, double heat)
{
    terms it = {.atoms = price(spec, stage) * change, .switching = switching, .heat = heat};
    add_terms(totals, it, energy);
    if (stage->kind != UM_STAGE_DISCHARGE) return;
    umi_sum_add(&totals->delivered_energy, it.atoms);
    umi_sum_add(&totals->delivered_ergotropy, NAN); /* not linear: unknown from here on */
}

umi_spent umi_totals_get_spent(const umi_totals *totals, const um_spec *spec, const um_stage *stage,
                               const um_atoms *atoms, int64_t done)
{
    bool drawn = stage->imperfections.draw == UM_DRAW_RANDOM && stage->stream.atom_probability < 1;
    double count = drawn ? totals->came : (double)done * stage->stream.atom_probability;
    double frequency = spec->battery.frequency;
    umi_spent spent = totals->spent;
    if (!umi_stage_has_collisions(stage)) return spent;
    spent.interaction_time += count * stage->interaction.tau;
    spent.energy += count * um_atoms_get_energy(atoms, frequency);
    spent.ergotropy += count * um_atoms_get_ergotropy(atoms, frequency);
    return spent;
}

static um_ledger ledger_of(const umi_books *books, double energy)
{
    um_ledger ledger = {
        .battery = energy - books->energy_start,
        .atoms = umi_sum_get(&books->atoms),
        .switching = umi_sum_get(&books->switching),
        .heat = umi_sum_get(&books->heat),
        .drive = umi_sum_get(&books->drive),
        .moduli = umi_sum_get(&books->moduli),
    };
    ledger.residual =
        ledger.battery + ledger.atoms - ledger.switching - ledger.heat - ledger.drive;
    return ledger;
}

um_ledger umi_totals_get_ledger(const umi_totals *totals)
{
    return ledger_of(&totals->run, totals->energy);
}

um_ledger umi_totals_get_stage_ledger(const umi_totals *totals)
{
    return ledger_of(&totals->stage, totals->energy);
}

um_maximum umi_totals_get_power(const umi_totals *totals)
{
    if (totals->power.at < 0) return (um_maximum){NAN, -1};
    return (um_maximum){totals->power.maximum, (int64_t)totals->power.at};
}

double umi_atom_energy(const um_spec *spec, const um_stage *stage, const um_outcome *outcome)
{
    return outcome->present > 0 ? price(spec, stage) * outcome->excited : NAN;
}

/* (gap z + |gap| r)/2 with r the length of the Bloch vector, z its height: without cancellation. */
double umi_atom_ergotropy(const um_spec *spec, const um_stage *stage, const um_outcome *outcome)
{
    if (!(outcome->present > 0)) return 0;
    double gap = price(spec, stage), z = copysign(1, gap) * (2 * outcome->excited - 1);
    double x = 2 * hypot(outcome->coherence_re, outcome->coherence_im), r = hypot(z, x);
    if (r == 0) return 0;
    return fabs(gap) * (z >= 0 ? z + r : x * x / (r - z)) / 2;
}
