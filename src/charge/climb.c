#include "charge/climb.h"

#include <math.h>

/* Gains that grow like k^power, one octave after another; below this it is not called a climb. */
static const double POWER_MIN = 0.25, POWER_MAX = 3;

static double energy_before(const um_run *run, int64_t collisions)
{
    int64_t collision = run->collision - collisions;
    if (collision < 1) return run->totals.energy_initial;
    size_t point = umi_curve_find(&run->curve, collision);
    return (umi_curve_low(&run->curve, point) + umi_curve_high(&run->curve, point)) / 2;
}

/* E(k) = E + gain ((k/done)^power - 1)/(1 - 2^-power), gain: that of the last octave. */
umi_climb umi_climb_look(const um_run *run)
{
    um_window window = um_state_get_window(run->state);
    double done = (double)run->stage_done, left = (double)run->spec->stages[run->stage].collisions;
    double now = run->totals.energy, half = energy_before(run, run->stage_done / 2),
           quarter = energy_before(run, run->stage_done - run->stage_done / 4);
    double gain = now - half, power = fmin(log2(gain / (half - quarter)), POWER_MAX);
    int top = run->levels_named > 0 ? run->levels_named : run->levels_limit;
    umi_climb climb = {.area = (double)(window.last - window.first) * window.orders};
    climb.area *= window.planes * window.planes;
    if (!(gain > 0) || !(power > POWER_MIN)) return climb;
    double rise = um_battery_get_energy(&run->spec->battery, top - 1) - now;
    climb.top = done * pow(1 + fmax(rise, 0) / gain * (1 - exp2(-power)), 1 / power);
    climb.ahead = climb.top < left;
    return climb;
}

/* Levels and orders grow at most in proportion to the collisions: the integral of k^2. */
double umi_climb_work(const um_run *run, const umi_climb *climb)
{
    double done = (double)run->stage_done, ratio = fmin(2, climb->top / done);
    return climb->area * done * (ratio * ratio * ratio - 1) / 3;
}
