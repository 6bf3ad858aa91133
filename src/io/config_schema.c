/* Every key there is. docs/configuration.md lists the same ones (a test compares them). */
#include <string.h>

#include "io/config.h"

#define AT(field) .offset = offsetof(umi_settings, field)
#define SECTION(path_, help_) \
    { \
        .path = path_, .type = UMI_KEY_SECTION, .help = help_ \
    }
#define STAGE_SECTION(path_, help_) \
    { \
        .path = path_, .type = UMI_KEY_SECTION, .help = help_, .in_stage = true \
    }
#define NUMBER(path_, field, allowed_, standard_, help_) \
    { \
        .path = path_, .type = UMI_KEY_NUMBER, AT(field), .allowed = allowed_, \
        .standard = standard_, .help = help_ \
    }
#define INTEGER(path_, field, min_, max_, allowed_, standard_, help_) \
    { \
        .path = path_, .type = UMI_KEY_INTEGER, AT(field), .min = min_, .max = max_, \
        .allowed = allowed_, .standard = standard_, .help = help_ \
    }
#define CHOICE(path_, field, choices_, standard_, help_) \
    { \
        .path = path_, .type = UMI_KEY_CHOICE, AT(field), .choices = choices_, \
        .allowed = choices_, .standard = standard_, .help = help_ \
    }
#define SPECIAL(path_, reader_, allowed_, standard_, help_) \
    { \
        .path = path_, .type = UMI_KEY_SPECIAL, .reader = reader_, .allowed = allowed_, \
        .standard = standard_, .help = help_ \
    }
#define MEASURE(path_, dimension_, reader_, allowed_, standard_, help_) \
    { \
        .path = path_, .type = UMI_KEY_SPECIAL, .dimension = dimension_, .reader = reader_, \
        .allowed = allowed_, .standard = standard_, .help = help_ \
    }
#define QUANTITY(path_, dimension_, field, allowed_, standard_, help_) \
    { \
        .path = path_, .type = UMI_KEY_NUMBER, .dimension = dimension_, AT(field), \
        .allowed = allowed_, .standard = standard_, .help = help_ \
    }

#define INITIAL_FORMS \
    "vacuum, {fock: n}, {coherent: [re, im]}, {thermal: mean}, {squeezed: [r, angle]} or " \
    "{file: result.nc, record: last}"

const umi_key umi_keys[] = {
    {.path = "title",
     .type = UMI_KEY_TEXT,
     AT(spec.title),
     .allowed = "any text",
     .standard = "\"\"",
     .help = "a free text, kept with the results"},
    CHOICE("units", units, "natural|si", "natural",
           "si: times, rates, frequencies and temperatures have units, as in 21.456 GHz"),
    SPECIAL("omega_si", umi_read_omega_si, "> 0, in rad/s", NULL,
            "natural units: what omega is, so that results have SI units, too"),
    SPECIAL("seed", umi_read_seed, "0 to 2^63-1", "0",
            "of everything random; --seed on the command line replaces it"),

    SECTION("battery", "what is charged"),
    CHOICE("battery.kind", spec.battery.kind, "cavity|ladder|custom", "cavity",
           "cavity: lowering elements sqrt(n); ladder: 1; custom: your own"),
    SPECIAL("battery.levels", umi_read_levels, "auto or 2 to 20000", "auto",
            "dimension of the space; auto grows as the state needs it"),
    INTEGER("battery.max_levels", spec.battery.max_levels, UM_LEVELS_MIN, UM_LEVELS_MAX,
            "2 to 20000", "4096", "where auto stops"),
    MEASURE("battery.frequency", UMI_FREQUENCY, umi_read_frequency, "> 0", "1.0",
            "omega, energy of one quantum"),
    SPECIAL("battery.initial", umi_read_initial, INITIAL_FORMS, "vacuum", "the state it starts in"),
    SPECIAL("battery.energies", umi_read_energies, "a list of numbers", NULL,
            "custom: the energies of the levels, E_n / omega"),
    SPECIAL("battery.lowering", umi_read_lowering, "a list of numbers, the first 0", NULL,
            "custom: the elements <n-1|A|n>"),

    STAGE_SECTION("atoms", "the atoms that charge it"),
    NUMBER("atoms.q", stage.atoms.q, "0 to 1", "0.0", "ground-state population"),
    NUMBER("atoms.c", stage.atoms.c, "0 to 1", "0.0", "coherence"),
    NUMBER("atoms.phase", stage.atoms.phase, "an angle in radians", "0.0",
           "phase of the coherence"),
    SPECIAL("atoms.state", umi_read_atom_state, "[[gg, ge], [eg, ee]], each a number or [re, im]",
            NULL, "the density matrix, in place of q, c and phase; rows g, e"),
    QUANTITY("atoms.detuning", UMI_FREQUENCY, stage.atoms.detuning,
           "a number (> -omega with counter-rotating terms)", "0.0", "omega_q - omega"),

    STAGE_SECTION("interaction", "one collision"),
    SPECIAL("interaction.theta", umi_read_theta,
            "a number >= 0, an expression such as pi/sqrt(10), or {trap: n_t, half_turns: r}", NULL,
            "g tau; theta alone, or two of theta, g and tau"),
    INTEGER("interaction.theta.trap", stage.interaction.trap, 0, UM_LEVELS_MAX, "0 to 20000", NULL,
            "n_t: theta = half_turns pi / d_(n_t+1), no quantum climbs beyond level n_t"),
    INTEGER("interaction.theta.half_turns", stage.interaction.half_turns, 1, 1000000,
            "1 to 1000000", "1", "r, half Rabi turns at the trapping level"),
    QUANTITY("interaction.g", UMI_FREQUENCY, stage.interaction.g, ">= 0", NULL, "coupling"),
    QUANTITY("interaction.tau", UMI_TIME, stage.interaction.tau, ">= 0", NULL,
           "duration of a collision; 0 together with theta: instantaneous"),
    NUMBER("interaction.counter_rotating", stage.interaction.counter_rotating, ">= 0", "0.0",
           "lambda, weight of the counter-rotating terms; 0 Jaynes-Cummings, 1 Rabi"),
    CHOICE("interaction.pulse", stage.interaction.pulse, "constant|sine|gaussian", "constant",
           "the coupling while an atom crosses; its mean is g"),
    NUMBER("interaction.pulse_width", stage.interaction.pulse_width, "0.01 to 10", "0.25",
           "gaussian: standard deviation in units of tau"),

    STAGE_SECTION("stream", "how the atoms follow each other"),
    MEASURE("stream.period", UMI_TIME, umi_read_period, "tau or a number >= tau", "tau",
            "time from one atom to the next"),
    MEASURE("stream.rate", UMI_RATE, umi_read_period, "> 0", NULL,
            "atoms per time, in place of period"),
    CHOICE("stream.frame", stage.stream.frame, "locked|lab", "locked",
           "locked: every collision has the same U; lab: U depends on the time it starts"),
    CHOICE("stream.arrivals", stage.stream.arrivals, "regular|poisson", "regular",
           "poisson: the gap is exponential, its mean period - tau"),
    NUMBER("stream.atom_probability", stage.stream.atom_probability, "0 to 1", "1.0",
           "of an atom in a slot; in an empty one the environment acts alone"),

    STAGE_SECTION("environment", "losses and noise"),
    MEASURE("environment.kappa", UMI_RATE, umi_read_kappa, ">= 0", "0.0", "loss rate"),
    SPECIAL("environment.Q", umi_read_kappa, "> 0", NULL,
            "quality factor, in place of kappa: kappa = omega/Q"),
    MEASURE("environment.lifetime", UMI_TIME, umi_read_kappa, "> 0", NULL,
            "of a photon, in place of kappa: kappa = 1/lifetime"),
    SPECIAL("environment.n_th", umi_read_n_th, ">= 0", "0.0", "thermal quanta of the environment"),
    MEASURE("environment.temperature", UMI_TEMPERATURE, umi_read_n_th, ">= 0", NULL,
            "in place of n_th: n_th = 1/(exp(hbar omega/(k_B T)) - 1)"),
    QUANTITY("environment.dephasing", UMI_RATE, stage.environment.dephasing, ">= 0", "0.0",
             "dephasing rate of the battery"),
    {.path = "environment.during_collision",
     .type = UMI_KEY_SPECIAL,
     .reader = umi_read_during,
     .choices = "false|true",
     .allowed = "true|false",
     .standard = "true",
     .help = "whether it acts while an atom is inside, too"},
    QUANTITY("environment.atom_decay", UMI_RATE, stage.environment.atom_decay, ">= 0", "0.0",
             "decay rate of an atom while it is inside"),
    QUANTITY("environment.atom_dephasing", UMI_RATE, stage.environment.atom_dephasing, ">= 0",
             "0.0", "rate at which an atom's coherence decays while it is inside"),

    STAGE_SECTION("imperfections", "what scatters from atom to atom"),
    NUMBER("imperfections.theta_spread", stage.imperfections.theta_spread, ">= 0", "0.0",
           "relative standard deviation of theta"),
    NUMBER("imperfections.phase_spread", stage.imperfections.phase_spread, ">= 0", "0.0",
           "standard deviation of the atoms' phase in radians"),
    NUMBER("imperfections.q_spread", stage.imperfections.q_spread, ">= 0", "0.0",
           "standard deviation of q, cut to 0..1"),
    QUANTITY("imperfections.detuning_spread", UMI_FREQUENCY, stage.imperfections.detuning_spread,
             ">= 0", "0.0", "standard deviation of the detuning"),
    CHOICE("imperfections.theta_law", stage.imperfections.theta_law,
           "gaussian|velocity|maxwell|samples", "gaussian",
           "how theta scatters; velocity: as 1/(1 + spread x); maxwell: a thermal beam"),
    SPECIAL("imperfections.theta_samples", umi_read_theta_samples,
            "a list of 1 to 10000 numbers > 0, or a file with one in each line", NULL,
            "theta_law samples: factors of theta, each as likely"),
    CHOICE("imperfections.draw", stage.imperfections.draw, "average|random|frozen", "average",
           "average: the averaged map; random: drawn for every atom; frozen: once for the run"),

    SPECIAL("stages", umi_read_stages, "a list such as [charge: 1000]", NULL,
            "what happens, in order"),
    SPECIAL("stages[].charge", umi_read_charge, "0 to 1e15", NULL, "collisions"),
    MEASURE("stages[].store", UMI_TIME, umi_read_store, ">= 0", NULL, "a time without atoms"),
    SPECIAL("stages[].discharge", umi_read_charge, "0 to 1e15", NULL,
            "collisions with atoms in the ground state"),
    SPECIAL("stages[].drive", umi_read_drive, "[re, im]", NULL,
            "an instantaneous displacement (cavity)"),
    SPECIAL("stages[].until", umi_read_until,
            "{energy: x}, {ergotropy: x}, {plateau: true} or {peak: collisions}", NULL,
            "ends charge or discharge before its number of collisions is done"),
    SPECIAL("stages[].until.energy", umi_read_condition, "a number", NULL,
            "charge: energy >= it; discharge: energy <= it; in omega"),
    SPECIAL("stages[].until.ergotropy", umi_read_condition, ">= 0", NULL,
            "the same of the ergotropy"),
    SPECIAL("stages[].until.plateau", umi_read_condition, "true", NULL,
            "the energy stays within accuracy.plateau_tolerance for a decade of collisions"),
    SPECIAL("stages[].until.peak", umi_read_condition, "1 to 1e15", NULL,
            "no higher energy for so many collisions"),

    SECTION("record", "what is kept"),
    SPECIAL("record.at", umi_read_record_at, "log, every, or a list of collisions", "log",
            "which collisions are recorded"),
    INTEGER("record.per_decade", spec.record.per_decade, 1, 1000, "1 to 1000", "20",
            "records a decade of log"),
    SPECIAL("record.observables", umi_read_observables, "default, or a list of names", "default",
            "what is recorded; names: umaser help observables"),
    SPECIAL("record.states", umi_read_states, "a list of collisions, ascending", "[]",
            "collisions whose density matrix is kept"),
    SPECIAL("record.fidelity_with", umi_read_fidelity, INITIAL_FORMS, NULL,
            "a state; adds the fidelity with it to what is recorded"),
    SECTION("record.wigner", "Wigner and Husimi functions (cavity)"),
    SPECIAL("record.wigner.at", umi_read_wigner_at, "a list of collisions, ascending", "[]",
            "collisions at which they are computed"),
    SPECIAL("record.wigner.grid", umi_read_wigner_grid, "[min, max, points], points 2 to 4000",
            NULL, "range of x and of p, and points along each"),

    SECTION("accuracy", "how exact"),
    NUMBER("accuracy.truncation", spec.accuracy.truncation, "> 0, at most 1", "1.0e-10",
           "bound on the error of a finite number of levels; 1 switches the guard off"),
    NUMBER("accuracy.plateau_tolerance", spec.accuracy.plateau_tolerance, "between 0 and 1", "0.02",
           "relative variation of the energy on a plateau"),
    NUMBER("accuracy.horizon", spec.accuracy.horizon, ">= 1", "1e15",
           "collisions up to which a limit is looked for"),
    CHOICE("accuracy.method", spec.accuracy.method, "auto|step|fast-forward", "auto",
           "step every collision, or fast-forward through those that are all alike; auto: whichever "
           "is cheaper"),

    SECTION("sweep", "a grid of parameters (umaser sweep)"),
    SPECIAL("sweep.axes", umi_read_axes,
            "a list of {key: ..., and one of linspace: [first, last, count], logspace: [first, last, "
            "count], values: [...]}",
            NULL, "what changes, and how"),
    SPECIAL("sweep.points", umi_read_points, "a CSV file", NULL,
            "in place of axes: keys in the first line, then a point a line"),
    CHOICE("sweep.mode", sweep_mode, "grid|zip", "grid",
           "grid: every combination; zip: all axes step together"),
    CHOICE("sweep.analysis", sweep_analysis, "run|steady", "run", "what is done at each point"),
    INTEGER("sweep.stage", plan.stage, 0, 1000000, "0 to the last", "0",
            "steady: the stage whose map is analysed"),
    SPECIAL("sweep.summaries", umi_read_summaries, "default, none, or a list of names", "default",
            "numbers kept of each point; names: umaser help summaries"),
    SPECIAL("sweep.series", umi_read_series, "a list of observables", "[]",
            "whole series kept of each point of a run"),
    INTEGER("sweep.repeats", plan.repeats, 1, 1000000, "1 to 1000000", "1",
            "runs at each point, with seeds that follow each other"),
};

const size_t umi_keys_count = sizeof umi_keys / sizeof umi_keys[0];

const umi_key *umi_key_find(const char *path)
{
    for (size_t i = 0; i < umi_keys_count; i++)
        if (strcmp(umi_keys[i].path, path) == 0) return &umi_keys[i];
    return NULL;
}

bool umi_key_is(const umi_key *key, const char *last)
{
    const char *dot = strrchr(key->path, '.');
    return strcmp(dot ? dot + 1 : key->path, last) == 0;
}
