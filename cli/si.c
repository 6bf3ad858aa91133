#include "si.h"

#include <math.h>
#include <stdio.h>

const char *cli_format_si(double value, const char *unit, char text[32])
{
    static const char *const prefixes[] = {"p", "n", "u", "m", "", "k", "M", "G", "T"};
    int thousands = value == 0 ? 0 : (int)floor(log10(fabs(value)) / 3 + 1e-12);
    if (!isfinite(value) || thousands < -4 || thousands > 4)
        snprintf(text, 32, "%.6g %s", value, unit);
    else
        snprintf(text, 32, "%.6g %s%s", value / pow(1000, thousands), prefixes[thousands + 4], unit);
    return text;
}

static cli_unit choose(double unit, double most, const char *const *names, int least, int count)
{
    double largest = unit * most;
    int place = largest > 0 ? (int)floor(log10(largest) / 3 + 1e-9) - least : 0;
    place = place < 0 ? 0 : place >= count ? count - 1 : place;
    return (cli_unit){names[place], unit / pow(1000, place + least)};
}

cli_unit cli_choose_energy_unit(const um_scale *scale, double most)
{
    static const char *const names[] = {"peV", "neV", "µeV", "meV", "eV", "keV"};
    if (!(scale->omega > 0)) return (cli_unit){"ħω", 1};
    return choose(scale->joule / UM_ELECTRONVOLT, most, names, -4, 6);
}

cli_unit cli_choose_time_unit(const um_scale *scale, double most)
{
    static const char *const names[] = {"ps", "ns", "µs", "ms", "s"};
    if (!(scale->omega > 0)) return (cli_unit){"1/ω", 1};
    return choose(scale->second, most, names, -4, 5);
}

static void print_energy(const char *what, double energy, const um_scale *scale)
{
    double joule = energy * scale->joule;
    if (!isnan(joule)) printf("  %-22s %.6g J = %.6g eV\n", what, joule, joule / UM_ELECTRONVOLT);
}

static double last(const um_result *result, um_quantity quantity)
{
    return result->series[quantity] && result->records > 0
               ? result->series[quantity][result->records - 1]
               : NAN;
}

void cli_print_si(const um_result *result)
{
    const um_scale *scale = &result->scale;
    char first[32], second[32];
    if (!(scale->omega > 0)) return;
    printf("in SI units (omega = 2 pi x %s, one quantum %.6g J)\n",
           cli_format_si(scale->omega / (2 * acos(-1)), "Hz", first), scale->joule);
    if (result->records > 0 && isfinite(result->time[result->records - 1]))
        printf("  %-22s %s\n", "time",
               cli_format_si(result->time[result->records - 1] * scale->second, "s", second));
    print_energy("energy", last(result, UM_ENERGY), scale);
    print_energy("ergotropy", last(result, UM_ERGOTROPY), scale);
    if (isfinite(result->power_maximum.value))
        printf("  %-22s %.6g W\n", "maximum average power",
               result->power_maximum.value * scale->joule / scale->second);
    print_energy("delivered energy", result->delivered_energy, scale);
    print_energy("delivered ergotropy", result->delivered_ergotropy, scale);
    print_energy("heat", result->ledger.heat, scale);
}

static void print_stage(const um_stage *stage, size_t index, const um_scale *scale)
{
    const um_environment *environment = &stage->environment;
    char text[3][32];
    if (stage->kind == UM_STAGE_STORE)
        printf("# stage %zu: store for %s\n", index,
               cli_format_si(stage->duration * scale->second, "s", text[0]));
    if (stage->interaction.tau > 0)
        printf("# stage %zu: g = 2 pi x %s, tau = %s, an atom every %s\n", index,
               cli_format_si(stage->interaction.g / scale->second / (2 * acos(-1)), "Hz", text[0]),
               cli_format_si(stage->interaction.tau * scale->second, "s", text[1]),
               cli_format_si(stage->stream.period * scale->second, "s", text[2]));
    if (environment->kappa > 0)
        printf("# stage %zu: kappa = %.6g /s, photon lifetime %s, Q = %.6g, n_th = %.6g\n", index,
               environment->kappa / scale->second,
               cli_format_si(scale->second / environment->kappa, "s", text[0]),
               scale->omega * scale->second / environment->kappa, environment->n_th);
}

void cli_print_si_comments(const um_spec *spec)
{
    um_scale scale = um_spec_get_scale(spec);
    char text[2][32];
    if (!(scale.omega > 0)) return;
    printf("# omega = 2 pi x %s, unit of time %s, one quantum %.9g J = %.9g eV\n",
           cli_format_si(scale.omega / (2 * acos(-1)), "Hz", text[0]),
           cli_format_si(scale.second, "s", text[1]), scale.joule, scale.joule / UM_ELECTRONVOLT);
    for (size_t i = 0; i < spec->stages_count; i++) print_stage(&spec->stages[i], i, &scale);
}
