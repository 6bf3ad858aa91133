/* Right and left invariant spaces of the small wide matrix, by inverse iteration. */
#include <math.h>
#include <string.h>

#include "steady/slow.h"

enum { SWEEPS = 6 };

static const double smallest = 1e-34;

static umi_wide inner(int n, const umi_wide *x, const umi_wide *y)
{
    umi_wide sum = umi_wide_set(0);
    for (int i = 0; i < n; i++) sum = umi_wide_add(sum, umi_wide_multiply(x[i], y[i]));
    return sum;
}

static void orthonormalise(int n, int members, umi_wide *x)
{
    for (int j = 0; j < members; j++) {
        umi_wide *column = x + j * n;
        for (int pass = 0; pass < 2; pass++)
            for (int i = 0; i < j; i++) {
                umi_wide part = inner(n, x + i * n, column);
                for (int k = 0; k < n; k++)
                    column[k] =
                        umi_wide_subtract(column[k], umi_wide_multiply(part, x[i * n + k]));
            }
        umi_wide length = umi_wide_sqrt(inner(n, column, column));
        for (int k = 0; k < n; k++) column[k] = umi_wide_divide(column[k], length);
    }
}

/* How near the nearest other eigenvalue is. */
static double find_gap(const umi_slow *slow, int first, int members)
{
    double gap = INFINITY;
    for (int j = 0; j < slow->count; j++) {
        if (j >= first && j < first + members) continue;
        double re = umi_wide_subtract(slow->re[j], slow->re[first]).hi;
        double im = umi_wide_subtract(slow->im[j], slow->im[first]).hi;
        gap = fmin(gap, hypot(re, im));
    }
    return gap;
}

/* The invariant space: of the matrix, or of its transpose. */
static um_status iterate(um_context *ctx, const umi_slow *slow, double away, int first, int members,
                         bool transpose, umi_wide *x)
{
    int n = slow->count;
    size_t count = (size_t)n;
    umi_wide *shifted = UMI_NEW_ARRAY(ctx, umi_wide, count * count);
    if (!shifted) return UM_ERROR_MEMORY;
    for (int j = 0; j < members; j++)
        for (int i = 0; i < n; i++) x[j * n + i] = umi_wide_set(cos(1.7 * i * (j + 1) + j));
    um_status status = UM_OK;
    for (int sweep = 0; sweep < SWEEPS && status == UM_OK; sweep++) {
        orthonormalise(n, members, x);
        for (int j = 0; j < n; j++)
            for (int i = 0; i < n; i++)
                shifted[j * n + i] = slow->matrix[transpose ? i * n + j : j * n + i];
        umi_wide shift = umi_wide_add(slow->re[first], umi_wide_set(away));
        for (int i = 0; i < n; i++)
            shifted[i * n + i] = umi_wide_subtract(shifted[i * n + i], shift);
        status = umi_wide_matrix_solve(ctx, n, shifted, members, x);
    }
    if (status == UM_OK) orthonormalise(n, members, x);
    umi_free(ctx, shifted);
    return status;
}

/* left (left' right)^-T. */
static um_status normalise(um_context *ctx, int n, int members, const umi_wide *right,
                           umi_wide *left)
{
    size_t m = (size_t)members;
    umi_wide *work = UMI_NEW_ARRAY(ctx, umi_wide, m * m + m * (size_t)n), *rows = work + m * m;
    if (!work) return UM_ERROR_MEMORY;
    for (int j = 0; j < members; j++)
        for (int i = 0; i < members; i++) work[j * members + i] = inner(n, left + i * n, right + j * n);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < members; j++) rows[i * members + j] = left[j * n + i];
    um_status status = umi_wide_matrix_solve(ctx, members, work, n, rows);
    for (int i = 0; i < n && status == UM_OK; i++)
        for (int j = 0; j < members; j++) left[j * n + i] = rows[i * members + j];
    umi_free(ctx, work);
    return status;
}

um_status umi_slow_vectors(um_context *ctx, const umi_slow *slow, int first, int members,
                           umi_wide *right, umi_wide *left)
{
    int n = slow->count;
    if (members == n) { /* any basis will do */
        memset(right, 0, (size_t)n * (size_t)n * sizeof *right);
        for (int i = 0; i < n; i++) right[i * (n + 1)] = umi_wide_set(1);
        memcpy(left, right, (size_t)n * (size_t)n * sizeof *left);
        return UM_OK;
    }
    double away = fmax(1e-4 * find_gap(slow, first, members), smallest);
    UMI_TRY(iterate(ctx, slow, away, first, members, false, right));
    UMI_TRY(iterate(ctx, slow, away, first, members, true, left));
    return normalise(ctx, n, members, right, left);
}
