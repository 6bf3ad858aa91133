/* Typed values of single nodes, and the nearest word to a misspelt one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/config.h"
#include "io/expression.h"

enum { WORD = 40 };

/* Edit distance with exchange of neighbours (optimal string alignment). */
static int distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    if (n >= WORD || m >= WORD) return WORD;
    int row[3][WORD + 1];
    for (size_t j = 0; j <= m; j++) row[0][j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        int *now = row[i % 3], *above = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            now[j] =
                umi_min(umi_min(above[j], now[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = umi_min(now[j], before[j - 2] + 1);
        }
    }
    return row[n % 3][m];
}

int umi_nearest(const char *word, const char *const *names, size_t count)
{
    int best = -1, least = (int)(strlen(word) < WORD ? strlen(word) : WORD) / 2 + 1;
    for (size_t i = 0; i < count; i++) {
        int d = distance(word, names[i]);
        if (d >= least) continue;
        least = d;
        best = (int)i;
    }
    return best;
}

static size_t find_word(const char *choices, const char *word)
{
    size_t length = strlen(word);
    for (size_t place = 0;; place++) {
        size_t n = strcspn(choices, "|");
        if (n == length && strncmp(choices, word, n) == 0) return place;
        if (!choices[n]) return SIZE_MAX;
        choices += n + 1;
    }
}

bool umi_is_word(const umi_yaml_node *node, const char *word)
{
    return node->kind == UMI_YAML_SCALAR && strcmp(node->text, word) == 0;
}

um_status umi_read_word(um_config *config, const umi_yaml_node *node, const char *choices,
                        int *place)
{
    char list[128], shown[UMI_YAML_SHOWN], hint[64] = "";
    if (node->kind == UMI_YAML_SCALAR) {
        size_t found = find_word(choices, node->text);
        if (found != SIZE_MAX) {
            *place = (int)found;
            return UM_OK;
        }
    }
    snprintf(list, sizeof list, "%s", choices);
    const char *names[8] = {list};
    size_t count = 1;
    for (char *bar = strchr(list, '|'); bar && count < 8; bar = strchr(bar, '|')) {
        *bar++ = '\0';
        names[count++] = bar;
    }
    int nearest = node->kind == UMI_YAML_SCALAR ? umi_nearest(node->text, names, count) : -1;
    if (nearest >= 0) snprintf(hint, sizeof hint, "; did you mean %s?", names[nearest]);
    return UMI_CONFIG_FAIL(config, node, "%s; allowed: %s%s", umi_yaml_show(node, shown), choices,
                           hint);
}

um_status umi_read_number(um_config *config, const umi_yaml_node *node, double *value)
{
    char shown[UMI_YAML_SHOWN], reason[UMI_REASON];
    umi_yaml_show(node, shown);
    if (umi_yaml_is_empty(node) || node->kind != UMI_YAML_SCALAR)
        return UMI_CONFIG_FAIL(config, node, "%s where a number is expected",
                               umi_yaml_show(node, shown));
    if (umi_expression_parse(node->text, value, reason)) return UM_OK;
    return UMI_CONFIG_FAIL(config, node,
                           "%s: %s. Allowed: a finite number such as 0.25 or 1e-3, or "
                           "an expression such as pi/sqrt(10)",
                           shown, reason);
}

um_status umi_read_integer(um_config *config, const umi_yaml_node *node, int64_t min, int64_t max,
                           const char *allowed, int64_t *value)
{
    char shown[UMI_YAML_SHOWN], reason[UMI_REASON];
    const char *found = umi_yaml_show(node, shown);
    if (umi_yaml_is_empty(node) || node->kind != UMI_YAML_SCALAR)
        return UMI_CONFIG_FAIL(config, node, "%s where a whole number is expected; allowed: %s",
                               found, allowed);
    if (node->quoted)
        return UMI_CONFIG_FAIL(config, node,
                               "%s is a text (in quotes) where a whole number is "
                               "expected; allowed: %s",
                               found, allowed);
    if (!umi_integer_parse(node->text, value, reason))
        return UMI_CONFIG_FAIL(config, node, "%s: %s; allowed: %s", found, reason, allowed);
    if (*value < min || *value > max)
        return UMI_CONFIG_FAIL(config, node, "%s is out of range; allowed: %s", found, allowed);
    return UM_OK;
}

um_status umi_read_complex(um_config *config, const umi_yaml_node *node, double *re, double *im)
{
    *im = 0;
    if (node->kind != UMI_YAML_LIST) return umi_read_number(config, node, re);
    if (node->count != 2)
        return UMI_CONFIG_FAIL(config, node, "a list of %zu where [re, im] is expected",
                               node->count);
    UMI_TRY(umi_read_number(config, node->first, re));
    return umi_read_number(config, node->last, im);
}

static um_status expect_list(um_config *config, const umi_yaml_node *node, const char *what)
{
    char shown[UMI_YAML_SHOWN];
    if (node->kind == UMI_YAML_LIST) return UM_OK;
    return UMI_CONFIG_FAIL(config, node, "%s where %s is expected", umi_yaml_show(node, shown),
                           what);
}

um_status umi_read_numbers(um_config *config, const umi_yaml_node *node, const double **values,
                           size_t *count)
{
    UMI_TRY(expect_list(config, node, "a list of numbers, as in [0, 1, 2]"));
    double *list = umi_arena_alloc(&config->arena, node->count, sizeof *list);
    if (!list) return UM_ERROR_MEMORY;
    *count = 0;
    for (const umi_yaml_node *item = node->first; item; item = item->next)
        UMI_TRY(umi_read_number(config, item, &list[(*count)++]));
    *values = list;
    return UM_OK;
}

um_status umi_read_collisions(um_config *config, const umi_yaml_node *node, const int64_t **list,
                              size_t *count)
{
    UMI_TRY(expect_list(config, node, "a list of collisions, as in [0, 10, 100]"));
    int64_t *numbers = umi_arena_alloc(&config->arena, node->count, sizeof *numbers);
    if (!numbers) return UM_ERROR_MEMORY;
    *count = 0;
    for (const umi_yaml_node *item = node->first; item; item = item->next) {
        UMI_TRY(umi_read_integer(config, item, 0, INT64_C(1000000000000000), "0 to 1e15",
                                 &numbers[*count]));
        if (*count > 0 && numbers[*count] <= numbers[*count - 1])
            return UMI_CONFIG_FAIL(config, item,
                                   "collision %lld stands after %lld; a list must "
                                   "ascend, each number once",
                                   (long long)numbers[*count], (long long)numbers[*count - 1]);
        ++*count;
    }
    *list = numbers;
    return UM_OK;
}

/* All 64 bits: larger than what a double holds exactly. */
um_status umi_read_seed(um_config *config, const umi_key *key, const umi_yaml_node *node,
                        umi_settings *settings)
{
    int64_t value;
    const char *text = node->kind == UMI_YAML_SCALAR && !node->quoted ? node->text : "";
    size_t digits = strspn(text, "0123456789");
    bool whole = digits > 0 && !text[digits] && (digits == 1 || text[0] != '0');
    if (whole && (digits < 19 || (digits == 19 && strcmp(text, "9223372036854775807") <= 0))) {
        settings->spec.seed = strtoull(text, NULL, 10);
        return UM_OK;
    }
    UMI_TRY(umi_read_integer(config, node, 0, INT64_MAX, key->allowed, &value));
    settings->spec.seed = (uint64_t)value;
    return UM_OK;
}
