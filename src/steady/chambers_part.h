/* part: the generator on some of its elements, a block r_nm of the density matrix: a chamber,
 * several of them, or the coherences between two. What leaves the block is lost. */
#ifndef UMI_STEADY_CHAMBERS_PART_H
#define UMI_STEADY_CHAMBERS_PART_H

#include "map/generator.h"

/* Rows first_row..last_row, columns first_column..last_column, of which n <= m. */
typedef struct umi_box {
    int first_row, last_row, first_column, last_column;
} umi_box;

typedef struct umi_part {
    umi_layout layout; /* of the generator */
    size_t size;
    int32_t *at;       /* where an element stands in the layout, ascending */
    int32_t *inside;   /* where an element of the layout stands in the part; -1: not there */
    umi_sparse matrix; /* square */
} umi_part;

um_status umi_part_create(um_context *ctx, const umi_generator *generator, umi_box box,
                          umi_part *part);
void umi_part_free(um_context *ctx, umi_part *part);

static inline umi_box umi_box_square(int first, int last)
{
    return (umi_box){first, last, first, last};
}

/* Where r_nm, n <= m, stands in the part; -1 if it does not. */
int umi_part_find(const umi_part *part, int plane, int n, int m);
/* The elements of y that are in x's part; zero elsewhere. */
void umi_part_move(const umi_part *from, umi_wide_vector x, const umi_part *to, umi_wide_vector y);

#endif
