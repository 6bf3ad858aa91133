/* From the command line to a model. */
#include "model.h"

#include <stdio.h>

um_status cli_model_open(um_context *ctx, const cli_options *options, cli_model *model)
{
    *model = (cli_model){0};
    um_status status = um_config_read(ctx, options->input, options->overrides,
                                      options->overrides_count, &model->config);
    if (status == UM_OK) status = um_config_create_model(ctx, model->config, &model->model);
    if (status == UM_OK) status = um_config_format(ctx, model->model, &model->text);
    return status;
}

void cli_model_close(um_context *ctx, cli_model *model)
{
    um_text_destroy(ctx, model->text);
    um_model_destroy(model->model);
    um_config_destroy(model->config);
    *model = (cli_model){0};
}

um_provenance cli_model_get_provenance(const cli_model *model, const cli_options *options,
                                       char *overrides, size_t room)
{
    size_t used = 0;
    overrides[0] = '\0';
    for (size_t i = 0; i < options->overrides_count && used < room; i++)
        if (options->overrides[i] != options->seed_override)
            used += (size_t)snprintf(overrides + used, room - used, "%s--set %s", i ? " " : "",
                                     options->overrides[i]);
    return (um_provenance){.config = model->text,
                           .options = overrides,
                           .seed = um_model_get_spec(model->model)->seed,
                           .threads = options->threads};
}
