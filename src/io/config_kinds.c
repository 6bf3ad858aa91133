/* What a stage does, and when it ends. */
#include <stdio.h>
#include <string.h>

#include "io/config_units.h"

static const int64_t COLLISIONS_MAX = INT64_C(1000000000000000);

um_status umi_read_charge(um_config *config, const umi_key *key, const umi_yaml_node *node,
                          umi_settings *settings)
{
    settings->stage.kind = umi_key_is(key, "charge") ? UM_STAGE_CHARGE : UM_STAGE_DISCHARGE;
    return umi_read_integer(config, node, 0, COLLISIONS_MAX, key->allowed,
                            &settings->stage.collisions);
}

um_status umi_read_store(um_config *config, const umi_key *key, const umi_yaml_node *node,
                         umi_settings *settings)
{
    settings->stage.kind = UM_STAGE_STORE;
    return umi_read_quantity(config, node, key->dimension, &settings->stage.duration);
}

um_status umi_read_drive(um_config *config, const umi_key *key, const umi_yaml_node *node,
                         umi_settings *settings)
{
    char shown[UMI_YAML_SHOWN];
    um_stage *stage = &settings->stage;
    stage->kind = UM_STAGE_DRIVE;
    if (node->kind != UMI_YAML_LIST)
        return UMI_CONFIG_FAIL(config, node, "%s where %s is expected", umi_yaml_show(node, shown),
                               key->allowed);
    return umi_read_complex(config, node, &stage->drive_re, &stage->drive_im);
}

/* A mapping of one condition; its keys are rows of the schema, too. */
um_status umi_read_until(um_config *config, const umi_key *key, const umi_yaml_node *node,
                         umi_settings *settings)
{
    char shown[UMI_YAML_SHOWN];
    if (node->kind != UMI_YAML_MAPPING || !node->first)
        return UMI_CONFIG_FAIL(config, node, "%s where %s is expected",
                               node->kind == UMI_YAML_MAPPING ? "an empty mapping"
                                                              : umi_yaml_show(node, shown),
                               key->allowed);
    if (node->first->next)
        return UMI_CONFIG_FAIL(config, node->first->next,
                               "%s and %s are both given; a stage ends on one condition",
                               node->first->key, node->first->next->key);
    return umi_section_read(config, node, key->path, settings);
}

um_status umi_read_condition(um_config *config, const umi_key *key, const umi_yaml_node *node,
                             umi_settings *settings)
{
    um_until *until = &settings->stage.until;
    *until = (um_until){0};
    if (umi_key_is(key, "plateau")) {
        int place;
        until->kind = UM_UNTIL_PLATEAU;
        return umi_read_word(config, node, "true", &place);
    }
    if (umi_key_is(key, "peak")) {
        until->kind = UM_UNTIL_PEAK;
        return umi_read_integer(config, node, 1, COLLISIONS_MAX, key->allowed, &until->look_ahead);
    }
    until->kind = umi_key_is(key, "energy") ? UM_UNTIL_ENERGY : UM_UNTIL_ERGOTROPY;
    return umi_read_number(config, node, &until->value);
}

/* The entry's key that says what it does; NULL after a failure. */
static const umi_yaml_node *find_kind(um_config *config, const umi_yaml_node *node)
{
    static const char *const kinds[] = {"charge", "store", "discharge", "drive"};
    const umi_yaml_node *found = NULL;
    for (const umi_yaml_node *child = node->first; child; child = child->next)
        for (int i = 0; i < 4; i++) {
            if (strcmp(child->key, kinds[i]) != 0) continue;
            if (found) {
                UMI_CONFIG_FAIL(config, child,
                                "%s and %s are both given; a stage does one thing: make two of it",
                                found->key, child->key);
                return NULL;
            }
            found = child;
        }
    if (!found)
        UMI_CONFIG_FAIL(config, node,
                        "the stage does not say what happens; give charge: or discharge: and the "
                        "number of collisions at which it ends, store: and a time, or drive: [re, im]");
    return found;
}

static um_status refuse_key(um_config *config, const umi_yaml_node *section, const char *key,
                            const char *why)
{
    const umi_yaml_node *node = section && section->kind == UMI_YAML_MAPPING
                                    ? umi_yaml_find(section, key)
                                    : NULL;
    if (!node) return UM_OK;
    return UMI_CONFIG_FAIL(config, node, "%s; take it out", why);
}

/* What a stage has of its own must have something to do there. */
um_status umi_config_check_kind(um_config *config, const umi_yaml_node *node)
{
    static const char *const unused[] = {"atoms",         "interaction", "stream",
                                         "imperfections", "until",       "environment"};
    static const char *const fixed[] = {"q", "c", "phase", "state"};
    static const char *const scatter[] = {"q_spread", "phase_spread"};
    const umi_yaml_node *kind = find_kind(config, node);
    if (!kind) return UM_ERROR_CONFIG;
    bool store = strcmp(kind->key, "store") == 0, drive = strcmp(kind->key, "drive") == 0;
    char why[96];
    snprintf(why, sizeof why, "it means nothing in a %s, where nothing collides%s", kind->key,
             drive ? " and no time passes" : "");
    for (int i = 0; (store || drive) && i < (drive ? 6 : 5); i++)
        UMI_TRY(refuse_key(config, node, unused[i], why));
    if (strcmp(kind->key, "discharge") != 0) return UM_OK;
    const char *ground = "the atoms of a discharge are in their ground state";
    for (int i = 0; i < 4; i++)
        UMI_TRY(refuse_key(config, umi_yaml_find(node, "atoms"), fixed[i], ground));
    for (int i = 0; i < 2; i++) {
        const umi_yaml_node *section = umi_yaml_find(node, "imperfections"), *value = NULL;
        double spread = 0;
        if (section && section->kind == UMI_YAML_MAPPING) value = umi_yaml_find(section, scatter[i]);
        if (value) UMI_TRY(umi_read_number(config, value, &spread));
        if (spread != 0) UMI_TRY(refuse_key(config, section, scatter[i], ground));
    }
    return UM_OK;
}
