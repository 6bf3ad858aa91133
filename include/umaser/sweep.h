/* sweep: runs or steady analyses over a grid of parameters.
 *
 * A sweep is a plan: axes with their values, what is computed at each point, which numbers are
 * kept. Points are numbered, the last axis fastest; a block is the points first .. first + count - 1
 * of a fixed division. What a block yields follows from its number alone, never from what was
 * computed before or beside it: any number of threads, processes and interruptions gives the same
 * bits on one kernel path.
 */
#ifndef UMASER_SWEEP_H
#define UMASER_SWEEP_H

#include "umaser/steady.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every number that a point can be summed up in: enumerator, name, units, long name, whether it
 * needs a steady analysis, kept by default. Collisions are numbers like all others here; NAN where
 * there is none (no plateau), infinite where there is no end. */
#define UM_SUMMARY_LIST(X) \
    X(UM_SUMMARY_PLATEAU_ENERGY, "plateau_energy", "omega", "energy of the longest plateau", 0, 1) \
    X(UM_SUMMARY_PLATEAU_ERGOTROPY, "plateau_ergotropy", "omega", \
      "ergotropy of the longest plateau", 0, 1) \
    X(UM_SUMMARY_PLATEAU_PURITY, "plateau_purity", "1", "purity of the longest plateau", 0, 1) \
    X(UM_SUMMARY_CHARGING_TIME, "charging_time", "collisions", \
      "first collision of the longest plateau", 0, 1) \
    X(UM_SUMMARY_PLATEAU_END, "plateau_end", "collisions", \
      "last collision of the longest plateau, infinite if still on at the end", 0, 1) \
    X(UM_SUMMARY_PASSAGE_90, "passage_90", "collisions", \
      "first collision with 90 % of the plateau's energy", 0, 0) \
    X(UM_SUMMARY_PASSAGE_99, "passage_99", "collisions", \
      "first collision with 99 % of the plateau's energy", 0, 0) \
    X(UM_SUMMARY_PLATEAUS, "plateaus", "1", "number of plateaus", 0, 0) \
    X(UM_SUMMARY_FINAL_ENERGY, "final_energy", "omega", "energy at the end of the run", 0, 1) \
    X(UM_SUMMARY_FINAL_ERGOTROPY, "final_ergotropy", "omega", "ergotropy at the end of the run", 0, 1) \
    X(UM_SUMMARY_FINAL_PURITY, "final_purity", "1", "purity at the end of the run", 0, 1) \
    X(UM_SUMMARY_FINAL_ENTROPY, "final_entropy", "nat", "entropy at the end of the run", 0, 0) \
    X(UM_SUMMARY_MAXIMUM_POWER, "maximum_power", "omega/time", "largest average power", 0, 1) \
    X(UM_SUMMARY_MAXIMUM_POWER_AT, "maximum_power_at", "collisions", \
      "collision of the largest average power", 0, 0) \
    X(UM_SUMMARY_MAXIMUM_ERGOTROPY_POWER, "maximum_ergotropy_power", "omega/time", \
      "largest average ergotropy per time, over records", 0, 0) \
    X(UM_SUMMARY_SWITCHING, "switching", "omega", "work of switching the coupling", 0, 0) \
    X(UM_SUMMARY_HEAT, "heat", "omega", "heat from the environment", 0, 0) \
    X(UM_SUMMARY_DELIVERED_ENERGY, "delivered_energy", "omega", \
      "energy that atoms of discharge stages carried away", 0, 0) \
    X(UM_SUMMARY_DELIVERED_ERGOTROPY, "delivered_ergotropy", "omega", \
      "ergotropy that they carried away, each by itself", 0, 0) \
    X(UM_SUMMARY_LEDGER_RESIDUAL, "ledger_residual", "omega", "what the energy books lack", 0, 0) \
    X(UM_SUMMARY_LEVELS, "levels", "1", "levels of the space at the end", 0, 0) \
    X(UM_SUMMARY_ERROR_BOUND, "error_bound", "1", "trace norm of the truncation error", 0, 1) \
    X(UM_SUMMARY_LIFETIME, "lifetime", "collisions", \
      "1/leak of the chamber that holds most of the plateau", 1, 1) \
    X(UM_SUMMARY_LEAK, "leak", "1/collision", "leak of that chamber", 1, 0) \
    X(UM_SUMMARY_BAND_EXIT, "band_exit", "collisions", \
      "first collision outside the plateau's tolerance", 1, 1) \
    X(UM_SUMMARY_LIMIT_STATUS, "limit_status", "1", "0 reached, 1 escapes, 2 undecided", 1, 1) \
    X(UM_SUMMARY_LIMIT_COLLISION, "limit_collision", "collisions", "collision of the limit", 1, 0) \
    X(UM_SUMMARY_LIMIT_ENERGY, "limit_energy", "omega", "energy of the limit; not if undecided", 1, 1) \
    X(UM_SUMMARY_LIMIT_ERGOTROPY, "limit_ergotropy", "omega", "ergotropy of the limit", 1, 0) \
    X(UM_SUMMARY_LIMIT_PURITY, "limit_purity", "1", "purity of the limit", 1, 0) \
    X(UM_SUMMARY_CHAMBERS, "chambers", "1", "number of chambers", 1, 0) \
    X(UM_SUMMARY_RELAXATION, "relaxation", "collisions", \
      "slowest relaxation time inside that chamber", 1, 0)

#define UM_SUMMARY_ENUMERATOR(id, name, units, long_name, steady, by_default) id,
typedef enum um_summary { UM_SUMMARY_LIST(UM_SUMMARY_ENUMERATOR) UM_SUMMARY_COUNT } um_summary;
#undef UM_SUMMARY_ENUMERATOR

typedef struct um_summary_info {
    const char *name, *units, *long_name;
    bool steady, by_default;
} um_summary_info;

/**
 * computes  name, units and meaning of a summary number
 * in        summary: 0..UM_SUMMARY_COUNT-1
 * out       returns a pointer to it, NULL outside the range
 * aliasing  -
 * owner     static
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API const um_summary_info *um_summary_get_info(int summary);

typedef enum um_sweep_analysis { UM_SWEEP_RUN, UM_SWEEP_STEADY } um_sweep_analysis;

/* One parameter, or several that change together: keys_count columns of count values. */
typedef struct um_sweep_axis {
    const char *name;        /* of the dimension in results */
    size_t keys_count;
    const char *const *keys; /* configuration keys */
    size_t count;
    const double *values;     /* keys_count x count, a key's values together; NAN where not numbers */
    const char *const *texts; /* the same as in a configuration, exact to the last bit */
} um_sweep_axis;

typedef struct um_sweep_plan {
    um_sweep_analysis analysis;
    int stage; /* UM_SWEEP_STEADY: which */
    size_t axes_count; /* >= 1; crossed, the last one fastest */
    const um_sweep_axis *axes;
    size_t summaries_count; /* >= 1, or series */
    const um_summary *summaries;
    uint64_t series;   /* bits of um_quantity: whole series, at most the records of the run */
    size_t records;    /* of a series: the same at every point; 0 if series is 0 */
    int repeats;       /* >= 1: seeds seed, seed + 1, ... at every point */
    uint64_t seed;
    size_t block; /* points per block; 0: default */
} um_sweep_plan;

/* Makes the model of one point, its axes' values put in. Called from several threads at once, each
 * with a context of its own. */
typedef um_status (*um_sweep_source)(void *user, um_context *ctx, size_t point, uint64_t seed,
                                     um_model **model);

typedef struct um_sweep um_sweep;

/**
 * computes  a sweep: the plan checked and copied
 * in        plan: as in the struct; source, user: kept as they are, alive as long as the sweep
 * out       sweep: set on success, NULL otherwise
 * aliasing  nothing of plan is kept
 * owner     the caller, who ends it with um_sweep_destroy
 * errors    UM_ERROR_ARG no axes, an empty axis or one of more than 64 keys, nothing to keep, more
 *           than 10^9 points or records, no repeats, a steady summary of a run, a series of a steady
 *           analysis, of populations or without records; UM_ERROR_MEMORY
 * cost      O(axes)
 * source    -
 */
UM_API um_status um_sweep_create(um_context *ctx, const um_sweep_plan *plan, um_sweep_source source,
                                 void *user, um_sweep **sweep);

/**
 * computes  nothing; ends the sweep
 * in        sweep: may be NULL
 * out       -
 * aliasing  -
 * owner     the sweep and what um_sweep_get_plan returned are gone
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API void um_sweep_destroy(um_sweep *sweep);

/**
 * computes  the plan, its defaults filled in
 * in        sweep
 * out       returns a pointer into the sweep
 * aliasing  -
 * owner     the sweep
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API const um_sweep_plan *um_sweep_get_plan(const um_sweep *sweep);

/**
 * computes  the product of the axes' counts
 * in        sweep
 * out       returns it
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API size_t um_sweep_count_points(const um_sweep *sweep);

/**
 * computes  how many blocks the points are divided into
 * in        sweep
 * out       returns it; the last block may be shorter
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API size_t um_sweep_count_blocks(const um_sweep *sweep);

/* A point that gave no numbers, or not all of them. */
typedef struct um_sweep_failure {
    size_t point;
    um_status status;
    char *message; /* for a person; key, level and collision are in it where they apply */
} um_sweep_failure;

/**
 * computes  the kernel path that this process computes with (see um_map_info): results of two paths
 *           differ in the last digits
 * in        -
 * out       returns a static string
 * aliasing  -
 * owner     static
 * errors    none
 * cost      O(1)
 * source    docs/decisions/kernels.md
 */
UM_API const char *um_sweep_get_kernel(void);

/* What a block yields. A failed point has NAN where nothing is known. */
typedef struct um_sweep_block {
    size_t number, first, count;
    size_t width;   /* doubles of one point: see um_sweep_get_width */
    double *values; /* count x width */
    size_t failures_count;
    um_sweep_failure *failures; /* by point */
} um_sweep_block;

/**
 * computes  how many doubles a point yields: summaries, then, with repeats > 1, the standard error
 *           of each; then series, quantity by quantity in the order of um_quantity, records values
 *           each (and their standard errors)
 * in        sweep
 * out       returns it
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API size_t um_sweep_get_width(const um_sweep *sweep);

/**
 * computes  one block: mean over the repeats at every point. A point that fails does not stop the
 *           others
 * in        number < um_sweep_count_blocks; monitor: may be NULL, asked between points and inside
 *           long ones (done and total are points of the block)
 * out       block: set on success
 * aliasing  -
 * owner     the caller, who clears it with um_sweep_block_clear
 * errors    UM_ERROR_ARG number; UM_ERROR_INTERRUPTED the monitor said stop; UM_ERROR_MEMORY
 * cost      that of its points
 * source    -
 */
UM_API um_status um_sweep_compute(um_context *ctx, const um_sweep *sweep, size_t number,
                                  um_monitor monitor, void *user, um_sweep_block *block);

/**
 * computes  nothing; frees the values
 * in        block: may be empty
 * out       block: zero
 * aliasing  -
 * owner     values and failures are gone
 * errors    none
 * cost      O(failures)
 * source    -
 */
UM_API void um_sweep_block_clear(um_context *ctx, um_sweep_block *block);

/* Where finished blocks go: whether one is there already, and taking one. Called by one thread at a
 * time. */
typedef bool (*um_sweep_has)(void *self, size_t number);
typedef um_status (*um_sweep_put)(void *self, um_context *ctx, const um_sweep_block *block);
typedef struct um_sweep_store {
    void *self;
    um_sweep_has has;
    um_sweep_put put;
} um_sweep_store;

typedef struct um_sweep_progress {
    size_t done, total; /* points of this process's share */
    size_t failed;
    double seconds;     /* since the start of um_sweep_run */
    size_t fresh;       /* points computed since then */
} um_sweep_progress;
/* Called by one thread at a time, about ten times a second. Return false to stop. */
typedef bool (*um_sweep_monitor)(void *user, const um_sweep_progress *progress);

typedef struct um_sweep_options {
    int threads;      /* 0: one */
    int shard, shards; /* blocks with number % shards == shard alone; shards 0: all */
    um_sweep_monitor monitor; /* may be NULL */
    void *user;
    /* For a caller that hands out blocks between processes: the next block to compute, SIZE_MAX: no
     * more; NULL: in order. Called by one thread at a time. */
    size_t (*next)(void *user);
    void *next_user;
} um_sweep_options;

/**
 * computes  every block that the store has not, in `threads` threads, and puts it there
 * in        sweep; store; options: may be NULL. The context's allocate and release are called by
 *           several threads at once
 * out       the store grows, in no particular order
 * aliasing  -
 * owner     -
 * errors    UM_ERROR_ARG threads, shards; what the store returns; UM_ERROR_INTERRUPTED;
 *           UM_ERROR_MEMORY. Blocks that were put stay.
 * cost      that of the points; memory of one block per thread
 * source    -
 */
UM_API um_status um_sweep_run(um_context *ctx, const um_sweep *sweep, const um_sweep_store *store,
                              const um_sweep_options *options);

#ifdef __cplusplus
}
#endif
#endif
