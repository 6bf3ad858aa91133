#include "map/generator_open.h"

#include "linalg/sparse_build.h"
#include "map/compose.h"
#include "map/generator_blocks.h"
#include "map/generator_channel.h"
#include "map/generator_mix.h"
#include "map/generator_table.h"
#include "model/model.h"

static size_t rows_of_populations(const umi_layout *layout)
{
    return layout->skew ? 0 : (size_t)layout->levels;
}

/* Energies of the levels, so that <energies, G rho> is what the battery gets. */
static void fill_energies(const umi_collision *it, const umi_layout *layout, umi_wide_vector x)
{
    umi_wide_vector_scale(x, umi_wide_set(0));
    for (int n = 0; n < layout->levels && !layout->skew; n++)
        x.hi[n] = um_battery_get_energy(it->battery, n);
}

/* What a channel does to a state that `before` changed (NULL: not), as functionals of that state. */
static um_status add_rates(um_context *ctx, const umi_collision *it, const umi_sparse *channel,
                           umi_wide_vector leaving, const umi_sparse *before, double factor,
                           umi_generator *generator)
{
    size_t rows = rows_of_populations(&generator->layout), size = channel->columns;
    umi_wide_vector energy = {0}, heat = {0}, of[2] = {heat, leaving}, pulled = {0};
    um_status status = umi_wide_vector_create(ctx, size, &energy);
    if (status == UM_OK) status = umi_wide_vector_create(ctx, size, &heat);
    if (status == UM_OK)
        status = umi_wide_vector_create(ctx, generator->matrix.columns, &pulled);
    if (status == UM_OK) {
        fill_energies(it, &generator->layout, energy);
        umi_sparse_pull(channel, rows, energy, heat);
        umi_wide_axpy(umi_wide_set(-1), energy, heat);
        of[0] = heat;
    }
    static const int rate[] = {UMI_RATE_HEAT, UMI_RATE_LEAVING};
    for (int i = 0; i < 2 && status == UM_OK; i++) {
        if (before)
            umi_sparse_pull(before, rows, of[i], pulled);
        else
            umi_wide_vector_copy(pulled, (umi_wide_vector){pulled.size, of[i].hi, of[i].lo});
        umi_wide_axpy(umi_wide_set(factor), pulled, generator->rate[rate[i]]);
    }
    umi_wide_vector_free(ctx, &energy);
    umi_wide_vector_free(ctx, &heat);
    umi_wide_vector_free(ctx, &pulled);
    return status;
}

static void replace(um_context *ctx, umi_sparse made, umi_generator *generator)
{
    umi_sparse_free(ctx, &generator->matrix);
    generator->matrix = made;
}

/* The layout of the image: one order more where the window leaks into it. */
static umi_layout image_of(const umi_generator *generator)
{
    umi_layout image = generator->layout;
    image.orders += generator->matrix.rows > generator->matrix.columns;
    return image;
}

/* A matrix without elements. */
static um_status create_nothing(um_context *ctx, size_t size, umi_sparse *matrix)
{
    umi_sparse_writer writer;
    UMI_TRY(umi_sparse_write(ctx, size, size, matrix, &writer));
    for (size_t i = 0; i < size; i++) umi_sparse_end_row(&writer);
    return umi_sparse_reserve(&writer);
}

/* p C + (1 - p) E_slot */
static um_status miss_atoms(um_context *ctx, const umi_collision *it, umi_generator *generator)
{
    umi_layout image = image_of(generator);
    double p = it->stream.atom_probability, tau = it->interaction.tau;
    umi_collision empty;
    bool idle = !umi_collision_leave_out(it, &empty);
    umi_sparse slot = {0}, made = {0};
    umi_wide_vector leaving = {0};
    umi_quad missing = 1 - (umi_quad)p;
    um_status status = umi_wide_vector_create(ctx, umi_layout_size(&image), &leaving);
    if (status == UM_OK)
        status = idle ? create_nothing(ctx, umi_layout_size(&image), &slot)
                      : umi_channel_generator(ctx, &empty, tau, UMI_WAITING_FIXED, &image, &slot, leaving);
    if (status == UM_OK)
        status = umi_sparse_add(ctx, umi_wide_set(p), &generator->matrix,
                                umi_wide_from_quad(missing), &slot, &made);
    for (int i = 0; i < UMI_RATES && status == UM_OK; i++)
        umi_wide_vector_scale(generator->rate[i], umi_wide_set(p));
    if (status == UM_OK && !idle)
        status = add_rates(ctx, it, &slot, leaving, NULL, (double)missing, generator);
    umi_sparse_free(ctx, &slot);
    umi_wide_vector_free(ctx, &leaving);
    if (status == UM_OK)
        replace(ctx, made, generator);
    else
        umi_sparse_free(ctx, &made);
    generator->edge *= p;
    return status;
}

static um_status wait_after(um_context *ctx, const umi_collision *it, umi_generator *generator)
{
    umi_layout image = image_of(generator);
    umi_waiting waiting = it->stream.arrivals == UM_ARRIVALS_POISSON ? UMI_WAITING_EXPONENTIAL
                                                                     : UMI_WAITING_FIXED;
    umi_sparse gap = {0}, made = {0};
    umi_wide_vector leaving = {0};
    um_status status = umi_wide_vector_create(ctx, umi_layout_size(&image), &leaving);
    if (status == UM_OK)
        status = umi_channel_generator(ctx, it, it->gap, waiting, &image, &gap, leaving);
    if (status == UM_OK) status = umi_sparse_compose(ctx, &gap, &generator->matrix, &made);
    if (status == UM_OK) status = add_rates(ctx, it, &gap, leaving, &generator->matrix, 1, generator);
    umi_sparse_free(ctx, &gap);
    umi_wide_vector_free(ctx, &leaving);
    if (status == UM_OK)
        replace(ctx, made, generator);
    else
        umi_sparse_free(ctx, &made);
    return status;
}

um_status umi_generator_open(um_context *ctx, const umi_collision *it, umi_generator *generator)
{
    if (it->stream.atom_probability < 1) UMI_TRY(miss_atoms(ctx, it, generator));
    if (umi_collision_has_gap(it)) UMI_TRY(wait_after(ctx, it, generator));
    if (generator->layout.skew) return UM_OK;
    return umi_sparse_mend(ctx, (size_t)generator->layout.levels, 1e-20, &generator->matrix);
}

umi_traps umi_generator_get_traps(const um_model *model, size_t stage)
{
    const um_stage *chosen = &um_model_get_spec(model)->stages[stage];
    const um_imperfections *imperfections = &chosen->imperfections;
    if (chosen->interaction.counter_rotating > 0 || umi_stage_is_open_inside(chosen) ||
        (umi_interaction_is_spread(imperfections) && imperfections->draw != UM_DRAW_FROZEN))
        return UMI_TRAPS_NONE;
    if (chosen->environment.kappa == 0 || !umi_stage_is_open_outside(chosen)) return UMI_TRAPS_CLOSED;
    return chosen->environment.n_th > 0 ? UMI_TRAPS_NONE : UMI_TRAPS_CEILING;
}

bool umi_generator_exists(const um_model *model, size_t stage)
{
    const um_spec *spec = um_model_get_spec(model);
    umi_collision it;
    if (stage >= spec->stages_count) return true;
    const um_stage *chosen = &spec->stages[stage];
    if (umi_stage_is_plain(chosen)) return true;
    if (!umi_stage_has_collisions(chosen) || umi_stage_differs(chosen) ||
        chosen->interaction.counter_rotating > 0 ||
        umi_collision_make(model->ctx, model, stage, 1, &it) != UM_OK)
        return false;
    return umi_collision_is_mixed(&it) || !umi_collision_is_table(&it) || umi_collision_is_summed(&it);
}
