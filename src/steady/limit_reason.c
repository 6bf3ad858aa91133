/* What is said of a limit that is undecided. */
#include <math.h>
#include <stdio.h>

#include "model/model.h"
#include "limit.h"
#include "rest.h"

/* How to see farther; nothing where no run is as long. */
static void say_horizon(const um_model *model, double enough, char *text, size_t size)
{
    double most = (double)UMI_COLLISIONS_MAX, now = um_model_get_spec(model)->accuracy.horizon;
    if (enough <= most)
        snprintf(text, size, "raise accuracy.horizon to %.2g", enough);
    else if (now < most)
        snprintf(text, size, "accuracy.horizon is %g and may be %g at most", now, most);
    else
        snprintf(text, size, "no run is longer");
}

static um_status explain_mode(um_context *ctx, const um_model *model, const umi_limit_reason *why,
                              um_steady *steady)
{
    if (!isfinite(why->relaxation))
        return umi_steady_warn(ctx, steady,
                               "the limit is undecided: not all modes have died out after %g collisions, or "
                               "too many are so slow that they may stay",
                               (double)steady->limit.collision);
    char horizon[96];
    say_horizon(model, UMI_DIED_OUT * why->relaxation, horizon, sizeof horizon);
    return umi_steady_warn(ctx, steady,
                           "the limit is undecided: a mode that relaxes in %.4g collisions has not died out after "
                           "%g (%g relaxation times are asked for); %s%s",
                           why->relaxation, (double)steady->limit.collision, UMI_DIED_OUT, horizon,
                           steady->stationary.levels > 0 ? "; the stationary state says where it leads" : "");
}

/* Of the slowest mode that decays, if it has not died out; else NAN. */
static double find_slowest(const um_spectrum *spectrum, double done)
{
    for (size_t i = 0; i < spectrum->count; i++)
        if (spectrum->modes[i].decay > spectrum->modes[i].error)
            return spectrum->modes[i].decay * done < UMI_DIED_OUT ? spectrum->modes[i].relaxation : NAN;
    return NAN;
}

um_status umi_limit_explain(um_context *ctx, const um_model *model, const umi_limit_reason *why,
                            um_steady *steady)
{
    if (steady->limit.status != UM_LIMIT_UNDECIDED || steady->run->status != UM_OK) return UM_OK;
    double done = (double)steady->limit.collision;
    umi_limit_reason moving = {.of = UMI_LIMIT_MODE, .relaxation = find_slowest(&steady->spectrum, done)};
    if (why->of == UMI_LIMIT_MOVING && isfinite(moving.relaxation))
        return explain_mode(ctx, model, &moving, steady);
    char horizon[96];
    say_horizon(model, 100 * done, horizon, sizeof horizon);
    switch (why->of) {
    case UMI_LIMIT_MODE:
        return explain_mode(ctx, model, why, steady);
    case UMI_LIMIT_LARGE:
        return umi_steady_warn(ctx, steady,
                               "the limit is undecided: the modes of %d levels, or those of them that stay, are too "
                               "many to be looked through; battery.max_levels bounds the levels",
                               why->levels);
    case UMI_LIMIT_UNKNOWN:
        return umi_steady_warn(ctx, steady,
                               "the limit is undecided: the modes of %d levels are not known to enough digits, and "
                               "behind a trap a flat curve may climb on",
                               why->levels);
    case UMI_LIMIT_TOP:
        return umi_steady_warn(ctx, steady,
                               "the limit is undecided: in twice the levels the battery goes on, or ends elsewhere; "
                               "raise battery.levels or battery.max_levels");
    case UMI_LIMIT_SETTLED:
    case UMI_LIMIT_MOVING:
        break;
    }
    return umi_steady_warn(ctx, steady,
                           "the limit is undecided: energy, ergotropy or purity still change in the last decade before "
                           "collision %g; %s%s",
                           done, horizon,
                           steady->stationary.levels > 0 ? "; the stationary state says where it leads" : "");
}
