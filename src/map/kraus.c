/* Banded Kraus operators applied by blocks of rows:
 *   T = B_a[I, J] rho[J, :],   rho'[I, L] += T[:, J(L)] B_a[L, J(L)]'   for L <= I,
 * J being the columns that the band of a block of rows touches: what the band, the window and
 * Hermiticity make superfluous is never multiplied, and what is left is BLAS at its best. */
#include <string.h>

#include "linalg/linalg.h"
#include "map/unitary.h"

um_status umi_kraus_alloc(um_context *ctx, int levels, int count, umi_kraus *kraus)
{
    *kraus = (umi_kraus){.ctx = ctx, .levels = levels, .count = count};
    size_t size = (size_t)levels;
    double _Complex *all = UMI_NEW_ARRAY(ctx, double _Complex, (size_t)count * size * size);
    kraus->low = UMI_NEW_ARRAY(ctx, int, 2 * size);
    kraus->operator[0] = all;
    if (!all || !kraus->low) {
        umi_kraus_free(kraus);
        return UM_ERROR_MEMORY;
    }
    kraus->high = kraus->low + size;
    for (int a = 1; a < count; a++) kraus->operator[a] = all + (size_t)a * size * size;
    return UM_OK;
}

void umi_kraus_free(umi_kraus *kraus)
{
    if (!kraus->ctx) return;
    umi_free(kraus->ctx, kraus->operator[0]);
    umi_free(kraus->ctx, kraus->low);
    *kraus = (umi_kraus){0};
}

void umi_kraus_find_band(umi_kraus *kraus, double tolerance)
{
    int levels = kraus->levels;
    for (int n = 0; n < levels; n++) {
        kraus->low[n] = levels;
        kraus->high[n] = 0;
    }
    for (int a = 0; a < kraus->count; a++)
        for (int m = 0; m < levels; m++)
            for (int n = 0; n < levels; n++) {
                if (cabs(kraus->operator[a][n + (size_t)m * (size_t)levels]) < tolerance) continue;
                kraus->low[n] = umi_min(kraus->low[n], m);
                kraus->high[n] = umi_max(kraus->high[n], m + 1);
            }
    for (int a = 0; a < kraus->count; a++)
        for (int m = 0; m < levels; m++)
            for (int n = 0; n < levels; n++)
                if (m < kraus->low[n] || m >= kraus->high[n])
                    kraus->operator[a][n + (size_t)m * (size_t)levels] = 0;
}

/* Half-open range of columns. */
typedef struct range {
    int low, high;
} range;

static range columns_of(const umi_kraus *kraus, range rows, range window)
{
    range columns = {window.high, window.low};
    for (int n = rows.low; n < rows.high; n++) {
        columns.low = umi_min(columns.low, kraus->low[n]);
        columns.high = umi_max(columns.high, kraus->high[n]);
    }
    columns.low = umi_max(columns.low, window.low);
    columns.high = umi_min(columns.high, window.high);
    if (columns.high < columns.low) columns.high = columns.low;
    return columns;
}

typedef struct sandwich {
    const umi_kraus *kraus;
    range window, image;        /* levels of the input, of the output */
    double _Complex *rho;       /* input, dense, window x window */
    double _Complex *result;    /* output, dense, image x image, lower triangle of blocks */
    double _Complex *product[2]; /* T of two operators that belong together */
} sandwich;

static void unpack(const um_state *in, sandwich *work)
{
    size_t size = (size_t)(in->last - in->first);
    memset(work->rho, 0, size * size * sizeof *work->rho);
    for (int k = 0; k < in->orders; k++) {
        double cosine, sine;
        umi_state_gauge_factor(in, k, &cosine, &sine);
        double _Complex factor = cosine + I * sine;
        const double *x = umi_state_row(in, 0, k) + in->first;
        const double *y = in->planes == 2 ? umi_state_row(in, 1, k) + in->first : NULL;
        for (size_t n = 0; n + (size_t)k < size; n++) {
            double _Complex element = factor * (x[n] + (y ? I * y[n] : 0));
            work->rho[n + (n + (size_t)k) * size] = element;
            work->rho[n + (size_t)k + n * size] = conj(element);
        }
    }
}

/* Gauge of the output is (0, 0); r_{n,n+k} = conj(rho_{n+k,n}). */
static void pack(const sandwich *work, um_state *out)
{
    size_t size = (size_t)(out->last - out->first);
    for (int k = 0; k < out->orders; k++) {
        double *x = umi_state_row(out, 0, k) + out->first, *y = umi_state_row(out, 1, k) + out->first;
        for (size_t n = 0; n + (size_t)k < size; n++) {
            double _Complex element = work->result[n + (size_t)k + n * size];
            x[n] = creal(element);
            y[n] = k ? -cimag(element) : 0;
        }
    }
    umi_state_seal(out);
}

static size_t rows_in(range r) { return (size_t)(r.high - r.low); }

/* sum over the columns of J(m) of T[row n] conj(B[m]). */
static double _Complex overlap(const sandwich *work, range block, const double _Complex *product,
                               int n, const double _Complex *b, int m)
{
    range columns = columns_of(work->kraus, (range){m, m + 1}, work->window);
    double _Complex sum = 0;
    for (int j = columns.low; j < columns.high; j++)
        sum += product[(size_t)(n - block.low) + (size_t)(j - work->window.low) * rows_in(block)] *
               conj(b[(size_t)m + (size_t)j * (size_t)work->kraus->levels]);
    return sum;
}

static void take_traces(const sandwich *work, range block, int pair, umi_traces *traces)
{
    const double _Complex *b = work->kraus->operator[2 * pair + 1];
    const double _Complex *ground = work->product[0], *excited = work->product[1];
    const double *d = traces->lowering;
    for (int n = block.low; n < block.high; n++) {
        traces->excited += creal(overlap(work, block, excited, n, b, n));
        traces->cross[1] += overlap(work, block, ground, n, b, n);
        if (!d) continue;
        if (n > work->image.low) traces->cross[2] += d[n] * overlap(work, block, ground, n, b, n - 1);
        if (n + 1 < work->image.high)
            traces->cross[0] += d[n + 1] * overlap(work, block, ground, n, b, n + 1);
    }
}

/* T of one operator on a block of rows: the columns that this block, those before it, and the row
 * after it will ask for. */
static void multiply_left(const sandwich *work, range block, int a, double _Complex *product)
{
    const umi_kraus *kraus = work->kraus;
    int levels = kraus->levels;
    range used = columns_of(kraus, block, work->window);
    range asked = {work->image.low, umi_min(block.high + 1, work->image.high)};
    int columns = columns_of(kraus, asked, work->window).high - work->window.low;
    int size = (int)rows_in(work->window);
    umi_linalg_zgemm('N', 'N', (int)rows_in(block), columns, used.high - used.low, 1,
                     kraus->operator[a] + block.low + (size_t)used.low * (size_t)levels, levels,
                     work->rho + (used.low - work->window.low), size, 0, product,
                     (int)rows_in(block));
}

static void multiply_right(const sandwich *work, range block, int a, const double _Complex *product)
{
    const umi_kraus *kraus = work->kraus;
    int levels = kraus->levels, size = (int)rows_in(work->image);
    for (int low = work->image.low; low < block.high; low += UMI_KRAUS_BLOCK) {
        range other = {low, umi_min(low + UMI_KRAUS_BLOCK, work->image.high)};
        range columns = columns_of(kraus, other, work->window);
        umi_linalg_zgemm(
            'N', 'C', (int)rows_in(block), (int)rows_in(other), columns.high - columns.low, 1,
            product + (size_t)(columns.low - work->window.low) * rows_in(block),
            (int)rows_in(block),
            kraus->operator[a] + other.low + (size_t)columns.low * (size_t)levels, levels, 1,
            work->result + (block.low - work->image.low) +
                (size_t)(other.low - work->image.low) * (size_t)size,
            size);
    }
}

static void multiply(const sandwich *work, umi_traces *traces)
{
    for (int low = work->image.low; low < work->image.high; low += UMI_KRAUS_BLOCK) {
        range block = {low, umi_min(low + UMI_KRAUS_BLOCK, work->image.high)};
        for (int pair = 0; 2 * pair < work->kraus->count; pair++) {
            for (int f = 0; f < 2; f++) {
                multiply_left(work, block, 2 * pair + f, work->product[f]);
                multiply_right(work, block, 2 * pair + f, work->product[f]);
            }
            if (traces) take_traces(work, block, pair, traces);
        }
    }
}

/* Levels that the band reaches from the window. */
static range find_image(const umi_kraus *kraus, range window)
{
    range image = {kraus->levels, 0};
    for (int n = 0; n < kraus->levels; n++) {
        if (kraus->high[n] <= window.low || kraus->low[n] >= window.high) continue;
        image.low = umi_min(image.low, n);
        image.high = n + 1;
    }
    if (image.high == 0) image.low = 0;
    return image;
}

um_status umi_kraus_apply(const umi_kraus *kraus, const um_state *in, um_state *out,
                          umi_traces *traces)
{
    sandwich work = {.kraus = kraus, .window = {in->first, in->last}};
    work.image = find_image(kraus, work.window);
    UMI_TRY(umi_state_resize(out, in->levels, work.image.low, work.image.high,
                             (int)rows_in(work.image), 2));
    size_t size = rows_in(work.window), image = rows_in(work.image);
    size_t product = UMI_KRAUS_BLOCK * size;
    double _Complex *memory =
        UMI_NEW_ARRAY(kraus->ctx, double _Complex, size * size + image * image + 2 * product);
    if (!memory) return UM_ERROR_MEMORY;
    work.rho = memory;
    work.result = memory + size * size;
    work.product[0] = work.result + image * image;
    work.product[1] = work.product[0] + product;
    unpack(in, &work);
    if (size > 0) multiply(&work, traces);
    pack(&work, out);
    umi_free(kraus->ctx, memory);
    return UM_OK;
}
