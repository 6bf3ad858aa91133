#include "steady/spectrum_still.h"

#include <math.h>

#include "steady/chamber_regions.h"

static const double noise = 1e-30;

um_status umi_still_is(um_context *ctx, const um_model *model, size_t stage, int levels,
                       bool *still)
{
    *still = false;
    _Float128 *cosine = UMI_NEW_ARRAY(ctx, _Float128, 2 * ((size_t)levels + 1));
    if (!cosine) return UM_ERROR_MEMORY;
    _Float128 *sine = cosine + levels + 1;
    um_status status = umi_generator_blocks(ctx, model, stage, levels, cosine, sine);
    int last = umi_regions_is_finite(model, levels) ? levels - 1 : levels;
    if (status == UM_OK) *still = umi_generator_get_traps(model, stage) == UMI_TRAPS_CLOSED;
    for (int n = 1; n <= last && *still; n++) *still = sine[n] == 0;
    umi_free(ctx, cosine);
    return status;
}

/* Of row i: what it takes from unknown j. */
static umi_wide get_element(const umi_sparse *matrix, size_t i, size_t j)
{
    for (int64_t e = matrix->start[i]; e < matrix->start[i + 1]; e++)
        if ((size_t)matrix->column[e] == j) return (umi_wide){matrix->hi[e], matrix->lo[e]};
    return umi_wide_set(0);
}

/* The eigenvalue 1 + re + i im of an element, and for its mirror image the conjugate. */
static um_status add(um_context *ctx, umi_wide re, umi_wide im, int copies, umi_eigenvalues *list)
{
    umi_wide square = umi_wide_add(umi_wide_multiply(re, re), umi_wide_multiply(im, im));
    double decay = -0.5 * log1p(umi_wide_get(umi_wide_add(umi_wide_scale(re, 2), square)));
    umi_eigenvalue value = {1 + re.hi, im.hi, decay <= noise ? 0 : decay, noise, false};
    for (int i = 0; i < copies; i++, value.im = -value.im)
        UMI_TRY(umi_eigenvalues_add(ctx, list, value));
    return UM_OK;
}

um_status umi_still_collect(um_context *ctx, const um_model *model, size_t stage, int levels,
                            umi_eigenvalues *list)
{
    umi_layout layout = {levels, levels, umi_generator_is_real(model, stage) ? 1 : 2, false};
    umi_generator generator;
    UMI_TRY(umi_generator_create(ctx, model, stage, &layout, &generator));
    um_status status = UM_OK;
    for (int k = 0; k < levels; k++)
        for (int n = 0; n < levels - k && status == UM_OK; n++) {
            size_t at = umi_layout_index(&layout, 0, k, n);
            umi_wide re = get_element(&generator.matrix, at, at), im = umi_wide_set(0);
            if (k > 0 && layout.planes == 2)
                im = get_element(&generator.matrix, at, umi_layout_index(&layout, 1, k, n));
            status = add(ctx, re, im, k > 0 ? 2 : 1, list);
        }
    umi_generator_free(ctx, &generator);
    return status;
}
