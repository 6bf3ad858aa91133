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
    umi_free(kraus->ctx, kraus->scratch);
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

/* sum[i] += t[i] conj(b[i]), on interleaved parts. */
static inline void add_products(int count, const double *restrict t, const double *restrict b,
                                double *restrict re, double *restrict im)
{
    for (int i = 0; i < count; i++) {
        re[i] += t[2 * i] * b[2 * i] + t[2 * i + 1] * b[2 * i + 1];
        im[i] += t[2 * i + 1] * b[2 * i] - t[2 * i] * b[2 * i + 1];
    }
}

/* Diagonals -1, 0, +1 of T B', row by row of a block: T that of the operator that leaves the atom in
 * g, B the one that leaves it in e. Columns outermost: both matrices are read as they lie. */
static void take_cross(const sandwich *work, range block, const double _Complex *product,
                       const double _Complex *b, umi_traces *traces)
{
    double re[3][UMI_KRAUS_BLOCK] = {{0}}, im[3][UMI_KRAUS_BLOCK] = {{0}};
    int levels = work->kraus->levels, rows = (int)rows_in(block);
    range around = {umi_max(block.low - 1, 0), umi_min(block.high + 1, levels)};
    range columns = columns_of(work->kraus, around, work->window);
    int begin = block.low > 0 ? 0 : 1, end = block.high < levels ? rows : rows - 1;
    for (int j = columns.low; j < columns.high; j++) {
        const double *t = (const double *)(product + (size_t)(j - work->window.low) * (size_t)rows);
        const double *here = (const double *)(b + (size_t)j * (size_t)levels + block.low);
        add_products(rows, t, here, re[1], im[1]);
        if (!traces->lowering) continue;
        add_products(end, t, here + 2, re[0], im[0]);
        add_products(rows - begin, t + 2 * begin, here + 2 * (begin - 1), re[2] + begin,
                     im[2] + begin);
    }
    const double *d = traces->lowering ? traces->lowering + block.low : NULL;
    for (int i = 0; i < rows; i++) traces->cross[1] += re[1][i] + I * im[1][i];
    for (int i = 0; d && i < end; i++) traces->cross[0] += d[i + 1] * (re[0][i] + I * im[0][i]);
    for (int i = begin; d && i < rows; i++) traces->cross[2] += d[i] * (re[2][i] + I * im[2][i]);
}

/* Trace of what the result holds in a block of rows so far. */
static double diagonal_sum(const sandwich *work, range block)
{
    size_t size = rows_in(work->image);
    double sum = 0;
    for (int n = block.low - work->image.low; n < block.high - work->image.low; n++)
        sum += creal(work->result[(size_t)n * (size + 1)]);
    return sum;
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

/* The first operator's part is stored, the others' added. */
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
            kraus->operator[a] + other.low + (size_t)columns.low * (size_t)levels, levels, a > 0,
            work->result + (block.low - work->image.low) +
                (size_t)(other.low - work->image.low) * (size_t)size,
            size);
    }
}

static void multiply(const sandwich *work, umi_traces *traces)
{
    for (int low = work->image.low; low < work->image.high; low += UMI_KRAUS_BLOCK) {
        range block = {low, umi_min(low + UMI_KRAUS_BLOCK, work->image.high)};
        for (int a = 0; a < work->kraus->count; a += 2) {
            for (int f = 0; f < 2; f++) {
                double before = f && traces ? diagonal_sum(work, block) : 0;
                multiply_left(work, block, a + f, work->product[f]);
                multiply_right(work, block, a + f, work->product[f]);
                if (f && traces) traces->excited += diagonal_sum(work, block) - before;
            }
            if (traces)
                take_cross(work, block, work->product[0], work->kraus->operator[a + 1], traces);
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

static um_status reserve_scratch(umi_kraus *kraus, size_t size)
{
    if (kraus->scratch && size <= kraus->scratch_size) return UM_OK;
    double _Complex *block = UMI_NEW_ARRAY(kraus->ctx, double _Complex, size);
    if (!block) return UM_ERROR_MEMORY;
    umi_free(kraus->ctx, kraus->scratch);
    kraus->scratch = block;
    kraus->scratch_size = size;
    return UM_OK;
}

um_status umi_kraus_apply(umi_kraus *kraus, const um_state *in, um_state *out, umi_traces *traces)
{
    sandwich work = {.kraus = kraus, .window = {in->first, in->last}};
    work.image = find_image(kraus, work.window);
    size_t size = rows_in(work.window), image = rows_in(work.image);
    size_t product = UMI_KRAUS_BLOCK * size;
    UMI_TRY(reserve_scratch(kraus, size * size + image * image + 2 * product));
    UMI_TRY(umi_state_resize(out, in->levels, work.image.low, work.image.high, (int)image, 2));
    work.rho = kraus->scratch;
    work.result = work.rho + size * size;
    work.product[0] = work.result + image * image;
    work.product[1] = work.product[0] + product;
    unpack(in, &work);
    if (size > 0) multiply(&work, traces);
    pack(&work, out);
    return UM_OK;
}
