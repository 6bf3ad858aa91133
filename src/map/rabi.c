/* The unitary of a collision with counter-rotating terms.
 *
 * Parity (-1)^(n+s) is conserved: the joint space falls into two chains ... |n,s>, |n+1,1-s> ...
 * along which H = omega n + omega_q s + V is tridiagonal, with g d_n between |n-1,e> and |n,g> and
 * lambda g d_n between |n-1,g> and |n,e>. U(0) = e^(i H0 tau) e^(-i H tau). An endless battery
 * is diagonalised with padding, then cut; how much leaves the space is kept for the error bound. */
#include <math.h>
#include <string.h>

#include "linalg/linalg.h"
#include "map/pulse.h"
#include "map/unitary.h"

enum { PADDING_MIN = 24 };

/* One parity chain: U_chain[n' + n size] between |n,s(n)> and |n',s(n')>, s(n) = (n + parity) % 2,
 * of n < columns alone. */
typedef struct chain {
    int size, columns, parity;
    double *diagonal, *off, *vectors, *scaled, *re, *im;
    bool turned; /* U stands in the rotating frame already, and vectors + i scaled is the work */
} chain;

static um_status chain_alloc(um_context *ctx, int size, int columns, chain *c)
{
    size_t n = (size_t)size;
    double *memory = UMI_NEW_ARRAY(ctx, double, 2 * n + 4 * n * n);
    if (!memory) return UM_ERROR_MEMORY;
    *c = (chain){.size = size, .columns = columns, .diagonal = memory, .off = memory + n, .vectors = memory + 2 * n};
    c->scaled = c->vectors + n * n;
    c->re = c->scaled + n * n;
    c->im = c->re + n * n;
    return UM_OK;
}

static void scale_columns(const chain *c, double (*function)(double), double tau)
{
    size_t size = (size_t)c->size;
    for (size_t j = 0; j < size; j++) {
        double factor = function(c->diagonal[j] * tau);
        for (size_t n = 0; n < size; n++) c->scaled[n + j * size] = factor * c->vectors[n + j * size];
    }
}

/* In place of eigenvectors. */
static um_status chain_follow_pulse(um_context *ctx, const umi_collision *it, int parity, bool work, chain *c)
{
    c->parity = parity;
    c->turned = true;
    umi_pulse_chain pulse = {.size = c->size, .columns = c->columns, .parity = parity, .re = c->re, .im = c->im};
    if (work) {
        pulse.work_re = c->vectors;
        pulse.work_im = c->scaled;
    }
    UMI_TRY(umi_pulse_chain_solve(ctx, it, &pulse));
    return umi_unitary_polish(ctx, c->size, c->columns, c->re, c->im);
}

/* Even spacing: E_n = E_0 + n, and E_0 only turns a global phase. */
void umi_rabi_fill_chain(const umi_collision *it, int size, int parity, double *diagonal, double *off)
{
    double omega = it->battery->frequency, g = it->interaction.g;
    for (int n = 0; n < size; n++) {
        int s = (n + parity) % 2;
        diagonal[n] = omega * n + (s ? omega + it->atoms.detuning : 0);
        if (n > 0)
            off[n - 1] = (s ? it->interaction.counter_rotating : 1) * g *
                         um_battery_get_lowering(it->battery, n);
    }
}

static um_status chain_solve(um_context *ctx, const umi_collision *it, int parity, bool polish, chain *c)
{
    double tau = it->interaction.tau;
    c->parity = parity;
    umi_rabi_fill_chain(it, c->size, parity, c->diagonal, c->off);
    UMI_TRY(umi_linalg_eigen_tridiagonal(ctx, c->size, c->diagonal, c->off, c->vectors));
    scale_columns(c, cos, tau);
    umi_linalg_dgemm('N', 'T', c->size, c->columns, c->size, 1, c->scaled, c->size, c->vectors,
                     c->size, 0, c->re, c->size);
    scale_columns(c, sin, tau);
    umi_linalg_dgemm('N', 'T', c->size, c->columns, c->size, -1, c->scaled, c->size, c->vectors,
                     c->size, 0, c->im, c->size);
    return polish ? umi_unitary_polish(ctx, c->size, c->columns, c->re, c->im) : UM_OK;
}

/* The chain's elements into the blocks of U, turned into the rotating frame; what ends above the
 * space adds to `escape` (squares). */
static void scatter(const umi_collision *it, const chain *c, umi_unitary *u)
{
    size_t size = (size_t)c->size, levels = (size_t)u->levels;
    double angle = c->turned ? 0 : it->battery->frequency * it->interaction.tau;
    for (size_t row = 0; row < size; row++) {
        size_t f = (row + (size_t)c->parity) % 2;
        double _Complex turn = cexp(I * fmod(angle * (double)(row + f), 2 * M_PI));
        for (size_t n = 0; n < levels; n++) {
            size_t i = (n + (size_t)c->parity) % 2;
            double re = c->re[row + n * size], im = c->im[row + n * size];
            if (row < levels)
                u->block[f][i][row + n * levels] = turn * (re + I * im);
            else
                u->escape[i][n] += re * re + im * im;
            if (row < levels && u->work[f][i])
                u->work[f][i][row + n * levels] =
                    c->vectors[row + n * size] + I * c->scaled[row + n * size];
        }
    }
}

/* probe: only to be compared with; neither unitary to the last digit, nor with the work. */
static um_status build(um_context *ctx, const umi_collision *it, int padding, bool probe, umi_unitary *u)
{
    size_t levels = (size_t)it->levels;
    UMI_TRY(umi_unitary_alloc(ctx, it->levels, u));
    bool pulsed = it->interaction.pulse != UM_PULSE_CONSTANT;
    u->escape[0] = UMI_NEW_ARRAY(ctx, double, 2 * levels);
    chain c = {0};
    um_status status = u->escape[0] ? UM_OK : UM_ERROR_MEMORY;
    if (status == UM_OK && pulsed && !probe) status = umi_unitary_alloc_blocks(ctx, it->levels, u->work);
    if (status == UM_OK) {
        u->escape[1] = u->escape[0] + levels;
        status = chain_alloc(ctx, it->levels + padding, it->levels, &c);
    }
    for (int parity = 0; parity < 2 && status == UM_OK; parity++) {
        status = pulsed ? chain_follow_pulse(ctx, it, parity, !probe, &c) : chain_solve(ctx, it, parity, !probe, &c);
        if (status == UM_OK) scatter(it, &c, u);
    }
    umi_free(ctx, c.diagonal);
    if (status != UM_OK) {
        umi_unitary_free(ctx, u);
        return status;
    }
    for (size_t n = 0; n < levels; n++)
        for (int i = 0; i < 2; i++) u->escape[i][n] = sqrt(u->escape[i][n]);
    u->tau = it->interaction.tau;
    u->lab = it->lab;
    u->interaction_picture = true;
    return UM_OK;
}

/* The paths of first passage add up to x I_{d-1}(2 x) <= x x^(d-1)/(d-1)! e^(x^2/d), x = theta max(1, lambda)
 * times the largest d_n on the way. */
double umi_rabi_climb(const umi_collision *it, double theta, double largest, int d)
{
    double x = theta * fmax(1, it->interaction.counter_rotating) * largest;
    return d * log(x) - lgamma(d) + x * x / d;
}

/* Below this, what was computed is rounding noise, and the bound decides. */
static const double ESCAPE_NOISE = 1e-15;

static void bound_noise(const umi_collision *it, umi_unitary *u)
{
    double largest = um_battery_get_lowering(it->battery, u->levels);
    for (int n = 0; n < u->levels; n++)
        for (int i = 0; i < 2; i++)
            if (u->escape[i][n] < ESCAPE_NOISE)
                u->escape[i][n] = fmin(ESCAPE_NOISE, exp(umi_rabi_climb(it, it->interaction.theta, largest,
                                                                        u->levels - n)));
}

/* Twice the padding must not change how the columns of the space end. Amplitudes that leave are
 * known only as well as that, so the difference joins them. */
static void compare(umi_unitary *u, const umi_unitary *longer)
{
    size_t levels = (size_t)u->levels;
    for (size_t n = 0; n < levels; n++)
        for (int i = 0; i < 2; i++) {
            double sum = 0;
            for (int f = 0; f < 2; f++)
                for (size_t row = 0; row < levels; row++) {
                    double _Complex d = u->block[f][i][row + n * levels] -
                                        longer->block[f][i][row + n * levels];
                    sum += creal(d * conj(d));
                }
            double difference = sqrt(sum);
            /* Rounding of the two eigensystems is not truncation. */
            if (difference < 1e-11) difference = 0;
            u->escape[i][n] = fmax(u->escape[i][n], longer->escape[i][n]) + difference;
        }
}

int umi_rabi_get_padding(const umi_collision *it)
{
    if (it->finite) return 0;
    /* A level n couples to the next with g sqrt(n): what one collision climbs grows with it. */
    double reach = it->interaction.theta * um_battery_get_lowering(it->battery, it->levels);
    return umi_max(PADDING_MIN, (int)fmin(4 * reach + 20, 4 * it->levels + 400));
}

um_status umi_map_create_rabi(um_context *ctx, const umi_collision *it, um_map **map)
{
    int padding = umi_rabi_get_padding(it);
    umi_unitary unitary = {0}, longer = {0};
    UMI_TRY(build(ctx, it, padding, false, &unitary));
    if (!it->finite) {
        um_status status = build(ctx, it, 2 * padding, true, &longer);
        if (status != UM_OK) {
            umi_unitary_free(ctx, &unitary);
            return status;
        }
        compare(&unitary, &longer);
        bound_noise(it, &unitary);
        umi_unitary_free(ctx, &longer);
    }
    double *lowering = UMI_NEW_ARRAY(ctx, double, (size_t)it->levels);
    if (!lowering) {
        umi_unitary_free(ctx, &unitary);
        return UM_ERROR_MEMORY;
    }
    for (int n = 0; n < it->levels; n++) lowering[n] = um_battery_get_lowering(it->battery, n);
    um_status status = umi_map_create_kraus(ctx, &unitary, &it->atoms, it->battery->frequency,
                                            lowering, it->interaction.g,
                                            it->interaction.counter_rotating, map);
    umi_free(ctx, lowering);
    return status;
}
