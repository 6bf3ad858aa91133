/* charge, inside the library: the parts of a run. */
#ifndef UMI_RUN_H
#define UMI_RUN_H

#include "charge/curve.h"
#include "charge/rules.h"

/* Which collisions are recorded: all of them, or a list. */
typedef struct umi_schedule {
    bool every;
    int64_t total;
    int64_t *at;
    size_t count;
    size_t next; /* first entry of `at` not yet passed */
} umi_schedule;

um_status umi_schedule_create(um_context *ctx, const um_spec *spec, umi_schedule *schedule);
int64_t umi_schedule_records(const umi_schedule *schedule);
/* Whether `collision` is recorded; asked with ascending collisions. */
bool umi_schedule_has(umi_schedule *schedule, int64_t collision);
/* Whether an ascending list holds a collision. */
bool umi_list_has(const int64_t *list, size_t count, int64_t collision);

struct umi_leap;

struct um_run {
    um_context *ctx;
    const um_model *model;
    const um_spec *spec;
    bool silent; /* nothing recorded: a replay */
    um_map *map; /* of the current stage; NULL: to be made */
    um_state *state, *other; /* now; one collision earlier, while a record is taken */
    um_state *fidelity_target;
    int levels_limit, levels_named; /* of umi_room */
    size_t stage;
    int64_t stage_done, collision;
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
    um_monitor monitor;
    void *monitor_user;
    double monitor_next, looked; /* clock */
    int64_t look_next;           /* collision at which the clock is read again */
    int look_every;
};

/* Takes the record of the current collision, and keeps state and Wigner function where asked. */
um_status umi_run_record(um_run *run);
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
um_status umi_run_reserve_records(um_run *run, size_t records);
um_status umi_run_warn(um_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Warnings about the model itself. */
um_status umi_run_warn_of_model(um_run *run);
/* Refuses records that would not fit into memory. */
um_status umi_run_check_memory(const um_run *run);
/* Ergotropy of a state of the run. */
um_status umi_run_ergotropy(um_run *run, const um_state *state, um_ergotropy *ergotropy,
                            double *entropy);
void umi_run_close_ledger(um_run *run);
/* battery.levels, or what auto has grown to. */
int umi_run_levels(const um_run *run);

#endif
