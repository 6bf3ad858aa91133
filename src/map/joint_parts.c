#include "map/joint_parts.h"

#include "map/joint.h"
#include "model/model.h"

enum { PARTS = 3 };

bool umi_joint_has_parts(const umi_collision *it)
{
    /* The free evolution of the gap is in the tables. */
    bool gap_matters = !it->even && it->stream.arrivals == UM_ARRIVALS_POISSON;
    return it->interaction.counter_rotating == 0 && umi_joint_acts(it) &&
           !umi_interaction_is_spread(&it->imperfections) && !gap_matters;
}

void umi_joint_parts_free(umi_joint_parts *parts)
{
    for (int i = 0; i < PARTS; i++) {
        umi_table_free(parts->of[i]);
        parts->of[i] = NULL;
    }
}

static um_status prepare(um_context *ctx, const umi_collision *it, const um_atoms *atoms, int orders, umi_table **part)
{
    if (*part && umi_table_get_orders(*part) >= orders) return UM_OK;
    umi_collision one = *it;
    umi_table *made;
    one.atoms.q = atoms->q;
    one.atoms.c = atoms->c;
    um_status status = umi_joint_tabulate(ctx, &one, orders, &made);
    if (status != UM_OK) {
        umi_table_free(made);
        return status;
    }
    umi_table_free(*part);
    *part = made;
    return UM_OK;
}

um_status umi_joint_assemble(um_context *ctx, const umi_collision *it, int orders, umi_table **table)
{
    static const um_atoms pure[PARTS] = {{.q = 1}, {.q = 0}, {.q = 0.5, .c = 1}};
    umi_joint_parts *parts = it->parts;
    const um_atoms *atoms = parts->scatters ? pure : &it->atoms;
    double q = it->atoms.q, ge = umi_atoms_ge(&it->atoms);
    const double weight[PARTS] = {parts->scatters ? q - ge : 1, 1 - q - ge, 2 * ge};
    *table = NULL;
    UMI_TRY(umi_table_create(ctx, it->levels, orders, !umi_joint_is_real(it), table));
    for (int i = 0; i < (parts->scatters ? PARTS : 1); i++) {
        if (weight[i] == 0) continue;
        UMI_TRY(prepare(ctx, it, &atoms[i], orders, &parts->of[i]));
        UMI_TRY(umi_table_accumulate(*table, weight[i], parts->of[i]));
    }
    umi_joint_bound_top(it, *table);
    return UM_OK;
}
