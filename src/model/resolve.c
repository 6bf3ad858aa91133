/* What follows from other values: theta from g and tau or a trap, the period. */
#include "model/model.h"

#include <math.h>

static const long double PI = 3.14159265358979323846264338327950288L;

static um_status resolve_trap(const umi_stage_place *place, um_interaction *interaction)
{
    const um_battery *battery = place->battery;
    int level = interaction->trap;
    /* A cavity knows every level; a finite battery only those it has. */
    int top = battery->kind == UM_BATTERY_CAVITY || battery->levels == UM_LEVELS_AUTO
                  ? UM_LEVELS_MAX - 1
                  : battery->levels - 2;
    if (level < 0 || level > top)
        return umi_fail_stage(place, "interaction.theta",
                              "trap: %d; trapping levels of this "
                              "battery are 0 to %d",
                              level, top);
    if (!isnan(interaction->theta))
        return umi_fail_stage(place, "interaction.theta",
                              "theta is given twice, as %.17g and as a "
                              "trap; give one of them",
                              interaction->theta);
    long double d = battery->kind == UM_BATTERY_CAVITY
                        ? sqrtl((long double)level + 1)
                        : fabsl((long double)um_battery_get_lowering(battery, level + 1));
    if (d == 0)
        return umi_fail_stage(place, "interaction.theta",
                              "trap: %d, but the battery's lowering "
                              "element of level %d is 0: it is trapped there at any theta",
                              level, level + 1);
    interaction->theta = (double)(interaction->half_turns * PI / d);
    return UM_OK;
}

static um_status check_given(const umi_stage_place *place, const char *key, double value)
{
    if (isnan(value) || (value >= 0 && isfinite(value))) return UM_OK;
    return umi_fail_stage(place, key, "%g; it must be >= 0 and finite", value);
}

/* Why the interaction time matters beyond g tau, so that it cannot be 0 either; NULL: it does not. */
static const char *why_time_matters(const umi_stage_place *place, const um_stage *stage)
{
    if (stage->atoms.detuning != 0) return "the atoms are detuned";
    if (stage->imperfections.detuning_spread > 0) return "the atoms' detuning scatters";
    if (stage->interaction.counter_rotating > 0) return "there are counter-rotating terms";
    if (!umi_battery_is_uniform(place->battery))
        return "the battery's levels are not equally spaced";
    return NULL;
}

/* Why the unit of time matters, so that theta alone, which leaves it open, does not do. */
static const char *why_scale_matters(const umi_stage_place *place, const um_stage *stage)
{
    const um_environment *environment = &stage->environment;
    bool inside = environment->during_collision &&
                  (environment->atom_decay > 0 || environment->atom_dephasing > 0);
    if (umi_environment_acts(environment) || inside)
        return "the environment's rates need a unit of time (tau: 0 for an instantaneous collision)";
    return why_time_matters(place, stage);
}

static um_status resolve_tau(const umi_stage_place *place, um_interaction *interaction)
{
    double theta = interaction->theta, g = interaction->g;
    if (!(g > 0))
        return umi_fail_stage(place, "interaction.g",
                              "g = 0 together with theta leaves tau open; g "
                              "must be > 0, or give tau in its place");
    interaction->tau = theta / g;
    if (!isfinite(interaction->tau) || (theta > 0 && interaction->tau == 0))
        return umi_fail_stage(place, "interaction.g", "theta/g = %g/%g is not an interaction time",
                              theta, g);
    return UM_OK;
}

/* Every form ends in theta and tau, and g follows from these two alone: so the printed
 * configuration, which gives theta and tau, means the same model to the last bit. */
static um_status resolve_interaction(const umi_stage_place *place, um_stage *stage)
{
    um_interaction *interaction = &stage->interaction;
    UMI_TRY(check_given(place, "interaction.theta", interaction->theta));
    UMI_TRY(check_given(place, "interaction.g", interaction->g));
    UMI_TRY(check_given(place, "interaction.tau", interaction->tau));
    if (interaction->half_turns < 0)
        return umi_fail_stage(place, "interaction.theta", "half_turns: %d; it must be >= 1",
                              interaction->half_turns);
    if (interaction->half_turns > 0)
        UMI_TRY(resolve_trap(place, interaction));
    else
        interaction->trap = 0;

    bool theta = !isnan(interaction->theta), g = !isnan(interaction->g);
    bool tau = !isnan(interaction->tau);
    const char *reason = why_time_matters(place, stage);
    if (theta && g && tau)
        return umi_fail_stage(place, "interaction.theta",
                              "theta, g and tau are all given; give two "
                              "of them (theta = g tau)");
    if (!theta && !(g && tau))
        return umi_fail_stage(place, "interaction.theta",
                              "theta is missing; give theta, or two of "
                              "theta, g and tau");
    if (theta && !g && !tau) {
        const char *scale = why_scale_matters(place, stage);
        if (scale)
            return umi_fail_stage(place, "interaction.g",
                                  "g or tau must be given with theta, because "
                                  "%s",
                                  scale);
        interaction->tau = interaction->theta;
    } else if (g && theta) {
        UMI_TRY(resolve_tau(place, interaction));
    } else if (g && tau) {
        interaction->theta = interaction->g * interaction->tau;
        if (!isfinite(interaction->theta))
            return umi_fail_stage(place, "interaction.g", "g tau = %g %g is too large",
                                  interaction->g, interaction->tau);
    }
    if (interaction->tau == 0 && reason)
        return umi_fail_stage(place, "interaction.tau",
                              "tau = 0 (an instantaneous collision) is "
                              "not possible, because %s",
                              reason);
    if (interaction->tau == 0 && interaction->theta > 0 && interaction->pulse != UM_PULSE_CONSTANT)
        return umi_fail_stage(place, "interaction.pulse",
                              "an instantaneous collision (tau = 0) has no pulse; give g or tau > 0, "
                              "or pulse: constant");
    interaction->g = interaction->tau > 0 ? interaction->theta / interaction->tau : INFINITY;
    if (interaction->tau > 0 && !isfinite(interaction->g))
        return umi_fail_stage(place, "interaction.tau", "theta/tau = %g/%g is too large",
                              interaction->theta, interaction->tau);
    return UM_OK;
}

/* Locked counter-rotating collisions: pi/omega is the step by which parity makes U repeat. */
static um_status resolve_locked_period(const umi_stage_place *place, um_stage *stage)
{
    double step = (double)(PI / place->battery->frequency), tau = stage->interaction.tau;
    if (isnan(stage->stream.period)) {
        double multiple = fmax(1, ceil(tau / step * (1 - 1e-12)));
        stage->stream.period = fmax(multiple * step, tau);
        return UM_OK;
    }
    double multiple = stage->stream.period / step;
    if (fabs(multiple - nearbyint(multiple)) <= 1e-9 * fmax(1, multiple)) return UM_OK;
    return umi_fail_stage(place, "stream.period",
                          "period %.17g is not a multiple of pi/omega, which "
                          "locked collisions with counter-rotating terms need; the nearest are "
                          "%.17g and %.17g; or use frame: lab",
                          stage->stream.period, floor(multiple) * step, ceil(multiple) * step);
}

static um_status resolve_period(const umi_stage_place *place, um_stage *stage)
{
    double period = stage->stream.period, tau = stage->interaction.tau;
    if (!isnan(period) && !(period >= tau && isfinite(period)))
        return umi_fail_stage(place, "stream.period",
                              "period %.17g is shorter than the collision "
                              "or not finite; it must be at least tau = %.17g",
                              period, tau);
    if (stage->interaction.counter_rotating > 0 && stage->stream.frame == UM_FRAME_LOCKED)
        return resolve_locked_period(place, stage);
    if (isnan(period)) stage->stream.period = tau;
    if (stage->stream.arrivals == UM_ARRIVALS_POISSON && !(stage->stream.period > tau))
        return umi_fail_stage(place, "stream.period",
                              "poisson arrivals need a gap: a period > tau = %.17g, whose rest after "
                              "the collision is the mean gap",
                              tau);
    return UM_OK;
}

/* The interaction of a stage in which nothing collides. */
static const um_interaction nothing = {.pulse_width = 0.25};

static void make_neutral(um_stage *stage)
{
    stage->until = (um_until){0};
    stage->atoms = (um_atoms){0};
    stage->interaction = nothing;
    stage->stream = (um_stream){.atom_probability = 1};
    stage->imperfections = (um_imperfections){0};
    if (stage->kind == UM_STAGE_DRIVE)
        stage->environment = (um_environment){.during_collision = true};
}

void umi_stage_reopen(um_stage *stage)
{
    stage->interaction.g = NAN;
    stage->interaction.half_turns = 0;
}

um_status umi_stage_resolve(const umi_stage_place *place, um_stage *stage)
{
    if (stage->kind != UM_STAGE_STORE) stage->duration = 0;
    if (stage->kind != UM_STAGE_DRIVE) stage->drive_re = stage->drive_im = 0;
    if (!umi_stage_has_collisions(stage)) {
        make_neutral(stage);
        return UM_OK;
    }
    if (stage->kind == UM_STAGE_DISCHARGE) {
        stage->atoms = (um_atoms){.q = 1, .detuning = stage->atoms.detuning};
        stage->imperfections.q_spread = stage->imperfections.phase_spread = 0;
    }
    UMI_TRY(resolve_interaction(place, stage));
    return resolve_period(place, stage);
}
