/* Collisions with an environment inside that differ in the population and phase of their atoms alone: the joint
 * dynamics is the same, and what is left of it for the battery is linear in the atom's density matrix. */
#ifndef UMI_JOINT_PARTS_H
#define UMI_JOINT_PARTS_H

#include "map/table.h"

typedef struct umi_joint_parts {
    bool scatters;    /* populations do; else all atoms have the same table */
    umi_table *of[3]; /* atoms in g, in e, in (|g> + |e>)/sqrt(2), as far as they were asked for; or that of all */
} umi_joint_parts;

/* Whether the collisions that are drawn from one, spreads not yet drawn, are of that kind. */
bool umi_joint_has_parts(const umi_collision *collision);
void umi_joint_parts_free(umi_joint_parts *parts);

/* As umi_joint_tabulate, for a collision that has parts: makes those that are missing. */
umi_table_maker umi_joint_assemble;

#endif
