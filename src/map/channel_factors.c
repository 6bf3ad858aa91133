/* The cavity's channel as two sums with factorised weights.
 *   loss with eta' = eta/G:  r'_nm = sum_l b_l(n) b_l(m) r_{n+l,m+l},  b_l(n)^2 = C(n+l,l) eta'^n (1-eta')^l
 *   gain with G:             r'_nm = sum_l c_l(n) c_l(m) r_{n-l,m-l},  c_l(n)^2 = C(n,l) G^(l-n-1) (1-1/G)^l
 * In this order they make up exp(L t) for G = 1 + n_th (1 - eta), eta = e^(-kappa t). The squares are
 * negative binomials in n. */
#include <math.h>
#include <string.h>

#include "map/channel_parts.h"
#include "map/rows.h"

/* Most weights of one table: longer times are taken in several steps. */
static const double WEIGHTS_MAX = 1 << 24;

/* ln C(n+l,l) + n ln kept + l ln passed, at the level n that has most of it. */
static double log_peak(int levels, int l, double kept, double passed)
{
    double n = floor(fmin(levels - 1 - l, l * kept / passed));
    return lgamma(n + l + 1) - lgamma(n + 1) - lgamma(l + 1) + n * log(kept) + l * log(passed);
}

/* Terms l = 0.. that matter somewhere, kept + passed = 1. It falls with l. */
static int count_rows(int levels, double kept, double passed)
{
    if (passed == 0) return 1;
    if (kept == 0) return levels;
    int low = 1, high = levels; /* terms < low matter, terms >= high do not */
    while (low < high) {
        int l = (low + high) / 2;
        if (log_peak(levels, l, kept, passed) > log(UMI_CHANNEL_NEGLIGIBLE)) low = l + 1;
        else high = l;
    }
    return low;
}

static double largest_of(const double *a, int count)
{
    double largest = 0;
    for (int i = 0; i < count; i++) largest = fmax(largest, a[i]);
    return largest;
}

/* How many terms each block of levels and quad of orders needs. */
static um_status count_terms(umi_channel *channel, umi_channel_table *table, umi_channel_sum *sum,
                             unsigned short *counts)
{
    int quads = sum->quads, width = quads + 2;
    double *peak = UMI_NEW_ARRAY(channel->ctx, double, (size_t)table->terms * (size_t)width);
    if (!peak) return UM_ERROR_MEMORY;
    for (int l = 0; l < table->terms; l++)
        for (int i = 0; i < quads; i++)
            peak[l * width + i] =
                largest_of(sum->weight + l * sum->stride + i * UMI_CHANNEL_QUAD, UMI_CHANNEL_QUAD);
    double dropped = 0;
    for (int n = 0; n < quads; n += UMI_CHANNEL_BLOCK / UMI_CHANNEL_QUAD)
        for (int k = 0; k < quads; k++) {
            double left_out = 0;
            int l = table->terms, column = umi_min(n + k, quads - 1);
            for (; l > 1; l--) {
                /* A block and a quad further: columns n + k reach over three quads. */
                const double *at = peak + (l - 1) * width;
                double product = largest_of(at + n, 2) * largest_of(at + column, 3);
                if (product > UMI_CHANNEL_NEGLIGIBLE) break;
                left_out += product;
            }
            *counts++ = (unsigned short)l;
            dropped = fmax(dropped, left_out);
        }
    table->dropped = fmax(table->dropped, dropped + 2 * UMI_CHANNEL_NEGLIGIBLE);
    umi_free(channel->ctx, peak);
    return UM_OK;
}

/* Rows of weights with margins of zeros, so that the adjoint is the same table read aslant. */
static um_status create_table(umi_channel *channel, int rows, umi_channel_table *table, double **weight)
{
    int levels = channel->levels, blocks = (levels + UMI_CHANNEL_BLOCK - 1) / UMI_CHANNEL_BLOCK;
    int margin = (rows + 3 * UMI_CHANNEL_BLOCK) / UMI_CHANNEL_BLOCK * UMI_CHANNEL_BLOCK;
    size_t stride = (size_t)(blocks * UMI_CHANNEL_BLOCK + 2 * margin);
    if (rows > table->capacity) {
        umi_free(channel->ctx, table->memory);
        umi_free(channel->ctx, table->counts);
        table->capacity = 0;
        table->counts = NULL;
        table->memory = UMI_NEW_ARRAY(channel->ctx, double, (size_t)rows * stride);
        if (!table->memory) return UM_ERROR_MEMORY;
        table->counts = UMI_NEW_ARRAY(channel->ctx, unsigned short, 4 * (size_t)blocks * (size_t)blocks);
        if (!table->counts) return UM_ERROR_MEMORY;
        table->capacity = rows;
    } else {
        memset(table->memory, 0, (size_t)rows * stride * sizeof(double));
    }
    table->terms = rows;
    table->dropped = 0;
    *weight = table->memory + margin;
    table->forward = (umi_channel_sum){.weight = *weight, .stride = (ptrdiff_t)stride,
                                       .quads = blocks * (UMI_CHANNEL_BLOCK / UMI_CHANNEL_QUAD)};
    table->adjoint = table->forward;
    return UM_OK;
}

static um_status finish_table(umi_channel *channel, umi_channel_table *table, int direction)
{
    size_t blocks = (size_t)table->forward.quads / 2;
    table->forward.direction = direction;
    table->adjoint.direction = -direction;
    table->adjoint.stride -= direction;
    table->forward.terms = table->counts;
    table->adjoint.terms = table->counts + 2 * blocks * blocks;
    UMI_TRY(count_terms(channel, table, &table->forward, table->counts));
    return count_terms(channel, table, &table->adjoint, table->counts + 2 * blocks * blocks);
}

static um_status make_loss(umi_channel *channel, long double kept, long double passed)
{
    umi_channel_factors *it = &channel->factors;
    int levels = channel->levels, rows = count_rows(levels, (double)kept, (double)passed);
    long double *b = it->row, root_kept = sqrtl(kept), root_passed = sqrtl(passed);
    double *weight;
    UMI_TRY(create_table(channel, rows, &it->loss, &weight));
    b[0] = 1;
    for (int n = 1; n < levels; n++) b[n] = b[n - 1] * root_kept;
    for (int l = 0; l < rows; l++, weight += it->loss.forward.stride)
        for (int n = 0; n < levels - l; n++) {
            if (l > 0) b[n] *= it->root[n + l] * (root_passed / it->root[l]);
            weight[n] = (double)b[n];
        }
    return finish_table(channel, &it->loss, +1);
}

static um_status make_gain(umi_channel *channel, long double growth)
{
    umi_channel_factors *it = &channel->factors;
    long double kept = 1 / growth, more = sqrtl(growth - 1), *c = it->row, root_kept = sqrtl(kept);
    int levels = channel->levels, rows = count_rows(levels, (double)kept, it->step);
    double *weight;
    UMI_TRY(create_table(channel, rows, &it->gain, &weight));
    c[0] = root_kept;
    for (int n = 1; n < levels; n++) c[n] = c[n - 1] * root_kept;
    for (int l = 0; l < rows; l++, weight += it->gain.forward.stride)
        for (int n = l; n < levels; n++) {
            if (l > 0) c[n] *= it->root[n - l + 1] * (more / it->root[l]);
            weight[n] = (double)c[n];
        }
    return finish_table(channel, &it->gain, -1);
}

static um_status make_roots(umi_channel *channel)
{
    umi_channel_factors *it = &channel->factors;
    if (it->root) return UM_OK;
    size_t size = (size_t)channel->levels + 1;
    it->root = UMI_NEW_ARRAY(channel->ctx, long double, 2 * size);
    if (!it->root) return UM_ERROR_MEMORY;
    it->row = it->root + size;
    for (int n = 0; n <= channel->levels; n++) it->root[n] = sqrtl(n);
    return UM_OK;
}

/* The parts of one repeat. */
static void divide(umi_channel *channel)
{
    umi_channel_factors *it = &channel->factors;
    long double time = (long double)channel->time / it->repeats, n_th = channel->n_th;
    long double lost = -expm1l(-channel->kappa * time);
    it->more = n_th * lost;
    it->passed = lost * (1 + n_th) / (1 + it->more);
    it->kept = (1 - lost) / (1 + it->more);
    it->growth = (double)(1 + it->more);
    it->step = (double)(it->more / (1 + it->more));
}

static um_status make_tables(umi_channel *channel)
{
    umi_channel_factors *it = &channel->factors;
    if (it->has_tables) return UM_OK;
    UMI_TRY(make_roots(channel));
    UMI_TRY(make_loss(channel, it->kept, it->passed));
    if (it->step > 0) UMI_TRY(make_gain(channel, 1 + it->more));
    it->has_tables = true;
    return UM_OK;
}

um_status umi_channel_make_factors(umi_channel *channel)
{
    umi_channel_factors *it = &channel->factors;
    it->has_tables = false;
    it->repeats = 1;
    divide(channel);
    UMI_TRY(umi_channel_make_short(channel));
    if (it->is_short) return UM_OK;
    for (;; it->repeats *= 2) {
        divide(channel);
        double rows = count_rows(channel->levels, (double)it->kept, (double)it->passed);
        if (rows == 1 || rows * channel->levels <= WEIGHTS_MAX) return make_tables(channel);
    }
}

void umi_channel_free_factors(umi_channel *channel)
{
    umi_channel_factors *it = &channel->factors;
    umi_channel_table *table[2] = {&it->loss, &it->gain};
    for (int i = 0; i < 2; i++) {
        umi_free(channel->ctx, table[i]->memory);
        umi_free(channel->ctx, table[i]->counts);
    }
    umi_free(channel->ctx, it->root);
    umi_channel_free_short(channel);
}

/* One sum, by a table or (`shift` not NULL) by shifts. */
typedef struct leg {
    const umi_channel_sum *sum;
    const umi_channel_shift *shift;
    int direction, terms;
} leg;

/* A sum that threads share; they have no order in common. */
typedef struct shared {
    const umi_channel *channel;
    const leg *way;
    const double *scale;
    int planes, parts;
    umi_rows in[2], out[2];
} shared;

static void pass_part(void *data, int part)
{
    const shared *it = data;
    const umi_channel *channel = it->channel;
    const umi_channel_shift *shift = it->way->shift;
    for (int p = 0; p < it->planes; p++) {
        const umi_rows out = umi_rows_get_part(&it->out[p], part, it->parts);
        umi_rows in = it->in[p];
        in.from = out.from;
        in.orders = out.orders;
        bool wider = out.first < in.first || out.last > in.last;
        if (!shift || wider)
            umi_channel_clear_margins(&in, out.first, out.last, shift ? UMI_CHANNEL_BLOCK : UMI_CHANNEL_MARGIN);
        if (shift) {
            channel->factors.shift(shift, it->scale == channel->ones ? NULL : it->scale, &in, &out);
        } else {
            channel->kernels->sum(it->way->sum, it->scale, &in, &out);
            umi_rows_seal(&out);
        }
    }
}

/* From a window into one that ends at `last`. */
static um_status pass(const umi_channel *channel, const leg *it, const double *scale, int last, um_state *in,
                      um_state *out)
{
    int first = it->direction > 0 ? umi_max(in->first - it->terms + 1, 0) : in->first;
    UMI_TRY(umi_state_reserve(in, last, in->orders, in->planes));
    UMI_TRY(umi_state_resize(out, in->levels, first, last, in->orders, in->planes));
    shared all = {.channel = channel, .way = it, .scale = scale, .planes = in->planes,
                  .in = {umi_rows_of(in, 0), umi_rows_of(in, 1)}, .out = {umi_rows_of(out, 0), umi_rows_of(out, 1)}};
    all.parts = umi_rows_count_parts(channel->ctx, all.out, 2.0 * it->terms * in->planes);
    umi_team_run(channel->ctx, pass_part, &all, all.parts);
    return UM_OK;
}

static um_status forward(umi_channel *channel, bool gain, const double *scale, um_state *in, um_state *out,
                         double *bound)
{
    const umi_channel_factors *it = &channel->factors;
    const umi_channel_table *table = gain ? &it->gain : &it->loss;
    const umi_channel_short *by_shifts = gain ? &it->short_gain : &it->short_loss;
    leg way = {&table->forward, NULL, gain ? -1 : 1, table->terms};
    if (it->is_short) {
        way.shift = &by_shifts->sum;
        way.terms = by_shifts->terms[0] + 1;
    }
    double cut = 0;
    int last = gain ? umi_channel_choose_last(channel, in, &cut) : in->last;
    /* The moduli of a density matrix's elements add up to its dimension at most. */
    *bound += cut + (it->is_short ? by_shifts->dropped : table->dropped) * (in->last - in->first);
    return pass(channel, &way, scale, last, in, out);
}

static um_status backward(umi_channel *channel, bool gain, const double *scale, um_state *in, um_state *out)
{
    const umi_channel_table *table = gain ? &channel->factors.gain : &channel->factors.loss;
    leg way = {&table->adjoint, NULL, gain ? 1 : -1, table->terms};
    int last = gain ? in->last : umi_min(in->last + table->terms - 1, in->levels);
    return pass(channel, &way, scale, last, in, out);
}

um_status umi_channel_apply_factors(umi_channel *channel, bool adjoint, um_state *in, um_state *out,
                                    double *bound)
{
    const umi_channel_factors *it = &channel->factors;
    int kinds = it->step > 0 ? 2 : 1, passes = kinds * it->repeats;
    if (adjoint) UMI_TRY(make_tables(channel));
    *bound = 0;
    um_state *from = in;
    for (int i = 0; i < passes; i++) {
        um_state *to = (passes - i) % 2 ? out : channel->middle;
        /* The channel is gain after loss. */
        bool gain = kinds == 2 && (i % 2 == 1) != adjoint;
        const double *scale = i == 0 && channel->dephasing > 0 ? channel->scale : channel->ones;
        UMI_TRY(adjoint ? backward(channel, gain, scale, from, to)
                        : forward(channel, gain, scale, from, to, bound));
        from = to;
    }
    return UM_OK;
}
