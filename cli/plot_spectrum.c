/* The leading modes of a map: how long each one lasts, and its modulus. */
#include <math.h>
#include <string.h>

#include "plot.h"

/* Each mode as often as it occurs; counted from 1. */
static int count_modes(const um_spectrum *spectrum)
{
    int count = 0;
    for (size_t i = 0; i < spectrum->count; i++) count += spectrum->modes[i].multiplicity;
    return count;
}

static bool is_exact(const um_mode *mode) { return !isfinite(mode->relaxation); }

/* Decades that hold every finite relaxation time, three at least. */
static void get_decades(const um_spectrum *spectrum, int *low, int *high)
{
    double least = INFINITY, most = 1;
    for (size_t i = 0; i < spectrum->count; i++) {
        const um_mode *mode = &spectrum->modes[i];
        if (is_exact(mode) || !(mode->relaxation > 0)) continue;
        least = fmin(least, mode->relaxation);
        most = fmax(most, mode->relaxation);
    }
    *low = (int)floor(log10(fmin(least, most)));
    *high = (int)ceil(log10(most) + 1e-9);
    if (*high - *low < 3) *high = *low + 3;
}

static void write_data(FILE *script, const um_spectrum *spectrum, double top)
{
    int number = 0;
    fputs("$modes << EOD\n", script);
    for (size_t i = 0; i < spectrum->count; i++) {
        const um_mode *mode = &spectrum->modes[i];
        for (int k = 0; k < mode->multiplicity; k++) {
            fprintf(script, "%d ", ++number);
            if (is_exact(mode))
                fprintf(script, "NaN %.9g", top);
            else if (mode->relaxation > 0)
                fprintf(script, "%.9g NaN", log10(mode->relaxation));
            else
                fputs("NaN NaN", script);
            fprintf(script, " %.9g\n", mode->modulus);
        }
    }
    fputs("EOD\n", script);
}

/* Decades as 1, 10, 10^2; modes that last for ever stand above them. */
static void write_decades(FILE *script, int low, int high, double top)
{
    int every = (high - low) / 6 + 1;
    fprintf(script, "set yrange [%g:%g]\nset ytics (", low - 0.05 * (high - low),
            top + 0.05 * (high - low));
    for (int j = low; j <= high; j++)
        if ((j - low) % every == 0)
            fprintf(script,
                    j == 0   ? "\"1\" %d, "
                    : j == 1 ? "\"10\" %d, "
                             : "\"10^{%d}\" %d, ",
                    j, j);
    fprintf(script, "\"∞\" %g)\n", top);
}

void plot_spectrum_write(FILE *script, const um_spectrum *spectrum, enum plot_format format)
{
    int low, high, count = count_modes(spectrum);
    get_decades(spectrum, &low, &high);
    double top = high + 0.1 * (high - low);
    const char *colour = "#0072B2";
    plot_script_terminal(script, format, 0.9);
    write_data(script, spectrum, top);
    fprintf(script,
            "set datafile missing 'NaN'\nset multiplot\nset xrange [0.4:%d.6]\n"
            "set label \"%d levels\" at screen 0.965, screen 0.965 right font ',14'\n",
            count, spectrum->levels);
    if (spectrum->dropped > 0)
        fprintf(script,
                "set label \"%d on the artificial top left out\" at screen 0.175, screen 0.965 "
                "font ',14'\n",
                spectrum->dropped);
    plot_script_panel(script, 0.175, 0.965, 0.45, 0.93);
    fprintf(script, "set xtics %s\nset format x ''\n", count <= 12 ? "1" : "auto");
    write_decades(script, low, high, top);
    plot_script_names(script, NULL, "relaxation / collisions", NULL);
    fprintf(script,
            "plot $modes using 1:2 with impulses lw 1 lc rgb '#b0b0b0', "
            "$modes using 1:2 with points pt 7 ps 0.7 lc rgb '%s', "
            "$modes using 1:3 with points pt 9 ps 0.9 lc rgb '#D55E00'\nunset label\n",
            colour);
    plot_script_panel(script, 0.175, 0.965, 0.12, 0.425);
    fputs("set format x '%g'\nset yrange [0:1.12]\nset ytics 0.5\nset mytics 5\n", script);
    plot_script_names(script, "mode", "modulus", NULL);
    fprintf(script,
            "plot $modes using 1:4 with impulses lw 1 lc rgb '#b0b0b0', "
            "$modes using 1:4 with points pt 7 ps 0.7 lc rgb '%s'\nunset multiplot\n",
            colour);
}

void plot_spectrum_print(const um_spectrum *spectrum, int width, bool utf8, FILE *stream)
{
    int low, high, number = 0;
    get_decades(spectrum, &low, &high);
    int label = width < 40 ? 12 : 22, bars = width - label;
    fprintf(stream, "relaxation, collisions\n%d levels\n", spectrum->levels);
    for (size_t i = 0; i < spectrum->count; i++) {
        const um_mode *mode = &spectrum->modes[i];
        char modulus[24] = "";
        if (width >= 40) snprintf(modulus, sizeof modulus, " %9.7f", mode->modulus);
        for (int k = 0; k < mode->multiplicity; k++) {
            number++;
            if (is_exact(mode))
                fprintf(stream, "%3d%s %7s ", number, modulus, "forever");
            else
                fprintf(stream, "%3d%s %7.2g ", number, modulus, mode->relaxation);
            double part = is_exact(mode)         ? 1
                          : mode->relaxation > 0 ? (log10(mode->relaxation) - low) / (high - low)
                                                 : 0;
            int length = (int)lround(fmin(1, fmax(0, part)) * bars);
            for (int j = 0; j < length; j++) fputs(utf8 ? "█" : "#", stream);
            fputc('\n', stream);
        }
    }
}
