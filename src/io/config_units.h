/* Units of a configuration. */
#ifndef UMI_CONFIG_UNITS_H
#define UMI_CONFIG_UNITS_H

#include "io/config.h"

/* Units and the battery's frequency, before anything is read that needs them. */
um_status umi_config_read_units(um_config *config);

/* A number in the model's units: an angular frequency, a time, ...; a temperature is k_B T / hbar. */
um_status umi_read_quantity(um_config *config, const umi_yaml_node *node, umi_dimension dimension,
                            double *value);

/* A number with one of the units, of whatever dimension. */
bool umi_has_unit(const umi_yaml_node *node);
/* Its number and unit, which is a constant; false: one of them is missing. */
bool umi_split_quantity(const umi_yaml_node *node, double *number, const char **unit);
/* How many of unit `to` one of `from` is, both as umi_split_quantity has them; 0: their dimensions differ. */
double umi_convert_unit(const char *from, const char *to);

#endif
