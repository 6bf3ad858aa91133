/* The environment: rates, and what stands in their place. */
#include <math.h>
#include <stdio.h>

#include "io/config_units.h"

/* Two keys of one section that say the same thing. */
static um_status refuse_rivals(um_config *config, const umi_yaml_node *node,
                               const char *const *rivals, size_t count, const char *one)
{
    for (size_t i = 0; i < count; i++) {
        const umi_yaml_node *other = umi_yaml_find(node->parent, rivals[i]);
        if (!other || other == node || other->index > node->index) continue;
        char where[32] = "on the command line";
        if (other->line > 0) snprintf(where, sizeof where, "in line %d", other->line);
        return UMI_CONFIG_FAIL(config, node, "%s and %s (%s) are both given; give one %s",
                               node->key, other->key, where, one);
    }
    return UM_OK;
}

static um_status expect_positive(um_config *config, const umi_yaml_node *node, double value)
{
    char shown[UMI_YAML_SHOWN];
    if (value > 0) return UM_OK;
    return UMI_CONFIG_FAIL(config, node, "%s; it must be > 0", umi_yaml_show(node, shown));
}

um_status umi_read_kappa(um_config *config, const umi_key *key, const umi_yaml_node *node,
                         umi_settings *settings)
{
    static const char *const rivals[] = {"kappa", "Q", "lifetime"};
    double value, *kappa = &settings->stage.environment.kappa;
    UMI_TRY(refuse_rivals(config, node, rivals, 3, "of kappa, Q and lifetime"));
    UMI_TRY(umi_read_quantity(config, node, key->dimension, &value));
    if (umi_key_is(key, "kappa")) {
        *kappa = value;
        return UM_OK;
    }
    UMI_TRY(expect_positive(config, node, value));
    *kappa = umi_key_is(key, "Q") ? config->frequency / value : 1 / value;
    return UM_OK;
}

um_status umi_read_n_th(um_config *config, const umi_key *key, const umi_yaml_node *node,
                        umi_settings *settings)
{
    static const char *const rivals[] = {"n_th", "temperature"};
    char shown[UMI_YAML_SHOWN];
    double value, *n_th = &settings->stage.environment.n_th;
    UMI_TRY(refuse_rivals(config, node, rivals, 2, "of n_th and temperature"));
    UMI_TRY(umi_read_quantity(config, node, key->dimension, &value));
    if (umi_key_is(key, "temperature")) {
        if (!(value >= 0))
            return UMI_CONFIG_FAIL(config, node, "%s; a temperature must be >= 0",
                                   umi_yaml_show(node, shown));
        value = value > 0 ? 1 / expm1(config->frequency / value) : 0;
    }
    *n_th = value;
    return UM_OK;
}

um_status umi_read_during(um_config *config, const umi_key *key, const umi_yaml_node *node,
                          umi_settings *settings)
{
    int place;
    UMI_TRY(umi_read_word(config, node, key->choices, &place));
    settings->stage.environment.during_collision = place == 1;
    return UM_OK;
}

um_status umi_read_period(um_config *config, const umi_key *key, const umi_yaml_node *node,
                          umi_settings *settings)
{
    static const char *const rivals[] = {"period", "rate"};
    double *period = &settings->stage.stream.period, value;
    UMI_TRY(refuse_rivals(config, node, rivals, 2, "of period and rate"));
    *period = NAN;
    bool rate = umi_key_is(key, "rate");
    if (!rate && umi_is_word(node, "tau")) return UM_OK;
    UMI_TRY(umi_read_quantity(config, node, key->dimension, &value));
    if (rate) UMI_TRY(expect_positive(config, node, value));
    *period = rate ? 1 / value : value;
    return UM_OK;
}
