/* Samples of theta: a list, or a file of numbers. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/config.h"
#include "io/expression.h"

enum { SAMPLES_MAX = 10000 };

static um_status fail_file(um_config *config, const umi_yaml_node *node, const char *path,
                           const char *why)
{
    UMI_CONFIG_FAIL(config, node, "%.200s cannot be read: %s", path, why);
    config->ctx->error.status = UM_ERROR_IO;
    return UM_ERROR_IO;
}

/* One number; spaces around it do not count. False at an empty line or a comment. */
static bool take_number(char *line, char **number)
{
    *number = line + strspn(line, " \t");
    size_t length = strcspn(*number, "\r\n#");
    while (length > 0 && strchr(" \t,", (*number)[length - 1])) length--;
    (*number)[length] = '\0';
    return length > 0;
}

static um_status read_lines(um_config *config, const umi_yaml_node *node, FILE *file,
                            const char *path, double *samples, size_t *count)
{
    char line[256], reason[UMI_REASON], *number;
    for (int at = 1; fgets(line, sizeof line, file); at++) {
        if (!take_number(line, &number)) continue;
        if (*count == SAMPLES_MAX)
            return UMI_CONFIG_FAIL(config, node, "%.200s has more than %d samples", path,
                                   SAMPLES_MAX);
        if (!umi_number_parse(number, &samples[*count], reason))
            return UMI_CONFIG_FAIL(config, node,
                                   "%.200s, line %d: %s; one number in each line is expected", path,
                                   at, reason);
        ++*count;
    }
    if (ferror(file)) return fail_file(config, node, path, strerror(errno));
    if (*count == 0) return UMI_CONFIG_FAIL(config, node, "%.200s has no samples", path);
    return UM_OK;
}

static um_status read_file(um_config *config, const umi_yaml_node *node, um_imperfections *it)
{
    char path[UMI_CONFIG_PATH];
    if (!umi_config_find_file(config, node->text, path))
        return UMI_CONFIG_FAIL(config, node, "the name of the file is too long");
    double *samples = umi_arena_alloc(&config->arena, SAMPLES_MAX, sizeof *samples);
    if (!samples) return UM_ERROR_MEMORY;
    FILE *file = fopen(path, "rb");
    if (!file) return fail_file(config, node, path, strerror(errno));
    it->theta_samples_count = 0;
    um_status status =
        read_lines(config, node, file, path, samples, &it->theta_samples_count);
    fclose(file);
    it->theta_samples = samples;
    return status;
}

um_status umi_read_theta_samples(um_config *config, const umi_key *key, const umi_yaml_node *node,
                                 umi_settings *settings)
{
    um_imperfections *it = &settings->stage.imperfections;
    char shown[UMI_YAML_SHOWN];
    if (node->kind == UMI_YAML_SCALAR && !umi_yaml_is_empty(node))
        return read_file(config, node, it);
    if (node->kind != UMI_YAML_LIST || node->count == 0 || node->count > SAMPLES_MAX)
        return UMI_CONFIG_FAIL(config, node, "%s where %s is expected",
                               node->kind == UMI_YAML_LIST ? "a list of no or too many samples"
                                                           : umi_yaml_show(node, shown),
                               key->allowed);
    return umi_read_numbers(config, node, &it->theta_samples, &it->theta_samples_count);
}

/* Samples without their law would be ignored. */
um_status umi_config_check_samples(um_config *config, const umi_yaml_node *section,
                                   const um_stage *stage)
{
    const umi_yaml_node *node = umi_yaml_find(section, "theta_samples");
    if (!node || stage->imperfections.theta_law == UM_SPREAD_SAMPLES) return UM_OK;
    return UMI_CONFIG_FAIL(config, node, "samples are given, but theta_law is not samples; add "
                                         "theta_law: samples, or take them out");
}
