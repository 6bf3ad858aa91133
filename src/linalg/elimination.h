/* Inside the elimination: blocks of columns with one pattern, in the order they are eliminated. */
#ifndef UMI_ELIMINATION_H
#define UMI_ELIMINATION_H

#include "linalg/sparse.h"

/* A block has `width` columns and `height` rows below them. Its front holds, column by column,
 *   pivots  width x width    the square on the diagonal: L (unit, below) and U, whose diagonal
 *                            is kept inverted
 *   below   height x width   L beneath it
 *   right   height x width   U beside it, transposed
 * and the update that goes to the parent's front, height x height. Columns of all but the pivots are
 * padded to whole vectors of rows, with zeros. The first three are made where they stay. */
enum { UMI_FRONT_PAD = 8, UMI_FRONT_WIDTH = 64 };

static inline int64_t umi_front_pad(int64_t rows)
{
    return (rows + UMI_FRONT_PAD - 1) / UMI_FRONT_PAD * UMI_FRONT_PAD;
}

struct umi_ordering {
    int32_t size, blocks;
    int32_t *order;      /* unknown that is eliminated k-th */
    int32_t *first;      /* of the columns of a block; blocks + 1 values */
    int32_t *parent;     /* block into which the update goes, or -1 */
    int64_t *row_start;  /* blocks + 1: its rows below, ascending, are rows[row_start...] */
    int32_t *rows;
    int64_t *value_start; /* blocks + 1: pivots, below, right among the values of an elimination */
    /* Which element of the matrix goes where in the front of its block. */
    int64_t *entry_start; /* blocks + 1 */
    int32_t *source, *target;
    int64_t entries;        /* of the matrix, all rows */
    int64_t stack[2];       /* doubles of updates under way, at even and at odd depth */
    unsigned char *odd;     /* depth of a block */
    int32_t height;         /* largest */
};

static inline int32_t umi_block_width(const umi_ordering *o, int32_t block)
{
    return o->first[block + 1] - o->first[block];
}

static inline int32_t umi_block_height(const umi_ordering *o, int32_t block)
{
    return (int32_t)(o->row_start[block + 1] - o->row_start[block]);
}

/* The pattern of A + A^T without its diagonal, rows ascending. */
typedef struct umi_pattern {
    int32_t size;
    int32_t *start; /* size + 1 */
    int32_t *column;
} umi_pattern;

um_status umi_pattern_create(um_context *ctx, const umi_sparse *matrix, umi_pattern *pattern);
void umi_pattern_free(um_context *ctx, umi_pattern *pattern);

/* AMD, or the order as it is where rows are long; then the elimination tree in postorder. order, parent
 * (column or -1) and count (elements of L below the diagonal) have room for `size` values. */
um_status umi_pattern_order(um_context *ctx, const umi_pattern *pattern, int32_t *order,
                            int32_t *parent, int32_t *count);

#endif
