/* What a table is made of, for table*.c alone. */
#ifndef UMI_TABLE_INSIDE_H
#define UMI_TABLE_INSIDE_H

#include "map/kernels/table.h"
#include "map/table.h"

/* Rows of one order and one change, by shift. */
typedef struct umi_table_band {
    int first, count;
    double **row[2]; /* count pointers per plane, NULL where all are zero */
} umi_table_band;

struct umi_table {
    um_context *ctx;
    int levels, orders, planes;
    umi_table_band *band; /* [3 order + change + 1] */
    double *weights;      /* [readout][order][plane][n] */
    double *top;
};

static inline umi_table_band *umi_table_at(const umi_table *table, int order, int change)
{
    return &table->band[3 * order + change + 1];
}

/* Coefficients as the kernels read them. */
typedef struct umi_table_pack {
    int levels, orders, planes;
    bool mixes;      /* change != 0 occurs */
    int climb, fall; /* levels by which an element can move up and down, >= 0 */
    double dropped;  /* left out: at most this times the Frobenius norm, entry by entry */
    size_t *block;   /* first block of each order */
    umi_table_group *group; /* three per block */
    double *coefficient;
} umi_table_pack;

um_status umi_table_pack_create(const umi_table *table, umi_table_pack *pack);
void umi_table_pack_free(um_context *ctx, umi_table_pack *pack);
/* The adjoint, as a table again. */
um_status umi_table_pack_transpose(um_context *ctx, const umi_table_pack *pack, umi_table **adjoint);

#endif
