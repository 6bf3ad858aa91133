/* Battery and initial states. */
#include <string.h>

#include "io/config.h"

um_status umi_read_levels(um_config *config, const umi_key *key, const umi_yaml_node *node,
                          umi_settings *settings)
{
    int64_t levels = UM_LEVELS_AUTO;
    if (!umi_is_word(node, "auto"))
        UMI_TRY(
            umi_read_integer(config, node, UM_LEVELS_MIN, UM_LEVELS_MAX, key->allowed, &levels));
    settings->spec.battery.levels = (int)levels;
    return UM_OK;
}

um_status umi_read_energies(um_config *config, const umi_key *key, const umi_yaml_node *node,
                            umi_settings *settings)
{
    (void)key;
    return umi_read_numbers(config, node, &settings->spec.battery.energies,
                            &settings->energies_count);
}

um_status umi_read_lowering(um_config *config, const umi_key *key, const umi_yaml_node *node,
                            umi_settings *settings)
{
    (void)key;
    return umi_read_numbers(config, node, &settings->spec.battery.lowering,
                            &settings->lowering_count);
}

um_status umi_config_check_battery(um_config *config)
{
    umi_settings *settings = &config->settings;
    um_battery *battery = &settings->spec.battery;
    const umi_yaml_node *section = umi_yaml_find(config->root, "battery");
    const umi_yaml_node *energies = umi_yaml_find(section, "energies");
    const umi_yaml_node *lowering = umi_yaml_find(section, "lowering");
    const umi_yaml_node *levels = umi_yaml_find(section, "levels");
    if (battery->kind != UM_BATTERY_CUSTOM) {
        if (!energies && !lowering) return UM_OK;
        return UMI_CONFIG_FAIL(config, energies ? energies : lowering,
                               "only a battery of kind: "
                               "custom has its own %s",
                               energies ? "energies" : "lowering");
    }
    if (!energies || !lowering)
        return UMI_CONFIG_FAIL(config, section,
                               "a custom battery needs both energies and lowering; "
                               "%s is missing",
                               energies ? "lowering" : "energies");
    if (settings->energies_count != settings->lowering_count)
        return UMI_CONFIG_FAIL(config, lowering,
                               "%zu elements for %zu energies; give one for each "
                               "level, the first one 0",
                               settings->lowering_count, settings->energies_count);
    if (settings->energies_count < UM_LEVELS_MIN || settings->energies_count > UM_LEVELS_MAX)
        return UMI_CONFIG_FAIL(config, energies, "%zu levels; 2 to 20000 are allowed",
                               settings->energies_count);
    if (battery->levels != UM_LEVELS_AUTO && (size_t)battery->levels != settings->energies_count)
        return UMI_CONFIG_FAIL(config, levels ? levels : energies,
                               "levels: %d contradicts the %zu "
                               "energies; leave levels out",
                               battery->levels, settings->energies_count);
    battery->levels = (int)settings->energies_count;
    return UM_OK;
}

static const char *const forms[] = {"vacuum",   "fock", "coherent", "thermal",
                                    "squeezed", "file", "record"};
enum { FORMS = sizeof forms / sizeof forms[0] };

static um_status fail_form(um_config *config, const umi_key *key, const umi_yaml_node *node)
{
    char shown[UMI_YAML_SHOWN];
    const char *word = node->kind == UMI_YAML_SCALAR ? node->text : node->key ? node->key : "";
    int nearest = umi_nearest(word, forms, FORMS);
    if (node->kind == UMI_YAML_MAPPING && node->first) nearest = -1;
    return UMI_CONFIG_FAIL(config, node, "%s is not a state%s%s. Allowed: %s",
                           umi_yaml_show(node, shown), nearest >= 0 ? "; did you mean " : "",
                           nearest >= 0 ? forms[nearest] : "", key->allowed);
}

static um_status read_file(um_config *config, const umi_yaml_node *node, um_initial *initial)
{
    const umi_yaml_node *file = umi_yaml_find(node, "file");
    const umi_yaml_node *record = umi_yaml_find(node, "record");
    char shown[UMI_YAML_SHOWN];
    for (const umi_yaml_node *child = node->first; child; child = child->next)
        if (child != file && child != record)
            return UMI_CONFIG_FAIL(config, child,
                                   "unknown key; a state from a file has file and "
                                   "record");
    if (!file) return UMI_CONFIG_FAIL(config, node, "file is missing beside record");
    if (file->kind != UMI_YAML_SCALAR || umi_yaml_is_empty(file))
        return UMI_CONFIG_FAIL(config, file, "%s where the name of a result file is expected",
                               umi_yaml_show(file, shown));
    initial->kind = UM_INITIAL_MATRIX;
    initial->file = file->text;
    initial->record = -1;
    if (!record || umi_is_word(record, "last")) return UM_OK;
    return umi_read_integer(config, record, 0, INT64_C(1000000000000000), "last or 0 to 1e15",
                            &initial->record);
}

static um_status read_squeezed(um_config *config, const umi_yaml_node *node, um_initial *initial)
{
    if (node->kind != UMI_YAML_LIST || node->count != 2)
        return UMI_CONFIG_FAIL(config, node, "squeezed: [r, angle] is expected");
    UMI_TRY(umi_read_number(config, node->first, &initial->r));
    return umi_read_number(config, node->last, &initial->angle);
}

static um_status read_coherent(um_config *config, const umi_yaml_node *node, um_initial *initial)
{
    if (node->kind != UMI_YAML_LIST)
        return UMI_CONFIG_FAIL(config, node, "coherent: [re, im] is expected");
    return umi_read_complex(config, node, &initial->re, &initial->im);
}

static um_status read_initial(um_config *config, const umi_key *key, const umi_yaml_node *node,
                              um_initial *initial)
{
    *initial = (um_initial){.kind = UM_INITIAL_VACUUM, .record = -1};
    if (umi_is_word(node, "vacuum")) return UM_OK;
    if (node->kind != UMI_YAML_MAPPING || !node->first) return fail_form(config, key, node);
    if (umi_yaml_find(node, "file") || umi_yaml_find(node, "record"))
        return read_file(config, node, initial);
    const umi_yaml_node *form = node->first;
    if (form->next)
        return UMI_CONFIG_FAIL(config, form->next, "two forms of one state; give one of: %s",
                               key->allowed);
    int64_t level;
    if (strcmp(form->key, "fock") == 0) {
        initial->kind = UM_INITIAL_FOCK;
        UMI_TRY(umi_read_integer(config, form, 0, UM_LEVELS_MAX - 1, "0 to 19999", &level));
        initial->level = (int)level;
        return UM_OK;
    }
    if (strcmp(form->key, "thermal") == 0) {
        initial->kind = UM_INITIAL_THERMAL;
        return umi_read_number(config, form, &initial->mean);
    }
    if (strcmp(form->key, "coherent") == 0) {
        initial->kind = UM_INITIAL_COHERENT;
        return read_coherent(config, form, initial);
    }
    if (strcmp(form->key, "squeezed") == 0) {
        initial->kind = UM_INITIAL_SQUEEZED;
        return read_squeezed(config, form, initial);
    }
    return fail_form(config, key, form);
}

um_status umi_read_initial(um_config *config, const umi_key *key, const umi_yaml_node *node,
                           umi_settings *settings)
{
    return read_initial(config, key, node, &settings->spec.battery.initial);
}

um_status umi_read_fidelity(um_config *config, const umi_key *key, const umi_yaml_node *node,
                            umi_settings *settings)
{
    settings->spec.record.has_fidelity = true;
    return read_initial(config, key, node, &settings->spec.record.fidelity_with);
}
