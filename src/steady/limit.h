/* limit: whether a run that looks still has come to rest, and solve.c's part in asking. */
#ifndef UMI_STEADY_LIMIT_H
#define UMI_STEADY_LIMIT_H

#include "base/base.h"
#include "umaser/steady.h"

/* The numbers of the run's last record, undecided. run: what steady->run is the result of; where
 * that has no series of ergotropy it is asked for the few that are needed. */
um_status umi_limit_start(um_run *run, um_steady *steady);

/* Decides steady->limit from the run, chambers and spectrum that steady holds. model: of one stage,
 * the run's. UM_ERROR_MEMORY, UM_ERROR_INTERRUPTED; what cannot be computed leaves it undecided. */
um_status umi_limit_decide(um_context *ctx, const um_model *model, um_run *run,
                           const um_steady_options *options, um_steady *steady);

/* Why a limit is not said to be reached. */
typedef struct umi_limit_reason {
    enum {
        UMI_LIMIT_SETTLED, /* it is, or only the ergotropy still moves */
        UMI_LIMIT_MOVING,  /* the curve is not flat */
        UMI_LIMIT_MODE,    /* a mode has not died out */
        UMI_LIMIT_LARGE,   /* the modes are not looked through */
        UMI_LIMIT_UNKNOWN, /* they cannot be had */
        UMI_LIMIT_TOP      /* the state depends on where the space ends */
    } of;
    int levels;        /* of the space that was looked at */
    double relaxation; /* of the mode, collisions; NAN: not known */
} umi_limit_reason;
/* A warning that says so, and what to do, where the limit is undecided and the run says nothing itself. */
um_status umi_limit_explain(um_context *ctx, const um_model *model, const umi_limit_reason *why,
                            um_steady *steady);

/* How much of a state of so many levels a chamber holds. */
double umi_chamber_holds(const um_chamber *chamber, const double *populations, int levels);

/* The same description with one stage and its own values as um_model_create takes them. */
void umi_spec_of_stage(const um_model *model, size_t stage, um_spec *spec, um_stage *single);

um_status umi_steady_warn(um_context *ctx, um_steady *steady, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
