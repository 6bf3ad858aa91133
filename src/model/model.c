/* A model: a description checked, resolved and copied deeply. */
#include "model/model.h"

#include <math.h>
#include <string.h>

static const um_stage default_stage = {
    .kind = UM_STAGE_CHARGE,
    .interaction = {.theta = NAN, .g = NAN, .tau = NAN, .pulse_width = 0.25},
    .stream = {.period = NAN, .frame = UM_FRAME_LOCKED, .atom_probability = 1},
    .environment = {.during_collision = true},
};

void um_spec_init(um_spec *spec)
{
    *spec = (um_spec){
        .battery = {.kind = UM_BATTERY_CAVITY,
                    .levels = UM_LEVELS_AUTO,
                    .max_levels = 4096,
                    .frequency = 1,
                    .initial = {.kind = UM_INITIAL_VACUUM, .record = -1}},
        .stages = &default_stage,
        .stages_count = 1,
        .record = {.mode = UM_RECORD_LOG, .per_decade = 20, .fidelity_with = {.record = -1}},
        .accuracy = {.truncation = 1e-10, .plateau_tolerance = 0.02, .horizon = 1e15},
    };
}

/* Copies of what a spec points to. A pointer that is NULL stays NULL and is not a failure. */
static um_status copy_array(um_context *ctx, const void *source, size_t count, size_t size,
                            const void **copy)
{
    *copy = NULL;
    if (!source || count == 0) return UM_OK;
    void *block = umi_alloc(ctx, count, size);
    if (!block) return UM_ERROR_MEMORY;
    memcpy(block, source, count * size);
    *copy = block;
    return UM_OK;
}

#define COPY(ctx, source, count, copy) \
    UMI_TRY(copy_array(ctx, source, count, sizeof *(source), (const void **)(copy)))

static um_status copy_text(um_context *ctx, const char *source, const char **copy)
{
    COPY(ctx, source, source ? strlen(source) + 1 : 0, copy);
    return UM_OK;
}

static um_status copy_initial(um_context *ctx, const um_initial *source, um_initial *copy)
{
    *copy = *source;
    copy->real = copy->imag = NULL;
    copy->file = NULL;
    if (source->kind != UM_INITIAL_MATRIX) return UM_OK;
    size_t elements = (size_t)source->levels * (size_t)source->levels;
    COPY(ctx, source->real, elements, &copy->real);
    COPY(ctx, source->imag, elements, &copy->imag);
    return copy_text(ctx, source->file, &copy->file);
}

static um_status copy_battery(um_context *ctx, const um_battery *source, um_battery *copy)
{
    *copy = *source;
    copy->energies = copy->lowering = NULL;
    copy->initial = (um_initial){0};
    UMI_TRY(copy_initial(ctx, &source->initial, &copy->initial));
    if (source->kind != UM_BATTERY_CUSTOM) return UM_OK;
    COPY(ctx, source->energies, (size_t)source->levels, &copy->energies);
    COPY(ctx, source->lowering, (size_t)source->levels, &copy->lowering);
    return UM_OK;
}

static um_status copy_record(um_context *ctx, const um_record *source, um_record *copy)
{
    *copy = *source;
    copy->at = copy->states = copy->wigner_at = NULL;
    copy->fidelity_with = (um_initial){0};
    if (source->mode != UM_RECORD_LIST) copy->at_count = 0;
    COPY(ctx, source->at, copy->at_count, &copy->at);
    COPY(ctx, source->states, source->states_count, &copy->states);
    COPY(ctx, source->wigner_at, source->wigner_count, &copy->wigner_at);
    if (!source->has_fidelity) return UM_OK;
    return copy_initial(ctx, &source->fidelity_with, &copy->fidelity_with);
}

/* Samples belong to their law alone: without it they are left behind. */
static um_status copy_samples(um_context *ctx, const um_stage *source, um_stage *copy)
{
    um_imperfections *it = &copy->imperfections;
    bool used = umi_stage_has_collisions(source) && it->theta_law == UM_SPREAD_SAMPLES;
    if (!used) it->theta_samples_count = 0;
    COPY(ctx, source->imperfections.theta_samples, it->theta_samples_count, &it->theta_samples);
    return UM_OK;
}

static um_status copy_stages(um_context *ctx, const um_spec *source, um_spec *copy)
{
    um_stage *stages = UMI_NEW_ARRAY(ctx, um_stage, source->stages_count);
    if (!stages) return UM_ERROR_MEMORY;
    for (size_t i = 0; i < source->stages_count; i++) {
        stages[i] = source->stages[i];
        stages[i].imperfections.theta_samples = NULL;
    }
    copy->stages = stages;
    copy->stages_count = source->stages_count;
    for (size_t i = 0; i < source->stages_count; i++)
        UMI_TRY(copy_samples(ctx, &source->stages[i], &stages[i]));
    return UM_OK;
}

/* Every pointer of `copy` is either NULL or its own at any return. */
static um_status copy_spec(um_context *ctx, const um_spec *source, um_spec *copy)
{
    copy->accuracy = source->accuracy;
    copy->seed = source->seed;
    copy->omega_si = source->omega_si;
    UMI_TRY(copy_text(ctx, source->title, &copy->title));
    UMI_TRY(copy_battery(ctx, &source->battery, &copy->battery));
    UMI_TRY(copy_stages(ctx, source, copy));
    return copy_record(ctx, &source->record, &copy->record);
}

static void free_initial(um_context *ctx, const um_initial *initial)
{
    umi_free(ctx, (void *)initial->real);
    umi_free(ctx, (void *)initial->imag);
    umi_free(ctx, (void *)initial->file);
}

void um_model_destroy(um_model *model)
{
    if (!model) return;
    um_context *ctx = model->ctx;
    const um_spec *spec = &model->spec;
    umi_free(ctx, (void *)spec->title);
    free_initial(ctx, &spec->battery.initial);
    umi_free(ctx, (void *)spec->battery.energies);
    umi_free(ctx, (void *)spec->battery.lowering);
    for (size_t i = 0; i < spec->stages_count; i++)
        umi_free(ctx, (void *)spec->stages[i].imperfections.theta_samples);
    umi_free(ctx, (void *)spec->stages);
    umi_free(ctx, (void *)spec->record.at);
    umi_free(ctx, (void *)spec->record.states);
    umi_free(ctx, (void *)spec->record.wigner_at);
    free_initial(ctx, &spec->record.fidelity_with);
    umi_free(ctx, model);
}

/* Rates that act at no time of the whole run are not what somebody meant. In one of several stages
 * they may be. */
static um_status check_time_passes(um_context *ctx, const um_spec *spec)
{
    umi_stage_place place = {ctx, &spec->battery, 0};
    bool given = false;
    for (size_t i = 0; i < spec->stages_count; i++) {
        const um_stage *stage = &spec->stages[i];
        if (umi_stage_is_open_inside(stage) || umi_stage_is_open_outside(stage)) return UM_OK;
        if (!umi_environment_has_rates(&stage->environment) || given) continue;
        given = true;
        place.index = i;
    }
    if (!given) return UM_OK;
    return umi_fail_stage(&place, "environment",
                          "rates are given, but no time passes in which they act: give a period > "
                          "tau, or tau > 0 and during_collision: true (rates of the atom act while "
                          "it is inside), or a store stage");
}

static um_status resolve(um_context *ctx, um_spec *spec)
{
    um_stage *stages = (um_stage *)spec->stages; /* the model's own copy */
    for (size_t i = 0; i < spec->stages_count; i++) {
        umi_stage_place place = {ctx, &spec->battery, i};
        UMI_TRY(umi_stage_resolve(&place, &stages[i]));
    }
    return check_time_passes(ctx, spec);
}

um_status um_model_create(um_context *ctx, const um_spec *spec, um_model **model)
{
    *model = NULL;
    UMI_TRY(umi_model_check(ctx, spec));
    um_model *made = UMI_NEW(ctx, um_model);
    if (!made) return UM_ERROR_MEMORY;
    made->ctx = ctx;
    um_status status = copy_spec(ctx, spec, &made->spec);
    if (status == UM_OK) status = resolve(ctx, &made->spec);
    if (status != UM_OK) {
        um_model_destroy(made);
        return status;
    }
    made->digest = umi_model_digest(&made->spec);
    *model = made;
    return UM_OK;
}

const um_spec *um_model_get_spec(const um_model *model) { return &model->spec; }

uint64_t um_model_get_digest(const um_model *model) { return model->digest; }
