/* sparse_build: sparse matrices made row by row, and from others. */
#ifndef UMI_SPARSE_BUILD_H
#define UMI_SPARSE_BUILD_H

#include "linalg/sparse.h"

/* A matrix that grows: elements of a row by ascending columns, rows one after the other. */
typedef struct umi_sparse_writer {
    um_context *ctx;
    umi_sparse *matrix;
    size_t row, room; /* rows that are ended; elements there is room for */
} umi_sparse_writer;

/* matrix: whatever it held; to be freed by the caller also where something fails. */
um_status umi_sparse_write(um_context *ctx, size_t rows, size_t columns, umi_sparse *matrix,
                           umi_sparse_writer *writer);
/* Elements below UMI_SPARSE_NOTHING are left out. */
um_status umi_sparse_put(umi_sparse_writer *writer, size_t column, umi_wide value);
void umi_sparse_end_row(umi_sparse_writer *writer);
/* Room for an element more, also where there is none yet. */
um_status umi_sparse_reserve(umi_sparse_writer *writer);

/* What 1e15 applications of it to a density matrix cannot show. */
static const double UMI_SPARSE_NOTHING = 1e-36;

/* sum = x a + y b on the columns of a, as far as rows of a go; columns of b beyond those are left
 * out. */
um_status umi_sparse_add(um_context *ctx, umi_wide x, const umi_sparse *a, umi_wide y,
                         const umi_sparse *b, umi_sparse *sum);
/* (1 + after)(1 + before) - 1 on the columns of `before`; `after` is square, with as many rows as
 * `before`. */
um_status umi_sparse_compose(um_context *ctx, const umi_sparse *after, const umi_sparse *before,
                             umi_sparse *both);
/* The sum of the first `rows` rows, which is zero but for rounding, is made zero: what it lacks goes to
 * the diagonal, or without one to the largest element of the column. UM_ERROR_INTERNAL if it is more
 * than `rounding`. */
um_status umi_sparse_mend(um_context *ctx, size_t rows, double rounding, umi_sparse *matrix);
/* y = (1 + a)' x for x that is zero but for its first `rows` elements. */
void umi_sparse_pull(const umi_sparse *a, size_t rows, umi_wide_vector x, umi_wide_vector y);

#endif
