/* The outgoing atom and the coupling energy of a stencil collision, as functionals of the state
 * before it: only orders 0, 1, 2 enter. With G, E, P, D the blocks of stencil.c:
 *   <e|rho_q'|e> - ee = Tr[gg D r D' - ee (1 - E'E) r + ge (D r E' + h.c.)]
 *   <g|rho_q'|e> = e^(i phase) Tr[gg G r D' + ge (G r E' + P r D') + ee P r E']
 *   <V> = 2 (g/omega) Im sum_n d_{n+1} <n+1,g|r_joint|n,e>   (physics: <n+1,g|.|n,e> = -i times that) */
#include <complex.h>
#include <math.h>

#include "map/stencil.h"

static double complex value(double *const table[2], int n)
{
    return table[0][n] + (table[1] ? I * table[1][n] : 0);
}

static void put(const umi_functional *f, int order, int n, double complex weight)
{
    f->weight[order][0][n] = creal(weight);
    if (f->weight[order][1]) f->weight[order][1][n] = cimag(weight);
}

static void fill(const umi_collision *it, const umi_blocks *b, umi_readout *readout)
{
    const um_battery *battery = it->battery;
    double gg = it->atoms.q, ee = 1 - gg, ge = umi_atoms_ge(&it->atoms);
    double coupling = isfinite(it->interaction.g) ? 2 * it->interaction.g / battery->frequency : 0;
    for (int n = 0; n < it->levels; n++) {
        double complex g = value(b->g, n), e = value(b->e, n), dn = value(b->dn, n);
        double complex before = n > 0 ? value(b->dn, n - 1) : 0;
        /* |e_n|^2 - 1 = -|dn_n|^2: the change of the atom, without cancellation. */
        put(&readout->change, 0, n, gg * before * conj(before) - ee * dn * conj(dn));
        put(&readout->change, 1, n, 2 * ge * conj(dn) * e);
        put(&readout->coherence, 0, n, ge * g * conj(e));
        if (n + 1 == it->levels) break;
        double complex up = value(b->up, n + 1), g_next = value(b->g, n + 1);
        double complex e_next = value(b->e, n + 1), dn_next = value(b->dn, n + 1);
        put(&readout->coherence, 1, n, gg * g * conj(dn) + ee * up * conj(e_next));
        put(&readout->coherence, 2, n, ge * up * conj(dn_next));
        double d = coupling * um_battery_get_lowering(battery, n + 1);
        if (it->interaction.pulse != UM_PULSE_CONSTANT) continue;
        put(&readout->start, 1, n, -d * ge);
        /* Im(a conj(R)) = -Im(conj(a) R) */
        put(&readout->end, 1, n, d * ge * (up * conj(dn) - conj(g_next) * e));
        readout->end.weight[0][1][n] += cimag(d * ee * up * conj(e));
        readout->end.weight[0][1][n + 1] += cimag(d * gg * g_next * conj(dn));
    }
}

/* A pulse that rises and falls has its work inside: coupling_start is the work, and nothing is left
 * at the end. Real part of cost times change = imaginary part of i times that. */
static void fill_pulse_work(const umi_collision *it, const umi_blocks *b, umi_readout *readout)
{
    double gg = it->atoms.q, ee = 1 - gg, ge = umi_atoms_ge(&it->atoms);
    for (int n = 0; n + 1 < it->levels; n++) {
        double cost = umi_collision_mismatch(it, n + 1);
        double complex e = value(b->e, n), dn = value(b->dn, n);
        double climbed = cost * creal(dn * conj(dn));
        /* `end` alone has imaginary weights of the populations: it gets minus the work. */
        readout->end.weight[0][1][n] += ee * climbed;
        readout->end.weight[0][1][n + 1] -= gg * climbed;
        put(&readout->end, 1, n, -I * 2 * cost * ge * conj(dn) * e);
    }
}

/* The change's weights once more, unrounded; what their rounding lost is kept. */
static void fill_low(const umi_collision *it, const umi_blocks *b, umi_readout *readout)
{
    long double gg = it->atoms.q, ee = 1 - gg, ge = it->atoms.c * sqrtl(gg * ee);
    for (int n = 0; n < it->levels; n++) {
        long double c = b->cosine[n + 1], s = b->sine[n + 1], before = b->sine[n];
        double *weight[2] = {readout->change.weight[0][0], readout->change.weight[1][0]};
        long double exact[2] = {gg * before * before - ee * s * s, -2 * ge * s * c};
        for (int k = 0; k < 2; k++) {
            weight[k][n] = (double)exact[k];
            readout->change_low[k][n] = (double)(exact[k] - weight[k][n]);
        }
    }
}

um_status umi_readout_create(um_context *ctx, const umi_collision *it, const umi_blocks *blocks,
                             umi_readout *readout)
{
    umi_functional *all[4] = {&readout->change, &readout->coherence, &readout->start,
                              &readout->end};
    static const int orders[4] = {2, 3, 2, 2};
    bool complex_factors = blocks->g[1] != NULL;
    readout->ee = 1 - it->atoms.q;
    size_t size = umi_table_size(it->levels);
    readout->memory = UMI_NEW_ARRAY(ctx, double, 20 * size);
    if (!readout->memory) return UM_ERROR_MEMORY;
    double *next = readout->memory + UMI_TABLE_PAD;
    for (int f = 0; f < 4; f++)
        for (int k = 0; k < orders[f]; k++)
            for (int p = 0; p < 2; p++, next += size)
                if (p == 0 || complex_factors || f == 3) all[f]->weight[k][p] = next;
    fill(it, blocks, readout);
    if (it->interaction.pulse != UM_PULSE_CONSTANT) fill_pulse_work(it, blocks, readout);
    if (!blocks->cosine) return UM_OK;
    readout->change_low[0] = next;
    readout->change_low[1] = next + size;
    fill_low(it, blocks, readout);
    return UM_OK;
}

/* sum_n weight[n] R_k[n] of one plane of either. */
static double dot(const umi_kernels *kernels, const double *weight, const um_state *state,
                  int plane, int k)
{
    if (!weight || plane >= state->planes || k >= state->orders) return 0;
    return kernels->dot(umi_state_row_length(state, k), weight + state->first,
                        umi_state_row(state, plane, k) + state->first);
}

static double real_part(const umi_kernels *kernels, const umi_functional *f, const um_state *state)
{
    double sum = 0;
    for (int k = 0; k < 3; k++)
        sum += dot(kernels, f->weight[k][0], state, 0, k) - dot(kernels, f->weight[k][1], state, 1, k);
    return sum;
}

static double imaginary_part(const umi_kernels *kernels, const umi_functional *f,
                             const um_state *state)
{
    double sum = 0;
    for (int k = 0; k < 3; k++)
        sum += dot(kernels, f->weight[k][0], state, 1, k) + dot(kernels, f->weight[k][1], state, 0, k);
    return sum;
}

static double quick_trace(const um_state *state)
{
    /* Four sums at once: one addition need not wait for the last. */
    double sum[4] = {0};
    const double *p = state->orders > 0 ? umi_state_row(state, 0, 0) : NULL;
    int n = state->first;
    for (; n + 4 <= state->last; n += 4)
        for (int j = 0; j < 4; j++) sum[j] += p[n + j];
    for (; n < state->last; n++) sum[0] += p[n];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* The change on resonance, with weights that are not rounded. */
static double exact_change(const umi_readout *readout, const umi_kernels *kernels, const um_state *state)
{
    umi_product product[2];
    int count = umi_min(2, state->orders);
    for (int k = 0; k < count; k++)
        product[k] = (umi_product){.count = umi_state_row_length(state, k),
                                   .a = readout->change.weight[k][0] + state->first,
                                   .rest = readout->change_low[k] + state->first,
                                   .b = umi_state_row(state, 0, k) + state->first};
    return kernels->add_products(count, product);
}

static bool is_real(const umi_readout *readout, const um_state *state)
{
    return !readout->change.weight[0][1] && state->planes == 1;
}

void umi_readout_apply(const umi_readout *readout, const umi_kernels *kernels,
                       const um_state *state, um_outcome *outcome)
{
    bool real = is_real(readout, state);
    double change = readout->change_low[0] ? exact_change(readout, kernels, state)
                                           : real_part(kernels, &readout->change, state);
    outcome->change = change;
    outcome->excited = readout->ee * quick_trace(state) + change;
    outcome->coherence_re = outcome->coherence_im = NAN;
    /* A real state on resonance has no coupling energy at all. */
    outcome->coupling_start = real ? 0 : imaginary_part(kernels, &readout->start, state);
    outcome->coupling_end = real ? 0 : imaginary_part(kernels, &readout->end, state);
}

void umi_readout_coherence(const umi_readout *readout, const umi_kernels *kernels, double phase,
                           const um_state *state, um_outcome *outcome)
{
    double re = real_part(kernels, &readout->coherence, state);
    double im = is_real(readout, state) ? 0 : imaginary_part(kernels, &readout->coherence, state);
    outcome->coherence_re = phase == 0 ? re : re * cos(phase) - im * sin(phase);
    outcome->coherence_im = phase == 0 ? im : re * sin(phase) + im * cos(phase);
}
