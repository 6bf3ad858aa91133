/* trajectory: a state under one stage's map for ever, compressed on a window of levels and orders. */
#ifndef UMI_TRAJECTORY_H
#define UMI_TRAJECTORY_H

#include "forward/distance.h"

/* What of a state is followed without making it: linear functionals. */
enum {
    UMI_FOLLOW_ENERGY,
    UMI_FOLLOW_ABOVE,     /* population above the levels that were named */
    UMI_FOLLOW_TOP,       /* population of the window's two top levels */
    UMI_FOLLOW_CHANGE,    /* of the outgoing atom's excitation; its sums are what counts */
    UMI_FOLLOW_SWITCHING, /* work of switching; the same */
    UMI_FOLLOW_HEAT,      /* from the environment; the same */
    UMI_FOLLOW_LEAVING,   /* UMI_RATE_LEAVING; the same */
    UMI_FOLLOWED
};

typedef struct umi_trajectory_request {
    const um_model *model;
    size_t stage;
    const um_state *start; /* in the map's gauge */
    int levels, orders;
    int levels_named;    /* 0: none */
    int64_t collisions;  /* how far it is wanted */
    double tolerance;    /* trace norm */
    int rank_worth;      /* a larger one costs more than a later start; 0: any will do */
    double bytes_max;
    bool (*stop)(void *user);
    void *user;
} umi_trajectory_request;

typedef struct umi_trajectory umi_trajectory;

um_status umi_trajectory_create(um_context *ctx, const umi_trajectory_request *request,
                                umi_trajectory **trajectory);
void umi_trajectory_destroy(umi_trajectory *trajectory);

const umi_layout *umi_trajectory_layout(const umi_trajectory *trajectory);
int umi_trajectory_rank(const umi_trajectory *trajectory);
/* Collisions that are certified, at most those that were wanted; all counts are from its start. */
int64_t umi_trajectory_reach(const umi_trajectory *trajectory);
/* Whether it reached no further because of the orders that it has not. */
bool umi_trajectory_is_narrow(const umi_trajectory *trajectory);
/* Trace norm of the error after so many collisions, what the window left out of the start included;
 * that of the levels it does not have is not. */
double umi_trajectory_bound(umi_trajectory *trajectory, int64_t collisions);

/* What a trajectory sums over its collisions. */
typedef struct umi_trajectory_totals {
    double change, switching, heat, leaving;
} umi_trajectory_totals;

/* After so many collisions: one functional; the sums over the collisions before. */
double umi_trajectory_value(umi_trajectory *trajectory, int64_t collisions, int followed);
void umi_trajectory_sums(umi_trajectory *trajectory, int64_t collisions,
                         umi_trajectory_totals *totals);
/* The state, in the gauge and the levels of the map. */
um_status umi_trajectory_state(umi_trajectory *trajectory, int64_t collisions, um_state *state);
/* States that will be asked for, at most UMI_FORWARD_STATES of them, are made together, which costs
 * less; their bits do not depend on it. Whether one is there. */
void umi_trajectory_expect(umi_trajectory *trajectory, int count, const int64_t *collisions);
bool umi_trajectory_has(const umi_trajectory *trajectory, int64_t collisions);
/* Trace norm of the difference of two such states, at most, by collisions; the second has the larger
 * window. Both must outlive the pair. */
typedef struct umi_trajectory_pair {
    umi_forward_pair *pair;
    double norm_factor;
} umi_trajectory_pair;
um_status umi_trajectory_pair_create(umi_trajectory *small, umi_trajectory *large,
                                     umi_trajectory_pair *pair);
void umi_trajectory_pair_free(umi_trajectory_pair *pair);
double umi_trajectory_distance(const umi_trajectory_pair *pair, int64_t collisions);

#endif
