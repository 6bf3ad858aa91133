/* G = M - 1 of a stencil collision, assembled row by row. With G, E, P, D the blocks of stencil.c,
 *   r'_nm = gg (G_n G*_m r_nm + D_n D*_m r_{n+1,m+1}) + ee (E_n E*_m r_nm + P_n P*_m r_{n-1,m-1})
 *         + ge (P_n G*_m r_{n-1,m} + G_n P*_m r_{n,m-1} + D_n E*_m r_{n+1,m} + E_n D*_m r_{n,m+1})
 * An element with n > m is the conjugate of its mirror image. */
#include "map/generator.h"

#include "map/compose.h"
#include "map/generator_blocks.h"
#include "map/generator_mix.h"
#include "map/generator_open.h"
#include "map/generator_table.h"
#include "model/model.h"

typedef struct turn {
    umi_wide re, im;
} turn;

/* Elements of one level, rounded from quad: those of a row n with what they are multiplied by, those
 * of a column m conjugated. A weight is one product of the two. */
typedef struct level {
    turn ee_up, gg_dn, ge_up, ge_dn, ge_g, ge_e;
    turn g, e, up, dn;
    umi_wide lost; /* (gg (1 - |g|^2) + ee (1 - |e|^2)) / 2 */
    umi_quad_turn quad_g, quad_e;
} level;

typedef struct assembly {
    const umi_layout *layout;
    const umi_quad_blocks *blocks;
    level *at;
    umi_wide half_gg, half_ee;
    umi_sparse *matrix;
    size_t count; /* elements so far */
} assembly;

static umi_quad_turn scaled(umi_quad factor, umi_quad_turn a)
{
    return (umi_quad_turn){factor * a.re, a.im == 0 ? 0 : factor * a.im};
}

static turn rounded(umi_quad factor, umi_quad_turn a)
{
    return (turn){umi_wide_from_quad(factor * a.re), umi_wide_from_quad(factor * a.im)};
}

static void fill_level(const umi_quad_blocks *b, int n, level *to)
{
    const umi_quad_block *here = &b->of[n], *next = here + 1;
    umi_quad_turn phase = umi_quad_times(here->turn, here->common);
    umi_quad_turn phase_next = umi_quad_times(here->turn, next->common);
    umi_quad_turn g = umi_quad_times(phase, (umi_quad_turn){here->cosine, here->tilt});
    umi_quad_turn e = umi_quad_times(phase_next, (umi_quad_turn){next->cosine, -next->tilt});
    umi_quad_turn up = scaled(here->sine, phase), dn = scaled(-next->sine, phase_next);
    umi_quad s2 = here->sine * here->sine, s2_next = next->sine * next->sine;
    *to = (level){
        .ee_up = rounded(b->ee, up),
        .gg_dn = rounded(b->gg, dn),
        .ge_up = rounded(b->ge, up),
        .ge_dn = rounded(b->ge, dn),
        .ge_g = rounded(b->ge, g),
        .ge_e = rounded(b->ge, e),
        .g = rounded(1, umi_quad_conj(g)),
        .e = rounded(1, umi_quad_conj(e)),
        .up = rounded(1, umi_quad_conj(up)),
        .dn = rounded(1, umi_quad_conj(dn)),
        .lost = umi_wide_from_quad((b->gg * s2 + b->ee * s2_next) / 2),
        .quad_g = g,
        .quad_e = e,
    };
}

static void fill_levels(assembly *work)
{
    work->half_gg = umi_wide_from_quad(work->blocks->gg / 2);
    work->half_ee = umi_wide_from_quad(work->blocks->ee / 2);
    for (int n = 0; n < work->layout->levels; n++)
        fill_level(work->blocks, n, &work->at[n]);
}

static turn times(turn a, turn b)
{
    turn product = {umi_wide_multiply(a.re, b.re), umi_wide_set(0)};
    if (a.im.hi == 0 && b.im.hi == 0) return product;
    product.re = umi_wide_subtract(product.re, umi_wide_multiply(a.im, b.im));
    product.im = umi_wide_add(umi_wide_multiply(a.re, b.im), umi_wide_multiply(a.im, b.re));
    return product;
}

/* |a - b|^2 */
static umi_wide square_apart(turn a, turn b)
{
    umi_wide re = umi_wide_subtract(a.re, b.re), im = umi_wide_subtract(a.im, b.im);
    umi_wide square = umi_wide_multiply(re, re);
    return im.hi == 0 ? square : umi_wide_add(square, umi_wide_multiply(im, im));
}

static bool has_no_phase(const level *at) { return at->g.im.hi == 0 && at->e.im.hi == 0; }

/* Im a b* */
static umi_quad phase_apart(umi_quad_turn a, umi_quad_turn b) { return a.im * b.re - a.re * b.im; }

/* gg g_n g_m* + ee e_n e_m* - 1, to all digits however small it is: 1 - Re a b* is
 * (1 - |a|^2 + 1 - |b|^2 + |a - b|^2) / 2. */
static turn stay(const assembly *work, const level *row, const level *column)
{
    umi_wide lost = umi_wide_add(row->lost, column->lost);
    lost = umi_wide_add(lost, umi_wide_multiply(work->half_gg, square_apart(row->g, column->g)));
    lost = umi_wide_add(lost, umi_wide_multiply(work->half_ee, square_apart(row->e, column->e)));
    turn weight = {umi_wide_negate(lost), umi_wide_set(0)};
    if (has_no_phase(row) && has_no_phase(column)) return weight;
    const umi_quad_blocks *b = work->blocks;
    weight.im = umi_wide_from_quad(b->gg * phase_apart(row->quad_g, column->quad_g) +
                                   b->ee * phase_apart(row->quad_e, column->quad_e));
    return weight;
}

/* What row (n, m) takes from (n', m'). */
typedef struct term {
    int n, order;
    turn weight;
} term;

enum { TERMS = 7 };

/* By ascending order, then ascending n. */
static void fill_terms(const assembly *work, int n, int k, term terms[TERMS])
{
    const level *row = &work->at[n], *column = &work->at[n + k];
    terms[2] = (term){n - 1, k, times(row->ee_up, column->up)};
    terms[3] = (term){n, k, stay(work, row, column)};
    terms[4] = (term){n + 1, k, times(row->gg_dn, column->dn)};
    terms[5] = (term){n - 1, k + 1, times(row->ge_up, column->g)};
    terms[6] = (term){n, k + 1, times(row->ge_e, column->dn)};
    if (k == 0) { /* the mirror images of terms 5 and 6 */
        terms[0].order = terms[1].order = -1;
        for (int i = 5; i < TERMS; i++) {
            terms[i].weight.re = umi_wide_scale(terms[i].weight.re, 2);
            terms[i].weight.im = umi_wide_scale(terms[i].weight.im, 2);
        }
        return;
    }
    terms[0] = (term){n, k - 1, times(row->ge_g, column->up)};
    terms[1] = (term){n + 1, k - 1, times(row->ge_dn, column->e)};
}

static bool holds(const umi_layout *layout, int plane, int order)
{
    if (order < 0 || order >= layout->orders) return false;
    if (layout->skew) return plane == 1 && order > 0;
    return plane == 0 || (layout->planes == 2 && order > 0);
}

static void put(assembly *work, size_t column, umi_wide value)
{
    if (value.hi == 0) return;
    umi_sparse *matrix = work->matrix;
    matrix->column[work->count] = (int32_t)column;
    matrix->hi[work->count] = value.hi;
    matrix->lo[work->count++] = value.lo;
}

/* One plane of row (n, n + k): neighbours order by order, plane by plane. */
static void put_row(assembly *work, int plane, const term terms[TERMS])
{
    static const int begin[] = {0, 2, 5, TERMS};
    for (int group = 0; group < 3; group++)
        for (int from = 0; from < 2; from++)
            for (int i = begin[group]; i < begin[group + 1]; i++) {
                const term *t = &terms[i];
                if (!holds(work->layout, from, t->order)) continue;
                umi_wide weight = plane == from ? t->weight.re
                                  : plane == 1  ? t->weight.im
                                                : umi_wide_negate(t->weight.im);
                put(work, umi_layout_index(work->layout, from, t->order, t->n), weight);
            }
}

/* Orders of the image: the window's, and the one into which it leaks. */
static int image_orders(const umi_layout *layout, const umi_quad_blocks *blocks)
{
    return layout->orders + (blocks->ge != 0 && layout->orders < layout->levels ? 1 : 0);
}

static void fill_matrix(assembly *work)
{
    const umi_layout *layout = work->layout;
    size_t row = 0;
    term terms[TERMS];
    int first = layout->skew ? 1 : 0, last = layout->skew ? 1 : layout->planes - 1;
    for (int k = first; k < image_orders(layout, work->blocks); k++)
        for (int plane = first; plane <= (k == 0 ? 0 : last); plane++)
            for (int n = 0; n < layout->levels - k; n++) {
                fill_terms(work, n, k, terms);
                put_row(work, plane, terms);
                work->matrix->start[++row] = (int64_t)work->count;
            }
}

static um_status assemble(um_context *ctx, const umi_collision *it, const umi_quad_blocks *blocks,
                          umi_generator *generator)
{
    const umi_layout *layout = &generator->layout;
    umi_layout image = *layout;
    image.orders = image_orders(layout, blocks);
    umi_sparse *matrix = &generator->matrix;
    matrix->columns = umi_layout_size(layout);
    matrix->rows = umi_layout_size(&image);
    bool coupled = it->atoms.detuning != 0 || !it->even;
    size_t room = matrix->rows * TERMS * (coupled && layout->planes == 2 ? 2 : 1);
    matrix->start = UMI_NEW_ARRAY(ctx, int64_t, matrix->rows + 1);
    matrix->column = UMI_NEW_ARRAY(ctx, int32_t, room);
    matrix->hi = UMI_NEW_ARRAY(ctx, double, room);
    matrix->lo = UMI_NEW_ARRAY(ctx, double, room);
    level *at = UMI_NEW_ARRAY(ctx, level, (size_t)layout->levels);
    bool all = matrix->start && matrix->column && matrix->hi && matrix->lo && at;
    if (all) {
        assembly work = {.layout = layout, .blocks = blocks, .at = at, .matrix = matrix};
        fill_levels(&work);
        fill_matrix(&work);
    }
    umi_free(ctx, at);
    return all ? UM_OK : UM_ERROR_MEMORY;
}

static void add_to(const umi_layout *layout, int plane, int k, int n, umi_quad value,
                   umi_wide_vector to)
{
    if (value == 0 || !holds(layout, plane, k)) return;
    size_t at = umi_layout_index(layout, plane, k, n);
    umi_wide_vector_set(to, at, umi_wide_add(umi_wide_vector_get(to, at), umi_wide_from_quad(value)));
}

/* The functionals of stencil_readout.c in terms of each block {|n,e>, |n+1,g>}: what cancels in
 * the difference of the two coupling energies is left out of it. */
static void fill_rates(const umi_collision *it, const umi_quad_blocks *b, umi_generator *generator)
{
    const umi_layout *layout = &generator->layout;
    umi_wide_vector change = generator->rate[UMI_RATE_CHANGE];
    umi_wide_vector switching = generator->rate[UMI_RATE_SWITCHING];
    double g = it->interaction.g;
    umi_quad coupling = __builtin_isfinite(g) ? 2 * (umi_quad)g / it->battery->frequency : 0;
    /* What coherent atoms lift comes back: see leap_space.c. */
    if (b->ge == 0) add_to(layout, 0, 0, layout->levels - 1, b->leaving, generator->rate[UMI_RATE_LEAVING]);
    for (int n = 0; n + 1 < layout->levels; n++) {
        umi_quad c = b->of[n + 1].cosine, t = b->of[n + 1].tilt, s = b->of[n + 1].sine;
        umi_quad d = coupling * umi_quad_lowering(it->battery, n + 1);
        if (it->interaction.pulse != UM_PULSE_CONSTANT) {
            /* What an excitation of block n costs: see umi_collision_mismatch. */
            umi_quad cost = umi_collision_mismatch(it, n + 1);
            add_to(layout, 0, 0, n, -cost * b->ee * s * s, switching);
            add_to(layout, 0, 0, n + 1, cost * b->gg * s * s, switching);
            add_to(layout, 0, 1, n, -2 * cost * b->ge * s * c, switching);
            add_to(layout, 1, 1, n, -2 * cost * b->ge * s * t, switching);
            d = 0;
        }
        add_to(layout, 0, 0, n, -b->ee * s * s, change);
        add_to(layout, 0, 0, n + 1, b->gg * s * s, change);
        add_to(layout, 0, 1, n, -2 * b->ge * s * c, change);
        add_to(layout, 1, 1, n, -2 * b->ge * s * t, change);
        add_to(layout, 0, 0, n, -d * b->ee * s * t, switching);
        add_to(layout, 0, 0, n + 1, d * b->gg * s * t, switching);
        add_to(layout, 0, 1, n, -2 * d * b->ge * t * c, switching);
        add_to(layout, 1, 1, n, -2 * d * b->ge * t * t, switching);
    }
}

/* All coefficients, in the map's gauge. */
static bool is_real(const umi_collision *it)
{
    return it->atoms.detuning == 0 && it->even && it->imperfections.detuning_spread == 0;
}

static um_status check_layout(um_context *ctx, const umi_collision *it, const umi_layout *layout)
{
    bool real = is_real(it), mixes = umi_atoms_ge(&it->atoms) != 0;
    if (layout->orders < 1 || layout->orders > layout->levels || layout->planes < 1 ||
        layout->planes > 2 || (layout->skew && (layout->planes != 1 || !real)) ||
        (layout->planes == 1 && !real && (mixes || layout->orders > 1)))
        return umi_fail(ctx, UM_ERROR_ARG,
                        "a window of %d levels, %d orders, %d planes%s does not fit the map",
                        layout->levels, layout->orders, layout->planes,
                        layout->skew ? ", the imaginary part alone," : "");
    umi_layout image = *layout;
    image.orders += layout->orders < layout->levels;
    if (umi_layout_size(&image) <= INT32_MAX / (2 * TERMS)) return UM_OK;
    return umi_fail(ctx, UM_ERROR_MEMORY,
                    "a collision map of %d levels and %d orders has %zu unknowns: too many",
                    layout->levels, layout->orders, umi_layout_size(layout));
}

/* The collision alone, from the blocks of its U. */
static um_status collide(um_context *ctx, const umi_collision *it, umi_generator *generator)
{
    umi_quad_blocks blocks;
    UMI_TRY(umi_quad_blocks_create(ctx, it, &blocks));
    generator->edge = blocks.edge;
    um_status status = assemble(ctx, it, &blocks, generator);
    if (status == UM_OK) fill_rates(it, &blocks, generator);
    umi_free(ctx, blocks.of);
    return status;
}

/* generator: its layout is set, it has nothing else. */
static um_status fill(um_context *ctx, const umi_collision *it, umi_generator *generator)
{
    bool composed = umi_collision_is_composed(it), table = umi_collision_is_table(it);
    umi_collision inside = composed ? umi_collision_inside(it) : *it;
    for (int i = 0; i < UMI_RATES; i++)
        UMI_TRY(umi_wide_vector_create(ctx, umi_layout_size(&generator->layout), &generator->rate[i]));
    UMI_TRY(table ? umi_generator_tabulate(ctx, &inside, generator) : collide(ctx, &inside, generator));
    /* See stray.h; the work of tables and pulses has it already. */
    umi_quad stray = (umi_quad)it->stray / it->battery->frequency;
    if (it->stray != 0 && !table && it->interaction.pulse == UM_PULSE_CONSTANT)
        umi_wide_axpy(umi_wide_from_quad(-stray), generator->rate[UMI_RATE_CHANGE],
                      generator->rate[UMI_RATE_SWITCHING]);
    return composed ? umi_generator_open(ctx, it, generator) : UM_OK;
}

um_status umi_generator_create_one(um_context *ctx, const umi_collision *it, const umi_layout *layout,
                                   umi_generator *generator)
{
    *generator = (umi_generator){.layout = *layout};
    um_status status = fill(ctx, it, generator);
    if (status != UM_OK) umi_generator_free(ctx, generator);
    return status;
}

um_status umi_generator_create(um_context *ctx, const um_model *model, size_t stage,
                               const umi_layout *layout, umi_generator *generator)
{
    *generator = (umi_generator){.layout = *layout};
    umi_collision it;
    UMI_TRY(umi_collision_make(ctx, model, stage, layout->levels, &it));
    if (!umi_generator_exists(model, stage))
        return umi_fail(ctx, UM_ERROR_UNSUPPORTED, "this stage's collisions have no generator");
    if (it.interaction.counter_rotating > 0)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "interaction.counter_rotating",
                            "collisions with counter-rotating terms have no sparse generator");
    UMI_TRY(check_layout(ctx, &it, layout));
    return umi_collision_is_mixed(&it) ? umi_generator_mix(ctx, &it, layout, generator)
                                       : umi_generator_create_one(ctx, &it, layout, generator);
}

void umi_generator_free(um_context *ctx, umi_generator *generator)
{
    umi_sparse_free(ctx, &generator->matrix);
    for (int i = 0; i < UMI_RATES; i++) umi_wide_vector_free(ctx, &generator->rate[i]);
    *generator = (umi_generator){0};
}

bool umi_generator_is_real(const um_model *model, size_t stage)
{
    umi_collision it;
    if (um_model_get_spec(model)->stages[stage].interaction.counter_rotating > 0 ||
        umi_collision_make(model->ctx, model, stage, 1, &it) != UM_OK)
        return false;
    return is_real(&it);
}

bool umi_generator_mixes_orders(const um_model *model, size_t stage)
{
    umi_collision it;
    return umi_collision_make(model->ctx, model, stage, 1, &it) != UM_OK || umi_atoms_ge(&it.atoms) != 0;
}
