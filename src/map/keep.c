#include "map/keep.h"

static double *copy(double **next, const double *from, size_t count)
{
    double *to = *next;
    for (size_t i = 0; i < count; i++) to[i] = from[i];
    *next += count;
    return to;
}

um_status umi_collision_keep(um_context *ctx, const umi_collision *it, umi_kept *kept)
{
    bool custom = it->battery->kind == UM_BATTERY_CUSTOM;
    size_t levels = custom ? (size_t)it->battery->levels : 0;
    size_t samples = it->imperfections.theta_law == UM_SPREAD_SAMPLES ? it->imperfections.theta_samples_count : 0;
    kept->memory = UMI_NEW_ARRAY(ctx, double, 2 * levels + samples);
    if (!kept->memory) return UM_ERROR_MEMORY;
    double *next = kept->memory;
    kept->it = *it;
    kept->battery = *it->battery;
    kept->it.battery = &kept->battery;
    if (custom) {
        kept->battery.energies = copy(&next, it->battery->energies, levels);
        kept->battery.lowering = copy(&next, it->battery->lowering, levels);
    }
    kept->it.imperfections.theta_samples = copy(&next, it->imperfections.theta_samples, samples);
    return UM_OK;
}

void umi_kept_free(um_context *ctx, umi_kept *kept)
{
    umi_free(ctx, kept->memory);
    kept->memory = NULL;
}
