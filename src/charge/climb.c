#include "charge/climb.h"
#include "forward/dense.h"

#include <math.h>

/* Gains that grow like k^power, one octave after another; below this it is not called a climb. */
static const double POWER_MIN = 0.25, POWER_MAX = 3;
/* A step with counter-rotating terms costs as much as this many elements, times levels^3. */
static const double DENSE_COST = 0.4;
/* Smaller gains of an octave, relative to the energy, are rounding. */
static const double GAIN_MIN = 1e-9;

static double energy_before(const um_run *run, int64_t collisions)
{
    int64_t collision = run->collision - collisions;
    if (collision < 1) return run->totals.energy_initial;
    size_t point = umi_curve_find(&run->curve, collision);
    return (umi_curve_low(&run->curve, point) + umi_curve_high(&run->curve, point)) / 2;
}

/* Counter-rotating terms: more than is allowed stands above all levels that a leap can have. */
static bool is_gone(const um_run *run)
{
    double above = 0;
    if (!umi_is_dense(run->model, run->stage)) return false;
    for (int n = um_state_get_window(run->state).last - 1; n >= UMI_DENSE_LEVELS; n--) {
        double population;
        um_state_get_matrix(run->state, n, 1, &population, NULL);
        above += population;
    }
    return above > run->spec->accuracy.truncation;
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
    climb.cost = umi_is_dense(run->model, run->stage)
                     ? DENSE_COST * pow(window.last, 3)
                     : climb.area;
    if (is_gone(run)) {
        climb.ahead = climb.gone = true;
        climb.top = 2 * done;
        return climb;
    }
    if (!(gain > GAIN_MIN * fabs(now)) || !(power > POWER_MIN)) return climb;
    double rise = um_battery_get_energy(&run->spec->battery, top - 1) - now;
    climb.top = done * pow(1 + fmax(rise, 0) / gain * (1 - exp2(-power)), 1 / power);
    climb.ahead = climb.top < left;
    return climb;
}

/* Levels and orders grow at most in proportion to the collisions: the integral of k^2. */
double umi_climb_work(const um_run *run, const umi_climb *climb)
{
    double done = (double)run->stage_done, ratio = fmin(2, climb->top / done);
    return climb->cost * done * (ratio * ratio * ratio - 1) / 3;
}
