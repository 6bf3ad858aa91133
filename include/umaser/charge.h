/* charge: runs. A run goes through its stages on one time axis: collisions with charging atoms or
 * with atoms that discharge, storage without atoms, drives. It records, keeps the books, finds the
 * plateau. It can be stopped between any two collisions (or records of a storage), saved, and gone
 * on with to the same bits.
 *
 * Records: collision 0; those that spec.record asks for; while a battery is stored, `per_decade`
 * ones evenly spread over the time; one after a drive; the end of a stage that ends by its condition.
 * In store and drive the collision number stays what it was: stage and time tell records apart.
 * With a list of collisions, store and drive are recorded where their collision number is in it.
 */
#ifndef UMASER_CHARGE_H
#define UMASER_CHARGE_H

#include "umaser/map.h"
#include "umaser/observe.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every recorded number: enumerator, name (configuration, JSON and netCDF), units, long name,
 * recorded by default. Units: omega = energy of one battery quantum; 1/time in the model's unit. */
#define UM_QUANTITY_LIST(X) \
    X(UM_ENERGY, "energy", "omega", "energy of the battery", 1) \
    X(UM_ENERGY_VARIANCE, "variance", "omega^2", "variance of the energy", 1) \
    X(UM_FANO, "fano", "1", "Fano factor of n", 1) \
    X(UM_MANDEL_Q, "mandel_q", "1", "Mandel Q of n", 1) \
    X(UM_G2, "g2", "1", "second-order coherence g2(0)", 1) \
    X(UM_ERGOTROPY, "ergotropy", "omega", "ergotropy of the battery", 1) \
    X(UM_ERGOTROPY_INCOHERENT, "ergotropy_incoherent", "omega", "incoherent part of ergotropy", 1) \
    X(UM_ERGOTROPY_COHERENT, "ergotropy_coherent", "omega", "coherent part of the ergotropy", 1) \
    X(UM_PURITY, "purity", "1", "purity", 1) \
    X(UM_ENTROPY, "entropy", "nat", "von Neumann entropy", 1) \
    X(UM_SHARED_INFORMATION, "shared_information", "nat", \
      "mutual information with all discarded atoms (pure start, c = 1)", 1) \
    X(UM_COHERENCE_L1, "l1_coherence", "1", "l1 coherence", 1) \
    X(UM_COHERENCE_ENTROPY, "relative_entropy_coherence", "nat", "relative entropy of coherence", 1) \
    X(UM_FIDELITY, "fidelity", "1", "fidelity with record.fidelity_with", 0) \
    X(UM_POWER, "power", "omega/time", "average power (E_k - E_0)/(k T)", 1) \
    X(UM_POWER_INSTANTANEOUS, "power_instantaneous", "omega/time", "power (E_k - E_(k-1))/T", 1) \
    X(UM_POWER_INTERACTION, "power_interaction", "omega/time", \
      "average power per interaction time (E_k - E_0)/(k tau)", 1) \
    X(UM_POWER_INSTANTANEOUS_INTERACTION, "power_instantaneous_interaction", "omega/time", \
      "power per interaction time (E_k - E_(k-1))/tau", 1) \
    X(UM_ERGOTROPY_POWER, "ergotropy_power", "omega/time", "average (W_k - W_0)/(k T)", 1) \
    X(UM_ERGOTROPY_POWER_INSTANTANEOUS, "ergotropy_power_instantaneous", "omega/time", \
      "(W_k - W_(k-1))/T", 0) \
    X(UM_ERGOTROPY_POWER_INTERACTION, "ergotropy_power_interaction", "omega/time", \
      "average (W_k - W_0)/(k tau)", 1) \
    X(UM_ERGOTROPY_POWER_INSTANTANEOUS_INTERACTION, \
      "ergotropy_power_instantaneous_interaction", "omega/time", "(W_k - W_(k-1))/tau", 0) \
    X(UM_TOP_POPULATION, "top_population", "1", "larger population of the two top levels", 1) \
    X(UM_ATOM_EXCITED, "atom_excited", "1", "excited population of the outgoing atom", 1) \
    X(UM_ATOM_COHERENCE_RE, "atom_coherence_re", "1", "Re <g|rho|e> of the outgoing atom", 1) \
    X(UM_ATOM_COHERENCE_IM, "atom_coherence_im", "1", "Im <g|rho|e> of the outgoing atom", 1) \
    X(UM_EFFICIENCY_ENERGY, "efficiency_energy", "1", "(E_k - E_0)/(energy the atoms brought)", 1) \
    X(UM_EFFICIENCY_ERGOTROPY, "efficiency_ergotropy", "1", \
      "(W_k - W_0)/(ergotropy the atoms brought + switching work if positive)", 1) \
    X(UM_WORK_SWITCHING, "switching_work", "omega", "switching work up to here", 1) \
    X(UM_HEAT, "heat", "omega", \
      "heat from the environment up to here (recorded where there is one)", 0) \
    X(UM_ATOM_ENERGY, "atom_energy", "omega", \
      "energy the outgoing atom carries (recorded where a stage discharges)", 0) \
    X(UM_ATOM_ERGOTROPY, "atom_ergotropy", "omega", \
      "ergotropy the outgoing atom carries (recorded where a stage discharges)", 0) \
    X(UM_DELIVERED_ENERGY, "delivered_energy", "omega", \
      "energy carried away in discharge stages (recorded where there are any)", 0) \
    X(UM_DELIVERED_ERGOTROPY, "delivered_ergotropy", "omega", \
      "ergotropy carried away, atom by atom (recorded where a stage discharges)", 0) \
    X(UM_POPULATIONS, "populations", "1", "populations of the levels", 0)

#define UM_QUANTITY_ENUMERATOR(id, name, units, long_name, by_default) id,
typedef enum um_quantity {
    UM_QUANTITY_LIST(UM_QUANTITY_ENUMERATOR) UM_QUANTITY_COUNT
} um_quantity;
#undef UM_QUANTITY_ENUMERATOR

#define UM_QUANTITY_BIT(id) (UINT64_C(1) << (id))

typedef struct um_quantity_info {
    const char *name, *units, *long_name;
    bool by_default;
} um_quantity_info;

/**
 * computes  name, units and meaning of a recorded number
 * in        quantity: 0..UM_QUANTITY_COUNT-1
 * out       returns a pointer to it, NULL outside the range
 * aliasing  -
 * owner     static
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API const um_quantity_info *um_quantity_get_info(int quantity);

typedef struct um_plateau {
    int64_t charging_time; /* first collision of the window */
    int64_t end;           /* last collision of it; -1 if still on at the end of the run */
    int64_t at;            /* the collision whose numbers follow, round(sqrt(first last)) */
    double energy, ergotropy, purity; /* NAN where the run was stopped before they were found */
    int64_t passage_90, passage_99;   /* first collision with 90 and 99 % of that energy; -1 */
} um_plateau;

typedef struct um_ledger {
    double battery;   /* change of the battery's energy */
    double atoms;     /* change of the atoms' energy */
    double switching; /* work of switching the coupling on and off */
    double heat, drive;
    double residual; /* battery + atoms - switching - heat - drive */
    double moduli;   /* sum of the moduli of all terms added up */
} um_ledger;

typedef struct um_truncation {
    int levels;                /* battery.levels, or what auto has grown to */
    double top_population_max; /* of records */
    double error_bound;        /* trace norm, summed over the run; NAN where none is known */
    double trace_drift;        /* sum of raw trace changes over the run */
} um_truncation;

/* Parts that do not overlap. The library counts maps as setup, records and plateaus as observables and
 * leaves output to whoever writes: a file or summary has in it the time until its own end. */
typedef struct um_wall_seconds {
    double setup, collisions, observables, output;
} um_wall_seconds;

/* The part of a stage that was not stepped through; see docs/plateaus.md for what is certain. */
typedef struct um_forward_summary {
    int64_t from, to;   /* collisions of the run between which it carried; from = -1: none */
    int levels, orders; /* window of the state it worked on */
    int rank;           /* dimension of the space the trajectory was compressed to */
    double bound;       /* certificate at `to`: trace norm of what compression changed at most */
    double truncation;  /* largest trace-norm difference to the same with fewer levels; 0 exact */
} um_forward_summary;

typedef enum um_stage_end {
    UM_STAGE_OPEN, /* not over, or not begun */
    UM_STAGE_DONE, /* all of it is done */
    UM_STAGE_MET   /* its condition was met; for a peak the stage ends at the peak */
} um_stage_end;

/* What is not known, or has no meaning in a stage of this kind, is NAN. */
typedef struct um_stage_summary {
    um_stage_kind kind;
    um_stage_end end;
    int64_t collisions; /* done */
    double duration;    /* model time; NAN if unknown (instantaneous collisions, no period) */
    double energy_start, energy_end;
    double ergotropy_start, ergotropy_end; /* the latter when the stage is over */
    double delivered_energy, delivered_ergotropy; /* discharge: carried away by atoms, one by one */
    double half_life_energy, half_life_ergotropy; /* store: time to half of what was there, energy
                                                   * from the lowest level up; NAN: not within it */
    um_ledger ledger;
    const char *method; /* as in um_map_info, static; "none" without a map */
    um_forward_summary forward;
} um_stage_summary;

typedef struct um_saved_state { /* row-major levels x levels: battery.levels, or the window */
    int64_t collision;
    int levels;
    double *real, *imag;
} um_saved_state;

typedef struct um_saved_wigner { /* points x points, row = p, column = x */
    int64_t collision;
    double *wigner, *husimi;
} um_saved_wigner;

typedef struct um_maximum {
    double value; /* NAN if none */
    int64_t collision;
} um_maximum;

/* All that a run found. Undefined numbers are NAN. */
typedef struct um_result {
    um_status status; /* UM_OK, UM_ERROR_INTERRUPTED, UM_ERROR_NOCONV, ... */
    int64_t collisions;
    size_t records;
    int32_t *stage;     /* records values: index of the stage */
    int64_t *collision; /* records values: from the start of the run */
    double *time;
    double *series[UM_QUANTITY_COUNT]; /* records values each, NULL if not recorded */
    int population_levels;
    double *populations; /* records x population_levels, NULL if not recorded */
    int final_levels;
    double *final_populations; /* of the last record */
    size_t stages_count;
    um_stage_summary *stages;
    double delivered_energy, delivered_ergotropy; /* of all discharge stages; NAN without any */
    size_t plateaus_count; /* longest first */
    um_plateau *plateaus;
    um_maximum power_maximum;           /* of the average power, over all collisions */
    um_maximum ergotropy_power_maximum; /* over records */
    um_ledger ledger;
    um_truncation truncation;
    um_wall_seconds wall_seconds;
    size_t states_count;
    um_saved_state *states;
    um_wigner_grid wigner_grid;
    size_t wigners_count;
    um_saved_wigner *wigners;
    size_t warnings_count;
    char **warnings;
    const char *kernel; /* static; see um_map_info */
    uint64_t digest;    /* of the model */
    um_scale scale;     /* of the model's units in SI; all 0: not known */
} um_result;

typedef struct um_run um_run;

/* Called between collisions, about ten times a second. Return false to stop the run. */
typedef struct um_progress {
    int64_t done, total; /* collisions */
    double energy;
} um_progress;
typedef bool (*um_monitor)(void *user, const um_progress *progress);

/**
 * computes  a run of a model, at collision 0, nothing recorded
 * in        model: stays alive as long as the run
 * out       run: set on success, NULL otherwise
 * aliasing  the model is kept, not copied
 * owner     the caller, who ends it with um_run_destroy
 * errors    UM_ERROR_CONFIG the initial state does not fit, the records would need more memory
 *           than there is (the message estimates both), there are more than 1e10 collisions of
 *           which no two are alike, more than 1e7 of a stage that ends on a condition or that
 *           fast-forward does not know (unless method is step); UM_ERROR_MEMORY
 * cost      O(records)
 * source    -
 */
UM_API um_status um_run_create(um_context *ctx, const um_model *model, um_run **run);

/**
 * computes  nothing; ends the run and its result
 * in        run: may be NULL
 * out       -
 * aliasing  -
 * owner     the run and what um_run_get_result returned are gone
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API void um_run_destroy(um_run *run);

/**
 * computes  collisions until the protocol is done, `monitor` says stop, or `until` collisions of
 *           the run are done; what comes after the last of these without an atom (store, drive) is
 *           left to the next call. A stage that ends at a peak looks ahead of it: the run may be
 *           beyond the peak when it returns, and goes back to it later
 * in        until: -1 for all; monitor: may be NULL; user: handed to it
 * out       the result grows; it is valid after any return
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_INTERRUPTED the monitor said stop; UM_ERROR_NOCONV the truncation error, or the
 *           population above the levels that a cavity was given, would exceed accuracy.truncation
 *           (level, collision and key in the error; the state is that before the collision);
 *           UM_ERROR_INTERNAL an invariant is violated; UM_ERROR_MEMORY
 * cost      collisions times that of um_map_apply, records times that of what is recorded
 * source    SSBR22; section 4 of docs/physics.md (plateau)
 */
UM_API um_status um_run_advance(um_run *run, int64_t until, um_monitor monitor, void *user);

/**
 * computes  the plateaus and the closing numbers of what has been done so far
 * in        run after um_run_advance; numbers: whether to step again from the start to the middle
 *           of each plateau for its ergotropy and purity (else NAN)
 * out       the result's plateaus, ledger, truncation
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_MEMORY, UM_ERROR_NOCONV (of a spectrum)
 * cost      O(collisions) plus, with numbers, at most a third of the run again
 * source    section 4 of docs/physics.md
 */
UM_API um_status um_run_finish(um_run *run, bool numbers);

/**
 * computes  what was found so far
 * in        run
 * out       returns the result, growing with um_run_advance
 * aliasing  -
 * owner     the run
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API um_result *um_run_get_result(um_run *run);

/**
 * computes  the battery's state now
 * in        run
 * out       returns it; valid until the next call on the run
 * aliasing  -
 * owner     the run
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API const um_state *um_run_get_state(const um_run *run);

/* A saved run: named arrays, of doubles or of 64-bit integers, as a file format sees them. */
typedef struct um_archive_entry {
    char name[48];
    bool is_integer;
    size_t count;
    double *real;     /* count values if not is_integer */
    int64_t *integer; /* count values if is_integer */
} um_archive_entry;

typedef struct um_archive {
    size_t count, capacity;
    um_archive_entry *entries;
} um_archive;

/**
 * computes  everything a run needs to go on, as named arrays
 * in        run between two calls of um_run_advance, or inside its monitor
 * out       archive: filled; it was zero-initialised
 * aliasing  copied
 * owner     the caller, who clears it with um_archive_clear
 * errors    UM_ERROR_MEMORY
 * cost      O(records + state + curve)
 * source    -
 */
UM_API um_status um_run_save(const um_run *run, um_archive *archive);

/**
 * computes  the run an archive was made of, at the same collision, so that going on gives the
 *           same bits as never having stopped
 * in        model: the same as then; archive: of um_run_save
 * out       run: set on success, NULL otherwise
 * aliasing  the model is kept
 * owner     the caller, who ends it with um_run_destroy
 * errors    UM_ERROR_CONFIG the archive is of another model or version; UM_ERROR_MEMORY
 * cost      O(records + state + curve)
 * source    -
 */
UM_API um_status um_run_restore(um_context *ctx, const um_model *model, const um_archive *archive,
                                um_run **run);

/**
 * computes  nothing; frees the archive's entries
 * in        archive: may be empty
 * out       archive: zero
 * aliasing  -
 * owner     the entries are gone
 * errors    none
 * cost      O(entries)
 * source    -
 */
UM_API void um_archive_clear(um_context *ctx, um_archive *archive);

/**
 * computes  nothing; frees a result that was read from a file (um_result_read)
 * in        result: may be NULL
 * out       -
 * aliasing  not one that belongs to a run
 * owner     the result is gone
 * errors    none
 * cost      O(columns)
 * source    -
 */
UM_API void um_result_destroy(um_context *ctx, um_result *result);

#ifdef __cplusplus
}
#endif
#endif
