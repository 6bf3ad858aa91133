/* One collision while the environment acts on battery and atom, without counter-rotating terms:
 *   d rho/dt = -i [H, rho] + kappa (n_th+1) D[A] + kappa n_th D[A'] + dephasing D[n]
 *              + atom_decay D[s-] + (atom_dephasing/2) D[s_z]         on battery x atom, for a time tau.
 * With L = n + s excitations in the bra and R in the ket, every term conserves R - L = j and changes L
 * by at most 1: for each j the generator is block tridiagonal in L, with the four elements
 * <L-s, s| rho |R-t, t>. Its exponential is made once, and the outgoing atom traced out of it. */
#ifndef UMI_JOINT_H
#define UMI_JOINT_H

#include "map/joint_times.h"
#include "map/table.h"

/* Whether an environment acts during the collision. */
bool umi_joint_acts(const umi_collision *collision);

/* Whether it can be computed, with counter-rotating terms or without. UM_ERROR_UNSUPPORTED: a coupling that is
 * not constant, more than 1000 levels. */
um_status umi_joint_check(um_context *ctx, const umi_collision *collision);

/* Whether the table of a collision is real in the gauge of the stencils. */
bool umi_joint_is_real(const umi_collision *collision);

/* Adds `weight` times the collision (battery map, readouts, truncation) to a table of its levels, as many orders
 * as that has, complex if it has to be. The free evolution of the gap is part of it, as in the stencil; the
 * environment in the gap is not. Averages over nodes are sums of these; of the interaction, g and tau
 * count here, not theta. UM_ERROR_UNSUPPORTED: counter-rotating terms, or as
 * umi_joint_check. */
um_status umi_joint_add(um_context *ctx, umi_table *table, const umi_collision *collision, double weight);
/* The mean over times of interaction that replace tau; the gap stays. UM_ERROR_UNSUPPORTED: too far apart. */
um_status umi_joint_add_mean(um_context *ctx, umi_table *table, const umi_collision *collision,
                             const umi_times *times, double weight);
/* Its truncation alone, which umi_joint_add adds, too. */
void umi_joint_bound_top(const umi_collision *collision, umi_table *table);
/* A collision at one time, whose table is the caller's, also on failure. */
umi_table_maker umi_joint_tabulate;
um_status umi_map_create_joint(um_context *ctx, const umi_collision *collision, um_map **map);

#endif
