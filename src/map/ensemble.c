#include "map/ensemble.h"

#include <math.h>

#include "map/spread.h"

void umi_collision_stretch(umi_collision *it, double factor)
{
    double longer = (factor - 1) * it->interaction.tau;
    it->interaction.tau += longer;
    it->interaction.theta *= factor;
    /* Waiting times do not know of the atom before. */
    if (it->stream.arrivals == UM_ARRIVALS_REGULAR) it->gap -= longer;
}

void umi_collision_settle(umi_collision *it)
{
    it->imperfections.theta_law = UM_SPREAD_GAUSSIAN;
    it->imperfections.theta_spread = 0;
    it->imperfections.detuning_spread = 0;
}

double umi_collision_largest_angle(const umi_collision *it)
{
    double lambda = it->interaction.counter_rotating, tau = it->interaction.tau;
    double frequency = it->battery->frequency, top = 0, uneven = 0;
    bool custom = it->battery->kind == UM_BATTERY_CUSTOM;
    for (int n = 1; n < it->levels + !custom; n++)
        top = fmax(top, fabs(um_battery_get_lowering(it->battery, n)));
    for (int n = 1; n < it->levels && !it->even; n++)
        uneven = fmax(uneven, fabs(um_battery_get_energy(it->battery, n) -
                                   um_battery_get_energy(it->battery, 0) - n) * frequency * tau);
    /* Counter-rotating terms make no blocks: room for what several of them add up to. */
    double turning = lambda > 0 ? 2 * frequency * tau + it->interaction.theta * (1 + 2 * lambda) * top : 0;
    return 2 * (it->interaction.theta * top + turning +
                fabs(it->atoms.detuning) * tau + uneven);
}

/* How many detunings, for times up to tau `stretch`. */
static um_status choose_detunings(um_context *ctx, const umi_collision *it, double stretch, int most,
                                  umi_ensemble *ensemble)
{
    double sigma = it->imperfections.detuning_spread * it->interaction.tau;
    /* Means over e^(i x), x normal with this deviation, are right to 1e-15 with so many steps. */
    double steps = sigma == 0 ? 1 : ceil(24 + 2.8 * 2 * sigma * stretch);
    if (steps * ensemble->times <= most) {
        ensemble->detunings = (int)steps;
        return UM_OK;
    }
    return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "imperfections.detuning_spread",
                        "detunings scatter so far that the averaged map would take %.0f collision maps "
                        "(%d at most); use draw: random, or reduce the spread",
                        steps * ensemble->times, most);
}

um_status umi_ensemble_create(um_context *ctx, const umi_collision *it, int most, umi_ensemble *ensemble)
{
    const um_imperfections *imperfections = &it->imperfections;
    *ensemble = (umi_ensemble){.times = 1, .detunings = 1};
    double sigma = imperfections->detuning_spread * it->interaction.tau, stretch = 1;
    if (umi_spread_acts(imperfections))
        UMI_TRY(umi_spread_nodes(ctx, imperfections, umi_collision_largest_angle(it) + 16 * sigma, most,
                                 &ensemble->times, &ensemble->values));
    for (int i = 0; ensemble->values && i < ensemble->times; i++)
        stretch = fmax(stretch, ensemble->values[i]);
    um_status status = choose_detunings(ctx, it, stretch, most, ensemble);
    if (status != UM_OK) umi_ensemble_free(ctx, ensemble);
    return status;
}

um_status umi_ensemble_create_detunings(um_context *ctx, const umi_collision *it, double stretch, int most,
                                        umi_ensemble *ensemble)
{
    *ensemble = (umi_ensemble){.times = 1, .detunings = 1};
    return choose_detunings(ctx, it, stretch, most, ensemble);
}

void umi_ensemble_free(um_context *ctx, umi_ensemble *ensemble)
{
    umi_free(ctx, ensemble->values);
    ensemble->values = NULL;
}

umi_collision umi_ensemble_get(const umi_ensemble *ensemble, const umi_collision *it, int i, double *weight)
{
    umi_collision one = *it;
    int at = i / ensemble->detunings, count = ensemble->detunings;
    *weight = 1;
    if (ensemble->values) {
        umi_collision_stretch(&one, ensemble->values[at]);
        *weight = ensemble->values[ensemble->times + at];
    }
    if (count > 1) {
        double step = 17.4 / count, x = (i % count - (count - 1) / 2.0) * step;
        one.stray = x * it->imperfections.detuning_spread;
        one.atoms.detuning += one.stray;
        *weight *= step * exp(-x * x / 2) / sqrt(2 * M_PI);
    }
    umi_collision_settle(&one);
    return one;
}
