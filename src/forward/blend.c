/* Combinations of long vectors in double precision: a basis, rounded, times several columns of
 * coefficients, in blocks that stay in cache. */
#include "forward/blend.h"

#include <math.h>

#include "linalg/kernels/linalg_kernels.h"

enum { BLOCK = 256 };

/* Of each vector, of its coefficient, and of the sums of a few products; the moduli of the
 * coefficients add up to sqrt(count) times their norm at most. */
double umi_blend_get_rounding(int count)
{
    return 0x1p-53 * (1 + (2 + UMI_BLENDED) * sqrt(count));
}

static void blend_block(int count, const umi_wide_vector *basis, size_t at, size_t size, int columns,
                        const double *const *factor, double *const *x)
{
    const umi_blend_kernels *kernels = umi_blend_kernels_choose();
    double rest[UMI_BLEND_COLUMNS][BLOCK] = {0};
    for (int c = 0; c < columns; c++)
        for (size_t i = 0; i < size; i++) x[c][at + i] = 0;
    for (int j = 0; j < count; j += UMI_BLENDED) {
        const double *vector[UMI_BLENDED];
        for (int i = 0; i < UMI_BLENDED; i++) vector[i] = basis[umi_min(j + i, count - 1)].hi + at;
        for (int c = 0; c < columns; c++) {
            double used[UMI_BLENDED];
            for (int i = 0; i < UMI_BLENDED; i++) used[i] = j + i < count ? factor[c][j + i] : 0;
            kernels->blend(size, vector, used, x[c] + at, rest[c]);
        }
    }
    for (int c = 0; c < columns; c++)
        for (size_t i = 0; i < size; i++) x[c][at + i] += rest[c][i];
}

void umi_blend(int count, const umi_wide_vector *basis, int columns, const double *const *factor,
               double *const *x)
{
    size_t size = basis->size;
    for (size_t at = 0; at < size; at += BLOCK)
        blend_block(count, basis, at, size - at < BLOCK ? size - at : BLOCK, columns, factor, x);
}

void umi_blend_project(int count, const umi_wide_vector *basis, umi_wide_vector x,
                       umi_wide *coefficients)
{
    const umi_blend_kernels *kernels = umi_blend_kernels_choose();
    for (int i = 0; i < count; i++)
        coefficients[i] = umi_wide_set(kernels->dot(x.size, basis[i].hi, x.hi));
}

void umi_blend_correct(int count, const umi_wide_vector *basis, const umi_wide *coefficients,
                       umi_wide_vector x)
{
    const umi_blend_kernels *kernels = umi_blend_kernels_choose();
    for (size_t at = 0; at < x.size; at += BLOCK) {
        double sum[BLOCK] = {0}, rest[BLOCK] = {0};
        size_t size = x.size - at < BLOCK ? x.size - at : BLOCK;
        for (int j = 0; j < count; j += UMI_BLENDED) {
            const double *vector[UMI_BLENDED];
            double factor[UMI_BLENDED];
            for (int i = 0; i < UMI_BLENDED; i++) {
                vector[i] = basis[umi_min(j + i, count - 1)].hi + at;
                factor[i] = j + i < count ? coefficients[j + i].hi : 0;
            }
            kernels->blend(size, vector, factor, sum, rest);
        }
        for (size_t i = 0; i < size; i++) {
            umi_wide corrected = umi_wide_two_sum(x.hi[at + i], x.lo[at + i] - (sum[i] + rest[i]));
            x.hi[at + i] = corrected.hi;
            x.lo[at + i] = corrected.lo;
        }
    }
}
