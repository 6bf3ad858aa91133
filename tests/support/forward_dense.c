#include "forward_dense.h"

#include "check.h"

static _Float128 *quads(size_t count)
{
    _Float128 *made = calloc(count ? count : 1, sizeof *made);
    assert_non_null(made);
    return made;
}

void forward_dense_create(forward_dense *d, int size, int rim)
{
    *d = (forward_dense){.size = size, .rim = rim};
    d->generator = quads((size_t)(size + rim) * (size_t)size);
}

void forward_dense_free(forward_dense *d)
{
    for (int p = 0; p < d->poles; p++) {
        free(d->inverse[p]);
        free(d->pivot[p]);
    }
    for (int i = 0; i < d->levels; i++) {
        free(d->power[i]);
        free(d->sum[i]);
    }
    free(d->generator);
    *d = (forward_dense){0};
}

static um_status apply(void *self, umi_wide_vector x, umi_wide_vector y)
{
    const forward_dense *d = self;
    _Float128 *in = quads((size_t)d->size);
    for (int j = 0; j < d->size; j++) in[j] = umi_wide_to_quad((umi_wide){x.hi[j], x.lo[j]});
    for (int i = 0; i < d->size + d->rim; i++) {
        const _Float128 *row = d->generator + (size_t)i * (size_t)d->size;
        _Float128 sum = 0;
        for (int j = 0; j < d->size; j++)
            if (row[j] != 0) sum += row[j] * in[j];
        umi_wide rounded = umi_wide_from_quad(sum);
        y.hi[i] = rounded.hi;
        y.lo[i] = rounded.lo;
    }
    free(in);
    return UM_OK;
}

static void exchange(_Float128 *a, _Float128 *b, int count)
{
    for (int j = 0; j < count; j++) {
        _Float128 kept = a[j];
        a[j] = b[j];
        b[j] = kept;
    }
}

static double size_of(_Float128 x) { return fabs((double)x); }

static void eliminate(int n, _Float128 *a, int *pivot)
{
    for (int k = 0; k < n; k++) {
        pivot[k] = k;
        for (int i = k + 1; i < n; i++)
            if (size_of(a[i * n + k]) > size_of(a[pivot[k] * n + k])) pivot[k] = i;
        exchange(a + k * n, a + pivot[k] * n, n);
        for (int i = k + 1; i < n; i++) {
            if (a[i * n + k] == 0) continue;
            a[i * n + k] /= a[k * n + k];
            for (int j = k + 1; j < n; j++)
                if (a[k * n + j] != 0) a[i * n + j] -= a[i * n + k] * a[k * n + j];
        }
    }
}

static int pole_of(forward_dense *d, double shift)
{
    for (int p = 0; p < d->poles; p++)
        if (d->shift[p] == shift) return p;
    assert_true(d->poles < FORWARD_DENSE_POLES);
    int p = d->poles++, n = d->size;
    d->shift[p] = shift;
    d->inverse[p] = quads((size_t)n * (size_t)n);
    d->pivot[p] = calloc((size_t)n, sizeof(int));
    assert_non_null(d->pivot[p]);
    memcpy(d->inverse[p], d->generator, (size_t)n * (size_t)n * sizeof(_Float128));
    for (int i = 0; i < n; i++) d->inverse[p][i * n + i] -= shift;
    eliminate(n, d->inverse[p], d->pivot[p]);
    return p;
}

static um_status solve(void *self, double shift, umi_wide_vector b, umi_wide_vector x)
{
    forward_dense *d = self;
    int p = pole_of(d, shift), n = d->size;
    const _Float128 *a = d->inverse[p];
    _Float128 *y = quads((size_t)n);
    for (int i = 0; i < n; i++) y[i] = umi_wide_to_quad((umi_wide){b.hi[i], b.lo[i]});
    for (int i = 0; i < n; i++) exchange(y + i, y + d->pivot[p][i], 1);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) y[i] -= a[i * n + j] * y[j];
    for (int i = n - 1; i >= 0; i--) {
        for (int j = i + 1; j < n; j++) y[i] -= a[i * n + j] * y[j];
        y[i] /= a[i * n + i];
    }
    for (int i = 0; i < n; i++) {
        umi_wide rounded = umi_wide_from_quad(y[i]);
        x.hi[i] = rounded.hi;
        x.lo[i] = rounded.lo;
    }
    free(y);
    return UM_OK;
}

umi_forward_operator forward_dense_operator(forward_dense *d, double norm_factor)
{
    return (umi_forward_operator){.self = d,
                                  .size = (size_t)d->size,
                                  .rim = (size_t)d->rim,
                                  .apply = apply,
                                  .solve = solve,
                                  .sharp = true,
                                  .norm_factor = norm_factor};
}

/* c = a b */
static void multiply(int n, const _Float128 *a, const _Float128 *b, _Float128 *c)
{
    memset(c, 0, (size_t)n * (size_t)n * sizeof *c);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            if (a[i * n + k] != 0)
                for (int j = 0; j < n; j++) c[i * n + j] += a[i * n + k] * b[k * n + j];
}

/* y += a x */
static void add_image(int n, const _Float128 *a, const _Float128 *x, _Float128 *y)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) y[i] += a[i * n + j] * x[j];
}

static void add_level(forward_dense *d)
{
    int n = d->size, i = d->levels++;
    size_t square = (size_t)n * (size_t)n;
    _Float128 *p = d->power[i] = quads(square), *t = d->sum[i] = quads(square);
    if (i == 0) {
        memcpy(p, d->generator, square * sizeof *p);
        for (int j = 0; j < n; j++) t[j * n + j] = 1;
        return;
    }
    const _Float128 *half = d->power[i - 1], *below = d->sum[i - 1];
    multiply(n, half, half, p);
    multiply(n, below, half, t);
    for (size_t j = 0; j < square; j++) {
        p[j] += 2 * half[j];
        t[j] += 2 * below[j];
    }
}

void forward_dense_power(forward_dense *d, int64_t count, _Float128 *x, _Float128 *sums)
{
    int n = d->size;
    _Float128 *image = quads((size_t)n);
    for (int i = 0; sums && i < n; i++) sums[i] = 0;
    for (int level = 0; count >> level; level++) {
        if (level == d->levels) add_level(d);
        if (!(count >> level & 1)) continue;
        if (sums) add_image(n, d->sum[level], x, sums);
        memcpy(image, x, (size_t)n * sizeof *x);
        add_image(n, d->power[level], x, image);
        memcpy(x, image, (size_t)n * sizeof *x);
    }
    free(image);
}
