/* The resolved configuration as YAML, in parts. */
#ifndef UMI_CONFIG_FORMAT_H
#define UMI_CONFIG_FORMAT_H

#include "io/config.h"
#include "io/text.h"

void umi_text_add_numbers(umi_text *w, const double *values, size_t count);
void umi_text_add_field(umi_text *w, const char *before, double value);

/* Settings of the top level, then the stages and what they have of their own. */
void umi_format_stages(umi_text *w, const um_spec *spec);

#endif
