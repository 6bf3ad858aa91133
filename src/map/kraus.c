/* Kraus operators: their memory, their band, and the order in which kernels read them. */
#include "map/kraus.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Rows beside the space, zero: kernels work on whole panels and look at the next row. */
enum { BEFORE = 1, AFTER = 1, LINE = 64 / sizeof(double) };

um_status umi_kraus_reserve(um_context *ctx, size_t size, size_t *room, double **memory, double **aligned)
{
    if (*memory && size <= *room) return UM_OK;
    double *block = UMI_NEW_ARRAY(ctx, double, size + LINE);
    if (!block) return UM_ERROR_MEMORY;
    umi_free(ctx, *memory);
    *memory = block;
    *room = size;
    *aligned = block + (LINE - (uintptr_t)block / sizeof(double) % LINE) % LINE;
    return UM_OK;
}

static int count_blocks(int levels) { return (levels + UMI_KRAUS_ROWS - 1) / UMI_KRAUS_ROWS; }

um_status umi_kraus_alloc(um_context *ctx, int levels, int count, umi_kraus *kraus)
{
    *kraus = (umi_kraus){.ctx = ctx, .levels = levels, .count = count, .kernels = umi_kraus_kernels_choose()};
    size_t size = (size_t)levels;
    kraus->stride =
        BEFORE + (size + UMI_KRAUS_COLUMNS - 1) / UMI_KRAUS_COLUMNS * UMI_KRAUS_COLUMNS + AFTER;
    kraus->elements = UMI_NEW_ARRAY(ctx, double, 2 * (size_t)count * size * kraus->stride);
    kraus->low = UMI_NEW_ARRAY(ctx, int, 2 * size);
    kraus->block = UMI_NEW_ARRAY(ctx, umi_kraus_block, (size_t)count_blocks(levels));
    if (!kraus->elements || !kraus->low || !kraus->block) {
        umi_kraus_free(kraus);
        return UM_ERROR_MEMORY;
    }
    kraus->high = kraus->low + size;
    for (int a = 0; a < count; a++) {
        kraus->re[a] = kraus->elements + 2 * (size_t)a * size * kraus->stride + BEFORE;
        kraus->im[a] = kraus->re[a] + size * kraus->stride;
    }
    return UM_OK;
}

void umi_kraus_free(umi_kraus *kraus)
{
    if (!kraus->ctx) return;
    umi_free(kraus->ctx, kraus->elements);
    umi_free(kraus->ctx, kraus->low);
    umi_free(kraus->ctx, kraus->block);
    umi_free(kraus->ctx, kraus->packed_memory);
    umi_free(kraus->ctx, kraus->scratch_memory);
    *kraus = (umi_kraus){0};
}

/* What rounding alone may do to the norm of a column. */
static const double ROUNDING = 2e-15;

/* 1 - sum_a (B_a' B_a)_nn */
static long double find_missing(const umi_kraus *kraus, int n)
{
    long double missing = 1, less = 0;
    for (int a = 0; a < kraus->count; a++) {
        const double *re = kraus->re[a] + (size_t)n * kraus->stride;
        const double *im = kraus->im[a] + (size_t)n * kraus->stride;
        for (int m = 0; m < kraus->levels; m++) {
            missing -= (long double)re[m] * re[m];
            less += (long double)im[m] * im[m];
        }
    }
    return missing - less;
}

/* To the neighbour that is larger or smaller in modulus, if that is better. */
static void nudge(double *x, long double *missing)
{
    double most = 0x1p-51 * *x * *x, wanted = fabs((double)*missing); /* at least half of that is the step */
    if (most > 4 * wanted || most < wanted / 64) return;
    double moved = nextafter(*x, *missing > 0 ? copysign(1, *x) : 0);
    long double left = *missing - ((long double)moved - *x) * ((long double)moved + *x);
    if (fabsl(left) >= fabsl(*missing)) return;
    *x = moved;
    *missing = left;
}

void umi_kraus_complete(umi_kraus *kraus)
{
    for (int n = 0; n < kraus->levels; n++) {
        long double missing = find_missing(kraus, n);
        if (!(fabsl(missing) < ROUNDING)) continue;
        for (int a = 0; a < kraus->count; a++)
            for (int m = 0; m < kraus->levels; m++) {
                nudge(&kraus->re[a][(size_t)m + (size_t)n * kraus->stride], &missing);
                nudge(&kraus->im[a][(size_t)m + (size_t)n * kraus->stride], &missing);
            }
    }
}

/* Of modulus below the tolerance; no square vanishes. */
static bool is_small(double re, double im, double tolerance)
{
    double sum = fabs(re) + fabs(im);
    return sum < tolerance || (sum < 2 * tolerance && hypot(re, im) < tolerance);
}

static void find_band(umi_kraus *kraus, double tolerance)
{
    int levels = kraus->levels;
    for (int n = 0; n < levels; n++) {
        kraus->low[n] = levels;
        kraus->high[n] = 0;
    }
    for (int a = 0; a < kraus->count; a++)
        for (int m = 0; m < levels; m++) {
            const double *re = kraus->re[a] + (size_t)m * kraus->stride;
            const double *im = kraus->im[a] + (size_t)m * kraus->stride;
            for (int n = 0; n < levels; n++) {
                if (is_small(re[n], im[n], tolerance)) continue;
                kraus->low[n] = umi_min(kraus->low[n], m);
                kraus->high[n] = umi_max(kraus->high[n], m + 1);
            }
        }
    for (int a = 0; a < kraus->count; a++)
        for (int m = 0; m < levels; m++)
            for (int n = 0; n < levels; n++)
                if (m < kraus->low[n] || m >= kraus->high[n])
                    kraus->re[a][(size_t)n + (size_t)m * kraus->stride] =
                        kraus->im[a][(size_t)n + (size_t)m * kraus->stride] = 0;
}

/* Where each block of rows stands; returns the doubles per operator. */
static size_t place_blocks(umi_kraus *kraus)
{
    size_t at = 0;
    for (int b = 0; b < count_blocks(kraus->levels); b++) {
        umi_kraus_block *block = &kraus->block[b];
        *block = (umi_kraus_block){.low = kraus->levels, .at = at};
        for (int n = b * UMI_KRAUS_ROWS; n < umi_min((b + 1) * UMI_KRAUS_ROWS, kraus->levels); n++) {
            block->low = umi_min(block->low, kraus->low[n]);
            block->high = umi_max(block->high, kraus->high[n]);
        }
        block->low = umi_min(block->low, block->high);
        at += 3 * UMI_KRAUS_ROWS * (size_t)(block->high - block->low);
    }
    return at;
}

/* Rows of the last block that the space does not have are zero in the elements, too. */
static void pack_block(const umi_kraus *kraus, int a, int b)
{
    const umi_kraus_block *block = &kraus->block[b];
    size_t pitch = UMI_KRAUS_ROWS * (size_t)(block->high - block->low);
    double *to = kraus->packed[a] + block->at;
    for (int m = block->low; m < block->high; m++, to += UMI_KRAUS_ROWS) {
        size_t from = (size_t)b * UMI_KRAUS_ROWS + (size_t)m * kraus->stride;
        for (size_t r = 0; r < UMI_KRAUS_ROWS; r++) {
            double re = kraus->re[a][from + r], im = kraus->im[a][from + r];
            to[r] = re;
            to[r + pitch] = im;
            to[r + 2 * pitch] = re + im;
        }
    }
}

/* After the band is known. */
static um_status reserve_packed(umi_kraus *kraus)
{
    size_t size = place_blocks(kraus);
    UMI_TRY(umi_kraus_reserve(kraus->ctx, (size_t)kraus->count * size, &kraus->packed_size, &kraus->packed_memory,
                              &kraus->packed[0]));
    for (int a = 1; a < kraus->count; a++) kraus->packed[a] = kraus->packed[0] + (size_t)a * size;
    return UM_OK;
}

um_status umi_kraus_pack(umi_kraus *kraus, double tolerance)
{
    find_band(kraus, tolerance);
    UMI_TRY(reserve_packed(kraus));
    for (int a = 0; a < kraus->count; a++)
        for (int b = 0; b < count_blocks(kraus->levels); b++) pack_block(kraus, a, b);
    return UM_OK;
}

/* A block as in pack_block: rows and columns take turns at being turned. */
static void turn_block(const umi_kraus *from, int a, int b, double re, double im, umi_kraus *to)
{
    const umi_kraus_block *block = &from->block[b];
    size_t pitch = UMI_KRAUS_ROWS * (size_t)(block->high - block->low);
    const double *x = from->packed[a] + block->at;
    double *y = to->packed[a] + block->at;
    for (int m = block->low; m < block->high; m++, x += UMI_KRAUS_ROWS, y += UMI_KRAUS_ROWS) {
        size_t at = (size_t)b * UMI_KRAUS_ROWS + (size_t)m * from->stride;
        for (int r = 0; r < UMI_KRAUS_ROWS; r++) {
            bool turned = (b * UMI_KRAUS_ROWS + r + m + a) % 2;
            double cosine = turned ? re : 1, sine = turned ? im : 0;
            y[r] = cosine * x[r] - sine * x[r + pitch];
            y[r + pitch] = cosine * x[r + pitch] + sine * x[r];
            y[r + 2 * pitch] = y[r] + y[r + pitch];
            to->re[a][at + (size_t)r] = y[r];
            to->im[a][at + (size_t)r] = y[r + pitch];
        }
    }
}

um_status umi_kraus_turn(const umi_kraus *from, double _Complex factor, umi_kraus *to)
{
    if (!to->ctx) {
        UMI_TRY(umi_kraus_alloc(from->ctx, from->levels, from->count, to));
        memcpy(to->low, from->low, 2 * (size_t)from->levels * sizeof *to->low);
        um_status status = reserve_packed(to);
        if (status != UM_OK) {
            umi_kraus_free(to);
            return status;
        }
    }
    for (int a = 0; a < from->count; a++)
        for (int b = 0; b < count_blocks(from->levels); b++)
            turn_block(from, a, b, creal(factor), cimag(factor), to);
    return UM_OK;
}
