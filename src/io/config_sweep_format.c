/* What a sweep is, as text: equal texts mean equal numbers. */
#include <inttypes.h>
#include <string.h>

#include "io/config.h"
#include "io/file.h"
#include "io/text.h"

static void add_axis(umi_text *w, const um_sweep_axis *axis)
{
    umi_text_add(w, "  - name: %s\n    count: %zu\n", axis->name, axis->count);
    for (size_t i = 0; i < axis->keys_count; i++) {
        umi_text_add(w, "    ");
        umi_text_add_bytes(w, axis->keys[i], strlen(axis->keys[i]));
        umi_text_add(w, ":");
        for (size_t j = 0; j < axis->count; j++) {
            const char *text = axis->texts[i * axis->count + j];
            umi_text_add(w, " ");
            umi_text_add_bytes(w, text, strlen(text));
        }
        umi_text_add(w, "\n");
    }
}

static void add_plan(umi_text *w, const um_sweep_plan *plan, uint64_t seed)
{
    umi_text_add(w, "analysis: %s\n", plan->analysis == UM_SWEEP_RUN ? "run" : "steady");
    if (plan->analysis == UM_SWEEP_STEADY) umi_text_add(w, "stage: %d\n", plan->stage);
    umi_text_add(w, "axes:\n");
    for (size_t i = 0; i < plan->axes_count; i++) add_axis(w, &plan->axes[i]);
    umi_text_add(w, "summaries:");
    for (size_t i = 0; i < plan->summaries_count; i++)
        umi_text_add(w, " %s", um_summary_get_info((int)plan->summaries[i])->name);
    umi_text_add(w, "\nseries:");
    for (int i = 0; i < UM_QUANTITY_COUNT; i++)
        if (plan->series & UM_QUANTITY_BIT(i)) umi_text_add(w, " %s", um_quantity_get_info(i)->name);
    umi_text_add(w, "\nrepeats: %d\nseed: %" PRIu64 "\n", plan->repeats, seed);
}

/* Two configurations may agree at the first point and nowhere else: g with tau, or theta with tau. */
static void add_given(umi_text *w, const um_config *config)
{
    umi_text_add(w, "# as given\n");
    for (const umi_yaml_node *child = config->root->first; child; child = child->next) {
        if (strcmp(child->key, "sweep") == 0) continue;
        umi_text_add_bytes(w, child->key, strlen(child->key));
        umi_text_add(w, ": ");
        umi_text_add_node(w, child);
        umi_text_add(w, "\n");
    }
}

um_status um_config_format_sweep(um_context *ctx, const um_config *config, uint64_t seed,
                                 char **text)
{
    um_sweep_plan plan;
    um_model *model = NULL;
    char *first = NULL;
    *text = NULL;
    UMI_TRY(um_config_get_plan(ctx, config, &plan));
    UMI_TRY(um_config_create_point((void *)config, ctx, 0, seed, &model));
    um_status status = um_config_format(ctx, model, &first);
    uint64_t digest = um_model_get_digest(model);
    um_model_destroy(model);
    UMI_TRY(status);
    umi_text w = {.ctx = ctx};
    umi_c_locale locale = umi_c_locale_enter();
    umi_text_add(&w, "umaser: %s\n", UM_VERSION);
    add_plan(&w, &plan, seed);
    umi_c_locale_leave(locale);
    umi_text_add(&w, "# the first point\n");
    umi_text_add_bytes(&w, first, strlen(first));
    umi_free(ctx, first);
    add_given(&w, config);
    umi_text_add(&w, "# digest of the first point\n%016" PRIx64 "\n", digest);
    if (w.failed) {
        umi_free(ctx, w.text);
        return UM_ERROR_MEMORY;
    }
    *text = w.text;
    return UM_OK;
}

um_status um_config_format_source(um_context *ctx, const um_config *config, char **text)
{
    umi_text w = {.ctx = ctx};
    *text = NULL;
    umi_text_add_node(&w, config->root);
    if (w.failed) {
        umi_free(ctx, w.text);
        return UM_ERROR_MEMORY;
    }
    *text = w.text;
    return UM_OK;
}
