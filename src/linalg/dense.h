/* dense: complex matrices with wide elements, and LU factors of real ones in double or single. */
#ifndef UMI_DENSE_H
#define UMI_DENSE_H

#include "linalg/wide.h"

typedef struct umi_wide_complex {
    umi_wide re, im;
} umi_wide_complex;

/* Row i: re[i], im[i]. */
typedef struct umi_wide_dense {
    int rows, columns;
    umi_wide_vector all;
    umi_wide_vector *re, *im;
} umi_wide_dense;

um_status umi_wide_dense_create(um_context *ctx, int rows, int columns, umi_wide_dense *matrix);
void umi_wide_dense_free(um_context *ctx, umi_wide_dense *matrix);
void umi_wide_dense_clear(umi_wide_dense *matrix);

static inline umi_wide_complex umi_wide_dense_get(const umi_wide_dense *matrix, int i, int j)
{
    return (umi_wide_complex){umi_wide_vector_get(matrix->re[i], j),
                              umi_wide_vector_get(matrix->im[i], j)};
}

static inline void umi_wide_dense_set(umi_wide_dense *matrix, int i, int j, umi_wide_complex value)
{
    umi_wide_vector_set(matrix->re[i], j, value.re);
    umi_wide_vector_set(matrix->im[i], j, value.im);
}

/* Row i of y, from column `from` on, += sum over l = first..last-1 of a_il b_l (or its conjugate). */
void umi_wide_dense_add_row(umi_wide_dense *y, int i, const umi_wide_dense *a, int first, int last,
                            const umi_wide_dense *b, bool conjugate, int from);

/* P A = L U in place, column-major, in double or (single) float. UM_ERROR_DOMAIN if singular. */
um_status umi_linalg_lu(um_context *ctx, int n, bool single, void *matrix, int *pivots);
/* x -> A^-1 x; x of the matrix's type. */
void umi_linalg_lu_solve(int n, bool single, const void *factors, const int *pivots, void *x);

#endif
