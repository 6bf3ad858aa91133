/* Raw-array kernels of linalg, one table of functions per instruction set. Those of wide numbers
 * give the same bits in every set. */
#ifndef UMI_LINALG_KERNELS_H
#define UMI_LINALG_KERNELS_H

#include "linalg/kernels/wide_number.h"

/* By columns, `stride` apart. */
typedef struct umi_wide_columns {
    int columns;
    size_t stride;
    double *hi, *lo;
} umi_wide_columns;

enum { UMI_WIDE_ROWS = 8, UMI_SPARSE_GROUP = 8 };

/* Wide vectors are pairs of arrays; sizes and alignments are any. */
typedef struct umi_wide_kernels {
    /* sum_i x_i y_i. The error grows with the size: for blocks of up to about two thousand. */
    umi_wide (*dot)(size_t size, const double *xh, const double *xl, const double *yh,
                    const double *yl);
    /* sum + rest += factor x, where rest is not kept small: for up to about a hundred calls. */
    void (*accumulate)(size_t size, umi_wide factor, const double *xh, const double *xl,
                       double *sum, double *rest);
    /* hi + lo apart again: |lo| <= ulp(hi)/2. */
    void (*normalise)(size_t size, double *hi, double *lo);
    void (*axpy)(size_t size, umi_wide factor, const double *xh, const double *xl, double *yh,
                 double *yl);
    void (*scale)(size_t size, umi_wide factor, double *xh, double *xl);
    /* y = A x, rows of compressed columns. */
    void (*apply)(size_t rows, const int64_t *start, const int32_t *column, const double *ah,
                  const double *al, const double *xh, const double *xl, double *yh, double *yl);
    /* The same for UMI_SPARSE_GROUP rows of `count` elements each, kept side by side: columns of the first
     * row, from where on those of the others are consecutive. */
    void (*apply_even)(int64_t count, const int32_t *column, const double *ah, const double *al,
                       const double *xh, const double *xl, double *yh, double *yl);
    /* y += a x for small matrices, sums in registers; y is neither of the two. rows: of a and y, a
     * multiple of UMI_WIDE_ROWS. triangle: a is zero below its diagonal. */
    void (*multiply)(size_t rows, bool triangle, const umi_wide_columns *a,
                     const umi_wide_columns *x, const umi_wide_columns *y);
} umi_wide_kernels;

const umi_wide_kernels *umi_wide_kernels_choose(void);

enum { UMI_BLENDED = 4 };

/* In double precision. */
typedef struct umi_blend_kernels {
    /* sum + rest += factor[0] x[0] + ... + factor[3] x[3]; the sum is added with its error. Each
     * element's bits depend on its own numbers alone, not on its place. */
    void (*blend)(size_t size, const double *const x[UMI_BLENDED],
                  const double factor[UMI_BLENDED], double *sum, double *rest);
    /* sum_i x_i y_i */
    double (*dot)(size_t size, const double *x, const double *y);
} umi_blend_kernels;

const umi_blend_kernels *umi_blend_kernels_choose(void);

enum { UMI_SEVERAL = 8 };

/* Dense blocks of an elimination, by columns; see elimination.h for what they are. Columns of
 * `height` rows are padded to whole vectors, finite in the padding, zeros in that of the matrices. */
typedef struct umi_front_kernels {
    /* pivots = L U without pivoting, below <- below U^-1, right^T <- L^-1 right^T,
     * update -= below right^T. false: a pivot is zero or not finite. */
    bool (*eliminate)(int width, int height, double *pivots, double *below, double *right,
                      double *update);
    /* x <- L^-1 x; sum <- below x */
    void (*forward)(int width, int height, const double *pivots, const double *below, double *x,
                    double *sum);
    /* x <- U^-1 (x - right^T y) */
    void (*backward)(int width, int height, const double *pivots, const double *right,
                     const double *y, double *x);
    /* The same for UMI_SEVERAL right-hand sides at once, row by row: element r of row i is
     * x[i * UMI_SEVERAL + r]. Rows are aligned to 64 bytes. */
    void (*forward_several)(int width, int height, const double *pivots, const double *below,
                            double *x, double *sum);
    void (*backward_several)(int width, int height, const double *pivots, const double *right,
                             const double *y, double *x);
} umi_front_kernels;

const umi_front_kernels *umi_front_kernels_choose(void);

typedef struct umi_block_kernels {
    /* x -= v v' x twice for `count` columns of `size` elements, one after the other in memory, and
     * an orthonormal v of `basis` columns; c and again have room for basis x count: c = v' x. */
    void (*reject)(size_t size, int basis, const double *v, int count, double *x, double *c,
                   double *again);
} umi_block_kernels;

const umi_block_kernels *umi_block_kernels_choose(void);

#endif
