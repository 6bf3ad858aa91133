/* Means over spreads while the environment acts: there is no closed form, but a sum of tables is a table. */
#include "map/average.h"
#include "map/ensemble.h"
#include "map/joint.h"
#include "map/stencil.h"

enum { NODES_MAX = 512, WEIGHTS = 2 * UMI_TABLE_READ_ORDERS };

/* Each detuning's work on the stray field: that much of what the collision adds to the change. */
static um_status add_one(um_context *ctx, umi_table *table, const umi_collision *one, double weight,
                         double *before)
{
    size_t levels = (size_t)one->levels;
    double stray = one->stray / one->battery->frequency;
    for (int i = 0; i < WEIGHTS && stray != 0; i++) {
        const double *change = umi_table_weights(table, UMI_TABLE_CHANGE, i / 2, i % 2);
        for (size_t n = 0; n < levels; n++) before[(size_t)i * levels + n] = change[n];
    }
    UMI_TRY(umi_joint_add(ctx, table, one, weight));
    for (int i = 0; i < WEIGHTS && stray != 0; i++) {
        const double *change = umi_table_weights(table, UMI_TABLE_CHANGE, i / 2, i % 2);
        double *end = umi_table_weights(table, UMI_TABLE_END, i / 2, i % 2);
        for (size_t n = 0; n < levels; n++)
            end[n] += stray * (change[n] - before[(size_t)i * levels + n]);
    }
    return UM_OK;
}

static um_status fill(um_context *ctx, umi_table *table, const umi_collision *it, const umi_ensemble *ensemble)
{
    double *before = UMI_NEW_ARRAY(ctx, double, WEIGHTS * (size_t)it->levels), total = 0, weight;
    um_status status = before ? UM_OK : UM_ERROR_MEMORY;
    for (int i = 0; i < umi_ensemble_size(ensemble); i++) {
        umi_ensemble_get(ensemble, it, i, &weight);
        total += weight;
    }
    for (int i = 0; i < umi_ensemble_size(ensemble) && status == UM_OK; i++) {
        umi_collision one = umi_ensemble_get(ensemble, it, i, &weight);
        status = add_one(ctx, table, &one, weight / total, before);
    }
    umi_free(ctx, before);
    return status;
}

um_status umi_average_joint_tabulate(um_context *ctx, const umi_collision *it, umi_table **table)
{
    umi_ensemble ensemble;
    *table = NULL;
    UMI_TRY(umi_ensemble_create(ctx, it, NODES_MAX, &ensemble));
    bool real = umi_joint_is_real(it) && it->imperfections.detuning_spread == 0;
    um_status status = umi_table_create(ctx, it->levels, !real, table);
    if (status == UM_OK) status = fill(ctx, *table, it, &ensemble);
    umi_ensemble_free(ctx, &ensemble);
    return status;
}

um_status umi_map_create_average_joint(um_context *ctx, const umi_collision *it, um_map **map)
{
    *map = NULL;
    if (umi_spread_reverses(&it->imperfections))
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "imperfections.theta_spread",
                            "a spread of %g makes some interaction times negative, which an environment that "
                            "acts meanwhile does not allow; use at most 0.117, or theta_law: velocity",
                            it->imperfections.theta_spread);
    umi_collision settled = *it;
    umi_collision_settle(&settled);
    if (it->interaction.counter_rotating > 0 || it->interaction.pulse != UM_PULSE_CONSTANT)
        return umi_map_create_joint(ctx, &settled, map); /* says why not */
    umi_table *table;
    um_status status = umi_average_joint_tabulate(ctx, it, &table);
    umi_table_look look = {.method = "averaged-joint",
                           .phase = umi_stencil_phase(it->atoms.phase),
                           .excited = 1 - it->atoms.q,
                           .present = 1,
                           .reach = 1};
    if (status == UM_OK) status = umi_table_finish(table, &look, map);
    umi_table_free(table);
    return status;
}
