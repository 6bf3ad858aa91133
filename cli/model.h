/* The configuration that the command line names, and the model it describes. */
#ifndef UMASER_CLI_MODEL_H
#define UMASER_CLI_MODEL_H

#include "cli.h"

typedef struct cli_model {
    um_config *config;
    um_model *model;
    char *text; /* resolved configuration */
} cli_model;

/* What fails is in the context; either way the caller ends it with cli_model_close. */
um_status cli_model_open(um_context *ctx, const cli_options *options, cli_model *model);
void cli_model_close(um_context *ctx, cli_model *model);

/* Where a result comes from: `overrides` is room for the --set texts as they were typed; the
 * resolved configuration has them too, without saying so. */
um_provenance cli_model_get_provenance(const cli_model *model, const cli_options *options,
                                       char *overrides, size_t room);

#endif
