/* design, inside the library: the closed form of a trap's plateau, and what its chamber does. */
#ifndef UMI_DESIGN_H
#define UMI_DESIGN_H

#include "base/base.h"
#include "umaser/design.h"

/* A trap with a pure plateau: weight[n] = ln of the product of cot^2(theta d_j/2), j = 1..n, so
 * that p_n ~ ((1-q)/q)^n e^weight[n]. */
typedef struct umi_trap {
    int trap, half_turns;
    double theta;
    long double *weight; /* trap + 1 values */
} umi_trap;

/* UM_ERROR_DOMAIN: no pure state there. */
um_status umi_trap_create(um_context *ctx, const um_battery *battery, int trap, int half_turns,
                          umi_trap *closed);
void umi_trap_free(um_context *ctx, umi_trap *closed);

/* theta = half_turns pi / |d_(trap+1)|, as a configuration resolves it; NAN if d is 0. */
double umi_trap_get_theta(const um_battery *battery, int trap, int half_turns);
/* Whether a level above 0 and below the trap is closed too: the first such level, 0 if none. */
int umi_trap_find_lower(const um_battery *battery, int trap, double theta);

/* ln((1-q)/q) and back. */
long double umi_design_log_odds(double q);
double umi_design_from_log_odds(long double log_odds);

/* Mean and variance of n at these odds. */
typedef struct umi_moments {
    double mean, variance;
} umi_moments;
umi_moments umi_trap_get_moments(const umi_trap *closed, long double log_odds);
void umi_trap_get_populations(const umi_trap *closed, long double log_odds, double *populations);

/* A battery that has traps and can be on resonance with every step. */
um_status umi_design_check_battery(um_context *ctx, const um_battery *battery);
um_status umi_design_check(um_context *ctx, const um_design_options *options);

/* relaxation, charging time, sensitivities to c and leak of a design whose closed form is there.
 * What cannot be had to its accuracy stays NAN or -1. */
um_status umi_design_add_chamber(um_context *ctx, const um_design_options *options,
                                 um_design *design);
/* What energy, ergotropy and purity do with c, at c = 1. */
um_status umi_design_add_sensitivity(um_context *ctx, const um_model *model, um_design *design);

#endif
