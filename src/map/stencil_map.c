/* The stencil map behind the common interface: windows, planes, kernels. */
#include <math.h>

#include "map/rows.h"
#include "map/stencil.h"

/* Doubles: of states that are larger much comes from the last cache or from memory. */
static const double FETCH_LEAST = 3e5;

typedef struct stencil_map {
    um_map base;
    umi_collision it;
    const umi_kernels *kernels;
    umi_readout readout;
    umi_resonant_kernel *resonant; /* both NULL: any factors */
    umi_detuned_kernel *detuned;
    umi_stencil_factors factors;
    long double *cosine, *sine; /* on resonance: c_n, s_n unrounded, n = 0..levels; else NULL */
    double edge; /* of the truncated top, times the norm of rho_q|e> */
    bool complex_factors, mixes_orders;
    bool downwards; /* the next collision */
} stencil_map;

/* Populations after the collision in extended precision, from unrounded coefficients. */
static bool find_populations(um_map *base, const um_state *before, int first, int last, long double *p)
{
    const stencil_map *map = (const stencil_map *)base;
    if (!map->cosine) return false;
    long double gg = map->it.atoms.q, ee = 1 - gg, ge = map->it.atoms.c * sqrtl(gg * ee);
    const double *d = umi_state_row(before, 0, 0);
    const double *r = before->orders > 1 ? umi_state_row(before, 0, 1) : map->factors.zero;
    for (int n = first; n < last; n++) {
        long double c = map->cosine[n], s = map->sine[n];
        long double c_next = map->cosine[n + 1], s_next = map->sine[n + 1];
        long double exact = (gg * c * c + ee * c_next * c_next) * d[n] + 2 * ge * s * c * r[n - 1] -
                            2 * ge * s_next * c_next * r[n];
        if (s != 0) exact += ee * s * s * d[n - 1];
        if (s_next != 0) exact += gg * s_next * s_next * d[n + 1];
        p[n] = exact;
    }
    return true;
}

/* What double lost at each level, it loses about as much at every collision of a plateau. */
static void refine(um_map *base, const um_state *before, um_state *after, int count)
{
    double *image = umi_state_row(after, 0, 0);
    int first = umi_max(before->first, after->first), last = umi_min(before->last, after->last);
    for (int n = first; n < last; n++) {
        long double p[1];
        if (!find_populations(base, before, n, n + 1, p - n)) return;
        image[n] += (double)(count * (*p - image[n]));
    }
}

/* |(U - U_N) rho U'| + |U_N rho (U - U_N)'| <= 2 edge |<N-1,e| rho x rho_q|, in trace norm. */
static double truncation_error(const stencil_map *map, const um_state *in)
{
    if (map->edge == 0 || in->last < in->levels) return 0;
    double sum = 0;
    for (int p = 0; p < in->planes; p++)
        for (int k = 0; k < in->orders; k++) {
            double x = umi_state_row(in, p, k)[in->levels - 1 - k];
            sum += x * x;
        }
    return 2 * map->edge * sqrt(sum);
}

/* A collision that threads share. */
typedef struct shared {
    const stencil_map *map;
    bool adjoint;
    int planes, parts;
    umi_rows in[2], out[2];
} shared;

/* A diagonal state without atomic coherence stays diagonal: |factor|^2 alone counts. */
static void fill_diagonal(const shared *it)
{
    const umi_factors *re = it->map->factors.general[it->adjoint], *im = re + 1;
    const double *r = it->in->base;
    double *image = it->out->base;
    for (int n = it->out->first; n < it->out->last; n++) {
        double here = 0, left = 0, right = 0;
        for (int p = 0; p < 2; p++) {
            const double *const *f = (p ? im : re)->of;
            here += f[UMI_FACTOR_G][n] * f[UMI_FACTOR_ga][n] + f[UMI_FACTOR_E][n] * f[UMI_FACTOR_ea][n];
            left += f[UMI_FACTOR_P][n] * f[UMI_FACTOR_pb][n];
            right += f[UMI_FACTOR_D][n] * f[UMI_FACTOR_db][n];
        }
        image[n] = here * r[n] + left * r[n - 1] + right * r[n + 1];
    }
}

static void fill_planes(const shared *it, const umi_rows out[2])
{
    const stencil_map *map = it->map;
    const umi_stencil_factors *factors = &map->factors;
    if (map->detuned) {
        map->detuned(&factors->detuned[it->adjoint], it->in, factors->zero, out);
        return;
    }
    if (map->complex_factors) {
        map->kernels->stencil_complex(factors->general[it->adjoint], it->in, factors->zero, out);
        return;
    }
    for (int p = 0; p < it->planes; p++) {
        double sign = p ? -1 : 1;
        if (map->resonant)
            map->resonant(&factors->resonant[it->adjoint], &it->in[p], factors->zero, sign, &out[p]);
        else
            map->kernels->stencil_real(factors->general[it->adjoint], &it->in[p], factors->zero, sign, &out[p]);
    }
}

static void fill_rows(const shared *it, const umi_rows out[2])
{
    if (out->from >= out->orders) return;
    if (it->map->complex_factors && it->planes == 1)
        fill_diagonal(it);
    else
        fill_planes(it, out);
    for (int n = out->first; n < out->last && it->planes == 2 && out->from == 0; n++) out[1].base[n] = 0;
    for (int p = 0; p < it->planes; p++) umi_rows_seal(&out[p]);
}

static void fill_part(void *data, int part)
{
    const shared *it = data;
    const umi_rows out[2] = {umi_rows_get_part(&it->out[0], part, it->parts),
                             umi_rows_get_part(&it->out[1], part, it->parts)};
    fill_rows(it, out);
}

/* Multiply-adds per element. */
static double cost_of(const stencil_map *map)
{
    /* Of two planes together. */
    if (map->detuned) return map->it.even ? 13 : 17;
    if (map->complex_factors) return 24;
    if (!map->resonant) return 12;
    return map->resonant == map->kernels->resonant->pure ? 8 : 10;
}

static um_window find_image(const stencil_map *map, const um_state *in)
{
    bool diagonal = in->orders <= 1 && !map->mixes_orders;
    int first = umi_max(in->first - 1, 0), last = umi_min(in->last + 1, in->levels);
    if (in->last == in->first) first = last = 0;
    return (um_window){.levels = in->levels, .first = first, .last = last,
                       .orders = umi_min(in->orders + (map->mixes_orders ? 1 : 0), last - first),
                       .planes = map->complex_factors && !diagonal ? 2 : in->planes};
}

static um_status step(stencil_map *map, bool adjoint, const um_state *in, um_state *out)
{
    const um_window image = find_image(map, in);
    UMI_TRY(umi_state_resize(out, image.levels, image.first, image.last, image.orders, image.planes));
    shared it = {.map = map, .adjoint = adjoint, .planes = image.planes,
                 .in = {umi_rows_of(in, 0), umi_rows_of(in, 1)}, .out = {umi_rows_of(out, 0), umi_rows_of(out, 1)}};
    umi_fetch fetch = umi_state_count(out) < FETCH_LEAST ? UMI_FETCH_NOTHING : UMI_FETCH_BOTH;
    for (int p = 0; p < 2; p++) {
        it.out[p].downwards = map->downwards;
        it.out[p].fetch = fetch;
    }
    map->downwards = !map->downwards;
    it.parts = umi_rows_count_parts(map->base.ctx, it.out, cost_of(map) * image.planes);
    if (it.parts > 1) umi_team_run(map->base.ctx, fill_part, &it, it.parts);
    else fill_rows(&it, it.out); /* of small states a copy of the rows is a part of the collision's time */
    return UM_OK;
}

static void foresee(um_map *base, const um_state *in, um_outcome *outcome, bool brief)
{
    const stencil_map *map = (const stencil_map *)base;
    umi_readout_apply(&map->readout, map->kernels, in, outcome);
    if (!brief) umi_readout_coherence(&map->readout, map->kernels, map->it.atoms.phase, in, outcome);
    outcome->error_bound = truncation_error(map, in);
}

static um_status apply(um_map *base, const um_state *in, um_state *out, um_outcome *outcome,
                       bool brief)
{
    UMI_TRY(step((stencil_map *)base, false, in, out));
    if (outcome) foresee(base, in, outcome, brief);
    return UM_OK;
}

/* Of states that fit into the caches twice each is there when it is read; threads share orders, whose ends are not in
 * the image's place. */
static bool can_replace(const um_map *base, const um_state *state)
{
    const um_context *ctx = base->ctx;
    const stencil_map *map = (const stencil_map *)base;
    bool kernel_can = map->resonant || (map->detuned && state->planes == 2); /* the image has two */
    return kernel_can && ctx->options.threads <= 1 && umi_state_count(state) >= ctx->place_least;
}

/* Three blocks walk together, of which the first is ahead and would write over what the third reads at one level more. */
_Static_assert(UMI_STATE_SLACK >= 4 * UMI_KERNEL_LANES_MAX, "an image must lie behind what is still to be read");

/* An image lower in memory is filled upwards, behind what is read, a higher one downwards. */
static um_status replace(um_map *base, um_state *state)
{
    const um_window image = find_image((const stencil_map *)base, state);
    UMI_TRY(umi_state_open(state, image.last, image.orders));
    shared it = {.map = (const stencil_map *)base, .planes = image.planes, .parts = 1,
                 .in = {umi_rows_of(state, 0), umi_rows_of(state, 1)}};
    for (int p = 0; p < 2; p++) it.in[p].orders = image.orders + 1; /* with zeros in the last */
    bool rise = state->lead == UMI_STATE_PAD;
    state->lead += rise ? UMI_STATE_SLACK : -UMI_STATE_SLACK;
    UMI_TRY(umi_state_resize(state, image.levels, image.first, image.last, image.orders, image.planes));
    for (int p = 0; p < 2; p++) {
        it.out[p] = umi_rows_of(state, p);
        it.out[p].downwards = rise;
        it.out[p].fetch = umi_state_count(state) < FETCH_LEAST ? UMI_FETCH_NOTHING : UMI_FETCH_STATE;
    }
    fill_rows(&it, it.out);
    return UM_OK;
}

static um_status apply_adjoint(um_map *base, const um_state *in, um_state *out)
{
    stencil_map *map = (stencil_map *)base;
    return step(map, true, in, out);
}

static void destroy(um_map *base)
{
    stencil_map *map = (stencil_map *)base;
    umi_free(base->ctx, map->factors.memory);
    umi_free(base->ctx, map->cosine);
    umi_free(base->ctx, map->readout.memory);
    umi_free(base->ctx, map);
}

static const umi_map_class stencil_class = {
    .apply = apply, .apply_adjoint = apply_adjoint, .can_replace = can_replace,
    .foresee = foresee, .replace = replace, .find_populations = find_populations, .refine = refine, .destroy = destroy};

static umi_stencil_form form_of(const stencil_map *map)
{
    if (map->detuned) return UMI_STENCIL_DETUNED;
    if (map->complex_factors) return UMI_STENCIL_COMPLEX;
    return map->resonant ? UMI_STENCIL_RESONANT : UMI_STENCIL_REAL;
}

static um_status fill_map(stencil_map *map)
{
    um_context *ctx = map->base.ctx;
    umi_blocks blocks = {0};
    um_status status = umi_blocks_create(ctx, &map->it, map->complex_factors, &blocks);
    if (status == UM_OK) status = umi_readout_create(ctx, &map->it, &blocks, &map->readout);
    if (status == UM_OK) {
        double ee = 1 - map->it.atoms.q, ge = umi_atoms_ge(&map->it.atoms);
        map->edge = blocks.edge * hypot(ee, ge);
        umi_blocks_turn(&map->it, &blocks);
        status = umi_stencil_factors_create(ctx, &map->it, &blocks, form_of(map), &map->factors);
    }
    map->it.battery = NULL; /* the model's; not kept */
    map->cosine = blocks.cosine;
    map->sine = blocks.sine;
    umi_free(ctx, blocks.memory);
    return status;
}

/* It is multiplied by coherence orders: a large one would lose its digits there. */
double umi_stencil_phase(double phase)
{
    return fabs(phase) <= M_PI ? phase : atan2(sin(phase), cos(phase));
}

/* NULL: without coherence there are no two operators to make, and orders do not mix. */
static umi_resonant_kernel *choose_resonant(const umi_resonant_kernels *kernels, const um_atoms *atoms)
{
    double coherence = umi_stencil_coherence(atoms);
    if (coherence == 1) return kernels->pure;
    return coherence > 0 ? kernels->mixed : NULL;
}

static umi_detuned_kernel *choose_detuned(const umi_detuned_kernels *kernels, const umi_collision *it)
{
    double coherence = umi_stencil_coherence(&it->atoms);
    return umi_atoms_ge(&it->atoms) != 0 && coherence > 0 ? kernels->of[!it->even][coherence < 1] : NULL;
}

um_status umi_map_create_stencil(um_context *ctx, const umi_collision *collision, um_map **map)
{
    stencil_map *made = UMI_NEW(ctx, stencil_map);
    if (!made) return UM_ERROR_MEMORY;
    made->it = *collision;
    made->complex_factors = collision->atoms.detuning != 0 || !collision->even;
    made->mixes_orders = umi_atoms_ge(&collision->atoms) != 0;
    made->kernels = umi_kernels_choose();
    made->resonant = made->complex_factors ? NULL : choose_resonant(made->kernels->resonant, &collision->atoms);
    made->detuned = made->complex_factors ? choose_detuned(made->kernels->detuned, collision) : NULL;
    made->base = (um_map){
        .ctx = ctx,
        .class = &stencil_class,
        .info = {.method = made->complex_factors ? "detuned-stencil" : "resonant-stencil",
                 .kernel = made->kernels->name,
                 .levels = collision->levels,
                 .reach = 1,
                 .stationary = true},
        .quarter = 1,
        .phase = umi_stencil_phase(collision->atoms.phase),
    };
    um_status status = fill_map(made);
    if (status != UM_OK) {
        destroy(&made->base);
        return status;
    }
    *map = &made->base;
    return UM_OK;
}
