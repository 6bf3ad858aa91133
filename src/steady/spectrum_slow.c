/* Slow modes as eigenvalues: decays to all digits, and which of them the truncation made. */
#include <math.h>
#include <string.h>

#include "linalg/linalg.h"
#include "steady/spectrum_branch.h"

/* What of the basis (columns of `all`) is above the last trap. */
static void cut(const umi_branch *branch, int count, const double *all, double *above)
{
    const umi_layout *layout = &branch->layout;
    size_t size = umi_layout_size(layout);
    for (int k = layout->skew; k < layout->orders; k++)
        for (int plane = layout->skew; plane < (layout->skew ? 2 : layout->planes); plane++) {
            if (plane == 1 && k == 0) continue;
            int from = umi_max(branch->about->top - k, 0), rest = layout->levels - k - from;
            if (rest <= 0) continue;
            size_t at = umi_layout_index(layout, plane, k, from);
            for (size_t j = 0; j < (size_t)count; j++)
                memcpy(above + j * size + at, all + j * size + at, (size_t)rest * sizeof(double));
        }
}

/* share(i, j) = <basis_i, basis_j above the last trap>. */
static um_status find_share(const umi_branch *branch, const umi_slow *slow, double *share)
{
    um_context *ctx = branch->about->ctx;
    size_t size = umi_layout_size(&branch->layout), n = (size_t)slow->count;
    double *all = UMI_NEW_ARRAY(ctx, double, 2 * size * n), *above = all + size * n;
    if (!all) return UM_ERROR_MEMORY;
    for (size_t j = 0; j < n; j++) memcpy(all + j * size, slow->basis[j].hi, size * sizeof(double));
    cut(branch, slow->count, all, above);
    umi_linalg_dgemm('T', 'N', slow->count, slow->count, (int)size, 1, all, (int)size, above,
                     (int)size, 0, share, slow->count);
    umi_free(ctx, all);
    return UM_OK;
}

/* Of equal slow modes, how many belong to the top: the trace of left' share right. A right vector
 * alone does not tell: what a chamber loses piles up above it. */
static um_status count_artificial(const umi_branch *branch, const umi_slow *slow,
                                  const double *share, int first, int members, int *count)
{
    um_context *ctx = branch->about->ctx;
    *count = 0;
    if (!branch->about->truncated) return UM_OK;
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

um_status umi_branch_add_slow(umi_branch *branch, const umi_slow *slow)
{
    um_context *ctx = branch->about->ctx;
    umi_eigenvalues *list = &branch->of[slow->pole != 0];
    umi_eigenvalues_free(ctx, list);
    size_t n = (size_t)slow->count;
    int exact = slow->pole == 0 && !branch->layout.skew ? branch->about->closed : 0;
    double *share = UMI_NEW_ARRAY(ctx, double, n *n);
    if (!share) return UM_ERROR_MEMORY;
    um_status status = branch->about->truncated ? find_share(branch, slow, share) : UM_OK;
    for (int first = 0, members; first < slow->count && status == UM_OK; first += members) {
        members = 1;
        while (first + members < slow->count && umi_slow_are_equal(slow, first, first + members))
            members++;
        int artificial, end = first + members;
        status = count_artificial(branch, slow, share, first, members, &artificial);
        for (int j = first; j < end && status == UM_OK; j++)
            status =
                umi_eigenvalues_add(ctx, list, value_of(slow, j, j < exact, j >= end - artificial));
    }
    umi_free(ctx, share);
    return status;
}
