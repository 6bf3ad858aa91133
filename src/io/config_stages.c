/* Atoms, interaction, stream, and the stages that may have their own. */
#include <math.h>
#include <string.h>

#include "io/config.h"

/* rho_q[g][e] = c sqrt(q(1-q)) e^(i phase): a 2 x 2 density matrix to q, c, phase. */
static um_status convert_state(um_config *config, const umi_yaml_node *node, double re[2][2],
                               double im[2][2], um_atoms *atoms)
{
    const double tolerance = 1e-12;
    if (fabs(im[0][0]) > tolerance || fabs(im[1][1]) > tolerance ||
        fabs(re[0][1] - re[1][0]) > tolerance || fabs(im[0][1] + im[1][0]) > tolerance)
        return UMI_CONFIG_FAIL(config, node, "the matrix is not Hermitian (to 1e-12)");
    if (fabs(re[0][0] + re[1][1] - 1) > tolerance)
        return UMI_CONFIG_FAIL(config, node, "the trace is %.15g; it must be 1 (to 1e-12)",
                               re[0][0] + re[1][1]);
    double modulus = hypot(re[0][1], im[0][1]);
    double half = (re[0][0] - re[1][1]) / 2, least = 0.5 - hypot(half, modulus);
    if (least < -tolerance)
        return UMI_CONFIG_FAIL(config, node,
                               "the matrix has the negative eigenvalue %.3g; it must "
                               "be a density matrix",
                               least);
    double q = fmin(fmax(re[0][0], 0), 1), most = sqrt(q * (1 - q));
    atoms->q = q;
    atoms->c = most > 0 ? fmin(modulus / most, 1) : 0;
    atoms->phase = modulus > 0 ? atan2(im[0][1], re[0][1]) : 0;
    return UM_OK;
}

um_status umi_read_atom_state(um_config *config, const umi_key *key, const umi_yaml_node *node,
                              umi_settings *settings)
{
    static const char *const rivals[] = {"q", "c", "phase"};
    double re[2][2], im[2][2];
    for (int i = 0; i < 3; i++)
        if (umi_yaml_find(node->parent, rivals[i]))
            return UMI_CONFIG_FAIL(config, node,
                                   "state and %s are both given; state stands in "
                                   "place of q, c and phase",
                                   rivals[i]);
    const umi_yaml_node *row = node->first;
    for (int i = 0; i < 2; i++, row = row->next) {
        if (node->kind != UMI_YAML_LIST || node->count != 2 || row->kind != UMI_YAML_LIST ||
            row->count != 2)
            return UMI_CONFIG_FAIL(config, node, "two rows of two elements are expected: %s",
                                   key->allowed);
        UMI_TRY(umi_read_complex(config, row->first, &re[i][0], &im[i][0]));
        UMI_TRY(umi_read_complex(config, row->last, &re[i][1], &im[i][1]));
    }
    return convert_state(config, node, re, im, &settings->stage.atoms);
}

um_status umi_read_theta(um_config *config, const umi_key *key, const umi_yaml_node *node,
                         umi_settings *settings)
{
    um_interaction *interaction = &settings->stage.interaction;
    if (node->kind != UMI_YAML_MAPPING) return umi_read_number(config, node, &interaction->theta);
    if (!umi_yaml_find(node, "trap") && node->count <= 1 && umi_yaml_find(node, "half_turns"))
        return UMI_CONFIG_FAIL(config, node, "trap is missing; allowed: %s", key->allowed);
    interaction->half_turns = 1;
    if (!node->first)
        return UMI_CONFIG_FAIL(config, node, "an empty mapping; allowed: %s", key->allowed);
    return umi_section_read(config, node, key->path, settings);
}

bool umi_has_trio(const umi_yaml_node *interaction)
{
    return umi_yaml_find(interaction, "theta") || umi_yaml_find(interaction, "g") ||
           umi_yaml_find(interaction, "tau");
}

um_status umi_config_check_trio(um_config *config, const umi_yaml_node *interaction)
{
    if (!interaction) return UM_OK;
    const umi_yaml_node *theta = umi_yaml_find(interaction, "theta");
    const umi_yaml_node *g = umi_yaml_find(interaction, "g");
    const umi_yaml_node *tau = umi_yaml_find(interaction, "tau");
    if (theta && g && tau)
        return UMI_CONFIG_FAIL(config, theta,
                               "theta is given twice over: as theta, and as g and "
                               "tau (theta = g tau); give two of the three");
    if (!theta && (g || tau) && !(g && tau))
        return UMI_CONFIG_FAIL(config, g ? g : tau,
                               "%s alone does not say what a collision does; "
                               "give theta, or two of theta, g and tau",
                               g ? "g" : "tau");
    return UM_OK;
}

um_status umi_read_stages(um_config *config, const umi_key *key, const umi_yaml_node *node,
                          umi_settings *settings)
{
    char shown[UMI_YAML_SHOWN];
    if (node->kind != UMI_YAML_LIST || node->count == 0)
        return UMI_CONFIG_FAIL(config, node, "%s where %s is expected",
                               node->kind == UMI_YAML_LIST ? "an empty list"
                                                           : umi_yaml_show(node, shown),
                               key->allowed);
    settings->stages = node; /* read when the settings they start from are known */
    return UM_OK;
}

/* One entry: its own settings override those of the top level key by key; theta, g and tau mean
 * one thing together, so any of them replaces all three. */
static um_status read_stage(um_config *config, const umi_yaml_node *node, um_stage *stage)
{
    char shown[UMI_YAML_SHOWN];
    umi_settings settings = config->settings;
    if (node->kind != UMI_YAML_MAPPING)
        return UMI_CONFIG_FAIL(config, node, "%s where a stage such as charge: 1000 is expected",
                               umi_yaml_show(node, shown));
    const umi_yaml_node *interaction = umi_yaml_find(node, "interaction");
    bool own = umi_has_trio(interaction);
    if (own) {
        um_interaction *trio = &settings.stage.interaction;
        trio->theta = trio->g = trio->tau = NAN;
        trio->trap = trio->half_turns = 0;
    }
    UMI_TRY(umi_section_read(config, node, "stages[]", &settings));
    UMI_TRY(umi_config_check_kind(config, node));
    UMI_TRY(umi_config_check_trio(config, interaction));
    UMI_TRY(umi_config_check_samples(config, umi_yaml_find(node, "imperfections"),
                                     &settings.stage));
    bool collides =
        settings.stage.kind == UM_STAGE_CHARGE || settings.stage.kind == UM_STAGE_DISCHARGE;
    if (collides && !own && !config->has_interaction)
        return UMI_CONFIG_FAIL(config, interaction ? interaction : node,
                               "theta is missing: give "
                               "interaction: {theta: 1}, or two of theta, g and tau, at the top "
                               "level or in this stage");
    *stage = settings.stage;
    return UM_OK;
}

um_status umi_config_read_stages(um_config *config)
{
    const umi_yaml_node *list = config->settings.stages;
    um_stage *stages = umi_arena_alloc(&config->arena, list->count, sizeof *stages);
    if (!stages) return UM_ERROR_MEMORY;
    size_t count = 0;
    for (const umi_yaml_node *node = list->first; node; node = node->next)
        UMI_TRY(read_stage(config, node, &stages[count++]));
    config->settings.spec.stages = stages;
    config->settings.spec.stages_count = count;
    return UM_OK;
}
