/* Means over spreads while the environment acts: there is no closed form, but a sum of tables is a table. */
#include <math.h>

#include "map/average.h"
#include "map/ensemble.h"
#include "map/joint.h"
#include "map/stencil.h"

enum { NODES_MAX = 512 };

/* Of velocities: the slowest that count take ten times as long. */
static const double SPREAD_MAX = 0.107;

/* times: those of every member, NULL: each has its own. */
static um_status fill(um_context *ctx, umi_table *table, const umi_collision *it, const umi_ensemble *ensemble,
                      const umi_times *times)
{
    for (int i = 0; i < umi_ensemble_size(ensemble); i++) {
        double weight;
        umi_collision one = umi_ensemble_get(ensemble, it, i, &weight);
        UMI_TRY(times ? umi_joint_add_mean(ctx, table, &one, times, weight)
                      : umi_joint_add(ctx, table, &one, weight));
    }
    return UM_OK;
}

/* A table for every time and detuning: where the gap's length matters, which a longer interaction takes from. */
static um_status fill_each(um_context *ctx, umi_table *table, const umi_collision *it)
{
    umi_ensemble ensemble;
    UMI_TRY(umi_ensemble_create(ctx, it, NODES_MAX, &ensemble));
    um_status status = fill(ctx, table, it, &ensemble, NULL);
    umi_ensemble_free(ctx, &ensemble);
    return status;
}

/* The mean over times at once, for every detuning. */
static um_status fill_means(um_context *ctx, umi_table *table, const umi_collision *it)
{
    double *values, stretch = 0;
    int count;
    UMI_TRY(umi_spread_times(ctx, &it->imperfections, umi_collision_largest_angle(it), &count, &values));
    for (int i = 0; i < count; i++) {
        stretch = fmax(stretch, values[i]);
        values[i] *= it->interaction.tau;
    }
    umi_ensemble detunings;
    um_status status = umi_ensemble_create_detunings(ctx, it, stretch, NODES_MAX, &detunings);
    umi_times times = {count, values, values + count};
    if (status == UM_OK) status = fill(ctx, table, it, &detunings, &times);
    umi_free(ctx, values);
    return status;
}

um_status umi_average_joint_tabulate(um_context *ctx, const umi_collision *it, int orders, umi_table **table)
{
    *table = NULL;
    if (it->imperfections.theta_law == UM_SPREAD_VELOCITY && it->imperfections.theta_spread > SPREAD_MAX)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "imperfections.theta_spread",
                            "velocities that scatter by %g come so near 0 that atoms stay for ever, while the "
                            "environment acts; use at most %g, or draw: random",
                            it->imperfections.theta_spread, SPREAD_MAX);
    bool real = umi_joint_is_real(it) && it->imperfections.detuning_spread == 0;
    bool gap_matters = !it->even && it->stream.arrivals == UM_ARRIVALS_REGULAR;
    bool at_once = umi_spread_acts(&it->imperfections) && !gap_matters;
    UMI_TRY(umi_table_create(ctx, it->levels, orders, !real, table));
    return at_once ? fill_means(ctx, *table, it) : fill_each(ctx, *table, it);
}

um_status umi_map_create_average_joint(um_context *ctx, const umi_collision *it, um_map **map)
{
    *map = NULL;
    if (it->interaction.counter_rotating > 0)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "imperfections.draw",
                            "the mean over atoms that scatter, with counter-rotating terms and an environment that "
                            "acts meanwhile: not in this version; use random or frozen, set "
                            "environment.during_collision to false, or counter_rotating to 0");
    UMI_TRY(umi_joint_check(ctx, it));
    umi_table_look look = {.method = "averaged-joint",
                           .phase = umi_stencil_phase(it->atoms.phase),
                           .excited = 1 - it->atoms.q,
                           .present = 1,
                           .reach = 1};
    return umi_table_map_create(ctx, it, umi_average_joint_tabulate, &look, map);
}
