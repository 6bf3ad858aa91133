#include "map/atoms.h"

#include <math.h>

#include "map/ensemble.h"
#include "map/spread.h"

static double cumulative(double x) { return erfc(-x * M_SQRT1_2) / 2; }
static double bell(double x) { return exp(-x * x / 2) / sqrt(2 * M_PI); }

/* E[q], q = mean + s x clipped to 0..1. */
static double mean_of_clipped(double mean, double s)
{
    double low = -mean / s, high = (1 - mean) / s;
    return mean * (cumulative(high) - cumulative(low)) + s * (bell(low) - bell(high)) + cumulative(-high);
}

/* E[sqrt(q(1-q))], the same for 1 - mean. Where the ends are far off, equal steps in x; else in t, q =
 * sin^2 t: an even and periodic function where the range ends at 0 or 1, a negligible one where it ends 9
 * deviations off. Equal steps converge geometrically for both. */
static double mean_of_root(double mean, double s)
{
    double near = fmin(mean, 1 - mean), before = -1, sum = 0;
    bool inside = near > 9 * s;
    double low = inside ? -9 : asin(sqrt(fmax(near - 9 * s, 0)));
    double high = inside ? 9 : asin(sqrt(fmin(near + 9 * s, 1)));
    for (int steps = 64; steps <= 1 << 20; steps *= 2, before = sum) {
        double step = (high - low) / steps;
        sum = 0;
        for (int i = 0; i <= steps; i++) {
            double t = low + i * step, q = inside ? near + s * t : sin(t) * sin(t);
            double product = q * (1 - q), x = (q - near) / s;
            double value = inside ? bell(t) * sqrt(product) : 2 * product * bell(x) / s;
            sum += value * step * (i == 0 || i == steps ? 0.5 : 1);
        }
        if (fabs(sum - before) <= 1e-15 * sum) break;
    }
    return sum;
}

um_atoms umi_atoms_average(const um_stage *stage)
{
    um_atoms atoms = stage->atoms;
    const um_imperfections *it = &stage->imperfections;
    if (stage->kind == UM_STAGE_DISCHARGE) {
        atoms.q = 1;
        atoms.c = 0;
        return atoms;
    }
    atoms.c *= exp(-it->phase_spread * it->phase_spread / 2);
    if (it->q_spread > 0) {
        double root = atoms.c * mean_of_root(atoms.q, it->q_spread);
        atoms.q = mean_of_clipped(atoms.q, it->q_spread);
        double most = sqrt(atoms.q * (1 - atoms.q));
        atoms.c = most > 0 ? fmin(root / most, 1) : 0;
    }
    return atoms;
}

typedef enum purpose {
    FOR_THETA,
    FOR_PHASE,
    FOR_Q,
    FOR_DETUNING,
    FOR_PRESENCE,
    FOR_GAP
} purpose;

static double normal(const umi_collision *it, umi_stream stream, uint64_t index, purpose what)
{
    umi_random random = umi_random_at(it->seed, stream, index, what);
    return umi_random_normal(&random);
}

void umi_collision_draw(umi_collision *it, umi_stream stream, uint64_t index)
{
    um_imperfections *scatter = &it->imperfections;
    if (umi_spread_acts(scatter)) {
        umi_random random = umi_random_at(it->seed, stream, index, FOR_THETA);
        umi_collision_stretch(it, umi_spread_draw(scatter, &random));
    }
    if (scatter->phase_spread > 0)
        it->atoms.phase += scatter->phase_spread * normal(it, stream, index, FOR_PHASE);
    if (scatter->q_spread > 0) {
        double q = it->atoms.q + scatter->q_spread * normal(it, stream, index, FOR_Q);
        it->atoms.q = fmin(fmax(q, 0), 1);
    }
    if (scatter->detuning_spread > 0) {
        it->stray = scatter->detuning_spread * normal(it, stream, index, FOR_DETUNING);
        it->atoms.detuning += it->stray;
    }
    umi_collision_settle(it);
    scatter->phase_spread = scatter->q_spread = 0;
}

bool umi_collision_draw_presence(const umi_collision *it, uint64_t index)
{
    umi_random random = umi_random_at(it->seed, UMI_STREAM_COLLISIONS, index, FOR_PRESENCE);
    return umi_random_uniform(&random) < it->stream.atom_probability;
}

double umi_collision_draw_gap(const umi_collision *it, uint64_t index)
{
    umi_random random = umi_random_at(it->seed, UMI_STREAM_COLLISIONS, index, FOR_GAP);
    return it->gap * umi_random_exponential(&random);
}
