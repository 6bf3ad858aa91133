/* The axes of a sweep as a configuration gives them. */
#ifndef UMI_CONFIG_AXES_H
#define UMI_CONFIG_AXES_H

#include "io/config.h"

enum { UMI_SWEEP_GRID, UMI_SWEEP_ZIP };

/* A list of {key, and one of linspace, logspace, values}. */
um_status umi_config_read_axes(um_config *config, const umi_yaml_node *list, int mode,
                               um_sweep_plan *plan);
/* The table of a CSV file whose first line has keys: one axis. */
um_status umi_config_read_points(um_config *config, const umi_yaml_node *node,
                                 um_sweep_axis *axis);

/* Why a key cannot be changed beside those before it, with %s for it; NULL: it can. */
const char *umi_config_refuse_axis(const char *const *before, size_t count, const char *key);

#endif
