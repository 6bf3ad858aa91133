/* Collisions in steps behind the common interface: how many steps, frames, what is read off. */
#include "map/open_rabi.h"

#include <math.h>
#include <string.h>

#include "map/joint.h"
#include "map/open_rabi_inside.h"

/* A rung: tau in scale times 1, 2, 3, 4, 6, 8, 12 steps, the first `rows` of them. */
enum { ROWS = 7, SCALE_MAX = 512 };
static const int pace[ROWS] = {1, 2, 3, 4, 6, 8, 12};

typedef struct rung {
    int rows, scale;
} rung;

/* What two rungs may differ by, in the norm of a pure state's image; and what the rounding of an energy
 * makes of it, times tau. */
static const double TOLERANCE = 3e-13, ROUNDING = 5e-16;
/* Rows at the image's rim whose elements are below this (times the largest) are rounding noise, left out: they
 * would make the window grow for ever. */
static const double NOISE = 1e-15;
/* An amplitude that climbs further than `reach` is smaller; what it begins with at the window's rim is
 * small, too, and the error bound sees the product. */
static const double CLIMB = 1e-12;
/* What of a state may climb beyond the rows that its collision is computed on. */
static const double SMALL = 1e-18;

typedef struct open_map {
    um_map base;
    umi_collision it;
    um_battery battery;
    double time;
    umi_open_bath bath;
    umi_open_chains chains;
    rung rung;
    double weight[ROWS];
    umi_open_turn turn[ROWS], whole; /* a step of each row; the collision at once */
    umi_open_joint x, rest, work;    /* see extrapolate */
    double complex *image; /* lower triangle */
    double *rim;
    int rows, gain; /* rows in use; levels that the environment lifts by */
} open_map;

static double start_of(const open_map *map) { return map->it.lab ? map->time : 0; }

/* e^(i omega time quanta) */
static double complex turned(const open_map *map, double time, int quanta)
{
    return cexp(I * fmod(map->it.battery->frequency * time * quanta, 2 * M_PI));
}

/* <s| rho_q |t> */
static double complex atom_element(const open_map *map, int s, int t)
{
    const um_atoms *atoms = &map->it.atoms;
    if (s == t) return s ? 1 - atoms->q : atoms->q;
    return umi_atoms_ge(atoms) * cexp((s ? -I : I) * atoms->phase);
}

static void clear(umi_open_joint *x, int rows)
{
    x->rows = rows;
    x->cross = false;
    for (int b = 0; b < 4; b++)
        memset(x->block[b / 2][b % 2], 0, (size_t)rows * (size_t)rows * sizeof(double complex));
}

/* <n,s| x |m,t> = value, n >= m */
static void put(umi_open_joint *x, int n, int s, int m, int t, double complex value)
{
    int p = (n + s) & 1, q = (m + t) & 1;
    x->block[p][q][umi_open_at(x, n, m)] = value;
    if (p != q && value != 0) x->cross = true;
}

static double complex get(const umi_open_joint *x, int n, int s, int m, int t)
{
    int p = (n + s) & 1, q = (m + t) & 1;
    return p == q || x->cross ? x->block[p][q][umi_open_at(x, n, m)] : 0;
}

/* Whether no row's amplitude climbs beyond the rows in use, but for SMALL of it; rim: logarithms of rows. */
static bool holds(const open_map *map, const um_state *in, const double *rim, int rows)
{
    double largest = 0;
    for (int n = 0; n <= rows; n++) largest = fmax(largest, fabs(map->bath.lowering[n]));
    for (int n = in->first; n < in->last; n++) {
        double climb = umi_rabi_climb(&map->it, map->it.interaction.theta, largest, rows - n);
        if (!(rim[n] + climb < log(SMALL))) return false;
    }
    return true;
}

/* How many rows the collision of a state needs; the error bound sees what they lack. */
static int count_rows(const open_map *map, const um_state *in)
{
    int most = umi_min(map->it.levels, in->last + map->base.info.reach), rows;
    double *rim = map->rim, largest = 0;
    for (int n = in->first; n < in->last; n++) rim[n] = 0;
    for (int k = 0; k < in->orders; k++)
        for (int n = in->first; n + k < in->last; n++) {
            double re, im;
            umi_state_get_element(in, n, k, &re, &im);
            double modulus = fabs(re) + fabs(im);
            if (!(modulus <= rim[n])) rim[n] = modulus;
            if (!(modulus <= rim[n + k])) rim[n + k] = modulus;
            if (!(modulus <= largest)) largest = modulus;
        }
    for (int n = in->first; n < in->last; n++) rim[n] = log(rim[n] / largest);
    for (rows = umi_min(in->last + 1 + map->gain, most); rows < most; rows++)
        if (holds(map, in, rim, rows)) break;
    return rows;
}

/* The joint matrix at the start: rho x rho_q, the frame undone; for the adjoint A x 1, conjugated. The
 * adjoint of a step is its mirror image in time, which is what conjugation makes of it: H is real. */
static void load(open_map *map, const um_state *in, bool adjoint)
{
    double time = start_of(map) + (adjoint ? map->it.interaction.tau : 0);
    double complex atom[2][2], turn[2][2];
    for (int s = 0; s < 2; s++)
        for (int t = 0; t < 2; t++) {
            atom[s][t] = adjoint ? s == t : atom_element(map, s, t);
            turn[s][t] = turned(map, -time, s - t);
        }
    clear(&map->x, map->rows);
    for (int k = 0; k < in->orders; k++) {
        double complex order = turned(map, -time, k);
        for (int m = in->first; m + k < in->last; m++) {
            double re, im;
            umi_state_get_element(in, m, k, &re, &im); /* rho_(m,m+k) */
            double complex value = (re - I * im) * order;
            for (int s = 0; s < 2; s++)
                for (int t = 0; t < 2; t++) {
                    double complex element = value * atom[s][t] * turn[s][t];
                    put(&map->x, m + k, s, m, t, adjoint ? conj(element) : element);
                }
        }
    }
}

/* image += weight times the battery's part of x, the frame put on. */
static void take_image(open_map *map, const umi_open_joint *x, double weight, bool adjoint)
{
    double time = start_of(map) + (adjoint ? 0 : map->it.interaction.tau);
    double complex part[2][2];
    for (int s = 0; s < 2; s++)
        for (int t = 0; t < 2; t++)
            part[s][t] = weight * (adjoint ? atom_element(map, t, s) * turned(map, time, s - t) : s == t);
    for (int k = 0; k < x->rows; k++) {
        double complex order = turned(map, time, k);
        for (int m = 0; m + k < x->rows; m++) {
            double complex sum = 0;
            for (int s = 0; s < 2; s++)
                for (int t = 0; t < 2; t++) {
                    double complex value = get(x, m + k, s, m, t);
                    sum += part[s][t] * (adjoint ? conj(value) : value);
                }
            map->image[umi_open_at(x, m + k, m)] += order * sum;
        }
    }
}

static double coupling(const open_map *map, const umi_open_joint *x)
{
    double sum = 0;
    for (int p = 0; p < 2; p++)
        for (int n = 1; n < x->rows; n++)
            sum += 2 * map->bath.link[p][n] * creal(x->block[p][p][umi_open_at(x, n, n - 1)]);
    return sum;
}

static void take_outcome(const open_map *map, const umi_open_joint *x, double weight, um_outcome *outcome)
{
    double complex crossed = 0;
    double excited = 0;
    for (int n = 0; n < x->rows; n++) {
        excited += creal(get(x, n, 1, n, 1));
        crossed += get(x, n, 0, n, 1);
    }
    crossed *= turned(map, start_of(map) + map->it.interaction.tau, -1);
    outcome->excited += weight * excited;
    outcome->coherence_re += weight * creal(crossed);
    outcome->coherence_im += weight * cimag(crossed);
    outcome->coupling_end += weight * coupling(map, x);
}

/* x and rest through the collision in `steps`; returns the heat. `leaked`: see umi_open_bath_leak; may be NULL. */
static double cross_in(open_map *map, const umi_open_turn *turn, int steps, bool adjoint, double *leaked)
{
    double step = map->it.interaction.tau / steps, heat = 0;
    for (int i = 0; i <= steps; i++) {
        if (leaked)
            *leaked += step * umi_open_bath_leak(&map->bath, &map->it, &map->x, &map->rest) * (i % steps ? 1 : 0.5);
        if (i > 0) {
            umi_open_turn_apply(&map->chains, turn, &map->x, &map->work);
            umi_open_turn_apply(&map->chains, turn, &map->rest, &map->work);
        }
        heat += umi_open_bath_apply(&map->bath, i % steps ? step : step / 2, adjoint, &map->x, &map->rest);
    }
    return heat;
}

/* What leaks is not the same all the time; the sum over the finest steps sees most of it. */
static const double LEAK_MARGIN = 2;

/* Without the environment. */
static void begin(open_map *map, const um_state *in, bool adjoint, um_outcome *outcome)
{
    umi_open_joint *x = &map->x;
    load(map, in, adjoint);
    if (outcome) outcome->coupling_start = coupling(map, x);
    memset(map->image, 0, (size_t)x->rows * (size_t)x->rows * sizeof *map->image);
    umi_open_turn_apply(&map->chains, &map->whole, x, &map->work);
    take_image(map, x, 1, adjoint);
    if (outcome) take_outcome(map, x, 1, outcome);
}

/* What the environment changes, `rest`, is carried beside x, what there would be without it, and is all that is
 * extrapolated. It has no trace, and is small: rounding in all the steps and the weights' sum makes
 * next to nothing of it, where the whole state would lose 1e-15 of its trace in each collision. */
static void extrapolate(open_map *map, const um_state *in, bool adjoint, um_outcome *outcome)
{
    map->rows = count_rows(map, in);
    begin(map, in, adjoint, outcome);
    for (int r = 0; r < map->rung.rows; r++) {
        bool finest = r + 1 == map->rung.rows;
        double leaked = 0;
        load(map, in, adjoint);
        clear(&map->rest, map->rows);
        map->rest.cross = map->x.cross;
        double heat = cross_in(map, &map->turn[r], map->rung.scale * pace[r], adjoint,
                               finest && outcome ? &leaked : NULL);
        take_image(map, &map->rest, map->weight[r], adjoint);
        if (!outcome) continue;
        take_outcome(map, &map->rest, map->weight[r], outcome);
        outcome->heat += map->weight[r] * heat;
        outcome->error_bound = LEAK_MARGIN * leaked;
    }
}

/* Highest level whose row is more than noise, plus 1. */
static int find_last(const open_map *map)
{
    const umi_open_joint *x = &map->x;
    double largest = 0;
    for (int n = 0; n < x->rows; n++)
        for (int m = 0; m <= n; m++) {
            double modulus = cabs(map->image[umi_open_at(x, n, m)]);
            if (!(modulus <= largest)) largest = modulus;
        }
    for (int n = x->rows - 1; n >= 0; n--)
        for (int m = 0; m <= n; m++)
            if (!(cabs(map->image[umi_open_at(x, n, m)]) <= NOISE * largest)) return n + 1;
    return 0;
}

static um_status store(const open_map *map, um_state *out)
{
    int last = find_last(map);
    UMI_TRY(umi_state_resize(out, map->it.levels, 0, last, last, 2));
    for (int k = 0; k < last; k++) {
        double *re = umi_state_row(out, 0, k), *im = umi_state_row(out, 1, k);
        for (int m = 0; m + k < last; m++) {
            double complex element = map->image[umi_open_at(&map->x, m + k, m)];
            re[m] = creal(element);
            im[m] = k ? -cimag(element) : 0;
        }
    }
    umi_state_seal(out);
    return UM_OK;
}

static um_status apply(um_map *base, const um_state *in, um_state *out, um_outcome *outcome, bool brief)
{
    (void)brief;
    open_map *map = (open_map *)base;
    if (in->last == in->first) return umi_state_resize(out, in->levels, 0, 0, 0, 2);
    extrapolate(map, in, false, outcome);
    if (outcome) outcome->change = outcome->excited - (1 - map->it.atoms.q) * um_state_get_trace(in);
    return store(map, out);
}

static um_status apply_adjoint(um_map *base, const um_state *in, um_state *out)
{
    open_map *map = (open_map *)base;
    if (in->last == in->first) return umi_state_resize(out, in->levels, 0, 0, 0, 2);
    extrapolate(map, in, true, NULL);
    return store(map, out);
}

static um_status set_collision(um_map *base, int64_t collision, double time)
{
    (void)collision;
    ((open_map *)base)->time = time;
    return UM_OK;
}

static void free_turns(open_map *map)
{
    for (int r = 0; r < ROWS; r++) umi_open_turn_free(map->base.ctx, &map->turn[r]);
}

static void destroy(um_map *base)
{
    open_map *map = (open_map *)base;
    free_turns(map);
    umi_open_chains_free(&map->chains);
    umi_open_bath_free(&map->bath);
    umi_open_turn_free(base->ctx, &map->whole);
    umi_open_joint_free(base->ctx, &map->x);
    umi_open_joint_free(base->ctx, &map->rest);
    umi_open_joint_free(base->ctx, &map->work);
    umi_free(base->ctx, map->image);
    umi_free(base->ctx, map->rim);
    umi_free(base->ctx, map);
}

static const umi_map_class open_class = {
    .apply = apply, .apply_adjoint = apply_adjoint, .set_collision = set_collision, .destroy = destroy};

/* ---- how many steps ------------------------------------------------------------------------------- */

static rung next_rung(rung it)
{
    if (it.rows < ROWS) return (rung){it.rows + 1, it.scale};
    return (rung){ROWS, it.scale + umi_max(1, it.scale / 2)};
}

static um_status climb_to(open_map *map, rung it)
{
    free_turns(map);
    map->rung = it;
    for (int r = 0; r < it.rows; r++) {
        double square = (double)pace[r] * pace[r];
        map->weight[r] = 1;
        for (int i = 0; i < it.rows; i++)
            if (i != r) map->weight[r] *= square / (square - (double)pace[i] * pace[i]);
        UMI_TRY(umi_open_turn_create(&map->chains, it.scale * pace[r], &map->turn[r]));
    }
    return UM_OK;
}

/* What the extrapolation leaves, roughly: the error of a sum over steps of something that turns by
 * `angle` meanwhile, times what the environment does. Only where to begin looking. */
static double guess_error(const open_map *map, rung it)
{
    const um_interaction *interaction = &map->it.interaction;
    double top = map->bath.lowering[map->it.levels - 1];
    double angle = 2 * interaction->theta * fmax(1, interaction->counter_rotating) * fabs(top) +
                   2 * map->it.battery->frequency * interaction->tau;
    double error = fmin(1, 0.1 * umi_open_bath_norm(&map->bath) * interaction->tau);
    for (int r = 0; r < it.rows; r++) {
        double ratio = angle / (2 * M_PI * it.scale * pace[r]);
        error *= ratio * ratio;
    }
    return error;
}

/* All levels and orders at once, phases all over the circle. */
static um_status create_probe(const open_map *map, um_state **probe)
{
    int levels = map->it.levels;
    UMI_TRY(um_state_create(map->base.ctx, levels, 2, 0, 0, probe));
    um_status status = umi_state_resize(*probe, levels, 0, levels, levels, 2);
    if (status != UM_OK) {
        um_state_destroy(*probe);
        *probe = NULL;
        return status;
    }
    for (int k = 0; k < levels; k++)
        for (int n = 0; n + k < levels; n++) {
            double angle = 2.4 * ((double)n * n - (double)(n + k) * (n + k));
            umi_state_row(*probe, 0, k)[n] = cos(angle) / levels;
            umi_state_row(*probe, 1, k)[n] = sin(angle) / levels;
        }
    umi_state_seal(*probe);
    return UM_OK;
}

static double distance(const open_map *map, const double complex *older)
{
    int levels = map->it.levels;
    double sum = 0;
    for (int m = 0; m < levels; m++)
        for (int n = m; n < levels; n++) {
            double modulus = cabs(map->image[n + (size_t)m * (size_t)levels] -
                                  older[n + (size_t)m * (size_t)levels]);
            sum += (n == m ? 1 : 2) * modulus * modulus;
        }
    return sqrt(sum);
}

static um_status fail_steps(const open_map *map)
{
    return umi_fail_key(map->base.ctx, UM_ERROR_NOCONV, "environment.during_collision",
                        "an environment that acts during a collision with counter-rotating terms, for "
                        "%.3g periods of the battery: more steps than are allowed; set it to false, "
                        "counter_rotating to 0, or use a larger g and a shorter tau",
                        map->it.interaction.tau * map->it.battery->frequency / (2 * M_PI));
}

/* The lowest rung that the one above agrees with. */
static um_status choose_rung(open_map *map, const um_state *probe, double complex *older)
{
    size_t bytes = (size_t)map->it.levels * (size_t)map->it.levels * sizeof *older;
    rung it = {2, 1};
    double phase = map->it.battery->frequency * map->it.interaction.tau * map->it.levels;
    double tolerance = fmax(TOLERANCE, ROUNDING * phase);
    while (it.scale < SCALE_MAX && guess_error(map, it) > 1e-11) it = next_rung(it);
    if (it.scale >= SCALE_MAX) return fail_steps(map);
    UMI_TRY(climb_to(map, it));
    extrapolate(map, probe, false, NULL);
    while (it.scale < SCALE_MAX) {
        rung above = next_rung(it);
        memcpy(older, map->image, bytes);
        UMI_TRY(climb_to(map, above));
        extrapolate(map, probe, false, NULL);
        map->base.info.unitarity = distance(map, older);
        if (map->base.info.unitarity <= tolerance) return climb_to(map, it);
        it = above;
    }
    return fail_steps(map);
}

static um_status settle(open_map *map)
{
    um_state *probe = NULL;
    double complex *older = UMI_NEW_ARRAY(map->base.ctx, double complex,
                                          (size_t)map->it.levels * (size_t)map->it.levels);
    um_status status = older ? create_probe(map, &probe) : UM_ERROR_MEMORY;
    if (status == UM_OK) status = choose_rung(map, probe, older);
    um_state_destroy(probe);
    umi_free(map->base.ctx, older);
    return status;
}

/* ---- making ------------------------------------------------------------------------------------ */

/* Levels that the environment lifts the battery by. */
static int find_gain(const open_map *map)
{
    const umi_open_bath *bath = &map->bath;
    double top = bath->lowering[map->it.levels], share = 1;
    double rate = bath->gain * top * top * map->it.interaction.tau;
    int d = 0;
    while (d < map->it.levels && share > 1e-20) share *= rate / ++d;
    return bath->gain > 0 ? d : 0;
}

static um_status make(open_map *map)
{
    um_context *ctx = map->base.ctx;
    size_t levels = (size_t)map->it.levels;
    UMI_TRY(umi_open_bath_create(ctx, &map->it, &map->bath));
    UMI_TRY(umi_open_chains_create(ctx, &map->it, &map->chains));
    UMI_TRY(umi_open_turn_create(&map->chains, 1, &map->whole));
    UMI_TRY(umi_open_joint_create(ctx, map->it.levels, &map->x));
    UMI_TRY(umi_open_joint_create(ctx, map->it.levels, &map->rest));
    UMI_TRY(umi_open_joint_create(ctx, map->it.levels, &map->work));
    map->image = UMI_NEW_ARRAY(ctx, double complex, levels * levels);
    map->rim = UMI_NEW_ARRAY(ctx, double, levels);
    if (!map->image || !map->rim) return UM_ERROR_MEMORY;
    map->gain = find_gain(map);
    map->base.info.reach = umi_min(
        map->it.levels, umi_open_climb(&map->it, map->it.interaction.tau, CLIMB) + map->gain);
    return settle(map);
}

um_status umi_map_create_open_rabi(um_context *ctx, const umi_collision *it, um_map **map)
{
    *map = NULL;
    UMI_TRY(umi_joint_check(ctx, it));
    open_map *made = UMI_NEW(ctx, open_map);
    if (!made) return UM_ERROR_MEMORY;
    made->base = (um_map){.ctx = ctx,
                          .class = &open_class,
                          .info = {.method = "open-rabi",
                                   .kernel = "blas",
                                   .levels = it->levels,
                                   .stationary = !it->lab}};
    made->battery = *it->battery; /* what it points to is not needed afterwards */
    made->it = *it;
    made->it.battery = &made->battery;
    um_status status = make(made);
    if (status != UM_OK) {
        destroy(&made->base);
        return status;
    }
    *map = &made->base;
    return UM_OK;
}
