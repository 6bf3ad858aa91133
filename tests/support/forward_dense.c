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

/* M^(2^i) = 1 + p, t = the sum of the powers below; both doubled. */
static void twice(int n, _Float128 **p, _Float128 **t, _Float128 **work)
{
    multiply(n, *t, *p, *work);
    for (int i = 0; i < n * n; i++) (*t)[i] = 2 * (*t)[i] + (*work)[i];
    multiply(n, *p, *p, *work);
    for (int i = 0; i < n * n; i++) (*p)[i] = 2 * (*p)[i] + (*work)[i];
}

void forward_dense_power(const forward_dense *d, int64_t count, _Float128 *x, _Float128 *sums)
{
    int n = d->size;
    size_t square = (size_t)n * (size_t)n;
    _Float128 *p = quads(square), *t = quads(square), *work = quads(square),
              *image = quads((size_t)n);
    memcpy(p, d->generator, square * sizeof *p);
    for (int i = 0; i < n; i++) {
        t[i * n + i] = 1;
        if (sums) sums[i] = 0;
    }
    for (; count; count >>= 1, twice(n, &p, &t, &work)) {
        if (!(count & 1)) continue;
        if (sums) add_image(n, t, x, sums);
        memcpy(image, x, (size_t)n * sizeof *x);
        add_image(n, p, x, image);
        memcpy(x, image, (size_t)n * sizeof *x);
    }
    free(p);
    free(t);
    free(work);
    free(image);
}
