/* The map of a unitary behind the common interface: atoms into Kraus operators, lab time, the
 * outgoing atom, the error of a truncated space. */
#include "map/unitary.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "map/kraus.h"

/* Elements of Kraus operators below this are rounding noise of the eigensystem: left out. */
static const double BAND_TOLERANCE = 3e-17;

typedef struct kraus_map {
    um_map base;
    umi_unitary unitary;
    um_atoms atoms;
    double frequency, g, lambda, time;
    double *lowering; /* d_n, or NULL: the coupling energy is not reported */
    double *row_norms; /* scratch */
    umi_kraus still;   /* at time 0 */
    umi_kraus turned;  /* lab: at the current time, if has_turned; see prepare_forward */
    umi_kraus adjoint;
    double _Complex *turn; /* lab: e^(i omega t k), k = -2 .. levels - 1, at turn[k + 2] */
    bool has_turned, has_adjoint;
} kraus_map;

um_status umi_unitary_alloc_blocks(um_context *ctx, int levels, double _Complex *block[2][2])
{
    size_t size = (size_t)levels * (size_t)levels;
    double _Complex *all = UMI_NEW_ARRAY(ctx, double _Complex, 4 * size);
    if (!all) return UM_ERROR_MEMORY;
    for (int f = 0; f < 2; f++)
        for (int i = 0; i < 2; i++) block[f][i] = all + (size_t)(2 * f + i) * size;
    return UM_OK;
}

um_status umi_unitary_alloc(um_context *ctx, int levels, umi_unitary *unitary)
{
    unitary->levels = levels;
    return umi_unitary_alloc_blocks(ctx, levels, unitary->block);
}

void umi_unitary_free(um_context *ctx, umi_unitary *unitary)
{
    umi_free(ctx, unitary->block[0][0]);
    umi_free(ctx, unitary->escape[0]);
    umi_free(ctx, unitary->work[0][0]);
    unitary->block[0][0] = unitary->work[0][0] = NULL;
    unitary->escape[0] = NULL;
}

/* Roots of gg + ee = 1 as doubles whose squares add up to 1 better than rounding each alone gives:
 * what is missing would be missing from the trace of every collision. */
static void normalised_roots(double gg, double ee, double *ground, double *excited)
{
    *ground = sqrt(gg);
    *excited = sqrt(ee);
    double *large = gg > ee ? ground : excited, *small = gg > ee ? excited : ground;
    if (*small > 0.25) *small = sqrt((1 - *large) * (1 + *large));
}

/* rho_q = sum_p w_p |chi_p><chi_p|; returns how many terms; vector[p][i] = sqrt(w_p) chi_p[i]. */
static int decompose(const um_atoms *atoms, double _Complex vector[2][2])
{
    double gg = atoms->q, ee = 1 - gg, ge = umi_atoms_ge(atoms);
    double _Complex turn = cexp(-I * atoms->phase); /* <e|rho_q|g> = ge e^(-i phase) */
    if (ge == 0) {
        int count = 0;
        if (gg > 0) vector[count][0] = sqrt(gg), vector[count++][1] = 0;
        if (ee > 0) vector[count][0] = 0, vector[count++][1] = sqrt(ee);
        return count;
    }
    if (atoms->c == 1) {
        double ground, excited;
        normalised_roots(gg, ee, &ground, &excited);
        vector[0][0] = ground;
        vector[0][1] = excited * turn;
        return 1;
    }
    /* rho_q = |a><a| + remainder on |e>: a Cholesky factor, not an eigenvector, is enough. */
    vector[0][0] = sqrt(gg);
    vector[0][1] = ge / sqrt(gg) * turn;
    vector[1][0] = 0;
    vector[1][1] = sqrt(fmax(ee - ge * ge / gg, 0));
    return 2;
}

/* B_{p,f}[n',n] = sum_i vector[p][i] U_fi[n',n] */
static void fill_operator(kraus_map *map, const double _Complex vector[2], int f, int a)
{
    umi_kraus *kraus = &map->still;
    size_t levels = (size_t)map->base.info.levels;
    for (size_t n = 0; n < levels; n++)
        for (size_t m = 0; m < levels; m++) {
            size_t at = m + n * levels;
            double _Complex b = vector[0] * map->unitary.block[f][0][at] + vector[1] * map->unitary.block[f][1][at];
            kraus->re[a][m + n * kraus->stride] = creal(b);
            kraus->im[a][m + n * kraus->stride] = cimag(b);
        }
}

static um_status prepare_still(kraus_map *map)
{
    double _Complex vector[2][2];
    int terms = decompose(&map->atoms, vector);
    UMI_TRY(umi_kraus_alloc(map->base.ctx, map->base.info.levels, 2 * terms, &map->still));
    for (int p = 0; p < terms; p++)
        for (int f = 0; f < 2; f++) fill_operator(map, vector[p], f, 2 * p + f);
    umi_kraus_complete(&map->still);
    return umi_kraus_pack(&map->still, BAND_TOLERANCE);
}

/* Later the frame has turned: U(t) = R U(0) R' with R = e^(i omega (n + s) t). What R does to the battery is done to the
 * orders of the state; what it does to the atom is its phase, behind which the elements are that end
 * with another parity than they began with, n' - n + f odd. */
static um_status turn_forward(kraus_map *map)
{
    int levels = map->base.info.levels;
    double angle = map->frequency * map->time;
    if (!map->turn) map->turn = UMI_NEW_ARRAY(map->base.ctx, double _Complex, (size_t)levels + 2);
    if (!map->turn) return UM_ERROR_MEMORY;
    for (int k = -2; k < levels; k++) map->turn[k + 2] = cexp(I * fmod(angle * k, 2 * M_PI));
    UMI_TRY(umi_kraus_turn(&map->still, map->turn[1], &map->turned));
    map->turned.turn = map->turn + 2;
    map->has_turned = true;
    return UM_OK;
}

/* The operators for the current time. */
static um_status prepare_forward(kraus_map *map, umi_kraus **forward)
{
    bool turns = map->unitary.lab && map->time != 0;
    *forward = turns ? &map->turned : &map->still;
    return turns && !map->has_turned ? turn_forward(map) : UM_OK;
}

static um_status prepare_adjoint(kraus_map *map)
{
    if (map->has_adjoint) return UM_OK;
    umi_kraus *forward, *adjoint = &map->adjoint;
    UMI_TRY(prepare_forward(map, &forward));
    if (!adjoint->ctx) UMI_TRY(umi_kraus_alloc(map->base.ctx, forward->levels, forward->count, adjoint));
    size_t levels = (size_t)forward->levels;
    for (int a = 0; a < forward->count; a++)
        for (size_t n = 0; n < levels; n++)
            for (size_t m = 0; m < levels; m++) {
                adjoint->re[a][m + n * adjoint->stride] = forward->re[a][n + m * forward->stride];
                adjoint->im[a][m + n * adjoint->stride] = -forward->im[a][n + m * forward->stride];
            }
    UMI_TRY(umi_kraus_pack(adjoint, DBL_MIN));
    adjoint->turn = forward->turn;
    map->has_adjoint = true;
    return UM_OK;
}

/* |<n| rho|^2 of every row of the window, order by order as they lie. */
static void fill_row_norms(const um_state *state, double *squares)
{
    for (int n = state->first; n < state->last; n++) squares[n] = 0;
    for (int p = 0; p < state->planes; p++)
        for (int k = 0; k < state->orders; k++) {
            const double *row = umi_state_row(state, p, k);
            for (int n = state->first; n < state->last - k; n++) squares[n] += row[n] * row[n];
            for (int n = state->first; k > 0 && n < state->last - k; n++)
                squares[n + k] += row[n] * row[n];
        }
}

/* What leaves the space: 2 sum_{n,i} |(1-P) U|n,i>| |<n,i| rho x rho_q|, in trace norm. */
static double truncation_error(kraus_map *map, const um_state *in)
{
    double bound = 2 * map->unitary.defect;
    if (!map->unitary.escape[0]) return bound;
    double ge = umi_atoms_ge(&map->atoms);
    double weight[2] = {hypot(map->atoms.q, ge), hypot(1 - map->atoms.q, ge)};
    fill_row_norms(in, map->row_norms);
    for (int n = in->first; n < in->last; n++) {
        double leaving = map->unitary.escape[0][n] * weight[0] + map->unitary.escape[1][n] * weight[1];
        bound += 2 * leaving * sqrt(map->row_norms[n]);
    }
    return bound;
}

/* Tr[V rho] = 2 (g/omega) Re(step + lambda e^(2 i omega t) double_step), see the frame of
 * docs/physics.md: step = Tr[a s+ rho], double_step = Tr[a' s+ rho]. */
static double coupling(const kraus_map *map, double time, double _Complex step,
                       double _Complex double_step)
{
    double angle = map->unitary.interaction_picture ? 2 * map->frequency * time : 0;
    return 2 * map->g / map->frequency * creal(step + map->lambda * cexp(I * angle) * double_step);
}

static double coupling_before(const kraus_map *map, const um_state *in)
{
    double _Complex lowered = 0; /* Tr[a rho] = sum d_{n+1} rho_{n+1,n} */
    for (int n = in->first; n + 1 < in->last && in->orders > 1; n++) {
        double re, im;
        umi_state_get_element(in, n, 1, &re, &im);
        lowered += map->lowering[n + 1] * (re - I * im);
    }
    double _Complex coherence = umi_atoms_ge(&map->atoms) * cexp(I * map->atoms.phase);
    return coupling(map, map->unitary.lab ? map->time : 0, lowered * coherence,
                    conj(lowered) * coherence);
}

/* Tr[work (rho x rho_q)], work turned like U where the lab frame has gone on. */
static double pulse_work(const kraus_map *map, const um_state *in)
{
    double ge = umi_atoms_ge(&map->atoms), angle = map->unitary.lab ? map->frequency * map->time : 0;
    double _Complex turn = cexp(-I * map->atoms.phase); /* <e|rho_q|g> = ge e^(-i phase) */
    double _Complex atom[2][2] = {{map->atoms.q, ge * conj(turn)}, {ge * turn, 1 - map->atoms.q}};
    for (int f = 0; f < 2; f++)
        for (int i = 0; i < 2; i++) atom[i][f] *= cexp(I * angle * (f - i));
    size_t levels = (size_t)map->base.info.levels;
    double sum = 0;
    for (int k = 0; k < in->orders; k++) {
        double _Complex order = cexp(I * fmod(angle * k, 2 * M_PI));
        for (int n = in->first; n + k < in->last; n++) {
            double re, im;
            umi_state_get_element(in, n, k, &re, &im);
            double _Complex part = 0; /* <n + k| Tr_q[work rho_q] |n> */
            for (int f = 0; f < 2; f++)
                for (int i = 0; i < 2; i++)
                    part += atom[i][f] * map->unitary.work[f][i][(size_t)(n + k) + (size_t)n * levels];
            sum += (k ? 2 : 1) * creal(order * part * (re + I * im));
        }
    }
    return sum;
}

static um_status apply(um_map *base, const um_state *in, um_state *out, um_outcome *outcome,
                       bool brief)
{
    (void)brief; /* it comes with the coupling energy */
    kraus_map *map = (kraus_map *)base;
    umi_kraus *forward;
    UMI_TRY(prepare_forward(map, &forward));
    bool pulsed = map->unitary.work[0][0] != NULL;
    umi_traces traces = {.lowering = map->g != 0 && !pulsed ? map->lowering : NULL};
    UMI_TRY(umi_kraus_apply(forward, in, out, outcome ? &traces : NULL));
    if (!outcome) return UM_OK;
    for (int i = 0; i < 2 && forward->turn; i++) traces.cross[i] *= forward->turn[i - 2]; /* offsets: i - 1 */
    outcome->excited = traces.excited;
    outcome->change = traces.excited - (1 - map->atoms.q) * um_state_get_trace(in);
    outcome->coherence_re = creal(traces.cross[1]);
    outcome->coherence_im = cimag(traces.cross[1]);
    outcome->coupling_start = pulsed ? pulse_work(map, in) : 0;
    outcome->coupling_end = 0;
    if (traces.lowering) {
        double end = map->unitary.tau + (map->unitary.lab ? map->time : 0);
        outcome->coupling_start = coupling_before(map, in);
        outcome->coupling_end = coupling(map, end, traces.cross[2], traces.cross[0]);
    }
    outcome->error_bound = truncation_error(map, in);
    return UM_OK;
}

static um_status apply_adjoint(um_map *base, const um_state *in, um_state *out)
{
    kraus_map *map = (kraus_map *)base;
    UMI_TRY(prepare_adjoint(map));
    return umi_kraus_apply(&map->adjoint, in, out, NULL);
}

static um_status set_collision(um_map *base, int64_t collision, double time)
{
    (void)collision;
    kraus_map *map = (kraus_map *)base;
    if (!map->unitary.lab || time == map->time) return UM_OK;
    map->time = time;
    map->has_turned = map->has_adjoint = false;
    return UM_OK;
}

static void destroy(um_map *base)
{
    kraus_map *map = (kraus_map *)base;
    umi_unitary_free(base->ctx, &map->unitary);
    umi_kraus_free(&map->still);
    umi_kraus_free(&map->turned);
    umi_kraus_free(&map->adjoint);
    umi_free(base->ctx, map->turn);
    umi_free(base->ctx, map->lowering);
    umi_free(base->ctx, map->row_norms);
    umi_free(base->ctx, map);
}

static const umi_map_class kraus_class = {
    .apply = apply, .apply_adjoint = apply_adjoint, .set_collision = set_collision, .destroy = destroy};

/* How far up one collision carries anything at all. */
static int find_reach(const umi_kraus *kraus)
{
    int reach = 0;
    for (int n = 0; n < kraus->levels; n++)
        if (kraus->high[n] > 0) reach = umi_max(reach, n - kraus->low[n]);
    return reach;
}

um_status umi_map_create_kraus(um_context *ctx, umi_unitary *unitary, const um_atoms *atoms,
                               double frequency, const double *lowering, double g, double lambda,
                               um_map **map)
{
    kraus_map *made = UMI_NEW(ctx, kraus_map);
    if (!made) {
        umi_unitary_free(ctx, unitary);
        return UM_ERROR_MEMORY;
    }
    made->unitary = *unitary;
    made->atoms = *atoms;
    made->frequency = frequency;
    made->g = g;
    made->lambda = lambda;
    made->base = (um_map){
        .ctx = ctx,
        .class = &kraus_class,
        .info = {.method = "unitary",
                 .levels = unitary->levels,
                 .stationary = !unitary->lab,
                 .unitarity = unitary->defect},
    };
    made->row_norms = UMI_NEW_ARRAY(ctx, double, (size_t)unitary->levels);
    um_status status = made->row_norms ? UM_OK : UM_ERROR_MEMORY;
    if (lowering && status == UM_OK) {
        size_t size = (size_t)unitary->levels;
        made->lowering = UMI_NEW_ARRAY(ctx, double, size);
        if (made->lowering)
            memcpy(made->lowering, lowering, size * sizeof(double));
        else
            status = UM_ERROR_MEMORY;
    }
    if (status == UM_OK) status = prepare_still(made);
    if (status != UM_OK) {
        destroy(&made->base);
        return status;
    }
    made->base.info.reach = find_reach(&made->still);
    made->base.info.kernel = made->still.kernels->name;
    *map = &made->base;
    return UM_OK;
}

/* Largest element of |U'U - 1|. */
static double unitarity_defect(const umi_unitary *u)
{
    size_t levels = (size_t)u->levels;
    double worst = 0;
    for (size_t j = 0; j < 2 * levels; j++)
        for (size_t l = 0; l <= j; l++) {
            double _Complex sum = j == l ? -1 : 0;
            for (int f = 0; f < 2; f++) {
                const double _Complex *a = u->block[f][l % 2] + l / 2 * levels;
                const double _Complex *b = u->block[f][j % 2] + j / 2 * levels;
                for (size_t n = 0; n < levels; n++) sum += conj(a[n]) * b[n];
            }
            worst = isnan(cabs(sum)) ? INFINITY : fmax(worst, cabs(sum));
        }
    return worst;
}

um_status um_map_create_unitary(um_context *ctx, int levels, const double *real,
                                const double *imag, const um_atoms *atoms, double frequency,
                                const double *lowering, double g, double counter_rotating,
                                um_map **map)
{
    *map = NULL;
    if (levels < 1 || levels > UM_LEVELS_MAX || !(atoms->q >= 0 && atoms->q <= 1) ||
        !(atoms->c >= 0 && atoms->c <= 1) || !isfinite(atoms->phase) || !(frequency > 0))
        return umi_fail(ctx, UM_ERROR_ARG, "unitary map: %d levels, q = %g, c = %g, frequency %g",
                        levels, atoms->q, atoms->c, frequency);
    umi_unitary unitary = {0};
    UMI_TRY(umi_unitary_alloc(ctx, levels, &unitary));
    size_t size = (size_t)levels;
    for (size_t row = 0; row < 2 * size; row++)
        for (size_t column = 0; column < 2 * size; column++)
            unitary.block[row % 2][column % 2][row / 2 + column / 2 * size] =
                real[row * 2 * size + column] + (imag ? I * imag[row * 2 * size + column] : 0);
    double defect = unitarity_defect(&unitary);
    if (!(defect <= 1e-10)) {
        umi_unitary_free(ctx, &unitary);
        return umi_fail(ctx, UM_ERROR_ARG, "the matrix is not unitary: |U'U - 1| = %.3g", defect);
    }
    unitary.defect = defect > 1e-13 ? defect : 0; /* less is rounding */
    return umi_map_create_kraus(ctx, &unitary, atoms, frequency, lowering, g, counter_rotating, map);
}
