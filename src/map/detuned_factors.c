/* The factors of the detuned kernels: two Kraus operators with complex elements. */
#include <math.h>

#include "map/stencil.h"

/* What leads away from level n, as in stencil_factors.c: K_n has a, L_n has c, K_{n+1} has b, L_{n-1} has d. */
enum { A_RE, A_IM, B_RE, B_IM, C_RE, C_IM, D_RE, D_IM, PARTS };

typedef struct exits {
    double of[PARTS], e, f;
    long double stay_g, stay_e; /* what is to remain of the population, from below and from above */
} exits;

/* The common phase of all steps between equally spaced levels, undone: it is one of both operators as a whole. */
static void turn_back(long double part[2], const long double phase[2])
{
    long double re = part[0] * phase[0] - part[1] * phase[1];
    part[1] = part[0] * phase[1] + part[1] * phase[0];
    part[0] = re;
}

static void put(long double part[2], double *const table[2], int n, long double scale, const long double phase[2])
{
    part[0] = scale * table[0][n];
    part[1] = scale * table[1][n];
    turn_back(part, phase);
}

static long double square(const double part[2]) { return (long double)part[0] * part[0] + (long double)part[1] * part[1]; }

/* e: |a|^2 (1 + e) = stay */
static double find_rest(const double a[2], long double stay)
{
    long double held = square(a);
    return held == 0 ? 0 : (double)((stay - held) / held);
}

/* What is lost of a population at this level, and what its coherence with the one below adds to the trace. */
static double find_defect(const exits *it, const exits *below)
{
    const double *a = it->of + A_RE, *d = it->of + D_RE, *b = below->of + B_RE, *c = below->of + C_RE;
    long double lost = square(a) * (1 + (long double)it->e) + square(it->of + B_RE) +
                       square(it->of + C_RE) * (1 + (long double)it->f) + square(d) - 1;
    /* conj(a) b + c conj(d) */
    long double re = (long double)a[0] * b[0] + (long double)a[1] * b[1] + (long double)c[0] * d[0] + (long double)c[1] * d[1];
    long double im = (long double)a[0] * b[1] - (long double)a[1] * b[0] + (long double)c[1] * d[0] - (long double)c[0] * d[1];
    return (double)(fabsl(lost) + 2 * (fabsl(re) + fabsl(im)));
}

static void set(exits *it, int part, double value, bool mixed)
{
    it->of[part] = value;
    if (!mixed) return;
    it->e = find_rest(it->of + A_RE, it->stay_g);
    it->f = find_rest(it->of + C_RE, it->stay_e);
}

/* Rounded up or down, one part after another, such that least is lost; see round_exits in stencil_factors.c. */
static void round_parts(exits *it, const long double exact[PARTS], const exits *below, bool mixed, int rounds)
{
    for (int i = 0; i < PARTS; i++) set(it, i, (double)exact[i], mixed);
    double least = find_defect(it, below);
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < PARTS; i++) {
            const double before = it->of[i];
            if (before == exact[i]) continue;
            set(it, i, umi_round_beside(exact[i], before < exact[i]), mixed);
            double defect = find_defect(it, below);
            if (defect < least)
                least = defect;
            else
                set(it, i, before, mixed);
        }
}

static exits find_exits(const umi_collision *it, const umi_blocks *blocks, int n, const exits *below)
{
    long double gg = it->atoms.q, ee = 1 - gg, ground = sqrtl(gg), excited = sqrtl(ee);
    long double coherence = umi_stencil_coherence(&it->atoms);
    long double angle = it->even ? (long double)it->atoms.detuning * it->interaction.tau / 2 : 0;
    const long double phase[2] = {cosl(angle), sinl(angle)};
    long double exact[PARTS];
    put(exact + A_RE, blocks->g, n, coherence * ground, phase);
    put(exact + B_RE, blocks->up, n + 1, excited, phase);
    put(exact + C_RE, blocks->e, n, coherence * excited, phase);
    put(exact + D_RE, blocks->dn, n - 1, ground, phase);
    if (it->even) exact[B_IM] = exact[D_IM] = 0;
    const double g[2] = {blocks->g[0][n], blocks->g[1][n]}, e[2] = {blocks->e[0][n], blocks->e[1][n]};
    exits made = {.stay_g = gg * square(g), .stay_e = ee * square(e)};
    round_parts(&made, exact, below, coherence < 1, it->quick ? 0 : 2);
    return made;
}

static void put_pair(double *const table[], int re, int n, const double part[2])
{
    table[re][n] = part[0];
    table[re + 1][n] = part[1];
}

void umi_detuned_fill(const umi_collision *collision, const umi_blocks *blocks, double *const table[UMI_DETUNED_FACTORS])
{
    exits below = {.e = 0};
    for (int n = 0; n < collision->levels; n++) {
        const exits it = find_exits(collision, blocks, n, &below);
        put_pair(table, UMI_DETUNED_a_re, n, it.of + A_RE);
        put_pair(table, UMI_DETUNED_c_re, n, it.of + C_RE);
        if (n > 0) put_pair(table, UMI_DETUNED_d_re, n - 1, it.of + D_RE);
        if (n + 1 < collision->levels) put_pair(table, UMI_DETUNED_b_re, n + 1, it.of + B_RE);
        table[UMI_DETUNED_e][n] = it.e;
        table[UMI_DETUNED_f][n] = it.f;
        below = it;
    }
}

static void conjugate(double *const to[], int re, int n, double *const from[], int from_re, int from_n)
{
    to[re][n] = from[from_re][from_n];
    to[re + 1][n] = -from[from_re + 1][from_n];
}

/* The adjoint's K is L', its L is K'. */
void umi_detuned_fill_adjoint(int levels, double *const map[UMI_DETUNED_FACTORS], double *const adjoint[UMI_DETUNED_FACTORS])
{
    for (int n = 0; n < levels; n++) {
        conjugate(adjoint, UMI_DETUNED_a_re, n, map, UMI_DETUNED_c_re, n);
        conjugate(adjoint, UMI_DETUNED_c_re, n, map, UMI_DETUNED_a_re, n);
        conjugate(adjoint, UMI_DETUNED_b_re, n, map, UMI_DETUNED_d_re, n - 1);
        conjugate(adjoint, UMI_DETUNED_d_re, n, map, UMI_DETUNED_b_re, n + 1);
        adjoint[UMI_DETUNED_e][n] = map[UMI_DETUNED_f][n];
        adjoint[UMI_DETUNED_f][n] = map[UMI_DETUNED_e][n];
    }
}
