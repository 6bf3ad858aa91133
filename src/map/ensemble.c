#include "map/ensemble.h"

#include <math.h>

#include "map/spread.h"

void umi_collision_stretch(umi_collision *it, double factor)
{
    double longer = (factor - 1) * it->interaction.tau;
    it->interaction.tau += longer;
    it->interaction.theta *= factor;
    /* Waiting times do not know of the atom before. One atom at the heels of the other leaves no gap, however long
     * it stays; only uneven levels notice what is left of the period. */
    bool follows = it->gap == 0 && it->even;
    if (it->stream.arrivals == UM_ARRIVALS_REGULAR && !follows) it->gap -= longer;
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
    int end = it->levels + !it->finite;
    for (int n = 1; n < end; n++) top = fmax(top, fabs(um_battery_get_lowering(it->battery, n)));
    for (int n = 1; n < end && !it->even; n++)
        uneven = fmax(uneven, fabs(um_battery_get_energy(it->battery, n) -
                                   um_battery_get_energy(it->battery, 0) - n) * frequency * tau);
    /* Counter-rotating terms make no blocks: room for what several of them add up to. */
    double turning = lambda > 0 ? 2 * frequency * tau + it->interaction.theta * (1 + 2 * lambda) * top : 0;
    double detuning = fabs(it->atoms.detuning) + 8 * it->imperfections.detuning_spread;
    return 2 * (it->interaction.theta * top + turning + detuning * tau + uneven);
}

double umi_collision_count_detunings(const umi_collision *it, double stretch)
{
    double sigma = it->imperfections.detuning_spread * it->interaction.tau;
    /* The elements of U turn no faster than e^(i detuning tau), which is normal with this deviation. */
    return sigma == 0 ? 1 : ceil(24 + 2.8 * 2 * sigma * stretch);
}

/* Equal steps over +- 8.7 standard deviations. */
double umi_collision_detune(umi_collision *it, int i, int count)
{
    if (count == 1) return 1;
    double step = 17.4 / count, x = (i - (count - 1) / 2.0) * step;
    it->stray = x * it->imperfections.detuning_spread;
    it->atoms.detuning += it->stray;
    return step * exp(-x * x / 2) / sqrt(2 * M_PI);
}

static um_status choose_detunings(um_context *ctx, const umi_collision *it, double stretch, int most,
                                  umi_ensemble *ensemble)
{
    double steps = umi_collision_count_detunings(it, stretch), total = 0, weight;
    if (steps * ensemble->times > most)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "imperfections.detuning_spread",
                            "detunings scatter so far that the averaged map would take %.0f collision maps "
                            "(%d at most); use draw: random, or reduce the spread",
                            steps * ensemble->times, most);
    ensemble->detunings = (int)steps;
    for (int i = 0; i < umi_ensemble_size(ensemble); i++) {
        umi_ensemble_get(ensemble, it, i, &weight);
        total += weight;
    }
    ensemble->total = total;
    return UM_OK;
}

/* Closed forms take no map for each time, where the gap's length does not follow from it. */
static const char *find_remedy(const umi_collision *it)
{
    bool closed = it->interaction.counter_rotating == 0 && it->interaction.pulse == UM_PULSE_CONSTANT;
    return closed ? ", arrivals: poisson with environment.during_collision: false, or interaction.tau: 0 with theta "
                    "(a collision that takes no time)"
                  : "";
}

um_status umi_ensemble_create(um_context *ctx, const umi_collision *it, int most, umi_ensemble *ensemble)
{
    double stretch = 1;
    *ensemble = (umi_ensemble){.times = 1, .detunings = 1, .total = 1};
    if (umi_spread_acts(&it->imperfections))
        UMI_TRY(umi_spread_nodes(ctx, &it->imperfections, umi_collision_largest_angle(it), most,
                                 find_remedy(it), &ensemble->times, &ensemble->values));
    for (int i = 0; ensemble->values && i < ensemble->times; i++)
        stretch = fmax(stretch, ensemble->values[i]);
    um_status status = choose_detunings(ctx, it, stretch, most, ensemble);
    if (status != UM_OK) umi_ensemble_free(ctx, ensemble);
    return status;
}

um_status umi_ensemble_create_detunings(um_context *ctx, const umi_collision *it, double stretch, int most,
                                        umi_ensemble *ensemble)
{
    *ensemble = (umi_ensemble){.times = 1, .detunings = 1, .total = 1};
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
    int time = i / ensemble->detunings;
    *weight = umi_collision_detune(&one, i % ensemble->detunings, ensemble->detunings);
    if (ensemble->values) {
        umi_collision_stretch(&one, ensemble->values[time]);
        *weight *= ensemble->values[ensemble->times + time];
    }
    *weight /= ensemble->total;
    umi_collision_settle(&one);
    return one;
}
