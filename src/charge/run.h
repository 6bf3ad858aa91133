/* charge, inside the library: the parts of a run. */
#ifndef UMI_RUN_H
#define UMI_RUN_H

#include <stdarg.h>

#include "charge/curve.h"
#include "charge/rules.h"

/* Which collisions are recorded: all of them, those of a list, or some of each decade of a stage and
 * its last. */
typedef struct umi_schedule {
    um_record_mode mode;
    int64_t total;        /* collisions of all stages, at most */
    const int64_t *list;  /* ascending: of the run, or (log) from the stage's start */
    size_t count;
    int64_t *at;          /* the list, where it is our own */
    int64_t records;      /* how many there are, at most */
    size_t next;          /* first place of the list not yet passed */
    int64_t start, end;   /* of the stage */
} umi_schedule;

um_status umi_schedule_create(um_context *ctx, const um_spec *spec, umi_schedule *schedule);
/* A stage of so many collisions begins; also where the run goes back. */
void umi_schedule_enter(umi_schedule *schedule, int64_t start, int64_t collisions);
/* Whether `collision` is recorded; asked with ascending collisions. */
bool umi_schedule_has(umi_schedule *schedule, int64_t collision);
/* The first collision of the stage after `after` that is, or `other` if that comes first. */
int64_t umi_schedule_next(const umi_schedule *schedule, int64_t after, int64_t other);
/* Whether an ascending list holds a collision; the first in it after `after`, or `other` if that comes
 * first. */
bool umi_list_has(const int64_t *list, size_t count, int64_t collision);
int64_t umi_list_next(const int64_t *list, size_t count, int64_t after, int64_t other);

struct umi_leap;

/* A store under way: every state in it follows from the one at its start. */
typedef struct umi_store {
    um_state *start; /* NULL: not begun */
    umi_totals totals;
    int64_t point; /* of its records, so many are passed */
} umi_store;

/* The highest energy so far of a stage that ends at its peak, and all that is needed to go back. */
typedef struct umi_peak {
    um_state *state, *before; /* NULL: nothing yet; one collision earlier, where records need it */
    int64_t collision, stage_done;
    umi_totals totals;
    um_outcome outcome;
    umi_curve_mark curve;
    double curve_low, curve_high; /* of its last block */
    int64_t records, states, wigners;
    um_maximum ergotropy_power;
    double top_population_max;
} umi_peak;

struct um_run {
    um_context *ctx;
    const um_model *model;
    const um_spec *spec;
    bool silent;            /* nothing recorded: a replay ... */
    const um_run *original; /* ... of this one */
    um_map *map; /* of the current stage; NULL: to be made */
    um_state *state, *other; /* now; one collision earlier, while a record is taken that needs it */
    um_state *fidelity_target;
    int levels_limit, levels_named; /* of umi_room */
    size_t stage;
    bool begun; /* the stage */
    int64_t stage_done, collision;
    um_atoms atoms; /* of the stage, as they come on average */
    umi_store store;
    umi_peak peak;
    int64_t flat_next; /* no plateau is behind the stage before so many collisions of it */
    struct umi_leap **leaps; /* of each stage; NULL where there is none */
    int64_t refused;         /* a stage that is stepped although it is long; -1: none */
    umi_schedule schedule;
    umi_curve curve;
    umi_totals totals;
    um_outcome outcome;
    uint64_t observables;
    size_t records_capacity;
    double *spectrum;
    size_t spectrum_capacity;
    um_result *result;
    char **texts; /* methods and kernel of a run that was restored: their own memory */
    size_t texts_count;
    um_monitor monitor;
    void *monitor_user;
    double monitor_next, looked; /* clock */
    int64_t look_next;           /* collision at which the clock is read again */
    int look_every;
};

/* The stage the run is in. */
static inline const um_stage *umi_run_stage(const um_run *run)
{
    return &run->spec->stages[run->stage];
}

static inline um_stage_summary *umi_run_summary(const um_run *run)
{
    return &run->result->stages[run->stage];
}

/* One collision, or all that a leap passes over at most up to `until`, and the record. */
um_status umi_run_go_on(um_run *run, int64_t until);
/* All stages from here on; `until` as for um_run_advance. */
um_status umi_run_pass_stages(um_run *run, int64_t until);
/* What follows from the stage the run is in; after `stage` and `stage_done` were set. */
um_status umi_run_enter_stage(um_run *run);
/* The stage's numbers so far, into its summary. */
void umi_run_summarise_stage(um_run *run);

/* Before each collision of a stage with a condition: whether it is met. At a peak the run goes back
 * to it. */
um_status umi_until_ask(um_run *run, bool *met);
um_status umi_until_check(const um_run *run);
/* As it is before a stage. */
void umi_until_clear(um_run *run);

/* A stage without atoms. over: whether it is done. */
um_status umi_store_pass(um_run *run, bool *over);
um_status umi_drive_pass(um_run *run, bool *over);
void umi_store_clear(um_run *run);

/* A map in a space that holds what it makes of a state, which gets these levels and its gauge. */
typedef um_status (*umi_map_maker)(const um_run *run, int levels, double parameter, um_map **map);
um_status umi_run_make_room(um_run *run, um_state *state, umi_map_maker make, double parameter,
                            um_map **map);
/* The next state is `other`, unless with it the truncation is no longer good enough; what: begins the
 * message, NULL: the next collision. */
um_status umi_run_accept(um_run *run, const um_outcome *outcome, const char *what);
um_status umi_run_check_energy(um_run *run, double energy);

/* Takes the record of the current collision, and keeps state and Wigner function where asked. */
um_status umi_run_record(um_run *run);
/* A row of the record, whatever was asked for. */
um_status umi_run_record_row(um_run *run);
/* Whether one of these is recorded (bits). */
static inline bool umi_run_wants(const um_run *run, uint64_t quantities)
{
    return (run->observables & quantities) != 0;
}
/* Quantities that need the state one collision earlier; whose record has the ergotropy at hand. */
extern const uint64_t umi_quantities_of_step, umi_quantities_of_spectrum;
/* One collision, stepped; leaping: inside a leap, which keeps the curve and the error's bound. */
um_status umi_run_collide(um_run *run, bool leaping);
/* The map of the current stage, in a space that holds the state. */
um_status umi_run_ensure_map(um_run *run);
/* Drops what is negligible at the rim of the window, and counts it. */
void umi_run_trim(um_run *run);
/* Whether the monitor says stop; asks it now and then. */
bool umi_run_asked_to_stop(um_run *run);
/* The failure of a collision that would bring so much above the named levels. */
um_status umi_run_fail_named(um_run *run, double outside);
/* The kept states and Wigner functions beyond so many are given back. */
void umi_run_drop_kept(um_run *run, size_t states, size_t wigners);
um_status umi_run_reserve_records(um_run *run, size_t records);
/* One more at the end of a list of warnings. */
um_status umi_warnings_add(um_context *ctx, char ***warnings, size_t *count, const char *format,
                           va_list arguments) __attribute__((format(printf, 4, 0)));
um_status umi_run_warn(um_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Warnings about the model itself. */
um_status umi_run_warn_of_model(um_run *run);
double umi_machine_bytes(void);
/* Refuses records that would not fit into memory. */
um_status umi_run_check_memory(const um_run *run);
/* Ergotropy of a state of the run. */
um_status umi_run_ergotropy(um_run *run, const um_state *state, um_ergotropy *ergotropy,
                            double *entropy);
/* A run that goes again from the start, silently, to collisions that rise: the same bits as then.
 * It ends before `run` does, by um_run_destroy. */
um_status umi_run_begin_replay(um_run *run, um_run **again);
um_status umi_run_go_again(um_run *run, um_run *again, int64_t collision);
void umi_run_close_ledger(um_run *run);
/* battery.levels, or what auto has grown to. */
int umi_run_levels(const um_run *run);

#endif
