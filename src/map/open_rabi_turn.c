/* The unitary part of a step: e^(-i H h) along the parity chains, a band of it. */
#include <math.h>
#include <stdlib.h>

#include "linalg/linalg.h"
#include "map/open_rabi_inside.h"
#include "map/unitary.h"

/* Rows that are multiplied at a time; amplitudes left out of the band. */
enum { BLOCK = 20 };
static const double BAND = 1e-18;

static double largest_step(const umi_collision *it)
{
    double largest = 0;
    for (int n = 1; n < it->levels + (it->finite ? 0 : 1); n++)
        largest = fmax(largest, fabs(um_battery_get_lowering(it->battery, n)));
    return largest;
}

int umi_open_climb(const umi_collision *it, double time, double tolerance)
{
    double theta = it->interaction.g * time, largest = largest_step(it);
    int d = 1;
    while (d < it->levels && !(umi_rabi_climb(it, theta, largest, d) < log(tolerance))) d++;
    return d;
}

um_status umi_open_chains_create(um_context *ctx, const umi_collision *it, umi_open_chains *chains)
{
    size_t n = (size_t)it->levels;
    *chains = (umi_open_chains){.ctx = ctx, .it = it};
    chains->memory = UMI_NEW_ARRAY(ctx, double, 5 * n * n + 3 * n + 2 * BLOCK * n);
    if (!chains->memory) return UM_ERROR_MEMORY;
    double *at = chains->memory;
    for (int p = 0; p < 2; p++, at += n * n) chains->vectors[p] = at;
    chains->scaled = at;
    chains->re = at + n * n;
    chains->im = at + 2 * n * n;
    chains->product = (double complex *)(at + 3 * n * n);
    at += 3 * n * n + 2 * BLOCK * n;
    for (int p = 0; p < 2; p++, at += n) chains->value[p] = at;
    double *off = at;
    for (int p = 0; p < 2; p++) {
        umi_rabi_fill_chain(it, it->levels, p, chains->value[p], off);
        UMI_TRY(umi_linalg_eigen_tridiagonal(ctx, it->levels, chains->value[p], off, chains->vectors[p]));
    }
    return UM_OK;
}

void umi_open_chains_free(umi_open_chains *chains)
{
    if (chains->ctx) umi_free(chains->ctx, chains->memory);
    chains->memory = NULL;
}

/* Energies times a time are taken in long double: over many steps their rounding would add up. */
static void exponential(umi_open_chains *chains, int parity, long double (*function)(long double),
                        double sign, long double time, double *out)
{
    int levels = chains->it->levels;
    size_t n = (size_t)levels;
    for (size_t j = 0; j < n; j++) {
        double factor = (double)function(chains->value[parity][j] * time);
        for (size_t i = 0; i < n; i++)
            chains->scaled[i + j * n] = factor * chains->vectors[parity][i + j * n];
    }
    umi_linalg_dgemm('N', 'T', levels, levels, levels, sign, chains->scaled, levels,
                     chains->vectors[parity], levels, 0, out, levels);
}

um_status umi_open_turn_create(umi_open_chains *chains, int steps, umi_open_turn *turn)
{
    long double time = (long double)chains->it->interaction.tau / steps;
    int levels = chains->it->levels;
    size_t size = (size_t)levels * (size_t)levels;
    turn->width = umi_open_climb(chains->it, (double)time, BAND);
    turn->chain[0] = UMI_NEW_ARRAY(chains->ctx, double complex, 2 * size);
    if (!turn->chain[0]) return UM_ERROR_MEMORY;
    turn->chain[1] = turn->chain[0] + size;
    for (int p = 0; p < 2; p++) {
        exponential(chains, p, cosl, 1, time, chains->re);
        exponential(chains, p, sinl, -1, time, chains->im);
        UMI_TRY(umi_unitary_polish(chains->ctx, levels, levels, chains->re, chains->im));
        for (int m = 0; m < levels; m++)
            for (int n = 0; n < levels; n++) {
                size_t at = (size_t)n + (size_t)m * (size_t)levels;
                bool inside = abs(n - m) <= turn->width;
                turn->chain[p][at] = inside ? chains->re[at] + I * chains->im[at] : 0;
            }
    }
    return UM_OK;
}

void umi_open_turn_free(um_context *ctx, umi_open_turn *turn)
{
    umi_free(ctx, turn->chain[0]);
    turn->chain[0] = NULL;
}

/* What stands above the diagonal of block pq stands below that of qp. */
static void mirror(const umi_open_joint *from, int p, int q, umi_open_joint *to)
{
    for (int m = 0; m < from->rows; m++)
        for (int n = 0; n < m; n++)
            to->block[p][q][umi_open_at(to, n, m)] = conj(from->block[q][p][umi_open_at(from, m, n)]);
}

typedef struct range {
    int low, high;
} range;

static range around(range block, int width, int rows)
{
    return (range){umi_max(block.low - width, 0), umi_min(block.high + width, rows)};
}

/* out = U_p x U_q' in block pq; on and below the diagonal alone where it is Hermitian. */
static void turn_block(umi_open_chains *chains, const umi_open_turn *turn, int p, int q,
                       const umi_open_joint *x, umi_open_joint *out)
{
    int levels = chains->it->levels, rows = x->rows;
    size_t stride = (size_t)levels;
    for (int i = 0; i < rows; i += BLOCK) {
        range block = {i, umi_min(i + BLOCK, rows)}, used = around(block, turn->width, rows);
        int height = block.high - block.low, end = p == q ? block.high : rows;
        umi_linalg_zgemm('N', 'N', height, umi_min(end + turn->width, rows), used.high - used.low, 1,
                         turn->chain[p] + (size_t)block.low + (size_t)used.low * stride, levels,
                         x->block[p][q] + used.low, rows, 0, chains->product, height);
        for (int j = 0; j < end; j += BLOCK) {
            range other = {j, umi_min(j + BLOCK, rows)}, asked = around(other, turn->width, rows);
            umi_linalg_zgemm('N', 'C', height, other.high - other.low, asked.high - asked.low, 1,
                             chains->product + (size_t)asked.low * (size_t)height, height,
                             turn->chain[q] + (size_t)other.low + (size_t)asked.low * stride, levels, 0,
                             out->block[p][q] + umi_open_at(out, block.low, other.low), rows);
        }
    }
}

static void trade(umi_open_joint *a, umi_open_joint *b, int p, int q)
{
    double complex *keep = a->block[p][q];
    a->block[p][q] = b->block[p][q];
    b->block[p][q] = keep;
}

void umi_open_turn_apply(umi_open_chains *chains, const umi_open_turn *turn, umi_open_joint *x,
                         umi_open_joint *work)
{
    work->rows = x->rows;
    for (int p = 0; p < 2; p++) {
        mirror(x, p, p, x);
        turn_block(chains, turn, p, p, x, work);
        trade(x, work, p, p);
    }
    if (!x->cross) return;
    mirror(x, 0, 1, x);
    turn_block(chains, turn, 0, 1, x, work);
    trade(x, work, 0, 1);
    for (int m = 0; m < x->rows; m++)
        for (int n = m; n < x->rows; n++)
            x->block[1][0][umi_open_at(x, n, m)] = conj(x->block[0][1][umi_open_at(x, m, n)]);
}
