/* Generators of collisions that are known as order tables (table.h): averages over spreads, and
 * collisions while the environment acts. Tables are in double: rates below 1e-16 per collision are
 * theirs no more, though the trace is kept to all digits. Means over interaction times alone are
 * taken in quad. */
#ifndef UMI_GENERATOR_TABLE_H
#define UMI_GENERATOR_TABLE_H

#include "map/generator.h"

/* Whether a collision is known as a table, and whether it can be. */
bool umi_collision_is_table(const umi_collision *collision);
bool umi_collision_is_summed(const umi_collision *collision);
/* generator: its layout is set, its rates are there and zero; gets all else. */
um_status umi_generator_tabulate(um_context *ctx, const umi_collision *collision,
                                 umi_generator *generator);

#endif
