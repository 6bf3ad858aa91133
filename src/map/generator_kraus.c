/* Wide Kraus operators: their making, what they do to a state, the functionals of the outcome. */
#define _GNU_SOURCE /* sinf128 */
#include "map/generator_kraus.h"

#include <math.h>

#include "map/generator_blocks.h"

/* Smaller elements are rounding noise. */
static const double BAND_TOLERANCE = 1e-34;

static bool is_noise(umi_wide_complex x)
{
    return fabs(x.re.hi) < BAND_TOLERANCE && fabs(x.im.hi) < BAND_TOLERANCE;
}

static void find_band(umi_wide_kraus *kraus)
{
    int levels = kraus->layout.levels;
    for (int n = 0; n < levels; n++) {
        int low = levels, high = 0;
        for (int a = 0; a < kraus->count; a++)
            for (int m = 0; m < levels; m++) {
                if (is_noise(umi_wide_dense_get(&kraus->operator[a], n, m))) continue;
                low = umi_min(low, m);
                high = umi_max(high, m + 1);
            }
        kraus->low[n] = umi_min(low, high);
        kraus->high[n] = high;
    }
}

/* Cuts to the band, and lays down the columns as rows. */
static void transpose(umi_wide_kraus *kraus)
{
    int levels = kraus->layout.levels;
    for (int a = 0; a < kraus->count; a++)
        for (int n = 0; n < levels; n++)
            for (int m = 0; m < levels; m++) {
                if (m < kraus->low[n] || m >= kraus->high[n])
                    umi_wide_dense_set(&kraus->operator[a], n, m, (umi_wide_complex){0});
                umi_wide_dense_set(&kraus->transposed[a], m, n,
                                   umi_wide_dense_get(&kraus->operator[a], n, m));
            }
}

/* Re sum_jl f_jl rho_jl as a functional of the elements with j <= l. */
static void fold(const umi_wide_kraus *kraus, const umi_wide_dense *f, umi_wide_vector rate)
{
    const umi_layout *layout = &kraus->layout;
    for (int k = 0; k < layout->levels; k++)
        for (int j = 0; j + k < layout->levels; j++) {
            umi_wide_complex upper = umi_wide_dense_get(f, j, j + k);
            umi_wide_complex lower = umi_wide_dense_get(f, j + k, j);
            int at = umi_layout_index(layout, 0, k, j);
            umi_wide_vector_set(rate, at, k ? umi_wide_add(upper.re, lower.re) : upper.re);
            if (k == 0) continue;
            at = umi_layout_index(layout, 1, k, j);
            umi_wide_vector_set(rate, at, umi_wide_subtract(lower.im, upper.im));
        }
}

/* f += sum over the operators that leave the atom in e of w conj(B), w_jn of the operator p. */
static void add_excited(umi_wide_kraus *kraus, int p, const umi_wide_dense *w, umi_wide_dense *f)
{
    int levels = kraus->layout.levels;
    for (int j = 0; j < levels; j++)
        umi_wide_dense_add_row(f, j, w, 0, levels, &kraus->operator[2 * p + 1], true, 0);
}

/* <e|rho_q'|e> - ee Tr rho */
static void fill_change(umi_wide_kraus *kraus, const umi_collision *it)
{
    umi_wide_dense *f = &kraus->image;
    umi_wide_dense_clear(f);
    for (int p = 0; p < kraus->count / 2; p++)
        add_excited(kraus, p, &kraus->transposed[2 * p + 1], f);
    umi_wide ee = umi_wide_from_quad(1 - (_Float128)it->atoms.q);
    for (int n = 0; n < kraus->layout.levels; n++)
        umi_wide_vector_set(f->re[n], n, umi_wide_subtract(umi_wide_vector_get(f->re[n], n), ee));
    fold(kraus, f, kraus->rate[UMI_RATE_CHANGE]);
}

static umi_wide_complex times(umi_wide_complex a, _Float128 re, _Float128 im)
{
    umi_wide wide_re = umi_wide_from_quad(re), wide_im = umi_wide_from_quad(im);
    return (umi_wide_complex){
        umi_wide_subtract(umi_wide_multiply(a.re, wide_re), umi_wide_multiply(a.im, wide_im)),
        umi_wide_add(umi_wide_multiply(a.re, wide_im), umi_wide_multiply(a.im, wide_re))};
}

/* w_jn = scale (d_{n+1} B_{n+1,j} + lambda e^(2 i omega tau) d_n B_{n-1,j}), B leaving the atom in g:
 * w conj(B of e) is the coupling energy just before switching off. */
static void fill_step(const umi_wide_kraus *kraus, const umi_collision *it, int p, umi_wide_dense *w)
{
    int levels = kraus->layout.levels;
    _Float128 scale = 2 * (_Float128)it->interaction.g / it->battery->frequency;
    _Float128 turn = 2 * (_Float128)it->battery->frequency * it->interaction.tau;
    _Float128 back = scale * it->interaction.counter_rotating;
    const umi_wide_dense *b = &kraus->transposed[2 * p];
    for (int n = 0; n < levels; n++)
        for (int j = 0; j < levels; j++) {
            umi_wide_complex sum = {0};
            if (n + 1 < levels)
                sum = times(umi_wide_dense_get(b, j, n + 1), scale * umi_quad_lowering(it->battery, n + 1), 0);
            if (n > 0) {
                _Float128 d = back * umi_quad_lowering(it->battery, n);
                umi_wide_complex more = times(umi_wide_dense_get(b, j, n - 1), d * cosf128(turn),
                                              d * sinf128(turn));
                sum.re = umi_wide_add(sum.re, more.re);
                sum.im = umi_wide_add(sum.im, more.im);
            }
            umi_wide_dense_set(w, j, n, sum);
        }
}

/* <V> just after switching on: (2 g/omega) Re[ge e^(i phase) sum_n d_{n+1} (rho_{n+1,n} + lambda
 * rho_{n,n+1})]. Taken from what f holds: minus the energy before switching off. */
static void add_start(const umi_wide_kraus *kraus, const umi_collision *it, umi_wide_dense *f)
{
    _Float128 q = it->atoms.q, lambda = it->interaction.counter_rotating, phase = it->atoms.phase;
    _Float128 scale = 2 * (_Float128)it->interaction.g / it->battery->frequency * it->atoms.c *
                      sqrtf128(q * (1 - q));
    for (int n = 0; n + 1 < kraus->layout.levels; n++) {
        _Float128 d = scale * umi_quad_lowering(it->battery, n + 1);
        umi_wide_complex element = {umi_wide_from_quad(d * cosf128(phase)),
                                    umi_wide_from_quad(d * sinf128(phase))};
        for (int side = 0; side < 2; side++) {
            int i = side ? n : n + 1, j = side ? n + 1 : n;
            umi_wide_complex sum = umi_wide_dense_get(f, i, j), more = element;
            if (side) more = times(element, lambda, 0);
            sum.re = umi_wide_add(sum.re, more.re);
            sum.im = umi_wide_add(sum.im, more.im);
            umi_wide_dense_set(f, i, j, sum);
        }
    }
}

static void fill_switching(umi_wide_kraus *kraus, const umi_collision *it)
{
    umi_wide_dense *f = &kraus->image;
    umi_wide_dense_clear(f);
    for (int p = 0; p < kraus->count / 2; p++) {
        fill_step(kraus, it, p, &kraus->half);
        add_excited(kraus, p, &kraus->half, f);
    }
    umi_wide_vector_scale(f->all, umi_wide_set(-1));
    add_start(kraus, it, f);
    fold(kraus, f, kraus->rate[UMI_RATE_SWITCHING]);
}

static um_status create_room(umi_wide_kraus *kraus)
{
    um_context *ctx = kraus->ctx;
    int levels = kraus->layout.levels;
    for (int a = 0; a < kraus->count; a++) {
        UMI_TRY(umi_wide_dense_create(ctx, levels, levels, &kraus->operator[a]));
        UMI_TRY(umi_wide_dense_create(ctx, levels, levels, &kraus->transposed[a]));
    }
    UMI_TRY(umi_wide_dense_create(ctx, levels, levels, &kraus->state));
    UMI_TRY(umi_wide_dense_create(ctx, levels, levels, &kraus->half));
    UMI_TRY(umi_wide_dense_create(ctx, levels, levels, &kraus->image));
    for (int i = 0; i < UMI_RATES; i++)
        UMI_TRY(umi_wide_vector_create(ctx, umi_layout_size(&kraus->layout), &kraus->rate[i]));
    kraus->low = UMI_NEW_ARRAY(ctx, int, 2 * (size_t)levels);
    if (!kraus->low) return UM_ERROR_MEMORY;
    kraus->high = kraus->low + levels;
    return UM_OK;
}

um_status umi_wide_kraus_create(um_context *ctx, const um_model *model, size_t stage, int levels,
                                umi_wide_kraus *kraus)
{
    *kraus = (umi_wide_kraus){.ctx = ctx, .layout = {levels, levels, 2, false}};
    umi_collision it;
    UMI_TRY(umi_collision_make(ctx, model, stage, levels, &it));
    if (it.lab || it.interaction.counter_rotating == 0)
        return umi_fail(ctx, UM_ERROR_UNSUPPORTED,
                        "Kraus operators in wide arithmetic are made of collisions with "
                        "counter-rotating terms in the locked frame alone");
    kraus->count = umi_wide_kraus_count(&it.atoms);
    um_status status = create_room(kraus);
    if (status == UM_OK) status = umi_wide_kraus_fill(kraus, &it);
    if (status != UM_OK) {
        umi_wide_kraus_free(kraus);
        return status;
    }
    find_band(kraus);
    transpose(kraus);
    fill_change(kraus, &it);
    fill_switching(kraus, &it);
    return UM_OK;
}

void umi_wide_kraus_free(umi_wide_kraus *kraus)
{
    um_context *ctx = kraus->ctx;
    for (int a = 0; a < kraus->count; a++) {
        umi_wide_dense_free(ctx, &kraus->operator[a]);
        umi_wide_dense_free(ctx, &kraus->transposed[a]);
    }
    umi_wide_dense_free(ctx, &kraus->state);
    umi_wide_dense_free(ctx, &kraus->half);
    umi_wide_dense_free(ctx, &kraus->image);
    for (int i = 0; i < UMI_RATES; i++) umi_wide_vector_free(ctx, &kraus->rate[i]);
    umi_free(ctx, kraus->low);
    *kraus = (umi_wide_kraus){0};
}

static void unpack(umi_wide_kraus *kraus, umi_wide_vector x)
{
    const umi_layout *layout = &kraus->layout;
    for (int k = 0; k < layout->levels; k++)
        for (int n = 0; n + k < layout->levels; n++) {
            umi_wide_complex r = {
                .re = umi_wide_vector_get(x, umi_layout_index(layout, 0, k, n))};
            if (k > 0) r.im = umi_wide_vector_get(x, umi_layout_index(layout, 1, k, n));
            umi_wide_dense_set(&kraus->state, n, n + k, r);
            r.im = umi_wide_negate(r.im);
            umi_wide_dense_set(&kraus->state, n + k, n, r);
        }
}

static void pack(const umi_wide_kraus *kraus, umi_wide_vector y)
{
    const umi_layout *layout = &kraus->layout;
    for (int k = 0; k < layout->levels; k++)
        for (int n = 0; n + k < layout->levels; n++) {
            umi_wide_complex r = umi_wide_dense_get(&kraus->image, n, n + k);
            umi_wide_vector_set(y, umi_layout_index(layout, 0, k, n), r.re);
            if (k > 0) umi_wide_vector_set(y, umi_layout_index(layout, 1, k, n), r.im);
        }
}

void umi_wide_kraus_apply(umi_wide_kraus *kraus, umi_wide_vector x, umi_wide_vector y)
{
    int levels = kraus->layout.levels;
    unpack(kraus, x);
    umi_wide_dense_clear(&kraus->image);
    for (int a = 0; a < kraus->count; a++) {
        umi_wide_dense_clear(&kraus->half);
        for (int n = 0; n < levels; n++)
            umi_wide_dense_add_row(&kraus->half, n, &kraus->operator[a], kraus->low[n],
                                   kraus->high[n], &kraus->state, false, 0);
        /* Columns m >= n alone; rows m of the operator begin ever later. */
        int first = levels;
        for (int n = levels - 1; n >= 0; n--) {
            first = umi_min(first, kraus->low[n]);
            umi_wide_dense_add_row(&kraus->image, n, &kraus->half, first, levels,
                                   &kraus->transposed[a], true, n);
        }
    }
    pack(kraus, y);
    umi_wide_axpy(umi_wide_set(-1), x, y);
}
