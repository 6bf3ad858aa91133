/* Slow modes as eigenvalues: decays to all digits, and which of them the truncation made. */
#include <math.h>
#include <string.h>

#include "linalg/linalg.h"
#include "steady/spectrum_branch.h"

/* share(i, j) = <basis_i, basis_j above the last trap>. */
static um_status find_share(um_context *ctx, const umi_slow *slow, const bool *above, double *share)
{
    size_t size = slow->basis[0].size, n = (size_t)slow->count;
    double *all = UMI_NEW_ARRAY(ctx, double, 2 * size * n), *cut = all + size * n;
    if (!all) return UM_ERROR_MEMORY;
    for (size_t j = 0; j < n; j++) memcpy(all + j * size, slow->basis[j].hi, size * sizeof(double));
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < size; i++) cut[j * size + i] = above[i] ? all[j * size + i] : 0;
    umi_linalg_dgemm('T', 'N', slow->count, slow->count, (int)size, 1, all, (int)size, cut, (int)size, 0,
                     share, slow->count);
    umi_free(ctx, all);
    return UM_OK;
}

/* Of equal slow modes, how many belong to the top: the trace of left' share right. A right vector
 * alone does not tell: what a chamber loses piles up above it. */
static um_status count_artificial(const umi_subject *about, const umi_slow *slow,
                                  const double *share, int first, int members, int *count)
{
    um_context *ctx = about->ctx;
    *count = 0;
    if (!about->truncated) return UM_OK;
    size_t n = (size_t)slow->count, columns = (size_t)members;
    umi_wide *right = UMI_NEW_ARRAY(ctx, umi_wide, 2 * n * columns), *left = right + n * columns;
    if (!right) return UM_ERROR_MEMORY;
    um_status status = umi_slow_vectors(ctx, slow, first, members, right, left);
    double trace = 0;
    for (size_t m = 0; m < columns && status == UM_OK; m++)
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < n; i++)
                trace += left[m * n + i].hi * share[j * n + i] * right[m * n + j].hi;
    *count = umi_max(0, umi_min(members, (int)lround(trace)));
    umi_free(ctx, right);
    return status;
}

/* -ln |1 + h|, or -ln |-1 + h|, to all digits of h. */
static double decay_of(const umi_slow *slow, int j)
{
    umi_wide a = slow->pole == 0 ? slow->re[j] : umi_wide_negate(slow->re[j]), b = slow->im[j];
    umi_wide square = umi_wide_add(umi_wide_multiply(a, a), umi_wide_multiply(b, b));
    return -0.5 * log1p(umi_wide_get(umi_wide_add(umi_wide_scale(a, 2), square)));
}

/* exact: whether it is known to be 1. */
static umi_eigenvalue value_of(const umi_slow *slow, int j, bool exact, bool artificial)
{
    double decay = decay_of(slow, j), error = 1e-31 + 3 * slow->defect;
    umi_eigenvalue value = {.re = 1 + slow->pole + slow->re[j].hi,
                            .im = slow->im[j].hi,
                            .decay = decay,
                            .error = exact ? 0 : error,
                            .artificial = artificial};
    if (exact || decay <= error) {
        value.re = slow->pole == 0 ? 1 : -1;
        value.im = value.decay = 0;
    }
    return value;
}

um_status umi_subject_add_slow(const umi_subject *about, const umi_slow *slow, int exact,
                               const bool *above, umi_eigenvalues *list)
{
    um_context *ctx = about->ctx;
    size_t n = (size_t)slow->count;
    double *share = UMI_NEW_ARRAY(ctx, double, n *n);
    if (!share) return UM_ERROR_MEMORY;
    um_status status = about->truncated ? find_share(ctx, slow, above, share) : UM_OK;
    for (int first = 0, members; first < slow->count && status == UM_OK; first += members) {
        members = 1;
        while (first + members < slow->count && umi_slow_are_equal(slow, first, first + members))
            members++;
        int artificial, end = first + members;
        status = count_artificial(about, slow, share, first, members, &artificial);
        for (int j = first; j < end && status == UM_OK; j++)
            status =
                umi_eigenvalues_add(ctx, list, value_of(slow, j, j < exact, j >= end - artificial));
    }
    umi_free(ctx, share);
    return status;
}

/* Elements with a level from the truncation's own part of the space on. */
static void find_above(const umi_branch *branch, bool *above)
{
    const umi_layout *layout = &branch->layout;
    for (int k = layout->skew; k < layout->orders; k++)
        for (int plane = layout->skew; plane < (layout->skew ? 2 : layout->planes); plane++)
            for (int n = umi_max(branch->about->top - k, 0); n < layout->levels - k; n++)
                if (plane == 0 || k > 0) above[umi_layout_index(layout, plane, k, n)] = true;
}

um_status umi_branch_add_slow(umi_branch *branch, const umi_slow *slow)
{
    const umi_subject *about = branch->about;
    umi_eigenvalues *list = &branch->of[slow->pole != 0];
    umi_eigenvalues_free(about->ctx, list);
    int exact = slow->pole == 0 && !branch->layout.skew ? about->closed : 0;
    bool *above = UMI_NEW_ARRAY(about->ctx, bool, umi_layout_size(&branch->layout));
    if (!above) return UM_ERROR_MEMORY;
    find_above(branch, above);
    um_status status = umi_subject_add_slow(about, slow, exact, above, list);
    umi_free(about->ctx, above);
    return status;
}
