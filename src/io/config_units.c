/* Quantities with units: what `units` says, and the value of "21.456 GHz" in the model's own units. */
#include "io/config_units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/expression.h"

static const long double TWO_PI = 6.28318530717958647692528676655900577L;

/* Exact since 2019 (CODATA 2018 and 2022 agree). */
static const double PLANCK = 6.62607015e-34, BOLTZMANN = 1.380649e-23;

typedef struct unit {
    const char *name;
    umi_dimension dimension;
    long double factor; /* in s, 1/s, rad/s, K */
} unit;

static const unit units[] = {
    {"s", UMI_TIME, 1},          {"ms", UMI_TIME, 1e-3L},     {"us", UMI_TIME, 1e-6L},
    {"ns", UMI_TIME, 1e-9L},     {"ps", UMI_TIME, 1e-12L},    {"\xc2\xb5s", UMI_TIME, 1e-6L},
    {"/s", UMI_RATE, 1},         {"/ms", UMI_RATE, 1e3L},     {"/us", UMI_RATE, 1e6L},
    {"/ns", UMI_RATE, 1e9L},     {"rad/s", UMI_FREQUENCY, 1}, {"Hz", UMI_FREQUENCY, 1},
    {"kHz", UMI_FREQUENCY, 1e3L}, {"MHz", UMI_FREQUENCY, 1e6L}, {"GHz", UMI_FREQUENCY, 1e9L},
    {"THz", UMI_FREQUENCY, 1e12L}, {"K", UMI_TEMPERATURE, 1}, {"mK", UMI_TEMPERATURE, 1e-3L},
    {"uK", UMI_TEMPERATURE, 1e-6L}, {"\xc2\xb5K", UMI_TEMPERATURE, 1e-6L}};
enum { UNITS = sizeof units / sizeof units[0] };

static const char *const dimension_names[] = {"number", "time", "rate", "frequency",
                                              "temperature"};
static const char *const allowed_units[] = {
    "", "s, ms, us, ns or ps, as in 30 us", "/s, /ms, /us or /ns, as in 3000 /s",
    "Hz, kHz, MHz, GHz or THz (ordinary frequencies: angular ones are 2 pi times those) or rad/s, as "
    "in 21.456 GHz",
    "K, mK or uK, as in 0.5 K"};

static long double get_factor(const unit *of)
{
    bool cycles = of->dimension == UMI_FREQUENCY && strcmp(of->name, "rad/s") != 0;
    return cycles ? TWO_PI * of->factor : of->factor;
}

/* The longest unit that the text ends in, a number before it; `length` of what stands before. */
static const unit *find_unit(const char *text, size_t *length)
{
    const unit *found = NULL;
    size_t whole = strlen(text), longest = 0;
    for (size_t i = 0; i < UNITS; i++) {
        size_t own = strlen(units[i].name);
        if (own <= longest || own >= whole || strcmp(text + whole - own, units[i].name) != 0)
            continue;
        if (!strchr("0123456789.) \t", text[whole - own - 1])) continue;
        found = &units[i];
        longest = own;
    }
    while (longest < whole && strchr(" \t", text[whole - longest - 1])) longest++;
    *length = whole - longest;
    return found;
}

bool umi_has_unit(const umi_yaml_node *node)
{
    size_t length;
    return node->kind == UMI_YAML_SCALAR && find_unit(node->text, &length);
}

/* What stands before the unit. */
static bool parse_number(const char *text, size_t length, double *number, char *reason)
{
    char copy[128];
    if (length >= sizeof copy) {
        snprintf(reason, UMI_REASON, "too long for a number");
        return false;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    return umi_expression_parse(copy, number, reason);
}

bool umi_split_quantity(const umi_yaml_node *node, double *number, const char **name)
{
    size_t length;
    char reason[UMI_REASON];
    const unit *found = node->kind == UMI_YAML_SCALAR ? find_unit(node->text, &length) : NULL;
    if (!found) return false;
    *name = found->name;
    return parse_number(node->text, length, number, reason);
}

static const unit *get_unit(const char *name)
{
    const unit *found = units;
    while (strcmp(found->name, name) != 0) found++;
    return found;
}

double umi_convert_unit(const char *from, const char *to)
{
    const unit *a = get_unit(from), *b = get_unit(to);
    return a->dimension == b->dimension ? (double)(get_factor(a) / get_factor(b)) : 0;
}

static um_status fail_unit(um_config *config, const umi_yaml_node *node, umi_dimension dimension,
                           const unit *found)
{
    char shown[UMI_YAML_SHOWN], what[64] = "";
    umi_yaml_show(node, shown);
    if (found) snprintf(what, sizeof what, " is a %s", dimension_names[found->dimension]);
    bool hertz = found && dimension == UMI_RATE && found->dimension == UMI_FREQUENCY;
    return UMI_CONFIG_FAIL(config, node, "%s%s where a %s with its unit is expected%s; allowed: %s",
                           shown, what, dimension_names[dimension],
                           hertz ? " (Hz would leave open whether 2 pi belongs to it)" : "",
                           allowed_units[dimension]);
}

/* In s, 1/s, rad/s or K. */
static um_status read_si(um_config *config, const umi_yaml_node *node, umi_dimension dimension,
                         long double *value)
{
    char shown[UMI_YAML_SHOWN], reason[UMI_REASON];
    double plain;
    if (umi_yaml_is_empty(node) || node->kind != UMI_YAML_SCALAR)
        return UMI_CONFIG_FAIL(config, node, "%s where a %s is expected; allowed: %s",
                               umi_yaml_show(node, shown), dimension_names[dimension],
                               allowed_units[dimension]);
    *value = 0;
    if (umi_expression_parse(node->text, &plain, reason) && plain == 0) return UM_OK;
    size_t length;
    const unit *found = find_unit(node->text, &length);
    if (!found || found->dimension != dimension) return fail_unit(config, node, dimension, found);
    if (!parse_number(node->text, length, &plain, reason))
        return UMI_CONFIG_FAIL(config, node, "%s: %s. Allowed: a number and a unit: %s",
                               umi_yaml_show(node, shown), reason, allowed_units[dimension]);
    *value = plain * get_factor(found);
    return UM_OK;
}

static um_status read_natural(um_config *config, const umi_yaml_node *node, double *value)
{
    char shown[UMI_YAML_SHOWN];
    if (umi_has_unit(node))
        return UMI_CONFIG_FAIL(config, node,
                               "%s has a unit, but this configuration is in natural units; write "
                               "units: si at its top, or a number in units of omega or 1/omega",
                               umi_yaml_show(node, shown));
    return umi_read_number(config, node, value);
}

um_status umi_read_quantity(um_config *config, const umi_yaml_node *node, umi_dimension dimension,
                            double *value)
{
    if (dimension == UMI_PLAIN) return umi_read_number(config, node, value);
    if (!config->si) return read_natural(config, node, value);
    char shown[UMI_YAML_SHOWN];
    long double in_si, omega = config->omega_si;
    UMI_TRY(read_si(config, node, dimension, &in_si));
    switch (dimension) {
    case UMI_PLAIN:
        break;
    case UMI_TIME:
        in_si *= omega;
        break;
    case UMI_RATE:
    case UMI_FREQUENCY:
        in_si /= omega;
        break;
    case UMI_TEMPERATURE: /* k_B T in units of hbar omega */
        in_si *= TWO_PI * BOLTZMANN / PLANCK / omega;
        break;
    }
    *value = (double)in_si;
    if (isfinite(*value) && (*value != 0 || in_si == 0)) return UM_OK;
    return UMI_CONFIG_FAIL(config, node, "%s is out of the range of numbers in natural units",
                           umi_yaml_show(node, shown));
}

um_status umi_read_frequency(um_config *config, const umi_key *key, const umi_yaml_node *node,
                             umi_settings *settings)
{
    (void)key;
    settings->spec.battery.frequency = config->frequency; /* umi_config_read_units was there */
    return config->si ? UM_OK : read_natural(config, node, &settings->spec.battery.frequency);
}

um_status umi_read_omega_si(um_config *config, const umi_key *key, const umi_yaml_node *node,
                            umi_settings *settings)
{
    (void)key;
    if (config->si)
        return UMI_CONFIG_FAIL(config, node,
                               "with units: si it follows from battery.frequency; take it out");
    return umi_read_number(config, node, &settings->spec.omega_si);
}

static um_status read_scale(um_config *config, const umi_yaml_node *units_node,
                            const umi_yaml_node *frequency)
{
    char shown[UMI_YAML_SHOWN];
    long double omega;
    if (!frequency)
        return UMI_CONFIG_FAIL(config, units_node,
                               "units: si needs the battery's frequency: give battery: {frequency: "
                               "21.456 GHz}");
    UMI_TRY(read_si(config, frequency, UMI_FREQUENCY, &omega));
    if (!(omega > 0))
        return UMI_CONFIG_FAIL(config, frequency, "%s; the frequency must be > 0",
                               umi_yaml_show(frequency, shown));
    config->omega_si = (double)omega;
    return UM_OK;
}

um_status umi_config_read_units(um_config *config)
{
    const umi_yaml_node *node = umi_yaml_find(config->root, "units");
    const umi_yaml_node *battery = umi_yaml_find(config->root, "battery");
    const umi_yaml_node *frequency =
        battery && battery->kind == UMI_YAML_MAPPING ? umi_yaml_find(battery, "frequency") : NULL;
    int choice = 0;
    config->frequency = 1;
    config->omega_si = 0;
    if (node) UMI_TRY(umi_read_word(config, node, "natural|si", &choice));
    config->si = choice == 1;
    if (config->si) return read_scale(config, node, frequency);
    return frequency ? read_natural(config, frequency, &config->frequency) : UM_OK;
}
