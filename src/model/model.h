/* model, inside the library: the parts um_model_create is made of. */
#ifndef UMI_MODEL_H
#define UMI_MODEL_H

#include "base/base.h"
#include "umaser/model.h"

#define UMI_COLLISIONS_MAX INT64_C(1000000000000000) /* 1e15: exact as a double, too */

struct um_model {
    um_context *ctx;
    um_spec spec; /* owns everything it points to */
    uint64_t digest;
};

/* Where a stage's settings stand: key path "stages[index]." before their own name. */
typedef struct umi_stage_place {
    um_context *ctx;
    const um_battery *battery;
    size_t index;
} umi_stage_place;

/* Record a failure under the key stages[index].key. */
um_status umi_fail_stage(const umi_stage_place *place, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Ranges of everything that needs no resolution. */
um_status umi_model_check(um_context *ctx, const um_spec *spec);

/* The same of a stage, under the method of the run. */
um_status umi_stage_check(const umi_stage_place *place, const um_stage *stage, um_method method);

/* theta, g, tau and period of a stage whose other values are checked. What its kind does not use
 * becomes neutral: store and drive have no atoms, a discharge none but the ground state. */
um_status umi_stage_resolve(const umi_stage_place *place, um_stage *stage);

/* A resolved stage becomes one that can be given again: theta and tau say it all, to the last bit. */
void umi_stage_reopen(um_stage *stage);

/* "charge", "store", ...: the key that says what a stage does. */
const char *umi_stage_get_word(um_stage_kind kind);
/* Whether an environment has any rates; acts on the battery; acts while an atom is inside for a time. */
bool umi_environment_has_rates(const um_environment *environment);
bool umi_environment_acts(const um_environment *environment);
bool umi_environment_acts_inside(const um_environment *environment, double tau);
/* Whether the time of interaction scatters; that or the detuning. */
bool umi_spread_acts(const um_imperfections *imperfections);
bool umi_interaction_is_spread(const um_imperfections *imperfections);

/* Whether atoms come. */
bool umi_stage_has_collisions(const um_stage *stage);
/* Whether anything scatters from atom to atom; is drawn anew for each of them; or drawn at all, so that the
 * seed matters. */
bool umi_stage_is_spread(const um_stage *stage);
bool umi_stage_is_drawn(const um_stage *stage);
bool umi_stage_is_random(const um_stage *stage);

/* A stage of collisions that are all the same unitary: no environment that acts, atoms all alike,
 * always there, a constant coupling. What knows no more than that asks first. */
bool umi_stage_is_plain(const um_stage *stage);
/* Whether the environment acts while an atom is inside; in the gap (or a store). */
bool umi_stage_is_open_inside(const um_stage *stage);
bool umi_stage_is_open_outside(const um_stage *stage);
/* Whether no two collisions are alike: the lab frame with counter-rotating terms, random numbers. */
bool umi_stage_differs(const um_stage *stage);

uint64_t umi_model_digest(const um_spec *spec);

/* Whether the level energies are E_0 + n up to rounding: only then can an atom be resonant with
 * every step. */
bool umi_battery_is_uniform(const um_battery *battery);
/* Of its own levels not the lowest one, if it is custom, need have the least energy. */
double umi_battery_get_lowest_energy(const um_battery *battery);

#endif
