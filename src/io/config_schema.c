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
#define LATER(path_, choices_, neutral, help_) \
    { \
        .path = path_, .type = UMI_KEY_LATER, .choices = choices_, .standard = neutral, \
        .help = help_ \
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
    LATER("units", "natural|si", "natural", "natural units; si comes later"),

    SECTION("battery", "what is charged"),
    CHOICE("battery.kind", spec.battery.kind, "cavity|ladder|custom", "cavity",
           "cavity: lowering elements sqrt(n); ladder: 1; custom: your own"),
    SPECIAL("battery.levels", umi_read_levels, "auto or 2 to 20000", "auto",
            "dimension of the space; auto grows as the state needs it"),
    INTEGER("battery.max_levels", spec.battery.max_levels, UM_LEVELS_MIN, UM_LEVELS_MAX,
            "2 to 20000", "4096", "where auto stops"),
    NUMBER("battery.frequency", spec.battery.frequency, "> 0", "1.0",
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
    NUMBER("atoms.detuning", stage.atoms.detuning,
           "a number (> -omega with counter-rotating terms)", "0.0", "omega_q - omega"),

    STAGE_SECTION("interaction", "one collision"),
    SPECIAL("interaction.theta", umi_read_theta,
            "a number >= 0, an expression such as pi/sqrt(10), or {trap: n_t, half_turns: r}", NULL,
            "g tau; theta alone, or two of theta, g and tau"),
    INTEGER("interaction.theta.trap", stage.interaction.trap, 0, UM_LEVELS_MAX, "0 to 20000", NULL,
            "n_t: theta = half_turns pi / d_(n_t+1), no quantum climbs beyond level n_t"),
    INTEGER("interaction.theta.half_turns", stage.interaction.half_turns, 1, 1000000,
            "1 to 1000000", "1", "r, half Rabi turns at the trapping level"),
    NUMBER("interaction.g", stage.interaction.g, ">= 0", NULL, "coupling"),
    NUMBER("interaction.tau", stage.interaction.tau, ">= 0", NULL,
           "duration of a collision; 0 together with theta: instantaneous"),
    NUMBER("interaction.counter_rotating", stage.interaction.counter_rotating, ">= 0", "0.0",
           "lambda, weight of the counter-rotating terms; 0 Jaynes-Cummings, 1 Rabi"),

    STAGE_SECTION("stream", "how the atoms follow each other"),
    SPECIAL("stream.period", umi_read_period, "tau or a number >= tau", "tau",
            "time from one atom to the next"),
    CHOICE("stream.frame", stage.stream.frame, "locked|lab", "locked",
           "locked: every collision has the same U; lab: U depends on the time it starts"),
    LATER("stream.arrivals", "regular|poisson", "regular", "regular; poisson comes later"),
    LATER("stream.atom_probability", NULL, "1.0", "1; missing atoms come later"),

    STAGE_SECTION("environment", "losses and noise; comes later"),
    LATER("environment.kappa", NULL, "0.0", "loss rate"),
    LATER("environment.n_th", NULL, "0.0", "thermal quanta of the environment"),
    LATER("environment.dephasing", NULL, "0.0", "dephasing rate"),
    LATER("environment.during_collision", "true|false", "", "whether it acts in a collision too"),
    LATER("environment.atom_decay", NULL, "0.0", "decay rate of the atom"),
    LATER("environment.atom_dephasing", NULL, "0.0", "dephasing rate of the atom"),
    LATER("environment.Q", NULL, NULL, "quality factor, in place of kappa"),
    LATER("environment.lifetime", NULL, NULL, "1/kappa, in place of kappa"),
    LATER("environment.temperature", NULL, NULL, "in place of n_th"),

    SECTION("imperfections", "spreads from atom to atom; come later"),
    LATER("imperfections.theta_spread", NULL, "0.0", "relative standard deviation of theta"),
    LATER("imperfections.phase_spread", NULL, "0.0", "standard deviation of the phase"),
    LATER("imperfections.q_spread", NULL, "0.0", "standard deviation of q"),

    SPECIAL("stages", umi_read_stages, "a list such as [charge: 1000]", NULL,
            "what happens, in order"),
    SPECIAL("stages[].charge", umi_read_charge, "0 to 1e15", NULL, "collisions"),
    LATER("stages[].store", NULL, NULL, "time without atoms"),
    LATER("stages[].discharge", NULL, NULL, "collisions with ground-state atoms"),
    LATER("stages[].drive", NULL, NULL, "a displacement"),

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
