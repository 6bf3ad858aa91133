/* What a run found, as data: names of the recorded numbers, and the end of results and archives. */
#include "base/base.h"
#include "umaser/charge.h"

#define QUANTITY_INFO(id, name, units, long_name, by_default) {name, units, long_name, by_default},
static const um_quantity_info quantities[] = {UM_QUANTITY_LIST(QUANTITY_INFO)};

const um_quantity_info *um_quantity_get_info(int quantity)
{
    return quantity >= 0 && quantity < UM_QUANTITY_COUNT ? &quantities[quantity] : NULL;
}

static void free_series(um_context *ctx, um_result *result)
{
    umi_free(ctx, result->stage);
    umi_free(ctx, result->collision);
    umi_free(ctx, result->time);
    for (int i = 0; i < UM_QUANTITY_COUNT; i++) umi_free(ctx, result->series[i]);
    umi_free(ctx, result->populations);
    umi_free(ctx, result->final_populations);
}

static void free_states(um_context *ctx, um_result *result)
{
    for (size_t i = 0; i < result->states_count; i++) {
        umi_free(ctx, result->states[i].real);
        umi_free(ctx, result->states[i].imag);
    }
    umi_free(ctx, result->states);
    for (size_t i = 0; i < result->wigners_count; i++) {
        umi_free(ctx, result->wigners[i].wigner);
        umi_free(ctx, result->wigners[i].husimi);
    }
    umi_free(ctx, result->wigners);
}

/* A result that was read owns its strings too: its methods may be of another build's list. */
static void free_texts(um_context *ctx, um_result *result)
{
    for (size_t i = 0; result->stages && i < result->stages_count; i++)
        umi_free(ctx, (char *)result->stages[i].method);
    for (size_t i = 0; i < result->warnings_count; i++) umi_free(ctx, result->warnings[i]);
    umi_free(ctx, result->warnings);
    umi_free(ctx, (char *)result->kernel);
}

void um_result_destroy(um_context *ctx, um_result *result)
{
    if (!result) return;
    free_texts(ctx, result);
    free_series(ctx, result);
    free_states(ctx, result);
    umi_free(ctx, result->stages);
    umi_free(ctx, result->plateaus);
    umi_free(ctx, result);
}

void um_archive_clear(um_context *ctx, um_archive *archive)
{
    for (size_t i = 0; i < archive->count; i++) {
        umi_free(ctx, archive->entries[i].real);
        umi_free(ctx, archive->entries[i].integer);
    }
    umi_free(ctx, archive->entries);
    *archive = (um_archive){0};
}
