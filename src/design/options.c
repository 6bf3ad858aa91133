/* What may be asked for. */
#include <math.h>

#include "design/design.h"
#include "model/model.h"

void um_design_options_init(um_design_options *options)
{
    um_spec spec;
    um_spec_init(&spec);
    *options = (um_design_options){
        .battery = spec.battery,
        .target = UM_DESIGN_ENERGY,
        .wanted = NAN,
        .tolerance = 0.01,
        .q_min = 0.02,
        .q_max = 0.98,
        .theta_min = 0.1,
        .theta_max = 3,
        .half_turns_max = 1,
        .theta_error = 1e-3,
        .rows_max = 20,
        .levels_max = 128,
    };
}

um_status umi_design_check_battery(um_context *ctx, const um_battery *battery)
{
    if (battery->kind == UM_BATTERY_LADDER)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "battery.kind",
                            "a uniform ladder has no trap above its lowest level; endless, its "
                            "plateau with coherent atoms is geometric, p_n/p_(n-1) = (1-q)/q "
                            "cot^2(theta/2) where that is below 1; designs are for cavity and "
                            "custom batteries");
    if (battery->kind == UM_BATTERY_CAVITY) return UM_OK;
    if (battery->kind != UM_BATTERY_CUSTOM)
        return umi_fail_key(ctx, UM_ERROR_CONFIG, "battery.kind", "unknown kind of battery %d",
                            (int)battery->kind);
    if (battery->levels < UM_LEVELS_MIN || !battery->energies || !battery->lowering)
        return umi_fail_key(ctx, UM_ERROR_CONFIG, "battery.levels",
                            "a custom battery needs energies and lowering of at least 2 levels");
    if (!umi_battery_is_uniform(battery))
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "battery.energies",
                            "the levels are not one omega apart, so that no atom is on resonance "
                            "with all steps, and no plateau is pure; designs need energies "
                            "E_0 + n");
    return UM_OK;
}

/* The battery as every model checks it. */
static um_status check_model(um_context *ctx, const um_battery *battery)
{
    um_spec spec;
    um_model *model;
    um_spec_init(&spec);
    um_stage stage = spec.stages[0];
    spec.battery = *battery;
    spec.battery.initial = (um_initial){.kind = UM_INITIAL_VACUUM};
    stage.interaction.theta = stage.interaction.tau = 1;
    spec.stages = &stage;
    UMI_TRY(um_model_create(ctx, &spec, &model));
    um_model_destroy(model);
    return UM_OK;
}

static um_status check_range(um_context *ctx, const char *key, double low, double high,
                             double limit, const char *allowed)
{
    if (low > 0 && high < limit && low <= high) return UM_OK;
    return umi_fail_key(ctx, UM_ERROR_CONFIG, key, "the range %g to %g; %s", low, high, allowed);
}

static um_status check_count(um_context *ctx, const char *key, int value, int low, int high)
{
    if (value >= low && value <= high) return UM_OK;
    return umi_fail_key(ctx, UM_ERROR_CONFIG, key, "%d; %d to %d are allowed", value, low, high);
}

static um_status check_target(um_context *ctx, const um_design_options *options)
{
    if ((unsigned)options->target > UM_DESIGN_ERGOTROPY)
        return umi_fail_key(ctx, UM_ERROR_CONFIG, "target", "unknown target %d",
                            (int)options->target);
    if (isnan(options->wanted)) return UM_OK;
    bool energy = options->target == UM_DESIGN_ENERGY;
    double ground = energy ? um_battery_get_energy(&options->battery, 0) : 0;
    if (options->wanted > ground && isfinite(options->wanted)) return UM_OK;
    return umi_fail_key(ctx, UM_ERROR_CONFIG, energy ? "energy" : "ergotropy",
                        "%g; it must be finite and more than %g, which the empty battery has",
                        options->wanted, ground);
}

um_status umi_design_check(um_context *ctx, const um_design_options *options)
{
    UMI_TRY(check_model(ctx, &options->battery));
    UMI_TRY(umi_design_check_battery(ctx, &options->battery));
    UMI_TRY(check_target(ctx, options));
    UMI_TRY(check_range(ctx, "q", options->q_min, options->q_max, 1,
                        "0 < low <= high < 1 is allowed: at 0 and 1 an atom has no coherence"));
    UMI_TRY(check_range(ctx, "theta", options->theta_min, options->theta_max, INFINITY,
                        "0 < low <= high, both finite, is allowed"));
    if (!(options->tolerance > 0 && options->tolerance < 1))
        return umi_fail_key(ctx, UM_ERROR_CONFIG, "tolerance",
                            "%g; more than 0 and less than 1 are allowed", options->tolerance);
    if (!(options->theta_error > 0 && options->theta_error < 0.1))
        return umi_fail_key(ctx, UM_ERROR_CONFIG, "theta_error",
                            "%g; more than 0 and less than 0.1 are allowed", options->theta_error);
    UMI_TRY(check_count(ctx, "half_turns", options->half_turns_max, 1, 99));
    UMI_TRY(check_count(ctx, "rows", options->rows_max, 1, 10000));
    return check_count(ctx, "levels", options->levels_max, 0, UM_DESIGN_LEVELS_MAX);
}
