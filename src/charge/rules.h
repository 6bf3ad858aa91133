/* rules: what a run does between two collisions, alone or in a batch: room, window, norm, books. */
#ifndef UMI_RULES_H
#define UMI_RULES_H

#include <math.h>

#include "base/base.h"
#include "umaser/charge.h"

/* On the grid of collision numbers, whatever is recorded: results do not depend on the records. */
enum { UMI_TRIM_EVERY = 8, UMI_NORMALISE_EVERY = 256 };

/* Nobody waits for more collisions than these where nothing but steps leads on: a stage that needs more
 * is not begun, or ends where compression fails. */
#define UMI_STEPPED_MAX INT64_C(10000000)

/* Between two questions to a monitor. */
#define UMI_MONITOR_SECONDS 0.1

/* The levels a run may use. */
typedef struct umi_room {
    int limit; /* the space may grow to this */
    int named; /* battery.levels of a truncated space: more than the error allowed must not lie
                * above; 0: nothing is named, or the guard is off */
    bool wall; /* the limit is the system's own end, nothing is cut off there */
} umi_room;
umi_room umi_room_find(const um_spec *spec);

/* What the window may drop, when so much has been dropped already. */
double umi_trim_tolerance(const um_spec *spec, double trimmed);
/* The trace that a state is given after a collision. */
double umi_norm_after(int64_t collision);

/* An account of energy: what went where, each term on its own. */
typedef struct umi_books {
    umi_sum atoms, switching, heat, drive, moduli;
    double energy_start;
} umi_books;

/* The largest average power so far. */
typedef struct umi_power {
    double maximum, at; /* at: collision; -INFINITY and -1: none yet */
} umi_power;
#define UMI_NO_POWER ((umi_power){-INFINITY, -1})
/* So much was gained up to a collision, in this time. */
void umi_power_look(umi_power *power, double gained, double time, int64_t collision);

/* What atoms cost, or gave. */
typedef struct umi_spent {
    double interaction_time, energy, ergotropy;
} umi_spent;

/* Running totals; every field is a double so that they are saved as one array. */
typedef struct umi_totals {
    umi_books run, stage;
    umi_sum error_bound, drift;
    umi_sum waited;     /* random waiting times of this stage */
    double time;        /* now */
    double stage_start; /* time at which the stage began */
    double energy, energy_before; /* now, one step earlier */
    double energy_initial, ergotropy_initial;
    umi_power power;
    double trimmed; /* sum of what the window dropped */
    double norm;    /* trace the state was last given */
    double lost;    /* trace that left through the top */
    double pure;    /* 1 while start and atoms were pure */
    double came;    /* atoms of this stage, where that is random */
    umi_spent spent; /* in earlier stages */
    umi_sum delivered_energy, delivered_ergotropy; /* by atoms of this stage */
    double delivered_energy_before, delivered_ergotropy_before; /* in earlier ones */
} umi_totals;

void umi_totals_start(umi_totals *totals, double energy);
/* A stage begins. */
void umi_totals_enter(umi_totals *totals, const um_stage *stage);
/* After a collision, `done` ones into its stage: the energy now, what happened to atom and coupling. */
void umi_totals_add(umi_totals *totals, const um_spec *spec, const um_stage *stage, int64_t done,
                    int64_t collision, double energy, const um_outcome *outcome);
/* After a step without atoms that began with the stage and took so long. */
void umi_totals_add_free(umi_totals *totals, double duration, double energy,
                         const um_outcome *outcome);
/* After many collisions in one piece: sums of what outcomes have. Times are up to the next one. */
void umi_totals_add_sums(umi_totals *totals, const um_spec *spec, const um_stage *stage,
                         double energy, double change, double switching, double heat);
/* What the atoms that came brought, atoms being those of the current stage, after `done`
 * collisions of it. */
umi_spent umi_totals_get_spent(const umi_totals *totals, const um_spec *spec, const um_stage *stage,
                               const um_atoms *atoms, int64_t done);
um_ledger umi_totals_get_ledger(const umi_totals *totals);
um_ledger umi_totals_get_stage_ledger(const umi_totals *totals);
/* Value NAN: none. */
um_maximum umi_totals_get_power(const umi_totals *totals);

/* What an outgoing atom carries above its ground state, in units of omega. */
double umi_atom_energy(const um_spec *spec, const um_stage *stage, const um_outcome *outcome);
double umi_atom_ergotropy(const um_spec *spec, const um_stage *stage, const um_outcome *outcome);

#endif
