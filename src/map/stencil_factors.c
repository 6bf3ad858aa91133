/* The factors of the stencil kernels: blocks of U times weights of rho_q. */
#include <math.h>

#include "map/stencil.h"

/* The four blocks at one level, and the weights of rho_q, that a set of factors is made of. */
typedef struct operators {
    double gg, ee, ge;
    double g[2], e[2], up[2], dn[2];
} operators;

/* The adjoint is a stencil too: g and e trade places with their weights, up_n becomes
 * conj(dn_{n-1}), dn_n becomes conj(up_{n+1}). */
static operators operators_at(const umi_blocks *b, const um_atoms *atoms, int n, bool adjoint)
{
    operators o = {.gg = atoms->q, .ee = 1 - atoms->q, .ge = umi_atoms_ge(atoms)};
    for (int p = 0; p < 2; p++) {
        if (!b->g[p]) continue;
        double sign = adjoint && p == 1 ? -1 : 1;
        o.g[p] = sign * (adjoint ? b->e[p][n] : b->g[p][n]);
        o.e[p] = sign * (adjoint ? b->g[p][n] : b->e[p][n]);
        o.up[p] = sign * (adjoint ? b->dn[p][n - 1] : b->up[p][n]);
        o.dn[p] = sign * (adjoint ? b->up[p][n + 1] : b->dn[p][n]);
    }
    if (adjoint) {
        double gg = o.gg;
        o.gg = o.ee;
        o.ee = gg;
    }
    return o;
}

static void fill_general(double *const table[UMI_FACTORS], int plane, ptrdiff_t n, const operators *o)
{
    table[UMI_FACTOR_G][n] = o->g[plane];
    table[UMI_FACTOR_P][n] = o->up[plane];
    table[UMI_FACTOR_E][n] = o->e[plane];
    table[UMI_FACTOR_D][n] = o->dn[plane];
    table[UMI_FACTOR_ga][n] = o->gg * o->g[plane];
    table[UMI_FACTOR_gb][n] = o->ge * o->up[plane];
    table[UMI_FACTOR_pa][n] = o->ge * o->g[plane];
    table[UMI_FACTOR_pb][n] = o->ee * o->up[plane];
    table[UMI_FACTOR_ea][n] = o->ee * o->e[plane];
    table[UMI_FACTOR_eb][n] = o->ge * o->dn[plane];
    table[UMI_FACTOR_da][n] = o->ge * o->e[plane];
    table[UMI_FACTOR_db][n] = o->gg * o->dn[plane];
}

/* Factors divided by less than this could overflow. */
static const double COHERENCE_MIN = 1e-100;

double umi_stencil_coherence(const um_atoms *atoms)
{
    if (atoms->q == 0 || atoms->q == 1) return 1;
    return atoms->c > COHERENCE_MIN ? atoms->c : 0;
}

/* What leads away from level n, and leaves its population where it is: K_n and L_n have a and c, K_{n+1}
 * has b, L_{n-1} has d. */
typedef struct exits {
    double a, b, c, d, e, f;
} exits;

double umi_round_beside(long double x, bool above)
{
    double near = (double)x;
    if (near == x || (near > x) == above) return near;
    return nextafter(near, above ? INFINITY : -INFINITY);
}

/* a (a + e) = product */
static double find_rest(double a, long double product)
{
    return a == 0 ? 0 : (double)((product - (long double)a * a) / a);
}

/* Factors are rounded up or down such that what leaves a level adds up to 1, and what its coherence with
 * the one below adds to the trace cancels: a state that stays where it is loses what rounding loses
 * at every collision. With ge = c sqrt(gg ee) all products are those of pure atoms but gg c_n c_m. */
static exits round_exits(const umi_blocks *blocks, const um_atoms *atoms, int n, double below_b, double below_c)
{
    long double gg = atoms->q, ee = 1 - gg, ground = sqrtl(gg), excited = sqrtl(ee);
    long double coherence = umi_stencil_coherence(atoms);
    long double stay_g = ground * blocks->cosine[n], stay_e = excited * blocks->cosine[n + 1];
    long double up = excited * blocks->sine[n + 1], down = -ground * blocks->sine[n];
    exits side[2], best = {0};
    for (int above = 0; above < 2; above++) {
        exits *it = &side[above];
        *it = (exits){.a = umi_round_beside(coherence * stay_g, above), .b = umi_round_beside(up, above),
                      .c = umi_round_beside(coherence * stay_e, above), .d = umi_round_beside(down, above)};
        if (coherence == 1) continue;
        it->e = find_rest(it->a, stay_g * stay_g);
        it->f = find_rest(it->c, stay_e * stay_e);
    }
    double least = INFINITY;
    for (int choice = 0; choice < 16; choice++) {
        const exits *first = &side[choice & 1], *second = &side[choice >> 1 & 1];
        const exits it = {.a = first->a, .e = first->e, .c = second->c, .f = second->f,
                          .b = side[choice >> 2 & 1].b, .d = side[choice >> 3].d};
        double lost = (double)((long double)it.a * ((long double)it.a + it.e) + (long double)it.b * it.b +
                               (long double)it.c * ((long double)it.c + it.f) + (long double)it.d * it.d - 1);
        double gained = (double)((long double)it.a * below_b + (long double)below_c * it.d);
        double defect = fabs(lost) + 2 * fabs(gained);
        if (defect < least) {
            least = defect;
            best = it;
        }
    }
    return best;
}

void umi_resonant_fill(const um_atoms *atoms, const umi_blocks *blocks, int levels,
                       double *const table[UMI_RESONANT_FACTORS], ptrdiff_t step)
{
    double b = 0, c = 0;
    for (int n = 0; n < levels; n++) {
        exits it = round_exits(blocks, atoms, n, b, c);
        b = it.b;
        c = it.c;
        table[UMI_RESONANT_a][n * step] = it.a;
        table[UMI_RESONANT_c][n * step] = it.c;
        if (n > 0) table[UMI_RESONANT_d][(n - 1) * step] = it.d;
        if (n + 1 < levels) table[UMI_RESONANT_b][(n + 1) * step] = it.b;
        if (!table[UMI_RESONANT_e]) continue;
        table[UMI_RESONANT_e][n * step] = it.e;
        table[UMI_RESONANT_f][n * step] = it.f;
    }
}

void umi_general_fill(const um_atoms *atoms, const umi_blocks *blocks, int levels,
                      double *const table[UMI_FACTORS], ptrdiff_t step)
{
    bool coherent = umi_stencil_coherence(atoms) > 0;
    double *const resonant[UMI_RESONANT_FACTORS] = {
        table[UMI_FACTOR_G], table[UMI_FACTOR_P],  table[UMI_FACTOR_E],
        table[UMI_FACTOR_D], table[UMI_FACTOR_ga], table[UMI_FACTOR_ea]};
    if (coherent) umi_resonant_fill(atoms, blocks, levels, resonant, step);
    for (int n = 0; n < levels; n++) {
        ptrdiff_t at = n * step;
        if (!coherent) {
            operators o = operators_at(blocks, atoms, n, false);
            fill_general(table, 0, at, &o);
            continue;
        }
        table[UMI_FACTOR_ga][at] += table[UMI_FACTOR_G][at];
        table[UMI_FACTOR_ea][at] += table[UMI_FACTOR_E][at];
        table[UMI_FACTOR_gb][at] = table[UMI_FACTOR_pb][at] = table[UMI_FACTOR_P][at];
        table[UMI_FACTOR_eb][at] = table[UMI_FACTOR_db][at] = table[UMI_FACTOR_D][at];
        table[UMI_FACTOR_pa][at] = table[UMI_FACTOR_G][at];
        table[UMI_FACTOR_da][at] = table[UMI_FACTOR_E][at];
    }
}

/* The adjoint's K is L', its L is K'. */
static void fill_adjoint(int levels, double *const map[], double *const adjoint[])
{
    for (int n = 0; n < levels; n++) {
        adjoint[UMI_RESONANT_a][n] = map[UMI_RESONANT_c][n];
        adjoint[UMI_RESONANT_c][n] = map[UMI_RESONANT_a][n];
        adjoint[UMI_RESONANT_e][n] = map[UMI_RESONANT_f][n];
        adjoint[UMI_RESONANT_f][n] = map[UMI_RESONANT_e][n];
        adjoint[UMI_RESONANT_b][n] = map[UMI_RESONANT_d][n - 1];
        adjoint[UMI_RESONANT_d][n] = map[UMI_RESONANT_b][n + 1];
    }
}

/* Tables one after another, each `size` long; `next` points into the last one. */
static void place(const double **of, double **table, int count, size_t size, double **next)
{
    for (int i = 0; i < count; i++) of[i] = table[i] = *next += size;
}

static void fill_general_sides(const umi_collision *it, const umi_blocks *blocks, int planes,
                               umi_stencil_factors *factors, size_t size, double **next)
{
    for (int adjoint = 0; adjoint < 2; adjoint++)
        for (int p = 0; p < planes; p++) {
            double *table[UMI_FACTORS];
            place(factors->general[adjoint][p].of, table, UMI_FACTORS, size, next);
            for (int n = 0; n < it->levels; n++) {
                operators o = operators_at(blocks, &it->atoms, n, adjoint);
                fill_general(table, p, n, &o);
            }
        }
}

um_status umi_stencil_factors_create(um_context *ctx, const umi_collision *it, const umi_blocks *blocks,
                                     umi_stencil_form form, umi_stencil_factors *factors)
{
    size_t size = umi_table_size(it->levels);
    static const int counts[] = {[UMI_STENCIL_REAL] = UMI_FACTORS, [UMI_STENCIL_COMPLEX] = 2 * UMI_FACTORS,
                                 [UMI_STENCIL_RESONANT] = UMI_RESONANT_FACTORS,
                                 [UMI_STENCIL_DETUNED] = UMI_DETUNED_FACTORS};
    int tables = counts[form];
    factors->memory = UMI_NEW_ARRAY(ctx, double, (size_t)(2 * tables + 1) * size);
    if (!factors->memory) return UM_ERROR_MEMORY;
    double *next = factors->memory + UMI_TABLE_PAD;
    factors->zero = next;
    if (form == UMI_STENCIL_RESONANT) {
        double *side[2][UMI_RESONANT_FACTORS];
        for (int i = 0; i < 2; i++)
            place(factors->resonant[i].of, side[i], UMI_RESONANT_FACTORS, size, &next);
        umi_resonant_fill(&it->atoms, blocks, it->levels, side[0], 1);
        fill_adjoint(it->levels, side[0], side[1]);
    } else if (form == UMI_STENCIL_DETUNED) {
        double *side[2][UMI_DETUNED_FACTORS];
        for (int i = 0; i < 2; i++)
            place(factors->detuned[i].of, side[i], UMI_DETUNED_FACTORS, size, &next);
        umi_detuned_fill(it, blocks, side[0]);
        umi_detuned_fill_adjoint(it->levels, side[0], side[1]);
    } else {
        fill_general_sides(it, blocks, form == UMI_STENCIL_COMPLEX ? 2 : 1, factors, size, &next);
    }
    return UM_OK;
}
