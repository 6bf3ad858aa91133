/* What a little missing coherence costs. The generator is affine in c, G = A + c B, so that the
 * plateau's derivative at c = 1 solves G_1 rho' = -B rho = G_0 rho, trace 0. */
#include <math.h>

#include "design/design.h"
#include "linalg/linalg.h"
#include "map/generator.h"
#include "model/model.h"

/* The closed form in the map's gauge: psi_n = (-i)^n amplitude[n], real amplitudes. */
static um_status get_amplitudes(um_context *ctx, const um_spec *spec, double *amplitude, int levels)
{
    const um_battery *battery = &spec->battery;
    const um_stage *stage = &spec->stages[0];
    UMI_TRY(um_design_get_state(ctx, battery, stage->atoms.q, stage->interaction.trap,
                                stage->interaction.half_turns, amplitude));
    double sign = 1;
    for (int n = 0; n < levels; n++) {
        /* cot is negative beyond a quarter turn, and odd in d. */
        double half = stage->interaction.theta * um_battery_get_lowering(battery, n) / 2;
        if (n > 0 && sin(2 * half) < 0) sign = -sign;
        amplitude[n] = sign * sqrt(amplitude[n]);
    }
    return UM_OK;
}

static void fill_state(const umi_layout *layout, const double *amplitude, umi_wide_vector rho)
{
    for (int k = 0; k < layout->orders; k++)
        for (int n = 0; n + k < layout->levels; n++)
            rho.hi[umi_layout_index(layout, 0, k, n)] = amplitude[n] * amplitude[n + k];
}

/* Without row and column `index`: the fixed point is known, and the rows add up to nothing. */
static um_status reduce(um_context *ctx, const umi_sparse *full, size_t index, umi_sparse *reduced)
{
    size_t size = full->columns - 1, elements = (size_t)full->start[full->columns], place = 0;
    *reduced = (umi_sparse){.rows = size,
                            .columns = size,
                            .start = UMI_NEW_ARRAY(ctx, int64_t, size + 1),
                            .column = UMI_NEW_ARRAY(ctx, int32_t, elements),
                            .hi = UMI_NEW_ARRAY(ctx, double, elements),
                            .lo = UMI_NEW_ARRAY(ctx, double, elements)};
    if (!reduced->start || !reduced->column || !reduced->hi || !reduced->lo) return UM_ERROR_MEMORY;
    for (size_t row = 0; row < full->columns; row++) {
        if (row == index) continue;
        for (int64_t i = full->start[row]; i < full->start[row + 1]; i++) {
            size_t column = (size_t)full->column[i];
            if (column == index) continue;
            reduced->column[place] = (int32_t)(column - (column > index));
            reduced->hi[place] = full->hi[i];
            reduced->lo[place] = full->lo[i];
            place++;
        }
        reduced->start[row - (row > index) + 1] = (int64_t)place;
    }
    return UM_OK;
}

/* x = reduced^-1 b */
static um_status solve_reduced(um_context *ctx, const umi_sparse *reduced, umi_wide_vector b,
                               umi_wide_vector x)
{
    umi_ordering *ordering = NULL;
    umi_elimination *elimination = NULL;
    um_status status = umi_ordering_create(ctx, reduced, &ordering);
    if (status == UM_OK) status = umi_elimination_create(ctx, ordering, reduced, 0, &elimination);
    if (status == UM_OK) status = umi_elimination_refine(ctx, elimination, reduced, b, 1e-20, x);
    umi_elimination_destroy(ctx, elimination);
    umi_ordering_destroy(ctx, ordering);
    return status;
}

/* G x = b up to multiples of the fixed point: x[index] = 0. */
static um_status solve(um_context *ctx, const umi_sparse *matrix, size_t index, umi_wide_vector b,
                       umi_wide_vector x)
{
    umi_sparse reduced = {0};
    umi_wide_vector small_b = {0}, small_x = {0};
    um_status status = reduce(ctx, matrix, index, &reduced);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, b.size - 1, &small_b);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, b.size - 1, &small_x);
    for (size_t i = 0; status == UM_OK && i < small_b.size; i++) {
        small_b.hi[i] = b.hi[i + (i >= index)];
        small_b.lo[i] = b.lo[i + (i >= index)];
    }
    if (status == UM_OK) status = solve_reduced(ctx, &reduced, small_b, small_x);
    for (size_t i = 0; status == UM_OK && i < small_x.size; i++) {
        x.hi[i + (i >= index)] = small_x.hi[i];
        x.lo[i + (i >= index)] = small_x.lo[i];
    }
    umi_sparse_free(ctx, &reduced);
    umi_wide_vector_free(ctx, &small_b);
    umi_wide_vector_free(ctx, &small_x);
    return status;
}

/* rho' = x - Tr[x] rho; dE/dc = Tr[n rho'], dpurity/dc = 2 Tr[rho rho']. */
static void read_off(const umi_layout *layout, umi_wide_vector rho, umi_wide_vector x,
                     um_design *design)
{
    umi_sum trace = {0}, energy = {0}, purity = {0}, level = {0};
    for (int n = 0; n < layout->levels; n++) {
        size_t i = umi_layout_index(layout, 0, 0, n);
        umi_sum_add(&trace, x.hi[i]);
        umi_sum_add(&energy, n * x.hi[i]);
        umi_sum_add(&level, n * rho.hi[i]);
    }
    for (int k = 0; k < layout->orders; k++)
        for (int n = 0; n + k < layout->levels; n++) {
            size_t i = umi_layout_index(layout, 0, k, n);
            umi_sum_add(&purity, (k ? 4 : 2) * rho.hi[i] * x.hi[i]);
        }
    design->energy_dc = umi_sum_get(&energy) - umi_sum_get(&trace) * umi_sum_get(&level);
    design->purity_dc = umi_sum_get(&purity) - 2 * umi_sum_get(&trace);
}

/* m = -Q x Q, Q = 1 - |amplitude><amplitude|: what a state with a little less coherence has beside
 * the pure one, per 1 - c. */
static void fill_rest(const umi_layout *layout, const double *amplitude, umi_wide_vector x,
                      double *product, double *m)
{
    size_t levels = (size_t)layout->levels;
    double mean = 0;
    for (size_t i = 0; i < levels; i++)
        for (size_t j = 0; j < levels; j++) {
            size_t low = i < j ? i : j, order = i < j ? j - i : i - j;
            m[i * levels + j] = x.hi[umi_layout_index(layout, 0, (int)order, (int)low)];
            product[i] += m[i * levels + j] * amplitude[j];
        }
    for (size_t i = 0; i < levels; i++) mean += amplitude[i] * product[i];
    for (size_t i = 0; i < levels; i++)
        for (size_t j = 0; j < levels; j++)
            m[i * levels + j] = amplitude[i] * product[j] + product[i] * amplitude[j] -
                                m[i * levels + j] - mean * amplitude[i] * amplitude[j];
}

/* The passive state keeps the pure part in level 0, the rest above it in order of weight. */
static um_status add_ergotropy(um_context *ctx, const umi_layout *layout, const double *amplitude,
                               umi_wide_vector x, um_design *design)
{
    int levels = layout->levels;
    double *m = UMI_NEW_ARRAY(ctx, double, (size_t)levels *(size_t)levels);
    double *values = UMI_NEW_ARRAY(ctx, double, (size_t)levels);
    um_status status = m && values ? UM_OK : UM_ERROR_MEMORY;
    if (status == UM_OK) {
        fill_rest(layout, amplitude, x, values, m);
        status = umi_linalg_eigenvalues(ctx, 1, levels, m, values);
    }
    if (status == UM_OK) {
        umi_sum passive = {0};
        for (int i = 1; i < levels; i++) umi_sum_add(&passive, i * fmax(values[levels - i], 0));
        design->ergotropy_dc = design->energy_dc + umi_sum_get(&passive);
    }
    umi_free(ctx, m);
    umi_free(ctx, values);
    return status;
}

static um_status solve_derivative(um_context *ctx, const umi_generator *coherent,
                                  const umi_generator *incoherent, const double *amplitude,
                                  um_design *design)
{
    const umi_layout *layout = &coherent->layout;
    size_t size = umi_layout_size(layout);
    umi_wide_vector rho = {0}, b = {0}, x = {0};
    um_status status = umi_wide_vector_create(ctx, size, &rho);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, incoherent->matrix.rows, &b);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, size, &x);
    if (status == UM_OK) {
        int most = 0;
        for (int n = 1; n < layout->levels; n++)
            if (fabs(amplitude[n]) > fabs(amplitude[most])) most = n;
        fill_state(layout, amplitude, rho);
        umi_sparse_apply(&incoherent->matrix, rho, b);
        b.size = size;
        status = solve(ctx, &coherent->matrix, umi_layout_index(layout, 0, 0, most), b, x);
    }
    if (status == UM_OK) {
        read_off(layout, rho, x, design);
        status = add_ergotropy(ctx, layout, amplitude, x, design);
    }
    umi_wide_vector_free(ctx, &rho);
    umi_wide_vector_free(ctx, &b);
    umi_wide_vector_free(ctx, &x);
    return status;
}

static um_status create_incoherent(um_context *ctx, const um_spec *spec, um_model **model)
{
    um_spec other = *spec;
    um_stage stage = spec->stages[0];
    stage.atoms.c = 0;
    umi_stage_reopen(&stage);
    other.stages = &stage;
    return um_model_create(ctx, &other, model);
}

um_status umi_design_add_sensitivity(um_context *ctx, const um_model *model, um_design *design)
{
    const um_spec *spec = um_model_get_spec(model);
    int levels = design->trap + 1;
    umi_layout layout = {.levels = levels, .orders = levels, .planes = 1};
    umi_generator coherent = {0}, incoherent = {0};
    um_model *other = NULL;
    double *amplitude = UMI_NEW_ARRAY(ctx, double, (size_t)levels);
    um_status status = amplitude ? get_amplitudes(ctx, spec, amplitude, levels) : UM_ERROR_MEMORY;
    if (status == UM_OK) status = create_incoherent(ctx, spec, &other);
    if (status == UM_OK) status = umi_generator_create(ctx, model, 0, &layout, &coherent);
    if (status == UM_OK) status = umi_generator_create(ctx, other, 0, &layout, &incoherent);
    if (status == UM_OK) status = solve_derivative(ctx, &coherent, &incoherent, amplitude, design);
    umi_generator_free(ctx, &coherent);
    umi_generator_free(ctx, &incoherent);
    um_model_destroy(other);
    umi_free(ctx, amplitude);
    return status;
}
