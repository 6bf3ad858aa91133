#define _GNU_SOURCE /* expm1f128 */
#include "map/generator_channel.h"

#include <math.h>
#include <string.h>

#include "linalg/sparse_build.h"
#include "map/generator_blocks.h"

/* Terms of the series that 1e-36 is reached with, where L duration is at most 1 in norm. */
enum { TERMS = 40 };
static const double NORM = 1;

/* L duration on one order, dephasing apart. */
typedef struct tridiagonal {
    int size;
    umi_quad *below, *diagonal, *above; /* in row n: of r_{n-1}, r_n, r_{n+1} */
    umi_quad dephasing;                 /* kappa_phi k^2/2 duration */
} tridiagonal;

/* A matrix by rows; elements (n, n - below) to (n, n + above) may be other than zero. */
typedef struct band {
    umi_wide_vector all, *row;
    int size, below, above;
} band;

typedef struct channel {
    um_context *ctx;
    const umi_collision *it;
    umi_quad duration;
    umi_waiting waiting;
    umi_quad *lowering; /* d_0 .. d_levels, the last one 0: the top is closed */
    tridiagonal l;
    band change, term, next; /* E - 1; scratch */
} channel;

static um_status create_band(um_context *ctx, int levels, band *b)
{
    size_t size = (size_t)levels;
    b->row = UMI_NEW_ARRAY(ctx, umi_wide_vector, size);
    if (!b->row) return UM_ERROR_MEMORY;
    return umi_wide_vector_create(ctx, size * size, &b->all);
}

static void free_band(um_context *ctx, band *b)
{
    umi_wide_vector_free(ctx, &b->all);
    umi_free(ctx, b->row);
}

/* Zeros in the band; what is beside it is not looked at. */
static void open_band(int size, int below, int above, band *b)
{
    size_t n = (size_t)size;
    *b = (band){b->all, b->row, size, umi_min(below, size - 1), umi_min(above, size - 1)};
    for (int i = 0; i < size; i++) {
        size_t at = (size_t)i * n;
        b->row[i] = (umi_wide_vector){n, b->all.hi + at, b->all.lo + at};
        int first = umi_max(i - b->below, 0), end = umi_min(i + b->above + 1, size);
        memset(b->row[i].hi + first, 0, (size_t)(end - first) * sizeof(double));
        memset(b->row[i].lo + first, 0, (size_t)(end - first) * sizeof(double));
    }
}

static umi_wide get(const band *b, int i, int j) { return (umi_wide){b->row[i].hi[j], b->row[i].lo[j]}; }

static void set(band *b, int i, int j, umi_wide value)
{
    b->row[i].hi[j] = value.hi;
    b->row[i].lo[j] = value.lo;
}

/* Elements first..end-1 of a row. */
static umi_wide_vector part(const band *b, int i, int first, int end)
{
    return (umi_wide_vector){(size_t)(end - first), b->row[i].hi + first, b->row[i].lo + first};
}

/* to_row += factor from_row, as far as the latter's band goes */
static void add_row(umi_wide factor, const band *from, int i, band *to, int j)
{
    int first = umi_max(i - from->below, 0), end = umi_min(i + from->above + 1, from->size);
    if (factor.hi != 0) umi_wide_axpy(factor, part(from, i, first, end), part(to, j, first, end));
}

static void fill_tridiagonal(channel *c, int k)
{
    const um_environment *environment = &c->it->environment;
    umi_quad kappa = environment->kappa, thermal = environment->n_th;
    umi_quad down = kappa * (thermal + 1) * c->duration, up = kappa * thermal * c->duration;
    tridiagonal *l = &c->l;
    l->size = c->it->levels - k;
    l->dephasing = (umi_quad)environment->dephasing * k * k / 2 * c->duration;
    for (int n = 0; n < l->size; n++) {
        const umi_quad *dn = c->lowering + n, *dm = dn + k;
        l->below[n] = n > 0 ? up * dn[0] * dm[0] : 0;
        l->above[n] = down * dn[1] * dm[1];
        l->diagonal[n] = -(down * (dn[0] * dn[0] + dm[0] * dm[0]) + up * (dn[1] * dn[1] + dm[1] * dm[1])) / 2;
    }
}

static umi_quad find_norm(const tridiagonal *l)
{
    umi_quad norm = 0;
    for (int n = 0; n < l->size; n++)
        norm = fmaxf128(norm, l->below[n] + fabsf128(l->diagonal[n]) + l->above[n]);
    return norm;
}

/* to = factor L from */
static void multiply(const tridiagonal *l, umi_quad factor, const band *from, band *to)
{
    int reach = l->size - 1;
    bool gains = l->size > 1 && l->below[1] != 0, loses = l->size > 1 && l->above[0] != 0;
    open_band(l->size, from->below + gains, from->above + loses, to);
    for (int n = 0; n < l->size; n++) {
        if (n > 0) add_row(umi_wide_from_quad(factor * l->below[n]), from, n - 1, to, n);
        add_row(umi_wide_from_quad(factor * l->diagonal[n]), from, n, to, n);
        if (n < reach) add_row(umi_wide_from_quad(factor * l->above[n]), from, n + 1, to, n);
    }
}

static double largest(const band *b)
{
    double most = 0;
    for (int i = 0; i < b->size; i++)
        for (int j = umi_max(i - b->below, 0); j <= umi_min(i + b->above, b->size - 1); j++)
            most = fmax(most, fabs(b->row[i].hi[j]));
    return most;
}

static void swap(band *a, band *b)
{
    band kept = *a;
    *a = *b;
    *b = kept;
}

/* change = exp(scale L) - 1, for |scale L| <= NORM */
static void sum_series(channel *c, umi_quad scale)
{
    const tridiagonal *l = &c->l;
    open_band(l->size, 0, 0, &c->term);
    for (int n = 0; n < l->size; n++) set(&c->term, n, n, umi_wide_set(1));
    open_band(l->size, TERMS, TERMS, &c->change);
    for (int j = 1; j <= TERMS; j++) {
        multiply(l, scale / j, &c->term, &c->next);
        swap(&c->term, &c->next);
        for (int n = 0; n < l->size; n++) add_row(umi_wide_set(1), &c->term, n, &c->change, n);
        c->change.below = c->term.below;
        c->change.above = c->term.above;
        if (largest(&c->term) < UMI_SPARSE_NOTHING) break;
    }
}

static bool is_nothing(const band *b, int shift)
{
    for (int i = umi_max(-shift, 0); i < umi_min(b->size, b->size - shift); i++)
        if (fabs(b->row[i].hi[i + shift]) >= UMI_SPARSE_NOTHING) return false;
    return true;
}

static void narrow(band *b)
{
    while (b->below > 0 && is_nothing(b, -b->below)) b->below--;
    while (b->above > 0 && is_nothing(b, b->above)) b->above--;
}

/* (1 + F)^2 - 1 = 2 F + F^2 */
static void square(channel *c)
{
    band *f = &c->change, *to = &c->next;
    int size = f->size;
    narrow(f);
    open_band(size, 2 * f->below, 2 * f->above, to);
    for (int i = 0; i < size; i++) {
        add_row(umi_wide_set(2), f, i, to, i);
        for (int j = umi_max(i - f->below, 0); j <= umi_min(i + f->above, size - 1); j++)
            add_row(get(f, i, j), f, j, to, i);
    }
    swap(f, to);
}

/* Dephasing commutes with the rest: E = e^(-dephasing) (1 + F) */
static void dephase(channel *c)
{
    if (c->l.dephasing == 0) return;
    umi_quad lost = expm1f128(-c->l.dephasing);
    band *f = &c->change;
    for (int i = 0; i < f->size; i++) {
        umi_wide_vector_scale(f->row[i], umi_wide_from_quad(1 + lost));
        set(f, i, i, umi_wide_add(get(f, i, i), umi_wide_from_quad(lost)));
    }
}

static void wait_fixed(channel *c)
{
    umi_quad norm = find_norm(&c->l), scale = 1;
    int squarings = 0;
    for (; norm * scale > NORM; squarings++) scale /= 2;
    sum_series(c, scale);
    for (int i = 0; i < squarings; i++) square(c);
    dephase(c);
}

/* (1 - L) F = L: Gauss without pivoting, by rows; 1 - L is diagonally dominant by columns. */
static void wait_exponential(channel *c)
{
    tridiagonal *l = &c->l;
    band *f = &c->change;
    int size = l->size, last = size - 1;
    bool gains = size > 1 && l->below[1] != 0, loses = size > 1 && l->above[0] != 0;
    open_band(size, gains ? last : 0, loses ? last : 0, f);
    umi_quad pivot = 0;
    for (int n = 0; n < size; n++) {
        umi_quad diagonal = l->diagonal[n] - l->dephasing;
        if (n > 0) set(f, n, n - 1, umi_wide_from_quad(l->below[n]));
        set(f, n, n, umi_wide_from_quad(diagonal));
        if (n < last) set(f, n, n + 1, umi_wide_from_quad(l->above[n]));
        umi_quad factor = n > 0 ? l->below[n] / pivot : 0; /* minus what is to be taken off */
        if (factor != 0) add_row(umi_wide_from_quad(factor), f, n - 1, f, n);
        pivot = 1 - diagonal - (n > 0 ? factor * l->above[n - 1] : 0);
        l->diagonal[n] = 1 / pivot;
    }
    for (int n = last; n >= 0; n--) {
        if (n < last) add_row(umi_wide_from_quad(l->above[n]), f, n + 1, f, n);
        umi_wide_vector_scale(f->row[n], umi_wide_from_quad(l->diagonal[n]));
    }
}

static um_status put_order(channel *c, const umi_layout *layout, int plane, int k,
                           umi_sparse_writer *writer)
{
    const band *f = &c->change;
    size_t begin = umi_layout_index(layout, plane, k, 0);
    for (int i = 0; i < f->size; i++) {
        for (int j = umi_max(i - f->below, 0); j <= umi_min(i + f->above, f->size - 1); j++)
            UMI_TRY(umi_sparse_put(writer, begin + (size_t)j, get(f, i, j)));
        umi_sparse_end_row(writer);
    }
    return UM_OK;
}

static um_status fill_matrix(channel *c, const umi_layout *layout, umi_sparse *matrix)
{
    umi_sparse_writer writer;
    size_t size = umi_layout_size(layout);
    UMI_TRY(umi_sparse_write(c->ctx, size, size, matrix, &writer));
    int first = layout->skew ? 1 : 0, last = layout->skew ? 1 : layout->planes - 1;
    for (int k = first; k < layout->orders; k++) {
        fill_tridiagonal(c, k);
        if (c->waiting == UMI_WAITING_FIXED)
            wait_fixed(c);
        else
            wait_exponential(c);
        for (int plane = first; plane <= (k == 0 ? 0 : last); plane++)
            UMI_TRY(put_order(c, layout, plane, k, &writer));
    }
    return layout->skew ? UM_OK : umi_sparse_mend(c->ctx, (size_t)layout->levels, 1e-27, matrix);
}

um_status umi_channel_generator(um_context *ctx, const umi_collision *it, double duration,
                                umi_waiting waiting, const umi_layout *layout, umi_sparse *matrix)
{
    *matrix = (umi_sparse){0};
    size_t levels = (size_t)layout->levels;
    channel c = {.ctx = ctx, .it = it, .duration = duration, .waiting = waiting};
    umi_quad *rows = UMI_NEW_ARRAY(ctx, umi_quad, 4 * levels + 1);
    c.l.below = rows;
    c.l.diagonal = rows + levels;
    c.l.above = rows + 2 * levels;
    c.lowering = rows + 3 * levels;
    for (int n = 1; rows && n < layout->levels; n++) c.lowering[n] = umi_quad_lowering(it->battery, n);
    um_status status = rows ? create_band(ctx, layout->levels, &c.change) : UM_ERROR_MEMORY;
    if (status == UM_OK) status = create_band(ctx, layout->levels, &c.term);
    if (status == UM_OK) status = create_band(ctx, layout->levels, &c.next);
    if (status == UM_OK) status = fill_matrix(&c, layout, matrix);
    free_band(ctx, &c.change);
    free_band(ctx, &c.term);
    free_band(ctx, &c.next);
    umi_free(ctx, rows);
    return status;
}
