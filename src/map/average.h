/* A collision without counter-rotating terms, averaged over interaction times that scatter: every
 * product of two elements of U is a sum of e^(i alpha u), whose means are known (spread.h). Detunings that
 * scatter are averaged over a few values, one of these each (average_map.c).
 * In two precisions: umi_mean_* in long double, for maps; umi_quad_mean_* in quad, for generators: both form
 * differences from the collision that is not averaged without cancellation. */
#ifndef UMI_AVERAGE_H
#define UMI_AVERAGE_H

#include "map/generator_blocks.h"
#include "map/mixture.h"
#include "map/spread.h"
#include "map/table.h"

/* r'_nm = sum over terms, of elements of r: the column is that of m. */
typedef enum umi_term {
    UMI_TERM_HERE,        /* n, m; as the difference from 1 */
    UMI_TERM_ABOVE,       /* n+1, m+1 */
    UMI_TERM_BELOW,       /* n-1, m-1 */
    UMI_TERM_COLUMN_LESS, /* n, m-1 */
    UMI_TERM_ROW_LESS,    /* n-1, m */
    UMI_TERM_ROW_MORE,    /* n+1, m */
    UMI_TERM_COLUMN_MORE, /* n, m+1 */
    UMI_TERMS
} umi_term;

/* Where the terms stand in an order table: order k + change, element n + shift. */
extern const struct umi_place {
    int change, shift;
} umi_term_places[UMI_TERMS];

#define UMI_MEAN(name) umi_mean_##name
#define UMI_MEAN_REAL long double
#include "map/average_types.h"
#undef UMI_MEAN
#undef UMI_MEAN_REAL
#define UMI_MEAN(name) umi_quad_mean_##name
#define UMI_MEAN_REAL umi_quad
#include "map/average_types.h"
#undef UMI_MEAN
#undef UMI_MEAN_REAL

/* The tables alone, identity included; the caller's, also on failure. */
umi_table_maker umi_average_tabulate, umi_average_joint_tabulate;

/* Averages over theta's and detuning's spread of a collision that nothing else disturbs: as a table
 * (average_map.c) or, with counter-rotating terms or shaped pulses, a sum of maps that `make` makes. */
um_status umi_map_create_average(um_context *ctx, const umi_collision *collision, umi_map_maker *make,
                                 um_map **map);
/* The same while the environment acts: a sum of tables (average_joint.c). */
um_status umi_map_create_average_joint(um_context *ctx, const umi_collision *collision, um_map **map);

#endif
