#define _GNU_SOURCE /* expm1f128 */
#include "map/generator_channel.h"

#include <math.h>

#include "linalg/sparse_build.h"
#include "map/generator_blocks.h"

/* Terms of the series that 1e-36 is reached with, where L duration is at most 1 in norm. */
enum { TERMS = 40 };
static const double NORM = 1;

/* L duration on one order, dephasing apart. */
typedef struct tridiagonal {
    int size;
    umi_quad *below, *diagonal, *above; /* in row n: of r_{n-1}, r_n, r_{n+1} */
    umi_quad *turn;                     /* the diagonal's imaginary part, where it has one */
    umi_quad dephasing;                 /* kappa_phi k^2/2 duration */
    bool turns;
} tridiagonal;

/* A matrix by rows, real and imaginary part (or the former alone); elements (n, n - below) to
 * (n, n + above) may be other than zero. */
typedef struct band {
    umi_wide_vector all[2], *row[2];
    int size, parts, below, above;
} band;

typedef struct channel {
    um_context *ctx;
    const umi_collision *it;
    umi_quad duration;
    umi_waiting waiting;
    umi_quad *lowering; /* d_0 .. d_levels, the last one 0: the top is closed */
    umi_quad beyond;    /* what the last one would be in a battery that goes on */
    tridiagonal l;
    band change, term, next; /* E - 1; scratch */
} channel;

static um_status create_band(um_context *ctx, int levels, int parts, band *b)
{
    size_t size = (size_t)levels;
    b->parts = parts;
    for (int p = 0; p < parts; p++) {
        b->row[p] = UMI_NEW_ARRAY(ctx, umi_wide_vector, size);
        if (!b->row[p]) return UM_ERROR_MEMORY;
        UMI_TRY(umi_wide_vector_create(ctx, size * size, &b->all[p]));
    }
    return UM_OK;
}

static void free_band(um_context *ctx, band *b)
{
    for (int p = 0; p < 2; p++) {
        umi_wide_vector_free(ctx, &b->all[p]);
        umi_free(ctx, b->row[p]);
    }
}

/* Elements first..end-1 of a row. */
static umi_wide_vector part(const band *b, int p, int i, int first, int end)
{
    const umi_wide_vector *row = &b->row[p][i];
    return (umi_wide_vector){(size_t)(end - first), row->hi + first, row->lo + first};
}

static int first_of(const band *b, int i) { return umi_max(i - b->below, 0); }
static int end_of(const band *b, int i) { return umi_min(i + b->above + 1, b->size); }

static void clear_row(band *b, int i)
{
    for (int p = 0; p < b->parts; p++) {
        umi_wide_vector_clear(part(b, p, i, first_of(b, i), end_of(b, i)));
    }
}

/* Zeros in the band; what is beside it is not looked at. */
static void open_band(int size, int below, int above, band *b)
{
    size_t n = (size_t)size;
    b->size = size;
    b->below = umi_min(below, size - 1);
    b->above = umi_min(above, size - 1);
    for (int i = 0; i < size; i++) {
        size_t at = (size_t)i * n;
        for (int p = 0; p < b->parts; p++)
            b->row[p][i] = (umi_wide_vector){n, b->all[p].hi + at, b->all[p].lo + at};
        clear_row(b, i);
    }
}

typedef struct turn {
    umi_wide re, im;
} turn;

static turn real(umi_wide value) { return (turn){value, umi_wide_set(0)}; }

static turn rounded(umi_quad re, umi_quad im)
{
    return (turn){umi_wide_from_quad(re), umi_wide_from_quad(im)};
}

static umi_wide get(const band *b, int p, int i, int j)
{
    return p < b->parts ? umi_wide_vector_get(b->row[p][i], (size_t)j) : umi_wide_set(0);
}

static void set(band *b, int p, int i, int j, umi_wide value)
{
    if (p < b->parts) umi_wide_vector_set(b->row[p][i], (size_t)j, value);
}

/* to_row += factor from_row, as far as the latter's band goes */
static void add_row(turn factor, const band *from, int i, band *to, int j)
{
    int first = first_of(from, i), end = end_of(from, i);
    for (int p = 0; p < from->parts; p++) {
        umi_wide_vector row = part(from, p, i, first, end);
        if (factor.re.hi != 0) umi_wide_axpy(factor.re, row, part(to, p, j, first, end));
        umi_wide other = p == 0 ? factor.im : umi_wide_negate(factor.im);
        if (other.hi != 0) umi_wide_axpy(other, row, part(to, 1 - p, j, first, end));
    }
}

static umi_quad energy_of(const channel *c, int n)
{
    const um_battery *battery = c->it->battery;
    return battery->frequency * (um_battery_get_energy(battery, n) - (umi_quad)n);
}

/* One more row of order 0 counts how often the top would be crossed. */
static void count_crossings(channel *c)
{
    tridiagonal *l = &c->l;
    int top = l->size++;
    const um_environment *environment = &c->it->environment;
    l->below[top] = (umi_quad)environment->kappa * environment->n_th * c->duration * c->beyond * c->beyond;
    l->diagonal[top] = l->above[top] = l->turn[top] = 0;
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
        l->turn[n] = l->turns ? (energy_of(c, n + k) - energy_of(c, n)) * c->duration : 0;
        l->diagonal[n] = -(down * (dn[0] * dn[0] + dm[0] * dm[0]) + up * (dn[1] * dn[1] + dm[1] * dm[1])) / 2;
    }
}

static umi_quad find_norm(const tridiagonal *l)
{
    umi_quad norm = 0;
    for (int n = 0; n < l->size; n++)
        norm = fmaxf128(norm, l->below[n] + fabsf128(l->diagonal[n]) + l->above[n] + fabsf128(l->turn[n]));
    return norm;
}

/* to = factor L from */
static void multiply(const tridiagonal *l, umi_quad factor, const band *from, band *to)
{
    int reach = l->size - 1;
    bool gains = l->size > 1 && l->below[1] != 0, loses = l->size > 1 && l->above[0] != 0;
    open_band(l->size, from->below + gains, from->above + loses, to);
    for (int n = 0; n < l->size; n++) {
        if (n > 0) add_row(rounded(factor * l->below[n], 0), from, n - 1, to, n);
        add_row(rounded(factor * l->diagonal[n], factor * l->turn[n]), from, n, to, n);
        if (n < reach) add_row(rounded(factor * l->above[n], 0), from, n + 1, to, n);
    }
}

static double largest(const band *b)
{
    double most = 0;
    for (int p = 0; p < b->parts; p++)
        for (int i = 0; i < b->size; i++)
            for (int j = first_of(b, i); j < end_of(b, i); j++)
                most = fmax(most, fabs(b->row[p][i].hi[j]));
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
    for (int n = 0; n < l->size; n++) set(&c->term, 0, n, n, umi_wide_set(1));
    open_band(l->size, TERMS, TERMS, &c->change);
    for (int j = 1; j <= TERMS; j++) {
        multiply(l, scale / j, &c->term, &c->next);
        swap(&c->term, &c->next);
        for (int n = 0; n < l->size; n++) add_row(real(umi_wide_set(1)), &c->term, n, &c->change, n);
        c->change.below = c->term.below;
        c->change.above = c->term.above;
        if (largest(&c->term) < UMI_SPARSE_NOTHING) break;
    }
}

static bool is_nothing(const band *b, int shift)
{
    for (int p = 0; p < b->parts; p++)
        for (int i = umi_max(-shift, 0); i < umi_min(b->size, b->size - shift); i++)
            if (fabs(b->row[p][i].hi[i + shift]) >= UMI_SPARSE_NOTHING) return false;
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
        add_row(real(umi_wide_set(2)), f, i, to, i);
        for (int j = first_of(f, i); j < end_of(f, i); j++)
            add_row((turn){get(f, 0, i, j), get(f, 1, i, j)}, f, j, to, i);
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
        for (int p = 0; p < f->parts; p++)
            umi_wide_vector_scale(part(f, p, i, first_of(f, i), end_of(f, i)),
                                  umi_wide_from_quad(1 + lost));
        set(f, 0, i, i, umi_wide_add(get(f, 0, i, i), umi_wide_from_quad(lost)));
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

/* row *= factor; scratch: a row of the same place */
static void scale_row(turn factor, band *b, int i, band *scratch)
{
    int first = first_of(b, i), end = end_of(b, i);
    if (b->parts == 1) {
        umi_wide_vector_scale(part(b, 0, i, first, end), factor.re);
        return;
    }
    clear_row(scratch, i);
    add_row(factor, b, i, scratch, i);
    for (int p = 0; p < 2; p++)
        umi_wide_vector_copy(part(b, p, i, first, end), part(scratch, p, i, first, end));
}

static umi_quad_turn inverse(umi_quad_turn a)
{
    umi_quad square = a.re * a.re + a.im * a.im;
    return (umi_quad_turn){a.re / square, -a.im / square};
}

/* (1 - L) F = L: Gauss without pivoting, by rows; 1 - L is diagonally dominant by columns. */
static void wait_exponential(channel *c)
{
    tridiagonal *l = &c->l;
    band *f = &c->change;
    int size = l->size, last = size - 1;
    bool gains = size > 1 && l->below[1] != 0, loses = size > 1 && l->above[0] != 0;
    open_band(size, gains ? last : 0, loses ? last : 0, f);
    open_band(size, f->below, f->above, &c->term);
    umi_quad_turn share = {0, 0}; /* the inverse of the pivot above */
    for (int n = 0; n < size; n++) {
        umi_quad diagonal = l->diagonal[n] - l->dephasing;
        if (n > 0) set(f, 0, n, n - 1, umi_wide_from_quad(l->below[n]));
        set(f, 0, n, n, umi_wide_from_quad(diagonal));
        set(f, 1, n, n, umi_wide_from_quad(l->turn[n]));
        if (n < last) set(f, 0, n, n + 1, umi_wide_from_quad(l->above[n]));
        umi_quad lower = n > 0 ? l->below[n] : 0, crossed = n > 0 ? lower * l->above[n - 1] : 0;
        if (lower != 0) add_row(rounded(lower * share.re, lower * share.im), f, n - 1, f, n);
        share = inverse((umi_quad_turn){1 - diagonal - crossed * share.re, -l->turn[n] - crossed * share.im});
        l->diagonal[n] = share.re;
        l->turn[n] = share.im;
    }
    for (int n = last; n >= 0; n--) {
        if (n < last) add_row(rounded(l->above[n], 0), f, n + 1, f, n);
        scale_row(rounded(l->diagonal[n], l->turn[n]), f, n, &c->term);
    }
}

/* One plane of an order: what it takes from the real part, then from the imaginary part. */
static um_status put_order(channel *c, const umi_layout *layout, int plane, int k,
                           umi_sparse_writer *writer)
{
    const band *f = &c->change;
    bool both = c->l.turns && k > 0;
    for (int i = 0; i < layout->levels - k; i++) {
        for (int from = both ? 0 : plane; from <= (both ? 1 : plane); from++) {
            size_t begin = umi_layout_index(layout, from, k, 0);
            int p = from == plane ? 0 : 1;
            bool negative = p == 1 && plane == 0;
            for (int j = first_of(f, i); j < umi_min(end_of(f, i), layout->levels - k); j++) {
                umi_wide value = get(f, p, i, j);
                UMI_TRY(umi_sparse_put(writer, begin + (size_t)j, negative ? umi_wide_negate(value) : value));
            }
        }
        umi_sparse_end_row(writer);
    }
    return UM_OK;
}

static void solve_order(channel *c, int k)
{
    fill_tridiagonal(c, k);
    if (k == 0 && c->beyond != 0) count_crossings(c);
    if (c->waiting == UMI_WAITING_FIXED)
        wait_fixed(c);
    else
        wait_exponential(c);
}

static void take_crossings(const channel *c, umi_wide_vector leaving)
{
    const band *f = &c->change;
    int top = c->it->levels;
    for (int j = first_of(f, top); j < top; j++) umi_wide_vector_set(leaving, (size_t)j, get(f, 0, top, j));
}

static um_status fill_matrix(channel *c, const umi_layout *layout, umi_sparse *matrix,
                             umi_wide_vector leaving)
{
    umi_sparse_writer writer;
    size_t size = umi_layout_size(layout);
    UMI_TRY(umi_sparse_write(c->ctx, size, size, matrix, &writer));
    int first = layout->skew ? 1 : 0, last = layout->skew ? 1 : layout->planes - 1;
    for (int k = first; k < layout->orders; k++) {
        solve_order(c, k);
        if (k == 0 && c->beyond != 0) take_crossings(c, leaving);
        for (int plane = first; plane <= (k == 0 ? 0 : last); plane++)
            UMI_TRY(put_order(c, layout, plane, k, &writer));
    }
    return layout->skew ? UM_OK : umi_sparse_mend(c->ctx, (size_t)layout->levels, 1e-20, matrix);
}

static um_status create_channel(um_context *ctx, const umi_layout *layout, channel *c)
{
    size_t size = (size_t)layout->levels + 1;
    umi_quad *rows = UMI_NEW_ARRAY(ctx, umi_quad, 5 * size);
    if (!rows) return UM_ERROR_MEMORY;
    c->l.below = rows;
    c->l.diagonal = rows + size;
    c->l.above = rows + 2 * size;
    c->l.turn = rows + 3 * size;
    c->lowering = rows + 4 * size;
    for (int n = 1; n < layout->levels; n++) c->lowering[n] = umi_quad_lowering(c->it->battery, n);
    c->l.turns = !c->it->even && layout->planes == 2;
    int parts = c->l.turns ? 2 : 1, most = layout->levels + 1;
    UMI_TRY(create_band(ctx, most, parts, &c->change));
    UMI_TRY(create_band(ctx, most, parts, &c->term));
    return create_band(ctx, most, parts, &c->next);
}

um_status umi_channel_generator(um_context *ctx, const umi_collision *it, double duration,
                                umi_waiting waiting, const umi_layout *layout, umi_sparse *matrix,
                                umi_wide_vector leaving)
{
    *matrix = (umi_sparse){0};
    channel c = {.ctx = ctx, .it = it, .duration = duration, .waiting = waiting};
    um_status status = create_channel(ctx, layout, &c);
    bool climbs = it->environment.kappa > 0 && it->environment.n_th > 0 && !it->finite && !layout->skew;
    if (climbs && leaving.size > 0) c.beyond = umi_quad_lowering(it->battery, it->levels);
    if (status == UM_OK) status = fill_matrix(&c, layout, matrix, leaving);
    free_band(ctx, &c.change);
    free_band(ctx, &c.term);
    free_band(ctx, &c.next);
    umi_free(ctx, c.l.below);
    return status;
}
