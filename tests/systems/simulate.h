/* One charge stage from the vacuum to its end, for tests that look at numbers. */
#ifndef UM_SIMULATE_H
#define UM_SIMULATE_H

#include "check.h"

typedef struct simulation {
    um_context *ctx;
    um_stage stage;
    um_spec spec; /* its one stage is `stage`; set what differs from the defaults */
    int64_t state_at[4];
    um_model *model;
    um_run *run;
    const um_result *result;
} simulation;

/* theta given, all else as um_spec_init says. */
void simulation_init(simulation *s, double theta, double q, double c, int64_t collisions);
/* Record these collisions, in ascending order. */
void simulation_record(simulation *s, const int64_t *at, size_t count);
/* Keep the density matrix after this collision. */
void simulation_keep(simulation *s, int64_t collision);
/* Runs to the end, fails the test if that fails; the ledger must close and the trace must hold. */
void simulation_run(simulation *s);
/* The same, returning what um_run_advance says, checking nothing. */
um_status simulation_try(simulation *s);
void simulation_free(simulation *s);

double simulation_get(const simulation *s, um_quantity quantity, int64_t collision);

#endif
