/* rest: the space a state cannot leave, and whether what moves in it has died out. */
#ifndef UMI_STEADY_REST_H
#define UMI_STEADY_REST_H

#include "base/base.h"
#include "umaser/steady.h"

/* Population that may lie outside the space looked at. */
static const double UMI_OUTSIDE = 1e-9;

typedef struct umi_rest_space {
    int levels;
    bool closed;    /* nothing climbs out of it; else it is a truncation */
    int chambers;   /* parts between exact traps */
    bool separate;  /* ... of one level each */
} umi_rest_space;

bool umi_rest_is_unbounded(const um_battery *battery);

/* The least space that holds a state (its populations in so many levels) and that it cannot leave; if
 * there is none, a truncated one that holds it with room to spare, at most that of the run. */
um_status umi_rest_find_space(um_context *ctx, const um_model *model, const double *populations,
                              int levels, int run_levels, umi_rest_space *space);

/* Whether every mode of the map on a space either stays for ever or has died out. */
typedef enum umi_rest {
    UMI_REST_MOVING,  /* one has not, or too many are undecided */
    UMI_REST_SETTLED,
    UMI_REST_UNKNOWN, /* the modes cannot be had: a map that is far from normal */
    UMI_REST_LARGE    /* they are not looked for: too many levels, or too many that stay */
} umi_rest;

/* ... after so many collisions. known: a spectrum of the model, used where it is that of the
 * space. relaxation: of a mode that moves, in collisions; NAN where there is none, or it is not known. */
um_status umi_rest_check_modes(um_context *ctx, const um_model *model,
                               const umi_rest_space *space, double collisions,
                               const um_spectrum *known, umi_rest *rest, double *relaxation);

static const double UMI_DIED_OUT = 40; /* e-foldings after which a mode is gone */

/* The number of levels below the lowest exact trap that lies higher than `levels`; 0: there is none
 * that a space could hold. */
um_status umi_rest_find_trap_above(um_context *ctx, const um_model *model, int levels, int *trap);

/* How far one more collision takes a state: the largest change of an element, relative to the
 * largest; and two more. */
um_status umi_rest_find_turning(um_context *ctx, const um_model *model, const um_state *state,
                                double *once, double *twice);

#endif
