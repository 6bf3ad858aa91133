/* Scaling and squaring of narrow matrices. Q = exp - 1 is carried in place of exp, Q(2t) = 2 Q + Q^2:
 * what changes slowly keeps its digits. */
#include "map/joint_band.h"

#include <math.h>
#include <string.h>

#include "linalg/linalg.h"

/* Left out at the ends of a column; 2^squarings times this is far below any coefficient in use. */
#define NEGLIGIBLE 1e-24

/* exp of a norm of 1/2: terms up to 19 leave out less than 1e-24. */
#define NORM 0.5
enum { STEP = 4, GROUPS = 5 };

/* Block columns multiplied at once: few, because the rows they touch are those of all of them. */
enum { TOGETHER = 8 };

enum { BLOCK = UMI_BAND_BLOCK };

um_status umi_band_create(um_context *ctx, int blocks, int planes, umi_band *band)
{
    *band = (umi_band){.blocks = blocks, .planes = planes};
    size_t rows = umi_band_rows(band);
    band->low = UMI_NEW_ARRAY(ctx, int, 2 * (size_t)blocks);
    band->element = UMI_NEW_ARRAY(ctx, double, (size_t)planes * rows * rows);
    if (!band->low || !band->element) {
        umi_band_free(ctx, band);
        return UM_ERROR_MEMORY;
    }
    band->high = band->low + blocks;
    return UM_OK;
}

void umi_band_free(um_context *ctx, umi_band *band)
{
    umi_free(ctx, band->low);
    umi_free(ctx, band->element);
    *band = (umi_band){0};
}

static size_t bytes_of(const umi_band *band, size_t rows)
{
    return rows * (size_t)band->planes * sizeof(double);
}

/* Only what may be nonzero: most of a matrix never is. */
static void clear_columns(umi_band *band, int first, int last)
{
    for (int j = first; j < last; j++) {
        for (int i = BLOCK * j; i < BLOCK * (j + 1) && band->low[j] < band->high[j]; i++)
            memset(umi_band_at(band, BLOCK * band->low[j], i), 0,
                   bytes_of(band, (size_t)(BLOCK * (band->high[j] - band->low[j]))));
        band->low[j] = band->high[j] = j;
    }
}

void umi_band_clear(umi_band *band, int blocks)
{
    clear_columns(band, 0, band->blocks);
    band->blocks = blocks;
    for (int j = 0; j < blocks; j++) band->low[j] = band->high[j] = j;
}

static void widen(umi_band *band, int column, int low, int high)
{
    if (low >= high) return;
    bool empty = band->low[column] >= band->high[column];
    band->low[column] = empty ? low : umi_min(band->low[column], low);
    band->high[column] = empty ? high : umi_max(band->high[column], high);
}

void umi_band_add(umi_band *band, int row, int column, double complex value)
{
    double *at = umi_band_at(band, row, column);
    at[0] += creal(value);
    if (band->planes > 1) at[1] += cimag(value);
    widen(band, column / BLOCK, row / BLOCK, row / BLOCK + 1);
}

void umi_band_apply(const umi_band *band, const double complex *x, double complex *y)
{
    int columns = (int)umi_band_rows(band);
    for (int j = 0; j < columns; j++) {
        double re = 0, im = 0;
        const double *at = umi_band_at(band, 0, j);
        for (int i = BLOCK * band->low[j / BLOCK]; i < BLOCK * band->high[j / BLOCK]; i++) {
            double a = at[i * band->planes], b = band->planes > 1 ? at[2 * i + 1] : 0;
            re += creal(x[i]) * a - cimag(x[i]) * b;
            im += cimag(x[i]) * a + creal(x[i]) * b;
        }
        y[j] = CMPLX(re, im);
    }
}

static bool is_negligible(const umi_band *band, int block, int column)
{
    for (int j = BLOCK * column; j < BLOCK * (column + 1); j++) {
        const double *at = umi_band_at(band, BLOCK * block, j);
        for (int i = 0; i < BLOCK * band->planes; i++)
            if (!(fabs(at[i]) < NEGLIGIBLE)) return false;
    }
    return true;
}

static void trim_end(umi_band *band, int block, int column)
{
    for (int j = BLOCK * column; j < BLOCK * (column + 1); j++)
        memset(umi_band_at(band, BLOCK * block, j), 0, bytes_of(band, BLOCK));
}

static void trim(umi_band *band, int column)
{
    int *low = &band->low[column], *high = &band->high[column];
    while (*low < *high && is_negligible(band, *low, column)) trim_end(band, (*low)++, column);
    while (*low < *high && is_negligible(band, *high - 1, column)) trim_end(band, --*high, column);
}

/* The union of the ranges of block columns first..last-1. */
static void find_rows(const umi_band *band, int first, int last, int *low, int *high)
{
    *low = band->blocks;
    *high = 0;
    for (int j = first; j < last; j++) {
        if (band->low[j] >= band->high[j]) continue;
        *low = umi_min(*low, band->low[j]);
        *high = umi_max(*high, band->high[j]);
    }
}

static void multiply_columns(const umi_band *a, const umi_band *b, umi_band *c, int first, int last)
{
    int ld = (int)umi_band_rows(a), low, high, top, bottom;
    clear_columns(c, first, last);
    find_rows(b, first, last, &low, &high);
    if (low >= high) return;
    find_rows(a, low, high, &top, &bottom);
    if (top >= bottom) return;
    int rows = BLOCK * (bottom - top), columns = BLOCK * (last - first), inner = BLOCK * (high - low);
    double *from_a = umi_band_at(a, BLOCK * top, BLOCK * low);
    double *from_b = umi_band_at(b, BLOCK * low, BLOCK * first);
    double *to = umi_band_at(c, BLOCK * top, BLOCK * first);
    if (a->planes == 1)
        umi_linalg_dgemm('N', 'N', rows, columns, inner, 1, from_a, ld, from_b, ld, 0, to, ld);
    else
        umi_linalg_zgemm('N', 'N', rows, columns, inner, 1, (double complex *)from_a, ld,
                         (double complex *)from_b, ld, 0, (double complex *)to, ld);
    for (int j = first; j < last; j++) {
        c->low[j] = top;
        c->high[j] = bottom;
        trim(c, j);
    }
}

void umi_band_multiply(const umi_band *a, const umi_band *b, umi_band *c)
{
    if (c->blocks != a->blocks) umi_band_clear(c, a->blocks);
    for (int first = 0; first < a->blocks; first += TOGETHER)
        multiply_columns(a, b, c, first, umi_min(first + TOGETHER, a->blocks));
}

void umi_band_accumulate(umi_band *y, double factor, const umi_band *x)
{
    for (int j = 0; j < x->blocks; j++) {
        widen(y, j, x->low[j], x->high[j]);
        size_t count = (size_t)(BLOCK * x->planes * umi_max(0, x->high[j] - x->low[j]));
        for (int i = BLOCK * j; i < BLOCK * (j + 1); i++) {
            const double *from = umi_band_at(x, BLOCK * x->low[j], i);
            double *to = umi_band_at(y, BLOCK * x->low[j], i);
            for (size_t r = 0; r < count; r++) to[r] += factor * from[r];
        }
    }
}

void umi_band_scale(umi_band *band, double factor)
{
    for (int j = 0; j < band->blocks; j++) {
        size_t count = (size_t)(BLOCK * band->planes * umi_max(0, band->high[j] - band->low[j]));
        for (int i = BLOCK * j; i < BLOCK * (j + 1); i++) {
            double *at = umi_band_at(band, BLOCK * band->low[j], i);
            for (size_t r = 0; r < count; r++) at[r] *= factor;
        }
    }
}

double umi_band_norm(const umi_band *band)
{
    double norm = 0;
    for (int j = 0; j < (int)umi_band_rows(band); j++) {
        double sum = 0;
        for (int i = BLOCK * band->low[j / BLOCK]; i < BLOCK * band->high[j / BLOCK]; i++)
            sum += cabs(umi_band_get(band, i, j));
        norm = fmax(norm, sum);
    }
    return norm;
}

/* exp(x) - 1 = sum over groups g of x^(4 g) (x^0/(4g)! + ... + x^3/(4g+3)!), without x^0/0!. */
static umi_band *sum_series(const umi_band *x, umi_band *work)
{
    const umi_band *power[STEP] = {NULL, x, &work[0], &work[1]};
    umi_band *fourth = &work[2], *sum = &work[3], *next = &work[4];
    umi_band_multiply(x, x, &work[0]);
    umi_band_multiply(&work[0], x, &work[1]);
    umi_band_multiply(&work[0], &work[0], fourth);
    umi_band_clear(sum, x->blocks);
    for (int group = GROUPS - 1; group >= 0; group--) {
        if (group < GROUPS - 1) {
            umi_band_multiply(sum, fourth, next);
            umi_band *swap = sum;
            sum = next;
            next = swap;
        }
        double factor = 1 / tgamma(STEP * group + 1.0);
        for (int i = 0; group > 0 && i < (int)umi_band_rows(sum); i++) umi_band_add(sum, i, i, factor);
        for (int p = 1; p < STEP; p++) umi_band_accumulate(sum, 1 / tgamma(STEP * group + p + 1.0), power[p]);
    }
    return sum;
}

void umi_band_start_integrals(const umi_band *x, double time, const umi_band_integrals *integrals)
{
    size_t rows = umi_band_rows(x);
    double complex *term = integrals->scratch, *next = term + rows;
    for (int v = 0; v < integrals->count; v++) {
        double complex *sum = integrals->vectors + (size_t)v * rows;
        for (size_t i = 0; i < rows; i++) sum[i] = term[i] = time * sum[i];
        for (int p = 2; p <= STEP * GROUPS; p++) {
            umi_band_apply(x, term, next);
            for (size_t i = 0; i < rows; i++) {
                term[i] = next[i] / p;
                sum[i] += term[i];
            }
        }
    }
}

/* Over twice the time: x -> 2 x + x Q. */
static void double_integrals(const umi_band *q, const umi_band_integrals *integrals)
{
    size_t rows = umi_band_rows(q);
    for (int v = 0; v < integrals->count; v++) {
        double complex *sum = integrals->vectors + (size_t)v * rows;
        umi_band_apply(q, sum, integrals->scratch);
        for (size_t i = 0; i < rows; i++) sum[i] = 2 * sum[i] + integrals->scratch[i];
    }
}

umi_band *umi_band_exponential(umi_band *generator, double time, umi_band *work,
                               const umi_band_integrals *integrals)
{
    int squarings = 0;
    double norm = fabs(time) * umi_band_norm(generator);
    for (; norm > NORM && squarings < 1000; norm /= 2) squarings++;
    double step = ldexp(time, -squarings);
    umi_band_scale(generator, step);
    umi_band *q = sum_series(generator, work);
    if (integrals) umi_band_start_integrals(generator, step, integrals);
    umi_band *next = &work[0];
    for (int i = 0; i < squarings; i++) {
        if (integrals) double_integrals(q, integrals);
        umi_band_multiply(q, q, next);
        umi_band_accumulate(next, 2, q);
        umi_band *swap = q;
        q = next;
        next = swap;
    }
    return q;
}
