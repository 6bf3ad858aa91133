/* What is recorded. */
#include <stdio.h>
#include <string.h>

#include "io/config.h"

um_status umi_read_record_at(um_config *config, const umi_key *key, const umi_yaml_node *node,
                             umi_settings *settings)
{
    um_record *record = &settings->spec.record;
    char shown[UMI_YAML_SHOWN];
    if (node->kind == UMI_YAML_LIST) {
        record->mode = UM_RECORD_LIST;
        return umi_read_collisions(config, node, &record->at, &record->at_count);
    }
    if (umi_is_word(node, "log"))
        record->mode = UM_RECORD_LOG;
    else if (umi_is_word(node, "every"))
        record->mode = UM_RECORD_EVERY;
    else
        return UMI_CONFIG_FAIL(config, node, "%s; allowed: %s", umi_yaml_show(node, shown),
                               key->allowed);
    return UM_OK;
}

static um_status add_observable(um_config *config, const umi_yaml_node *node, uint64_t *set)
{
    char shown[UMI_YAML_SHOWN];
    const char *names[UM_QUANTITY_COUNT], *text = node->kind == UMI_YAML_SCALAR ? node->text : "";
    for (int i = 0; i < UM_QUANTITY_COUNT; i++) {
        names[i] = um_quantity_get_info(i)->name;
        if (strcmp(names[i], text) != 0) continue;
        if (*set & UM_QUANTITY_BIT(i))
            return UMI_CONFIG_FAIL(config, node, "%s is named twice", names[i]);
        *set |= UM_QUANTITY_BIT(i);
        return UM_OK;
    }
    int nearest = umi_nearest(text, names, UM_QUANTITY_COUNT);
    return UMI_CONFIG_FAIL(config, node,
                           "unknown observable %s%s%s; umaser help observables lists "
                           "all",
                           umi_yaml_show(node, shown),
                           nearest >= 0 ? "; the nearest known one is " : "",
                           nearest >= 0 ? names[nearest] : "");
}

um_status umi_read_quantities(um_config *config, const umi_yaml_node *node, const char *allowed,
                              uint64_t *set)
{
    char shown[UMI_YAML_SHOWN];
    *set = 0;
    if (node->kind != UMI_YAML_LIST || node->count == 0)
        return UMI_CONFIG_FAIL(config, node, "%s; allowed: %s (as in [energy, purity])",
                               node->kind == UMI_YAML_LIST ? "an empty list"
                                                           : umi_yaml_show(node, shown),
                               allowed);
    for (const umi_yaml_node *item = node->first; item; item = item->next)
        UMI_TRY(add_observable(config, item, set));
    return UM_OK;
}

um_status umi_read_observables(um_config *config, const umi_key *key, const umi_yaml_node *node,
                               umi_settings *settings)
{
    settings->spec.record.observables = 0;
    if (umi_is_word(node, "default")) return UM_OK;
    return umi_read_quantities(config, node, key->allowed, &settings->spec.record.observables);
}

um_status umi_read_states(um_config *config, const umi_key *key, const umi_yaml_node *node,
                          umi_settings *settings)
{
    (void)key;
    return umi_read_collisions(config, node, &settings->spec.record.states,
                               &settings->spec.record.states_count);
}

um_status umi_read_wigner_at(um_config *config, const umi_key *key, const umi_yaml_node *node,
                             umi_settings *settings)
{
    (void)key;
    return umi_read_collisions(config, node, &settings->spec.record.wigner_at,
                               &settings->spec.record.wigner_count);
}

um_status umi_read_wigner_grid(um_config *config, const umi_key *key, const umi_yaml_node *node,
                               umi_settings *settings)
{
    um_wigner_grid *grid = &settings->spec.record.wigner_grid;
    char shown[UMI_YAML_SHOWN];
    int64_t points;
    if (node->kind != UMI_YAML_LIST || node->count != 3)
        return UMI_CONFIG_FAIL(config, node, "%s where %s is expected",
                               node->kind == UMI_YAML_LIST ? "a list of another length"
                                                           : umi_yaml_show(node, shown),
                               key->allowed);
    UMI_TRY(umi_read_number(config, node->first, &grid->min));
    UMI_TRY(umi_read_number(config, node->first->next, &grid->max));
    UMI_TRY(umi_read_integer(config, node->last, 2, 4000, "2 to 4000", &points));
    grid->points = (int)points;
    return UM_OK;
}

um_status umi_config_check_record(um_config *config)
{
    um_record *record = &config->settings.spec.record;
    const umi_yaml_node *section = umi_yaml_find(config->root, "record");
    const umi_yaml_node *wigner = umi_yaml_find(section, "wigner");
    if (wigner && record->wigner_count > 0 && !umi_yaml_find(wigner, "grid"))
        return UMI_CONFIG_FAIL(config, wigner, "grid is missing: give grid: [min, max, points]");
    if (!record->has_fidelity && record->observables & UM_QUANTITY_BIT(UM_FIDELITY))
        return UMI_CONFIG_FAIL(config, umi_yaml_find(section, "observables"),
                               "fidelity needs "
                               "record.fidelity_with, the state to compare with");
    if (record->has_fidelity) {
        bool named = record->observables != 0;
        for (int i = 0; i < UM_QUANTITY_COUNT && !named; i++)
            if (um_quantity_get_info(i)->by_default) record->observables |= UM_QUANTITY_BIT(i);
        record->observables |= UM_QUANTITY_BIT(UM_FIDELITY);
    }
    return UM_OK;
}
