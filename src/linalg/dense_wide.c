/* Dense complex matrices with wide elements. */
#include "linalg/dense.h"

#include "linalg/kernels/linalg_kernels.h"

/* Additions before high and low parts are told apart again: four to a term. */
enum { UNTIDY = 16, ALIGNMENT = 8 };

um_status umi_wide_dense_create(um_context *ctx, int rows, int columns, umi_wide_dense *matrix)
{
    *matrix = (umi_wide_dense){.rows = rows, .columns = columns};
    size_t count = (size_t)rows, stride = ((size_t)columns + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    um_status status = umi_wide_vector_create(ctx, 2 * count * stride, &matrix->all);
    if (status == UM_OK) {
        matrix->re = UMI_NEW_ARRAY(ctx, umi_wide_vector, 2 * count);
        if (!matrix->re) status = UM_ERROR_MEMORY;
    }
    if (status != UM_OK) {
        umi_wide_dense_free(ctx, matrix);
        return status;
    }
    matrix->im = matrix->re + rows;
    for (size_t i = 0; i < 2 * count; i++)
        matrix->re[i] = (umi_wide_vector){(size_t)columns, matrix->all.hi + i * stride,
                                          matrix->all.lo + i * stride};
    return UM_OK;
}

void umi_wide_dense_free(um_context *ctx, umi_wide_dense *matrix)
{
    umi_wide_vector_free(ctx, &matrix->all);
    umi_free(ctx, matrix->re);
    *matrix = (umi_wide_dense){0};
}

void umi_wide_dense_clear(umi_wide_dense *matrix) { umi_wide_vector_clear(matrix->all); }

void umi_wide_dense_add_row(umi_wide_dense *y, int i, const umi_wide_dense *a, int first, int last,
                            const umi_wide_dense *b, bool conjugate, int from)
{
    const umi_wide_kernels *kernels = umi_wide_kernels_choose();
    umi_wide_vector re = y->re[i], im = y->im[i];
    size_t size = (size_t)(y->columns - from);
    for (int l = first; l < last; l++) {
        umi_wide_complex x = umi_wide_dense_get(a, i, l);
        const double *rh = b->re[l].hi + from, *rl = b->re[l].lo + from;
        const double *ih = b->im[l].hi + from, *il = b->im[l].lo + from;
        umi_wide minus_re = umi_wide_negate(x.re), minus_im = umi_wide_negate(x.im);
        if (x.re.hi != 0) {
            kernels->accumulate(size, x.re, rh, rl, re.hi + from, re.lo + from);
            kernels->accumulate(size, conjugate ? minus_re : x.re, ih, il, im.hi + from, im.lo + from);
        }
        if (x.im.hi != 0) {
            kernels->accumulate(size, conjugate ? x.im : minus_im, ih, il, re.hi + from, re.lo + from);
            kernels->accumulate(size, x.im, rh, rl, im.hi + from, im.lo + from);
        }
        if ((l - first + 1) % UNTIDY && l + 1 < last) continue;
        kernels->normalise(size, re.hi + from, re.lo + from);
        kernels->normalise(size, im.hi + from, im.lo + from);
    }
}
