/* Small dense matrices of wide numbers: products and linear systems. */
#include "linalg/wide.h"

/* Parts of the left factor that are unpacked to high and low parts (32 kB). */
enum { TILE = 32, DEPTH = 64 };

typedef struct tile {
    double hi[DEPTH][TILE], lo[DEPTH][TILE];
    umi_wide_vector column[DEPTH];
} tile;

/* rows x depth of a, from its first element on, as vectors. */
static void unpack(size_t rows, size_t depth, const umi_wide *a, size_t stride, tile *t)
{
    for (size_t p = 0; p < depth; p++) {
        for (size_t i = 0; i < rows; i++) {
            t->hi[p][i] = a[i + p * stride].hi;
            t->lo[p][i] = a[i + p * stride].lo;
        }
        t->column[p] = (umi_wide_vector){rows, t->hi[p], t->lo[p]};
    }
}

static void add_column(size_t rows, size_t depth, const tile *t, const umi_wide *b, umi_wide *c)
{
    double hi[TILE], lo[TILE];
    for (size_t i = 0; i < rows; i++) {
        hi[i] = c[i].hi;
        lo[i] = c[i].lo;
    }
    umi_wide_combine(depth, t->column, b, 1, (umi_wide_vector){rows, hi, lo});
    for (size_t i = 0; i < rows; i++) c[i] = (umi_wide){hi[i], lo[i]};
}

static size_t part(size_t at, size_t end, size_t most) { return end - at < most ? end - at : most; }

void umi_wide_matrix_multiply(int m, int n, int k, const umi_wide *a, const umi_wide *b, umi_wide *c)
{
    size_t rows = (size_t)m, columns = (size_t)n, depth = (size_t)k;
    tile t;
    for (size_t i = 0; i < rows * columns; i++) c[i] = umi_wide_set(0);
    for (size_t p = 0; p < depth; p += DEPTH)
        for (size_t i = 0; i < rows; i += TILE) {
            unpack(part(i, rows, TILE), part(p, depth, DEPTH), a + i + p * rows, rows, &t);
            for (size_t j = 0; j < columns; j++)
                add_column(part(i, rows, TILE), part(p, depth, DEPTH), &t, b + p + j * depth,
                           c + i + j * rows);
        }
}

static void swap(umi_wide *a, umi_wide *b)
{
    umi_wide other = *a;
    *a = *b;
    *b = other;
}

/* y -= factor x */
static void subtract(int n, umi_wide factor, const umi_wide *x, umi_wide *y)
{
    for (int i = 0; i < n; i++) y[i] = umi_wide_subtract(y[i], umi_wide_multiply(factor, x[i]));
}

static int find_pivot(int n, int p, const umi_wide *column)
{
    int best = p;
    for (int i = p + 1; i < n; i++)
        if (__builtin_fabs(column[i].hi) > __builtin_fabs(column[best].hi)) best = i;
    return best;
}

/* One column of a becomes that of L (below) and U; the rows of b and a are exchanged alike. */
static bool eliminate_column(int n, int p, umi_wide *a, int count, umi_wide *b)
{
    umi_wide *column = a + (size_t)p * (size_t)n;
    int pivot = find_pivot(n, p, column);
    double size = __builtin_fabs(column[pivot].hi);
    if (!(size > 0 && size < __builtin_inf())) return false;
    for (int j = 0; pivot != p && j < n; j++) swap(&a[p + j * n], &a[pivot + j * n]);
    for (int j = 0; pivot != p && j < count; j++) swap(&b[p + j * n], &b[pivot + j * n]);
    for (int i = p + 1; i < n; i++) column[i] = umi_wide_divide(column[i], column[p]);
    for (int j = p + 1; j < n; j++)
        subtract(n - p - 1, a[p + j * n], column + p + 1, a + p + 1 + (size_t)j * (size_t)n);
    for (int j = 0; j < count; j++)
        subtract(n - p - 1, b[p + j * n], column + p + 1, b + p + 1 + (size_t)j * (size_t)n);
    return true;
}

um_status umi_wide_matrix_solve(um_context *ctx, int n, umi_wide *a, int count, umi_wide *b)
{
    for (int p = 0; p < n; p++)
        if (!eliminate_column(n, p, a, count, b))
            return umi_fail(ctx, UM_ERROR_DOMAIN, "a matrix of %d rows is singular or not finite", n);
    for (int j = 0; j < count; j++) {
        umi_wide *x = b + (size_t)j * (size_t)n;
        for (int p = n - 1; p >= 0; p--) {
            x[p] = umi_wide_divide(x[p], a[p + p * n]);
            subtract(p, x[p], a + (size_t)p * (size_t)n, x);
        }
    }
    return UM_OK;
}
