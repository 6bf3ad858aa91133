/* U of a collision with counter-rotating terms in wide arithmetic.
 *
 * As in rabi.c the joint space falls into two chains |n, s(n)>, s = (n + parity) % 2, along which H is
 * tridiagonal. Its exponential is a Chebyshev series: with H = center + R h, |h| <= 1,
 *   exp(-i H tau) = exp(-i center tau) sum_k (2 - delta_k0) (-i)^k J_k(R tau) T_k(h),
 * real matrices throughout, and nothing that asks for eigenvalues. */
#define _GNU_SOURCE /* sinf128 */
#include <math.h>

#include "map/generator_blocks.h"
#include "map/generator_kraus.h"

/* The series ends where J_k(z) is below 1e-36: k = z + 20 z^(1/3) + 40; Miller's recurrence begins
 * as far above. */
static int count_terms(umi_quad z) { return (int)((double)z + 20 * cbrt((double)z) + 40); }

/* J_k(z), k = 0..count-1, by backward recurrence; `values` has room for 2 count. */
static void fill_bessel(umi_quad z, int count, umi_quad *values)
{
    int begin = 2 * count - 2;
    for (int k = 0; k < 2 * count; k++) values[k] = 0;
    if (z < 1e-40) { /* what follows J_0 is nothing, and the recurrence would overflow */
        values[0] = 1;
        return;
    }
    values[begin] = 0x1p-16000Q;
    for (int k = begin; k > 0; k--)
        values[k - 1] = 2 * k / z * values[k] - values[k + 1];
    umi_quad sum = values[0];
    for (int k = 2; k <= begin; k += 2) sum += 2 * values[k];
    for (int k = 0; k < count; k++) values[k] /= sum;
}

/* More terms would take minutes. */
static const double TERMS_MAX = 1e6;

/* T_k(h) and T_{k+1}(h), columns 0..levels-1 in rows of wide numbers, and the sums of the series. */
typedef struct chain {
    int size, levels, parity;
    umi_quad center, radius;
    umi_quad *diagonal, *off; /* off[n] between n - 1 and n; off[0] = off[size] = 0 */
    umi_wide *h;              /* its rows: elements n - 1, n, n + 1 of row n */
    umi_wide_dense now, next; /* real parts alone */
    umi_wide_dense sum;       /* of even k, of odd k */
} chain;

static um_status create_chain(um_context *ctx, const umi_collision *it, chain *c)
{
    *c = (chain){.size = it->levels + umi_rabi_get_padding(it), .levels = it->levels};
    size_t size = (size_t)c->size;
    c->diagonal = UMI_NEW_ARRAY(ctx, umi_quad, 2 * size + 1);
    if (!c->diagonal) return UM_ERROR_MEMORY;
    c->off = c->diagonal + size;
    c->h = UMI_NEW_ARRAY(ctx, umi_wide, 3 * size);
    if (!c->h) return UM_ERROR_MEMORY;
    UMI_TRY(umi_wide_dense_create(ctx, c->size, c->levels, &c->now));
    UMI_TRY(umi_wide_dense_create(ctx, c->size, c->levels, &c->next));
    return umi_wide_dense_create(ctx, c->levels, c->levels, &c->sum);
}

static void free_chain(um_context *ctx, chain *c)
{
    umi_free(ctx, c->diagonal);
    umi_free(ctx, c->h);
    umi_wide_dense_free(ctx, &c->now);
    umi_wide_dense_free(ctx, &c->next);
    umi_wide_dense_free(ctx, &c->sum);
}

/* H of a parity, brought to |h| <= 1 by Gershgorin's circles. */
static void fill_hamiltonian(const umi_collision *it, int parity, chain *c)
{
    umi_quad omega = it->battery->frequency, low = 0, high = 0;
    c->parity = parity;
    c->off[0] = c->off[c->size] = 0;
    for (int n = 0; n < c->size; n++) {
        int s = (n + parity) % 2;
        umi_quad strength = s ? it->interaction.counter_rotating : 1;
        c->diagonal[n] = omega * n + (s ? omega + it->atoms.detuning : 0);
        if (n > 0)
            c->off[n] = strength * it->interaction.g * umi_quad_lowering(it->battery, n);
    }
    for (int n = 0; n < c->size; n++) {
        umi_quad reach = fabsf128(c->off[n]) + fabsf128(c->off[n + 1]);
        if (n == 0 || c->diagonal[n] - reach < low) low = c->diagonal[n] - reach;
        if (n == 0 || c->diagonal[n] + reach > high) high = c->diagonal[n] + reach;
    }
    c->center = (low + high) / 2;
    c->radius = (high - low) / 2;
    for (int n = 0; n < c->size; n++) {
        c->diagonal[n] = c->radius > 0 ? (c->diagonal[n] - c->center) / c->radius : 0;
        c->off[n] = c->radius > 0 ? c->off[n] / c->radius : 0;
    }
    for (int n = 0; n < c->size; n++) {
        const umi_quad row[3] = {c->off[n], c->diagonal[n], c->off[n + 1]};
        for (int i = 0; i < 3; i++) c->h[3 * n + i] = umi_wide_from_quad(row[i]);
    }
}

/* to += factor h from; factor is a power of 2. */
static void add_image(const chain *c, double factor, const umi_wide_dense *from, umi_wide_dense *to)
{
    for (int n = 0; n < c->size; n++) {
        int first = umi_max(0, n - 1), last = umi_min(c->size, n + 2);
        umi_wide_combine((size_t)(last - first), &from->re[first], c->h + 3 * n + (first - n + 1), factor, to->re[n]);
    }
}

static void advance(chain *c)
{
    umi_wide_dense last = c->now;
    umi_wide_vector_scale(last.all, umi_wide_set(-1));
    add_image(c, 2, &c->next, &last);
    c->now = c->next;
    c->next = last;
}

/* The first rows of a matrix as one vector; what lies between them is zero. */
static umi_wide_vector gather(const umi_wide_vector *rows, int count)
{
    umi_wide_vector last = rows[count - 1];
    return (umi_wide_vector){(size_t)(last.hi - rows->hi) + last.size, rows->hi, rows->lo};
}

/* sum = exp(-i (H - center) tau), rows and columns of the space. */
static um_status sum_series(um_context *ctx, umi_quad tau, chain *c)
{
    umi_quad z = c->radius * tau;
    if (z > TERMS_MAX)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "interaction.tau",
                            "a collision of %.3g radians of the uppermost level is too long for "
                            "fast-forward with counter-rotating terms (%.3g at most)",
                            (double)z, TERMS_MAX);
    int count = count_terms(z);
    umi_quad *bessel = UMI_NEW_ARRAY(ctx, umi_quad, 2 * (size_t)count);
    if (!bessel) return UM_ERROR_MEMORY;
    fill_bessel(z, count, bessel);
    umi_wide_dense_clear(&c->now);
    umi_wide_dense_clear(&c->next);
    umi_wide_dense_clear(&c->sum);
    for (int n = 0; n < c->levels; n++) c->now.re[n].hi[n] = 1;
    add_image(c, 1, &c->now, &c->next);
    for (int k = 0; k < count; k++) {
        /* (-i)^k = 1, -i, -1, i */
        int sign = k % 4 == 0 || k % 4 == 3 ? 1 : -1;
        umi_wide factor = umi_wide_from_quad((k == 0 ? 1 : 2) * sign * bessel[k]);
        umi_wide_vector *sum = k % 2 ? c->sum.im : c->sum.re;
        umi_wide_axpy(factor, gather(c->now.re, c->levels), gather(sum, c->levels));
        advance(c);
    }
    umi_free(ctx, bessel);
    return UM_OK;
}

static umi_quad_turn turn_by(umi_quad angle)
{
    return (umi_quad_turn){cosf128(angle), sinf128(angle)};
}

int umi_wide_kraus_count(const um_atoms *atoms)
{
    if (atoms->q == 0 || atoms->q == 1 || atoms->c == 1) return 2;
    return 4;
}

/* rho_q = sum_p |vector_p><vector_p|; unused ones are zero. */
static void fill_vectors(const um_atoms *atoms, umi_quad_turn vector[2][2])
{
    umi_quad gg = atoms->q, ee = 1 - gg, c = atoms->c;
    umi_quad_turn phase = turn_by(-(umi_quad)atoms->phase);
    umi_quad along = c * sqrtf128(ee), rest = sqrtf128(ee * (1 - c * c));
    if (gg == 0) along = sqrtf128(ee);
    vector[0][0] = (umi_quad_turn){sqrtf128(gg), 0};
    vector[0][1] = (umi_quad_turn){along * phase.re, along * phase.im};
    vector[1][0] = (umi_quad_turn){0, 0};
    vector[1][1] = (umi_quad_turn){rest, 0};
}

/* B_{p,f}[n', n] = e^(i omega tau (n' + f)) U_chain[n', n] vector_p[i]: one chain has both f and i. */
static void scatter(const umi_collision *it, const chain *c, umi_wide_kraus *kraus)
{
    umi_quad_turn vector[2][2];
    fill_vectors(&it->atoms, vector);
    umi_quad tau = it->interaction.tau, step = it->battery->frequency * tau;
    for (int row = 0; row < c->levels; row++) {
        int f = (row + c->parity) % 2;
        umi_quad_turn frame = turn_by(step * (row + f) - c->center * tau);
        for (int n = 0; n < c->levels; n++) {
            umi_quad_turn u = {umi_wide_to_quad(umi_wide_vector_get(c->sum.re[row], n)),
                               umi_wide_to_quad(umi_wide_vector_get(c->sum.im[row], n))};
            u = umi_quad_times(frame, u);
            for (int p = 0; p < kraus->count / 2; p++) {
                umi_quad_turn b = umi_quad_times(u, vector[p][(n + c->parity) % 2]);
                umi_wide_complex wide = {umi_wide_from_quad(b.re), umi_wide_from_quad(b.im)};
                umi_wide_dense_set(&kraus->operator[2 * p + f], row, n, wide);
            }
        }
    }
}

um_status umi_wide_kraus_fill(umi_wide_kraus *kraus, const umi_collision *it)
{
    chain c = {0};
    um_status status = create_chain(kraus->ctx, it, &c);
    for (int parity = 0; parity < 2 && status == UM_OK; parity++) {
        fill_hamiltonian(it, parity, &c);
        status = sum_series(kraus->ctx, it->interaction.tau, &c);
        if (status == UM_OK) scatter(it, &c, kraus);
    }
    free_chain(kraus->ctx, &c);
    return status;
}
