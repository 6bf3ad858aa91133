/* The sandwich rho' = sum_a B_a rho B_a' by blocks of columns n of rho', UMI_KRAUS_COLUMNS each:
 *   T_a = B_a rho for these rows n, and rho'_ln = sum_a sum_m (B_a)_lm conj((T_a)_nm) for l <= n,
 * the same product of rows and panels twice: a panel of rho, then one of T'. What the band, the window, the
 * orders of rho and Hermiticity make superfluous is never multiplied. Threads take one block after the other. */
#include <stdatomic.h>
#include <string.h>

#include "map/kraus.h"
#include "map/rows.h"

enum { ROWS = UMI_KRAUS_ROWS, COLUMNS = UMI_KRAUS_COLUMNS };

/* Half-open range of levels. */
typedef struct range {
    int low, high;
} range;

static int length(range r) { return umi_max(r.high - r.low, 0); }

static range common(range a, range b) { return (range){umi_max(a.low, b.low), umi_min(a.high, b.high)}; }

static range widened(range r, int by) { return (range){r.low - by, r.high + by}; }

/* Panel p of a matrix is its columns from window.low + p COLUMNS on: element (j, m) of each plane at j COLUMNS
 * + m, levels counted from window.low and the first column. */
typedef struct sandwich {
    const umi_kraus *kraus;
    const um_state *in;
    um_state *out;
    range window, image;   /* levels of the input, of the output */
    size_t pitch;          /* from plane to plane of a panel */
    double *rho;
    double *product[UMI_KRAUS_MAX]; /* T_a', of every thread one after the other */
    int parts;
    umi_traces *traces; /* of every block, or NULL */
    atomic_int *left;   /* blocks that nobody has begun: the lower ones */
} sandwich;

/* Columns where the band of rows is not zero: of whole blocks. */
static range band_of(const umi_kraus *kraus, range rows)
{
    range band = {kraus->levels, 0};
    rows = common(rows, (range){0, kraus->levels});
    for (int b = rows.low / ROWS; b * ROWS < rows.high; b++) {
        band.low = umi_min(band.low, kraus->block[b].low);
        band.high = umi_max(band.high, kraus->block[b].high);
    }
    return band;
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

static range rows_of(const sandwich *work, int b)
{
    return common((range){b * ROWS, (b + 1) * ROWS}, work->image);
}

/* Whether an order of the input leads from the columns of one block to those of another. */
static bool are_joined(const sandwich *work, int b, int c)
{
    range one = common(band_of(work->kraus, rows_of(work, b)), work->window);
    range two = common(band_of(work->kraus, rows_of(work, c)), work->window);
    return length(common(widened(one, work->in->orders - 1), two)) > 0;
}

/* Orders of the output: of whole blocks. */
static int find_orders(const sandwich *work)
{
    int orders = 0, last = (work->image.high - 1) / ROWS;
    for (int b = work->image.low / ROWS; b <= last && length(work->image) > 0; b++)
        for (int c = last; rows_of(work, c).high - rows_of(work, b).low > orders; c--)
            if (are_joined(work, b, c)) orders = rows_of(work, c).high - rows_of(work, b).low;
    return orders;
}

static double *panel_of(const sandwich *work, int level)
{
    return work->rho + 3 * work->pitch * (size_t)((level - work->window.low) / COLUMNS);
}

/* Element (j, m) = re + i im. */
static void put(const sandwich *work, int j, int m, double re, double im)
{
    double *to = panel_of(work, m) + (size_t)(j - work->window.low) * COLUMNS + (m - work->window.low) % COLUMNS;
    to[0] = re;
    to[work->pitch] = im;
    to[2 * work->pitch] = re + im;
}

static void unpack_part(void *data, int part)
{
    const sandwich *work = data;
    const um_state *in = work->in;
    const umi_rows all = umi_rows_of(in, 0), rows = umi_rows_get_part(&all, part, work->parts);
    const double _Complex *turn = work->kraus->turn;
    for (int k = rows.from; k < rows.orders; k++) {
        double cosine, sine;
        umi_state_gauge_factor(in, k, &cosine, &sine);
        if (turn) {
            double _Complex factor = CMPLX(cosine, sine) * turn[k];
            cosine = creal(factor);
            sine = cimag(factor);
        }
        const double *x = umi_state_row(in, 0, k), *y = in->planes == 2 ? umi_state_row(in, 1, k) : NULL;
        for (int n = in->first; n + k < in->last; n++) {
            double im = y ? y[n] : 0, re = cosine * x[n] - sine * im;
            im = sine * x[n] + cosine * im;
            put(work, n, n + k, re, im);
            put(work, n + k, n, re, -im);
        }
    }
}

/* Rows of one block, times panel columns `band`. */
static umi_kraus_term term_of(const sandwich *work, int a, int b, range band, const double *panel)
{
    const umi_kraus_block *block = &work->kraus->block[b];
    band = common(band, (range){block->low, block->high});
    if (length(band) == 0) return (umi_kraus_term){0};
    return (umi_kraus_term){
        .count = length(band),
        .rows = work->kraus->packed[a] + block->at + (size_t)(band.low - block->low) * ROWS,
        .rows_pitch = (size_t)(block->high - block->low) * ROWS,
        .panel = panel + (size_t)(band.low - work->window.low) * COLUMNS,
        .panel_pitch = work->pitch};
}

/* T_a of the rows `rows` of a block of columns that begins at n, columns `asked` of it. */
static void multiply_left(const sandwich *work, int n, range rows, range asked, int a)
{
    int first = asked.low - (asked.low - work->window.low) % COLUMNS;
    for (int m = first; m < asked.high; m += COLUMNS) {
        range columns = common((range){m, m + COLUMNS}, work->window);
        range known = common(widened(columns, work->in->orders - 1), work->window);
        for (int b = rows.low / ROWS; b * ROWS < rows.high; b++) {
            umi_kraus_term term = term_of(work, a, b, known, panel_of(work, m));
            work->kraus->kernels->left(&term, length(columns), work->pitch,
                                       work->product[a] + (size_t)(m - work->window.low) * COLUMNS + b * ROWS - n);
        }
    }
}

static void put_tile(const sandwich *work, int b, int n, range columns, const double *re, const double *im)
{
    um_state *out = work->out;
    const double _Complex *turn = work->kraus->turn;
    for (int l = rows_of(work, b).low; l < rows_of(work, b).high; l++) {
        double *x = umi_state_row(out, 0, 0) + l, *y = umi_state_row(out, 1, 0) + l;
        int from = (l - b * ROWS) * COLUMNS - n;
        range stored = common(columns, (range){l, l + out->orders});
        for (int m = stored.low; m < stored.high; m++) {
            double u = re[from + m], v = m > l ? im[from + m] : 0;
            double cosine = turn && m > l ? creal(turn[m - l]) : 1, sine = turn && m > l ? cimag(turn[m - l]) : 0;
            x[(m - l) * (ptrdiff_t)out->stride] = cosine * u + sine * v;
            y[(m - l) * (ptrdiff_t)out->stride] = cosine * v - sine * u;
        }
    }
}

/* Gauge of the output is (0, 0). */
static void multiply_right(const sandwich *work, int n, range rows, range asked)
{
    range above = {umi_max(rows.low - work->out->orders + 1, work->image.low), rows.high};
    for (int b = above.low / ROWS; b * ROWS < above.high; b++) {
        double re[ROWS * COLUMNS], im[ROWS * COLUMNS];
        umi_kraus_term term[UMI_KRAUS_MAX];
        for (int a = 0; a < work->kraus->count; a++) term[a] = term_of(work, a, b, asked, work->product[a]);
        range columns = {umi_max(rows.low, b * ROWS), rows.high};
        work->kraus->kernels->right(work->kraus->count, term, columns.low - n, columns.high - n, re, im);
        put_tile(work, b, n, columns, re, im);
    }
}

/* sum_n weight_n <n|T_a B_b'|n + offset> over rows of the block that begins at n. */
static double _Complex take_diagonal(const sandwich *work, int n, range rows, range asked, int a, int b,
                                     int offset, const double *weight)
{
    double re[COLUMNS], im[COLUMNS];
    const umi_kraus *kraus = work->kraus;
    rows = common(rows, (range){-offset, kraus->levels - offset});
    range band = common(band_of(kraus, (range){rows.low + offset, rows.high + offset}), asked);
    size_t at = (size_t)(n + (ptrdiff_t)band.low * (ptrdiff_t)kraus->stride) + (size_t)(ptrdiff_t)offset;
    if (length(band) == 0 || length(rows) == 0) return 0;
    kraus->kernels->dots(length(band), work->product[a] + (size_t)(band.low - work->window.low) * COLUMNS,
                         work->pitch, kraus->re[b] + at, kraus->im[b] + at, kraus->stride, re, im);
    double _Complex sum = 0;
    for (int i = rows.low; i < rows.high; i++) sum += (weight ? weight[i] : 1) * (re[i - n] + I * im[i - n]);
    return sum;
}

static void take_traces(const sandwich *work, int n, range rows, range asked, umi_traces *traces)
{
    const double *d = traces->lowering;
    for (int g = 0, e = 1; e < work->kraus->count; g += 2, e += 2) {
        traces->excited += creal(take_diagonal(work, n, rows, asked, e, e, 0, NULL));
        traces->cross[1] += take_diagonal(work, n, rows, asked, g, e, 0, NULL);
        if (!d) continue;
        traces->cross[0] += take_diagonal(work, n, rows, asked, g, e, 1, d + 1);
        traces->cross[2] += take_diagonal(work, n, rows, asked, g, e, -1, d);
    }
}

static void multiply_block(const sandwich *work, int n, umi_traces *traces)
{
    const umi_kraus *kraus = work->kraus;
    range rows = common((range){n, n + COLUMNS}, work->image);
    range known = widened(common(band_of(kraus, rows), work->window), work->in->orders - 1);
    /* The diagonals look at the next row. */
    range others = {rows.low - work->out->orders + 1, rows.high + 1};
    range asked = common(common(known, work->window), band_of(kraus, others));
    for (int a = 0; a < kraus->count; a++) multiply_left(work, n, rows, asked, a);
    if (traces) take_traces(work, n, rows, asked, traces);
    multiply_right(work, n, rows, asked);
}

/* Blocks are numbered from that of the lowest level. */
static int first_block(const sandwich *work) { return work->image.low / COLUMNS; }

static int count_blocks(const sandwich *work)
{
    return length(work->image) > 0 ? (work->image.high - 1) / COLUMNS + 1 - first_block(work) : 0;
}

/* The upper blocks, which take longest, first. */
static void multiply_part(void *data, int part)
{
    const sandwich *all = data;
    sandwich work = *all;
    for (int a = 0; a < work.kraus->count; a++)
        work.product[a] += 3 * work.pitch * (size_t)(part * work.kraus->count);
    for (int b = atomic_fetch_sub(work.left, 1) - 1; b >= 0; b = atomic_fetch_sub(work.left, 1) - 1)
        multiply_block(&work, (first_block(&work) + b) * COLUMNS, work.traces ? &work.traces[b] : NULL);
}

/* Always in the order of the blocks: the same bits for any number of threads. */
static void add_traces(const sandwich *work, umi_traces *traces)
{
    for (int b = 0; b < count_blocks(work); b++) {
        traces->excited += work->traces[b].excited;
        for (int i = 0; i < 3; i++) traces->cross[i] += work->traces[b].cross[i];
    }
}

static void multiply(sandwich *work, umi_traces *traces)
{
    const int blocks = count_blocks(work);
    atomic_int left = blocks;
    work->left = &left;
    for (int b = 0; b < blocks && traces; b++) work->traces[b] = (umi_traces){.lowering = traces->lowering};
    if (!traces) work->traces = NULL;
    umi_team_run(work->kraus->ctx, unpack_part, work, work->parts);
    umi_team_run(work->kraus->ctx, multiply_part, work, work->parts);
    if (traces) add_traces(work, traces);
}

/* Three real products for each complex one, from the left all columns, from the right half of them. */
static int count_parts(const sandwich *work)
{
    const umi_kraus *kraus = work->kraus;
    double band = 0;
    for (int b = work->image.low / ROWS; b * ROWS < work->image.high; b++)
        band += ROWS * (kraus->block[b].high - kraus->block[b].low);
    umi_rows all = umi_rows_of(work->in, 0);
    int parts = umi_rows_count_parts(kraus->ctx, &all, 9.0 * kraus->count * band / umi_max(length(work->window), 1));
    return umi_max(umi_min(parts, count_blocks(work)), 1);
}

um_status umi_kraus_apply(umi_kraus *kraus, const um_state *in, um_state *out, umi_traces *traces)
{
    sandwich work = {.kraus = kraus, .in = in, .out = out, .window = {in->first, in->last}};
    work.image = find_image(kraus, work.window);
    work.parts = count_parts(&work);
    size_t panels = (size_t)(length(work.window) + COLUMNS - 1) / COLUMNS, count = (size_t)kraus->count;
    size_t noted = (size_t)count_blocks(&work) * sizeof(umi_traces) / sizeof(double);
    work.pitch = panels * COLUMNS * COLUMNS;
    size_t size = 3 * work.pitch * (panels + (size_t)work.parts * count) + noted;
    UMI_TRY(umi_kraus_reserve(kraus->ctx, size, &kraus->scratch_size, &kraus->scratch_memory, &kraus->scratch));
    UMI_TRY(umi_state_resize(out, in->levels, work.image.low, work.image.high, find_orders(&work), 2));
    work.rho = kraus->scratch;
    for (size_t a = 0; a < count; a++) work.product[a] = work.rho + 3 * work.pitch * (panels + a);
    work.traces = (umi_traces *)(work.rho + size - noted);
    memset(work.rho, 0, 3 * work.pitch * panels * sizeof *work.rho);
    if (length(work.window) > 0) multiply(&work, traces);
    umi_state_seal(out);
    return UM_OK;
}
