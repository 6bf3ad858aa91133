/* rules: what a run does between two collisions, alone or in a batch: room, window, norm, books. */
#ifndef UMI_RULES_H
#define UMI_RULES_H

#include "base/base.h"
#include "umaser/charge.h"

/* On the grid of collision numbers, whatever is recorded: results do not depend on the records. */
enum { UMI_TRIM_EVERY = 8, UMI_NORMALISE_EVERY = 256 };

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

/* Running totals; every field is a double so that they are saved as one array. */
typedef struct umi_totals {
    umi_sum atoms, switching, moduli;
    umi_sum error_bound, drift;
    double time;        /* at the end of the last collision */
    double stage_start; /* time at which the stage began */
    double energy, energy_before; /* now, one collision earlier */
    double energy_initial, ergotropy_initial;
    double power_maximum, power_maximum_at;
    double trimmed; /* sum of what the window dropped */
    double norm; /* trace the state was last given */
    double pure; /* 1 while start and atoms were pure */
} umi_totals;

void umi_totals_start(umi_totals *totals, double energy);
/* After a collision, `done` ones into its stage: the energy now, what happened to atom and coupling. */
void umi_totals_add(umi_totals *totals, const um_spec *spec, const um_stage *stage, int64_t done,
                    int64_t collision, double energy, const um_outcome *outcome);
um_ledger umi_totals_get_ledger(const umi_totals *totals);
/* Value NAN: none. */
um_maximum umi_totals_get_power(const umi_totals *totals);

#endif
